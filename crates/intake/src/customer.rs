//! The customer's status in law, from the profile of the party.
use domain::identity::ConsumerStatus;
use domain::ids::PartyId;
use domain::party::{Party, State};
use eventlog::{Error, Log, Tenant, load_before};

/// Longest chain of aliases that is followed; each leads to an older party.
const MOST_ALIASES: usize = 100;

/// The party that `id` lived as before that position of the log, with its id, whatever has become
/// of it; `None` if its aliases have no end.
///
/// # Errors
/// If the log cannot be read.
pub(crate) async fn lives_as(
    log: &Log,
    tenant: &Tenant,
    id: PartyId,
    before: u64,
) -> Result<Option<(PartyId, State)>, Error> {
    let mut at = id;
    for _ in 0..MOST_ALIASES {
        match load_before::<Party>(log, tenant, at.0, before).await? {
            State::Alias(_, into) => at = into,
            state
            @ (State::Absent | State::Unregistered(_) | State::Live(_) | State::Erased(_)) => {
                return Ok(Some((at, state)));
            }
        }
    }
    Ok(None)
}

/// Who the party was to the law before that position of the log; not known where the party is not.
///
/// # Errors
/// As [`lives_as`].
pub(crate) async fn status(
    log: &Log,
    tenant: &Tenant,
    party_id: PartyId,
    before: u64,
) -> Result<ConsumerStatus, Error> {
    Ok(match lives_as(log, tenant, party_id, before).await? {
        Some((_, State::Live(facts))) => facts.profile.consumer_status,
        _ => ConsumerStatus::Unknown,
    })
}
