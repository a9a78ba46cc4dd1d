//! One call: who asks, for which tenant, when, and what is to change.
use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role};
use domain::slaconfig;
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

impl Call {
    /// The stream of the tenant's policies and calendars.
    pub(crate) fn config_id(&self) -> Uuid {
        slaconfig::stream_id(&self.tenant.name)
    }

    /// The request's identity.
    pub(crate) fn request<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
    ) -> RequestId {
        let fingerprint = chassis::rpc::fingerprint(&self.context.method, &message.encode_to_vec());
        RequestId { id: fields.uuid("request_id", request_id), fingerprint }
    }

    /// Why the events of this call happen; `correlation_id` is what they are about.
    pub(crate) fn cause(&self, request: RequestId, correlation_id: Uuid) -> Cause {
        Cause {
            actor: self.actor(),
            request: Some(request),
            causation_id: None,
            correlation_id,
            traceparent: self.context.traceparent.clone(),
            occurred_at: self.now,
            historical: false,
            expected_version: None,
            follows: None,
        }
    }

    fn actor(&self) -> Actor {
        let role = self.context.actor.role;
        let kind = match role {
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
        Actor { kind, id: self.context.actor.id.clone(), role: role.to_string() }
    }
}
