//! Liveness and readiness of the process, over gRPC and HTTP.
//!
//! Ready means: every named check is good and nobody is draining. Liveness depends on nothing
//! outside the process, so that a broken database never restarts healthy processes.

mod http;

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

pub use self::http::HttpServer;

/// Synthetic gRPC health names next to the services' own.
const LIVENESS: &str = "liveness";
const READINESS: &str = "readiness";

#[derive(Debug, Default)]
struct State {
    /// By name: `None` when good, otherwise why not. Written by the holders of [`Check`]s.
    checks: BTreeMap<String, Option<String>>,
    /// Written once, when shutdown begins.
    draining: bool,
    /// gRPC servers still serving; written by each as it starts and ends.
    servers: usize,
}

impl State {
    fn is_ready(&self) -> bool {
        !self.draining && self.checks.values().all(Option::is_none)
    }
}

/// Readiness of a process, gathered from its tasks. Clones are the same.
#[derive(Debug, Clone)]
pub struct Health(Arc<watch::Sender<State>>);

impl Default for Health {
    fn default() -> Self {
        Self::new()
    }
}

impl Health {
    /// Ready until a check says otherwise.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(State::default())))
    }

    /// Adds a check, not good until it says so. Take all checks before serving.
    pub fn check(&self, name: &str) -> Check {
        let check = Check { name: name.to_owned(), health: self.clone() };
        // Everything begins so: no news for the log.
        let starting = Some("starting".to_owned());
        self.0.send_modify(|state| drop(state.checks.insert(name.to_owned(), starting)));
        check
    }

    /// Whether the process is ready now.
    pub fn is_ready(&self) -> bool {
        self.0.borrow().is_ready()
    }

    /// Waits until the process is ready.
    pub async fn ready(&self) {
        self.wait_for(State::is_ready).await;
    }

    /// Turns readiness off for good: no new work, please.
    pub(crate) fn start_draining(&self) {
        self.0.send_modify(|state| state.draining = true);
    }

    /// Counts a gRPC server until the returned guard goes.
    pub(crate) fn serving(&self) -> Serving {
        self.0.send_modify(|state| state.servers += 1);
        Serving(self.clone())
    }

    async fn wait_for(&self, condition: impl FnMut(&State) -> bool) {
        let mut changes = self.0.subscribe();
        // The sender lives as long as `self`.
        let _ = changes.wait_for(condition).await;
    }

    /// What is not good, one line each; empty when ready.
    fn complaints(&self) -> Vec<String> {
        let state = self.0.borrow();
        let draining = state.draining.then(|| "shutting down".to_owned());
        let failing = state
            .checks
            .iter()
            .filter_map(|(name, reason)| reason.as_ref().map(|reason| format!("{name}: {reason}")));
        draining.into_iter().chain(failing).collect()
    }

    /// Copies readiness into a gRPC health service for as long as it is polled.
    pub(crate) async fn report(&self, reporter: HealthReporter, services: Vec<&'static str>) {
        let mut changes = self.0.subscribe();
        reporter.set_service_status(LIVENESS, ServingStatus::Serving).await;
        loop {
            let status = match changes.borrow_and_update().is_ready() {
                true => ServingStatus::Serving,
                false => ServingStatus::NotServing,
            };
            for name in services.iter().copied().chain(["", READINESS]) {
                reporter.set_service_status(name, status).await;
            }
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}

/// One task's say in readiness.
#[derive(Debug, Clone)]
pub struct Check {
    name: String,
    health: Health,
}

impl Check {
    /// The task can do its work.
    pub fn ready(&self) {
        self.set(None);
    }

    /// The task cannot do its work; the reason is for operators.
    pub fn not_ready(&self, reason: &str) {
        self.set(Some(reason.to_owned()));
    }

    fn set(&self, reason: Option<String>) {
        self.health.0.send_if_modified(|state| {
            if state.checks.get(&self.name) == Some(&reason) {
                return false;
            }
            match &reason {
                None => tracing::info!(check = self.name, "ready"),
                Some(reason) => tracing::info!(check = self.name, reason, "not ready"),
            }
            state.checks.insert(self.name.clone(), reason);
            true
        });
    }
}

/// A gRPC server that still serves.
#[derive(Debug)]
pub(crate) struct Serving(Health);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.0.send_modify(|state| state.servers = state.servers.saturating_sub(1));
    }
}
