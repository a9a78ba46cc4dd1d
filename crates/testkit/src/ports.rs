//! Ports for servers of tests and benchmarks.
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that systems give to outgoing connections (32768 and up on Linux): one of those
/// could be taken between the choice and its use.
const FIRST: u16 = 12_000;
/// Ports that a process begins its search with.
const SHARE: u16 = 16;
/// How often another place is looked at.
const TRIES: usize = 500;

/// Written by every choice, so that no two of a process meet.
static NEXT: AtomicU16 = AtomicU16::new(0);

/// The first of so many TCP ports in a row on loopback that nothing uses now.
///
/// # Panics
/// When the machine has none.
pub fn free_ports(count: u16) -> u16 {
    let own = u16::try_from(std::process::id() % 1_000).unwrap_or(0) * SHARE;
    for _ in 0..TRIES {
        let first = FIRST + (own + NEXT.fetch_add(count, Ordering::Relaxed)) % 20_000;
        let ports = first..first + count;
        let free = ports.filter_map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
        if free.collect::<Vec<_>>().len() == usize::from(count) {
            return first;
        }
    }
    panic!("no {count} free ports in a row");
}

/// One such port.
///
/// # Panics
/// As [`free_ports`].
pub fn free_port() -> u16 {
    free_ports(1)
}
