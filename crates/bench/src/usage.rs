//! Memory and processor time of processes, from `/proc`; unknown on systems other than Linux.
use std::time::Duration;

/// Ticks of `/proc/<pid>/stat` per second, on every Linux of today.
const TICKS: u64 = 100;

/// Resident memory in bytes.
pub(crate) fn memory(pid: u32) -> Option<u64> {
    of_status(pid, "VmRSS:")
}

/// The most resident memory that there ever was, in bytes.
pub(crate) fn most_memory(pid: u32) -> Option<u64> {
    of_status(pid, "VmHWM:")
}

fn of_status(pid: u32, field: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with(field))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// What `/proc/<pid>/stat` says.
struct Stat {
    parent: u32,
    own: u64,
    ended_children: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may contain anything; the state follows it.
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let field = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(field(1)?).ok()?,
        own: field(11)? + field(12)?,
        ended_children: field(13)? + field(14)?,
    })
}

/// Processor time that a process has used so far.
pub(crate) fn time(pid: u32) -> Duration {
    ticks(stat(pid).map_or(0, |stat| stat.own))
}

/// Processor time of a server with all its children, those that have ended included.
pub(crate) fn family_time(parent: u32) -> Duration {
    let children = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let children = children.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let children = children.filter_map(stat).filter(|stat| stat.parent == parent);
    let living: u64 = children.map(|stat| stat.own).sum();
    let own = stat(parent).map_or(0, |stat| stat.own + stat.ended_children);
    ticks(living + own)
}

/// The process that started `pid`.
pub(crate) fn parent(pid: u32) -> Option<u32> {
    stat(pid).map(|stat| stat.parent)
}

fn ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1_000 / TICKS)
}
