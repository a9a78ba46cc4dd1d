//! Postgres goes away and comes back.
use std::time::Duration;

use testkit::{Postgres, eventually};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use wire::intake::v1;

use crate::world::{World, agent, inbound, refusal};

fn come_again(status: &Status) -> bool {
    let delay = status.get_details_retry_info().and_then(|info| info.retry_delay);
    refusal(status) == (Code::Unavailable, "UNAVAILABLE".to_owned()) && delay.is_some()
}

#[tokio::test]
async fn while_the_log_is_away_callers_are_told_to_come_again() {
    let mut postgres = Postgres::own().await;
    let world = World::in_server(&postgres).await;
    let mut client = world.client.clone();
    let ticket = world.register().await;

    postgres.kill();
    let read = v1::GetTicketRequest { ticket_id: ticket.ticket_id.clone(), ..Default::default() };
    let status = client.get_ticket(agent(read)).await.unwrap_err();
    assert!(come_again(&status), "{status:?}");
    let message = inbound(&ticket.ticket_id);
    let status = client.add_message(agent(message.clone())).await.unwrap_err();
    assert!(come_again(&status), "{status:?}");

    postgres.start().await;
    eventually(|| {
        let (mut client, message) = (client.clone(), message.clone());
        async move { client.add_message(agent(message)).await.map(|_| ()) }
    })
    .await;
    assert_eq!(world.events(&ticket.ticket_id).await.len(), 4);
}

#[tokio::test]
async fn a_connection_that_is_cut_is_replaced_without_anybody_noticing() {
    let world = World::new().await;
    for _ in 0..3 {
        world.db.terminate_backends().await;
        eventually(|| async {
            let mut client = world.client.clone();
            client.register_ticket(agent(crate::world::register())).await.map(|_| ())
        })
        .await;
    }
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.register().await.messages.len(), 1);
}
