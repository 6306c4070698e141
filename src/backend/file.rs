//! Files of the operator's machine as streams for [`Put`](super::Put): the command line and the console read them alike.

use super::{Failure, FailureKind, Source};
use crate::domain::sentence::Sentence;
use std::{fs::File, io, path::Path};

/// Opens a file; its length is known where it is a plain one.
///
/// # Errors
/// When it cannot be read, or is a folder.
pub fn open(path: &Path) -> Result<(Source, Option<u64>), Failure> {
    stream(path, File::open(path).map_err(|e| unreadable(path, &e))?)
}

/// A file that is open as a stream; its length is known where it is a plain one.
///
/// # Errors
/// When it is a folder.
pub fn stream(path: &Path, file: File) -> Result<(Source, Option<u64>), Failure> {
    let about = file.metadata().map_err(|e| unreadable(path, &e))?;
    if about.is_dir() {
        return Err(unreadable(path, &io::ErrorKind::IsADirectory.into()));
    }
    Ok((Box::new(file), about.is_file().then_some(about.len())))
}

/// A mapping's name as it is, or the text of the file that it names.
///
/// # Errors
/// When that file cannot be read.
pub fn mapping(map: &str) -> Result<String, Failure> {
    let path = Path::new(map);
    if path.is_file() || map.contains('/') || map.ends_with(".toml") {
        return std::fs::read_to_string(path).map_err(|e| unreadable(path, &e));
    }
    Ok(map.into())
}

/// The failure for a file that cannot be read.
pub fn unreadable(path: &Path, e: &io::Error) -> Failure {
    let kind = if e.kind() == io::ErrorKind::NotFound { FailureKind::NotFound } else { FailureKind::Failed };
    Failure::new(kind, Sentence::new("cli-unreadable").with("file", path.display()).with("error", e))
}
