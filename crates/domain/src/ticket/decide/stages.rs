//! The stages of life in which each command is allowed.
use super::super::Facts;
use super::super::command::Command;
use super::super::stage::Stage::{
    self, Closed, New, Open, Resolved, WaitingCustomer, WaitingThirdParty,
};
use super::super::words::UnholdTrigger;
use crate::complaint;

const ANY: &[Stage] = &[New, Open, WaitingCustomer, WaitingThirdParty, Resolved, Closed];
const LIVE: &[Stage] = &[New, Open, WaitingCustomer, WaitingThirdParty, Resolved];
pub(super) const UNRESOLVED: &[Stage] = &[New, Open, WaitingCustomer, WaitingThirdParty];
const WORKED: &[Stage] = &[Open, WaitingCustomer, WaitingThirdParty];
const WAITING: &[Stage] = &[WaitingCustomer, WaitingThirdParty];

/// The stages in which a command is looked at (`Register` to say that it is too late). The
/// specification of this table is `tests/table.rs`.
pub(super) fn allowed(facts: &Facts, command: &Command) -> &'static [Stage] {
    match command {
        Command::Register(_)
        | Command::AddNote(_)
        | Command::AddEvidence(_)
        | Command::AddTask(_)
        | Command::NoteHandover { .. }
        | Command::TakeInMerged { .. }
        | Command::Link(_)
        | Command::Unlink(_)
        | Command::NoteLinked(_)
        | Command::NoteUnlinked(_)
        | Command::NoteContact(_)
        | Command::LinkParty { .. } => ANY,
        Command::AddInboundMessage { .. }
        | Command::RepeatAlert(_)
        | Command::Classify(_)
        | Command::SetPriority(_)
        | Command::SendReply(_)
        | Command::SendUpdate(_)
        | Command::TakeBroadcast(_)
        | Command::Withdraw { .. }
        | Command::Merge { .. }
        | Command::Split(_) => LIVE,
        Command::MakePromise(_) | Command::ExtendRequest(_) | Command::CascadeResolve(_) => {
            UNRESOLVED
        }
        // While our question is with the customer, or after the solution, it is not our turn.
        Command::TellNoNews { .. } => &[New, Open, WaitingThirdParty],
        Command::MarkSpam { .. } => &[New, Open],
        Command::UnmarkSpam { .. } => &[Closed],
        Command::StartWork { .. } => &[New],
        Command::HoldForCustomer(_)
        | Command::HoldForThirdParty(_)
        | Command::TakeOverHold { .. } => &[Open],
        Command::Unhold { trigger: UnholdTrigger::CustomerReply } => &[WaitingCustomer],
        Command::Unhold { trigger: UnholdTrigger::VendorReply } => &[WaitingThirdParty],
        Command::Unhold {
            trigger: UnholdTrigger::Manual | UnholdTrigger::Timeout | UnholdTrigger::Resolved,
        } => WAITING,
        Command::Resolve(_) | Command::TakeOverSolution(_) => WORKED,
        Command::AutoResolveNoReply { .. } => &[WaitingCustomer],
        Command::GiveUpSupplier { .. } => &[WaitingThirdParty],
        Command::ConfirmResolution { .. }
        | Command::RejectResolution { .. }
        | Command::Reopen { .. }
        | Command::AutoClose { .. } => &[Resolved],
        Command::Complaint(complain) => of_complaint(facts, &complain.command),
    }
}

fn of_complaint(facts: &Facts, command: &complaint::Command) -> &'static [Stage] {
    use complaint::Command;
    match command {
        Command::Open(_)
        | Command::Reclassify(_)
        | Command::StateClaims { .. }
        | Command::RecordItem { .. }
        | Command::Extend(_) => UNRESOLVED,
        Command::RequestInfo(_) => &[Open],
        Command::RecordInfo { .. } => &[Open, WaitingCustomer],
        Command::Decide(_) => WORKED,
        Command::DeemAccepted(_) => LIVE,
        Command::DenySilence { .. }
        | Command::RecordEvidence { .. }
        | Command::RecordRemedy { .. }
        | Command::WaiveRemedy { .. } => ANY,
        // The letter that appeals may have reopened it.
        Command::FileAppeal(_) if facts.reopened_by_customer() => {
            &[Open, WaitingCustomer, WaitingThirdParty, Resolved, Closed]
        }
        Command::FileAppeal(_) => &[Resolved, Closed],
    }
}
