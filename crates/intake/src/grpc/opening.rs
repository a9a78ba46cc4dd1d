//! A ticket of type complaint is opened as a complaint in the moment of its registration, whatever
//! call registers it.
use domain::regime::Misnamed;
use domain::ticket::{Command, Rejection, TicketType};
use eventlog::ExecuteError;
use tonic::Status;

use super::{Answer, Intake};
use crate::call::{Call, Target};
use crate::convert::complaint::Opening;
use crate::status::Subject;
use crate::{customer, law, status};

impl Intake {
    /// Registers a ticket, with its complaint if it is one and a law applies to it. `told` is what
    /// the call says about the complaint, `text_field` the field that can make the event too large.
    pub(super) async fn register(
        &self,
        call: &Call,
        (target, mut command): (Target, Command),
        told: Option<Opening>,
        text_field: &'static str,
    ) -> Result<Answer, Status> {
        self.note_segment(call, &target, &mut command).await;
        let misnamed = self.open_at_once(call, &target, &mut command, told).await?;
        match self.execute(call, &target, &command).await? {
            // The caller who registers a ticket has just named its requester.
            Ok(executed) => Ok(self.answer(call, &executed)),
            Err(error) => {
                let field = "complaint.regime_codes";
                let subject = self.subject(&target, &command, text_field);
                Err(refused(error, misnamed.map(|wrong| (field, wrong)), &subject))
            }
        }
    }

    /// Adds the complaint to the command of a registration. Answers with what is wrong with the
    /// law that was named. Where no law applies there is nothing to open.
    async fn open_at_once(
        &self,
        call: &Call,
        target: &Target,
        command: &mut Command,
        told: Option<Opening>,
    ) -> Result<Option<Misnamed>, Status> {
        let Command::Register(register) = command else { return Ok(None) };
        let registered = &register.registered;
        if registered.kind != TicketType::Complaint {
            return Ok(None);
        }
        let opening = told.unwrap_or_else(|| Opening::unclear(target.source));
        let asks = registered.requester.as_ref().map(|requester| requester.party_id);
        let opening = match (opening.customer, asks) {
            (Some(customer), _) => opening.of_customer(customer),
            (None, None) => opening,
            (None, Some(party_id)) => {
                let known = customer::status(&self.log, &call.tenant, party_id, u64::MAX).await;
                let unread = |error| self.unreadable(&error);
                opening.of_customer(known.map_err(unread)?)
            }
        };
        self.caught_up(call).await?;
        let regimes = self.known_regimes(call).await?;
        let (regimes, misnamed) =
            match law::chosen(&regimes, &opening.choice, registered.received_at) {
                Ok(regimes) if regimes.is_empty() => return Ok(None),
                Ok(regimes) => (regimes, None),
                Err(wrong) => (Vec::new(), Some(wrong)),
            };
        register.complaint = Some(Box::new(opening.under(regimes, registered.channel)));
        Ok(misnamed)
    }
}

/// The refusal of a command that opens a complaint. A repeated request meets its first answer
/// before the law is asked for, so only now is told what is wrong with the law that a field named.
pub(super) fn refused(
    error: ExecuteError<Rejection>,
    misnamed: Option<(&str, Misnamed)>,
    subject: &Subject,
) -> Status {
    match misnamed {
        Some((field, wrong)) if status::complaint::is_without_law(&error) => {
            status::complaint::misnamed(field, wrong, subject.id)
        }
        _ => status::refused(error, subject),
    }
}
