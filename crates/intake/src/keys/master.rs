//! The master key, which wraps all others. A key management service can replace it behind the
//! trait.
use anyhow::{Context as _, ensure};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::config::Config;

/// Known to everybody: for development on one machine.
const DEVELOPMENT_KEY: &str = "odzew intake: master key for development on one machine";

/// Fewest characters of a master key.
const KEY_CHARS: usize = 32;
const NONCE_BYTES: usize = 24;

/// The bytes of a key, wiped when they are dropped.
pub(crate) type KeyBytes = Zeroizing<[u8; 32]>;

/// Wraps keys, so that the store alone is worth nothing.
pub(crate) trait MasterKey: Send + Sync {
    /// By what this master key is told from another one.
    fn check_sum(&self) -> [u8; 32];

    /// Everybody knows it.
    fn is_for_development(&self) -> bool;

    /// The key of this id, wrapped.
    fn wrap(&self, id: Uuid, key: &KeyBytes) -> Result<Vec<u8>, WrapError>;

    /// A wrapped key.
    fn unwrap(&self, id: Uuid, wrapped: &[u8]) -> Result<KeyBytes, WrapError>;
}

/// A key was not wrapped or not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WrapError {
    /// The machine gives no random bytes.
    #[error("cannot draw random bytes")]
    Chance(#[from] getrandom::Error),
    /// The cipher refuses, which it does for longer texts only.
    #[error("cannot wrap a key")]
    Wrap,
    /// It was wrapped with another master key, under another id, or changed since.
    #[error("the master key does not open a key")]
    Open,
}

/// A master key from the settings or a file.
pub(crate) struct LocalKey {
    cipher: KeyBytes,
    check_sum: [u8; 32],
    is_for_development: bool,
}

impl LocalKey {
    pub(crate) fn read(config: &Config) -> anyhow::Result<Self> {
        let (set, file) = (&config.master_key, &config.master_key_file);
        ensure!(
            set.is_empty() || file.is_empty(),
            "set intake.master_key or intake.master_key_file, not both"
        );
        match file.is_empty() {
            true => Ok(Self::new(set.expose())),
            false => Self::read_file(file),
        }
    }

    /// The first one, which wraps, and the further ones.
    pub(crate) fn read_all(config: &Config) -> anyhow::Result<Vec<Self>> {
        let mut keys = vec![Self::read(config)?];
        for file in &config.further_master_key_files {
            let further = Self::read_file(file)?;
            let twice = keys.iter().any(|known| known.check_sum == further.check_sum);
            ensure!(!twice, "{file:?} holds a master key that is configured already");
            keys.push(further);
        }
        Ok(keys)
    }

    fn read_file(file: &str) -> anyhow::Result<Self> {
        let text = Zeroizing::new(
            std::fs::read_to_string(file).with_context(|| format!("read {file:?}"))?,
        );
        let text = text.trim();
        let enough = text.chars().count() >= KEY_CHARS;
        ensure!(enough, "{file:?} must hold at least {KEY_CHARS} characters");
        Ok(Self::new(text))
    }

    /// Without a text, the development key is taken.
    pub(super) fn new(text: &str) -> Self {
        let is_for_development = text.is_empty();
        let text = if is_for_development { DEVELOPMENT_KEY } else { text };
        let derived = |label| {
            let mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(text.as_bytes());
            let mac: Hmac<Sha256> = mac.expect("a MAC takes keys of any length");
            <[u8; 32]>::from(mac.chain_update(label).finalize().into_bytes())
        };
        Self {
            cipher: Zeroizing::new(derived(b"odzew master key v1: cipher".as_slice())),
            check_sum: derived(b"odzew master key v1: check".as_slice()),
            is_for_development,
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.cipher).into())
    }
}

impl MasterKey for LocalKey {
    fn check_sum(&self) -> [u8; 32] {
        self.check_sum
    }

    fn is_for_development(&self) -> bool {
        self.is_for_development
    }

    fn wrap(&self, id: Uuid, key: &KeyBytes) -> Result<Vec<u8>, WrapError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let payload = Payload { msg: key.as_slice(), aad: id.as_bytes() };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        Ok([nonce.as_slice(), &sealed.map_err(|_| WrapError::Wrap)?].concat())
    }

    fn unwrap(&self, id: Uuid, wrapped: &[u8]) -> Result<KeyBytes, WrapError> {
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>().ok_or(WrapError::Open)?;
        let payload = Payload { msg: sealed, aad: id.as_bytes() };
        let key = self.cipher().decrypt(&XNonce::from(*nonce), payload);
        let key = Zeroizing::new(key.map_err(|_| WrapError::Open)?);
        let key: [u8; 32] = key.as_slice().try_into().map_err(|_| WrapError::Open)?;
        Ok(Zeroizing::new(key))
    }
}

#[cfg(test)]
mod tests {
    use chassis::secret::Secret;

    use super::*;

    #[test]
    fn a_wrapped_key_opens_with_its_master_key_and_id_alone() {
        let (one, other) = (LocalKey::new(&"k".repeat(32)), LocalKey::new(&"l".repeat(32)));
        let (id, key) = (Uuid::from_u128(1), Zeroizing::new([7; 32]));
        let wrapped = one.wrap(id, &key).expect("wrapped");
        assert_eq!(one.unwrap(id, &wrapped).expect("opened"), key);
        assert!(other.unwrap(id, &wrapped).is_err());
        assert!(one.unwrap(Uuid::from_u128(2), &wrapped).is_err());
        assert!(one.unwrap(id, &wrapped[1..]).is_err());
        assert!(one.unwrap(id, b"short").is_err());
        assert_ne!(one.wrap(id, &key).expect("wrapped"), wrapped, "every nonce is new");
        assert_ne!(one.check_sum(), other.check_sum());
    }

    #[test]
    fn a_master_key_comes_from_one_place_and_is_long_enough() {
        let file = |text: &str| {
            let mut file = tempfile::NamedTempFile::new().expect("a file");
            std::io::Write::write_all(&mut file, text.as_bytes()).expect("written");
            file
        };
        let read = |set: &str, path: &str| {
            let config = Config {
                master_key: Secret::new(set),
                master_key_file: path.to_owned(),
                ..testkit::settings("intake")
            };
            LocalKey::read(&config).map(|key| (key.check_sum(), key.is_for_development()))
        };
        let long = "m".repeat(32);
        let (good, short) = (file(&format!("{long}\n")), file("short"));
        let path = |file: &tempfile::NamedTempFile| file.path().display().to_string();
        let from_file = read("", &path(&good)).expect("read");
        assert_eq!(from_file, read(&long, "").expect("read"));
        assert!(!from_file.1);
        assert!(read("", "").expect("read").1);
        assert!(read(&long, &path(&good)).is_err());
        assert!(read("", &path(&short)).is_err());
        assert!(read("", "/nowhere/at/all").is_err());

        let all = |further: &[String]| {
            let config = Config {
                master_key: Secret::new("n".repeat(32)),
                further_master_key_files: further.to_vec(),
                ..testkit::settings("intake")
            };
            LocalKey::read_all(&config).map(|keys| keys.len())
        };
        assert_eq!(all(&[path(&good)]).expect("read"), 2);
        for bad in [vec![path(&short)], vec![path(&good), path(&good)]] {
            assert!(all(&bad).is_err());
        }
    }
}
