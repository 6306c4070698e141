//! The one queue: leases, attempts, unique pending work, and what is set aside.

use crate::kit::{Engine, Kit};
use jiff::SignedDuration;
use std::{collections::BTreeSet, sync::Mutex, thread};
use tenure::{
    backend::{Preview, Query},
    domain::{act::Act, ids::JobId, row::JobRow},
    store::{
        self, StoreError, Tx,
        job::{self, Leased, MAX_ATTEMPTS},
    },
    worker,
};
use uuid::Uuid;

on_both!(
    a_lease_is_held_renewed_and_lost,
    pending_work_is_unique,
    a_poisoned_job_is_set_aside_and_retried,
    a_score_that_fails_is_not_tried_again_and_again,
    a_job_that_kills_its_workers_is_set_aside,
    set_aside_twice_is_retried_once,
    every_job_is_taken_once,
    two_that_look_at_once_take_different_jobs,
    a_slow_worker_cannot_end_what_another_took,
    several_workers_load_several_files,
);

fn minute() -> SignedDuration {
    SignedDuration::from_mins(1)
}

fn queue(kit: &Kit, kind: &str, key: &str) {
    kit.write(|tx| {
        let due = tx.now();
        job::queue(tx, JobId(Uuid::new_v4()), kind, key, due, "")
    });
}

fn take(kit: &Kit) -> Option<Leased> {
    kit.write(|tx| job::bury(tx).and_then(|_| job::take(tx, job::Lane::Any, Uuid::new_v4(), minute())))
}

fn jobs(kit: &Kit) -> Vec<JobRow> {
    let mut rows = ask!(kit.me(), Query::Jobs { slice: Default::default() } => Jobs).rows;
    rows.retain(|j| j.kind != "daily");
    rows
}

fn a_lease_is_held_renewed_and_lost(on: Engine) {
    let kit = Kit::new(on);
    queue(&kit, "score", "all");
    let first = take(&kit).unwrap();
    assert_eq!((first.kind.as_str(), first.attempts), ("score", 1));
    assert_eq!(take(&kit), None, "nobody else takes what is held");
    assert!(kit.read(|tx| job::idle(tx, job::Lane::Any)));
    kit.time.pass(SignedDuration::from_secs(50));
    assert!(kit.write(|tx| job::renew(tx, &first, minute())));
    kit.time.pass(SignedDuration::from_secs(50));
    assert_eq!(take(&kit), None, "renewed");
    assert!(kit.write(|tx| job::done(tx, &first)));
    assert_eq!(jobs(&kit), []);

    // Not renewed: another takes it, and the first holds nothing any more.
    queue(&kit, "score", "all");
    let late = take(&kit).unwrap();
    kit.time.pass(minute() + minute());
    assert!(!kit.read(|tx| job::idle(tx, job::Lane::Any)));
    let next = take(&kit).unwrap();
    assert_eq!((next.id, next.attempts), (late.id, 2));
    assert_ne!(next.token, late.token);
    assert!(!kit.write(|tx| job::renew(tx, &late, minute())));
    assert!(!kit.write(|tx| job::done(tx, &late)));
    kit.write(|tx| job::failed(tx, &late, "too late", minute()));
    let [row] = <[_; 1]>::try_from(jobs(&kit)).unwrap();
    assert_eq!((row.state.as_str(), row.error), ("leased", None), "the old holder changes nothing");
    assert!(kit.write(|tx| job::done(tx, &next)));
    kit.check();
}

