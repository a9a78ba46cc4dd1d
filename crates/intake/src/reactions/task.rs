//! Adds a task to the ticket when only a person can act; notification tells the owner. All texts of
//! tasks are here, in Polish and English, because the language of the reader is not known.
use domain::complaint::{Event as Told, Outcome, Rejection};
use domain::ids::{ContactId, MessageId, Personal, TicketId};
use domain::priority::Channel;
use domain::ticket::{AuthorKind, Command, NewMessage};
use eventlog::{Cause, HandlerError, Recorded, Tenant};
use jiff::civil::Date;
use prost::Message as _;
use uuid::Uuid;
use wire::DecodeError;
use wire::notification::v1::{
    NotificationFailed, NotificationSuppressed, Purpose, SuppressionReason,
};
use wire::scalar::{uuid, uuid_opt};
use wire::sla::v1::{BreachCause, ClockBreached, ClockKind, SilenceEffect};

use super::{Reactions, SERVICE};

/// Something that a person has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// A decision will not be delivered by itself; why, for example `DSN_5.1.1`.
    Deliver(String),
    /// A decision is not mailed: it is wanted on paper, or the customer has no address.
    Post,
    /// Silence counts as acceptance: its remedies are owed.
    CarryOut {
        /// By when.
        execute_by: Option<Date>,
        /// The claim may still be refuted.
        rebuttable: bool,
    },
    /// The decision by silence was withdrawn: the answer, or the notice of an extension, had been
    /// sent in time.
    TakeBack,
    /// Nothing proves that an answer arrived which was sent in time; the law.
    Prove(String),
    /// The time to answer has passed, and the customer may go further; the law.
    Answer {
        /// Its code.
        regime: String,
        /// To an authority, not to a court or a body of out-of-court resolution.
        authority: bool,
    },
    /// A complaint would be closed, but for this.
    Settle(Missing),
    /// A conversation with the customer has no note.
    WriteNote(ContactId),
    /// What a complaint lacks was not supplied in time.
    Supplement {
        /// The law lets it be left unexamined.
        unexamined: bool,
    },
    /// The customer has not answered our question, and silence does not end the matter.
    Unanswered,
    /// Who asks as a data subject was not settled in time.
    Identify,
    /// Another company has not answered in time.
    Supplier,
}

/// What keeps a complaint open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// A decision, or one on the appeal.
    Decision,
    /// A proof that the customer was told the decision.
    Proof,
    /// What was granted.
    Remedy,
    /// The end of the time to appeal.
    AppealWindow,
}

impl Task {
    /// What follows from a notice that was given up, or is not sent.
    pub(super) fn of_notice(event: &Recorded) -> Result<Option<(TicketId, Self)>, DecodeError> {
        match event.event_type.as_str() {
            wire::event::NOTIFICATION_FAILED => Self::undelivered(event),
            wire::event::NOTIFICATION_SUPPRESSED => Self::unsent(event),
            _ => Ok(None),
        }
    }

    /// What follows from a notice that was given up; nothing for one that is tried again and
    /// for all but decisions.
    fn undelivered(event: &Recorded) -> Result<Option<(TicketId, Self)>, DecodeError> {
        let failed = NotificationFailed::decode(&*event.payload)?;
        if !failed.permanent || failed.purpose() != Purpose::Decision {
            return Ok(None);
        }
        let ticket_id = uuid_opt(&failed.ticket_id, "ticket_id")?.map(TicketId);
        Ok(ticket_id.map(|ticket_id| (ticket_id, Self::Deliver(failed.code))))
    }

    /// What follows from a notice that is not sent: a decision that no mail brings must be posted.
    /// One that is not sent because it was told, or its customer erased, needs nobody.
    fn unsent(event: &Recorded) -> Result<Option<(TicketId, Self)>, DecodeError> {
        let suppressed = NotificationSuppressed::decode(&*event.payload)?;
        let posted = suppressed.purpose() == Purpose::Decision
            && suppressed.reason() == SuppressionReason::NoChannel;
        let ticket_id = uuid_opt(&suppressed.ticket_id, "ticket_id")?.map(TicketId);
        Ok(ticket_id.filter(|_| posted).map(|ticket_id| (ticket_id, Self::Post)))
    }

    /// What follows from a time that has passed, where the law reads no acceptance into it.
    pub(super) fn breached(event: &Recorded) -> Result<Option<(TicketId, Self)>, DecodeError> {
        let breached = ClockBreached::decode(&*event.payload)?;
        let ticket_id = TicketId(uuid(&breached.ticket_id, "ticket_id")?);
        match breached.kind() {
            ClockKind::StatutoryResponse | ClockKind::AppealResponse => {}
            _ => return Ok(None),
        }
        let regime = breached.regime_code.clone();
        // Whatever silence means, the law wants the proof.
        if breached.cause() == BreachCause::ProofPending {
            return Ok(Some((ticket_id, Self::Prove(regime))));
        }
        let task = match breached.silence_effect() {
            SilenceEffect::AdrOrCourt => Self::Answer { regime, authority: false },
            SilenceEffect::AuthorityComplaint => Self::Answer { regime, authority: true },
            // Acceptance is a decision, and makes a task of its own; elsewhere silence means
            // nothing, or its meaning is for another procedure.
            SilenceEffect::DeemedAccepted
            | SilenceEffect::DeemedPerCustomerWill
            | SilenceEffect::DeemedConsentAdr
            | SilenceEffect::DeemedRefusalAdr
            | SilenceEffect::None
            | SilenceEffect::Unspecified => return Ok(None),
        };
        Ok(Some((ticket_id, task)))
    }

