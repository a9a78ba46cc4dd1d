//! Converts a message of a channel to the keys that its ticket is looked up by, and to a command to
//! that ticket.
use chassis::fields::Fields;
use domain::backdating::Backdating;
use domain::identity::{ContactPoint, ContactPointKind, Identity};
use domain::ids::{PartyId, Personal};
use domain::inbound::{JoinRule, Received};
use domain::priority::Channel;
use domain::ticket::{
    AuthorKind, Command, NewMessage, Origin, Register, Registered, Requester, TicketType,
};
use jiff::Timestamp;
use tonic::Status;
use wire::intake::v1;

use super::contact::{identity, read_hint};
use super::{BODY_CHARS, IMPACT, SUBJECT_CHARS, URGENCY, language, received_at};
use crate::call::{Call, Target};
use crate::config::Config;
use crate::rules::{about, channel, optional};

const EXTERNAL_ID_CHARS: usize = 500;
const NAME_CHARS: usize = 200;
const TOKENS: usize = 10;
const TOKEN_CHARS: usize = 500;
const REFERENCES: usize = 100;
const REFERENCE_CHARS: usize = 1_000;
const HEADER_CHARS: usize = 100;

/// A message that came in, read and checked.
pub(crate) struct Inbound {
    pub(crate) target: Target,
    pub(crate) channel: Channel,
    pub(crate) received_at: Timestamp,
    /// A machine sent it by itself.
    pub(crate) automatic: bool,
    /// The id of the mail itself; one of ours is a mail that came back.
    pub(crate) own_id: String,
    /// Where a token may stand: the hints, then the subject.
    pub(crate) tokens: Vec<String>,
    /// Mails that it answers, the nearest first.
    pub(crate) references: Vec<String>,
    pub(crate) about: Vec<domain::business_object::BusinessObject>,
    /// Whom the channel names.
    pub(crate) named: Option<Identity>,
    /// Where the sender is reached.
    pub(crate) contact_point: Option<ContactPoint>,
    name: Option<Personal>,
    subject: String,
    text: String,
    kind: TicketType,
    language: &'static str,
    public_venue: bool,
}

