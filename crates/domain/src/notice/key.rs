//! The idempotency key of a notice: equal keys are the same notice.
use std::fmt;

use uuid::Uuid;

use super::Purpose;
use crate::ids::NoticeId;

/// The namespace of notice ids; fixed for ever.
const NAMESPACE: Uuid = Uuid::from_u128(0x5f0c_9d3e_2b7a_4f61_8c4d_9a1e_6b2f_7d08);

/// What makes a notice the one it is. No part holds personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// What it is for.
    pub purpose: Purpose,
    /// What it is about: a ticket, an assignment, a clock, an event.
    pub subject: &'a str,
    /// Opaque id of the recipient.
    pub recipient: &'a str,
    /// Which time: the cause, or the number of the round.
    pub cycle: &'a str,
}

impl Key<'_> {
    /// The id that every notice of the tenant with this key has.
    #[must_use]
    pub fn notice_id(&self, tenant: &str) -> NoticeId {
        // A tenant's name has no line break, so no two pairs make the same text.
        NoticeId(Uuid::new_v5(&NAMESPACE, format!("{tenant}\n{self}").as_bytes()))
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { purpose, subject, recipient, cycle } = self;
        write!(f, "{}/{subject}/{recipient}/{cycle}", purpose.name())
    }
}
