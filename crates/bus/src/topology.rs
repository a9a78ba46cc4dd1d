//! The JetStream streams: declared here only, created and kept as declared.
use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{DeliverPolicy, ReplayPolicy, push::OrderedConfig};
use async_nats::jetstream::context::{
    CreateStreamErrorKind, GetStreamErrorKind, UpdateStreamErrorKind,
};
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use eventlog::Partition;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{Bus, Error};

/// How the streams keep their messages. They are a cache: the log has everything.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Copies of each stream in the NATS cluster: 1, 3 or 5.
    #[serde(deserialize_with = "replicas")]
    pub replicas: usize,
    /// How long messages are kept.
    #[serde(with = "eventlog::positive::duration")]
    pub max_age: Duration,
    /// Bytes kept per partition; the oldest messages go first.
    #[serde(deserialize_with = "bytes")]
    pub max_bytes: i64,
    /// Most events published again into a stream that came back empty.
    pub tail: u64,
}

fn replicas<'de, D: Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match usize::deserialize(deserializer)? {
        replicas @ (1 | 3 | 5) => Ok(replicas),
        _ => Err(de::Error::custom("must be 1, 3 or 5")),
    }
}

fn bytes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    match i64::deserialize(deserializer)? {
        bytes @ 1.. => Ok(bytes),
        _ => Err(de::Error::custom("must be more than 0")),
    }
}

/// The stream of one partition in one epoch whose first message has sequence `first`.
fn declared(bus: &Bus, partition: Partition, epoch: u32, first: u64) -> Config {
    let settings = &bus.settings().topology;
    Config {
        name: bus.subjects().stream(partition, epoch),
        description: Some("Odzew's event log, tail of one partition; sequence = position".into()),
        subjects: vec![bus.subjects().events(partition)],
        retention: RetentionPolicy::Limits,
        discard: DiscardPolicy::Old,
        storage: StorageType::File,
        num_replicas: settings.replicas,
        max_age: settings.max_age,
        // Nothing is deduplicated by id; the server wants this no longer than the age.
        duplicate_window: settings.max_age.min(Duration::from_secs(120)),
        max_bytes: settings.max_bytes,
        max_messages: -1,
        max_messages_per_subject: -1,
        allow_direct: true,
        deny_delete: true,
        first_sequence: Some(first),
        metadata: HashMap::from([
            ("odzew-partition".to_owned(), partition.to_string()),
            ("odzew-epoch".to_owned(), epoch.to_string()),
        ]),
        ..Config::default()
    }
}

/// The consumer of one subscription: unfiltered, in order, without state on the server.
pub(crate) fn consumer(bus: &Bus, from: u64) -> OrderedConfig {
    OrderedConfig {
        deliver_subject: bus.client().new_inbox(),
        description: Some("Odzew subscription".into()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: from.max(1) },
        replay_policy: ReplayPolicy::Instant,
        ..OrderedConfig::default()
    }
}

/// The stream as the server has it; `None` if it is missing.
pub(crate) async fn find(
    bus: &Bus,
    partition: Partition,
    epoch: u32,
) -> Result<Option<Info>, Error> {
    match bus.jetstream().get_stream(bus.subjects().stream(partition, epoch)).await {
        Ok(stream) => Ok(Some(stream.cached_info().clone())),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(cause)
                if cause.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Ok(None)
            }
            _ => Err(Error::broker("look at a stream")(error)),
        },
    }
}

/// Brings an existing stream's configuration to what is declared.
pub(crate) async fn reconcile(
    bus: &Bus,
    partition: Partition,
    epoch: u32,
    present: &Info,
) -> Result<(), Error> {
    let wanted = declared(bus, partition, epoch, 1);
    if difference(&wanted, &present.config).is_none() {
        return Ok(());
    }
    // Where a stream started cannot be changed afterwards and need not be.
    let wanted = Config { first_sequence: present.config.first_sequence, ..wanted };
    let taken =
        bus.jetstream().update_stream(&wanted).await.map_err(Error::broker("update a stream"))?;
    tracing::info!(stream = wanted.name, "stream brought to its declared configuration");
    verify(&wanted, &taken.config)
}

/// Makes the stream of an epoch, its first message at sequence `first`. The streams of earlier
/// epochs keep their messages and lose the subjects. A stream that is there already is replaced
/// if the caller has looked at it, and otherwise means that another relay was faster.
pub(crate) async fn recreate(
    bus: &Bus,
    partition: Partition,
    epoch: u32,
    first: u64,
    replace: bool,
) -> Result<(), Error> {
    let wanted = declared(bus, partition, epoch, first);
    for past in 1..epoch {
        retire(bus, partition, past).await?;
    }
    if find(bus, partition, epoch).await?.is_some() {
        if !replace {
            return Err(Error::Overtaken);
        }
        bus.jetstream()
            .delete_stream(&wanted.name)
            .await
            .map_err(Error::broker("delete a stream"))?;
    }
    let stream =
        bus.jetstream().create_stream(&wanted).await.map_err(|error| match error.kind() {
            CreateStreamErrorKind::JetStream(cause)
                if cause.error_code() == ErrorCode::STREAM_NAME_EXIST =>
            {
                Error::Overtaken
            }
            _ => Error::broker("create a stream")(error),
        })?;
    let taken = &stream.cached_info().config;
    if first > 1 && taken.first_sequence != Some(first) {
        return Err(Error::Topology { stream: wanted.name, setting: "first_seq" });
    }
    tracing::info!(stream = wanted.name, first, "stream created");
    verify(&wanted, taken)
}

async fn retire(bus: &Bus, partition: Partition, epoch: u32) -> Result<(), Error> {
    let Some(present) = find(bus, partition, epoch).await? else { return Ok(()) };
    let subjects = vec![bus.subjects().retired(partition, epoch)];
    if present.config.subjects == subjects {
        return Ok(());
    }
    let config = Config { subjects, ..present.config };
    match bus.jetstream().update_stream(&config).await {
        Ok(_) => {
            tracing::warn!(stream = config.name, "stream of a past epoch put aside");
            Ok(())
        }
        Err(error) if matches!(error.kind(), UpdateStreamErrorKind::NotFound) => Ok(()),
        Err(error) => Err(Error::broker("put a stream aside")(error)),
    }
}

/// Old servers drop settings they do not know without a word.
fn verify(wanted: &Config, taken: &Config) -> Result<(), Error> {
    match difference(wanted, taken) {
        None => Ok(()),
        Some(setting) => Err(Error::Topology { stream: wanted.name.clone(), setting }),
    }
}

/// The first declared setting that differs. Servers add metadata of their own.
fn difference(wanted: &Config, taken: &Config) -> Option<&'static str> {
    let settings = [
        ("subjects", wanted.subjects == taken.subjects),
        ("retention", wanted.retention == taken.retention),
        ("discard", wanted.discard == taken.discard),
        ("storage", wanted.storage == taken.storage),
        ("num_replicas", wanted.num_replicas == taken.num_replicas),
        ("max_age", wanted.max_age == taken.max_age),
        ("max_bytes", wanted.max_bytes == taken.max_bytes),
        ("max_msgs", wanted.max_messages == taken.max_messages),
        ("max_msgs_per_subject", wanted.max_messages_per_subject == taken.max_messages_per_subject),
        ("allow_direct", wanted.allow_direct == taken.allow_direct),
        ("deny_delete", wanted.deny_delete == taken.deny_delete),
        (
            "metadata",
            wanted.metadata.iter().all(|(key, value)| taken.metadata.get(key) == Some(value)),
        ),
    ];
    settings.into_iter().find_map(|(name, same)| (!same).then_some(name))
}
