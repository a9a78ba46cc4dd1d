//! Enums and types that several services use: priority, impact, urgency, channel, consumer status,
//! personal text.
use domain::identity::ConsumerStatus;
use domain::ids::Personal;
use domain::money::{Currency, Money};
use domain::priority::{Channel, Impact, Level, Priority, Urgency};

use crate::DecodeError;
use crate::common::v1::{self, Sealed, sealed::Content};
use crate::intake::v1 as intake;

/// A value of a protobuf enum that has no meaning: not given, or newer than this
/// program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the value is not given or not known")]
pub struct Unknown;

/// The meaning `D` of a field that holds the protobuf enum `P`.
///
/// # Errors
/// [`DecodeError::Field`] if the value is not given or not known.
pub fn known<P, D>(value: i32, field: &'static str) -> Result<D, DecodeError>
where
    P: TryFrom<i32>,
    D: TryFrom<P>,
{
    P::try_from(value)
        .ok()
        .and_then(|value| D::try_from(value).ok())
        .ok_or(DecodeError::Field { field })
}

/// The meaning `D` of a field that may be absent and holds the protobuf enum `P`.
///
/// # Errors
/// [`DecodeError::Field`] if the value is given and not known.
pub fn known_opt<P, D>(value: i32, field: &'static str) -> Result<Option<D>, DecodeError>
where
    P: TryFrom<i32>,
    D: TryFrom<P>,
{
    // Zero is "not given" in every enum.
    if value == 0 { Ok(None) } else { known::<P, D>(value, field).map(Some) }
}

impl From<v1::Priority> for v1::PriorityWord {
    fn from(priority: v1::Priority) -> Self {
        match priority {
            v1::Priority::P1 | v1::Priority::P2 => Self::High,
            v1::Priority::P3 => Self::Medium,
            v1::Priority::P4 => Self::Low,
            v1::Priority::Unspecified => Self::Unspecified,
        }
    }
}

impl From<intake::TicketState> for v1::TicketStatus {
    fn from(state: intake::TicketState) -> Self {
        match state {
            intake::TicketState::New => Self::New,
            intake::TicketState::Open
            | intake::TicketState::WaitingCustomer
            | intake::TicketState::WaitingThirdParty => Self::InProgress,
            intake::TicketState::Resolved => Self::Resolved,
            intake::TicketState::Closed => Self::Closed,
            intake::TicketState::Unspecified => Self::Unspecified,
        }
    }
}

/// Personal text as it is stored.
#[must_use]
pub fn sealed(text: &Personal) -> Sealed {
    Sealed { content: Some(Content::Clear(text.0.clone())) }
}

/// Stored personal text.
///
/// # Errors
/// [`DecodeError::Field`] if it is missing, or encrypted with a key that this program
/// does not have.
pub fn personal(text: Option<&Sealed>, field: &'static str) -> Result<Personal, DecodeError> {
    personal_opt(text, field)?.ok_or(DecodeError::Field { field })
}

/// Stored personal text that may be absent.
///
/// # Errors
/// [`DecodeError::Field`] if it is encrypted with a key that this program does not have.
pub fn personal_opt(
    text: Option<&Sealed>,
    field: &'static str,
) -> Result<Option<Personal>, DecodeError> {
    match text.and_then(|sealed| sealed.content.as_ref()) {
        Some(Content::Clear(text)) => Ok(Some(Personal(text.clone()))),
        Some(Content::Ciphertext(_)) => Err(DecodeError::Field { field }),
        None => Ok(None),
    }
}

/// An amount of money that may be absent.
///
/// # Errors
/// [`DecodeError::Field`] if its currency is no code of three capital letters.
pub(crate) fn money_opt(
    amount: Option<&v1::Money>,
    field: &'static str,
) -> Result<Option<Money>, DecodeError> {
    let read = |amount: &v1::Money| {
        let currency = Currency::of(&amount.currency).ok_or(DecodeError::Field { field })?;
        Ok(Money { minor: amount.minor, currency })
    };
    amount.map(read).transpose()
}

impl From<Money> for v1::Money {
    fn from(amount: Money) -> Self {
        Self { minor: amount.minor, currency: amount.currency.code().to_owned() }
    }
}

/// A ticket's number as it is stored, read as people type it: any case, spaces and dashes.
///
/// # Errors
/// Says what is wrong with it, for the person who typed it.
pub fn ticket_number(text: &str) -> Result<String, domain::ticket::number::ParseError> {
    text.parse::<domain::ticket::number::Number>().map(|number| number.to_string())
}

impl From<Priority> for v1::Priority {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::P1 => Self::P1,
            Priority::P2 => Self::P2,
            Priority::P3 => Self::P3,
            Priority::P4 => Self::P4,
        }
    }
}

impl TryFrom<v1::Priority> for Priority {
    type Error = Unknown;

