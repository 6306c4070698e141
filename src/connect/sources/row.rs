//! The cells of one row, in buffers that every row uses again.

use super::clean::is_forbidden;
use crate::domain::sentence::Sentence;
use serde::{Serialize, Serializer};

/// Rows longer than this are refused, so that one lost quote cannot fill the memory.
pub(super) const LONGEST_ROW: usize = 1024 * 1024;

/// Where a cell lies in the row's text; `ABSENT` for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Span {
    pub(super) const ABSENT: Self = Self { from: usize::MAX, to: usize::MAX };
}

/// One row's cells: by position in the file (CSV) or by wanted column (NDJSON).
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) text: String,
    pub(super) spans: Vec<Span>,
}

impl Cells {
    /// A cell without the spaces at its ends; `None` when it is absent or blank.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let span = self.spans.get(at)?;
        let s = self.text.get(span.from..span.to)?;
        let s = if s.bytes().next().is_some_and(|b| b > b' ' && b.is_ascii()) && s.bytes().last().is_some_and(|b| b > b' ' && b.is_ascii())
        {
            s
        } else {
            s.trim()
        };
        (!s.is_empty()).then_some(s)
    }

    /// Whether no cell holds anything: a spreadsheet's empty row.
    pub(super) fn blank(&self) -> bool {
        (0..self.spans.len()).all(|i| self.get(i).is_none())
    }
}

/// A row seen by a plan: its cells by wanted column.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) cells: &'a Cells,
    /// Cell of each wanted column; one past the end where the file has no such column.
    pub(super) index: &'a [usize],
}

impl<'a> Row<'a> {
    pub(super) fn get(&self, column: usize) -> Option<&'a str> {
        self.cells.get(*self.index.get(column)?)
    }
}

/// Why a row, or one of the rows it stands for, cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) column: Option<String>,
    pub(super) why: Sentence,
}

impl Trouble {
    pub(super) fn row(why: Sentence) -> Self {
        Self { column: None, why }
    }
}

/// What came of asking for the next row.
pub(super) enum Step {
    /// `cells` holds it.
    Row,
    /// It could not be split into columns; `raw` is what it looked like.
    Broken { trouble: Trouble, raw: String },
}

impl Step {
    /// A row that has no columns: its text is kept, shortened, under one key that no mapping reads.
    pub(super) fn broken(code: Sentence, line: &[u8]) -> Self {
        Self::Broken { trouble: Trouble::row(code), raw: raw_line(line) }
    }
}

const LINE_KEY: &str = "_line";

/// A row that could not be split, as a JSON object: its first few thousand characters, without controls.
pub(super) fn raw_line(line: &[u8]) -> String {
    const KEPT: usize = 4096;
    let line = line.get(..KEPT).unwrap_or(line);
    let text: String = String::from_utf8_lossy(line).chars().filter(|&c| !is_forbidden(c) || c == '\n').collect();
    object([(LINE_KEY, text.as_str())].into_iter())
}

/// Whether a kept row is one that could not be split: no mapping will take it.
pub fn is_raw_line(raw: &str) -> bool {
    raw.strip_prefix("{\"").is_some_and(|r| r.starts_with(LINE_KEY))
}

/// A JSON object of columns and cells, in the order given.
pub(super) fn object<'a>(columns: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    struct Pairs<I>(std::cell::RefCell<I>);
    impl<'a, I: Iterator<Item = (&'a str, &'a str)>> Serialize for Pairs<I> {
        fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.collect_map(&mut *self.0.borrow_mut())
        }
    }
    serde_json::to_string(&Pairs(columns.into())).unwrap_or_else(|_| "{}".to_owned())
}
