//! What follows when a timer fires: the time to answer, to object or to leave a note is over.
use domain::complaint::Law;
use domain::ids::{ContactId, HoldId, InfoRequestId, Personal, TicketId};
use domain::regime::SupplementFailure;
use domain::ticket::{Command, Facts, Rejection};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use jiff::Timestamp;
use prost::Message as _;
use wire::DecodeError;
use wire::scalar::uuid;
use wire::sla::v1::{TimerFired, TimerKind};

use super::no_news::NoNews;
use super::task::Task;
use super::{Reactions, SERVICE};
use crate::convert::speaks_polish;
use crate::law;
use crate::read_model::regimes;

/// What ends with the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timer {
    /// A wait for the customer.
    NoReply { ticket_id: TicketId, hold_id: HoldId },
    /// The customer's time to object to the solution.
    AutoClose { ticket_id: TicketId },
    /// The time to supply what a complaint lacks, or to settle the identity of a data subject: then
    /// it has the id of the wait for that.
    Supplement { ticket_id: TicketId, request_id: InfoRequestId },
    /// The time after which the customer is told that there is no news.
    NoNews(NoNews),
    /// The time to leave a note of a conversation.
    NoteMissing { ticket_id: TicketId, contact_id: ContactId },
}

impl Timer {
    /// What a ticket does when the timer fires; nothing for timers that are others' matter.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let fired = TimerFired::decode(&*event.payload)?;
        let ticket_id = TicketId(uuid(&fired.ticket_id, "ticket_id")?);
        Ok(match fired.timer() {
            TimerKind::NoReplyResolve => Some(Self::NoReply {
                ticket_id,
                hold_id: HoldId(uuid(&fired.subject_ref, "subject_ref")?),
            }),
            TimerKind::AutoClose => Some(Self::AutoClose { ticket_id }),
            TimerKind::NoNewsUpdate => Some(Self::NoNews(NoNews::read(ticket_id, &fired)?)),
            TimerKind::NoteMissing => Some(Self::NoteMissing {
                ticket_id,
                contact_id: ContactId(uuid(&fired.subject_ref, "subject_ref")?),
            }),
            TimerKind::SupplementEnd => Some(Self::Supplement {
                ticket_id,
                request_id: InfoRequestId(uuid(&fired.subject_ref, "subject_ref")?),
            }),
            TimerKind::CustomerReminder | TimerKind::AppealWindowEnd | TimerKind::Unspecified => {
                None
            }
        })
    }
}

impl Reactions {
    pub(super) async fn time_is_over(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        timer: Timer,
    ) -> Result<(), HandlerError> {
        match timer {
            Timer::NoReply { ticket_id, hold_id } => {
                // Sla had seen the ticket up to here: it means what was then, and nothing later.
                let before = self.before(event, tenant, ticket_id).await?;
                let Some(facts) = before.facts() else { return Ok(()) };
                let command = Command::AutoResolveNoReply {
                    hold_id,
                    summary: Personal(no_answer(&facts.registered.language).to_owned()),
                };
                let cause = Cause::reaction(event, SERVICE)?;
                let refused =
                    self.follow_unless_refused(cause, tenant, ticket_id, &command).await?;
                match refused {
                    Some(Rejection::NeedsPerson) if before.hold() == Some(hold_id) => {
                        self.leave_task(event, tenant, (ticket_id, Task::Unanswered)).await
                    }
                    Some(_) | None => Ok(()),
                }
            }
            Timer::AutoClose { ticket_id } => self.close(event, tenant, ticket_id).await,
            Timer::Supplement { ticket_id, request_id } => {
                self.not_supplied(event, tenant, ticket_id, request_id).await
            }
            Timer::NoNews(no_news) => self.tell_no_news(event, tenant, no_news).await,
            Timer::NoteMissing { ticket_id, contact_id } => {
                self.leave_task(event, tenant, (ticket_id, Task::WriteNote(contact_id))).await
            }
        }
    }

    /// Somebody has to go on with a complaint that still lacks what was asked for, or with the
    /// request of a data subject who is still not known.
    async fn not_supplied(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
        request_id: InfoRequestId,
    ) -> Result<(), HandlerError> {
        let before = self.before(event, tenant, ticket_id).await?;
        let Some(facts) = before.facts() else { return Ok(()) };
        let asks = facts.complaint.is_none() && before.hold() == Some(HoldId(request_id.0));
        if asks {
            return self.leave_task(event, tenant, (ticket_id, Task::Identify)).await;
        }
        let lacks = facts.complaint.as_ref().and_then(|complaint| complaint.unanswered.as_ref());
        if lacks.is_none_or(|asked| asked.request_id != request_id) {
            return Ok(());
        }
        let Some(law) = self.law(tenant, facts, event.occurred_at).await? else {
            return Err(HandlerError::poison("the law of the complaint is not known"));
        };
        let mut failures = law.regimes.iter().filter_map(|regime| regime.draft().incomplete);
        let unexamined =
            failures.any(|incomplete| incomplete.failure == SupplementFailure::LeftUnexamined);
        let task = Task::Supplement { unexamined };
        self.leave_task(event, tenant, (ticket_id, task)).await
    }

    /// Closes a ticket whose time to object is over. Where a complaint may not be closed, and
    /// time itself says so, somebody is told what is missing.
    async fn close(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        ticket_id: TicketId,
    ) -> Result<(), HandlerError> {
        let before = self.before(event, tenant, ticket_id).await?;
        let Some(facts) = before.facts() else { return Ok(()) };
        let Some(law) = self.law(tenant, facts, event.occurred_at).await? else {
            return Err(HandlerError::poison("the law of the complaint is not known"));
        };
        let command = Command::AutoClose { reopen_count: Some(facts.reopen_count), law };
        let cause = Cause::reaction(event, SERVICE)?;
        let refused = self.follow_unless_refused(cause, tenant, ticket_id, &command).await?;
        match refused {
            Some(Rejection::Complaint(rule)) if event.event_type == wire::event::TIMER_FIRED => {
                match Task::kept_open(&rule) {
                    Some(task) => self.leave_task(event, tenant, (ticket_id, task)).await,
                    None => Ok(()),
                }
            }
            Some(_) | None => Ok(()),
        }
    }

    /// What the end of a complaint is measured by; `None` if a version of it is not known.
    async fn law(
        &self,
        tenant: &Tenant,
        facts: &Facts,
        now: Timestamp,
    ) -> Result<Option<Law>, HandlerError> {
        if facts.complaint.is_none() {
            return Ok(Some(Law { now, ..Law::default() }));
        }
        let regimes = regimes::of_tenant(&self.pool, tenant.key).await?;
        Ok(law::of_ticket(&regimes, facts, now))
    }
}

/// What the customer who never answered is told.
fn no_answer(language: &str) -> &'static str {
    match speaks_polish(language) {
        true => {
            "nie otrzymaliśmy odpowiedzi na nasze pytanie, uznajemy więc, że wszystko już działa."
        }
        false => "we have had no answer to our question, so we take it that all is well now.",
    }
}
