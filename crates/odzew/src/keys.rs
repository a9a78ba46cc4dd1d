//! Keys of personal data for the roles that read some: asked of intake, which keeps them.
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chassis::rpc::{Actor, Role, put_context};
use eventlog::sealing::{Found, KeySource, Keyring, KeysAway, Owner, SubjectKey};
use futures::future::BoxFuture;
use tonic::Request;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;
use wire::intake::v1::GetKeysRequest;
use wire::intake::v1::key_service_client::KeyServiceClient;
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
/// If intake's address is none.
pub(crate) fn of_intake(role: serve::Role, config: &Config) -> anyhow::Result<Keyring> {
    let timeout = config.sealing.call_timeout;
    let address = config.listen.intake;
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .with_context(|| format!("intake's address {address}"))?
        .connect_timeout(timeout);
    let client = KeyServiceClient::new(endpoint.connect_lazy());
    let actor = Actor { id: role.to_string(), role: Role::System };
    Ok(Keyring::new(Intake { client, actor, timeout }, &config.sealing))
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

impl Intake {
    async fn ask(
        &self,
        owner: Owner<'_>,
        ids: &[Uuid],
        keys: &mut HashMap<Uuid, Found>,
    ) -> Result<(), KeysAway> {
        let key_ids = ids.iter().map(Uuid::to_string).collect();
        let mut request = Request::new(GetKeysRequest { key_ids });
        request.set_timeout(self.timeout);
        put_context(request.metadata_mut(), owner.name, &self.actor).map_err(KeysAway::new)?;
        let mut client = self.client.clone();
        let answer = tokio::time::timeout(self.timeout, client.get_keys(request));
        let answer = answer.await.map_err(KeysAway::new)?.map_err(KeysAway::new)?;
        for key in answer.into_inner().keys {
            let id = key.key_id.parse().map_err(KeysAway::new)?;
            let secret: [u8; 32] = key.secret.as_ref().try_into().map_err(KeysAway::new)?;
            let secret = Zeroizing::new(secret);
            keys.insert(id, Found::Key(Arc::new(SubjectKey::new(&secret))));
        }
        Ok(())
    }
}
