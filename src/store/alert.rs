//! Alerts, notes and talks.

use super::{
    Result, Row, Tx, Val,
    person::{REF, REF_LEN, conditions, map_ref},
    seal::key_of,
};
use crate::{
    domain::{
        act::Context,
        alert::{Alert, AlertFacts, AlertKind},
        ids::{AlertId, OperatorId, PersonId, SpellId},
        row::{AlertRow, AlertView, Filter, Note, Within},
        score::Band,
        talk::{NewTalk, Talk},
    },
    vals,
};
use jiff::Timestamp;
use uuid::Uuid;

const COLUMNS: &str = "a.id, a.kind, a.state, a.version, a.generation, a.person, a.spell, a.owner, a.band, a.raised_at, a.ack_due_at, a.acked_at, \
                       a.talk_due_at, a.talked_at, a.snoozed_until, a.snoozed_from, a.escalation, a.events, a.outcome, a.dismissed, a.closed_at, \
                       a.touched_by, a.touched_at, a.touched_act";
const LEN: usize = 24;

fn map(r: &Row) -> Result<Alert> {
    Ok(Alert {
        id: r.get(0)?,
        kind: r.get(1)?,
        state: r.get(2)?,
        version: r.get(3)?,
        generation: r.get(4)?,
        person: r.get(5)?,
        spell: r.get(6)?,
        owner: r.get(7)?,
        band: r.get(8)?,
        raised_at: r.get(9)?,
        ack_due_at: r.get(10)?,
        acked_at: r.get(11)?,
        talk_due_at: r.get(12)?,
        talked_at: r.get(13)?,
        snoozed_until: r.get(14)?,
        snoozed_from: r.get(15)?,
        escalation: u8::try_from(r.get::<i64>(16)?).unwrap_or(u8::MAX),
        events: r.get(17)?,
        outcome: r.get(18)?,
        dismissed: r.get(19)?,
        closed_at: r.get(20)?,
        touched_by: r.get(21)?,
        touched_at: r.get(22)?,
        touched_act: r.get(23)?,
    })
}

/// Place in the queue, in µs: the talk clock; behind everybody who waits for a talk once it was held.
pub fn queue_at(a: &Alert) -> i64 {
    const LATER: i64 = 100 * 366 * 86_400 * 1_000_000;
    a.talk_due_at.as_microsecond() + if a.state.is_open() && a.talked_at.is_some() { LATER } else { 0 }
}

/// Writes an alert's row.
pub fn put(tx: &mut Tx, a: &Alert) -> Result<()> {
    tx.exec(
        "insert into alerts (id, kind, state, version, generation, person, spell, owner, band, raised_at, ack_due_at, acked_at, talk_due_at, \
         talked_at, snoozed_until, snoozed_from, escalation, events, outcome, dismissed, closed_at, touched_by, touched_at, touched_act, open, rank, queue_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, \
         coalesce((select -cast(round(10 * c.score * case s.impact when 'high' then 3 when 'medium' then 2 else 1 end) as bigint) \
         from spells s join current_scores c on c.spell = s.id where s.id = $7), 0), $26) \
         on conflict (id) do update set state = excluded.state, version = excluded.version, owner = excluded.owner, band = excluded.band, \
         ack_due_at = excluded.ack_due_at, acked_at = excluded.acked_at, talk_due_at = excluded.talk_due_at, talked_at = excluded.talked_at, \
         snoozed_until = excluded.snoozed_until, snoozed_from = excluded.snoozed_from, escalation = excluded.escalation, \
         events = excluded.events, outcome = excluded.outcome, dismissed = excluded.dismissed, closed_at = excluded.closed_at, \
         touched_by = excluded.touched_by, touched_at = excluded.touched_at, touched_act = excluded.touched_act, open = excluded.open, \
         queue_at = excluded.queue_at, rank = case when excluded.band <> alerts.band then excluded.rank else alerts.rank end",
        vals![
            a.id,
            a.kind,
            a.state,
            a.version,
            a.generation,
            a.person,
            a.spell,
            a.owner,
            a.band,
            a.raised_at,
            a.ack_due_at,
            a.acked_at,
            a.talk_due_at,
            a.talked_at,
            a.snoozed_until,
            a.snoozed_from,
            i64::from(a.escalation),
            a.events,
            a.outcome,
            a.dismissed,
            a.closed_at,
            a.touched_by.clone(),
            a.touched_at,
            &a.touched_act,
            a.state.is_open(),
            queue_at(a)
        ],
    )?;
    Ok(())
}

