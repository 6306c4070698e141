//! Everything that can happen to the console.

use super::{
    command::key::Key,
    effect::{JobId, ReqId, Slot},
    model::{
        import::{Imported, Part},
        offboarding::Blob,
    },
};
use crate::{
    backend::{ActReply, Failure, Reply, Watched},
    domain::handover::FileRef,
};

/// When something arrived or was drawn, on the monotonic clock of the runtime (microseconds since it started). Only compared.
pub type Stamp = u64;

/// One thing that happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A key press, with the time at which it was read from the terminal.
    Key {
        key: Key,
        at: Stamp,
    },
    /// A bracketed paste.
    Paste {
        text: String,
        at: Stamp,
    },
    Resize {
        cols: u16,
        rows: u16,
    },
    /// A frame was written out; a dialog that it showed for the first time takes keys from now on.
    Drawn {
        at: Stamp,
    },
    /// The instant that the view or the model asked to be woken at has come.
    Wake,
    Answer {
        slot: Slot,
        req: ReqId,
        result: Result<Reply, Failure>,
    },
    Acted {
        job: JobId,
        result: Result<ActReply, Failure>,
    },
    /// A file is in the store, or is not.
    Stored {
        job: JobId,
        result: Result<FileRef, Failure>,
    },
    /// What a stored file holds, as far as a terminal shows it.
    Got {
        req: ReqId,
        result: Result<Blob, Failure>,
    },
    Watched {
        result: Result<Watched, Failure>,
    },
    /// A file that is being loaded has come further.
    Importing {
        req: ReqId,
        part: Part,
    },
    /// It is loaded, or is not.
    Imported {
        req: ReqId,
        result: Result<Box<Imported>, Failure>,
    },
    /// The terminal went away or the process was asked to stop.
    Hangup,
}
