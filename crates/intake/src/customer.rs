//! Who a customer is to the law, as the party's profile tells.
use domain::Aggregate as _;
use domain::identity::ConsumerStatus;
use domain::ids::PartyId;
use domain::party::{Event, Party, State};
use eventlog::{Error, Log, Recorded, StreamId, Tenant};

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
        let stream = StreamId::new("party", at.0);
        let mut party = State::default();
        for told in log.read_stream(tenant, &stream, 0).await? {
            if told.position < before {
                party = Party::evolve(party, &read(&told)?);
            }
        }
        match party {
            State::Live(facts) => return Ok(facts.profile.consumer_status),
            State::Alias(_, into) => at = into,
            State::Absent | State::Unregistered(_) | State::Erased(_) => break,
        }
    }
    Ok(ConsumerStatus::Unknown)
}

fn read(told: &Recorded) -> Result<Event, Error> {
    told.decode().map_err(|error| Error::Corrupt {
        partition: told.partition,
        position: told.position,
        reason: error.to_string(),
    })
}
