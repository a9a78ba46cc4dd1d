//! Finds everything in a file that the service would refuse to publish, all at once and without
//! calling the service.
use chassis::fields::Fields;
use domain::Aggregate as _;
use domain::calendar::{Calendar, CalendarError};
use domain::policy::{self, PolicyError};
use domain::slaconfig::{Command, Rejection, SlaConfig, State};
use jiff::Timestamp;
use tonic::Status;
use tonic_types::StatusExt as _;
use wire::common::v1 as common;
use wire::sla::v1;

use crate::{convert, status};

/// One thing that would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Path of the field in the message.
    pub field: String,
    /// What it must be.
    pub rule: String,
}

/// What would be refused in a policy. Names of calendars are not looked at: which exist is
/// for the service to know; [`reach`] is told.
#[must_use]
pub fn policy(policy: &v1::Policy) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut left = policy.clone();
    // Where each target of what is left stands in the policy.
    let mut places: Vec<usize> = (0..left.targets.len()).collect();
    // Each round takes out what was refused and asks again about the rest.
    loop {
        let (found, missing) = policy_round(&left);
        if found.is_empty() {
            return sorted(refusals);
        }
        let mut gone = Vec::new();
        for Refusal { field, rule } in found {
            let place = target(&field);
            let origin = place.and_then(|place| places.get(place));
            let field = match (place, origin) {
                (Some(place), Some(&origin)) => {
                    gone.push(place);
                    field.replacen(&format!("[{place}]"), &format!("[{origin}]"), 1)
                }
                _ => {
                    mend(&mut left, &field, missing.as_ref());
                    field
                }
            };
            refusals.push(Refusal { field, rule });
        }
        gone.sort_unstable();
        gone.dedup();
        for place in gone.into_iter().rev() {
            left.targets.remove(place);
            places.remove(place);
        }
        // Where the target for updates was refused itself, that it is missing is no other fault.
        let updates = |policy: &v1::Policy, priority: i32| {
            // Of which kind a target is whose kind could not be read, nobody knows.
            let kinds = [v1::ClockKind::PeriodicUpdate, v1::ClockKind::Unspecified];
            let of = |target: &v1::Target| kinds.contains(&target.kind());
            policy.targets.iter().any(|target| target.priority == priority && of(target))
        };
        let named = std::mem::take(&mut left.no_news_updates);
        let stays = |priority: &i32| updates(&left, *priority) || !updates(policy, *priority);
        left.no_news_updates = named.into_iter().filter(stays).collect();
    }
}

/// What takes too long in a policy on calendars that would be published with it.
#[must_use]
pub fn reach(policy: &v1::Policy, calendars: &[v1::Calendar]) -> Vec<Refusal> {
    let Ok(draft) = policy::Draft::try_from(policy.clone()) else { return Vec::new() };
    let calendars = calendars.iter().filter_map(|calendar| {
        let draft = v1::Calendar { version: 1, ..calendar.clone() }.try_into().ok()?;
        Calendar::new(draft).ok()
    });
    let too_long = calendars.flat_map(|calendar| {
        let parts = draft.too_long_on(&calendar).into_iter();
        let name = calendar.reference().id.clone();
        parts.map(move |part| Rejection::TooLong { part, calendar: name.clone() })
    });
    let command = Command::PublishPolicy {
        draft: draft.clone(),
        effective_from: Timestamp::UNIX_EPOCH,
        sha256: [0; 32],
    };
    let told = |rejection| refusals(&status::rejected(&rejection, &command), "policy.");
    sorted(too_long.flat_map(told).collect())
}

/// The place in `targets[place]`.
fn target(field: &str) -> Option<usize> {
    field.strip_prefix("targets[")?.split(']').next()?.parse().ok()
}

/// Puts a harmless value in place of a refused one, so that the rest can be checked.
fn mend(policy: &mut v1::Policy, field: &str, missing: Option<&v1::Target>) {
    match field.split(['[', '.']).next().unwrap_or_default() {
        "policy_id" => policy.policy_id = "X".to_owned(),
        "warn_percents" => policy.warn_percents.clear(),
        "retarget_min_remaining" => policy.retarget_min_remaining.clear(),
        "reopen_mode" => policy.reopen_mode = 0,
        "automations" => policy.automations.clear(),
        "no_news_updates" => policy.no_news_updates.clear(),
        "scope" => policy.scope = None,
        _ => match missing {
            Some(target) => policy.targets.push(target.clone()),
            // Too many of them.
            None => policy.targets.clear(),
        },
    }
}

