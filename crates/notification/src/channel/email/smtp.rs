//! A conversation with the mail server, and the meaning of its outcome.
//!
//! Until the last byte of the message nothing was handed over, so a failure up to there is only a
//! delay. After that, without an answer, the outcome is unknown.
use std::error::Error as _;
use std::sync::{Mutex, PoisonError};

use domain::notice::FailureKind;
use lettre::address::Envelope;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use super::SetupError;
use crate::channel::Outcome;
use crate::config;

/// Most characters kept of a server's answer.
const REFERENCE_CHARS: usize = 200;

/// The mail server.
pub(super) struct Smtp {
    settings: config::Email,
    tls: Option<TlsParameters>,
    hello: ClientId,
    /// Connections that nobody uses, the freshest last; at most as many as attempts run.
    idle: Mutex<Vec<Connection>>,
}

struct Connection {
    inner: AsyncSmtpConnection,
    messages: u32,
    since: Instant,
}

/// Where a conversation broke off.
enum Broken {
    /// Before anybody answered.
    Unreachable,
    /// Before it was about this mail at all.
    Connect(Error),
    /// Before a password or a mail was said: the server does not offer the TLS that is asked for.
    Unprotected,
    /// Before the sender was taken; on a kept connection that may mean it had grown old.
    Early(Error),
    /// Before the recipient was taken.
    Recipient(Error),
    /// Before the message.
    Before(Error),
    /// In the message or waiting for the answer.
    Unanswered(Error),
    /// It took too long, before the message.
    SlowBefore,
    /// It took too long, with the message or the answer.
    SlowAnswer,
}

impl Smtp {
    pub(super) fn new(settings: &config::Email) -> Result<Self, SetupError> {
        let tls = match settings.tls {
            config::TlsMode::None => None,
            config::TlsMode::Starttls | config::TlsMode::Tls => Some(parameters(settings)?),
        };
        Ok(Self {
            settings: settings.clone(),
            tls,
            hello: ClientId::default(),
            idle: Mutex::default(),
        })
    }

    pub(super) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Outcome {
        let mut kept = self.kept();
        loop {
            let used = kept.is_some();
            let outcome = self.converse(kept.take(), envelope, message).await;
            match outcome {
                Ok((connection, response)) => {
                    self.keep(connection);
                    return Outcome::Sent { provider_ref: reference(&response, envelope) };
                }
                // The server had closed a connection that nobody used: nothing was lost.
                Err(Broken::Early(error)) if used && error.status().is_none_or(is_closing) => {}
                Err(broken) => return broken.outcome(),
            }
        }
    }

    async fn converse(
        &self,
        kept: Option<Connection>,
        envelope: &Envelope,
        message: &[u8],
    ) -> Result<(Connection, Response), Broken> {
        let begin = async {
            let mut connection = match kept {
                Some(connection) => connection,
                None => self.connect().await?,
            };
            announce(&mut connection.inner, envelope).await?;
            Ok(connection)
        };
        let mut connection = timeout(self.settings.connect_timeout, begin)
            .await
            .map_err(|_| Broken::SlowBefore)??;
        let response = timeout(self.settings.send_timeout, connection.inner.message(message))
            .await
            .map_err(|_| Broken::SlowAnswer)?
            .map_err(Broken::Unanswered)?;
        connection.messages += 1;
        Ok((connection, response))
    }

    async fn connect(&self) -> Result<Connection, Broken> {
        let mut inner = self.open().await?;
        if let (config::TlsMode::Starttls, Some(parameters)) = (self.settings.tls, &self.tls) {
            if !inner.server_info().supports_feature(Extension::StartTls) {
                return Err(Broken::Unprotected);
            }
            inner.starttls(parameters.clone(), &self.hello).await.map_err(Broken::Connect)?;
        }
        let config::Email { username, password, .. } = &self.settings;
        if !username.is_empty() {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            inner.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(Broken::Connect)?;
        }
        Ok(Connection { inner, messages: 0, since: Instant::now() })
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, Broken> {
        let config::Email { host, port, tls, connect_timeout, .. } = &self.settings;
        let server = (host.as_str(), *port);
        let opened = if *tls == config::TlsMode::Tls {
            let (limit, tls) = (Some(*connect_timeout), self.tls.clone());
            AsyncSmtpConnection::connect_tokio1(server, limit, &self.hello, tls, None).await
        } else {
            // A message and its end are two writes: held back until the first is acknowledged, the
            // second would cost every mail the 40 ms of a delayed acknowledgement.
            let stream = TcpStream::connect(server).await.map_err(|_| Broken::Unreachable)?;
            stream.set_nodelay(true).map_err(|_| Broken::Unreachable)?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await
        };
        opened.map_err(Broken::Connect)
    }

    fn kept(&self) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|connection| connection.since.elapsed() < self.settings.idle_timeout);
        idle.pop()
    }

    fn keep(&self, connection: Connection) {
        if connection.messages < self.settings.messages_per_connection {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(Connection { since: Instant::now(), ..connection });
        }
    }
}

