//! A client that never gives up: it repeats every call with the same request id until it is
//! answered, as clients are told to.
use std::sync::LazyLock;
use std::time::Duration;

use chassis::clock::{Clock as _, System};
use chassis::rpc::Role;
use tonic::{Code, Status};
use uuid::Uuid;
use wire::common::v1::sealed::Content;
use wire::common::v1::{Channel, Sealed};
use wire::intake::v1::{
    NewPromise, PromiseKind, RegisterTicketRequest, Requester, ResolveTicketRequest,
    SendReplyRequest, TicketType,
};
use wire::routing::v1::{Agent, PutAgentRequest, PutQueueRequest, PutTeamRequest, Queue, Team};

use crate::world::{Clients, World};

/// What was acknowledged for one ticket.
pub(crate) struct Acknowledged {
    pub(crate) ticket_id: String,
    pub(crate) resolved: bool,
}

/// What a first answer promises: news in a year; always the same instant, so that the same request
/// can be repeated.
fn news_soon() -> NewPromise {
    static IN_A_YEAR: LazyLock<i64> =
        LazyLock::new(|| System.now().as_second() + 365 * 24 * 60 * 60);
    let due_at = Some(prost_types::Timestamp { seconds: *IN_A_YEAR, nanos: 0 });
    NewPromise { kind: PromiseKind::NextUpdate.into(), due_at }
}

pub(crate) fn reply(request_id: &str, ticket_id: &str, body: &str) -> SendReplyRequest {
    SendReplyRequest {
        request_id: request_id.to_owned(),
        ticket_id: ticket_id.to_owned(),
        etag: String::new(),
        channel: Channel::Email.into(),
        body: body.to_owned(),
        promise: Some(news_soon()),
        ..Default::default()
    }
}

pub(crate) fn register(number: usize) -> RegisterTicketRequest {
    RegisterTicketRequest {
        request_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("load-{number}").as_bytes())
            .to_string(),
        r#type: TicketType::Incident.into(),
        channel: Channel::Email.into(),
        subject: format!("Ticket {number}"),
        body: "It does not work.".into(),
        requester: Some(Requester {
            name: "Anna".into(),
            email: format!("customer-{number}@example.org"),
            party_id: String::new(),
        }),
        language: if number.is_multiple_of(2) { "pl" } else { "en" }.into(),
        ..Default::default()
    }
}

/// A queue, a team and an agent who takes everything.
pub(crate) async fn directory(world: &World) {
    let mut clients = world.clients("admin", Role::Admin);
    let id = |what: &str| Uuid::new_v5(&Uuid::NAMESPACE_OID, what.as_bytes()).to_string();
    let team =
        Team { team_id: "all".into(), display_name: "Everybody".into(), ..Default::default() };
    let request = PutTeamRequest { request_id: id("team"), team: Some(team) };
    clients.directory.put_team(request).await.unwrap();
    let queue = Queue {
        queue_id: "all".into(),
        display_name: "Everything".into(),
        level: 1,
        team_id: "all".into(),
        accept_within_s: 900,
        fallback: true,
    };
    let request = PutQueueRequest { request_id: id("queue"), queue: Some(queue) };
    clients.directory.put_queue(request).await.unwrap();
    let clear = |text: &str| Some(Sealed { content: Some(Content::Clear(text.into())) });
    let agent = Agent {
        agent_id: "ania".into(),
        display_name: clear("Ania"),
        email: clear("ania@acme.example.org"),
        team_ids: vec!["all".into()],
        skills: vec![],
        capacity: 1_000,
        language: "pl".into(),
        available: Some(true),
    };
    let request =
        PutAgentRequest { request_id: id("agent"), agent: Some(agent), keep_teams: false };
    clients.directory.put_agent(request).await.unwrap();
}

/// Registers tickets, answers each and resolves every third, several at a time.
pub(crate) async fn run(world: &World, tickets: std::ops::Range<usize>) -> Vec<Acknowledged> {
    let clients = world.clients("ania", Role::Agent);
    let workers = 8;
    let lanes = (0..workers).map(|lane| {
        let clients = clients.clone();
        let numbers: Vec<usize> =
            tickets.clone().filter(|number| number % workers == lane).collect();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for number in numbers {
                acknowledged.push(one(clients.clone(), number).await);
            }
            acknowledged
        })
    });
    let mut all = Vec::new();
    for lane in futures::future::join_all(lanes).await {
        all.extend(lane.unwrap());
    }
    all
}

async fn one(clients: Clients, number: usize) -> Acknowledged {
    let answer = insist(|| {
        let mut clients = clients.clone();
        async move { clients.intake.register_ticket(register(number)).await }
    })
    .await;
    let ticket_id = answer.into_inner().ticket.unwrap().ticket_id;
    let request_id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("reply-{number}").as_bytes());
    let reply = reply(&request_id.to_string(), &ticket_id, "We are looking into it.");
    insist(|| {
        let (mut clients, reply) = (clients.clone(), reply.clone());
        async move { clients.intake.send_reply(reply).await }
    })
    .await;
    let resolved = number.is_multiple_of(3);
    if resolved {
        let resolve = ResolveTicketRequest {
            request_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("solve-{number}").as_bytes())
                .to_string(),
            ticket_id: ticket_id.clone(),
            resolution_code: "FIXED".into(),
            summary: "It works again.".into(),
            ..Default::default()
        };
        insist(|| {
            let (mut clients, resolve) = (clients.clone(), resolve.clone());
            async move { clients.intake.resolve_ticket(resolve).await }
        })
        .await;
    }
    Acknowledged { ticket_id, resolved }
}

/// Repeats a call until it is answered. Only an answer that says "try again" or no answer
/// is repeated; anything else is a failure of the test.
async fn insist<T, F>(call: impl Fn() -> F) -> T
where
    F: Future<Output = Result<T, Status>>,
{
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        match tokio::time::timeout(Duration::from_secs(10), call()).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(status)) => {
                let again = [
                    Code::Unavailable,
                    Code::Unknown,
                    Code::Cancelled,
                    Code::DeadlineExceeded,
                    Code::ResourceExhausted,
                    Code::Aborted,
                ];
                assert!(again.contains(&status.code()), "refused: {status:?}");
            }
            Err(_) => {}
        }
        assert!(tokio::time::Instant::now() < deadline, "no answer for a minute");
        tokio::task::yield_now().await;
    }
}
