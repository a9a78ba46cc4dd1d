//! One line about an event, without personal data: no free text, only choices, codes, opaque ids
//! and times.
mod complaint;

use wire::notification::v1::NotificationFailed;
use wire::{intake, routing, sla};

use crate::facts::Fact;

/// The line of an event; of one that is not known, the last part of its type.
pub(crate) fn summary(event_type: &str, fact: &Fact) -> String {
    ticket(fact)
        .or_else(|| route(fact))
        .or_else(|| clock(fact))
        .or_else(|| notice(fact))
        .unwrap_or_else(|| event_type.rsplit('.').next().unwrap_or(event_type).to_owned())
}

fn ticket(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::TicketRegistered(e) => {
            let kind = word(e.r#type().as_str_name(), "TICKET_TYPE_");
            let channel = word(e.channel().as_str_name(), "CHANNEL_");
            let origin = match e.origin() {
                intake::v1::TicketOrigin::New | intake::v1::TicketOrigin::Unspecified => {
                    String::new()
                }
                origin => format!(" ({})", word(origin.as_str_name(), "TICKET_ORIGIN_")),
            };
            format!("registered as {kind} over {channel}{origin}, number {}", e.number)
        }
        Fact::TicketClassified(e) => {
            let kind = word(e.r#type().as_str_name(), "TICKET_TYPE_");
            let by = word(e.source().as_str_name(), "CLASSIFICATION_SOURCE_");
            format!("classified as {kind}{} by {by}", part(", category ", &e.category_code))
        }
        Fact::PriorityChanged(e) => {
            let now = priority(e.priority());
            let cause = word(e.cause().as_str_name(), "PRIORITY_CAUSE_");
            match e.previous() {
                wire::common::v1::Priority::Unspecified => format!("priority {now} ({cause})"),
                before => format!("priority {now}, was {} ({cause})", priority(before)),
            }
        }
        Fact::MessageAdded(e) => message(e),
        Fact::WorkStarted(e) => format!("work started by {}", e.agent_id),
        Fact::TicketHeld(e) => {
            format!("waits for the {}", word(e.kind().as_str_name(), "HOLD_KIND_"))
        }
        Fact::TicketUnheld(e) => {
            format!("the wait ended: {}", word(e.trigger().as_str_name(), "UNHOLD_TRIGGER_"))
        }
        Fact::TicketResolved(e) => {
            let cause = part(", root cause ", &e.root_cause_code);
            let with = part(" with its incident ", &e.cascaded_from);
            format!("resolved{}{cause}{with}", part(" as ", &e.resolution_code))
        }
        Fact::TicketReopened(e) => {
            let trigger = word(e.trigger().as_str_name(), "REOPEN_TRIGGER_");
            format!("reopened for the {}. time: {trigger}", e.reopen_no)
        }
        Fact::TicketClosed(e) => {
            let reason = word(e.reason().as_str_name(), "CLOSE_REASON_");
            format!("closed: {reason}{}", part(" of ", &e.merged_into))
        }
        Fact::PromiseMade(e) => {
            let again = if e.replaces_promise_id.is_empty() { "" } else { " anew" };
            let kind = word(e.kind().as_str_name(), "PROMISE_KIND_");
            format!("promised{again}: {kind}{}", due(&e.due_at))
        }
        Fact::RequestExtended(e) => {
            format!("time to answer the request extended{}", part(" to ", &e.new_last_day))
        }
        Fact::ContactNoted(e) => {
            let called = if e.outbound { "called the customer" } else { "was called" };
            let keeps = part(", as promised by ", &e.keeps_promise_id);
            format!("{} {called} in contact {}{keeps}", e.agent_id, e.contact_id)
        }
        Fact::PartyLinked(e) => {
            let role = word(e.role().as_str_name(), "PARTY_ROLE_");
            let instead = part(" instead of ", &e.replaced_party_id);
            format!("party {} is {role}{instead}", e.party_id)
        }
        _ => return joined(fact),
    })
}

