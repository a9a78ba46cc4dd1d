//! What letters about a complaint say in addition to their message.
//!
//! It comes from the events of the complaint: those with the claims, and the one that names the
//! letter's message. The letter of a decision says what was accepted and what was not, why, what will
//! be done by when, the legal basis, and how to appeal.
mod words;

use domain::when::{When, day};
use eventlog::Recorded;
use jiff::civil::Date;
use wire::DecodeError;
use wire::common::v1::ConsumerStatus;
use wire::intake::v1::{
    Claim, ComplaintClaimsStated, ComplaintDecided, ComplaintExtended, ComplaintInfoRequested,
    ComplaintInstance, ComplaintOpened, DataSubjectRequestExtended, MessageAdded, MessagePurpose,
};
use wire::scalar::{date, instant};
use wire::words::personal_opt;

use crate::read_model::ticket_facts::{TicketFacts, decode};
use crate::template::{Slots, in_both};

/// The words of a complaint's letter, in its language; empty where there is nothing to say.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// The day on which it was received.
    day: String,
    /// What was examined: the complaint, or the appeal.
    what: String,
    /// Last day of the answer.
    statutory_due: String,
    /// How it was decided.
    decision: String,
    /// What was accepted, what was not, and what will be done by when.
    accepted: String,
    rejected: String,
    execution: String,
    /// Why it was decided so; empty where the letter itself has it word for word.
    reasons: String,
    /// Provisions.
    basis: String,
    /// How to appeal.
    appeal: String,
    /// The statement on out-of-court settlement.
    adr: String,
    /// Who else helps.
    help: String,
    /// Who signs.
    signatory: String,
    /// Of what the answer takes longer.
    of_what: String,
    /// Why it takes longer, and what is to be established.
    reason: String,
    circumstances: String,
    /// Last day of the longer time.
    new_due: String,
    /// Last day to supply what is missing.
    supply_by: String,
}

impl Complaint {
    pub(super) fn slots(self) -> Slots {
        in_both([
            (["dzien", "day"], self.day),
            (["co", "what"], self.what),
            (["termin_ustawowy", "statutory_due"], self.statutory_due),
            (["decyzja", "decision"], self.decision),
            (["uznane", "accepted"], self.accepted),
            (["nieuznane", "rejected"], self.rejected),
            (["wykonanie", "execution"], self.execution),
            (["uzasadnienie", "reasons"], self.reasons),
            (["podstawa", "basis"], self.basis),
            (["odwolanie", "appeal"], self.appeal),
            (["adr", "adr"], self.adr),
            (["pomoc", "help"], self.help),
            (["podpis", "signatory"], self.signatory),
            (["czego", "of_what"], self.of_what),
            (["przyczyna", "reason"], self.reason),
            (["okolicznosci", "circumstances"], self.circumstances),
            (["nowy_termin", "new_due"], self.new_due),
            (["uzupelnic_do", "supply_by"], self.supply_by),
        ])
    }
}

/// Says things in one language.
pub(super) struct Words<'a> {
    pub(super) when: &'a When,
    pub(super) locale: &'a str,
}

