//! Converts requests about complaints to commands; every invalid field is named. What depends on
//! the ticket and its law is filled in once the ticket has been read.
mod deciding;
mod ending;
mod item;
mod opening;
mod parts;

pub(crate) use deciding::decide;
pub(crate) use ending::{file_appeal, record_evidence, record_remedy, waive_remedy};
pub(crate) use item::record_item;
pub(crate) use opening::{Opening, open, opening};

use chassis::fields::Fields;
use domain::complaint::{Command, Extend, Law, Reclassify, RequestInfo, SubmissionForm};
use domain::ids::{AgentId, InfoRequestId};
use domain::personal_data::Known;
use domain::priority::Channel;
use domain::regime::Matter;
use domain::ticket::{self, Complain, Facts, NewMessage};
use jiff::Timestamp;
use tonic::Status;
use wire::common::v1 as common;
use wire::intake::v1;

use self::parts::{claims, codes};
use super::{BODY_CHARS, REASON_CHARS, agent, letters_over, new_message};
use crate::call::{Call, Target};
use crate::rules::{code, day_ahead, optional};

/// Most codes of what is missing in one request.
const MISSING: usize = 20;
const CODE_CHARS: usize = 64;

/// A request about a complaint, converted as far as possible before the ticket has been read.
pub(crate) struct Asked {
    pub(crate) target: Target,
    pub(crate) sought: Sought,
    command: Command,
    said: Option<Said>,
    given: Given,
}

/// The law that the command needs.
#[derive(Debug)]
pub(crate) enum Sought {
    /// The regimes that the complaint is already under.
    Known,
    /// Regimes that are still to be selected.
    Chosen(Choice),
    /// The law of these codes, in place of what the complaint is under.
    Instead(Vec<String>),
}

/// How regimes are selected.
#[derive(Debug)]
pub(crate) struct Choice {
    /// Codes of the regimes; empty: all that apply to the matter.
    pub(crate) named: Vec<String>,
    pub(crate) matter: Matter,
}

/// A message that goes with the command, over the channel that the call names.
pub(super) struct Said {
    message: NewMessage,
    channel: Option<Channel>,
    by_customer: bool,
}

impl Said {
    /// Over `otherwise` unless the call named a channel.
    pub(super) fn over(self, otherwise: Channel) -> NewMessage {
        NewMessage { channel: self.channel.unwrap_or(otherwise), ..self.message }
    }
}

/// What the ticket tells unless the call does.
#[derive(Default)]
struct Given {
    form: Option<SubmissionForm>,
    channel: Option<Channel>,
    /// When it was received.
    dated: bool,
}

impl Asked {
    fn new(target: Target, command: Command) -> Self {
        let given = Given::default();
        Self { target, sought: Sought::Known, command, said: None, given }
    }

    /// When the organisation received what the command is about. A message that is not there is
    /// refused by the command.
    pub(crate) fn received_at(&self, facts: &Facts) -> Timestamp {
        let named = match &self.command {
            Command::Open(open) => open.message_id,
            _ => None,
        };
        let said = named.and_then(|id| facts.said_by_customer(id));
        said.map_or(facts.registered.received_at, |(at, _)| at)
    }

    fn saying(self, said: Said) -> Self {
        Self { said: Some(said), ..self }
    }

    /// The command to the ticket, now that this and its law are known.
    pub(crate) fn complete(
        self,
        call: &Call,
        facts: &Facts,
        law: Law,
    ) -> (Target, ticket::Command) {
        let Self { target, mut command, said, given, .. } = self;
        let own = reachable(facts.registered.channel);
        match &mut command {
            Command::Open(open) => {
                open.regimes = law.regimes;
                let said = open.message_id.and_then(|id| facts.said_by_customer(id));
                given.complete(open, said.map_or(facts.registered.channel, |(_, over)| over));
            }
            Command::Reclassify(change) => change.regimes = law.regimes,
            Command::RequestInfo(request) => request.regimes = law.regimes,
            Command::Extend(extend) => {
                (extend.regimes, extend.appeal_regime) = (law.regimes, law.appeal_regime);
            }
            Command::Decide(decide) => decide.regimes = law.regimes,
            Command::FileAppeal(appeal) => {
                appeal.regimes = law.regimes;
                appeal.appeal_regime = law.appeal_regime;
                let id = appeal.message_id;
                let written = facts.messages.iter().find(|message| message.message_id == id);
                if let (Some(letter), false) = (written, given.dated) {
                    appeal.received_at = letter.written_at;
                }
            }
            Command::StateClaims { .. }
            | Command::RecordItem { .. }
            | Command::RecordInfo { .. }
            | Command::DeemAccepted(_)
            | Command::DenySilence { .. }
            | Command::RecordEvidence { .. }
            | Command::RecordRemedy { .. }
            | Command::WaiveRemedy { .. } => {}
        }
        let letters = || letters_over(own);
        let opened = facts.complaint.as_ref().map(|known| &known.opened);
        let wanted = opened.map_or_else(letters, |opened| opened.reply_channel);
        let message = said.map(|said| {
            let otherwise = if said.by_customer { own } else { wanted };
            said.over(otherwise)
        });
        let source = super::classification_source(call.role());
        let complain = Complain { command, message, source, known: Known::default() };
        (target, ticket::Command::Complaint(Box::new(complain)))
    }
}

