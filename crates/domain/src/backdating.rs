//! What was received longer ago than everybody may say: who may say so says why.

/// Whether somebody may say that something was received so long ago.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Backdating {
    /// It was not so long ago, or a machine has taken it over with its time.
    #[default]
    None,
    /// It was, for this reason; without personal data.
    Because(String),
    /// It was, and nobody says why.
    Unexplained,
    /// Whoever asks may not say so.
    Denied,
}

impl Backdating {
    /// The reason; none if none is needed or given.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Because(reason) => Some(reason.clone()),
            Self::None | Self::Unexplained | Self::Denied => None,
        }
    }
}
