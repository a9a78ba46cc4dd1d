//! The enums of a complaint in words, in Polish and English.
use domain::when::day;
use wire::DecodeError;
use wire::common::v1::Money;
use wire::intake::v1::{
    AdrStatement, Claim, ClaimDecision, ClaimOutcome, ComplaintOutcome, Demand, Remedy, RemedyKind,
};
use wire::scalar::date;

use super::Words;

/// The same in Polish and in English.
pub(super) type Pair = (&'static str, &'static str);

pub(super) const COMPLAINT: Pair = ("reklamację", "your complaint");
pub(super) const APPEAL: Pair =
    ("odwołanie od decyzji w sprawie reklamacji", "your appeal about the complaint");
/// Of what the answer takes longer.
pub(super) const OF_COMPLAINT: Pair = ("reklamacji", "complaint");
pub(super) const OF_REQUEST: Pair = ("żądania", "request");
pub(super) const HELP: Pair = (
    "Pomoc: powiatowy lub miejski rzecznik konsumentów, sąd.",
    "Help: the consumer ombudsman, or the court.",
);

/// How it was decided.
pub(super) fn outcome(outcome: ComplaintOutcome) -> Pair {
    match outcome {
        ComplaintOutcome::Accepted => ("uwzględniona w całości", "accepted"),
        ComplaintOutcome::PartiallyAccepted => ("uwzględniona częściowo", "partly accepted"),
        ComplaintOutcome::Rejected => ("nieuwzględniona", "not accepted"),
        ComplaintOutcome::LeftUnexamined => (
            "pozostawiona bez rozpatrzenia, ponieważ nie otrzymaliśmy uzupełnienia",
            "left unexamined, because we did not get what was missing",
        ),
        ComplaintOutcome::DeemedAccepted => (
            "uznana za uzasadnioną, ponieważ nie odpowiedzieliśmy w terminie",
            "taken as accepted, because we did not answer in time",
        ),
        ComplaintOutcome::Unspecified => ("", ""),
    }
}

/// Whether somebody may want to dispute it.
pub(super) fn may_be_disputed(outcome: ComplaintOutcome) -> bool {
    match outcome {
        ComplaintOutcome::PartiallyAccepted
        | ComplaintOutcome::Rejected
        | ComplaintOutcome::LeftUnexamined => true,
        ComplaintOutcome::Accepted
        | ComplaintOutcome::DeemedAccepted
        | ComplaintOutcome::Unspecified => false,
    }
}

fn demand(demand: Demand) -> Pair {
    match demand {
        Demand::Repair => ("naprawa", "repair"),
        Demand::Replace => ("wymiana", "replacement"),
        Demand::PriceReduction => ("obniżenie ceny", "price reduction"),
        Demand::Refund => ("zwrot pieniędzy", "refund"),
        Demand::Compensation => ("odszkodowanie", "compensation"),
        Demand::Explanation => ("wyjaśnienie", "explanation"),
        Demand::Apology => ("przeprosiny", "apology"),
        Demand::Other | Demand::Unspecified => ("inne żądanie", "another demand"),
    }
}

fn remedy(kind: RemedyKind) -> Pair {
    match kind {
        RemedyKind::Repair => ("naprawa", "repair"),
        RemedyKind::Replacement => ("wymiana", "replacement"),
        RemedyKind::PriceReduction => ("obniżenie ceny", "price reduction"),
        RemedyKind::Refund => ("zwrot pieniędzy", "refund"),
        RemedyKind::Compensation => ("odszkodowanie", "compensation"),
        RemedyKind::Explanation => ("wyjaśnienie", "explanation"),
        RemedyKind::Apology => ("przeprosiny", "apology"),
        RemedyKind::Other | RemedyKind::Unspecified => ("inne świadczenie", "another remedy"),
    }
}

