//! Formats instants for people, with hour and zone, in Polish and English.
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

const POLISH: [&str; 12] = [
    "stycznia",
    "lutego",
    "marca",
    "kwietnia",
    "maja",
    "czerwca",
    "lipca",
    "sierpnia",
    "września",
    "października",
    "listopada",
    "grudnia",
];

/// Tells instants in one zone.
#[derive(Debug, Clone)]
pub struct When(TimeZone);

impl When {
    /// Tells them in that zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// The day of an instant, as [`day`] tells it.
    #[must_use]
    pub fn day(&self, at: Timestamp, locale: &str) -> String {
        day(at.to_zoned(self.0.clone()).date(), locale)
    }

    /// `14 maja 2026 r., 16:30 (CEST)` or `14 May 2026, 16:30 (CEST)`.
    #[must_use]
    pub fn minute(&self, at: Timestamp, locale: &str) -> String {
        let zoned = at.to_zoned(self.0.clone());
        if locale == "pl" {
            format!("{}, {}", day(zoned.date(), locale), zoned.strftime("%H:%M (%Z)"))
        } else {
            zoned.strftime("%-d %B %Y, %H:%M (%Z)").to_string()
        }
    }
}

/// `14 maja 2026 r.` if the locale is `pl`, else `14 May 2026`.
#[must_use]
pub fn day(date: Date, locale: &str) -> String {
    if locale == "pl" {
        let month = usize::try_from(date.month() - 1).unwrap_or_default();
        format!("{} {} {} r.", date.day(), POLISH[month], date.year())
    } else {
        date.strftime("%-d %B %Y").to_string()
    }
}
