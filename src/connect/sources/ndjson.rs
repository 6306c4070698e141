//! NDJSON rows: one object a line. Keys that no field wants are passed over without being kept.

use super::{
    decode::{Fault, Window},
    plan::Column,
    row::{Cells, LONGEST_ROW, Span, Step, Trouble},
};
use crate::domain::sentence::Sentence;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt::{self, Write};

/// Reads the next line's wanted cells; `None` at the end. Blank lines are no rows.
pub(super) fn next(w: &mut Window, columns: &[Column], cells: &mut Cells) -> Result<Option<Step>, Fault> {
    loop {
        let Some(used) = line(w)? else { return Ok(None) };
        let (step, used) = match used {
            Line::Whole(used) => (parse_bytes(w.rest().get(..used).unwrap_or_default(), columns, cells), used),
            Line::Long => {
                let step = Step::broken(Sentence::new("row-long").with("most", LONGEST_ROW), w.rest());
                while !w.rest().contains(&b'\n') && !w.last {
                    w.take(w.rest().len());
                    w.more()?;
                }
                let used = w.rest().iter().position(|b| *b == b'\n').map_or(w.rest().len(), |n| n + 1);
                (Some(step), used)
            }
        };
        w.take(used);
        if step.is_some() {
            return Ok(step);
        }
    }
}

enum Line {
    /// Length with the line end.
    Whole(usize),
    Long,
}

fn line(w: &mut Window) -> Result<Option<Line>, Fault> {
    loop {
        if let Some(n) = w.rest().iter().position(|b| *b == b'\n') {
            return Ok(Some(if n > LONGEST_ROW { Line::Long } else { Line::Whole(n + 1) }));
        }
        if w.rest().len() > LONGEST_ROW {
            return Ok(Some(Line::Long));
        }
        if w.last {
            return Ok((!w.rest().is_empty()).then_some(Line::Whole(w.rest().len())));
        }
        w.more()?;
    }
}

fn parse_bytes(line: &[u8], columns: &[Column], cells: &mut Cells) -> Option<Step> {
    let Ok(text) = std::str::from_utf8(line) else { return Some(Step::broken(Sentence::new("row-not-text"), line)) };
    let text = text.trim_matches(['\n', '\r', ' ', '\t']);
    if text.is_empty() {
        return None;
    }
    Some(match parse(text, columns, cells) {
        Ok(()) => Step::Row,
        Err(Bad::Syntax(trouble)) => Step::Broken { trouble, raw: super::row::raw_line(line) },
        Err(Bad::Cell(trouble)) => Step::Broken { trouble, raw: text.to_owned() },
    })
}

/// Why an object could not be read.
pub(super) enum Bad {
    /// It is no object at all.
    Syntax(Trouble),
    /// A wanted cell holds what no cell can hold.
    Cell(Trouble),
}

/// Reads one object's wanted cells; `cells.spans` follows `columns`.
pub(super) fn parse(text: &str, columns: &[Column], cells: &mut Cells) -> Result<(), Bad> {
    cells.text.clear();
    cells.spans.clear();
    cells.spans.resize(columns.len(), Span::ABSENT);
    let mut trouble = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let read = ObjectSeed { columns, cells, trouble: &mut trouble }.deserialize(&mut json).and_then(|()| json.end());
    if let Err(e) = read {
        // Its message may quote the file; its position cannot.
        return Err(Bad::Syntax(Trouble::row(Sentence::new("row-json").with("at", e.column()))));
    }
    match trouble {
        Some((column, code)) => {
            let column = columns.get(column).map(|c| c.name.clone());
            Err(Bad::Cell(Trouble { column, why: Sentence::new(code) }))
        }
        None if cells.text.as_bytes().contains(&0) => Err(Bad::Cell(Trouble::row(Sentence::new("row-nul")))),
        None => Ok(()),
    }
}

struct ObjectSeed<'a> {
    columns: &'a [Column],
    cells: &'a mut Cells,
    /// The first wanted cell that cannot be taken, and why.
    trouble: &'a mut Option<(usize, &'static str)>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for ObjectSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut guess = 0;
        while let Some(column) = map.next_key_seed(KeySeed { columns: self.columns, guess })? {
            let Some(column) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            guess = column + 1;
            let from = self.cells.text.len();
            let problem = match map.next_value_seed(CellSeed(&mut self.cells.text))? {
                Cell::Absent => None,
                Cell::Nested => Some("row-nested"),
                Cell::Inexact => Some("row-inexact"),
                Cell::Text => match self.cells.spans.get_mut(column) {
                    Some(span) if *span == Span::ABSENT => {
                        *span = Span { from, to: self.cells.text.len() };
                        None
                    }
                    _ => Some("row-json-twice"),
                },
            };
            if let (None, Some(code)) = (&self.trouble, problem) {
                *self.trouble = Some((column, code));
            }
        }
        Ok(())
    }
}

/// The wanted column of a key. Keys come in the same order in most files: the one after the last is tried first.
struct KeySeed<'a> {
    columns: &'a [Column],
    guess: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<usize>, D::Error> {
        d.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Option<usize>, E> {
        let key = key.trim();
        if self.columns.get(self.guess).is_some_and(|c| c.name == key) {
            return Ok(Some(self.guess));
        }
        Ok(self.columns.iter().position(|c| c.name == key))
    }
}

enum Cell {
    Absent,
    Text,
    Nested,
    /// A number that a 64-bit float does not hold: an id must be written as text.
    Inexact,
}

/// Appends a value's text.
struct CellSeed<'a>(&'a mut String);

impl<'de> DeserializeSeed<'de> for CellSeed<'_> {
    type Value = Cell;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Cell, D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed<'_> {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Cell, E> {
        self.0.push_str(v);
        Ok(Cell::Text)
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Cell, E> {
        self.0.push_str(if v { "true" } else { "false" });
        Ok(Cell::Text)
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Cell, E> {
        write!(self.0, "{v}").map_err(E::custom)?;
        Ok(Cell::Text)
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Cell, E> {
        write!(self.0, "{v}").map_err(E::custom)?;
        Ok(Cell::Text)
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Cell, E> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if v.abs() >= EXACT {
            return Ok(Cell::Inexact);
        }
        write!(self.0, "{v}").map_err(E::custom)?;
        Ok(Cell::Text)
    }
    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell::Absent)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cell, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Cell, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested)
    }
}
