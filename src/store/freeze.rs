//! Freeze orders, their steps, and links made by hand.

use super::{
    Result, Row, StoreError, Tx, Val,
    person::{REF, conditions, map_ref},
};
use crate::{
    domain::{
        approval::Approval,
        freeze::{Ground, Link, Mode, Order, OrderState, Step, drill::Drill, order::OrderFacts},
        ids::{FreezeId, PersonId, SpellId},
        row::{Filter, FreezeRow, FreezeView},
        sentence::Sentence,
    },
    vals,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

fn to_text<T: serde::Serialize>(v: &T) -> Result<String> {
    serde_json::to_string(v).map_err(|e| StoreError::Sql(e.to_string()))
}

fn from_text<T: serde::de::DeserializeOwned>(text: &str, i: usize) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Column(i))
}

/// Writes an order's row, and the locks on its targets that follow from its state.
pub fn put(tx: &mut Tx, o: &Order) -> Result<()> {
    let body = tx.seal(o.person, &to_text(o)?)?;
    tx.exec(
        "insert into freezes (id, person, spell, direction, level, state, version, live, held, created_at, run_at, confirm_due, check_at, \
         undoes, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         on conflict (id) do update set state = excluded.state, version = excluded.version, live = excluded.live, held = excluded.held, run_at = excluded.run_at, \
         confirm_due = excluded.confirm_due, check_at = excluded.check_at, body = excluded.body",
        vals![
            o.id,
            o.person,
            o.spell,
            word(o.intent.direction),
            word(o.intent.level),
            o.state,
            o.version,
            o.state.is_live(),
            o.held,
            o.created_at,
            // Of one that began, when it did: the batch limit goes by that.
            o.started_at.unwrap_or_else(|| o.run_at()),
            o.confirm_due.filter(|_| o.confirmed.is_none() && o.lapsed_at.is_none() && o.state != OrderState::Cancelled),
            o.check_at,
            o.undoes,
            body
        ],
    )?;
    tx.exec("delete from freeze_busy where ord = $1", vals![o.id])?;
    if o.holds_accounts() {
        let targets: BTreeSet<&str> = o.intent.steps.iter().map(|s| s.target.as_str()).collect();
        for target in targets {
            tx.exec("insert into freeze_busy (spell, target, ord) values ($1, $2, $3)", vals![o.spell, target, o.id])?;
        }
    }
    Ok(())
}

/// What [`order`] reads, of `freezes f`.
const ORDER: &str = "f.body, f.person, (select y.sealed from person_keys y where y.person = f.person)";
const ORDER_LEN: usize = 3;

fn order(r: &Row) -> Result<Order> {
    from_text(&r.of(1, 2)?.text(r.get(0)?), 0)
}

