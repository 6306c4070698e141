//! Approvals.

use super::{
    Result, Row, StoreError, Tx,
    person::{REF, bound, bound_in, map_ref},
};
use crate::{
    domain::{
        approval::Approval,
        ids::{ApprovalId, PersonId},
        row::{ApprovalRow, Within},
    },
    vals,
};
use jiff::Timestamp;

const COLUMNS: &str = "v.id, v.entity, v.subject, v.person, v.subject_hash, v.act, v.proposer, v.proposer_name, v.state, v.version, v.asked_at, \
                       v.expires_at, v.decided_by, v.decided_at, (select y.sealed from person_keys y where y.person = v.person)";
const LEN: usize = 15;

fn map(r: &Row) -> Result<Approval> {
    Ok(Approval {
        id: r.get(0)?,
        entity: r.get(1)?,
        subject: r.get(2)?,
        person: r.get(3)?,
        subject_hash: r.get(4)?,
        act: serde_json::from_str(&r.of(3, 14)?.text(r.get(5)?)).map_err(|_| StoreError::Column(5))?,
        proposer: r.get(6)?,
        proposer_name: r.get(7)?,
        state: r.get(8)?,
        version: r.get(9)?,
        asked_at: r.get(10)?,
        expires_at: r.get(11)?,
        decided_by: r.get(12)?,
        decided_at: r.get(13)?,
    })
}

/// Writes an approval's row.
pub fn put(tx: &mut Tx, a: &Approval) -> Result<()> {
    let act = serde_json::to_string(&a.act).map_err(|e| StoreError::Sql(e.to_string()))?;
    let act = match a.person {
        Some(person) => tx.seal(person, &act)?,
        None => tx.seal_home(&act)?,
    };
    tx.exec(
        "insert into approvals (id, entity, subject, person, subject_hash, act, proposer, proposer_name, state, version, asked_at, expires_at, \
         decided_by, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         on conflict (id) do update set state = excluded.state, version = excluded.version, decided_by = excluded.decided_by, \
         decided_at = excluded.decided_at",
        vals![
            a.id,
            a.entity,
            a.subject,
            a.person,
            &a.subject_hash,
            act,
            a.proposer,
            &a.proposer_name,
            a.state,
            a.version,
            a.asked_at,
            a.expires_at,
            a.decided_by.clone(),
            a.decided_at
        ],
    )?;
    Ok(())
}

/// One approval.
pub fn get(tx: &mut Tx, id: ApprovalId) -> Result<Option<Approval>> {
    tx.one(&format!("select {COLUMNS} from approvals v where v.id = $1"), vals![id], map)
}

/// The open approval of a subject.
pub fn open_of(tx: &mut Tx, subject: uuid::Uuid) -> Result<Option<Approval>> {
    tx.one(&format!("select {COLUMNS} from approvals v where v.subject = $1 and v.state = 'open' limit 1"), vals![subject], map)
}

/// Whether the same thing is asked for already and waits.
pub fn waits(tx: &mut Tx, subject_hash: &str, now: Timestamp) -> Result<bool> {
    let sql = "select 1 from approvals where subject_hash = $1 and state = 'open' and expires_at > $2 limit 1";
    Ok(tx.one(sql, vals![subject_hash, now], |_| Ok(()))?.is_some())
}

/// What a subject is now: its version, and the case of a handover item.
const SUBJECT: &str = "case v.entity when 'alert' then (select a.version from alerts a where a.id = v.subject) when 'plan' then (select l.version \
                       from plans l where l.id = v.subject) when 'freeze' then (select f.version from freezes f where f.id = v.subject) \
                       when 'handover_item' then (select i.version from handover_items i where i.id = v.subject) \
                       when 'operator' then coalesce((select o.version from operators o where o.id = v.subject and o.revoked_at is null), 0) end, \
                       (select i.case_id from handover_items i where i.id = v.subject)";

/// Open approvals, oldest first.
pub fn page(tx: &mut Tx, within: &Within, after: &Option<(i64, ApprovalId)>, limit: i64) -> Result<Vec<ApprovalRow>> {
    let (at, id) = after.unwrap_or((Timestamp::MIN.as_microsecond(), ApprovalId(uuid::Uuid::nil())));
    let mut params = vals![at, id, limit].to_vec();
    let bound = bound(within, &mut params);
    tx.all(
        &format!(
            "select {COLUMNS}, {SUBJECT}, {REF} from approvals v left join persons p on p.id = v.person left join spells s on s.id = p.spell \
             where v.state = 'open' and (v.asked_at, v.id) > ($1, $2){bound} order by v.asked_at, v.id limit $3"
        ),
        &params,
        |r| {
            let (subject_version, case) = (r.get(LEN)?, r.get(LEN + 1)?);
            let employee = r.get::<Option<PersonId>>(LEN + 2)?.map(|_| map_ref(r, LEN + 2)).transpose()?;
            Ok(ApprovalRow { approval: map(r)?, employee, subject_version, case })
        },
    )
}

/// Approvals that wait.
pub fn count_open(tx: &mut Tx, within: &Within) -> Result<i64> {
    let mut params = Vec::new();
    let bound = bound_in("person", within, &mut params);
    tx.count(&format!("select count(*) from approvals where state = 'open'{bound}"), &params)
}

/// When the next open approval runs out.
pub fn next_expiry(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(tx.one("select min(expires_at) from approvals where state = 'open'", &[], |r| r.get::<Option<Timestamp>>(0))?.flatten())
}

/// Marks what has run out; returns what that was, as it was before.
pub fn expire(tx: &mut Tx) -> Result<Vec<Approval>> {
    let now = tx.now();
    let over =
        tx.all(&format!("select {COLUMNS} from approvals v where v.state = 'open' and v.expires_at <= $1 order by v.id"), vals![now], map)?;
    if !over.is_empty() {
        tx.exec("update approvals set state = 'expired', version = version + 1 where state = 'open' and expires_at <= $1", vals![now])?;
    }
    Ok(over)
}
