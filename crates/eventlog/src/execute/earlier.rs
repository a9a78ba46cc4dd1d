//! What an earlier call of the same request or reaction has done, which is not done again.
use domain::Aggregate;
use uuid::Uuid;
use wire::Payload;
use wire::events::v1::Metadata;

use super::recent::Remembered;
use super::{ExecuteError, Executed, Loaded, corrupt, decode};
use crate::append::AppendError;
use crate::cause::Cause;
use crate::error::Error;
use crate::event::StreamId;
use crate::log::Log;
use crate::tenants::Tenant;

/// The events of an earlier call of the same request or reaction.
pub(super) struct Earlier<A: Aggregate> {
    events: Vec<A::Event>,
    /// Id of the last of them.
    last: Uuid,
}

impl<A: Aggregate> Earlier<A> {
    /// The answer to a repetition; `loaded` is the stream up to the last of the events.
    ///
    /// That they can be read does not mean that they will stay: the first call may have heard that
    /// its outcome is not known, because the standbys had not taken them. So whoever asks hears of
    /// them once a commit behind them has been taken. A reaction needs no promise: what it appended
    /// and its cursor are lost together.
    pub(super) async fn answer<R>(
        self,
        log: &Log,
        tenant: &Tenant,
        stream: &StreamId,
        cause: &Cause,
        loaded: Loaded<A>,
    ) -> Result<Executed<A>, ExecuteError<R>> {
        if cause.request.is_some() {
            match log.settle(tenant, stream, loaded.version, self.last).await {
                Ok(()) => {}
                Err(AppendError::Conflict { .. }) => return Err(ExecuteError::Conflict),
                Err(AppendError::Unavailable(_)) => {
                    return Err(ExecuteError::Append(AppendError::OutcomeUnknown));
                }
                Err(error) => return Err(ExecuteError::Append(error)),
            }
        }
        Ok(loaded.executed(self.events, true))
    }
}

/// Reads on after what is `known`: to the end of the stream, or to the end of an earlier answer
/// to the same cause, whose events come along.
pub(super) async fn read_on<A, R>(
    log: &Log,
    tenant: &Tenant,
    stream: &StreamId,
    cause: &Cause,
    known: &mut Remembered<A>,
) -> Result<Option<Earlier<A>>, ExecuteError<R>>
where
    A: Aggregate,
    A::Event: Payload,
{
    let mut earlier: Option<Earlier<A>> = None;
    loop {
        let page = log.read_stream_page(tenant, stream, known.loaded.version).await?;
        for recorded in page.events {
            let metadata = recorded.metadata().map_err(|error| corrupt(&recorded, &error))?;
            let is_same = match sameness(log, tenant, cause, &metadata).await? {
                Sameness::Reused => return Err(ExecuteError::RequestIdReused),
                Sameness::Other => false,
                Sameness::Same => true,
            };
            // The first answer ends here; what came later is none of its business.
            if earlier.is_some() && !is_same {
                return Ok(earlier);
            }
            let event = decode::<A>(&recorded)?;
            known.note(&recorded, &metadata, &event);
            if is_same {
                let last = recorded.event_id;
                let earlier = earlier.get_or_insert(Earlier { events: Vec::new(), last });
                earlier.events.push(event);
                earlier.last = last;
            }
        }
        if page.is_last {
            return Ok(earlier);
        }
    }
}

enum Sameness {
    /// The event has another cause.
    Other,
    /// The event came from an earlier call of the same request or reaction.
    Same,
    /// The event came from another request with the same id.
    Reused,
}

async fn sameness(
    log: &Log,
    tenant: &Tenant,
    cause: &Cause,
    metadata: &Metadata,
) -> Result<Sameness, Error> {
    let is = |text: &str, id: Uuid| text.parse() == Ok(id);
    Ok(match (cause.request, cause.causation_id) {
        (Some(request), _) if is(&metadata.request_id, request.id) => {
            let fingerprint = &request.fingerprint;
            let same = match log.keys() {
                Some(keys) => keys.is_marked(tenant.into(), metadata, fingerprint).await?,
                None => metadata.request_fingerprint == fingerprint.as_slice(),
            };
            if same { Sameness::Same } else { Sameness::Reused }
        }
        (None, Some(causation))
            if metadata.request_id.is_empty() && is(&metadata.causation_id, causation) =>
        {
            Sameness::Same
        }
        _ => Sameness::Other,
    })
}
