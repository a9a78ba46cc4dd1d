//! Keys of personal data for roles that read or seal them, fetched from intake.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chassis::rpc::{Actor, Role, put_context};
use eventlog::sealing::{
    Found, KeyMaker, KeySource, Keyring, KeysAway, Owner, Sealing, SubjectKey,
};
use futures::future::BoxFuture;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;
use wire::intake::v1::key_service_client::KeyServiceClient;
use wire::intake::v1::{GetKeysRequest, GetSealingKeyRequest, Key};
use zeroize::Zeroizing;

use crate::config::Config;
use crate::serve;

/// Most keys that intake gives in one answer.
const MOST_KEYS: usize = 1_000;

/// Asks intake.
struct Intake {
    client: KeyServiceClient<Channel>,
    actor: Actor,
    timeout: Duration,
}

/// The keys that a role remembers.
///
/// # Errors
/// If intake's address is not valid.
pub(crate) fn of_intake(role: serve::Role, config: &Config) -> anyhow::Result<Keyring> {
    Ok(Keyring::new(intake(role, config)?, &config.sealing))
}

/// Seals with keys that intake makes.
///
/// # Errors
/// If intake's address is not valid.
pub(crate) fn sealing(role: serve::Role, config: &Config) -> anyhow::Result<Sealing> {
    Ok(Sealing::new(intake(role, config)?, &config.sealing))
}

fn intake(role: serve::Role, config: &Config) -> anyhow::Result<Intake> {
    let timeout = config.sealing.call_timeout;
    let address = config.listen.intake;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .with_context(|| format!("intake's address {address}"))?
        .connect_timeout(timeout);
    let client = KeyServiceClient::new(endpoint.connect_lazy());
    let actor = Actor { id: role.to_string(), role: Role::System };
    Ok(Intake { client, actor, timeout })
}

impl KeySource for Intake {
    fn keys<'a>(
        &'a self,
        owner: Owner<'a>,
        ids: &'a [Uuid],
    ) -> BoxFuture<'a, Result<Vec<Found>, KeysAway>> {
        Box::pin(async move {
            let mut keys = HashMap::with_capacity(ids.len());
            for some in ids.chunks(MOST_KEYS) {
                self.ask(owner, some, &mut keys).await?;
            }
            Ok(ids.iter().map(|id| keys.remove(id).unwrap_or(Found::Gone)).collect())
        })
    }
}

impl KeyMaker for Intake {
    fn make<'a>(
        &'a self,
        owner: Owner<'a>,
        stream_id: Uuid,
        id: Uuid,
    ) -> BoxFuture<'a, Result<Found, KeysAway>> {
        Box::pin(async move {
            let (stream_id, key_id) = (stream_id.to_string(), id.to_string());
            let request = self.request(owner, GetSealingKeyRequest { stream_id, key_id })?;
            let mut client = self.client.clone();
            let answer = tokio::time::timeout(self.timeout, client.get_sealing_key(request));
            let answer = answer.await.map_err(KeysAway::new)?.map_err(KeysAway::new)?;
            answer.into_inner().key.map_or(Ok(Found::Gone), |key| found(&key))
        })
    }
}

impl Intake {
    fn request<M>(&self, owner: Owner<'_>, message: M) -> Result<Request<M>, KeysAway> {
        let mut request = Request::new(message);
        request.set_timeout(self.timeout);
        put_context(request.metadata_mut(), owner.name, &self.actor).map_err(KeysAway::new)?;
        Ok(request)
    }

    async fn ask(
        &self,
        owner: Owner<'_>,
        ids: &[Uuid],
        keys: &mut HashMap<Uuid, Found>,
    ) -> Result<(), KeysAway> {
        let key_ids = ids.iter().map(Uuid::to_string).collect();
        let request = self.request(owner, GetKeysRequest { key_ids })?;
        let mut client = self.client.clone();
        let answer = tokio::time::timeout(self.timeout, client.get_keys(request));
        let answer = answer.await.map_err(KeysAway::new)?.map_err(KeysAway::new)?;
        for key in answer.into_inner().keys {
            let id = key.key_id.parse().map_err(KeysAway::new)?;
            keys.insert(id, found(&key)?);
        }
        Ok(())
    }
}

fn found(key: &Key) -> Result<Found, KeysAway> {
    let secret: [u8; 32] = key.secret.as_ref().try_into().map_err(KeysAway::new)?;
    Ok(Found::Key(Arc::new(SubjectKey::new(&Zeroizing::new(secret)))))
}
