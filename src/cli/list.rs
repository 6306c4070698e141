//! Lists: one array or one table, streamed page by page.

use super::{
    Out, Stop,
    out::{Cell, pad},
};
use crate::{
    backend::{Answer, Backend, Failure, Page, Query, query::Slice},
    domain::sentence::Sentence,
};
use clap::Args;
use serde::Serialize;
use std::io::Write;

/// Rows asked for at a time.
const PAGE: u64 = 200;

/// Which part of a list is printed.
#[derive(Debug, Default, Args)]
pub struct Part {
    /// Print at most N rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,
    /// Start after the row with this id (or the mark that a limited list names at its end)
    #[arg(long, value_name = "ID")]
    pub after: Option<String>,
}

/// A row that can be printed.
pub trait Row: Serialize {
    /// Keys of the column heads.
    const HEADS: &'static [&'static str];
    /// One cell a head.
    fn cells(&self, out: &Out) -> Vec<Cell>;
    /// The row as one JSON value.
    fn json(&self, _out: &Out) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// Asks page by page and prints; `take` picks the page out of the answer.
pub async fn stream<T: Row>(
    backend: &dyn Backend,
    out: &mut Out,
    part: &Part,
    ask: impl Fn(Slice) -> Query,
    take: impl Fn(Answer) -> Option<Page<T>>,
) -> Result<u8, Stop> {
    let mut left = part.limit.unwrap_or(u64::MAX);
    let mut after = part.after.clone();
    let mut printer = Printer::default();
    loop {
        let slice = Slice { after: after.take(), limit: u32::try_from(left.min(PAGE)).unwrap_or(1) };
        let reply = backend.query(ask(slice)).await?;
        out.seen(&reply);
        let page = take(reply.answer).ok_or_else(wrong_answer)?;
        printer.page(out, &page.rows)?;
        left = left.saturating_sub(page.rows.len() as u64);
        match page.next {
            Some(next) if left > 0 && !page.rows.is_empty() => after = Some(next),
            next => return printer.end(out, next),
        }
    }
}

/// Prints rows that came in one answer.
pub fn all<T: Row>(out: &mut Out, rows: &[T]) -> Result<u8, Stop> {
    let mut printer = Printer::default();
    printer.page(out, rows)?;
    printer.end(out, None)
}

/// The failure for an answer that does not belong to its query.
pub fn wrong_answer() -> Stop {
    Failure::broken("the answer does not belong to the query").into()
}

/// State between pages: column widths only grow, so that later pages stay aligned.
#[derive(Default)]
struct Printer {
    rows: u64,
    widths: Vec<usize>,
    /// Columns that are never cut: figures, and ids, which are there to be copied.
    whole: Vec<bool>,
}

/// Narrowest that a column is cut to.
const LEAST: usize = 8;

/// Widths that fit a terminal: the widest gives way first.
fn fitted(widths: &[usize], whole: &[bool], room: usize) -> Vec<usize> {
    let mut fitted = widths.to_vec();
    let gaps = 2 * fitted.len().saturating_sub(1);
    while fitted.iter().sum::<usize>() + gaps > room {
        let gives = fitted.iter_mut().zip(whole).filter(|(w, whole)| !**whole && **w > LEAST).max_by_key(|(w, _)| **w);
        let Some((widest, _)) = gives else { break };
        *widest -= 1;
    }
    fitted
}

impl Printer {
    fn page<T: Row>(&mut self, out: &mut Out, rows: &[T]) -> Result<(), Stop> {
        if out.json {
            for row in rows {
                let text = row.json(out)?;
                out.write(if self.rows == 0 { "[" } else { ",\n" })?;
                out.write(&text)?;
                self.rows += 1;
            }
            out.flush()?;
            return Ok(());
        }
        let lines: Vec<Vec<Cell>> = rows.iter().map(|r| r.cells(out)).collect();
        let Some(first) = lines.first() else { return Ok(()) };
        let heads: Vec<Cell> = T::HEADS.iter().zip(first).map(|(h, c)| Cell { right: c.right, ..Cell::strong(out.word(h)) }).collect();
        let begin = self.rows == 0;
        self.widths.resize(heads.len(), 0);
        self.whole = T::HEADS.iter().zip(first).map(|(h, c)| c.right || *h == "cli-head-id").collect();
        for line in lines.iter().chain(begin.then_some(&heads)) {
            for (w, cell) in self.widths.iter_mut().zip(line) {
                *w = (*w).max(cell.width());
            }
        }
        if begin {
            self.line(out, &heads)?;
        }
        for line in &lines {
            self.line(out, line)?;
        }
        self.rows += lines.len() as u64;
        out.flush()?;
        Ok(())
    }

    fn line(&self, out: &mut Out, cells: &[Cell]) -> Result<(), Stop> {
        // A terminal gets what it has room for, the last column the rest of it; a pipe gets everything.
        let widths = out.columns.map_or_else(|| self.widths.clone(), |room| fitted(&self.widths, &self.whole, room));
        let mut left = out.columns.unwrap_or(usize::MAX);
        let mut text = String::new();
        for (i, (cell, width)) in cells.iter().zip(&widths).enumerate() {
            let last = i + 1 == cells.len();
            let room = if last { left.min(cell.width()) } else { (*width).min(left) };
            text.push_str(&out.paint(cell.tone, &pad(&cell.text, room, cell.right)));
            left = left.saturating_sub(room + 2);
            if !last && left > 0 {
                text.push_str("  ");
            }
        }
        out.line(text.trim_end())?;
        Ok(())
    }

    fn end(self, out: &mut Out, next: Option<String>) -> Result<u8, Stop> {
        if out.json {
            out.write(if self.rows == 0 { "[]\n" } else { "]\n" })?;
        } else if self.rows == 0 {
            out.say("cli-empty")?;
        }
        out.flush()?;
        if let Some(next) = next.filter(|_| !out.json) {
            let hint = out.text(&Sentence::new("cli-more").with("after", next));
            // A hint; nobody is worse off without it.
            let _ = writeln!(std::io::stderr(), "{hint}");
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn a_table_fits_its_terminal_by_its_widest_columns() {
        let whole = [true, false, true, false];
        assert_eq!(fitted(&[36, 40, 5, 10], &whole, 200), [36, 40, 5, 10]);
        assert_eq!(fitted(&[36, 40, 5, 10], &whole, 80), [36, 23, 5, 10]);
        // What is kept whole may be more than there is: the rest stays readable, and the end of the line is cut.
        assert_eq!(fitted(&[36, 40, 5, 10], &whole, 40), [36, 8, 5, 8]);
        assert_eq!(fitted(&[], &[], 40), Vec::<usize>::new());
    }
}
