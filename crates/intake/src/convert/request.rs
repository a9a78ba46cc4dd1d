//! Converts requests to extend the answer to a data subject's request. Law and channel are filled
//! in once the ticket has been read.
use std::sync::Arc;

use chassis::fields::Fields;
use domain::complaint::Extend;
use domain::personal_data::Known;
use domain::regime::Regime;
use domain::ticket::{Command, ExtendRequest, Facts};
use tonic::Status;
use wire::intake::v1;

use super::complaint::{Said, longer, to_customer};
use super::letters_over;
use crate::call::{Call, Target};

/// A request to extend the answer, converted as far as possible before the ticket has been read.
pub(crate) struct Asked {
    extend: Extend,
    said: Said,
}

impl Asked {
    /// The command to the ticket, now that this and the law of its day are known.
    pub(crate) fn complete(self, facts: &Facts, regimes: Vec<Arc<Regime>>) -> Command {
        let Self { extend, said } = self;
        Command::ExtendRequest(Box::new(ExtendRequest {
            extend: Extend { regimes, ..extend },
            message: said.over(letters_over(facts.registered.channel)),
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
    let why = (&*message.reason, &*message.circumstances);
    let extend = longer(&mut fields, call, &target, &message.new_last_day, why);
    let body = ("body", &*message.body, message.channel);
    let said = to_customer(&mut fields, call, &target, body, message.public_venue);
    fields.finish()?;
    Ok((target, Asked { extend, said }))
}
