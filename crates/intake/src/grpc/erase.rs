//! How a party is erased: what stands against it is looked up first, and the answer comes after
//! the keys are gone.
use domain::ids::PartyId;
use domain::party::{Command, Erase};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tonic::Status;
use wire::intake::v1;

use super::Intake;
use super::party::Answer;
use crate::call::Call;
use crate::convert::party as convert;
use crate::read_model::party_tickets;

impl Intake {
    pub(super) async fn erase(
        &self,
        call: &Call,
        message: &v1::ErasePartyRequest,
    ) -> Result<Answer, Status> {
        let asked = convert::erase(call, message)?;
        // A ticket of a moment ago counts, too.
        self.caught_up(call).await?;
        let party_id = PartyId(asked.target.id);
        let standing = party_tickets::standing(&self.pool, call.tenant.key, party_id).await;
        let standing = self.queried(standing.map_err(Into::into))?;
        let closed = standing.last_complaint.map(|at| at.to_jiff().to_zoned(TimeZone::UTC).date());
        let command = Command::Erase(Erase {
            party_id,
            basis: asked.basis,
            request_ticket_id: asked.request_ticket_id,
            retained: Vec::new(),
            tickets: standing.tickets.unsigned_abs(),
            open_tickets: standing.open.unsigned_abs(),
            retained_until: closed.and_then(|day| retained_until(day, self.config.claims_years)),
            today: convert::today(call),
        });
        let (party, erased_at) = self.change_party(call, (asked.target, command)).await?;
        // The keys are destroyed where the event is projected.
        self.as_fresh_as(call, erased_at.as_ref()).await?;
        self.log.forget_personal_data();
        Ok((party, erased_at))
    }
}

/// The last day on which claims from a complaint keep the data: limitation ends with a calendar
/// year (Polish Civil Code, art. 118).
fn retained_until(closed: Date, claims_years: u16) -> Option<Date> {
    if claims_years == 0 {
        return None;
    }
    let year = i32::from(closed.year()) + i32::from(claims_years);
    let year = i16::try_from(year).ok().filter(|year| *year <= 9_999).unwrap_or(9_999);
    Date::new(year, 12, 31).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::retained_until;

    #[test]
    fn claims_keep_data_to_the_end_of_a_year() {
        let closed = date(2026, 1, 2);
        assert_eq!(retained_until(closed, 6), Some(date(2032, 12, 31)));
        assert_eq!(retained_until(closed, 0), None);
        assert_eq!(retained_until(closed, u16::MAX), Some(date(9_999, 12, 31)));
    }
}
