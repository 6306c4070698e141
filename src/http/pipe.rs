//! Bytes between a stream and a blocking reader, a few pieces at a time. The last piece is an empty one: a writing end that is dropped before
//! is no end of the bytes.

use bytes::Bytes;
use std::io::{self, Read};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pieces on their way.
const DEPTH: usize = 8;

/// What one side writes the other reads.
pub(super) fn pipe() -> (Sender<io::Result<Bytes>>, Pipe) {
    let (send, pieces) = channel(DEPTH);
    (send, Pipe { pieces, rest: END, ended: false })
}

/// The piece that ends the bytes.
pub(super) const END: Bytes = Bytes::new();

/// The reading end.
pub(super) struct Pipe {
    pieces: Receiver<io::Result<Bytes>>,
    rest: Bytes,
    ended: bool,
}

impl Pipe {
    /// The pieces as they come.
    pub fn into_inner(self) -> Receiver<io::Result<Bytes>> {
        self.pieces
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() && !self.ended {
            self.rest = self.pieces.blocking_recv().unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
            self.ended = self.rest.is_empty();
        }
        let n = self.rest.len().min(into.len());
        let piece = self.rest.split_to(n);
        into.iter_mut().zip(piece).for_each(|(to, from)| *to = from);
        Ok(n)
    }
}
