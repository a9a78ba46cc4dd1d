//! The keys of personal data: one for each ticket, party and contact, wrapped by the master key
//! in the schema `keys`. What routing says in a ticket's route is sealed with the ticket's. Whoever destroys a key erases what it seals, wherever that stands.
//!
//! It forbids: keeping a key anywhere unwrapped, and giving one to anybody but Odzew itself.
mod making;
mod master;
mod store;

use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use eventlog::Log;
use eventlog::sealing::{Sealing, Settings};
use sqlx::PgPool;

use crate::config::Config;
use master::LocalKey;

pub(crate) use master::KeyBytes;
pub(crate) use store::{Store, destroy_of_party};

/// Most keys in one answer.
pub(crate) const MOST_KEYS: usize = 1_000;

/// Opens the key store, which takes its first master key as its own and no other one after it.
///
/// # Errors
/// If the master key is not the store's, is missing where others could call, or cannot be read.
pub(crate) async fn open(
    pool: PgPool,
    config: &Config,
    listens_on: Option<IpAddr>,
) -> anyhow::Result<Store> {
    let master = LocalKey::read(config).context("read the master key")?;
    ensure!(
        !master.is_for_development() || listens_on.is_none_or(|address| address.is_loopback()),
        "intake.master_key or intake.master_key_file is required where the server listens beyond \
         this machine"
    );
    if master.is_for_development() && listens_on.is_some() {
        tracing::warn!(
            "personal data are sealed under a master key that everybody knows: set \
             intake.master_key_file before the first real ticket, it cannot be changed later"
        );
    }
    let store = Store::new(pool, Arc::new(master));
    let own = store.take_master_key().await.context("look at the key store")?;
    ensure!(
        own,
        "the keys of personal data were wrapped with another master key than the configured one \
         (intake.master_key, intake.master_key_file)"
    );
    Ok(store)
}

/// The log as intake and its rebuilds read and write it.
pub(crate) fn sealing(log: Log, store: &Store, settings: &Settings) -> Log {
    log.sealing(Sealing::new(store.clone(), settings))
}
