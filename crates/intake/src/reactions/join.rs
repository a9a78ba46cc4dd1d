//! Messages that were split off become a ticket.
use domain::identity::Identification;
use domain::ids::{MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::ticket::{
    Command, Facts, Link, LinkKind, MessageAdded, MessageDirection, Origin, Register, Registered,
    SplitOff,
};
use eventlog::{HandlerError, Recorded, Tenant};
use jiff::Timestamp;

use super::Reactions;
use crate::convert::{IMPACT, URGENCY};
use crate::identity;

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
        let register = of_messages(&tenant.name, facts, split)
            .ok_or_else(|| HandlerError::poison("the messages are not in the thread"))?;
        self.follow(event, tenant, split.child, &Command::Register(register)).await
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
    };
    Some(Register {
        registered,
        classified: None,
        impact: facts.assessment.map_or(IMPACT, |assessment| assessment.impact),
        urgency: facts.assessment.map_or(URGENCY, |assessment| assessment.urgency),
        link: None,
        messages: later,
        identification: Identification::None,
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
