//! `odzew serve`: one role, or all of them in one process.

mod checks;
mod metrics;
mod role;

use std::sync::Arc;

use anyhow::{Context, Result};
use bus::{Bus, Consumer, Relay};
use chassis::clock::Clock;
use chassis::health::{Health, HttpServer};
use chassis::serve::Server;
use chassis::tasks::Tasks;
use eventlog::Log;

use self::metrics::Watched;
pub(crate) use self::role::Role;
use crate::config::Config;
use crate::failure::Misconfigured;
use crate::keys;

/// Runs until SIGTERM or Ctrl-C.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Role to run: intake, routing, sla, notification, desk, relay, or all.
    role: role::Choice,
}

/// # Errors
/// If a dependency is away at start, the schema is not at this version, a port is taken,
/// or a task ends before it was asked to.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let name = format!("odzew-{}", opts.role);
    let telemetry = chassis::telemetry::init(&name, &config.log, &config.telemetry)
        .context("set up logs, traces and metrics")?;
    let clock = config.clock.open(&config.listen.all()).context("open the clock")?;
    if let Some(now) = clock.instead_of_database() {
        let file = &config.clock.file;
        tracing::warn!(%now, file, "TIME IS NOT REAL: it stands where clock.file says");
    }
    let roles = opts.role.roles();
    if roles.contains(&Role::Intake) {
        intake::check_master_keys(&config.intake).context(Misconfigured)?;
    }
    let mut tasks = Tasks::new(config.shutdown.drain_limit);
    let mut watched = Vec::new();
    for role in roles {
        let started = start(role, &config, &clock, &mut tasks).await;
        watched.push(started.with_context(|| format!("start role {role}"))?);
        tracing::info!(%role, "role started");
    }
    metrics::register(watched);
    let ended = tasks.run().await.context("run until asked to stop");
    telemetry.shutdown();
    ended
}

/// Spawns a role's tasks; answers what metrics are read from.
async fn start(
    role: Role,
    config: &Config,
    clock: &Arc<dyn Clock>,
    tasks: &mut Tasks,
) -> Result<Watched> {
    let health = Health::new();
    // Readiness starts only when everything is spawned, in whatever order checks are registered.
    let started = health.check("start");
    let http = config.listen.http_of(role);
    let http = HttpServer::bind(http).await.with_context(|| format!("listen on {http}"))?;
    tasks.spawn(format!("{role} http"), http.serve(health.clone(), tasks.shutdown()));
    let bus = bus::connect(config.bus.clone()).await.context("connect to NATS")?;
    let pool = match role {
        Role::Relay => config.postgres.relay_pool().await?,
        _ => {
            config.postgres.service_pool(&role.to_string(), config.postgres.max_connections).await?
        }
    };
    let log = Log::open(pool, config.eventlog.clone()).await.context("open the log")?;
    checks::postgres(role, &log, &health, tasks);
    let watched = match role {
        Role::Relay => {
            bus.carries(config.eventlog.max_event_bytes)?;
            let relay = Relay::new(bus, log);
            let status = relay.status();
            tasks.spawn("relay", relay.run(tasks.served()));
            Watched::relay(status)
        }
        Role::Intake | Role::Routing | Role::Sla | Role::Notification | Role::Desk => {
            append(role, &log, &bus, tasks);
            follow(role, config, (log, bus), Arc::clone(clock), health, tasks).await?
        }
    };
    started.ready();
    Ok(watched)
}

async fn bind(role: Role, config: &Config) -> Result<Server> {
    let address = config.listen.grpc_of(role).context("a service has an address")?;
    let server = Server::bind(address, config.grpc.clone(), &config.auth).await;
    server.with_context(|| format!("listen on {address}"))
}

/// What a process that appends does besides: wakes the relay after commits, and ends with a
/// writer of the log.
fn append(role: Role, log: &Log, bus: &Bus, tasks: &mut Tasks) {
    let stop = tasks.served();
    tasks.spawn(format!("{role} wake"), bus::wake(bus.clone(), log.clone(), stop.clone()));
    let log = log.clone();
    tasks.spawn(format!("{role} log writers"), async move {
        tokio::select! {
            () = log.writer_stopped() => anyhow::bail!("a writer of the log stopped"),
            () = stop.cancelled() => Ok(()),
        }
    });
}

/// Starts a service that follows the log.
async fn follow(
    role: Role,
    config: &Config,
    (log, bus): (Log, Bus),
    clock: Arc<dyn Clock>,
    health: Health,
    tasks: &mut Tasks,
) -> Result<Watched> {
    let mut watched = Watched::service(role, &log);
    let server = bind(role, config).await?;
    let listens_on = server.local_addr().ip();
    let stands = health.check("subscription");
    let (feed, consumer) = Consumer::new(&bus, &log);
    watched.consumer = Some(consumer.counters());
    tasks.spawn(format!("{role} consumer"), consumer.run(tasks.served()));
    let (live, subscription) = (Some(feed), config.subscription.clone());
    let status = match role {
        Role::Intake => {
            let threads = config.threads.tokens(listens_on)?;
            let (sealing, config) = (config.sealing.clone(), config.intake.clone());
            let parts = intake::Parts {
                config,
                threads,
                sealing,
                log,
                live,
                subscription,
                clock,
                server,
                health,
            };
            intake::start(parts, tasks).await
        }
        Role::Routing => {
            let sealing = keys::sealing(role, config)?;
            let config = config.routing.clone();
            let parts =
                routing::Parts { config, log, sealing, live, subscription, clock, server, health };
            routing::start(parts, tasks).await
        }
        Role::Sla => {
            let config = config.sla.clone();
            let parts = sla::Parts { config, log, live, subscription, clock, server, health };
            sla::start(parts, tasks).await
        }
        Role::Notification => {
            let threads = config.threads.tokens(listens_on)?;
            let sealing = keys::sealing(role, config)?;
            let config = config.notification.clone();
            let parts = notification::Parts {
                config,
                threads,
                log,
                sealing,
                live,
                subscription,
                clock,
                server,
                health,
            };
            notification::start(parts, tasks).await
        }
        Role::Desk => {
            let keys = keys::of_intake(role, config)?;
            let config = config.desk.clone();
            let parts = desk::Parts { config, log, keys, live, subscription, server, health };
            desk::start(parts, tasks).await
        }
        Role::Relay => unreachable!("{role} does not follow the log"),
    }?;
    checks::subscription(role, status.clone(), stands, tasks);
    watched.subscription = Some(status);
    Ok(watched)
}
