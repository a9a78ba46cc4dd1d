//! The addresses that an endpoint may have: public ones, over https.
//!
//! Checked when an endpoint is registered and again at every connection, because a name may
//! point elsewhere by then. The connection goes to the addresses that were checked.
pub(crate) mod network;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::net::lookup_host;
use tokio::time::timeout;

use crate::config;
use network::Network;

/// How long registering an endpoint waits for the look-up of its name: well below a call's
/// deadline.
const LOOKUP_LIMIT: Duration = Duration::from_secs(2);

/// The address is not one that may be called. Its text is the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Forbidden(&'static str);

impl Forbidden {
    /// Code of an attempt that was kept from leaving.
    pub(crate) const CODE: &'static str = "ADDRESS_FORBIDDEN";
}

/// The rules.
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    allow_private: bool,
    forbidden_hosts: Vec<String>,
    forbidden_networks: Vec<Network>,
}

impl Guard {
    pub(crate) fn new(settings: &config::Webhook) -> Self {
        let lower = settings.forbidden_hosts.iter().map(|host| host.to_ascii_lowercase());
        Self {
            allow_private: settings.allow_private,
            forbidden_hosts: lower.collect(),
            forbidden_networks: settings.forbidden_networks.clone(),
        }
    }

    /// What can be said of a URL without looking its host up.
    pub(crate) fn check(&self, text: &str) -> Result<Url, Forbidden> {
        if !text.is_ascii() {
            return Err(Forbidden("must be ASCII; write an international host in Punycode"));
        }
        if text.chars().any(|c| c.is_ascii_control() || c == ' ' || c == '\\') {
            return Err(Forbidden("must not contain blanks or backslashes"));
        }
        let url: Url = text.parse().map_err(|_| Forbidden("must be a URL"))?;
        match url.scheme() {
            "https" => {}
            "http" if self.allow_private => {}
            _ => return Err(Forbidden("must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Forbidden("must not contain a user"));
        }
        if url.fragment().is_some() {
            return Err(Forbidden("must not have a fragment"));
        }
        let host = url.host_str().ok_or(Forbidden("must have a host"))?;
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if self.forbidden_hosts.contains(&host) {
            return Err(Forbidden("must not be this host"));
        }
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        if let Ok(address) = literal {
            self.check_address(address)?;
        }
        if self.allow_private {
            return Ok(url);
        }
        if url.port().is_some() {
            return Err(Forbidden("must use port 443"));
        }
        match literal {
            Ok(_) => Ok(url),
            Err(_) if !host.contains('.') || is_local_name(&host) => {
                Err(Forbidden("must have a public host"))
            }
            Err(_) => Ok(url),
        }
    }

    /// [`Guard::check`], and what the host's name points to now. A name that points nowhere, or
    /// whose server does not answer, passes: it is checked again when it is called.
    pub(crate) async fn check_and_resolve(&self, text: &str) -> Result<Url, Forbidden> {
        let url = self.check(text)?;
        let host = url.host_str().unwrap_or_default();
        if host.parse::<IpAddr>().is_err()
            && let Ok(Ok(found)) = timeout(LOOKUP_LIMIT, lookup_host((host, 443))).await
        {
            self.checked(found)?;
        }
        Ok(url)
    }

    /// All addresses of a name, if all of them may be called.
    fn checked(
        &self,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Forbidden> {
        let found: Vec<_> = found.collect();
        found.iter().try_for_each(|address| self.check_address(address.ip()))?;
        Ok(found)
    }

    fn check_address(&self, address: IpAddr) -> Result<(), Forbidden> {
        if self.forbidden_networks.iter().any(|network| network.has(address)) {
            return Err(Forbidden("must not point to this network"));
        }
        if !self.allow_private && !is_public(address) {
            return Err(Forbidden("must not point to a private address"));
        }
        Ok(())
    }
}

/// Looks hosts up for calls and lets only checked addresses through.
pub(super) struct Resolver(pub(super) Arc<Guard>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.0);
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let checked: Addrs = Box::new(guard.checked(found)?.into_iter());
            Ok(checked)
        })
    }
}

fn is_local_name(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    matches!(last, "localhost" | "local" | "internal" | "localdomain" | "home" | "lan" | "arpa")
}

/// Whether an address is one of the public Internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_unspecified()
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let segments = address.segments();
    // Only 2000::/3 is given out; of it, Teredo, ORCHID, documentation and 6to4 are not ours.
    segments[0] & 0xe000 == 0x2000
        && !(segments[0] == 0x2001 && segments[1] < 0x0200)
        && !(segments[0] == 0x2001 && segments[1] == 0x0db8)
        && segments[0] != 0x2002
        && segments[0] != 0x3fff
}
