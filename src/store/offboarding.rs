//! Offboarding cases, items with their versions, duties.

mod clocks;

pub use clocks::{late, late_duties, moved, open_duties, undecided};

use super::{
    Result, Row, StoreError, Tx, Val,
    person::{REF, REF_LEN, conditions, map_ref},
    seal::key_of,
};
use crate::{
    domain::{
        duty::{Duty, DutyKind},
        freeze::{Direction, Level, Order, OrderState},
        handover::{self, DeskHolder, FileRef, HandoverItem, Ledger, Verdict, Version},
        ids::{CaseId, DutyId, ItemId, OperatorId, PersonId, SpellId},
        offboarding::{self, Case, CaseFacts, CaseState, FreezeStanding, Leaver, StartFacts},
        operator::Role,
        person::{ExitKind, SpellState},
        row::{CaseView, Filter, ItemCounts, OffboardingCard, OffboardingRow, Within},
        stages::{Desk, Template},
    },
    vals,
};
use jiff::civil::Date;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

const COLUMNS: &str = "k.id, k.person, k.spell, k.state, k.version, k.exit, k.notice_on, k.last_day, k.backdated, k.handover_due, k.template, \
                       k.starter, k.starter_name, k.started_at, k.approver_name, k.approved_at, k.overdue_at, k.ended_at, k.addendum_of, \
                       k.touched_by, k.touched_at, k.touched_act";
const LEN: usize = 22;

fn map(r: &Row) -> Result<Case> {
    Ok(Case {
        id: r.get(0)?,
        person: r.get(1)?,
        spell: r.get(2)?,
        state: r.get(3)?,
        version: r.get(4)?,
        exit: r.get(5)?,
        notice_on: r.get(6)?,
        last_day: r.get(7)?,
        backdated: r.get(8)?,
        handover_due: r.get(9)?,
        template: r.get(10)?,
        starter: r.get(11)?,
        starter_name: r.get(12)?,
        started_at: r.get(13)?,
        approver_name: r.get(14)?,
        approved_at: r.get(15)?,
        overdue_at: r.get(16)?,
        ended_at: r.get(17)?,
        addendum_of: r.get(18)?,
        touched_by: r.get(19)?,
        touched_at: r.get(20)?,
        touched_act: r.get(21)?,
    })
}

fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Sql(e.to_string()))
}

fn parsed<T: DeserializeOwned>(text: &str, column: usize) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Column(column))
}

/// Writes a case's row. The template comes with a new case, which keeps it.
pub fn put_case(tx: &mut Tx, c: &Case, template: Option<&Template>) -> Result<()> {
    let stages = template.map_or_else(|| Ok(String::new()), json)?;
    tx.exec(
        "insert into cases (id, person, spell, state, version, exit, notice_on, last_day, backdated, handover_due, template, starter, starter_name, \
         started_at, approver_name, approved_at, overdue_at, ended_at, addendum_of, touched_by, touched_at, touched_act, open, rank, stages) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25) \
         on conflict (id) do update set state = excluded.state, version = excluded.version, exit = excluded.exit, last_day = excluded.last_day, \
         handover_due = excluded.handover_due, approver_name = excluded.approver_name, approved_at = excluded.approved_at, \
         overdue_at = excluded.overdue_at, ended_at = excluded.ended_at, touched_by = excluded.touched_by, touched_at = excluded.touched_at, \
         touched_act = excluded.touched_act, open = excluded.open, rank = excluded.rank",
        vals![
            c.id,
            c.person,
            c.spell,
            c.state,
            c.version,
            c.exit,
            c.notice_on,
            c.last_day,
            c.backdated,
            c.handover_due,
            &c.template,
            c.starter,
            &c.starter_name,
            c.started_at,
            c.approver_name.clone(),
            c.approved_at,
            c.overdue_at,
            c.ended_at,
            c.addendum_of,
            c.touched_by.clone(),
            c.touched_at,
            &c.touched_act,
            c.state.is_open(),
            c.state.rank(),
            stages
        ],
    )?;
    Ok(())
}

/// One case.
pub fn get(tx: &mut Tx, id: CaseId) -> Result<Option<Case>> {
    tx.one(&format!("select {COLUMNS} from cases k where k.id = $1"), vals![id], map)
}

/// The newest case of a person that is open, else the newest of all.
pub fn of_person(tx: &mut Tx, person: PersonId) -> Result<Option<Case>> {
    tx.one(
        &format!("select {COLUMNS} from cases k where k.person = $1 order by k.open desc, k.started_at desc, k.id desc limit 1"),
        vals![person],
        map,
    )
}

