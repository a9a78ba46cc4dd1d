//! The roles of the binary.
use std::fmt;

use clap::ValueEnum;

/// One role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Intake,
    Routing,
    Sla,
    Notification,
    Desk,
    Relay,
}

impl Role {
    /// Every role, in the order of their HTTP ports.
    pub(crate) const EACH: [Self; 6] =
        [Self::Intake, Self::Routing, Self::Sla, Self::Notification, Self::Desk, Self::Relay];
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Intake => "intake",
            Self::Routing => "routing",
            Self::Sla => "sla",
            Self::Notification => "notification",
            Self::Desk => "desk",
            Self::Relay => "relay",
        })
    }
}

/// What an operator may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Choice {
    /// Tickets in, and their facts.
    Intake,
    /// Who works on what.
    Routing,
    /// Deadlines.
    Sla,
    /// Who is told what.
    Notification,
    /// Lists, timelines and watch.
    Desk,
    /// Log to JetStream.
    Relay,
    /// All of them in this process.
    All,
}

impl Choice {
    /// The roles to run.
    pub(crate) fn roles(self) -> Vec<Role> {
        match self {
            Self::Intake => vec![Role::Intake],
            Self::Routing => vec![Role::Routing],
            Self::Sla => vec![Role::Sla],
            Self::Notification => vec![Role::Notification],
            Self::Desk => vec![Role::Desk],
            Self::Relay => vec![Role::Relay],
            Self::All => Role::EACH.to_vec(),
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.roles().as_slice() {
            [one] => one.fmt(f),
            _ => f.write_str("all"),
        }
    }
}
