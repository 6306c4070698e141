//! `tenure migrate`: what was moved, and that it is all there.

use super::{
    Out, Stop,
    out::{Cell, pad},
};
use crate::domain::sentence::Sentence;

/// A table that was moved: its name, its rows, a digest of them.
pub type Moved = (&'static str, u64, String);

/// Prints the report of a move.
pub fn print(out: &mut Out, done: &Sentence, tables: &[Moved]) -> Result<(), Stop> {
    out.tell(done)?;
    let width = tables.iter().map(|t| Cell::new(t.0).width()).max().unwrap_or(0);
    for (table, rows, digest) in tables.iter().filter(|t| t.1 > 0) {
        let line = format!("  {}  {}  {digest}", pad(table, width, false), pad(&rows.to_string(), 10, true));
        out.line(&line)?;
    }
    out.hint(&Sentence::new("cli-migrated-next"));
    Ok(())
}
