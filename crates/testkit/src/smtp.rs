//! A real SMTP server that keeps its mails and fails on demand; with TLS and a login if asked.
mod secured;
mod session;

pub use secured::{Security, Tls};

use std::collections::VecDeque;
use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::eventually;
use session::Session;

/// An accepted message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender, without angle brackets.
    pub from: String,
    /// The envelope's recipients, without angle brackets.
    pub to: Vec<String>,
    /// Headers and body as sent, dots unstuffed, lines ended by CR LF.
    pub raw: Vec<u8>,
    /// When its last byte was here, before the client was told.
    pub received_at: Instant,
}

impl Mail {
    /// [`Mail::raw`] as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.raw).into_owned()
    }
}

/// The step of a session at which a [`Failure::Reply`] is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Instead of the greeting.
    Connect,
    /// In answer to MAIL FROM.
    Mail,
    /// In answer to each RCPT TO.
    Rcpt,
    /// After the message's last line; the message is not kept.
    Data,
}

/// How a session goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The reply at one step, such as 421, 451 or 550.
    Reply {
        /// Where.
        at: Stage,
        /// Reply code; 421 also ends the session.
        code: u16,
        /// Text after the code.
        text: &'static str,
    },
    /// The message is kept, and the connection cut before the answer: nobody knows.
    CutAfterData,
    /// Every reply takes this long.
    Tarpit(Duration),
}

#[derive(Debug, Default)]
struct State {
    /// Written by sessions, read by the test.
    messages: Vec<Mail>,
    /// Sessions begun, written by the accept loop.
    attempts: usize,
    /// Written by the accept loop, read by those who wait for it.
    listening: bool,
    /// Failures of the next sessions, then of every session; written by the test.
    next: VecDeque<Failure>,
    always: Option<Failure>,
    journal: Option<File>,
}

/// A mail server on loopback. Dropping it closes it.
#[derive(Debug)]
pub struct SmtpSink {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    open: watch::Sender<bool>,
    accepting: JoinHandle<()>,
}

impl SmtpSink {
    /// Listens on a free port.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> SmtpSink {
        SmtpSink::launch(None, None).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// [`SmtpSink::start`], but a session must be encrypted and somebody logged in before a sender
    /// is named.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn secured(security: Security) -> SmtpSink {
        SmtpSink::launch(None, Some(security)).await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    /// [`SmtpSink::start`], appending each message to `journal`, synced, before it says 250.
    ///
    /// # Panics
    /// When it cannot listen or open the file.
    pub async fn with_journal(journal: &Path) -> SmtpSink {
        let launched = SmtpSink::launch(Some(journal), None).await;
        launched.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn launch(
        journal: Option<&Path>,
        security: Option<Security>,
    ) -> anyhow::Result<SmtpSink> {
        let journal = journal.map(|path| File::options().create(true).append(true).open(path));
        let journal = journal.transpose().context("open the journal")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let state = Arc::new(Mutex::new(State { journal, listening: true, ..State::default() }));
        let (open, is_open) = watch::channel(true);
        let door = Door { address, security, state: Arc::clone(&state) };
        let accepting = tokio::spawn(door.accept(listener, is_open));
        Ok(SmtpSink { address, state, open, accepting })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The messages kept so far, in order of arrival.
    pub fn messages(&self) -> Vec<Mail> {
        lock(&self.state).messages.clone()
    }

    /// The messages kept after the first `seen` ones.
    pub fn messages_after(&self, seen: usize) -> Vec<Mail> {
        lock(&self.state).messages.iter().skip(seen).cloned().collect()
    }

    /// How many connections were made.
    pub fn attempts(&self) -> usize {
        lock(&self.state).attempts
    }

    /// Every session fails so, until [`SmtpSink::recover`].
    pub fn fail(&self, failure: Failure) {
        lock(&self.state).always = Some(failure);
    }

    /// The next `count` sessions fail so.
    pub fn fail_next(&self, count: usize, failure: Failure) {
        lock(&self.state).next.extend(std::iter::repeat_n(failure, count));
    }

    /// No session fails any more.
    pub fn recover(&self) {
        let mut state = lock(&self.state);
        state.next.clear();
        state.always = None;
    }

    /// Connections are refused from now on; sessions that run go on.
    pub async fn close(&self) {
        self.open.send_replace(false);
        eventually(|| async { !lock(&self.state).listening }).await;
    }

    /// Listens again on the same port.
    pub async fn open(&self) {
        self.open.send_replace(true);
        eventually(|| async { lock(&self.state).listening }).await;
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Door {
    address: SocketAddr,
    security: Option<Security>,
    state: Arc<Mutex<State>>,
}

impl Door {
    async fn accept(self, listener: TcpListener, mut open: watch::Receiver<bool>) {
        let mut listener = Some(listener);
        loop {
            tokio::select! {
                changed = open.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    let should_listen = *open.borrow_and_update();
                    if !should_listen {
                        listener = None;
                    } else if listener.is_none() {
                        listener = TcpListener::bind(self.address).await.ok();
                    }
                    lock(&self.state).listening = listener.is_some();
                }
                Ok((stream, _)) = async { listener.as_ref().expect("guarded").accept().await },
                    if listener.is_some() =>
                {
                    let session = self.session();
                    // A client that goes away ends its session; that is all there is to know.
                    tokio::spawn(async move { drop(session.run(stream).await) });
                }
            }
        }
    }

    fn session(&self) -> Session {
        let mut state = lock(&self.state);
        state.attempts += 1;
        let next = state.next.pop_front();
        let failure = next.or_else(|| state.always.clone());
        let (encrypted, security) = match &self.security {
            None => (true, None),
            Some(security) => (security.mode == Tls::Implicit, Some(security.clone())),
        };
        Session {
            failure,
            encrypted,
            logged_in: security.is_none(),
            security,
            state: Arc::clone(&self.state),
            mail: None,
        }
    }
}

#[cfg(test)]
mod tests;
