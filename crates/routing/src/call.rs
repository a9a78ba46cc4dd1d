//! One call: who asks, for which tenant, when, and what is to change.
use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role};
use eventlog::{Actor, Cause, RequestId, Tenant};
use jiff::Timestamp;
use uuid::Uuid;
use wire::common::v1::ActorKind;

/// A call whose caller and tenant are known.
pub(crate) struct Call {
    pub(crate) context: RequestContext,
    pub(crate) tenant: Tenant,
    pub(crate) now: Timestamp,
}

/// What a change is meant for: the request's identity, the stream, its expected version.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) request: RequestId,
    /// The ticket of the route, or the tenant's directory or rules.
    pub(crate) id: Uuid,
    pub(crate) etag: Option<u32>,
}

impl Call {
    pub(crate) fn role(&self) -> Role {
        self.context.actor.role
    }

    /// The route that the request changes.
    pub(crate) fn route<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        (request_id, ticket_id, etag): (&str, &str, &str),
    ) -> Target {
        let id = fields.uuid("ticket_id", ticket_id);
        let etag = chassis::status::parse_etag("etag", etag).unwrap_or_else(|_| {
            fields.refuse("etag", "must be an etag as returned, with its quotes");
            None
        });
        Target { etag, ..self.target(fields, message, request_id, id) }
    }

    /// The stream `id`, at any version.
    pub(crate) fn target<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
        id: Uuid,
    ) -> Target {
        let fingerprint = chassis::rpc::fingerprint(&self.context.method, &message.encode_to_vec());
        let request = RequestId { id: fields.uuid("request_id", request_id), fingerprint };
        Target { request, id, etag: None }
    }

    /// Why the events of this call happen.
    pub(crate) fn cause(&self, target: &Target) -> Cause {
        Cause {
            actor: self.actor(),
            request: Some(target.request),
            causation_id: None,
            correlation_id: target.id,
            traceparent: self.context.traceparent.clone(),
            occurred_at: self.now,
            historical: false,
            expected_version: target.etag,
            follows: None,
        }
    }

    pub(crate) fn actor(&self) -> Actor {
        let kind = match self.role() {
            Role::Customer => ActorKind::Customer,
            Role::Integrator => ActorKind::Integrator,
            Role::System => ActorKind::System,
            Role::Agent
            | Role::Expert
            | Role::Lead
            | Role::SlaManager
            | Role::ProcessOwner
            | Role::Admin
            | Role::Auditor
            | Role::Analyst => ActorKind::Agent,
        };
        Actor { kind, id: self.context.actor.id.clone(), role: self.role().to_string() }
    }
}
