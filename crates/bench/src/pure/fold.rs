//! Folds a ticket's life from the recorded bytes of its events: the golden files.
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use domain::Aggregate as _;
use domain::ticket::{Event, Ticket};
use wire::Payload as _;

/// Type and golden file of the events of a ticket.
const GOLDEN: [(&str, &str); 10] = [
    (
        "odzew.intake.v1.TicketRegistered",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketRegistered.1.json"),
    ),
    (
        "odzew.intake.v1.TicketClassified",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketClassified.1.json"),
    ),
    (
        "odzew.intake.v1.PriorityChanged",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.PriorityChanged.1.json"),
    ),
    (
        "odzew.intake.v1.WorkStarted",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.WorkStarted.1.json"),
    ),
    (
        "odzew.intake.v1.MessageAdded",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.MessageAdded.1.json"),
    ),
    (
        "odzew.intake.v1.TicketHeld",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketHeld.1.json"),
    ),
    (
        "odzew.intake.v1.TicketUnheld",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketUnheld.1.json"),
    ),
    (
        "odzew.intake.v1.TicketResolved",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketResolved.1.json"),
    ),
    (
        "odzew.intake.v1.TicketReopened",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketReopened.1.json"),
    ),
    (
        "odzew.intake.v1.TicketClosed",
        include_str!("../../../wire/tests/golden/bytes/odzew.intake.v1.TicketClosed.1.json"),
    ),
];

/// A ticket's life: places in the table above. It is answered, waits for the customer, is
/// resolved, reopened and resolved again.
const LIFE: [usize; 17] = [0, 1, 2, 3, 4, 4, 5, 4, 6, 4, 4, 7, 8, 4, 4, 7, 9];

/// The events of one ticket, recorded and decoded.
pub(super) struct Stream {
    recorded: Vec<(&'static str, Vec<u8>)>,
    decoded: Vec<Event>,
}

impl Stream {
    pub(super) fn recorded() -> Result<Self> {
        let mut recorded = Vec::with_capacity(LIFE.len());
        for place in LIFE {
            let (event_type, file) = GOLDEN[place];
            recorded.push((event_type, bytes(file).context(event_type)?));
        }
        let decoded: Result<_, _> =
            recorded.iter().map(|(event_type, bytes)| Event::decode(event_type, bytes)).collect();
        Ok(Self { decoded: decoded.context("decode the events")?, recorded })
    }

    pub(super) fn len(&self) -> usize {
        self.recorded.len()
    }

    /// Events per second of so many tickets.
    pub(super) fn rate(&self, tickets: u32, work: impl Fn(&Self)) -> f64 {
        let begun = Instant::now();
        for _ in 0..tickets {
            work(black_box(self));
        }
        f64::from(tickets) * self.len() as f64 / begun.elapsed().as_secs_f64()
    }

    /// The state after all events.
    pub(super) fn fold(&self) {
        black_box(Ticket::fold(&self.decoded));
    }

    /// The events from their bytes.
    pub(super) fn decode(&self) {
        for (event_type, bytes) in &self.recorded {
            let _ = black_box(Event::decode(event_type, bytes));
        }
    }
}

/// The bytes that a golden file holds in hexadecimal.
fn bytes(file: &str) -> Result<Vec<u8>> {
    let (_, rest) = file.split_once("\"bytes\": \"").context("find the bytes")?;
    let (hex, _) = rest.split_once('"').context("find the end of the bytes")?;
    let pairs = (0..hex.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).context("read a byte")).collect()
}
