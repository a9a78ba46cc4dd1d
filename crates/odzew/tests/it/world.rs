//! A private Odzew: its own database, subjects, mail server and ports; every role a process.
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use chassis::rpc::{Actor, Role, put_context};
use testkit::{Database, Process, SmtpSink, eventually};
use tonic::metadata::{KeyAndValueRef, MetadataMap};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use wire::desk::v1::desk_service_client::DeskServiceClient;
use wire::intake::v1::complaint_service_client::ComplaintServiceClient;
use wire::intake::v1::contact_service_client::ContactServiceClient;
use wire::intake::v1::inbound_service_client::InboundServiceClient;
use wire::intake::v1::intake_service_client::IntakeServiceClient;
use wire::intake::v1::party_service_client::PartyServiceClient;
use wire::notification::v1::notification_service_client::NotificationServiceClient;
use wire::routing::v1::directory_service_client::DirectoryServiceClient;
use wire::routing::v1::routing_service_client::RoutingServiceClient;
use wire::sla::v1::sla_service_client::SlaServiceClient;

pub(crate) const ROLES: [&str; 6] = ["intake", "routing", "sla", "notification", "desk", "relay"];

pub(crate) const TENANT: &str = "acme";

pub(crate) struct World {
    pub(crate) db: Database,
    pub(crate) smtp: SmtpSink,
    pub(crate) config: PathBuf,
    folder: tempfile::TempDir,
    grpc: u16,
    http: u16,
    processes: BTreeMap<&'static str, Process>,
}

impl World {
    /// A migrated database with one tenant; no role runs yet.
    pub(crate) async fn new(nats_url: &str, prefix: &str) -> Self {
        Self::with(nats_url, prefix, "").await
    }

    /// The same with more settings.
    pub(crate) async fn with(nats_url: &str, prefix: &str, settings: &str) -> Self {
        let db = Database::create().await;
        let smtp = SmtpSink::start().await;
        let folder = tempfile::tempdir().unwrap();
        let grpc = testkit::free_ports(5);
        let http = testkit::free_ports(6);
        let mail = smtp.addr();
        let text = format!(
            "[postgres]\nurl = {url:?}\nadmin_url = {url:?}\npartitions = 2\n\
             [bus]\nurl = {nats_url:?}\nprefix = {prefix:?}\n\
             [listen]\nintake = \"127.0.0.1:{}\"\nrouting = \"127.0.0.1:{}\"\n\
             sla = \"127.0.0.1:{}\"\nnotification = \"127.0.0.1:{}\"\ndesk = \"127.0.0.1:{}\"\n\
             http = \"127.0.0.1:{http}\"\n\
             [notification]\nack_grace = \"500ms\"\nack_window = \"0s\"\n\
             [notification.email]\nhost = \"{}\"\nport = {}\ntls = \"none\"\n\
             connect_timeout = \"1s\"\nsend_timeout = \"1s\"\n\
             [notification.email.attempts]\nlost_after = \"3s\"\n\
             retry = [\"100ms\", \"200ms\", \"500ms\", \"1s\", \"1s\", \"1s\", \"1s\", \"1s\"]\n\
             {settings}\n",
            grpc,
            grpc + 1,
            grpc + 2,
            grpc + 3,
            grpc + 4,
            mail.ip(),
            mail.port(),
            url = db.url(),
        );
        let config = folder.path().join("odzew.toml");
        std::fs::write(&config, text).unwrap();
        let world = Self { db, smtp, config, folder, grpc, http, processes: BTreeMap::new() };
        world.odzew(&["migrate"]);
        world.odzew(&["admin", "tenant", "create", TENANT]);
        world
    }

