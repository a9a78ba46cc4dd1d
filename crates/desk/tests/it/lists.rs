//! Lists: filters, orders and pages.
use wire::common::v1::Priority;
use wire::desk::v1::{ListTicketsRequest, TicketOrder};
use wire::intake::v1::{HoldKind, TicketState, TicketType};
use wire::scalar::timestamp;
use wire::sla::v1::ClockKind;

use crate::facts::{Ticket, minutes};
use crate::world::{World, token};

/// The numbers of tickets 1 to n in the order given.
fn numbers(tickets: &[Ticket], order: impl IntoIterator<Item = usize>) -> Vec<String> {
    order.into_iter().map(|n| tickets[n - 1].number.clone()).collect()
}

#[tokio::test]
async fn filters_choose_and_combine() {
    let world = World::new().await;
    let t: Vec<Ticket> = (1..=6).map(Ticket::new).collect();
    let mut told: Vec<_> = t.iter().map(Ticket::registered).collect();
    told.extend([
        t[0].priority(Priority::P1),
        t[1].priority(Priority::P2),
        t[2].priority(Priority::P1),
        t[0].work_started(),
        t[1].held(HoldKind::Customer),
        t[2].closed(),
        t[3].classified(TicketType::Complaint, "INV/fee"),
        t[4].classified(TicketType::Payment, ""),
        t[0].queued("l1"),
        t[1].queued("l2"),
        t[0].assigned("anna"),
        t[1].assigned("anna"),
        t[4].clock(5, ClockKind::Ack, minutes(10)),
        t[5].clock(6, ClockKind::Ack, minutes(20)),
        t[5].clock_breached(6),
    ]);
    let at = world.tell(told).await;

    let all = || ListTicketsRequest {
        order: TicketOrder::ReceivedAsc.into(),
        consistency_token: Some(token(at)),
        ..Default::default()
    };
    let (new, open) = (TicketState::New.into(), TicketState::Open.into());
    let cases = [
        (all(), vec![1, 2, 3, 4, 5, 6]),
        (ListTicketsRequest { states: vec![open], ..all() }, vec![1]),
        (ListTicketsRequest { states: vec![open, new, new], ..all() }, vec![1, 4, 5, 6]),
        (ListTicketsRequest { priorities: vec![Priority::P1.into()], ..all() }, vec![1, 3]),
        (
            ListTicketsRequest {
                priorities: vec![Priority::P1.into(), Priority::P2.into()],
                states: vec![TicketState::WaitingCustomer.into(), open],
                ..all()
            },
            vec![1, 2],
        ),
        (ListTicketsRequest { types: vec![TicketType::Complaint.into()], ..all() }, vec![4]),
        (
            ListTicketsRequest {
                types: vec![TicketType::Complaint.into(), TicketType::Payment.into()],
                ..all()
            },
            vec![4, 5],
        ),
        (ListTicketsRequest { queue_id: "l2".into(), ..all() }, vec![2]),
        (ListTicketsRequest { agent_id: "anna".into(), ..all() }, vec![1, 2]),
        (ListTicketsRequest { agent_id: "anna".into(), queue_id: "l1".into(), ..all() }, vec![1]),
        (ListTicketsRequest { agent_id: "nobody".into(), ..all() }, vec![]),
        (ListTicketsRequest { breached: Some(true), ..all() }, vec![6]),
        (ListTicketsRequest { breached: Some(false), ..all() }, vec![1, 2, 3, 4, 5]),
        (ListTicketsRequest { due_before: Some(timestamp(minutes(20))), ..all() }, vec![5]),
        (ListTicketsRequest { due_before: Some(timestamp(minutes(21))), ..all() }, vec![5, 6]),
    ];
    for (request, expected) in cases {
        assert_eq!(world.numbers(request.clone()).await, numbers(&t, expected), "{request:?}");
    }
}

#[tokio::test]
async fn each_order_is_the_same_in_pages_of_any_size() {
    let world = World::new().await;
    // Pairs received at the same instant; every third is due, some at the same instant.
    let t: Vec<Ticket> = (0..30)
        .map(|n| Ticket { received_at: minutes(n / 2), ..Ticket::new(n.unsigned_abs() + 1) })
        .collect();
    let mut told = Vec::new();
    for (n, ticket) in (0..).zip(&t) {
        told.push(ticket.registered());
        match n % 4 {
            0 => told.push(ticket.work_started()),
            1 => told.push(ticket.closed()),
            _ => {}
        }
        if n % 3 == 0 {
            told.push(ticket.clock(1, ClockKind::Ack, minutes(1_000 - i64::from(n) / 6)));
        }
    }
    let at = world.tell(told).await;

    let due = |t: &Ticket, n: i64| (n % 3 == 0).then(|| (minutes(1_000 - n / 6), t.id));
    let mut by_received: Vec<_> = t.iter().collect();
    by_received.sort_by_key(|t| (t.received_at, t.id));
    let mut by_due: Vec<_> = (0..).zip(&t).collect();
    by_due.sort_by_key(|(n, t)| (due(t, *n).is_none(), due(t, *n), t.id));

    let ascending: Vec<_> = by_received.iter().map(|t| t.number.clone()).collect();
    let descending: Vec<_> = ascending.iter().rev().cloned().collect();
    let due: Vec<_> = by_due.iter().map(|(_, t)| t.number.clone()).collect();
    for (order, expected) in [
        (TicketOrder::Unspecified, &descending),
        (TicketOrder::ReceivedDesc, &descending),
        (TicketOrder::ReceivedAsc, &ascending),
        (TicketOrder::DueAsc, &due),
    ] {
        for page_size in [1, 4, 10, 29, 30, 0, 10_000] {
            let request = ListTicketsRequest {
                order: order.into(),
                page_size,
                consistency_token: Some(token(at)),
                ..Default::default()
            };
            assert_eq!(&world.numbers(request).await, expected, "{order:?} by {page_size}");
        }
    }
}

#[tokio::test]
async fn pages_stay_whole_while_new_tickets_arrive() {
    let world = World::new().await;
    let old: Vec<Ticket> = (1..=20).map(Ticket::new).collect();
    let mut at = world.tell(old.iter().map(Ticket::registered).collect()).await;
    let mut request = ListTicketsRequest { page_size: 3, ..Default::default() };
    let mut seen = Vec::new();
    for n in 100.. {
        request.consistency_token = Some(token(at));
        let page = world.list(request.clone()).await.unwrap();
        seen.extend(page.tickets.into_iter().map(|ticket| ticket.number));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
        at = world.tell(vec![Ticket::new(n).registered()]).await;
    }
    assert_eq!(seen, numbers(&old, (1..=20).rev()));
}

#[tokio::test]
async fn a_tenant_sees_its_own_tickets_only() {
    let world = World::new().await;
    let other = world.log.create_tenant("zeta").await.unwrap();
    let (ours, theirs) = (Ticket::new(1), Ticket::new(2));
    let at = world.tell(vec![ours.registered()]).await;
    let at_other = world.tell_to(&other, vec![theirs.registered()]).await;
    world.projected(at_other).await;
    world.projected(at).await;
    assert_eq!(world.numbers(ListTicketsRequest::default()).await, [ours.number]);
    let request = world.request_of("zeta", ListTicketsRequest::default());
    let page = world.client.clone().list_tickets(request).await.unwrap().into_inner();
    assert_eq!(page.tickets.len(), 1);
    assert_eq!(page.tickets[0].number, theirs.number);
}
