//! Supervised tasks: one shutdown token, the first failure ends the process, drain with a limit.
//!
//! A process ends in two steps. First its servers accept no more calls and finish the running ones.
//! What their answers rely on, such as a subscription that keeps a read model fresh, stops after
//! that.

use std::collections::{HashMap, HashSet};
use std::error::Error as StdError;
use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

type BoxError = Box<dyn StdError + Send + Sync>;

/// Section `[shutdown]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long all tasks together may take to end once the process shuts down.
    #[serde(with = "crate::duration")]
    pub drain_limit: Duration,
}

/// Why the process did not end well.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A task gave up.
    #[error("task {name} failed")]
    Failed {
        /// Name of the task.
        name: String,
        /// What it said.
        #[source]
        source: BoxError,
    },
    /// A task panicked: a broken invariant.
    #[error("task {name} panicked: {message}")]
    Panicked {
        /// Name of the task.
        name: String,
        /// Text of the panic.
        message: String,
    },
    /// Some tasks did not end in time and were abandoned.
    #[error("still running after the drain limit: {}", names.join(", "))]
    DrainLimit {
        /// Names of the tasks.
        names: Vec<String>,
    },
    /// The operator asked twice.
    #[error("stopped by a second signal before the drain was over")]
    Interrupted,
    /// The process could not listen for signals.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
}

/// The tasks of a process. A task that ends well before shutdown is merely done.
#[derive(Debug)]
pub struct Tasks {
    running: JoinSet<Result<(), BoxError>>,
    names: HashMap<Id, String>,
    /// Those of the running tasks that answer calls.
    servers: HashSet<Id>,
    shutdown: CancellationToken,
    served: CancellationToken,
    drain_limit: Duration,
}

impl Tasks {
    /// No tasks yet. After shutdown they have `drain_limit` to end.
    pub fn new(drain_limit: Duration) -> Self {
        Self {
            running: JoinSet::new(),
            names: HashMap::new(),
            servers: HashSet::new(),
            shutdown: CancellationToken::new(),
            served: CancellationToken::new(),
            drain_limit,
        }
    }

    /// The token of servers, and of all on which no call relies; cancelling it shuts the process
    /// down.
    pub fn shutdown(&self) -> CancellationToken {
        self.shutdown.clone()
    }

    /// The token of what calls rely on: cancelled once the process shuts down and the last server
    /// has ended.
    pub fn served(&self) -> CancellationToken {
        self.served.clone()
    }

    /// Starts a task at once.
    pub fn spawn<F, E>(&mut self, name: impl Into<String>, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.start(name.into(), task);
    }

    /// Starts a task that answers calls; see [`Self::served`].
    pub fn spawn_server<F, E>(&mut self, name: impl Into<String>, task: F)
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let id = self.start(name.into(), task);
        self.servers.insert(id);
    }

    fn start<F, E>(&mut self, name: String, task: F) -> Id
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError>,
    {
        let handle = self.running.spawn(async move { task.await.map_err(Into::into) });
        self.names.insert(handle.id(), name);
        handle.id()
    }

    /// Runs until SIGTERM, SIGINT, the shutdown token, the first failure or the end of all tasks;
    /// then drains. A second signal ends the drain at once.
    pub async fn run(self) -> Result<(), Error> {
        let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
        let shutdown = self.shutdown.clone();
        let supervised = self.supervise();
        tokio::pin!(supervised);
        tokio::select! {
            outcome = &mut supervised => return outcome,
            name = first_signal(&mut terminate, &mut interrupt) => {
                tracing::info!(signal = name, "shutting down");
                shutdown.cancel();
            }
        }
        tokio::select! {
            outcome = supervised => outcome,
            _ = first_signal(&mut terminate, &mut interrupt) => Err(Error::Interrupted),
        }
    }

    /// As [`Self::run`], but leaves the process's signals alone.
    pub async fn supervise(mut self) -> Result<(), Error> {
        let mut first_failure = None;
        loop {
            tokio::select! {
                () = self.shutdown.cancelled() => break,
                joined = self.running.join_next_with_id() => match joined {
                    None => return Ok(()),
                    Some(joined) => if let Err(error) = self.judge(joined) {
                        tracing::error!(error = %chain(&error), "shutting down after a failure");
                        first_failure = Some(error);
                        break;
                    }
                },
            }
        }
        self.shutdown.cancel();
        let drained = self.drain().await;
        first_failure.map_or(drained, Err)
    }

    async fn drain(&mut self) -> Result<(), Error> {
        let limit = tokio::time::sleep(self.drain_limit);
        tokio::pin!(limit);
        let mut outcome = Ok(());
        loop {
            if self.servers.is_empty() {
                self.served.cancel();
            }
            tokio::select! {
                () = &mut limit => {
                    self.running.abort_all();
                    let mut names: Vec<String> = self.names.drain().map(|(_, name)| name).collect();
                    names.sort();
                    return outcome.and(Err(Error::DrainLimit { names }));
                }
                joined = self.running.join_next_with_id() => match joined {
                    None => return outcome,
                    Some(joined) => if let Err(error) = self.judge(joined) {
                        tracing::error!(error = %chain(&error), "failed while shutting down");
                        outcome = outcome.and(Err(error));
                    }
                },
            }
        }
    }

    fn judge(
        &mut self,
        joined: Result<(Id, Result<(), BoxError>), JoinError>,
    ) -> Result<(), Error> {
        let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let name = self.names.remove(&id).unwrap_or_default();
        self.servers.remove(&id);
        match joined {
            Ok((_, Ok(()))) => {
                tracing::debug!(task = name, "task ended");
                Ok(())
            }
            Ok((_, Err(source))) => Err(Error::Failed { name, source }),
            Err(error) => {
                let message = error.try_into_panic().map_or_else(
                    |_| "cancelled from outside".to_owned(),
                    |panic| panic_text(panic.as_ref()).to_owned(),
                );
                Err(Error::Panicked { name, message })
            }
        }
    }
}

