//! One key: XChaCha20-Poly1305 with a nonce derived from what is sealed.
//!
//! An event that is appended again must have the same bytes, so the nonce is not random: it is an
//! HMAC of the place and the text under a separate key. Equal nonces therefore mean equal texts at
//! equal places, the one repetition that reveals nothing (a synthetic nonce, as in SIV).
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use wire::common::v1::Ciphertext;
use zeroize::Zeroizing;

const MEDIA_TYPE: &str = "text/plain";
const NONCE_BYTES: usize = 24;

/// The key of a data subject's stream. Its bytes are wiped when it is dropped.
pub struct SubjectKey {
    cipher: Zeroizing<[u8; 32]>,
    nonces: Zeroizing<[u8; 32]>,
    marks: Zeroizing<[u8; 32]>,
}

impl SubjectKey {
    /// The key that stands behind `secret`, 32 random bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let derived = |label: &[u8]| Zeroizing::new(mac(secret, &[label]));
        Self {
            cipher: derived(b"odzew sealed v1: cipher"),
            nonces: derived(b"odzew sealed v1: nonces"),
            marks: derived(b"odzew sealed v1: marks"),
        }
    }

    /// Seals `text` for `place`. The ciphertext names its key and may be kept anywhere.
    pub(super) fn seal(&self, key_id: Uuid, place: &[&[u8]], text: &str) -> Ciphertext {
        let parts: Vec<&[u8]> = place.iter().copied().chain([text.as_bytes()]).collect();
        let mut nonce = [0; NONCE_BYTES];
        nonce.copy_from_slice(&mac(&self.nonces, &parts)[..NONCE_BYTES]);
        let aad = associated(key_id, MEDIA_TYPE);
        let payload = Payload { msg: text.as_bytes(), aad: &aad };
        let ciphertext = self.cipher().encrypt(&XNonce::from(nonce), payload);
        Ciphertext {
            key_id: key_id.to_string(),
            nonce: bytes::Bytes::copy_from_slice(&nonce),
            ciphertext: ciphertext.expect("a text is shorter than the cipher's limit").into(),
            media_type: MEDIA_TYPE.to_owned(),
        }
    }

    /// The text; `None` if it was not sealed with this key, or was changed since.
    pub(super) fn open(&self, key_id: Uuid, sealed: &Ciphertext) -> Option<String> {
        let nonce: [u8; NONCE_BYTES] = sealed.nonce.as_ref().try_into().ok()?;
        let aad = associated(key_id, &sealed.media_type);
        let payload = Payload { msg: &sealed.ciphertext, aad: &aad };
        let text = self.cipher().decrypt(&XNonce::from(nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }

    /// What stands for the fingerprint of a request.
    pub(super) fn mark(&self, fingerprint: &[u8]) -> [u8; 16] {
        let mut mark = [0; 16];
        mark.copy_from_slice(&mac(&self.marks, &[fingerprint])[..16]);
        mark
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.cipher).into())
    }
}

/// What the seal vouches for besides the text.
fn associated(key_id: Uuid, media_type: &str) -> Vec<u8> {
    [key_id.as_bytes(), media_type.as_bytes()].concat()
}

/// HMAC-SHA256 of the parts, each with its length, so that no two lists read alike.
fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac =
        <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key).expect("a MAC takes any key");
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
