//! The person pane: card, chart, timeline.

use super::{go, lists, overlay};
use crate::{
    backend::{Query, Target, query::TimelineKind},
    console::{
        command::{CommandId, enabled},
        effect::Slot,
        model::{
            Captured, Item, Model, Pane, PersonPane, Tone,
            dataset::Remote,
            line::Line,
            list::Row,
            overlay::{FormKind, Overlay, Reader, Reading, WhatIfForm},
            rows::label,
        },
        view::layout::list_height,
    },
    domain::{act::Entity, ids::PersonId, sentence::Sentence},
};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Weeks of the chart: 18 months.
const WEEKS: u32 = 78;

/// Opens the pane of a person.
pub fn open(m: &mut Model, id: PersonId, label: String) {
    if m.person.as_ref().is_none_or(|p| p.id != id) {
        m.person = Some(PersonPane::new(id, label));
    }
    go(m, Pane::Person);
    refresh_card(m);
}

/// Asks for card and chart.
pub fn refresh_card(m: &mut Model) {
    let Some(id) = m.person.as_ref().map(|p| p.id) else { return };
    let card = m.ask(Slot::Card, Query::Person { id });
    let series = m.ask(Slot::Series, Query::ScoreSeries { id, weeks: WEEKS });
    if let Some(p) = &mut m.person {
        p.card.asked(card);
        p.series.asked(series);
    }
}

/// To the next or previous line of another kind than the one under the cursor.
pub fn jump_kind(m: &mut Model, forward: bool) {
    let height = list_height(m);
    let Some(p) = &mut m.person else { return };
    let kinds: Vec<TimelineKind> = p.list.rows().iter().map(|r| r.kind).collect();
    let Some(at) = p.list.at() else { return lists::step(m, 1) };
    let here = kinds.get(at).copied();
    let other = |i: &usize| kinds.get(*i).copied() != here;
    let to = if forward { (at + 1..kinds.len()).find(other) } else { (0..at).rev().find(other) };
    match to {
        Some(i) => {
            let by = isize::try_from(i).unwrap_or(0) - isize::try_from(at).unwrap_or(0);
            let slice = p.list.step(by, height);
            lists::load(m, slice);
        }
        None => m.tell(Tone::Info, Sentence::new("notice-no-other-kind")),
    }
}

/// Explains the score as of the day of the timeline row under the cursor.
pub fn explain(m: &mut Model) {
    let zone = m.home.data.value().and_then(|h| TimeZone::get(&h.zone).ok()).unwrap_or_else(|| m.zone.clone());
    let Some(p) = &m.person else { return };
    let Some(row) = p.list.current() else { return };
    let (id, as_of) = (p.id, row.at.to_zoned(zone).date());
    let req = m.ask(Slot::Overlay, Query::Explain { id, as_of: Some(as_of), model: None });
    let mut wait = Remote::default();
    wait.asked(req);
    m.open(Overlay::Reader(Reader { what: Reading::Explain(wait), top: 0 }));
}

/// Opens the contest of the score: it is read before it is answered.
pub fn contest(m: &mut Model) {
    let Some(mark) = m.person.as_ref().and_then(|p| p.card.data.value()?.contest) else { return };
    let req = m.ask(Slot::Overlay, Query::Contest { id: mark.id });
    let mut wait = Remote::default();
    wait.asked(req);
    m.open(Overlay::Reader(Reader { what: Reading::Contest(wait), top: 0 }));
}

/// Opens the answer to the contest that is read.
pub fn answer(m: &mut Model) {
    let Some(Overlay::Reader(Reader { what: Reading::Contest(wait), .. })) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let Some(card) = wait.data.value() else { return m.tell(Tone::Warn, Sentence::new("off-unread")) };
    if let Err(why) = enabled::enabled(m, CommandId::PersonAnswer) {
        return m.tell(Tone::Warn, why);
    }
    let contest = &card.row.contest;
    let item = Item { target: Target { id: contest.id.0, version: Some(contest.version) }, label: label(&card.row.employee) };
    let on = Captured { entity: Entity::Contest, items: vec![item], alert: None, plan: None, who: None };
    overlay::form::open(m, FormKind::Answer, on);
}

/// Opens "what if": with a pay gap that is set to nothing, when there is one.
pub fn what_if(m: &mut Model) {
    let Some(p) = &m.person else { return };
    let Some(score) = p.card.data.value().and_then(|c| c.score.as_ref()) else { return };
    let known = score.contributions.iter().map(|c| (c.feature.clone(), Some(c.value)));
    let missing = score.missing.iter().map(|f| (f.clone(), None));
    let mut fields: Vec<(String, Option<f64>, Line)> =
        known.chain(missing).map(|(f, v)| (f, v, Line::new(v.map(|v| v.to_string()).unwrap_or_default()))).collect();
    let gap = fields.iter().position(|f| f.0 == "pay_gap" && f.1.is_some_and(|v| v > 0.0));
    if let Some(field) = gap.and_then(|i| fields.get_mut(i)) {
        field.2 = Line::new("0");
    }
    let form = WhatIfForm { person: p.id, label: p.label.clone(), fields, focus: gap.unwrap_or(0), answer: Remote::default(), fault: None };
    m.open(Overlay::WhatIf(Box::new(form)));
    ask_what_if(m);
}

/// Asks what the score would be with the typed values.
pub fn ask_what_if(m: &mut Model) {
    let Some(Overlay::WhatIf(form)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    let mut changes = BTreeMap::new();
    form.fault = None;
    for (feature, now, line) in &form.fields {
        let text = line.text().trim();
        let value = if text.is_empty() { None } else { text.parse::<f64>().ok().filter(|v| v.is_finite()) };
        if value.is_none() && !text.is_empty() {
            form.fault = Some(Sentence::new("fault-number").with("text", text));
            return;
        }
        if value != *now {
            changes.insert(feature.clone(), value);
        }
    }
    let id = form.person;
    let req = m.ask(Slot::Overlay, Query::WhatIf { id, changes });
    if let Some(Overlay::WhatIf(form)) = m.overlay.as_mut().map(|o| &mut o.what) {
        form.answer.asked(req);
    }
}

/// The person under the cursor, or the one whose pane was open last.
pub fn open_at_cursor(m: &mut Model) {
    match m.person_at_cursor().map(|(id, label, _)| (id, label)).or_else(|| m.person.as_ref().map(|p| (p.id, p.label.clone()))) {
        Some((id, label)) => open(m, id, label),
        None => m.tell(Tone::Info, Sentence::new("off-no-person")),
    }
}

/// Version of what the pane knows of the alert, after an act brought it back.
pub fn patch(m: &mut Model, row: &crate::backend::answer::AlertRow) {
    if let Some(card) = m.person.as_mut().and_then(|p| p.card.data.value_mut())
        && card.alert.as_ref().is_some_and(|a| a.id() == row.id())
    {
        card.alert = Some(row.clone());
    }
}
