//! The calendars that are built in.
use super::{Calendar, Draft, HolidaySet};

const WARSAW: &str = "Europe/Warsaw";

/// The calendar of that name, if it comes with the product.
#[must_use]
pub fn preset(id: &str) -> Option<Calendar> {
    let draft = match id {
        "ALWAYS" => Draft { always: true, ..draft(id, "UTC") },
        "PL_BH_0917" => polish(id, 5, (9 * 60, 17 * 60)),
        "PL_BH_0820_6" => polish(id, 6, (8 * 60, 20 * 60)),
        // A working day counts 24 hours: for promises of "24 to 48 hours".
        "PL_WORKDAY24" => polish(id, 5, (0, 24 * 60)),
        "PL_NIGHT_2206" => polish(id, 7, (22 * 60, 30 * 60)),
        _ => return None,
    };
    Some(Calendar::new(draft).expect("the presets are valid"))
}

/// All calendars that come with the product.
#[must_use]
pub fn all() -> Vec<Calendar> {
    ["ALWAYS", "PL_BH_0917", "PL_BH_0820_6", "PL_WORKDAY24", "PL_NIGHT_2206"]
        .into_iter()
        .filter_map(preset)
        .collect()
}

fn draft(id: &str, zone: &str) -> Draft {
    Draft { id: id.to_owned(), version: 1, zone: zone.to_owned(), ..Draft::default() }
}

/// The same hours on the first `days` days of the week, with the Polish holidays.
fn polish(id: &str, days: usize, hours: (u16, u16)) -> Draft {
    let mut draft = Draft { holidays: Some(HolidaySet::polish()), ..draft(id, WARSAW) };
    draft.week[..days].fill(vec![hours]);
    draft
}
