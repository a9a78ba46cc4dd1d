//! A call back requested in a contact becomes a promise: on the contact's ticket, or on a new one.
use std::time::Duration;

use domain::backdating::Backdating;
use domain::calendar::{PreparedCalendar, preset};
use domain::contact::{ContactChannel, Ended, Facts};
use domain::identity::ContactPointKind;
use domain::ids::{PartyId, Personal, TicketId};
use domain::party;
use domain::priority::Channel;
use domain::ticket::{
    Closed, Command, Link, LinkKind, NewPromise, Origin, PromiseKind, Register, Registered,
    Requester, Stage, State, TicketType,
};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use jiff::Timestamp;
use jiff::tz::Offset;

use super::{Reactions, SERVICE};
use crate::convert::{IMPACT, URGENCY, speaks_polish};
use crate::customer;
use crate::identity::{self, Source};

/// The calendar of working days that comes with the product; a working day counts 24 hours.
const WORKING_DAYS: &str = "PL_WORKDAY24";
/// Most merges that are followed to the ticket that continues.
const MOST_MERGED: usize = 100;

impl Reactions {
    /// Promises the call on the ticket of the contact, or on a new ticket if no promise can be made
    /// there. An open promise of a call is not repeated.
    pub(super) async fn call_back(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        facts: &Facts,
        ended: &Ended,
    ) -> Result<(), HandlerError> {
        let about = ended.ticket_id.or(facts.started.resumed_ticket_id);
        let about = self.goes_on_as(event, tenant, about).await?;
        let promise = self.promise(event)?;
        if let Some((ticket_id, state)) = &about
            && takes_promises(state)
        {
            let mut promises = state.facts().into_iter().flat_map(|facts| &facts.promises);
            if promises.any(|open| open.kind == PromiseKind::Callback) {
                return Ok(());
            }
            let (cause, command) =
                (Cause::reaction(event, SERVICE)?, Command::MakePromise(promise));
            let refused = self.follow_unless_refused(cause, tenant, *ticket_id, &command).await?;
            if refused.is_none() {
                return Ok(());
            }
        }
        let follows = about.map(|(ticket_id, _)| ticket_id);
        let register = self.asks_for_call(event, tenant, (facts, ended), follows).await?;
        let ticket_id = register.registered.ticket_id;
        self.follow(event, tenant, ticket_id, &Command::Register(register)).await?;
        if let Some(followed) = follows {
            let link = Link { kind: LinkKind::FollowedUpBy, other: ticket_id };
            let (cause, command) = (Cause::reaction(event, SERVICE)?, Command::NoteLinked(link));
            self.follow_if_allowed(cause, tenant, followed, &command).await?;
        }
        // A stream takes one command per cause: the promise follows from the registration.
        let stream = self.stream(tenant, ticket_id).await?;
        let registered = stream.first().ok_or_else(|| HandlerError::poison("not registered"))?;
        self.follow(registered, tenant, ticket_id, &Command::MakePromise(promise)).await
    }

    /// The ticket before the event, or the one that it was merged into.
    async fn goes_on_as(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        about: Option<TicketId>,
    ) -> Result<Option<(TicketId, State)>, HandlerError> {
        let Some(mut ticket_id) = about else { return Ok(None) };
        for _ in 0..MOST_MERGED {
            let state = self.before(event, tenant, ticket_id).await?;
            let State::Closed(_, Closed { merged_into: Some(target), .. }) = &state else {
                return Ok(Some((ticket_id, state)));
            };
            ticket_id = *target;
        }
        Ok(None)
    }

    /// The promise of a call, within the configured working time.
    fn promise(&self, event: &Recorded) -> Result<NewPromise, HandlerError> {
        let due_at = within(event.occurred_at, self.callback_within)
            .ok_or_else(|| HandlerError::poison("the call is due beyond all dates"))?;
        Ok(NewPromise {
            promise_id: Source::caused(event.event_id).promise(),
            kind: PromiseKind::Callback,
            due_at,
            customer_visible: true,
            now: event.occurred_at,
        })
    }

