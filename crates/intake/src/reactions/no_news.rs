//! Sends the "no news yet" update: only what is known of the ticket.
use domain::Aggregate as _;
use domain::ids::{MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::ticket::{
    AuthorKind, Command, Event, Facts, Held, NewMessage, PromiseKind, Stage, State, Ticket,
};
use domain::when::When;
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::DecodeError;
use wire::scalar::{instant, instant_opt};
use wire::sla::v1::TimerFired;

use super::{Reactions, SERVICE};
use crate::convert::{letters_over, speaks_polish};

/// How late a timer may be noticed for its own instant to count: longer than any delay of a running
/// system, shorter than any target. A customer who is told later, after an outage, is told at the
/// actual time, and the clock is missed.
const PROMPT: SignedDuration = SignedDuration::from_mins(1);

/// The customer has heard nothing until now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoNews {
    pub(super) ticket_id: TicketId,
    silent_since: Timestamp,
    /// When it is said.
    at: Timestamp,
    /// By when something is said again; `None` if nothing promises that.
    next_due_at: Option<Timestamp>,
}

impl NoNews {
    pub(super) fn read(ticket_id: TicketId, fired: &TimerFired) -> Result<Self, DecodeError> {
        let due_at = instant(fired.due_at.as_ref(), "due_at")?;
        let fired_at = instant(fired.fired_at.as_ref(), "fired_at")?;
        let next_due_at = instant_opt(fired.next_due_at.as_ref(), "next_due_at")?;
        let prompt = fired_at.duration_since(due_at) <= PROMPT;
        Ok(Self {
            ticket_id,
            silent_since: instant(fired.silent_since.as_ref(), "silent_since")?,
            at: if prompt { due_at } else { fired_at },
            next_due_at: next_due_at.filter(|_| prompt),
        })
    }
}

impl Reactions {
    pub(super) async fn tell_no_news(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        no_news: NoNews,
    ) -> Result<(), HandlerError> {
        let NoNews { ticket_id, silent_since, at, .. } = no_news;
        let mut state = State::default();
        let mut held = None;
        for recorded in self.stream(tenant, ticket_id).await? {
            if recorded.position < event.position {
                let told = recorded.decode::<Event>()?;
                if let Event::Held(hold) = &told {
                    held = Some(hold.clone());
                }
                state = Ticket::evolve(state, &told);
            }
        }
        let (Some(facts), Some(stage)) = (state.facts(), state.stage()) else { return Ok(()) };
        let Some(channel) = reachable(facts) else { return Ok(()) };
        let message = NewMessage {
            message_id: MessageId(Uuid::new_v5(&event.event_id, ticket_id.0.as_bytes())),
            channel,
            author_kind: AuthorKind::System,
            body: Personal(text(facts, (stage, held.as_ref()), no_news, &self.when)),
            written_at: at,
            public_venue: false,
            contact_id: None,
        };
        let command = Command::TellNoNews { message, silent_since };
        let cause = Cause { occurred_at: at, ..Cause::reaction(event, SERVICE)? };
        self.follow_if_allowed(cause, tenant, ticket_id, &command).await
    }
}

/// Over which channel the customer is told; `None` if there is no way. A customer of the portal
/// needs no address, and a profile may have one that the ticket lacks.
fn reachable(facts: &Facts) -> Option<Channel> {
    let registered = &facts.registered;
    let requester = registered.requester.as_ref()?;
    let given = requester.email.as_ref().is_some_and(|email| !email.0.is_empty());
    let has_address = given || requester.has_profile_email;
    let channel = match letters_over(registered.channel) {
        Channel::Portal => Channel::Portal,
        _ => Channel::Email,
    };
    (has_address || channel == Channel::Portal).then_some(channel)
}

/// What the customer reads: the number, what is being done, by when it should be solved if that
/// was promised, and when there is the next word.
fn text(
    facts: &Facts,
    (stage, held): (Stage, Option<&Held>),
    no_news: NoNews,
    when: &When,
) -> String {
    let polish = speaks_polish(&facts.registered.language);
    let locale = if polish { "pl" } else { "en" };
    let number = facts.registered.number.to_string();
    let minute = |at: Timestamp| when.minute(at, locale);
    let to_come = |at: &Timestamp| *at > no_news.at;
    let promised = facts
        .promises
        .iter()
        .filter(|promise| promise.kind == PromiseKind::EtaResolution && promise.customer_visible);
    let solved_by = promised.map(|promise| promise.due_at).filter(to_come).min();
    let mut said = vec![match polish {
        true => format!("nie mamy jeszcze rozwiązania sprawy {number}, ale o niej pamiętamy."),
        false => {
            format!("we do not have a solution to case {number} yet, but have not forgotten it.")
        }
    }];
    let expected = held.and_then(|held| held.expected_by).filter(to_come).map(minute);
    said.push(match (stage, polish, expected) {
        (Stage::WaitingThirdParty, true, Some(by)) => {
            format!("Czekamy na odpowiedź innej firmy, spodziewamy się jej do {by}.")
        }
        (Stage::WaitingThirdParty, true, None) => "Czekamy na odpowiedź innej firmy.".to_owned(),
        (Stage::WaitingThirdParty, false, Some(by)) => {
            format!("We are waiting for another company, whose answer we expect by {by}.")
        }
        (Stage::WaitingThirdParty, false, None) => "We are waiting for another company.".to_owned(),
        (Stage::New, true, _) => "Sprawa czeka na osobę, która się nią zajmie.".to_owned(),
        (Stage::New, false, _) => "It is waiting for somebody to take it up.".to_owned(),
        (_, true, _) => "Sprawa jest w toku.".to_owned(),
        (_, false, _) => "It is in progress.".to_owned(),
    });
    said.extend(solved_by.map(minute).map(|by| match polish {
        true => format!("Termin rozwiązania pozostaje bez zmian: {by}."),
        false => format!("The expected date remains {by}."),
    }));
    said.push(match (polish, no_news.next_due_at.map(minute)) {
        (true, Some(by)) => {
            format!("Odezwiemy się ponownie do {by}, także jeśli nic się nie zmieni.")
        }
        (true, None) => "Odezwiemy się ponownie, także jeśli nic się nie zmieni.".to_owned(),
        (false, Some(by)) => {
            format!("You will hear from us again by {by}, even if nothing changes.")
        }
        (false, None) => "You will hear from us again, even if nothing changes.".to_owned(),
    });
    said.join(" ")
}
