//! One case: both tracks, gates with what they miss, and below them items, duties or every missing line.

use super::{
    layout::CASE_HEAD,
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::answer::OffboardingCard,
    console::{
        look::Meaning,
        model::{
            list::Row,
            offboarding::{CaseLine, CaseTab},
        },
    },
    domain::{
        duty::{Duty, DutyKind, DutyState},
        handover::{self, ItemKind, ItemState},
        sentence::Sentence,
    },
    text::money,
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let Some(pane) = &m.case else { return };
    let below = Rect { y: body.y + CASE_HEAD - 1, height: body.height.saturating_sub(CASE_HEAD - 1), ..body };
    match pane.card.data.value() {
        Some(card) => {
            p.stale = pane.card.data.at().is_some() && m.stale().is_some();
            head(p, Rect { height: CASE_HEAD - 1, ..body }, card);
        }
        None => {
            p.put(body.x, body.y, body.width, &pane.label, Meaning::Title);
        }
    }
    if !state::list(p, below, &pane.list, "empty-case") {
        lines(p, below);
    }
}

/// Texts one after the other, with a sign between them.
fn facts(p: &mut Paint<'_>, area: Rect, y: u16, facts: &[(String, Meaning)]) {
    let sep = format!(" {} ", p.sym.between);
    let mut x = area.x;
    for (i, (text, meaning)) in facts.iter().filter(|f| !f.0.is_empty()).enumerate() {
        if i > 0 {
            x = p.run(x, y, area.right(), &sep, Meaning::Muted);
        }
        x = p.run(x, y, area.right(), text, *meaning);
    }
}

fn head(p: &mut Paint<'_>, area: Rect, c: &OffboardingCard) {
    let m = p.m;
    let k = &c.row.case;
    let base = |text: String| (text, Meaning::Base);
    let day = |key: &str, on: jiff::civil::Date| m.tf(key, &[("day", &on.to_string())]);
    let who = format!("{}  {}", c.row.employee.name, c.row.employee.number);
    let first = [
        (who, Meaning::Title),
        base(m.word("spell-state", c.leaver.state)),
        base(m.word("exit-kind", k.exit)),
        base(day("card-last-day", k.last_day)),
        (c.row.employee.post.clone(), Meaning::Muted),
    ];
    facts(p, area, area.y, &first);
    let late = k.state.is_open() && k.handover_due < c.today;
    let sign = if late { p.sym.alarm } else { "" };
    let settled = c.items.iter().filter(|i| i.state.is_settled()).count();
    let owed: i64 = c.customers.iter().map(|h| h.receivable_fen).sum();
    let second = [
        (m.word("case-state", k.state), Meaning::Notice),
        base(m.tf("case-items", &[("done", &settled.to_string()), ("all", &c.items.len().to_string())])),
        (format!("{sign}{}", day("case-due", k.handover_due)), if late { Meaning::Danger } else { Meaning::Base }),
        base(m.tf("case-held", &[("n", &c.customers.iter().filter(|h| !h.declined).count().to_string()), ("owed", &money(owed))])),
        base(m.tf("case-freeze", &[("state", &m.word("freeze-standing", c.row.freeze))])),
    ];
    facts(p, area, area.y + 1, &second);
    let mut x = area.x;
    for g in &c.gates {
        let name = g.gate.to_string().to_uppercase();
        let (text, meaning) = if g.holds {
            (format!("{name} {}", p.sym.ok), Meaning::Good)
        } else {
            (format!("{name} {}{}", p.sym.alarm, g.missing.len()), Meaning::Warn)
        };
        x = p.run(x, area.y + 2, area.right(), &text, meaning) + 2;
    }
    // The first line that is missing; all of them are in a tab of their own.
    if let Some((g, line)) = c.gates.iter().find_map(|g| g.missing.first().map(|l| (g, l))) {
        let what = format!("{} {}: {}", g.gate.to_string().to_uppercase(), m.t(&format!("gate-{}", g.gate)), m.say(line));
        p.put(area.x, area.y + 3, area.width, &what, Meaning::Warn);
    } else {
        p.put(area.x, area.y + 3, area.width, &m.t("case-gates-hold"), Meaning::Good);
    }
    let shown = c.duties.iter().filter(|d| d.kind != DutyKind::LastDay && d.state != DutyState::Void);
    let law: Vec<_> = shown.map(|d| strip(p, d, c.today)).collect();
    facts(p, area, area.y + 4, &law);
}

/// A duty in a few columns: done, or until when.
fn strip(p: &Paint<'_>, d: &Duty, today: jiff::civil::Date) -> (String, Meaning) {
    let name = p.m.t(&format!("short-duty-{}", d.kind.to_string().replace('_', "-")));
    match d.state {
        DutyState::Done => (format!("{name} {}", p.sym.ok), Meaning::Good),
        _ if d.due_on < today => (format!("{}{name} {}", p.sym.alarm, d.due_on.strftime("%m-%d")), Meaning::Danger),
        _ => (format!("{name} {}", d.due_on.strftime(if d.due_on.year() == today.year() { "%m-%d" } else { "%Y-%m" })), Meaning::Base),
    }
}

