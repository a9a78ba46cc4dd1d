//! `odzew demo`: a day of tickets through the public API, with every role as a
//! process of its own.

mod complaint;
mod day;
mod directory;
mod expect;
mod feed;
mod mail;
mod people;
mod report;
mod roles;

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use chassis::clock::Clock;
use chassis::rpc::Role as Actor;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use self::roles::Roles;
use crate::client::{Caller, Services};
use crate::config::Config;
use crate::progress::Steps;
use crate::serve::Role;
use crate::tables;

/// Runs the demonstration against a Postgres and a nats-server that are already up.
#[derive(Debug, clap::Args)]
pub(crate) struct Opts {
    /// Folder for configuration, logs and mails.
    #[arg(long, default_value = ".run/demo")]
    folder: PathBuf,
    /// Check the outcome and end, instead of staying up until Ctrl-C.
    #[arg(long)]
    once: bool,
    /// Port of the demonstration's own mail server.
    #[arg(long, default_value_t = 7625)]
    mail_port: u16,
}

/// Runs the demonstration.
///
/// # Errors
/// If a role does not come up, a call is refused, or (`--once`) the day did not end
/// as expected.
pub(crate) async fn run(opts: Opts, config: Config) -> Result<()> {
    let mut steps = Steps::new(7);
    std::fs::create_dir_all(&opts.folder).context("create the demonstration's folder")?;
    let folder = opts.folder.canonicalize().context("find the demonstration's folder")?;

    steps.next("migrating the database");
    crate::admin::migrate::migrate(&config).await?;
    let log = crate::admin::open_log(&config).await?;
    for tenant in directory::tenants() {
        log.create_tenant(tenant).await.context("create a tenant")?;
    }

    steps.next("starting a local mail server");
    let mail_address = SocketAddr::from((Ipv4Addr::LOCALHOST, opts.mail_port));
    let listener = TcpListener::bind(mail_address).await.context("listen for mails")?;
    let mails = folder.join("mail");
    let mail_server = tokio::spawn(mail::serve(listener, mails.clone()));

    steps.next("starting the roles, each as a process of its own");
    let config_file = write_config(&folder, &config, mail_address)?;
    // From here on Ctrl-C is ours: the roles are out of its reach and must not outlive us.
    let interrupted = interrupted();
    let mut roles = Roles::start(&config_file, &folder.join("log"))?;
    let life = async {
        for role in Role::EACH {
            roles.ready(role, config.listen.http_of(role)).await?;
        }
        live(&opts, &config, &folder, &config_file, &log, &mut steps, &mut roles).await
    };
    let outcome = tokio::select! {
        outcome = life => outcome,
        () = interrupted => Ok(()),
    };
    mail_server.abort();
    steps.say("stopping the roles");
    roles.stop().await?;
    outcome
}

async fn live(
    opts: &Opts,
    config: &Config,
    folder: &Path,
    config_file: &Path,
    log: &eventlog::Log,
    steps: &mut Steps,
    roles: &mut Roles,
) -> Result<()> {
    let services = Services::new(&config.listen)?;
    steps.next("putting teams, queues, agents, rules, promises and customers in place");
    for tenant in directory::tenants() {
        let caller = Caller::new(tenant, "demo-admin", Actor::Admin)?;
        directory::put(tenant, &mut services.of(&caller)).await?;
        // Law is not an administrator's to publish.
        let caller = Caller::new(tenant, "demo-process-owner", Actor::ProcessOwner)?;
        directory::publish_law(tenant, &mut services.of(&caller)).await?;
        people::put(tenant, &services).await?;
    }
    steps.next("living the day (one promise is broken on purpose)");
    let lived = live_stories(&services).await?;
    steps.next("waiting until every read side has seen it");
    expect::met(&services, &lived, &folder.join("mail")).await?;
    steps.next("proving the log's hash chain");
    for &partition in log.partitions() {
        log.verify(partition).await.context("verify the log")?;
    }
    steps.done();
    let look = print(config, folder, config_file, log, &services, &lived).await?;
    if opts.once {
        say("Every expectation of the day holds.");
        return Ok(());
    }
    say(&format!("\nWhere to look next\n{look}"));
    say("Everything stays up. Ctrl-C stops it; the next start goes on from here.");
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        roles.check_alive()?;
    }
}

