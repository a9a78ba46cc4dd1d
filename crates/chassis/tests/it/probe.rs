//! A small gRPC service that can be told to be slow, to panic and to refuse, and its server.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use chassis::health::Health;
use chassis::rpc::{AuthMode, AuthSettings, RequestContext};
use chassis::serve::{Api, Server, Settings};
use chassis::status;
use http::{Request, Response};
use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto, ServiceDescriptorProto,
};
use tokio::task::JoinHandle;
use tokio_stream::Stream;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, EnabledCompressionEncodings};
use tonic::server::NamedService;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

pub(crate) const READ: &str = "/test.Probe/Read";
pub(crate) const WRITE: &str = "/test.Probe/Write";
pub(crate) const WATCH: &str = "/test.Probe/Watch";

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Ask {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
}

#[derive(Clone)]
pub(crate) struct Probe {
    max_message_bytes: usize,
}

impl NamedService for Probe {
    const NAME: &'static str = "test.Probe";
}

type Answers = Pin<Box<dyn Stream<Item = Result<Ask, Status>> + Send>>;

async fn answer(request: tonic::Request<Ask>) -> Result<tonic::Response<Ask>, Status> {
    match request.get_ref().text.as_str() {
        "slow" => std::future::pending().await,
        "panic" => panic!("a secret invariant"),
        "bare" => Err(Status::internal("a secret cause")),
        "refuse" => Err(status::not_found("ticket", "42")),
        "who" => {
            let context = RequestContext::from_request(&request)?;
            assert!(context.deadline.is_some());
            let text = format!("{} {} {}", context.tenant, context.actor.role, context.method);
            Ok(tonic::Response::new(Ask { text }))
        }
        _ => Ok(tonic::Response::new(request.into_inner())),
    }
}

async fn watch(request: tonic::Request<Ask>) -> Result<tonic::Response<Answers>, Status> {
    use tokio_stream::StreamExt;
    let first = tokio_stream::once(Ok(request.into_inner()));
    Ok(tonic::Response::new(Box::pin(first.chain(tokio_stream::pending()))))
}

impl tower::Service<Request<Body>> for Probe {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let codec = ProstCodec::<Ask, Ask>::default();
        let mut accepted = EnabledCompressionEncodings::default();
        accepted.enable(CompressionEncoding::Gzip);
        let mut grpc = tonic::server::Grpc::new(codec)
            .apply_compression_config(accepted, EnabledCompressionEncodings::default())
            .apply_max_message_size_config(Some(self.max_message_bytes), None);
        Box::pin(async move {
            Ok(match request.uri().path() {
                READ | WRITE => grpc.unary(tower::service_fn(answer), request).await,
                WATCH => grpc.server_streaming(tower::service_fn(watch), request).await,
                _ => Status::unimplemented("").into_http(),
            })
        })
    }
}

/// What a compiler would have produced for the service above.
fn descriptors() -> &'static [u8] {
    let message = |name: &str, field: &str| DescriptorProto {
        name: Some(name.to_owned()),
        field: vec![FieldDescriptorProto {
            name: Some(field.to_owned()),
            number: Some(1),
            r#type: Some(Type::String as i32),
            ..Default::default()
        }],
        ..Default::default()
    };
    let method = |name: &str, input: &str, streaming: bool| MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(format!(".test.{input}")),
        output_type: Some(".test.Ask".to_owned()),
        server_streaming: Some(streaming),
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some("test/probe.proto".to_owned()),
        package: Some("test".to_owned()),
        message_type: vec![message("Ask", "text"), message("Order", "request_id")],
        service: vec![ServiceDescriptorProto {
            name: Some("Probe".to_owned()),
            method: vec![
                method("Read", "Ask", false),
                method("Write", "Order", false),
                method("Watch", "Ask", true),
            ],
            ..Default::default()
        }],
        syntax: Some("proto3".to_owned()),
        ..Default::default()
    };
    Box::leak(FileDescriptorSet { file: vec![file] }.encode_to_vec().into_boxed_slice())
}

