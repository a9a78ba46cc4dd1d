//! Who a customer is to the law, as the party's profile tells.
use domain::identity::ConsumerStatus;
use domain::ids::PartyId;
use domain::party::{Party, State};
use eventlog::{Error, Log, Tenant, load_before};

/// Longest way of aliases that is followed; each leads to an older party.
pub(crate) const MOST_ALIASES: usize = 100;

/// Who the party was before that position of the log; not known where the party is not.
///
/// # Errors
/// If the log cannot be read.
pub(crate) async fn status(
    log: &Log,
    tenant: &Tenant,
    party_id: PartyId,
    before: u64,
) -> Result<ConsumerStatus, Error> {
    let mut at = party_id;
    for _ in 0..MOST_ALIASES {
        match load_before::<Party>(log, tenant, at.0, before).await? {
            State::Live(facts) => return Ok(facts.profile.consumer_status),
            State::Alias(_, into) => at = into,
            State::Absent | State::Unregistered(_) | State::Erased(_) => break,
        }
    }
    Ok(ConsumerStatus::Unknown)
}
