//! An aggregate for tests: a page that lines are written on until it is closed.
use bytes::Bytes;
use domain::Aggregate;
use eventlog::{Cause, RequestId};
use prost::Message as _;
use uuid::Uuid;
use wire::{DecodeError, Payload};

use crate::fixture::cause;

/// A list of lines that can be closed.
#[derive(Clone, Debug)]
pub(crate) struct Page;

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct State {
    pub(crate) lines: Vec<String>,
    pub(crate) closed: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Command {
    Write(Vec<&'static str>),
    Close,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Event {
    Written(String),
    Closed,
}

#[derive(Debug, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the page is closed")]
    Closed,
}

impl Aggregate for Page {
    type State = State;
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
        match command {
            _ if state.closed => Err(Rejection::Closed),
            Command::Write(lines) => {
                Ok(lines.iter().map(|line| Event::Written((*line).to_owned())).collect())
            }
            Command::Close => Ok(vec![Event::Closed]),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        match event {
            Event::Written(line) => state.lines.push(line.clone()),
            Event::Closed => state.closed = true,
        }
        state
    }
}

impl Payload for Event {
    const CATEGORY: &'static str = "page";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Written(_) => "test.v1.Written",
            Self::Closed => "test.v1.Closed",
        }
    }

    fn encode(&self) -> Bytes {
        match self {
            Self::Written(line) => line.encode_to_vec().into(),
            Self::Closed => Bytes::new(),
        }
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        match event_type {
            "test.v1.Written" => Ok(Self::Written(String::decode(bytes)?)),
            "test.v1.Closed" => Ok(Self::Closed),
            other => Err(DecodeError::UnknownEventType(other.to_owned())),
        }
    }
}

/// Somebody's request.
pub(crate) fn request(id: u128, fingerprint: u8) -> Cause {
    let request = RequestId { id: Uuid::from_u128(id), fingerprint: [fingerprint; 16] };
    Cause { request: Some(request), ..cause() }
}

pub(crate) const PAGE: Uuid = Uuid::from_u128(0xcafe);
