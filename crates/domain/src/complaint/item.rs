//! The thing that a complaint is about, which may come after the complaint.
use jiff::Timestamp;

use super::command::Step;
use super::event::Event;
use super::opening::undecided;
use super::{Complaint, Rejection};

/// What counts from its delivery counts from there. When it came is said once: nobody gains time by
/// saying it anew.
pub(super) fn delivered(complaint: &Complaint, at: Timestamp) -> Result<Vec<Step>, Rejection> {
    match complaint.opened.item_delivered_at {
        Some(known) if known == at => Ok(Vec::new()),
        Some(_) => Err(Rejection::ItemDelivered),
        None => {
            undecided(complaint)?;
            Ok(vec![Step::Complaint(Event::ItemDelivered { at })])
        }
    }
}
