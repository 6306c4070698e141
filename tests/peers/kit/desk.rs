//! An operator at work on an open home, in this process.

use super::company::Company;
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use tenure::{
    backend::{ActReply, ActRequest, Backend, Failure, Query, Reply, Watched},
    domain::act::Act,
    service::{Options, Service, Session},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

static ROOMS: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

pub struct Desk {
    pub service: Arc<Service>,
    session: Session,
}

impl Desk {
    /// The company's home, its data at that URL.
    pub fn open(company: &Company, url: &str) -> Self {
        Self::of(&company.dir(), url, Some("lin"))
    }

    /// The desk of an operator in a home, its data at that URL; of the system's user without a name.
    pub fn of(home: &Path, url: &str, who: Option<&str>) -> Self {
        let service = Service::open(Options { create: false, server: Some(url.into()), ..Options::new(home) }).unwrap();
        let session = service.session(service.identify(who).unwrap());
        Self { service, session }
    }

    /// Seals the reads that wait.
    pub fn flush(&self) {
        self.session.flush().unwrap();
    }

    pub fn act(&self, request: ActRequest) -> Result<ActReply, Failure> {
        ROOMS.block_on(self.session.act(request))
    }

    pub fn query(&self, query: Query) -> Result<Reply, Failure> {
        ROOMS.block_on(self.session.query(query))
    }

    pub fn watch(&self, mark: i64) -> Watched {
        self.try_watch(mark).unwrap()
    }

    pub fn try_watch(&self, mark: i64) -> Result<Watched, Failure> {
        ROOMS.block_on(self.session.watch(mark))
    }

    /// Writes a note under a key; the note is the key.
    pub fn note(&self, alert: &str, key: &str) -> Result<ActReply, Failure> {
        let alert: Uuid = alert.parse().unwrap();
        self.act(ActRequest { key: Some(key.into()), ..ActRequest::one(Act::AlertNote { text: key.into() }, alert, None) })
    }

    /// Waits until the server says that something was announced.
    pub fn told(&self, since: u64) -> u64 {
        let mut news = self.service.db().news().unwrap();
        ROOMS.block_on(async {
            tokio::time::timeout(super::PATIENCE, news.wait_for(|n| *n > since)).await.expect("nobody was told").unwrap();
            *news.borrow()
        })
    }
}
