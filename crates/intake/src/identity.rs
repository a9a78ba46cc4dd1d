//! Ids derived from the request, so that a repeated request creates the same things.
use domain::ids::{
    AppealId, ClaimId, ComplaintId, DecisionId, HoldId, InfoRequestId, MessageId, PartyId,
    PromiseId, RemedyId, TicketId,
};
use domain::priority::Channel;
use domain::ticket::number::Number;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use wire::common::v1 as common;

/// What the ids of one request are derived from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source {
    request: Uuid,
}

impl Source {
    /// The request `request_id` of `tenant` to `method`.
    pub(crate) fn new(tenant: &str, method: &str, request_id: Uuid) -> Self {
        let name = format!("{tenant}\0{method}\0{request_id}");
        Self { request: Uuid::new_v5(&namespace(), name.as_bytes()) }
    }

    /// What happens because of an event.
    pub(crate) fn caused(event: Uuid) -> Self {
        Self { request: event }
    }

    /// The ticket that the request creates.
    pub(crate) fn ticket(self) -> TicketId {
        TicketId(self.request)
    }

    /// The message that the request adds.
    pub(crate) fn message(self) -> MessageId {
        MessageId(self.part("message"))
    }

    /// The wait that the request begins.
    pub(crate) fn hold(self) -> HoldId {
        HoldId(self.part("hold"))
    }

    /// The wait that a step of an imported history begins.
    pub(crate) fn hold_of_step(self, step: usize) -> HoldId {
        HoldId(self.part(&format!("hold {step}")))
    }

    /// The promise that the request makes.
    pub(crate) fn promise(self) -> PromiseId {
        PromiseId(self.part("promise"))
    }

    /// The letter that confirms what the request says.
    pub(crate) fn confirmation(self) -> MessageId {
        MessageId(self.part("confirmation"))
    }

    /// The complaint that the request opens.
    pub(crate) fn complaint(self) -> ComplaintId {
        ComplaintId(self.part("complaint"))
    }

    /// A claim of that complaint, by its place.
    pub(crate) fn claim(self, place: usize) -> ClaimId {
        ClaimId(self.part(&format!("claim {place}")))
    }

    /// The request for what a complaint lacks.
    pub(crate) fn info_request(self) -> InfoRequestId {
        InfoRequestId(self.part("info request"))
    }

    /// The decision that the request takes.
    pub(crate) fn decision(self) -> DecisionId {
        DecisionId(self.part("decision"))
    }

    /// A remedy of that decision, by its place.
    pub(crate) fn remedy(self, place: usize) -> RemedyId {
        RemedyId(self.part(&format!("remedy {place}")))
    }

    /// The appeal that the request files.
    pub(crate) fn appeal(self) -> AppealId {
        AppealId(self.part("appeal"))
    }

    /// The party that the request brings along, if it is not known by an id.
    pub(crate) fn party(self) -> PartyId {
        PartyId(self.part("party"))
    }

    /// What is known of the message that the request brings in.
    pub(crate) fn inbound(self) -> Uuid {
        self.part("inbound")
    }

    fn part(self, name: &str) -> Uuid {
        Uuid::new_v5(&self.request, name.as_bytes())
    }
}

/// The party that another system knows as `reference`.
pub(crate) fn foreign_party(tenant: &str, reference: &str) -> PartyId {
    PartyId(Uuid::new_v5(&namespace(), format!("{tenant}\0party\0{reference}").as_bytes()))
}

/// The request that brings in the message that a channel knows as `external_id`.
pub(crate) fn external(tenant: &str, channel: Channel, external_id: &str) -> Uuid {
    let channel = common::Channel::from(channel).as_str_name();
    let name = format!("{tenant}\0{channel}\0{external_id}");
    Uuid::new_v5(&namespace(), name.as_bytes())
}

/// The first ticket of an alert.
pub(crate) fn first_of_alert(tenant: &str, dedupe_key: &str) -> TicketId {
    let name = format!("{tenant}\0alert\0{dedupe_key}");
    TicketId(Uuid::new_v5(&namespace(), name.as_bytes()))
}

/// The ticket of the same alert after that one was closed.
pub(crate) fn next_of_alert(closed: TicketId) -> TicketId {
    TicketId(Uuid::new_v5(&closed.0, b"alert"))
}

/// Id of the message that tells the customer of a ticket about an event of another ticket.
pub(crate) fn told_by(event: Uuid, ticket: TicketId) -> MessageId {
    MessageId(Uuid::new_v5(&event, ticket.0.as_bytes()))
}

/// The decision that the law reads into silence, which an event tells of.
pub(crate) fn deemed(event: Uuid) -> DecisionId {
    DecisionId(Uuid::new_v5(&event, b"decision"))
}

/// What that decision grants for a claim.
pub(crate) fn remedy_for(event: Uuid, claim: ClaimId) -> RemedyId {
    RemedyId(Uuid::new_v5(&event, claim.0.as_bytes()))
}

/// The ticket number for people: a hash, so that no number reveals others.
pub(crate) fn number(tenant: &str, ticket: TicketId) -> Number {
    let mut hasher = Sha256::new();
    hasher.update(tenant.as_bytes());
    hasher.update([0]);
    hasher.update(ticket.0.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let (first, _) = digest.split_first_chunk::<8>().expect("a digest has 32 bytes");
    Number::from_hash(u64::from_be_bytes(*first))
}

fn namespace() -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_DNS, b"intake.odzew.dev")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_names_the_same_things() {
        let source = |tenant, method, id| Source::new(tenant, method, Uuid::from_u128(id));
        let one = source("acme", "/a", 1);
        assert_eq!(one.ticket(), source("acme", "/a", 1).ticket());
        for other in [source("zeta", "/a", 1), source("acme", "/b", 1), source("acme", "/a", 2)] {
            assert_ne!(one.ticket(), other.ticket());
            assert_ne!(one.message(), other.message());
        }
        assert_ne!(one.hold(), one.hold_of_step(0));
    }

    #[test]
    fn a_number_belongs_to_one_tenant() {
        let ticket = TicketId(Uuid::from_u128(7));
        assert_eq!(number("acme", ticket), number("acme", ticket));
        assert_ne!(number("acme", ticket), number("zeta", ticket));
    }
}
