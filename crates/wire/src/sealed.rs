//! Where a stored message holds personal data, and how they are replaced in its bytes.
//!
//! Fields with personal data have the type `odzew.common.v1.Sealed`, anywhere in the message; the
//! descriptor finds them, also in new events. Only these fields are decoded and encoded again; all
//! other bytes are copied unchanged, including unknown fields.
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::{decode_varint, encode_varint};
use prost_reflect::{Kind, MessageDescriptor};
use uuid::Uuid;

use crate::common::v1::{Sealed, sealed::Content};
use crate::{DecodeError, POOL};

const SEALED: &str = "odzew.common.v1.Sealed";

/// The fields of a message that are personal data or contain some.
#[derive(Debug, Default)]
struct Plan {
    steps: HashMap<u64, Step>,
}

#[derive(Debug)]
enum Step {
    Sealed,
    Inside(Arc<Plan>),
}

/// The plan of every message of ours that holds personal data, by its full name.
static PLANS: LazyLock<HashMap<String, Arc<Plan>>> = LazyLock::new(|| {
    let ours = POOL.all_messages().filter(|message| message.full_name().starts_with("odzew."));
    ours.filter_map(|message| {
        let plan = plan(&message, &mut Vec::new())?;
        Some((message.full_name().to_owned(), Arc::new(plan)))
    })
    .collect()
});

/// None if the message holds no personal data. `above` are the messages that it stands in.
fn plan(message: &MessageDescriptor, above: &mut Vec<String>) -> Option<Plan> {
    let name = message.full_name().to_owned();
    if above.contains(&name) {
        return None;
    }
    above.push(name);
    let mut steps = HashMap::new();
    for field in message.fields() {
        let Kind::Message(inner) = field.kind() else { continue };
        let step = if inner.full_name() == SEALED {
            Some(Step::Sealed)
        } else {
            plan(&inner, above).map(|plan| Step::Inside(Arc::new(plan)))
        };
        steps.extend(step.map(|step| (u64::from(field.number()), step)));
    }
    above.pop();
    (!steps.is_empty()).then_some(Plan { steps })
}

/// Whether messages of this name have a place for personal data.
#[must_use]
pub fn holds_personal_data(full_name: &str) -> bool {
    PLANS.contains_key(full_name)
}

/// The message with each of its personal data replaced by the result of `change`, in the order of
/// its bytes. A message without personal data is returned unchanged.
///
/// # Errors
/// Those of `change`, and [`DecodeError`] if the bytes are no message.
pub fn exchange<E: From<DecodeError>>(
    full_name: &str,
    message: &Bytes,
    mut change: impl FnMut(Sealed) -> Result<Sealed, E>,
) -> Result<Bytes, E> {
    let Some(plan) = PLANS.get(full_name) else { return Ok(message.clone()) };
    let mut out = Vec::with_capacity(message.len() + 256);
    rewrite(plan, message, &mut out, &mut change)?;
    Ok(out.into())
}

/// Adds the ids of the keys that open the message.
///
/// # Errors
/// [`DecodeError`] if the bytes are no message, or a key's id is no UUID.
pub fn key_ids(
    full_name: &str,
    message: &Bytes,
    ids: &mut BTreeSet<Uuid>,
) -> Result<(), DecodeError> {
    let note = |sealed: Sealed| {
        ids.extend(key_id(&sealed)?);
        Ok::<_, DecodeError>(sealed)
    };
    exchange(full_name, message, note).map(|_| ())
}

/// The id of the key that opens the text; `None` if it is in clear.
///
/// # Errors
/// [`DecodeError::Field`] if it is no UUID.
pub fn key_id(sealed: &Sealed) -> Result<Option<Uuid>, DecodeError> {
    match &sealed.content {
        Some(Content::Ciphertext(text)) => crate::scalar::uuid(&text.key_id, "key_id").map(Some),
        Some(Content::Clear(_)) | None => Ok(None),
    }
}

/// Whether there is a text, sealed or not.
#[must_use]
pub fn is_given(sealed: Option<&Sealed>) -> bool {
    match sealed.and_then(|sealed| sealed.content.as_ref()) {
        Some(Content::Clear(text)) => !text.is_empty(),
        Some(Content::Ciphertext(_)) => true,
        None => false,
    }
}

