//! The door to an open home for one operator.

use super::{Service, evidence::Stored};
use crate::{
    backend::{
        ActReply, ActRequest, Backend, Changed, Failure, FailureKind, OnProgress, Put, Query, Reply, Source, Staged, Watched, table,
    },
    domain::{
        act::Entity,
        audit::{Entry, Item},
        ids::{CustomerId, PersonId},
        operator::Identity,
        row::Within,
        sentence::Sentence,
        token::Scope,
    },
    store::{self, StoreError, Tx, audit::Chain},
};
use async_trait::async_trait;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// How often another process's commits are looked for.
const POLL: Duration = Duration::from_millis(400);
/// How often they are looked for all the same where the store tells of them: a pooler may not pass that on.
const LOOK: Duration = Duration::from_secs(2);
/// How long a server may take to say whether something changed. A store that hangs is given up later; until then nobody takes what is shown
/// for what is.
const PROBE: Duration = Duration::from_secs(5);
/// How long a watch waits before it answers that nothing changed.
const PATIENCE: Duration = Duration::from_secs(25);
/// Reads of lists are sealed into the access chain in groups of at most this long.
const SEAL: Duration = Duration::from_millis(900);

/// Whose fields were shown.
#[derive(Default)]
struct Shown {
    people: BTreeSet<PersonId>,
    customers: BTreeSet<CustomerId>,
}

/// Reads that are not sealed yet, by query.
type Reads = BTreeMap<&'static str, Shown>;

/// A [`Backend`] over an open home.
pub struct Session {
    service: Arc<Service>,
    who: Identity,
    reads: Arc<Mutex<Reads>>,
    /// A break-glass freeze was asked for: whom it was about is written down like the freeze itself.
    urgent: Arc<AtomicBool>,
    /// Acts are refused.
    reads_only: bool,
}

impl Session {
    pub(super) fn new(service: Arc<Service>, who: Identity) -> Self {
        Self { service, who, reads: Arc::default(), urgent: Arc::default(), reads_only: false }
    }

    /// The same door for a token of this scope.
    #[must_use]
    pub fn within(self, scope: Scope) -> Self {
        Self { reads_only: scope == Scope::Read, ..self }
    }

    fn again(&self) -> Self {
        let Self { service, who, reads, urgent, reads_only } = self;
        Self { service: service.clone(), who: who.clone(), reads: reads.clone(), urgent: urgent.clone(), reads_only: *reads_only }
    }

    fn may_write(&self) -> Result<(), Failure> {
        if self.reads_only {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("token-reads-only")).next(Sentence::new("token-reads-only-next")));
        }
        Ok(())
    }

    /// The home behind the door.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Seals the reads that wait. Called before a process ends.
    pub fn flush(&self) -> Result<(), Failure> {
        self.seal(std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Writes reads into the access chain: operator, purpose, query, subjects.
    fn seal(&self, reads: Reads) -> Result<(), Failure> {
        if reads.is_empty() {
            return Ok(());
        }
        let write = |tx: &mut Tx| {
            let at = tx.now();
            for (query, shown) in reads {
                let item = |entity, id, person| Item { entity, id, person, before: None, after: None, sealed: None };
                let people = shown.people.into_iter().map(|p| item(Entity::Person, p.0, Some(p)));
                let items: Vec<Item> = people.chain(shown.customers.into_iter().map(|c| item(Entity::Customer, c.0, None))).collect();
                let count = Some(items.len() as i64);
                let entry = Entry { purpose: Some("retention".into()), count, ..Entry::new(at, Some(&self.who), query, items) };
                store::audit::append(tx, Chain::Access, entry)?;
            }
            Ok(())
        };
        let db = self.service.db();
        if self.urgent.load(Ordering::Relaxed) { db.write_urgent(write) } else { db.write(write) }
    }

    /// Notes whose fields a query showed; true when nobody seals the group yet.
    fn note(&self, query: &'static str, people: &[PersonId], customers: &[CustomerId], at_once: bool) -> Result<bool, Failure> {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        let first = reads.is_empty();
        // To look one person up by number and to read that person is one reading.
        let looked_up =
            |found: &Shown| found.customers.is_empty() && found.people.len() == 1 && people.iter().all(|p| found.people.contains(p));
        if at_once && reads.get("find").is_some_and(looked_up) {
            reads.remove("find");
        }
        let shown = reads.entry(query).or_default();
        shown.people.extend(people);
        shown.customers.extend(customers);
        if at_once {
            let taken = std::mem::take(&mut *reads);
            drop(reads);
            self.seal(taken)?;
            return Ok(false);
        }
        Ok(first)
    }
}

/// The sentence for somebody who may not come in any more, and what to do.
pub(super) fn shut_out(why: Sentence) -> Failure {
    let ended = why.code == "operator-ended";
    let next = Sentence::new("operator-ended-next").with("name", why.args.get("name").map_or("", String::as_str));
    let failure = Failure::new(FailureKind::Refused, why);
    if ended { failure.next(next) } else { failure }
}

/// Whether a query asks for one person, or for something of one, by id.
pub(super) fn of_one(query: &Query) -> bool {
    use Query::{
        Alert, AlertReport, Contest, Customer, Evidence, Explain, Freeze, FreezePlan, Offboarding, Person, Plan, ScoreSeries, ThawPlan,
        Timeline, WhatIf,
    };
    matches!(
        query,
        Alert { .. }
            | AlertReport { .. }
            | Contest { .. }
            | Customer { .. }
            | Evidence { .. }
            | Explain { .. }
            | Freeze { .. }
            | FreezePlan { .. }
            | Offboarding { .. }
            | Person { .. }
            | Plan { .. }
            | ScoreSeries { .. }
            | ThawPlan { .. }
            | Timeline { .. }
            | WhatIf { .. }
    )
}

async fn blocking<T: Send + 'static>(f: impl FnOnce() -> Result<T, Failure> + Send + 'static) -> Result<T, Failure> {
    tokio::task::spawn_blocking(f).await.unwrap_or_else(|e| Err(Failure::broken(e)))
}

