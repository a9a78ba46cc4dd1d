//! Page tokens of the list of clocks.
//!
//! A token says after which clock to go on. It is sealed with the tenant and the arguments
//! it belongs to, so that one of another list is refused instead of giving a wrong page. It
//! grants nothing: the next page is asked for like the first.
use eventlog::TenantKey;
use jiff::Timestamp;
use uuid::Uuid;

/// The last clock of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Last {
    pub(crate) due_at: Timestamp,
    pub(crate) clock_id: Uuid,
}

/// What a token belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) tenant: TenantKey,
    pub(crate) due_before: Option<Timestamp>,
}

impl Scope {
    pub(crate) fn seal(self, last: Last) -> String {
        let body = format!("{:x}.{}", last.due_at.as_microsecond(), last.clock_id.simple());
        let mark = self.mark(&body);
        format!("{body}.{mark}")
    }

    pub(crate) fn open(self, token: &str) -> Option<Last> {
        let (body, mark) = token.rsplit_once('.')?;
        if mark != self.mark(body) {
            return None;
        }
        let (micros, clock_id) = body.split_once('.')?;
        let micros = i64::from_str_radix(micros, 16).ok()?;
        let due_at = Timestamp::from_microsecond(micros).ok()?;
        Some(Last { due_at, clock_id: clock_id.parse().ok()? })
    }

    fn mark(self, body: &str) -> String {
        let before = self.due_before.map(Timestamp::as_nanosecond);
        let scope = format!("{}/{before:?}/{body}", self.tenant.0);
        let hash = chassis::rpc::fingerprint("odzew/sla/page", scope.as_bytes());
        format!("{:032x}", u128::from_be_bytes(hash))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_token_belongs_to_its_list() {
        let due_at: Timestamp = "2026-06-01T08:00:00.123Z".parse().unwrap();
        let last = Last { due_at, clock_id: Uuid::from_u128(7) };
        let scope = Scope { tenant: TenantKey(1), due_before: None };
        let token = scope.seal(last);
        assert_eq!(scope.open(&token), Some(last));
        assert_eq!(Scope { tenant: TenantKey(2), ..scope }.open(&token), None);
        assert_eq!(Scope { due_before: Some(due_at), ..scope }.open(&token), None);
        assert_eq!(scope.open(&token.replacen('5', "6", 1)), None);
        assert_eq!(scope.open("x"), None);
    }
}
