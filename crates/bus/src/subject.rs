//! Names of subjects and streams, built and parsed in one place.
use eventlog::{Partition, Recorded};

use crate::Error;

/// Builds and parses the names under one prefix.
#[derive(Debug, Clone)]
pub struct Subjects {
    prefix: String,
}

/// The tokens of an event's subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedSubject<'a> {
    /// The partition.
    pub partition: Partition,
    /// Name of the tenant.
    pub tenant: &'a str,
    /// Category of the stream.
    pub category: &'a str,
    /// Last part of the event's type.
    pub event: &'a str,
}

impl Subjects {
    /// Names under `prefix`: one or more tokens of `a-z`, `0-9`, `-`, `_`.
    ///
    /// # Errors
    /// [`Error::Settings`] for any other prefix.
    pub fn new(prefix: &str) -> Result<Self, Error> {
        let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if prefix.split('.').any(|token| token.is_empty() || !token.chars().all(good)) {
            return Err(Error::Settings(format!("{prefix:?} is not a subject prefix")));
        }
        Ok(Self { prefix: prefix.to_owned() })
    }

    /// `{prefix}.events.{partition}.{tenant}.{category}.{Event}`
    #[must_use]
    pub fn event(&self, event: &Recorded) -> String {
        format!(
            "{}.events.{}.{}.{}.{}",
            self.prefix,
            event.partition,
            token(&event.tenant_name),
            token(&event.stream.category),
            token(short_type(&event.event_type)),
        )
    }

    /// All events of a partition.
    #[must_use]
    pub fn events(&self, partition: Partition) -> String {
        format!("{}.events.{partition}.>", self.prefix)
    }

    /// Subject of the stream of a past epoch, so that its former subjects are free for the next
    /// one.
    #[must_use]
    pub fn retired(&self, partition: Partition, epoch: u32) -> String {
        format!("{}.retired.{partition}.{epoch}", self.prefix)
    }

    /// Says that a partition has new events.
    #[must_use]
    pub fn wake(&self, partition: Partition) -> String {
        format!("{}.wake.{partition}", self.prefix)
    }

    /// Name of the stream of a partition in an epoch.
    #[must_use]
    pub fn stream(&self, partition: Partition, epoch: u32) -> String {
        let prefix = self.prefix.to_uppercase().replace('.', "_");
        format!("{prefix}_EVENTS_{partition}_{epoch}")
    }

    /// The parts of an event's subject; `None` for any other subject.
    #[must_use]
    pub fn parse<'a>(&self, subject: &'a str) -> Option<ParsedSubject<'a>> {
        let rest = subject.strip_prefix(&self.prefix)?.strip_prefix(".events.")?;
        let mut tokens = rest.split('.');
        let parsed = ParsedSubject {
            partition: Partition(tokens.next()?.parse().ok()?),
            tenant: tokens.next()?,
            category: tokens.next()?,
            event: tokens.next()?,
        };
        tokens.next().is_none().then_some(parsed)
    }
}

/// `TicketRegistered` of `odzew.intake.v1.TicketRegistered`.
pub(crate) fn short_type(event_type: &str) -> &str {
    event_type.rsplit('.').next().unwrap_or(event_type)
}

/// Names become tokens as they are; anything that NATS would read otherwise becomes `_`.
pub(crate) fn token(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    if name.is_empty() {
        return "_".to_owned();
    }
    name.chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_subject_is_parsed_as_it_was_built() {
        let subjects = Subjects::new("odzew").unwrap();
        let parsed = subjects.parse("odzew.events.3.acme.ticket.TicketRegistered").unwrap();
        assert_eq!(
            parsed,
            ParsedSubject {
                partition: Partition(3),
                tenant: "acme",
                category: "ticket",
                event: "TicketRegistered"
            }
        );
        for other in ["odzew.events.3.acme.ticket", "odzew.wake.3", "x.events.3.a.b.C", "odzew"] {
            assert!(subjects.parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn a_stream_is_named_after_prefix_partition_and_epoch() {
        let subjects = Subjects::new("team.odzew").unwrap();
        assert_eq!(subjects.stream(Partition(2), 7), "TEAM_ODZEW_EVENTS_2_7");
    }

    #[test]
    fn a_prefix_that_nats_would_read_otherwise_is_refused() {
        for prefix in ["", "a..b", "a.*", "a.>", "A", "a b"] {
            assert!(Subjects::new(prefix).is_err(), "{prefix}");
        }
    }

    #[test]
    fn names_that_nats_would_read_otherwise_are_masked() {
        assert_eq!(token("a.b*c>d e"), "a_b_c_d_e");
        assert_eq!(token(""), "_");
    }
}
