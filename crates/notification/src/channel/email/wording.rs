//! Fills the slots of mail templates.
use eventlog::Recorded;
use jiff::Timestamp;
use uuid::Uuid;
use wire::DecodeError;
use wire::intake::v1::{MessageAdded, TicketResolved};
use wire::routing::v1::TicketAssigned;
use wire::scalar::{instant, instant_opt};
use wire::sla::v1::{ClockBreached, ClockKind, ThresholdReached, TimerFired};
use wire::words::personal_opt;

use super::Email;
use super::complaint::Words;
use crate::channel::Unsendable;
use crate::read_model::ticket_facts::{TicketFacts, decode};
use crate::template::{Slots, in_both};

impl Email {
    /// What every mail may say.
    pub(super) fn slots(
        &self,
        ticket_id: Uuid,
        (facts, subject): (&TicketFacts, String),
        cause: Option<&Recorded>,
        locale: &str,
    ) -> Result<Slots, Unsendable> {
        let minute = |at: Timestamp| self.when.minute(at, locale);
        let from_cause = match cause {
            Some(cause) => FromCause::read(cause, locale)
                .map_err(|_| Unsendable::Broken("CAUSE_UNREADABLE"))?,
            None => FromCause { due: facts.first_reply_due(), ..FromCause::default() },
        };
        let portal = &self.texts.portal_url;
        let link = portal.replace("{ticket_id}", &ticket_id.to_string());
        let due = from_cause.due.map(minute).unwrap_or_default();
        let received = minute(facts.received_at());
        let owner = facts.owner_name.clone().unwrap_or_default();
        Ok(in_both([
            (["nr", "number"], facts.number.clone()),
            (["temat", "subject"], subject),
            (["data", "date"], received),
            (["termin", "due"], due),
            (["opiekun", "owner"], owner),
            (["kontakt", "contact"], self.texts.contact.clone()),
            (["link", "link"], link),
            (["tresc", "message"], from_cause.text.clone()),
            (["rozwiazanie", "solution"], from_cause.text),
            (["zegar", "clock"], from_cause.clock.to_owned()),
            (["procent", "percent"], from_cause.percent),
        ]))
    }
}

impl Words<'_> {
    /// What follows from a time that is over: for whoever has a post, `in_charge` says who works on
    /// the ticket, empty if nobody does; its owner is the one to do something.
    pub(super) fn of_breach(&self, in_charge: Option<&str>) -> Slots {
        let to_do = match in_charge {
            None => self.say((
                "Napisz do klienta, kiedy dostanie odpowiedź.",
                "Please tell the customer when the answer will come.",
            )),
            Some("") => {
                self.say(("Nikt jej teraz nie prowadzi.", "Nobody is in charge of it now."))
            }
            Some(owner) => format!("{} {owner}.", self.say(("Prowadzi ją:", "In charge:"))),
        };
        in_both([(["do_zrobienia", "to_do"], to_do)])
    }
}

/// What only the causing event knows.
#[derive(Default)]
struct FromCause {
    due: Option<Timestamp>,
    text: String,
    clock: &'static str,
    percent: String,
}

impl FromCause {
    fn read(cause: &Recorded, locale: &str) -> Result<Self, DecodeError> {
        let text = |sealed, field| {
            Ok::<_, DecodeError>(personal_opt(sealed, field)?.map(|t| t.0).unwrap_or_default())
        };
        Ok(match cause.event_type.as_str() {
            wire::event::MESSAGE_ADDED => {
                let message = decode::<MessageAdded>(cause)?;
                Self { text: text(message.body.as_ref(), "body")?, ..Self::default() }
            }
            wire::event::TICKET_RESOLVED => {
                let message = decode::<TicketResolved>(cause)?;
                Self { text: text(message.summary.as_ref(), "summary")?, ..Self::default() }
            }
            wire::event::TICKET_ASSIGNED => {
                let message = decode::<TicketAssigned>(cause)?;
                let due = instant_opt(message.accept_by.as_ref(), "accept_by")?;
                Self { due, ..Self::default() }
            }
            wire::event::THRESHOLD_REACHED => {
                let message = decode::<ThresholdReached>(cause)?;
                Self {
                    due: Some(instant(message.due_at.as_ref(), "due_at")?),
                    clock: clock_name(message.kind(), locale),
                    percent: message.percent.to_string(),
                    ..Self::default()
                }
            }
            wire::event::CLOCK_BREACHED => {
                let message = decode::<ClockBreached>(cause)?;
                Self {
                    due: Some(instant(message.due_at.as_ref(), "due_at")?),
                    clock: clock_name(message.kind(), locale),
                    ..Self::default()
                }
            }
            wire::event::TIMER_FIRED => {
                let message = decode::<TimerFired>(cause)?;
                let due = instant_opt(message.wait_until.as_ref(), "wait_until")?;
                Self { due, ..Self::default() }
            }
            // The letters about a complaint and an escalation read what they say themselves.
            wire::event::COMPLAINT_OPENED
            | wire::event::COMPLAINT_NOTED
            | wire::event::TICKET_ESCALATED => Self::default(),
            unknown => return Err(DecodeError::UnknownEventType(unknown.to_owned())),
        })
    }
}

/// What a clock measures, in people's words.
fn clock_name(kind: ClockKind, locale: &str) -> &'static str {
    let (polish, english) = match kind {
        ClockKind::Ack => ("potwierdzenie zgłoszenia", "confirming receipt"),
        ClockKind::FirstReply => ("pierwszą odpowiedź", "the first reply"),
        ClockKind::NextReply => ("kolejną odpowiedź", "the next reply"),
        ClockKind::PeriodicUpdate => ("informację dla klienta", "the customer's update"),
        ClockKind::Resolution => ("rozwiązanie", "the solution"),
        ClockKind::Assign => ("przydzielenie sprawy", "assigning the case"),
        ClockKind::Accept => ("przyjęcie sprawy", "accepting the case"),
        ClockKind::UcVendor => ("odpowiedź dostawcy", "the supplier's answer"),
        ClockKind::Promise => ("obietnicę daną klientowi", "the promise to the customer"),
        ClockKind::StatutoryResponse => {
            ("odpowiedź w terminie ustawowym", "the answer that the law wants")
        }
        ClockKind::StatutoryAck => {
            ("ustawowe potwierdzenie reklamacji", "the statutory confirmation")
        }
        ClockKind::InternalResponse => ("odpowiedź na reklamację", "the answer to the complaint"),
        ClockKind::AppealResponse => ("odpowiedź na odwołanie", "the answer to the appeal"),
        ClockKind::Remedy => ("wykonanie decyzji", "carrying out the decision"),
        ClockKind::Unspecified => ("sprawę", "the case"),
    };
    if locale == "pl" { polish } else { english }
}
