//! Converts request messages to commands; every invalid field is named.
use chassis::fields::Fields;
use domain::calendar::{HolidaySet, zone};
use domain::clock;
use domain::identity::ConsumerStatus;
use domain::ids::{AgentId, ClockId};
use domain::policy::{MAX_SCOPE_CHARS, MAX_SCOPE_ENTRIES};
use domain::regime::{Counting, Matter};
use domain::slaconfig::Command;
use jiff::Timestamp;
use jiff::civil::Date;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use wire::common::v1 as common;
use wire::intake::v1::TicketType;
use wire::sla::v1;

/// Most targets of a policy.
const TARGETS: usize = 1_000;
/// Most opening hours of a calendar, and of one of its exceptions.
const OPENINGS: usize = 200;
/// Most exceptions of a calendar: a day in each of ten years and more.
const EXCEPTIONS: usize = 4_000;
/// Most automations of a policy; the domain allows fewer of each kind.
const AUTOMATIONS: usize = 20;
/// Longest explanation of a forgiven breach, in characters.
const NOTE_CHARS: usize = 500;
/// Longest target: a leap year.
const LONGEST_S: i64 = 366 * 86_400;
const DAY_S: i64 = 86_400;
/// Most characters of a code.
const CODE: usize = 64;

/// The command that publishes a policy; nothing after a violation.
pub(crate) fn policy(
    fields: &mut Fields,
    policy: Option<&v1::Policy>,
    effective_from: Timestamp,
) -> Option<Command> {
    let policy = v1::Policy { version: 0, ..fields.required("policy", policy)?.clone() };
    fields.within("policy", |fields| {
        bounded(fields, "targets", policy.targets.len(), TARGETS);
        for (place, target) in policy.targets.iter().enumerate() {
            fields.within(&format!("targets[{place}]"), |fields| {
                fields.enum_value::<v1::ClockKind>("kind", target.kind);
                fields.enum_value::<common::Priority>("priority", target.priority);
                fields.number("target_s", target.target_s, 1..=LONGEST_S);
                for (place, channel) in target.channels.iter().enumerate() {
                    let field = format!("channels[{place}]");
                    fields.enum_value::<common::Channel>(&field, *channel);
                    if target.channels[..place].contains(channel) {
                        fields.refuse(&field, "must be there only once");
                    }
                }
            });
        }
        for (place, percent) in policy.warn_percents.iter().enumerate() {
            fields.number(&format!("warn_percents[{place}]"), *percent, 1..=99);
        }
        for (place, minimum) in policy.retarget_min_remaining.iter().enumerate() {
            fields.within(&format!("retarget_min_remaining[{place}]"), |fields| {
                fields.enum_value::<common::Priority>("priority", minimum.priority);
                fields.number("seconds", minimum.seconds, 0..=DAY_S);
                let before = &policy.retarget_min_remaining[..place];
                if before.iter().any(|other| other.priority == minimum.priority) {
                    fields.refuse("priority", "must be there only once");
                }
            });
        }
        fields.optional_enum::<v1::ReopenMode>("reopen_mode", policy.reopen_mode);
        for (place, priority) in policy.no_news_updates.iter().enumerate() {
            fields.enum_value::<common::Priority>(&format!("no_news_updates[{place}]"), *priority);
        }
        if let Some(named) = &policy.scope {
            scope(fields, named);
        }
        bounded(fields, "automations", policy.automations.len(), AUTOMATIONS);
        for (place, automation) in policy.automations.iter().enumerate() {
            fields.within(&format!("automations[{place}]"), |fields| {
                fields.enum_value::<v1::TimerKind>("timer", automation.timer);
                fields.number("after_s", automation.after_s, 1..=LONGEST_S);
            });
        }
    });
    let sha256 = Sha256::digest(policy.encode_to_vec()).into();
    // What is left is for the domain to judge; after a violation nobody asks for the draft.
    let draft = policy.try_into().ok()?;
    Some(Command::PublishPolicy { draft, effective_from, sha256 })
}

fn scope(fields: &mut Fields, scope: &v1::PolicyScope) {
    let v1::PolicyScope { contract_ids, segments, ticket_types } = scope;
    let lists = [contract_ids.len(), segments.len(), ticket_types.len()];
    if lists.iter().filter(|entries| **entries > 0).count() != 1 {
        let rule = "must have entries in one of contract_ids, segments and ticket_types";
        fields.refuse("scope", rule);
    }
    for (list, names) in [("contract_ids", contract_ids), ("segments", segments)] {
        bounded(fields, &format!("scope.{list}"), names.len(), MAX_SCOPE_ENTRIES);
        for (place, name) in names.iter().enumerate().take(MAX_SCOPE_ENTRIES) {
            fields.line(&format!("scope.{list}[{place}]"), name, 1..=MAX_SCOPE_CHARS);
        }
    }
    for (place, ticket_type) in ticket_types.iter().enumerate() {
        fields.enum_value::<TicketType>(&format!("scope.ticket_types[{place}]"), *ticket_type);
    }
}