/// The newest case of a spell: (id, state). An addendum is none of its own.
pub fn of_spell(tx: &mut Tx, spell: SpellId) -> Result<Option<(CaseId, CaseState)>> {
    tx.one(
        "select id, state from cases where spell = $1 and addendum_of is null order by started_at desc, id desc limit 1",
        vals![spell],
        |r| Ok((r.get(0)?, r.get(1)?)),
    )
}

const ITEM: &str = "i.id, i.case_id, i.person, i.kind, i.stage, i.title, i.customer, i.customer_number, i.customer_name, i.ledger_customers, \
                    i.ledger_orders, i.ledger_fen, i.state, i.version, i.desk, i.reviewer, i.reviewer_name, i.submitter, i.submitter_name, i.why, \
                    i.waived_by, i.corrects, i.touched_by, i.touched_at, (select y.sealed from person_keys y where y.person = i.person)";

fn map_item(r: &Row) -> Result<HandoverItem> {
    Ok(HandoverItem {
        id: r.get(0)?,
        case: r.get(1)?,
        person: r.get(2)?,
        kind: r.get(3)?,
        stage: r.get(4)?,
        title: r.get::<Option<String>>(5)?.map(|t| parsed(&t, 5)).transpose()?,
        customer: r.get(6)?,
        customer_number: r.get(7)?,
        customer_name: r.get(8)?,
        ledger: Ledger { customers: r.get(9)?, orders: r.get(10)?, receivable_fen: r.get(11)? },
        state: r.get(12)?,
        version: r.get(13)?,
        desk: r.get(14)?,
        reviewer: r.get(15)?,
        reviewer_name: r.get(16)?,
        submitter: r.get(17)?,
        submitter_name: r.get(18)?,
        why: r.of(2, 24)?.opt(r.get(19)?),
        waived_by: r.get(20)?,
        corrects: r.get(21)?,
        evidence: Vec::new(),
        touched_by: r.get(22)?,
        touched_at: r.get(23)?,
    })
}

/// Writes an item's row and adds its versions. A version that is there keeps its content; one without a verdict may get one.
pub fn put_item(tx: &mut Tx, i: &HandoverItem) -> Result<()> {
    let title = i.title.as_ref().map(json).transpose()?;
    let why = tx.seal_opt(i.person, i.why.as_deref())?;
    tx.exec(
        "insert into handover_items (id, case_id, n, person, kind, stage, title, customer, customer_number, customer_name, ledger_customers, \
         ledger_orders, ledger_fen, state, version, desk, reviewer, reviewer_name, submitter, submitter_name, why, waived_by, corrects, touched_by, \
         touched_at) values ($1, $2, (select coalesce(max(o.n), 0) + 1 from handover_items o where o.case_id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11, \
         $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) \
         on conflict (id) do update set ledger_customers = excluded.ledger_customers, ledger_orders = excluded.ledger_orders, \
         ledger_fen = excluded.ledger_fen, state = excluded.state, version = excluded.version, reviewer = excluded.reviewer, \
         reviewer_name = excluded.reviewer_name, submitter = excluded.submitter, submitter_name = excluded.submitter_name, why = excluded.why, \
         waived_by = excluded.waived_by, touched_by = excluded.touched_by, touched_at = excluded.touched_at",
        vals![
            i.id,
            i.case,
            i.person,
            i.kind,
            &i.stage,
            title,
            i.customer,
            i.customer_number.clone(),
            i.customer_name.clone(),
            i.ledger.customers,
            i.ledger.orders,
            i.ledger.receivable_fen,
            i.state,
            i.version,
            i.desk,
            i.reviewer,
            i.reviewer_name.clone(),
            i.submitter,
            i.submitter_name.clone(),
            why,
            i.waived_by.clone(),
            i.corrects,
            i.touched_by.clone(),
            i.touched_at
        ],
    )?;
    for v in &i.evidence {
        let verdict = v.verdict.as_ref().map(json).transpose()?;
        let (body, verdict) = (tx.seal(i.person, &json(&v.evidence)?)?, tx.seal_opt(i.person, verdict.as_deref())?);
        tx.exec(
            "insert into handover_versions (item, n, person, hash, body, by, at, verdict) values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (item, n) do update set verdict = coalesce(handover_versions.verdict, excluded.verdict)",
            vals![i.id, v.n, i.person, v.evidence.file.as_ref().map(|f| f.hash.clone()), body, &v.by, v.at, verdict],
        )?;
    }
    Ok(())
}

