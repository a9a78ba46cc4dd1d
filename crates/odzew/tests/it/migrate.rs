//! A server on which there is no database yet, and users who may not do everything.
use std::process::{Command, Output, Stdio};

use sqlx::Connection as _;
use testkit::Postgres;

fn odzew(verb: &str, urls: [&str; 2]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_odzew"));
    command.env("ODZEW_POSTGRES__URL", urls[0]).env("ODZEW_POSTGRES__ADMIN_URL", urls[1]);
    command.arg(verb).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_migrate_a_server_without_the_database_and_let_the_services_user_act() {
    let server = Postgres::own().await;
    let admin = server.url().replace("/postgres", "/fresh");
    assert!(admin.ends_with("/fresh"), "{admin}");
    let services = admin.replace("//odzew@", "//app@");
    let urls = [services.as_str(), admin.as_str()];

    let at_once = [(); 4].map(|()| odzew("migrate", [&admin, &admin]).spawn().unwrap());
    for process in at_once {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }

    let refused = odzew("migrate", urls).output().unwrap();
    assert!(!refused.status.success() && told(&refused).contains("there is no role \"app\""));
    let mut connection = sqlx::PgConnection::connect(&admin).await.unwrap();
    sqlx::raw_sql("create role app login").execute(&mut connection).await.unwrap();
    let doctor = |partitions: &str| {
        let mut doctor = odzew("doctor", urls);
        doctor.arg("--json").env("ODZEW_BUS__URL", "nats://127.0.0.1:1");
        doctor.env("ODZEW_POSTGRES__PARTITIONS", partitions);
        String::from_utf8_lossy(&doctor.output().unwrap().stdout).into_owned()
    };
    let before = doctor("4");
    let denied = before.matches("permission denied to set role").count();
    assert_eq!(denied, eventlog::SERVICES.len(), "told once of each: {before}");
    for _ in 0..2 {
        let output = odzew("migrate", urls).output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }
    let after = doctor("4");
    assert!(!after.contains("permission denied") && after.contains("at this version"), "{after}");
    let more = "the log has 4, postgres.partitions is 8";
    assert!(!after.contains("postgres.partitions") && doctor("8").contains(more), "{after}");
}