    /// Runs a verb to its end and returns what it printed.
    pub(crate) fn odzew(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "odzew {arguments:?}: {text}{errors}");
        text
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_odzew"));
        command.arg("--config").arg(&self.config).args(arguments);
        command
    }

    /// Starts roles, or `all` in one process, and waits until they are ready.
    pub(crate) async fn start(&mut self, roles: &[&'static str]) {
        for role in roles {
            let log = self.folder.path().join(format!("{role}.log"));
            let process = Process::spawn(self.command(&["serve", role]), &log);
            self.processes.insert(role, process);
        }
        for &role in roles {
            let served = if role == "all" { &ROLES } else { std::slice::from_ref(&role) };
            for each in served {
                self.ready(each, &self.processes[role]).await;
            }
        }
    }

    async fn ready(&self, role: &str, process: &Process) {
        eventually(|| async {
            let answer = self.http(role, "/readyz").await;
            if answer.starts_with("HTTP/1.1 200") {
                Ok(())
            } else {
                Err(format!("{role} is not ready: {answer}\n{}", process.output()))
            }
        })
        .await;
    }

    /// Ends a role without warning.
    pub(crate) fn kill(&mut self, role: &str) {
        if let Some(mut process) = self.processes.remove(role) {
            process.kill();
        }
    }

    /// Sends a role a signal.
    pub(crate) fn signal(&self, role: &str, name: &str) {
        self.processes[role].signal(name);
    }

    /// How a role ends that was asked to.
    pub(crate) async fn ended(&mut self, role: &str) -> ExitStatus {
        let process = self.processes.get_mut(role).unwrap();
        eventually(|| {
            let status = process.exit_status();
            async move { status }
        })
        .await
    }

    /// Ends every role as an operator does, all at once: spans that wait are sent.
    pub(crate) async fn stop(&mut self) {
        let ends = self.processes.iter_mut().map(|(role, process)| async move {
            let status = process.terminate().await;
            assert!(status.success(), "{role} ended with {status}:\n{}", process.output());
        });
        futures::future::join_all(ends).await;
    }

    /// Everything that the roles have written so far.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.processes.iter().map(|(role, process)| (*role, process.output()))
    }

    /// What a role answers on its HTTP port; empty if it does not.
    pub(crate) async fn http(&self, role: &str, path: &str) -> String {
        let index = ROLES.iter().position(|each| *each == role).unwrap();
        let address = format!("127.0.0.1:{}", self.http + u16::try_from(index).unwrap());
        get(&address, path).await
    }

    /// A role's metrics as Prometheus reads them.
    pub(crate) async fn metrics(&self, role: &str) -> String {
        let answer = self.http(role, "/metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{role}: {answer}");
        answer
    }

    pub(crate) fn clients(&self, actor: &str, role: Role) -> Clients {
        let caller = Caller::new(actor, role);
        let channel = |offset: u16| {
            let endpoint =
                Endpoint::from_shared(format!("http://127.0.0.1:{}", self.grpc + offset));
            InterceptedService::new(endpoint.unwrap().connect_lazy(), caller.clone())
        };
        Clients {
            intake: IntakeServiceClient::new(channel(0)),
            party: PartyServiceClient::new(channel(0)),
            contact: ContactServiceClient::new(channel(0)),
            complaint: ComplaintServiceClient::new(channel(0)),
            inbound: InboundServiceClient::new(channel(0)),
            routing: RoutingServiceClient::new(channel(1)),
            directory: DirectoryServiceClient::new(channel(1)),
            sla: SlaServiceClient::new(channel(2)),
            notification: NotificationServiceClient::new(channel(3)),
            desk: DeskServiceClient::new(channel(4)),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) intake: IntakeServiceClient<Connection>,
    pub(crate) party: PartyServiceClient<Connection>,
    pub(crate) contact: ContactServiceClient<Connection>,
    pub(crate) complaint: ComplaintServiceClient<Connection>,
    pub(crate) inbound: InboundServiceClient<Connection>,
    pub(crate) routing: RoutingServiceClient<Connection>,
    pub(crate) directory: DirectoryServiceClient<Connection>,
    pub(crate) sla: SlaServiceClient<Connection>,
    pub(crate) notification: NotificationServiceClient<Connection>,
    pub(crate) desk: DeskServiceClient<Connection>,
}

type Connection = InterceptedService<Channel, Caller>;

#[derive(Clone)]
pub(crate) struct Caller(MetadataMap);

impl Caller {
    fn new(actor: &str, role: Role) -> Self {
        let mut metadata = MetadataMap::new();
        put_context(&mut metadata, TENANT, &Actor { id: actor.to_owned(), role }).unwrap();
        Self(metadata)
    }
}

impl Interceptor for Caller {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        for entry in self.0.iter() {
            if let KeyAndValueRef::Ascii(key, value) = entry {
                request.metadata_mut().insert(key, value.clone());
            }
        }
        Ok(request)
    }
}

/// One HTTP answer as text; empty if there is none.
pub(crate) async fn get(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let Ok(mut stream) = tokio::net::TcpStream::connect(address).await else {
        return String::new();
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let mut answer = Vec::new();
    if stream.write_all(request.as_bytes()).await.is_err() {
        return String::new();
    }
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}
