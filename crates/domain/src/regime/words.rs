//! The enums of regimes.

/// Whose demand a regime is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The law's: missing it has legal consequences.
    Law,
    /// A contract's with a business.
    Contract,
    /// The organisation's own.
    House,
}

/// What the organisation is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occasion {
    /// An answer to a complaint.
    Complaint,
    /// An answer to an appeal against a decision.
    Appeal,
    /// That something is carried out, for example a refund.
    Remedy,
    /// Something that is no complaint: information on personal data, part in a proceeding.
    Request,
}

/// How a regime stands beside others of its occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// Applies wherever its scope fits; several can apply to one matter.
    Special,
    /// Applies where its scope fits and no special one does.
    General,
    /// Runs beside whatever applies.
    Parallel,
}

/// From when a term counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CountsFrom {
    /// The organisation received it.
    Received,
    /// It was filed, which may be earlier: posted, or handed to somebody else.
    Filed,
    /// The thing came into the organisation's hands.
    ItemDelivered,
}

/// What silence means, and what the system does when the time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SilenceEffect {
    /// Nothing but a breach.
    None,
    /// The trader is deemed to have accepted. The system records that decision; a person
    /// carries out the remedy and approves the letter: money never moves by itself.
    DeemedAccepted,
    /// Deemed settled as the customer wished, while the claim may still be proved not due:
    /// as [`Self::DeemedAccepted`], and a lawyer looks at it.
    DeemedPerCustomerWill,
    /// The customer may go to an ombudsman, out-of-court body or court.
    AdrOrCourt,
    /// The customer may complain to an authority.
    AuthorityComplaint,
    /// Consent to out-of-court resolution.
    DeemedConsentAdr,
    /// Refusal of out-of-court resolution.
    DeemedRefusalAdr,
}

impl SilenceEffect {
    /// True if silence decides the complaint for the customer.
    #[must_use]
    pub fn decides(self) -> bool {
        match self {
            Self::DeemedAccepted | Self::DeemedPerCustomerWill => true,
            Self::None
            | Self::AdrOrCourt
            | Self::AuthorityComplaint
            | Self::DeemedConsentAdr
            | Self::DeemedRefusalAdr => false,
        }
    }

    /// True if what silence decided may still be proved wrong.
    #[must_use]
    pub(crate) fn is_rebuttable(self) -> bool {
        self == Self::DeemedPerCustomerWill
    }
}

/// What proves that the answer was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetBy {
    /// It left in time.
    Sent,
    /// It reached the customer in time.
    Delivered,
    /// The remedy was carried out.
    Executed,
}

/// What a supplement in time does to the time to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IncompleteEffect {
    /// It counts from the original day.
    KeepOriginalDate,
    /// It restarts with the supplement.
    Restart,
    /// It is paused until then.
    Suspend,
}

/// What follows if the supplement does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SupplementFailure {
    /// The complaint may be left unexamined.
    LeftUnexamined,
    /// It is decided on what is there.
    Decided,
}

/// Form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyForm {
    /// Any form.
    Any,
    /// As the customer asked.
    AsRequested,
    /// As the complaint was made, unless the customer chooses.
    SameAsFiled,
    /// On paper or another durable medium.
    PaperOrDurable,
    /// In writing, signed.
    WrittenSigned,
    /// Electronic.
    Electronic,
}

impl ReplyForm {
    /// How much it asks for: an answer in a stricter form is one in every laxer form, too.
    pub(crate) fn strictness(self) -> u8 {
        match self {
            Self::Any => 0,
            Self::AsRequested => 1,
            Self::Electronic => 2,
            Self::PaperOrDurable => 3,
            Self::SameAsFiled => 4,
            Self::WrittenSigned => 5,
        }
    }
}

/// What a decision must contain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionContent {
    /// The outcome for every claim.
    Decision,
    /// Why, in fact.
    FactualReasons,
    /// Why, in law.
    LegalReasons,
    /// How to appeal.
    AppealInfo,
    /// Out-of-court resolution: whether the trader takes part, and the body.
    AdrInfo,
    /// Who signs, with name and function.
    Signatory,
    /// When it will be carried out.
    ExecutionDate,
    /// The authority to complain to.
    AuthorityInfo,
}

/// What the notice of an extension must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeContent {
    /// Why it takes longer.
    Reason,
    /// What has to be established.
    Circumstances,
    /// When the answer will come.
    NewDate,
}

/// How much the data of a regime can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// The text of the law was read.
    Text,
    /// Others' accounts of it were read.
    Secondary,
    /// Nothing was read, or the accounts disagree.
    Unverified,
    /// A choice of the organisation, where no law sets it.
    Policy,
}
