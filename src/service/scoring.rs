//! Scoring: one job that drains the set of people whose evidence changed [SC-1..5].

use super::Service;
use crate::{
    backend::Failure,
    domain::{
        act::Entity,
        alert::{self, AlertKind, ScoreFacts},
        audit::Item,
        ids::{ScoreId, SpellId},
        score::Band,
        signal::SignalKind,
    },
    risk::{Day, Evaluation, Evidence, same_weight},
    store::{self, StoreError, Tx, score::StoredScore},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// People in one transaction: two rows each, so that a writer elsewhere never waits for long.
const BATCH: i64 = 400;

/// What a run of the scoring job did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scored {
    /// People whose evidence was weighed.
    pub weighed: u64,
    /// New snapshots: the others had the same inputs as before.
    pub stored: u64,
    /// Alerts opened, merged or reopened.
    pub alerts: u64,
}

impl Service {
    /// Scores everyone who waits, a batch a transaction.
    pub fn score_waiting(&self) -> Result<Scored, Failure> {
        let mut total = Scored::default();
        loop {
            let batch = self.db.write_relaxed(|tx| self.score_batch(tx))?;
            total.weighed += batch.weighed;
            total.stored += batch.stored;
            total.alerts += batch.alerts;
            if batch.weighed == 0 {
                return Ok(total);
            }
        }
    }

    /// Has everyone scored again when the model, or its file, is not the one that scored last.
    pub fn notice_model(&self) -> Result<(), Failure> {
        let model = self.models.get(&self.config.scoring.model)?;
        let now = format!("{} {}", model.id(), model.version());
        if self.db.read(|tx| store::operator::meta(tx, "model"))?.as_ref() == Some(&now) {
            return Ok(());
        }
        Ok(self.db.write(|tx| {
            store::score::mark_all(tx)?;
            store::operator::set_meta(tx, "model", &now)?;
            self.queue(tx, "score", "all", tx.now(), "")
        })?)
    }

    fn score_batch(&self, tx: &mut Tx) -> Result<Scored, Failure> {
        tx.lock()?;
        let waiting = store::score::waiting(tx, BATCH)?;
        if waiting.is_empty() {
            store::score::clean(tx)?;
            return Ok(Scored::default());
        }
        // First, as somebody who imports may have made a key that is not theirs to see yet.
        tx.hold_keys(waiting.iter().filter(|w| w.2).map(|w| w.1))?;
        let waiting = store::score::claim(tx, &waiting)?;
        if waiting.is_empty() {
            // Whoever has them in hand sees to it that the job runs again.
            return Ok(Scored::default());
        }
        let model = self.models.get(&self.config.scoring.model)?;
        let now = tx.now();
        let day = Day::new(self.day(now), &self.zone);
        let enabled = self.enabled(tx)?;
        let since = day.window(model.lookback_days().max(181)).start;

        let mut evidence: Vec<(SpellId, Evidence)> = Vec::with_capacity(waiting.len() * 24);
        store::score::evidence(tx, &waiting, since, |(spell, kind, observed_at, known_at, value, baseline)| {
            // A kind that is off is as if it had never been received (domain.md 16, 5).
            if let Some(kind) = SignalKind::from_repr(kind).filter(|k| enabled.contains(k)) {
                evidence.push((spell, Evidence { kind, observed_at, known_at, value, baseline }));
            }
            Ok(())
        })?;
        evidence.sort_by_key(|(spell, _)| *spell);

        let mut digest = Sha256::new();
        let (mut fresh, mut kept, mut judged) = (Vec::with_capacity(waiting.len()), Vec::new(), Vec::new());
        let mut rest = evidence.as_slice();
        let mut own: Vec<Evidence> = Vec::new();
        for d in &waiting {
            let skip = rest.iter().take_while(|(s, _)| *s < d.spell).count();
            rest = rest.get(skip..).unwrap_or_default();
            let n = rest.iter().take_while(|(s, _)| *s == d.spell).count();
            own.clear();
            own.extend(rest.iter().take(n).map(|(_, e)| *e));
            rest = rest.get(n..).unwrap_or_default();
            if !d.live {
                continue;
            }
            let made = model.evaluate(&own, &day);
            digest.update(d.spell.0.as_bytes());
            digest.update(made.inputs_hash);
            let before = d.before.as_ref().map(|(_, hash)| hash.as_slice());
            if before == Some(made.inputs_hash.as_slice()) {
                kept.push((d.spell, made.valid_until));
                continue;
            }
            // What is only seen refreshes the snapshot; it is no event of an alert, and opens none.
            if !before.is_some_and(|hash| same_weight(hash, &made.inputs_hash)) {
                judged.push((d, made.band));
            }
            fresh.push((d.person, self.stored(now, model, d.spell, &day, made)));
        }
        store::score::put(tx, &fresh)?;
        store::score::extend(tx, &kept)?;
        let mut items = Vec::new();
        for (d, band) in judged {
            let before = d.before.as_ref().map(|(b, _)| *b);
            if let Some(item) = self.judge(tx, d, before, band)? {
                items.push(item);
            }
        }
        let alerts = items.len() as u64;
        if !fresh.is_empty() {
            self.machine_entry(tx, "risk.score", fresh.len() as i64, &digest.finalize(), items)?;
            store::audit::announce(tx, "score", None)?;
        }
        if alerts > 0
            && let Some(due) = store::alert::next_clock(tx)?
        {
            self.queue(tx, "clocks", "all", due, "")?;
        }
        Ok(Scored { weighed: waiting.len() as u64, stored: fresh.len() as u64, alerts })
    }

