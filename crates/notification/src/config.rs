//! Settings of the service.
use std::net::IpAddr;
use std::time::Duration;

use chassis::secret::Secret;
use domain::notice::UnknownPolicy;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::channel::email::compose::TOKEN_SLOT;
use crate::channel::webhook::guard::network::Network;

/// Section `[notification]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How long the confirmation of receipt waits, so that it can name the time of the
    /// first reply. That time comes from sla a moment after the ticket; if it does not come,
    /// the confirmation is sent without it.
    #[serde(with = "chassis::duration")]
    pub ack_grace: Duration,
    /// Shortest time between two confirmations of receipt to an address of which it is not proved
    /// who is behind it; nothing to confirm every receipt.
    #[serde(with = "chassis::duration")]
    pub ack_window: Duration,
    /// Mail address of the process owner, who is told of statutory times that are over and of the
    /// tasks that follow; empty if there is none. `{tenant}` in it stands for the name of the
    /// tenant.
    pub process_owner: String,
    /// Mail address of the SLA manager, who is told of statutory times and of times on P1 tickets;
    /// empty if there is none. `{tenant}` as above.
    pub sla_manager: String,
    /// When a client should come again if the log was away.
    #[serde(with = "eventlog::positive::duration")]
    pub retry_after: Duration,
    /// What the texts say.
    pub texts: Texts,
    /// Electronic mail.
    pub email: Email,
    /// Calls to webhooks.
    pub webhook: Webhook,
}

/// Section `[notification.texts]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    /// IANA zone in which times are told.
    pub time_zone: String,
    /// Language of recipients whose language is not known: `pl` or `en`.
    pub default_locale: String,
    /// Telephone number for questions; empty if there is none.
    pub contact: String,
    /// Address of a ticket in the portal, with `{ticket_id}` in it; empty if there is none.
    pub portal_url: String,
}

/// Section `[notification.email]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// Host of the mail server.
    pub host: String,
    /// Its port.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub port: u16,
    /// How the connection is protected. There is no fallback to less.
    pub tls: TlsMode,
    /// File with certificates (PEM) of authorities that may have signed the server's, besides the
    /// public ones; empty for these alone.
    pub ca_file: String,
    /// User name; empty to send without authentication.
    pub username: String,
    /// Password.
    pub password: Secret,
    /// Sender, for example `Customer service <service@example.com>`.
    pub from: String,
    /// Reply-To address; empty for the sender. `{token}` in it stands for the token by which the
    /// answer of a customer finds its ticket, for example `support+{token}@example.com`.
    pub reply_to: String,
    /// Longest time for everything up to the message itself.
    #[serde(with = "eventlog::positive::duration")]
    pub connect_timeout: Duration,
    /// Longest time for the message and the server's answer to it.
    #[serde(with = "eventlog::positive::duration")]
    pub send_timeout: Duration,
    /// How long an unused connection is kept.
    #[serde(with = "eventlog::positive::duration")]
    pub idle_timeout: Duration,
    /// Most messages over one connection.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub messages_per_connection: u32,
    /// How long a mail that must be proved may still come back; after that it counts as
    /// delivered.
    #[serde(with = "eventlog::positive::duration")]
    pub bounce_window: Duration,
    /// How often those are looked for whose time to come back is over.
    #[serde(with = "eventlog::positive::duration")]
    pub proof_poll: Duration,
    /// How often and how many at once.
    pub attempts: Attempts,
}

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TlsMode {
    /// Not at all.
    None,
    /// It begins in clear and must be upgraded before anything is said.
    Starttls,
    /// From the first byte.
    Tls,
}

/// Section `[notification.webhook]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// Allows `http` and private addresses: for tests and demonstrations.
    pub allow_private: bool,
    /// Hosts that are refused, for example the API's own.
    pub forbidden_hosts: Vec<String>,
    /// Networks that are refused, for example those of the cluster's pods and services.
    pub forbidden_networks: Vec<Network>,
    /// Longest time for a call and its answer.
    #[serde(with = "eventlog::positive::duration")]
    pub timeout: Duration,
    /// Most bytes read of an answer.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub max_response_bytes: usize,
    /// Most bytes of a call's body; a larger event is sent without its data.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub max_body_bytes: usize,
    /// An endpoint that has taken nothing for so long is switched off.
    #[serde(with = "eventlog::positive::duration")]
    pub disable_after: Duration,
    /// Longest pause that an endpoint may ask for.
    #[serde(with = "eventlog::positive::duration")]
    pub max_retry_after: Duration,
    /// How often and how many at once.
    pub attempts: Attempts,
}

