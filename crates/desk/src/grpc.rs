//! The handlers: who asks, what for, how fresh; then one question to the tables.
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use chassis::fields::Fields;
use chassis::rpc::{RequestContext, Role};
use domain::role;
use eventlog::sealing::Keyring;
use eventlog::{Cursor, Log, Tenant};
use futures::{Stream, StreamExt as _};
use sqlx::PgPool;
use tokio::time::Instant;
use tonic::{Request, Response, Status};
use wire::common::v1::ConsistencyToken;
use wire::desk::v1::desk_service_server::DeskService;
use wire::desk::v1::{
    GetTicketSummaryRequest, GetTicketSummaryResponse, GetTimelineRequest, GetTimelineResponse,
    ListComplaintsRequest, ListComplaintsResponse, ListTicketsRequest, ListTicketsResponse,
    WatchTicketsRequest, WatchTicketsResponse,
};

use crate::config::Config;
use crate::freshness::Freshness;
use crate::query::{self, Complaints, List};
use crate::read_model::tickets::{Name, Page};
use crate::read_model::{complaints, tickets, timeline};
use crate::token::{self, Place, Purpose, Scope, Sealer};
use crate::view::Subjects;
use crate::watch::Watch;
use crate::watchers::Watchers;
use crate::{status, view};

/// Everybody but customers: a list shows the tickets of all parties. Their subjects are opened
/// for those alone who may read a ticket.
const READERS: [Role; 10] = [
    Role::Agent,
    Role::Expert,
    Role::Lead,
    Role::SlaManager,
    Role::ProcessOwner,
    Role::Integrator,
    Role::System,
    Role::Admin,
    Role::Auditor,
    Role::Analyst,
];

/// The service's API.
pub(crate) struct Desk {
    log: Log,
    pool: PgPool,
    keys: Keyring,
    freshness: Arc<Freshness>,
    sealer: Sealer,
    config: Config,
    watchers: Watchers,
}

impl Desk {
    pub(crate) fn new(
        log: Log,
        pool: PgPool,
        keys: Keyring,
        freshness: Arc<Freshness>,
        sealer: Sealer,
        config: Config,
    ) -> Self {
        let watchers = Watchers::new(&config.watch);
        Self { log, pool, keys, freshness, sealer, config, watchers }
    }

    /// The caller's tenant, if the caller may list tickets, and what the caller may see of them.
    async fn caller<T>(&self, request: &Request<T>) -> Result<(Tenant, Subjects), Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role("tickets.read", &READERS)?;
        let found = self.log.tenant(&context.tenant).await;
        let tenant = found
            .map_err(|error| status::log_unreadable(&error, self.config.retry_after))?
            .ok_or_else(|| status::tenant_unknown(&context.tenant))?;
        let reads = may_read(context.actor.role);
        let keys = reads.then(|| self.keys.clone());
        Ok((tenant, Subjects(keys)))
    }

    async fn tenant<T>(&self, request: &Request<T>) -> Result<Tenant, Status> {
        Ok(self.caller(request).await?.0)
    }

    /// Waits until the tables hold what the caller has seen.
    async fn as_fresh_as(
        &self,
        tenant: &Tenant,
        token: Option<&ConsistencyToken>,
    ) -> Result<(), Status> {
        let Some(token) = token.filter(|token| !token.token.is_empty()) else { return Ok(()) };
        let cursor: Cursor =
            token.token.parse().map_err(|_| status::consistency_token_invalid())?;
        if cursor.partition != tenant.partition {
            return Err(status::consistency_token_invalid());
        }
        let fresh = self.freshness.at_least(cursor).await;
        fresh.map_err(|error| status::not_fresh(&error, self.config.retry_after))
    }

    fn unreadable(&self, error: &crate::read_model::Error) -> Status {
        status::unreadable(error, self.config.retry_after)
    }

    async fn find(&self, tenant: &Tenant, name: &Name) -> Result<tickets::Ticket, Status> {
        let found = tickets::find(&self.pool, tenant.key, name).await;
        let found = found.map_err(|error| self.unreadable(&error))?;
        found.ok_or_else(|| match name {
            Name::Id(id) => status::no_ticket(&id.to_string()),
            Name::Number(text) | Name::External(text) => status::no_ticket(text),
        })
    }

    /// Where a new watch begins.
    async fn beginning(
        &self,
        tenant: &Tenant,
        scope: Scope,
        resume_token: &str,
    ) -> Result<Place, Status> {
        let now = self.freshness.now(tenant.partition).await;
        let now = now.map_err(|error| self.unreadable(&error))?;
        let now = now
            .map(|reached| Place { epoch: reached.epoch, position: reached.position })
            .ok_or_else(|| {
                chassis::status::unavailable("NOT_CAUGHT_UP", self.config.retry_after)
            })?;
        if resume_token.is_empty() {
            return Ok(now);
        }
        let place = self.sealer.open::<Place>(scope, resume_token);
        place.filter(|place| place.epoch == now.epoch).ok_or_else(status::resume_token_invalid)
    }
}

