//! What the calls on parties and contacts share: who asks, and how fresh the answer is.
use chassis::rpc::{RequestContext, Role};
use domain::identity::ContactPoint;
use domain::ids::PartyId;
use eventlog::{Cursor, HandlerError};
use tokio::time::{Instant, sleep};
use tonic::{Request, Status};
use wire::common::v1::ConsistencyToken;

use super::Intake;
use crate::call::{Call, Target};
use crate::read_model::{parties, position};
use crate::status;
use crate::status::people::Meant;

/// Who keeps parties and contacts.
pub(super) const WRITE: &[Role] =
    &[Role::Agent, Role::Expert, Role::Lead, Role::Integrator, Role::System];
/// Who sees them.
pub(super) const READ: &[Role] = &[
    Role::Agent,
    Role::Expert,
    Role::Lead,
    Role::ProcessOwner,
    Role::Integrator,
    Role::System,
    Role::Auditor,
];
/// Most entries of a list in one answer.
pub(super) const PAGE_SIZE: usize = 50;

impl Intake {
    /// Who asks for which tenant; whether the role may is settled before anything is read.
    pub(super) async fn caller<T>(
        &self,
        request: &Request<T>,
        permission: &str,
        roles: &[Role],
    ) -> Result<Call, Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role(permission, roles)?;
        let tenant = self.log.tenant(&context.tenant).await;
        let tenant = tenant
            .map_err(|error| status::unreadable(&error, self.config.retry_after))?
            .ok_or_else(|| status::tenant_unknown(&context.tenant))?;
        Ok(Call { context, tenant, now: self.clock.now() })
    }

    /// What a refusal is told with; `text_field` is the field that can make an event too large.
    pub(super) fn meant(&self, target: &Target, text_field: &'static str) -> Meant {
        Meant {
            id: target.id,
            request_id: target.request.id,
            text_field,
            retry_after: self.config.retry_after,
        }
    }

    /// The one party that has the contact point; none if nobody or several have it.
    pub(super) async fn recognise(
        &self,
        call: &Call,
        point: &ContactPoint,
    ) -> Result<Option<PartyId>, HandlerError> {
        let Some(index) = self.index.of(&call.tenant.name, point) else { return Ok(None) };
        let found = parties::find(&self.pool, call.tenant.key, &index, 2).await?;
        match found.as_slice() {
            [one] => Ok(Some(*one)),
            _ => Ok(None),
        }
    }

    /// Waits until the read model is as fresh as the token asks.
    pub(super) async fn as_fresh_as(
        &self,
        call: &Call,
        token: Option<&ConsistencyToken>,
    ) -> Result<(), Status> {
        let Some(token) = token.filter(|token| !token.token.is_empty()) else { return Ok(()) };
        let cursor: Cursor =
            token.token.parse().map_err(|_| status::people::consistency_token_invalid())?;
        if cursor.partition != call.tenant.partition {
            return Err(status::people::consistency_token_invalid());
        }
        self.reached(cursor).await
    }

    /// Waits until the read model has everything up to there.
    pub(super) async fn reached(&self, cursor: Cursor) -> Result<(), Status> {
        let until = Instant::now() + self.config.consistency_wait;
        loop {
            let reached = position::reached(&self.pool, cursor.partition).await;
            if self.queried(reached.map_err(Into::into))? >= cursor.position {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(status::people::not_caught_up(self.config.retry_after));
            }
            sleep(self.config.position_poll).await;
        }
    }

    pub(super) fn queried<T>(&self, answer: Result<T, HandlerError>) -> Result<T, Status> {
        answer.map_err(|error| status::people::not_queried(&error, self.config.retry_after))
    }
}
