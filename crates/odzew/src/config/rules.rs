//! Rules across settings: everything that the type of a single value cannot check. All are checked
//! before any port is opened.
use std::str::FromStr as _;
use std::time::Duration;

use chassis::config::Broken;
use jiff::tz::TimeZone;
use sqlx::postgres::PgConnectOptions;

use super::Config;

/// A rule: whether it holds, the keys that it is about, what it says.
type Rule = (bool, &'static [&'static str], &'static str);

/// Every rule that is broken.
pub(super) fn broken(config: &Config) -> Vec<Broken> {
    let services = config.notification.problems().into_iter();
    let services = services.map(|(key, rule)| Broken { keys: vec![key], rule: rule.to_owned() });
    let rules = process(config).into_iter().chain(server(config)).chain(stores(config));
    let rules = rules.filter(|(holds, ..)| !holds);
    let rules = rules.map(|(_, keys, rule)| Broken { keys: keys.to_vec(), rule: rule.to_owned() });
    rules.chain(services).chain(config.listen.problems(config.auth)).collect()
}

fn process(config: &Config) -> Vec<Rule> {
    let Config { log, telemetry, clock, listen, grpc, shutdown, intake, notification, .. } = config;
    let mail = notification.email.connect_timeout.saturating_add(notification.email.send_timeout);
    vec![
        (
            log.is_readable(),
            &["log.level"],
            "must be a level such as \"info\", or one with others for modules: \"info,sqlx=warn\"",
        ),
        (
            telemetry.otlp_endpoint.is_empty() || is_url(&telemetry.otlp_endpoint),
            &["telemetry.otlp_endpoint"],
            "must be empty or an address such as \"http://127.0.0.1:4317\"",
        ),
        (
            clock.file.is_empty() || listen.http.ip().is_loopback(),
            &["clock.file", "listen.http"],
            "clock.file is for tests and training: listen.http must be on loopback then, too",
        ),
        (long(telemetry.otlp_timeout), &["telemetry.otlp_timeout"], POSITIVE),
        (long(shutdown.drain_limit), &["shutdown.drain_limit"], POSITIVE),
        (
            grpc.drain_delay.saturating_add(grpc.drain_limit) < shutdown.drain_limit,
            &["grpc.drain_limit", "grpc.drain_delay", "shutdown.drain_limit"],
            "grpc.drain_delay and grpc.drain_limit together must be shorter than \
             shutdown.drain_limit",
        ),
        (
            mail.max(notification.webhook.timeout) < shutdown.drain_limit,
            &[
                "shutdown.drain_limit",
                "notification.email.connect_timeout",
                "notification.email.send_timeout",
                "notification.webhook.timeout",
            ],
            "shutdown.drain_limit must be longer than notification.email.connect_timeout and \
             notification.email.send_timeout together, and than notification.webhook.timeout",
        ),
        (
            TimeZone::get(&intake.time_zone).is_ok(),
            &["intake.time_zone"],
            "must be an IANA zone such as Europe/Warsaw",
        ),
        (
            intake.agent_grants <= intake.expert_grants,
            &["intake.agent_grants", "intake.expert_grants"],
            "intake.agent_grants must be at most intake.expert_grants",
        ),
    ]
}

const POSITIVE: &str = "must be more than 0";

fn server(config: &Config) -> Vec<Rule> {
    let grpc = &config.grpc;
    vec![
        (grpc.max_message_bytes > 0, &["grpc.max_message_bytes"], POSITIVE),
        (grpc.max_in_flight > 0, &["grpc.max_in_flight"], POSITIVE),
        (grpc.max_concurrent_streams > 0, &["grpc.max_concurrent_streams"], POSITIVE),
        (grpc.max_header_list_bytes > 0, &["grpc.max_header_list_bytes"], POSITIVE),
        (grpc.max_pending_reset_streams > 0, &["grpc.max_pending_reset_streams"], POSITIVE),
        (long(grpc.default_deadline), &["grpc.default_deadline"], POSITIVE),
        (
            grpc.default_deadline <= grpc.max_deadline,
            &["grpc.default_deadline", "grpc.max_deadline"],
            "grpc.default_deadline must be at most grpc.max_deadline",
        ),
        (long(grpc.overload_retry_after), &["grpc.overload_retry_after"], POSITIVE),
        (long(grpc.keepalive_interval), &["grpc.keepalive_interval"], POSITIVE),
        (long(grpc.keepalive_timeout), &["grpc.keepalive_timeout"], POSITIVE),
        (long(grpc.drain_limit), &["grpc.drain_limit"], POSITIVE),
    ]
}

fn stores(config: &Config) -> Vec<Rule> {
    let Config { postgres, eventlog, subscription, .. } = config;
    let waited = postgres.acquire_timeout.saturating_add(postgres.statement_timeout);
    let admin = postgres.admin_url.expose();
    vec![
        (is_dsn(postgres.url.expose()), &["postgres.url"], DSN),
        (
            postgres.max_connections >= FEWEST_CONNECTIONS,
            &["postgres.max_connections"],
            "must be at least 3: with fewer, timers that fire wait for themselves",
        ),
        (admin.is_empty() || is_dsn(admin), &["postgres.admin_url"], DSN),
        (
            eventlog.lock_timeout < eventlog.call_timeout,
            &["eventlog.lock_timeout", "eventlog.call_timeout"],
            "eventlog.lock_timeout must be shorter than eventlog.call_timeout",
        ),
        (
            eventlog.read_timeout > waited,
            &["eventlog.read_timeout", "postgres.statement_timeout", "postgres.acquire_timeout"],
            "eventlog.read_timeout must be longer than postgres.acquire_timeout and \
             postgres.statement_timeout together",
        ),
        (
            eventlog.retry_pause <= eventlog.retry_pause_max,
            &["eventlog.retry_pause", "eventlog.retry_pause_max"],
            "eventlog.retry_pause must be at most eventlog.retry_pause_max",
        ),
        (
            subscription.retry_delay <= subscription.retry_max_delay,
            &["subscription.retry_delay", "subscription.retry_max_delay"],
            "subscription.retry_delay must be at most subscription.retry_max_delay",
        ),
        (
            subscription.batch_linger <= subscription.batch_linger_max,
            &["subscription.batch_linger", "subscription.batch_linger_max"],
            "subscription.batch_linger must be at most subscription.batch_linger_max",
        ),
    ]
}

/// One for the timers that fire, one for the tables that wait for them, and one that both need.
const FEWEST_CONNECTIONS: u32 = 3;

const DSN: &str = "must be a DSN such as \"postgres://user@127.0.0.1:5432/database\"";

fn is_dsn(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| ["postgres", "postgresql"].contains(&scheme))
        && PgConnectOptions::from_str(text).is_ok()
}

fn is_url(text: &str) -> bool {
    let endpoint = tonic::transport::Endpoint::from_shared(text.to_owned());
    text.contains("://") && endpoint.is_ok()
}

fn long(duration: Duration) -> bool {
    !duration.is_zero()
}
