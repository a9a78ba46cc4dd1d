//! The error contract: every refusal is a gRPC status with an `ErrorInfo` and, where the contract
//! names one, a second detail.
//!
//! Reasons are UPPER_SNAKE and never change their meaning; whatever the text says is also in the
//! metadata, so that no client ever parses a text.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};
use uuid::Uuid;

use crate::tasks::chain;

/// The domain of every `ErrorInfo`.
pub(crate) const DOMAIN: &str = "odzew.dev";

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the request, such as `address.lines[2]`, or the name of a header.
    pub field: String,
    /// The rule, as a sentence about the field without the field's name.
    pub rule: String,
}

fn build(
    code: Code,
    reason: &str,
    text: impl Into<String>,
    metadata: impl IntoIterator<Item = (&'static str, String)>,
    detail: impl FnOnce(&mut ErrorDetails),
) -> Status {
    let metadata: HashMap<String, String> =
        metadata.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    detail(&mut details);
    Status::with_error_details(code, text, details)
}

fn nothing(_: &mut ErrorDetails) {}

/// INVALID_ARGUMENT `FIELD_INVALID` naming every bad field.
pub fn invalid(violations: Vec<Violation>) -> Status {
    invalid_because("FIELD_INVALID", violations)
}

/// INVALID_ARGUMENT `FIELD_INVALID` for one field.
pub fn invalid_field(field: &str, rule: impl Into<String>) -> Status {
    invalid(vec![Violation { field: field.to_owned(), rule: rule.into() }])
}

/// INVALID_ARGUMENT for one field with a reason of its own, such as `FILTER_INVALID`.
pub fn invalid_reason(reason: &str, field: &str, rule: impl Into<String>) -> Status {
    invalid_because(reason, vec![Violation { field: field.to_owned(), rule: rule.into() }])
}

/// Most bytes of headers that fields and rules take in a refusal. They travel three times, encoded,
/// and a client takes 8 KiB of headers with an answer: with more it would learn nothing at all.
const VIOLATIONS_BYTES: usize = 6_500;

/// Longest text that is told whole where it may repeat what the client sent.
const REPEATED_CHARS: usize = 300;

fn cut(text: &str) -> String {
    match text.char_indices().nth(REPEATED_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn invalid_because(reason: &str, mut violations: Vec<Violation>) -> Status {
    for violation in &mut violations {
        violation.rule = cut(&violation.rule);
    }
    let mut bytes = 0;
    let fits = |violation: &&Violation| {
        bytes += header_bytes(violation);
        bytes <= VIOLATIONS_BYTES
    };
    let told = violations.iter().take_while(fits).count().max(1);
    let more = violations.len() > told;
    violations.truncate(told);
    let text = violations.iter().map(|v| format!("{} {}", v.field, v.rule));
    let text: Vec<String> = text.chain(more.then(|| "and more".to_owned())).collect();
    let mut fields: Vec<&str> = violations.iter().map(|v| v.field.as_str()).collect();
    // One field may break several rules, one after the other.
    fields.dedup();
    let metadata = [("fields", fields.join(","))];
    let found: Vec<FieldViolation> =
        violations.iter().map(|v| FieldViolation::new(v.field.as_str(), v.rule.as_str())).collect();
    build(Code::InvalidArgument, reason, text.join("; "), metadata, |details| {
        details.set_bad_request(found);
    })
}

/// What a violation takes of the headers: percent-encoded in the text, and in base64 in the
/// details, which hold the text too, the violation, and its field once more.
fn header_bytes(violation: &Violation) -> usize {
    let Violation { field, rule } = violation;
    let percent = |text: &str| {
        let plain = text.bytes().filter(u8::is_ascii_alphanumeric).count();
        plain + 3 * (text.len() - plain)
    };
    percent(field) + percent(rule) + (3 * field.len() + 2 * rule.len() + 12) * 4 / 3
}

/// INVALID_ARGUMENT `PAGE_TOKEN_INVALID`: forged, of another tenant, or with changed arguments.
pub(crate) fn page_token_invalid() -> Status {
    invalid_reason(
        "PAGE_TOKEN_INVALID",
        "page_token",
        "was not issued for this request; start again without it",
    )
}

/// UNAUTHENTICATED `CONTEXT_MISSING`: a trusted caller forgot a header.
pub(crate) fn context_missing(header: &'static str) -> Status {
    let text = format!("metadata {header} is missing");
    let metadata = [("header", header.to_owned())];
    build(Code::Unauthenticated, "CONTEXT_MISSING", text, metadata, nothing)
}

/// PERMISSION_DENIED `PERMISSION_DENIED`; also the answer where something does not exist and the
/// caller may not know.
pub fn permission_denied(permission: &str) -> Status {
    let text = format!("the caller lacks permission {permission}");
    let metadata = [("permission", permission.to_owned())];
    build(Code::PermissionDenied, "PERMISSION_DENIED", text, metadata, nothing)
}

/// NOT_FOUND `RESOURCE_NOT_FOUND` with `ResourceInfo`.
pub fn not_found(resource_type: &str, name: &str) -> Status {
    let text = format!("{resource_type} {name} does not exist");
    resource(Code::NotFound, "RESOURCE_NOT_FOUND", text, resource_type, name)
}

/// ALREADY_EXISTS `RESOURCE_ALREADY_EXISTS` with `ResourceInfo`.
pub fn already_exists(resource_type: &str, name: &str) -> Status {
    let text = format!("{resource_type} {name} exists already");
    resource(Code::AlreadyExists, "RESOURCE_ALREADY_EXISTS", text, resource_type, name)
}

fn resource(code: Code, reason: &str, text: String, resource_type: &str, name: &str) -> Status {
    let metadata = [("resource_type", resource_type.to_owned()), ("name", name.to_owned())];
    build(code, reason, text.clone(), metadata, |details| {
        details.set_resource_info(resource_type, name, "", text);
    })
}

/// The etag of a version: the version in quotes.
pub fn etag(version: u32) -> String {
    format!("\"{version}\"")
}

/// ABORTED `ETAG_MISMATCH`: somebody else changed it since it was read.
pub fn etag_mismatch(current_version: u32) -> Status {
    let current = etag(current_version);
    let text = format!("the resource has changed; its etag is now {current}");
    build(Code::Aborted, "ETAG_MISMATCH", text, [("current_etag", current)], nothing)
}

/// ABORTED `CONCURRENT_CHANGE`: the race was lost as often as we try.
pub fn conflict() -> Status {
    let text = "others keep changing the resource; read it again and retry";
    build(Code::Aborted, "CONCURRENT_CHANGE", text, [], nothing)
}

/// FAILED_PRECONDITION: the state forbids it. `kind` is the class of rule, `subject` what it is
/// about, both as in `PreconditionFailure`.
pub fn failed_precondition(
    reason: &str,
    kind: &str,
    subject: &str,
    description: &str,
    metadata: &[(&'static str, String)],
) -> Status {
    let subject_entry = [("subject", subject.to_owned())];
    let metadata = subject_entry.into_iter().chain(metadata.iter().cloned());
    build(Code::FailedPrecondition, reason, description, metadata, |details| {
        details.add_precondition_failure_violation(kind, subject, description);
    })
}

/// FAILED_PRECONDITION `REQUEST_ID_REUSED`: the same request id came with another request.
pub fn request_id_reused(request_id: Uuid) -> Status {
    let id = request_id.to_string();
    failed_precondition(
        "REQUEST_ID_REUSED",
        "REQUEST_ID",
        &id,
        "request_id was used for a different request; use a new one",
        &[("request_id", id.clone())],
    )
}

/// RESOURCE_EXHAUSTED with `QuotaFailure` and `RetryInfo`.
pub fn resource_exhausted(
    reason: &str,
    subject: &str,
    description: &str,
    retry_after: Duration,
) -> Status {
    let metadata = [("subject", subject.to_owned()), retry_entry(retry_after)];
    build(Code::ResourceExhausted, reason, description, metadata, |details| {
        details.add_quota_failure_violation(subject, description);
        details.set_retry_info(Some(retry_after));
    })
}

/// RESOURCE_EXHAUSTED `OVERLOADED`: this process has enough to do.
pub(crate) fn overloaded(retry_after: Duration) -> Status {
    resource_exhausted("OVERLOADED", "server", "too many calls at once; retry later", retry_after)
}

/// RESOURCE_EXHAUSTED `MESSAGE_TOO_LARGE`; retrying does not help.
pub(crate) fn message_too_large(limit_bytes: usize) -> Status {
    let text = format!("the message is larger than {limit_bytes} bytes");
    let metadata = [("limit", limit_bytes.to_string())];
    build(Code::ResourceExhausted, "MESSAGE_TOO_LARGE", text.clone(), metadata, |details| {
        details.add_quota_failure_violation("message", text);
    })
}

/// INVALID_ARGUMENT `MALFORMED_MESSAGE`: the bytes are not the method's request.
pub(crate) fn malformed_message(method: &str) -> Status {
    let text = format!("the bytes sent are not a valid request of {method}");
    let metadata = [("method", method.to_owned())];
    build(Code::InvalidArgument, "MALFORMED_MESSAGE", text.clone(), metadata, |details| {
        details.add_bad_request_violation("", text);
    })
}

/// UNIMPLEMENTED `METHOD_UNKNOWN`.
pub(crate) fn method_unknown(method: &str) -> Status {
    let method = cut(method);
    let text = format!("this server has no method {method}");
    build(Code::Unimplemented, "METHOD_UNKNOWN", text, [("method", method)], nothing)
}

/// UNAVAILABLE with `RetryInfo`: a dependency is away, or the process is draining.
pub fn unavailable(reason: &str, retry_after: Duration) -> Status {
    let text = "temporarily unavailable; retry the same request";
    build(Code::Unavailable, reason, text, [retry_entry(retry_after)], |details| {
        details.set_retry_info(Some(retry_after));
    })
}

fn retry_entry(retry_after: Duration) -> (&'static str, String) {
    ("retry_after_ms", retry_after.as_millis().to_string())
}

/// DEADLINE_EXCEEDED `DEADLINE_EXCEEDED` of a call that changes nothing.
pub(crate) fn deadline_exceeded() -> Status {
    let text = "the deadline passed before the answer was ready";
    build(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", text, [], nothing)
}

/// DEADLINE_EXCEEDED `OUTCOME_UNKNOWN` of a call that may have changed something.
pub fn outcome_unknown() -> Status {
    let text = "it is not known whether the change was made; retry with the same request_id";
    build(Code::DeadlineExceeded, "OUTCOME_UNKNOWN", text, [], nothing)
}

/// INTERNAL `INTERNAL`: logged here, once, with its chain; the caller sees only an incident's id.
pub fn internal(error: &(dyn StdError + 'static)) -> Status {
    internal_because(&chain(error))
}

pub(crate) fn internal_because(cause: &str) -> Status {
    let incident = Uuid::now_v7().to_string();
    tracing::error!(incident, error = cause, "internal error");
    let text = format!("internal error; incident {incident}");
    build(Code::Internal, "INTERNAL", text, [("incident", incident.clone())], |details| {
        details.set_request_info(incident, "");
    })
}

/// A status that somebody below raised without details: the same code and text with an `ErrorInfo`.
pub(crate) fn explained(status: &Status) -> Status {
    let explain = |reason: &str| {
        let details = ErrorDetails::with_error_info(reason, DOMAIN, HashMap::new());
        let metadata = status.metadata().clone();
        Status::with_error_details_and_metadata(status.code(), status.message(), details, metadata)
    };
    match status.code() {
        // Health knows no such service.
        Code::NotFound => explain("RESOURCE_NOT_FOUND"),
        // The metadata lists the encodings that are known.
        Code::Unimplemented => explain("ENCODING_UNKNOWN"),
        _ => explain("TRANSPORT"),
    }
}

/// The code as the contract and the telemetry spell it.
pub(crate) fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