/// Items of a case in their order, with every version.
pub fn items(tx: &mut Tx, case: CaseId) -> Result<Vec<HandoverItem>> {
    let mut all = tx.all(&format!("select {ITEM} from handover_items i where i.case_id = $1 order by i.n"), vals![case], map_item)?;
    let sql = format!(
        "select v.item, v.n, v.body, v.by, v.at, v.verdict, v.person, {} from handover_versions v join handover_items i on i.id = v.item \
         where i.case_id = $1 order by v.item, v.n",
        key_of("v.person")
    );
    let versions = tx.all(&sql, vals![case], |r| {
        let open = r.of(6, 7)?;
        let verdict: Option<Verdict> = open.opt(r.get(5)?).map(|t| parsed(&t, 5)).transpose()?;
        let version = Version { n: r.get(1)?, evidence: parsed(&open.text(r.get(2)?), 2)?, by: r.get(3)?, at: r.get(4)?, verdict };
        Ok((r.get::<ItemId>(0)?, version))
    })?;
    let mut by_item: BTreeMap<ItemId, Vec<Version>> = BTreeMap::new();
    for (item, version) in versions {
        by_item.entry(item).or_default().push(version);
    }
    for item in &mut all {
        item.evidence = by_item.remove(&item.id).unwrap_or_default();
    }
    Ok(all)
}

/// Items of open cases that wait for an operator's review, or would.
pub fn reviewed_by(tx: &mut Tx, reviewer: OperatorId) -> Result<Vec<HandoverItem>> {
    let mut all = Vec::new();
    let cases = "select distinct k.id from cases k join handover_items i on i.case_id = k.id where k.open = 1 and i.reviewer = $1 \
                 and i.state not in ('accepted', 'waived')";
    for case in tx.all(cases, vals![reviewer], |r| r.get::<CaseId>(0))? {
        all.extend(items(tx, case)?.into_iter().filter(|i| i.reviewer == Some(reviewer) && !i.state.is_settled()));
    }
    Ok(all)
}

/// The case that an item belongs to.
pub fn case_of_item(tx: &mut Tx, item: ItemId) -> Result<Option<CaseId>> {
    tx.one("select case_id from handover_items where id = $1", vals![item], |r| r.get(0))
}

const DUTY: &str = "d.id, d.case_id, d.person, d.kind, d.state, d.due_on, d.done_on, d.done_by, d.file_hash, d.file_name, d.note, d.overdue_at, \
                    d.version, d.touched_by, d.touched_at, (select y.sealed from person_keys y where y.person = d.person)";
const DUTY_LEN: usize = 16;

fn map_duty(r: &Row) -> Result<Duty> {
    let open = r.of(2, 15)?;
    let (hash, name): (Option<String>, Option<String>) = (r.get(8)?, open.opt(r.get(9)?));
    Ok(Duty {
        id: r.get(0)?,
        case: r.get(1)?,
        person: r.get(2)?,
        kind: r.get(3)?,
        state: r.get(4)?,
        due_on: r.get(5)?,
        done_on: r.get(6)?,
        done_by: r.get(7)?,
        file: hash.map(|hash| FileRef { hash, name: name.unwrap_or_default() }),
        note: open.opt(r.get(10)?),
        overdue_at: r.get(11)?,
        version: r.get(12)?,
        touched_by: r.get(13)?,
        touched_at: r.get(14)?,
    })
}

/// Writes a duty's row.
pub fn put_duty(tx: &mut Tx, d: &Duty) -> Result<()> {
    let file = tx.seal_opt(d.person, d.file.as_ref().map(|f| f.name.as_str()))?;
    let note = tx.seal_opt(d.person, d.note.as_deref())?;
    tx.exec(
        "insert into duties (id, case_id, person, kind, state, due_on, done_on, done_by, file_hash, file_name, note, overdue_at, version, touched_by, \
         touched_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
         on conflict (id) do update set state = excluded.state, due_on = excluded.due_on, done_on = excluded.done_on, done_by = excluded.done_by, \
         file_hash = excluded.file_hash, file_name = excluded.file_name, note = excluded.note, overdue_at = excluded.overdue_at, \
         version = excluded.version, touched_by = excluded.touched_by, touched_at = excluded.touched_at",
        vals![
            d.id,
            d.case,
            d.person,
            d.kind,
            d.state,
            d.due_on,
            d.done_on,
            d.done_by.clone(),
            d.file.as_ref().map(|f| f.hash.clone()),
            file,
            note,
            d.overdue_at,
            d.version,
            d.touched_by.clone(),
            d.touched_at
        ],
    )?;
    Ok(())
}