fn pending_work_is_unique(on: Engine) {
    let kit = Kit::new(on);
    let due = kit.time.now() + SignedDuration::from_hours(5);
    let at = |tx: &mut Tx, key: &str, due| job::queue(tx, JobId(Uuid::new_v4()), "import", key, due, "");
    kit.write(|tx| at(tx, "a", due));
    kit.write(|tx| at(tx, "b", due));
    kit.write(|tx| at(tx, "a", due + SignedDuration::from_hours(1)));
    let all = jobs(&kit);
    assert_eq!(all.iter().map(|j| (j.key.as_str(), j.due_at)).collect::<BTreeSet<_>>(), BTreeSet::from([("a", due), ("b", due)]));
    // Wanted sooner: the one that waits is due sooner.
    let sooner = kit.time.now() - SignedDuration::from_hours(1);
    kit.write(|tx| at(tx, "b", sooner));
    assert_eq!(kit.read(job::next_due), Some(sooner));
    let held = take(&kit).unwrap();
    assert_eq!(held.key, "b");
    // While it runs, new work of the same kind and key waits behind it.
    kit.write(|tx| at(tx, "b", sooner));
    kit.write(|tx| at(tx, "b", sooner));
    assert_eq!(jobs(&kit).iter().filter(|j| j.key == "b").count(), 2);
    // It fails while a newer one waits: that one does the work.
    kit.write(|tx| job::failed(tx, &held, "no", minute()));
    let left: Vec<_> = jobs(&kit).into_iter().filter(|j| j.key == "b").map(|j| j.state).collect();
    assert_eq!(left, ["pending"]);
    // The index holds it too.
    let twice = kit.service.db().write(|tx| {
        let sql = "insert into jobs (id, kind, key, state, due_at, attempts, payload) values ($1, 'import', 'a', 'pending', 1, 0, '')";
        tx.exec(sql, tenure::vals![Uuid::new_v4()])
    });
    assert!(matches!(twice, Err(StoreError::Sql(_))), "{twice:?}");
}

fn a_poisoned_job_is_set_aside_and_retried(on: Engine) {
    let kit = Kit::new(on);
    kit.drain();
    queue(&kit, "no-such-work", "7");
    queue(&kit, "score", "all");
    let mut due = kit.time.now();
    for n in 1..=MAX_ATTEMPTS {
        let ran = worker::drain(&kit.service).unwrap();
        assert_eq!(ran.failed, 1, "once now, not again and again");
        let [row] = <[_; 1]>::try_from(jobs(&kit)).unwrap();
        assert_eq!(row.attempts, n);
        assert!(row.error.as_deref().is_some_and(|e| e.contains("no-such-work")), "{row:?}");
        assert_eq!(row.state == "failed", n == MAX_ATTEMPTS, "{row:?}");
        // It waits longer each time.
        assert!(row.due_at > due);
        due = row.due_at;
        kit.time.pass(SignedDuration::from_mins(20));
    }
    assert_eq!(worker::drain(&kit.service).unwrap().failed, 0, "set aside is left alone");
    assert_eq!(ask!(kit.me(), Query::Today => Today).failed_jobs, 1);
    assert_eq!(worker::retry(&kit.service).unwrap(), 1);
    let [row] = <[_; 1]>::try_from(jobs(&kit)).unwrap();
    assert_eq!((row.state.as_str(), row.attempts), ("pending", 0));
    assert_eq!(worker::drain(&kit.service).unwrap().failed, 1);
}

/// Somebody's key is broken: nobody's counting waits for it, and the job has its times, whatever else waits to be counted.
fn a_score_that_fails_is_not_tried_again_and_again(on: Engine) {
    let kit = Kit::company(on);
    let person = kit.person("10001");
    kit.write(|tx| tx.exec("update person_keys set sealed = $2 where person = $1", tenure::vals![person, b"broken".as_slice()]));
    let spell = kit.alert("10001").alert.spell;
    let facts = "event,number,kind,observed_at\nnew,10001,late,2026-02-27\n";
    kit.write(|tx| store::score::mark(tx, [spell].into_iter()));
    let staged = kit.staged("signals", facts);
    kit.me().on(Act::ImportPublish, staged, None);
    kit.write(|tx| store::effect::mark(tx, &[spell].into()));
    let mut failed = worker::drain(&kit.service).unwrap().failed;
    assert_eq!(failed, 1, "once now, not again and again");
    assert_eq!(kit.count("select count(*) from uncounted"), 0);
    for _ in 1..MAX_ATTEMPTS {
        kit.write(|tx| store::effect::mark(tx, &[spell].into()));
        assert_eq!(worker::drain(&kit.service).unwrap().failed, 0, "it is not its time yet");
        kit.time.pass(SignedDuration::from_mins(20));
        failed += worker::drain(&kit.service).unwrap().failed;
    }
    assert_eq!(failed as i64, MAX_ATTEMPTS);
    kit.write(|tx| store::effect::mark(tx, &[spell].into()));
    assert_eq!(worker::drain(&kit.service).unwrap().failed, 0, "set aside is left alone");
}

