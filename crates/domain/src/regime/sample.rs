//! Regimes for tests.
use jiff::civil::{date, time};

use super::*;

/// The general rule of Polish consumer law, as a draft to change.
pub(crate) fn consumer() -> Draft {
    Draft {
        code: "PL_CONSUMER_GENERAL".into(),
        version: 1,
        title: "Consumer complaint".into(),
        valid_from: date(2023, 1, 1),
        valid_to: None,
        zone: "Europe/Warsaw".into(),
        holidays: Some(HolidaySet::polish()),
        basis: Basis::Law,
        disabled: false,
        scope: Scope {
            occasion: Occasion::Complaint,
            rank: Rank::General,
            sectors: Vec::new(),
            subjects: Vec::new(),
            consumers: vec![ConsumerStatus::Consumer, ConsumerStatus::SoleTraderProtected],
            countries: vec!["PL".into()],
        },
        base: Term { period: Period::CalendarDays(14), from: CountsFrom::Received },
        extension: None,
        roll_forward: true,
        silence: SilenceEffect::DeemedAccepted,
        business_silence: None,
        rebuttable: false,
        met_by: MetBy::Delivered,
        ack: None,
        incomplete: None,
        reply_form: ReplyForm::PaperOrDurable,
        must_contain: vec![DecisionContent::Decision],
        appeal: Appeal::default(),
        may_decide_automatically: true,
        may_reject_automatically: false,
        resend_on_request: None,
        filing_window: None,
        duties: Vec::new(),
        closing: time(17, 0, 0, 0),
        paper_lead_days: 3,
        sources: vec!["art. 7a".into()],
        verified_on: date(2026, 11, 21),
        confidence: Confidence::Text,
        note: String::new(),
    }
}

/// The financial market's rule: 30 days, 60 when extended, what the customer wished.
pub(crate) fn financial() -> Draft {
    let mut draft = consumer();
    draft.code = "PL_FINANCIAL".into();
    draft.scope.rank = Rank::Special;
    draft.scope.sectors = vec!["FINANCE".into()];
    draft.base.period = Period::CalendarDays(30);
    draft.extension = Some(Extension {
        total: Some(Period::CalendarDays(60)),
        require: vec![NoticeContent::Reason, NoticeContent::Circumstances, NoticeContent::NewDate],
    });
    draft.silence = SilenceEffect::DeemedPerCustomerWill;
    draft.rebuttable = true;
    draft.met_by = MetBy::Sent;
    draft.appeal.allowed = true;
    draft
}

/// Payment services: 15 business days, 35 when extended.
pub(crate) fn payment() -> Draft {
    let mut draft = financial();
    draft.code = "PL_PAYMENT_SERVICES".into();
    draft.scope.subjects = vec!["PAYMENT".into()];
    draft.scope.consumers.clear();
    draft.base.period = Period::BusinessDays(15);
    draft.extension = Some(Extension {
        total: Some(Period::BusinessDays(35)),
        require: vec![NoticeContent::Reason],
    });
    draft.business_silence = Some(SilenceEffect::AdrOrCourt);
    draft
}

/// The house's own goal beside any other.
pub(crate) fn house() -> Draft {
    let mut draft = consumer();
    draft.code = "INTERNAL_STANDARD".into();
    draft.basis = Basis::House;
    draft.scope.rank = Rank::Parallel;
    draft.scope.consumers.clear();
    draft.scope.countries.clear();
    draft.base.period = Period::BusinessDays(7);
    draft.silence = SilenceEffect::None;
    draft.met_by = MetBy::Sent;
    draft.confidence = Confidence::Policy;
    draft.note = "A goal.".into();
    draft
}

/// Complaints of businesses.
pub(crate) fn contract() -> Draft {
    let mut draft = house();
    draft.code = "B2B_CONTRACT".into();
    draft.basis = Basis::Contract;
    draft.scope.rank = Rank::General;
    draft.scope.consumers = vec![ConsumerStatus::Business];
    draft.base.period = Period::CalendarDays(14);
    draft
}

pub(crate) fn regime(draft: Draft) -> Regime {
    Regime::new(draft).unwrap()
}
