//! Instants as people write them, with hour and zone.
use jiff::Timestamp;
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
pub(crate) struct When(TimeZone);

impl When {
    pub(crate) fn new(zone: TimeZone) -> Self {
        Self(zone)
    }

    /// `14 maja 2026 r., 16:30 (CEST)` or `14 May 2026, 16:30 (CEST)`.
    pub(crate) fn minute(&self, at: Timestamp, locale: &str) -> String {
        let zoned = at.to_zoned(self.0.clone());
        if locale == "pl" {
            let month = usize::try_from(zoned.month() - 1).unwrap_or_default();
            let (day, month, year) = (zoned.day(), POLISH[month], zoned.year());
            format!("{day} {month} {year} r., {}", zoned.strftime("%H:%M (%Z)"))
        } else {
            zoned.strftime("%-d %B %Y, %H:%M (%Z)").to_string()
        }
    }
}