/// One alert.
pub fn get(tx: &mut Tx, id: AlertId) -> Result<Option<Alert>> {
    tx.one(&format!("select {COLUMNS} from alerts a where a.id = $1"), vals![id], map)
}

/// Open alerts of an owner.
pub fn owned(tx: &mut Tx, owner: OperatorId) -> Result<Vec<Alert>> {
    tx.all(&format!("select {COLUMNS} from alerts a where a.open = 1 and a.owner = $1 order by a.id"), vals![owner], map)
}

/// All that a decision about an alert looks at; nothing about somebody who was erased.
pub fn facts(tx: &mut Tx, id: AlertId, assignee: Option<&str>) -> Result<Option<AlertFacts>> {
    let Some(alert) = get(tx, id)? else { return Ok(None) };
    let assignee = match assignee {
        Some(name) => super::operator::by_name(tx, name)?.filter(|o| o.is_active()).map(|o| o.id),
        None => None,
    };
    let found = tx.one(
        "select (select count(*) from talks where alert = $1), (select count(*) from approvals where subject = $1 and state = 'open'), \
             (select count(*) from alerts where spell = $2 and kind = $3 and open = 1 and id <> $1), \
             (select max(generation) from alerts where spell = $2 and kind = $3), (select live from spells where id = $2) \
             from persons where id = $4 and erased = 0",
        vals![alert.id, alert.spell, alert.kind, alert.person],
        |r| Ok((r.get::<i64>(0)?, r.get::<i64>(1)?, r.get::<i64>(2)?, r.get::<i64>(3)?, r.get::<bool>(4)?)),
    )?;
    let Some((talks, pending, other_open, last_generation, live)) = found else { return Ok(None) };
    Ok(Some(AlertFacts { alert, talks, assignee, live, other_open: other_open > 0, last_generation, pending: pending > 0 }))
}

/// The open alert of a spell, and (band, generation) of the last closed one.
pub type OfSpell = (Option<Alert>, Option<(Band, i64)>);

/// Raises an alert of a kind that has no score: one open alert a spell and kind, else an event more on the one that is open.
pub fn raise(tx: &mut Tx, kind: AlertKind, person: PersonId, spell: SpellId, cx: &mut Context) -> Result<Alert> {
    let (open, _) = of_spell(tx, spell, kind)?;
    let last = tx.count("select max(generation) from alerts where spell = $1 and kind = $2", vals![spell, kind])?;
    let alert = Alert::raise(kind, person, spell, open.as_ref(), last, cx);
    put(tx, &alert)?;
    super::audit::announce(tx, "alert", Some(alert.id.0))?;
    Ok(alert)
}

/// What a new score is judged by.
pub fn of_spell(tx: &mut Tx, spell: SpellId, kind: AlertKind) -> Result<OfSpell> {
    let all = tx.all(
        &format!("select {COLUMNS} from alerts a where a.spell = $1 and a.kind = $2 order by a.generation desc limit 2"),
        vals![spell, kind],
        map,
    )?;
    let open = all.iter().find(|a| a.state.is_open()).cloned();
    let closed = all.iter().find(|a| !a.state.is_open()).map(|a| (a.band, a.generation));
    Ok((open, closed))
}

/// All alerts of spells: an `in` list and its parameters.
pub(super) fn of_spells(tx: &mut Tx, list: &str, params: &[Val]) -> Result<Vec<Alert>> {
    tx.all(&format!("select {COLUMNS} from alerts a where a.spell in ({list}) order by a.spell, a.generation"), params, map)
}

const ROW_FROM: &str = "from alerts a join persons p on p.id = a.person join spells s on s.id = p.spell \
                        left join current_scores c on c.spell = a.spell left join operators o on o.id = a.owner";

fn row_columns() -> String {
    format!(
        "select {COLUMNS}, {REF}, c.score, c.band, o.name, (select count(*) from talks t where t.alert = a.id), \
         coalesce((select n.text from notes n where n.alert = a.id order by n.at desc, n.id desc limit 1), \
                  (select t.next_step from talks t where t.alert = a.id order by t.recorded_at desc, t.id desc limit 1)), \
         (select count(*) from approvals v where v.subject = a.id and v.state = 'open'), {}, {}",
        super::contest::contested("a.spell"),
        key_of("a.person")
    )
}

fn map_row(r: &Row) -> Result<AlertRow> {
    let i = LEN + REF_LEN;
    let last = r.of(5, i + 7)?.opt(r.get(i + 4)?);
    Ok(AlertRow {
        alert: map(r)?,
        employee: map_ref(r, LEN)?,
        score: r.get(i)?,
        band: r.get(i + 1)?,
        owner: r.get(i + 2)?,
        talks: r.get(i + 3)?,
        last_note: last.and_then(|t| t.lines().next().map(Into::into)),
        pending: r.get(i + 5)?,
        contested: r.get(i + 6)?,
    })
}