/// The command that publishes a calendar; nothing after a violation.
pub(crate) fn calendar(
    fields: &mut Fields,
    calendar: Option<&v1::Calendar>,
    effective_from: Timestamp,
) -> Option<Command> {
    let calendar = v1::Calendar { version: 0, ..fields.required("calendar", calendar)?.clone() };
    fields.within("calendar", |fields| {
        if let Err(error) = zone(&calendar.time_zone) {
            fields.refuse("time_zone", error.to_string());
        }
        if !calendar.holidays.is_empty() && HolidaySet::named(&calendar.holidays).is_none() {
            fields.refuse("holidays", "must be \"PL\" or empty");
        }
        bounded(fields, "week", calendar.week.len(), OPENINGS);
        for (place, opening) in calendar.week.iter().enumerate() {
            fields.within(&format!("week[{place}]"), |fields| {
                fields.number("weekday", opening.weekday, 1..=7);
                hours(fields, opening);
            });
        }
        bounded(fields, "exceptions", calendar.exceptions.len(), EXCEPTIONS);
        for (place, exception) in calendar.exceptions.iter().enumerate() {
            fields.within(&format!("exceptions[{place}]"), |fields| {
                // The parser takes more than dates; only one way to write a day tells it from others.
                let date = exception.date.parse::<Date>().ok();
                if date.is_none_or(|date| date.to_string() != exception.date) {
                    fields.refuse("date", "must be a date, YYYY-MM-DD");
                }
                let before = &calendar.exceptions[..place];
                if before.iter().any(|other| other.date == exception.date) {
                    fields.refuse("date", "must be there only once");
                }
                bounded(fields, "openings", exception.openings.len(), OPENINGS);
                for (place, opening) in exception.openings.iter().enumerate() {
                    let field = format!("openings[{place}]");
                    fields.within(&field, |fields| hours(fields, opening));
                }
            });
        }
    });
    let sha256 = Sha256::digest(calendar.encode_to_vec()).into();
    let draft = calendar.try_into().ok()?;
    Some(Command::PublishCalendar { draft, effective_from, sha256 })
}

/// The command that forgives a breach; nothing after a violation.
pub(crate) fn void_breach(
    fields: &mut Fields,
    message: &v1::VoidBreachRequest,
    by: String,
) -> Option<clock::Command> {
    let clock_id = ClockId(fields.uuid("clock_id", &message.clock_id));
    let excuse = match fields.enum_value::<v1::VoidReason>("reason", message.reason)? {
        v1::VoidReason::Misclassified => Some(clock::Excuse::Misclassified),
        v1::VoidReason::Excused => Some(clock::Excuse::Excused),
        v1::VoidReason::LateProof | v1::VoidReason::Unspecified => {
            fields.refuse("reason", "must be MISCLASSIFIED or EXCUSED: proof speaks for itself");
            None
        }
    };
    let note = fields.text("note", &message.note, 1..=NOTE_CHARS);
    Some(clock::Command::VoidBreach { clock_id, excuse: excuse?, by: AgentId(by), note })
}

/// The command that publishes a regime; nothing after a violation.
pub(crate) fn regime(fields: &mut Fields, regime: Option<&v1::Regime>) -> Option<Command> {
    let regime = v1::Regime { version: 0, ..fields.required("regime", regime)?.clone() };
    let checked = wire::regime::checked(&regime);
    let sha256 = Sha256::digest(regime.encode_to_vec()).into();
    match checked {
        Ok(draft) => Some(Command::PublishRegime { draft: Box::new(draft), sha256 }),
        Err(problems) => {
            fields.within("regime", |fields| {
                for problem in problems {
                    fields.refuse(&problem.field, problem.rule);
                }
            });
            None
        }
    }
}

/// The matter, described by what selects its regimes.
pub(crate) fn matter(fields: &mut Fields, message: &v1::GetRegimesRequest) -> Option<Matter> {
    let occasion = fields.enum_value::<v1::RegimeOccasion>("occasion", message.occasion);
    let status =
        fields.optional_enum::<common::ConsumerStatus>("consumer_status", message.consumer_status);
    let country = match message.country.as_str() {
        "" => "PL",
        country => country,
    };
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_uppercase()) {
        fields.refuse("country", "must be two capital letters of ISO 3166");
    }
    Some(Matter {
        occasion: occasion?.try_into().ok()?,
        sector: fields.optional_line("sector", &message.sector, CODE).unwrap_or_default(),
        subject: fields.optional_line("subject", &message.subject, CODE).unwrap_or_default(),
        customer: status.map_or(Ok(ConsumerStatus::Unknown), TryInto::try_into).ok()?,
        country: country.to_owned(),
    })
}

/// The instants that the days of a regime count from; receipt is now if it is not given.
pub(crate) fn counting(
    fields: &mut Fields,
    message: &v1::GetRegimesRequest,
    now: Timestamp,
) -> Counting {
    let mut instant = |field: &str, at: Option<prost_types::Timestamp>| {
        at.map(|at| fields.timestamp(field, at.seconds, at.nanos))
    };
    Counting {
        received_at: instant("received_at", message.received_at).unwrap_or(now),
        filed_at: instant("filed_at", message.filed_at),
        item_delivered_at: instant("item_delivered_at", message.item_delivered_at),
    }
}

/// The instant from which something applies; now if it is not given.
pub(crate) fn effective_from(
    fields: &mut Fields,
    at: Option<&prost_types::Timestamp>,
    now: Timestamp,
) -> Timestamp {
    let Some(at) = at else { return now };
    let at = fields.timestamp("effective_from", at.seconds, at.nanos);
    fields.ahead("effective_from", at, now)
}

fn hours(fields: &mut Fields, opening: &v1::Opening) {
    fields.number("open_min", opening.open_min, 0..=1_439);
    fields.number("close_min", opening.close_min, 1..=2_880);
}

fn bounded(fields: &mut Fields, field: &str, count: usize, limit: usize) {
    if count > limit {
        fields.refuse(field, format!("must be at most {limit}"));
    }
}
