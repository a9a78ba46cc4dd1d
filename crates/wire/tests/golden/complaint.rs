//! One value of every event of a complaint.
use domain::complaint::{
    AdrStatement, AppealFiled, Claim, ClaimDecision, ClaimOutcome, Decided, Decider, Demand, Event,
    Evidence, Extended, InfoRequested, Instance, Opened, Outcome, Reclassified, RegimeRef, Remedy,
    RemedyKind, SubmissionForm,
};
use domain::identity::ConsumerStatus;
use domain::ids::{
    AgentId, AppealId, ClaimId, ComplaintId, DecisionId, InfoRequestId, MessageId, RemedyId,
};
use domain::money::Money;
use domain::priority::Channel;
use domain::regime::ReplyForm;
use jiff::civil::date;

use super::ticket::{at, id, text};

/// One value of every event of a complaint.
pub(crate) fn samples() -> Vec<Event> {
    [until_the_decision(), afterwards()].concat()
}

fn until_the_decision() -> Vec<Event> {
    vec![
        Event::Opened(Opened {
            complaint_id: ComplaintId(id(20)),
            message_id: Some(MessageId(id(19))),
            regimes: vec![consumer_law(), house()],
            received_at: at("2026-04-30T19:15:00Z"),
            filed_at: Some(at("2026-04-30T18:00:00Z")),
            item_delivered_at: Some(at("2026-05-02T09:00:00Z")),
            submission_form: SubmissionForm::Electronic,
            consumer_status: ConsumerStatus::Consumer,
            claims: vec![
                Claim { claim_id: ClaimId(id(21)), demand: Demand::Replace, amount: None },
                Claim {
                    claim_id: ClaimId(id(22)),
                    demand: Demand::Compensation,
                    amount: Some(Money::zloty(49)),
                },
            ],
            reply_form: ReplyForm::PaperOrDurable,
            requested_form: Some(ReplyForm::Any),
            reply_channel: Channel::Email,
        }),
        Event::Reclassified(Reclassified {
            regimes: vec![consumer_law()],
            not_a_complaint: true,
            reason: "a question about the guarantee".to_owned(),
            approved_by: Some(AgentId("lead-2".to_owned())),
            reply_form: Some(ReplyForm::WrittenSigned),
        }),
        Event::ClaimsStated {
            claims: vec![
                Claim { claim_id: ClaimId(id(33)), demand: Demand::Repair, amount: None },
                Claim {
                    claim_id: ClaimId(id(34)),
                    demand: Demand::Refund,
                    amount: Some(Money::zloty(120)),
                },
            ],
        },
        Event::InfoRequested(InfoRequested {
            request_id: InfoRequestId(id(23)),
            missing: vec!["PHOTO".to_owned(), "RECEIPT".to_owned()],
            supplement_by: date(2026, 5, 11),
            message_id: MessageId(id(24)),
        }),
        Event::InfoReceived { request_id: InfoRequestId(id(23)), complete: true },
        Event::Extended(Extended {
            new_last_day: date(2026, 6, 29),
            reason: "an expert is needed".to_owned(),
            circumstances: "the cause of the damage".to_owned(),
            notice_message_id: MessageId(id(25)),
        }),
    ]
}

fn afterwards() -> Vec<Event> {
    vec![
        Event::Decided(Box::new(Decided {
            decision_id: DecisionId(id(26)),
            instance: Instance::Appeal,
            outcome: Outcome::PartiallyAccepted,
            per_claim: vec![
                ClaimDecision {
                    claim_id: ClaimId(id(21)),
                    outcome: ClaimOutcome::Rejected,
                    amount: None,
                },
                ClaimDecision {
                    claim_id: ClaimId(id(22)),
                    outcome: ClaimOutcome::Accepted,
                    amount: Some(Money::zloty(49)),
                },
            ],
            justification: Some(text("Koszt przesyłki zwracamy.\n")),
            evidence_waiver: Some(text("Koszt jest na fakturze.\n")),
            legal_basis: vec!["art. 43d".to_owned()],
            remedies: vec![Remedy {
                remedy_id: RemedyId(id(27)),
                kind: RemedyKind::Refund,
                amount: Some(Money::zloty(49)),
                execute_by: date(2026, 6, 3),
            }],
            appeal_info: "to a court".to_owned(),
            adr_statement: AdrStatement::Agrees,
            adr_body: "Inspekcja Handlowa, Warszawa".to_owned(),
            signatory: Some(text("Anna Lis, reklamacje")),
            rebuttable: true,
            decided_by: Decider::Person(AgentId("expert-4".to_owned())),
            approved_by: Some(AgentId("lead-2".to_owned())),
            message_id: Some(MessageId(id(28))),
            decided_at: at("2026-05-20T11:00:00Z"),
            due_at: Some(at("2026-05-14T21:59:59.999Z")),
        })),
        Event::ItemDelivered { at: at("2026-05-07T09:15:00Z") },
        Event::DecisionEvidenced {
            decision_id: DecisionId(id(26)),
            evidence: Evidence::Delivered,
            at: at("2026-05-20T11:02:00Z"),
        },
        Event::AcceptanceWithdrawn {
            decision_id: DecisionId(id(35)),
            remedies: vec![RemedyId(id(36)), RemedyId(id(37))],
        },
        Event::RemedyExecuted {
            remedy_id: RemedyId(id(27)),
            executed_on: date(2026, 5, 22),
            amount: Some(Money::zloty(49)),
            reference: "transfer 7781".to_owned(),
        },
        Event::RemedyWaived { remedy_id: RemedyId(id(29)), message_id: MessageId(id(30)) },
        Event::AppealFiled(AppealFiled {
            appeal_id: AppealId(id(31)),
            decision_id: DecisionId(id(32)),
            received_at: at("2026-05-12T08:30:00Z"),
            in_time: true,
            backdate_reason: Some("the letter lay in the post room".to_owned()),
        }),
    ]
}

fn consumer_law() -> RegimeRef {
    RegimeRef { code: "PL_CONSUMER_GENERAL".to_owned(), version: 3, sha256: Some([7; 32]) }
}

fn house() -> RegimeRef {
    RegimeRef { code: "INTERNAL_STANDARD".to_owned(), version: 1, sha256: None }
}
