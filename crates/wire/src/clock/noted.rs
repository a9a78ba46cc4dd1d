//! What clocks know of their ticket and its complaint, in both directions.
use domain::clock::{
    ComplaintFacts, CustomerWait, Decision, Extension, InfoRequest, RegimeVersion, ReplyWay,
    TicketFacts,
};
use domain::ids::{AppealId, ComplaintId, DecisionId, HoldId, InfoRequestId, MessageId};
use domain::policy::Entitlement;
use domain::regime::Counting;
use prost::Message;

use super::ticket_id;
use crate::DecodeError;
use crate::common::v1 as common;
use crate::intake::v1::TicketType;
use crate::scalar::{instant, instant_opt, timestamp, uuid, uuid_opt};
use crate::sla::v1;
use crate::words::{known, known_opt};

pub(super) fn write_ticket(facts: &TicketFacts) -> Vec<u8> {
    v1::TicketNoted {
        ticket_id: facts.ticket_id.0.to_string(),
        received_at: Some(timestamp(facts.received_at)),
        channel: common::Channel::from(facts.channel).into(),
        has_requester: facts.has_requester,
        awaits_reply: facts.awaits_reply,
        priority: facts.priority.map_or(common::Priority::Unspecified, Into::into).into(),
        ticket_type: TicketType::from(facts.entitlement.ticket_type).into(),
        segment: facts.entitlement.segment.clone(),
        contract_ids: facts.entitlement.contracts.clone(),
        solved_at: facts.solved_at.map(timestamp),
        extension: facts.extension.map(extension),
    }
    .encode_to_vec()
}

pub(super) fn read_ticket(bytes: &[u8]) -> Result<TicketFacts, DecodeError> {
    let message = v1::TicketNoted::decode(bytes)?;
    Ok(TicketFacts {
        ticket_id: ticket_id(&message.ticket_id)?,
        received_at: instant(message.received_at.as_ref(), "received_at")?,
        channel: known::<common::Channel, _>(message.channel, "channel")?,
        has_requester: message.has_requester,
        awaits_reply: message.awaits_reply,
        priority: known_opt::<common::Priority, _>(message.priority, "priority")?,
        entitlement: Entitlement {
            // It was not noted while every policy was for everybody.
            ticket_type: known_opt::<TicketType, _>(message.ticket_type, "ticket_type")?
                .unwrap_or(domain::priority::TicketType::Inquiry),
            segment: message.segment,
            contracts: message.contract_ids,
        },
        solved_at: instant_opt(message.solved_at.as_ref(), "solved_at")?,
        extension: message.extension.as_ref().map(read_extension).transpose()?,
    })
}

pub(super) fn write_complaint(facts: &ComplaintFacts) -> Vec<u8> {
    let regimes = facts
        .regimes
        .iter()
        .map(|regime| v1::NotedRegime { code: regime.code.clone(), version: regime.version });
    let requests = facts.requests.iter().map(|request| v1::NotedInfoRequest {
        request_id: request.request_id.0.to_string(),
        asked_at: Some(timestamp(request.asked_at)),
        waited_until: request.waited_until.map(timestamp),
        supplied: request.supplied,
    });
    let decisions = facts.decisions.iter().map(|decision| v1::NotedDecision {
        decision_id: decision.decision_id.0.to_string(),
        on_appeal: decision.on_appeal,
        decided_at: Some(timestamp(decision.decided_at)),
        sent_at: decision.sent_at.map(timestamp),
        delivered_at: decision.delivered_at.map(timestamp),
    });
    let waits = facts.waits.iter().map(|wait| v1::NotedWait {
        hold_id: wait.hold_id.0.to_string(),
        since: Some(timestamp(wait.since)),
        until: wait.until.map(timestamp),
    });
    v1::ComplaintNoted {
        complaint_id: facts.complaint_id.0.to_string(),
        regimes: regimes.collect(),
        received_at: Some(timestamp(facts.counting.received_at)),
        filed_at: facts.counting.filed_at.map(timestamp),
        item_delivered_at: facts.counting.item_delivered_at.map(timestamp),
        consumer_status: common::ConsumerStatus::from(facts.customer).into(),
        on_paper: facts.on_paper,
        reply_way: Some(v1::NotedReplyWay {
            by_letter: facts.way.by_letter,
            filed_on_paper: facts.way.filed_on_paper,
        }),
        opened_at: Some(timestamp(facts.opened_at)),
        info_requests: requests.collect(),
        extension: facts.extension.map(extension),
        appeal_extension: facts.appeal_extension.map(extension),
        decisions: decisions.collect(),
        appeal_id: facts.appeal.map(|id| id.0.to_string()).unwrap_or_default(),
        resolved_at: facts.resolved_at.map(timestamp),
        waits: waits.collect(),
        reprioritised: facts.reprioritised.map_or(common::Priority::Unspecified, Into::into).into(),
    }
    .encode_to_vec()
}

