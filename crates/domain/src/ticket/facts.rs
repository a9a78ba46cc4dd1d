//! What is known of a ticket in every stage.
use jiff::Timestamp;

use super::event::{
    ContactNoted, Link, MessageAdded, PartyLinked, PromiseMade, Registered, Requester,
};
use super::words::{
    LinkKind, MessageDirection, MessagePurpose, PartyRole, PromiseKind, ReopenTrigger, TicketType,
};
use crate::complaint::{Complaint, Extended};
use crate::identity::Identification;
use crate::ids::{ContactId, MessageId, PartyId, TicketId};
use crate::priority::{Channel, Impact, Priority, Urgency};

/// What is known of a ticket in every stage.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What it was registered with; never changes.
    pub registered: Registered,
    /// What kind of matter it is now.
    pub kind: TicketType,
    /// Code of the category; empty if not classified.
    pub category_code: String,
    /// Version of the taxonomy that holds the category; 0 if not classified.
    pub taxonomy_version: u32,
    /// Free tags.
    pub tags: Vec<String>,
    /// Impact, urgency and what they make; absent only before the first assessment.
    pub assessment: Option<Assessment>,
    /// Messages after the first one, oldest first.
    pub messages: Vec<MessageAdded>,
    /// How many times it has been reopened.
    pub reopen_count: u32,
    /// What reopened it since it was last resolved, or its complaint decided.
    pub reopened: Option<ReopenTrigger>,
    /// Who asks now; the registered requester until a party takes its place.
    pub requester: Option<Requester>,
    /// Parties that were linked, each once per part.
    pub parties: Vec<PartyLinked>,
    /// Promises that are neither kept nor replaced, at most one of a kind.
    pub promises: Vec<PromiseMade>,
    /// Conversations of a person of ours with the customer about it, oldest first.
    pub contacts: Vec<ContactId>,
    /// Links to other tickets.
    pub links: Vec<Link>,
    /// Tickets that were merged into this one.
    pub merged: Vec<TicketId>,
    /// The longer time to answer it as a data subject's request.
    pub request_extended: Option<Extended>,
    /// Its complaint part; none unless it is a complaint.
    pub complaint: Option<Complaint>,
}

/// How urgent a ticket is, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assessment {
    /// How much is affected.
    pub impact: Impact,
    /// How soon it hurts.
    pub urgency: Urgency,
    /// What the two make.
    pub priority: Priority,
}

impl Facts {
    pub(super) fn new(registered: Registered) -> Self {
        Self {
            kind: registered.kind,
            category_code: String::new(),
            taxonomy_version: 0,
            tags: Vec::new(),
            assessment: None,
            messages: Vec::new(),
            reopen_count: 0,
            reopened: None,
            requester: registered.requester.clone(),
            parties: Vec::new(),
            promises: Vec::new(),
            contacts: Vec::new(),
            links: Vec::new(),
            merged: Vec::new(),
            request_extended: None,
            complaint: None,
            registered,
        }
    }

    /// The ticket that this one is a child of.
    #[must_use]
    pub fn parent(&self) -> Option<TicketId> {
        self.links.iter().find(|link| link.kind == LinkKind::ChildOf).map(|link| link.other)
    }

    /// The tickets that are children of this one.
    pub fn children(&self) -> impl Iterator<Item = TicketId> {
        self.links.iter().filter(|link| link.kind == LinkKind::ParentOf).map(|link| link.other)
    }

    /// The party that asks now.
    #[must_use]
    pub fn requester_party(&self) -> Option<PartyId> {
        self.requester.as_ref().map(|requester| requester.party_id)
    }

    /// When the customer's message of that id was received, the first one included, and over which
    /// channel; `None` if the customer has written no such message.
    #[must_use]
    pub fn said_by_customer(&self, id: MessageId) -> Option<(Timestamp, Channel)> {
        let first = &self.registered;
        if first.ticket_id.0 == id.0 {
            return Some((first.received_at, first.channel));
        }
        let said = |message: &&MessageAdded| {
            message.message_id == id && message.direction == MessageDirection::Inbound
        };
        let message = self.messages.iter().find(said)?;
        Some((message.written_at, message.channel))
    }

    /// The parties that may see its content: the requester, and their representatives.
    pub fn speaking(&self) -> impl Iterator<Item = PartyId> {
        let for_them = |party: &&PartyLinked| party.role == PartyRole::Representative;
        let representatives = self.parties.iter().filter(for_them).map(|party| party.party_id);
        self.requester_party().into_iter().chain(representatives)
    }

    /// The requester is known to be who it says.
    #[must_use]
    pub(crate) fn requester_is_verified(&self) -> bool {
        self.requester_identification() == Identification::Verified
    }

    /// How surely the requester is identified; also used for the ticket's messages.
    #[must_use]
    pub fn requester_identification(&self) -> Identification {
        let asks = self.requester_party();
        let requester = self
            .parties
            .iter()
            .find(|party| party.role == PartyRole::Requester && Some(party.party_id) == asks);
        requester.map(|party| party.identification).unwrap_or_default()
    }

    /// A person of the organisation has written to the customer.
    #[must_use]
    pub(crate) fn is_answered(&self) -> bool {
        self.messages.iter().any(|message| message.is_reply)
    }

    /// A person has escalated it, or it went to a higher level.
    #[must_use]
    pub(crate) fn is_escalated(&self) -> bool {
        self.messages.iter().any(|message| message.escalates)
    }

    /// The customer has reopened it since it was last resolved, or its complaint decided.
    #[must_use]
    pub(crate) fn reopened_by_customer(&self) -> bool {
        let by_customer = [ReopenTrigger::CustomerMessage, ReopenTrigger::CustomerRejected];
        self.reopened.is_some_and(|trigger| by_customer.contains(&trigger))
    }

    pub(super) fn add(&mut self, message: MessageAdded) {
        self.promises.retain(|promise| !keeps(&message, promise.kind));
        if let (MessagePurpose::Decision, Some(complaint)) = (message.purpose, &mut self.complaint)
        {
            complaint.told_by(message.message_id);
        }
        self.messages.push(message);
    }

    pub(super) fn note_contact(&mut self, noted: &ContactNoted) {
        self.promises.retain(|promise| Some(promise.promise_id) != noted.keeps);
        self.contacts.push(noted.contact_id);
    }

    pub(super) fn promise(&mut self, made: PromiseMade) {
        self.promises.retain(|promise| promise.kind != made.kind);
        self.promises.push(made);
    }

    pub(super) fn link_party(&mut self, linked: PartyLinked) {
        let asks = linked.role == PartyRole::Requester;
        self.parties.retain(|party| {
            party.role != linked.role || (!asks && party.party_id != linked.party_id)
        });
        self.parties.push(linked);
        if asks && self.requester_party() != Some(linked.party_id) {
            self.requester = Some(Requester::unnamed(linked.party_id));
        }
    }

    /// A person has begun to work on it, or settled its priority.
    pub(super) fn assess_complaint(&mut self) {
        self.complaint = self.complaint.take().map(Complaint::assess);
    }

    pub(super) fn absorb(&mut self, source: TicketId) {
        if source != self.registered.ticket_id {
            self.merged.push(source);
        }
    }
}

/// Whether the message does what was promised. News may come from anybody; a call is
/// returned by a person.
fn keeps(message: &MessageAdded, promised: PromiseKind) -> bool {
    match promised {
        PromiseKind::NextUpdate => message.direction == MessageDirection::Outbound,
        PromiseKind::Callback => message.is_reply,
        // Kept by the solution alone.
        PromiseKind::EtaResolution => false,
    }
}
