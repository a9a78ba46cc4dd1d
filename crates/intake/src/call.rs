//! One call: its caller, its tenant, its time, and its target.
use std::ops::Deref;

use chassis::fields::Fields;
use chassis::rpc::{self, RequestContext};
use domain::ids::TicketId;
use domain::priority::Channel;
use domain::role::Role;
use domain::ticket::Permission;
use eventlog::{Cause, RequestId};
use jiff::tz::TimeZone;
use tonic::Status;
use uuid::Uuid;

use crate::identity::{self, Source};

/// A call, in the words of tickets.
pub(crate) struct Call {
    pub(crate) call: calls::Call,
    /// The zone whose days count.
    pub(crate) zone: TimeZone,
}

impl Deref for Call {
    type Target = calls::Call;

    fn deref(&self) -> &calls::Call {
        &self.call
    }
}

/// What a change is meant for: the request's identity, what it changes, its expected
/// version.
pub(crate) struct Target {
    pub(crate) request: RequestId,
    /// The ticket, party or contact.
    pub(crate) id: Uuid,
    pub(crate) etag: Option<u32>,
    pub(crate) source: Source,
}

impl Target {
    /// The same request, meant for that ticket whatever its version.
    pub(crate) fn to(&self, ticket_id: TicketId) -> Self {
        Self { id: ticket_id.0, etag: None, ..*self }
    }
}

impl Call {
    pub(crate) fn role(&self) -> Role {
        role(&self.context)
    }

    /// PERMISSION_DENIED unless the caller's role has the permission.
    pub(crate) fn require(&self, permission: Permission) -> Result<(), Status> {
        require(&self.context, permission)
    }

    /// The ticket that the request changes.
    pub(crate) fn target<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        meant: (&str, &str, &str),
    ) -> Target {
        self.target_of(fields, message, "ticket_id", meant)
    }

    /// The ticket, party or contact that the request changes, named by the field `id_field`.
    pub(crate) fn target_of<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        id_field: &str,
        (request_id, id, etag): (&str, &str, &str),
    ) -> Target {
        let id = fields.uuid(id_field, id);
        let etag = fields.etag("etag", etag);
        Target { id, etag, ..self.creation(fields, message, request_id) }
    }

    /// The ticket, party or contact that the request creates.
    pub(crate) fn creation<M: prost::Message>(
        &self,
        fields: &mut Fields,
        message: &M,
        request_id: &str,
    ) -> Target {
        self.meant_by(self.request(fields, message, request_id))
    }

    /// The ticket that a message of a channel may begin: the message's id there is that of the
    /// request.
    pub(crate) fn reception<M: prost::Message>(
        &self,
        message: &M,
        channel: Channel,
        external_id: &str,
    ) -> Target {
        let id = identity::external(&self.tenant.name, channel, external_id);
        self.meant_by(self.identified(message, id))
    }

    fn meant_by(&self, request: RequestId) -> Target {
        let source = Source::new(&self.tenant.name, &self.context.method, request.id);
        Target { request, id: source.ticket().0, etag: None, source }
    }

    /// Why the events of this call happen.
    pub(crate) fn cause(&self, target: &Target) -> Cause {
        self.call.cause(target.request, target.id, target.etag)
    }
}

/// PERMISSION_DENIED unless the role of the context has the permission.
pub(crate) fn require(context: &RequestContext, permission: Permission) -> Result<(), Status> {
    match permission.is_of(role(context)) {
        true => Ok(()),
        false => Err(chassis::status::permission_denied(permission.name())),
    }
}

/// The role of a call, in the words of the business.
pub(crate) fn role(context: &RequestContext) -> Role {
    match context.actor.role {
        rpc::Role::Customer => Role::Customer,
        rpc::Role::Agent => Role::Agent,
        rpc::Role::Expert => Role::Expert,
        rpc::Role::Lead => Role::Lead,
        rpc::Role::SlaManager => Role::SlaManager,
        rpc::Role::ProcessOwner => Role::ProcessOwner,
        rpc::Role::Integrator => Role::Integrator,
        rpc::Role::System => Role::System,
        rpc::Role::Admin => Role::Admin,
        rpc::Role::Auditor => Role::Auditor,
        rpc::Role::Analyst => Role::Analyst,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_name() {
        let context = |role| RequestContext {
            tenant: "acme".to_owned(),
            actor: rpc::Actor { id: "agent-17".to_owned(), role },
            traceparent: None,
            deadline: None,
            method: String::new(),
        };
        let names = rpc::Role::ALL.map(|role| self::role(&context(role)).name());
        assert_eq!(names, rpc::Role::ALL.map(rpc::Role::as_str));
        assert_eq!(names, Role::ALL.map(Role::name));
    }
}
