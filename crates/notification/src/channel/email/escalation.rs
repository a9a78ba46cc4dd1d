//! Mails about an escalation: a lead gets the whole hand-over, the customer what is next and, if it
//! was promised, by when.
use domain::notice::Purpose;
use eventlog::Recorded;
use jiff::Timestamp;
use wire::DecodeError;
use wire::common::v1::Sealed;
use wire::intake::v1::{PromiseKind, PromiseMade};
use wire::routing::v1::{EscalationKind, EscalationTrigger, TicketEscalated};
use wire::scalar::instant;
use wire::words::personal_opt;

use super::complaint::Words;
use crate::read_model::ticket_facts::decode;
use crate::template::{Slots, in_both};

/// The words of the mail, in its language; empty where there is nothing to say.
#[derive(Debug, Default)]
pub(super) struct Escalation {
    to_whom: String,
    reason: String,
    summary: String,
    done: String,
    next_step: String,
    /// When the solution was promised.
    expected: String,
    /// When news were promised.
    next_message: String,
}

impl Escalation {
    pub(super) fn slots(self) -> Slots {
        in_both([
            (["komu", "to_whom"], self.to_whom),
            (["powod", "reason"], self.reason),
            (["podsumowanie", "summary"], self.summary),
            (["zrobione", "done"], self.done),
            (["nastepny_krok", "next_step"], self.next_step),
            (["termin_rozwiazania", "expected"], self.expected),
            (["termin_wiad", "next_message"], self.next_message),
        ])
    }
}

impl Words<'_> {
    /// The words about the escalation that `cause` tells of.
    pub(super) fn escalation(
        &self,
        purpose: Purpose,
        ticket: &[Recorded],
        cause: &Recorded,
    ) -> Result<Escalation, DecodeError> {
        let message = decode::<TicketEscalated>(cause)?;
        let handover = message.handover.clone().unwrap_or_default();
        let text = |text: Option<&Sealed>, field| {
            Ok::<_, DecodeError>(personal_opt(text, field)?.map(|t| t.0).unwrap_or_default())
        };
        let next_step = text(handover.next_step.as_ref(), "next_step")?;
        if purpose == Purpose::CustomerEscalation {
            let promised = |kind| self.promised(ticket, kind, cause.occurred_at);
            return Ok(Escalation {
                to_whom: self.say(to_whom(message.kind())),
                reason: self.say(reason(message.trigger())),
                next_step,
                expected: promised(PromiseKind::EtaResolution)?,
                next_message: promised(PromiseKind::NextUpdate)?,
                ..Escalation::default()
            });
        }
        let mut done = Vec::new();
        for action in &handover.actions_done {
            done.push(format!("- {}", text(Some(action), "actions_done")?));
        }
        if done.is_empty() {
            done.push(self.say(("- nic", "- nothing")));
        }
        Ok(Escalation {
            reason: self.say(reason_for_lead(message.trigger())),
            summary: text(handover.summary.as_ref(), "summary")?,
            done: done.join("\n"),
            next_step,
            ..Escalation::default()
        })
    }

    /// The time of the last such promise that the customer knows of, if it is still to come.
    fn promised(
        &self,
        ticket: &[Recorded],
        kind: PromiseKind,
        now: Timestamp,
    ) -> Result<String, DecodeError> {
        let mut due = None;
        for event in ticket.iter().filter(|e| e.event_type == wire::event::PROMISE_MADE) {
            let promise = decode::<PromiseMade>(event)?;
            if promise.kind() == kind {
                let at = instant(promise.due_at.as_ref(), "due_at")?;
                due = promise.customer_visible.then_some(at);
            }
        }
        let due = due.filter(|due| *due > now);
        Ok(due.map(|due| self.when.minute(due, self.locale)).unwrap_or_default())
    }
}

fn to_whom(kind: EscalationKind) -> (&'static str, &'static str) {
    match kind {
        EscalationKind::Functional | EscalationKind::Unspecified => {
            ("innemu zespołowi", "to another team")
        }
        EscalationKind::Hierarchical => {
            ("do wiadomości przełożonych zespołu", "to the attention of the team's lead")
        }
    }
}

/// Why, for the customer; nothing where it says nothing to a customer.
fn reason(trigger: EscalationTrigger) -> (&'static str, &'static str) {
    match trigger {
        EscalationTrigger::Complexity => {
            ("bo wymaga specjalistycznej wiedzy", "because it needs special knowledge")
        }
        EscalationTrigger::Authority => {
            ("bo wymaga szerszych uprawnień", "because it needs wider authority")
        }
        EscalationTrigger::Impact | EscalationTrigger::StatutoryRisk => {
            ("bo wymaga pilnego działania", "because it needs urgent action")
        }
        EscalationTrigger::Time
        | EscalationTrigger::SlaThreshold
        | EscalationTrigger::SlaBreach => {
            ("bo wymaga szybszego rozwiązania", "because it needs a faster solution")
        }
        EscalationTrigger::CustomerRequest => ("zgodnie z Państwa prośbą", "as you asked"),
        EscalationTrigger::NotAccepted
        | EscalationTrigger::Manual
        | EscalationTrigger::Unspecified => ("", ""),
    }
}

/// Why, for a lead.
fn reason_for_lead(trigger: EscalationTrigger) -> (&'static str, &'static str) {
    match trigger {
        EscalationTrigger::Time => ("trwa za długo", "it takes too long"),
        EscalationTrigger::Complexity => {
            ("wymaga specjalistycznej wiedzy", "it needs special knowledge")
        }
        EscalationTrigger::Authority => ("wymaga szerszych uprawnień", "it needs wider authority"),
        EscalationTrigger::Impact => (
            "dotyczy wielu osób lub ważnego klienta",
            "many are affected, or an important customer",
        ),
        EscalationTrigger::CustomerRequest => ("prosi o to klient", "the customer asks for it"),
        EscalationTrigger::SlaThreshold => {
            ("zbliża się obiecany termin", "a promised time comes near")
        }
        EscalationTrigger::SlaBreach => ("minął obiecany termin", "a promised time has passed"),
        EscalationTrigger::StatutoryRisk => {
            ("zagrożony jest termin ustawowy", "the law's time is in danger")
        }
        EscalationTrigger::NotAccepted => {
            ("nie została przyjęta w terminie", "it was not accepted in time")
        }
        EscalationTrigger::Manual | EscalationTrigger::Unspecified => ("", ""),
    }
}