pub(crate) fn receive(
    call: &Call,
    message: &v1::ReceiveMessageRequest,
    config: &Config,
) -> Result<Inbound, Status> {
    let mut fields = Fields::new();
    let channel = channel(&mut fields, "channel", message.channel);
    let external_id = fields.line("external_id", &message.external_id, 1..=EXTERNAL_ID_CHARS);
    // Adapters bring in what waited with them, however long.
    let said = (message.received_at.as_ref(), "");
    let (received_at, _) = received_at(&mut fields, call, said, config);
    let sender = fields.required("sender", message.sender.as_ref());
    let sender = sender.map(|sender| fields.within("sender", |fields| read_sender(fields, sender)));
    let subject = fields.line("subject", &message.subject, 0..=SUBJECT_CHARS);
    let text = fields.text("text", &message.text, 1..=BODY_CHARS);
    let hints = message.hints.clone().unwrap_or_default();
    let (mut tokens, references, about) = fields.within("hints", |fields| {
        let tokens = lines(fields, "tokens", &hints.tokens, TOKENS, TOKEN_CHARS);
        let references =
            lines(fields, "references", &hints.references, REFERENCES, REFERENCE_CHARS);
        (tokens, references, about(fields, "about", &hints.about))
    });
    let headers = message.loop_headers.clone().unwrap_or_default();
    let (automatic, own_id) =
        fields.within("loop_headers", |fields| read_headers(fields, &headers));
    let kind = optional::<v1::TicketType, _>(&mut fields, "type", message.r#type);
    let language = language(&mut fields, &message.language);
    fields.finish()?;
    let Sender { named, contact_point, name } = sender.unwrap_or_default();
    tokens.push(subject.clone());
    let target = call.reception(message, channel, &external_id);
    Ok(Inbound {
        target,
        channel,
        received_at,
        automatic,
        own_id,
        tokens,
        references,
        about,
        named,
        contact_point,
        name,
        subject,
        text,
        kind: kind.unwrap_or(TicketType::Inquiry),
        language,
        public_venue: message.public_venue,
    })
}

/// Who sent a message; the default stands in after a violation.
#[derive(Default)]
struct Sender {
    named: Option<Identity>,
    contact_point: Option<ContactPoint>,
    name: Option<Personal>,
}

fn read_sender(fields: &mut Fields, sender: &v1::MessageSender) -> Sender {
    let point = fields.required("contact_point", sender.contact_point.as_ref());
    let party_id = fields.optional_uuid("party_id", &sender.party_id).map(PartyId);
    Sender {
        named: identity(fields, party_id, sender.identification),
        contact_point: point
            .map(|point| fields.within("contact_point", |fields| read_hint(fields, point))),
        name: fields.optional_line("name", &sender.name, NAME_CHARS).map(Personal),
    }
}

/// Whether a machine sent it by itself, and the mail's own id.
fn read_headers(fields: &mut Fields, headers: &v1::LoopHeaders) -> (bool, String) {
    let mut word = |field, value| fields.line(field, value, 0..=HEADER_CHARS).to_ascii_lowercase();
    let submitted = word("auto_submitted", &headers.auto_submitted);
    let precedence = word("precedence", &headers.precedence);
    let own_id = fields.line("message_id", &headers.message_id, 0..=REFERENCE_CHARS);
    // A parameter may follow the word (RFC 3834, 5).
    let submitted = submitted.split(';').next().unwrap_or_default().trim();
    let automatic = !["", "no"].contains(&submitted)
        || ["bulk", "junk", "list", "auto_reply"].contains(&precedence.trim())
        || headers.null_return_path;
    (automatic, own_id)
}

fn lines(
    fields: &mut Fields,
    field: &str,
    values: &[String],
    most: usize,
    chars: usize,
) -> Vec<String> {
    if values.len() > most {
        fields.refuse(field, format!("must be at most {most}, are {}", values.len()));
        return Vec::new();
    }
    let values = values.iter().enumerate();
    values
        .map(|(place, value)| fields.line(&format!("{field}[{place}]"), value, 1..=chars))
        .collect()
}

impl Inbound {
    /// The command of the ticket that takes the message, and which ticket that is.
    pub(crate) fn command(self, call: &Call, received: &Received) -> (Target, Command) {
        if received.rule == JoinRule::NewTicket {
            let (target, register) = self.register(call, received);
            return (target, Command::Register(register));
        }
        let target = self.target;
        let message = NewMessage {
            message_id: target.source.message(),
            channel: self.channel,
            author_kind: if received.automatic { AuthorKind::Bot } else { AuthorKind::Human },
            body: Personal(self.text),
            written_at: self.received_at,
            public_venue: self.public_venue,
            contact_id: None,
        };
        let follow_up = target.source.ticket();
        let target = Target { id: received.ticket_id.0, ..target };
        (target, Command::AddInboundMessage { message, follow_up })
    }

    fn register(self, call: &Call, received: &Received) -> (Target, Register) {
        let ticket_id = self.target.source.ticket();
        let Received { sender, .. } = received;
        let subject = self.subject_line();
        // Only what can be one is an address to answer to.
        let email = self
            .contact_point
            .as_ref()
            .filter(|point| point.kind == ContactPointKind::Email && point.normalised().is_some());
        let email = email.map(|point| point.value.clone());
        let requester = Requester {
            party_id: sender.map_or_else(|| self.target.source.party(), |known| known.party_id),
            name: self.name,
            email,
            segment: String::new(),
            has_profile_email: false,
        };
        let registered = Registered {
            ticket_id,
            number: crate::identity::number(&call.tenant.name, ticket_id),
            kind: self.kind,
            channel: self.channel,
            received_at: self.received_at,
            requester: Some(requester),
            subject: Personal(subject),
            body: Personal(self.text),
            language: self.language.to_owned(),
            origin: Origin::New,
            external_number: None,
            parent: None,
            about: self.about,
            public_venue: self.public_venue,
            dedupe_key: None,
            backdate_reason: None,
        };
        let register = Register {
            registered,
            classified: None,
            impact: IMPACT,
            urgency: URGENCY,
            link: None,
            messages: Vec::new(),
            identification: sender.map(|known| known.identification).unwrap_or_default(),
            complaint: None,
            backdating: Backdating::None,
        };
        (self.target, register)
    }

    /// A chat has no subject line: its beginning says what it is about.
    fn subject_line(&self) -> String {
        match self.subject.as_str() {
            "" => {
                let words: Vec<&str> = self.text.split_whitespace().collect();
                words.join(" ").chars().take(SUBJECT_CHARS).collect()
            }
            subject => subject.to_owned(),
        }
    }
}
