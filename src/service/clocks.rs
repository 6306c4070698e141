//! What happens by itself as time passes: snoozes that end, acknowledgements that are overdue, approvals that expire, scores that run out,
//! signals that have been kept long enough.

use super::Service;
use crate::{
    backend::Failure,
    domain::{act::Entity, alert, audit::Item, ids::FreezeId},
    store::{self, StoreError, Tx},
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Alerts in one transaction.
const BATCH: i64 = 200;
/// How long a file that was put as evidence may wait to be referred to.
const STRAY: SignedDuration = SignedDuration::from_hours(24);

/// When a clock of an alert, an approval or a customer's answer next runs out.
pub(super) fn next_clock(tx: &mut Tx) -> Result<Option<Timestamp>, StoreError> {
    Ok([store::alert::next_clock(tx)?, store::approval::next_expiry(tx)?, store::customer::next_pending(tx)?].into_iter().flatten().min())
}

impl Service {
    /// Runs the clocks of alerts, approvals, handovers and duties; returns when they next run out.
    pub fn run_clocks(&self) -> Result<Option<Timestamp>, Failure> {
        self.run_case_clocks()?;
        self.outdated_orders()?;
        loop {
            let (changed, next) = self.db.write(|tx| -> Result<(usize, Option<Timestamp>), Failure> {
                tx.lock()?;
                let cx = self.machine(tx.now());
                let departed = store::alert::open_of_departed(tx, BATCH)?;
                // Whoever left is woken by no clock: one change a version.
                let mut due = store::alert::due(tx, BATCH)?;
                due.retain(|a| departed.iter().all(|d| d.id != a.id));
                let mut changed: Vec<_> = due.iter().filter_map(|a| alert::on_clock(a, &cx).map(|n| (a.version, n))).collect();
                changed.extend(departed.iter().map(|a| (a.version, alert::on_departure(a, cx.now))));
                let mut items: BTreeMap<&str, Vec<Item>> = BTreeMap::new();
                for (before, a) in &changed {
                    store::alert::put(tx, a)?;
                    store::audit::announce(tx, "alert", Some(a.id.0))?;
                    let (id, person) = (a.id.0, Some(a.person));
                    let item = Item { entity: Entity::Alert, id, person, before: Some(*before), after: Some(a.version), sealed: None };
                    items.entry(&a.touched_act).or_default().push(item);
                }
                for over in store::approval::expire(tx)? {
                    store::audit::announce(tx, "approval", Some(over.id.0))?;
                    let (id, before, after) = (over.id.0, Some(over.version), Some(over.version + 1));
                    let item = Item { entity: Entity::Approval, id, person: over.person, before, after, sealed: None };
                    items.entry("approval.expire").or_default().push(item);
                    if over.entity == Entity::Freeze {
                        items.entry("freeze.expire").or_default().extend(self.expire_order(tx, FreezeId(over.subject))?);
                    }
                }
                // One entry for each thing that the clocks did, so that a timeline can name it.
                for (act, items) in items {
                    let mut digest = Sha256::new();
                    for i in &items {
                        digest.update(i.id.as_bytes());
                        digest.update(i.after.unwrap_or(0).to_be_bytes());
                    }
                    self.machine_entry(tx, act, items.len() as i64, &digest.finalize(), items)?;
                }
                Ok((changed.len(), next_clock(tx)?))
            })?;
            if changed < BATCH as usize {
                return Ok(next);
            }
        }
    }

    /// The daily round: marks scores that have run out, drops signals past their keeping time and files that nothing came of, forgets old
    /// answers.
    pub fn run_daily(&self) -> Result<(), Failure> {
        // Other homes of the company erase too.
        self.remember_erased();
        loop {
            let done = self.db.write(|tx| -> Result<bool, Failure> {
                tx.lock()?;
                let purged = store::signal::purge(tx)?;
                if purged.is_empty() {
                    return Ok(true);
                }
                self.machine_entry(tx, "signal.expire", purged.len() as i64, &Sha256::digest(purged.concat()), Vec::new())?;
                Ok(false)
            })?;
            if done {
                break;
            }
        }
        loop {
            let n = self.db.write(|tx| -> Result<usize, Failure> {
                tx.lock()?;
                let stray = store::blob::purge(tx, tx.now() - STRAY, BATCH)?;
                if !stray.is_empty() {
                    self.machine_entry(tx, "evidence.purge", stray.len() as i64, &Sha256::digest(stray.concat()), Vec::new())?;
                }
                Ok(stray.len())
            })?;
            if n < BATCH as usize {
                break;
            }
        }
        self.db.write(|tx| -> Result<(), Failure> {
            let today = self.day(tx.now());
            tx.lock()?;
            // In the order of an import: employments, then who is to be scored.
            let ended = store::import::depart(tx, today)?;
            store::score::mark_expired(tx, today)?;
            if ended > 0 {
                let digest = Sha256::digest(format!("{today} {ended}").as_bytes());
                self.machine_entry(tx, "employment.end", ended as i64, &digest, Vec::new())?;
            }
            self.wake_freezes(tx)?;
            // Handovers and duties are due by the day.
            self.queue(tx, "clocks", "all", tx.now(), "")?;
            store::idempotency::purge(tx)?;
            for old in store::import::abandoned(tx, tx.now() - SignedDuration::from_hours(48))? {
                store::import::drop_chunks(tx, old)?;
                // Without its rows it must not be published any more: that would say that nothing was lost.
                if let Some(import) = store::import::get(tx, old)? {
                    store::import::put(tx, &store::import::Import { state: "discarded".into(), ..import })?;
                }
            }
            if store::score::count_dirty(tx)? > 0 || store::effect::waiting(tx)? > 0 {
                self.queue(tx, "score", "all", tx.now(), "")?;
            }
            Ok(())
        })
    }

    /// Shortly after the next midnight of the company's zone.
    pub fn next_morning(&self, now: Timestamp) -> Timestamp {
        let today = self.day(now);
        let tomorrow = today.checked_add(1.day()).unwrap_or(today);
        tomorrow.at(0, 5, 0, 0).to_zoned(self.zone.clone()).map_or(now + SignedDuration::from_hours(24), |z| z.timestamp())
    }
}
