//! Erases, holds or restricts a party: looks up first what prevents it, and answers once the keys are
//! gone or the restriction shows in the tickets.
use domain::ids::{PartyId, TicketId};
use domain::party::{Command, Erase, Restrict};
use domain::role::Role;
use domain::ticket;
use jiff::civil::Date;
use tonic::Status;
use wire::intake::v1;

use super::Intake;
use super::party::Answer;
use crate::call::Call;
use crate::convert::party::{self as convert, Hold};
use crate::keys::sealed_of_party;
use crate::read_model::party_tickets::{self, Standing};
use crate::read_model::restricted_parties;
use crate::status;
use crate::view::RESTRICTED;

impl Intake {
    pub(super) async fn erase(
        &self,
        call: &Call,
        message: &v1::ErasePartyRequest,
    ) -> Result<Answer, Status> {
        let asked = convert::erase(call, message)?;
        let party_id = PartyId(asked.target.id);
        let today = convert::today(call);
        let request = asked.request_ticket_id;
        let standing = self.standing(call, party_id, request, today).await?;
        let sealed = sealed_of_party(&self.pool, call.tenant.key, party_id).await;
        let sealed = self.queried(sealed.map_err(Into::into))?;
        let closed = standing.last_complaint;
        let closed = closed.map(|at| at.to_jiff().to_zoned(self.zone.clone()).date());
        let command = Command::Erase(Erase {
            party_id,
            basis: asked.basis,
            request_ticket_id: request,
            foreign_request: self.is_foreign(call, request, &standing).await?,
            retained: Vec::new(),
            tickets: standing.tickets.unsigned_abs(),
            sealed: sealed.unsigned_abs(),
            open_tickets: standing.open.unsigned_abs(),
            retained_until: closed.and_then(|day| retained_until(day, self.config.claims_years)),
            held: standing.held.map(PartyId),
            today,
        });
        let (party, erased_at) = self.change_party(call, (asked.target, command)).await?;
        // The keys are destroyed where the event is projected.
        self.as_fresh_as(call, erased_at.as_ref()).await?;
        self.log.forget_personal_data();
        Ok((party, erased_at))
    }
}

impl Intake {
    pub(super) async fn hold(
        &self,
        call: &Call,
        message: &v1::SetLegalHoldRequest,
    ) -> Result<Answer, Status> {
        let (target, asked) = convert::set_legal_hold(call, message)?;
        let command = match asked {
            Hold::Set(hold) => {
                let today = convert::today(call);
                let standing = self.standing(call, PartyId(target.id), None, today).await?;
                Command::SetLegalHold { hold, tickets: standing.tickets.unsigned_abs(), today }
            }
            Hold::Lift { basis } => Command::LiftLegalHold { basis },
        };
        self.change_party(call, (target, command)).await
    }

    /// What the tickets of a party say of it; one of a moment ago counts, too.
    async fn standing(
        &self,
        call: &Call,
        party_id: PartyId,
        request: Option<TicketId>,
        today: Date,
    ) -> Result<Standing, Status> {
        self.caught_up(call).await?;
        let standing =
            party_tickets::standing(&self.pool, call.tenant.key, party_id, request, today).await;
        self.queried(standing.map_err(Into::into))
    }

    /// Whether the ticket of the request is none of the party's; `NOT_FOUND` if there is none.
    async fn is_foreign(
        &self,
        call: &Call,
        request: Option<TicketId>,
        standing: &Standing,
    ) -> Result<bool, Status> {
        let Some(request) = request.filter(|_| !standing.has_request) else { return Ok(false) };
        match self.read(call, request.0).await?.facts() {
            Some(_) => Ok(true),
            None => Err(status::no_ticket(request.0)),
        }
    }

    pub(super) async fn restrict(
        &self,
        call: &Call,
        message: &v1::SetRestrictionRequest,
    ) -> Result<Answer, Status> {
        let asked = convert::set_restriction(call, message)?;
        let party_id = PartyId(asked.target.id);
        let restriction = asked.restriction;
        let request = restriction.request_ticket_id;
        let standing = self.standing(call, party_id, request, convert::today(call)).await?;
        let command = match asked.on {
            true => Command::Restrict(Restrict {
                party_id,
                restriction,
                foreign_request: self.is_foreign(call, request, &standing).await?,
                tickets: standing.tickets.unsigned_abs(),
            }),
            false => Command::LiftRestriction { party_id, basis: restriction.basis },
        };
        let (party, changed_at) = self.change_party(call, (asked.target, command)).await?;
        // Tickets show it by the table.
        self.as_fresh_as(call, changed_at.as_ref()).await?;
        Ok((party, changed_at))
    }

    /// Whether the name and address of the ticket's requester are hidden from the caller. If that
    /// cannot be known, they are.
    pub(super) async fn keeps_requester(&self, call: &Call, state: &ticket::State) -> bool {
        let requester = state.facts().and_then(|facts| facts.requester_party());
        match requester.filter(|_| !sees_ticket_of_restricted(call.role())) {
            Some(party_id) => self.is_restricted(call, party_id).await,
            None => false,
        }
    }

    /// Takes out of a contact where the party is reached, if that is kept from the caller.
    pub(super) async fn keep_contact_point(&self, call: &Call, contact: &mut v1::Contact) {
        let party_id = contact.party_id.parse().ok().map(PartyId);
        let kept = party_id.filter(|_| !sees_restricted(call.role()));
        if let Some(party_id) = kept
            && !contact.party_hint.is_empty()
            && self.is_restricted(call, party_id).await
        {
            RESTRICTED.clone_into(&mut contact.party_hint);
        }
    }

    async fn is_restricted(&self, call: &Call, party_id: PartyId) -> bool {
        match restricted_parties::has(&self.pool, call.tenant.key, party_id).await {
            Ok(restricted) => restricted,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "whether a party is restricted is not known: taken for it");
                true
            }
        }
    }
}

/// Whether the role sees what is known of a restricted party.
pub(super) fn sees_restricted(role: Role) -> bool {
    match role {
        Role::Lead | Role::ProcessOwner | Role::Admin | Role::Auditor | Role::System => true,
        Role::Customer
        | Role::Agent
        | Role::Expert
        | Role::SlaManager
        | Role::Integrator
        | Role::Analyst => false,
    }
}

/// The same in a ticket, where a customer sees their own data.
fn sees_ticket_of_restricted(role: Role) -> bool {
    role == Role::Customer || sees_restricted(role)
}

/// The last day on which claims from a complaint keep the data: limitation ends with a calendar
/// year (Polish Civil Code, art. 118).
fn retained_until(closed: Date, claims_years: u16) -> Option<Date> {
    if claims_years == 0 {
        return None;
    }
    let year = i32::from(closed.year()) + i32::from(claims_years);
    let year = i16::try_from(year).ok().filter(|year| *year <= 9_999).unwrap_or(9_999);
    Date::new(year, 12, 31).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::retained_until;

    #[test]
    fn claims_keep_data_to_the_end_of_a_year() {
        let closed = date(2026, 1, 2);
        assert_eq!(retained_until(closed, 6), Some(date(2032, 12, 31)));
        assert_eq!(retained_until(closed, 0), None);
        assert_eq!(retained_until(closed, u16::MAX), Some(date(9_999, 12, 31)));
    }
}