/// One duty.
pub fn duty(tx: &mut Tx, id: DutyId) -> Result<Option<Duty>> {
    tx.one(&format!("select {DUTY} from duties d where d.id = $1"), vals![id], map_duty)
}

/// Duties of a case, by day.
pub fn duties(tx: &mut Tx, case: CaseId) -> Result<Vec<Duty>> {
    tx.all(&format!("select {DUTY} from duties d where d.case_id = $1 order by d.due_on, d.id"), vals![case], map_duty)
}

/// Sets what a case says about the employment itself.
pub fn put_spell(tx: &mut Tx, spell: SpellId, state: SpellState, last_day: Option<Date>, exit: Option<ExitKind>) -> Result<()> {
    tx.exec(
        "update spells set state = $2, live = $3, last_day = $4, exit = $5, version = version + 1 where id = $1",
        vals![spell, state, state.is_live(), last_day, exit],
    )?;
    tx.exec("update persons set version = version + 1 where spell = $1", vals![spell])?;
    Ok(())
}

/// What is known of a leaver's employment; `None` once the person was erased.
fn leaver(tx: &mut Tx, spell: SpellId) -> Result<Option<Leaver>> {
    let found = tx.one(
        "select p.id, s.id, s.number, p.sort_name, s.state, s.started, s.last_day from spells s join persons p on p.id = s.person \
         where s.id = $1 and p.erased = 0",
        vals![spell],
        |r| {
            Ok(Leaver {
                person: r.get(0)?,
                spell: r.get(1)?,
                number: r.get(2)?,
                sort_name: r.get(3)?,
                state: r.get(4)?,
                started: r.get(5)?,
                last_day: r.get(6)?,
                also: Vec::new(),
            })
        },
    )?;
    let Some(leaver) = found else { return Ok(None) };
    Ok(Some(Leaver { also: super::operator::names_of(tx, leaver.person)?, ..leaver }))
}

/// How the freeze of a spell's accounts stands. The one place that asks the freeze orders.
pub fn freeze_standing(tx: &mut Tx, spell: SpellId) -> Result<FreezeStanding> {
    let mut frozen = super::freeze::standing(tx, spell)?;
    // A gateway that blocks meanwhile leaves the accounts themselves alive.
    frozen.retain(|o| o.intent.direction == Direction::Freeze && !o.intent.stands_in());
    if frozen.is_empty() {
        return Ok(FreezeStanding::None);
    }
    if super::freeze::unknown_steps(tx, spell)? > 0 {
        return Ok(FreezeStanding::UnknownSteps);
    }
    // A restriction leaves accounts alive: only a suspension that is complete closes this gate, and only one that is not keeps it shut.
    frozen.retain(|o| o.intent.level >= Level::Suspend);
    let dead = |o: &Order| matches!(o.state, OrderState::Complete | OrderState::Verified);
    let open = frozen.iter().any(|o| o.state.is_live() || o.state == OrderState::Drifted);
    Ok(if frozen.iter().any(dead) && !open { FreezeStanding::Complete } else { FreezeStanding::Open })
}

/// What starting a case looks at; nothing about somebody who was erased.
pub fn start_facts(tx: &mut Tx, person: PersonId, template: &Template, today: Date) -> Result<Option<StartFacts>> {
    let Some(spell) = tx.one("select spell from persons where id = $1 and erased = 0", vals![person], |r| r.get(0))? else {
        return Ok(None);
    };
    let Some(leaver) = leaver(tx, spell)? else { return Ok(None) };
    Ok(Some(StartFacts {
        held: super::holding::of(tx, person)?,
        known: of_spell(tx, spell)?,
        desks: desks(tx, &leaver)?,
        leaver,
        template: template.clone(),
        today,
    }))
}

