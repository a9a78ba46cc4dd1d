//! Where the server programs are, and the user they run as.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

/// Postgres refuses to run as root, so under root it runs as the first of these that exists.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The setting, or `None` where it is absent or empty.
pub(crate) fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration file")]
    let value = std::env::var(name);
    value.ok().filter(|value| !value.is_empty())
}

/// The workspace's top directory.
fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// The program `name` of the Postgres server: in `PATH`, or where Debian and Homebrew put it.
pub(crate) fn postgres(name: &str) -> anyhow::Result<PathBuf> {
    let asked = Command::new("pg_config").arg("--bindir").output();
    let asked = asked.ok().filter(|output| output.status.success());
    let asked = asked.and_then(|output| String::from_utf8(output.stdout).ok());
    let mut places: Vec<PathBuf> = in_path().collect();
    places.extend(asked.map(|directory| PathBuf::from(directory.trim())));
    places.extend(versions(Path::new("/usr/lib/postgresql"), "bin"));
    places.extend(versions(Path::new("/opt/homebrew/opt"), "bin"));
    places.extend(versions(Path::new("/usr/local/opt"), "bin"));
    first(places, name).with_context(|| {
        format!("the Postgres server program `{name}` is missing: `./run tools` installs it")
    })
}

/// The `nats-server` program: what `./run` installed, else the one in `PATH`.
pub(crate) fn nats() -> anyhow::Result<PathBuf> {
    if let Some(named) = setting("ODZEW_NATS_SERVER") {
        return Ok(named.into());
    }
    let mut places = vec![workspace().join(".tools/bin")];
    places.extend(in_path());
    first(places, "nats-server").context("nats-server is missing: `./run tools` installs it")
}

/// `program` as a command that runs unprivileged: directly, or under root as another user.
pub(crate) fn unprivileged(program: &Path) -> anyhow::Result<Command> {
    if !is_root() {
        return Ok(Command::new(program));
    }
    let user = unprivileged_user()?;
    let mut command = Command::new("setpriv");
    // By number: `nobody` has no group of its own name everywhere.
    let group = Command::new("id").args(["-g", user]).output().context("run id")?;
    let group = String::from_utf8_lossy(&group.stdout).trim().to_owned();
    command.args(["--reuid", user, "--regid", &group, "--clear-groups", "--"]).arg(program);
    // A directory the other user may be in: ours may be closed to it.
    command.current_dir("/");
    Ok(command)
}

/// Gives `directory` to the user that [`unprivileged`] commands run as.
pub(crate) fn give_away(directory: &Path) -> anyhow::Result<()> {
    if !is_root() {
        return Ok(());
    }
    crate::process::complete(Command::new("chown").arg(unprivileged_user()?).arg(directory))
}

fn is_root() -> bool {
    let asked = Command::new("id").arg("-u").output();
    asked.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn unprivileged_user() -> anyhow::Result<&'static str> {
    for user in UNPRIVILEGED {
        if Command::new("id").arg(user).output().is_ok_and(|output| output.status.success()) {
            return Ok(user);
        }
    }
    bail!("Postgres does not run as root, and there is no user {UNPRIVILEGED:?} to run it as")
}

fn in_path() -> impl Iterator<Item = PathBuf> {
    let path = setting("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect::<Vec<_>>().into_iter()
}

/// `<root>/<version>/<inside>` of every version, the newest first. Under Homebrew only Postgres.
fn versions(root: &Path, inside: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.trim_start_matches("postgresql@").parse().ok()?;
            Some((version, entry.path().join(inside)))
        })
        .collect();
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, path)| path).collect()
}

fn first(places: Vec<PathBuf>, name: &str) -> Option<PathBuf> {
    places.into_iter().map(|place| place.join(name)).find(|program| program.is_file())
}