    /// What follows from what the law reads into silence, and from its end.
    pub(super) fn of_silence(told: &Told) -> Option<Self> {
        let decided = match told {
            Told::Decided(decided) => decided,
            Told::AcceptanceWithdrawn { .. } => return Some(Self::TakeBack),
            _ => return None,
        };
        let remedies = decided.remedies.iter();
        (decided.outcome == Outcome::DeemedAccepted).then(|| Self::CarryOut {
            execute_by: remedies.map(|remedy| remedy.execute_by).min(),
            rebuttable: decided.rebuttable,
        })
    }

    /// What keeps a complaint open that would be closed; nothing that a person could change.
    pub(super) fn kept_open(rule: &Rejection) -> Option<Self> {
        let missing = match rule {
            Rejection::NotDecided | Rejection::AppealOpen => Missing::Decision,
            Rejection::NotEvidenced => Missing::Proof,
            Rejection::RemedyPending => Missing::Remedy,
            Rejection::AppealWindowOpen => Missing::AppealWindow,
            _ => return None,
        };
        Some(Self::Settle(missing))
    }

    /// What colleagues read.
    fn text(&self) -> String {
        match self {
            Self::Deliver(code) => format!(
                "Decyzja nie dotarła do klienta ({code}), termin ustawowy biegnie dalej. Trzeba \
                 ją doręczyć inną drogą i zapisać dowód doręczenia.\n\
                 The decision did not reach the customer ({code}), the statutory time goes on. It \
                 must be delivered by another way, and the proof recorded."
            ),
            Self::Post => POST.to_owned(),
            Self::CarryOut { execute_by, rebuttable } => carry_out(*execute_by, *rebuttable),
            Self::TakeBack => {
                "Odpowiedź albo zawiadomienie o dłuższym terminie jednak wyszły w terminie, więc \
                 reklamacji nie uważa się za uwzględnioną. Wydana decyzja obowiązuje i zgłoszenie \
                 trzeba rozwiązać; jeśli decyzji nie ma, trzeba ją wydać w dłuższym terminie. Nie \
                 wykonywać tego, co wynikało z milczenia (chyba że przyznano to w odwołaniu); co \
                 już wykonano, ocenia dział prawny.\n\
                 The answer, or word that it takes longer, had left in time after all, so the \
                 complaint is not deemed accepted. A decision that was taken stands, and the \
                 ticket is to be resolved; where there is none, it is to be taken within the \
                 longer time. Do not carry out what silence granted (unless it was granted on \
                 appeal); what was carried out already is for legal to judge."
                    .to_owned()
            }
            Self::Prove(regime) => format!(
                "Odpowiedź wysłano w terminie ({regime}), ale nie ma dowodu doręczenia. Dział \
                 prawny: zdobyć i zapisać dowód albo ocenić skutki.\n\
                 The answer was sent in time ({regime}), but nothing proves that it arrived. \
                 Legal: get and record the proof, or judge what follows."
            ),
            Self::Answer { regime, authority: false } => format!(
                "Minął ustawowy termin odpowiedzi ({regime}); klient może iść do sądu albo do \
                 instytucji ADR. Odpowiedzieć, przeprosić i podać informację o ADR.\n\
                 The statutory time to answer has passed ({regime}); the customer may go to court \
                 or to an ADR body. Answer, apologise, and give the information on ADR."
            ),
            Self::Answer { regime, authority: true } => format!(
                "Minął ustawowy termin odpowiedzi ({regime}); klient może złożyć skargę do organu \
                 nadzoru. Odpowiedzieć i zawiadomić osobę odpowiedzialną za zgodność (w sprawach \
                 danych osobowych: inspektora ochrony danych).\n\
                 The statutory time to answer has passed ({regime}); the customer may complain to \
                 the authority. Answer, and tell whoever is responsible for compliance (for \
                 personal data: the data protection officer)."
            ),
            Self::Settle(missing) => settle(*missing),
            Self::WriteNote(ContactId(id)) => format!(
                "Dobę po rozmowie z klientem ({id}) nie ma z niej notatki. Zapisać, czego \
                 dotyczyła i co ustalono, z contact_id tej rozmowy.\n\
                 A day after a conversation with the customer ({id}) there is no note of it. Write \
                 down what it was about and what was agreed, with its contact_id."
            ),
            Self::Supplement { unexamined: true } => "Klient nie uzupełnił reklamacji w terminie. \
                Można ją pozostawić bez rozpoznania (decyzja LEFT_UNEXAMINED) albo rozpatrzyć \
                bez tego, czego brakuje.\n\
                The customer did not supply in time what the complaint lacks. It may be left \
                unexamined (decision LEFT_UNEXAMINED), or decided without what is missing."
                .to_owned(),
            Self::Supplement { unexamined: false } => "Klient nie uzupełnił reklamacji w \
                terminie. Trzeba ją rozpatrzyć bez tego, czego brakuje; termin odpowiedzi \
                biegnie.\n\
                The customer did not supply in time what the complaint lacks. It must be decided \
                without what is missing; the time to answer goes on."
                .to_owned(),
            Self::Unanswered => UNANSWERED.to_owned(),
            Self::Identify => IDENTIFY.to_owned(),
            Self::Supplier => SUPPLIER.to_owned(),
        }
    }
}

