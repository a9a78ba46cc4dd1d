//! Installs and upgrades the schemas of the log and of every service, their roles and grants.
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, PgPool};

use crate::error::Error;

/// The services that have a schema of their own, by name.
pub const SERVICES: [&str; 5] = ["intake", "routing", "sla", "notification", "desk"];

/// The roles under which the services and the relay act; `grants.sql` makes them.
const ROLES: [&str; 6] = [
    "odzew_log_writer",
    "odzew_intake",
    "odzew_routing",
    "odzew_sla",
    "odzew_notification",
    "odzew_desk",
];

/// Serialises migrations of one database; any constant does.
const LOCK: i64 = 0x6f64_7a65_7721;

/// How long a migration waits for the lock of a table, how often, and for how long it leaves the table
/// alone after the first, second, … time.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
const LOCK_ATTEMPTS: u32 = 5;
const LOCK_PAUSE: Duration = Duration::from_secs(1);

/// Migrating failed; what was finished before stays.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// No connection as the owner.
    #[error("cannot connect to migrate")]
    Connect(#[source] sqlx::Error),
    /// A migration of this schema failed, or an applied one was changed afterwards.
    #[error("cannot migrate schema {schema}")]
    Schema {
        /// The schema.
        schema: &'static str,
        /// The migrator's error.
        #[source]
        source: sqlx::migrate::MigrateError,
    },
    /// Roles and grants could not be applied.
    #[error("cannot grant the roles their rights")]
    Grants(#[source] sqlx::Error),
    /// Nobody of that name may connect.
    #[error(
        "there is no role \"{user}\", as which the services connect: create it (create role … login)"
    )]
    NoUser {
        /// The name.
        user: String,
    },
    /// Partitions could not be installed.
    #[error("cannot install the partitions")]
    Partitions(#[source] sqlx::Error),
    /// The log was installed with another number of partitions, which is fixed for ever.
    #[error("the log has {installed} partitions, not {wanted}")]
    PartitionCount {
        /// How many there are.
        installed: i64,
        /// How many were asked for.
        wanted: u16,
    },
}

impl MigrateError {
    /// A migration did not get the lock of a table in time; it was undone.
    fn is_locked(&self) -> bool {
        use sqlx::migrate::MigrateError as Source;
        let Self::Schema { source, .. } = self else { return false };
        let (Source::Execute(error) | Source::ExecuteMigration(error, _)) = source else {
            return false;
        };
        has_code(error, &["55P03"])
    }
}

/// A schema, its embedded migrations and the statement that lists the applied ones.
struct Schema {
    name: &'static str,
    migrator: fn() -> Migrator,
    applied: &'static str,
}

const SCHEMAS: [Schema; 7] = [
    Schema {
        name: "log",
        migrator: || sqlx::migrate!("../../migrations/log"),
        applied: "select version, checksum from log._sqlx_migrations where success",
    },
    Schema {
        name: "intake",
        migrator: || sqlx::migrate!("../../migrations/intake"),
        applied: "select version, checksum from intake._sqlx_migrations where success",
    },
    Schema {
        name: "keys",
        migrator: || sqlx::migrate!("../../migrations/keys"),
        applied: "select version, checksum from keys._sqlx_migrations where success",
    },
    Schema {
        name: "routing",
        migrator: || sqlx::migrate!("../../migrations/routing"),
        applied: "select version, checksum from routing._sqlx_migrations where success",
    },
    Schema {
        name: "sla",
        migrator: || sqlx::migrate!("../../migrations/sla"),
        applied: "select version, checksum from sla._sqlx_migrations where success",
    },
    Schema {
        name: "notification",
        migrator: || sqlx::migrate!("../../migrations/notification"),
        applied: "select version, checksum from notification._sqlx_migrations where success",
    },
    Schema {
        name: "desk",
        migrator: || sqlx::migrate!("../../migrations/desk"),
        applied: "select version, checksum from desk._sqlx_migrations where success",
    },
];

/// Brings every schema to this binary's version and installs `partitions` partitions.
///
/// `options` connect as the owner (a superuser, or a role that may create schemas and roles).
/// Running it again changes nothing; two at once wait for each other.
///
/// # Errors
/// [`MigrateError`], naming the step.
pub async fn migrate(options: &PgConnectOptions, partitions: u16) -> Result<(), MigrateError> {
    let mut guard = options.connect().await.map_err(MigrateError::Connect)?;
    sqlx::query("select pg_advisory_lock($1)")
        .bind(LOCK)
        .execute(&mut guard)
        .await
        .map_err(MigrateError::Connect)?;
    for schema in &SCHEMAS {
        run(schema, options).await?;
    }
    sqlx::raw_sql(include_str!("../sql/grants.sql"))
        .execute(&mut guard)
        .await
        .map_err(MigrateError::Grants)?;
    install_partitions(&mut guard, partitions).await?;
    // Closing the connection gives the lock back; a failure above does so by dropping it.
    guard.close().await.map_err(MigrateError::Connect)
}

