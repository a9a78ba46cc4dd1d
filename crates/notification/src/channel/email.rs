//! Electronic mail: what a notice says, to which address, as one message.
mod addressee;
mod closing;
mod complaint;
pub(crate) mod compose;
mod confirmation;
mod escalation;
mod quiet;
mod reminder;
mod smtp;
mod wording;

use std::time::Duration;

use domain::ids::TicketId;
use domain::notice::{Purpose, SuppressionReason};
use domain::when::When;
use eventlog::sealing::{Keyring, Reading};
use eventlog::{Log, Recorded, StreamId, Tenant};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use uuid::Uuid;
use wire::DecodeError;
use wire::common::v1 as common;
use wire::intake::v1::{AuthorKind, MessageAdded};
use wire::notification::v1 as notification;
use wire::thread::Tokens;

use crate::answer_day::answer_day;
use crate::channel::{Channel, Outcome, Prepared, Quiet, Unsendable, cause_of};
use crate::config::{self, Attempts, Config, Texts};
use crate::part::Part;

use crate::read_model::queue::Claimed;
use crate::read_model::ticket_facts::{TicketFacts, decode};
use crate::read_model::{agents, ticket_facts};
use crate::template::{Slots, Templates, locale_of};

use addressee::Addressee;
use complaint::Words;
use compose::{Head, Letter};
use smtp::Smtp;

/// The channel.
pub(crate) struct Email {
    log: Log,
    pool: PgPool,
    keys: Keyring,
    templates: Templates,
    when: When,
    texts: Texts,
    attempts: Attempts,
    bounce_window: Duration,
    ack_window: Duration,
    /// Address of the process owner, with the tenant still to be filled in.
    process_owner: String,
    /// The same of the SLA manager.
    sla_manager: String,
    head: Head,
    smtp: Smtp,
    threads: Tokens,
}

