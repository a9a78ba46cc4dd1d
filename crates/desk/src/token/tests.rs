//! What a token resists.
#![allow(clippy::unwrap_used)]
use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;

fn sealer(key: &str) -> Sealer {
    Sealer::new(&Secret::new(key), Ipv4Addr::LOCALHOST.into()).unwrap()
}

fn scope() -> Scope {
    Scope { purpose: Purpose::List, tenant: TenantKey(7), arguments: hash(b"arguments") }
}

#[test]
fn a_token_says_what_was_sealed() {
    let sealer = sealer("");
    let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
    for at in [None, Some(at)] {
        let last = LastLine { at, id: Uuid::from_u128(5) };
        let token = sealer.seal(scope(), &last);
        assert_eq!(sealer.open(scope(), &token), Some(last));
        assert!(token.len() <= LONGEST);
    }
    let place = Place { epoch: 3, position: u64::MAX };
    assert_eq!(sealer.open(scope(), &sealer.seal(scope(), &place)), Some(place));
}

#[test]
fn a_token_belongs_to_its_purpose_tenant_and_arguments() {
    let sealer = sealer("");
    let token = sealer.seal(scope(), &Place { epoch: 1, position: 2 });
    let others = [
        Scope { purpose: Purpose::Watch, ..scope() },
        Scope { tenant: TenantKey(8), ..scope() },
        Scope { arguments: hash(b"others"), ..scope() },
    ];
    for other in others {
        assert_eq!(sealer.open::<Place>(other, &token), None);
    }
}

#[test]
fn an_edited_token_is_refused() {
    let sealer = sealer("");
    let token = sealer.seal(scope(), &Place { epoch: 1, position: 2 });
    let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
    for index in 0..bytes.len() {
        let mut edited = bytes.clone();
        edited[index] ^= 1;
        let edited = URL_SAFE_NO_PAD.encode(edited);
        assert_eq!(sealer.open::<Place>(scope(), &edited), None);
    }
    for broken in ["", "x", "====", &token[..token.len() - 4], &"A".repeat(LONGEST + 1)] {
        assert_eq!(sealer.open::<Place>(scope(), broken), None, "{broken}");
    }
}

#[test]
fn replicas_with_the_same_key_understand_each_other() {
    let key = "0123456789abcdef0123456789abcdef";
    let place = Place { epoch: 1, position: 2 };
    let token = sealer(key).seal(scope(), &place);
    assert_eq!(sealer(key).open(scope(), &token), Some(place));
    assert_eq!(sealer("").open::<Place>(scope(), &token), None);
}

#[test]
fn the_development_key_is_for_one_machine() {
    let empty = Secret::default();
    assert!(Sealer::new(&empty, Ipv6Addr::LOCALHOST.into()).is_ok());
    assert!(Sealer::new(&empty, Ipv4Addr::UNSPECIFIED.into()).is_err());
    let key = Secret::new("0123456789abcdef0123456789abcdef");
    assert!(Sealer::new(&key, Ipv4Addr::UNSPECIFIED.into()).is_ok());
}
