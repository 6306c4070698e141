//! What is owed, to leavers and to whoever was frozen by mistake.

use super::super::{
    Out, Stop,
    list::{Row, all, wrong_answer},
    out::{Cell, Tone},
};
use crate::{
    backend::{Answer, Backend, Query},
    domain::{
        duty::{DutyKind, DutyState},
        ids::{DutyId, PersonId},
        row::DutyRow,
    },
};

async fn rows(backend: &dyn Backend, out: &mut Out) -> Result<Vec<DutyRow>, Stop> {
    let reply = backend.query(Query::Duties).await?;
    out.seen(&reply);
    let Answer::Duties(rows) = reply.answer else { return Err(wrong_answer()) };
    Ok(rows)
}

pub(super) async fn list(backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let found = rows(backend, out).await?;
    all(out, &found)
}

/// The open duty of a kind to a person, whether there is a case or not.
pub(super) async fn to(backend: &dyn Backend, out: &mut Out, person: PersonId, kind: DutyKind) -> Result<Option<DutyId>, Stop> {
    let found = rows(backend, out).await?;
    let fits = |r: &&DutyRow| r.employee.id == person && r.duty.kind == kind && r.duty.state == DutyState::Open;
    Ok(found.iter().find(fits).map(|r| r.duty.id))
}

impl Row for DutyRow {
    const HEADS: &'static [&'static str] = &["cli-head-due", "cli-head-number", "cli-head-name", "cli-head-what", "cli-head-id"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let today = out.now.to_zoned(out.zone.clone()).date();
        vec![
            Cell::new(self.duty.due_on).tone(if self.duty.due_on < today { Tone::Alarm } else { Tone::Plain }),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::new(out.name("duty-kind", self.duty.kind)),
            Cell::new(self.duty.id),
        ]
    }
}
