//! What is asked of a complaint on the command line, as requests.
use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use uuid::Uuid;
use wire::common::v1::{ConsumerStatus, Money};
use wire::intake::v1::{
    AdrStatement, Claim, ClaimDecision, ClaimOutcome, ComplaintInstance, DecideComplaintRequest,
    Demand, ExtendComplaintRequest, FileAppealRequest, NewClaim, NewRemedy, OpenComplaintRequest,
    RecordRemedyRequest, RemedyKind, RequestComplaintInfoRequest, WaiveRemedyRequest,
};

/// Who the customer is to the law.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Consumer {
    /// A consumer.
    Consumer,
    /// A sole trader whom the law protects.
    SoleTrader,
    /// A business.
    Business,
    /// Not known: treated as a consumer.
    Unknown,
}

/// Makes a ticket a complaint.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// What is demanded, for example `replace` or `refund:49.00`; without it an explanation.
    #[arg(long)]
    claim: Vec<String>,
    /// Who the customer is to the law.
    #[arg(long, default_value = "unknown")]
    consumer: Consumer,
    /// Codes of the regimes; without them those that apply.
    #[arg(long, value_delimiter = ',')]
    regime: Vec<String>,
    /// Code of the sector of the product.
    #[arg(long, default_value = "")]
    sector: String,
    /// Code of the subject.
    #[arg(long, default_value = "")]
    subject: String,
}

impl Open {
    pub(crate) fn request(self, ticket_id: String) -> Result<OpenComplaintRequest> {
        let claim = |text: &String| {
            let (demand, amount) = priced(text)?;
            let name = format!("DEMAND_{}", capital(demand));
            let demand =
                Demand::from_str_name(&name).context(format!("{demand:?} is no demand"))?;
            Ok(NewClaim { demand: demand.into(), amount })
        };
        let status = match self.consumer {
            Consumer::Consumer => ConsumerStatus::Consumer,
            Consumer::SoleTrader => ConsumerStatus::SoleTraderProtected,
            Consumer::Business => ConsumerStatus::Business,
            Consumer::Unknown => ConsumerStatus::Unknown,
        };
        Ok(OpenComplaintRequest {
            request_id: new_id(),
            ticket_id,
            claims: self.claim.iter().map(claim).collect::<Result<_>>()?,
            consumer_status: status.into(),
            regime_codes: self.regime,
            sector: self.sector,
            subject: self.subject,
            ..Default::default()
        })
    }
}

/// Asks the customer for what is missing.
#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// Codes of what is missing, for example `PHOTO,RECEIPT`.
    #[arg(long, required = true, value_delimiter = ',')]
    missing: Vec<String>,
    /// The question.
    #[arg(long)]
    text: String,
}

impl Ask {
    pub(crate) fn request(self, ticket_id: String) -> RequestComplaintInfoRequest {
        RequestComplaintInfoRequest {
            request_id: new_id(),
            ticket_id,
            missing: self.missing,
            question: self.text,
            ..Default::default()
        }
    }
}

/// Extends the time to answer.
#[derive(Debug, Args)]
pub(crate) struct Extend {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// The new last day, YYYY-MM-DD.
    #[arg(long)]
    until: String,
    /// Why it takes longer; without personal data.
    #[arg(long)]
    reason: String,
    /// What has to be established; without personal data.
    #[arg(long, default_value = "")]
    circumstances: String,
    /// What the customer is told.
    #[arg(long)]
    text: String,
}

impl Extend {
    pub(crate) fn request(self, ticket_id: String) -> ExtendComplaintRequest {
        ExtendComplaintRequest {
            request_id: new_id(),
            ticket_id,
            new_last_day: self.until,
            reason: self.reason,
            circumstances: self.circumstances,
            body: self.text,
            ..Default::default()
        }
    }
}

/// Whether the trader takes part in out-of-court resolution.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Adr {
    /// Agrees.
    Agrees,
    /// Refuses.
    Refuses,
}