fn lines(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let Some(pane) = &m.case else { return };
    let columns = match pane.tab {
        CaseTab::Items => {
            let kinds: Vec<String> = ItemKind::iter().map(|k| m.word("item-kind", k)).collect();
            let states: Vec<String> = ItemState::iter().map(|s| m.word("item-state", s)).collect();
            vec![
                Column::new(m.t("col-item"), widest(&kinds), 0),
                Column::new(m.t("col-state"), widest(&states), 0),
                Column::new(m.t("col-reviewer"), 10, 1),
                Column::new(m.t("col-evidence"), 12, 2),
                Column::new(m.t("col-about"), 16, 0).flex(),
            ]
        }
        CaseTab::Duties => {
            let kinds: Vec<String> = DutyKind::iter().map(|k| m.word("duty-kind", k)).collect();
            let states: Vec<String> = DutyState::iter().map(|s| m.word("duty-state", s)).collect();
            vec![
                Column::new(m.t("col-duty"), widest(&kinds), 0),
                Column::new(m.t("col-state"), widest(&states), 0),
                Column::new(m.t("col-day"), 10, 0),
                Column::new(m.t("col-evidence"), 12, 2),
                Column::new(m.t("col-about"), 10, 0).flex(),
            ]
        }
        CaseTab::Gates => vec![Column::new(m.t("col-gate"), 4, 0), Column::new(m.t("col-missing"), 20, 0).flex()],
    };
    let card = pane.card.data.value().map(|c| &**c);
    table::draw(p, area, &columns, &pane.list, |p, line| cells(p, line, card));
}

fn cells(p: &mut Paint<'_>, line: &CaseLine, card: Option<&OffboardingCard>) -> Vec<Cell> {
    let m = p.m;
    let today = card.map(|c| c.today);
    let of_item = if let CaseLine::Item(i) = line { i.customer } else { None };
    let busy = m.is_busy(line.id()) || of_item.is_some_and(|c| m.is_busy(c.into()));
    let hash = |h: Option<&String>| h.and_then(|h| h.get(..10)).unwrap_or("-").to_owned();
    match line {
        CaseLine::Item(i) => {
            let (state, meaning) =
                if busy { (m.t("state-acting"), Meaning::Muted) } else { (m.word("item-state", i.state), item_meaning(i.state)) };
            let last = i.evidence.last();
            let file = hash(last.and_then(|v| v.evidence.file.as_ref()).map(|f| &f.hash));
            let versions = if i.evidence.len() > 1 { format!("{file} v{}", i.evidence.len()) } else { file };
            let label = m.say(&Sentence::new("just-text").with("text", i.label()));
            // What it waits for beside what it is about.
            let why = match i.state {
                ItemState::Returned => i.returned_why().map(|w| m.say(w)),
                ItemState::Blocked | ItemState::Waived => i.why.clone(),
                // The ledger moved since it was handed in: it cannot be accepted so.
                ItemState::Submitted | ItemState::UnderReview => {
                    card.zip(last).and_then(|(c, v)| handover::fault(i, &c.stages, &v.evidence)).map(|w| m.say(&w))
                }
                _ => None,
            };
            let about = [Some(label).filter(|l| l != "-"), why].into_iter().flatten().collect::<Vec<_>>().join(": ");
            vec![
                Cell::base(m.word("item-kind", i.kind)),
                Cell::new(state, meaning),
                Cell::base(i.reviewer_name.clone().unwrap_or_else(|| "-".into())),
                Cell::muted(versions),
                Cell::base(about),
            ]
        }
        CaseLine::Duty(d) => {
            let late = d.state == DutyState::Open && today.is_some_and(|t| d.due_on < t) && d.kind != DutyKind::KeepContract;
            let (state, meaning) = match d.state {
                _ if busy => (m.t("state-acting"), Meaning::Muted),
                DutyState::Open => (m.word("duty-state", d.state), if late { Meaning::Danger } else { Meaning::Base }),
                DutyState::Done => (m.word("duty-state", d.state), Meaning::Good),
                DutyState::Void => (m.word("duty-state", d.state), Meaning::Muted),
            };
            let done = match (&d.done_by, d.done_on) {
                (Some(by), Some(on)) => m.say(&Sentence::new("duty-done-by").with("by", by).with("on", on)),
                _ => String::new(),
            };
            let about = [done, d.note.clone().unwrap_or_default()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("  ");
            vec![
                Cell::base(m.word("duty-kind", d.kind)),
                Cell::new(state, meaning),
                Cell::new(d.due_on.to_string(), if late { Meaning::Danger } else { Meaning::Base }),
                Cell::muted(hash(d.file.as_ref().map(|f| &f.hash))),
                Cell::base(about),
            ]
        }
        CaseLine::Gate { gate, missing, .. } => {
            let name = m.t(&format!("gate-{gate}"));
            let (text, meaning) = match missing {
                Some(what) => (m.say(what), Meaning::Warn),
                None => (m.tf("case-gate-holds", &[("gate", &name)]), Meaning::Good),
            };
            vec![Cell::base(gate.to_string().to_uppercase()), Cell::new(text, meaning)]
        }
    }
}

fn item_meaning(s: ItemState) -> Meaning {
    match s {
        ItemState::Returned | ItemState::Blocked => Meaning::Warn,
        ItemState::Submitted | ItemState::UnderReview => Meaning::Notice,
        ItemState::Accepted => Meaning::Good,
        ItemState::Waived => Meaning::Muted,
        ItemState::Todo => Meaning::Base,
    }
}
