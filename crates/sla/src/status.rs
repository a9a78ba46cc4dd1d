//! Maps every refusal of the service to a gRPC status.

use chassis::status::{self, Violation};
use domain::calendar::CalendarError;
use domain::clock;
use domain::policy::{Automation, Draft, Part, PolicyError, Rule};
use domain::slaconfig::{Command, MAX_VERSIONS, Rejection};
use tonic::Status;

/// A breach that still counts, or never did.
pub(crate) fn not_voided(rejection: &clock::Rejection) -> Status {
    use clock::Rejection as R;
    let text = rejection.to_string();
    match rejection {
        R::UnknownClock(id) => status::not_found("clock", &id.0.to_string()),
        R::NotBreached => {
            status::failed_precondition("NOT_BREACHED", "CLOCK", "breach", &text, &[])
        }
        R::NoteMissing => status::invalid_field("note", text),
        R::AlreadyRegistered
        | R::UnknownTicket
        | R::NotDue { .. }
        | R::UnknownCalendar(_)
        | R::UnknownCalendarVersion(_)
        | R::UnknownRegime(_)
        | R::NoComplaint
        | R::OutOfReach => status::internal(rejection),
    }
}

/// Something in that part of the request has no meaning, although each field has.
pub(crate) fn no_meaning(field: &str) -> Status {
    status::invalid_field(field, "has no meaning")
}

/// What is wrong with a policy or calendar is wrong with a field of the request.
pub(crate) fn rejected(rejection: &Rejection, command: &Command) -> Status {
    match (rejection, command) {
        (Rejection::Policy(error), Command::PublishPolicy { draft, .. }) => {
            let field = format!("policy.{}", policy_field(error, draft));
            status::invalid_field(&field, error.to_string())
        }
        (Rejection::Calendar(error), _) => {
            let field = format!("calendar.{}", calendar_field(error));
            status::invalid_field(&field, eventlog::describe(error))
        }
        (Rejection::UnknownCalendar { rule, .. }, _) => {
            let field = format!("policy.targets[{rule}].calendar_id");
            status::invalid_field(&field, rejection.to_string())
        }
        (Rejection::UnknownTimerCalendar { automation, .. }, _) => {
            let field = format!("policy.automations[{automation}].calendar_id");
            status::invalid_field(&field, rejection.to_string())
        }
        (Rejection::TooLong { part, .. }, _) => {
            let field = match part {
                Part::Rule(place) => format!("policy.targets[{place}].target_s"),
                Part::Automation(place) => format!("policy.automations[{place}].after_s"),
            };
            status::invalid_field(&field, rejection.to_string())
        }
        (Rejection::TooLittleTime { .. }, _) => {
            status::invalid_field("calendar.week", rejection.to_string())
        }
        (Rejection::StandardForSome, _) => {
            status::invalid_field("policy.scope", rejection.to_string())
        }
        (Rejection::Full, _) => {
            let metadata = [("limit", MAX_VERSIONS.to_string())];
            let text = rejection.to_string();
            status::failed_precondition(
                "SLA_CONFIG_FULL",
                "SLA_CONFIG",
                "versions",
                &text,
                &metadata,
            )
        }
        (Rejection::Regime(problems), _) => {
            let violations = problems.iter().map(|problem| Violation {
                field: format!("regime.{}", problem.field),
                rule: problem.rule.clone(),
            });
            status::invalid(violations.collect())
        }
        (
            Rejection::Policy(error),
            Command::PublishCalendar { .. } | Command::PublishRegime { .. },
        ) => status::internal(error),
    }
}

fn policy_field(error: &PolicyError, draft: &Draft) -> String {
    let rules = &draft.rules;
    let place = |found: &dyn Fn(&Rule) -> bool, field: &str| match rules.iter().position(found) {
        Some(place) => format!("targets[{place}]{field}"),
        None => "targets".to_owned(),
    };
    let timer = |found: &dyn Fn(&Automation) -> bool, field: &str| match draft
        .automations
        .iter()
        .position(found)
    {
        Some(place) => format!("automations[{place}]{field}"),
        None => "automations".to_owned(),
    };
    match error {
        PolicyError::Name => "policy_id".to_owned(),
        PolicyError::Version => "version".to_owned(),
        PolicyError::WarnPercents => "warn_percents".to_owned(),
        PolicyError::Scope => "scope".to_owned(),
        PolicyError::MinRemaining => "retarget_min_remaining".to_owned(),
        PolicyError::KindWithoutTarget(kind) => place(&|rule| rule.kind == *kind, ".kind"),
        PolicyError::Target { priority, kind } => {
            place(&|rule| rule.priority == *priority && rule.kind == *kind, ".target_s")
        }
        PolicyError::FirstReplyTooLong(priority) => {
            let longest = rules
                .iter()
                .filter(|rule| rule.priority == *priority && rule.kind.code() == "FIRST_REPLY")
                .max_by_key(|rule| rule.target);
            place(&|rule| Some(rule) == longest, ".target_s")
        }
        PolicyError::CalendarName(name) => match rules.iter().any(|rule| rule.calendar == *name) {
            true => place(&|rule| rule.calendar == *name, ".calendar_id"),
            false => timer(&|timer| timer.calendar == *name, ".calendar_id"),
        },
        PolicyError::TimerWait(kind) => {
            timer(&|timer| timer.kind == *kind && !timer.can_wait(), ".after_s")
        }
        PolicyError::NoNewsTwice(priority) | PolicyError::NoNewsWithoutUpdates(priority) => {
            match draft.no_news_updates.iter().rposition(|named| named == priority) {
                Some(place) => format!("no_news_updates[{place}]"),
                None => "no_news_updates".to_owned(),
            }
        }
        PolicyError::TimerOfRegime(kind)
        | PolicyError::TimerOfClock(kind)
        | PolicyError::TimerOfContact(kind) => timer(&|timer| timer.kind == *kind, ".timer"),
        PolicyError::TooManyTimers { .. } => "automations".to_owned(),
        PolicyError::Unreachable { priority, kind } => {
            let same = |rule: &Rule| rule.priority == *priority && rule.kind == *kind;
            match rules.iter().rposition(same) {
                Some(place) => format!("targets[{place}]"),
                None => "targets".to_owned(),
            }
        }
        PolicyError::Missing { .. } => "targets".to_owned(),
    }
}

fn calendar_field(error: &CalendarError) -> &'static str {
    match error {
        CalendarError::Name => "calendar_id",
        CalendarError::Version => "version",
        CalendarError::UnknownZone(_) => "time_zone",
        CalendarError::AlwaysWithHours => "always",
        CalendarError::EmptyWeek | CalendarError::Week(..) => "week",
        CalendarError::Exception(..) => "exceptions",
    }
}
