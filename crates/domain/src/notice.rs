//! A notice: one message to one recipient over one channel, its attempts and its end.
//!
//! ```text
//! SCHEDULED ──begin──▶ ATTEMPTING ──▶ SENT ──proof──▶ DELIVERED
//!   │   ▲ ▲                │ │          └──bounce──▶ FAILED
//!   │   │ │                │ ├──────▶ FAILED ──release──▶ SCHEDULED
//!   │   │ └───transient────┘ └unknown▶ HELD   ──release──▶ SCHEDULED
//!   ▼   └─────unknown, policy "resend"─┘
//! SUPPRESSED
//! ```
//! A bounce makes a notice failed even after it counted as delivered. In any state, the receipt of
//! posting makes it sent, and proof of delivery makes it delivered.
//!
//! An attempt is recorded before the message leaves, and again with its outcome. Between the two
//! the outcome is unknown, and stays so if the process dies there.
mod command;
mod decide;
mod event;
mod key;
mod proof;
#[cfg(test)]
mod tests;

pub use command::{Command, FailureKind, Rejection, Retry, UnknownPolicy};
pub use event::{
    Audience, Delivered, Event, Evidence, Failed, Purpose, Scheduled, Sent, Suppressed,
    SuppressionReason,
};
pub use key::Key;

use jiff::Timestamp;

use crate::aggregate::Aggregate;

/// The aggregate behind the streams `notice-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Notice;

impl Aggregate for Notice {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(state, command)
    }

    fn evolve(state: State, event: &Event) -> State {
        state.evolve(event)
    }
}

/// What is known of a notice.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// No such notice.
    #[default]
    Absent,
    /// A rule wanted it, another one forbade it before it was scheduled.
    Suppressed(Suppressed),
    /// It was suppressed at once, and yet went to the recipient by another way.
    Otherwise(Suppressed, Way),
    /// It was scheduled.
    Known(Delivery),
}

/// A scheduled notice and how far it got.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// What it was scheduled with; never changes.
    pub scheduled: Scheduled,
    /// Where it stands.
    pub stage: Stage,
    /// Attempts begun.
    pub attempts: u32,
    /// Attempts that ended without learning their outcome.
    pub unknown_attempts: u32,
    /// Code of the last failure.
    pub last_code: Option<String>,
    /// When the recipient's server took it last, if it did.
    pub sent_at: Option<Timestamp>,
    /// Attempts begun by then: no confirmation of one of them counts again.
    pub confirmed_attempts: u32,
    /// Attempts begun when somebody released it last: those after it have all delays again.
    pub released_attempts: u32,
}

/// That a notice reached its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// When it reached the recipient.
    pub at: Timestamp,
    /// What shows it.
    pub evidence: Evidence,
}

/// How far a notice came that was not sent here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Way {
    /// When it was posted, if it was.
    pub posted_at: Option<Timestamp>,
    /// That it reached the recipient, if there is proof.
    pub proof: Option<Proof>,
}

/// Where a scheduled notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits until `due`.
    Scheduled {
        /// When the next attempt may begin.
        due: Timestamp,
    },
    /// An attempt began and has not ended.
    Attempting {
        /// When it began.
        since: Timestamp,
    },
    /// The last attempt's outcome is unknown; somebody must decide.
    Held,
    /// The recipient's server took it, or it was posted.
    Sent {
        /// When.
        at: Timestamp,
        /// When it counts as delivered unless it comes back; `None` if that needs no proof.
        proof_due_at: Option<Timestamp>,
        /// It was posted: no mail can come back.
        by_post: bool,
    },
    /// It reached the recipient.
    Delivered(Proof),
    /// Given up.
    Failed,
    /// Will not be sent.
    Suppressed(SuppressionReason),
}

impl State {
    /// The scheduled notice; `None` if there is no notice, or it was suppressed at once.
    #[must_use]
    pub fn delivery(&self) -> Option<&Delivery> {
        match self {
            Self::Known(delivery) => Some(delivery),
            Self::Absent | Self::Suppressed(_) | Self::Otherwise(..) => None,
        }
    }

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Absent, Event::Scheduled(scheduled)) => Self::Known(Delivery {
                stage: Stage::Scheduled { due: scheduled.send_at },
                scheduled: scheduled.clone(),
                attempts: 0,
                unknown_attempts: 0,
                last_code: None,
                sent_at: None,
                confirmed_attempts: 0,
                released_attempts: 0,
            }),
            (Self::Absent, Event::Suppressed(suppressed)) => Self::Suppressed(suppressed.clone()),
            (Self::Known(delivery), event) => Self::Known(delivery.evolve(event)),
            (Self::Suppressed(suppressed), event) => {
                Self::of_way(suppressed, Way::default(), event)
            }
            (Self::Otherwise(suppressed, way), event) => Self::of_way(suppressed, way, event),
            (Self::Absent, _) => Self::Absent,
        }
    }
}

impl State {
    fn of_way(suppressed: Suppressed, way: Way, event: &Event) -> Self {
        let way = match event {
            Event::Sent(sent) => Way { posted_at: Some(sent.at), ..way },
            Event::Delivered(delivered) => Way { proof: Some(delivered.proof()), ..way },
            Event::Scheduled(_)
            | Event::Suppressed(_)
            | Event::Attempted { .. }
            | Event::Failed(_)
            | Event::Released { .. } => way,
        };
        match way {
            Way { posted_at: None, proof: None } => Self::Suppressed(suppressed),
            way => Self::Otherwise(suppressed, way),
        }
    }
}

impl Delivery {
    fn evolve(mut self, event: &Event) -> Self {
        match event {
            Event::Scheduled(_) => {}
            Event::Suppressed(suppressed) => self.stage = Stage::Suppressed(suppressed.reason),
            Event::Attempted { attempt_no, at, .. } => {
                self.attempts = *attempt_no;
                self.stage = Stage::Attempting { since: *at };
            }
            Event::Sent(sent) => {
                self.sent_at = Some(sent.at);
                self.confirmed_attempts = self.attempts;
                let Sent { at, proof_due_at, by_post, .. } = *sent;
                self.stage = Stage::Sent { at, proof_due_at, by_post };
            }
            Event::Delivered(delivered) => self.stage = Stage::Delivered(delivered.proof()),
            Event::Failed(failed) => {
                self.unknown_attempts += u32::from(failed.outcome_unknown);
                self.last_code = Some(failed.code.clone());
                self.stage = match failed.next_attempt_at {
                    _ if failed.permanent => Stage::Failed,
                    Some(due) => Stage::Scheduled { due },
                    None => Stage::Held,
                };
            }
            Event::Released { due, .. } => {
                self.released_attempts = self.attempts;
                self.stage = Stage::Scheduled { due: *due };
            }
        }
        self
    }
}

impl Delivered {
    fn proof(&self) -> Proof {
        Proof { at: self.at, evidence: self.evidence }
    }
}
