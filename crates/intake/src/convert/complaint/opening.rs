//! Requests that open a complaint, on an existing ticket or together with a new one.
use std::sync::Arc;

use chassis::fields::Fields;
use domain::complaint::{Claim, Command, Demand, Open, Rejection, SubmissionForm};
use domain::identity::ConsumerStatus;
use domain::ids::MessageId;
use domain::priority::Channel;
use domain::regime::{Matter, Occasion, Regime, ReplyForm};
use domain::role::Role;
use jiff::Timestamp;
use tonic::Status;
use wire::common::v1 as common;
use wire::intake::v1;

use super::super::{letters_over, not_in_the_future};
use super::parts::{claims, codes, country, opt_instant};
use super::{Asked, CODE_CHARS, Choice, Given, Sought};
use crate::call::Call;
use crate::config::Config;
use crate::identity::Source;
use crate::rules::optional;

/// Country whose law applies, if none is given.
const COUNTRY: &str = "PL";

/// A complaint to be opened, before its law is known.
pub(crate) struct Opening {
    pub(crate) choice: Choice,
    /// Who the customer is to the law, if the call says.
    pub(crate) customer: Option<ConsumerStatus>,
    open: Open,
    given: Given,
}

impl Opening {
    /// Without stated claims: the customer wants an explanation.
    pub(crate) fn unclear(source: Source) -> Self {
        let explanation =
            Claim { claim_id: source.claim(0), demand: Demand::Explanation, amount: None };
        let matter = Matter {
            occasion: Occasion::Complaint,
            sector: String::new(),
            subject: String::new(),
            customer: ConsumerStatus::Unknown,
            country: COUNTRY.to_owned(),
        };
        Self {
            choice: Choice { named: Vec::new(), matter },
            customer: None,
            open: of_claims(source, vec![explanation]),
            given: Given::default(),
        }
    }

    /// The same of that customer.
    pub(crate) fn of_customer(mut self, customer: ConsumerStatus) -> Self {
        self.open.consumer_status = customer;
        self.choice.matter.customer = customer;
        self
    }

    /// The command, now that its law and the channel of its ticket are known.
    pub(crate) fn under(self, regimes: Vec<Arc<Regime>>, channel: Channel) -> Open {
        let Self { mut open, given, .. } = self;
        open.regimes = regimes;
        given.complete(&mut open, channel);
        open
    }
}

impl Given {
    /// What the call does not say the ticket's channel does.
    pub(super) fn complete(&self, open: &mut Open, channel: Channel) {
        open.submission_form = self.form.unwrap_or_else(|| form(channel));
        open.reply_channel = self.channel.unwrap_or_else(|| letters_over(channel));
    }
}

/// How a complaint was made, as far as the ticket's channel tells.
fn form(channel: Channel) -> SubmissionForm {
    match channel {
        Channel::Letter => SubmissionForm::Paper,
        Channel::Voice => SubmissionForm::OralPhone,
        Channel::Email
        | Channel::Portal
        | Channel::Chat
        | Channel::Form
        | Channel::Sms
        | Channel::Social
        | Channel::Monitoring
        | Channel::Api
        | Channel::Webhook => SubmissionForm::Electronic,
    }
}

fn of_claims(source: Source, claims: Vec<Claim>) -> Open {
    Open {
        complaint_id: source.complaint(),
        message_id: None,
        regimes: Vec::new(),
        filed_at: None,
        item_delivered_at: None,
        // Both as the ticket tells, unless given.
        submission_form: SubmissionForm::Electronic,
        reply_channel: Channel::Email,
        consumer_status: ConsumerStatus::Unknown,
        claims,
        reply_form: ReplyForm::Any,
    }
}

pub(crate) fn open(
    call: &Call,
    message: &v1::OpenComplaintRequest,
    config: &Config,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let opening = opening(&mut fields, call, &parts(message), (target.source, None), config);
    let message_id = fields.optional_uuid("message_id", &message.message_id).map(MessageId);
    fields.finish()?;
    // Here nobody asks the party: who calls has looked.
    let customer = opening.customer.unwrap_or(ConsumerStatus::Unknown);
    let Opening { choice, open, given, .. } = opening.of_customer(customer);
    let open = Open { message_id, ..open };
    let sought = Sought::Chosen(choice);
    Ok(Asked { sought, given, ..Asked::new(target, Command::Open(open)) })
}

/// What the two requests share.
fn parts(message: &v1::OpenComplaintRequest) -> v1::NewComplaint {
    v1::NewComplaint {
        submission_form: message.submission_form,
        consumer_status: message.consumer_status,
        claims: message.claims.clone(),
        reply_form: message.reply_form,
        reply_channel: message.reply_channel,
        filed_at: message.filed_at,
        item_delivered_at: message.item_delivered_at,
        regime_codes: message.regime_codes.clone(),
        sector: message.sector.clone(),
        subject: message.subject.clone(),
        country: message.country.clone(),
    }
}

/// Reads what the call says about a complaint; the instant of receipt is given, or comes from the
/// ticket.
pub(crate) fn opening(
    fields: &mut Fields,
    call: &Call,
    told: &v1::NewComplaint,
    (source, received_at): (Source, Option<Timestamp>),
    config: &Config,
) -> Opening {
    let form = optional::<v1::SubmissionForm, _>(fields, "submission_form", told.submission_form);
    let status = told.consumer_status;
    let customer = optional::<common::ConsumerStatus, _>(fields, "consumer_status", status);
    let claims = claims(fields, &told.claims, source);
    let reply_form = optional::<v1::ReplyForm, _>(fields, "reply_form", told.reply_form);
    let channel = optional::<common::Channel, _>(fields, "reply_channel", told.reply_channel);
    let filed_at = opt_instant(fields, "filed_at", told.filed_at.as_ref());
    let delivered = told.item_delivered_at.as_ref();
    let item_delivered_at = opt_instant(fields, "item_delivered_at", delivered);
    for (field, at) in [("filed_at", filed_at), ("item_delivered_at", item_delivered_at)] {
        if let Some(at) = at {
            not_in_the_future(fields, field, at, call, config);
        }
    }
    let late = filed_at.zip(received_at).is_some_and(|(filed, received)| filed > received);
    if late && filed_at.is_some_and(|filed| filed <= call.now + config.clock_tolerance) {
        fields.refuse("filed_at", Rejection::FiledAfterReceipt.to_string());
    }
    let named = codes(fields, &told.regime_codes);
    let matter = Matter {
        occasion: Occasion::Complaint,
        sector: fields.line("sector", &told.sector, 0..=CODE_CHARS),
        subject: fields.line("subject", &told.subject, 0..=CODE_CHARS),
        customer: customer.unwrap_or(ConsumerStatus::Unknown),
        country: country(fields, &told.country, COUNTRY),
    };
    if call.role() == Role::Customer && !named.is_empty() {
        fields.refuse("regime_codes", "is not for customers: the law follows from the matter");
    }
    let choice = Choice { named, matter };
    let reply_form = reply_form.unwrap_or(ReplyForm::Any);
    let open = Open { filed_at, item_delivered_at, reply_form, ..of_claims(source, claims) };
    Opening { choice, customer, open, given: Given { form, channel, dated: false } }
}
