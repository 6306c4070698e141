//! The one queue. A pending job is unique by (kind, key); a lease is a token and a time of the store's clock.

use super::{Result, Tx};
use crate::{
    domain::{ids::JobId, row::JobRow},
    vals,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// A job that this worker holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leased {
    pub id: JobId,
    pub kind: String,
    pub key: String,
    pub payload: String,
    pub token: Uuid,
    pub attempts: i64,
}

/// Attempts after which a job is set aside with its error.
pub const MAX_ATTEMPTS: i64 = 5;
/// The error of a job whose workers were killed, or died, every time.
pub const ENDED: &str = "job-worker-ended";

/// Queues a job unless one with the same kind and key is pending; that one then becomes due no later than `due`.
pub fn queue(tx: &mut Tx, id: JobId, kind: &str, key: &str, due: Timestamp, payload: &str) -> Result<()> {
    // One statement: two writers that queue the same job at once must not fail each other.
    tx.exec(
        "insert into jobs (id, kind, key, state, due_at, lease_token, lease_until, attempts, error, payload) \
         values ($1, $2, $3, 'pending', $4, null, null, 0, null, $5) on conflict (kind, key) where state = 'pending' \
         do update set due_at = case when jobs.due_at > excluded.due_at then excluded.due_at else jobs.due_at end",
        vals![id, kind, key, due, payload],
    )
    .map(|_| ())
}

/// Which jobs a lane of a worker takes. Jobs that wait for other people's servers have lanes of their own: a server that stalls must not
/// hold up a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    Any,
    Inside,
    Outside,
}

impl Lane {
    /// Kinds of jobs that talk to targets begin with `freeze`; anchors go to sinks.
    fn condition(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Inside => " and kind not like 'freeze%' and kind <> 'anchor'",
            Self::Outside => " and (kind like 'freeze%' or kind = 'anchor')",
        }
    }
}

/// What may be taken: due, or held by somebody whose lease has run out; and never a key that somebody holds. What waits behind a lease that
/// has run out comes after it: of each key only one row may be taken, so that two workers that look at once cannot take two.
const FREE: &str = "((state = 'pending' and due_at <= $1) or (state = 'leased' and lease_until <= $1)) and not exists \
                    (select 1 from jobs h where h.kind = jobs.kind and h.key = jobs.key and h.id <> jobs.id and h.state = 'leased' and \
                    (jobs.state = 'pending' or h.lease_until > $1))";

/// Sets aside jobs that ended their worker each time and said nothing, as if they had failed as often. Gives their kinds and keys.
pub fn bury(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    let now = tx.now();
    let dead = "state = 'leased' and lease_until <= $1 and attempts >= $2";
    let found = format!("select kind, key from jobs where {dead}{}", tx.passing_over());
    let gone = tx.all(&found, vals![now, MAX_ATTEMPTS], |r| Ok((r.get(0)?, r.get(1)?)))?;
    if !gone.is_empty() {
        tx.exec(
            &format!("update jobs set state = 'failed', error = $3, lease_token = null, lease_until = null where {dead}"),
            vals![now, MAX_ATTEMPTS, ENDED],
        )?;
    }
    Ok(gone)
}

/// Takes the job that has been due for longest, or one whose lease has run out. One that another worker is taking is passed over.
pub fn take(tx: &mut Tx, lane: Lane, token: Uuid, lease: SignedDuration) -> Result<Option<Leased>> {
    let now = tx.now();
    let found = tx.one(
        &format!(
            "select id, kind, key, payload, attempts from jobs where {FREE}{} order by due_at limit 1{}",
            lane.condition(),
            tx.passing_over()
        ),
        vals![now],
        |r| Ok(Leased { id: r.get(0)?, kind: r.get(1)?, key: r.get(2)?, payload: r.get(3)?, attempts: r.get(4)?, token }),
    )?;
    let Some(mut job) = found else { return Ok(None) };
    let taken = tx.exec(
        "update jobs set state = 'leased', lease_token = $2, lease_until = $3, attempts = attempts + 1 \
         where id = $1 and ((state = 'pending' and due_at <= $4) or (state = 'leased' and lease_until <= $4))",
        vals![job.id, token, now + lease, now],
    )?;
    job.attempts += 1;
    Ok((taken == 1).then_some(job))
}

/// Whether nothing is due: asked on a snapshot, so that an idle worker takes no write lock.
pub fn idle(tx: &mut Tx, lane: Lane) -> Result<bool> {
    let now = tx.now();
    let due = tx.count(&format!("select count(*) from jobs where {FREE}{}", lane.condition()), vals![now])?;
    Ok(due == 0)
}

