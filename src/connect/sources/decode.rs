//! Bytes as they come: counted, hashed, and turned into UTF-8.

use encoding_rs::{Decoder, DecoderResult, GB18030};
use sha2::{Digest, Sha256};
use std::io::{self, ErrorKind, Read};

/// A stream to read, the same type as the door's.
pub type Source = Box<dyn Read + Send>;

/// Bytes asked for at a time.
const CHUNK: usize = 256 * 1024;
/// Bytes after the first non-ASCII one by which the encoding is judged. A fixed span of the file, so that it does not matter in what
/// pieces the file arrives.
const WINDOW: usize = 64 * 1024;
/// Stands for bytes that have no meaning in the encoding. Never part of UTF-8, so that the row is refused like any row that is no text.
const MALFORMED: u8 = 0xff;

/// Why no more can be read.
#[derive(Debug)]
pub(super) enum Fault {
    Io(ErrorKind),
    Utf16,
}

/// What a mapping says about the encoding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8, else GB18030.
    #[default]
    Detect,
    Utf8,
    Gb18030,
}

enum State {
    Start(Encoding),
    /// Nothing but ASCII so far.
    Undecided,
    Utf8,
    Gb(Box<Decoder>),
    /// GB18030 after its last byte.
    Done,
}

/// The stream, decoded.
pub(super) struct Bytes {
    from: Source,
    hash: Sha256,
    read: u64,
    ended: bool,
    state: State,
    raw: Vec<u8>,
}

impl Bytes {
    pub(super) fn new(from: Source, encoding: Encoding) -> Self {
        Self { from, hash: Sha256::new(), read: 0, ended: false, state: State::Start(encoding), raw: Vec::new() }
    }

    /// Bytes read from the stream.
    pub(super) fn count(&self) -> u64 {
        self.read
    }

    /// Reads what is left and gives the SHA-256 of all bytes, in hex, with their count.
    pub(super) fn finish(mut self) -> Result<(String, u64), Fault> {
        while !self.ended {
            let mut chunk = std::mem::take(&mut self.raw);
            chunk.clear();
            self.read_into(&mut chunk, CHUNK)?;
            self.raw = chunk;
        }
        Ok((hex::encode(self.hash.finalize()), self.read))
    }

    /// Appends a chunk of UTF-8 (but for malformed bytes); false at the end.
    pub(super) fn more(&mut self, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let before = out.len();
        if let State::Start(encoding) = self.state {
            self.start(encoding, out)?;
            if out.len() > before {
                return Ok(true);
            }
        }
        match self.state {
            State::Start(_) | State::Undecided => {
                self.read_into(out, CHUNK)?;
                self.judge(out, before)?;
            }
            State::Utf8 => self.read_into(out, CHUNK)?,
            State::Gb(_) => {
                let mut raw = std::mem::take(&mut self.raw);
                raw.clear();
                self.read_into(&mut raw, CHUNK)?;
                self.decode(&raw, out);
                self.raw = raw;
            }
            State::Done => {}
        }
        Ok(out.len() > before)
    }

    /// The first chunk: byte order marks, and what the mapping says.
    fn start(&mut self, encoding: Encoding, out: &mut Vec<u8>) -> Result<(), Fault> {
        let before = out.len();
        self.read_into(out, CHUNK)?;
        let head = out.get(before..).unwrap_or_default();
        let mark = |mark: &[u8]| if head.starts_with(mark) { mark.len() } else { 0 };
        if mark(&[0xff, 0xfe]) + mark(&[0xfe, 0xff]) > 0 && encoding == Encoding::Detect {
            return Err(Fault::Utf16);
        }
        let (utf8, gb) = (mark(&[0xef, 0xbb, 0xbf]), mark(&[0x84, 0x31, 0x95, 0x33]));
        if utf8 > 0 {
            out.drain(before..before + utf8);
            self.state = State::Utf8;
        } else if encoding == Encoding::Gb18030 || gb > 0 {
            self.state = State::Gb(Box::new(GB18030.new_decoder_without_bom_handling()));
            let raw = out.split_off(before + gb);
            out.truncate(before);
            self.decode(&raw, out);
        } else if encoding == Encoding::Utf8 {
            self.state = State::Utf8;
        } else {
            self.state = State::Undecided;
            self.judge(out, before)?;
        }
        Ok(())
    }

