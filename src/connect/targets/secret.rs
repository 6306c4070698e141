//! Secrets of targets: named in the configuration, read when they are first needed, never printed and never logged.

use super::run;
use crate::domain::sentence::Sentence;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use zeroize::Zeroizing;

/// How long a command that prints a secret may take.
const COMMAND: Duration = Duration::from_secs(10);

/// Where a secret comes from; never the secret itself. Exactly one is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecretSource {
    pub env: Option<String>,
    pub file: Option<PathBuf>,
    /// Prints it; a program and its arguments, without a shell.
    pub command: Option<Vec<String>>,
    /// Name below `$CREDENTIALS_DIRECTORY` (systemd's `LoadCredential=`).
    pub credential: Option<String>,
}

impl SecretSource {
    /// The secret now, for what is no target: `of` names it in sentences. Blocks for as long as a command takes, at most 10 s.
    pub fn read_now(&self, of: &str, home: &Path) -> Result<Zeroizing<String>, Sentence> {
        let secret = Secret::new(of, self, home);
        let rooms = tokio::runtime::Builder::new_current_thread().enable_all().build();
        rooms.map_err(|e| secret.bad("target-secret-command", e))?.block_on(secret.read())
    }

    /// The same for whoever can wait without a thread.
    pub(in crate::connect) async fn read(&self, of: &str, home: &Path) -> Result<Zeroizing<String>, Sentence> {
        Secret::new(of, self, home).read().await
    }

    /// Whether exactly one place is named.
    pub fn is_one(&self) -> bool {
        let set = [
            self.env.is_some(),
            self.file.is_some(),
            self.command.as_ref().is_some_and(|c| !c.is_empty()),
            self.credential.as_ref().is_some_and(|c| !c.contains('/')),
        ];
        set.iter().filter(|s| **s).count() == 1
    }
}

/// A secret of one target.
pub(super) struct Secret {
    target: String,
    source: SecretSource,
    /// Relative files are the home's.
    home: PathBuf,
    held: Mutex<Option<Zeroizing<String>>>,
}

impl Secret {
    pub(super) fn new(target: &str, source: &SecretSource, home: &Path) -> Self {
        Self { target: target.to_owned(), source: source.clone(), home: home.to_owned(), held: Mutex::new(None) }
    }

    fn bad(&self, code: &'static str, what: impl ToString) -> Sentence {
        Sentence::new(code).with("target", &self.target).with("what", what)
    }

    /// The secret, without the line break at its end.
    pub(super) async fn read(&self) -> Result<Zeroizing<String>, Sentence> {
        if let Some(held) = self.held.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Ok(held);
        }
        let raw = self.fetch().await?;
        let text = Zeroizing::new(raw.trim_end_matches(['\r', '\n']).to_owned());
        if text.is_empty() {
            return Err(self.bad("target-secret-empty", self.place()));
        }
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.clone());
        Ok(text)
    }

    /// Forgets it, so that one that was replaced is read anew: the target refused the one that was held.
    pub(super) fn forget(&self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Where it is looked for, for a sentence.
    fn place(&self) -> String {
        let s = &self.source;
        let file = s.file.as_ref().map(|f| f.display().to_string());
        let program = s.command.as_ref().and_then(|c| c.first().cloned());
        s.env.clone().or(file).or(program).or_else(|| s.credential.clone()).unwrap_or_default()
    }

    async fn fetch(&self) -> Result<Zeroizing<String>, Sentence> {
        let s = &self.source;
        if let Some(name) = &s.env {
            return std::env::var(name).map(Zeroizing::new).map_err(|_| self.bad("target-secret-env", name));
        }
        if let Some(name) = &s.credential {
            let dir = std::env::var_os("CREDENTIALS_DIRECTORY").ok_or_else(|| self.bad("target-secret-credential", name))?;
            return self.file(&PathBuf::from(dir).join(name));
        }
        if let Some(argv) = &s.command {
            let done = run::run(argv, Instant::now() + COMMAND, &["HOME", "USER", "GNUPGHOME", "XDG_RUNTIME_DIR"]).await;
            let done = done.map_err(|e| self.bad("target-secret-command", format!("{}: {e}", self.place())))?;
            if done.code != Some(0) {
                return Err(self.bad("target-secret-command", self.place()));
            }
            return Ok(done.out);
        }
        match &s.file {
            Some(file) => self.file(&self.home.join(file)),
            None => Err(self.bad("target-secret-empty", "")),
        }
    }

    fn file(&self, path: &Path) -> Result<Zeroizing<String>, Sentence> {
        let read = std::fs::read_to_string(path).map(Zeroizing::new);
        read.map_err(|e| self.bad("target-secret-file", format!("{}: {e}", path.display())))
    }
}