fn a_job_that_kills_its_workers_is_set_aside(on: Engine) {
    let kit = Kit::new(on);
    kit.drain();
    queue(&kit, "import", "poison");
    for n in 1..=MAX_ATTEMPTS {
        let held = take(&kit).unwrap();
        assert_eq!((held.key.as_str(), held.attempts), ("poison", n), "its worker dies, and its lease runs out");
        kit.time.pass(minute() + minute());
    }
    // What stands behind it in the queue is done all the same.
    queue(&kit, "score", "all");
    assert_eq!(take(&kit).unwrap().kind, "score");
    let aside = jobs(&kit).into_iter().find(|j| j.key == "poison").unwrap();
    assert_eq!((aside.state.as_str(), aside.attempts, aside.error.as_deref()), ("failed", MAX_ATTEMPTS, Some(job::ENDED)));
    assert_eq!(take(&kit), None);
    assert_eq!(worker::retry(&kit.service).unwrap(), 1);
    assert_eq!(take(&kit).unwrap().attempts, 1);
}

fn set_aside_twice_is_retried_once(on: Engine) {
    let kit = Kit::new(on);
    kit.drain();
    for _ in 0..2 {
        queue(&kit, "no-such-work", "7");
        for _ in 0..MAX_ATTEMPTS {
            assert_eq!(worker::drain(&kit.service).unwrap().failed, 1);
            kit.time.pass(SignedDuration::from_mins(20));
        }
    }
    assert_eq!(jobs(&kit).iter().filter(|j| j.state == "failed").count(), 2);
    assert_eq!(worker::retry(&kit.service).unwrap(), 1);
    assert_eq!(jobs(&kit).iter().map(|j| j.state.as_str()).collect::<Vec<_>>(), ["pending"]);
    // And while one waits, there is nothing to retry.
    assert_eq!(worker::retry(&kit.service).unwrap(), 0);
}

/// Four workers in four processes: each job is taken exactly once.
fn every_job_is_taken_once(on: Engine) {
    let kit = Kit::new(on);
    for n in 0..60 {
        queue(&kit, "work", &n.to_string());
    }
    let homes: Vec<_> = (0..4).map(|_| kit.again(false)).collect();
    let taken = Mutex::new(Vec::new());
    thread::scope(|s| {
        for home in &homes {
            s.spawn(|| {
                while !home.db().read(|tx| job::idle(tx, job::Lane::Any)).unwrap() {
                    let held = home.db().write(|tx| job::take(tx, job::Lane::Any, Uuid::new_v4(), minute())).unwrap();
                    let Some(held) = held else { continue };
                    assert!(home.db().write(|tx| job::done(tx, &held)).unwrap());
                    taken.lock().unwrap().push(held.key);
                }
            });
        }
    });
    let taken = taken.into_inner().unwrap();
    assert_eq!((taken.len(), taken.iter().collect::<BTreeSet<_>>().len()), (60, 60));
}

