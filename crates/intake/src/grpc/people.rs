//! What calls about parties and contacts share: checking the caller, and freshness.
use chassis::fields::Fields;
use chassis::page::{Page, Sizes};
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
const PAGE: Sizes = Sizes { default: 50, most: 50 };

/// Which page of which of a party's lists is asked for.
pub(super) struct OfParty<'a> {
    pub(super) list: &'static str,
    pub(super) party_id: &'a str,
    /// Size and token.
    pub(super) page: (i32, &'a str),
    pub(super) consistency_token: Option<&'a ConsistencyToken>,
}

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
        self.of_tenant(context).await
    }

    /// What a refusal needs; `text_field` is the field that can make an event too large.
    pub(super) fn meant(&self, target: &Target, text_field: &'static str) -> Meant {
        Meant { id: target.id, instead: None, call: self.subject_of(target, text_field) }
    }

    /// The one party that has the contact point; `None` if nobody or several have it.
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
        match calls::cursor(&call.tenant, token)? {
            Some(cursor) => self.reached(cursor).await,
            None => Ok(()),
        }
    }

    /// Waits until the read model knows everything that is in the log now.
    pub(super) async fn caught_up(&self, call: &Call) -> Result<(), Status> {
        let partition = call.tenant.partition;
        let head = self.log.head(partition).await;
        let position = head.map_err(|error| self.unreadable(&error))?;
        self.reached(Cursor { partition, position }).await
    }

    /// Waits until the read model has everything up to there.
    async fn reached(&self, cursor: Cursor) -> Result<(), Status> {
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

    /// A page of what belongs to a party, the newest first. `rows` reads so many before a
    /// position, each with its own.
    pub(super) async fn page_of_party<T, F>(
        &self,
        call: &Call,
        asked: OfParty<'_>,
        rows: impl FnOnce(PartyId, i64, i64) -> F + Send,
    ) -> Result<(Vec<T>, String), Status>
    where
        T: Send,
        F: Future<Output = Result<Vec<(i64, T)>, HandlerError>> + Send,
    {
        let mut fields = Fields::new();
        let party_id = PartyId(fields.uuid("party_id", asked.party_id));
        fields.finish()?;
        // A page belongs to the list of one party.
        let scope = format!("{}/{}", call.tenant.name, party_id.0);
        let page = Page::read(asked.list, scope, asked.page, PAGE)?;
        self.as_fresh_as(call, asked.consistency_token).await?;
        let before = page.after()?.unwrap_or(i64::MAX);
        let rows = self.queried(rows(party_id, before, page.limit()).await)?;
        let (rows, next_page_token) = page.cut(rows, |(position, _)| *position);
        Ok((rows.into_iter().map(|(_, row)| row).collect(), next_page_token))
    }

    pub(super) fn queried<T>(&self, answer: Result<T, HandlerError>) -> Result<T, Status> {
        answer.map_err(|error| status::people::not_queried(&error, self.config.retry_after))
    }
}
