//! The local backend: authorise, load facts under the lock, decide, commit.
//!
//! [`Service`] is a home that is open; [`Session`] is the door to it for one proven operator. Calls run on blocking threads, so that
//! nothing here is async but the door itself.

pub mod act;
pub mod anchor;
mod apply;
mod approval;
pub mod backup;
pub mod clocks;
pub mod config;
mod contest;
mod cursor;
mod customer;
pub mod doctor;
mod doors;
mod draft;
mod effect;
pub mod erase;
mod evidence;
mod exchange;
pub mod freeze;
pub mod home;
pub mod import;
mod ingest;
pub mod keys;
mod mask;
pub mod migrate;
pub mod models;
pub mod offboarding;
mod operator;
pub mod query;
pub mod report;
mod request;
pub mod roles;
pub mod scoring;
pub mod session;
mod ssh_key;
pub mod timeline;
mod token;

pub use config::Config;
pub use doors::Doors;
pub use exchange::Boxes;
pub use home::Options;
pub use session::Session;

pub use crate::backend::Failure;

use crate::{
    backend::FailureKind,
    domain::{
        act::Context,
        audit::{Entry, Item},
        ids::{JobId, OperatorId},
        operator::Identity,
        role::Roles,
        sentence::Sentence,
        stages::Template,
    },
    store::{Db, StoreError, Tx, audit::Chain, job},
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use uuid::Uuid;

/// Makes ids; random unless the sample company is being built.
pub type IdMaker = Arc<Mutex<dyn FnMut(Timestamp) -> Uuid + Send>>;

/// An open home.
pub struct Service {
    dir: PathBuf,
    db: Db,
    config: Config,
    zone: TimeZone,
    vault: keys::Vault,
    models: models::Models,
    targets: freeze::Targets,
    template: Template,
    roles: Roles,
    ids: IdMaker,
    read_only: bool,
}

impl Service {
    /// The home's configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The home's folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The store, for what runs a home rather than uses it.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The company's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The installed scorers.
    pub fn models(&self) -> &models::Models {
        &self.models
    }

    /// The company's civil day at an instant.
    pub fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    /// A fresh id.
    pub fn new_id(&self, at: Timestamp) -> Uuid {
        (self.ids.lock().unwrap_or_else(PoisonError::into_inner))(at)
    }

    /// The context of a decision by an operator at an instant.
    pub fn context(&self, now: Timestamp, operator: OperatorId, name: &str) -> Context {
        let ids = self.ids.clone();
        let new_id = Box::new(move |at| (ids.lock().unwrap_or_else(PoisonError::into_inner))(at));
        Context::new(now, operator, name, self.config.policy(), new_id)
    }

    /// The context of machine work.
    pub fn machine(&self, now: Timestamp) -> Context {
        self.context(now, OperatorId::MACHINE, "")
    }

    /// Queues a job in the running transaction.
    pub fn queue(&self, tx: &mut Tx, kind: &str, key: &str, due: Timestamp, payload: &str) -> Result<(), StoreError> {
        let id = JobId(self.new_id(tx.now()));
        job::queue(tx, id, kind, key, due, payload)
    }

    /// One entry for a batch of machine work: how many rows, and a digest over them.
    pub fn machine_entry(&self, tx: &mut Tx, act: &str, count: i64, digest: &[u8], items: Vec<Item>) -> Result<i64, StoreError> {
        self.machine_entry_with(tx, act, count, digest, items, None)
    }

    /// The same with what it did as data, where that says nothing personal.
    pub fn machine_entry_with(
        &self,
        tx: &mut Tx,
        act: &str,
        count: i64,
        digest: &[u8],
        items: Vec<Item>,
        detail: Option<String>,
    ) -> Result<i64, StoreError> {
        let at = tx.now();
        let entry = Entry { count: Some(count), digest: Some(hex::encode(digest)), detail, ..Entry::new(at, None, act, items) };
        crate::store::audit::append(tx, Chain::Acts, entry)
    }

    /// A door for one operator.
    pub fn session(self: &Arc<Self>, who: Identity) -> Session {
        Session::new(self.clone(), who)
    }
}

/// A store error as a sentence with a next step.
pub fn failure(e: StoreError) -> Failure {
    let say = |kind, code: &'static str| Failure::new(kind, Sentence::new(code));
    match e {
        StoreError::WrongKey => say(FailureKind::Failed, "store-wrong-key").next(Sentence::new("store-wrong-key-next")),
        StoreError::Busy => say(FailureKind::Unreachable, "store-busy").next(Sentence::new("store-busy-next")),
        StoreError::Moved => say(FailureKind::Unreachable, "store-moved").next(Sentence::new("store-moved-next")),
        StoreError::Disk(d) => {
            Failure::new(FailureKind::Failed, Sentence::new("store-disk").with("detail", d)).next(Sentence::new("store-disk-next"))
        }
        StoreError::Unreachable(d) => Failure::new(FailureKind::Unreachable, Sentence::new("store-unreachable").with("detail", d))
            .next(Sentence::new("store-unreachable-next")),
        StoreError::Untrusted(d) => Failure::new(FailureKind::Unreachable, Sentence::new("store-untrusted").with("detail", d))
            .next(Sentence::new("store-untrusted-next")),
        StoreError::Schema(d) => {
            Failure::new(FailureKind::Failed, Sentence::new("store-schema").with("detail", d)).next(Sentence::new("store-schema-next"))
        }
        StoreError::Unknown(d) => {
            Failure::new(FailureKind::Unknown, Sentence::new("store-unknown").with("detail", d)).next(Sentence::new("store-unknown-next"))
        }
        StoreError::Behind(seq) => {
            Failure::new(FailureKind::Refused, Sentence::new("store-behind").with("seq", seq)).next(Sentence::new("store-behind-next"))
        }
        StoreError::Url(d) => {
            Failure::new(FailureKind::Usage, Sentence::new("store-url").with("detail", d)).next(Sentence::new("store-url-next"))
        }
        StoreError::Column(_) | StoreError::Sql(_) | StoreError::Stopped(_) => Failure::broken(e),
    }
}

impl From<StoreError> for Failure {
    fn from(e: StoreError) -> Self {
        failure(e)
    }
}
