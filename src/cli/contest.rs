//! `tenure risk contests`: what people say against their scores, and what they were told.

use super::{
    Out, Stop,
    list::{Row, wrong_answer},
    out::{Cell, Tone},
    risk::print_score,
};
use crate::{
    backend::{
        Answer, Backend, Query,
        answer::{ContestCard, ContestRow},
    },
    domain::{contest::Mark, ids::ContestId, sentence::Sentence},
    text,
};

/// Says beside a score that it is contested, or was withdrawn.
pub(super) fn tell(out: &mut Out, mark: Option<Mark>) -> Result<(), Stop> {
    if let Some(mark) = mark {
        let code = if mark.state.is_open() { "cli-contested" } else { "cli-score-withdrawn" };
        let said = out.text(&Sentence::new(code).with("id", mark.id).with("due", mark.due_at));
        let said = out.paint(Tone::Warn, &said);
        out.line(&said)?;
    }
    Ok(())
}

/// `8.5?` where the person contests it.
pub(super) fn mark(score: Option<f64>, contested: bool) -> String {
    score.map_or_else(String::new, |s| format!("{}{}", text::score(s), if contested { "?" } else { "" }))
}

pub(super) async fn show(id: ContestId, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let reply = backend.query(Query::Contest { id }).await?;
    out.now = reply.at;
    let Answer::Contest(card) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&card)?;
    } else {
        print(out, &card)?;
    }
    out.flush()?;
    Ok(0)
}

fn print(out: &mut Out, card: &ContestCard) -> Result<(), Stop> {
    let (c, who) = (&card.row.contest, &card.row.employee);
    out.fields(&[
        ("cli-head-id", c.id.to_string()),
        ("cli-head-name", format!("{} {}", who.number, who.name)),
        ("cli-head-state", out.name("contest-state", c.state)),
        ("cli-head-due", out.when(c.due_at)),
        ("cli-head-by", c.opened_name.clone()),
        ("cli-head-said", card.said.clone().unwrap_or_default()),
        ("cli-head-answered", c.answered_at.map_or_else(String::new, |at| out.when(at))),
        ("cli-head-answered-by", c.answered_by.clone().unwrap_or_default()),
        ("cli-head-answer", card.answer.clone().unwrap_or_default()),
    ])?;
    match &card.explained {
        Some(score) => print_score(out, score),
        None => Ok(()),
    }
}

impl Row for ContestRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-id",
        "cli-head-number",
        "cli-head-name",
        "cli-head-score",
        "cli-head-state",
        "cli-head-due",
        "cli-head-by",
        "cli-head-answered-by",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let c = &self.contest;
        let late = c.state.is_open() && c.due_at < out.now;
        vec![
            Cell::new(c.id),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::figure(text::score(c.score)),
            Cell::new(out.name("contest-state", c.state)),
            Cell::new(if c.state.is_open() { out.left(c.due_at) } else { String::new() }).tone(if late {
                Tone::Alarm
            } else {
                Tone::Plain
            }),
            Cell::new(&c.opened_name),
            Cell::new(c.answered_by.as_deref().unwrap_or("-")),
        ]
    }
}
