//! The keys of personal data: one for each ticket, party and contact, wrapped by the master key in
//! the schema `keys`. A route is sealed with the key of its ticket. Destroying a key erases
//! everything that it seals, wherever that is stored.
//!
//! It forbids: storing an unwrapped key anywhere, and giving a key to anything but Odzew's own
//! roles.
mod making;
mod master;
mod ring;
mod rotation;
mod store;

use std::net::IpAddr;

use anyhow::{Context as _, ensure};
use eventlog::Log;
use eventlog::sealing::{Sealing, Settings};
use sqlx::PgPool;

use crate::config::Config;
use master::{LocalKey, MasterKey};
use ring::Ring;

pub(crate) use master::KeyBytes;
pub use rotation::{MasterKeyUse, Rotated, master_keys, rotate_master_key};
pub(crate) use store::Store;
pub(crate) use store::erasure::{destroy_of_party, destroy_of_ticket, sealed_of_party};

/// Most keys in one answer.
pub(crate) const MOST_KEYS: usize = 1_000;

/// Opens the key store with the master keys that it knows, or comes to know beside them.
///
/// # Errors
/// If a master key that is needed is not configured, the first one was superseded or is missing
/// where others could call, or one cannot be read.
pub(crate) async fn open(
    pool: PgPool,
    config: &Config,
    listens_on: Option<IpAddr>,
) -> anyhow::Result<Store> {
    let ring = ring(&pool, config).await?;
    ring.wraps(&pool).await?;
    ensure!(
        !ring.is_for_development() || listens_on.is_none_or(|address| address.is_loopback()),
        "intake.master_key or intake.master_key_file is required where the server listens beyond \
         this machine"
    );
    if ring.is_for_development() && listens_on.is_some() {
        tracing::warn!(
            "personal data are sealed under a master key that everybody knows: set \
             intake.master_key_file before the first real ticket"
        );
    }
    Ok(Store::new(pool, ring))
}

/// Whether the configured master keys can be read.
pub(crate) fn check(config: &Config) -> anyhow::Result<()> {
    LocalKey::read_all(config).context("read the master keys").map(drop)
}

/// The configured master keys.
async fn ring(pool: &PgPool, config: &Config) -> anyhow::Result<Ring> {
    let masters = LocalKey::read_all(config).context("read the master keys")?;
    let masters = masters.into_iter().map(|master| Box::new(master) as Box<dyn MasterKey>);
    Ring::take(pool, masters.collect()).await
}

/// The log as intake and its rebuilds read and write it.
pub(crate) fn sealing(log: Log, store: &Store, settings: &Settings) -> Log {
    log.sealing(Sealing::new(store.clone(), settings))
}
