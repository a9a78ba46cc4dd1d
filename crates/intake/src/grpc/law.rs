//! The regimes that a call needs, out of what sla has published.
use domain::complaint::Law;
use domain::regime::{Matter, Regimes};
use domain::ticket::{Command, Facts, State};
use tonic::Status;
use uuid::Uuid;

use super::Intake;
use crate::call::{Call, Target};
use crate::convert::complaint::Sought;
use crate::convert::request;
use crate::read_model::regimes;
use crate::{law, status};

impl Intake {
    /// All law of the tenant. Where a version is to be chosen nothing may be missing: the read
    /// model is waited for until it has all that the log held when the call came in.
    pub(super) async fn regimes(&self, call: &Call, sought: &Sought) -> Result<Regimes, Status> {
        match sought {
            Sought::Known => {}
            Sought::Chosen(_) => self.caught_up(call).await?,
        }
        self.known_regimes(call).await
    }

    /// The law that is known here.
    pub(super) async fn known_regimes(&self, call: &Call) -> Result<Regimes, Status> {
        self.queried(regimes::of_tenant(&self.pool, call.tenant.key).await)
    }

    /// What is looked for; and of law that was named and not in force, its code.
    pub(super) fn law_sought(
        &self,
        call: &Call,
        sought: &Sought,
        regimes: &Regimes,
        facts: &Facts,
    ) -> Result<(Law, Option<String>), Status> {
        let received_at = facts.registered.received_at;
        let of = |regimes| Law { regimes, appeal_regime: None, now: call.now };
        match sought {
            Sought::Known => Ok((self.known(call, regimes, facts)?, None)),
            Sought::Chosen(choice) => Ok(match law::chosen(regimes, choice, received_at) {
                Ok(regimes) => (of(regimes), None),
                Err(code) => (of(Vec::new()), Some(code)),
            }),
        }
    }

    /// The command with the law of data subjects' requests that applies, and over the channel by
    /// which the customer can be written to.
    pub(super) async fn under_law_of_requests(
        &self,
        call: &Call,
        (target, asked): (Target, request::Asked),
    ) -> Result<(Target, Command), Status> {
        let state = self.read(call, target.id).await?;
        let facts = state.facts().ok_or_else(|| status::no_ticket(target.id))?;
        self.caught_up(call).await?;
        let regimes = self.known_regimes(call).await?;
        let matter = Matter::data_subject_request();
        let regimes = regimes.applying(&matter, facts.registered.received_at);
        Ok((target, asked.complete(facts, regimes)))
    }

    fn known(&self, call: &Call, regimes: &Regimes, facts: &Facts) -> Result<Law, Status> {
        law::of_ticket(regimes, facts, call.now)
            .ok_or_else(|| status::people::not_caught_up(self.config.retry_after))
    }

    /// What the end of a ticket's complaint is measured by.
    pub(super) async fn law_of(&self, call: &Call, ticket_id: Uuid) -> Result<Law, Status> {
        let state = self.read(call, ticket_id).await?;
        self.law_under(call, &state).await
    }

    /// The same of a ticket that has been read.
    pub(super) async fn law_under(&self, call: &Call, state: &State) -> Result<Law, Status> {
        let complains = |facts: &&Facts| facts.complaint.is_some();
        let Some(facts) = state.facts().filter(complains) else {
            return Ok(Law { now: call.now, ..Law::default() });
        };
        self.known(call, &self.known_regimes(call).await?, facts)
    }
}
