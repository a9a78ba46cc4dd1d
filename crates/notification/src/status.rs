//! Maps every refusal of the service to a gRPC status.
use chassis::status;
use domain::{notice, webhook};
use tonic::Status;
use uuid::Uuid;

/// The URL is not one that may be called.
pub(crate) fn url_forbidden(rule: &str) -> Status {
    status::invalid_reason("WEBHOOK_URL_FORBIDDEN", "url", rule)
}

/// A rule of notices.
pub(crate) fn notice(rejection: &notice::Rejection, notice_id: Uuid) -> Status {
    let id = notice_id.to_string();
    match rejection {
        notice::Rejection::Unknown => status::not_found("notice", &id),
        notice::Rejection::AlreadyMade
        | notice::Rejection::NotWaiting
        | notice::Rejection::NotDue
        | notice::Rejection::AttemptOver
        | notice::Rejection::AlreadySent
        | notice::Rejection::NotSent
        | notice::Rejection::AlreadyDelivered
        | notice::Rejection::NotDurable
        | notice::Rejection::BeforeSent
        | notice::Rejection::NotReleasable => {
            let text = rejection.to_string();
            status::failed_precondition("NOTICE_STATE", "NOTICE_STATE", &id, &text, &[])
        }
    }
}

/// A rule of webhooks.
pub(crate) fn webhook(rejection: &webhook::Rejection, webhook_id: Uuid) -> Status {
    let id = webhook_id.to_string();
    match rejection {
        webhook::Rejection::Unknown => status::not_found("webhook", &id),
        webhook::Rejection::AlreadyRegistered => status::already_exists("webhook", &id),
        webhook::Rejection::TooMany => {
            let text = rejection.to_string();
            let limit = [("limit", webhook::MOST_ENDPOINTS.to_string())];
            status::failed_precondition("WEBHOOK_LIMIT", "WEBHOOK_LIMIT", &id, &text, &limit)
        }
    }
}