fn rewrite<E: From<DecodeError>>(
    plan: &Plan,
    message: &[u8],
    out: &mut Vec<u8>,
    change: &mut impl FnMut(Sealed) -> Result<Sealed, E>,
) -> Result<(), E> {
    let mut rest = message;
    while !rest.is_empty() {
        let from = rest;
        let key = varint(&mut rest)?;
        match key & 0b111 {
            0 => drop(varint(&mut rest)?),
            1 => drop(take(&mut rest, 8)?),
            2 => {
                let length = varint(&mut rest)?;
                let body = take(&mut rest, length)?;
                if let Some(step) = plan.steps.get(&(key >> 3)) {
                    let mut inner = Vec::with_capacity(body.len() + 128);
                    match step {
                        Step::Sealed => {
                            let sealed = Sealed::decode(body).map_err(DecodeError::from)?;
                            change(sealed)?.encode_raw(&mut inner);
                        }
                        Step::Inside(plan) => rewrite(plan, body, &mut inner, change)?,
                    }
                    encode_varint(key, out);
                    encode_varint(inner.len() as u64, out);
                    out.append(&mut inner);
                    continue;
                }
            }
            5 => drop(take(&mut rest, 4)?),
            // Groups and what is not protobuf.
            _ => return Err(DecodeError::field("payload").into()),
        }
        out.extend_from_slice(&from[..from.len() - rest.len()]);
    }
    Ok(())
}

fn varint(rest: &mut &[u8]) -> Result<u64, DecodeError> {
    Ok(decode_varint(rest)?)
}

fn take<'a>(rest: &mut &'a [u8], length: u64) -> Result<&'a [u8], DecodeError> {
    let whole: &'a [u8] = rest;
    let length = usize::try_from(length).map_err(|_| DecodeError::field("payload"))?;
    let (body, tail) =
        whole.split_at_checked(length).ok_or_else(|| DecodeError::field("payload"))?;
    *rest = tail;
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::v1::{PartyRegistered, SealedContactPoint, SealedProfile, TicketRegistered};

    fn clear(text: &str) -> Option<Sealed> {
        Some(Sealed { content: Some(Content::Clear(text.into())) })
    }

    fn upper(sealed: Sealed) -> Result<Sealed, DecodeError> {
        let Some(Content::Clear(text)) = sealed.content else { panic!("all are in clear") };
        Ok(Sealed { content: Some(Content::Clear(text.to_uppercase())) })
    }

    #[test]
    fn every_personal_field_is_exchanged_and_nothing_else() {
        let before = TicketRegistered {
            number: "7k3".into(),
            subject: clear("subject"),
            body: clear("body"),
            language: "pl".into(),
            ..Default::default()
        };
        let bytes = Bytes::from(before.encode_to_vec());
        let changed = exchange(crate::event::TICKET_REGISTERED, &bytes, upper).expect("read");
        let after = TicketRegistered::decode(changed).expect("a message");
        let wanted = TicketRegistered { subject: clear("SUBJECT"), body: clear("BODY"), ..before };
        assert_eq!(after, wanted);
    }

    #[test]
    fn personal_fields_are_found_inside_lists_and_messages() {
        let points = ["a@x", "b@x"]
            .map(|value| SealedContactPoint { value: clear(value), ..Default::default() });
        let profile = SealedProfile {
            name: clear("anna"),
            contact_points: points.to_vec(),
            ..Default::default()
        };
        let message = PartyRegistered { profile: Some(profile), ..Default::default() };
        let bytes = Bytes::from(message.encode_to_vec());
        let changed = exchange(crate::event::PARTY_REGISTERED, &bytes, upper).expect("read");
        let after = PartyRegistered::decode(changed).expect("a message").profile.expect("kept");
        assert_eq!(after.name, clear("ANNA"));
        let values: Vec<_> = after.contact_points.into_iter().map(|point| point.value).collect();
        assert_eq!(values, [clear("A@X"), clear("B@X")]);
    }

    #[test]
    fn unknown_fields_and_other_messages_stay_as_they_are() {
        let mut bytes =
            TicketRegistered { subject: clear("s"), ..Default::default() }.encode_to_vec();
        // Field 1,000 of every wire type but groups.
        bytes.extend([0xc0, 0x3e, 0x96, 0x01, 0xc1, 0x3e, 1, 2, 3, 4, 5, 6, 7, 8]);
        bytes.extend([0xc2, 0x3e, 2, 9, 9, 0xc5, 0x3e, 1, 2, 3, 4]);
        let bytes = Bytes::from(bytes);
        let same = |sealed| Ok::<_, DecodeError>(sealed);
        assert_eq!(exchange(crate::event::TICKET_REGISTERED, &bytes, same).ok(), Some(bytes));
        let foreign = Bytes::from_static(b"not a message at all");
        assert_eq!(exchange(crate::event::CLOCK_PAUSED, &foreign, upper).ok(), Some(foreign));
        assert!(!holds_personal_data(crate::event::CLOCK_PAUSED));
    }

    #[test]
    fn broken_bytes_are_an_error() {
        for bytes in [&b"\xff"[..], b"\x4a\x7f", b"\x4b", b"\x4a\x02\x0a\x7f"] {
            let bytes = Bytes::from_static(bytes);
            assert!(exchange(crate::event::TICKET_REGISTERED, &bytes, upper).is_err());
        }
    }
}
