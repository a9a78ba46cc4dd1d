//! One problem of a draft, for its author.

/// A field and the rule that it breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct Problem {
    /// Path of the field, as the published message has it, for example `base.n`.
    pub field: String,
    /// What it must be.
    pub rule: String,
}

impl Problem {
    /// That field breaks that rule.
    #[must_use]
    pub fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}