/// What a ticket has to do with others.
fn joined(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::TicketMerged(e) => {
            format!("ticket {} merged into {}", e.source_ticket_id, e.target_ticket_id)
        }
        Fact::TicketSplit(e) => match e.message_ids.len() {
            1 => format!("1 message became ticket {}", e.child_ticket_id),
            many => format!("{many} messages became ticket {}", e.child_ticket_id),
        },
        Fact::TicketLinked(e) => {
            let link = word(e.link().as_str_name(), "LINK_KIND_");
            format!("linked: {link} {}", e.other_ticket_id)
        }
        Fact::TicketUnlinked(e) => {
            let link = word(e.link().as_str_name(), "LINK_KIND_");
            format!("no longer linked: {link} {}", e.other_ticket_id)
        }
        Fact::Complaint(fact) => complaint::line(fact),
        Fact::MessageReceived(e) => received(e),
        _ => return None,
    })
}

fn message(e: &intake::v1::MessageAdded) -> String {
    let author = word(e.author_kind().as_str_name(), "AUTHOR_KIND_");
    let purpose = word(e.purpose().as_str_name(), "MESSAGE_PURPOSE_");
    let channel = word(e.channel().as_str_name(), "CHANNEL_");
    match e.direction() {
        intake::v1::MessageDirection::Internal => match e.purpose() {
            intake::v1::MessagePurpose::Task => "somebody has to act: internal note".to_owned(),
            intake::v1::MessagePurpose::Handover => "hand-over noted".to_owned(),
            _ => format!("internal note by a {author}"),
        },
        intake::v1::MessageDirection::Inbound if e.author_kind() == intake::v1::AuthorKind::Bot => {
            format!("automatic message from the customer's side over {channel}")
        }
        intake::v1::MessageDirection::Inbound => {
            format!("message from the customer over {channel}")
        }
        intake::v1::MessageDirection::Outbound | intake::v1::MessageDirection::Unspecified => {
            format!("{purpose} to the customer over {channel} by a {author}")
        }
    }
}

/// How a message found its ticket, and where else it may belong.
fn received(e: &intake::v1::MessageReceived) -> String {
    let channel = word(e.channel().as_str_name(), "CHANNEL_");
    let rule = word(e.rule().as_str_name(), "JOIN_RULE_");
    let machine = if e.automatic { ", sent by a machine" } else { "" };
    let other = if e.other_sender { ", not from who asks" } else { "" };
    let (first, rest) = e.candidate_ticket_ids.split_at(e.candidate_ticket_ids.len().min(3));
    let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    let candidates = part(", may belong to ", &first.join(", "));
    format!("message over {channel} joined by {rule}{machine}{other}{candidates}{rest}")
}

fn route(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::TicketQueued(e) => {
            let reason = word(e.reason().as_str_name(), "QUEUED_REASON_");
            let rule = if e.fallback {
                ", no rule matched".to_owned()
            } else {
                part(", rule ", &e.rule_id)
            };
            format!("queued in {} (level {}, {reason}{rule})", e.queue_id, e.level)
        }
        Fact::TicketAssigned(e) => {
            let method = match e.method() {
                routing::v1::AssignmentMethod::Pull => "took it".to_owned(),
                method => word(method.as_str_name(), "ASSIGNMENT_METHOD_"),
            };
            format!("assigned to {} ({method})", e.agent_id)
        }
        Fact::AssignmentAccepted(e) => format!("accepted by {}", e.agent_id),
        Fact::TicketEscalated(e) => escalated(e),
        Fact::RouteEnded(e) => {
            format!("owner released: {}", word(e.reason().as_str_name(), "ROUTE_END_REASON_"))
        }
        _ => return None,
    })
}

/// Who takes an escalated ticket, or is told; never what is handed over.
fn escalated(e: &routing::v1::TicketEscalated) -> String {
    let kind = word(e.kind().as_str_name(), "ESCALATION_KIND_");
    let trigger = word(e.trigger().as_str_name(), "ESCALATION_TRIGGER_");
    let team = part(" of ", &e.to_team_id);
    let people = e.to_agent_ids.join(", ");
    let to = match e.kind() {
        routing::v1::EscalationKind::Functional | routing::v1::EscalationKind::Unspecified => {
            let to = part(", to ", &people);
            format!("level {} to {} in {}{to}", e.from_level, e.to_level, e.to_queue_id)
        }
        routing::v1::EscalationKind::Hierarchical if people.is_empty() => {
            "nobody leads the team".to_owned()
        }
        routing::v1::EscalationKind::Hierarchical => format!("the leads{team}: {people}"),
    };
    format!("escalated, {kind} ({trigger}): {to}")
}

