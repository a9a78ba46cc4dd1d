//! The events of the routing rules, in both directions.
use bytes::Bytes;
use domain::ids::{QueueId, RuleId};
use domain::rules::{Event, Published, Rule};
use prost::Message;

use crate::common::v1 as common;
use crate::event;
use crate::intake::v1 as intake;
use crate::routing::v1;
use crate::scalar::{instant, timestamp};
use crate::words::known;
use crate::{DecodeError, Payload};

impl Payload for Event {
    const CATEGORY: &'static str = "rules";

    fn event_type(&self) -> &'static str {
        match self {
            Self::Published(_) => event::ROUTING_RULES_PUBLISHED,
        }
    }

    fn encode(&self) -> Bytes {
        let Self::Published(published) = self;
        v1::RoutingRulesPublished {
            version: published.version,
            effective_from: Some(timestamp(published.effective_from)),
            sha256: Bytes::copy_from_slice(&published.sha256),
            rules: published.rules.iter().map(Into::into).collect(),
        }
        .encode_to_vec()
        .into()
    }

    fn decode(event_type: &str, bytes: &[u8]) -> Result<Self, DecodeError> {
        if event_type != event::ROUTING_RULES_PUBLISHED {
            return Err(DecodeError::UnknownEventType(event_type.to_owned()));
        }
        let message = v1::RoutingRulesPublished::decode(bytes)?;
        Ok(Self::Published(Published {
            version: message.version,
            effective_from: instant(message.effective_from.as_ref(), "effective_from")?,
            sha256: message.sha256[..]
                .try_into()
                .map_err(|_| DecodeError::Field { field: "sha256" })?,
            rules: message.rules.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
        }))
    }
}

impl From<&Rule> for v1::RoutingRule {
    fn from(rule: &Rule) -> Self {
        Self {
            rule_id: rule.rule_id.0.clone(),
            types: rule.types.iter().map(|&t| intake::TicketType::from(t).into()).collect(),
            category_prefixes: rule.category_prefixes.clone(),
            priorities: rule.priorities.iter().map(|&p| common::Priority::from(p).into()).collect(),
            channels: rule.channels.iter().map(|&c| common::Channel::from(c).into()).collect(),
            languages: rule.languages.clone(),
            queue_id: rule.queue_id.0.clone(),
            required_skills: rule.required_skills.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<v1::RoutingRule> for Rule {
    type Error = DecodeError;

    fn try_from(rule: v1::RoutingRule) -> Result<Self, DecodeError> {
        let types = rule.types.into_iter().map(|t| known::<intake::TicketType, _>(t, "types"));
        let priorities =
            rule.priorities.into_iter().map(|p| known::<common::Priority, _>(p, "priorities"));
        let channels =
            rule.channels.into_iter().map(|c| known::<common::Channel, _>(c, "channels"));
        Ok(Self {
            rule_id: RuleId(rule.rule_id),
            types: types.collect::<Result<_, _>>()?,
            category_prefixes: rule.category_prefixes,
            priorities: priorities.collect::<Result<_, _>>()?,
            channels: channels.collect::<Result<_, _>>()?,
            languages: rule.languages,
            queue_id: QueueId(rule.queue_id),
            required_skills: rule.required_skills.into_iter().map(Into::into).collect(),
        })
    }
}