/// Decides a complaint.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// How each claim is decided, in the order of `show`, for example `accepted`,
    /// `partially-accepted:20.00` or `rejected`.
    #[arg(long, required = true)]
    claim: Vec<String>,
    /// What is to be carried out and by when, for example `replacement=2026-06-30` or
    /// `refund:49.00=2026-06-30`.
    #[arg(long)]
    remedy: Vec<String>,
    /// Why, in words that a lay person understands.
    #[arg(long)]
    why: String,
    /// A provision that it rests on.
    #[arg(long)]
    basis: Vec<String>,
    /// The letter to the customer.
    #[arg(long)]
    letter: String,
    /// How to appeal.
    #[arg(long, default_value = "")]
    appeal_info: String,
    /// Whether the trader takes part in out-of-court resolution; owed to a consumer who does
    /// not get everything.
    #[arg(long)]
    adr: Option<Adr>,
    /// Why nothing had to be established, where no note holds evidence.
    #[arg(long, default_value = "")]
    no_evidence: String,
    /// Who prepared it, if you only approve.
    #[arg(long, default_value = "")]
    author: String,
    /// Decide the appeal.
    #[arg(long)]
    on_appeal: bool,
}

impl Decide {
    pub(crate) fn request(
        self,
        ticket_id: String,
        claims: &[Claim],
    ) -> Result<DecideComplaintRequest> {
        let (given, known) = (self.claim.len(), claims.len());
        ensure!(given == known, "the complaint has {known} claims, {given} are decided");
        let decisions = self.claim.iter().zip(claims);
        let per_claim = decisions.map(|(text, claim)| decided(text, claim));
        let instance = match self.on_appeal {
            true => ComplaintInstance::Appeal,
            false => ComplaintInstance::First,
        };
        let adr = match self.adr {
            Some(Adr::Agrees) => AdrStatement::Agrees,
            Some(Adr::Refuses) => AdrStatement::Refuses,
            None => AdrStatement::NotApplicable,
        };
        Ok(DecideComplaintRequest {
            request_id: new_id(),
            ticket_id,
            instance: instance.into(),
            per_claim: per_claim.collect::<Result<_>>()?,
            justification: self.why,
            legal_basis: self.basis,
            remedies: self.remedy.iter().map(|text| granted(text)).collect::<Result<_>>()?,
            appeal_info: self.appeal_info,
            adr_statement: adr.into(),
            evidence_waiver: self.no_evidence,
            letter: self.letter,
            author_id: self.author,
            ..Default::default()
        })
    }
}

fn decided(text: &str, claim: &Claim) -> Result<ClaimDecision> {
    let (outcome, amount) = priced(text)?;
    let name = format!("CLAIM_OUTCOME_{}", capital(outcome));
    let outcome =
        ClaimOutcome::from_str_name(&name).context(format!("{outcome:?} is no outcome"))?;
    // What is accepted is accepted as demanded.
    let demanded = claim.amount.clone().filter(|_| outcome == ClaimOutcome::Accepted);
    Ok(ClaimDecision {
        claim_id: claim.claim_id.clone(),
        outcome: outcome.into(),
        amount: amount.or(demanded),
    })
}

fn granted(text: &str) -> Result<NewRemedy> {
    let Some((what, day)) = text.split_once('=') else {
        bail!("{text:?} has no day: write refund:49.00=2026-06-30");
    };
    let (kind, amount) = priced(what)?;
    let name = format!("REMEDY_KIND_{}", capital(kind));
    let kind = RemedyKind::from_str_name(&name).context(format!("{kind:?} is no remedy"))?;
    Ok(NewRemedy { kind: kind.into(), amount, execute_by: day.to_owned() })
}