const POST: &str = "Decyzji nie wysłano mailem (ma być na papierze albo klient nie ma adresu), termin \
    ustawowy biegnie dalej. Wysłać ją pocztą i zapisać dowód nadania i doręczenia.\n\
    The decision was not mailed (it is to be on paper, or the customer has no address), the \
    statutory time goes on. Post it and record the receipt, and the proof that it arrived.";
const UNANSWERED: &str = "Klient nie odpowiedział na nasze pytanie, a milczenie nie kończy sprawy tego \
    rodzaju ani sprawy eskalowanej. Zapytać inną drogą albo załatwić sprawę bez tej odpowiedzi.\n\
    The customer has not answered our question, and silence does not end a matter of this kind, nor \
    one that was escalated. Ask by another way, or settle it without the answer.";
const IDENTIFY: &str = "Minął czas na potwierdzenie tożsamości osoby, której dane dotyczą; termin \
    odpowiedzi znowu biegnie (RODO, art. 12). Odpowiedzieć albo odmówić z \
    uzasadnieniem.\n\
    The time to settle the identity of the data subject is over; the time to answer \
    runs again (GDPR, art. 12). Answer, or refuse and say why.";
const SUPPLIER: &str = "Firma, na którą czekaliśmy, nie odpowiedziała na czas; oczekiwanie zakończono. \
    Ponaglić ją albo pomóc klientowi inaczej, i powiedzieć mu, co dalej.\n\
    The company that we waited for has not answered in time; the wait has ended. \
    Press for its answer or help the customer otherwise, and tell them what is next.";

fn carry_out(execute_by: Option<Date>, rebuttable: bool) -> String {
    let day = execute_by.map(|day| (format!(" do {day}"), format!(" by {day}")));
    let (until, by) = day.unwrap_or_default();
    let (podwazenie, rebuttal) = match rebuttable {
        true => (
            " Dział prawny: skutek można podważyć, jeśli roszczenie się nie należy; ocenić.",
            " Legal: it may be rebutted if the claim is not due; judge that.",
        ),
        false => ("", ""),
    };
    format!(
        "Termin minął bez odpowiedzi, więc reklamację uważa się za uwzględnioną. Właściciel \
         procesu: wykonać żądanie klienta{until} i wysłać mu pismo o tym (SendUpdate, cel DECISION).{podwazenie}\n\
         The time passed without an answer, so the complaint is deemed accepted. Process owner: \
         carry out what the customer demanded{by}, and send them the letter about it (SendUpdate, \
         purpose DECISION).{rebuttal}"
    )
}

fn settle(missing: Missing) -> String {
    let (brak, lacks) = match missing {
        Missing::Decision => {
            ("decyzji (także w sprawie odwołania)", "a decision (or one on the appeal)")
        }
        Missing::Proof => (
            "dowodu, że decyzja dotarła do klienta tak, jak wymaga tego prawo",
            "the proof that the decision reached the customer as the law wants",
        ),
        Missing::Remedy => (
            "wykonania tego, co przyznano, albo rezygnacji klienta",
            "what was granted to be carried out, or waived by the customer",
        ),
        Missing::AppealWindow => ("upływu terminu na odwołanie", "the end of the time to appeal"),
    };
    format!(
        "Reklamacji nie można zamknąć, brakuje: {brak}. Następna próba za dzień roboczy, po sześciu \
         tygodniach co tydzień.\n\
         The complaint cannot be closed, it lacks: {lacks}. The next try is a working day from now, \
         after six weeks a week from now."
    )
}

impl Reactions {
    /// Leaves a task on the ticket.
    pub(super) async fn leave_task(
        &self,
        event: &Recorded,
        tenant: &Tenant,
        (ticket_id, task): (TicketId, Task),
    ) -> Result<(), HandlerError> {
        let note = Command::AddTask(task.note(event, ticket_id));
        let cause = Cause::reaction(event, SERVICE)?;
        self.follow_if_allowed(cause, tenant, ticket_id, &note).await
    }
}

impl Task {
    /// The note that an event leaves on a ticket.
    pub(super) fn note(&self, event: &Recorded, ticket_id: TicketId) -> NewMessage {
        NewMessage {
            message_id: MessageId(Uuid::new_v5(&event.event_id, ticket_id.0.as_bytes())),
            channel: Channel::Email,
            author_kind: AuthorKind::System,
            body: Personal(self.text()),
            written_at: event.occurred_at,
            public_venue: false,
            contact_id: None,
        }
    }
}
