//! The gRPC surface of keys, for Odzew's own roles.
use chassis::fields::Fields;
use chassis::rpc::Role;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use wire::intake::v1;
use wire::intake::v1::key_service_server::KeyService;

use super::Intake;
use crate::keys::{KeyBytes, MOST_KEYS};

#[tonic::async_trait]
impl KeyService for Intake {
    async fn get_keys(
        &self,
        request: Request<v1::GetKeysRequest>,
    ) -> Result<Response<v1::GetKeysResponse>, Status> {
        let call = self.caller(&request, "keys.read", &[Role::System]).await?;
        let asked = &request.get_ref().key_ids;
        let mut fields = Fields::new();
        if asked.len() > MOST_KEYS {
            let rule = format!("must be at most {MOST_KEYS}, are {}", asked.len());
            fields.refuse("key_ids", rule);
        }
        let asked = asked.iter().take(MOST_KEYS).enumerate();
        let ids: Vec<_> =
            asked.map(|(place, id)| fields.uuid(&format!("key_ids[{place}]"), id)).collect();
        fields.finish()?;
        let keys = self
            .keys
            .read(call.tenant.key, &ids)
            .await
            .map_err(|error| self.unreadable(&error.into()))?;
        let keys = keys.iter().map(|(id, secret)| key(*id, secret));
        Ok(Response::new(v1::GetKeysResponse { keys: keys.collect() }))
    }

    async fn get_sealing_key(
        &self,
        request: Request<v1::GetSealingKeyRequest>,
    ) -> Result<Response<v1::GetSealingKeyResponse>, Status> {
        let call = self.caller(&request, "keys.read", &[Role::System]).await?;
        let message = request.get_ref();
        let mut fields = Fields::new();
        let stream_id = fields.uuid("stream_id", &message.stream_id);
        let id = fields.uuid("key_id", &message.key_id);
        fields.finish()?;
        let secret = self
            .keys
            .make_one(call.tenant.key, stream_id, id)
            .await
            .map_err(|error| self.unreadable(&error.into()))?;
        let key = secret.map(|secret| key(id, &secret));
        Ok(Response::new(v1::GetSealingKeyResponse { key }))
    }
}

fn key(id: Uuid, secret: &KeyBytes) -> v1::Key {
    v1::Key { key_id: id.to_string(), secret: secret.to_vec().into() }
}
