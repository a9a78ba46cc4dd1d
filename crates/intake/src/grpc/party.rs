//! The gRPC surface of parties.
use chassis::fields::Fields;
use chassis::rpc::Role;
use domain::identity::{ContactPoint, ContactPointKind, Identification};
use domain::ids::PartyId;
use domain::party::{Command, Merge, Party, State};
use domain::ticket;
use eventlog::Loaded;
use tonic::{Request, Response, Status};
use wire::common::v1::ConsistencyToken;
use wire::intake::v1;
use wire::intake::v1::party_service_server::PartyService;

use super::people::{OfParty, READ, WRITE};
use super::{Intake, erase};
use crate::call::{Call, Target};
use crate::convert::party as convert;
use crate::read_model::{parties, party_tickets};
use crate::status::people::Meant;
use crate::view::party::{PartyView, sees_needs, ticket_of_party};
use crate::{customer, status};

/// Roles that may restrict data: those that may be asked to erase them.
const RESTRICT: &[Role] = &[Role::Lead, Role::ProcessOwner, Role::Admin];
const HOLD: &[Role] = &[Role::Lead, Role::ProcessOwner];
/// An erasure cannot be taken back.
const ERASE: &[Role] = &[Role::Admin];

/// Most parties in one answer: a contact point that more parties have identifies none of them.
const MOST_FOUND: i64 = 20;

/// The party after a command, and where the log stands.
pub(super) type Answer = (Option<v1::Party>, Option<ConsistencyToken>);

impl Intake {
    pub(super) async fn change_party(
        &self,
        call: &Call,
        (target, command): (Target, Command),
    ) -> Result<Answer, Status> {
        let (id, cause) = (target.id, call.cause(&target));
        let instead = matches!(command, Command::Erase(_)).then_some("SetRestriction");
        let executed =
            eventlog::execute::<Party>(&self.log, &call.tenant, id, &cause, &command).await;
        let executed = executed.map_err(|error| {
            let meant = Meant { instead, ..self.meant(&target, "profile") };
            status::people::party_refused(error, &meant)
        })?;
        let view = PartyView {
            party_id: PartyId(id),
            state: &executed.state,
            version: executed.version,
            updated_at: executed.recorded_at,
            sees_restricted: erase::sees_restricted(call.role()),
            sees_needs: sees_needs(call.role()),
        };
        Ok((view.party(), Some(call.token(executed.position))))
    }

    async fn load_party(&self, call: &Call, id: PartyId) -> Result<Loaded<Party>, Status> {
        eventlog::load::<Party>(&self.log, &call.tenant, id.0)
            .await
            .map_err(|error| self.unreadable(&error))
    }

    /// The party that `id` lives as, with what is known of it.
    pub(super) async fn living(
        &self,
        call: &Call,
        id: PartyId,
    ) -> Result<domain::party::Facts, Status> {
        match self.lives_as(call, id).await? {
            State::Absent | State::Unregistered(_) | State::Alias(..) => {
                Err(status::people::no_party(id.0))
            }
            State::Erased(_) => Err(status::people::erased(id.0)),
            State::Live(facts) => Ok(facts),
        }
    }

    /// The party that `id` lives as, whatever became of it.
    pub(super) async fn lives_as(&self, call: &Call, id: PartyId) -> Result<State, Status> {
        Ok(self.found_as(call, id).await?.1)
    }

    /// The id of the party that `id` lives as; its own if it is no alias, known or not.
    pub(super) async fn living_id(&self, call: &Call, id: PartyId) -> Result<PartyId, Status> {
        Ok(self.found_as(call, id).await?.0)
    }

    async fn found_as(&self, call: &Call, id: PartyId) -> Result<(PartyId, State), Status> {
        let state = customer::lives_as(&self.log, &call.tenant, id, u64::MAX).await;
        let state = state.map_err(|error| self.unreadable(&error))?;
        state.ok_or_else(|| {
            let endless = std::io::Error::other(format!("party {} has endless aliases", id.0));
            chassis::status::internal(&endless)
        })
    }

