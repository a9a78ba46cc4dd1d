//! Backdated receipt or conversation: beyond a limit, only some roles may state it, and people must
//! give a reason.

/// Whether the caller may state that something was received, or happened, so long ago.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Backdating {
    /// It was not so long ago, or a machine has taken it over with its time.
    #[default]
    None,
    /// It was, for this reason; without personal data.
    Because(String),
    /// It was, without a reason.
    Unexplained,
    /// The caller may not backdate it.
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
