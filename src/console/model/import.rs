//! A file that is loaded from inside the console: what is asked for, how far it has come, what became of it.

use super::line::Line;
use crate::{
    backend::{Staged, answer::ImportState},
    console::effect::ReqId,
    domain::sentence::Sentence,
};
use jiff::Timestamp;

/// What a file can hold, as the door calls it.
pub const KINDS: [&str; 3] = ["employees", "signals", "exits"];
/// Fields of the form: kind, file, mapping.
pub const FIELDS: usize = 3;

/// The form and its run. It outlives its overlay: a file goes on while somebody looks elsewhere.
#[derive(Clone, Debug)]
pub struct Import {
    /// Index into [`KINDS`].
    pub kind: usize,
    pub file: Line,
    /// Name or file of a mapping; blank takes the standard columns.
    pub map: Line,
    pub focus: usize,
    /// Why it was not loaded.
    pub fault: Option<(Sentence, Option<Sentence>)>,
    pub run: Run,
}

impl Default for Import {
    fn default() -> Self {
        Self { kind: 0, file: Line::default(), map: Line::default(), focus: 1, fault: None, run: Run::Asked }
    }
}

/// How far a file has come.
#[derive(Clone, Debug)]
pub enum Run {
    /// Nothing runs; the form is filled in.
    Asked,
    Going {
        req: ReqId,
        /// When this part began.
        begun: Timestamp,
        part: Part,
    },
    Done(Box<Imported>),
}

/// A part of the way, with rows so far and how much of all is done, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Read and checked already; now it is loaded.
    pub loading: bool,
    pub rows: u64,
    pub of: Option<(u64, u64)>,
}

/// A file that was loaded.
#[derive(Clone, Debug)]
pub struct Imported {
    pub staged: Staged,
    pub state: ImportState,
}
