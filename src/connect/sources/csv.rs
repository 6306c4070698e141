//! CSV rows.
//!
//! The `csv` crate reads a record whole before it gives it away; a lost quote would make one record of the rest of the file. This
//! splitter has the same grammar (held by a property test against that crate) and a longest row, and says when a quote never closes.

use super::{
    decode::{Fault, Window},
    row::{Cells, LONGEST_ROW, Span, Step},
};
use crate::domain::sentence::Sentence;

pub(super) struct Csv {
    delimiter: u8,
    /// Bytes that end an unquoted cell.
    stop: [bool; 256],
    longest: usize,
}

/// How far a look at the bytes came.
enum Scan {
    /// A whole record; its length with the line end.
    Done(usize),
    /// The record goes on after these bytes.
    Short,
    /// The bytes are the last, and a quote is open.
    OpenQuote,
}

impl Csv {
    pub(super) fn new(delimiter: u8, longest: usize) -> Self {
        let mut stop = [false; 256];
        for b in [delimiter, b'\n', b'\r'] {
            if let Some(s) = stop.get_mut(usize::from(b)) {
                *s = true;
            }
        }
        Self { delimiter, stop, longest: longest.min(LONGEST_ROW) }
    }

    /// Reads the next record into `cells`; `None` at the end. Empty lines are no records.
    pub(super) fn next(&self, w: &mut Window, cells: &mut Cells) -> Result<Option<Step>, Fault> {
        loop {
            let skip = w.rest().iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
            w.take(skip);
            if !w.rest().is_empty() {
                break;
            }
            if w.last {
                return Ok(None);
            }
            w.more()?;
        }
        let mut bytes = std::mem::take(&mut cells.text).into_bytes();
        let used = loop {
            bytes.clear();
            cells.spans.clear();
            match self.scan(w.rest(), w.last, &mut bytes, &mut cells.spans) {
                Scan::Done(used) if used <= self.longest => break used,
                Scan::Done(used) => {
                    let step = self.too_long(w.rest());
                    w.take(used);
                    return Ok(Some(step));
                }
                Scan::OpenQuote if w.rest().len() <= self.longest => {
                    let step = Step::broken(Sentence::new("row-quote-open"), w.rest());
                    w.take(w.rest().len());
                    return Ok(Some(step));
                }
                Scan::Short if w.rest().len() <= self.longest => w.more()?,
                Scan::Short | Scan::OpenQuote => return self.pass_over(w).map(Some),
            }
        };
        let line = w.rest().get(..used).unwrap_or_default();
        let broken = if line.contains(&0) { Some("row-nul") } else { None };
        let step = match (String::from_utf8(bytes), broken) {
            (Ok(text), None) => {
                cells.text = text;
                Step::Row
            }
            (Ok(_), Some(code)) => Step::broken(Sentence::new(code), line),
            (Err(_), code) => Step::broken(Sentence::new(code.unwrap_or("row-not-text")), line),
        };
        w.take(used);
        Ok(Some(step))
    }

    fn too_long(&self, line: &[u8]) -> Step {
        Step::broken(Sentence::new("row-long").with("most", self.longest), line)
    }

    fn scan(&self, buf: &[u8], last: bool, bytes: &mut Vec<u8>, spans: &mut Vec<Span>) -> Scan {
        let mut at = 0;
        loop {
            let from = bytes.len();
            if buf.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    let rest = buf.get(at..).unwrap_or_default();
                    let Some(quote) = rest.iter().position(|b| *b == b'"') else {
                        return if last { Scan::OpenQuote } else { Scan::Short };
                    };
                    bytes.extend_from_slice(rest.get(..quote).unwrap_or_default());
                    at += quote + 1;
                    match buf.get(at) {
                        Some(b'"') => {
                            bytes.push(b'"');
                            at += 1;
                        }
                        None if !last => return Scan::Short,
                        _ => break,
                    }
                }
            }
            let rest = buf.get(at..).unwrap_or_default();
            let end = rest.iter().position(|b| self.stop.get(usize::from(*b)).is_some_and(|s| *s));
            if end.is_none() && !last {
                return Scan::Short;
            }
            let n = end.unwrap_or(rest.len());
            bytes.extend_from_slice(rest.get(..n).unwrap_or_default());
            spans.push(Span { from, to: bytes.len() });
            // Keeps a cell's broken last character from joining the next cell.
            bytes.push(b',');
            at += n + 1;
            match rest.get(n) {
                Some(b) if *b == self.delimiter => {}
                Some(_) => return Scan::Done(at),
                None => return Scan::Done(buf.len()),
            }
        }
    }

    /// Passes over a record that is too long, up to its real end: quoted line breaks do not end it, so that text inside a cell can
    /// never become rows.
    fn pass_over(&self, w: &mut Window) -> Result<Step, Fault> {
        #[derive(Clone, Copy, PartialEq)]
        enum At {
            Start,
            Plain,
            Quoted,
            Quote,
        }
        let mut state = At::Start;
        let step = self.too_long(w.rest());
        loop {
            let mut used = 0;
            for &b in w.rest() {
                used += 1;
                state = match (state, b) {
                    (At::Start, b'"') | (At::Quote, b'"') => At::Quoted,
                    (At::Quoted, b'"') => At::Quote,
                    (At::Quoted, _) => At::Quoted,
                    (_, b) if b == self.delimiter => At::Start,
                    (_, b'\n' | b'\r') => {
                        w.take(used);
                        return Ok(step);
                    }
                    _ => At::Plain,
                };
            }
            w.take(used);
            if w.last {
                return Ok(match (state, step) {
                    (At::Quoted, Step::Broken { mut trouble, raw }) => {
                        trouble.why = Sentence::new("row-quote-open");
                        Step::Broken { trouble, raw }
                    }
                    (_, step) => step,
                });
            }
            w.more()?;
        }
    }
}
