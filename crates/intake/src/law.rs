//! The regimes of a complaint, out of what sla has published.
use std::sync::Arc;

use domain::complaint::{Complaint, Law};
use domain::identity::ConsumerStatus;
use domain::regime::{Matter, Misnamed, Occasion, Regime, Regimes};
use domain::ticket::Facts;
use jiff::Timestamp;

use crate::convert::complaint::Choice;

/// Country whose law is looked for; a complaint does not tell it.
const COUNTRY: &str = "PL";

/// The law of the ticket's complaint, in the versions that it was opened under; nothing for a
/// ticket without one. None if a version is not known here.
pub(crate) fn of_ticket(regimes: &Regimes, facts: &Facts, now: Timestamp) -> Option<Law> {
    let Some(complaint) = &facts.complaint else {
        return Some(Law { now, ..Law::default() });
    };
    Some(Law {
        regimes: of_complaint(regimes, complaint)?,
        appeal_regime: of_appeals(regimes, complaint, now),
        now,
    })
}

/// The regimes of a complaint; `None` if a version is not known here.
pub(crate) fn of_complaint(regimes: &Regimes, complaint: &Complaint) -> Option<Vec<Arc<Regime>>> {
    let known = complaint.opened.regimes.iter();
    known.map(|known| regimes.version(&known.code, known.version).cloned()).collect()
}

/// The organisation's regime for appeals, as valid when the complaint was decided.
fn of_appeals(regimes: &Regimes, complaint: &Complaint, now: Timestamp) -> Option<Arc<Regime>> {
    let decided_at = complaint.ruling().map_or(now, |ruling| ruling.decided.decided_at);
    let matter = of_occasion(Occasion::Appeal, complaint.opened.consumer_status);
    regimes.applying(&matter, decided_at).into_iter().next()
}

/// A complaint of that customer, of which nothing else is told any more.
pub(crate) fn complaint_of(customer: ConsumerStatus) -> Matter {
    of_occasion(Occasion::Complaint, customer)
}

fn of_occasion(occasion: Occasion, customer: ConsumerStatus) -> Matter {
    Matter {
        occasion,
        sector: String::new(),
        subject: String::new(),
        customer,
        country: COUNTRY.to_owned(),
    }
}

/// The regimes that are chosen for what was received then.
///
/// # Errors
/// Those that were named are not those of the matter.
pub(crate) fn chosen(
    regimes: &Regimes,
    Choice { named, matter }: &Choice,
    received_at: Timestamp,
) -> Result<Vec<Arc<Regime>>, Misnamed> {
    match named.is_empty() {
        true => Ok(regimes.applying(matter, received_at)),
        false => regimes.named(named, matter, received_at),
    }
}
