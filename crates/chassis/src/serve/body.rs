//! The body of a response: observed for its status, and ended when the server drains.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::body::Body;
use tonic::{Code, Status};

use super::call::Call;

/// A body whose end ends the call. `stop` is set for streams only.
pub(super) struct WatchedBody {
    inner: Body,
    call: Call,
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    parting: Status,
    finished: bool,
}

impl WatchedBody {
    /// `parting` is what a stream is told when the server stops.
    pub(super) fn new(
        inner: Body,
        call: Call,
        stop: Option<WaitForCancellationFutureOwned>,
        parting: Status,
    ) -> Self {
        Self { inner, call, stop: stop.map(Box::pin), parting, finished: false }
    }

    fn part(&mut self) -> Frame<<Body as http_body::Body>::Data> {
        self.finished = true;
        self.call.end(self.parting.code());
        let mut trailers = HeaderMap::new();
        if self.parting.add_header(&mut trailers).is_err() {
            trailers.clear();
            trailers.insert(Status::GRPC_STATUS, (Code::Unavailable as i32).into());
        }
        Frame::trailers(trailers)
    }
}

impl http_body::Body for WatchedBody {
    type Data = <Body as http_body::Body>::Data;
    type Error = <Body as http_body::Body>::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        if this.finished {
            return Poll::Ready(None);
        }
        if let Some(stop) = &mut this.stop
            && stop.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Ok(this.part())));
        }
        let span = this.call.span.clone();
        let polled = span.in_scope(|| Pin::new(&mut this.inner).poll_frame(cx));
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
                    this.finished = true;
                    this.call.end(status.code());
                }
            }
            Poll::Ready(Some(Err(status))) => {
                this.finished = true;
                this.call.end(status.code());
            }
            Poll::Ready(None) => {
                this.finished = true;
                this.call.end(Code::Ok);
            }
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.finished || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.stop {
            Some(_) => SizeHint::default(),
            None => self.inner.size_hint(),
        }
    }
}
