//! Kills a server and removes its files when this process is gone, however it ended.
//!
//! A destructor does not run for a static, nor after `kill -9`. So a small shell waits on a pipe
//! whose other end only this process holds: when the process ends in any way, the pipe closes and
//! the shell acts.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;

/// `$1` process, `$2` signal to ask it with, `$3` directory to remove or empty. A server that
/// ignores the signal for five seconds is killed. A zombie is as good as gone: in a container
/// nobody may be there to reap it.
///
/// Where there is `/proc` nothing is needed but the shell and `cat`; elsewhere `ps` is always
/// there.
const SCRIPT: &str = r#"
gone() {
    if [ -d /proc/self ]; then
        state=$(cat "/proc/$1/stat" 2>/dev/null)
        state=${state##*) }
    else
        state=$(ps -o stat= -p "$1" 2>/dev/null)
    fi
    case "$state" in ''|Z*) return 0 ;; esac
    return 1
}
read -r _
kill -s "$2" "$1" 2>/dev/null
n=0
while [ $n -lt 50 ]; do
    gone "$1" && break
    sleep 0.1
    n=$((n+1))
done
kill -s KILL "$1" 2>/dev/null
[ -z "$3" ] || rm -rf -- "$3"
"#;

/// Held beside a running server; dropping it drops the leash without pulling it.
#[derive(Debug)]
pub(crate) struct Leash(Child);

impl Leash {
    /// Ties process `id` to the life of this process.
    pub(crate) fn tie(id: u32, signal: &str, remove: Option<&Path>) -> anyhow::Result<Leash> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "leash", &id.to_string(), signal]);
        command.arg(remove.unwrap_or(Path::new("")));
        // A group of its own, so that Ctrl-C on the tests does not take the leash along.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Leash).context("start the leash of a test server")
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        // Killed before its pipe closes: the process was ended by its owner, its id may be reused.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
