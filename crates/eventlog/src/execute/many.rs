//! Many things of a tenant, read together.
use std::collections::HashMap;

use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;

use super::recent::Remembered;
use super::{corrupt, decode};
use crate::error::Error;
use crate::event::StreamId;
use crate::log::Log;
use crate::tenants::Tenant;

/// The present states of those things, as [`super::load`] would tell them one by one; what does
/// not exist is left out. They are remembered, so that commands which follow need not read again.
///
/// # Errors
/// [`Error::Corrupt`] if an event cannot be read, or those of [`Log::read_streams`].
pub async fn load_many<A>(
    log: &Log,
    tenant: &Tenant,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, A::State>, Error>
where
    A: Aggregate + 'static,
    A::Event: Payload,
{
    let session = log.session(tenant.partition);
    let mut known: HashMap<Uuid, Remembered<A>> = HashMap::with_capacity(ids.len());
    for recorded in log.read_streams(tenant, A::Event::CATEGORY, ids).await? {
        let event = decode::<A>(&recorded)?;
        let metadata = recorded.metadata().map_err(|error| corrupt(&recorded, &error))?;
        let id = recorded.stream.id;
        let Remembered { loaded, mut causes } =
            known.remove(&id).unwrap_or_else(Remembered::nothing);
        causes.add_id(&metadata.request_id);
        causes.add_id(&metadata.causation_id);
        known.insert(id, Remembered { loaded: loaded.after(&recorded, &event), causes });
    }
    let mut states = HashMap::with_capacity(known.len());
    for (id, remembered) in known {
        states.insert(id, remembered.loaded.state.clone());
        log.recent().put((tenant.key, StreamId::new(A::Event::CATEGORY, id)), session, remembered);
    }
    Ok(states)
}
