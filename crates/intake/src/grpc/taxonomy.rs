//! The gRPC surface of taxonomies, and the check of a category code against the current version.
use chassis::fields::Fields;
use chassis::rpc::Role;
use domain::taxonomy::{Event, Publish, Published, Taxonomies, stream_id};
use domain::ticket::{Classified, Command};
use eventlog::StreamId;
use prost::Message as _;
use sha2::{Digest as _, Sha256};
use tonic::{Request, Response, Status};
use wire::Payload as _;
use wire::intake::v1;
use wire::intake::v1::taxonomy_service_server::TaxonomyService;
use wire::scalar::timestamp;

use super::Intake;
use crate::call::{Call, Target};
use crate::rules::ahead;
use crate::status;

const PUBLISH: &[Role] = &[Role::SlaManager, Role::ProcessOwner, Role::Admin];

#[tonic::async_trait]
impl TaxonomyService for Intake {
    async fn publish_taxonomy(
        &self,
        request: Request<v1::PublishTaxonomyRequest>,
    ) -> Result<Response<v1::PublishTaxonomyResponse>, Status> {
        let call = self.caller(&request, "taxonomy.publish", PUBLISH).await?;
        let (target, publish) = publish(&call, request.get_ref())?;
        let cause = call.cause(&target);
        let (log, id) = (&self.log, target.id);
        let executed =
            eventlog::execute::<Taxonomies>(log, &call.tenant, id, &cause, &publish).await;
        let executed = executed.map_err(|error| {
            status::people::taxonomy_refused(error, &self.meant(&target, "taxonomy"))
        })?;
        // The next classification in this process uses it.
        self.taxonomies.now(&call.tenant).await.map_err(|error| self.unreadable(&error))?;
        let taxonomy =
            executed.events.first().map(|Event::Published(published)| message(published));
        Ok(Response::new(v1::PublishTaxonomyResponse { taxonomy }))
    }

    async fn get_taxonomies(
        &self,
        request: Request<v1::GetTaxonomiesRequest>,
    ) -> Result<Response<v1::GetTaxonomiesResponse>, Status> {
        let call = self.caller(&request, "taxonomy.read", &Role::ALL).await?;
        let known = self.taxonomies.now(&call.tenant).await;
        let state = &known.map_err(|error| self.unreadable(&error))?.state;
        let in_force = state.in_force(call.now);
        let wanted = request.get_ref().version;
        let named = state.published.iter().find(|published| published.version == wanted);
        let shown = if wanted == 0 { in_force } else { named };
        Ok(Response::new(v1::GetTaxonomiesResponse {
            taxonomy: shown.map(message),
            versions: state.published.iter().map(version).collect(),
            in_force: in_force.map_or(0, |published| published.version),
        }))
    }
}

impl Intake {
    /// Checks the code that the command settles, and notes by which version. A request that was
    /// carried out before is let through, whatever is in force by now: it meets its answer.
    pub(super) async fn check_category(
        &self,
        call: &Call,
        (target, command): &mut (Target, Command),
    ) -> Result<(), Status> {
        let Some(classified) = classified(command).filter(|c| !c.category_code.is_empty()) else {
            return Ok(());
        };
        let known = self.taxonomies.of(&call.tenant).await;
        let state = &known.map_err(|error| self.unreadable(&error))?.state;
        let Some(published) = state.in_force(call.now) else { return Ok(()) };
        classified.taxonomy_version = published.version;
        if published.taxonomy.contains(&classified.category_code)
            || self.was_made(call, target).await?
        {
            return Ok(());
        }
        let (id, version) = (published.taxonomy.id(), published.version);
        let rule = format!("must be a category of the taxonomy {id}, version {version}");
        Err(chassis::status::invalid_field("category_code", rule))
    }

    /// Whether the ticket has taken the request.
    async fn was_made(&self, call: &Call, target: &Target) -> Result<bool, Status> {
        let stream = StreamId::new(domain::ticket::Event::CATEGORY, target.id);
        let events = self.log.read_stream(&call.tenant, &stream, 0).await;
        let id = target.request.id.to_string();
        for event in events.map_err(|error| self.unreadable(&error))? {
            if event.metadata().map_err(|error| chassis::status::internal(&error))?.request_id == id
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn classified(command: &mut Command) -> Option<&mut Classified> {
    if let Command::Register(register) = command {
        return register.classified.as_deref_mut();
    }
    if let Command::Classify(classified) = command { Some(classified) } else { None }
}

fn publish(call: &Call, request: &v1::PublishTaxonomyRequest) -> Result<(Target, Publish), Status> {
    let mut fields = Fields::new();
    let target = call.creation(&mut fields, request, &request.request_id);
    let from = request.effective_from.as_ref();
    let effective_from =
        from.map_or(call.now, |at| ahead(&mut fields, "effective_from", Some(at), call.now));
    let taxonomy = fields.required("taxonomy", request.taxonomy.as_ref()).cloned();
    fields.finish()?;
    let taxonomy = v1::Taxonomy { version: 0, ..taxonomy.unwrap_or_default() };
    let sha256 = Sha256::digest(taxonomy.encode_to_vec()).into();
    let draft = wire::taxonomy::draft(&taxonomy);
    let target = Target { id: stream_id(&call.tenant.name), ..target };
    Ok((target, Publish { draft, effective_from, sha256 }))
}

fn message(published: &Published) -> v1::Taxonomy {
    wire::taxonomy::message(&published.taxonomy, published.version)
}

fn version(published: &Published) -> v1::TaxonomyVersion {
    v1::TaxonomyVersion {
        taxonomy_id: published.taxonomy.id().to_owned(),
        version: published.version,
        effective_from: Some(timestamp(published.effective_from)),
        sha256: published.sha256.to_vec().into(),
    }
}
