//! The signed token by which an answer finds its ticket: notification writes it into mails to
//! customers, adapters return it to intake.
//!
//! A token is the ticket's id with a MAC over it and the tenant's name. It is short and survives a
//! change of case, so that it fits into the local part of an address (RFC 5321: 64 characters, and
//! some servers change the case). It reveals nothing about the ticket and permits one thing: to add
//! a message.
use data_encoding::BASE32_NOPAD;
use domain::ids::TicketId;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

const ID_BYTES: usize = 16;
/// 80 bits: nobody guesses one by sending mails.
const SEAL_BYTES: usize = 10;
/// Characters of a token.
pub const TOKEN_CHARS: usize = (8 * (ID_BYTES + SEAL_BYTES)).div_ceil(5);
/// Most words of a text that are tried: a text with more is no hint but an attempt.
const MOST_TRIES: usize = 50;
/// Sealed with every token; another form of tokens gets another one.
const FORM: &[u8] = b"odzew thread token 1";
/// Sealed with every address that is counted.
const ADDRESSES: &[u8] = b"odzew mail address 1";

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Tokens {
    /// The one that makes them first; then those whose tokens are still read.
    keys: Vec<Hmac<Sha256>>,
}

impl Tokens {
    /// Makes them with a key, and reads those of a former key, too.
    #[must_use]
    pub fn new(key: &[u8], former: Option<&[u8]>) -> Self {
        let keys = std::iter::once(key)
            .chain(former)
            .map(|key| Hmac::new_from_slice(key).expect("a MAC takes keys of any length"));
        Self { keys: keys.collect() }
    }

    /// The token of a tenant's ticket: letters and digits.
    #[must_use]
    pub fn token(&self, tenant: &str, ticket: TicketId) -> String {
        let seal =
            sealing(&self.keys[0], FORM, tenant, ticket.0.as_bytes()).finalize().into_bytes();
        let bytes = [ticket.0.as_bytes().as_slice(), &seal[..SEAL_BYTES]].concat();
        BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
    }

    /// The ticket of the first good token in a text, which may be a token, an address, the id
    /// of a mail or a subject line.
    #[must_use]
    pub fn find(&self, tenant: &str, text: &str) -> Option<TicketId> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        words
            .filter(|word| word.len() == TOKEN_CHARS)
            .take(MOST_TRIES)
            .find_map(|word| self.read(tenant, word))
    }

    /// What stands for a tenant's mail address where it is counted what it was sent: nobody learns
    /// the address from it, or can try addresses without the key.
    #[must_use]
    pub fn address_mark(&self, tenant: &str, address: &str) -> [u8; 32] {
        let (local, domain) = address.trim().rsplit_once('@').unwrap_or((address, ""));
        // What stands behind a plus goes to the same mailbox.
        let local = local.split('+').next().unwrap_or_default();
        let normalised = format!("{local}@{domain}").to_lowercase();
        sealing(&self.keys[0], ADDRESSES, tenant, normalised.as_bytes())
            .finalize()
            .into_bytes()
            .into()
    }

    fn read(&self, tenant: &str, token: &str) -> Option<TicketId> {
        let bytes = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).ok()?;
        let (id, seal) = bytes.split_first_chunk::<ID_BYTES>()?;
        // Compared in constant time.
        let is_good = |key| sealing(key, FORM, tenant, id).verify_truncated_left(seal).is_ok();
        self.keys.iter().any(is_good).then(|| TicketId(Uuid::from_bytes(*id)))
    }
}

fn sealing(key: &Hmac<Sha256>, form: &[u8], tenant: &str, sealed: &[u8]) -> Hmac<Sha256> {
    let mut mac = key.clone();
    for part in [form, tenant.as_bytes(), sealed] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &[u8] = b"one key of one installation of it";
    const OTHER: &[u8] = b"the key of another of these years";

    fn ticket() -> TicketId {
        TicketId(Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0))
    }

    #[test]
    fn a_token_is_found_wherever_it_stands() {
        let tokens = Tokens::new(ONE, None);
        let token = tokens.token("acme", ticket());
        assert_eq!(token.len(), TOKEN_CHARS);
        assert!(format!("service+{token}").len() <= 64, "it fits into an address");
        for text in [
            token.clone(),
            format!("support+{token}@example.org"),
            format!("<0197-4242.{token}@example.org>"),
            format!("Re: No service [{token}]"),
            token.to_ascii_uppercase(),
        ] {
            assert_eq!(tokens.find("acme", &text), Some(ticket()), "{text}");
        }
        assert_eq!(tokens.find("acme", &format!("x{token}")), None);
        assert_eq!(tokens.find("acme", &"- ".repeat(1000)), None);
    }

    #[test]
    fn a_token_is_of_one_key_one_tenant_and_one_ticket() {
        let tokens = Tokens::new(ONE, None);
        let token = tokens.token("acme", ticket());
        assert_eq!(tokens.find("zeta", &token), None);
        assert_eq!(Tokens::new(OTHER, None).find("acme", &token), None);
        assert_eq!(Tokens::new(OTHER, Some(ONE)).find("acme", &token), Some(ticket()));
        for place in 0..token.len() {
            let mut edited = token.clone().into_bytes();
            edited[place] = if edited[place] == b'a' { b'b' } else { b'a' };
            let edited = String::from_utf8(edited).unwrap();
            assert_ne!(tokens.find("acme", &edited), Some(ticket()), "{edited}");
        }
    }

    #[test]
    fn a_mark_is_of_one_key_one_tenant_and_one_mailbox() {
        let tokens = Tokens::new(ONE, None);
        let anna = tokens.address_mark("acme", "anna@example.org");
        assert_eq!(tokens.address_mark("acme", " Anna+odzew@Example.ORG"), anna);
        for other in [
            tokens.address_mark("zeta", "anna@example.org"),
            tokens.address_mark("acme", "anna@example.com"),
            Tokens::new(OTHER, Some(ONE)).address_mark("acme", "anna@example.org"),
        ] {
            assert_ne!(other, anna);
        }
    }

    #[test]
    fn words_without_end_are_not_tried_without_end() {
        let tokens = Tokens::new(ONE, None);
        let word = format!("{} ", "a".repeat(TOKEN_CHARS));
        let text = format!("{}{}", word.repeat(MOST_TRIES), tokens.token("acme", ticket()));
        assert_eq!(tokens.find("acme", &text), None);
    }
}