pub(crate) fn settings() -> Settings {
    Settings {
        max_message_bytes: 4096,
        default_deadline: Duration::from_secs(10),
        max_deadline: Duration::from_secs(60),
        max_in_flight: 16,
        overload_retry_after: Duration::from_millis(1500),
        max_concurrent_streams: 200,
        max_header_list_bytes: 16_384,
        max_pending_reset_streams: 20,
        keepalive_interval: Duration::from_secs(30),
        keepalive_timeout: Duration::from_secs(20),
        max_connection_age: Duration::ZERO,
        reflection: true,
        drain_delay: Duration::ZERO,
        drain_limit: Duration::from_secs(20),
    }
}

pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    pub(crate) health: Health,
    pub(crate) shutdown: CancellationToken,
    pub(crate) server: JoinHandle<Result<(), chassis::serve::Error>>,
}

pub(crate) async fn start(settings: Settings) -> Running {
    let auth = AuthSettings { mode: AuthMode::TrustedMetadata };
    let any = "127.0.0.1:0".parse().unwrap();
    let probe = Probe { max_message_bytes: settings.max_message_bytes };
    let server = Server::bind(any, settings, &auth).await.unwrap();
    let (addr, health, shutdown) = (server.local_addr(), Health::new(), CancellationToken::new());
    let api = Api::new(descriptors()).service(probe);
    let server = tokio::spawn(server.serve(api, health.clone(), shutdown.clone()));
    Running { addr, health, shutdown, server }
}

impl Running {
    pub(crate) async fn channel(&self) -> Channel {
        let endpoint = Channel::from_shared(format!("http://{}", self.addr)).unwrap();
        endpoint.connect().await.unwrap()
    }

    /// One unary call with any message as request.
    pub(crate) async fn send<M>(&self, path: &'static str, request: M) -> Result<Ask, Status>
    where
        M: tonic::IntoRequest<M> + Message + Default + Send + Sync + 'static,
    {
        self.send_request(path, tonic::Request::new(request)).await
    }

    pub(crate) async fn send_request<M>(
        &self,
        path: &'static str,
        request: tonic::Request<M>,
    ) -> Result<Ask, Status>
    where
        M: Message + Default + Send + Sync + 'static,
    {
        let client = tonic::client::Grpc::new(self.channel().await);
        self.send_with(client, path, request).await
    }

    pub(crate) async fn send_with<M>(
        &self,
        mut client: tonic::client::Grpc<Channel>,
        path: &'static str,
        request: tonic::Request<M>,
    ) -> Result<Ask, Status>
    where
        M: Message + Default + Send + Sync + 'static,
    {
        client.ready().await.unwrap();
        let codec = ProstCodec::<M, Ask>::default();
        let path = http::uri::PathAndQuery::from_static(path);
        client.unary(request, path, codec).await.map(tonic::Response::into_inner)
    }

    pub(crate) async fn ask(&self, path: &'static str, text: &str) -> Result<Ask, Status> {
        self.send(path, Ask { text: text.to_owned() }).await
    }

    /// Opens a stream and never sends what it asks for.
    pub(crate) async fn watch_without_asking(&self) -> Status {
        let mut client = tonic::client::Grpc::new(self.channel().await);
        client.ready().await.unwrap();
        let codec = ProstCodec::<Ask, Ask>::default();
        let path = http::uri::PathAndQuery::from_static(WATCH);
        let nothing = tonic::Request::new(tokio_stream::pending::<Ask>());
        client.streaming(nothing, path, codec).await.map(drop).unwrap_err()
    }

    pub(crate) async fn watch(&self, text: &str) -> tonic::Streaming<Ask> {
        let mut client = tonic::client::Grpc::new(self.channel().await);
        client.ready().await.unwrap();
        let codec = ProstCodec::<Ask, Ask>::default();
        let path = http::uri::PathAndQuery::from_static(WATCH);
        let request = tonic::Request::new(Ask { text: text.to_owned() });
        client.server_streaming(request, path, codec).await.unwrap().into_inner()
    }
}
