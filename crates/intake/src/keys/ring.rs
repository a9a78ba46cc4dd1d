//! The master keys of a process: the first wraps, each opens what it has wrapped.
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use eventlog::sealing::KeysAway;
use sqlx::PgPool;
use uuid::Uuid;

use super::master::{KeyBytes, MasterKey, WrapError};

/// How often a number for a new master key is tried while others take numbers.
const ATTEMPTS: usize = 5;

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

/// A master key that the store knows.
#[derive(Debug, sqlx::FromRow)]
struct Known {
    master_id: i16,
    check_sum: Vec<u8>,
    superseded: bool,
    retired: bool,
}

impl Ring {
    /// Takes the master keys as the store's: a new store takes any, another one those that come
    /// beside what its keys are wrapped with.
    pub(super) async fn take(
        pool: &PgPool,
        masters: Vec<Box<dyn MasterKey>>,
    ) -> anyhow::Result<Self> {
        let known = known(pool).await?;
        for needed in known.iter().filter(|known| !known.retired) {
            let has = masters.iter().any(|key| needed.is(&**key));
            ensure!(
                has || !wraps_any(pool, needed.master_id).await?,
                "the keys of personal data were wrapped with another master key than the \
                 configured ones (intake.master_key, intake.master_key_file, \
                 intake.further_master_key_files)"
            );
        }
        let mut keys = Vec::with_capacity(masters.len());
        for master in masters {
            keys.push((number(pool, &*master).await?, master));
        }
        Ok(Self { keys: Arc::new(keys) })
    }

    /// Refuses a first master key that a rotation has taken out of use.
    pub(super) async fn wraps(&self, pool: &PgPool) -> anyhow::Result<()> {
        let first = self.first();
        let known = known(pool).await?;
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

    pub(super) fn unwrap(&self, id: Uuid, wrapped: &Wrapped) -> Result<KeyBytes, KeysAway> {
        let mut masters = self.keys.iter();
        let master = masters.find(|(master_id, _)| *master_id == wrapped.master_id);
        let (_, master) = master.ok_or_else(|| {
            KeysAway::new("a key is wrapped with a master key that this process does not have")
        })?;
        master.unwrap(id, &wrapped.bytes).map_err(KeysAway::new)
    }
}

impl Known {
    fn is(&self, master: &dyn MasterKey) -> bool {
        self.check_sum == master.check_sum()
    }
}

async fn known(pool: &PgPool) -> anyhow::Result<Vec<Known>> {
    let known = sqlx::query_as(
        "select master_id, check_sum, superseded_at is not null as superseded,
                retired_at is not null as retired
           from keys.master_key order by master_id",
    );
    known.fetch_all(pool).await.context("look at the master keys of the key store")
}

async fn wraps_any(pool: &PgPool, master_id: i16) -> anyhow::Result<bool> {
    let wraps = sqlx::query_scalar(
        "select exists (select from keys.subject_key
                         where master_id = $1 and wrapped is not null)",
    );
    wraps.bind(master_id).fetch_one(pool).await.context("look at the key store")
}

/// The number of the master key; the next one if it is new.
async fn number(pool: &PgPool, master: &dyn MasterKey) -> anyhow::Result<i16> {
    let check_sum = master.check_sum();
    for _ in 0..ATTEMPTS {
        let known: Option<i16> =
            sqlx::query_scalar("select master_id from keys.master_key where check_sum = $1")
                .bind(check_sum.as_slice())
                .fetch_optional(pool)
                .await
                .context("look at the master keys of the key store")?;
        if let Some(known) = known {
            return Ok(known);
        }
        // Another process may take the same number, or the same key another one.
        sqlx::query(
            "insert into keys.master_key (master_id, check_sum)
             select coalesce(max(master_id), 0) + 1, $1 from keys.master_key
             on conflict do nothing",
        )
        .bind(check_sum.as_slice())
        .execute(pool)
        .await
        .context("note a master key in the key store")?;
    }
    anyhow::bail!("the key store gives no number for a new master key")
}
