//! Which regimes apply to a matter, and in which version.
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::deadlines::{Counting, Dispatch};
use super::words::{Basis, Occasion, Rank};
use super::{Regime, Scope};
use crate::calendar::StatutoryDue;
use crate::identity::ConsumerStatus;

/// Members of the European Union, ISO 3166 alpha-2.
const EU: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// A matter, described by what selects its regimes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// What is asked for.
    pub occasion: Occasion,
    /// Code of the sector of the product; empty if none is known.
    pub sector: String,
    /// Code of the subject; empty if none is known.
    pub subject: String,
    /// Who the customer is to the law.
    pub customer: ConsumerStatus,
    /// Country whose law it is, ISO 3166 alpha-2.
    pub country: String,
}

/// Subject of the regimes that give data subjects their rights.
const DATA_SUBJECT_RIGHTS: &str = "DATA_SUBJECT_RIGHTS";

impl Matter {
    /// A request of a data subject (Regulation (EU) 2016/679, art. 15 to 22).
    #[must_use]
    pub fn data_subject_request() -> Self {
        Self {
            occasion: Occasion::Request,
            sector: String::new(),
            subject: DATA_SUBJECT_RIGHTS.to_owned(),
            customer: ConsumerStatus::Unknown,
            country: "PL".to_owned(),
        }
    }
}

/// Why regimes that somebody named are not those of a matter; each tells the code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misnamed {
    /// No version of it was in force.
    #[error("regime {0} is not in force for what was received then")]
    NotInForce(String),
    /// It is not for such a matter.
    #[error("regime {0} is not for a complaint of such a customer, country, sector and subject")]
    Unfit(String),
    /// It applies, and was not named.
    #[error("regime {0} applies and must be named, too")]
    LeftOut(String),
}

/// Every version of every regime of a tenant, in the order of publication.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Regimes(Vec<Arc<Regime>>);

impl Regimes {
    /// Adds what was published next.
    pub fn publish(&mut self, regime: Arc<Regime>) {
        self.0.push(regime);
    }

    /// Every version, in the order of publication.
    #[must_use]
    pub fn all(&self) -> &[Arc<Regime>] {
        &self.0
    }

    /// A version of a regime.
    #[must_use]
    pub fn version(&self, code: &str, version: u32) -> Option<&Arc<Regime>> {
        self.0.iter().find(|regime| regime.code() == code && regime.version() == version)
    }

    /// The version of each regime that applies to a matter received at that instant, by code: of
    /// those that had begun, the one with the latest beginning; of two that began on the same day,
    /// the one published later. Versions that had ended do not apply.
    #[must_use]
    pub fn in_force(&self, received_at: Timestamp) -> BTreeMap<&str, &Arc<Regime>> {
        let mut newest: BTreeMap<&str, &Arc<Regime>> = BTreeMap::new();
        for regime in self.0.iter().filter(|regime| regime.effective_from() <= received_at) {
            let known = newest.get(regime.code());
            if known.is_none_or(|known| known.draft().valid_from <= regime.draft().valid_from) {
                newest.insert(regime.code(), regime);
            }
        }
        newest.retain(|_, regime| regime.covers(received_at));
        newest
    }

    /// The regimes that apply to a matter received at that instant, by code.
    ///
    /// All special ones whose scope fits; without one, the general ones whose scope fits;
    /// and those that run beside any other. Who is not known to be a consumer is treated
    /// as one.
    #[must_use]
    pub fn applying(&self, matter: &Matter, received_at: Timestamp) -> Vec<Arc<Regime>> {
        let fitting: Vec<_> = self
            .in_force(received_at)
            .into_values()
            .filter(|regime| !regime.draft().disabled && regime.draft().scope.fits(matter))
            .collect();
        let special = fitting.iter().any(|regime| regime.draft().scope.rank == Rank::Special);
        let applies = |regime: &&Arc<Regime>| match regime.draft().scope.rank {
            Rank::Special | Rank::Parallel => true,
            Rank::General => !special,
        };
        fitting.into_iter().filter(applies).cloned().collect()
    }

    /// The regimes of those codes, for a matter received at that instant.
    ///
    /// Who names them knows more of the matter than it tells: its sector and subject, where it
    /// has none, are those of any regime. But nobody names a law away: whatever law or contract
    /// applies to what the matter tells is named, too, except that a general one gives way to
    /// a special one.
    ///
    /// # Errors
    /// The first code that may not stand there, or that is missing.
    pub fn named(
        &self,
        codes: &[String],
        matter: &Matter,
        received_at: Timestamp,
    ) -> Result<Vec<Arc<Regime>>, Misnamed> {
        let in_force = self.in_force(received_at);
        let find = |code: &String| match in_force.get(code.as_str()) {
            Some(regime) if regime.draft().disabled => Err(Misnamed::NotInForce(code.clone())),
            Some(regime) if regime.draft().scope.may_fit(matter) => Ok(Arc::clone(regime)),
            Some(_) => Err(Misnamed::Unfit(code.clone())),
            None => Err(Misnamed::NotInForce(code.clone())),
        };
        let named = codes.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let binds = |regime: &Regime| regime.draft().basis != Basis::House;
        let is_special = |regime: &Regime| regime.draft().scope.rank == Rank::Special;
        let special = named.iter().any(|regime| binds(regime) && is_special(regime));
        let gives_way = |regime: &Regime| special && regime.draft().scope.rank == Rank::General;
        let applying = self.applying(matter, received_at);
        let left_out = applying.iter().find(|regime| {
            binds(regime) && !gives_way(regime) && !codes.iter().any(|code| code == regime.code())
        });
        match left_out {
            Some(regime) => Err(Misnamed::LeftOut(regime.code().to_owned())),
            None => Ok(named),
        }
    }
}

impl Scope {
    /// As [`Self::fits`], also where the matter does not tell its sector or subject.
    fn may_fit(&self, matter: &Matter) -> bool {
        let told = |codes: &[String], code: &String| match (code.is_empty(), codes.first()) {
            (true, Some(any)) => any.clone(),
            _ => code.clone(),
        };
        self.fits(&Matter {
            sector: told(&self.sectors, &matter.sector),
            subject: told(&self.subjects, &matter.subject),
            ..matter.clone()
        })
    }

    fn fits(&self, matter: &Matter) -> bool {
        let customer = matter.customer.presumed();
        let named =
            |codes: &[String], code: &str| codes.is_empty() || codes.iter().any(|c| c == code);
        self.occasion == matter.occasion
            && named(&self.sectors, &matter.sector)
            && named(&self.subjects, &matter.subject)
            && (self.consumers.is_empty() || self.consumers.contains(&customer))
            && (named(&self.countries, &matter.country)
                || self.countries.iter().any(|c| c == "EU") && EU.contains(&&*matter.country))
    }
}

/// The regime whose answer is due first among those that are not merely the organisation's own,
/// and when: the one date to show. None without a deadline.
#[must_use]
pub fn earliest<'a>(
    regimes: &'a [Arc<Regime>],
    counting: &Counting,
    dispatch: Dispatch,
) -> Option<(&'a Arc<Regime>, StatutoryDue)> {
    regimes
        .iter()
        .filter(|regime| regime.draft().basis != Basis::House)
        .filter_map(|regime| Some((regime, regime.due(counting, dispatch).ok()?)))
        .min_by_key(|(_, due)| due.due_at)
}
