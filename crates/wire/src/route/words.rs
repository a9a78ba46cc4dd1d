//! The enums of a route's events, in both directions.
use domain::route::{EndReason, Method, QueuedReason};
use domain::skill::{Skill, SkillName};

use crate::routing::v1;
use crate::words::Unknown;

impl From<&Skill> for v1::Skill {
    fn from(skill: &Skill) -> Self {
        Self { name: skill.name.0.clone(), level: skill.level }
    }
}

impl From<v1::Skill> for Skill {
    fn from(skill: v1::Skill) -> Self {
        Self { name: SkillName(skill.name), level: skill.level }
    }
}

impl From<QueuedReason> for v1::QueuedReason {
    fn from(reason: QueuedReason) -> Self {
        match reason {
            QueuedReason::New => Self::New,
            QueuedReason::Reclassified => Self::Reclassified,
            QueuedReason::Returned => Self::Returned,
            QueuedReason::ShiftEnd => Self::ShiftEnd,
            QueuedReason::Escalated => Self::Escalated,
            QueuedReason::Reopened => Self::Reopened,
            QueuedReason::Imported => Self::Imported,
            QueuedReason::Appealed => Self::Appealed,
            QueuedReason::NotAccepted => Self::NotAccepted,
        }
    }
}

impl TryFrom<v1::QueuedReason> for QueuedReason {
    type Error = Unknown;

    fn try_from(reason: v1::QueuedReason) -> Result<Self, Unknown> {
        Ok(match reason {
            v1::QueuedReason::New => Self::New,
            v1::QueuedReason::Reclassified => Self::Reclassified,
            v1::QueuedReason::Returned => Self::Returned,
            v1::QueuedReason::ShiftEnd => Self::ShiftEnd,
            v1::QueuedReason::Escalated => Self::Escalated,
            v1::QueuedReason::Reopened => Self::Reopened,
            v1::QueuedReason::Imported => Self::Imported,
            v1::QueuedReason::Appealed => Self::Appealed,
            v1::QueuedReason::NotAccepted => Self::NotAccepted,
            v1::QueuedReason::Unspecified => return Err(Unknown),
        })
    }
}

impl From<Method> for v1::AssignmentMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Rule => Self::Rule,
            Method::Pull => Self::Pull,
            Method::Manual => Self::Manual,
            Method::OnCall => Self::OnCall,
            Method::Import => Self::Import,
        }
    }
}

impl TryFrom<v1::AssignmentMethod> for Method {
    type Error = Unknown;

    fn try_from(method: v1::AssignmentMethod) -> Result<Self, Unknown> {
        Ok(match method {
            v1::AssignmentMethod::Rule => Self::Rule,
            v1::AssignmentMethod::Pull => Self::Pull,
            v1::AssignmentMethod::Manual => Self::Manual,
            v1::AssignmentMethod::OnCall => Self::OnCall,
            v1::AssignmentMethod::Import => Self::Import,
            v1::AssignmentMethod::Unspecified => return Err(Unknown),
        })
    }
}

impl From<EndReason> for v1::RouteEndReason {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::Resolved => Self::Resolved,
            EndReason::Closed => Self::Closed,
        }
    }
}

impl TryFrom<v1::RouteEndReason> for EndReason {
    type Error = Unknown;

    fn try_from(reason: v1::RouteEndReason) -> Result<Self, Unknown> {
        Ok(match reason {
            v1::RouteEndReason::Resolved => Self::Resolved,
            v1::RouteEndReason::Closed => Self::Closed,
            v1::RouteEndReason::Unspecified => return Err(Unknown),
        })
    }
}
