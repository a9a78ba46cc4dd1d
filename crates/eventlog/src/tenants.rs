//! The tenants and their partitions.
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sqlx::PgPool;

use crate::cursor::Partition;
use crate::error::Error;

/// The key under which a tenant's events are stored. It is drawn by chance: a restored log must not
/// give another tenant the key of one that it has lost, whose events somebody may still hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantKey(pub i32);

/// A tenant. It never moves to another partition and never changes its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its key in the log.
    pub key: TenantKey,
    /// Its name in the API.
    pub name: Arc<str>,
    /// Where its events are.
    pub partition: Partition,
}

/// The tenants this process has met. Only existing ones are kept, so the cache is bounded by
/// the table and a tenant created elsewhere is found at its first mention.
#[derive(Debug, Default)]
pub(crate) struct Tenants {
    /// Written by the first look-up of a tenant.
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    by_name: HashMap<Arc<str>, Tenant>,
    by_key: HashMap<TenantKey, Tenant>,
}

type Row = (i32, String, i16);

impl Tenants {
    pub(crate) async fn by_name(&self, pool: &PgPool, name: &str) -> Result<Option<Tenant>, Error> {
        let known =
            self.known.read().unwrap_or_else(PoisonError::into_inner).by_name.get(name).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let row: Option<Row> = sqlx::query_as(include_str!("../sql/tenant_by_name.sql"))
            .bind(name)
            .fetch_optional(pool)
            .await
            .map_err(Error::query("look a tenant up"))?;
        Ok(row.map(|row| self.remember(row)))
    }

    pub(crate) async fn by_key(
        &self,
        pool: &PgPool,
        key: TenantKey,
    ) -> Result<Option<Tenant>, Error> {
        let known =
            self.known.read().unwrap_or_else(PoisonError::into_inner).by_key.get(&key).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let row: Option<Row> = sqlx::query_as(include_str!("../sql/tenant_by_key.sql"))
            .bind(key.0)
            .fetch_optional(pool)
            .await
            .map_err(Error::query("look a tenant up"))?;
        Ok(row.map(|row| self.remember(row)))
    }

    pub(crate) async fn all(&self, pool: &PgPool) -> Result<Vec<Tenant>, Error> {
        let rows: Vec<Row> = sqlx::query_as(include_str!("../sql/tenants.sql"))
            .fetch_all(pool)
            .await
            .map_err(Error::query("list tenants"))?;
        Ok(rows.into_iter().map(|row| self.remember(row)).collect())
    }

    pub(crate) async fn create(&self, pool: &PgPool, name: &str) -> Result<Tenant, Error> {
        if !is_name(name) {
            return Err(Error::TenantName(name.to_owned()));
        }
        sqlx::query(include_str!("../sql/create_tenant.sql"))
            .bind(name)
            .execute(pool)
            .await
            .map_err(Error::query("create a tenant"))?;
        // Without a row there was no partition to place it on.
        self.by_name(pool, name).await?.ok_or(Error::NotInstalled)
    }

    /// Forgets everything: the log may have other tenants than before.
    pub(crate) fn forget(&self) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Known::default();
    }

    fn remember(&self, (key, name, partition): Row) -> Tenant {
        let tenant =
            Tenant { key: TenantKey(key), name: name.into(), partition: Partition(partition) };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.by_name.insert(Arc::clone(&tenant.name), tenant.clone());
        known.by_key.insert(tenant.key, tenant.clone());
        tenant
    }
}

/// `[a-z0-9][a-z0-9-]{0,39}`, as the table checks it.
fn is_name(name: &str) -> bool {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (1..=40).contains(&name.len()) && name.bytes().all(allowed) && !name.starts_with('-')
}