fn clock(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::ClockStarted(e) => format!("clock started: {}{}", kind(e.kind()), due(&e.due_at)),
        Fact::ClockPaused(e) => format!("clock paused{}", part(": ", &e.reason)),
        Fact::ClockResumed(e) => format!("clock resumed{}", due(&e.due_at)),
        Fact::ClockRetargeted(e) => {
            let cause = word(e.cause().as_str_name(), "RETARGET_CAUSE_");
            format!("clock has another target ({cause}){}", due(&e.due_at))
        }
        Fact::ThresholdReached(e) => {
            format!("{} % used up: {}{}", e.percent, kind(e.kind()), due(&e.due_at))
        }
        Fact::ClockBreached(e) => format!("breached: {}{}", kind(e.kind()), due(&e.due_at)),
        Fact::ClockStopped(e) => {
            format!("clock stopped: {}", word(e.outcome().as_str_name(), "CLOCK_OUTCOME_"))
        }
        Fact::BreachVoided(e) => {
            format!("the breach does not count: {}", word(e.reason().as_str_name(), "VOID_REASON_"))
        }
        Fact::TimerSet(e) => format!("timer set: {}{}", timer(e.timer(), e.step), due(&e.fires_at)),
        Fact::TimerCancelled => "timer cancelled".to_owned(),
        Fact::TimerFired(e) => {
            format!("timer fired: {}{}", timer(e.timer(), e.step), due(&e.due_at))
        }
        Fact::TicketNoted(e) => match e.priority() {
            wire::common::v1::Priority::Unspecified => "clocks know the ticket".to_owned(),
            now => format!("clocks know the ticket, priority {}", priority(now)),
        },
        Fact::ComplaintNoted => "clocks know the complaint".to_owned(),
        _ => return None,
    })
}

fn notice(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::NotificationScheduled(e) => {
            let purpose = word(e.purpose().as_str_name(), "PURPOSE_");
            let audience = word(e.audience().as_str_name(), "AUDIENCE_");
            let channel = word(e.channel().as_str_name(), "CHANNEL_");
            format!("notice scheduled: {purpose} to the {audience} over {channel}")
        }
        Fact::NotificationSuppressed(e) => {
            let purpose = word(e.purpose().as_str_name(), "PURPOSE_");
            let reason = word(e.reason().as_str_name(), "SUPPRESSION_REASON_");
            format!("notice not sent: {purpose} ({reason})")
        }
        Fact::NotificationAttempted(e) => format!("notice: attempt {}", e.attempt_no),
        Fact::NotificationSent(e) => {
            format!("notice sent: {}", word(e.purpose().as_str_name(), "PURPOSE_"))
        }
        Fact::NotificationDelivered(e) => {
            let purpose = word(e.purpose().as_str_name(), "PURPOSE_");
            let evidence = word(e.evidence().as_str_name(), "DELIVERY_EVIDENCE_");
            format!("notice delivered: {purpose} ({evidence})")
        }
        Fact::NotificationFailed(e) => failed(e),
        Fact::NotificationReleased(e) => format!("notice released{}", due(&e.next_attempt_at)),
        _ => return None,
    })
}

fn failed(e: &NotificationFailed) -> String {
    let code = part(": ", &e.code);
    match (e.permanent, e.outcome_unknown) {
        (true, _) => format!("notice failed for good{code}"),
        (false, true) => format!("notice: outcome unknown{code}"),
        (false, false) => format!("notice failed, will be tried again{code}"),
    }
}

/// The name of a choice as people say it: `ACK` of `PURPOSE_ACK` becomes `ack`.
fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase().replace('_', " ")
}

fn priority(priority: wire::common::v1::Priority) -> &'static str {
    let name = priority.as_str_name();
    name.strip_prefix("PRIORITY_").unwrap_or(name)
}

fn kind(kind: sla::v1::ClockKind) -> String {
    word(kind.as_str_name(), "CLOCK_KIND_")
}

