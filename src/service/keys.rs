//! The home's key, and the keys of people that are sealed under it.
//!
//! The key is 32 random bytes, used raw. SQLCipher encrypts the file with it (AES-256, [NF-1]). Personal text in the chains is encrypted
//! again, under a key of the person's own: erasing that key erases the person while the chain still verifies.

use super::config::KeySource;
use crate::{
    backend::{Failure, FailureKind},
    domain::{
        ids::{OperatorId, PersonId},
        sentence::Sentence,
    },
    store::{
        self, Db, StoreError, Tx,
        seal::{Seals, seal, unseal},
        sqlite::DbKey,
    },
};
use ring::{
    hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};
use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

pub use store::seal::Key;

/// Fills a new key from the system's generator.
pub fn random_key() -> Result<Key, Failure> {
    let mut key = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(key.as_mut_slice()).map_err(|_| Failure::broken("the system gave no random bytes"))?;
    Ok(key)
}

/// Parses 64 hexadecimal digits.
pub fn parse(text: &str) -> Option<Key> {
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim(), key.as_mut_slice()).ok()?;
    Some(key)
}

/// The key file of a home that names no other source.
pub fn file(dir: &Path, source: &KeySource) -> PathBuf {
    source.file.clone().unwrap_or_else(|| dir.join("key"))
}

fn bad(code: &'static str, what: impl ToString) -> Failure {
    Failure::new(FailureKind::Failed, Sentence::new(code).with("what", what)).next(Sentence::new("key-next"))
}

/// Reads the key: `TENURE_KEY`, else the configured environment variable, command or file. Never printed, never logged.
pub fn load(dir: &Path, source: &KeySource) -> Result<Key, Failure> {
    if let Ok(text) = std::env::var("TENURE_KEY") {
        return parse(&text).ok_or_else(|| bad("key-malformed", "TENURE_KEY"));
    }
    if let Some(name) = &source.env {
        let text = std::env::var(name).map_err(|_| bad("key-env-missing", name))?;
        return parse(&text).ok_or_else(|| bad("key-malformed", name));
    }
    if let Some([program, args @ ..]) = source.command.as_deref() {
        let out =
            std::process::Command::new(program).args(args).output().map_err(|e| bad("key-command-failed", format!("{program}: {e}")))?;
        if !out.status.success() {
            return Err(bad("key-command-failed", format!("{program}: {}", out.status)));
        }
        return parse(&String::from_utf8_lossy(&out.stdout)).ok_or_else(|| bad("key-malformed", program));
    }
    let path = file(dir, source);
    let text = Zeroizing::new(fs::read_to_string(&path).map_err(|e| bad("key-file-missing", format!("{}: {e}", path.display())))?);
    parse(&text).ok_or_else(|| bad("key-malformed", path.display()))
}

/// True when the key comes from a file of the home that can be made at first run.
pub fn is_file(source: &KeySource) -> bool {
    source.env.is_none() && source.command.is_none() && std::env::var_os("TENURE_KEY").is_none()
}

/// Writes a key file, mode 0600, so that it is whole or not there.
pub fn write(path: &Path, key: &Key) -> Result<(), Failure> {
    let failed = |e: std::io::Error| bad("key-file-write", format!("{}: {e}", path.display()));
    let part = path.with_extension("part");
    let mut f = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).map_err(failed)?;
    f.write_all(Zeroizing::new(format!("{}\n", hex::encode(key.as_slice()))).as_bytes()).and_then(|()| f.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}

/// Permission bits of the key file, where there is one.
pub fn mode(dir: &Path, source: &KeySource) -> Option<u32> {
    fs::metadata(file(dir, source)).ok().map(|m| m.permissions().mode() & 0o777)
}

/// The key as SQLCipher takes it.
pub fn db_key(key: &Key) -> DbKey {
    DbKey(key.clone())
}

/// Seals and opens the text of people. Holds the home's wrapping key: inside an encrypted file it lies as it is, so that rotating the
/// home key has nothing to rewrite; on a server it is sealed under the home key.
pub struct Vault {
    seals: Seals,
}

const WRAP: &str = "wrap";

impl Vault {
    /// Opens the vault of a home, making the wrapping key at first run. `under` is the home key where the file itself is not encrypted.
    pub fn open(tx: &mut Tx, under: Option<&Key>) -> Result<Self, Failure> {
        if let Some(text) = store::operator::meta(tx, WRAP)? {
            let plain = hex::decode(text).ok().and_then(|stored| match under {
                Some(key) => unseal(key, WRAP.as_bytes(), &stored),
                None => Some(stored),
            });
            let wrap = plain.map(Zeroizing::new).and_then(|p| <[u8; 32]>::try_from(p.as_slice()).ok());
            return Ok(Self { seals: Seals(Zeroizing::new(wrap.ok_or_else(|| bad("key-wrong", WRAP))?)) });
        }
        let made = Self { seals: Seals(random_key()?) };
        made.keep(tx, under)?;
        Ok(made)
    }