/// Notes what became of a remedy.
#[derive(Debug, Args)]
pub(crate) struct Remedy {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// Id of the remedy.
    remedy: String,
    /// On which day it was carried out, YYYY-MM-DD.
    #[arg(long, required_unless_present = "waived")]
    on: Option<String>,
    /// How much was paid, for example `49.00`.
    #[arg(long)]
    amount: Option<String>,
    /// Number of the transfer, parcel or order.
    #[arg(long, default_value = "")]
    reference: String,
    /// The customer does not want it, and says so.
    #[arg(long, conflicts_with_all = ["on", "amount", "reference"])]
    waived: Option<String>,
}

impl Remedy {
    pub(crate) fn waiver(&self, ticket_id: &str) -> Option<WaiveRemedyRequest> {
        Some(WaiveRemedyRequest {
            request_id: new_id(),
            ticket_id: ticket_id.to_owned(),
            remedy_id: self.remedy.clone(),
            statement: self.waived.clone()?,
            ..Default::default()
        })
    }

    pub(crate) fn request(self, ticket_id: String) -> Result<RecordRemedyRequest> {
        Ok(RecordRemedyRequest {
            request_id: new_id(),
            ticket_id,
            remedy_id: self.remedy,
            executed_on: self.on.unwrap_or_default(),
            amount: self.amount.as_deref().map(zloty).transpose()?,
            reference: self.reference,
            ..Default::default()
        })
    }
}

/// Appeals against the decision.
#[derive(Debug, Args)]
pub(crate) struct Appeal {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// What the customer wrote.
    #[arg(long)]
    text: String,
    /// Admit it although it is late.
    #[arg(long)]
    admit_late: bool,
}

impl Appeal {
    pub(crate) fn request(self, ticket_id: String) -> FileAppealRequest {
        FileAppealRequest {
            request_id: new_id(),
            ticket_id,
            statement: self.text,
            admit_late: self.admit_late,
            ..Default::default()
        }
    }
}

fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// `partially-accepted` as `PARTIALLY_ACCEPTED`.
fn capital(word: &str) -> String {
    word.to_uppercase().replace('-', "_")
}

/// A word, and an amount in złotys behind its colon.
fn priced(text: &str) -> Result<(&str, Option<Money>)> {
    match text.split_once(':') {
        Some((word, amount)) => Ok((word, Some(zloty(amount)?))),
        None => Ok((text, None)),
    }
}

/// `49` or `49.00` as złotys.
fn zloty(text: &str) -> Result<Money> {
    let wrong = || format!("{text:?} is no amount: write 49.00");
    let (whole, part) = text.split_once('.').unwrap_or((text, "00"));
    ensure!(part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()), wrong());
    let digits = !whole.is_empty() && whole.bytes().all(|b| b.is_ascii_digit());
    ensure!(digits, wrong());
    let minor = format!("{whole}{part}").parse().with_context(wrong)?;
    Ok(Money { minor, currency: "PLN".to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_are_in_grosze() {
        assert_eq!(zloty("49").unwrap().minor, 4_900);
        assert_eq!(zloty("49.50").unwrap().minor, 4_950);
        for wrong in ["", ".50", "49.5", "49,50", "-1", "x", "99999999999999999999"] {
            assert!(zloty(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_accepted_is_accepted_as_demanded() {
        let claim = Claim { amount: Some(zloty("49").unwrap()), ..Claim::default() };
        assert_eq!(decided("accepted", &claim).unwrap().amount, claim.amount);
        assert_eq!(decided("rejected", &claim).unwrap().amount, None);
        let part = decided("partially-accepted:20.00", &claim).unwrap();
        assert_eq!(part.amount.unwrap().minor, 2_000);
        assert!(decided("granted", &claim).is_err());
    }

    #[test]
    fn a_remedy_has_a_day() {
        let remedy = granted("refund:49.00=2026-06-30").unwrap();
        assert_eq!((remedy.kind(), &*remedy.execute_by), (RemedyKind::Refund, "2026-06-30"));
        assert!(granted("refund:49.00").is_err());
    }
}
