//! Which policy applies to a ticket.
use std::sync::Arc;

use jiff::Timestamp;

use super::{Draft, Entitlement, Policies, Policy, PolicyError, Scope};
use crate::priority::TicketType;

fn at(day: &str) -> Timestamp {
    format!("{day}T00:00:00Z").parse().unwrap()
}

fn draft(id: &str, scope: Scope) -> Draft {
    Draft { id: id.to_owned(), scope, ..Policy::pl_standard().draft().clone() }
}

fn policies(published: &[(&str, Scope, &str)]) -> Policies {
    let mut policies = Policies::new(Arc::new(Policy::pl_standard()));
    for (id, scope, from) in published {
        policies.publish(Arc::new(Policy::new(draft(id, scope.clone())).unwrap()), at(from));
    }
    policies
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn ticket(ticket_type: TicketType, segment: &str, contracts: &[&str]) -> Entitlement {
    Entitlement { ticket_type, segment: segment.to_owned(), contracts: names(contracts) }
}

#[test]
fn the_narrowest_policy_promises() {
    let policies = policies(&[
        ("ACME", Scope::Contracts(names(&["C-1", "C-2"])), "2026-01-01"),
        ("GOLD", Scope::Segments(names(&["gold"])), "2026-02-01"),
        ("OUTAGES", Scope::TicketTypes(vec![TicketType::Incident]), "2026-03-01"),
        ("HOUSE", Scope::Everybody, "2026-04-01"),
    ]);
    let of = |ticket: Entitlement, day| policies.of(&ticket, at(day)).id().to_owned();
    let all = ticket(TicketType::Incident, "gold", &["C-9", "C-2"]);
    assert_eq!(of(all.clone(), "2026-05-01"), "ACME");
    assert_eq!(of(ticket(TicketType::Incident, "gold", &["C-9"]), "2026-05-01"), "GOLD");
    assert_eq!(of(ticket(TicketType::Incident, "silver", &[]), "2026-05-01"), "OUTAGES");
    assert_eq!(of(ticket(TicketType::Inquiry, "", &[]), "2026-05-01"), "HOUSE");
    // What has not begun promises nothing.
    assert_eq!(of(ticket(TicketType::Inquiry, "", &[]), "2026-03-31"), "PL_STANDARD");
    assert_eq!(of(all.clone(), "2025-12-31"), "PL_STANDARD");
    assert_eq!(policies.of_everybody(at("2026-05-01")).id(), "HOUSE");
}

#[test]
fn of_a_policy_the_version_in_force_says_whom_it_is_for() {
    let policies = policies(&[
        ("ACME", Scope::Contracts(names(&["C-1"])), "2026-01-01"),
        ("ACME", Scope::Contracts(names(&["C-2"])), "2026-02-01"),
        // Published last, in force first.
        ("ACME", Scope::Contracts(names(&["C-3"])), "2025-06-01"),
    ]);
    let of = |contract, day| {
        policies.of(&ticket(TicketType::Incident, "", &[contract]), at(day)).id().to_owned()
    };
    assert_eq!(of("C-1", "2026-01-15"), "ACME");
    assert_eq!(of("C-1", "2026-02-15"), "PL_STANDARD");
    assert_eq!(of("C-2", "2026-02-15"), "ACME");
    assert_eq!(of("C-3", "2025-07-01"), "ACME");
    assert_eq!(of("C-3", "2026-01-15"), "PL_STANDARD");
    assert_eq!(policies.in_force(at("2026-01-15")).count(), 2);
    assert_eq!(policies.in_force(at("2025-01-15")).count(), 1);
}

#[test]
fn of_two_as_narrow_the_one_that_began_later_promises() {
    let gold = || Scope::Segments(names(&["gold"]));
    let policies = policies(&[
        ("A", gold(), "2026-03-01"),
        ("B", gold(), "2026-02-01"),
        ("C", gold(), "2026-03-01"),
    ]);
    let of = |day| policies.of(&ticket(TicketType::Inquiry, "gold", &[]), at(day)).id().to_owned();
    assert_eq!(of("2026-02-15"), "B");
    assert_eq!(of("2026-03-15"), "C");
}

#[test]
fn a_scope_names_somebody_once() {
    for scope in [
        Scope::Contracts(Vec::new()),
        Scope::Segments(names(&["gold", "gold"])),
        Scope::Segments(names(&[""])),
        Scope::Contracts(names(&["c".repeat(65).as_str()])),
        Scope::TicketTypes(vec![TicketType::Inquiry, TicketType::Inquiry]),
    ] {
        assert_eq!(Policy::new(draft("X", scope)).unwrap_err(), PolicyError::Scope);
    }
}