    /// Writes the wrapping key into a home: as it is, or sealed under the home's key.
    pub fn keep(&self, tx: &mut Tx, under: Option<&Key>) -> Result<(), Failure> {
        let stored = match under {
            Some(key) => seal(key, WRAP.as_bytes(), self.seals.0.as_slice()).ok_or_else(|| Failure::broken("sealing failed"))?,
            None => self.seals.0.to_vec(),
        };
        Ok(store::operator::set_meta(tx, WRAP, &hex::encode(stored))?)
    }

    /// The code of an erased person in the list beside the database.
    pub fn erasure_code(&self, id: PersonId) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.seals.0.as_slice());
        hex::encode(hmac::sign(&key, format!("erased {}", id.0).as_bytes()))
    }

    /// Has a database seal what is not to be read there.
    pub fn give(&self, db: &Db) {
        db.seal_with(self.seals.clone());
    }

    /// A key of the home's own for one purpose (HKDF-SHA256 of the wrapping key): the same for as long as the data lives, wherever it is
    /// moved, and also in a backup of whatever age.
    pub fn derived(&self, purpose: &str) -> Result<Key, Failure> {
        let mut key = Zeroizing::new([0; 32]);
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tenure").extract(self.seals.0.as_slice());
        let made = salt.expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice()));
        made.map_err(|_| Failure::broken("a key cannot be derived"))?;
        Ok(key)
    }

    /// A key of an operator's own, for what is theirs alone.
    pub(super) fn operator(&self, id: OperatorId) -> Key {
        let mut key = Zeroizing::new([0; 32]);
        let wrap = hmac::Key::new(hmac::HMAC_SHA256, self.seals.0.as_slice());
        key.copy_from_slice(hmac::sign(&wrap, &[b"operator", id.0.as_bytes().as_slice()].concat()).as_ref());
        key
    }

    /// Encrypts text about a person under that person's key; hex.
    pub fn seal_for(&self, tx: &mut Tx, id: PersonId, text: &str) -> Result<String, StoreError> {
        let key = self.seals.person(tx, id, true)?.ok_or(StoreError::Stopped("a person's key cannot be read".into()))?;
        seal(&key, id.0.as_bytes(), text.as_bytes()).map(hex::encode).ok_or(StoreError::Stopped("sealing failed".into()))
    }

    /// Text that was sealed for a person; `None` once the person was erased.
    pub fn open_for(&self, tx: &mut Tx, id: PersonId, sealed: &str) -> Result<Option<String>, StoreError> {
        Ok(self.reader(tx, id)?.open(sealed))
    }

    /// What opens all that was sealed for a person.
    pub fn reader(&self, tx: &mut Tx, id: PersonId) -> Result<Reader, StoreError> {
        Ok(Reader { id, key: self.seals.person(tx, id, false)? })
    }
}

/// Opens what was sealed for one person; nothing once the person was erased.
pub struct Reader {
    id: PersonId,
    key: Option<Key>,
}

impl Reader {
    /// The text that was sealed.
    pub fn open(&self, sealed: &str) -> Option<String> {
        let plain = unseal(self.key.as_ref()?, self.id.0.as_bytes(), &hex::decode(sealed).ok()?)?;
        String::from_utf8(plain).ok()
    }
}

/// The key as 64 hexadecimal digits, for keeping it elsewhere.
pub fn export(dir: &Path) -> Result<Zeroizing<String>, Failure> {
    let config = super::Config::load(dir)?;
    Ok(Zeroizing::new(hex::encode(load(dir, &config.key)?.as_slice())))
}

/// Encrypts the database under a new key. The new key is on disk (as `key.next`) before the first page is rewritten and becomes the key
/// file after the last: opening a home after a crash in between finishes the rotation.
pub fn rotate(service: &super::Service) -> Result<(), Failure> {
    let config = service.config();
    if !is_file(&config.key) {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("key-not-a-file")).next(Sentence::new("key-not-a-file-next")));
    }
    let Db::Sqlite(db) = service.db() else { return Err(Failure::new(FailureKind::Usage, Sentence::new("backup-not-here"))) };
    let path = file(service.dir(), &config.key);
    let next = path.with_extension("next");
    let key = random_key()?;
    write(&next, &key)?;
    db.rekey(&db_key(&key))?;
    fs::rename(&next, &path).map_err(|e| bad("key-file-write", format!("{}: {e}", path.display())))?;
    Ok(())
}
