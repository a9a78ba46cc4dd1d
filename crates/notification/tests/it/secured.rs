//! A mail server that wants to be spoken to in secret, by somebody it knows.
use std::path::Path;

use chassis::secret::Secret;
use notification::{Config, TlsMode};
use testkit::{Security, Tls, eventually};
use wire::notification::v1::NoticeState;

use crate::world::World;

const USER: &str = "odzew";
const PASSWORD: &str = "zażółć gęślą jaźń";

/// A world whose mail server is secured so, its certificate in `folder`.
async fn world(folder: &Path, tls: Tls, change: impl FnOnce(&mut Config)) -> World {
    let ca_file = folder.join("ca.pem");
    let security = Security::new(tls, &ca_file, USER, PASSWORD).unwrap();
    World::secured(security, |config| {
        config.email.tls = match tls {
            Tls::Implicit => TlsMode::Tls,
            Tls::Starttls => TlsMode::Starttls,
        };
        config.email.ca_file = ca_file.display().to_string();
        config.email.username = USER.to_owned();
        config.email.password = Secret::new(PASSWORD);
        change(config);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_over_tls_to_a_server_that_an_own_authority_vouches_for() {
    for tls in [Tls::Implicit, Tls::Starttls] {
        let folder = tempfile::tempdir().unwrap();
        let world = world(folder.path(), tls, |_| {}).await;
        let id = world.ticket("pl").await;
        world.only_notice(id, NoticeState::Sent).await;
        assert_eq!(world.smtp.messages().len(), 1, "{tls:?}");
    }
}

/// Waits until an attempt has failed so, and nothing has left.
async fn fails(world: &World, code: &str) {
    let id = world.ticket("pl").await;
    eventually(|| async {
        match world.notices(id).await.pop() {
            Some(notice) if notice.last_error == code => Ok::<_, String>(Some(())),
            other => Err(format!("{other:?}")),
        }
    })
    .await;
    assert!(world.smtp.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_to_a_server_that_nobody_vouches_for() {
    for tls in [Tls::Implicit, Tls::Starttls] {
        let folder = tempfile::tempdir().unwrap();
        let world = world(folder.path(), tls, |config| config.email.ca_file.clear()).await;
        fails(&world, "SMTP_TLS").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_a_delay_and_loses_no_mail() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = |config: &mut Config| config.email.password = Secret::new("guessed");
    fails(&world(folder.path(), Tls::Starttls, wrong).await, "SMTP_535").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_gets_neither_password_nor_mail() {
    let plain = World::with(|config| {
        config.email.tls = TlsMode::Starttls;
        config.email.username = USER.to_owned();
        config.email.password = Secret::new(PASSWORD);
    })
    .await;
    fails(&plain, "SMTP_TLS").await;
}
