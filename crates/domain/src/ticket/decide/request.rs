//! Extending the answer to a data subject's request.
use super::super::Facts;
use super::super::command::ExtendRequest;
use super::super::event::Event;
use super::super::rejection::Rejection;
use super::Decision;
use super::complaint::why_longer;
use super::message::{news, nothing_personal_with};
use crate::complaint::{self, Extended};
use crate::priority::TicketType;
use crate::regime::Counting;

/// Two further months for complex requests, if the customer is told within the first month, with
/// the reasons (Regulation (EU) 2016/679, art. 12(3)); or as the regime says. Possible once.
pub(super) fn extending(facts: &Facts, command: &ExtendRequest) -> Decision {
    if facts.kind != TicketType::DataSubjectRequest {
        return Err(Rejection::NoDataSubjectRequest);
    }
    let ExtendRequest { extend, message, known } = command;
    nothing_personal_with(facts, message, &why_longer(extend), known)?;
    if facts.request_extended.is_some() {
        return Err(complaint::Rejection::AlreadyExtended.into());
    }
    let counting = Counting::from_receipt(facts.registered.received_at);
    complaint::may_take_longer(&counting, extend)?;
    Ok(vec![
        news(message),
        Event::RequestExtended(Extended {
            new_last_day: extend.new_last_day,
            reason: extend.reason.clone(),
            circumstances: extend.circumstances.clone(),
            notice_message_id: message.message_id,
        }),
    ])
}