#[async_trait]
impl Backend for Session {
    fn who(&self) -> &Identity {
        &self.who
    }

    async fn query(&self, query: Query) -> Result<Reply, Failure> {
        let name: &'static str = (&query).into();
        let (service, who, one) = (self.service.clone(), self.who.clone(), of_one(&query));
        let session = self.again();
        let (seen, first) = blocking(move || match service.query(&who, &query) {
            Ok(seen) => {
                let first = seen.personal && session.note(name, &seen.subjects, &seen.customers, seen.at_once)?;
                Ok((seen, first))
            }
            // Who asks for somebody by id and finds nobody has asked all the same.
            Err(e) if one && e.kind == FailureKind::NotFound => session.note(name, &[], &[], true).and(Err(e)),
            Err(e) => Err(e),
        })
        .await?;
        if first {
            let session = self.again();
            tokio::spawn(async move {
                tokio::time::sleep(SEAL).await;
                // A store that cannot be written shows at the next act; nobody waits for this one.
                let _ = blocking(move || session.flush()).await;
            });
        }
        Ok(seen.reply)
    }

    async fn act(&self, request: ActRequest) -> Result<ActReply, Failure> {
        self.may_write()?;
        let session = self.again();
        blocking(move || {
            if request.act.is_urgent() {
                session.urgent.store(true, Ordering::Relaxed);
            }
            session.service.act(&session.who, &request)
        })
        .await
    }

    async fn put(&self, what: Put, bytes: Source, progress: OnProgress) -> Result<Staged, Failure> {
        self.may_write()?;
        let (service, who) = (self.service.clone(), self.who.clone());
        blocking(move || {
            let permission = match &what {
                Put::Import { .. } => table::IMPORT,
                Put::Evidence { .. } => "offboarding.submit",
            };
            service.db().read(|tx| service.view(tx, &who, permission).map(|_| ()))?;
            service.stage(&what, bytes, progress)
        })
        .await
    }

    async fn get(&self, hash: &str) -> Result<Source, Failure> {
        let (service, hash) = (self.service.clone(), hash.to_owned());
        let session = self.again();
        blocking(move || {
            let view = service.db().read(|tx| service.view(tx, &session.who, table::EVIDENCE))?;
            let of = service.db().read(|tx| service.file_of(tx, &hash))?;
            // A file that nothing names yet is nobody's business either, but of whoever reaches everybody.
            service.db().read(|tx| service.may_see(tx, &view, &of, &[]))?;
            if of.is_empty() && view.within != Within::Everybody {
                return Err(super::roles::out_of_scope(view.operator.role).into());
            }
            view.may_read_file(&of)?;
            if !of.is_empty() {
                // Evidence names people: who reads it is written down before it is handed out.
                session.note("evidence_file", &of, &[], true)?;
            }
            Ok(Box::new(Stored::new(service, hash)) as Source)
        })
        .await
    }

    async fn watch(&self, mark: i64) -> Result<Watched, Failure> {
        let (service, who) = (self.service.clone(), self.who.clone());
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut version = None;
        let mut told = self.service.db().news();
        loop {
            let (of, by, known) = (service.clone(), who.clone(), version);
            let probe = blocking(move || {
                let now = of.db().mark()?;
                if known == Some(now) {
                    return Ok((now, None));
                }
                let news = of.db().read(|tx| -> Result<_, Failure> {
                    // The end of an operator reaches every session that is open.
                    let operator = of.check_operator(tx, &by)?;
                    // What is read there is shown, but not as what is.
                    if let Some(seq) = tx.behind() {
                        return Err(StoreError::Behind(seq).into());
                    }
                    if mark == 0 {
                        return Ok(Some(Watched { mark: store::audit::newest(tx)?.max(1), changed: Vec::new() }));
                    }
                    let rows = store::audit::announced(tx, mark)?;
                    let last = rows.last().map(|(seq, _, _)| *seq);
                    let changed = rows.into_iter().map(|(_, what, id)| Changed { what, id }).collect();
                    let changed = of.may_hear(tx, &operator, changed)?;
                    Ok(last.map(|mark| Watched { mark, changed }))
                })?;
                Ok((now, news))
            });
            let found = match &told {
                // A file answers or is gone.
                None => probe.await?,
                Some(_) => tokio::time::timeout(PROBE, probe)
                    .await
                    .unwrap_or_else(|_| Err(StoreError::Unreachable(format!("no answer within {} s", PROBE.as_secs())).into()))?,
            };
            version = Some(found.0);
            if let Some(news) = found.1 {
                return Ok(news);
            }
            if tokio::time::Instant::now() >= until {
                return Ok(Watched { mark, changed: Vec::new() });
            }
            match &mut told {
                // Either way it is looked again.
                Some(told) => drop(tokio::time::timeout(LOOK, told.changed()).await),
                None => tokio::time::sleep(POLL).await,
            }
        }
    }
}
