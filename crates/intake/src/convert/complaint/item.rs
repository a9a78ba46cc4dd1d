//! A request about the thing that a complaint is about.
use chassis::fields::Fields;
use domain::complaint::Command;
use tonic::Status;
use wire::intake::v1;

use super::super::not_in_the_future;
use super::Asked;
use super::parts::opt_instant;
use crate::call::Call;
use crate::config::Config;

pub(crate) fn record_item(
    call: &Call,
    message: &v1::RecordItemDeliveredRequest,
    config: &Config,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let (field, given) = ("item_delivered_at", message.item_delivered_at.as_ref());
    let delivered_at = opt_instant(&mut fields, field, given).unwrap_or(call.now);
    not_in_the_future(&mut fields, field, delivered_at, call, config);
    fields.finish()?;
    Ok(Asked::new(target, Command::RecordItem { delivered_at }))
}
