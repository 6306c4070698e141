//! The drill of break-glass: every part that such a freeze would need is looked at, and no account is.

use super::super::{Service, act::Decided};
use crate::{
    backend::{Answer, Failure},
    domain::{
        act::{Change, Context, Entity},
        audit::Item,
        freeze::drill::{Drill, Line},
        operator::Identity,
        sentence::Sentence,
        target::{Health, WriteRight},
    },
    store::{self, StoreError, Tx},
};
use jiff::SignedDuration;
use uuid::Uuid;

/// What is due for longer than this is taken up by nobody.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Names that a line says.
const NAMES: usize = 8;

impl Service {
    /// Looks at what a break-glass freeze would need, before the transaction that writes the drill down: targets are asked as `freeze
    /// targets --check` asks them.
    pub(super) fn drill(&self, who: &Identity) -> Result<Vec<Line>, Failure> {
        let mut lines = vec![match self.db.reserve_is_whole() {
            Some(true) => Line::good(Sentence::new("drill-reserve")),
            Some(false) => Line::bad(Sentence::new("drill-reserve-broken")),
            None => Line::good(Sentence::new("drill-reserve-server")),
        }];
        let Answer::Health(checks) = self.check_targets()? else { return Err(Failure::broken("no health of the targets")) };
        if checks.is_empty() {
            lines.push(Line::bad(Sentence::new("drill-no-targets")));
        }
        lines.extend(checks.into_iter().flat_map(target_lines));
        self.db.read(|tx| -> Result<(), StoreError> {
            let now = tx.now();
            let (n, since) = store::job::behind(tx, now - PATIENCE)?;
            let aside = store::job::aside(tx, "freeze")?;
            if let Some(at) = since {
                lines.push(Line::bad(Sentence::new("drill-lane-behind").with("n", n).with("at", at)));
            }
            if aside > 0 {
                lines.push(Line::bad(Sentence::new("drill-lane-aside").with("n", aside)));
            }
            if since.is_none() && aside == 0 {
                lines.push(Line::good(Sentence::new("drill-lane")));
            }
            let others = store::operator::all(tx)?.into_iter().filter(|o| o.is_active() && o.id != who.operator);
            let names: Vec<String> = others.map(|o| o.name).collect();
            lines.push(match names.len() {
                0 => Line::bad(Sentence::new("drill-nobody")),
                n => {
                    let said = names.into_iter().take(NAMES).collect::<Vec<_>>().join(", ");
                    Line::good(Sentence::new("drill-reviewers").with("n", n).with("names", said))
                }
            });
            Ok(())
        })?;
        Ok(lines)
    }

    /// The drill as it is kept. It is written in the way in which a break-glass freeze is: that it is there is the last line.
    pub(super) fn decide_drill(&self, lines: &[Line], cx: &Context) -> Decided {
        let written = Line::good(Sentence::new("drill-write"));
        let lines = lines.iter().cloned().chain([written]).collect();
        let drill = Drill { at: cx.now, by: cx.operator_name.clone(), lines };
        let item = Item { entity: Entity::Home, id: Uuid::nil(), person: None, before: None, after: None, sealed: None };
        Decided { changes: vec![Change::Drill(drill)], items: vec![item], version: None, pending: None }
    }

    /// The last drill, and whether one is due: only where accounts can be frozen.
    pub(in crate::service) fn drill_due(&self, tx: &mut Tx) -> Result<(Option<Drill>, bool), StoreError> {
        let last = store::freeze::drill(tx)?;
        let now = tx.now();
        let due = !self.targets.all().is_empty() && last.as_ref().is_none_or(|d| d.due_at() <= now);
        Ok((last, due))
    }
}

/// What the check of a target means for a freeze at night.
fn target_lines(h: Health) -> Vec<Line> {
    let say = |code: &'static str| Sentence::new(code).with("target", &h.target);
    let first = match (h.ok, h.write) {
        (false, _) => Line::bad(say("drill-target-down")),
        (true, WriteRight::Refused) => Line::bad(say("drill-target-refused")),
        (true, WriteRight::Unproven) => Line::good(say("drill-target-unproven")),
        (true, WriteRight::Proven) => Line::good(say("drill-target")),
    };
    let ok = first.ok;
    std::iter::once(first).chain(h.why.map(|what| Line { ok, what })).collect()
}
