//! Bytes between a stream and a blocking reader, a few pieces at a time.

use bytes::Bytes;
use std::io::{self, Read};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Pieces on their way.
const DEPTH: usize = 8;

/// Some bytes, or `None` at their end. A writing end that is dropped before has said no end: what came is not the whole.
pub(super) type Piece = io::Result<Option<Bytes>>;

/// What one side writes the other reads.
pub(super) fn pipe() -> (Sender<Piece>, Pipe) {
    let (send, pieces) = channel(DEPTH);
    (send, Pipe { pieces, rest: Bytes::new(), ended: false })
}

fn cut() -> io::Error {
    io::ErrorKind::UnexpectedEof.into()
}

/// The reading end.
pub(super) struct Pipe {
    pieces: Receiver<Piece>,
    rest: Bytes,
    ended: bool,
}

impl Pipe {
    /// The next piece, for who may not block; `None` once all have come.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        self.pieces.recv().await.unwrap_or_else(|| Err(cut())).transpose()
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() && !self.ended {
            match self.pieces.blocking_recv().unwrap_or_else(|| Err(cut()))? {
                Some(piece) => self.rest = piece,
                None => self.ended = true,
            }
        }
        let n = self.rest.len().min(into.len());
        let piece = self.rest.split_to(n);
        into.iter_mut().zip(piece).for_each(|(to, from)| *to = from);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: Vec<Piece>) -> io::Result<Vec<u8>> {
        let (send, mut pipe) = pipe();
        pieces.into_iter().for_each(|p| send.try_send(p).unwrap());
        drop(send);
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).map(|_| all)
    }

    #[test]
    fn bytes_are_whole_only_when_their_end_was_said() {
        let some = |text: &'static str| Ok(Some(Bytes::from_static(text.as_bytes())));
        // A piece may be empty; it ends nothing.
        assert_eq!(read(vec![some("a"), some(""), some("b"), Ok(None)]).unwrap(), b"ab");
        assert_eq!(read(vec![Ok(None)]).unwrap(), b"");
        assert_eq!(read(vec![some("a")]).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(read(vec![some("a"), Err(io::ErrorKind::TimedOut.into())]).unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
