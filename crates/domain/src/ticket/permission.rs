//! Who may do what with a ticket: one table.
//!
//! A lead and an expert may do what an agent may. This table does not restrict which tickets a
//! caller can reach, only what may be done with them.
use super::{Command, UpdateKind};
use crate::complaint::{self, Instance};
use crate::role::Role;

/// Something that only some roles may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Register a ticket.
    Create,
    /// Say that a ticket was received long ago.
    Backdate,
    /// Read a ticket.
    Read,
    /// Bring in a message of the customer.
    Message,
    /// Bring in a message of the customer to a closed ticket; another ticket follows it.
    FollowUp,
    /// Add a note.
    Note,
    /// Settle type, category and tags.
    Classify,
    /// Settle impact and urgency.
    Priority,
    /// Lower a priority from P1.
    LowerP1,
    /// Begin to work.
    Work,
    /// Answer the customer.
    Reply,
    /// Tell the customer news.
    Update,
    /// Tell the data subject that the answer takes longer.
    ExtendRequest,
    /// Promise the customer something.
    Promise,
    /// Let a ticket wait.
    Hold,
    /// End a wait.
    Unhold,
    /// Give the solution.
    Resolve,
    /// Confirm the solution.
    Confirm,
    /// Reject the solution.
    Reject,
    /// Work on a resolved ticket again.
    Reopen,
    /// Take the matter back.
    Withdraw,
    /// Merge a ticket into another.
    Merge,
    /// Split messages from a ticket.
    Split,
    /// Close a ticket as spam.
    MarkSpam,
    /// Take that back.
    UnmarkSpam,
    /// Link and unlink tickets.
    Link,
    /// Give a party a part in a ticket.
    LinkParty,
    /// Open the complaint part.
    OpenComplaint,
    /// Put a complaint under other law.
    ReclassifyComplaint,
    /// Find that a ticket is not a complaint.
    DismissComplaint,
    /// Say what a complaint claims.
    StateClaims,
    /// Note that the thing which a complaint is about has come.
    RecordItem,
    /// Ask the customer for what a complaint lacks.
    AskComplaint,
    /// Note what the customer supplied to a complaint.
    InformComplaint,
    /// Extend the time to answer a complaint.
    ExtendComplaint,
    /// Decide a complaint, within the limits of the role.
    DecideComplaint,
    /// Approve what is beyond another one's limits.
    ApproveDecision,
    /// Decide on an appeal.
    DecideAppeal,
    /// Note a proof that a decision was sent or delivered.
    RecordEvidence,
    /// Note that a remedy was carried out.
    RecordRemedy,
    /// Note that the customer does not want a remedy.
    WaiveRemedy,
    /// Appeal.
    FileAppeal,
    /// Admit an appeal that is late.
    AdmitAppeal,
    /// What Odzew does by itself, reacting to an event or to the passing of time.
    React,
    /// Take over a ticket's history from another system.
    Import,
}

const EVERYBODY_WITH_TICKETS: &[Role] =
    &[Role::Customer, Role::Agent, Role::Expert, Role::Lead, Role::Integrator, Role::System];
const AGENTS: &[Role] = &[Role::Agent, Role::Expert, Role::Lead];
const AGENTS_AND_SYSTEM: &[Role] = &[Role::Agent, Role::Expert, Role::Lead, Role::System];
const AGENTS_AND_MACHINES: &[Role] =
    &[Role::Agent, Role::Expert, Role::Lead, Role::Integrator, Role::System];
const ASSESSORS: &[Role] =
    &[Role::Agent, Role::Expert, Role::Lead, Role::ProcessOwner, Role::Integrator, Role::System];

