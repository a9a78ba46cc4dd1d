//! The context of a call, read from its metadata: tenant, actor, role, deadline, trace.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tonic::Status;
use tonic::metadata::errors::InvalidMetadataValue;
use tonic::metadata::{MetadataMap, MetadataValue};

use crate::fields::{NAME_RULE, is_name};
use crate::status;
use crate::telemetry::trace;

/// Metadata key of the tenant's name.
pub(crate) const TENANT_HEADER: &str = "x-odzew-tenant";
/// Metadata key of the actor's opaque id.
pub(crate) const ACTOR_HEADER: &str = "x-odzew-actor";
/// Metadata key of the actor's role.
pub(crate) const ROLE_HEADER: &str = "x-odzew-role";

/// Section `[auth]`.
#[derive(Debug, Clone, Copy, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSettings {
    /// How callers are believed.
    pub mode: AuthMode,
}

/// How callers are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// Metadata is taken at its word; therefore only on this machine.
    TrustedMetadata,
}

/// An address that others could reach while callers are taken at their word.
#[derive(Debug, thiserror::Error)]
#[error(
    "will not listen on {0}: auth.mode = \"trusted-metadata\" believes every caller, so only a \
     loopback address is allowed"
)]
pub struct NotLoopback(SocketAddr);

impl AuthSettings {
    /// Whether a gRPC server may listen there.
    pub fn check_bind(&self, addr: SocketAddr) -> Result<(), NotLoopback> {
        match self.mode {
            AuthMode::TrustedMetadata if !addr.ip().is_loopback() => Err(NotLoopback(addr)),
            AuthMode::TrustedMetadata => Ok(()),
        }
    }
}

/// What an actor may be to the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A customer.
    Customer,
    /// Works on tickets at the first level.
    Agent,
    /// Works on tickets at the second level, with knowledge and authority of their own.
    Expert,
    /// Leads a team of agents.
    Lead,
    /// Owns policies and calendars.
    SlaManager,
    /// Owns routing rules and workflows.
    ProcessOwner,
    /// Another system.
    Integrator,
    /// Odzew itself.
    System,
    /// Runs the installation.
    Admin,
    /// Reads everything, changes nothing.
    Auditor,
    /// Reads reports.
    Analyst,
}

impl Role {
    /// All roles, in the order above.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::Agent,
        Self::Expert,
        Self::Lead,
        Self::SlaManager,
        Self::ProcessOwner,
        Self::Integrator,
        Self::System,
        Self::Admin,
        Self::Auditor,
        Self::Analyst,
    ];

    /// Everybody but customers: who may see what belongs to all parties.
    pub const ALL_BUT_CUSTOMER: [Self; 10] = {
        let [Self::Customer, others @ ..] = Self::ALL else { unreachable!() };
        others
    };

    /// The role as it is written in metadata and events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Expert => "expert",
            Self::Lead => "lead",
            Self::SlaManager => "sla-manager",
            Self::ProcessOwner => "process-owner",
            Self::Integrator => "integrator",
            Self::System => "system",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be one of customer, agent, expert, lead, sla-manager, process-owner, integrator, \
     system, admin, auditor, analyst"
)]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Opaque id of 1 to 64 of `A-Z a-z 0-9 . _ : -`; never a name or an address.
    pub id: String,
    /// In which role.
    pub role: Role,
}

/// What a handler knows about the call besides its message.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// Name of the tenant; not yet known to exist.
    pub tenant: String,
    /// Who asks.
    pub actor: Actor,
    /// W3C trace context of this call.
    pub traceparent: Option<String>,
    /// When the caller stops waiting.
    pub deadline: Option<Instant>,
    /// Full path, `/package.Service/Method`.
    pub method: String,
}

/// What the server tells the handler about the call.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) deadline: Option<Instant>,
}

impl RequestContext {
    /// Reads the context; UNAUTHENTICATED `CONTEXT_MISSING` or INVALID_ARGUMENT naming the header.
    pub fn from_request<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        let metadata = request.metadata();
        let tenant = header(metadata, TENANT_HEADER)?;
        if !is_name(tenant) {
            return Err(status::invalid_field(TENANT_HEADER, NAME_RULE));
        }
        let actor = header(metadata, ACTOR_HEADER)?;
        if !is_actor_id(actor) {
            let rule = "must be 1 to 64 of A-Z, a-z, 0-9, \".\", \"_\", \":\" and \"-\"";
            return Err(status::invalid_field(ACTOR_HEADER, rule));
        }
        let role = header(metadata, ROLE_HEADER)?
            .parse::<Role>()
            .map_err(|rule| status::invalid_field(ROLE_HEADER, rule.to_string()))?;
        let call = request.extensions().get::<Call>();
        Ok(Self {
            tenant: tenant.to_owned(),
            actor: Actor { id: actor.to_owned(), role },
            traceparent: trace::current_traceparent().or_else(|| trace::received(metadata)),
            deadline: call.and_then(|call| call.deadline),
            method: call.map(|call| call.method.clone()).unwrap_or_default(),
        })
    }

    /// PERMISSION_DENIED unless the actor has one of the roles; `permission` names what was wanted.
    pub fn require_role(&self, permission: &str, allowed: &[Role]) -> Result<(), Status> {
        match allowed.contains(&self.actor.role) {
            true => Ok(()),
            false => Err(status::permission_denied(permission)),
        }
    }
}