    /// The ticket of a customer who is to be called back.
    async fn asks_for_call(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        (facts, ended): (&Facts, &Ended),
        follows: Option<TicketId>,
    ) -> Result<Register, HandlerError> {
        let source = Source::caused(event.event_id);
        let ticket_id = source.ticket();
        let known = ended.identity.or(facts.started.identity);
        let profile = match known {
            Some(known) => self.profile(event, tenant, known.party_id).await?,
            None => None,
        };
        let email = profile.as_ref().and_then(|profile| {
            let points = profile.contact_points.iter();
            let mut mail = points.filter(|point| point.kind == ContactPointKind::Email);
            mail.find(|point| point.normalised().is_some()).map(|point| point.value.clone())
        });
        let has_profile_email = email.is_some();
        let language = profile.as_ref().map(|profile| profile.language.clone());
        let language = language.unwrap_or_else(|| "pl".to_owned());
        let segment = profile.as_ref().map(|profile| profile.segment.clone()).unwrap_or_default();
        let registered = Registered {
            ticket_id,
            number: identity::number(&tenant.name, ticket_id),
            kind: TicketType::Inquiry,
            channel: channel(facts.started.channel),
            received_at: ended.ended_at,
            requester: Some(Requester {
                party_id: known.map_or_else(|| source.party(), |known| known.party_id),
                name: profile.and_then(|profile| profile.name),
                email,
                segment,
                has_profile_email,
            }),
            subject: Personal(subject(&language).to_owned()),
            body: Personal(body(facts, ended)),
            origin: if follows.is_some() { Origin::FollowUp } else { Origin::New },
            language,
            external_number: None,
            parent: follows,
            about: Vec::new(),
            public_venue: false,
            dedupe_key: None,
            backdate_reason: None,
        };
        Ok(Register {
            registered,
            classified: None,
            impact: IMPACT,
            urgency: URGENCY,
            link: follows.map(|other| Link { kind: LinkKind::FollowUpOf, other }),
            messages: Vec::new(),
            identification: known.map(|known| known.identification).unwrap_or_default(),
            backdating: Backdating::None,
            complaint: None,
        })
    }

    /// The profile of a party, or of the one that it was merged into; `None` for an erased one.
    async fn profile(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        party_id: PartyId,
    ) -> Result<Option<party::Profile>, HandlerError> {
        let lives_as = customer::lives_as(&self.log, tenant, party_id, event.position).await?;
        Ok(match lives_as {
            Some((_, party::State::Live(facts))) => Some(facts.profile),
            _ => None,
        })
    }
}

fn takes_promises(state: &State) -> bool {
    let stages = [Stage::New, Stage::Open, Stage::WaitingCustomer, Stage::WaitingThirdParty];
    state.stage().is_some_and(|stage| stages.contains(&stage))
}

/// So much working time after an instant.
fn within(from: Timestamp, working: Duration) -> Option<Timestamp> {
    let year = Offset::UTC.to_datetime(from).year();
    let calendar = preset(WORKING_DAYS).expect("the calendar comes with the product");
    PreparedCalendar::new(calendar, year..=year.saturating_add(1)).add(from, working).ok()
}

fn channel(channel: ContactChannel) -> Channel {
    match channel {
        ContactChannel::Chat | ContactChannel::Chatbot => Channel::Chat,
        ContactChannel::Social => Channel::Social,
        // What was said at a counter was said, too.
        ContactChannel::Voice | ContactChannel::Voicebot | ContactChannel::Visit => Channel::Voice,
    }
}

fn subject(language: &str) -> &'static str {
    if speaks_polish(language) { "Prośba o oddzwonienie" } else { "Request for a call back" }
}

/// What was agreed, and where the customer called from: for colleagues.
fn body(facts: &Facts, ended: &Ended) -> String {
    let hint = facts.started.party_hint.as_ref().map(|hint| hint.0.clone());
    let note = ended.note.as_ref().map(|note| note.0.clone());
    let parts: Vec<String> = note.into_iter().chain(hint).collect();
    parts.join("\n")
}
