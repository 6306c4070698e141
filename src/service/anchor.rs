//! Anchors: signed by a key of the home, written to every sink on a schedule. A sink that fails holds up nothing and nobody but is told of.

use super::{
    Service,
    act::{Decided, Told, refuse},
};
use crate::{
    backend::{
        Failure,
        answer::{Anchors, SinkRow},
    },
    domain::{
        act::{Entity, RefusalClass},
        anchor::{Anchor, Head, public},
        audit::{Chain, Item},
    },
    store::{self, StoreError, Tx, anchor::Standing},
};
use jiff::{SignedDuration, Timestamp};
use ring::signature::Ed25519KeyPair;
use uuid::Uuid;

/// Kind of the jobs; their key is the name of a sink.
pub const ANCHOR: &str = "anchor";
/// The first wait after a failure; it doubles up to the time between two anchors.
const AGAIN: SignedDuration = SignedDuration::from_secs(30);

impl Service {
    /// Id of the home and its key pair: both follow from the wrapping key, so that an old copy of the data has the same ones.
    fn signer(&self) -> Result<(String, Ed25519KeyPair), Failure> {
        let id = self.vault.derived("home id")?;
        let seed = self.vault.derived("anchor ed25519")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| Failure::broken("no key pair of the seed"))?;
        Ok((hex::encode(id.first_chunk::<16>().copied().unwrap_or_default()), pair))
    }

    /// Both heads of one snapshot, signed.
    fn anchor(&self, tx: &mut Tx) -> Result<Anchor, Failure> {
        let (home, pair) = self.signer()?;
        let mut head = |chain| -> Result<Head, StoreError> {
            let (seq, hash) = store::audit::head(tx, chain)?;
            Ok(Head { seq, hash: hex::encode(hash) })
        };
        let (acts, access) = (head(Chain::Acts)?, head(Chain::Access)?);
        Ok(Anchor::sign(home, tx.now(), acts, access, &pair))
    }

    /// Writes an anchor to a sink; gives when the next one is due.
    pub fn run_anchor(&self, sink: &str) -> Result<Option<Timestamp>, Failure> {
        let Some(spec) = self.config.audit.anchors.iter().find(|s| s.name == sink) else {
            self.db.write(|tx| store::anchor::forget(tx, sink))?;
            return Ok(None);
        };
        let made = self.db.read(|tx| self.anchor(tx))?;
        let taken = spec.write(&self.dir, &made.line(), made.at);
        let before = self.db.read(store::anchor::all)?.into_iter().find(|s| s.sink == sink).unwrap_or_default();
        let every = SignedDuration::from_mins(self.config.audit.anchor_minutes);
        let tried_at = Some(made.at);
        let (after, wait) = match taken {
            Ok(()) => {
                let (at, acts, access) = (Some(made.at), made.acts.seq, made.access.seq);
                (Standing { sink: sink.into(), tried_at, at, acts, access, ..Standing::default() }, every)
            }
            Err(why) => {
                let failing_since = before.failing_since.or(tried_at);
                let wait = AGAIN.saturating_mul(1 << before.failed.clamp(0, 16)).min(every);
                let failed = before.failed + 1;
                (Standing { sink: sink.into(), tried_at, failing_since, failed, error: Some(why), ..before }, wait)
            }
        };
        self.db.write_urgent(|tx| store::anchor::put(tx, &after))?;
        Ok(Some(made.at + wait))
    }

    /// Sees to it that every sink has its job.
    pub fn schedule_anchors(&self) -> Result<(), Failure> {
        if self.config.audit.anchors.is_empty() {
            return Ok(());
        }
        let queued = self.db.read(store::anchor::queued)?;
        let missing: Vec<_> = self.config.audit.anchors.iter().filter(|s| !queued.contains(&s.name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Ok(self.db.write(|tx| missing.iter().try_for_each(|s| self.queue(tx, ANCHOR, &s.name, tx.now(), "")))?)
    }

    /// `audit.anchor`: the jobs are due now.
    pub(super) fn decide_anchor(&self, tx: &mut Tx) -> Told {
        if self.config.audit.anchors.is_empty() {
            return Ok(Err(refuse(RefusalClass::Usage, "refused-no-anchors")));
        }
        for s in &self.config.audit.anchors {
            self.queue(tx, ANCHOR, &s.name, tx.now(), "")?;
        }
        let item = Item { entity: Entity::Home, id: Uuid::nil(), person: None, before: None, after: None, sealed: None };
        Ok(Ok(Decided { changes: Vec::new(), items: vec![item], version: None, pending: None }))
    }

    /// How every sink of the configuration stands.
    pub(super) fn sinks(&self, tx: &mut Tx) -> Result<Vec<SinkRow>, StoreError> {
        if self.config.audit.anchors.is_empty() {
            return Ok(Vec::new());
        }
        let (known, now) = (store::anchor::all(tx)?, tx.now());
        let patience = SignedDuration::from_mins(2 * self.config.audit.anchor_minutes);
        let row = |s: &crate::connect::anchors::SinkSpec| {
            let k = known.iter().find(|k| k.sink == s.name).cloned().unwrap_or_default();
            SinkRow {
                name: s.name.clone(),
                place: s.place(),
                tried_at: k.tried_at,
                at: k.at,
                acts: k.acts,
                access: k.access,
                failing_since: k.failing_since,
                error: k.error,
                late: k.at.is_none_or(|at| at + patience < now),
            }
        };
        Ok(self.config.audit.anchors.iter().map(row).collect())
    }

    /// Sinks that take none, and since when the first of them has not.
    pub(super) fn late_anchors(&self, tx: &mut Tx) -> Result<(i64, Option<Timestamp>), StoreError> {
        let bad: Vec<_> = self.sinks(tx)?.into_iter().filter(|s| s.late || s.failing_since.is_some()).collect();
        Ok((bad.len() as i64, bad.iter().filter_map(|s| s.failing_since.or(s.at)).min()))
    }

    pub(super) fn anchors(&self, tx: &mut Tx) -> Result<Anchors, Failure> {
        let (home, pair) = self.signer()?;
        let (now, sinks) = (self.anchor(tx)?, self.sinks(tx)?);
        Ok(Anchors { home, key: public(&pair), now, minutes: self.config.audit.anchor_minutes, sinks })
    }
}
