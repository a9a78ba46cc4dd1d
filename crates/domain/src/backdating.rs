//! What was received, or happened, longer ago than everybody may say: who may say so says why.

/// Whether somebody may say that something was received, or happened, so long ago.
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
    /// The reason, if one is needed; refused as `denied` or `unexplained`.
    pub(crate) fn reason<R>(&self, denied: R, unexplained: R) -> Result<Option<String>, R> {
        match self {
            Self::None => Ok(None),
            Self::Because(reason) => Ok(Some(reason.clone())),
            Self::Unexplained => Err(unexplained),
            Self::Denied => Err(denied),
        }
    }
}
