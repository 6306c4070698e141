//! What an argument means: a person by number, id or name; an alert by its id or its person.

use super::{Out, Stop, list::wrong_answer};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::AlertRow,
        query::{AlertView, Slice},
    },
    domain::{person::PersonRef, sentence::Sentence},
};
use uuid::Uuid;

/// The one person whom a number, an id or a name means. More than one is a usage error that lists the candidates.
pub async fn person(backend: &dyn Backend, out: &mut Out, text: &str) -> Result<PersonRef, Stop> {
    let reply = backend.query(Query::Find { text: text.into() }).await?;
    out.seen(&reply);
    let Answer::Found(mut fit) = reply.answer else { return Err(wrong_answer()) };
    match fit.len() {
        0 => Err(Failure::new(FailureKind::NotFound, Sentence::new("cli-no-person").with("text", text))
            .next(Sentence::new("cli-no-person-next"))
            .into()),
        1 => Ok(fit.remove(0)),
        _ => Err(Stop::Ambiguous { text: text.into(), candidates: fit }),
    }
}

/// Ids of the alerts that the arguments mean, in their order, each once.
pub async fn alerts(backend: &dyn Backend, out: &mut Out, texts: &[String]) -> Result<Vec<Uuid>, Stop> {
    let mut ids = Vec::new();
    for text in texts {
        let id = alert(backend, out, text).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The open alert of a person; without an open one the last that there was. An id that is nobody's is an alert's.
pub async fn alert(backend: &dyn Backend, out: &mut Out, text: &str) -> Result<Uuid, Stop> {
    let who = match (person(backend, out, text).await, Uuid::parse_str(text)) {
        (Err(Stop::Failure(f)), Ok(id)) if f.kind == FailureKind::NotFound => return Ok(id),
        (who, _) => who?,
    };
    let mut best: Option<AlertRow> = None;
    let mut after = None;
    loop {
        // Where a role does not show the number, what was typed is it.
        let number = if who.is_hidden() { text } else { &who.number };
        let filter = Filter { text: Some(number.into()), ..Filter::default() };
        let query = Query::Alerts { view: AlertView::All, filter, slice: Slice { after, limit: 200 } };
        let reply = backend.query(query).await?;
        let Answer::Alerts(page) = reply.answer else { return Err(wrong_answer()) };
        for row in page.rows.into_iter().filter(|r| r.employee.id == who.id) {
            let rank = |r: &AlertRow| (r.alert.state.is_open(), r.alert.raised_at, r.alert.generation);
            if best.as_ref().is_none_or(|b| rank(&row) > rank(b)) {
                best = Some(row);
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    best.map(|r| r.alert.id.into()).ok_or_else(|| {
        Failure::new(FailureKind::NotFound, Sentence::new("cli-no-alert").with("number", &who.number).with("name", &who.name)).into()
    })
}

/// An id that must be one.
pub fn id(text: &str) -> Result<Uuid, Stop> {
    Uuid::parse_str(text).map_err(|_| Failure::new(FailureKind::Usage, Sentence::new("cli-not-an-id").with("text", text)).into())
}
