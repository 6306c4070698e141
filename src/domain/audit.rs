//! The chain: canonical entries, hashed in order (domain.md 14, DESIGN.md "One chain").
//!
//! Entry bytes are the JSON of [`Entry`] (fields in declaration order, no spaces) and are stored as bytes. Personal text is inside
//! `sealed`, encrypted under a key of the person: erasing the key erases the text while the hash still verifies.

use super::{
    act::Entity,
    ids::{OperatorId, PersonId},
    operator::{Identity, Proof},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use strum::EnumIter;
use uuid::Uuid;

/// Hash that the first entry of a chain points back to.
pub const GENESIS: [u8; 32] = [0; 32];

/// Which chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, EnumIter)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    Acts,
    /// Who looked at whom.
    Access,
}

impl Chain {
    /// Name in the `heads` table and in the hash.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::Access => "access",
        }
    }
}

/// One thing that an entry is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    pub entity: Entity,
    pub id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<PersonId>,
    /// Version before and after; `None` where the thing carries none or did not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<i64>,
    /// Ciphertext of the personal fields of the act, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
}

/// An entry of the act chain or of the access chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub seq: i64,
    /// Hash of the entry before, hex.
    pub prev: String,
    pub at: Timestamp,
    pub operator: Option<OperatorId>,
    pub operator_name: String,
    pub proof: Proof,
    /// Name of the act, or of the query on the access chain.
    pub act: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// The act as data, where it says nothing personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Rows that a machine batch touched, or subjects that a read named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// Digest over a machine batch, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub items: Vec<Item>,
}

impl Entry {
    /// An entry at an instant, by an operator or by the machine. Appending fills in its place in the chain.
    pub fn new(at: Timestamp, who: Option<&Identity>, act: &str, items: Vec<Item>) -> Self {
        Self {
            seq: 0,
            prev: String::new(),
            at,
            operator: who.map(|w| w.operator),
            operator_name: who.map(|w| w.name.clone()).unwrap_or_default(),
            proof: who.map_or(Proof::Machine, |w| w.proof),
            act: act.into(),
            purpose: None,
            detail: None,
            count: None,
            digest: None,
            items,
        }
    }

    /// The bytes that are hashed and stored.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Links entry bytes to the chain. Domain-separated and length-prefixed, so that no two inputs share a hash by concatenation.
pub fn link(chain: &str, prev: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    let mut h = Sha256::new();
    for part in [b"tenure-chain-v1".as_slice(), chain.as_bytes(), prev, bytes] {
        h.update((part.len() as u64).to_be_bytes());
        h.update(part);
    }
    h.finalize().into()
}

/// Why a chain does not verify.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Broken {
    /// First entry that is wrong.
    pub seq: i64,
    /// `gap`, `hash`, `prev`, `bytes` or `head`.
    pub fault: String,
}

/// Walks a chain in order of `seq`.
pub struct Verifier {
    chain: &'static str,
    seq: i64,
    head: [u8; 32],
}

impl Verifier {
    /// A verifier at the start of the chain that is called `acts` or `access`.
    pub fn new(chain: &'static str) -> Self {
        Self { chain, seq: 0, head: GENESIS }
    }

    /// Checks one stored row; returns its entry.
    pub fn next(&mut self, seq: i64, bytes: &[u8], hash: &[u8]) -> Result<Entry, Broken> {
        let broken = |fault: &str| Broken { seq, fault: fault.into() };
        if seq != self.seq + 1 {
            return Err(Broken { seq: self.seq + 1, fault: "gap".into() });
        }
        let entry: Entry = serde_json::from_slice(bytes).map_err(|_| broken("bytes"))?;
        if entry.bytes() != bytes || entry.seq != seq {
            return Err(broken("bytes"));
        }
        if entry.prev != hex::encode(self.head) {
            return Err(broken("prev"));
        }
        let now = link(self.chain, &self.head, bytes);
        if now.as_slice() != hash {
            return Err(broken("hash"));
        }
        self.seq = seq;
        self.head = now;
        Ok(entry)
    }

    /// Compares the end of the walk with the head row; returns the number of entries and the head.
    pub fn finish(self, head_seq: i64, head: &[u8]) -> Result<(i64, String), Broken> {
        if head_seq != self.seq || head != self.head {
            return Err(Broken { seq: self.seq.min(head_seq) + 1, fault: "head".into() });
        }
        Ok((self.seq, hex::encode(self.head)))
    }
}