/// Jobs that were due before an instant and that nobody holds, and since when the first of them waits.
pub fn behind(tx: &mut Tx, before: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let sql =
        "select count(*), min(due_at) from jobs where due_at <= $1 and (state = 'pending' or (state = 'leased' and lease_until <= $1))";
    Ok(tx.one(sql, vals![before], |r| Ok((r.get(0)?, r.get(1)?)))?.unwrap_or_default())
}

/// Jobs that were set aside, of kinds that begin so.
pub fn aside(tx: &mut Tx, kinds: &str) -> Result<i64> {
    tx.count("select count(*) from jobs where state = 'failed' and kind like $1", vals![format!("{kinds}%")])
}

/// Whether a job of a kind waits or runs.
pub fn exists(tx: &mut Tx, kind: &str) -> Result<bool> {
    Ok(tx.count("select count(*) from jobs where kind = $1 and state <> 'failed'", vals![kind])? > 0)
}

/// Whether there is a job of a kind, also one that was set aside.
pub fn is_known(tx: &mut Tx, kind: &str) -> Result<bool> {
    Ok(tx.count("select count(*) from jobs where kind = $1", vals![kind])? > 0)
}

/// Extends the lease; false when it is no longer ours.
pub fn renew(tx: &mut Tx, job: &Leased, lease: SignedDuration) -> Result<bool> {
    let until = tx.now() + lease;
    Ok(tx.exec(
        "update jobs set lease_until = $3 where id = $1 and lease_token = $2 and state = 'leased'",
        vals![job.id, job.token, until],
    )? == 1)
}

/// Ends a job that we still hold; false when the lease was lost.
pub fn done(tx: &mut Tx, job: &Leased) -> Result<bool> {
    Ok(tx.exec("delete from jobs where id = $1 and lease_token = $2 and state = 'leased'", vals![job.id, job.token])? == 1)
}

/// Takes a job that waits out of the queue: its work is done already.
pub fn drop_pending(tx: &mut Tx, kind: &str, key: &str) -> Result<()> {
    tx.exec("delete from jobs where kind = $1 and key = $2 and state = 'pending'", vals![kind, key]).map(|_| ())
}

/// Puts a job back after an error, due later each time; sets it aside after the last attempt, and says whether it did.
pub fn failed(tx: &mut Tx, job: &Leased, error: &str, wait: SignedDuration) -> Result<bool> {
    let due = tx.now() + wait;
    let aside = job.attempts >= MAX_ATTEMPTS;
    // A newer pending job of the same kind and key already does the work.
    let twin = tx.count("select count(*) from jobs where kind = $1 and key = $2 and state = 'pending'", vals![&job.kind, &job.key])?;
    if twin > 0 && !aside {
        done(tx, job)?;
        return Ok(false);
    }
    let state = if aside { "failed" } else { "pending" };
    tx.exec(
        "update jobs set state = $3, due_at = $4, error = $5, lease_token = null, lease_until = null where id = $1 and lease_token = $2",
        vals![job.id, job.token, state, due, error],
    )?;
    Ok(aside)
}

/// Forgets what went wrong where the words say what they must not.
pub fn forget_errors(tx: &mut Tx, says: impl Fn(&str) -> bool) -> Result<()> {
    let all = tx.all("select id, error from jobs where error is not null", &[], |r| Ok((r.get::<JobId>(0)?, r.get::<String>(1)?)))?;
    for (id, _) in all.iter().filter(|(_, error)| says(error)) {
        tx.exec("update jobs set error = null where id = $1", vals![*id])?;
    }
    Ok(())
}

/// Makes set-aside jobs pending again; returns how many. Of several for the same work one is enough, and none while one is pending.
pub fn retry(tx: &mut Tx) -> Result<u64> {
    let now = tx.now();
    tx.exec(
        "delete from jobs where state = 'failed' and exists (select 1 from jobs j where j.kind = jobs.kind and j.key = jobs.key \
         and (j.state = 'pending' or (j.state = 'failed' and j.id > jobs.id)))",
        &[],
    )?;
    tx.exec("update jobs set state = 'pending', due_at = $1, attempts = 0 where state = 'failed'", vals![now])
}

/// When the next job is due.
pub fn next_due(tx: &mut Tx) -> Result<Option<Timestamp>> {
    Ok(tx.one("select min(due_at) from jobs where state = 'pending'", &[], |r| r.get::<Option<Timestamp>>(0))?.flatten())
}

/// Jobs by id.
pub fn page(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<JobRow>> {
    tx.all(
        "select id, kind, key, state, due_at, attempts, error from jobs where id > $1 order by id limit $2",
        vals![after.unwrap_or(Uuid::nil()), limit],
        |r| {
            Ok(JobRow {
                id: r.get(0)?,
                kind: r.get(1)?,
                key: r.get(2)?,
                state: r.get(3)?,
                due_at: r.get(4)?,
                attempts: r.get(5)?,
                error: r.get(6)?,
            })
        },
    )
}
