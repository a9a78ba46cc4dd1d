//! The outermost layer of the server: admission, deadline, panics, telemetry and statuses.

use std::any::Any;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::Instrument;

use super::Settings;
use super::body::WatchedBody;
use super::call::Call;
use super::methods::{Method, Methods};
use super::rewrite::rewritten;
use crate::{rpc, status, tasks};

/// Health must answer also when there is too much to do.
const NEVER_REFUSED: &str = "/grpc.health.v1.Health/";
const RETRY_AFTER_DRAIN: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Shared {
    methods: Methods,
    admission: Semaphore,
    stop: CancellationToken,
    default_deadline: Duration,
    max_deadline: Duration,
    max_message_bytes: usize,
    overload_retry_after: Duration,
}

/// Wraps the routes of one server.
#[derive(Debug, Clone)]
pub(super) struct ContractLayer(Arc<Shared>);

impl ContractLayer {
    /// `stop` ends open streams.
    pub(super) fn new(settings: &Settings, methods: Methods, stop: CancellationToken) -> Self {
        Self(Arc::new(Shared {
            methods,
            admission: Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS)),
            stop,
            default_deadline: settings.default_deadline.min(settings.max_deadline),
            max_deadline: settings.max_deadline,
            max_message_bytes: settings.max_message_bytes,
            overload_retry_after: settings.overload_retry_after,
        }))
    }
}

impl<S> Layer<S> for ContractLayer {
    type Service = Contract<S>;

    fn layer(&self, inner: S) -> Contract<S> {
        Contract { inner, shared: Arc::clone(&self.0) }
    }
}

/// The routes, kept to the contract.
#[derive(Debug, Clone)]
pub(super) struct Contract<S> {
    inner: S,
    shared: Arc<Shared>,
}

impl<S> Service<Request<Body>> for Contract<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // tonic arms its own timer for `grpc-timeout` after this returns: ours, counted from here,
        // is never the later one.
        let now = Instant::now();
        let path = request.uri().path().to_owned();
        let shared = Arc::clone(&self.shared);
        let known = shared.methods.get(&path);
        let method = known.unwrap_or_default();
        let deadline = shared.deadline(method, request.headers()).map(|limit| now + limit);
        let begins_by = deadline.unwrap_or(now + shared.default_deadline);
        let begins_by = begins_by.min(now + shared.max_deadline);
        let call = Call::begin(&path, known.is_some(), request.headers());
        request.extensions_mut().insert(rpc::Call { method: path.clone(), deadline });
        let ready = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, ready);
        let span = call.span.clone();
        let answer = async move {
            let response = shared.answer(inner, request, &path, method, begins_by).await;
            Ok(shared.finish(response, &path, method, call))
        };
        Box::pin(answer.instrument(span))
    }
}

impl Shared {
    /// Time this call has; `None` for a stream that brings no limit.
    fn deadline(&self, method: Method, headers: &HeaderMap) -> Option<Duration> {
        match (grpc_timeout(headers), method.streaming) {
            (asked, true) => asked,
            (Some(asked), false) => Some(asked.min(self.max_deadline)),
            (None, false) => Some(self.default_deadline),
        }
    }

    async fn answer<S>(
        &self,
        mut inner: S,
        request: Request<Body>,
        path: &str,
        method: Method,
        begins_by: Instant,
    ) -> Response<Body>
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    {
        let permit = self.admission.try_acquire();
        if permit.is_err() && !path.starts_with(NEVER_REFUSED) {
            return status::overloaded(self.overload_retry_after).into_http();
        }
        let handled = AssertUnwindSafe(async { inner.call(request).await }).catch_unwind();
        // A stream may last, but its caller has to send what it asks for: it holds a place until
        // the answer begins.
        match tokio::time::timeout_at(begins_by, handled).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Err(panic)) => panicked(path, panic.as_ref()).into_http(),
            Err(_) if method.mutation => status::outcome_unknown().into_http(),
            Err(_) => status::deadline_exceeded().into_http(),
        }
    }

    /// Rewrites what is not of the contract and watches the rest of the answer.
    fn finish(
        &self,
        response: Response<Body>,
        path: &str,
        method: Method,
        mut call: Call,
    ) -> Response<Body> {
        if let Some(status) = rewritten(response.headers(), path, self.max_message_bytes) {
            call.end(status.code());
            return status.into_http();
        }
        if let Some(status) = Status::from_header_map(response.headers()) {
            call.end(status.code());
            return response;
        }
        if !response.status().is_success() {
            call.end(Code::Unknown);
            return response;
        }
        let stop = method.streaming.then(|| self.stop.clone().cancelled_owned());
        let parting = status::unavailable("DRAINING", RETRY_AFTER_DRAIN);
        response.map(|body| Body::new(WatchedBody::new(body, call, stop, parting)))
    }
}

fn panicked(path: &str, panic: &(dyn Any + Send)) -> Status {
    status::internal_because(&format!("{path} panicked: {}", tasks::panic_text(panic)))
}

/// `grpc-timeout`: up to eight digits and a unit. A malformed one counts as none.
fn grpc_timeout(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value = digits.parse::<u64>().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}
