//! The master keys of a process: the first wraps new keys, each unwraps the keys that it wrapped.
use std::sync::Arc;

use anyhow::ensure;
use sqlx::PgPool;
use uuid::Uuid;

use super::master::{KeyBytes, MasterKey, WrapError};
use super::store::masters;

/// A key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrapped {
    /// Number of the master key that wraps it.
    pub(super) master_id: i16,
    pub(super) bytes: Vec<u8>,
}

/// The configured master keys with the numbers that the store knows them by. Clones share them.
#[derive(Clone)]
pub(super) struct Ring {
    keys: Arc<Vec<(i16, Box<dyn MasterKey>)>>,
}

impl Ring {
    /// Takes the master keys as the store's: a new store takes any, another one those that come
    /// beside what its keys are wrapped with.
    pub(super) async fn take(
        pool: &PgPool,
        masters: Vec<Box<dyn MasterKey>>,
    ) -> anyhow::Result<Self> {
        let known = masters::known(pool).await?;
        for needed in known.iter().filter(|known| !known.retired) {
            let has = masters.iter().any(|key| needed.check_sum == key.check_sum());
            ensure!(
                has || !masters::wraps_any(pool, needed.master_id).await?,
                "the keys of personal data were wrapped with another master key than the \
                 configured ones (intake.master_key, intake.master_key_file, \
                 intake.further_master_key_files)"
            );
        }
        let mut keys = Vec::with_capacity(masters.len());
        for master in masters {
            keys.push((masters::number(pool, master.check_sum()).await?, master));
        }
        Ok(Self { keys: Arc::new(keys) })
    }

    /// Refuses a first master key that a rotation has taken out of use.
    pub(super) async fn wraps(&self, pool: &PgPool) -> anyhow::Result<()> {
        let first = self.first();
        let known = masters::known(pool).await?;
        ensure!(
            known.iter().any(|known| known.master_id == first && !known.superseded),
            "the first master key was superseded by a rotation: configure the new one first, and \
             this one in intake.further_master_key_files while it still wraps keys"
        );
        Ok(())
    }

    /// Number of the one that wraps.
    pub(super) fn first(&self) -> i16 {
        self.keys[0].0
    }

    pub(super) fn is_for_development(&self) -> bool {
        self.keys[0].1.is_for_development()
    }

    pub(super) fn wrap(&self, id: Uuid, key: &KeyBytes) -> Result<Wrapped, WrapError> {
        let (master_id, master) = &self.keys[0];
        Ok(Wrapped { master_id: *master_id, bytes: master.wrap(id, key)? })
    }

    pub(super) fn unwrap(&self, id: Uuid, wrapped: &Wrapped) -> Result<KeyBytes, Closed> {
        let mut masters = self.keys.iter();
        let master = masters.find(|(master_id, _)| *master_id == wrapped.master_id);
        let (_, master) = master.ok_or(Closed::NoMaster)?;
        master.unwrap(id, &wrapped.bytes).map_err(Closed::Damaged)
    }
}

/// Why a key was not opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum Closed {
    /// Another process may have that master key.
    #[error("a key is wrapped with a master key that this process does not have")]
    NoMaster,
    /// Its own master key does not open it.
    #[error("a key was damaged")]
    Damaged(#[source] WrapError),
}
