//! Fields that no engine gets to read: pay, résumé facts, notes, reasons, evidence [NF-1].
//!
//! What is about somebody is sealed with a key of that person's own, the rest with the home's: AES-256-GCM, before it leaves for the engine.
//! Both engines do so. SQLCipher encrypts the file already, but one way is simpler than two, a company moves between them as it is, and what
//! lies in a free page or a dead row is worth nothing once the person's key is gone.
//!
//! Keys of people lie in `person_keys`, sealed with the home's wrapping key. A select that reads sealed fields brings the key along as a
//! column ([`key_of`]): no further round trip, and opening a page of 50 rows is 0.1 ms.

use super::{Result, Row, StoreError, Tx, Val, audit, listed};
use crate::domain::ids::PersonId;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom, SystemRandom},
};
use std::collections::HashMap;
use zeroize::Zeroizing;

/// 32 bytes that are wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// What sealed text and sealed bytes begin with. Rows of a home that is older than the seal are read as they are, until they are sealed.
pub const TEXT: &str = "sealed:";
pub const BYTES: &[u8] = b"\0sealed:";
/// What the home's own key seals is bound to.
const HOME: &[u8] = b"home";

/// Encrypts bytes under a key, bound to a context.
pub fn seal(key: &[u8; 32], context: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let mut out = vec![0; NONCE_LEN];
    SystemRandom::new().fill(&mut out).ok()?;
    let nonce = Nonce::try_assume_unique_for_key(&out).ok()?;
    let mut body = plain.to_vec();
    cipher.seal_in_place_append_tag(nonce, Aad::from(context), &mut body).ok()?;
    out.append(&mut body);
    Some(out)
}

/// Decrypts what [`seal`] made.
pub fn unseal(key: &[u8; 32], context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).ok()?);
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut body = body.to_vec();
    let plain = cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut body).ok()?.len();
    body.truncate(plain);
    Some(body)
}

fn failed() -> StoreError {
    StoreError::Stopped("sealing failed".into())
}

/// The wrapping key of a home: it seals the keys of people, and what is about nobody.
#[derive(Clone)]
pub struct Seals(pub Key);

impl Seals {
    fn unwrap(&self, person: PersonId, sealed: &[u8]) -> Option<Key> {
        let plain = Zeroizing::new(unseal(&self.0, person.0.as_bytes(), sealed)?);
        <[u8; 32]>::try_from(plain.as_slice()).ok().map(Zeroizing::new)
    }

    /// A new key of a person, and how it is stored.
    fn make(&self, person: PersonId) -> Result<(Key, Vec<u8>)> {
        let mut key = Zeroizing::new([0; 32]);
        SystemRandom::new().fill(key.as_mut_slice()).map_err(|_| failed())?;
        let sealed = seal(&self.0, person.0.as_bytes(), key.as_slice()).ok_or_else(failed)?;
        Ok((key, sealed))
    }

    /// The key of a person; where there is none, a new one if one is to be made.
    pub fn person(&self, tx: &mut Tx, id: PersonId, make: bool) -> Result<Option<Key>> {
        if let Some(sealed) = audit::person_key(tx, id)? {
            return Ok(self.unwrap(id, &sealed));
        }
        if !make {
            return Ok(None);
        }
        let (key, sealed) = self.make(id)?;
        if audit::put_person_key(tx, id, &sealed)? {
            return Ok(Some(key));
        }
        // Somebody else made it at the same time: what they sealed is sealed with theirs.
        Ok(audit::person_key(tx, id)?.and_then(|sealed| self.unwrap(id, &sealed)))
    }
}

/// Keys of people, as far as a transaction came across them.
pub type Keys = HashMap<PersonId, Key>;

