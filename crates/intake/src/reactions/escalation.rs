//! Adds the hand-over of an escalation to the ticket as a note.
use domain::ids::{MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::ticket::{AuthorKind, Command, NewMessage};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1::{ActorKind, Sealed};
use wire::routing::v1::{EscalationKind, EscalationTrigger, TicketEscalated};
use wire::scalar::uuid_opt;
use wire::words::personal_opt;

use super::{Reactions, SERVICE};

impl Reactions {
    /// Leaves the hand-over as a note on the ticket.
    pub(super) async fn hand_over(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        escalated: &TicketEscalated,
    ) -> Result<(), HandlerError> {
        let ticket_id = TicketId(event.stream.id);
        let actor = event.metadata()?.actor.unwrap_or_default();
        let by_person = escalated.trigger() != EscalationTrigger::NotAccepted
            && actor.kind() != ActorKind::System;
        // Whoever is passed over hands the same over to the next one, which comes first, and to
        // the leads: one time that has passed, one note.
        let handed_over_by = match uuid_opt(&event.metadata()?.causation_id, "causation_id")? {
            Some(passed) if !by_person => passed,
            Some(_) | None => event.event_id,
        };
        let command = Command::NoteHandover {
            note: NewMessage {
                message_id: MessageId(Uuid::new_v5(&handed_over_by, ticket_id.0.as_bytes())),
                // A note goes over no channel; it has the one of whoever calls, which is Odzew.
                channel: Channel::Api,
                author_kind: AuthorKind::System,
                body: Personal(text(escalated)?),
                written_at: event.occurred_at,
                public_venue: false,
                contact_id: None,
            },
            escalates: by_person || escalated.to_level > escalated.from_level,
        };
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, ticket_id, &command).await
    }
}

/// What colleagues read: who has it now and why, then the hand-over.
fn text(escalated: &TicketEscalated) -> Result<String, DecodeError> {
    let handover = escalated.handover.clone().unwrap_or_default();
    let kind = match escalated.kind() {
        EscalationKind::Functional | EscalationKind::Unspecified => {
            "Eskalacja funkcjonalna / Functional escalation"
        }
        EscalationKind::Hierarchical => "Eskalacja hierarchiczna / Hierarchical escalation",
    };
    let trigger = escalated.trigger().as_str_name();
    let trigger = trigger.strip_prefix("ESCALATION_TRIGGER_").unwrap_or(trigger);
    let mut to = vec![escalated.to_queue_id.clone()];
    to.extend((!escalated.to_team_id.is_empty()).then(|| escalated.to_team_id.clone()));
    to.extend(escalated.to_agent_ids.iter().cloned());
    let mut lines = vec![
        format!("{kind}: {trigger}"),
        format!(
            "Poziom / Level {} → {}: {}",
            escalated.from_level,
            escalated.to_level,
            to.join(", ")
        ),
        format!("O co chodzi / Summary: {}", said(handover.summary.as_ref(), "summary")?),
    ];
    lines.push("Co zrobiono / Done:".to_owned());
    if handover.actions_done.is_empty() {
        lines.push("- nic / nothing".to_owned());
    }
    for action in &handover.actions_done {
        lines.push(format!("- {}", said(Some(action), "actions_done")?));
    }
    lines.push(format!("Co dalej / Next: {}", said(handover.next_step.as_ref(), "next_step")?));
    Ok(lines.join("\n"))
}

fn said(text: Option<&Sealed>, field: &'static str) -> Result<String, DecodeError> {
    Ok(personal_opt(text, field)?.map(|text| text.0).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use wire::common::v1::sealed::Content;
    use wire::routing::v1::Handover;

    use super::*;

    fn clear(text: &str) -> Sealed {
        Sealed { content: Some(Content::Clear(text.to_owned())) }
    }

    fn escalated() -> TicketEscalated {
        TicketEscalated {
            kind: EscalationKind::Functional.into(),
            from_level: 1,
            to_level: 2,
            to_queue_id: "billing-l2".to_owned(),
            to_team_id: "experts".to_owned(),
            trigger: EscalationTrigger::Complexity.into(),
            handover: Some(Handover {
                summary: Some(clear("The meter is counted twice.")),
                actions_done: vec![clear("Compared the readings."), clear("Asked the grid.")],
                next_step: Some(clear("Correct the invoice.")),
            }),
            ..TicketEscalated::default()
        }
    }

    #[test]
    fn a_note_says_who_has_it_why_and_what_was_done() {
        let note = text(&escalated()).expect("in clear");
        let wanted = [
            "Eskalacja funkcjonalna / Functional escalation: COMPLEXITY",
            "Poziom / Level 1 → 2: billing-l2, experts",
            "O co chodzi / Summary: The meter is counted twice.",
            "Co zrobiono / Done:",
            "- Compared the readings.",
            "- Asked the grid.",
            "Co dalej / Next: Correct the invoice.",
        ];
        assert_eq!(note.lines().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn that_nothing_was_done_is_said() {
        let mut escalated = escalated();
        if let Some(handover) = &mut escalated.handover {
            handover.actions_done.clear();
        }
        assert!(text(&escalated).expect("in clear").contains("\n- nic / nothing\n"));
    }
}
