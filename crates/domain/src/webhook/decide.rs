//! The rules of endpoints.
use super::{Command, Event, MOST_ENDPOINTS, Rejection, State};

pub(super) fn decide(state: &State, command: &Command) -> Result<Vec<Event>, Rejection> {
    match command {
        Command::Register(registered) => {
            if state.endpoints.contains_key(&registered.webhook_id) {
                return Err(Rejection::AlreadyRegistered);
            }
            if state.endpoints.len() >= MOST_ENDPOINTS {
                return Err(Rejection::TooMany);
            }
            Ok(vec![Event::Registered(registered.clone())])
        }
        Command::Disable { webhook_id, reason } => {
            let endpoint = state.endpoints.get(webhook_id).ok_or(Rejection::Unknown)?;
            if endpoint.disabled.is_some() {
                return Ok(Vec::new());
            }
            Ok(vec![Event::Disabled { webhook_id: *webhook_id, reason: *reason }])
        }
    }
}
