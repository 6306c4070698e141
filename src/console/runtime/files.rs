//! Files of this machine that the console reads for its operator: any that the process may, or those of an inbox alone.

use crate::domain::sentence::Sentence;
use rustix::fs::{Mode, OFlags, open, openat};
use std::{
    fs::File,
    io,
    path::{Component, Path, PathBuf},
};

/// Which files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Files {
    #[default]
    Any,
    /// Those that lie in this folder, by their bare names.
    Inbox(PathBuf),
}

/// Why a file was not opened.
#[derive(Debug)]
pub enum Shut {
    /// It is not one of those that may be read here: says where those are.
    Outside(Sentence),
    Io(io::Error),
}

impl From<rustix::io::Errno> for Shut {
    fn from(e: rustix::io::Errno) -> Self {
        Self::Io(e.into())
    }
}

impl Files {
    /// Opens a file. In an inbox no link is followed, and what is no plain file is not read.
    pub fn open(&self, path: &Path) -> Result<File, Shut> {
        let Self::Inbox(inbox) = self else { return File::open(at_home(path)).map_err(Shut::Io) };
        let outside = || Shut::Outside(Sentence::new("fault-outside-inbox").with("file", path.display()).with("inbox", inbox.display()));
        let mut parts = path.components();
        let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else { return Err(outside()) };
        // `a/` is `a` to the parts, and not to whoever typed it.
        if name != path.as_os_str() {
            return Err(outside());
        }
        let folder = open(inbox, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        // Neither waits for the other end of a pipe.
        match openat(&folder, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty()) {
            Ok(fd) => {
                let file = File::from(fd);
                if file.metadata().map_err(Shut::Io)?.is_file() { Ok(file) } else { Err(outside()) }
            }
            Err(rustix::io::Errno::LOOP) => Err(outside()),
            Err(e) => Err(e.into()),
        }
    }

    /// A mapping's name as it is, or the text of the file that it names.
    pub fn mapping(&self, map: &str) -> Result<String, Shut> {
        let is_file = map.contains('/') || map.ends_with(".toml") || (*self == Self::Any && at_home(Path::new(map)).is_file());
        if !is_file {
            return Ok(map.into());
        }
        io::read_to_string(self.open(Path::new(map))?).map_err(Shut::Io)
    }
}

/// `~/` is the operator's home, as a shell would have it.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::var_os("HOME")) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    #[test]
    fn an_inbox_has_no_way_out() {
        let dir = tempfile::tempdir().unwrap();
        let inbox = dir.path().join("inbox");
        fs::create_dir_all(inbox.join("folder")).unwrap();
        for file in [dir.path().join("secret"), inbox.join("people.csv"), inbox.join("folder/deep.csv")] {
            fs::write(file, "number\n").unwrap();
        }
        symlink("../secret", inbox.join("link")).unwrap();
        symlink("folder", inbox.join("other")).unwrap();
        let files = Files::Inbox(inbox.clone());
        assert!(files.open(Path::new("people.csv")).is_ok());
        let whole = inbox.join("people.csv");
        let wrong = [
            "",
            ".",
            "..",
            "../secret",
            "link",
            "folder",
            "folder/deep.csv",
            "other/deep.csv",
            "./people.csv",
            "people.csv/",
            "/etc/passwd",
        ];
        for path in wrong.iter().map(Path::new).chain([whole.as_path()]) {
            assert!(matches!(files.open(path), Err(Shut::Outside(_))), "{path:?}");
        }
        assert!(matches!(files.open(Path::new("~/people.csv")), Err(Shut::Outside(_))));
        assert!(matches!(files.open(Path::new("none.csv")), Err(Shut::Io(e)) if e.kind() == io::ErrorKind::NotFound));
        assert!(matches!(files.mapping("../secret"), Err(Shut::Outside(_))));
        assert_eq!(files.mapping("standard").unwrap(), "standard");
        fs::rename(&inbox, dir.path().join("elsewhere")).unwrap();
        symlink("elsewhere", &inbox).unwrap();
        assert!(files.open(Path::new("people.csv")).is_err(), "the folder itself is no link either");
    }

    #[test]
    fn a_pipe_in_an_inbox_holds_nobody_up() {
        let dir = tempfile::tempdir().unwrap();
        let status = std::process::Command::new("mkfifo").arg(dir.path().join("pipe")).status().unwrap();
        assert!(status.success());
        assert!(matches!(Files::Inbox(dir.path().into()).open(Path::new("pipe")), Err(Shut::Outside(_))));
    }
}
