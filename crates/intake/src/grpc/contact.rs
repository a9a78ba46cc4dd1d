//! The gRPC surface of contacts.
use chassis::fields::Fields;
use domain::contact::{Command, Contact, Ended};
use domain::identity::{ContactPoint, Identification, Identity};
use domain::ids::{ContactId, TicketId};
use domain::ticket::{self, Ticket};
use tonic::{Request, Response, Status};
use wire::common::v1::ConsistencyToken;
use wire::intake::v1;
use wire::intake::v1::contact_service_server::ContactService;

use super::Intake;
use super::people::{OfParty, READ, WRITE};
use crate::call::{Call, Target};
use crate::convert::contact as convert;
use crate::read_model::contacts;
use crate::status;
use crate::view::contact::{ContactView, summary};

/// The contact after a command, and where the log stands.
type Answer = (Option<v1::Contact>, Option<ConsistencyToken>);

impl Intake {
    async fn change_contact(
        &self,
        call: &Call,
        (target, command): (Target, Command),
        text_field: &'static str,
    ) -> Result<Answer, Status> {
        let (id, mut cause) = (target.id, call.cause(&target));
        // What follows for its ticket keeps the order of what happens to that.
        if let Command::End { ended: Ended { ticket_id: Some(ticket_id), .. }, .. } = &command {
            cause.correlation_id = ticket_id.0;
        }
        let executed =
            eventlog::execute::<Contact>(&self.log, &call.tenant, id, &cause, &command).await;
        let executed = executed.map_err(|error| {
            status::people::contact_refused(error, &self.meant(&target, text_field))
        })?;
        let view = ContactView {
            state: &executed.state,
            version: executed.version,
            updated_at: executed.recorded_at,
        };
        Ok((view.contact(), Some(call.token(executed.position))))
    }

    /// The party that the caller names, or the party that it was merged into; otherwise the one
    /// that the hint identifies.
    pub(super) async fn identity(
        &self,
        call: &Call,
        named: Option<Identity>,
        hint: Option<&ContactPoint>,
    ) -> Result<Option<Identity>, Status> {
        if let Some(Identity { party_id, identification }) = named {
            let party_id = self.living(call, party_id).await?.party_id;
            return Ok(Some(Identity { party_id, identification }));
        }
        let Some(hint) = hint else { return Ok(None) };
        let found = self.queried(self.recognise(call, hint).await)?;
        let identification = Identification::Matched;
        Ok(found.map(|party_id| Identity { party_id, identification }))
    }

    /// A note is about a contact that there is.
    pub(super) async fn known_contact(
        &self,
        call: &Call,
        command: &ticket::Command,
    ) -> Result<(), Status> {
        let contact = match command {
            ticket::Command::AddNote(note) | ticket::Command::AddEvidence(note) => note.contact_id,
            _ => None,
        };
        let Some(ContactId(id)) = contact else { return Ok(()) };
        let loaded = eventlog::load::<Contact>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        if loaded.version == 0 { Err(status::people::no_contact(id)) } else { Ok(()) }
    }

    async fn known_ticket(&self, call: &Call, id: Option<TicketId>) -> Result<(), Status> {
        let Some(id) = id else { return Ok(()) };
        let loaded = eventlog::load::<Ticket>(&self.log, &call.tenant, id.0)
            .await
            .map_err(|error| self.unreadable(&error))?;
        if loaded.version == 0 { Err(status::no_ticket(id.0)) } else { Ok(()) }
    }
}

#[tonic::async_trait]
impl ContactService for Intake {
    async fn start_contact(
        &self,
        request: Request<v1::StartContactRequest>,
    ) -> Result<Response<v1::StartContactResponse>, Status> {
        let call = self.caller(&request, "contact.write", WRITE).await?;
        let convert::Start { target, mut started, backdating, hint } =
            convert::start(&call, request.get_ref(), &self.config)?;
        self.known_ticket(&call, started.resumed_ticket_id).await?;
        started.identity = self.identity(&call, started.identity, hint.as_ref()).await?;
        let command = Command::Start(started, backdating);
        let (contact, consistency_token) =
            self.change_contact(&call, (target, command), "party_hint").await?;
        Ok(Response::new(v1::StartContactResponse { contact, consistency_token }))
    }

    async fn route_contact(
        &self,
        request: Request<v1::RouteContactRequest>,
    ) -> Result<Response<v1::RouteContactResponse>, Status> {
        let call = self.caller(&request, "contact.write", WRITE).await?;
        let asked = convert::route(&call, request.get_ref(), &self.config)?;
        let (contact, consistency_token) = self.change_contact(&call, asked, "").await?;
        Ok(Response::new(v1::RouteContactResponse { contact, consistency_token }))
    }

    async fn answer_contact(
        &self,
        request: Request<v1::AnswerContactRequest>,
    ) -> Result<Response<v1::AnswerContactResponse>, Status> {
        let call = self.caller(&request, "contact.write", WRITE).await?;
        let asked = convert::answer(&call, request.get_ref(), &self.config)?;
        let (contact, consistency_token) = self.change_contact(&call, asked, "").await?;
        Ok(Response::new(v1::AnswerContactResponse { contact, consistency_token }))
    }

    async fn end_contact(
        &self,
        request: Request<v1::EndContactRequest>,
    ) -> Result<Response<v1::EndContactResponse>, Status> {
        let call = self.caller(&request, "contact.write", WRITE).await?;
        let (target, mut ended, as_started) = convert::end(&call, request.get_ref(), &self.config)?;
        self.known_ticket(&call, ended.ticket_id).await?;
        ended.identity = self.identity(&call, ended.identity, None).await?;
        let command = Command::End { ended, as_started };
        let (contact, consistency_token) =
            self.change_contact(&call, (target, command), "note").await?;
        Ok(Response::new(v1::EndContactResponse { contact, consistency_token }))
    }

    async fn get_contact(
        &self,
        request: Request<v1::GetContactRequest>,
    ) -> Result<Response<v1::GetContactResponse>, Status> {
        let call = self.caller(&request, "contact.read", READ).await?;
        let mut fields = Fields::new();
        let id = fields.uuid("contact_id", &request.get_ref().contact_id);
        fields.finish()?;
        let loaded = eventlog::load::<Contact>(&self.log, &call.tenant, id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let view = ContactView {
            state: &loaded.state,
            version: loaded.version,
            updated_at: loaded.recorded_at,
        };
        let mut contact = view.contact().ok_or_else(|| status::people::no_contact(id))?;
        self.keep_contact_point(&call, &mut contact).await;
        Ok(Response::new(v1::GetContactResponse {
            contact: Some(contact),
            consistency_token: Some(call.token(loaded.position)),
        }))
    }

    async fn list_contacts(
        &self,
        request: Request<v1::ListContactsRequest>,
    ) -> Result<Response<v1::ListContactsResponse>, Status> {
        let call = self.caller(&request, "contact.read", READ).await?;
        let message = request.get_ref();
        let asked = OfParty {
            list: "ListContacts",
            party_id: &message.party_id,
            page: (message.page_size, &message.page_token),
            consistency_token: message.consistency_token.as_ref(),
        };
        let (pool, tenant) = (&self.pool, call.tenant.key);
        let rows = |party_id, before, limit| async move {
            let rows = contacts::of_party(pool, tenant, party_id, before, limit).await?;
            Ok(rows.into_iter().map(|row| (row.position, summary(row))).collect())
        };
        let (contacts, next_page_token) = self.page_of_party(&call, asked, rows).await?;
        Ok(Response::new(v1::ListContactsResponse { contacts, next_page_token }))
    }
}
