//! Commands with evidence from outside about a notice that was sent: bounces, receipts, tracking.
use calls::Call;
use chassis::fields::Fields;
use chassis::rpc::Role;
use domain::notice::{Command, Evidence};
use eventlog::RequestId;
use jiff::{SignedDuration, Timestamp};
use tonic::Status;
use uuid::Uuid;
use wire::notification::v1::{
    DeliveryEvidence, Notice, Purpose, RecordBounceRequest, RecordDeliveryRequest,
};

/// Roles that may record the outcome of a notice: those that read the mailbox of bounces or the
/// post's tracking, by program or by hand.
pub(super) const WITNESSES: [Role; 6] =
    [Role::Integrator, Role::System, Role::Agent, Role::Expert, Role::Lead, Role::Admin];

/// Roles that may record that a decision left or arrived: those that may record evidence on the
/// complaint (`complaint.evidence`), because it says whether silence has decided.
const WITNESSES_OF_DECISIONS: [Role; 4] =
    [Role::Integrator, Role::System, Role::Expert, Role::Lead];

/// PERMISSION_DENIED if the caller may not record the outcome of such a notice.
pub(super) fn may_witness(call: &Call, notice: &Notice) -> Result<(), Status> {
    match notice.purpose() {
        Purpose::Decision => {
            call.context.require_role("complaint.evidence", &WITNESSES_OF_DECISIONS)
        }
        _ => Ok(()),
    }
}

/// How far the clock of the caller may be ahead of ours.
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(5);

/// The request, the notice and what is to be recorded of it.
pub(super) fn bounce(
    call: &Call,
    message: &RecordBounceRequest,
) -> Result<(RequestId, Uuid, Command), Status> {
    let mut fields = Fields::new();
    let request = call.request(&mut fields, message, &message.request_id);
    let notice_id = fields.uuid("notice_id", &message.notice_id);
    if !is_status_code(&message.status_code) {
        fields.refuse("status_code", "must be a status code of RFC 3463 such as 5.1.1");
    }
    fields.finish()?;
    Ok((request, notice_id, Command::RecordBounce { code: format!("DSN_{}", message.status_code) }))
}

/// The request, the notice and what is to be recorded of it.
pub(super) fn delivery(
    call: &Call,
    message: &RecordDeliveryRequest,
) -> Result<(RequestId, Uuid, Command), Status> {
    let mut fields = Fields::new();
    let request = call.request(&mut fields, message, &message.request_id);
    let notice_id = fields.uuid("notice_id", &message.notice_id);
    let evidence = fields
        .enum_value::<DeliveryEvidence>("evidence", message.evidence)
        .and_then(|evidence| Evidence::try_from(evidence).ok())
        .unwrap_or(Evidence::Api);
    let at = match fields.required("delivered_at", message.delivered_at) {
        Some(at) => fields.timestamp("delivered_at", at.seconds, at.nanos),
        None => call.now,
    };
    if at > call.now.saturating_add(CLOCK_TOLERANCE).unwrap_or(Timestamp::MAX) {
        fields.refuse("delivered_at", "must not be in the future");
    }
    fields.finish()?;
    Ok((request, notice_id, Command::RecordDelivery { evidence, at }))
}

/// `class.subject.detail` with the class of a failure and up to three digits each (RFC 3463).
fn is_status_code(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    matches!(parts[..], ["4" | "5", _, _]) && parts.iter().all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_codes_of_failures_are_taken() {
        for code in ["5.1.1", "4.4.7", "5.7.999"] {
            assert!(is_status_code(code), "{code}");
        }
        for code in ["", "2.0.0", "5.1", "5.1.1.1", "5.1.", "5.a.1", "550", "5.1.1000", "5.1.١"] {
            assert!(!is_status_code(code), "{code}");
        }
    }
}
