//! The customer's object that a ticket is about: an order, an invoice or a service.

/// What kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// Something ordered.
    Order,
    /// Something invoiced.
    Invoice,
    /// A service that is used: a contract, a line, a metering point.
    Service,
}

/// A thing in the organisation's own records; two are the same if kind and id are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessObject {
    /// What kind of thing it is.
    pub kind: ObjectKind,
    /// Its id there; no personal data.
    pub id: String,
}