    fn try_from(priority: v1::Priority) -> Result<Self, Unknown> {
        Ok(match priority {
            v1::Priority::P1 => Self::P1,
            v1::Priority::P2 => Self::P2,
            v1::Priority::P3 => Self::P3,
            v1::Priority::P4 => Self::P4,
            v1::Priority::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Channel> for v1::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self::Email,
            Channel::Portal => Self::Portal,
            Channel::Chat => Self::Chat,
            Channel::Voice => Self::Voice,
            Channel::Form => Self::Form,
            Channel::Sms => Self::Sms,
            Channel::Social => Self::Social,
            Channel::Letter => Self::Letter,
            Channel::Monitoring => Self::Monitoring,
            Channel::Api => Self::Api,
            Channel::Webhook => Self::Webhook,
        }
    }
}

impl TryFrom<v1::Channel> for Channel {
    type Error = Unknown;

    fn try_from(channel: v1::Channel) -> Result<Self, Unknown> {
        Ok(match channel {
            v1::Channel::Email => Self::Email,
            v1::Channel::Portal => Self::Portal,
            v1::Channel::Chat => Self::Chat,
            v1::Channel::Voice => Self::Voice,
            v1::Channel::Form => Self::Form,
            v1::Channel::Sms => Self::Sms,
            v1::Channel::Social => Self::Social,
            v1::Channel::Letter => Self::Letter,
            v1::Channel::Monitoring => Self::Monitoring,
            v1::Channel::Api => Self::Api,
            v1::Channel::Webhook => Self::Webhook,
            v1::Channel::Unspecified => return Err(Unknown),
        })
    }
}

impl From<ConsumerStatus> for v1::ConsumerStatus {
    fn from(status: ConsumerStatus) -> Self {
        match status {
            ConsumerStatus::Consumer => Self::Consumer,
            ConsumerStatus::SoleTraderProtected => Self::SoleTraderProtected,
            ConsumerStatus::Business => Self::Business,
            ConsumerStatus::Unknown => Self::Unknown,
        }
    }
}

impl TryFrom<v1::ConsumerStatus> for ConsumerStatus {
    type Error = Unknown;

    fn try_from(status: v1::ConsumerStatus) -> Result<Self, Unknown> {
        Ok(match status {
            v1::ConsumerStatus::Consumer => Self::Consumer,
            v1::ConsumerStatus::SoleTraderProtected => Self::SoleTraderProtected,
            v1::ConsumerStatus::Business => Self::Business,
            v1::ConsumerStatus::Unknown => Self::Unknown,
            v1::ConsumerStatus::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Impact> for intake::Impact {
    fn from(Impact(level): Impact) -> Self {
        match level {
            Level::High => Self::High,
            Level::Medium => Self::Medium,
            Level::Low => Self::Low,
        }
    }
}

impl TryFrom<intake::Impact> for Impact {
    type Error = Unknown;

    fn try_from(impact: intake::Impact) -> Result<Self, Unknown> {
        Ok(Self(match impact {
            intake::Impact::High => Level::High,
            intake::Impact::Medium => Level::Medium,
            intake::Impact::Low => Level::Low,
            intake::Impact::Unspecified => return Err(Unknown),
        }))
    }
}

impl From<Urgency> for intake::Urgency {
    fn from(Urgency(level): Urgency) -> Self {
        match level {
            Level::High => Self::High,
            Level::Medium => Self::Medium,
            Level::Low => Self::Low,
        }
    }
}

impl TryFrom<intake::Urgency> for Urgency {
    type Error = Unknown;

    fn try_from(urgency: intake::Urgency) -> Result<Self, Unknown> {
        Ok(Self(match urgency {
            intake::Urgency::High => Level::High,
            intake::Urgency::Medium => Level::Medium,
            intake::Urgency::Low => Level::Low,
            intake::Urgency::Unspecified => return Err(Unknown),
        }))
    }
}

/// Absent text is empty on the wire.
pub(crate) fn some_text(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_see_four_words_for_a_state_and_three_for_a_priority() {
        let status = |state: intake::TicketState| v1::TicketStatus::from(state);
        let open = [
            intake::TicketState::Open,
            intake::TicketState::WaitingCustomer,
            intake::TicketState::WaitingThirdParty,
        ];
        assert!(open.into_iter().all(|state| status(state) == v1::TicketStatus::InProgress));
        assert_eq!(status(intake::TicketState::New), v1::TicketStatus::New);
        assert_eq!(status(intake::TicketState::Resolved), v1::TicketStatus::Resolved);
        assert_eq!(status(intake::TicketState::Closed), v1::TicketStatus::Closed);
        let words =
            Priority::ALL.map(|priority| v1::PriorityWord::from(v1::Priority::from(priority)));
        let (high, medium, low) =
            (v1::PriorityWord::High, v1::PriorityWord::Medium, v1::PriorityWord::Low);
        assert_eq!(words, [high, high, medium, low]);
    }
}
