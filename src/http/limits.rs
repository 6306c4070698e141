//! What one client may take of the server: connections, requests in hand, streams, time. None of it depends on what a client says of itself
//! before its token was seen to be good.

use super::problem::Failed;
use crate::{
    backend::{Failure, FailureKind},
    domain::sentence::Sentence,
};
use axum::body::{Body, Bytes, HttpBody};
use axum_server::accept::Accept;
use bytes::BytesMut;
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    future::{Ready, ready},
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::{OwnedSemaphorePermit, Semaphore},
};

/// Most bytes of the head of a request, and most headers.
pub(super) const MOST_HEAD: usize = 32 << 10;
pub(super) const MOST_HEADERS: usize = 64;

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time; one more is closed at once.
    pub connections: usize,
    /// Requests in hand of one token; one more is answered 429.
    pub requests: usize,
    /// Streams and long polls of one token; one more is answered 429.
    pub streams: usize,
    /// How long the head of a request may take, and a connection may lie idle.
    pub head: Duration,
    /// How long a body may take that is taken whole, and the next piece of one that is handed on.
    pub body: Duration,
    /// How long an answer may take. A client waits a little longer.
    pub answer: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2_000,
            requests: 64,
            streams: 256,
            head: Duration::from_secs(20),
            body: Duration::from_secs(30),
            answer: Duration::from_secs(25),
        }
    }
}

/// What of a token is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Counted {
    Request,
    Stream,
}

type Key = ([u8; 32], Counted);

/// What good tokens have in hand.
#[derive(Default)]
pub(super) struct Counts(Mutex<HashMap<Key, usize>>);

impl Counts {
    /// A place among what a token has in hand, for as long as it is held.
    pub fn place(self: &Arc<Self>, token: &str, of: Counted, limits: &Limits) -> Result<Place, Failed> {
        let most = if of == Counted::Stream { limits.streams } else { limits.requests };
        let key = (Sha256::digest(token.as_bytes()).into(), of);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.entry(key).or_default();
        if *count >= most {
            let what = Sentence::new("http-limit").with("most", most);
            return Err(Failed(Failure::new(FailureKind::Unreachable, what).next(Sentence::new("http-limit-next"))));
        }
        *count += 1;
        Ok(Place { counts: self.clone(), key })
    }
}

/// See [`Counts::place`].
pub(super) struct Place {
    counts: Arc<Counts>,
    key: Key,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut all = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                all.remove(&self.key);
            }
        }
    }
}

fn large(most: u64) -> Failed {
    Failed(Failure::new(FailureKind::Usage, Sentence::new("http-too-large").with("most", most)))
}

/// Refuses a body that says beforehand that it is longer: it need not come first.
pub(super) fn fits(body: &Body, most: u64) -> Result<(), Failed> {
    if body.size_hint().lower() > most { Err(large(most)) } else { Ok(()) }
}

/// A body of at most so many bytes, in time.
pub(super) async fn whole(body: Body, most: usize, limits: &Limits) -> Result<Bytes, Failed> {
    fits(&body, most as u64)?;
    let read = async {
        let (mut pieces, mut all) = (body.into_data_stream(), BytesMut::new());
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(Failed::usage)?;
            if all.len() + piece.len() > most {
                return Err(large(most as u64));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.freeze())
    };
    tokio::time::timeout(limits.body, read).await.unwrap_or_else(|_| Err(Failed::slow()))
}

/// Lets connections in while there are places.
#[derive(Clone)]
pub(super) struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn new(connections: usize) -> Self {
        Self(Arc::new(Semaphore::new(connections)))
    }
}

impl<S> Accept<TcpStream, S> for Gate {
    type Stream = Held;
    type Service = S;
    type Future = Ready<io::Result<(Held, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let place = self.0.clone().try_acquire_owned();
        ready(place.map(|place| (Held { stream, _place: place }, service)).map_err(|_| io::ErrorKind::QuotaExceeded.into()))
    }
}

/// A connection with its place.
pub(super) struct Held {
    stream: TcpStream,
    _place: OwnedSemaphorePermit,
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
