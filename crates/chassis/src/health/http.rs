//! `/livez`, `/readyz` and `/metrics` on a port of their own.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Health;
use crate::telemetry;

/// How long requests may take that are in work when the last gRPC server has gone.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// The operators' port. It answers during the drain and ends with the last gRPC server.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    local_addr: SocketAddr,
}

impl HttpServer {
    /// Takes the port; 0 takes any.
    pub async fn bind(addr: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let local_addr = listener.local_addr()?;
        Ok(Self { listener, local_addr })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Serves until shutdown and until the last gRPC server of the same health is gone.
    pub async fn serve(self, health: Health, shutdown: CancellationToken) -> io::Result<()> {
        let ended = CancellationToken::new();
        let end = {
            let (health, ended) = (health.clone(), ended.clone());
            async move {
                shutdown.cancelled().await;
                health.start_draining();
                health.wait_for(|state| state.servers == 0).await;
                ended.cancel();
            }
        };
        let router = Router::new()
            .route("/livez", get(|| async { "alive\n" }))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(health);
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(end);
        tokio::select! {
            served = serving => served,
            // A request that was sent in part must not hold the process up.
            () = async { ended.cancelled().await; tokio::time::sleep(LAST_ANSWERS).await } => Ok(()),
        }
    }
}

async fn readyz(State(health): State<Health>) -> impl IntoResponse {
    let complaints = health.complaints();
    match complaints.is_empty() {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, complaints.join("\n") + "\n"),
    }
}

async fn metrics() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::render_metrics())
}