#[tonic::async_trait]
impl DeskService for Desk {
    async fn list_tickets(
        &self,
        request: Request<ListTicketsRequest>,
    ) -> Result<Response<ListTicketsResponse>, Status> {
        let (tenant, subjects) = self.caller(&request).await?;
        let request = request.into_inner();
        let wanted = List::read(&request)?;
        let scope = Scope { purpose: Purpose::List, tenant: tenant.key, arguments: wanted.hash };
        let after = after(&self.sealer, scope, &request.page_token)?;
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        // One more than asked for tells whether there is a next page.
        let page = Page { order: wanted.order, after, limit: wanted.size + 1 };
        let found = tickets::list(&self.pool, tenant.key, &wanted.filter, page).await;
        let mut found = found.map_err(|error| self.unreadable(&error))?;
        let next_page_token = cut(&mut found, wanted.size)
            .map(|last| self.sealer.seal(scope, &wanted.order.place(last)))
            .unwrap_or_default();
        let tickets = view::tickets(&subjects, &tenant, found).await;
        Ok(Response::new(ListTicketsResponse { tickets, next_page_token }))
    }

    async fn list_complaints(
        &self,
        request: Request<ListComplaintsRequest>,
    ) -> Result<Response<ListComplaintsResponse>, Status> {
        let tenant = self.tenant(&request).await?;
        let request = request.into_inner();
        let wanted = Complaints::read(&request)?;
        let (purpose, arguments) = (Purpose::Complaints, wanted.hash);
        let scope = Scope { purpose, tenant: tenant.key, arguments };
        let after = after(&self.sealer, scope, &request.page_token)?;
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        let (filter, size) = (&wanted.filter, wanted.size);
        let found = complaints::list(&self.pool, tenant.key, filter, after, size + 1).await;
        let mut complaints = found.map_err(|error| self.unreadable(&error))?;
        let last = cut(&mut complaints, size).and_then(view::last_complaint);
        let next_page_token = last.map(|last| self.sealer.seal(scope, &last)).unwrap_or_default();
        Ok(Response::new(ListComplaintsResponse { complaints, next_page_token }))
    }

    async fn get_ticket_summary(
        &self,
        request: Request<GetTicketSummaryRequest>,
    ) -> Result<Response<GetTicketSummaryResponse>, Status> {
        let (tenant, subjects) = self.caller(&request).await?;
        let request = request.into_inner();
        let name = query::name(&request)?;
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;
        let ticket = self.find(&tenant, &name).await?;
        let ticket = view::tickets(&subjects, &tenant, vec![ticket]).await.pop();
        Ok(Response::new(GetTicketSummaryResponse { ticket }))
    }

