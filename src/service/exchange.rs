//! Inboxes and outboxes: the only folders of this machine that an operator who comes over SSH has to do with.

use super::Service;
use crate::{
    backend::{Failure, FailureKind},
    domain::{operator::Identity, sentence::Sentence},
};
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Folders of one operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boxes {
    pub inbox: PathBuf,
    pub outbox: PathBuf,
}

impl Service {
    /// The folders of an operator, made with mode 0700 where they are not there yet; those that an administrator made stay as they are.
    ///
    /// # Errors
    /// They cannot be made, or something else than a folder is in their place: a link leads nobody out.
    pub fn boxes(&self, who: &Identity) -> Result<Boxes, Failure> {
        let named = &self.config.console.exchange;
        let all = if named.is_empty() { self.dir.join("exchange") } else { PathBuf::from(named) };
        let own = all.join(folder(who));
        let boxes = Boxes { inbox: own.join("inbox"), outbox: own.join("outbox") };
        for dir in [&all, &own, &boxes.inbox, &boxes.outbox] {
            make(dir).map_err(|e| {
                Failure::new(FailureKind::Failed, Sentence::new("exchange-folder").with("dir", dir.display()).with("detail", e))
                    .next(Sentence::new("exchange-folder-next"))
            })?;
        }
        Ok(boxes)
    }
}

/// A name that is one folder and no way to another; else the id.
fn folder(who: &Identity) -> String {
    let plain = !who.name.starts_with('.') && who.name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c));
    if plain && !who.name.is_empty() { who.name.clone() } else { who.operator.to_string() }
}

fn make(dir: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made,
    }
    if fs::symlink_metadata(dir)?.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        ids::OperatorId,
        operator::{Proof, Role},
    };

    #[test]
    fn no_name_leads_elsewhere() {
        let who = |name: &str| Identity {
            operator: OperatorId::MACHINE,
            name: name.into(),
            role: Role::Triager,
            proof: Proof::SshKey,
            key: None,
        };
        for name in ["..", ".", "", "a/b", "../lin", ".ssh", "a\0b"] {
            assert_eq!(folder(&who(name)), OperatorId::MACHINE.to_string(), "{name:?}");
        }
        for name in ["lin", "li-na.2", "张伟", "a@b"] {
            assert_eq!(folder(&who(name)), name);
        }
    }
}
