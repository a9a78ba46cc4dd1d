//! How much of a ticket is shown in a conversation: a matching contact point alone does not prove
//! who is speaking, so that a caller identified by it learns the status and no content.
use chassis::fields::Fields;
use domain::contact::{self, Contact};
use domain::identity::{Identification, Identity};
use domain::role::Role;
use domain::ticket::State;
use tonic::Status;
use uuid::Uuid;

use super::Intake;
use crate::call::Call;
use crate::status;

/// A ticket to be read, and in which contact it will be shown.
pub(super) struct Wanted {
    pub(super) ticket_id: Uuid,
    contact_id: Option<Uuid>,
}

impl Wanted {
    pub(super) fn read(ticket_id: &str, contact_id: &str) -> Result<Self, Status> {
        let mut fields = Fields::new();
        let ticket_id = fields.uuid("ticket_id", ticket_id);
        let contact_id = fields.optional_uuid("contact_id", contact_id);
        fields.finish()?;
        Ok(Self { ticket_id, contact_id })
    }
}

/// How much of the ticket an answer shows, and to which role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Everything that the role may see.
    Details(Role),
    /// Only the status of the ticket.
    Status,
}

impl Shown {
    pub(super) fn viewer(self) -> Role {
        match self {
            Self::Details(role) => role,
            Self::Status => Role::Customer,
        }
    }
}

impl Intake {
    /// What is shown of the ticket to the caller, or in the contact that the caller names;
    /// `NOT_FOUND` if there is no such contact.
    pub(super) async fn shown(
        &self,
        call: &Call,
        wanted: &Wanted,
        state: &State,
    ) -> Result<Shown, Status> {
        let Some(contact_id) = wanted.contact_id else { return Ok(Shown::Details(call.role())) };
        let contact = eventlog::load::<Contact>(&self.log, &call.tenant, contact_id)
            .await
            .map_err(|error| self.unreadable(&error))?;
        let identity = match &contact.state {
            contact::State::Absent => return Err(status::people::no_contact(contact_id)),
            contact::State::Live(facts) => facts.started.identity,
            contact::State::Ended(_, ended) => ended.identity,
        };
        let proved = identity.filter(|who| who.identification == Identification::Verified);
        match proved {
            Some(who) if self.is_of(call, who, state).await? => Ok(Shown::Details(Role::Customer)),
            Some(_) | None => Ok(Shown::Status),
        }
    }

    /// Whether that party asks in the ticket or speaks for who does, whatever parties were merged
    /// meanwhile.
    async fn is_of(&self, call: &Call, who: Identity, state: &State) -> Result<bool, Status> {
        let Some(facts) = state.facts() else { return Ok(false) };
        let who = self.living_id(call, who.party_id).await?;
        for party_id in facts.speaking() {
            if self.living_id(call, party_id).await? == who {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