/// Section `[notification.<channel>.attempts]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Attempts {
    /// Most attempts at once, from the claim to the recorded outcome.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub concurrency: usize,
    /// Most of them that send at once.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub connections: usize,
    /// Most attempts at once of one tenant's mails, or to one endpoint.
    #[serde(deserialize_with = "eventlog::positive::count")]
    pub per_lane: usize,
    /// Delay after the first, second, … failed attempt; after the last one it is given up.
    pub retry: Vec<Delay>,
    /// At most this part of a delay, in thousandths, is added to it.
    pub jitter_permille: u16,
    /// What becomes of an attempt whose outcome will never be known.
    pub on_unknown: OnUnknown,
    /// After this time an attempt without an end is taken for lost with its process.
    #[serde(with = "eventlog::positive::duration")]
    pub lost_after: Duration,
    /// How often the queue is looked at when nothing points to it.
    #[serde(with = "eventlog::positive::duration")]
    pub poll: Duration,
}

/// A duration in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct Delay(#[serde(with = "chassis::duration")] pub Duration);

/// What becomes of an attempt whose outcome will never be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnknown {
    /// It is attempted again; the recipient may get it twice.
    Resend,
    /// It waits until a person releases it.
    Hold,
}

impl From<OnUnknown> for UnknownPolicy {
    fn from(on_unknown: OnUnknown) -> Self {
        match on_unknown {
            OnUnknown::Resend => Self::Resend,
            OnUnknown::Hold => Self::Hold,
        }
    }
}

/// Where a tenant's holder of a post is reached.
pub(crate) fn address_of(post: &str, tenant: &str) -> String {
    post.replace("{tenant}", tenant)
}

/// The address with a token filled in.
fn with_token(reply_to: &str) -> String {
    reply_to.replace(TOKEN_SLOT, &"a".repeat(wire::thread::TOKEN_CHARS))
}

impl Config {
    /// Everything that is wrong with the values together: the key, and its rule.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, &'static str)> {
        let Self { texts, email, webhook, .. } = self;
        let loopback = email.host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
        let is_mailbox = |text: &str| text.parse::<lettre::message::Mailbox>().is_ok();
        let jitter = |attempts: &Attempts| attempts.jitter_permille <= 1_000;
        let post = |post: &str| {
            post.is_empty() || address_of(post, "tenant").parse::<lettre::Address>().is_ok()
        };
        let rules = [
            (
                TimeZone::get(&texts.time_zone).is_ok(),
                "notification.texts.time_zone",
                "must be an IANA zone such as Europe/Warsaw",
            ),
            (
                ["pl", "en"].contains(&texts.default_locale.as_str()),
                "notification.texts.default_locale",
                "must be \"pl\" or \"en\"",
            ),
            (is_mailbox(&email.from), "notification.email.from", "must be a mail address"),
            (
                post(&self.process_owner),
                "notification.process_owner",
                "must be a mail address or empty, without a name",
            ),
            (
                post(&self.sla_manager),
                "notification.sla_manager",
                "must be a mail address or empty, without a name",
            ),
            (
                email.reply_to.is_empty() || is_mailbox(&with_token(&email.reply_to)),
                "notification.email.reply_to",
                "must be a mail address or empty; with a token in place of {token} at most 64 \
                 characters may stand before the @",
            ),
            (
                email.username.is_empty() || email.tls != TlsMode::None || loopback,
                "notification.email.tls",
                "must not be \"none\" when a password is sent to another machine",
            ),
            (
                email.attempts.lost_after > email.connect_timeout + email.send_timeout,
                "notification.email.attempts.lost_after",
                "must be longer than connect_timeout and send_timeout together",
            ),
            (
                webhook.attempts.lost_after > webhook.timeout,
                "notification.webhook.attempts.lost_after",
                "must be longer than webhook.timeout",
            ),
            (
                jitter(&email.attempts),
                "notification.email.attempts.jitter_permille",
                "must be at most 1000",
            ),
            (
                jitter(&webhook.attempts),
                "notification.webhook.attempts.jitter_permille",
                "must be at most 1000",
            ),
        ];
        rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, key, rule)| (key, rule)).collect()
    }
}
