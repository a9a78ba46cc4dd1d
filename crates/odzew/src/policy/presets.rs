//! The preset files, embedded in the binary.

/// Name and text of every preset. A test compares them with the folder.
pub(crate) const ALL: &[(&str, &str)] = &[
    ("calendars/ALWAYS.toml", include_str!("../../presets/calendars/ALWAYS.toml")),
    ("calendars/PL_BH_0820_6.toml", include_str!("../../presets/calendars/PL_BH_0820_6.toml")),
    ("calendars/PL_BH_0917.toml", include_str!("../../presets/calendars/PL_BH_0917.toml")),
    ("calendars/PL_NIGHT_2206.toml", include_str!("../../presets/calendars/PL_NIGHT_2206.toml")),
    ("calendars/PL_WORKDAY24.toml", include_str!("../../presets/calendars/PL_WORKDAY24.toml")),
    ("policies/PL_STANDARD.toml", include_str!("../../presets/policies/PL_STANDARD.toml")),
    ("regimes/B2B_CONTRACT.toml", include_str!("../../presets/regimes/B2B_CONTRACT.toml")),
    ("regimes/EU_ADR_REQUEST.toml", include_str!("../../presets/regimes/EU_ADR_REQUEST.toml")),
    ("regimes/EU_BUS.toml", include_str!("../../presets/regimes/EU_BUS.toml")),
    ("regimes/EU_DSA_INTERNAL.toml", include_str!("../../presets/regimes/EU_DSA_INTERNAL.toml")),
    ("regimes/EU_GDPR_DSR.toml", include_str!("../../presets/regimes/EU_GDPR_DSR.toml")),
    ("regimes/EU_RAIL.toml", include_str!("../../presets/regimes/EU_RAIL.toml")),
    ("regimes/EU_SHIP.toml", include_str!("../../presets/regimes/EU_SHIP.toml")),
    ("regimes/INTERNAL_APPEAL.toml", include_str!("../../presets/regimes/INTERNAL_APPEAL.toml")),
    (
        "regimes/INTERNAL_STANDARD.toml",
        include_str!("../../presets/regimes/INTERNAL_STANDARD.toml"),
    ),
    ("regimes/PL_ACCESSIBILITY.toml", include_str!("../../presets/regimes/PL_ACCESSIBILITY.toml")),
    ("regimes/PL_AIR_261.toml", include_str!("../../presets/regimes/PL_AIR_261.toml")),
    (
        "regimes/PL_CONSUMER_GENERAL.toml",
        include_str!("../../presets/regimes/PL_CONSUMER_GENERAL.toml"),
    ),
    (
        "regimes/PL_ENERGY_BILLING.toml",
        include_str!("../../presets/regimes/PL_ENERGY_BILLING.toml"),
    ),
    (
        "regimes/PL_ENERGY_DISCONNECT.toml",
        include_str!("../../presets/regimes/PL_ENERGY_DISCONNECT.toml"),
    ),
    ("regimes/PL_FINANCIAL.toml", include_str!("../../presets/regimes/PL_FINANCIAL.toml")),
    ("regimes/PL_INSURANCE.toml", include_str!("../../presets/regimes/PL_INSURANCE.toml")),
    (
        "regimes/PL_PACKAGE_TRAVEL.toml",
        include_str!("../../presets/regimes/PL_PACKAGE_TRAVEL.toml"),
    ),
    (
        "regimes/PL_PAYMENT_SERVICES.toml",
        include_str!("../../presets/regimes/PL_PAYMENT_SERVICES.toml"),
    ),
    ("regimes/PL_POSTAL.toml", include_str!("../../presets/regimes/PL_POSTAL.toml")),
    ("regimes/PL_PUBLIC_KPA.toml", include_str!("../../presets/regimes/PL_PUBLIC_KPA.toml")),
    (
        "regimes/PL_REFUND_WITHDRAWAL.toml",
        include_str!("../../presets/regimes/PL_REFUND_WITHDRAWAL.toml"),
    ),
    ("regimes/PL_TELECOM.toml", include_str!("../../presets/regimes/PL_TELECOM.toml")),
    ("regimes/PL_TRANSPORT.toml", include_str!("../../presets/regimes/PL_TRANSPORT.toml")),
    ("regimes/PL_WARRANTY.toml", include_str!("../../presets/regimes/PL_WARRANTY.toml")),
    ("regimes/PL_WHISTLEBLOWER.toml", include_str!("../../presets/regimes/PL_WHISTLEBLOWER.toml")),
    ("taxonomies/SEED.toml", include_str!("../../presets/taxonomies/SEED.toml")),
];

#[cfg(test)]
mod tests;
