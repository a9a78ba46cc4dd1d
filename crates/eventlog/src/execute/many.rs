//! Loads many streams of a tenant together.
use std::collections::HashMap;

use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;

use super::recent::Remembered;
use crate::error::Error;
use crate::event::StreamId;
use crate::log::Log;
use crate::tenants::Tenant;

/// The present states of these streams, as [`super::load`] returns them one by one. A stream that
/// cannot be read has its own error, and a missing one is left out. They are cached, so that the
/// commands that follow need not read again.
///
/// # Errors
/// Those of [`Log::read_streams`]; of a single thing [`Error::Corrupt`].
pub async fn load_many<A>(
    log: &Log,
    tenant: &Tenant,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Result<A::State, Error>>, Error>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let session = log.session(tenant.partition);
    let mut known: HashMap<Uuid, Result<Remembered<A>, Error>> = HashMap::with_capacity(ids.len());
    for recorded in log.read_streams(tenant, A::Event::CATEGORY, ids).await? {
        let id = recorded.stream.id;
        let so_far = known.remove(&id).unwrap_or_else(|| Ok(Remembered::nothing()));
        let further = so_far.and_then(|mut known| known.follow(&recorded).map(|()| known));
        known.insert(id, further);
    }
    let states = known.into_iter().map(|(id, known)| {
        let state = known.map(|remembered| {
            let state = remembered.loaded.state.clone();
            let stream = StreamId::new(A::Event::CATEGORY, id);
            log.recent().put((tenant.key, stream), session, remembered);
            state
        });
        (id, state)
    });
    Ok(states.collect())
}
