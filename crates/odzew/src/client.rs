//! gRPC clients of all services, calling as one actor of one tenant.
use anyhow::{Context, Result};
use chassis::rpc::{Actor, Role, put_context};
use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use wire::desk::v1::desk_service_client::DeskServiceClient;
use wire::intake::v1::complaint_service_client::ComplaintServiceClient;
use wire::intake::v1::contact_service_client::ContactServiceClient;
use wire::intake::v1::intake_service_client::IntakeServiceClient;
use wire::intake::v1::party_service_client::PartyServiceClient;
use wire::intake::v1::taxonomy_service_client::TaxonomyServiceClient;
use wire::notification::v1::notification_service_client::NotificationServiceClient;
use wire::routing::v1::directory_service_client::DirectoryServiceClient;
use wire::routing::v1::routing_service_client::RoutingServiceClient;
use wire::sla::v1::sla_service_client::SlaServiceClient;

use crate::config::Listen;

/// A connection that says who calls.
pub(crate) type Connection = InterceptedService<Channel, Caller>;

/// Who calls: tenant, actor and role, sent with every request.
#[derive(Clone)]
pub(crate) struct Caller {
    metadata: MetadataMap,
}

impl Caller {
    pub(crate) fn new(tenant: &str, actor: &str, role: Role) -> Result<Self> {
        let mut metadata = MetadataMap::new();
        let actor = Actor { id: actor.to_owned(), role };
        put_context(&mut metadata, tenant, &actor).context("name the caller")?;
        Ok(Self { metadata })
    }
}

impl Interceptor for Caller {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for entry in self.metadata.iter() {
            if let KeyAndValueRef::Ascii(key, value) = entry {
                request.metadata_mut().insert(key, value.clone());
            }
        }
        Ok(request)
    }
}

/// Connections to every service, not yet bound to a caller.
#[derive(Clone)]
pub(crate) struct Services {
    intake: Channel,
    routing: Channel,
    sla: Channel,
    notification: Channel,
    desk: Channel,
}

impl Services {
    /// Connects on first use.
    pub(crate) fn new(listen: &Listen) -> Result<Self> {
        let channel = |address: std::net::SocketAddr| {
            Endpoint::from_shared(format!("http://{address}"))
                .context("address of a service")
                .map(|endpoint| endpoint.connect_lazy())
        };
        Ok(Self {
            intake: channel(listen.intake)?,
            routing: channel(listen.routing)?,
            sla: channel(listen.sla)?,
            notification: channel(listen.notification)?,
            desk: channel(listen.desk)?,
        })
    }

    /// The same connections, calling as one actor.
    pub(crate) fn of(&self, caller: &Caller) -> Clients {
        let with = |channel: &Channel| InterceptedService::new(channel.clone(), caller.clone());
        Clients {
            intake: IntakeServiceClient::new(with(&self.intake)),
            party: PartyServiceClient::new(with(&self.intake)),
            contact: ContactServiceClient::new(with(&self.intake)),
            complaint: ComplaintServiceClient::new(with(&self.intake)),
            taxonomy: TaxonomyServiceClient::new(with(&self.intake)),
            routing: RoutingServiceClient::new(with(&self.routing)),
            directory: DirectoryServiceClient::new(with(&self.routing)),
            sla: SlaServiceClient::new(with(&self.sla)),
            notification: NotificationServiceClient::new(with(&self.notification)),
            desk: DeskServiceClient::new(with(&self.desk)),
        }
    }
}

/// Clients of every service for one caller. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) intake: IntakeServiceClient<Connection>,
    pub(crate) party: PartyServiceClient<Connection>,
    pub(crate) contact: ContactServiceClient<Connection>,
    pub(crate) complaint: ComplaintServiceClient<Connection>,
    pub(crate) taxonomy: TaxonomyServiceClient<Connection>,
    pub(crate) routing: RoutingServiceClient<Connection>,
    pub(crate) directory: DirectoryServiceClient<Connection>,
    pub(crate) sla: SlaServiceClient<Connection>,
    pub(crate) notification: NotificationServiceClient<Connection>,
    pub(crate) desk: DeskServiceClient<Connection>,
}
