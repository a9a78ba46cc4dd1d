//! A decision did not reach the customer: whoever works on the ticket must tell it by another way.
use domain::ids::{MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::ticket::{AuthorKind, Command, NewMessage};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use prost::Message as _;
use uuid::Uuid;
use wire::DecodeError;
use wire::notification::v1::{NotificationFailed, Purpose};
use wire::scalar::uuid_opt;

use super::{Reactions, SERVICE};

/// Type of the event that says so.
pub(super) const FAILED: &str = "odzew.notification.v1.NotificationFailed";

/// A decision that will not be delivered by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Undelivered {
    ticket_id: TicketId,
    /// Why, for example `DSN_5.1.1`.
    code: String,
}

impl Undelivered {
    /// The decision that the event gives up; nothing for one that is tried again and for other
    /// notices.
    pub(super) fn read(event: &Recorded) -> Result<Option<Self>, DecodeError> {
        let failed = NotificationFailed::decode(&*event.payload)?;
        if !failed.permanent || failed.purpose() != Purpose::Decision {
            return Ok(None);
        }
        let ticket_id = uuid_opt(&failed.ticket_id, "ticket_id")?.map(TicketId);
        Ok(ticket_id.map(|ticket_id| Self { ticket_id, code: failed.code }))
    }
}

impl Reactions {
    /// Leaves a note on the ticket.
    pub(super) async fn note_undelivered(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        undelivered: Undelivered,
    ) -> Result<(), HandlerError> {
        let Undelivered { ticket_id, code } = undelivered;
        let note = Command::AddNote(NewMessage {
            message_id: MessageId(Uuid::new_v5(&event.event_id, ticket_id.0.as_bytes())),
            channel: Channel::Email,
            author_kind: AuthorKind::System,
            body: Personal(text(&code)),
            written_at: event.occurred_at,
            public_venue: false,
        });
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, ticket_id, &note).await
    }
}

/// What colleagues read.
fn text(code: &str) -> String {
    format!(
        "Decyzja nie dotarła do klienta ({code}), termin ustawowy biegnie dalej. Trzeba ją doręczyć \
         inną drogą i zapisać dowód doręczenia.\n\
         The decision did not reach the customer ({code}), the statutory time goes on. It must be \
         delivered by another way, and the proof recorded."
    )
}
