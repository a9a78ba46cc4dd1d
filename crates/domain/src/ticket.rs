//! A ticket: one matter of one party, from registration to its close.
//!
//! ```text
//! NEW ──▶ OPEN ◀──▶ WAITING_CUSTOMER | WAITING_THIRD_PARTY
//!          │ ▲               │
//!          ▼ └─ reopened     ▼
//!        RESOLVED ◀──────────┘
//!          │
//!          ▼
//!        CLOSED                 final: only notes, parties and links are added,
//!                               and spam that was none becomes NEW again
//! ```
//! The owner, the clocks and the notices of a ticket are in other streams.
mod command;
mod decide;
mod event;
mod facts;
pub mod number;
mod permission;
mod rejection;
mod stage;
mod state;
#[cfg(test)]
mod tests;
mod words;

pub use command::{
    Authority, CascadeResolve, Command, Complain, ExtendRequest, HoldForCustomer,
    HoldForThirdParty, LinkTo, NewMessage, NewPromise, Other, OtherComplaint, Register, Resolve,
    SendReply, SendUpdate, SetPriority, Split, UpdateKind,
};
pub use decide::{MOST_ANCESTORS, MOST_LINKS, MOST_PARTIES, SPAM_KEPT_DAYS};
pub use event::{
    Classified, Closed, ContactNoted, Event, Held, Link, MessageAdded, PartyLinked,
    PriorityChanged, PromiseMade, Registered, Reopened, Requester, Resolved, SplitOff,
};
pub use facts::{Assessment, Facts};
pub use permission::Permission;
pub use rejection::{PublicText, Rejection};
pub use stage::Stage;
pub use state::State;
pub use words::{
    AuthorKind, ClassificationSource, CloseReason, HoldKind, LinkKind, MessageDirection,
    MessagePurpose, Origin, PartyRole, PriorityCause, PromiseKind, ReopenTrigger, TicketType,
    UnholdTrigger,
};

use crate::aggregate::Aggregate;

/// The aggregate behind the streams `ticket-<id>`.
#[derive(Debug, Clone, Copy)]
pub struct Ticket;

impl Aggregate for Ticket {
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