fn parameters(settings: &config::Email) -> Result<TlsParameters, SetupError> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if !settings.ca_file.is_empty() {
        let pem = std::fs::read_to_string(&settings.ca_file)?;
        if !pem.contains("-----BEGIN CERTIFICATE-----") {
            return Err(SetupError::NoAuthority);
        }
        parameters = parameters.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    Ok(parameters.build()?)
}

/// Everything before the message.
async fn announce(connection: &mut AsyncSmtpConnection, envelope: &Envelope) -> Result<(), Broken> {
    let mut parameters = Vec::new();
    let addresses = envelope.from().into_iter().chain(envelope.to());
    if addresses.map(AsRef::<str>::as_ref).any(|address| !address.is_ascii()) {
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if connection.server_info().supports_feature(Extension::EightBitMime) {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    let mail = Mail::new(envelope.from().cloned(), parameters);
    connection.command(mail).await.map_err(Broken::Early)?;
    for to in envelope.to() {
        let rcpt = Rcpt::new(to.clone(), Vec::new());
        connection.command(rcpt).await.map_err(Broken::Recipient)?;
    }
    connection.command(Data).await.map_err(Broken::Before)?;
    Ok(())
}

impl Broken {
    fn outcome(self) -> Outcome {
        match self {
            Self::SlowBefore => Outcome::failed(FailureKind::Transient, "SMTP_TIMEOUT"),
            Self::SlowAnswer => Outcome::failed(FailureKind::Unknown, "SMTP_TIMEOUT"),
            Self::Unreachable => Outcome::failed(FailureKind::Transient, "SMTP_CONNECTION"),
            Self::Unprotected => Outcome::failed(FailureKind::Transient, "SMTP_TLS"),
            Self::Connect(error) => {
                let code = match error.status() {
                    Some(code) => format!("SMTP_{}", u16::from(code)),
                    None if is_about_tls(&error) => "SMTP_TLS".to_owned(),
                    None => "SMTP_CONNECTION".to_owned(),
                };
                Outcome::failed(FailureKind::Transient, code)
            }
            // A server that refuses the sender says nothing about the recipient.
            Self::Early(error) => not_taken(&error, |code| (FailureKind::Transient, code)),
            Self::Recipient(error) if is_about_policy(&error) => {
                not_taken(&error, |code| (FailureKind::Transient, code))
            }
            Self::Recipient(error) | Self::Before(error) => not_taken(&error, refused),
            Self::Unanswered(error) => match error.status() {
                Some(_) => not_taken(&error, refused),
                None => Outcome::failed(FailureKind::Unknown, "SMTP_CUT"),
            },
        }
    }
}

/// Whether it is TLS that failed, such as for a certificate that nobody vouches for.
fn is_about_tls(error: &Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    let handshake = causes.any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        io.is_some_and(|inner| inner.is::<rustls::Error>())
    });
    handshake || error.is_tls()
}

/// What an answer without the mail means; without an answer it is a delay.
fn not_taken(error: &Error, judge: impl Fn(u16) -> (FailureKind, u16)) -> Outcome {
    match error.status() {
        Some(code) => {
            let (kind, code) = judge(u16::from(code));
            Outcome::failed(kind, format!("SMTP_{code}"))
        }
        None => Outcome::failed(FailureKind::Transient, "SMTP_CONNECTION"),
    }
}

/// 5xx about this mail is final; about ourselves (a command, a login) it is not.
fn refused(code: u16) -> (FailureKind, u16) {
    let ours = matches!(code, 500..=504 | 530 | 534 | 535 | 538);
    match code {
        500..=599 if !ours => (FailureKind::Permanent, code),
        _ => (FailureKind::Transient, code),
    }
}

/// Whether a refusal is one of security or policy (enhanced status code 5.7.x, RFC 3463): our
/// server is listed somewhere, or may not relay. Another attempt, from a server that was put right,
/// may succeed.
fn is_about_policy(error: &Error) -> bool {
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    said.split_whitespace().next().is_some_and(|word| word.starts_with("5.7."))
}

/// 421: the server closes the connection.
fn is_closing(code: lettre::transport::smtp::response::Code) -> bool {
    u16::from(code) == 421
}

/// What the server said when it took the mail, without the address: some repeat it, and a notice is
/// not sealed.
fn reference(response: &Response, envelope: &Envelope) -> String {
    let text: Vec<&str> = response.message().collect();
    let text = crate::template::one_line(&text.join(" "));
    let told = |word: &&str| {
        let word = word.to_lowercase();
        !envelope.to().iter().any(|to| word.contains(&to.to_string().to_lowercase()))
    };
    let text: Vec<&str> = text.split(' ').filter(told).collect();
    let whole = format!("{} {}", u16::from(response.code()), text.join(" "));
    whole.trim_end().chars().take(REFERENCE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_address_is_not_kept_with_what_the_server_said() {
        let to = vec!["Anna@Example.org".parse().unwrap()];
        let envelope = Envelope::new(None, to).unwrap();
        let said = |text: &str| reference(&text.parse().unwrap(), &envelope);
        assert_eq!(said("250 2.0.0 Ok: queued as 4F1A\r\n"), "250 2.0.0 Ok: queued as 4F1A");
        let kept = said("250-<anna@example.org> accepted\r\n250 id=<7@mx.example.org>\r\n");
        assert_eq!(kept, "250 accepted id=<7@mx.example.org>");
    }
}
