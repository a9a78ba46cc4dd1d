//! The target of a call.
use calls::Call;
use chassis::fields::Fields;
use eventlog::{Cause, RequestId};
use uuid::Uuid;

/// What a change is meant for: the request's identity, the stream, its expected version.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) request: RequestId,
    /// The ticket of the route, or the tenant's directory or rules.
    pub(crate) id: Uuid,
    etag: Option<u32>,
}

impl Target {
    /// The route that the request changes.
    pub(crate) fn route<M: prost::Message>(
        call: &Call,
        fields: &mut Fields,
        message: &M,
        (request_id, ticket_id, etag): (&str, &str, &str),
    ) -> Self {
        let id = fields.uuid("ticket_id", ticket_id);
        let etag = fields.etag("etag", etag);
        Self { request: call.request(fields, message, request_id), id, etag }
    }

    /// The stream `id`, at any version.
    pub(crate) fn new<M: prost::Message>(
        call: &Call,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
        id: Uuid,
    ) -> Self {
        Self { request: call.request(fields, message, request_id), id, etag: None }
    }

    /// Why the events of this change happen.
    pub(crate) fn cause(&self, call: &Call) -> Cause {
        call.cause(self.request, self.id, self.etag)
    }
}