/// A channel over which a customer can be written to.
fn reachable(channel: Channel) -> Channel {
    match channel {
        Channel::Monitoring | Channel::Api | Channel::Webhook | Channel::Voice => Channel::Email,
        own => own,
    }
}

pub(crate) fn reclassify(
    call: &Call,
    message: &v1::ReclassifyComplaintRequest,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let reason = fields.line("reason", &message.reason, 1..=REASON_CHARS);
    let named = codes(&mut fields, &message.regime_codes);
    let none = message.not_a_complaint;
    if none != named.is_empty() {
        fields.refuse("regime_codes", "must be given unless it is no complaint, and only then");
    }
    let said = (none || !message.body.is_empty()).then(|| {
        let body = ("body", &*message.body, message.channel);
        to_customer(&mut fields, call, &target, body, message.public_venue)
    });
    if !none && said.is_some() {
        fields.refuse("body", "has no meaning unless it is no complaint");
    }
    if !none && message.public_venue {
        fields.refuse("public_venue", "has no meaning unless it is no complaint");
    }
    fields.finish()?;
    let change = Reclassify {
        regimes: Vec::new(),
        not_a_complaint: none,
        reason,
        // Any role that may call this also approves it.
        approved_by: none.then(|| agent(call)),
        message_id: none.then(|| target.source.message()),
    };
    let asked = Asked::new(target, Command::Reclassify(change));
    let sought = if none { Sought::Known } else { Sought::Instead(named) };
    Ok(Asked { said, sought, ..asked })
}

pub(crate) fn state_claims(call: &Call, message: &v1::StateClaimsRequest) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    if message.claims.is_empty() {
        fields.refuse("claims", "must be at least 1");
    }
    let claims = claims(&mut fields, &message.claims, target.source);
    fields.finish()?;
    Ok(Asked::new(target, Command::StateClaims { claims }))
}

pub(crate) fn request_info(
    call: &Call,
    message: &v1::RequestComplaintInfoRequest,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let given = &message.missing;
    if !(1..=MISSING).contains(&given.len()) {
        fields.refuse("missing", format!("must be 1 to {MISSING}, are {}", given.len()));
    }
    let missing = given.iter().enumerate().take(MISSING);
    let missing = missing
        .map(|(place, text)| code(&mut fields, &format!("missing[{place}]"), text))
        .collect();
    let question = ("question", &*message.question, message.channel);
    let said = to_customer(&mut fields, call, &target, question, message.public_venue);
    fields.finish()?;
    let request = RequestInfo {
        request_id: target.source.info_request(),
        missing,
        message_id: target.source.message(),
        regimes: Vec::new(),
        now: call.now,
    };
    Ok(Asked::new(target, Command::RequestInfo(request)).saying(said))
}

pub(crate) fn record_info(
    call: &Call,
    message: &v1::RecordComplaintInfoRequest,
) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let request_id = InfoRequestId(fields.uuid("info_request_id", &message.info_request_id));
    fields.finish()?;
    let command = Command::RecordInfo { request_id, complete: message.complete };
    Ok(Asked::new(target, command))
}

pub(crate) fn extend(call: &Call, message: &v1::ExtendComplaintRequest) -> Result<Asked, Status> {
    let mut fields = Fields::new();
    let meant = (&*message.request_id, &*message.ticket_id, &*message.etag);
    let target = call.target(&mut fields, message, meant);
    let why = (&*message.reason, &*message.circumstances);
    let extend = longer(&mut fields, call, &target, &message.new_last_day, why);
    let body = ("body", &*message.body, message.channel);
    let said = to_customer(&mut fields, call, &target, body, message.public_venue);
    fields.finish()?;
    Ok(Asked::new(target, Command::Extend(extend)).saying(said))
}

/// A longer time, without the law that it is to follow.
pub(super) fn longer(
    fields: &mut Fields,
    call: &Call,
    target: &Target,
    new_last_day: &str,
    (reason, circumstances): (&str, &str),
) -> Extend {
    Extend {
        new_last_day: day_ahead(fields, "new_last_day", new_last_day, call.now),
        reason: fields.line("reason", reason, 0..=REASON_CHARS),
        circumstances: fields.line("circumstances", circumstances, 0..=REASON_CHARS),
        message_id: target.source.message(),
        regimes: Vec::new(),
        appeal_regime: None,
        now: call.now,
    }
}

/// A message to the customer, whom it may reach where everybody reads it.
pub(super) fn to_customer(
    fields: &mut Fields,
    call: &Call,
    target: &Target,
    (field, body, channel): (&str, &str, i32),
    public_venue: bool,
) -> Said {
    let body = fields.text(field, body, 1..=BODY_CHARS);
    let channel = optional::<common::Channel, _>(fields, "channel", channel);
    let message = NewMessage { public_venue, ..new_message(call, target, Channel::Email, body) };
    Said { message, channel, by_customer: false }
}

/// A named person other than the caller; `None` if no name is given.
fn other_person(fields: &mut Fields, field: &str, id: &str) -> Option<AgentId> {
    (!id.is_empty()).then(|| AgentId(crate::rules::opaque_id(fields, field, id)))
}