/// Settings that the checks of [`Config::problems`] should have found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    #[error("email.from must be a mail address")]
    Address(#[from] lettre::address::AddressError),
    #[error("texts.time_zone must be an IANA zone")]
    Zone(#[from] jiff::Error),
    #[error("TLS to the mail server cannot be set up")]
    Tls(#[from] lettre::transport::smtp::Error),
    #[error("email.ca_file cannot be read")]
    Authorities(#[from] std::io::Error),
    #[error("email.ca_file has no certificate in PEM")]
    NoAuthority,
}

impl Email {
    pub(crate) fn new(
        log: Log,
        pool: PgPool,
        keys: Keyring,
        threads: Tokens,
        config: &Config,
    ) -> Result<Self, SetupError> {
        let Config { email, texts, .. } = config;
        let reply_to = Some(email.reply_to.as_str()).filter(|reply_to| !reply_to.is_empty());
        Ok(Self {
            log,
            pool,
            keys,
            templates: Templates::new(),
            when: When::new(TimeZone::get(&texts.time_zone)?),
            texts: texts.clone(),
            attempts: email.attempts.clone(),
            bounce_window: email.bounce_window,
            ack_window: config.ack_window,
            process_owner: config.process_owner.clone(),
            sla_manager: config.sla_manager.clone(),
            head: Head { from: email.from.parse()?, reply_to: reply_to.map(str::to_owned) },
            smtp: Smtp::new(email)?,
            threads,
        })
    }
}

impl Email {
    /// Subject and requester's address of a ticket.
    async fn opened(
        &self,
        tenant: &Tenant,
        facts: &TicketFacts,
    ) -> Result<[Reading; 2], Unsendable> {
        let sealed = facts.personal().map_err(|_| Unsendable::Broken("TICKET_UNREADABLE"))?;
        let opened = self.keys.read(tenant.into(), &sealed).await.map_err(Unsendable::away)?;
        opened.try_into().map_err(|_| Unsendable::Broken("TICKET_UNREADABLE"))
    }

    /// Where the notice goes: to a customer, or to a colleague.
    async fn addressee(
        &self,
        about: (&Tenant, Uuid, &TicketFacts),
        purpose: Purpose,
        notice: &Claimed,
        registered: Reading,
    ) -> Result<Addressee, Unsendable> {
        match purpose {
            Purpose::Ack
            | Purpose::Reply
            | Purpose::Resolution
            | Purpose::CustomerReminder
            | Purpose::ComplaintAck
            | Purpose::Decision
            | Purpose::ComplaintExtension
            | Purpose::InfoRequest
            | Purpose::CustomerEscalation => self.customer(about, notice, registered).await,
            Purpose::Assignment
            | Purpose::Reminder
            | Purpose::Breach
            | Purpose::Task
            | Purpose::Escalation => {
                if let Some(post) = self.post(notice) {
                    let address = Some(post).filter(|post| !post.is_empty());
                    let address = address.map(|post| config::address_of(post, &about.0.name));
                    let locale = self.texts.default_locale.clone();
                    return Ok(Addressee { address, locale, part: Part::WorksOnIt });
                }
                let agent = agents::find(&self.pool, about.0.key, &notice.recipient)
                    .await
                    .map_err(Unsendable::away)?;
                let language = agent.as_ref().map(|a| a.language.clone()).unwrap_or_default();
                let locale = locale_of(&language, &self.texts.default_locale).to_owned();
                let address = agent.and_then(|agent| agent.email);
                Ok(Addressee { address, locale, part: Part::WorksOnIt })
            }
            Purpose::Event => Err(Unsendable::Broken("PURPOSE_UNKNOWN")),
        }
    }

    /// The address of a post (SLA manager or process owner); `None` if the recipient is in the
    /// directory.
    fn post(&self, notice: &Claimed) -> Option<&str> {
        match notification::Audience::try_from(notice.audience) {
            Ok(notification::Audience::ProcessOwner) => Some(&self.process_owner),
            Ok(notification::Audience::SlaManager) => Some(&self.sla_manager),
            _ => None,
        }
    }

    /// The event that the notice tells of, opened.
    async fn cause(&self, tenant: &Tenant, notice: &Claimed) -> Result<Recorded, Unsendable> {
        let mut cause = cause_of(&self.log, tenant, notice).await?;
        let opened = self.keys.open(std::slice::from_mut(&mut cause)).await;
        opened.map_err(Unsendable::away)?;
        Ok(cause)
    }

    /// What mails about a complaint, a solution, an escalation or a breach say in addition to every
    /// mail.
    async fn own_words(
        &self,
        (tenant, ticket_id, facts): (&Tenant, Uuid, &TicketFacts),
        (purpose, notice): (Purpose, &Claimed),
        cause: Option<&Recorded>,
        letter: &Words<'_>,
    ) -> Result<Slots, Unsendable> {
        let unreadable = |_| Unsendable::Broken("CAUSE_UNREADABLE");
        if purpose.is_of_complaint() {
            let ticket = self.ticket(tenant, ticket_id).await?;
            let answer_by = match purpose {
                Purpose::ComplaintAck => self.answer_by(tenant, ticket_id).await?,
                _ => None,
            };
            let told = (facts, answer_by);
            let complaint = letter.complaint(told, &ticket, cause).map_err(unreadable)?;
            return Ok(complaint.slots());
        }
        match (purpose, cause) {
            (Purpose::Escalation | Purpose::CustomerEscalation, Some(cause)) => {
                let ticket = self.ticket(tenant, ticket_id).await?;
                let escalation = letter.escalation(purpose, &ticket, cause).map_err(unreadable)?;
                Ok(escalation.slots())
            }
            (Purpose::Breach, _) => {
                let owner = facts.owner_name.as_deref().unwrap_or_default();
                Ok(letter.of_breach(self.post(notice).map(|_| owner)))
            }
            (Purpose::Resolution, _) => {
                let clocks = self.stream(tenant, "clock", ticket_id).await?;
                letter.of_closing(&clocks).map_err(|_| Unsendable::Broken("CLOCKS_UNREADABLE"))
            }
            (Purpose::CustomerReminder, _) => {
                let ticket = self.ticket(tenant, ticket_id).await?;
                reminder::without_threat(&ticket).map_err(unreadable)
            }
            _ => Ok(Slots::new()),
        }
    }

    /// Last day to answer the complaint by law; the earliest if several laws apply.
    async fn answer_by(&self, tenant: &Tenant, id: Uuid) -> Result<Option<Date>, Unsendable> {
        let clocks = self.stream(tenant, "clock", id).await?;
        answer_day(&clocks).map_err(|_| Unsendable::Broken("CLOCKS_UNREADABLE"))
    }

    /// The events of a ticket, opened.
    async fn ticket(&self, tenant: &Tenant, id: Uuid) -> Result<Vec<Recorded>, Unsendable> {
        let mut ticket = self.stream(tenant, "ticket", id).await?;
        self.keys.open(&mut ticket).await.map_err(Unsendable::away)?;
        Ok(ticket)
    }

    /// The events of a stream, as they are stored.
    async fn stream(
        &self,
        tenant: &Tenant,
        category: &'static str,
        id: Uuid,
    ) -> Result<Vec<Recorded>, Unsendable> {
        let stream = StreamId::new(category, id);
        self.log.read_stream(tenant, &stream, 0).await.map_err(Unsendable::away)
    }
}

fn purpose_of(notice: &Claimed) -> Result<Purpose, Unsendable> {
    let purpose = notification::Purpose::try_from(notice.purpose).ok();
    let purpose = purpose.and_then(|purpose| Purpose::try_from(purpose).ok());
    purpose.ok_or(Unsendable::Broken("PURPOSE_UNKNOWN"))
}

/// Whether a person wrote what the notice carries, if it carries a message.
fn written_by_hand(cause: &Recorded) -> Result<bool, DecodeError> {
    if cause.event_type != wire::event::MESSAGE_ADDED {
        return Ok(true);
    }
    Ok(decode::<MessageAdded>(cause)?.author_kind() == AuthorKind::Human)
}

/// The address; `None` if there never was one.
fn known(email: Reading) -> Result<Option<String>, Unsendable> {
    match email {
        Reading::Text(email) => Ok(Some(email).filter(|email| !email.is_empty())),
        Reading::Erased => Err(Unsendable::Suppress(SuppressionReason::Erased)),
        Reading::Broken => Err(Unsendable::Broken("TICKET_UNREADABLE")),
    }
}

impl Channel for Email {
    type Message = Letter;

    fn kind(&self) -> common::Channel {
        common::Channel::Email
    }

    fn attempts(&self) -> &Attempts {
        &self.attempts
    }

    fn in_order(&self) -> bool {
        true
    }

    async fn quiet_hours(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> Result<Option<Quiet>, Unsendable> {
        self.quiet(tenant, notice).await
    }

    fn bounce_window(&self) -> Duration {
        self.bounce_window
    }

    async fn prepare(
        &self,
        tenant: &Tenant,
        notice: &Claimed,
    ) -> Result<Prepared<Letter>, Unsendable> {
        let ticket_id = notice.ticket_id.ok_or(Unsendable::Broken("TICKET_MISSING"))?;
        let party = notice.recipient.parse().ok();
        let facts = ticket_facts::find(&self.pool, tenant.key, ticket_id, party)
            .await
            .map_err(Unsendable::away)?
            .ok_or(Unsendable::Broken("TICKET_MISSING"))?;
        let [subject, email] = self.opened(tenant, &facts).await?;
        let purpose = purpose_of(notice)?;
        let about = (tenant, ticket_id, &facts);
        let Addressee { address, locale, part } =
            self.addressee(about, purpose, notice, email).await?;
        let address = address.ok_or(Unsendable::Suppress(SuppressionReason::NoChannel))?;
        let preference = part.preference(purpose).map(i32::from);
        if preference.is_some_and(|purpose| facts.unwanted.contains(&purpose)) {
            return Err(Unsendable::Suppress(SuppressionReason::Preference));
        }
        let proved =
            !purpose.is_confirmation() || self.is_verified((tenant, ticket_id), notice).await?;
        if purpose == Purpose::Ack && !proved && self.had_one(tenant, notice, &address).await {
            return Err(Unsendable::Suppress(SuppressionReason::Loop));
        }
        let address = address.parse().map_err(|_| Unsendable::Broken("ADDRESS_INVALID"))?;
        // The confirmation of receipt says nothing but what is known of the ticket.
        let cause = match purpose {
            Purpose::Ack => None,
            _ => Some(self.cause(tenant, notice).await?),
        };
        // What a stranger may have written is not sent to whom it was not proved to be.
        let subject = if proved { subject.shown() } else { String::new() };
        let told = (&facts, subject);
        let mut slots = self.slots(ticket_id, told, cause.as_ref(), &locale)?;
        part.keep_back(&mut slots, &locale);
        let letter = Words { when: &self.when, locale: &locale };
        slots.extend(self.own_words(about, (purpose, notice), cause.as_ref(), &letter).await?);
        let rendered = self.templates.render(purpose, &locale, &slots).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a notice has no text");
            Unsendable::Broken("TEMPLATE_INVALID")
        })?;
        let mut content = Sha256::new();
        content.update(&rendered.subject);
        content.update([0]);
        content.update(&rendered.text);
        let ids = (notice.notice_id, ticket_id);
        let written = cause.as_ref().map_or(Ok(true), written_by_hand);
        let written = written.map_err(|_| Unsendable::Broken("CAUSE_UNREADABLE"))?;
        // The answer of any other recipient begins a ticket of their own.
        let asks = part == Part::Asks;
        let thread = asks.then(|| self.threads.token(&tenant.name, TicketId(ticket_id)));
        let letter = Letter::new(address, rendered, (purpose, written), ids, thread);
        Ok(Prepared { message: letter, content_sha256: content.finalize().into() })
    }

    async fn send(&self, _tenant: &Tenant, letter: Letter, now: Timestamp) -> Outcome {
        match letter.compose(&self.head, now) {
            Ok((envelope, bytes)) => self.smtp.send(&envelope, &bytes).await,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    notice.id = %letter.notice_id,
                    "a mail could not be composed"
                );
                Outcome::failed(domain::notice::FailureKind::Permanent, "MAIL_INVALID")
            }
        }
    }
}