    /// Kinds that are switched on with a basis.
    pub(super) fn enabled(&self, tx: &mut Tx) -> Result<Vec<SignalKind>, StoreError> {
        Ok(store::signal::kinds(tx)?.into_iter().filter(|k| k.enabled && k.basis.is_some()).map(|k| k.kind).collect())
    }

    fn stored(&self, now: Timestamp, model: &crate::risk::Model, spell: SpellId, day: &Day, made: Evaluation) -> StoredScore {
        StoredScore {
            id: ScoreId(self.new_id(now)),
            spell,
            model: model.id().into(),
            model_version: model.version().into(),
            as_of: day.as_of(),
            computed_at: now,
            score: made.score,
            band: made.band,
            body: made.to_bytes(),
            inputs_hash: made.inputs_hash.to_vec(),
            valid_until: made.valid_until,
        }
    }

    /// Opens, merges or reopens the alert of a person whose score changed.
    fn judge(&self, tx: &mut Tx, d: &store::score::Dirty, before: Option<Band>, band: Band) -> Result<Option<Item>, StoreError> {
        // A contested score raises nothing until it is answered, which then looks at what it has become.
        if band < Band::MediumHigh || self.is_contested(tx, d.spell)? {
            return Ok(None);
        }
        let (open, closed) = store::alert::of_spell(tx, d.spell, AlertKind::AttritionRisk)?;
        let seen = open.as_ref().map(|a| a.version);
        let facts = ScoreFacts { person: d.person, spell: d.spell, live: d.live, before, band, open, closed };
        // To the minute: those who come up in one run are due together, and stand in the queue by weight.
        let minute = Timestamp::from_second(tx.now().as_second() / 60 * 60).unwrap_or(tx.now());
        let Some(next) = alert::on_score(&facts, &mut self.machine(minute)) else { return Ok(None) };
        store::alert::put(tx, &next)?;
        if seen == Some(next.version) {
            return Ok(None);
        }
        store::effect::mark(tx, &BTreeSet::from([d.spell]))?;
        store::audit::announce(tx, "alert", Some(next.id.0))?;
        Ok(Some(Item {
            entity: Entity::Alert,
            id: next.id.0,
            person: Some(d.person),
            before: seen,
            after: Some(next.version),
            sealed: None,
        }))
    }
}
