//! The offboarding board: cases by stage. Wide screens have a column a stage; narrow ones a list whose first column is the stage.

use super::{
    layout::{BOARD_HEAD, WIDE},
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::answer::OffboardingRow,
    console::{look::Meaning, model::list::Row},
    domain::offboarding::CaseState,
    text::width,
};
use jiff::civil::Date;
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

/// Columns of the board with the states that stand in them, in the order of the list.
const STAGES: [(&str, &[CaseState]); 5] = [
    ("stage-submitted", &[CaseState::Submitted, CaseState::Approved]),
    ("stage-handover", &[CaseState::Handover, CaseState::Returned]),
    ("stage-review", &[CaseState::Review]),
    ("stage-clearance", &[CaseState::Clearance]),
    ("stage-archive", &[CaseState::ReadyToClose, CaseState::Abandoned, CaseState::Closed, CaseState::Withdrawn]),
];
/// Lines of a case in a column.
const CARD: u16 = 3;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    counts(p, body);
    let area = Rect { y: body.y + BOARD_HEAD - 1, height: body.height.saturating_sub(BOARD_HEAD - 1), ..body };
    if m.board.duties {
        return owed(p, area);
    }
    let empty = if m.board.filter.text.is_empty() { "empty-board" } else { "empty-filtered" };
    if state::list(p, area, &m.board.list, empty) {
        return;
    }
    if body.width >= WIDE { columns(p, area) } else { list(p, area) }
}

