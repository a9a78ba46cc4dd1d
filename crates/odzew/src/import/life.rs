//! Converts an incident's states to the steps of a ticket's life.
//!
//! The export lists states; the history of a ticket lists the events between them. Transitions that
//! ServiceNow allows and a ticket does not are bridged at the same instant: work starts before
//! anything waits or is resolved, and a close follows a resolution.
use wire::intake::v1::history_step::Step;
use wire::intake::v1::{
    ClassifiedStep, ClosedStep, HeldStep, HistoryStep, HoldKind, PriorityStep, ReopenedStep,
    ResolvedStep, TicketState, UnheldStep, WorkStartedStep,
};
use wire::scalar::timestamp;

use super::names;
use super::notes::Kind;
use super::servicenow::{Row, State};

/// Steps of one history; more are refused by intake.
pub(crate) const MAX_STEPS: usize = 500;

/// The life so far.
pub(crate) struct Life {
    steps: Vec<HistoryStep>,
    stage: Stage,
    reopens: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    New,
    Open,
    Waiting(State),
    Resolved,
    Closed,
}

/// What the rest of the history says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The incident stays closed from this row on.
    pub(crate) final_close: bool,
    /// How many times it was reopened since the row before.
    pub(crate) reopens: u32,
}

impl Life {
    pub(crate) fn new() -> Self {
        Self { steps: Vec::new(), stage: Stage::New, reopens: 0 }
    }

    /// Where the ticket is.
    pub(crate) fn state(&self) -> TicketState {
        match self.stage {
            Stage::New => TicketState::New,
            Stage::Open => TicketState::Open,
            Stage::Waiting(state) => match hold_kind(state) {
                HoldKind::ThirdParty => TicketState::WaitingThirdParty,
                HoldKind::Customer | HoldKind::Unspecified => TicketState::WaitingCustomer,
            },
            Stage::Resolved => TicketState::Resolved,
            Stage::Closed => TicketState::Closed,
        }
    }

    /// How many times it was reopened.
    pub(crate) fn reopens(&self) -> u32 {
        self.reopens
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.stage == Stage::Closed
    }

    /// A solution was given.
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Resolved | Stage::Closed)
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(crate) fn into_steps(self) -> Vec<HistoryStep> {
        self.steps
    }

    /// The row's state, after the reopenings it counts.
    pub(crate) fn go(&mut self, row: &Row, place: Place) -> Vec<Kind> {
        let mut notes = Vec::new();
        self.reopen(row, place.reopens, &mut notes);
        if self.stage == Stage::Resolved && !row.state.is_done() {
            notes.push(Kind::NotReopened);
            return notes;
        }
        match row.state {
            State::New if matches!(self.stage, Stage::Open | Stage::Waiting(_)) => {
                notes.push(Kind::NewAgain);
                self.open(row);
            }
            State::New => {}
            State::Active => self.open(row),
            State::AwaitingUserInfo
            | State::AwaitingEvidence
            | State::AwaitingProblem
            | State::AwaitingVendor => self.wait(row),
            State::Resolved => self.resolve(row),
            State::Closed => self.close(row, place.final_close, &mut notes),
        }
        notes
    }

    /// Another assessment.
    pub(crate) fn assess(&mut self, row: &Row) {
        let impact: wire::intake::v1::Impact = row.impact.into();
        let urgency: wire::intake::v1::Urgency = row.urgency.into();
        let step = PriorityStep { impact: impact.into(), urgency: urgency.into() };
        self.step(row, Step::Priority(step));
    }

    /// Another category.
    pub(crate) fn classify(&mut self, row: &Row, category_code: String) {
        self.step(row, Step::Classified(ClassifiedStep { category_code }));
    }

    fn reopen(&mut self, row: &Row, times: u32, notes: &mut Vec<Kind>) {
        for _ in 0..times {
            if self.steps.len() > MAX_STEPS {
                return;
            }
            if self.stage != Stage::Resolved {
                notes.push(Kind::ReopenedUnresolved);
                self.resolve(row);
            }
            self.step(row, Step::Reopened(ReopenedStep {}));
            self.stage = Stage::Open;
            self.reopens += 1;
        }
    }

    fn open(&mut self, row: &Row) {
        match self.stage {
            Stage::New => self.step(row, Step::WorkStarted(WorkStartedStep {})),
            Stage::Waiting(_) => self.step(row, Step::Unheld(UnheldStep {})),
            Stage::Open | Stage::Resolved | Stage::Closed => return,
        }
        self.stage = Stage::Open;
    }

    fn wait(&mut self, row: &Row) {
        if self.stage == Stage::Waiting(row.state) {
            return;
        }
        self.open(row);
        self.step(row, Step::Held(HeldStep { kind: hold_kind(row.state).into() }));
        self.stage = Stage::Waiting(row.state);
    }

    fn resolve(&mut self, row: &Row) {
        if self.is_done() {
            return;
        }
        if self.stage == Stage::New {
            self.open(row);
        }
        let resolution_code = names::resolution(row.closed_code.as_deref());
        self.step(row, Step::Resolved(ResolvedStep { resolution_code }));
        self.stage = Stage::Resolved;
    }

    fn close(&mut self, row: &Row, is_final: bool, notes: &mut Vec<Kind>) {
        if !self.is_done() {
            notes.push(Kind::ClosedUnresolved);
            self.resolve(row);
        }
        if is_final {
            self.step(row, Step::Closed(ClosedStep {}));
            self.stage = Stage::Closed;
        } else {
            notes.push(Kind::EarlyClose);
        }
    }

    fn step(&mut self, row: &Row, step: Step) {
        let actor_id = match (&step, &row.agent) {
            // Who begins to work is the owner, if one is known.
            (Step::WorkStarted(_), Some(agent)) => names::agent(agent),
            _ => names::user(row.updated_by.as_deref()),
        };
        let occurred_at = Some(timestamp(row.updated_at));
        self.steps.push(HistoryStep { occurred_at, actor_id, step: Some(step) });
    }
}

/// A user and their evidence are the customer's; a vendor and the owners of a problem
/// record are others whose work must end first.
pub(crate) fn hold_kind(state: State) -> HoldKind {
    match state {
        State::AwaitingProblem | State::AwaitingVendor => HoldKind::ThirdParty,
        State::AwaitingUserInfo
        | State::AwaitingEvidence
        | State::New
        | State::Active
        | State::Resolved
        | State::Closed => HoldKind::Customer,
    }
}

/// What a state of the export is called here.
pub(crate) fn state_of(state: State) -> TicketState {
    match state {
        State::New => TicketState::New,
        State::Active => TicketState::Open,
        State::AwaitingUserInfo | State::AwaitingEvidence => TicketState::WaitingCustomer,
        State::AwaitingProblem | State::AwaitingVendor => TicketState::WaitingThirdParty,
        State::Resolved => TicketState::Resolved,
        State::Closed => TicketState::Closed,
    }
}
