//! The alert queue: who, how high, what clock, whose, last word; at wide screens the row in full beside it.

use super::{
    band, layout,
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::answer::AlertRow,
    console::{
        look::Meaning,
        model::list::{List, Row},
    },
    domain::{
        alert::{AlertKind, AlertState, next_due},
        score::Band,
    },
    text::score,
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let wide = body.width >= layout::WIDE;
    let left = Rect { width: if wide { body.width - layout::DETAIL - 3 } else { body.width }, ..body };
    let empty = if m.alerts.filter.text.is_empty() { "empty-alerts" } else { "empty-filtered" };
    if state::list(p, left, &m.alerts.list, empty) {
        return;
    }
    rows(p, left, &m.alerts.list);
    if wide && let Some(row) = m.alerts.list.current() {
        detail(p, Rect { x: left.right() + 3, width: layout::DETAIL, ..body }, row);
    }
}

/// Columns and rows of alerts; the today pane draws the same.
pub fn rows(p: &mut Paint<'_>, area: Rect, list: &List<AlertRow>) {
    let m = p.m;
    let bands: Vec<String> = Band::iter().map(|b| format!("8.5 {}", m.t(&short_band(b)))).collect();
    let states: Vec<String> = AlertState::iter().map(|s| m.t(&short_state(s))).collect();
    let due = u16::try_from(crate::text::width(&m.t("due-sample"))).unwrap_or(18);
    let roomy = area.width >= layout::WIDE;
    let columns = [
        Column::new(m.t("col-name"), if roomy { 20 } else { 12 }, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-score"), widest(&bands), 0),
        Column::new(m.t("col-due"), due, 1),
        Column::new(m.t("col-state"), widest(&states), 2),
        Column::new(m.t("col-owner"), if roomy { 16 } else { 9 }, 3),
        Column::new(m.t("col-impact"), super::people::impact_width(m), 4),
        Column::new(m.t("col-post"), 14, 6),
        Column::new(m.t("col-last"), 10, 5).flex(),
    ];
    table::draw(p, area, &columns, list, cells);
}

fn cells(p: &mut Paint<'_>, r: &AlertRow) -> Vec<Cell> {
    let m = p.m;
    let (clock, meaning) = clock(p, r);
    let (state, state_meaning) = state(p, r);
    vec![
        Cell::base(&r.employee.name),
        Cell::base(&r.employee.number),
        about(p, r),
        Cell::new(clock, meaning),
        Cell::new(state, state_meaning),
        Cell::base(owner(p, r)),
        Cell::base(m.word("impact", r.employee.impact)),
        Cell::base(&r.employee.post),
        Cell::muted(r.last_note.clone().unwrap_or_default()),
    ]
}

/// How high the risk is; of an alert that asks for work, what it is about: the person's score says nothing of that.
fn about(p: &Paint<'_>, r: &AlertRow) -> Cell {
    if r.alert.kind.wants_talk() {
        return contested(score_cell(p, r.score, r.band), r.contested);
    }
    Cell::new(p.m.t(&short_kind(r.alert.kind)), band(r.alert.band))
}

/// Key of the word for a kind that fits where a score stands.
fn short_kind(k: AlertKind) -> String {
    format!("short-kind-{}", k.to_string().replace('_', "-"))
}

/// Whose it is; while nobody took it, the level that it was escalated to.
fn owner(p: &Paint<'_>, r: &AlertRow) -> String {
    let up = p.sym.up;
    match (&r.owner, r.alert.escalation) {
        (Some(name), 0) => name.clone(),
        (Some(name), _) => format!("{name}{up}"),
        (None, 0) => "-".into(),
        (None, level) => format!("{up}{}", p.m.t(&format!("short-level-{}", level.min(3)))),
    }
}

fn state(p: &Paint<'_>, r: &AlertRow) -> (String, Meaning) {
    let m = p.m;
    if let Some(job) = m.jobs.iter().find(|j| j.on.items.iter().any(|i| i.target.id == r.id())) {
        let key = if job.tries > 0 { "state-unknown" } else { "state-acting" };
        return (m.t(key), if job.tries > 0 { Meaning::Warn } else { Meaning::Muted });
    }
    (m.t(&short_state(r.alert.state)), if r.alert.state == AlertState::New { Meaning::Notice } else { Meaning::Base })
}

fn short_state(s: AlertState) -> String {
    format!("short-state-{}", s.to_string().replace('_', "-"))
}

fn short_band(b: Band) -> String {
    format!("short-band-{}", b.to_string().replace('_', "-"))
}

/// `8.5 high`, in the colour of its band.
pub fn score_cell(p: &Paint<'_>, value: Option<f64>, of: Option<Band>) -> Cell {
    match (value, of) {
        (Some(s), Some(b)) => Cell::new(format!("{} {}", score(s), p.m.t(&short_band(b))), band(b)),
        _ => Cell::muted("-"),
    }
}

/// The same, with a mark in place of the space where the person contests it.
pub fn contested(mut cell: Cell, is: bool) -> Cell {
    if is {
        cell.text = cell.text.replacen(' ', "?", 1);
    }
    cell
}

/// The clock that runs: acknowledgement, then talk; a snooze says until when.
pub fn clock(p: &mut Paint<'_>, r: &AlertRow) -> (String, Meaning) {
    let m = p.m;
    if let (AlertState::Snoozed, Some(until)) = (r.alert.state, r.alert.snoozed_until) {
        let left = p.left(until);
        return (m.tf("due-snoozed", &[("left", &left)]), Meaning::Muted);
    }
    let Some(due) = next_due(&r.alert) else {
        let Some(at) = r.alert.talked_at.filter(|_| r.alert.state.is_open()) else { return (String::new(), Meaning::Muted) };
        let ago = p.ago(at);
        return (m.tf("due-talked", &[("ago", &ago)]), Meaning::Good);
    };
    let talk = r.alert.state != AlertState::New || r.alert.talk_due_at <= r.alert.ack_due_at;
    let left = p.left(due);
    let text = m.tf(if talk { "due-talk" } else { "due-ack" }, &[("left", &left)]);
    let hours = due.duration_since(m.now).as_hours();
    if due < m.now {
        return (format!("{}{text}", p.sym.alarm), Meaning::Danger);
    }
    (text, if hours < 24 { Meaning::Warn } else { Meaning::Base })
}

/// Both clocks where there is room: the one that runs out next, and the talk's when that is the other one.
pub fn clocks(p: &mut Paint<'_>, r: &AlertRow) -> Vec<(String, Meaning)> {
    let mut all = vec![clock(p, r)];
    let due = r.alert.talk_due_at;
    // A clock that waits behind another is not said twice, nor after the talk.
    if r.alert.state.is_open() && r.alert.talked_at.is_none() && (r.alert.state == AlertState::Snoozed || next_due(&r.alert) != Some(due)) {
        let left = p.left(due);
        let late = due < p.m.now;
        let text = p.m.tf("due-talk", &[("left", &left)]);
        all.push(if late { (format!("{}{text}", p.sym.alarm), Meaning::Danger) } else { (text, Meaning::Base) });
    }
    all.retain(|c| !c.0.is_empty());
    all
}

/// The row in full, for wide screens: what the columns had no room for.
pub fn detail(p: &mut Paint<'_>, area: Rect, r: &AlertRow) {
    let m = p.m;
    for y in area.y..area.bottom() {
        p.put(area.x.saturating_sub(2), y, 1, p.sym.between, Meaning::Muted);
    }
    let a = &r.alert;
    let mut y = p.wrap(area, area.y, &format!("{}  {}", r.employee.name, r.employee.number), Meaning::Title);
    let cell = score_cell(p, r.score, r.band);
    let clock = clocks(p, r).into_iter().map(|c| c.0).collect::<Vec<_>>().join(", ");
    let raised = p.ago(a.raised_at);
    let touched = p.ago(a.touched_at);
    let by = a.touched_by.clone().unwrap_or_else(|| m.t("machine"));
    let act = m.t(&format!("act-{}", a.touched_act.replace(['.', '_'], "-")));
    let kind = if a.kind.wants_talk() { String::new() } else { m.word("alert-kind", a.kind) };
    let facts = [
        ("fact-kind", kind),
        ("fact-score", cell.text),
        ("fact-contest", if r.contested { m.t("contest-open") } else { String::new() }),
        ("fact-post", r.employee.post.clone()),
        ("fact-org", r.employee.org.trim_start_matches('/').to_owned()),
        ("fact-critical", r.employee.critical.map(|c| m.word("critical-post", c)).unwrap_or_default()),
        ("fact-impact", m.word("impact", r.employee.impact)),
        ("fact-state", m.word("alert-state", a.state)),
        ("fact-clock", clock),
        ("fact-owner", r.owner.clone().unwrap_or_else(|| "-".into())),
        ("fact-level", if a.escalation > 0 { m.t(&format!("escalation-{}", a.escalation.min(3))) } else { String::new() }),
        (
            "fact-raised",
            m.tf("fact-raised-value", &[("ago", &raised), ("n", &a.generation.to_string()), ("events", &a.events.to_string())]),
        ),
        ("fact-talks", r.talks.to_string()),
        ("fact-touched", m.tf("fact-touched-value", &[("act", &act), ("by", &by), ("ago", &touched), ("version", &a.version.to_string())])),
        ("fact-last", r.last_note.clone().unwrap_or_default()),
    ];
    y += 1;
    let labels: Vec<String> = facts.iter().map(|f| m.t(f.0)).collect();
    let indent = widest(&labels) + 1;
    for ((_, value), label) in facts.iter().zip(&labels) {
        if value.is_empty() || y >= area.bottom() {
            continue;
        }
        p.put(area.x, y, indent, label, Meaning::Muted);
        y = p.wrap(Rect { x: area.x + indent, width: area.width.saturating_sub(indent), ..area }, y, value, Meaning::Base);
    }
}