/// What happens by itself, and for the how many-th time if it may happen more than once.
fn timer(timer: sla::v1::TimerKind, step: u32) -> String {
    let name = word(timer.as_str_name(), "TIMER_KIND_");
    match timer {
        sla::v1::TimerKind::CustomerReminder => format!("{name} {step}"),
        sla::v1::TimerKind::AutoClose if step > 1 => format!("{name} {step}"),
        sla::v1::TimerKind::NoReplyResolve
        | sla::v1::TimerKind::AutoClose
        | sla::v1::TimerKind::SupplementEnd
        | sla::v1::TimerKind::AppealWindowEnd
        | sla::v1::TimerKind::NoNewsUpdate
        | sla::v1::TimerKind::NoteMissing
        | sla::v1::TimerKind::Unspecified => name,
    }
}

fn part(before: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{before}{text}") }
}

fn due(at: &Option<prost_types::Timestamp>) -> String {
    wire::scalar::instant_opt(at.as_ref(), "due_at")
        .ok()
        .flatten()
        .map(|at| format!(", due {at:.0}"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::facts;

    /// The messages whose oneof lists the events that tell of tickets.
    const FAMILIES: [&str; 4] = [
        "odzew.intake.v1.TicketEvent",
        "odzew.routing.v1.RouteEvent",
        "odzew.sla.v1.ClockEvent",
        "odzew.notification.v1.NoticeEvent",
    ];

    #[test]
    fn every_event_of_a_ticket_has_a_line_of_its_own() {
        let mut missing = Vec::new();
        for family in FAMILIES {
            let family = wire::POOL.get_message_by_name(family).unwrap();
            for field in family.oneofs().next().unwrap().fields() {
                let kind = field.kind();
                let name = kind.as_message().unwrap().full_name();
                let fact = facts::read_bytes(name, bytes::Bytes::new()).unwrap();
                let line = summary(name, &fact);
                if matches!(fact, Fact::Unknown) || name.ends_with(&line) {
                    missing.push(name.to_owned());
                }
            }
        }
        assert!(missing.is_empty(), "add to facts.rs and summary.rs: {missing:?}");
    }

    #[test]
    fn an_unknown_event_is_called_by_its_name() {
        let fact = facts::read_bytes("odzew.intake.v9.TicketSang", bytes::Bytes::new()).unwrap();
        assert_eq!(summary("odzew.intake.v9.TicketSang", &fact), "TicketSang");
    }

    #[test]
    fn a_line_says_what_happened() {
        let fact = Fact::PriorityChanged(intake::v1::PriorityChanged {
            priority: wire::common::v1::Priority::P1.into(),
            previous: wire::common::v1::Priority::P3.into(),
            cause: intake::v1::PriorityCause::ImpactGrew.into(),
            reason: "Jan Kowalski called".to_owned(),
            ..Default::default()
        });
        assert_eq!(summary("", &fact), "priority P1, was P3 (impact grew)");
    }

    #[test]
    fn an_escalation_says_who_has_the_ticket_or_knows_of_it() {
        let escalated = routing::v1::TicketEscalated {
            kind: routing::v1::EscalationKind::Functional.into(),
            from_level: 1,
            to_level: 2,
            to_queue_id: "experts".to_owned(),
            trigger: routing::v1::EscalationTrigger::NotAccepted.into(),
            to_team_id: "t".to_owned(),
            to_agent_ids: vec!["ewa".to_owned()],
            ..Default::default()
        };
        let line =
            |e: &routing::v1::TicketEscalated| summary("", &Fact::TicketEscalated(e.clone()));
        let functional = "escalated, functional (not accepted): level 1 to 2 in experts, to ewa";
        assert_eq!(line(&escalated), functional);
        let kind = routing::v1::EscalationKind::Hierarchical.into();
        let mut told = routing::v1::TicketEscalated { kind, ..escalated };
        let hierarchical = "escalated, hierarchical (not accepted): the leads of t: ewa";
        assert_eq!(line(&told), hierarchical);
        told.to_agent_ids.clear();
        assert!(line(&told).ends_with(": nobody leads the team"));
    }
}