fn word(v: impl Into<&'static str>) -> &'static str {
    v.into()
}

const STEP: &str = "n, target, account, login, kind, state, attempts, key, before, sent_at, settle_at, token, due_at, confirmed_at, error, \
                    waived_by, evidence, sign_in, (select f.person from freezes f where f.id = ord), \
                    (select y.sealed from person_keys y join freezes f on f.person = y.person where f.id = ord)";

fn map_step(r: &Row, i: usize) -> Result<Step> {
    let open = r.of(i + 18, i + 19)?;
    let error = open.opt(r.get(i + 14)?);
    Ok(Step {
        n: r.get(i)?,
        target: r.get(i + 1)?,
        account: r.get(i + 2)?,
        login: r.get(i + 3)?,
        kind: r.get(i + 4)?,
        state: r.get(i + 5)?,
        attempts: r.get(i + 6)?,
        key: r.get(i + 7)?,
        before: open.opt(r.get(i + 8)?),
        sent_at: r.get(i + 9)?,
        settle_at: r.get(i + 10)?,
        token: r.get(i + 11)?,
        due_at: r.get(i + 12)?,
        confirmed_at: r.get(i + 13)?,
        error: error.map(|e| from_text::<Sentence>(&e, i + 14)).transpose()?,
        waived_by: r.get(i + 15)?,
        evidence: open.opt(r.get(i + 16)?),
        sign_in: r.get(i + 17)?,
    })
}

/// Writes steps of an order.
pub fn put_steps(tx: &mut Tx, order: FreezeId, steps: &[Step]) -> Result<()> {
    let Some(person) = tx.one("select person from freezes where id = $1", vals![order], |r| r.get::<PersonId>(0))? else {
        return Err(StoreError::Sql("a step without its order".into()));
    };
    for s in steps {
        let error = s.error.as_ref().map(to_text).transpose()?;
        let mut seal = |text: Option<&str>| tx.seal_opt(person, text);
        let (before, error, evidence) = (seal(s.before.as_deref())?, seal(error.as_deref())?, seal(s.evidence.as_deref())?);
        tx.exec(
            "insert into freeze_steps (ord, n, target, account, login, kind, state, attempts, key, before, sent_at, settle_at, token, due_at, \
             confirmed_at, error, waived_by, evidence, sign_in) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
             on conflict (ord, n) do update set state = excluded.state, attempts = excluded.attempts, before = excluded.before, \
             sent_at = excluded.sent_at, settle_at = excluded.settle_at, token = excluded.token, due_at = excluded.due_at, \
             confirmed_at = excluded.confirmed_at, error = excluded.error, waived_by = excluded.waived_by, evidence = excluded.evidence, \
             sign_in = excluded.sign_in",
            vals![
                order,
                s.n,
                &s.target,
                &s.account,
                &s.login,
                s.kind,
                s.state,
                s.attempts,
                s.key,
                before,
                s.sent_at,
                s.settle_at,
                s.token,
                s.due_at,
                s.confirmed_at,
                error,
                s.waived_by.clone(),
                evidence,
                s.sign_in
            ],
        )?;
    }
    Ok(())
}

/// One order.
pub fn get(tx: &mut Tx, id: FreezeId) -> Result<Option<Order>> {
    tx.one(&format!("select {ORDER} from freezes f where f.id = $1"), vals![id], order)
}

/// Steps of an order, by number.
pub fn steps(tx: &mut Tx, id: FreezeId) -> Result<Vec<Step>> {
    tx.all(&format!("select {STEP} from freeze_steps where ord = $1 order by n"), vals![id], |r| map_step(r, 0))
}

/// All that a decision about an order looks at.
pub fn facts(tx: &mut Tx, id: FreezeId) -> Result<Option<OrderFacts>> {
    let Some(order) = get(tx, id)? else { return Ok(None) };
    let steps = steps(tx, id)?;
    let approval: Option<Approval> = super::approval::open_of(tx, id.into())?;
    let own = super::operator::names_of(tx, order.person)?;
    Ok(Some(OrderFacts { order, steps, approval, own }))
}

/// Orders of a spell that hold accounts on one of some targets.
pub fn busy(tx: &mut Tx, spell: SpellId, targets: &[String]) -> Result<Vec<Order>> {
    let sql = format!(
        "select {ORDER}, b.target from freeze_busy b join freezes f on f.id = b.ord where b.spell = $1 order by f.created_at, f.id"
    );
    let held = tx.all(&sql, vals![spell], |r| Ok((order(r)?, r.get::<String>(ORDER_LEN)?)))?;
    let mut orders: Vec<Order> = Vec::new();
    for (order, _) in held.into_iter().filter(|(_, t)| targets.contains(t)) {
        if orders.last().is_none_or(|o| o.id != order.id) {
            orders.push(order);
        }
    }
    Ok(orders)
}

/// The last drill of break-glass.
pub fn drill(tx: &mut Tx) -> Result<Option<Drill>> {
    super::operator::meta(tx, "freeze_drill")?.map(|text| from_text(&text, 0)).transpose()
}

/// Keeps a drill in place of the one before; the chain keeps them all.
pub fn put_drill(tx: &mut Tx, d: &Drill) -> Result<()> {
    super::operator::set_meta(tx, "freeze_drill", &to_text(d)?)
}

/// Freezes by break-glass that were asked for since an instant, but for those that came to nothing.
pub fn break_glass(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let sql = format!(
        "select {ORDER} from freezes f where f.created_at > $1 and f.direction = 'freeze' and f.state not in ('cancelled', 'expired')"
    );
    let emergency = |o: &Order| o.intent.mode == Mode::Emergency;
    Ok(tx.all(&sql, vals![since], order)?.iter().filter(|o| emergency(o)).count() as i64)
}

/// Freezes since an instant of which it turned out that somebody else was meant.
pub fn wrong_people(tx: &mut Tx, since: Timestamp) -> Result<i64> {
    let sql = format!(
        "select {ORDER} from freezes f where f.created_at > $1 and f.direction = 'thaw' \
         and f.state not in ('pending_approval', 'cancelled', 'expired')"
    );
    Ok(tx.all(&sql, vals![since], order)?.iter().filter(|o| o.ground == Some(Ground::WrongPerson)).count() as i64)
}

/// People, but for one, and when freezes of theirs begin or began, within a span of an instant.
pub fn beginning(tx: &mut Tx, at: Timestamp, span: SignedDuration, but: PersonId) -> Result<Vec<(PersonId, Timestamp)>> {
    tx.all(
        "select distinct person, run_at from freezes where direction = 'freeze' and run_at > $1 and run_at < $2 and person <> $3 \
         and state not in ('cancelled', 'expired')",
        vals![at - span, at + span, but],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

/// When L2 of a spell was verified, if it still is.
pub fn suspended_since(tx: &mut Tx, spell: SpellId) -> Result<Option<Timestamp>> {
    let sql = format!(
        "select {ORDER} from freezes f where f.spell = $1 and f.level = 'suspend' and f.direction = 'freeze' and f.state = 'verified' \
         order by f.created_at desc"
    );
    let found = tx.all(&sql, vals![spell], order)?;
    Ok(found.into_iter().find(|o| !o.intent.stands_in()).and_then(|o| o.verified_at))
}

const SELECT: &str = "(select v.id from approvals v where v.subject = f.id and v.state = 'open' limit 1), \
                      (select count(*) from freeze_steps t where t.ord = f.id), \
                      (select count(*) from freeze_steps t where t.ord = f.id and t.state in ('confirmed', 'waived'))";

fn map_row(r: &Row) -> Result<FreezeRow> {
    let i = ORDER_LEN;
    let (approval, employee) = (r.get::<Option<Uuid>>(i)?, map_ref(r, i + 3)?);
    Ok(FreezeRow { order: order(r)?, approval, steps_total: r.get(i + 1)?, steps_settled: r.get(i + 2)?, employee })
}

fn select() -> String {
    format!("select {ORDER}, {SELECT}, {REF} from freezes f join persons p on p.id = f.person join spells s on s.id = f.spell")
}

/// One order as a row.
pub fn row(tx: &mut Tx, id: FreezeId) -> Result<Option<FreezeRow>> {
    tx.one(&format!("{} where f.id = $1", select()), vals![id], map_row)
}

/// Orders of a person, newest first.
pub fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<FreezeRow>> {
    tx.all(&format!("{} where f.person = $1 order by f.created_at desc, f.id desc limit 50", select()), vals![person], map_row)
}

/// Orders, newest first.
pub fn page(tx: &mut Tx, view: FreezeView, filter: &Filter, after: &Option<(i64, FreezeId)>, limit: i64) -> Result<Vec<FreezeRow>> {
    let mut params: Vec<Val> = Vec::new();
    let mut sql = format!("{} where p.erased = 0", select());
    match view {
        FreezeView::Open => {
            sql.push_str(" and (f.live = 1 or f.state in ('complete', 'drifted', 'failed', 'thawing') or f.confirm_due is not null)")
        }
        FreezeView::Frozen => sql.push_str(" and f.direction = 'freeze' and f.state in ('complete', 'verified', 'drifted', 'partial')"),
        FreezeView::All => {}
    }
    sql.push_str(&conditions(filter, &mut params));
    if let Some((at, id)) = after {
        params.push((*at).into());
        params.push((*id).into());
        let n = params.len();
        sql.push_str(&format!(" and (f.created_at, f.id) < (${}, ${})", n - 1, n));
    }
    params.push(limit.into());
    sql.push_str(&format!(" order by f.created_at desc, f.id desc limit ${}", params.len()));
    tx.all(&sql, &params, map_row)
}

/// Orders that still ask for something, and those that drifted.
pub fn counts(tx: &mut Tx) -> Result<(i64, i64)> {
    Ok((
        tx.count("select count(*) from freezes where live = 1", &[])?,
        tx.count("select count(*) from freezes where state = 'drifted'", &[])?,
    ))
}

// What the executor asks for.

/// Orders whose hour has come, but for one, and that have not begun.
pub fn waiting(tx: &mut Tx, but: FreezeId, limit: i64) -> Result<Vec<Order>> {
    let now = tx.now();
    let sql =
        format!("select {ORDER} from freezes f where f.state = 'approved' and f.run_at <= $1 and f.id <> $2 order by f.run_at limit $3");
    tx.all(&sql, vals![now, but, limit], order)
}

/// Orders that are to be looked at again.
pub fn to_check(tx: &mut Tx, limit: i64) -> Result<Vec<FreezeId>> {
    let now = tx.now();
    tx.all(
        "select id from freezes where check_at <= $1 and state in ('complete', 'partial', 'verified', 'drifted') and direction = 'freeze' order by check_at limit $2",
        vals![now, limit],
        |r| r.get(0),
    )
}

/// When the next order is to be looked at.
pub fn next_check(tx: &mut Tx) -> Result<Option<Timestamp>> {
    // Not `min`: of that SQLite would read every row of the state.
    let sql = "select check_at from freezes where direction = 'freeze' and check_at is not null and \
               state in ('complete', 'partial', 'verified', 'drifted') order by check_at limit 1";
    tx.one(sql, &[], |r| r.get(0))
}

/// Orders that nobody confirmed in time.
pub fn unconfirmed(tx: &mut Tx, limit: i64) -> Result<Vec<Order>> {
    let now = tx.now();
    let sql = format!("select {ORDER} from freezes f where f.confirm_due <= $1 order by f.confirm_due limit $2");
    tx.all(&sql, vals![now, limit], order)
}

/// When the next order should have been confirmed.
pub fn next_confirm(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(tx.one("select min(confirm_due) from freezes", &[], |r| r.get::<Option<Timestamp>>(0))?.flatten())
}

/// Steps on a target whose turn it is: their order executes, and nothing before them on the same account is open. Of an order that is stopped
/// nothing is sent, but what was sent is read back.
const IN_HAND: &str = "freeze_steps t join freezes f on f.id = t.ord where t.target = $1 and f.state in ('executing', 'partial') and (f.held = 0 or t.state <> 'pending') \
                       and not exists (select 1 from freeze_steps b where b.ord = t.ord and b.target = t.target and b.account = t.account and \
                       b.n < t.n and b.state not in ('confirmed', 'waived'))";

/// Steps on a target that may have to do with a worker: those that wait, in orders that execute, oldest order first.
pub fn work(tx: &mut Tx, target: &str, limit: i64) -> Result<Vec<(FreezeId, i64)>> {
    let now = tx.now();
    let sql = format!(
        "select t.ord, t.n from {IN_HAND} and ((t.state in ('pending', 'unknown', 'async') and t.due_at <= $2) or \
         (t.state = 'sent' and t.settle_at <= $2)) order by f.run_at, t.ord, t.n limit $3"
    );
    tx.all(&sql, vals![target, now, limit], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// When the next step on a target is due.
pub fn next_work(tx: &mut Tx, target: &str) -> Result<Option<Timestamp>> {
    let sql = format!(
        "select min(case when t.state = 'sent' then t.settle_at else t.due_at end) from {IN_HAND} and t.state in ('pending', 'unknown', 'async', 'sent')"
    );
    Ok(tx.one(&sql, vals![target], |r| r.get::<Option<Timestamp>>(0))?.flatten())
}

/// Journals a step as sent, if it is still pending and the job is still ours: compare-and-set before the first byte leaves.
pub fn journal(tx: &mut Tx, order: FreezeId, s: &Step, job: crate::domain::ids::JobId, lease: Uuid) -> Result<bool> {
    let now = tx.now();
    let ours = tx.exec(
        "update freeze_steps set state = 'sent' where ord = $1 and n = $2 and state = 'pending' and exists \
         (select 1 from jobs j where j.id = $3 and j.lease_token = $4 and j.state = 'leased' and j.lease_until > $5)",
        vals![order, s.n, job, lease, now],
    )? == 1;
    if ours {
        put_steps(tx, order, std::slice::from_ref(s))?;
    }
    Ok(ours)
}

/// One step.
pub fn step(tx: &mut Tx, order: FreezeId, n: i64) -> Result<Option<Step>> {
    tx.one(&format!("select {STEP} from freeze_steps where ord = $1 and n = $2"), vals![order, n], |r| map_step(r, 0))
}

/// The step if it is as we left it: sent under our token, or in the state in which it was read.
pub fn step_if(tx: &mut Tx, order: FreezeId, n: i64, state: crate::domain::freeze::StepState, token: Option<Uuid>) -> Result<Option<Step>> {
    let found =
        tx.one(&format!("select {STEP} from freeze_steps where ord = $1 and n = $2 and state = $3"), vals![order, n, state], |r| {
            map_step(r, 0)
        })?;
    Ok(found.filter(|s| token.is_none() || s.token == token))
}

/// Links of a person, made by hand.
pub fn links_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Link>> {
    tx.all("select target, account, person, by, at from target_links where person = $1 order by target, account", vals![person], map_link)
}

/// Whose an account is by hand.
pub fn link(tx: &mut Tx, target: &str, account: &str) -> Result<Option<Link>> {
    tx.one("select target, account, person, by, at from target_links where target = $1 and account = $2", vals![target, account], map_link)
}

fn map_link(r: &Row) -> Result<Link> {
    Ok(Link { target: r.get(0)?, account: r.get(1)?, person: r.get(2)?, by: r.get(3)?, at: r.get(4)? })
}

/// Keeps a link.
pub fn put_link(tx: &mut Tx, l: &Link) -> Result<()> {
    tx.exec(
        "insert into target_links (target, account, person, by, at) values ($1, $2, $3, $4, $5)",
        vals![&l.target, &l.account, l.person, &l.by, l.at],
    )
    .map(|_| ())
}

/// Drops a link; false when there was none.
pub fn unlink(tx: &mut Tx, target: &str, account: &str, person: PersonId) -> Result<bool> {
    Ok(tx.exec("delete from target_links where target = $1 and account = $2 and person = $3", vals![target, account, person])? == 1)
}

/// Whether a spell has an order of a direction that is neither ended nor taken back.
pub fn standing(tx: &mut Tx, spell: SpellId) -> Result<Vec<Order>> {
    let sql = format!(
        "select {ORDER} from freezes f where f.spell = $1 and f.state not in ('cancelled', 'expired', 'thawed') order by f.created_at"
    );
    tx.all(&sql, vals![spell], order)
}

/// Why orders of a spell drifted.
pub fn drifted(tx: &mut Tx, spell: SpellId) -> Result<Vec<Sentence>> {
    Ok(standing(tx, spell)?.into_iter().filter(|o| o.state == OrderState::Drifted).filter_map(|o| o.why).collect())
}

/// Whether an order that has not ended works on an account for somebody else than a person.
pub fn in_hand(tx: &mut Tx, target: &str, account: &str, but: PersonId) -> Result<bool> {
    Ok(tx.count(
        "select count(*) from freeze_steps t join freezes f on f.id = t.ord where t.target = $1 and t.account = $2 and f.person <> $3 \
         and f.state in ('pending_approval', 'approved', 'executing', 'partial', 'failed', 'thawing')",
        vals![target, account, but],
    )? > 0)
}

/// Orders that wait, of people of whom something that can be seen changed since they were planned.
pub fn planned_otherwise(tx: &mut Tx) -> Result<Vec<Order>> {
    let sql = format!(
        "select {ORDER}, p.version from freezes f join persons p on p.id = f.person where f.state in ('pending_approval', 'approved')"
    );
    let waiting = tx.all(&sql, &[], |r| Ok((order(r)?, r.get::<i64>(ORDER_LEN)?)))?;
    Ok(waiting.into_iter().filter(|(o, version)| o.intent.spell_version != *version).map(|(o, _)| o).collect())
}

/// Orders that run and have something to send or to read back on a target.
pub fn in_hand_of(tx: &mut Tx, target: &str) -> Result<Vec<Order>> {
    let sql = format!(
        "select {ORDER} from freezes f where f.state in ('executing', 'partial') and exists (select 1 from freeze_steps t where \
         t.ord = f.id and t.target = $1 and t.state in ('pending', 'unknown', 'async', 'sent')) order by f.created_at"
    );
    tx.all(&sql, vals![target], order)
}

/// Targets on which some order has steps to send or to read back.
pub fn targets_in_hand(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = "select distinct t.target from freeze_steps t join freezes f on f.id = t.ord where f.state in ('executing', 'partial') and (f.held = 0 or t.state <> 'pending') \
               and t.state in ('pending', 'unknown', 'async', 'sent') order by t.target";
    tx.all(sql, &[], |r| r.get(0))
}

/// Orders that wait for their hour, with it.
pub fn approved(tx: &mut Tx) -> Result<Vec<(FreezeId, Timestamp)>> {
    tx.all("select id, run_at from freezes where state = 'approved' order by run_at", &[], |r| Ok((r.get(0)?, r.get(1)?)))
}

/// Steps of a spell's orders that may or may not have happened.
pub fn unknown_steps(tx: &mut Tx, spell: SpellId) -> Result<i64> {
    tx.count(
        "select count(*) from freeze_steps t join freezes f on f.id = t.ord where f.spell = $1 and \
         f.state not in ('cancelled', 'expired', 'thawed') and t.state in ('sent', 'unknown', 'async')",
        vals![spell],
    )
}

/// Forgets the accounts of a person; an order that still runs forbids it before.
pub fn erase(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.exec("delete from freeze_steps where ord in (select id from freezes where person = $1)", vals![person])?;
    tx.exec("delete from freeze_busy where ord in (select id from freezes where person = $1)", vals![person])?;
    tx.exec("delete from freezes where person = $1", vals![person])?;
    tx.exec("delete from target_links where person = $1", vals![person])?;
    Ok(())
}
