//! One call: its caller, its tenant, its time, and the position of the log after it.
use std::time::Duration;

use chassis::clock::Clock;
use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role, fingerprint};
use chassis::status;
use eventlog::{Actor, Cause, Cursor, Log, Partition, RequestId, Tenant};
use jiff::Timestamp;
use tonic::Status;
use uuid::Uuid;
use wire::common::v1::{ActorKind, ConsistencyToken};

use crate::failure::unreadable;

/// A call whose caller and tenant are known.
pub struct Call {
    /// Who asks, and how.
    pub context: RequestContext,
    /// For whom.
    pub tenant: Tenant,
    /// When the call came.
    pub now: Timestamp,
}

impl Call {
    /// The call of a caller who may make it; see [`tenant`].
    ///
    /// # Errors
    /// As [`tenant`].
    pub async fn of(
        context: RequestContext,
        log: &Log,
        clock: &dyn Clock,
        retry_after: Duration,
    ) -> Result<Self, Status> {
        let tenant = tenant(log, &context.tenant, retry_after).await?;
        Ok(Self { context, tenant, now: clock.now() })
    }

    /// In which role the caller asks.
    pub fn role(&self) -> Role {
        self.context.actor.role
    }

    /// The request's identity, from its field `request_id` and its whole message.
    pub fn request<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
    ) -> RequestId {
        self.identified(message, fields.uuid("request_id", request_id))
    }

    /// The identity of the request, if it does not come from a `request_id`.
    pub fn identified<M: prost::Message>(&self, message: &M, id: Uuid) -> RequestId {
        let fingerprint = fingerprint(&self.context.method, &message.encode_to_vec());
        RequestId { id, fingerprint }
    }

    /// Why the events of this call happen. `correlation_id` is what they are about;
    /// `expected_version` the one that the caller has seen, if it matters.
    pub fn cause(
        &self,
        request: RequestId,
        correlation_id: Uuid,
        expected_version: Option<u32>,
    ) -> Cause {
        Cause {
            actor: self.actor(),
            request: Some(request),
            causation_id: None,
            correlation_id,
            traceparent: self.context.traceparent.clone(),
            occurred_at: self.now,
            historical: false,
            expected_version,
            follows: None,
            guards: Vec::new(),
        }
    }

    /// Who asks, as events tell it.
    pub fn actor(&self) -> Actor {
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

    /// A position of the tenant's partition, for lists to wait for.
    pub fn token(&self, position: u64) -> ConsistencyToken {
        let partition = self.tenant.partition;
        ConsistencyToken { token: Cursor { partition, position }.to_string() }
    }
}

/// The tenant of that name.
///
/// # Errors
/// FAILED_PRECONDITION `TENANT_UNKNOWN` if it was never created; as [`unreadable`] if the log
/// cannot be asked.
pub async fn tenant(log: &Log, name: &str, retry_after: Duration) -> Result<Tenant, Status> {
    let found = log.tenant(name).await.map_err(|error| unreadable(&error, retry_after))?;
    found.ok_or_else(|| {
        let text = "the tenant is not known; create it with `odzew admin tenant create`";
        let metadata = [("tenant", name.to_owned())];
        status::failed_precondition("TENANT_UNKNOWN", "TENANT", name, text, &metadata)
    })
}

/// The position of the log that the answer must include; `None` if it does not matter.
///
/// # Errors
/// INVALID_ARGUMENT if the token is invalid, or names another tenant's partition.
pub fn cursor(tenant: &Tenant, token: Option<&ConsistencyToken>) -> Result<Option<Cursor>, Status> {
    let Some(token) = token.filter(|token| !token.token.is_empty()) else { return Ok(None) };
    let cursor = token.token.parse().ok();
    let own = cursor.filter(|cursor: &Cursor| cursor.partition == tenant.partition);
    own.map(Some).ok_or_else(|| {
        let example = Cursor { partition: Partition(0), position: 42 };
        let rule =
            format!("must be a token as a mutation of this tenant returned it, like {example}");
        status::invalid_field("consistency_token", rule)
    })
}