/// Brings a schema to this version. A statement that waits for a table's lock makes all others wait
/// behind it, so a migration does not wait long, and tries again.
async fn run(schema: &Schema, options: &PgConnectOptions) -> Result<(), MigrateError> {
    let lock_timeout = LOCK_TIMEOUT.as_millis().to_string();
    let options = options
        .clone()
        .options([("search_path", schema.name), ("lock_timeout", lock_timeout.as_str())]);
    let mut attempt = 1;
    loop {
        match run_once(schema, &options).await {
            Err(error) if attempt < LOCK_ATTEMPTS && error.is_locked() => {
                tracing::warn!(schema = schema.name, attempt, "a table is in use: tried again");
                tokio::time::sleep(LOCK_PAUSE * attempt).await;
                attempt += 1;
            }
            done => return done,
        }
    }
}

async fn run_once(schema: &Schema, options: &PgConnectOptions) -> Result<(), MigrateError> {
    let mut connection = options.connect().await.map_err(MigrateError::Connect)?;
    let mut migrator = (schema.migrator)();
    migrator.create_schema(schema.name);
    // The lock above covers all schemas; the migrator's own is the same for each of them.
    migrator.set_locking(false);
    migrator
        .run(&mut connection)
        .await
        .map_err(|source| MigrateError::Schema { schema: schema.name, source })?;
    connection.close().await.map_err(MigrateError::Connect)
}

/// Lets `user`, as whom the services connect, act under their roles. Running it again changes
/// nothing.
///
/// # Errors
/// [`MigrateError::NoUser`], or that the owner may not grant the roles.
pub async fn grant_roles(options: &PgConnectOptions, user: &str) -> Result<(), MigrateError> {
    let mut connection = options.connect().await.map_err(MigrateError::Connect)?;
    let exists: bool =
        sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
            .bind(user)
            .fetch_one(&mut connection)
            .await
            .map_err(MigrateError::Grants)?;
    if !exists {
        return Err(MigrateError::NoUser { user: user.to_owned() });
    }
    for role in ROLES {
        // Since Postgres 16 a member need not be allowed to act under the role.
        let missing: Option<String> = sqlx::query_scalar(
            "select format('grant %I to %I', $1, $2) where not pg_has_role($2::name, $1::name,
                 case when current_setting('server_version_num')::int < 160000
                      then 'member' else 'set' end)",
        )
        .bind(role)
        .bind(user)
        .fetch_optional(&mut connection)
        .await
        .map_err(MigrateError::Grants)?;
        let Some(grant) = missing else { continue };
        let granted = sqlx::raw_sql(AssertSqlSafe(grant)).execute(&mut connection).await;
        // Roles belong to the whole cluster: somebody else may grant it at the same moment.
        if let Err(error) = granted
            && !has_code(&error, &["23505"])
        {
            return Err(MigrateError::Grants(error));
        }
    }
    connection.close().await.map_err(MigrateError::Connect)
}

async fn install_partitions(
    connection: &mut PgConnection,
    wanted: u16,
) -> Result<(), MigrateError> {
    let installed: i64 = sqlx::query_scalar("select count(*) from log.partition")
        .fetch_one(&mut *connection)
        .await
        .map_err(MigrateError::Partitions)?;
    if installed == i64::from(wanted) {
        return Ok(());
    }
    if installed != 0 || wanted == 0 {
        return Err(MigrateError::PartitionCount { installed, wanted });
    }
    sqlx::query("insert into log.partition (partition) select generate_series(0, $1 - 1)")
        .bind(i32::from(wanted))
        .execute(connection)
        .await
        .map_err(MigrateError::Partitions)?;
    Ok(())
}

/// The migrations of the schema of `service`, to make another generation of its tables.
///
/// # Panics
/// If there is no service of that name; see [`SERVICES`].
#[must_use]
pub fn migrator(service: &str) -> Migrator {
    assert!(SERVICES.contains(&service), "there is no service {service}");
    let schema = SCHEMAS.iter().find(|schema| schema.name == service);
    (schema.expect("every service has a schema").migrator)()
}

/// Whether the log and the schemas of `service` (intake has the keys, too) are at this binary's
/// version: every embedded migration is applied, unchanged. Newer ones may be there too (a rolling
/// upgrade).
///
/// # Errors
/// [`Error::Query`] if Postgres does not answer. A schema that is missing is not an error
/// but simply not current.
///
/// # Panics
/// If there is no service of that name; see [`SERVICES`].
pub async fn schema_current(pool: &PgPool, service: &str) -> Result<bool, Error> {
    assert!(SERVICES.contains(&service), "there is no service {service}");
    let keys = (service == "intake").then_some("keys");
    let wanted =
        |schema: &&Schema| ["log", service].contains(&schema.name) || keys == Some(schema.name);
    for schema in SCHEMAS.iter().filter(wanted) {
        let applied: Result<Vec<(i64, Vec<u8>)>, _> =
            sqlx::query_as(schema.applied).fetch_all(pool).await;
        let applied = match applied {
            Ok(applied) => applied,
            Err(error) if is_missing(&error) => return Ok(false),
            Err(error) => return Err(Error::query("read the schema's version")(error)),
        };
        let current = (schema.migrator)().iter().all(|wanted| {
            applied.iter().any(|(version, checksum)| {
                *version == wanted.version && *checksum == *wanted.checksum
            })
        });
        if !current {
            return Ok(false);
        }
    }
    Ok(true)
}

/// No such schema or table, or not yet granted: the migration has not got there.
fn is_missing(error: &sqlx::Error) -> bool {
    has_code(error, &["42P01", "3F000", "42501"])
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.is_some_and(|code| codes.contains(&&*code))
}
