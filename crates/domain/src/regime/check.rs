//! Validates a draft of a regime, and reports every problem, not only the first.
use super::words::{Basis, Confidence, DecisionContent, MetBy, Occasion, SilenceEffect};
use super::{Draft, Extension, Scope};
use crate::calendar::{Period, is_name, zone};
use crate::identity::ConsumerStatus;
use crate::problem::Problem;

/// A longer term is a mistake of its author.
const LONGEST: u16 = 3_650;
/// Post that takes longer is not sent.
const LONGEST_LEAD: u8 = 20;
/// Most entries of a list.
const ENTRIES: usize = 50;
/// Most characters of a line, and of the note.
const LINE: usize = 200;
const NOTE: usize = 2_000;

/// Collects problems.
struct Checks(Vec<Problem>);

impl Checks {
    fn demand(&mut self, holds: bool, field: &str, rule: &str) {
        if !holds {
            self.0.push(Problem::new(field, rule));
        }
    }

    fn line(&mut self, field: &str, text: &str) {
        let fits = (1..=LINE).contains(&text.chars().count()) && !text.contains(char::is_control);
        self.demand(fits, field, "must be one line of 1 to 200 characters");
    }

    fn period(&mut self, field: &str, period: Option<Period>) {
        let fits = period.is_none_or(|period| (1..=LONGEST).contains(&count(period)));
        self.demand(fits, &format!("{field}.n"), "must be 1 to 3650");
    }

    fn distinct<T: PartialEq>(&mut self, field: &str, values: &[T]) {
        self.demand(values.len() <= ENTRIES, field, "must have at most 50 entries");
        for (place, value) in values.iter().enumerate() {
            let once = !values[..place].contains(value);
            self.demand(once, &format!("{field}[{place}]"), "must be there only once");
        }
    }
}

/// Everything that keeps a draft from being a regime.
#[must_use]
pub fn problems(draft: &Draft) -> Vec<Problem> {
    let mut checks = Checks(Vec::new());
    let name = "must be 1 to 64 letters, digits, `_`, `-` or `.`";
    checks.demand(is_name(&draft.code), "code", name);
    checks.demand(draft.version > 0, "version", "counts from 1");
    checks.line("title", &draft.title);
    let ends = draft.valid_to.is_none_or(|last| draft.valid_from <= last);
    checks.demand(ends, "valid_to", "must not be before valid_from");
    scope(&mut checks, &draft.scope);
    terms(&mut checks, draft);
    silence(&mut checks, draft);
    content(&mut checks, draft);
    evidence(&mut checks, draft);
    if let Err(error) = zone(&draft.zone) {
        checks.0.push(Problem::new("time_zone", error.to_string()));
    }
    checks.0
}

fn scope(checks: &mut Checks, scope: &Scope) {
    for (field, codes) in [("scope.sectors", &scope.sectors), ("scope.subjects", &scope.subjects)] {
        checks.distinct(field, codes);
        for (place, code) in codes.iter().enumerate() {
            let rule = "must be a code of 1 to 64 letters, digits, `_`, `-` or `.`";
            checks.demand(is_name(code), &format!("{field}[{place}]"), rule);
        }
    }
    checks.distinct("scope.consumers", &scope.consumers);
    let known = !scope.consumers.contains(&ConsumerStatus::Unknown);
    let rule = "must not name UNKNOWN, who is treated as CONSUMER";
    checks.demand(known, "scope.consumers", rule);
    checks.distinct("scope.countries", &scope.countries);
    for (place, code) in scope.countries.iter().enumerate() {
        let fits = code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
        let rule = "must be two capital letters: a country of ISO 3166, or EU";
        checks.demand(fits, &format!("scope.countries[{place}]"), rule);
    }
}

