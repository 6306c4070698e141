//! Counting what came of alerts, spell by spell as something changes, and the report of it [EF-2, EF-4].

use super::Service;
use crate::{
    backend::{Failure, FailureKind},
    domain::{
        effect::{self, AHEAD, Effect, Raised, Share, WITHIN},
        ids::SpellId,
        sentence::Sentence,
    },
    store::{self, StoreError, Tx},
};
use jiff::{Span, civil::Date};
use std::collections::{BTreeMap, BTreeSet};

/// Spells in one transaction.
const BATCH: i64 = 400;

impl Service {
    /// Has spells counted again, by the job that scores. Last of all that a transaction writes about them, as whoever imports does.
    pub(super) fn uncount(&self, tx: &mut Tx, spells: &BTreeSet<SpellId>) -> Result<(), StoreError> {
        if spells.is_empty() {
            return Ok(());
        }
        store::effect::mark(tx, spells)?;
        let now = tx.now();
        self.queue(tx, "score", "all", now, "")
    }

    /// Sees to it that what waits is counted: a home that was brought up to date begins so. A job that was set aside is left to whoever
    /// looks after it, and to the daily round.
    pub fn notice_uncounted(&self) -> Result<(), StoreError> {
        let is_cared_for = |tx: &mut Tx| Ok(store::effect::waiting(tx)? == 0 || store::job::is_known(tx, "score")?);
        if self.db.read::<_, StoreError>(is_cared_for)? {
            return Ok(());
        }
        self.db.write(|tx| {
            let now = tx.now();
            self.queue(tx, "score", "all", now, "")
        })
    }

    /// Counts every spell that waits.
    pub fn count_effects(&self) -> Result<u64, Failure> {
        let mut all = 0;
        loop {
            let n = self.db.write_relaxed(|tx| self.count_batch(tx))?;
            all += n;
            if n < BATCH as u64 {
                return Ok(all);
            }
        }
    }

    fn count_batch(&self, tx: &mut Tx) -> Result<u64, Failure> {
        // Alerts change under it.
        tx.lock()?;
        let spells = store::effect::claim(tx, BATCH)?;
        if spells.is_empty() {
            return Ok(0);
        }
        let (alerts, left) = store::effect::facts(tx, &spells)?;
        let mut raised: BTreeMap<SpellId, Vec<Raised>> = BTreeMap::new();
        for a in &alerts {
            raised.entry(a.spell).or_default().extend(Raised::of(a, |at| self.day(at)));
        }
        let mut counted = Vec::new();
        for spell in &spells {
            let own = left.get(spell).filter(|l| effect::is_own_choice(l.exit)).map(|l| {
                // A case is begun when somebody gives notice, if nobody says when that was.
                l.notice_on.or(l.begun.map(|at| self.day(at))).map_or(l.last_day, |on| on.min(l.last_day))
            });
            let days = effect::of_spell(raised.get(spell).map(Vec::as_slice).unwrap_or_default(), own);
            counted.extend(days.into_iter().map(|(day, tally)| (*spell, day, tally)));
        }
        store::effect::put(tx, &spells, &counted)?;
        Ok(spells.len() as u64)
    }

    /// The figures over some days, both included: without a last one up to today, without a first one a year.
    ///
    /// # Errors
    /// A first day after the last.
    pub(super) fn effect(&self, tx: &mut Tx, from: Option<Date>, to: Option<Date>) -> Result<Effect, Failure> {
        let before = |day: Date, days: i64| day.saturating_sub(Span::new().days(days));
        let today = self.day(tx.now());
        let (to, old) = (to.unwrap_or(today), before(today, WITHIN));
        let from = from.unwrap_or_else(|| before(to, 365));
        if from > to {
            return Err(Failure::new(FailureKind::Usage, Sentence::new("effect-days").with("from", from).with("to", to)));
        }
        let sums = store::effect::sums(tx, from, to, old)?;
        Ok(Effect {
            from,
            to,
            within_days: WITHIN,
            ahead_days: AHEAD,
            precision: Share::new(sums.judged.hits, sums.judged.alerts),
            recall: Share::new(sums.judged.foreseen, sums.judged.leavers),
            young: sums.young,
            waiting: store::effect::waiting(tx)?,
        })
    }
}
