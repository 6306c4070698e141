//! Bytes between a stream and a blocking reader, a few pieces at a time.

use bytes::Bytes;
use std::io::{self, Read};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pieces on their way.
const DEPTH: usize = 8;

/// What one side writes the other reads.
pub(super) fn pipe() -> (Sender<io::Result<Bytes>>, Pipe) {
    let (send, pieces) = channel(DEPTH);
    (send, Pipe { pieces, rest: Bytes::new() })
}

/// The reading end. It ends when the writing end is dropped.
pub(super) struct Pipe {
    pieces: Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Pipe {
    /// The pieces as they come.
    pub fn into_inner(self) -> Receiver<io::Result<Bytes>> {
        self.pieces
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.rest = piece?,
                None => return Ok(0),
            }
        }
        let n = self.rest.len().min(into.len());
        let piece = self.rest.split_to(n);
        into.iter_mut().zip(piece).for_each(|(to, from)| *to = from);
        Ok(n)
    }
}
