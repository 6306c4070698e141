//! Retention plans.

use super::{
    Result, Row, StoreError, Tx, Val,
    person::{REF, conditions, map_ref},
};
use crate::{
    domain::{
        ids::{AlertId, PersonId, PlanId},
        plan::{Plan, PlanBody, PlanFacts, PlanTemplate},
        row::{Filter, PlanRow, Within},
    },
    vals,
};
use serde::{Deserialize, Serialize};

const COLUMNS: &str = "l.id, l.person, l.spell, l.alert, l.template, l.text, l.cost_fen, l.state, l.version, l.proposer, l.proposer_name, \
                       l.approver_name, l.created_at, l.approved_at, l.delivered_at, l.outcome_90, l.outcome_180, l.touched_by, l.touched_at, \
                       (select y.sealed from person_keys y where y.person = l.person)";
const LEN: usize = 20;

/// What is offered and what it costs: one sealed text. A plan from before the seal has its cost beside it.
#[derive(Serialize, Deserialize)]
struct Offer {
    text: String,
    cost_fen: Option<i64>,
}

/// A plan's words and cost as they are stored.
pub(super) fn offer(text: &str, cost_fen: Option<i64>) -> Result<String> {
    serde_json::to_string(&Offer { text: text.into(), cost_fen }).map_err(|e| StoreError::Sql(e.to_string()))
}

fn body(template: PlanTemplate, text: String, cost_fen: Option<i64>) -> PlanBody {
    match serde_json::from_str(&text) {
        Ok(Offer { text, cost_fen }) => PlanBody { template, text, cost_fen },
        Err(_) => PlanBody { template, text, cost_fen },
    }
}

fn map(r: &Row) -> Result<Plan> {
    Ok(Plan {
        id: r.get(0)?,
        person: r.get(1)?,
        spell: r.get(2)?,
        alert: r.get(3)?,
        body: body(r.get(4)?, r.of(1, 19)?.text(r.get(5)?), r.get(6)?),
        state: r.get(7)?,
        version: r.get(8)?,
        proposer: r.get(9)?,
        proposer_name: r.get(10)?,
        approver_name: r.get(11)?,
        created_at: r.get(12)?,
        approved_at: r.get(13)?,
        delivered_at: r.get(14)?,
        outcome_90: r.get(15)?,
        outcome_180: r.get(16)?,
        touched_by: r.get(17)?,
        touched_at: r.get(18)?,
    })
}

/// Writes a plan's row.
pub fn put(tx: &mut Tx, p: &Plan) -> Result<()> {
    let offer = tx.seal(p.person, &offer(&p.body.text, p.body.cost_fen)?)?;
    tx.exec(
        "insert into plans (id, person, spell, alert, template, text, cost_fen, state, version, proposer, proposer_name, approver_name, created_at, \
         approved_at, delivered_at, outcome_90, outcome_180, touched_by, touched_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
         on conflict (id) do update set state = excluded.state, version = excluded.version, approver_name = excluded.approver_name, \
         approved_at = excluded.approved_at, delivered_at = excluded.delivered_at, outcome_90 = excluded.outcome_90, \
         outcome_180 = excluded.outcome_180, touched_by = excluded.touched_by, touched_at = excluded.touched_at",
        vals![
            p.id,
            p.person,
            p.spell,
            p.alert,
            p.body.template,
            offer,
            None::<i64>,
            p.state,
            p.version,
            p.proposer,
            &p.proposer_name,
            p.approver_name.clone(),
            p.created_at,
            p.approved_at,
            p.delivered_at,
            p.outcome_90,
            p.outcome_180,
            &p.touched_by,
            p.touched_at
        ],
    )?;
    Ok(())
}

/// All that a decision about a plan looks at; nothing about somebody who was erased.
pub fn facts(tx: &mut Tx, id: PlanId) -> Result<Option<PlanFacts>> {
    let Some(plan) = tx.one(
        &format!("select {COLUMNS} from plans l join persons p on p.id = l.person where l.id = $1 and p.erased = 0"),
        vals![id],
        map,
    )?
    else {
        return Ok(None);
    };
    let pending = tx.count("select count(*) from approvals where subject = $1 and state = 'open'", vals![id])? > 0;
    Ok(Some(PlanFacts { plan, pending }))
}

fn select() -> String {
    format!(
        "select {COLUMNS}, (select v.id from approvals v where v.subject = l.id and v.state = 'open' limit 1), {REF} \
         from plans l join persons p on p.id = l.person join spells s on s.id = p.spell"
    )
}

fn map_row(r: &Row) -> Result<PlanRow> {
    Ok(PlanRow { plan: map(r)?, approval: r.get(LEN)?, employee: map_ref(r, LEN + 1)? })
}

/// One plan as a row.
pub fn row(tx: &mut Tx, id: PlanId) -> Result<Option<PlanRow>> {
    tx.one(&format!("{} where l.id = $1", select()), vals![id], map_row)
}

/// Plans of an alert, newest first.
pub fn of_alert(tx: &mut Tx, alert: AlertId) -> Result<Vec<PlanRow>> {
    tx.all(&format!("{} where l.alert = $1 order by l.created_at desc, l.id desc limit 50", select()), vals![alert], map_row)
}

/// Plans of a person, newest first.
pub fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<PlanRow>> {
    tx.all(&format!("{} where l.person = $1 order by l.created_at desc, l.id desc limit 50", select()), vals![person], map_row)
}

/// Plans, newest first.
pub fn page(tx: &mut Tx, filter: &Filter, after: &Option<(i64, PlanId)>, limit: i64) -> Result<Vec<PlanRow>> {
    let mut params: Vec<Val> = Vec::new();
    let mut sql = format!("{} where p.erased = 0", select());
    sql.push_str(&conditions(filter, &mut params));
    if let Some((at, id)) = after {
        params.push((*at).into());
        params.push((*id).into());
        let n = params.len();
        sql.push_str(&format!(" and (l.created_at, l.id) < (${}, ${})", n - 1, n));
    }
    params.push(limit.into());
    sql.push_str(&format!(" order by l.created_at desc, l.id desc limit ${}", params.len()));
    tx.all(&sql, &params, map_row)
}

/// Plans that are not ended.
pub fn count_open(tx: &mut Tx, within: &Within) -> Result<i64> {
    let mut params = Vec::new();
    let bound = super::person::bound_in("person", within, &mut params);
    tx.count(&format!("select count(*) from plans where state not in ('closed', 'rejected', 'cancelled'){bound}"), &params)
}