/// Who sits at the desks that review: by role, whoever has the fewest items there, never the leaver.
fn desks(tx: &mut Tx, leaver: &Leaver) -> Result<Vec<DeskHolder>> {
    let mut out = Vec::new();
    let sales = [Role::SalesManager, Role::LineManager, Role::HrManager, Role::Owner];
    let specialists = [Role::Hrbp, Role::HrManager, Role::HrDirector, Role::Owner];
    for (desk, roles) in [(Desk::SalesManager, sales), (Desk::HrSpecialist, specialists)] {
        for role in roles {
            let found = tx.all(
                "select o.id, o.name, (select count(*) from handover_items i where i.reviewer = o.id and i.state in ('todo', 'submitted', \
                 'under_review', 'returned', 'blocked')) as load from operators o where o.role = $1 and o.revoked_at is null and o.ended_at is null order by load, o.name",
                vals![role],
                |r| Ok(DeskHolder { desk, id: r.get(0)?, name: r.get(1)? }),
            )?;
            if let Some(holder) = found.into_iter().find(|h| !leaver.is_operator(&h.name)) {
                out.push(holder);
                break;
            }
        }
    }
    Ok(out)
}

/// All that decisions about a case look at; nothing about somebody who was erased.
pub fn facts(tx: &mut Tx, id: CaseId, today: Date) -> Result<Option<CaseFacts>> {
    let found = tx.one(&format!("select {COLUMNS}, k.stages from cases k where k.id = $1"), vals![id], |r| {
        Ok((map(r)?, parsed::<Template>(&r.get::<String>(LEN)?, LEN)?))
    })?;
    let Some((case, template)) = found else { return Ok(None) };
    let Some(leaver) = leaver(tx, case.spell)? else { return Ok(None) };
    let pending = tx.all(
        "select distinct v.subject from approvals v join handover_items i on i.id = v.subject where i.case_id = $1 and v.state = 'open'",
        vals![id],
        |r| r.get(0),
    )?;
    let (mut items, held) = (items(tx, id)?, super::holding::of(tx, case.person)?);
    // An addendum lists one item of a handover that is over.
    if case.state.is_open() && case.addendum_of.is_none() {
        handover::reckon(&mut items, &held, &super::holding::gone(tx, id, case.person)?);
    }
    Ok(Some(CaseFacts {
        items,
        duties: duties(tx, id)?,
        held,
        freeze: freeze_standing(tx, case.spell)?,
        template,
        leaver,
        case,
        today,
        pending,
    }))
}

const ROW_FROM: &str = "from cases k join persons p on p.id = k.person join spells s on s.id = k.spell";

fn row_columns() -> String {
    let items = |when: &str| format!("(select count(*) from handover_items i where i.case_id = k.id{when})");
    let next = |what: &str| {
        format!(
            "(select d.{what} from duties d where d.case_id = k.id and d.state = 'open' and d.kind not in ('keep_contract', 'last_day') order by d.due_on, d.id limit 1)"
        )
    };
    format!(
        "select {COLUMNS}, {REF}, {}, {}, {}, {}, {}, {}",
        items(""),
        items(" and i.state in ('accepted', 'waived')"),
        items(" and i.state = 'returned'"),
        items(" and i.state in ('submitted', 'under_review')"),
        next("kind"),
        next("due_on")
    )
}

fn map_row(r: &Row) -> Result<OffboardingRow> {
    let i = LEN + REF_LEN;
    let next: (Option<DutyKind>, Option<Date>) = (r.get(i + 4)?, r.get(i + 5)?);
    Ok(OffboardingRow {
        case: map(r)?,
        employee: map_ref(r, LEN)?,
        counts: ItemCounts { all: r.get(i)?, settled: r.get(i + 1)?, returned: r.get(i + 2)?, review: r.get(i + 3)? },
        held: 0,
        next_duty: next.0.zip(next.1),
        freeze: FreezeStanding::None,
    })
}

/// A row of the board, with what its columns do not hold.
fn filled(tx: &mut Tx, mut row: OffboardingRow) -> Result<OffboardingRow> {
    row.held = super::holding::count(tx, row.case.person)?;
    row.freeze = freeze_standing(tx, row.case.spell)?;
    Ok(row)
}

/// One row of the board.
pub fn row(tx: &mut Tx, id: CaseId) -> Result<Option<OffboardingRow>> {
    match tx.one(&format!("{} {ROW_FROM} where k.id = $1 and p.erased = 0", row_columns()), vals![id], map_row)? {
        Some(row) => Ok(Some(filled(tx, row)?)),
        None => Ok(None),
    }
}

/// A case with all that belongs to it.
pub fn card(tx: &mut Tx, id: CaseId, today: Date) -> Result<Option<OffboardingCard>> {
    let (Some(row), Some(f)) = (row(tx, id)?, facts(tx, id, today)?) else { return Ok(None) };
    Ok(Some(OffboardingCard {
        gates: offboarding::gates(&f),
        row,
        items: f.items,
        duties: f.duties,
        customers: f.held,
        leaver: f.leaver,
        stages: f.template,
        pending: f.pending,
        today,
    }))
}

