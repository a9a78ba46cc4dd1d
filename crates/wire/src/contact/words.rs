//! The enums of a contact, in both directions.
use domain::contact::{ContactChannel, Direction, Outcome, RouteReason, Target};

use crate::intake::v1;
use crate::words::Unknown;

impl From<ContactChannel> for v1::ContactChannel {
    fn from(channel: ContactChannel) -> Self {
        match channel {
            ContactChannel::Voice => Self::Voice,
            ContactChannel::Voicebot => Self::Voicebot,
            ContactChannel::Chat => Self::Chat,
            ContactChannel::Chatbot => Self::Chatbot,
            ContactChannel::Social => Self::Social,
            ContactChannel::Visit => Self::Visit,
        }
    }
}

impl TryFrom<v1::ContactChannel> for ContactChannel {
    type Error = Unknown;

    fn try_from(channel: v1::ContactChannel) -> Result<Self, Unknown> {
        Ok(match channel {
            v1::ContactChannel::Voice => Self::Voice,
            v1::ContactChannel::Voicebot => Self::Voicebot,
            v1::ContactChannel::Chat => Self::Chat,
            v1::ContactChannel::Chatbot => Self::Chatbot,
            v1::ContactChannel::Social => Self::Social,
            v1::ContactChannel::Visit => Self::Visit,
            v1::ContactChannel::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Direction> for v1::ContactDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Inbound => Self::Inbound,
            Direction::Outbound => Self::Outbound,
        }
    }
}

impl TryFrom<v1::ContactDirection> for Direction {
    type Error = Unknown;

    fn try_from(direction: v1::ContactDirection) -> Result<Self, Unknown> {
        Ok(match direction {
            v1::ContactDirection::Inbound => Self::Inbound,
            v1::ContactDirection::Outbound => Self::Outbound,
            v1::ContactDirection::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Target> for v1::ContactTarget {
    fn from(target: Target) -> Self {
        match target {
            Target::Bot => Self::Bot,
            Target::Human => Self::Human,
        }
    }
}

impl TryFrom<v1::ContactTarget> for Target {
    type Error = Unknown;

    fn try_from(target: v1::ContactTarget) -> Result<Self, Unknown> {
        Ok(match target {
            v1::ContactTarget::Bot => Self::Bot,
            v1::ContactTarget::Human => Self::Human,
            v1::ContactTarget::Unspecified => return Err(Unknown),
        })
    }
}

impl From<RouteReason> for v1::ContactRouteReason {
    fn from(reason: RouteReason) -> Self {
        match reason {
            RouteReason::IvrChoice => Self::IvrChoice,
            RouteReason::BotHandover => Self::BotHandover,
            RouteReason::CustomerAsked => Self::CustomerAsked,
            RouteReason::TopicRule => Self::TopicRule,
            RouteReason::Sentiment => Self::Sentiment,
            RouteReason::Transfer => Self::Transfer,
        }
    }
}

impl TryFrom<v1::ContactRouteReason> for RouteReason {
    type Error = Unknown;

    fn try_from(reason: v1::ContactRouteReason) -> Result<Self, Unknown> {
        Ok(match reason {
            v1::ContactRouteReason::IvrChoice => Self::IvrChoice,
            v1::ContactRouteReason::BotHandover => Self::BotHandover,
            v1::ContactRouteReason::CustomerAsked => Self::CustomerAsked,
            v1::ContactRouteReason::TopicRule => Self::TopicRule,
            v1::ContactRouteReason::Sentiment => Self::Sentiment,
            v1::ContactRouteReason::Transfer => Self::Transfer,
            v1::ContactRouteReason::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Outcome> for v1::ContactOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Handled => Self::Handled,
            Outcome::ContainedByBot => Self::ContainedByBot,
            Outcome::AbandonedIvr => Self::AbandonedIvr,
            Outcome::AbandonedQueue => Self::AbandonedQueue,
            Outcome::Rejected => Self::Rejected,
            Outcome::CallbackRequested => Self::CallbackRequested,
        }
    }
}

impl TryFrom<v1::ContactOutcome> for Outcome {
    type Error = Unknown;

    fn try_from(outcome: v1::ContactOutcome) -> Result<Self, Unknown> {
        Ok(match outcome {
            v1::ContactOutcome::Handled => Self::Handled,
            v1::ContactOutcome::ContainedByBot => Self::ContainedByBot,
            v1::ContactOutcome::AbandonedIvr => Self::AbandonedIvr,
            v1::ContactOutcome::AbandonedQueue => Self::AbandonedQueue,
            v1::ContactOutcome::Rejected => Self::Rejected,
            v1::ContactOutcome::CallbackRequested => Self::CallbackRequested,
            v1::ContactOutcome::Unspecified => return Err(Unknown),
        })
    }
}
