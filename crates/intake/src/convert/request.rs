//! The answer to a data subject's request takes longer: until when, and why. Law and channel are
//! filled in once the ticket has been read.
use std::sync::Arc;

use chassis::fields::Fields;
use domain::complaint::Extend;
use domain::personal_data::Known;
use domain::priority::Channel;
use domain::regime::Regime;
use domain::ticket::{Command, ExtendRequest, Facts, NewMessage};
use tonic::Status;
use wire::common::v1 as common;
use wire::intake::v1;

use super::{BODY_CHARS, REASON_CHARS, letters_over, new_message};
use crate::call::{Call, Target};
use crate::rules::{date, optional};

/// What a call asks of a request, before the ticket has been read.
pub(crate) struct Asked {
    extend: Extend,
    message: NewMessage,
    channel: Option<Channel>,
}

impl Asked {
    /// The command to the ticket, now that this and the law of its day are known.
    pub(crate) fn complete(self, facts: &Facts, regimes: Vec<Arc<Regime>>) -> Command {
        let Self { extend, message, channel } = self;
        let channel = channel.unwrap_or_else(|| letters_over(facts.registered.channel));
        Command::ExtendRequest(Box::new(ExtendRequest {
            extend: Extend { regimes, ..extend },
            message: NewMessage { channel, ..message },
            known: Known::default(),
        }))
    }
}

pub(crate) fn extend(
    call: &Call,
    message: &v1::ExtendDataSubjectRequestRequest,
) -> Result<(Target, Asked), Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let extend = Extend {
        new_last_day: date(&mut fields, "new_last_day", &message.new_last_day),
        reason: fields.line("reason", &message.reason, 0..=REASON_CHARS),
        circumstances: fields.line("circumstances", &message.circumstances, 0..=REASON_CHARS),
        message_id: target.source.message(),
        regimes: Vec::new(),
        appeal_regime: None,
        now: call.now,
    };
    let body = fields.text("body", &message.body, 1..=BODY_CHARS);
    let channel = optional::<common::Channel, _>(&mut fields, "channel", message.channel);
    fields.finish()?;
    let public_venue = message.public_venue;
    let message = NewMessage { public_venue, ..new_message(call, &target, Channel::Email, body) };
    Ok((target, Asked { extend, message, channel }))
}
