//! A gRPC server with limits, health, reflection, the error contract and a graceful drain.

mod body;
mod call;
mod contract;
mod methods;
mod rewrite;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, Response};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tonic::transport::server::TcpIncoming;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};
use tower::Service;

use self::contract::ContractLayer;
use self::methods::Methods;
use crate::health::Health;
use crate::rpc::{AuthSettings, NotLoopback};

/// Section `[grpc]`: every bound of the server.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Largest request message after decompression, in bytes; every generated server must be
    /// given [`Server::max_message_bytes`].
    pub max_message_bytes: usize,
    /// Deadline of a unary call that brings none.
    #[serde(with = "crate::duration")]
    pub default_deadline: Duration,
    /// Longest deadline of a unary call, whatever it brings.
    #[serde(with = "crate::duration")]
    pub max_deadline: Duration,
    /// Calls in work at once in the whole server; more are refused. Health is exempt, and a
    /// stream counts only until it has begun.
    pub max_in_flight: usize,
    /// When a refused call should come back.
    #[serde(with = "crate::duration")]
    pub overload_retry_after: Duration,
    /// Calls and streams at once per connection; more wait.
    pub max_concurrent_streams: u32,
    /// Largest set of request headers, in bytes.
    pub max_header_list_bytes: u32,
    /// Streams reset by the peer that may pile up before the connection is closed.
    pub max_pending_reset_streams: usize,
    /// How often an idle peer is asked whether it is there.
    #[serde(with = "crate::duration")]
    pub keepalive_interval: Duration,
    /// How long the peer may take to answer that.
    #[serde(with = "crate::duration")]
    pub keepalive_timeout: Duration,
    /// Age at which a connection is closed in good order, so that load spreads; 0 is never.
    #[serde(with = "crate::duration")]
    pub max_connection_age: Duration,
    /// Whether the server describes itself (reflection v1 and v1alpha).
    pub reflection: bool,
    /// Time between "not ready" and the end of accepting, for load balancers to notice.
    #[serde(with = "crate::duration")]
    pub drain_delay: Duration,
    /// Time for calls in work to end; what remains is cut off.
    #[serde(with = "crate::duration")]
    pub drain_limit: Duration,
}

/// Why a server did not come up or did not stay.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is not allowed.
    #[error("address refused")]
    Address(#[from] NotLoopback),
    /// The port cannot be had.
    #[error("cannot listen on {addr}")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// The system's answer.
        #[source]
        source: std::io::Error,
    },
    /// The given bytes are not a descriptor set.
    #[error("the descriptor set cannot be read")]
    Descriptors(#[source] prost::DecodeError),
    /// Reflection refused the descriptor set.
    #[error("the descriptor set cannot be served")]
    Reflection(#[source] tonic_reflection::server::Error),
    /// The transport gave up.
    #[error("gRPC transport failed")]
    Transport(#[source] tonic::transport::Error),
}

/// What a server offers.
#[derive(Debug, Clone)]
pub struct Api {
    descriptor_set: &'static [u8],
    routes: Routes,
    services: Vec<&'static str>,
}

impl Api {
    /// Nothing yet. The encoded `FileDescriptorSet` describes at least the services to come.
    pub fn new(descriptor_set: &'static [u8]) -> Self {
        Self { descriptor_set, routes: Routes::default(), services: Vec::new() }
    }

    /// Adds a generated server.
    #[must_use]
    pub fn service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        self.services.push(S::NAME);
        self.routes = self.routes.add_service(service);
        self
    }
}

/// A gRPC server that has its port.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    settings: Settings,
}

impl Server {
    /// Largest request message in bytes, for `max_decoding_message_size` of generated servers.
    pub fn max_message_bytes(&self) -> usize {
        self.settings.max_message_bytes
    }

    /// Takes the port, if callers may be trusted there; port 0 takes any.
    pub async fn bind(
        addr: SocketAddr,
        settings: Settings,
        auth: &AuthSettings,
    ) -> Result<Self, Error> {
        auth.check_bind(addr)?;
        let bind = async {
            let listener = TcpListener::bind(addr).await?;
            let local_addr = listener.local_addr()?;
            Ok((listener, local_addr))
        };
        let (listener, local_addr) = bind.await.map_err(|source| Error::Bind { addr, source })?;
        Ok(Self { listener, local_addr, settings })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until shutdown: then not ready, `drain_delay`, no new connections, streams ended
    /// with UNAVAILABLE, and up to `drain_limit` for the calls in work.
    pub async fn serve(
        self,
        api: Api,
        health: Health,
        shutdown: CancellationToken,
    ) -> Result<(), Error> {
        let _serving = health.serving();
        let settings = self.settings;
        let stop = CancellationToken::new();
        let methods = Methods::of(api.descriptor_set).map_err(Error::Descriptors)?;
        let contract = ContractLayer::new(&settings, methods, stop.clone());

        let reporter = HealthReporter::new();
        let report = health.report(reporter.clone(), api.services.clone());
        let checks = HealthServer::new(HealthService::from_health_reporter(reporter));
        let mut routes = api.routes.add_service(checks);
        if settings.reflection {
            routes = reflect(routes, api.descriptor_set, &api.services)?;
        }

        let incoming = TcpIncoming::from(self.listener).with_nodelay(Some(true));
        let serving = transport(&settings)
            .layer(contract)
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
        tracing::info!(address = %self.local_addr, services = ?api.services, "serving gRPC");

        let drain = async {
            shutdown.cancelled().await;
            health.start_draining();
            tokio::time::sleep(settings.drain_delay).await;
            stop.cancel();
            tokio::time::sleep(settings.drain_limit).await;
        };
        tokio::select! {
            outcome = serving => outcome.map_err(Error::Transport),
            () = drain => {
                tracing::warn!(address = %self.local_addr, "calls in work were cut off");
                Ok(())
            }
            () = report => Ok(()),
        }
    }
}

fn transport(settings: &Settings) -> tonic::transport::Server {
    let server = tonic::transport::Server::builder()
        .max_concurrent_streams(settings.max_concurrent_streams)
        .http2_max_header_list_size(settings.max_header_list_bytes)
        .http2_max_pending_accept_reset_streams(Some(settings.max_pending_reset_streams))
        .http2_keepalive_interval(Some(settings.keepalive_interval))
        .http2_keepalive_timeout(Some(settings.keepalive_timeout));
    // No grace is set: with one, tonic 0.14 skips the orderly end and cuts the connection.
    match settings.max_connection_age {
        Duration::ZERO => server,
        age => server.max_connection_age(age),
    }
}

fn reflect(
    routes: Routes,
    descriptor_set: &'static [u8],
    services: &[&'static str],
) -> Result<Routes, Error> {
    let builder = || {
        let names = services.iter().copied().chain(["grpc.health.v1.Health"]);
        names.fold(
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(descriptor_set)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET),
            |builder, name| builder.with_service_name(name),
        )
    };
    let v1 = builder().build_v1().map_err(Error::Reflection)?;
    let v1alpha = builder().build_v1alpha().map_err(Error::Reflection)?;
    Ok(routes.add_service(v1).add_service(v1alpha))
}