fn terms(checks: &mut Checks, draft: &Draft) {
    checks.period("base", Some(draft.base.period));
    if let Some(Extension { total, require }) = &draft.extension {
        checks.period("extension.total", *total);
        let longer = total.is_none_or(|total| days(total) > days(draft.base.period));
        checks.demand(longer, "extension.total", "counts from the beginning: longer than base");
        checks.demand(!require.is_empty(), "extension.require", "must say what the notice tells");
        checks.distinct("extension.require", require);
    }
    checks.period("ack.period", draft.ack.map(|ack| ack.period));
    checks.period("incomplete.supplement", draft.incomplete.map(|it| it.supplement));
    checks.period("resend_on_request", draft.resend_on_request);
    checks.period("filing_window", draft.filing_window);
    checks.period("appeal.window", draft.appeal.window);
    checks.period("appeal.base", draft.appeal.base);
    let appeal = &draft.appeal;
    let idle = appeal.window.is_none() && appeal.base.is_none() && appeal.silence.is_none();
    checks.demand(
        appeal.allowed || idle,
        "appeal.allowed",
        "must be true where an appeal has terms",
    );
    let rule = "needs appeal.base: silence means something when a time has passed";
    checks.demand(appeal.silence.is_none() || appeal.base.is_some(), "appeal.silence", rule);
    checks.demand(draft.duties.len() <= ENTRIES, "duties", "must have at most 50 entries");
    for (place, duty) in draft.duties.iter().enumerate() {
        checks.line(&format!("duties[{place}].text"), &duty.text);
        checks.period(&format!("duties[{place}].within"), duty.within);
    }
    let lead = draft.paper_lead_days <= LONGEST_LEAD;
    checks.demand(lead, "paper_lead_days", "must be at most 20");
}

fn silence(checks: &mut Checks, draft: &Draft) {
    let appeal = draft.appeal.silence;
    let meanings = [Some(draft.silence), draft.business_silence, appeal];
    let rebuttable = meanings.iter().flatten().any(|silence| silence.is_rebuttable());
    let rule = "must be true with DEEMED_PER_CUSTOMER_WILL, and only then";
    checks.demand(draft.rebuttable == rebuttable, "rebuttable", rule);
    if draft.basis != Basis::Law {
        let rule = "must be NONE: only the law reads something into silence";
        checks.demand(draft.silence == SilenceEffect::None, "silence", rule);
        checks.demand(draft.business_silence.is_none(), "business_silence", rule);
        checks.demand(appeal.is_none_or(|it| it == SilenceEffect::None), "appeal.silence", rule);
    }
}

fn content(checks: &mut Checks, draft: &Draft) {
    checks.distinct("must_contain", &draft.must_contain);
    let occasion = draft.scope.occasion;
    let decides = matches!(occasion, Occasion::Complaint | Occasion::Appeal);
    let has_decision = draft.must_contain.contains(&DecisionContent::Decision);
    let rule = "must name DECISION: the outcome for every claim";
    checks.demand(!decides || has_decision, "must_contain", rule);
    let executed = (draft.met_by == MetBy::Executed) == (occasion == Occasion::Remedy);
    checks.demand(executed, "met_by", "must be EXECUTED for a remedy, and for nothing else");
    let automation = draft.may_decide_automatically || !draft.may_reject_automatically;
    let rule = "must be false where nothing is decided automatically";
    checks.demand(automation, "automation.may_reject_automatically", rule);
}

fn evidence(checks: &mut Checks, draft: &Draft) {
    checks.distinct("sources", &draft.sources);
    let sourced = draft.basis != Basis::Law || !draft.sources.is_empty();
    checks.demand(sourced, "sources", "must name where the law is written");
    for (place, source) in draft.sources.iter().enumerate() {
        checks.line(&format!("sources[{place}]"), source);
    }
    let policy = draft.basis == Basis::Law || draft.confidence == Confidence::Policy;
    checks.demand(policy, "confidence", "must be POLICY: no law sets it");
    let said = draft.confidence == Confidence::Text || !draft.note.trim().is_empty();
    checks.demand(said, "note", "must say what is not certain, unless confidence is TEXT");
    let no_control = !draft.note.contains(|c: char| c.is_control() && !"\n\t".contains(c));
    checks.demand(no_control, "note", "must not contain control characters");
    checks.demand(draft.note.chars().count() <= NOTE, "note", "must have at most 2000 characters");
}

fn count(period: Period) -> u16 {
    match period {
        Period::CalendarDays(n) | Period::BusinessDays(n) | Period::Months(n) => n,
    }
}

/// Approximate days, to compare the lengths of periods.
fn days(period: Period) -> u32 {
    match period {
        Period::CalendarDays(n) => u32::from(n),
        Period::BusinessDays(n) => u32::from(n) * 7 / 5,
        Period::Months(n) => u32::from(n) * 30,
    }
}
