//! The demonstration's day: who writes in, about what, and what happens then.
use wire::common::v1::Channel;
use wire::intake::v1::{Impact, TicketState, TicketType, Urgency};

/// One ticket of the day.
pub(super) struct Story {
    pub(super) key: &'static str,
    pub(super) tenant: &'static str,
    pub(super) customer: Option<Customer>,
    pub(super) channel: Channel,
    pub(super) kind: TicketType,
    pub(super) category: &'static str,
    pub(super) impact: Impact,
    pub(super) urgency: Urgency,
    pub(super) subject: &'static str,
    pub(super) body: &'static str,
    pub(super) steps: &'static [Step],
    /// State in which the day ends for it.
    pub(super) ends: TicketState,
}

/// Who asks.
pub(super) struct Customer {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) language: &'static str,
}

/// What happens to the ticket after it was registered.
pub(super) enum Step {
    /// The owner accepts the assignment and begins to work.
    Accept,
    Reply(&'static str),
    Customer(&'static str),
    Note(&'static str),
    AskCustomer(&'static str),
    WaitForVendor(&'static str),
    VendorAnswered,
    Escalate(Impact, Urgency, &'static str),
    Classify(TicketType, &'static str),
    Resolve(&'static str, &'static str),
    Confirm,
    Reopen(&'static str),
    /// Nobody answers: wait until the first reply's clock is breached.
    LetItBreach,
    /// A note that holds evidence on the complaint.
    Evidence(&'static str),
    /// The complaint's first claim is accepted, the others are not; with the letter.
    DecidePartly(&'static str),
    /// What was granted is carried out; with its number.
    CarryOut(&'static str),
}

use Impact::{High as ImpactHigh, Low as ImpactLow, Medium as ImpactMedium};
use Step::{
    Accept, AskCustomer, CarryOut, Classify, Confirm, Customer as Writes, DecidePartly, Escalate,
    Evidence, LetItBreach, Note, Reopen, Reply, Resolve, VendorAnswered, WaitForVendor,
};
use TicketType::{Complaint, Incident, Inquiry, Payment, Request, SalesInquiry};
use Urgency::{High as UrgencyHigh, Low as UrgencyLow, Medium as UrgencyMedium};

const fn pl(name: &'static str, email: &'static str) -> Option<Customer> {
    Some(Customer { name, email, language: "pl" })
}

const fn en(name: &'static str, email: &'static str) -> Option<Customer> {
    Some(Customer { name, email, language: "en" })
}

/// An energy supplier and a web shop, from the night's alarm to the evening's questions.
pub(super) const STORIES: &[Story] = &[
    Story {
        key: "payments-down",
        tenant: "bazar",
        customer: None,
        channel: Channel::Monitoring,
        kind: Incident,
        category: "TECH/outage",
        impact: ImpactHigh,
        urgency: UrgencyHigh,
        subject: "pay-api: no successful payment for 5 minutes",
        body: "probe=checkout region=waw errors=100%",
        steps: &[
            Accept,
            Note("Database failover did not update the connection pool."),
            Resolve("FIXED", "Connection pool restarted; payments work again."),
        ],
        ends: TicketState::Resolved,
    },
    Story {
        key: "no-power",
        tenant: "watt",
        customer: pl("Anna Zielińska", "anna.zielinska@example.org"),
        channel: Channel::Voice,
        kind: Incident,
        category: "TECH/outage",
        impact: ImpactHigh,
        urgency: UrgencyHigh,
        subject: "Brak prądu w całym budynku",
        body: "Od 6:10 nie ma prądu przy ul. Lipowej 4, winda stoi.",
        steps: &[
            Accept,
            Reply("Ekipa jest w drodze, będzie u Państwa przed 7:30."),
            WaitForVendor("vendor-grid"),
            VendorAnswered,
            Resolve("FIXED", "Wymieniliśmy bezpiecznik w stacji, zasilanie wróciło o 7:22."),
            Confirm,
        ],
        ends: TicketState::Closed,
    },
    Story {
        key: "forgotten",
        tenant: "watt",
        customer: pl("Marek Wójcik", "marek.wojcik@example.org"),
        channel: Channel::Email,
        kind: Incident,
        category: "TECH/malfunction",
        impact: ImpactHigh,
        urgency: UrgencyHigh,
        subject: "Licznik pokazuje błąd E-04",
        body: "Licznik miga i pokazuje E-04, czy to groźne?",
        steps: &[LetItBreach],
        ends: TicketState::New,
    },
    Story {
        key: "invoice-too-high",
        tenant: "watt",
        customer: pl("Ewa Kamińska", "ewa.kaminska@example.org"),
        channel: Channel::Portal,
        kind: Payment,
        category: "PAYMENT/invoice",
        impact: ImpactLow,
        urgency: UrgencyMedium,
        subject: "Faktura dwa razy wyższa niż zwykle",
        body: "Za marzec mam 480 zł, zwykle płacę 240 zł.",
        steps: &[
            Accept,
            AskCustomer("Prosimy o zdjęcie licznika z widocznym stanem."),
            Writes("Załączam zdjęcie, stan 10 422."),
            Resolve("CORRECTED", "Odczyt był błędny; korekta faktury na 236 zł jest w portalu."),
            Reopen("korekta nie doszła"),
            Reply("Wysłaliśmy korektę jeszcze raz, tym razem także e-mailem."),
            Resolve("CORRECTED", "Korekta faktury dotarła."),
        ],
        ends: TicketState::Resolved,
    },
    Story {
        key: "late-payment",
        tenant: "watt",
        customer: pl("Paweł Lis", "pawel.lis@example.org"),
        channel: Channel::Form,
        kind: Payment,
        category: "PAYMENT/late-payment",
        impact: ImpactLow,
        urgency: UrgencyLow,
        subject: "Proszę o rozłożenie zaległości",
        body: "Czy mogę zapłacić w trzech ratach?",
        steps: &[Accept, Reply("Tak, proponujemy trzy raty po 160 zł.")],
        ends: TicketState::Open,
    },
    Story {
        key: "move-out",
        tenant: "watt",
        customer: en("John Smith", "john.smith@example.com"),
        channel: Channel::Email,
        kind: Request,
        category: "INQUIRY/other",
        impact: ImpactLow,
        urgency: UrgencyMedium,
        subject: "Moving out on the 30th",
        body: "How do I end my contract?",
        steps: &[Accept, AskCustomer("Please send us the meter reading of the last day.")],
        ends: TicketState::WaitingCustomer,
    },
    Story {
        key: "tariff-question",
        tenant: "watt",
        customer: pl("Zofia Mazur", "zofia.mazur@example.org"),
        channel: Channel::Chat,
        kind: Inquiry,
        category: "INQUIRY/offer",
        impact: ImpactLow,
        urgency: UrgencyLow,
        subject: "Taryfa nocna",
        body: "Od której godziny liczy się taryfa nocna?",
        steps: &[
            Accept,
            Reply("Od 22:00 do 6:00, w weekendy przez całą dobę."),
            Resolve("ANSWERED", "Taryfa nocna: 22:00–6:00 i weekendy."),
        ],
        ends: TicketState::Resolved,
    },
    Story {
        key: "new-connection",
        tenant: "watt",
        customer: pl("Budmax sp. z o.o.", "biuro@budmax.example.org"),
        channel: Channel::Form,
        kind: SalesInquiry,
        category: "INQUIRY/offer",
        impact: ImpactMedium,
        urgency: UrgencyLow,
        subject: "Przyłącze 40 kW dla hali",
        body: "Proszę o ofertę i termin.",
        steps: &[],
        ends: TicketState::New,
    },
    Story {
        key: "parcel-lost",
        tenant: "bazar",
        customer: pl("Katarzyna Dąbrowska", "k.dabrowska@example.org"),
        channel: Channel::Email,
        kind: Inquiry,
        category: "INQUIRY/order-status",
        impact: ImpactLow,
        urgency: UrgencyHigh,
        subject: "Paczka nie dotarła",
        body: "Zamówienie 88121 miało być wczoraj.",
        steps: &[
            Accept,
            Reply("Sprawdzamy u przewoźnika, odezwiemy się dziś do 16:00."),
            WaitForVendor("vendor-kurier"),
        ],
        ends: TicketState::WaitingThirdParty,
    },
    Story {
        key: "refund",
        tenant: "bazar",
        customer: pl("Tomasz Kowalczyk", "t.kowalczyk@example.org"),
        channel: Channel::Portal,
        kind: Payment,
        category: "PAYMENT/refund",
        impact: ImpactLow,
        urgency: UrgencyMedium,
        subject: "Zwrot pieniędzy za zamówienie 87990",
        body: "Oddałem towar tydzień temu.",
        steps: &[
            Accept,
            Reply("Zwrot 129 zł wyszedł dziś na Pana konto."),
            Resolve("REFUNDED", "Zwrot 129 zł przelewem."),
            Writes("Nadal nic nie mam na koncie."),
        ],
        ends: TicketState::Open,
    },
    Story {
        key: "broken-kettle",
        tenant: "bazar",
        customer: en("Maria Rossi", "maria.rossi@example.com"),
        channel: Channel::Portal,
        kind: Complaint,
        category: "COMPLAINT/goods-quality",
        impact: ImpactLow,
        urgency: UrgencyMedium,
        subject: "Kettle arrived with a crack",
        body: "The base is cracked. Please replace it and pay back the 49 zł for shipping.",
        steps: &[
            Accept,
            Evidence("The photo shows the crack; the parcel was not damaged."),
            DecidePartly(
                "We send you a new kettle within a week. The shipping was part of the offer, so \
                 we do not pay it back.",
            ),
            CarryOut("parcel PX-20417"),
        ],
        ends: TicketState::Resolved,
    },
    Story {
        key: "login",
        tenant: "bazar",
        customer: en("Olena Shevchenko", "olena@example.com"),
        channel: Channel::Chat,
        kind: Incident,
        category: "TECH/access",
        impact: ImpactMedium,
        urgency: UrgencyMedium,
        subject: "Cannot log in",
        body: "The reset link says it has expired.",
        steps: &[
            Accept,
            Escalate(ImpactHigh, UrgencyMedium, "every reset link since 9:00 is expired"),
            Reply(
                "We have found the cause: links made since 9:00 expire at once. A fix is on its way.",
            ),
            Resolve("FIXED", "Reset links are valid for an hour again."),
            Confirm,
        ],
        ends: TicketState::Closed,
    },
    Story {
        key: "slow-search",
        tenant: "bazar",
        customer: en("Liam O'Brien", "liam@example.com"),
        channel: Channel::Email,
        kind: Inquiry,
        category: "INQUIRY/functionality",
        impact: ImpactMedium,
        urgency: UrgencyMedium,
        subject: "Search is very slow",
        body: "Searching for shoes takes a minute.",
        steps: &[Classify(Incident, "TECH/performance"), Accept],
        ends: TicketState::Open,
    },
];
