//! Any stored event as canonical proto3 JSON, by its full name.
use prost_reflect::{DynamicMessage, SerializeOptions, Value};

use crate::{DecodeError, POOL};

const SEALED: &str = "odzew.common.v1.Sealed";

/// Whether personal data may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonalData {
    /// Leave it out.
    Hide,
    /// Show what is not encrypted.
    Show,
}

/// The JSON of a message's bytes: proto field names, times in RFC 3339, fields with
/// their default value left out.
///
/// # Errors
/// [`DecodeError::UnknownEventType`] if the name is not one of ours,
/// [`DecodeError::Malformed`] if the bytes are not that message.
pub fn render(
    full_name: &str,
    bytes: &[u8],
    personal: PersonalData,
) -> Result<serde_json::Value, DecodeError> {
    let unknown = || DecodeError::UnknownEventType(full_name.to_owned());
    let descriptor = POOL.get_message_by_name(full_name).ok_or_else(unknown)?;
    let mut message = DynamicMessage::decode(descriptor, bytes)?;
    if personal == PersonalData::Hide {
        hide(&mut message);
    }
    let options = SerializeOptions::new().use_proto_field_name(true);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(|_| DecodeError::field("timestamp"))
}

fn hide(message: &mut DynamicMessage) {
    let personal: Vec<_> = message
        .fields()
        .filter(|(field, _)| field.kind().as_message().is_some_and(|m| m.full_name() == SEALED))
        .map(|(field, _)| field)
        .collect();
    for field in &personal {
        message.clear_field(field);
    }
    for (_, value) in message.fields_mut() {
        hide_inside(value);
    }
}

fn hide_inside(value: &mut Value) {
    match value {
        Value::Message(message) => hide(message),
        Value::List(values) => values.iter_mut().for_each(hide_inside),
        Value::Map(values) => values.values_mut().for_each(hide_inside),
        Value::Bool(_)
        | Value::I32(_)
        | Value::I64(_)
        | Value::U32(_)
        | Value::U64(_)
        | Value::F32(_)
        | Value::F64(_)
        | Value::String(_)
        | Value::Bytes(_)
        | Value::EnumNumber(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::v1::{Sealed, sealed::Content};
    use crate::intake::v1::{Requester, TicketRegistered};
    use prost::Message;

    fn sealed(text: &str) -> Option<Sealed> {
        Some(Sealed { content: Some(Content::Clear(text.into())) })
    }

    #[test]
    fn personal_data_is_left_out_unless_asked_for() {
        let message = TicketRegistered {
            number: "7K3M9-QXF2H-4".into(),
            subject: sealed("my broken meter"),
            ..Default::default()
        };
        let bytes = message.encode_to_vec();
        let name = crate::event::TICKET_REGISTERED;
        let hidden = render(name, &bytes, PersonalData::Hide).expect("rendered");
        assert_eq!(hidden, serde_json::json!({"number": "7K3M9-QXF2H-4"}));
        let shown = render(name, &bytes, PersonalData::Show).expect("rendered");
        assert_eq!(shown["subject"]["clear"], "my broken meter");
    }

    #[test]
    fn unknown_names_and_broken_bytes_are_errors() {
        let bytes = Requester::default().encode_to_vec();
        assert!(render("odzew.intake.v1.Nothing", &bytes, PersonalData::Hide).is_err());
        assert!(render("odzew.intake.v1.Requester", b"\xff", PersonalData::Hide).is_err());
    }
}
