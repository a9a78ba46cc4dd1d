//! Command-line arguments about complaints, as requests.
mod deciding;

pub(crate) use self::deciding::Decide;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use uuid::Uuid;
use wire::common::v1::{ConsumerStatus, Money};
use wire::intake::v1::{
    Demand, ExtendComplaintRequest, FileAppealRequest, NewClaim, OpenComplaintRequest,
    RecordRemedyRequest, RequestComplaintInfoRequest, StateClaimsRequest, WaiveRemedyRequest,
};

use crate::words;

/// Who the customer is to the law.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Customer {
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
#[group(skip)]
pub(crate) struct Open {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// What is demanded, for example `replace` or `refund:49.00`; without it an explanation.
    #[arg(long)]
    claim: Vec<String>,
    /// Who the customer is to the law.
    #[arg(long, default_value = "unknown")]
    consumer: Customer,
    /// Codes of the regimes; without them those that apply.
    #[arg(long, value_delimiter = ',')]
    regime: Vec<String>,
    /// Code of the sector of the product.
    #[arg(long, default_value = "")]
    sector: String,
    /// Code of the subject.
    #[arg(long, default_value = "")]
    subject: String,
    /// Id of the message in the thread that complains, if that is not the first one: the time to
    /// answer counts from it; `odzew ticket show` tells it.
    #[arg(long, default_value = "")]
    message: String,
}

impl Open {
    pub(crate) fn request(self, ticket_id: String) -> Result<OpenComplaintRequest> {
        let status = match self.consumer {
            Customer::Consumer => ConsumerStatus::Consumer,
            Customer::SoleTrader => ConsumerStatus::SoleTraderProtected,
            Customer::Business => ConsumerStatus::Business,
            Customer::Unknown => ConsumerStatus::Unknown,
        };
        Ok(OpenComplaintRequest {
            request_id: new_id(),
            ticket_id,
            claims: claims(&self.claim)?,
            consumer_status: status.into(),
            regime_codes: self.regime,
            sector: self.sector,
            subject: self.subject,
            message_id: self.message,
            ..Default::default()
        })
    }
}

fn claims(given: &[String]) -> Result<Vec<NewClaim>> {
    let claim = |text: &String| {
        let (demand, amount) = priced(text)?;
        let demand = words::meant(demand, "DEMAND_", Demand::from_str_name)?;
        Ok(NewClaim { demand: demand.into(), amount })
    };
    given.iter().map(claim).collect()
}

/// Says anew what is claimed.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Claims {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// What is demanded from now on, for example `replace` or `refund:49.00`.
    #[arg(long, required = true)]
    claim: Vec<String>,
}

impl Claims {
    pub(crate) fn request(self, ticket_id: String) -> Result<StateClaimsRequest> {
        Ok(StateClaimsRequest {
            request_id: new_id(),
            ticket_id,
            etag: String::new(),
            claims: claims(&self.claim)?,
        })
    }
}

/// Asks the customer for what is missing.
#[derive(Debug, Args)]
#[group(skip)]
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
#[group(skip)]
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

/// Notes what became of a remedy.
#[derive(Debug, Args)]
#[group(skip)]
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
#[group(skip)]
pub(crate) struct Appeal {
    /// Id or number of the ticket.
    pub(crate) ticket: String,
    /// What the customer wrote.
    #[arg(long, required_unless_present = "message")]
    text: Option<String>,
    /// Id of the message in the thread that appeals; `odzew ticket show` tells it.
    #[arg(long, conflicts_with = "text")]
    message: Option<String>,
    /// Admit it although it is late.
    #[arg(long)]
    admit_late: bool,
}

impl Appeal {
    pub(crate) fn request(self, ticket_id: String) -> FileAppealRequest {
        FileAppealRequest {
            request_id: new_id(),
            ticket_id,
            statement: self.text.unwrap_or_default(),
            message_id: self.message.unwrap_or_default(),
            admit_late: self.admit_late,
            ..Default::default()
        }
    }
}

pub(crate) fn new_id() -> String {
    Uuid::now_v7().to_string()
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
}
