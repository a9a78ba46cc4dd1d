//! The master key is exchanged while people work, and the exchange dies in the middle.
use std::io::Write as _;
use std::process::Stdio;

use chassis::rpc::Role;
use sqlx::{Connection, Executor, PgConnection};
use testkit::{Nats, eventually};
use wire::intake::v1::GetTicketRequest;

use crate::load;
use crate::world::World;

const ROLES: [&str; 1] = ["intake"];

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn settings(first: &tempfile::NamedTempFile, further: &[&tempfile::NamedTempFile]) -> String {
    let further: Vec<_> = further.iter().map(|file| file.path()).collect();
    format!(
        "[intake]\nmaster_key_file = {:?}\nfurther_master_key_files = {further:?}\n",
        first.path()
    )
}

async fn subject(world: &World, ticket_id: &str) -> String {
    let mut agent = world.clients("ania", Role::Agent).intake;
    let request = GetTicketRequest { ticket_id: ticket_id.to_owned(), ..Default::default() };
    agent.get_ticket(request).await.unwrap().into_inner().ticket.unwrap().subject
}

async fn register(world: &World, place: usize) -> String {
    let mut customer = world.clients("portal", Role::Customer).intake;
    let answer = customer.register_ticket(load::register(place)).await.unwrap().into_inner();
    answer.ticket.unwrap().ticket_id
}

/// How many keys each master key wraps, the oldest first.
async fn wrapped(world: &World) -> Vec<i64> {
    sqlx::query_scalar(
        "select (select count(*) from keys.subject_key k
                  where k.master_id = m.master_id and k.wrapped is not null)
           from keys.master_key m order by m.master_id",
    )
    .fetch_all(world.db.pool())
    .await
    .unwrap()
}

/// Other settings than those that stand at the end of the file.
fn set(world: &World, settings: &str) {
    let text = std::fs::read_to_string(&world.config).unwrap();
    let base = text.split("[intake]").next().unwrap();
    std::fs::write(&world.config, format!("{base}{settings}")).unwrap();
}

async fn restart(world: &mut World, settings: &str) {
    world.kill("intake");
    set(world, settings);
    world.start(&ROLES).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_master_key_takes_over_though_it_is_killed_in_the_middle() {
    let nats = Nats::shared().await;
    let (old, new) = (file(&"o".repeat(40)), file(&"n".repeat(40)));
    let mut world = World::with(nats.url(), nats.prefix(), &settings(&old, &[])).await;
    world.start(&ROLES).await;
    let mut tickets = Vec::new();
    for place in 0..12 {
        tickets.push(register(&world, place).await);
    }
    // Every intake knows the new one before any wraps with it.
    restart(&mut world, &settings(&old, &[&new])).await;
    restart(&mut world, &settings(&new, &[&old])).await;
    tickets.push(register(&world, 12).await);
    assert_eq!(wrapped(&world).await, [12, 1]);
    let doctor = world.command(&["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("wraps 12 keys"));

    // The last key is held, so the rotation stands still before the end of the second batch.
    let mut held = PgConnection::connect(world.db.url()).await.unwrap();
    held.execute("begin").await.unwrap();
    held.execute(
        "select from keys.subject_key where master_id = 1 order by tenant desc, key_id desc limit 1
            for update",
    )
    .await
    .unwrap();
    let rotate = ["admin", "keys", "rotate", "--batch", "8"];
    let mut first = world.command(&rotate);
    let mut first = first.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually(|| async { wrapped(&world).await == [4, 9] }).await;
    first.kill().unwrap();
    first.wait().unwrap();
    held.execute("rollback").await.unwrap();

    // Half is done: everything is read, and new tickets come.
    for (place, ticket_id) in tickets.iter().enumerate() {
        assert_eq!(subject(&world, ticket_id).await, format!("Ticket {place}"));
    }
    tickets.push(register(&world, 13).await);
    let said = world.odzew(&rotate);
    assert!(
        said.contains("4 keys are wrapped anew; 1 master keys wrap nothing any more"),
        "{said}"
    );
    assert_eq!(wrapped(&world).await, [0, 14]);
    assert!(world.odzew(&rotate).contains("0 keys are wrapped anew; 0 master keys"));

    // The old one is not needed any more, and wraps nothing again.
    restart(&mut world, &settings(&new, &[])).await;
    for (place, ticket_id) in tickets.iter().enumerate() {
        assert_eq!(subject(&world, ticket_id).await, format!("Ticket {place}"));
    }
    world.kill("intake");
    set(&world, &settings(&old, &[&new]));
    let refused = world.command(&["rebuild", "intake"]).output().unwrap();
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && text.contains("superseded"), "{text}");
    set(&world, &settings(&old, &[]));
    let refused = world.command(&["rebuild", "intake"]).output().unwrap();
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && text.contains("another master key"), "{text}");
    set(&world, &settings(&new, &[]));
    world.stop().await;
}
