//! Logs, traces and metrics of a process: set up once, flushed on exit.
//!
//! The log's filter belongs to the log alone: a quiet log does not make traces disappear. Traces
//! have a fixed filter of their own, which leaves out the transport that carries them.

mod metrics;
pub mod trace;

use std::io::IsTerminal;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::{Deserialize, Serialize};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

pub use metrics::meter;
pub(crate) use metrics::render_metrics;

/// Section `[log]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LogSettings {
    /// For machines or for people.
    pub format: LogFormat,
    /// A level, or directives such as `info,eventlog=debug`.
    pub level: String,
}

impl LogSettings {
    /// Whether the level can be read. A word that is no level would be taken for the name of a
    /// module, whose every line is then written, and nothing else.
    pub fn is_readable(&self) -> bool {
        let known = |directive: &str| {
            directive.contains(['=', '[']) || directive.trim().parse::<LevelFilter>().is_ok()
        };
        EnvFilter::try_new(&self.level).is_ok() && self.level.split(',').all(known)
    }
}

/// For machines or for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// Lines to read.
    Pretty,
}

/// Section `[telemetry]`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where spans go, OTLP over gRPC, such as `http://127.0.0.1:4317`; empty turns export off.
    pub otlp_endpoint: String,
    /// How long one export may take.
    #[serde(with = "crate::duration")]
    pub otlp_timeout: Duration,
}

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `log.level` is not a filter.
    #[error("log.level is not a filter such as \"info\" or \"info,eventlog=debug\"")]
    Level(#[source] tracing_subscriber::filter::ParseError),
    /// The exporter refused its settings.
    #[error("cannot export spans to telemetry.otlp_endpoint")]
    Exporter(#[source] opentelemetry_otlp::ExporterBuildError),
    /// Somebody was faster.
    #[error("telemetry is already set up in this process")]
    AlreadySetUp(#[source] tracing_subscriber::util::TryInitError),
}

/// Keeps the exporter alive; what is still buffered leaves when it goes.
#[derive(Debug)]
#[must_use = "dropping the guard stops the export of spans"]
pub struct Guard {
    provider: Option<SdkTracerProvider>,
}

impl Guard {
    /// Sends what is buffered and stops.
    pub fn shutdown(self) {
        drop(self);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take()
            && let Err(error) = provider.shutdown()
        {
            tracing::warn!(error = %error, "the last spans were not exported");
        }
    }
}

/// Sets up the process's logs, traces and metrics. Call once, inside the runtime, and keep the
/// guard until the end.
pub fn init(service_name: &str, log: &LogSettings, settings: &Settings) -> Result<Guard, Error> {
    let resource = Resource::builder().with_service_name(service_name.to_owned()).build();
    metrics::install(resource.clone());
    let filter = EnvFilter::try_new(&log.level).map_err(Error::Level)?;
    let provider = match settings.otlp_endpoint.as_str() {
        "" => None,
        endpoint => {
            let exporter = SpanExporter::builder()
                .with_tonic()
                .with_endpoint(endpoint)
                .with_timeout(settings.otlp_timeout)
                .build()
                .map_err(Error::Exporter)?;
            let provider = SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(resource)
                .build();
            Some(provider)
        }
    };
    let spans = provider.as_ref().map(|provider| {
        tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("odzew"))
            .with_filter(exported_spans())
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match log.format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).boxed(),
        LogFormat::Pretty => lines.with_target(false).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter.and(without_messages())))
        .with(spans)
        .try_init()
        .map_err(Error::AlreadySetUp)?;
    Ok(Guard { provider })
}

/// At level debug the broker's client tells every answer with the message in it, which is nobody's
/// to log, whatever level is asked for.
fn without_messages() -> Targets {
    Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_target("async_nats::jetstream", LevelFilter::INFO)
}

/// The exporter speaks gRPC itself: its own spans would feed it for ever.
fn exported_spans() -> Targets {
    ["h2", "hyper", "hyper_util", "tonic", "tower", "opentelemetry", "opentelemetry_sdk"]
        .into_iter()
        .chain(["opentelemetry_otlp"])
        .fold(Targets::new().with_default(LevelFilter::INFO), |targets, name| {
            targets.with_target(name, LevelFilter::OFF)
        })
}
