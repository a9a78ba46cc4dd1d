//! Metrics: one OpenTelemetry provider per process, read in Prometheus's text format.

use std::sync::OnceLock;

use opentelemetry::global;
use opentelemetry::metrics::Meter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Registry, TextEncoder};

/// Written once, by the first caller that needs metrics; instruments keep the provider alive.
static REGISTRY: OnceLock<Registry> = OnceLock::new();

/// Installs the global meter provider unless it is there.
pub(crate) fn install(resource: Resource) -> &'static Registry {
    REGISTRY.get_or_init(|| {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .scope_info_enabled(false)
            .build();
        match exporter {
            Ok(exporter) => {
                let builder = SdkMeterProvider::builder().with_resource(resource);
                global::set_meter_provider(builder.with_reader(exporter).build());
            }
            Err(error) => tracing::error!(error = %error, "metrics are off"),
        }
        registry
    })
}

/// A meter of the process's provider. Use this and not the global one: an instrument made before
/// the provider was installed records nothing.
pub fn meter(name: &'static str) -> Meter {
    install(Resource::builder().build());
    global::meter(name)
}

/// All metrics of the process as Prometheus reads them.
pub(crate) fn render_metrics() -> String {
    let registry = install(Resource::builder().build());
    TextEncoder::new().encode_to_string(&registry.gather()).unwrap_or_else(|error| {
        tracing::error!(error = %error, "metrics cannot be written");
        String::new()
    })
}
