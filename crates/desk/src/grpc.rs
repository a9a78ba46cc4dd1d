//! The gRPC handlers: check the caller, wait until the tables are fresh enough, then run one query.
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;

use chassis::fields::Fields;
use chassis::page::{self, Page};
use chassis::rpc::{RequestContext, Role};
use domain::role;
use eventlog::sealing::Keyring;
use eventlog::{Log, Tenant};
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
use crate::place::Place;
use crate::query::{self, List};
use crate::read_model::tickets::Name;
use crate::read_model::{complaints, tickets, timeline};
use crate::view::Subjects;
use crate::watch::{WATCH, Watch};
use crate::watchers::Watchers;
use crate::{status, view};

/// Everybody but customers: a list shows the tickets of all parties. Their subjects are opened
/// for those alone who may read a ticket.
const READERS: [Role; 10] = Role::ALL_BUT_CUSTOMER;

/// The service's API.
pub(crate) struct Desk {
    log: Log,
    pool: PgPool,
    keys: Keyring,
    freshness: Arc<Freshness>,
    config: Config,
    watchers: Watchers,
}

impl Desk {
    pub(crate) fn new(
        log: Log,
        pool: PgPool,
        keys: Keyring,
        freshness: Arc<Freshness>,
        config: Config,
    ) -> Self {
        let watchers = Watchers::new(&config.watch);
        Self { log, pool, keys, freshness, config, watchers }
    }

    /// The caller's tenant, if the caller may list tickets, and what the caller may see of them.
    async fn caller<T>(&self, request: &Request<T>) -> Result<(Tenant, Subjects), Status> {
        let context = RequestContext::from_request(request)?;
        context.require_role("tickets.read", &READERS)?;
        let tenant = calls::tenant(&self.log, &context.tenant, self.config.retry_after).await?;
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
        let Some(cursor) = calls::cursor(tenant, token)? else { return Ok(()) };
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
        scope: &str,
        resume_token: &str,
    ) -> Result<Place, Status> {
        let now = self.freshness.now(tenant.partition).await;
        let now = now.map_err(|error| calls::unreadable(&error, self.config.retry_after))?;
        let now = now
            .map(|reached| Place { epoch: reached.epoch, position: reached.position })
            .ok_or_else(|| {
                chassis::status::unavailable("NOT_CAUGHT_UP", self.config.retry_after)
            })?;
        if resume_token.is_empty() {
            return Ok(now);
        }
        let place = page::open(WATCH, scope, resume_token);
        let place = place.and_then(|place| place.parse::<Place>().ok());
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
        let asked = (request.page_size, request.page_token.as_str());
        let page = Page::read("ListTickets", wanted.scope(&tenant), asked, query::LIST)?;
        let (order, after, limit) = (wanted.order, page.after()?, page.limit());
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        let lines = tickets::Page { order, after, limit };
        let found = tickets::list(&self.pool, tenant.key, &wanted.filter, lines).await;
        let found = found.map_err(|error| self.unreadable(&error))?;
        let (found, next_page_token) = page.cut(found, |last| order.place(last));
        let tickets = view::tickets(&subjects, &tenant, found).await;
        Ok(Response::new(ListTicketsResponse { tickets, next_page_token }))
    }

    async fn list_complaints(
        &self,
        request: Request<ListComplaintsRequest>,
    ) -> Result<Response<ListComplaintsResponse>, Status> {
        let tenant = self.tenant(&request).await?;
        let request = request.into_inner();
        let filter = query::complaints(&request)?;
        let scope = format!("{}/{filter:?}", tenant.name);
        let asked = (request.page_size, request.page_token.as_str());
        let page = Page::read("ListComplaints", scope, asked, query::LIST)?;
        let (after, limit) = (page.after()?, page.limit());
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        let found = complaints::list(&self.pool, tenant.key, &filter, after, limit).await;
        let found = found.map_err(|error| self.unreadable(&error))?;
        let (found, next_page_token) = page.cut(found, |(last, _)| *last);
        let complaints = found.into_iter().map(|(_, complaint)| complaint).collect();
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
        fields.page_size(request.page_size);
        fields.finish()?;
        let scope = format!("{}/{ticket_id}", tenant.name);
        let asked = (request.page_size, request.page_token.as_str());
        let page = Page::read("GetTimeline", scope, asked, query::TIMELINE)?;
        let (after, limit) = (page.after()?.unwrap_or(0), page.limit());
        self.as_fresh_as(&tenant, request.consistency_token.as_ref()).await?;

        self.find(&tenant, &Name::Id(ticket_id)).await?;
        let found = timeline::page(&self.pool, tenant.key, ticket_id, after, limit).await;
        let found = found.map_err(|error| self.unreadable(&error))?;
        let (found, next_page_token) = page.cut(found, |last| last.position);
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
        let scope = format!("{}/{ticket_id:?}", tenant.name);
        let place = self.beginning(&tenant, &scope, &request.resume_token).await?;
        let now = Instant::now();
        let mut watch = Watch {
            pool: self.pool.clone(),
            subjects,
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
