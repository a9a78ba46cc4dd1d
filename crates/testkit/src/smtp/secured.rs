//! TLS and login, on the side of the test's SMTP server.
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// When a session becomes an encrypted one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte.
    Implicit,
    /// When the client asks, before which nobody may log in or name a sender.
    Starttls,
}

/// What a sink asks of its clients.
#[derive(Clone)]
pub struct Security {
    pub(super) mode: Tls,
    pub(super) acceptor: TlsAcceptor,
    /// The only login that is good, as `AUTH PLAIN` sends it.
    pub(super) login: String,
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl Security {
    /// TLS for `127.0.0.1` with a certificate made on the spot, which is written to `file`, and one
    /// user who may send.
    ///
    /// # Errors
    /// When the certificate cannot be made or written.
    pub fn new(mode: Tls, file: &Path, user: &str, password: &str) -> anyhow::Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]);
        let made = made.context("make a certificate")?;
        std::fs::write(file, made.cert.pem()).context("write the certificate")?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("choose versions of TLS")?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .context("take the certificate")?;
        let login = STANDARD.encode(format!("\0{user}\0{password}"));
        Ok(Self { mode, acceptor: TlsAcceptor::from(Arc::new(config)), login })
    }
}

/// A connection, encrypted or not.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

/// A connection that is read line by line.
pub(super) type Lines = BufReader<Box<dyn Duplex>>;

/// The connection as it begins.
pub(super) async fn begin(stream: TcpStream, security: Option<&Security>) -> anyhow::Result<Lines> {
    let duplex: Box<dyn Duplex> = match security {
        Some(Security { mode: Tls::Implicit, acceptor, .. }) => {
            Box::new(acceptor.accept(stream).await?)
        }
        Some(_) | None => Box::new(stream),
    };
    Ok(BufReader::new(duplex))
}

/// The connection after STARTTLS; what was sent in clear behind the command is forgotten.
pub(super) async fn upgrade(lines: Lines, security: &Security) -> anyhow::Result<Lines> {
    let duplex = security.acceptor.accept(lines.into_inner()).await?;
    Ok(BufReader::new(Box::new(duplex)))
}
