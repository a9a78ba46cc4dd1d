//! The leads of the team that serves a queue, from the directory of the tenant.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::ids::directory_stream_id;
use eventlog::{HandlerError, Log, Recorded, StreamId, TenantKey};
use uuid::Uuid;
use wire::routing::v1::DirectoryChanged;
use wire::routing::v1::directory_changed::Object;

use crate::read_model::ticket_facts::decode;

/// The teams of all tenants, read from the log.
pub(super) struct Teams {
    log: Log,
    /// What was read last, by tenant; written by the last caller.
    known: Mutex<BTreeMap<TenantKey, Arc<Known>>>,
}

/// A tenant's queues and teams up to a version of its directory.
#[derive(Clone, Default)]
struct Known {
    version: u32,
    /// The event of this version. If another one stands there, a restore has lost what is known.
    last: Option<Uuid>,
    /// Team that serves it, by queue.
    teams: BTreeMap<String, String>,
    /// Agents who lead it, by team.
    leads: BTreeMap<String, Vec<String>>,
}

impl Teams {
    pub(super) fn new(log: Log) -> Self {
        Self { log, known: Mutex::default() }
    }

    /// The agents who lead the team of a queue now. Only what has changed since somebody asked last
    /// is read.
    pub(super) async fn leads(
        &self,
        event: &Recorded,
        queue_id: &str,
    ) -> Result<Vec<String>, HandlerError> {
        let tenant = event.to_tenant();
        let before = self.remembered(tenant.key);
        let stream = StreamId::new("directory", directory_stream_id(&tenant.name));
        let mut known = Known::clone(&before);
        // A directory grows without end: every change of availability is an event of it.
        loop {
            let after = known.version.saturating_sub(1);
            let page = self.log.read_stream_page(&tenant, &stream, after).await?;
            let mut changes = page.events.iter();
            if let Some(last) = known.last
                && changes.next().is_none_or(|change| change.event_id != last)
            {
                known = Known::default();
                continue;
            }
            for change in changes {
                known.last = Some(change.event_id);
                known.note(change.version, decode(change)?);
            }
            if page.is_last {
                break;
            }
        }
        let team = known.teams.get(queue_id);
        let leads = team.and_then(|team| known.leads.get(team)).cloned().unwrap_or_default();
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant.key, Arc::new(known));
        Ok(leads)
    }

    fn remembered(&self, tenant: TenantKey) -> Arc<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant).cloned().unwrap_or_default()
    }
}

impl Known {
    fn note(&mut self, version: u32, change: DirectoryChanged) {
        self.version = version;
        match change.object {
            Some(Object::Queue(queue)) => {
                self.teams.insert(queue.queue_id, queue.team_id);
            }
            Some(Object::Team(team)) => {
                self.leads.insert(team.team_id, team.lead_agent_ids);
            }
            Some(Object::Agent(_) | Object::Availability(_)) | None => {}
        }
    }
}
