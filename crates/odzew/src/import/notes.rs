//! Notes about rows that were adjusted: the kinds, and what was done.

/// One row that was used, but not just as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Note {
    /// Line of the file, counted from 1.
    pub(crate) line: u64,
    /// Number of the incident.
    pub(crate) number: String,
    /// What was wrong.
    pub(crate) kind: Kind,
}

/// What was wrong with the row and what the import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    NoLineEnd,
    SeveralLines,
    OddTime,
    OpenedLater,
    SameModification,
    EarlyClose,
    NotReopened,
    ReopenedUnresolved,
    ReopenCountFell,
    ClosedUnresolved,
    NewAgain,
    AfterClose,
    OffMatrix,
    UnknownChannel,
    CategoryLost,
    GroupMissing,
    SameGroup,
    UnseenMoves,
    UncountedMove,
    AgentLost,
    AgentAfterEnd,
}

impl Kind {
    /// For the person who runs the import.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::NoLineEnd => {
                "the file's last line has no end: used, but if the export was cut there, the rest \
                 is missing"
            }
            Self::SeveralLines => {
                "a column that is not read goes over several lines: used, these are no rows of \
                 their own"
            }
            Self::OddTime => {
                "a time that the zone skips or has twice: moved past the gap, or the first taken"
            }
            Self::OpenedLater => {
                "opened_at is after the first update: received at the first update"
            }
            Self::SameModification => {
                "another update has the same sys_mod_count: both used, in order of sys_updated_at"
            }
            Self::EarlyClose => {
                "Closed, and later worked on again: taken as Resolved, because a close is final"
            }
            Self::NotReopened => {
                "no longer Resolved, but reopen_count did not rise: the state is not used"
            }
            Self::ReopenedUnresolved => {
                "reopen_count rose without a resolution: one is added at that instant"
            }
            Self::ReopenCountFell => "reopen_count fell: not used",
            Self::ClosedUnresolved => "Closed without a resolution: one is added at that instant",
            Self::NewAgain => "New again after work had begun: taken as Active",
            Self::AfterClose => "changed after the final close: the change is not used",
            Self::OffMatrix => {
                "priority does not follow from impact and urgency: these two are used"
            }
            Self::UnknownChannel => "contact_type is not known: channel API",
            Self::CategoryLost => "category is missing after one was known: the known one stays",
            Self::GroupMissing => "assignment_group is missing: queue sn-group-unknown",
            Self::SameGroup => {
                "reassignment_count rose and the group is the same: queued there once more"
            }
            Self::UnseenMoves => {
                "reassignment_count rose by several: one move is used, the others are not told"
            }
            Self::UncountedMove => "the group changed and reassignment_count did not: used",
            Self::AgentLost => "assigned_to is missing after one was known: the owner stays",
            Self::AgentAfterEnd => {
                "assigned_to changed while resolved: not used, the assignment had ended"
            }
        }
    }
}
