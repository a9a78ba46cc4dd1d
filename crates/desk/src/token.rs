//! Tokens that only this service can make: page tokens and resume tokens.
//!
//! A token holds where to go on and a seal over it, its purpose, its tenant and the request it
//! belongs to. So it cannot be edited, nor used for another tenant or other arguments; and it
//! never grants anything, because every request is checked as if it came without one.
use std::net::IpAddr;

use anyhow::ensure;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chassis::secret::Secret;
use eventlog::TenantKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// Known to everybody: keeps tokens apart, not callers out.
const DEVELOPMENT_KEY: &[u8] = b"odzew desk: token key for development on one machine";

const VERSION: u8 = 1;
const SEAL_BYTES: usize = 16;
/// Longer than any token we make.
const LONGEST: usize = 200;

/// What a token is for; one purpose's token is no use for another.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(crate) enum Purpose {
    List = 1,
    Timeline = 2,
    Watch = 3,
    Complaints = 4,
}

/// What a token belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Scope {
    pub(crate) purpose: Purpose,
    pub(crate) tenant: TenantKey,
    /// Hash of the arguments that must not change.
    pub(crate) arguments: [u8; 16],
}

/// What a token says.
pub(crate) trait Content: Sized {
    fn write(&self, bytes: &mut Vec<u8>);
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// Makes and opens tokens.
#[derive(Clone)]
pub(crate) struct Sealer {
    mac: Hmac<Sha256>,
}

impl Sealer {
    /// Without a key, the development key is taken where only this machine can call.
    pub(crate) fn new(key: &Secret, listens_on: IpAddr) -> anyhow::Result<Self> {
        ensure!(
            !key.is_empty() || listens_on.is_loopback(),
            "desk.token_key is required where the server listens beyond this machine"
        );
        let key = if key.is_empty() { DEVELOPMENT_KEY } else { key.expose().as_bytes() };
        let mac = Hmac::new_from_slice(key).expect("a MAC takes keys of any length");
        Ok(Self { mac })
    }

    pub(crate) fn seal(&self, scope: Scope, content: &impl Content) -> String {
        let mut bytes = vec![VERSION];
        content.write(&mut bytes);
        let seal = self.mac_of(scope, &bytes).finalize().into_bytes();
        bytes.extend_from_slice(&seal[..SEAL_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// What the token says, if it was made for this scope.
    pub(crate) fn open<C: Content>(&self, scope: Scope, token: &str) -> Option<C> {
        if token.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (bytes, seal) = bytes.split_last_chunk::<SEAL_BYTES>()?;
        self.mac_of(scope, bytes).verify_truncated_left(seal).ok()?;
        let (version, content) = bytes.split_first()?;
        (*version == VERSION).then(|| C::read(content))?
    }

    fn mac_of(&self, scope: Scope, bytes: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        mac.update(&[scope.purpose as u8]);
        mac.update(&scope.tenant.0.to_be_bytes());
        mac.update(&scope.arguments);
        mac.update(bytes);
        mac
    }
}

/// The hash of arguments, for a [`Scope`].
pub(crate) fn hash(arguments: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(arguments).into();
    *digest.first_chunk().expect("a digest has 32 bytes")
}

/// The last line of a page of tickets or complaints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastLine {
    /// Its value in the order of the list; none for a ticket that is not due.
    pub(crate) at: Option<Timestamp>,
    pub(crate) id: Uuid,
}

impl Content for LastLine {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.id.as_bytes());
        if let Some(at) = self.at {
            bytes.extend_from_slice(&at.as_microsecond().to_be_bytes());
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<16>()?;
        let at = match rest {
            [] => None,
            rest => {
                let micros = i64::from_be_bytes(rest.try_into().ok()?);
                Some(Timestamp::from_microsecond(micros).ok()?)
            }
        };
        Some(Self { at, id: Uuid::from_bytes(*id) })
    }
}

/// A place in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Epoch of the partition; positions of different epochs cannot be compared.
    pub(crate) epoch: u32,
    pub(crate) position: u64,
}

impl Content for Place {
    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.epoch.to_be_bytes());
        bytes.extend_from_slice(&self.position.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (epoch, position) = bytes.split_first_chunk::<4>()?;
        let position = u64::from_be_bytes(position.try_into().ok()?);
        Some(Self { epoch: u32::from_be_bytes(*epoch), position })
    }
}

#[cfg(test)]
mod tests;