impl Permission {
    /// The roles that have it.
    #[must_use]
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Create | Self::Message => EVERYBODY_WITH_TICKETS,
            Self::FollowUp => &[Role::Customer, Role::Integrator],
            Self::Read => &Role::TICKET_READERS,
            Self::Backdate => &[Role::Expert, Role::Lead, Role::Integrator, Role::System],
            Self::Note | Self::Unhold => AGENTS_AND_MACHINES,
            Self::Classify | Self::Priority => ASSESSORS,
            Self::LowerP1 => &[Role::Lead, Role::ProcessOwner, Role::System],
            Self::Work
            | Self::Reply
            | Self::Hold
            | Self::Reopen
            | Self::Merge
            | Self::Split
            | Self::UnmarkSpam => AGENTS,
            Self::Update
            | Self::Promise
            | Self::Resolve
            | Self::MarkSpam
            | Self::Link
            | Self::LinkParty => AGENTS_AND_SYSTEM,
            Self::Confirm | Self::Reject => &[Role::Customer],
            Self::Withdraw => &[Role::Customer, Role::Agent, Role::Expert, Role::Lead],
            Self::OpenComplaint | Self::StateClaims => EVERYBODY_WITH_TICKETS,
            Self::ReclassifyComplaint
            | Self::ExtendComplaint
            | Self::ExtendRequest
            | Self::ApproveDecision
            | Self::DecideAppeal => &[Role::Expert, Role::Lead, Role::ProcessOwner],
            Self::DismissComplaint => &[Role::Lead, Role::ProcessOwner],
            Self::AskComplaint => AGENTS,
            Self::InformComplaint | Self::WaiveRemedy | Self::FileAppeal => {
                &[Role::Customer, Role::Agent, Role::Expert, Role::Lead]
            }
            Self::DecideComplaint => &[Role::Agent, Role::Expert, Role::Lead, Role::ProcessOwner],
            Self::RecordEvidence => &[Role::Expert, Role::Lead, Role::Integrator, Role::System],
            Self::RecordItem | Self::RecordRemedy => {
                &[Role::Agent, Role::Expert, Role::Lead, Role::Integrator]
            }
            Self::AdmitAppeal => &[Role::Lead],
            Self::React => &[Role::System],
            Self::Import => &[Role::Integrator, Role::System],
        }
    }

    /// Whether the role has it.
    #[must_use]
    pub fn is_of(self, role: Role) -> bool {
        self.roles().contains(&role)
    }

    /// Its name, as a refusal tells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "ticket.create",
            Self::Backdate => "ticket.backdate",
            Self::Read => "ticket.read",
            Self::Message => "ticket.message",
            Self::FollowUp => "ticket.follow_up",
            Self::Note => "ticket.note",
            Self::Classify => "ticket.classify",
            Self::Priority => "ticket.priority",
            Self::LowerP1 => "ticket.priority.lower_p1",
            Self::Work => "ticket.work",
            Self::Reply => "ticket.reply",
            Self::Update => "ticket.update",
            Self::ExtendRequest => "ticket.extend_request",
            Self::Promise => "ticket.promise",
            Self::Hold => "ticket.hold",
            Self::Unhold => "ticket.unhold",
            Self::Resolve => "ticket.resolve",
            Self::Confirm => "ticket.confirm",
            Self::Reject => "ticket.reject",
            Self::Reopen => "ticket.reopen",
            Self::Withdraw => "ticket.withdraw",
            Self::Merge => "ticket.merge",
            Self::Split => "ticket.split",
            Self::MarkSpam => "ticket.spam",
            Self::UnmarkSpam => "ticket.unspam",
            Self::Link => "ticket.link",
            Self::LinkParty => "ticket.party",
            Self::OpenComplaint => "complaint.open",
            Self::ReclassifyComplaint => "complaint.reclassify",
            Self::DismissComplaint => "complaint.dismiss",
            Self::StateClaims => "complaint.claims",
            Self::RecordItem => "complaint.item",
            Self::AskComplaint => "complaint.ask",
            Self::InformComplaint => "complaint.inform",
            Self::ExtendComplaint => "complaint.extend",
            Self::DecideComplaint => "complaint.decide",
            Self::ApproveDecision => "complaint.approve",
            Self::DecideAppeal => "appeal.decide",
            Self::RecordEvidence => "complaint.evidence",
            Self::RecordRemedy => "remedy.record",
            Self::WaiveRemedy => "remedy.waive",
            Self::FileAppeal => "appeal.file",
            Self::AdmitAppeal => "appeal.admit",
            Self::React => "ticket.react",
            Self::Import => "ticket.import",
        }
    }
}