/// One row of the queue.
pub fn row(tx: &mut Tx, id: AlertId) -> Result<Option<AlertRow>> {
    tx.one(&format!("{} {ROW_FROM} where a.id = $1", row_columns()), vals![id], map_row)
}

/// The open attrition alert of a person, as a row.
pub fn open_of_person(tx: &mut Tx, person: PersonId) -> Result<Option<AlertRow>> {
    tx.one(
        &format!("{} {ROW_FROM} where a.person = $1 and a.open = 1 and a.kind = 'attrition_risk' order by a.id limit 1", row_columns()),
        vals![person],
        map_row,
    )
}

/// Where a page starts: the place in the queue and the id of the row before it.
pub type After = Option<(i64, AlertId)>;

/// The queue, by talk clock. Closed alerts come newest first.
pub fn page(
    tx: &mut Tx,
    view: AlertView,
    filter: &Filter,
    me: OperatorId,
    stale_before: Timestamp,
    after: &After,
    limit: i64,
) -> Result<Vec<AlertRow>> {
    let mut params: Vec<Val> = Vec::new();
    let mut sql = format!("{} {ROW_FROM} where p.erased = 0", row_columns());
    let push = |params: &mut Vec<Val>, v: Val| {
        params.push(v);
        format!("${}", params.len())
    };
    match view {
        AlertView::Open => sql.push_str(" and a.open = 1 and a.state <> 'snoozed'"),
        AlertView::Mine => {
            let m = push(&mut params, me.into());
            sql.push_str(&format!(" and a.open = 1 and a.owner = {m}"));
        }
        AlertView::Unacked => sql.push_str(" and a.open = 1 and a.state = 'new'"),
        AlertView::Stale => {
            let m = push(&mut params, stale_before.into());
            sql.push_str(&format!(" and a.open = 1 and a.state = 'acked' and a.talked_at is null and a.touched_at < {m}"));
        }
        AlertView::Snoozed => sql.push_str(" and a.open = 1 and a.state = 'snoozed'"),
        AlertView::Closed => sql.push_str(" and a.open = 0"),
        AlertView::All => {}
    }
    sql.push_str(&conditions(filter, &mut params));
    if let Some(state) = filter.state {
        let m = push(&mut params, state.into());
        sql.push_str(&format!(" and a.state = {m}"));
    }
    if let Some(band) = filter.band {
        let m = push(&mut params, band.into());
        sql.push_str(&format!(" and coalesce(c.band, a.band) = {m}"));
    }
    if let Some(owner) = &filter.owner {
        let m = push(&mut params, Val::from(owner));
        sql.push_str(&format!(" and o.name = {m}"));
    }
    let newest = view == AlertView::Closed;
    if let Some((due, id)) = after {
        let d = push(&mut params, (*due).into());
        let i = push(&mut params, (*id).into());
        sql.push_str(&if newest {
            format!(" and (a.queue_at, a.id) < ({d}, {i})")
        } else {
            format!(" and (a.queue_at, a.rank, a.id) > ({d}, (select w.rank from alerts w where w.id = {i}), {i})")
        });
    }
    let m = push(&mut params, limit.into());
    let order = if newest { "a.queue_at desc, a.id desc" } else { "a.queue_at, a.rank, a.id" };
    sql.push_str(&format!(" order by {order} limit {m}"));
    tx.all(&sql, &params, map_row)
}

/// Counts for the first screen: (overdue talks, due within 24 h, new, stale, open, open and high).
pub fn counts(tx: &mut Tx, stale_before: Timestamp, within: &Within) -> Result<(i64, i64, i64, i64, i64, i64)> {
    let now = tx.now();
    let soon = now + jiff::SignedDuration::from_hours(24);
    let mut params = vals![now, soon, stale_before].to_vec();
    let bound = super::person::bound_in("person", within, &mut params);
    Ok(tx
        .one(
            &format!("select coalesce(sum(case when kind = 'attrition_risk' and talked_at is null and talk_due_at <= $1 then 1 else 0 end), 0), \
             coalesce(sum(case when kind = 'attrition_risk' and talked_at is null and talk_due_at > $1 and talk_due_at <= $2 then 1 else 0 end), 0), \
             coalesce(sum(case when state = 'new' then 1 else 0 end), 0), \
             coalesce(sum(case when state = 'acked' and talked_at is null and touched_at < $3 then 1 else 0 end), 0), count(*), \
             coalesce(sum(case when band = 3 then 1 else 0 end), 0) from alerts where open = 1{bound}"),
            &params,
            |r| Ok((count(r, 0)?, count(r, 1)?, count(r, 2)?, count(r, 3)?, count(r, 4)?, count(r, 5)?)),
        )?
        .unwrap_or_default())
}