/// All stories at once, as on a real day.
async fn live_stories(services: &Services) -> Result<Vec<feed::Lived>> {
    let zone = report::zone()?;
    let today = chassis::clock::System.now().to_zoned(zone).date();
    people::call(services, today).await?;
    let stories =
        day::STORIES.iter().map(|story| tokio::spawn(feed::live(services.clone(), story, today)));
    let mut lived = Vec::new();
    for story in futures::future::join_all(stories).await {
        lived.push(story.context("a story panicked")??);
    }
    Ok(lived)
}

/// Prints what happened; answers where to look next.
async fn print(
    config: &Config,
    folder: &Path,
    config_file: &Path,
    log: &eventlog::Log,
    services: &Services,
    lived: &[feed::Lived],
) -> Result<String> {
    let zone = report::zone()?;
    for tenant in directory::tenants() {
        let tickets = report::tickets(services, tenant).await?;
        say(&format!("\nTickets of {tenant}\n{}", tables::tickets(&tickets, &zone)));
    }
    let complaints = report::complaints(services, complaint::TENANT).await?;
    let title = format!("\nRegister of complaints of {}", complaint::TENANT);
    say(&format!("{title}\n{}", complaint::table(&complaints)));
    let told = lived.iter().max_by_key(|lived| lived.story.steps.len()).context("a story")?;
    let entries = report::timeline(services, told.story.tenant, &told.ticket_id).await?;
    let title = format!("\nTimeline of {} across all services", told.number);
    say(&format!("{title}\n{}", tables::timeline(&entries, &zone)));
    let counts = report::counts(log).await?;
    say(&format!("\nEvents per service\n{}", report::counts_table(&counts)));
    let summary = report::tickets(services, told.story.tenant)
        .await?
        .into_iter()
        .find(|ticket| ticket.ticket_id == told.ticket_id)
        .context("the told ticket is listed")?;
    let newest = complaints.first().context("the register has a line")?;
    let tenant = told.story.tenant;
    report::where_to_look(&config.listen, config_file, &summary, tenant, newest, folder)
}

/// The configuration that the roles read: the present one, with the local mail server.
fn write_config(folder: &Path, config: &Config, mail: SocketAddr) -> Result<PathBuf> {
    let path = folder.join("odzew.toml");
    let text = format!(
        "# Written by `odzew demo`; everything not said here has its default.\n\
         [postgres]\nurl = {:?}\nadmin_url = {:?}\n\n[bus]\nurl = {:?}\nprefix = {:?}\n\n\
         [listen]\n{}\n\
         [intake]\nmaster_key_file = {:?}\n\n\
         [notification.email]\nhost = \"{}\"\nport = {}\ntls = \"none\"\n",
        config.postgres.url.expose(),
        config.postgres.admin_url.expose(),
        config.bus.url,
        config.bus.prefix,
        toml::to_string(&config.listen).context("write the addresses")?,
        master_key(folder)?,
        mail.ip(),
        mail.port(),
    );
    // Made anew: a file of before may be open to others.
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).context("remove the last demonstration's configuration");
        }
        _ => {}
    }
    write_private(&path, &text).context("write the demonstration's configuration")?;
    Ok(path)
}

/// Writes a new file that nobody else reads.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// A master key of this demonstration's own, made once.
fn master_key(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("master.key");
    if !path.exists() {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key).context("draw a master key")?;
        let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        write_private(&path, &text).context("write the master key")?;
    }
    Ok(path)
}

/// Listens at once, whenever it is awaited.
fn interrupted() -> impl Future<Output = ()> {
    let listen = |kind| signal(kind).expect("the runtime handles signals");
    let mut interrupt = listen(SignalKind::interrupt());
    let mut terminate = listen(SignalKind::terminate());
    async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

fn say(text: &str) {
    // The reader may be gone; the demonstration continues.
    let _ = crate::output::say(text);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn addresses_with_passwords_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        // Of an earlier version, that everybody could read.
        std::fs::write(folder.path().join("odzew.toml"), "").unwrap();
        let config = Config::load(None).unwrap();
        let mail = SocketAddr::from((Ipv4Addr::LOCALHOST, 25));
        let path = write_config(folder.path(), &config, mail).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(std::fs::read_to_string(path).unwrap().contains("postgres://"));
    }
}