/// What is owed, the first due first, whether there is a case or not.
fn owed(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    if state::list(p, area, &m.board.owed, "empty-duties") {
        return;
    }
    let columns = [
        Column::new(m.t("col-name"), 10, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-day"), 11, 0),
        Column::new(m.t("col-case"), 9, 1),
        Column::new(m.t("col-duty"), 14, 0).flex(),
    ];
    table::draw(p, area, &columns, &m.board.owed, |p, r| {
        let late = r.duty.due_on < today(p);
        let sign = if late { p.sym.alarm } else { "" };
        let busy = p.m.is_busy(r.id());
        let case = match r.duty.case {
            _ if busy => p.m.t("state-acting"),
            Some(_) => p.m.t("duty-of-case"),
            None => p.m.t("duty-no-case"),
        };
        vec![
            Cell::base(&r.employee.name),
            Cell::base(&r.employee.number),
            Cell::new(format!("{sign}{}", r.duty.due_on), if late { Meaning::Danger } else { Meaning::Base }),
            Cell::muted(case),
            Cell::base(p.m.word("duty-kind", r.duty.kind)),
        ]
    });
}

/// How many cases stand in each state, of all cases whatever the view.
fn counts(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let mut x = body.x;
    for state in CaseState::iter().filter(|s| s.is_open()) {
        let n = m.board.counts.get(&state).copied().unwrap_or(0);
        let text = format!("{} {n}", m.word("case-state", state));
        if usize::from(x) + width(&text) > usize::from(body.right()) {
            break;
        }
        let meaning = match (n, state) {
            (0, _) => Meaning::Muted,
            (_, CaseState::Returned) => Meaning::Warn,
            _ => Meaning::Base,
        };
        x = p.run(x, body.y, body.right(), &text, meaning) + 2;
    }
}

fn today(p: &Paint<'_>) -> Date {
    p.m.now.to_zoned(p.m.zone.clone()).date()
}

/// The day of the handover, and how that stands.
fn due(p: &Paint<'_>, r: &OffboardingRow) -> (String, Meaning) {
    let late = r.case.state.is_open() && r.case.handover_due < today(p);
    let sign = if late { p.sym.alarm } else { "" };
    (format!("{sign}{}", r.case.handover_due), if late { Meaning::Danger } else { Meaning::Base })
}

fn duty(p: &Paint<'_>, r: &OffboardingRow) -> (String, Meaning) {
    let Some((kind, on)) = r.next_duty else { return ("-".into(), Meaning::Muted) };
    let text = format!("{} {}", p.m.word("duty-kind", kind), on.strftime("%m-%d"));
    (text, if on < today(p) { Meaning::Danger } else { Meaning::Base })
}

fn items(r: &OffboardingRow) -> String {
    format!("{}/{}", r.counts.settled, r.counts.all)
}

fn state_meaning(s: CaseState) -> Meaning {
    match s {
        CaseState::Returned | CaseState::Abandoned => Meaning::Warn,
        CaseState::Submitted | CaseState::ReadyToClose => Meaning::Notice,
        CaseState::Closed | CaseState::Withdrawn => Meaning::Muted,
        _ => Meaning::Base,
    }
}

fn list(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let states: Vec<String> = CaseState::iter().map(|s| m.word("case-state", s)).collect();
    let columns = [
        Column::new(m.t("col-name"), 10, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-state"), widest(&states), 0),
        Column::new(m.t("col-handed"), 7, 0),
        Column::new(m.t("col-customers"), 4, 3),
        Column::new(m.t("col-handover-due"), 11, 0),
        Column::new(m.t("col-last-day"), 10, 4),
        Column::new(m.t("col-next-duty"), 14, 1).flex(),
    ];
    table::draw(p, area, &columns, &m.board.list, |p, r| {
        let (due, late) = due(p, r);
        let (duty, owed) = duty(p, r);
        vec![
            Cell::base(&r.employee.name),
            Cell::base(&r.employee.number),
            Cell::new(p.m.word("case-state", r.case.state), state_meaning(r.case.state)),
            Cell::base(items(r)),
            Cell::base(r.held.to_string()),
            Cell::new(due, late),
            Cell::base(r.case.last_day.to_string()),
            Cell::new(duty, owed),
        ]
    });
}

/// A column a stage; the one with the cursor is scrolled so that its case is on screen.
fn columns(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let at = m.board.list.current().map(Row::id);
    let step = area.width / 5;
    for ((key, states), x) in STAGES.iter().zip((area.x..).step_by(usize::from(step.max(1)))) {
        let rows: Vec<_> = m.board.list.rows().iter().filter(|r| states.contains(&r.case.state)).collect();
        let n: i64 =
            states.iter().filter(|s| s.is_open() || m.board.view != Default::default()).filter_map(|s| m.board.counts.get(s)).sum();
        let col = Rect { x, width: step.saturating_sub(2), ..area };
        p.put(
            x + 2,
            area.y,
            col.width.saturating_sub(2),
            &m.tf("stage-count", &[("stage", &m.t(key)), ("n", &n.to_string())]),
            Meaning::Title,
        );
        let fit = usize::from(area.height.saturating_sub(1) / CARD).max(1);
        let here = rows.iter().position(|r| Some(r.id()) == at);
        let top = here.map_or(0, |i| (i + 1).saturating_sub(fit));
        for (r, y) in rows.iter().skip(top).take(fit).zip((area.y + 1..).step_by(usize::from(CARD))) {
            card(p, Rect { y, height: CARD, ..col }, r, Some(r.id()) == at);
        }
        if top + fit < rows.len() {
            p.put(x, area.bottom().saturating_sub(1), 1, p.sym.down, Meaning::Muted);
        }
    }
}

fn card(p: &mut Paint<'_>, area: Rect, r: &OffboardingRow, here: bool) {
    if here {
        p.put(area.x, area.y, 1, p.sym.cursor, Meaning::Selection);
    }
    let x = p.run(area.x + 2, area.y, area.right(), &r.employee.name, if here { Meaning::Selection } else { Meaning::Base });
    p.run(x + 1, area.y, area.right(), &r.employee.number, Meaning::Muted);
    let x = p.run(area.x + 2, area.y + 1, area.right(), &p.m.word("case-state", r.case.state), state_meaning(r.case.state));
    p.run(x + 1, area.y + 1, area.right(), &items(r), Meaning::Muted);
    let (due, late) = due(p, r);
    let text = p.m.tf("board-due", &[("day", &due)]);
    p.run(area.x + 2, area.y + 2, area.right(), &text, late);
}
