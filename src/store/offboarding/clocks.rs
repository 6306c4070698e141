//! What the clocks of cases ask for.

use super::{super::person::bound, DUTY, DUTY_LEN, REF, Result, Tx, map_duty, map_ref};
use crate::{
    domain::{
        duty::{Duty, DutyState},
        ids::{CaseId, PersonId, SpellId},
        row::{DutyRow, Within},
    },
    vals,
};
use jiff::civil::Date;
use uuid::Uuid;

/// Open cases whose handover was due before a day and that raised no alarm yet, after a place of that walk. Most of them may be through:
/// a walk that began anew each time would never come past those.
pub fn late(tx: &mut Tx, today: Date, after: Option<(Date, CaseId)>, limit: i64) -> Result<Vec<(Date, CaseId)>> {
    let (due, id) = after.unwrap_or((Date::ZERO, CaseId(Uuid::nil())));
    tx.all(
        "select handover_due, id from cases where open = 1 and overdue_at is null and state <> 'ready_to_close' and handover_due < $1 \
         and (handover_due, id) > ($2, $3) order by handover_due, id limit $4",
        vals![today, due, id, limit],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// Open cases that say something else than the record of their employment, after one of them.
pub fn moved(tx: &mut Tx, after: CaseId, limit: i64) -> Result<Vec<CaseId>> {
    tx.all(
        "select k.id from cases k join spells s on s.id = k.spell where k.open = 1 and k.addendum_of is null and k.id > $1 \
         and (s.last_day <> k.last_day or (s.last_day is null and s.live = 1) <> \
         exists (select 1 from duties d where d.case_id = k.id and d.kind = 'stays' and d.state = 'open')) order by k.id limit $2",
        vals![after, limit],
        |r| r.get(0),
    )
}

/// Leavers with an open case whose customers could have declined until now, and nobody has said what came of it: one alert asks, until
/// it is handled.
pub fn undecided(tx: &mut Tx, limit: i64) -> Result<Vec<(CaseId, PersonId, SpellId)>> {
    let now = tx.now();
    tx.all(
        "select distinct k.id, k.person, k.spell from transfers t join cases k on k.person = t.from_owner \
         where t.open = 1 and t.state = 'pending' and t.pending_until <= $1 and k.open = 1 and k.addendum_of is null \
         and not exists (select 1 from alerts a where a.spell = k.spell and a.kind = 'handover_overdue' \
         and (a.open = 1 or a.raised_at >= t.pending_until)) \
         and not exists (select 1 from handover_items i where i.case_id = k.id and i.customer = t.customer and i.state = 'waived') \
         order by k.id limit $2",
        vals![now, limit],
        |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)),
    )
}

/// Open duties that were due before a day and raised no alarm yet, with the spell of their case, else the person's.
pub fn late_duties(tx: &mut Tx, today: Date, limit: i64) -> Result<Vec<(Duty, SpellId)>> {
    tx.all(
        &format!(
            "select {DUTY}, coalesce(k.spell, p.spell) from duties d join persons p on p.id = d.person left join cases k on k.id = d.case_id where d.state = $1 and d.overdue_at is null \
             and d.kind not in ('keep_contract', 'last_day') and d.due_on < $2 order by d.due_on, d.id limit $3"
        ),
        vals![DutyState::Open, today, limit],
        |r| Ok((map_duty(r)?, r.get(DUTY_LEN)?)),
    )
}

/// Duties that ask for something, the first due first, with whom they are owed to: with a case or without.
pub fn open_duties(tx: &mut Tx, within: &Within, limit: i64) -> Result<Vec<DutyRow>> {
    let mut params = vals![DutyState::Open, limit].to_vec();
    let bound = bound(within, &mut params);
    tx.all(
        &format!(
            "select {DUTY}, {REF} from duties d join persons p on p.id = d.person join spells s on s.id = p.spell where d.state = $1 \
             and p.erased = 0 and d.kind not in ('keep_contract', 'last_day'){bound} order by d.due_on, d.id limit $2"
        ),
        &params,
        |r| Ok(DutyRow { duty: map_duty(r)?, employee: map_ref(r, DUTY_LEN)? }),
    )
}