impl Words<'_> {
    /// The words of the letter that `cause` asks for, from what has happened to the ticket.
    pub(super) fn complaint(
        &self,
        (facts, answer_by): (&TicketFacts, Option<Date>),
        ticket: &[Recorded],
        cause: Option<&Recorded>,
    ) -> Result<Complaint, DecodeError> {
        let mut words = Complaint {
            day: self.when.day(facts.received_at(), self.locale),
            what: self.say(words::COMPLAINT),
            of_what: self.say(words::OF_COMPLAINT),
            statutory_due: answer_by.map(|by| day(by, self.locale)).unwrap_or_default(),
            ..Complaint::default()
        };
        let message = match cause {
            Some(event) if event.event_type == wire::event::MESSAGE_ADDED => decode(event)?,
            _ => MessageAdded::default(),
        };
        let letter = personal_opt(message.body.as_ref(), "body")?.unwrap_or_default().0;
        let by_silence = match (message.purpose(), cause) {
            (MessagePurpose::Decision, Some(cause)) => told_by_silence(ticket, cause)?,
            _ => None,
        };
        let message_id = message.message_id;
        // What was claimed when the letter was caused, or came with it, and by whom.
        let (mut claims, mut status) = (Vec::new(), ConsumerStatus::Unspecified);
        for event in ticket {
            match event.event_type.as_str() {
                wire::event::COMPLAINT_OPENED => {
                    let complaint = decode::<ComplaintOpened>(event)?;
                    let received = instant(complaint.received_at.as_ref(), "received_at")?;
                    words.day = self.when.day(received, self.locale);
                    status = complaint.consumer_status();
                    claims = complaint.claims;
                }
                wire::event::COMPLAINT_CLAIMS_STATED => {
                    claims = decode::<ComplaintClaimsStated>(event)?.claims;
                }
                wire::event::COMPLAINT_DECIDED => {
                    let decided = decode::<ComplaintDecided>(event)?;
                    if decided.message_id == message_id
                        || by_silence.as_ref() == Some(&decided.decision_id)
                    {
                        self.decided(&mut words, (&claims, status, &letter), &decided)?;
                    }
                }
                wire::event::COMPLAINT_EXTENDED => {
                    let extended = decode::<ComplaintExtended>(event)?;
                    if extended.notice_message_id == message_id {
                        let new_last_day = date(&extended.new_last_day, "new_last_day")?;
                        words.new_due = day(new_last_day, self.locale);
                        words.reason = extended.reason;
                        words.circumstances = extended.circumstances;
                    }
                }
                wire::event::DATA_SUBJECT_REQUEST_EXTENDED => {
                    let extended = decode::<DataSubjectRequestExtended>(event)?;
                    if extended.notice_message_id == message_id {
                        let new_last_day = date(&extended.new_last_day, "new_last_day")?;
                        words.of_what = self.say(words::OF_REQUEST);
                        words.new_due = day(new_last_day, self.locale);
                        words.reason = extended.reason;
                        words.circumstances = extended.circumstances;
                    }
                }
                wire::event::COMPLAINT_INFO_REQUESTED => {
                    let requested = decode::<ComplaintInfoRequested>(event)?;
                    if requested.message_id == message_id {
                        let by = date(&requested.supplement_by, "supplement_by")?;
                        words.supply_by = day(by, self.locale);
                    }
                }
                _ => {}
            }
        }
        Ok(words)
    }

    fn decided(
        &self,
        words: &mut Complaint,
        (claims, status, letter): (&[Claim], ConsumerStatus, &str),
        decided: &ComplaintDecided,
    ) -> Result<(), DecodeError> {
        if decided.instance() == ComplaintInstance::Appeal {
            words.what = self.say(words::APPEAL);
        }
        words.decision = self.say(words::outcome(decided.outcome()));
        (words.accepted, words.rejected) = self.claims(claims, &decided.per_claim);
        words.execution = self.remedies(&decided.remedies)?;
        let reasons = personal_opt(decided.justification.as_ref(), "justification")?;
        words.reasons = reasons.unwrap_or_default().0;
        if letter.contains(words.reasons.trim()) {
            words.reasons.clear();
        }
        words.basis = decided.legal_basis.join("; ");
        words.appeal.clone_from(&decided.appeal_info);
        words.adr = self.adr(decided.adr_statement(), &decided.adr_body);
        // Consumer ombudsmen help no business.
        let helped = status != ConsumerStatus::Business;
        if helped && words::may_be_disputed(decided.outcome()) {
            words.help = self.say(words::HELP);
        }
        let signatory = personal_opt(decided.signatory.as_ref(), "signatory")?;
        words.signatory = signatory.unwrap_or_default().0;
        Ok(())
    }
}

/// Id of the decision that the law has read into silence, if the letter is the first one with a
/// decision since: nobody knew the letter when the law decided. That of a person names its letter
/// itself.
fn told_by_silence(ticket: &[Recorded], letter: &Recorded) -> Result<Option<String>, DecodeError> {
    let mut untold = None;
    for event in ticket.iter().filter(|event| event.position < letter.position) {
        match event.event_type.as_str() {
            wire::event::COMPLAINT_DECIDED => {
                let decided = decode::<ComplaintDecided>(event)?;
                untold = Some(decided.decision_id).filter(|_| decided.message_id.is_empty());
            }
            wire::event::DEEMED_ACCEPTANCE_WITHDRAWN => untold = None,
            wire::event::MESSAGE_ADDED
                if decode::<MessageAdded>(event)?.purpose() == MessagePurpose::Decision =>
            {
                untold = None;
            }
            _ => {}
        }
    }
    Ok(untold)
}