/// What is refused first, and the promise that would fill a gap.
fn policy_round(policy: &v1::Policy) -> (Vec<Refusal>, Option<v1::Target>) {
    let mut fields = Fields::new();
    let command = convert::policy(&mut fields, Some(policy), Timestamp::UNIX_EPOCH);
    let judged = judge(fields, command, "policy.");
    let Err((refusals, rejection)) = judged else { return (Vec::new(), None) };
    let missing = match rejection {
        Some(Rejection::Policy(PolicyError::Missing { priority, kind })) => Some(v1::Target {
            kind: v1::ClockKind::from(kind).into(),
            priority: common::Priority::from(priority).into(),
            target_s: 60,
            calendar_id: "ALWAYS".to_owned(),
            channels: Vec::new(),
        }),
        _ => None,
    };
    (refusals, missing)
}

/// What would be refused in a calendar.
#[must_use]
pub fn calendar(calendar: &v1::Calendar) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut left = calendar.clone();
    loop {
        let mut fields = Fields::new();
        let command = convert::calendar(&mut fields, Some(&left), Timestamp::UNIX_EPOCH);
        let Err((found, rejection)) = judge(fields, command, "calendar.") else {
            return sorted(refusals);
        };
        match rejection {
            None => take_out(&mut left, &found),
            Some(Rejection::Calendar(CalendarError::Name)) => left.calendar_id = "X".to_owned(),
            Some(Rejection::Calendar(CalendarError::AlwaysWithHours)) => left.always = false,
            Some(Rejection::Calendar(CalendarError::Week(day, _))) => {
                left.week.retain(|opening| opening.weekday != u32::from(day.unsigned_abs()));
            }
            Some(Rejection::Calendar(CalendarError::Exception(date, _))) => {
                left.exceptions.retain(|exception| exception.date != date.to_string());
            }
            // Hours that were taken out are not missing.
            Some(_) if calendar.always || !calendar.week.is_empty() => return sorted(refusals),
            Some(_) => {
                refusals.extend(found);
                return sorted(refusals);
            }
        }
        refusals.extend(found);
    }
}

/// Takes out of a calendar what is wrong with its fields; they are all looked at in one go.
fn take_out(calendar: &mut v1::Calendar, refusals: &[Refusal]) {
    let refused = |list: &str| -> Vec<Option<usize>> {
        let fields = refusals.iter().filter_map(|refusal| refusal.field.strip_prefix(list));
        fields.map(|rest| rest.strip_prefix('[')?.split(']').next()?.parse().ok()).collect()
    };
    let (week, exceptions) = (refused("week"), refused("exceptions"));
    // Without a place it is the whole list.
    let stays = |refused: &[Option<usize>], place: usize| {
        !refused.contains(&None) && !refused.contains(&Some(place))
    };
    let mut place = 0..;
    calendar.week.retain(|_| place.next().is_some_and(|place| stays(&week, place)));
    let mut place = 0..;
    calendar.exceptions.retain(|_| place.next().is_some_and(|place| stays(&exceptions, place)));
    calendar.time_zone = "UTC".to_owned();
    calendar.holidays.clear();
}

/// What would be refused in a regime.
#[must_use]
pub fn regime(regime: &v1::Regime) -> Vec<Refusal> {
    let problems = wire::regime::checked(regime).err().unwrap_or_default();
    problems.into_iter().map(|p| Refusal { field: p.field, rule: p.rule }).collect()
}

type Refused = (Vec<Refusal>, Option<Rejection>);

fn judge(fields: Fields, command: Option<Command>, prefix: &str) -> Result<(), Refused> {
    if let Err(status) = fields.finish() {
        return Err((refusals(&status, prefix), None));
    }
    let Some(command) = command else { return Ok(()) };
    match SlaConfig::decide(&State::default(), &command) {
        // Nothing is known here of what was published.
        Ok(_)
        | Err(
            Rejection::UnknownCalendar { .. }
            | Rejection::UnknownTimerCalendar { .. }
            | Rejection::Full,
        ) => Ok(()),
        Err(rejection) => {
            let found = refusals(&status::rejected(&rejection, &command), prefix);
            Err((found, Some(rejection)))
        }
    }
}

fn refusals(status: &Status, prefix: &str) -> Vec<Refusal> {
    let details = status.get_details_bad_request();
    let violations = details.into_iter().flat_map(|details| details.field_violations);
    let stripped = |field: String| field.strip_prefix(prefix).map_or(field.clone(), str::to_owned);
    violations.map(|v| Refusal { field: stripped(v.field), rule: v.description }).collect()
}

fn sorted(mut refusals: Vec<Refusal>) -> Vec<Refusal> {
    refusals.sort_by(|a, b| a.field.cmp(&b.field));
    refusals
}