impl Tx<'_> {
    fn seals(&self) -> Result<Seals> {
        self.seals.cloned().ok_or_else(failed)
    }

    /// Text about somebody as it is stored. What is empty says nothing and makes no key.
    pub fn seal(&mut self, person: PersonId, text: &str) -> Result<String> {
        if text.is_empty() {
            return Ok(String::new());
        }
        let sealed = self.sealed(person, text.as_bytes())?;
        Ok(format!("{TEXT}{}", BASE64.encode(sealed)))
    }

    /// The same of text that may be missing.
    pub fn seal_opt(&mut self, person: PersonId, text: Option<&str>) -> Result<Option<String>> {
        text.map(|t| self.seal(person, t)).transpose()
    }

    /// Bytes about somebody as they are stored.
    pub fn seal_bytes(&mut self, person: PersonId, bytes: &[u8]) -> Result<Vec<u8>> {
        Ok([BYTES, &self.sealed(person, bytes)?].concat())
    }

    fn sealed(&mut self, person: PersonId, plain: &[u8]) -> Result<Vec<u8>> {
        if !self.keys.contains_key(&person) {
            let key =
                self.seals()?.person(self, person, true)?.ok_or_else(|| StoreError::Stopped("a person's key cannot be read".into()))?;
            self.keys.insert(person, key);
        }
        self.keys.get(&person).and_then(|key| seal(key, person.0.as_bytes(), plain)).ok_or_else(failed)
    }

    /// The keys of many people at once, of those who have one.
    pub fn keys(&mut self, people: impl Iterator<Item = PersonId>) -> Result<Keys> {
        let seals = self.seals()?;
        let mut wanted: Vec<PersonId> = people.collect();
        wanted.sort_unstable();
        wanted.dedup();
        let strange: Vec<PersonId> = wanted.iter().filter(|p| !self.keys.contains_key(p)).copied().collect();
        for some in strange.chunks(500) {
            let (list, params) = listed(some.iter().copied());
            let sql = format!("select person, sealed from person_keys where person in ({list})");
            let found = self.all(&sql, &params, |r| Ok((r.get::<PersonId>(0)?, r.get::<Vec<u8>>(1)?)))?;
            self.keys.extend(found.iter().filter_map(|(p, sealed)| Some((*p, seals.unwrap(*p, sealed)?))));
        }
        Ok(wanted.into_iter().filter_map(|p| Some((p, self.keys.get(&p)?.clone()))).collect())
    }

    /// Has the keys of many people at hand, and makes those that are missing.
    pub fn hold_keys(&mut self, people: impl Iterator<Item = PersonId>) -> Result<()> {
        let (seals, mut people): (Seals, Vec<PersonId>) = (self.seals()?, people.collect());
        self.keys(people.iter().copied())?;
        people.retain(|p| !self.keys.contains_key(p));
        // In one order for all: two imports must not wait for each other.
        people.sort_unstable();
        people.dedup();
        if people.is_empty() {
            return Ok(());
        }
        let made = people.iter().map(|p| seals.make(*p).map(|(key, sealed)| (*p, key, sealed))).collect::<Result<Vec<_>>>()?;
        let rows: Vec<Vec<Val>> = made.iter().map(|(p, _, sealed)| vec![Val::from(*p), Val::from(sealed.as_slice())]).collect();
        let new = self.bulk("insert into person_keys (person, sealed) values ($1, $2) on conflict do nothing", rows.into_iter())?;
        if new == people.len() as u64 {
            self.keys.extend(made.into_iter().map(|(p, key, _)| (p, key)));
            return Ok(());
        }
        self.keys(people.into_iter()).map(|_| ())
    }

    /// Text that is about nobody, or nobody knows about whom, as it is stored.
    pub fn seal_home(&self, text: &str) -> Result<String> {
        let sealed = seal(&self.seals()?.0, HOME, text.as_bytes()).ok_or_else(failed)?;
        Ok(format!("{TEXT}{}", BASE64.encode(sealed)))
    }

    /// The same of bytes.
    pub fn seal_home_bytes(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let sealed = seal(&self.seals()?.0, HOME, bytes).ok_or_else(failed)?;
        Ok([BYTES, &sealed].concat())
    }

    /// Opens what is sealed with the home's key.
    pub fn home(&self) -> Opener {
        Opener { key: self.seals.map(|s| s.0.clone()), context: HOME.to_vec() }
    }
}

/// The sealed key of the person in a column: a column of a select, for [`Row::of`].
pub fn key_of(person: &str) -> String {
    format!("(select y.sealed from person_keys y where y.person = {person})")
}

/// Opens the sealed fields of a row.
pub struct Opener {
    key: Option<Key>,
    context: Vec<u8>,
}

impl Opener {
    /// With the key of a person.
    pub fn with(person: PersonId, key: Option<&Key>) -> Self {
        Self { key: key.cloned(), context: person.0.as_bytes().to_vec() }
    }

    fn plain(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        unseal(self.key.as_ref()?, &self.context, sealed)
    }

    /// The text that was sealed: empty once the person was erased.
    pub fn text(&self, stored: String) -> String {
        match stored.strip_prefix(TEXT) {
            None => stored,
            Some(sealed) => {
                BASE64.decode(sealed).ok().and_then(|b| self.plain(&b)).and_then(|p| String::from_utf8(p).ok()).unwrap_or_default()
            }
        }
    }

    /// The same of a text that may be missing.
    pub fn opt(&self, stored: Option<String>) -> Option<String> {
        stored.map(|s| self.text(s))
    }

    /// The bytes that were sealed: none once the person was erased.
    pub fn bytes(&self, stored: Vec<u8>) -> Vec<u8> {
        match stored.strip_prefix(BYTES) {
            None => stored,
            Some(sealed) => self.plain(sealed).unwrap_or_default(),
        }
    }
}

impl Row<'_> {
    /// Opens what is sealed for the person in a column, by the key in another.
    pub fn of(&self, person: usize, key: usize) -> Result<Opener> {
        let person: Option<PersonId> = self.get(person)?;
        let Some(person) = person else { return Ok(self.home()) };
        let sealed: Option<Vec<u8>> = self.get(key)?;
        let key = sealed.zip(self.seals).and_then(|(sealed, seals)| seals.unwrap(person, &sealed));
        Ok(Opener::with(person, key.as_ref()))
    }

    /// Opens what is sealed with the home's key.
    pub fn home(&self) -> Opener {
        Opener { key: self.seals.map(|s| s.0.clone()), context: HOME.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_only_with_its_key_and_context() {
        let (a, b) = ([1; 32], [2; 32]);
        let sealed = seal(&a, b"p1", "张伟".as_bytes()).unwrap();
        assert_eq!(unseal(&a, b"p1", &sealed).unwrap(), "张伟".as_bytes());
        assert!(unseal(&b, b"p1", &sealed).is_none());
        assert!(unseal(&a, b"p2", &sealed).is_none());
        assert!(unseal(&a, b"p1", b"short").is_none());
    }

    #[test]
    fn what_is_not_sealed_is_read_as_it_is() {
        let (person, key) = (PersonId(uuid::Uuid::nil()), Zeroizing::new([1; 32]));
        let open = Opener::with(person, Some(&key));
        assert_eq!(open.text("before the seal".into()), "before the seal");
        assert_eq!(open.bytes(vec![1, 2]), [1, 2]);
        let sealed = format!("{TEXT}{}", BASE64.encode(seal(&key, person.0.as_bytes(), b"a note").unwrap()));
        assert_eq!(open.text(sealed.clone()), "a note");
        assert_eq!(Opener::with(person, None).text(sealed), "", "the key was erased");
    }
}
