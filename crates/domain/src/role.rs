//! The roles of callers. Each aggregate decides what a role may do.
use std::fmt;

/// A role. A person may hold several; one call is made in one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A customer.
    Customer,
    /// Works on tickets at the first level.
    Agent,
    /// Works on tickets at the second level, with knowledge and authority of their own.
    Expert,
    /// Leads a team of agents.
    Lead,
    /// Owns policies and calendars.
    SlaManager,
    /// Owns routing rules and workflows.
    ProcessOwner,
    /// Another system.
    Integrator,
    /// Odzew itself.
    System,
    /// Runs the installation.
    Admin,
    /// Reads everything, changes nothing.
    Auditor,
    /// Reads reports.
    Analyst,
}

impl Role {
    /// All roles, in the order above.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::Agent,
        Self::Expert,
        Self::Lead,
        Self::SlaManager,
        Self::ProcessOwner,
        Self::Integrator,
        Self::System,
        Self::Admin,
        Self::Auditor,
        Self::Analyst,
    ];

    /// Those who may read what a ticket says; a customer, their own.
    pub const TICKET_READERS: [Self; 8] = [
        Self::Customer,
        Self::Agent,
        Self::Expert,
        Self::Lead,
        Self::ProcessOwner,
        Self::Integrator,
        Self::System,
        Self::Auditor,
    ];

    /// The role as it is written in metadata and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Agent => "agent",
            Self::Expert => "expert",
            Self::Lead => "lead",
            Self::SlaManager => "sla-manager",
            Self::ProcessOwner => "process-owner",
            Self::Integrator => "integrator",
            Self::System => "system",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Analyst => "analyst",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
