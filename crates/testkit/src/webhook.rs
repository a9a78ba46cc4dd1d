//! A real HTTP/1.1 server that records each request and answers as it is told.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longest body read; a longer one cuts the connection.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `POST` and the like.
    pub method: String,
    /// Path with query.
    pub path: String,
    /// Header fields in order; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded if it was chunked.
    pub body: Vec<u8>,
}

impl Request {
    /// The first value of the header `name` (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the sink does with a request once it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A status with an empty body.
    Status(u16),
    /// A status with header fields, such as `Retry-After` or `Location`.
    With(u16, Vec<(&'static str, String)>),
    /// Never answers; the connection stays open.
    Hang,
    /// Cuts the connection: nobody knows.
    Cut,
}

#[derive(Debug)]
struct State {
    /// Written by connections, read by the test.
    requests: Vec<Request>,
    /// Answers to the next requests, then to every request; written by the test.
    next: VecDeque<Answer>,
    always: Answer,
}

/// A web server on loopback. Dropping it closes it.
#[derive(Debug)]
pub struct WebhookSink {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    accepting: JoinHandle<()>,
}

impl WebhookSink {
    /// Listens on a free port and answers 204.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start() -> WebhookSink {
        WebhookSink::launch().await.unwrap_or_else(|error| panic!("{error:#}"))
    }

    async fn launch() -> anyhow::Result<WebhookSink> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
        let address = listener.local_addr()?;
        let always = Answer::Status(204);
        let next = VecDeque::new();
        let state = Arc::new(Mutex::new(State { requests: Vec::new(), next, always }));
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // A client that goes away ends its connection; that is all there is to know.
                tokio::spawn(async move { drop(serve(stream, &state).await) });
            }
        });
        Ok(WebhookSink { address, state, accepting })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// An address to post to.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// The requests so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        lock(&self.state).requests.clone()
    }

    /// Answers so from now on.
    pub fn answer(&self, answer: Answer) {
        lock(&self.state).always = answer;
    }

    /// Answers the next `count` requests so.
    pub fn answer_next(&self, count: usize, answer: Answer) {
        lock(&self.state).next.extend(std::iter::repeat_n(answer, count));
    }
}

impl Drop for WebhookSink {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, state: &Mutex<State>) -> anyhow::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        let answer = {
            let mut state = lock(state);
            state.requests.push(request);
            let next = state.next.pop_front();
            next.unwrap_or_else(|| state.always.clone())
        };
        let (status, headers) = match answer {
            Answer::Status(status) => (status, Vec::new()),
            Answer::With(status, headers) => (status, headers),
            Answer::Cut => return Ok(()),
            Answer::Hang => std::future::pending().await,
        };
        let mut response = format!("HTTP/1.1 {status} Told\r\n");
        for (name, value) in headers {
            response.push_str(&format!("{name}: {value}\r\n"));
        }
        if status != 204 {
            response.push_str("content-length: 0\r\n");
        }
        response.push_str("\r\n");
        stream.write_all(response.as_bytes()).await?;
        stream.flush().await?;
    }
    Ok(())
}

/// The next request, or `None` when the client is done.
async fn read(stream: &mut BufReader<TcpStream>) -> anyhow::Result<Option<Request>> {
    let first = line(stream).await?;
    if first.is_empty() {
        return Ok(None);
    }
    let mut words = first.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let path = words.next().context("a request line names a path")?.to_owned();
    let mut headers = Vec::new();
    loop {
        let field = line(stream).await?;
        let Some((name, value)) = field.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = Request { method, path, headers, body: Vec::new() };
    if request.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        stream.flush().await?;
    }
    if request.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = line(stream).await?;
            let size = usize::from_str_radix(size.trim(), 16).context("a chunk has a size")?;
            block(stream, size, &mut request.body).await?;
            line(stream).await?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(size) = request.header("content-length") {
        let size = size.parse().context("content-length is a number")?;
        block(stream, size, &mut request.body).await?;
    }
    Ok(Some(request))
}

async fn line(stream: &mut BufReader<TcpStream>) -> anyhow::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end().to_owned())
}

async fn block(
    stream: &mut BufReader<TcpStream>,
    size: usize,
    body: &mut Vec<u8>,
) -> anyhow::Result<()> {
    let start = body.len();
    anyhow::ensure!(start + size <= LONGEST_BODY, "a body of more than {LONGEST_BODY} bytes");
    body.resize(start + size, 0);
    stream.read_exact(&mut body[start..]).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    async fn exchange(sink: &WebhookSink, request: &str) -> String {
        let mut stream = TcpStream::connect(sink.addr()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = vec![0; 1024];
        let size = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..size]).into_owned()
    }

    #[tokio::test]
    async fn requests_are_recorded_and_answered_as_told() {
        let sink = WebhookSink::start().await;
        let retry = vec![("retry-after", "3".to_owned())];
        sink.answer_next(1, Answer::With(429, retry));
        sink.answer_next(1, Answer::Cut);

        let plain = "POST /hook?a=1 HTTP/1.1\r\nX-Mark: Yes\r\nContent-Length: 2\r\n\r\nhi";
        let chunked = "POST /hook HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
                       3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let first = exchange(&sink, plain).await;
        assert!(first.starts_with("HTTP/1.1 429") && first.contains("retry-after: 3"), "{first}");
        assert_eq!(exchange(&sink, chunked).await, "");
        assert!(exchange(&sink, plain).await.starts_with("HTTP/1.1 204"));

        let requests = sink.requests();
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0].path, "/hook?a=1");
        assert_eq!(requests[0].header("x-mark"), Some("Yes"));
        assert_eq!(requests[0].body, b"hi");
        assert_eq!(requests[1].body, b"abcde");
    }
}