    async fn get_timeline(
        &self,
        request: Request<GetTimelineRequest>,
    ) -> Result<Response<GetTimelineResponse>, Status> {
        let tenant = self.tenant(&request).await?;
        let request = request.into_inner();
        let mut fields = Fields::new();
        let ticket_id = fields.uuid("ticket_id", &request.ticket_id);
        let size = query::page_size(&mut fields, query::TIMELINE, request.page_size);
        fields.finish()?;
        let arguments = token::hash(ticket_id.as_bytes());
        let scope = Scope { purpose: Purpose::Timeline, tenant: tenant.key, arguments };
        let after: Option<Place> = after(&self.sealer, scope, &request.page_token)?;
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        self.find(&tenant, &Name::Id(ticket_id)).await?;
        let after = after.map_or(0, |place| place.position);
        let found = timeline::page(&self.pool, tenant.key, ticket_id, after, size + 1).await;
        let mut found = found.map_err(|error| self.unreadable(&error))?;
        let next_page_token = cut(&mut found, size)
            .map(|last| Place { epoch: 0, position: last.position.unsigned_abs() })
            .map(|place| self.sealer.seal(scope, &place))
            .unwrap_or_default();
        let entries = found.into_iter().map(view::entry).collect();
        Ok(Response::new(GetTimelineResponse { entries, next_page_token }))
    }

    type WatchTicketsStream =
        Pin<Box<dyn Stream<Item = Result<WatchTicketsResponse, Status>> + Send>>;

    async fn watch_tickets(
        &self,
        request: Request<WatchTicketsRequest>,
    ) -> Result<Response<Self::WatchTicketsStream>, Status> {
        let (tenant, subjects) = self.caller(&request).await?;
        let request = request.into_inner();
        let mut fields = Fields::new();
        let ticket_id = fields.optional_uuid("ticket_id", &request.ticket_id);
        fields.finish()?;
        let seat = self.watchers.take(tenant.key);
        let seat = seat.map_err(|full| status::too_many_watchers(full, self.config.retry_after))?;
        let arguments = token::hash(ticket_id.unwrap_or_default().as_bytes());
        let scope = Scope { purpose: Purpose::Watch, tenant: tenant.key, arguments };
        let place = self.beginning(&tenant, scope, &request.resume_token).await?;
        let now = Instant::now();
        let mut watch = Watch {
            pool: self.pool.clone(),
            subjects,
            sealer: self.sealer.clone(),
            positions: self.freshness.subscribe(),
            tenant,
            ticket_id,
            scope,
            place,
            settings: (&self.config).into(),
            pending: VecDeque::new(),
            last_word: now,
            next_read: now,
            _seat: seat,
        };
        // The first answer says where the watch begins, so that it can be resumed from there.
        watch.pending.push_back(watch.sign_of_life());
        Ok(Response::new(watch.answers().boxed()))
    }
}

/// Whether intake would show the role a ticket.
fn may_read(role: Role) -> bool {
    role::Role::TICKET_READERS.iter().any(|reader| reader.name() == role.as_str())
}

/// What the token of a page says; none for the first page.
fn after<C: token::Content>(
    sealer: &Sealer,
    scope: Scope,
    page_token: &str,
) -> Result<Option<C>, Status> {
    if page_token.is_empty() {
        return Ok(None);
    }
    sealer.open(scope, page_token).map(Some).ok_or_else(chassis::status::page_token_invalid)
}

/// Shortens a page to its size; answers its last line if there is more behind it.
fn cut<T>(found: &mut Vec<T>, size: u32) -> Option<&T> {
    let size = size as usize;
    let more = found.len() > size;
    found.truncate(size);
    found.last().filter(|_| more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_for_those_who_may_read_a_ticket() {
        let named =
            |role: &Role| domain::role::Role::ALL.map(|r| r.name()).contains(&role.as_str());
        assert!(Role::ALL.iter().all(named), "a role is called the same in both places");
        let kept_back: Vec<_> = READERS.into_iter().filter(|role| !may_read(*role)).collect();
        assert_eq!(kept_back, [Role::SlaManager, Role::Admin, Role::Analyst]);
    }
}