/// Where a page of the board starts: column, due day and id of the row before it.
pub type After = Option<(i64, String, CaseId)>;

/// The board: by column, then by the day on which the handover is due; `mine` and `overdue` are an operator's, on a day.
pub fn page(
    tx: &mut Tx,
    view: CaseView,
    state: Option<CaseState>,
    filter: &Filter,
    (me, today): (OperatorId, Date),
    after: &After,
    limit: i64,
) -> Result<Vec<OffboardingRow>> {
    let mut params: Vec<Val> = Vec::new();
    let mut sql = format!("{} {ROW_FROM} where p.erased = 0", row_columns());
    sql.push_str(&within(view, me, today, &mut params));
    sql.push_str(&conditions(filter, &mut params));
    if let Some(state) = state {
        params.push(state.into());
        sql.push_str(&format!(" and k.state = ${}", params.len()));
    }
    if let Some((rank, due, id)) = after {
        params.extend([Val::from(*rank), Val::from(due), Val::from(*id)]);
        let n = params.len();
        sql.push_str(&format!(" and (k.rank, k.handover_due, k.id) > (${}, ${}, ${})", n - 2, n - 1, n));
    }
    params.push(limit.into());
    sql.push_str(&format!(" order by k.rank, k.handover_due, k.id limit ${}", params.len()));
    let rows = tx.all(&sql, &params, map_row)?;
    rows.into_iter().map(|row| filled(tx, row)).collect()
}

fn within(view: CaseView, me: OperatorId, today: Date, params: &mut Vec<Val>) -> String {
    match view {
        CaseView::Open => " and k.open = 1".into(),
        CaseView::Mine => {
            params.push(me.into());
            format!(
                " and k.open = 1 and exists (select 1 from handover_items i where i.case_id = k.id and i.reviewer = ${} \
                 and i.state in ('submitted', 'under_review'))",
                params.len()
            )
        }
        CaseView::Overdue => {
            params.push(today.into());
            format!(
                " and ((k.open = 1 and k.overdue_at is not null) or exists (select 1 from duties d where d.case_id = k.id and d.state = 'open' \
                 and d.kind not in ('keep_contract', 'last_day') and d.due_on < ${}))",
                params.len()
            )
        }
        CaseView::Closed => " and k.open = 0".into(),
        CaseView::All => String::new(),
    }
}

/// Cases by state, of everybody who was not erased.
pub fn counts(tx: &mut Tx, within: &Within) -> Result<BTreeMap<CaseState, i64>> {
    let mut params = Vec::new();
    let bound = super::person::bound_in("p.id", within, &mut params);
    let sql = format!("select k.state, count(*) from cases k join persons p on p.id = k.person where p.erased = 0{bound} group by k.state");
    let all = tx.all(&sql, &params, |r| Ok((r.get::<CaseState>(0)?, r.get::<i64>(1)?)))?;
    Ok(all.into_iter().collect())
}

/// The open case of a person, if there is one.
pub fn open_of(tx: &mut Tx, person: PersonId) -> Result<Option<CaseState>> {
    tx.one("select state from cases where person = $1 and open = 1 order by started_at desc, id desc limit 1", vals![person], |r| r.get(0))
}

/// Takes out what the cases of an erased person say about them: files that are nobody else's evidence, signatures, notes, reasons.
pub fn erase(tx: &mut Tx, person: PersonId) -> Result<()> {
    let own = "select hash from handover_versions where person = $1 and hash is not null union select file_hash from duties where person = $1 \
               and file_hash is not null";
    let others = "select hash from handover_versions where person <> $1 and hash is not null union select file_hash from duties \
                  where person <> $1 and file_hash is not null";
    for table in ["blobs", "blob_parts"] {
        tx.exec(&format!("delete from {table} where hash in ({own}) and hash not in ({others})"), vals![person])?;
    }
    tx.exec("update handover_versions set body = '{}', hash = null, verdict = null where person = $1", vals![person])?;
    tx.exec("update handover_items set why = null, version = version + 1 where person = $1", vals![person])?;
    tx.exec("update duties set note = null, file_hash = null, file_name = null, version = version + 1 where person = $1", vals![person])?;
    tx.exec(
        "update cases set open = 0, state = case when open = 1 then 'withdrawn' else state end, version = version + 1 where person = $1",
        vals![person],
    )?;
    Ok(())
}
