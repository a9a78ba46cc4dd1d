//! What the letters about a complaint say beyond the message they carry.
use crate::read_model::ticket_facts::TicketFacts;
use crate::template::When;

/// The words of a complaint's letter, in its language; empty where there is nothing to say.
#[derive(Debug, Default)]
pub(super) struct Complaint {
    /// The day on which it was received.
    day: String,
    /// What was examined: the complaint, or the appeal.
    what: String,
    /// Last day of the answer.
    statutory_due: String,
    /// How it was decided.
    decision: String,
    /// What was accepted, what was not, and what will be done by when.
    accepted: String,
    rejected: String,
    execution: String,
    /// Provisions.
    basis: String,
    /// How to appeal.
    appeal: String,
    /// The statement on out-of-court settlement.
    adr: String,
    /// Who else helps.
    help: String,
    /// Why it takes longer, and what is to be established.
    reason: String,
    circumstances: String,
    /// Last day of the longer time.
    new_due: String,
    /// Last day to supply what is missing.
    supply_by: String,
}

impl Complaint {
    /// What is known without asking the complaint's own events.
    pub(super) fn of(facts: &TicketFacts, when: &When, locale: &str) -> Self {
        let what = if locale == "pl" { "reklamację" } else { "complaint" };
        let day = when.day(facts.received_at(), locale);
        Self { day, what: what.to_owned(), ..Self::default() }
    }

    /// Every slot under its Polish and its English name.
    pub(super) fn slots(self) -> impl Iterator<Item = (&'static str, String)> {
        let filled = [
            (["dzien", "day"], self.day),
            (["co", "what"], self.what),
            (["termin_ustawowy", "statutory_due"], self.statutory_due),
            (["decyzja", "decision"], self.decision),
            (["uznane", "accepted"], self.accepted),
            (["nieuznane", "rejected"], self.rejected),
            (["wykonanie", "execution"], self.execution),
            (["podstawa", "basis"], self.basis),
            (["odwolanie", "appeal"], self.appeal),
            (["adr", "adr"], self.adr),
            (["pomoc", "help"], self.help),
            (["przyczyna", "reason"], self.reason),
            (["okolicznosci", "circumstances"], self.circumstances),
            (["nowy_termin", "new_due"], self.new_due),
            (["uzupelnic_do", "supply_by"], self.supply_by),
        ];
        filled
            .into_iter()
            .flat_map(|([polish, english], value)| [(polish, value.clone()), (english, value)])
    }
}
