//! The state of a ticket, folded from its events.
use super::event::{Closed, Event};
use super::words::{HoldKind, ReopenTrigger};
use super::{Assessment, Facts, Stage};
use crate::complaint;
use crate::ids::HoldId;

/// A ticket's stage of life, with what is known in that stage.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such ticket.
    #[default]
    Absent,
    /// Registered, nobody works on it.
    New(Facts),
    /// Somebody works or must work.
    Open(Facts),
    /// Our question is with the customer.
    WaitingCustomer(Facts, HoldId),
    /// Another company must act.
    WaitingThirdParty(Facts, HoldId),
    /// A solution was given; the customer may object.
    Resolved(Facts),
    /// Final.
    Closed(Facts, Closed),
}

impl State {
    /// The stage of life; `None` if there is no such ticket.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        match self {
            Self::Absent => None,
            Self::New(_) => Some(Stage::New),
            Self::Open(_) => Some(Stage::Open),
            Self::WaitingCustomer(..) => Some(Stage::WaitingCustomer),
            Self::WaitingThirdParty(..) => Some(Stage::WaitingThirdParty),
            Self::Resolved(_) => Some(Stage::Resolved),
            Self::Closed(..) => Some(Stage::Closed),
        }
    }

    /// What is known of the ticket; `None` if there is no such ticket.
    #[must_use]
    pub fn facts(&self) -> Option<&Facts> {
        match self {
            Self::Absent => None,
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => Some(facts),
        }
    }

    /// The hold that keeps the ticket waiting.
    #[must_use]
    pub fn hold(&self) -> Option<HoldId> {
        match self {
            Self::WaitingCustomer(_, hold) | Self::WaitingThirdParty(_, hold) => Some(*hold),
            Self::Absent | Self::New(_) | Self::Open(_) | Self::Resolved(_) | Self::Closed(..) => {
                None
            }
        }
    }

    pub(super) fn evolve(self, event: &Event) -> Self {
        match event {
            Event::Registered(registered) => match self {
                Self::Absent => Self::New(Facts::new(registered.clone())),
                known => known,
            },
            Event::Classified(classified) => self.noting(|facts| {
                facts.kind = classified.kind;
                facts.category_code.clone_from(&classified.category_code);
                facts.taxonomy_version = classified.taxonomy_version;
                facts.tags.clone_from(&classified.tags);
            }),
            Event::PriorityChanged(changed) => self.noting(|facts| {
                facts.assessment = Some(Assessment {
                    impact: changed.impact,
                    urgency: changed.urgency,
                    priority: changed.priority,
                });
                facts.assess_complaint();
            }),
            Event::MessageAdded(message) => self.noting(|facts| facts.add(message.clone())),
            Event::WorkStarted { .. } => self.noting(Facts::assess_complaint).entering(Self::Open),
            Event::Unheld { .. } => self.entering(Self::Open),
            Event::Held(held) => self.entering(|facts| match held.kind {
                HoldKind::Customer => Self::WaitingCustomer(facts, held.hold_id),
                HoldKind::ThirdParty => Self::WaitingThirdParty(facts, held.hold_id),
            }),
            Event::Resolved(_) => self
                .noting(|facts| {
                    facts.promises.clear();
                    facts.reopened = None;
                })
                .entering(Self::Resolved),
            Event::Reopened(reopened) => {
                let again = match reopened.trigger {
                    ReopenTrigger::NotSpam => Self::New,
                    ReopenTrigger::CustomerMessage
                    | ReopenTrigger::CustomerRejected
                    | ReopenTrigger::Agent
                    | ReopenTrigger::Appeal
                    | ReopenTrigger::DecisionUndelivered => Self::Open,
                };
                self.noting(|facts| {
                    facts.reopen_count = reopened.reopen_no;
                    facts.reopened = Some(reopened.trigger);
                })
                .entering(again)
            }
            Event::Closed(closed) => self
                .noting(|facts| facts.promises.clear())
                .entering(|facts| Self::Closed(facts, *closed)),
            Event::PromiseMade(promise) => self.noting(|facts| facts.promise(*promise)),
            Event::RequestExtended(extended) => {
                self.noting(|facts| facts.request_extended = Some(extended.clone()))
            }
            Event::ContactNoted(noted) => self.noting(|facts| facts.note_contact(noted)),
            Event::PartyLinked(party) => self.noting(|facts| facts.link_party(*party)),
            Event::Merged { source, .. } => self.noting(|facts| facts.absorb(*source)),
            // What became of the messages is the other ticket's matter.
            Event::Split(_) => self,
            Event::Linked(link) => self.noting(|facts| facts.links.push(*link)),
            Event::Unlinked(link) => self.noting(|facts| facts.links.retain(|known| known != link)),
            Event::Complaint(event) => self.complain(event),
        }
    }

    /// A complaint that is opened while somebody works on the ticket has been looked at.
    fn complain(self, event: &complaint::Event) -> Self {
        let opened = matches!(event, complaint::Event::Opened(_));
        let looked_at = opened && self.stage() != Some(Stage::New);
        let decided = matches!(event, complaint::Event::Decided(_));
        self.noting(|facts| {
            facts.complaint = complaint::evolve(facts.complaint.take(), event);
            if decided {
                facts.reopened = None;
            }
            if looked_at {
                facts.assess_complaint();
            }
        })
    }

    /// The same stage with more known.
    fn noting(mut self, note: impl FnOnce(&mut Facts)) -> Self {
        match &mut self {
            Self::Absent => {}
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => note(facts),
        }
        self
    }

    /// Another stage with the same facts.
    fn entering(self, stage: impl FnOnce(Facts) -> Self) -> Self {
        match self {
            Self::Absent => Self::Absent,
            Self::New(facts)
            | Self::Open(facts)
            | Self::WaitingCustomer(facts, _)
            | Self::WaitingThirdParty(facts, _)
            | Self::Resolved(facts)
            | Self::Closed(facts, _) => stage(facts),
        }
    }
}