    /// Notes the segment of a requester who is known, for it decides what is promised, and whether
    /// they can be written to. A ticket is taken in whether or not anybody can be looked up.
    pub(super) async fn note_segment(
        &self,
        call: &Call,
        target: &Target,
        command: &mut ticket::Command,
    ) {
        let ticket::Command::Register(register) = command else { return };
        let Some(requester) = register.registered.requester.as_mut() else { return };
        // Nobody knows a party that comes with its ticket.
        if requester.party_id == target.source.party() {
            return;
        }
        match self.lives_as(call, requester.party_id).await {
            Ok(State::Live(facts)) => {
                let email = |point: &ContactPoint| point.kind == ContactPointKind::Email;
                requester.has_profile_email = facts.profile.contact_points.iter().any(email);
                requester.segment = facts.profile.segment;
            }
            Ok(State::Absent | State::Unregistered(_) | State::Alias(..) | State::Erased(_)) => {}
            Err(error) => tracing::warn!(%error, "cannot look a requester's segment up"),
        }
    }

    /// Gives a requester the id of the one party that has the address. A ticket is taken in
    /// whether or not anybody can be looked up.
    pub(super) async fn recognise_requester(&self, call: &Call, command: &mut ticket::Command) {
        let ticket::Command::Register(register) = command else { return };
        let Some(requester) = register.registered.requester.as_mut() else { return };
        let Some(email) = requester.email.clone() else { return };
        let point = ContactPoint { kind: ContactPointKind::Email, value: email };
        match self.recognise(call, &point).await {
            Ok(Some(party_id)) => {
                requester.party_id = party_id;
                register.identification = Identification::Matched;
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "cannot look a requester up; taken for a new one"),
        }
    }
}

fn shown(call: &Call, id: PartyId, loaded: &Loaded<Party>) -> Option<v1::Party> {
    let view = PartyView {
        party_id: id,
        state: &loaded.state,
        version: loaded.version,
        updated_at: loaded.recorded_at,
        sees_restricted: erase::sees_restricted(call.role()),
        sees_needs: sees_needs(call.role()),
    };
    view.party()
}

#[tonic::async_trait]
impl PartyService for Intake {
    async fn register_party(
        &self,
        request: Request<v1::RegisterPartyRequest>,
    ) -> Result<Response<v1::RegisterPartyResponse>, Status> {
        let call = self.caller(&request, "party.create", WRITE).await?;
        let asked = convert::register(&call, request.get_ref())?;
        let (party, consistency_token) = self.change_party(&call, asked).await?;
        Ok(Response::new(v1::RegisterPartyResponse { party, consistency_token }))
    }

    async fn update_party(
        &self,
        request: Request<v1::UpdatePartyRequest>,
    ) -> Result<Response<v1::UpdatePartyResponse>, Status> {
        let call = self.caller(&request, "party.update", WRITE).await?;
        let asked = convert::update(&call, request.get_ref())?;
        let (party, consistency_token) = self.change_party(&call, asked).await?;
        Ok(Response::new(v1::UpdatePartyResponse { party, consistency_token }))
    }

    async fn get_party(
        &self,
        request: Request<v1::GetPartyRequest>,
    ) -> Result<Response<v1::GetPartyResponse>, Status> {
        let call = self.caller(&request, "party.read", READ).await?;
        let mut fields = Fields::new();
        let id = PartyId(fields.uuid("party_id", &request.get_ref().party_id));
        fields.finish()?;
        let loaded = self.load_party(&call, id).await?;
        let party = shown(&call, id, &loaded).ok_or_else(|| status::people::no_party(id.0))?;
        Ok(Response::new(v1::GetPartyResponse {
            party: Some(party),
            consistency_token: Some(call.token(loaded.position)),
        }))
    }

