//! One conversation with a client, and how it fails on demand.
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::secured::{self, Lines};
use super::{Failure, Mail, Security, Stage, State, lock};

pub(super) struct Session {
    pub(super) failure: Option<Failure>,
    pub(super) security: Option<Security>,
    pub(super) encrypted: bool,
    pub(super) logged_in: bool,
    pub(super) state: Arc<Mutex<State>>,
    pub(super) mail: Option<Mail>,
}

impl Session {
    pub(super) async fn run(mut self, stream: TcpStream) -> anyhow::Result<()> {
        let mut stream = secured::begin(stream, self.security.as_ref()).await?;
        if !self.reply(&mut stream, Stage::Connect, "220 sink ready").await? {
            return Ok(());
        }
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let verb: String = line.chars().take(4).collect::<String>().to_ascii_uppercase();
            let going_on = match verb.as_str() {
                "EHLO" => say(&mut stream, self.features()).await.map(|()| true)?,
                "STAR" if !self.encrypted => {
                    self.plain(&mut stream, "220 go ahead").await?;
                    let security = self.security.as_ref().context("has TLS")?;
                    stream = secured::upgrade(stream, security).await?;
                    self.encrypted = true;
                    true
                }
                "AUTH" if self.encrypted => {
                    self.log_in(&mut stream, &line).await?;
                    true
                }
                "MAIL" if !self.logged_in => {
                    self.plain(&mut stream, "530 log in first").await?;
                    true
                }
                "MAIL" => {
                    let from = address(&line);
                    let received_at = Instant::now();
                    self.mail = Some(Mail { from, to: Vec::new(), raw: Vec::new(), received_at });
                    self.reply(&mut stream, Stage::Mail, "250 sender ok").await?
                }
                "RCPT" => self.recipient(&mut stream, &line).await?,
                "DATA" => self.data(&mut stream).await?,
                "HELO" | "NOOP" | "RSET" => {
                    if verb == "RSET" {
                        self.mail = None;
                    }
                    self.plain(&mut stream, "250 ok").await?;
                    true
                }
                "QUIT" => {
                    self.plain(&mut stream, "221 bye").await?;
                    false
                }
                _ => {
                    self.plain(&mut stream, "502 not known here").await?;
                    true
                }
            };
            if !going_on {
                return Ok(());
            }
        }
    }

    fn features(&self) -> &'static str {
        match (&self.security, self.encrypted) {
            (None, _) => "250-sink\r\n250 8BITMIME",
            (Some(_), false) => "250-sink\r\n250 STARTTLS",
            (Some(_), true) => "250-sink\r\n250-AUTH PLAIN\r\n250 8BITMIME",
        }
    }

    async fn log_in(&mut self, stream: &mut Lines, line: &str) -> anyhow::Result<()> {
        let login = line.trim_end().rsplit(' ').next().unwrap_or_default();
        self.logged_in = self.security.as_ref().is_some_and(|known| known.login == login);
        let answer = if self.logged_in { "235 welcome" } else { "535 wrong user or password" };
        self.plain(stream, answer).await
    }

    async fn recipient(&mut self, stream: &mut Lines, line: &str) -> anyhow::Result<bool> {
        let Some(mail) = &mut self.mail else {
            self.plain(stream, "503 MAIL first").await?;
            return Ok(true);
        };
        if !matches!(self.failure, Some(Failure::Reply { at: Stage::Rcpt, .. })) {
            mail.to.push(address(line));
        }
        self.reply(stream, Stage::Rcpt, "250 recipient ok").await
    }

    async fn data(&mut self, stream: &mut Lines) -> anyhow::Result<bool> {
        let Some(mut mail) = self.mail.take().filter(|mail| !mail.to.is_empty()) else {
            self.plain(stream, "503 RCPT first").await?;
            return Ok(true);
        };
        self.plain(stream, "354 go ahead").await?;
        loop {
            let mut line = Vec::new();
            if stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(false);
            }
            if line == b".\r\n" {
                mail.received_at = Instant::now();
                break;
            }
            let unstuffed = line.strip_prefix(b".").unwrap_or(&line);
            mail.raw.extend_from_slice(unstuffed);
        }
        if !matches!(self.failure, Some(Failure::Reply { at: Stage::Data, .. })) {
            self.keep(mail)?;
        }
        if self.failure == Some(Failure::CutAfterData) {
            return Ok(false);
        }
        self.reply(stream, Stage::Data, "250 kept").await
    }

    fn keep(&self, mail: Mail) -> anyhow::Result<()> {
        let mut state = lock(&self.state);
        if let Some(journal) = &mut state.journal {
            writeln!(journal, "MAIL {} -> {}", mail.from, mail.to.join(", "))?;
            journal.write_all(&mail.raw)?;
            journal.sync_all()?;
        }
        state.messages.push(mail);
        Ok(())
    }

    /// Answers one step as told to; `false` ends the session.
    async fn reply(&self, stream: &mut Lines, stage: Stage, fine: &str) -> anyhow::Result<bool> {
        match self.failure {
            Some(Failure::Reply { at, code, text }) if at == stage => {
                say(stream, &format!("{code} {text}")).await?;
                Ok(code != 421 && stage != Stage::Connect)
            }
            _ => self.plain(stream, fine).await.map(|()| true),
        }
    }

    async fn plain(&self, stream: &mut Lines, text: &str) -> anyhow::Result<()> {
        if let Some(Failure::Tarpit(pause)) = self.failure {
            tokio::time::sleep(pause).await;
        }
        say(stream, text).await
    }
}

async fn say(stream: &mut Lines, text: &str) -> anyhow::Result<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).await?;
    stream.flush().await.context("answer")
}

/// What stands between `<` and `>`.
fn address(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map(|(address, _)| address.to_owned()).unwrap_or_default()
}
