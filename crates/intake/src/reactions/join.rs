//! Registers the ticket that was split off another one.
use domain::backdating::Backdating;
use domain::complaint::Open;
use domain::ids::{MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::regime::Regimes;
use domain::ticket::{
    Command, Facts, Link, LinkKind, MessageAdded, MessageDirection, Origin, Register, Registered,
    SplitOff, TicketType,
};
use eventlog::{HandlerError, Recorded, Tenant};
use jiff::Timestamp;

use super::Reactions;
use crate::convert::complaint::Opening;
use crate::convert::{IMPACT, URGENCY};
use crate::identity::{self, Source};
use crate::read_model::{position, regimes};
use crate::{customer, law};

/// Events that are read at once to find law that the read model does not have yet.
const PAGE: u32 = 1_000;

/// The child, if the link is one that a parent has noted.
pub(super) fn child(link: Link) -> Option<TicketId> {
    match link.kind {
        LinkKind::ParentOf => Some(link.other),
        LinkKind::Related
        | LinkKind::ChildOf
        | LinkKind::FollowUpOf
        | LinkKind::FollowedUpBy
        | LinkKind::CausedBy
        | LinkKind::CauseOf => None,
    }
}

impl Reactions {
    pub(super) async fn register_split(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        split: &SplitOff,
    ) -> Result<(), HandlerError> {
        let parent = TicketId(event.stream.id);
        let state = self.before(event, tenant, parent).await?;
        let facts = state.facts().ok_or_else(|| HandlerError::poison("nothing to split from"))?;
        let mut register = of_messages(&tenant.name, facts, split)
            .ok_or_else(|| HandlerError::poison("the messages are not in the thread"))?;
        if split.kind == TicketType::Complaint {
            register.complaint = self.complaint_of(event, tenant, &register.registered).await?;
        }
        self.follow(event, tenant, split.child, &Command::Register(register)).await
    }
}

impl Reactions {
    /// What is split off as a complaint is one from its beginning, if a law applies to it.
    async fn complaint_of(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        registered: &Registered,
    ) -> Result<Option<Box<Open>>, HandlerError> {
        let mut opening = Opening::unclear(Source::caused(event.event_id));
        if let Some(requester) = &registered.requester {
            let before = event.position;
            let party = requester.party_id;
            let customer = customer::status(&self.log, tenant, party, before).await?;
            opening = opening.of_customer(customer);
        }
        let known = self.law_before(event, tenant).await?;
        // Nobody has named a regime that might be wrong.
        let regimes =
            law::chosen(&known, &opening.choice, registered.received_at).unwrap_or_default();
        let opened = (!regimes.is_empty()).then(|| opening.under(regimes, registered.channel));
        Ok(opened.map(Box::new))
    }

    /// All law that was published before the event. The read model is only as far as its last
    /// transaction; what came since is read from the log.
    async fn law_before(&self, event: &Recorded, tenant: &Tenant) -> Result<Regimes, HandlerError> {
        let mut at = position::reached(&self.pool, event.partition).await?;
        let mut known = regimes::of_tenant(&self.pool, tenant.key).await?;
        while at + 1 < event.position {
            let page = self.log.read_partition(event.partition, at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = last.position;
            let before = page.iter().filter(|told| told.position < event.position);
            regimes::publish(&mut known, tenant.key, before)?;
        }
        Ok(known)
    }
}

/// The new ticket: of the same party, as urgent, and received when its first message was.
fn of_messages(tenant: &str, facts: &Facts, split: &SplitOff) -> Option<Register> {
    let mut said = thread(facts).filter(|message| split.messages.contains(&message.id));
    let first = said.next()?;
    let later: Vec<MessageAdded> = said.filter_map(|message| message.added.cloned()).collect();
    let earliest = later.iter().map(|message| message.written_at).min();
    let registered = Registered {
        ticket_id: split.child,
        number: identity::number(tenant, split.child),
        kind: split.kind,
        channel: first.channel,
        received_at: earliest.map_or(first.at, |earliest| earliest.min(first.at)),
        requester: facts.requester.clone(),
        subject: split.subject.clone(),
        body: first.body.clone(),
        language: facts.registered.language.clone(),
        origin: Origin::Split,
        external_number: None,
        parent: Some(facts.registered.ticket_id),
        about: facts.registered.about.clone(),
        public_venue: first.public_venue,
        dedupe_key: None,
        backdate_reason: None,
    };
    Some(Register {
        registered,
        classified: None,
        impact: facts.assessment.map_or(IMPACT, |assessment| assessment.impact),
        urgency: facts.assessment.map_or(URGENCY, |assessment| assessment.urgency),
        link: None,
        messages: later,
        identification: facts.requester_identification(),
        complaint: None,
        backdating: Backdating::None,
    })
}

/// A message of the customer in a thread.
struct Said<'a> {
    id: MessageId,
    channel: Channel,
    body: &'a Personal,
    at: Timestamp,
    public_venue: bool,
    /// Absent for what the ticket was registered with.
    added: Option<&'a MessageAdded>,
}

fn thread(facts: &Facts) -> impl Iterator<Item = Said<'_>> {
    let registered = &facts.registered;
    let first = Said {
        id: MessageId(registered.ticket_id.0),
        channel: registered.channel,
        body: &registered.body,
        at: registered.received_at,
        public_venue: registered.public_venue,
        added: None,
    };
    let later =
        facts.messages.iter().filter(|message| message.direction == MessageDirection::Inbound).map(
            |message| Said {
                id: message.message_id,
                channel: message.channel,
                body: &message.body,
                at: message.written_at,
                public_venue: message.public_venue,
                added: Some(message),
            },
        );
    std::iter::once(first).chain(later)
}