impl Command {
    /// The permission that the command needs.
    #[must_use]
    pub fn permission(&self) -> Permission {
        match self {
            Self::Register(_) => Permission::Create,
            Self::AddInboundMessage { .. } => Permission::Message,
            Self::AddNote(_) | Self::AddEvidence(_) | Self::RepeatAlert(_) => Permission::Note,
            Self::Classify(_) => Permission::Classify,
            Self::SetPriority(_) => Permission::Priority,
            Self::StartWork { .. } => Permission::Work,
            Self::SendReply(_) => Permission::Reply,
            Self::SendUpdate(update) => of_update(update.kind),
            Self::ExtendRequest(_) => Permission::ExtendRequest,
            Self::MakePromise(_) => Permission::Promise,
            Self::HoldForCustomer(_) | Self::HoldForThirdParty(_) => Permission::Hold,
            Self::TakeOverHold { .. } | Self::TakeOverSolution(_) => Permission::Import,
            Self::Unhold { .. } => Permission::Unhold,
            Self::Resolve(_) => Permission::Resolve,
            Self::ConfirmResolution { .. } => Permission::Confirm,
            Self::RejectResolution { .. } => Permission::Reject,
            Self::Reopen { .. } => Permission::Reopen,
            Self::Withdraw { .. } => Permission::Withdraw,
            Self::Merge { .. } => Permission::Merge,
            Self::Split(_) => Permission::Split,
            Self::MarkSpam { .. } => Permission::MarkSpam,
            Self::UnmarkSpam { .. } => Permission::UnmarkSpam,
            Self::Link(_) | Self::Unlink(_) => Permission::Link,
            Self::LinkParty { .. } => Permission::LinkParty,
            Self::Complaint(complain) => of_complaint(&complain.command),
            Self::NoteHandover { .. }
            | Self::AutoClose { .. }
            | Self::AutoResolveNoReply { .. }
            | Self::GiveUpSupplier { .. }
            | Self::TellNoNews { .. }
            | Self::AddTask(_)
            | Self::TakeInMerged { .. }
            | Self::NoteLinked(_)
            | Self::NoteUnlinked(_)
            | Self::NoteContact(_)
            | Self::TakeBroadcast(_)
            | Self::CascadeResolve(_) => Permission::React,
        }
    }
}

/// Roles that may decide a complaint also approve the letter of a decision by silence.
fn of_update(kind: UpdateKind) -> Permission {
    match kind {
        UpdateKind::Update | UpdateKind::Broadcast => Permission::Update,
        UpdateKind::Decision => Permission::DecideComplaint,
    }
}

fn of_complaint(command: &complaint::Command) -> Permission {
    use complaint::Command;
    match command {
        Command::Open(_) => Permission::OpenComplaint,
        Command::Reclassify(change) if change.not_a_complaint => Permission::DismissComplaint,
        Command::Reclassify(_) => Permission::ReclassifyComplaint,
        Command::StateClaims { .. } => Permission::StateClaims,
        Command::RecordItem { .. } => Permission::RecordItem,
        Command::RequestInfo(_) => Permission::AskComplaint,
        Command::RecordInfo { .. } => Permission::InformComplaint,
        Command::Extend(_) => Permission::ExtendComplaint,
        Command::Decide(decide) => match decide.instance {
            Instance::First => Permission::DecideComplaint,
            Instance::Appeal => Permission::DecideAppeal,
        },
        Command::DeemAccepted(_) | Command::DenySilence { .. } => Permission::React,
        Command::RecordEvidence { .. } => Permission::RecordEvidence,
        Command::RecordRemedy { .. } => Permission::RecordRemedy,
        Command::WaiveRemedy { .. } => Permission::WaiveRemedy,
        Command::FileAppeal(appeal) if appeal.admitted_by_lead => Permission::AdmitAppeal,
        Command::FileAppeal(_) => Permission::FileAppeal,
    }
}