/// Two that look at the same moment: neither waits for the other, neither comes home with nothing, and no key has two holders.
fn two_that_look_at_once_take_different_jobs(on: Engine) {
    let kit = Kit::new(on);
    let beside = kit.again(false);
    let look = |tx: &mut Tx| job::bury(tx).and_then(|_| job::take(tx, job::Lane::Any, Uuid::new_v4(), minute()));
    // What one takes, and then another, while the first has not committed where that can be; both until they find nothing.
    let both = || {
        let mut later = Vec::new();
        let mut taken = vec![kit.write(|tx| {
            let first = look(tx)?;
            // SQLite has one writer at a time.
            if on.is_server() {
                later.extend(std::iter::from_fn(|| beside.db().write(look).unwrap()));
            }
            Ok(first.unwrap())
        })];
        taken.append(&mut later);
        taken.extend(std::iter::from_fn(|| beside.db().write(look).unwrap()));
        taken
    };
    let keys = |taken: &[Leased]| taken.iter().map(|j| j.key.clone()).collect::<Vec<_>>();
    queue(&kit, "work", "a");
    queue(&kit, "work", "b");
    let first = both();
    assert_eq!(keys(&first), ["a", "b"]);
    // Both leases run out, with new work behind the first: that waits for what was begun before it.
    queue(&kit, "work", "a");
    kit.time.pass(minute() + minute());
    let second = both();
    assert_eq!(second.iter().map(|j| j.id).collect::<BTreeSet<_>>(), first.iter().map(|j| j.id).collect());
    assert!(kit.write(|tx| job::done(tx, second.iter().find(|j| j.key == "a").unwrap())));
    assert_eq!(keys(&both()), ["a"]);
}

/// A worker that lost its lease stops before the next chunk, and what the other did stands.
fn a_slow_worker_cannot_end_what_another_took(on: Engine) {
    let kit = Kit::company(on);
    let mut text = String::from("event,number,kind,observed_at,value\n");
    for n in 0..2_500 {
        text.push_str(&format!("d{n},2000{},stress,2026-02-0{}T0{}:00:00Z,{}\n", 1 + n % 3, 1 + n % 9, n % 10, n % 10));
    }
    let staged = kit.staged("signals", &text);
    kit.me().on(tenure::domain::act::Act::ImportPublish, staged, None);
    let held = take(&kit).unwrap();
    assert_eq!((held.kind.as_str(), held.key.as_str()), ("import", staged.to_string().as_str()));
    // The first chunk, then the lease is gone.
    let asked = std::cell::Cell::new(0);
    kit.service
        .publish(staged, &|| {
            asked.set(asked.get() + 1);
            asked.get() == 1
        })
        .unwrap();
    let half = ask!(kit.me(), Query::Import { id: staged } => Import);
    assert_eq!((half.state.as_str(), half.done, half.added), ("publishing", 1, 1_000));
    kit.time.pass(minute() + minute());
    kit.drain();
    let whole = ask!(kit.me(), Query::Import { id: staged } => Import);
    assert_eq!((whole.state.as_str(), whole.added, whole.refused), ("published", 2_500, 0));
    assert!(!kit.write(|tx| job::done(tx, &held)));
    kit.check();
}

/// Files of sources that nobody knew before, loaded at once: nothing is lost, and what is counted is what is there.
fn several_workers_load_several_files(on: Engine) {
    let kit = Kit::company(on);
    let before = kit.count("select count(*) from signals");
    let standard = tenure::connect::sources::shipped("standard").unwrap();
    for n in 0..6 {
        let mut text = String::from("event,number,kind,observed_at,value\n");
        for i in 0..400 {
            text.push_str(&format!("c{i},2000{},stress,2026-02-0{},{}\n", 1 + i % 3, 1 + i % 9, i % 10));
        }
        let map = standard.replace("source = \"file\"", &format!("source = \"system {}\"", n / 2));
        let staged = kit.me().stage("signals", &text, Some(&map), Preview::No).unwrap().id.unwrap();
        kit.me().on(tenure::domain::act::Act::ImportPublish, staged, None);
    }
    let homes: Vec<_> = (0..3).map(|_| kit.again(false)).collect();
    thread::scope(|s| {
        for home in &homes {
            s.spawn(move || worker::drain(home).unwrap());
        }
    });
    // What failed because another was first is done again.
    kit.time.pass(SignedDuration::from_mins(30));
    kit.drain();
    let there = kit.count("select count(*) from signals");
    // Two files of each system say the same.
    assert_eq!(there - before, 3 * 400);
    assert_eq!(kit.read(tenure::store::import::counts).1, there);
    assert_eq!(kit.count("select count(*) from imports where state <> 'published'"), 0);
    kit.check();
}