/// First 16 bytes of `sha256(method path ‖ encoded request)`.
pub fn fingerprint(method_path: &str, encoded: &[u8]) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(method_path.as_bytes());
    hasher.update(encoded);
    let digest: [u8; 32] = hasher.finalize().into();
    let mut first = [0; 16];
    first.copy_from_slice(&digest[..16]);
    first
}

/// Writes the context of an outgoing call: actor, tenant and the current trace.
pub fn put_context(
    metadata: &mut MetadataMap,
    tenant: &str,
    actor: &Actor,
) -> Result<(), InvalidMetadataValue> {
    metadata.insert(TENANT_HEADER, MetadataValue::try_from(tenant)?);
    metadata.insert(ACTOR_HEADER, MetadataValue::try_from(actor.id.as_str())?);
    metadata.insert(ROLE_HEADER, MetadataValue::from_static(actor.role.as_str()));
    trace::inject(metadata);
    Ok(())
}

fn header<'a>(metadata: &'a MetadataMap, name: &'static str) -> Result<&'a str, Status> {
    let mut values = metadata.get_all(name).iter();
    let value = values.next().ok_or_else(|| status::context_missing(name))?;
    if values.next().is_some() {
        // A proxy would read the one, we the other.
        return Err(status::invalid_field(name, "must be given once"));
    }
    value.to_str().map_err(|_| status::invalid_field(name, "must be ASCII"))
}

fn is_actor_id(id: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    (1..=64).contains(&id.len()) && id.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use tonic_types::StatusExt;

    fn request(entries: &[(&'static str, &str)]) -> tonic::Request<()> {
        let mut request = tonic::Request::new(());
        for (name, value) in entries {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        request
    }

    const GOOD: [(&str, &str); 3] =
        [(TENANT_HEADER, "acme"), (ACTOR_HEADER, "agent-17"), (ROLE_HEADER, "sla-manager")];

    #[test]
    fn a_complete_context_is_read() {
        let context = RequestContext::from_request(&request(&GOOD)).unwrap();
        assert_eq!(context.tenant, "acme");
        assert_eq!(context.actor, Actor { id: "agent-17".to_owned(), role: Role::SlaManager });
        assert!(context.require_role("policy.edit", &[Role::SlaManager]).is_ok());
        let refusal = context.require_role("admin.run", &[Role::Admin]).unwrap_err();
        assert_eq!(refusal.code(), tonic::Code::PermissionDenied);
    }

    #[test]
    fn a_missing_header_is_named() {
        let status = RequestContext::from_request(&request(&GOOD[..2])).unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.reason, "CONTEXT_MISSING");
        assert_eq!(info.metadata["header"], ROLE_HEADER);
    }

    #[test]
    fn a_bad_header_is_named_with_its_rule() {
        for (name, value) in
            [(TENANT_HEADER, "Acme"), (ACTOR_HEADER, "a@b.c"), (ROLE_HEADER, "boss")]
        {
            let mut entries = GOOD;
            entries.iter_mut().find(|entry| entry.0 == name).unwrap().1 = value;
            let status = RequestContext::from_request(&request(&entries)).unwrap_err();
            assert_eq!(status.code(), tonic::Code::InvalidArgument);
            let violations = status.get_details_bad_request().unwrap().field_violations;
            assert_eq!(violations[0].field, name);
        }
    }

    #[test]
    fn a_header_given_twice_is_refused() {
        let mut twice = request(&GOOD);
        twice.metadata_mut().append(TENANT_HEADER, "other".parse().unwrap());
        let status = RequestContext::from_request(&twice).unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument);
        assert_eq!(status.get_details_error_info().unwrap().metadata["fields"], TENANT_HEADER);
    }

    #[test]
    fn the_fingerprint_depends_on_method_and_message() {
        assert_eq!(fingerprint("/a/B", b"x"), fingerprint("/a/B", b"x"));
        assert_ne!(fingerprint("/a/B", b"x"), fingerprint("/a/B", b"y"));
        assert_ne!(fingerprint("/a/B", b"x"), fingerprint("/a/C", b"x"));
    }

    #[test]
    fn only_loopback_is_trusted() {
        let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
        auth.check_bind("127.0.0.1:0".parse().unwrap()).unwrap();
        auth.check_bind("[::1]:7601".parse().unwrap()).unwrap();
        let error = auth.check_bind("0.0.0.0:7601".parse().unwrap()).unwrap_err();
        assert!(error.to_string().contains("0.0.0.0:7601"), "{error}");
    }
}
