//! Takes due jobs and runs them through the service. Any number of workers may run, in any process: a job is held by a lease.

use crate::{
    domain::ids::ImportId,
    service::{Failure, Service, anchor, backup, erase, freeze},
    store::{
        self, Db, StoreError, Tx,
        job::{self, Lane, Leased},
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

/// Lanes for jobs that wait for targets, at most.
const OUTSIDE: usize = 8;

/// Lanes of a worker: one for the home's own work, one a target, and one for anchors.
fn lanes(service: &Service) -> Vec<Lane> {
    let anchors = usize::from(!service.config().audit.anchors.is_empty());
    let outside = match service.targets().all().len() + anchors {
        0 => return vec![Lane::Any],
        n => (n + 1).min(OUTSIDE),
    };
    std::iter::once(Lane::Inside).chain(std::iter::repeat_n(Lane::Outside, outside)).collect()
}

/// Runs every job that is due, until none is. Targets are worked on side by side.
pub fn drain(service: &Arc<Service>) -> Result<Ran, Failure> {
    let mut ran = Ran::default();
    loop {
        let lanes = lanes(service);
        let all: Vec<Result<Ran, Failure>> = if lanes.len() == 1 {
            lanes.iter().map(|lane| drain_lane(service, *lane)).collect()
        } else {
            std::thread::scope(|scope| {
                let running: Vec<_> = lanes.iter().map(|lane| scope.spawn(|| drain_lane(service, *lane))).collect();
                running.into_iter().map(|r| r.join().unwrap_or_else(|_| Err(Failure::broken("a lane of the worker ended")))).collect()
            })
        };
        let before = ran.jobs;
        for of in all {
            let of = of?;
            ran.jobs += of.jobs;
            ran.failed += of.failed;
        }
        // What one lane did last may be work for another.
        if ran.jobs == before || lanes.len() == 1 {
            return Ok(ran);
        }
    }
}

fn drain_lane(service: &Arc<Service>, lane: Lane) -> Result<Ran, Failure> {
    let mut ran = Ran::default();
    while let Some(done) = step(service, lane, &|| false)? {
        ran.jobs += 1;
        ran.failed += u64::from(!done);
    }
    Ok(ran)
}

/// Runs jobs until told to stop.
pub async fn run(service: Arc<Service>, stop: watch::Receiver<bool>) -> Result<(), Failure> {
    let woken = service.clone();
    // What a store that is busy now does not take, the daily round does.
    let _ = tokio::task::spawn_blocking(move || woken.db().write(|tx| woken.wake_freezes(tx))).await;
    let mut running = tokio::task::JoinSet::new();
    for lane in lanes(&service) {
        running.spawn(run_lane(service.clone(), lane, stop.clone()));
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(Failure::broken)??;
    }
    Ok(())
}

async fn run_lane(service: Arc<Service>, lane: Lane, mut stop: watch::Receiver<bool>) -> Result<(), Failure> {
    loop {
        let (of, told) = (service.clone(), stop.clone());
        let worked = tokio::task::spawn_blocking(move || step(&of, lane, &|| *told.borrow() || told.has_changed().is_err()))
            .await
            .unwrap_or_else(|e| Err(Failure::broken(e)));
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
fn step(service: &Arc<Service>, lane: Lane, stop: &dyn Fn() -> bool) -> Result<Option<bool>, Failure> {
    if lane != Lane::Outside {
        schedule(service)?;
    }
    let idle = service.db().read(|tx| job::idle(tx, lane))?;
    if idle {
        return Ok(None);
    }
    let take = |tx: &mut Tx| Ok::<_, StoreError>((job::bury(tx)?, job::take(tx, lane, Uuid::new_v4(), LEASE)?));
    // What was sent to a target is written down even when little room is left.
    let (ended, taken) = if lane == Lane::Outside { service.db().write_urgent(take) } else { service.db().write(take) }?;
    for (kind, key) in ended {
        service.freeze_job_failed(&kind, &key)?;
    }
    let Some(held) = taken else { return Ok(None) };
    match perform(service, &held, stop) {
        Ok(()) => {
            service.db().write_urgent(|tx| job::done(tx, &held))?;
            Ok(Some(true))
        }
        Err(e) => {
            let wait = SignedDuration::from_secs(1 << held.attempts.clamp(0, 8)) + SignedDuration::from_millis(jitter());
            let error = format!("{}{}", e.what.code, e.what.args.get("detail").map(|d| format!(": {d}")).unwrap_or_default());
            if service.db().write_urgent(|tx| job::failed(tx, &held, &error, wait))? {
                service.freeze_job_failed(&held.kind, &held.key)?;
            }
            Ok(Some(false))
        }
    }
}

fn jitter() -> i64 {
    i64::from(Uuid::new_v4().as_bytes().first().copied().unwrap_or(0)) * 4
}

/// Sees to it that the daily round is in the queue, that a changed model scores everyone, and that nobody waits to be counted.
fn schedule(service: &Service) -> Result<(), Failure> {
    service.notice_model()?;
    service.notice_uncounted()?;
    service.schedule_anchors()?;
    let queued = service.db().read(|tx| job::exists(tx, "daily"))?;
    if !queued {
        service.db().write(|tx| {
            let due = service.next_morning(tx.now());
            service.queue(tx, "daily", "all", due, "")
        })?;
    }
    Ok(())
}

fn perform(service: &Arc<Service>, held: &Leased, stop: &dyn Fn() -> bool) -> Result<(), Failure> {
    let renew = |lease| service.db().write_urgent(|tx| job::renew(tx, held, lease)).unwrap_or(false);
    let go_on = |lease| !stop() && renew(lease);
    match held.kind.as_str() {
        "score" => {
            let scored = service.score_waiting();
            // Who cannot be scored keeps nobody from being counted.
            service.count_effects()?;
            scored.map(|_| ())
        }
        "import" => {
            let id: ImportId = held.key.parse().map_err(Failure::broken)?;
            let renewed = std::cell::Cell::new(Instant::now());
            service.publish(id, &|| {
                if renewed.get().elapsed() < RENEW {
                    return true;
                }
                renewed.set(Instant::now());
                renew(LEASE)
            })
        }
        erase::COMPACT => service.compact(),
        anchor::ANCHOR => match service.run_anchor(&held.key)? {
            Some(due) => Ok(service.db().write_urgent(|tx| service.queue(tx, anchor::ANCHOR, &held.key, due, ""))?),
            None => Ok(()),
        },
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
        freeze::START => {
            // One that cannot be begun must not hold up others a second time.
            service.start_order(held.key.parse().map_err(Failure::broken)?, held.attempts > 1, &go_on)
        }
        freeze::TARGET => {
            let due = service.run_target(&held.key, &freeze::Hold { job: held.id, token: held.token, renew: &renew, stop })?;
            match due {
                Some(due) => Ok(service.db().write_urgent(|tx| service.queue(tx, freeze::TARGET, &held.key, due, ""))?),
                None => Ok(()),
            }
        }
        freeze::WATCH => service.watch_orders(&go_on),
        freeze::AMEND => service.amend_order(held.key.parse().map_err(Failure::broken)?),
        freeze::STAND_IN => service.ask_stand_in(held.key.parse().map_err(Failure::broken)?),
        freeze::REPLAN => service.replan_order(held.key.parse().map_err(Failure::broken)?),
        freeze::OVERDUE => service.restrict_overdue_person(held.key.parse().map_err(Failure::broken)?),
        other => Err(Failure::broken(format!("no worker knows the job kind {other:?}"))),
    }
}

/// Makes set-aside jobs due again; returns how many.
pub fn retry(service: &Service) -> Result<u64, Failure> {
    Ok(service.db().write(store::job::retry)?)
}
