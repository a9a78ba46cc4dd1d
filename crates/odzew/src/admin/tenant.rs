//! `odzew admin tenant`: creates and lists tenants.
use anyhow::{Context, Result};
use clap::Subcommand;

use crate::config::Config;
use crate::{output, tables};

/// Verbs about tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a tenant; making it again changes nothing.
    Create {
        /// Name: lower-case letters, digits and dashes, at most 40.
        name: String,
    },
    /// List the tenants and their partitions.
    List,
}

/// # Errors
/// If the name breaks its rule or the log cannot be reached.
pub(crate) async fn run(verb: Verb, config: Config) -> Result<()> {
    let log = super::open_log(&config).await?;
    match verb {
        Verb::Create { name } => {
            let tenant = log.create_tenant(&name).await.context("create the tenant")?;
            output::say(&format!("tenant {} is in partition {}", tenant.name, tenant.partition))
        }
        Verb::List => {
            let mut table = tables::table(["Tenant", "Key", "Partition"]);
            for tenant in log.tenants().await.context("list the tenants")? {
                table.add_row([
                    tenant.name.to_string(),
                    tenant.key.0.to_string(),
                    tenant.partition.to_string(),
                ]);
            }
            output::say(&table.to_string())
        }
    }
}