pub(super) fn read_complaint(bytes: &[u8]) -> Result<ComplaintFacts, DecodeError> {
    let message = v1::ComplaintNoted::decode(bytes)?;
    let regimes = message.regimes.into_iter();
    Ok(ComplaintFacts {
        complaint_id: ComplaintId(uuid(&message.complaint_id, "complaint_id")?),
        regimes: regimes.map(|r| RegimeVersion { code: r.code, version: r.version }).collect(),
        counting: Counting {
            received_at: instant(message.received_at.as_ref(), "received_at")?,
            filed_at: instant_opt(message.filed_at.as_ref(), "filed_at")?,
            item_delivered_at: instant_opt(
                message.item_delivered_at.as_ref(),
                "item_delivered_at",
            )?,
        },
        customer: known::<common::ConsumerStatus, _>(message.consumer_status, "consumer_status")?,
        on_paper: message.on_paper,
        way: match message.reply_way {
            Some(way) => ReplyWay { by_letter: way.by_letter, filed_on_paper: way.filed_on_paper },
            // Nothing else put an answer on paper then.
            None => ReplyWay { by_letter: message.on_paper, filed_on_paper: false },
        },
        opened_at: instant(message.opened_at.as_ref(), "opened_at")?,
        requests: message.info_requests.iter().map(read_request).collect::<Result<_, _>>()?,
        extension: message.extension.as_ref().map(read_extension).transpose()?,
        appeal_extension: message.appeal_extension.as_ref().map(read_extension).transpose()?,
        decisions: message.decisions.iter().map(read_decision).collect::<Result<_, _>>()?,
        appeal: uuid_opt(&message.appeal_id, "appeal_id")?.map(AppealId),
        resolved_at: instant_opt(message.resolved_at.as_ref(), "resolved_at")?,
        waits: message.waits.iter().map(read_wait).collect::<Result<_, _>>()?,
        reprioritised: known_opt::<common::Priority, _>(message.reprioritised, "reprioritised")?,
    })
}

fn read_request(request: &v1::NotedInfoRequest) -> Result<InfoRequest, DecodeError> {
    Ok(InfoRequest {
        request_id: InfoRequestId(uuid(&request.request_id, "request_id")?),
        asked_at: instant(request.asked_at.as_ref(), "asked_at")?,
        waited_until: instant_opt(request.waited_until.as_ref(), "waited_until")?,
        supplied: request.supplied,
    })
}

fn read_wait(wait: &v1::NotedWait) -> Result<CustomerWait, DecodeError> {
    Ok(CustomerWait {
        hold_id: HoldId(uuid(&wait.hold_id, "hold_id")?),
        since: instant(wait.since.as_ref(), "since")?,
        until: instant_opt(wait.until.as_ref(), "until")?,
    })
}

fn extension(extension: Extension) -> v1::NotedExtension {
    v1::NotedExtension {
        new_last_day: extension.new_last_day.to_string(),
        notice_message_id: extension.notice_message_id.0.to_string(),
        told_at: extension.told_at.map(timestamp),
        delivered_at: extension.delivered_at.map(timestamp),
    }
}

fn read_extension(extension: &v1::NotedExtension) -> Result<Extension, DecodeError> {
    let day = extension.new_last_day.parse();
    Ok(Extension {
        new_last_day: day.map_err(|_| DecodeError::field("new_last_day"))?,
        notice_message_id: MessageId(uuid(&extension.notice_message_id, "notice_message_id")?),
        told_at: instant_opt(extension.told_at.as_ref(), "told_at")?,
        delivered_at: instant_opt(extension.delivered_at.as_ref(), "delivered_at")?,
    })
}

fn read_decision(decision: &v1::NotedDecision) -> Result<Decision, DecodeError> {
    Ok(Decision {
        decision_id: DecisionId(uuid(&decision.decision_id, "decision_id")?),
        on_appeal: decision.on_appeal,
        decided_at: instant(decision.decided_at.as_ref(), "decided_at")?,
        sent_at: instant_opt(decision.sent_at.as_ref(), "sent_at")?,
        delivered_at: instant_opt(decision.delivered_at.as_ref(), "delivered_at")?,
    })
}
