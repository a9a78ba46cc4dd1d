//! The regimes that a call needs, out of what sla has published.
use std::sync::Arc;

use domain::complaint::Law;
use domain::identity::ConsumerStatus;
use domain::regime::{Matter, Misnamed, Regime, Regimes};
use domain::ticket::{Command, Facts, State};
use tonic::Status;
use uuid::Uuid;

use super::Intake;
use crate::call::{Call, Target};
use crate::convert::complaint::{Asked, Sought};
use crate::convert::request;
use crate::read_model::regimes;
use crate::{customer, law, status};

impl Intake {
    /// All law of the tenant. Where a version is to be chosen nothing may be missing: the read
    /// model is waited for until it has all that the log held when the call came in.
    pub(super) async fn regimes(&self, call: &Call, sought: &Sought) -> Result<Regimes, Status> {
        match sought {
            Sought::Known => {}
            Sought::Chosen(_) | Sought::Instead(_) => self.caught_up(call).await?,
        }
        self.known_regimes(call).await
    }

    /// The law that is known here.
    pub(super) async fn known_regimes(&self, call: &Call) -> Result<Regimes, Status> {
        self.queried(regimes::of_tenant(&self.pool, call.tenant.key).await)
    }

    /// What is looked for; and what is wrong with law that was named.
    pub(super) async fn law_sought(
        &self,
        call: &Call,
        asked: &Asked,
        regimes: &Regimes,
        facts: &Facts,
    ) -> Result<(Law, Option<Misnamed>), Status> {
        let chosen = match &asked.sought {
            Sought::Known => return Ok((self.known(call, regimes, facts)?, None)),
            Sought::Chosen(choice) => law::chosen(regimes, choice, asked.received_at(facts)),
            Sought::Instead(codes) => self.law_instead(call, codes, regimes, facts).await?,
        };
        let of = |regimes| Law { regimes, appeal_regime: None, now: call.now };
        Ok(match chosen {
            Ok(regimes) => (of(regimes), None),
            Err(wrong) => (of(Vec::new()), Some(wrong)),
        })
    }

    /// Other law for a complaint: of the customer as it was opened for, or as the profile tells
    /// by now.
    async fn law_instead(
        &self,
        call: &Call,
        codes: &[String],
        regimes: &Regimes,
        facts: &Facts,
    ) -> Result<Result<Vec<Arc<Regime>>, Misnamed>, Status> {
        let Some(complaint) = &facts.complaint else { return Ok(Ok(Vec::new())) };
        let received_at = complaint.opened.received_at;
        let under = |customer| {
            let matter = law::complaint_of(customer);
            regimes.named(codes, &matter, received_at)
        };
        let as_opened = under(complaint.opened.consumer_status);
        let (Err(_), Some(party_id)) = (&as_opened, facts.requester_party()) else {
            return Ok(as_opened);
        };
        let known = customer::status(&self.log, &call.tenant, party_id, u64::MAX).await;
        Ok(match known.map_err(|error| self.unreadable(&error))? {
            ConsumerStatus::Unknown => as_opened,
            found_out => under(found_out).or(as_opened),
        })
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
