//! Command-line arguments of a decision, as a request.
use anyhow::{Result, bail, ensure};
use clap::{Args, ValueEnum};
use wire::intake::v1::{
    AdrStatement, Claim, ClaimDecision, ClaimOutcome, ComplaintInstance, DecideComplaintRequest,
    NewRemedy, RemedyKind,
};

use super::{new_id, priced};
use crate::words;

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
#[group(skip)]
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
    /// The body of out-of-court resolution before which it takes part.
    #[arg(long, default_value = "")]
    adr_body: String,
    /// Who signs the answer, with name and function, where the law wants that.
    #[arg(long, default_value = "")]
    signatory: String,
    /// Code of the cause behind it all, if the ticket is escalated.
    #[arg(long, default_value = "")]
    root_cause: String,
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
            adr_body: self.adr_body,
            signatory: self.signatory,
            root_cause_code: self.root_cause,
            evidence_waiver: self.no_evidence,
            letter: self.letter,
            author_id: self.author,
            ..Default::default()
        })
    }
}

fn decided(text: &str, claim: &Claim) -> Result<ClaimDecision> {
    let (outcome, amount) = priced(text)?;
    let outcome = words::meant(outcome, "CLAIM_OUTCOME_", ClaimOutcome::from_str_name)?;
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
    let kind = words::meant(kind, "REMEDY_KIND_", RemedyKind::from_str_name)?;
    Ok(NewRemedy { kind: kind.into(), amount, execute_by: day.to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::zloty;
    use super::*;

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