/// The text of a panic, if it has one.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("panic without a text")
}

/// An error and everything behind it, in one line.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

async fn first_signal(terminate: &mut Signal, interrupt: &mut Signal) -> &'static str {
    tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn tasks() -> Tasks {
        Tasks::new(Duration::from_millis(50))
    }

    #[tokio::test]
    async fn a_failing_task_shuts_the_others_down_and_is_named() {
        let mut tasks = tasks();
        let token = tasks.shutdown();
        tasks.spawn("steady", async move {
            token.cancelled().await;
            Ok::<(), BoxError>(())
        });
        tasks.spawn("broken", async { Err::<(), _>("no disk") });
        let error = tasks.supervise().await.unwrap_err();
        assert_eq!(chain(&error), "task broken failed: no disk");
    }

    #[tokio::test]
    async fn a_panic_ends_the_process_with_its_text() {
        let mut tasks = tasks();
        tasks.spawn("broken", async {
            assert_eq!(1 + 1, 3, "arithmetic is off");
            Ok::<(), BoxError>(())
        });
        let error = tasks.supervise().await.unwrap_err().to_string();
        assert!(error.starts_with("task broken panicked: "), "{error}");
        assert!(error.contains("arithmetic is off"), "{error}");
    }

    #[tokio::test]
    async fn a_task_that_does_not_stop_is_abandoned_and_named() {
        let mut tasks = tasks();
        tasks.spawn("deaf", std::future::pending::<Result<(), BoxError>>());
        tasks.shutdown().cancel();
        let error = tasks.supervise().await.unwrap_err();
        assert_eq!(error.to_string(), "still running after the drain limit: deaf");
    }

    #[tokio::test]
    async fn a_signal_shuts_the_tasks_down() {
        let mut tasks = tasks();
        let token = tasks.shutdown();
        // On this single-threaded runtime the task starts after `run` has begun to listen.
        tasks.spawn("operator", async move {
            testkit::signal(std::process::id(), "TERM");
            token.cancelled().await;
            Ok::<(), std::io::Error>(())
        });
        tasks.run().await.unwrap();
    }

    #[tokio::test]
    async fn what_calls_rely_on_outlasts_the_servers() {
        let mut tasks = Tasks::new(Duration::from_secs(30));
        let (shutdown, served) = (tasks.shutdown(), tasks.served());
        let (last_call, done) = tokio::sync::oneshot::channel::<()>();
        let follower = served.clone();
        tasks.spawn_server("server", async move {
            shutdown.cancelled().await;
            done.await
        });
        tasks.spawn("subscription", async move {
            follower.cancelled().await;
            Ok::<(), BoxError>(())
        });
        tasks.spawn("caller", async move {
            assert!(!served.is_cancelled(), "a call is still in work");
            last_call.send(()).map_err(|()| "the server did not wait")
        });
        tasks.shutdown().cancel();
        tasks.supervise().await.unwrap();
    }

    #[tokio::test]
    async fn finished_tasks_are_no_failure() {
        let mut tasks = tasks();
        tasks.spawn("short", async { Ok::<(), BoxError>(()) });
        tasks.supervise().await.unwrap();
    }
}
