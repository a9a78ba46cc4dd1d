//! Asks a role's HTTP port whether it is ready.
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LIMIT: Duration = Duration::from_secs(2);

/// True if `GET /readyz` answers 200 within two seconds.
pub(crate) async fn is_ready(address: SocketAddr) -> bool {
    matches!(tokio::time::timeout(LIMIT, status_line(address)).await, Ok(Ok(line)) if line.contains(" 200 "))
}

async fn status_line(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: odzew\r\nconnection: close\r\n\r\n").await?;
    let mut answer = Vec::new();
    stream.take(1024).read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
