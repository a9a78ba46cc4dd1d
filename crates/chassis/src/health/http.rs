//! `/livez`, `/readyz` and `/metrics` on a port of their own.

use std::io;
use std::net::SocketAddr;

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
        let end = {
            let health = health.clone();
            async move {
                shutdown.cancelled().await;
                health.start_draining();
                health.wait_for(|state| state.servers == 0).await;
            }
        };
        let router = Router::new()
            .route("/livez", get(|| async { "alive\n" }))
            .route("/readyz", get(readyz))
            .route("/metrics", get(metrics))
            .with_state(health);
        axum::serve(self.listener, router).with_graceful_shutdown(end).await
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