fn count(r: &Row, i: usize) -> Result<i64> {
    Ok(r.get::<Option<i64>>(i)?.unwrap_or(0))
}

/// Open alerts whose snooze has ended or whose acknowledgement is overdue.
pub fn due(tx: &mut Tx, limit: i64) -> Result<Vec<Alert>> {
    let now = tx.now();
    tx.all(
        &format!(
            "select {COLUMNS} from alerts a where a.open = 1 and ((a.state = 'snoozed' and a.snoozed_until <= $1) \
             or (a.state = 'new' and a.ack_due_at <= $1 and a.escalation < 3)) order by a.id limit $2"
        ),
        vals![now, limit],
        map,
    )
}

/// When a clock of an open alert next runs out.
pub fn next_clock(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(tx
        .one(
            "select min(case when state = 'snoozed' then snoozed_until else ack_due_at end) from alerts \
             where open = 1 and (state = 'snoozed' or (state = 'new' and escalation < 3))",
            &[],
            |r| r.get::<Option<Timestamp>>(0),
        )?
        .flatten())
}

/// Open alerts about somebody who might leave, and has.
pub fn open_of_departed(tx: &mut Tx, limit: i64) -> Result<Vec<Alert>> {
    tx.all(
        &format!("select {COLUMNS} from alerts a join spells s on s.id = a.spell where a.open = 1 and a.kind = 'attrition_risk' and s.live = 0 order by a.id limit $1"),
        vals![limit],
        map,
    )
}

/// All alert generations of a person, newest first.
pub fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Alert>> {
    tx.all(&format!("select {COLUMNS} from alerts a where a.person = $1 order by a.raised_at desc"), vals![person], map)
}

/// Adds a note. What it is about is an alert or a freeze order, whatever the column is called.
pub fn add_note(tx: &mut Tx, id: Uuid, about: Uuid, person: PersonId, by: &str, text: &str) -> Result<()> {
    let now = tx.now();
    let text = tx.seal(person, text)?;
    tx.exec(
        "insert into notes (id, alert, person, at, by, text) values ($1, $2, $3, $4, $5, $6)",
        vals![id, about, person, now, by, text],
    )?;
    Ok(())
}

/// Notes of an alert or an order, newest first.
pub fn notes(tx: &mut Tx, about: Uuid) -> Result<Vec<Note>> {
    let sql = format!(
        "select n.at, n.by, n.text, n.person, {} from notes n where n.alert = $1 order by n.at desc, n.id desc limit 200",
        key_of("n.person")
    );
    tx.all(&sql, vals![about], |r| Ok(Note { at: r.get(0)?, by: r.get(1)?, text: r.of(3, 4)?.text(r.get(2)?) }))
}

/// Adds a talk.
pub fn add_talk(tx: &mut Tx, t: &Talk) -> Result<()> {
    let mut seal = |text| tx.seal(t.person, text);
    let (who, needs, next) = (seal(&t.talk.who)?, seal(&t.talk.needs)?, seal(&t.talk.next_step)?);
    tx.exec(
        "insert into talks (id, alert, person, by, recorded_at, at, who, channel, needs, next_step) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        vals![t.id, t.alert, t.person, &t.by, t.recorded_at, t.talk.at, who, t.talk.channel, needs, next],
    )?;
    Ok(())
}

const TALK: &str = "id, alert, person, by, recorded_at, at, who, channel, needs, next_step, \
                    (select y.sealed from person_keys y where y.person = talks.person)";

fn map_talk(r: &Row) -> Result<Talk> {
    let open = r.of(2, 10)?;
    Ok(Talk {
        id: r.get(0)?,
        alert: r.get(1)?,
        person: r.get(2)?,
        by: r.get(3)?,
        recorded_at: r.get(4)?,
        talk: NewTalk {
            at: r.get(5)?,
            who: open.text(r.get(6)?),
            channel: r.get(7)?,
            needs: open.text(r.get(8)?),
            next_step: open.text(r.get(9)?),
        },
    })
}

/// Talks of an alert, newest first.
pub fn talks(tx: &mut Tx, alert: AlertId) -> Result<Vec<Talk>> {
    tx.all(&format!("select {TALK} from talks where alert = $1 order by at desc, id desc limit 200"), vals![alert], map_talk)
}
