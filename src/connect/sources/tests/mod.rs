//! Files of every shape that has come in.

mod mappings;
mod names;
mod props;
mod real;
mod shapes;

use super::{Finished, ImportKind, Mapping, Moment, open};
use crate::domain::{
    import::{BadRow, EmployeeRow, ExitRow, ImportRow, SignalRow},
    sentence::Sentence,
};
use jiff::tz::TimeZone;
use std::io::{self, Read};

/// A stream that gives its bytes in pieces of one size.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
}

impl Read for Pieces {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.size.min(buf.len()).min(self.bytes.len() - self.at);
        buf[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// A stream of `n` times the same text that is never in memory whole.
fn repeated(head: &str, line: &'static str, n: usize) -> Box<dyn Read + Send> {
    let mut left = n;
    let mut part: Vec<u8> = head.as_bytes().to_vec();
    struct Lines<F>(F);
    impl<F: FnMut(&mut [u8]) -> usize> Read for Lines<F> {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            Ok((self.0)(buf))
        }
    }
    Box::new(Lines(move |buf: &mut [u8]| {
        while part.is_empty() && left > 0 {
            left -= 1;
            part.extend_from_slice(line.as_bytes());
        }
        let n = buf.len().min(part.len());
        buf[..n].copy_from_slice(&part[..n]);
        part.drain(..n);
        n
    }))
}

/// 2026-06-30 12:00 in Shanghai.
fn moment() -> Moment {
    Moment { now: "2026-06-30T04:00:00Z".parse().unwrap(), zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

struct Read1 {
    rows: Vec<Result<ImportRow, BadRow>>,
    done: Finished,
}

fn read_in(kind: ImportKind, map: Option<&Mapping>, bytes: &[u8], size: usize) -> Result<Read1, Sentence> {
    let mut reader = open(kind, map, "f.csv", &moment(), Box::new(Pieces { bytes: bytes.to_vec(), at: 0, size }))?;
    let rows = reader.by_ref().collect();
    Ok(Read1 { rows, done: reader.finish()? })
}

fn read(kind: ImportKind, map: Option<&Mapping>, bytes: impl AsRef<[u8]>) -> Result<Read1, Sentence> {
    read_in(kind, map, bytes.as_ref(), usize::MAX)
}

fn rows(kind: ImportKind, bytes: impl AsRef<[u8]>) -> Vec<Result<ImportRow, BadRow>> {
    read(kind, None, bytes).unwrap().rows
}

fn employee(row: &Result<ImportRow, BadRow>) -> &EmployeeRow {
    match row {
        Ok(ImportRow::Employee(e)) => e,
        other => panic!("no employee: {other:?}"),
    }
}

fn signal(row: &Result<ImportRow, BadRow>) -> &SignalRow {
    match row {
        Ok(ImportRow::Signal(s)) => s,
        other => panic!("no signal: {other:?}"),
    }
}

fn exit(row: &Result<ImportRow, BadRow>) -> &ExitRow {
    match row {
        Ok(ImportRow::Exit(e)) => e,
        other => panic!("no exit: {other:?}"),
    }
}

/// Codes of the refused rows, with their row numbers.
fn codes(rows: &[Result<ImportRow, BadRow>]) -> Vec<(u64, String)> {
    rows.iter().filter_map(|r| r.as_ref().err()).map(|b| (b.origin.row, b.why.code.to_string())).collect()
}

fn refused(kind: ImportKind, bytes: impl AsRef<[u8]>) -> Sentence {
    match read(kind, None, bytes) {
        Ok(_) => panic!("was read"),
        Err(why) => why,
    }
}
