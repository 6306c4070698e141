//! Takes due jobs and runs them through the service. Any number of workers may run, in any process: a job is held by a lease.

use crate::{
    domain::ids::ImportId,
    service::{Failure, Service, backup},
    store::{
        self, Db, StoreError,
        job::{self, Leased},
    },
};
use jiff::SignedDuration;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;
use uuid::Uuid;

/// How long a job is held before another worker may take it.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// How often a long job renews its lease.
const RENEW: Duration = Duration::from_secs(15);
/// How long an idle worker sleeps at most.
const NAP: Duration = Duration::from_millis(500);

/// What a drain did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    pub jobs: u64,
    /// Jobs that ended with an error and were put back or set aside.
    pub failed: u64,
}

/// Runs every job that is due, until none is.
pub fn drain(service: &Arc<Service>) -> Result<Ran, Failure> {
    let mut ran = Ran::default();
    while let Some(done) = step(service)? {
        ran.jobs += 1;
        ran.failed += u64::from(!done);
    }
    Ok(ran)
}

/// Runs jobs until told to stop.
pub async fn run(service: Arc<Service>, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
    loop {
        let of = service.clone();
        let worked = tokio::task::spawn_blocking(move || step(&of)).await.unwrap_or_else(|e| Err(Failure::broken(e)));
        if *stop.borrow() {
            return Ok(());
        }
        // A store that is busy or away for a moment is tried again: the queue is in it.
        if !matches!(worked, Ok(Some(_))) {
            tokio::select! {
                _ = tokio::time::sleep(NAP) => {}
                _ = stop.changed() => return Ok(()),
            }
        }
    }
}

/// Takes one due job and runs it: `None` when there is none, else whether it went well.
fn step(service: &Arc<Service>) -> Result<Option<bool>, Failure> {
    schedule(service)?;
    let idle = service.db().read(job::idle)?;
    if idle {
        return Ok(None);
    }
    let token = service.db().write(|tx| job::take(tx, Uuid::new_v4(), LEASE))?;
    let Some(held) = token else { return Ok(None) };
    match perform(service, &held) {
        Ok(()) => {
            service.db().write(|tx| job::done(tx, &held))?;
            Ok(Some(true))
        }
        Err(e) => {
            let wait = SignedDuration::from_secs(1 << held.attempts.clamp(0, 8)) + SignedDuration::from_millis(jitter());
            let error = format!("{}{}", e.what.code, e.what.args.get("detail").map(|d| format!(": {d}")).unwrap_or_default());
            service.db().write(|tx| job::failed(tx, &held, &error, wait))?;
            Ok(Some(false))
        }
    }
}

fn jitter() -> i64 {
    i64::from(Uuid::new_v4().as_bytes().first().copied().unwrap_or(0)) * 4
}

/// Sees to it that the daily round is in the queue, and that a changed model scores everyone.
fn schedule(service: &Service) -> Result<(), Failure> {
    service.notice_model()?;
    let queued = service.db().read(|tx| job::exists(tx, "daily"))?;
    if !queued {
        service.db().write(|tx| {
            let due = service.next_morning(tx.now());
            service.queue(tx, "daily", "all", due, "")
        })?;
    }
    Ok(())
}

fn perform(service: &Arc<Service>, held: &Leased) -> Result<(), Failure> {
    match held.kind.as_str() {
        "score" => service.score_waiting().map(|_| ()),
        "import" => {
            let id: ImportId = held.key.parse().map_err(Failure::broken)?;
            let renewed = std::cell::Cell::new(Instant::now());
            service.publish(id, &|| {
                if renewed.get().elapsed() < RENEW {
                    return true;
                }
                renewed.set(Instant::now());
                service.db().write(|tx| job::renew(tx, held, LEASE)).unwrap_or(false)
            })
        }
        "quarantine" => service.restage().map(|_| ()),
        "offboarding_export" => service.run_export(held.key.parse().map_err(Failure::broken)?, &held.payload),
        "clocks" => match service.run_clocks()? {
            Some(due) => Ok(service.db().write(|tx| service.queue(tx, "clocks", "all", due, ""))?),
            None => Ok(()),
        },
        "daily" => {
            service.run_daily()?;
            // A server's data is backed up with the server.
            if service.config().backup.daily && matches!(service.db(), Db::Sqlite(_)) {
                backup::daily(service)?;
            }
            service.db().write(|tx| -> Result<(), StoreError> {
                let due = service.next_morning(tx.now());
                service.queue(tx, "daily", "all", due, "")
            })?;
            Ok(())
        }
        other => Err(Failure::broken(format!("no worker knows the job kind {other:?}"))),
    }
}

/// Makes set-aside jobs due again; returns how many.
pub fn retry(service: &Service) -> Result<u64, Failure> {
    Ok(service.db().write(store::job::retry)?)
}