impl Words<'_> {
    pub(in crate::channel::email) fn say(&self, (polish, english): Pair) -> String {
        if self.locale == "pl" { polish } else { english }.to_owned()
    }

    /// The statement on out-of-court settlement, before the body that it names.
    pub(super) fn adr(&self, statement: AdrStatement, body: &str) -> String {
        let takes_part = self.say(match statement {
            AdrStatement::Agrees => {
                ("zgadzamy się na udział w postępowaniu", "we agree to take part")
            }
            AdrStatement::Refuses => {
                ("nie zgadzamy się na udział w postępowaniu", "we do not agree to take part")
            }
            AdrStatement::NotApplicable | AdrStatement::Unspecified => return String::new(),
        });
        match body {
            "" => format!("{takes_part}."),
            body => {
                let held_by = self.say(("prowadzi je", "it is held by"));
                format!("{takes_part}; {held_by}: {}.", body.trim_end_matches('.'))
            }
        }
    }

    /// What was accepted and what was not.
    pub(super) fn claims(&self, claims: &[Claim], decided: &[ClaimDecision]) -> (String, String) {
        let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
        for decision in decided {
            let claim = claims.iter().find(|claim| claim.claim_id == decision.claim_id);
            let named = self.say(demand(claim.map_or(Demand::Unspecified, Claim::demand)));
            let demanded = claim.and_then(|claim| claim.amount.as_ref());
            let granted = decision.amount.as_ref();
            match decision.outcome() {
                ClaimOutcome::Accepted => accepted.push(self.with(named, granted.or(demanded))),
                ClaimOutcome::PartiallyAccepted => {
                    let in_part = self.say(("w części", "in part"));
                    accepted.push(format!("{} ({in_part})", self.with(named, granted)));
                }
                ClaimOutcome::Rejected | ClaimOutcome::LeftUnexamined => {
                    rejected.push(self.with(named, demanded));
                }
                ClaimOutcome::Unspecified => {}
            }
        }
        (accepted.join(", "), rejected.join(", "))
    }

    /// What will be done, and by when.
    pub(super) fn remedies(&self, remedies: &[Remedy]) -> Result<String, DecodeError> {
        let by = self.say(("do", "by"));
        let mut told = Vec::new();
        for each in remedies {
            let named = self.with(self.say(remedy(each.kind())), each.amount.as_ref());
            let last_day = day(date(&each.execute_by, "execute_by")?, self.locale);
            told.push(format!("{named} {by} {last_day}"));
        }
        Ok(told.join(", "))
    }

    fn with(&self, named: String, amount: Option<&Money>) -> String {
        match amount {
            Some(amount) => format!("{named} {}", self.money(amount)),
            None => named,
        }
    }

    /// `49,00 PLN` or `49.00 PLN`.
    fn money(&self, amount: &Money) -> String {
        let point = self.say((",", "."));
        let (whole, cents) = (amount.minor / 100, (amount.minor % 100).abs());
        format!("{whole}{point}{cents:02} {}", amount.currency)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use jiff::tz::TimeZone;

    use super::*;
    use domain::when::When;

    fn pln(minor: i64) -> Option<Money> {
        Some(Money { minor, currency: "PLN".to_owned() })
    }

    fn told(locale: &str) -> (String, String, String) {
        let when = When::new(TimeZone::UTC);
        let words = Words { when: &when, locale };
        let claim = |id: &str, demand: Demand, amount| Claim {
            claim_id: id.to_owned(),
            demand: demand.into(),
            amount,
        };
        let claims = [
            claim("1", Demand::Replace, None),
            claim("2", Demand::Compensation, pln(4900)),
            claim("3", Demand::Refund, pln(10_005)),
        ];
        let decision = |id: &str, outcome: ClaimOutcome, amount| ClaimDecision {
            claim_id: id.to_owned(),
            outcome: outcome.into(),
            amount,
        };
        let decided = [
            decision("1", ClaimOutcome::Accepted, None),
            decision("2", ClaimOutcome::Rejected, None),
            decision("3", ClaimOutcome::PartiallyAccepted, pln(5000)),
        ];
        let remedies = [Remedy {
            remedy_id: "r".to_owned(),
            kind: RemedyKind::Replacement.into(),
            amount: None,
            execute_by: "2026-05-21".to_owned(),
        }];
        let (accepted, rejected) = words.claims(&claims, &decided);
        (accepted, rejected, words.remedies(&remedies).unwrap())
    }

    #[test]
    fn a_decision_names_what_was_demanded_and_what_will_be_done() {
        let (accepted, rejected, execution) = told("pl");
        assert_eq!(accepted, "wymiana, zwrot pieniędzy 50,00 PLN (w części)");
        assert_eq!(rejected, "odszkodowanie 49,00 PLN");
        assert_eq!(execution, "wymiana do 21 maja 2026 r.");
        let (accepted, rejected, execution) = told("en");
        assert_eq!(accepted, "replacement, refund 50.00 PLN (in part)");
        assert_eq!(rejected, "compensation 49.00 PLN");
        assert_eq!(execution, "replacement by 21 May 2026");
    }
}