    async fn find_parties(
        &self,
        request: Request<v1::FindPartiesRequest>,
    ) -> Result<Response<v1::FindPartiesResponse>, Status> {
        let call = self.caller(&request, "party.read", READ).await?;
        let point = convert::sought(request.get_ref())?;
        self.as_fresh_as(&call, request.get_ref().consistency_token.as_ref()).await?;
        let mut found = Vec::new();
        if let Some(index) = self.index.of(&call.tenant.name, &point) {
            let ids = parties::find(&self.pool, call.tenant.key, &index, MOST_FOUND).await;
            for id in self.queried(ids.map_err(Into::into))? {
                found.extend(shown(&call, id, &self.load_party(&call, id).await?));
            }
        }
        Ok(Response::new(v1::FindPartiesResponse { parties: found }))
    }

    async fn set_preference(
        &self,
        request: Request<v1::SetPreferenceRequest>,
    ) -> Result<Response<v1::SetPreferenceResponse>, Status> {
        let call = self.caller(&request, "party.preference", WRITE).await?;
        let asked = convert::set_preference(&call, request.get_ref())?;
        let (party, consistency_token) = self.change_party(&call, asked).await?;
        Ok(Response::new(v1::SetPreferenceResponse { party, consistency_token }))
    }

    async fn merge_parties(
        &self,
        request: Request<v1::MergePartiesRequest>,
    ) -> Result<Response<v1::MergePartiesResponse>, Status> {
        let call = self.caller(&request, "party.merge", WRITE).await?;
        let asked = convert::merge(&call, request.get_ref())?;
        let into = self.living(&call, PartyId(asked.into)).await?;
        let command = Command::Merge(Merge {
            into: into.party_id,
            into_registered_at: into.registered_at,
            basis: asked.basis,
            today: convert::today(&call),
        });
        let (alias, consistency_token) = self.change_party(&call, (asked.target, command)).await?;
        Ok(Response::new(v1::MergePartiesResponse { alias, consistency_token }))
    }

    async fn list_party_tickets(
        &self,
        request: Request<v1::ListPartyTicketsRequest>,
    ) -> Result<Response<v1::ListPartyTicketsResponse>, Status> {
        let call = self.caller(&request, "party.read", READ).await?;
        let message = request.get_ref();
        let asked = OfParty {
            list: "ListPartyTickets",
            party_id: &message.party_id,
            page: (message.page_size, &message.page_token),
            consistency_token: message.consistency_token.as_ref(),
        };
        let (pool, tenant) = (&self.pool, call.tenant.key);
        let rows = |party_id, before, limit| async move {
            let rows = party_tickets::of_party(pool, tenant, party_id, before, limit).await?;
            Ok(rows.into_iter().map(|row| (row.position, ticket_of_party(row))).collect())
        };
        let (tickets, next_page_token) = self.page_of_party(&call, asked, rows).await?;
        Ok(Response::new(v1::ListPartyTicketsResponse { tickets, next_page_token }))
    }

    async fn set_legal_hold(
        &self,
        request: Request<v1::SetLegalHoldRequest>,
    ) -> Result<Response<v1::SetLegalHoldResponse>, Status> {
        let call = self.caller(&request, "party.legal_hold", HOLD).await?;
        let (party, consistency_token) = self.hold(&call, request.get_ref()).await?;
        Ok(Response::new(v1::SetLegalHoldResponse { party, consistency_token }))
    }

    async fn set_restriction(
        &self,
        request: Request<v1::SetRestrictionRequest>,
    ) -> Result<Response<v1::SetRestrictionResponse>, Status> {
        let call = self.caller(&request, "party.restrict", RESTRICT).await?;
        let (party, consistency_token) = self.restrict(&call, request.get_ref()).await?;
        Ok(Response::new(v1::SetRestrictionResponse { party, consistency_token }))
    }

    async fn erase_party(
        &self,
        request: Request<v1::ErasePartyRequest>,
    ) -> Result<Response<v1::ErasePartyResponse>, Status> {
        let call = self.caller(&request, "party.erase", ERASE).await?;
        let (party, consistency_token) = self.erase(&call, request.get_ref()).await?;
        Ok(Response::new(v1::ErasePartyResponse { party, consistency_token }))
    }
}
