//! Rewrites the transport's own statuses to the error contract.
//!
//! tonic answers some faults before a handler runs, with codes of its own choice and without
//! details: too large a message with OUT_OF_RANGE or RESOURCE_EXHAUSTED, malformed bytes with
//! INTERNAL and the decoder's text. Such a status has no details; a status of ours always has.

use http::HeaderMap;
use tonic::{Code, Status};

use crate::status;

/// Beginnings of tonic's and prost's texts for a request that cannot be read.
const MALFORMED: [&str; 5] = [
    "failed to decode Protobuf message",
    "Error decompressing",
    "protocol error",
    "Missing request message",
    "Unexpected EOF decoding stream",
];
const TOO_LARGE: [&str; 2] =
    ["Error, decoded message length too large", "Error decompressing: size limit"];

/// The status to answer instead, if these headers end the call with a status that is not ours.
pub(super) fn rewritten(headers: &HeaderMap, path: &str, max_bytes: usize) -> Option<Status> {
    let status = Status::from_header_map(headers)?;
    if status.code() == Code::Ok || !status.details().is_empty() {
        return None;
    }
    let starts = |texts: &[&str]| texts.iter().any(|text| status.message().starts_with(text));
    Some(match status.code() {
        Code::OutOfRange | Code::ResourceExhausted if starts(&TOO_LARGE) => {
            status::message_too_large(max_bytes)
        }
        Code::Internal if starts(&MALFORMED) => status::malformed_message(path),
        Code::Unimplemented if status.message().is_empty() => status::method_unknown(path),
        Code::Internal | Code::Unknown | Code::DataLoss => {
            status::internal_because(&format!("{path}: {}", status.message()))
        }
        _ => status::explained(&status),
    })
}