    /// Decides for UTF-8 or GB18030 once there is a byte by which they differ. ASCII is the same in both.
    fn judge(&mut self, out: &mut Vec<u8>, from: usize) -> Result<(), Fault> {
        let Some(first) = out.iter().skip(from).position(|b| !b.is_ascii()).map(|p| p + from) else { return Ok(()) };
        let have = out.len() - first;
        if have < WINDOW {
            self.read_into(out, WINDOW - have)?;
        }
        let window = out.get(first..out.len().min(first + WINDOW)).unwrap_or_default();
        // A damaged UTF-8 file has far more good characters than bad bytes; GB18030 read as UTF-8 has it the other way round.
        let (mut good, mut bad) = (0_usize, 0_usize);
        for part in window.utf8_chunks() {
            good += part.valid().chars().filter(|c| !c.is_ascii()).count();
            bad += usize::from(!part.invalid().is_empty());
        }
        let cut = std::str::from_utf8(window).is_err_and(|e| e.error_len().is_none());
        if bad - usize::from(cut) == 0 || good >= 4 * bad {
            self.state = State::Utf8;
        } else {
            self.state = State::Gb(Box::new(GB18030.new_decoder_without_bom_handling()));
            let raw = out.split_off(first);
            self.decode(&raw, out);
        }
        Ok(())
    }

    fn decode(&mut self, mut raw: &[u8], out: &mut Vec<u8>) {
        let State::Gb(decoder) = &mut self.state else { return };
        loop {
            let at = out.len();
            out.resize(at + decoder.max_utf8_buffer_length_without_replacement(raw.len()).unwrap_or(CHUNK), 0);
            let room = out.get_mut(at..).unwrap_or_default();
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(raw, room, self.ended);
            out.truncate(at + written);
            raw = raw.get(read..).unwrap_or_default();
            match result {
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => out.push(MALFORMED),
            }
        }
        if self.ended {
            self.state = State::Done;
        }
    }

    /// Appends `n` bytes of the stream, fewer only at its end.
    fn read_into(&mut self, out: &mut Vec<u8>, n: usize) -> Result<(), Fault> {
        let start = out.len();
        let mut at = start;
        out.resize(start + n, 0);
        let result = loop {
            match self.from.read(out.get_mut(at..).unwrap_or_default()) {
                Ok(0) => {
                    self.ended |= at < start + n;
                    break Ok(());
                }
                Ok(read) => at += read,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => break Err(Fault::Io(e.kind())),
            }
        };
        out.truncate(at);
        self.hash.update(out.get(start..).unwrap_or_default());
        self.read += (at - start) as u64;
        result
    }
}

/// The decoded bytes that have not been taken yet.
pub(super) struct Window {
    bytes: Bytes,
    buf: Vec<u8>,
    at: usize,
    /// Length of what was taken last.
    took: usize,
    /// No more bytes will come.
    pub(super) last: bool,
}

impl Window {
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, buf: Vec::new(), at: 0, took: 0, last: false }
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.buf.get(self.at..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, n: usize) {
        self.took = n.min(self.buf.len() - self.at);
        self.at += self.took;
    }

    /// What was taken last; gone once more is read.
    pub(super) fn taken(&self) -> &[u8] {
        self.buf.get(self.at - self.took..self.at).unwrap_or_default()
    }

    /// Makes `rest` longer, or sets `last`.
    pub(super) fn more(&mut self) -> Result<(), Fault> {
        self.buf.drain(..self.at);
        (self.at, self.took) = (0, 0);
        self.last = !self.bytes.more(&mut self.buf)?;
        Ok(())
    }

    pub(super) fn count(&self) -> u64 {
        self.bytes.count()
    }

    /// Bytes of memory held, for the test that it is bounded.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.buf.capacity() + self.bytes.raw.capacity()
    }

    pub(super) fn finish(self) -> Result<(String, u64), Fault> {
        self.bytes.finish()
    }
}
