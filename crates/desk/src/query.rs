//! Validates requests and turns them into queries.
use chassis::fields::Fields;
use chassis::page::Sizes;
use eventlog::Tenant;
use tonic::Status;
use uuid::Uuid;
use wire::common::v1::Priority;
use wire::desk::v1::get_ticket_summary_request::Key;
use wire::desk::v1::{
    ComplaintState, GetTicketSummaryRequest, ListComplaintsRequest, ListTicketsRequest, TicketOrder,
};
use wire::intake::v1::{ComplaintOutcome, TicketState, TicketType};

use crate::read_model::complaints;
use crate::read_model::tickets::{Filter, Name, Order};

pub(crate) const LIST: Sizes = Sizes { default: 50, most: 500 };
pub(crate) const TIMELINE: Sizes = Sizes { default: 100, most: 1_000 };

/// Longest opaque id of a queue or an agent.
const ID_CHARS: usize = 64;
/// Longest number of another system.
const EXTERNAL_CHARS: usize = 100;

const OPEN_TO_CLOSED: [TicketState; 6] = [
    TicketState::New,
    TicketState::Open,
    TicketState::WaitingCustomer,
    TicketState::WaitingThirdParty,
    TicketState::Resolved,
    TicketState::Closed,
];

/// A list that is wanted.
pub(crate) struct List {
    pub(crate) filter: Filter,
    pub(crate) order: Order,
}

impl List {
    pub(crate) fn read(request: &ListTicketsRequest) -> Result<Self, Status> {
        let mut fields = Fields::new();
        fields.page_size(request.page_size);
        let states = choices::<TicketState>(&mut fields, "states", &request.states);
        let order = match fields.optional_enum("order", request.order) {
            None | Some(TicketOrder::Unspecified | TicketOrder::ReceivedDesc) => {
                Order::ReceivedDesc
            }
            Some(TicketOrder::ReceivedAsc) => Order::ReceivedAsc,
            Some(TicketOrder::DueAsc) => Order::DueAsc,
        };
        let filter = Filter {
            states: states.unwrap_or_else(|| OPEN_TO_CLOSED.map(|state| state as i16).to_vec()),
            priorities: choices::<Priority>(&mut fields, "priorities", &request.priorities),
            types: choices::<TicketType>(&mut fields, "types", &request.types),
            queue_id: fields.optional_line("queue_id", &request.queue_id, ID_CHARS),
            agent_id: fields.optional_line("agent_id", &request.agent_id, ID_CHARS),
            breached: request.breached,
            due_before: request
                .due_before
                .as_ref()
                .map(|at| fields.timestamp("due_before", at.seconds, at.nanos)),
        };
        fields.finish()?;
        Ok(Self { filter, order })
    }

    /// What may not change between pages. Two requests for the same list have the same scope,
    /// however they spell it.
    pub(crate) fn scope(&self, tenant: &Tenant) -> String {
        format!("{}/{:?} {:?}", tenant.name, self.filter, self.order)
    }
}

/// Complaints that are wanted.
pub(crate) fn complaints(request: &ListComplaintsRequest) -> Result<complaints::Filter, Status> {
    let mut fields = Fields::new();
    fields.page_size(request.page_size);
    let states = choices::<ComplaintState>(&mut fields, "states", &request.states);
    let listed = [ComplaintState::Open, ComplaintState::Decided, ComplaintState::Ended];
    let mut instant = |field, at: &Option<prost_types::Timestamp>| {
        at.as_ref().map(|at| fields.timestamp(field, at.seconds, at.nanos))
    };
    let received_from = instant("received_from", &request.received_from);
    let received_to = instant("received_to", &request.received_to);
    if received_to.is_some() && received_to <= received_from {
        fields.refuse("received_to", "must be later than received_from");
    }
    let filter = complaints::Filter {
        states: states.unwrap_or_else(|| listed.map(|state| state as i16).to_vec()),
        regime_code: fields.optional_line("regime_code", &request.regime_code, ID_CHARS),
        outcomes: choices::<ComplaintOutcome>(&mut fields, "outcomes", &request.outcomes),
        received_from,
        received_to,
        late: request.late,
    };
    fields.finish()?;
    Ok(filter)
}

/// The ticket that a request names.
pub(crate) fn name(request: &GetTicketSummaryRequest) -> Result<Name, Status> {
    let mut fields = Fields::new();
    let name = match &request.key {
        Some(Key::TicketId(id)) => Name::Id(fields.uuid("ticket_id", id)),
        Some(Key::Number(number)) => {
            let number = wire::words::ticket_number(number).unwrap_or_else(|wrong| {
                fields.refuse("number", format!("must be a ticket's number: {wrong}"));
                String::new()
            });
            Name::Number(number)
        }
        Some(Key::ExternalNumber(number)) => {
            Name::External(fields.line("external_number", number, 1..=EXTERNAL_CHARS))
        }
        None => {
            fields.refuse("key", "is required: ticket_id, number or external_number");
            Name::Id(Uuid::nil())
        }
    };
    fields.finish()?;
    Ok(name)
}

/// Distinct choices in a fixed order; `None` if nothing was chosen.
fn choices<E: TryFrom<i32>>(fields: &mut Fields, field: &str, chosen: &[i32]) -> Option<Vec<i16>> {
    let mut found = Vec::new();
    for (index, choice) in chosen.iter().enumerate() {
        if fields.enum_value::<E>(&format!("{field}[{index}]"), *choice).is_some() {
            found.extend(i16::try_from(*choice));
        }
    }
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}
