//! Freeze orders; and one order, a line a step, updated in place.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::answer::FreezeCard,
    console::{
        look::Meaning,
        model::{dataset::Dataset, freeze::OrderPane, list::Row},
    },
    domain::{
        freeze::{Direction, Level, OrderState, Step, StepState, lines},
        target::StepKind,
    },
    text::{self, stamp, width},
};
use jiff::SignedDuration;
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

/// Lines above the steps of an order.
pub const HEAD: u16 = 6;

/// How a state is meant: what is not done is loud.
pub fn order_meaning(state: OrderState) -> Meaning {
    match state {
        OrderState::Partial | OrderState::Failed | OrderState::Drifted => Meaning::Danger,
        OrderState::PendingApproval | OrderState::Approved | OrderState::Executing | OrderState::Thawing => Meaning::Notice,
        OrderState::Verified | OrderState::Complete => Meaning::Good,
        OrderState::Thawed | OrderState::Cancelled | OrderState::Expired => Meaning::Muted,
    }
}

fn step_meaning(state: StepState) -> Meaning {
    match state {
        StepState::Unknown | StepState::Rejected => Meaning::Danger,
        StepState::Sent | StepState::Async => Meaning::Notice,
        StepState::Confirmed => Meaning::Good,
        StepState::Pending | StepState::Waived => Meaning::Muted,
    }
}

pub fn list(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let empty = if m.freezes.filter.text.is_empty() { "empty-freezes" } else { "empty-filtered" };
    if state::list(p, body, &m.freezes.list, empty) {
        return;
    }
    let states: Vec<String> = OrderState::iter().map(|s| m.word("freeze-state", s)).chain([m.t("thaw-state-complete")]).collect();
    let levels: Vec<String> = Level::iter().map(|l| m.word("level", l)).collect();
    let thaw = widest(&[m.word("direction", Direction::Thaw)]);
    let columns = [
        Column::new(m.t("col-name"), 12, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-order"), widest(&levels) + thaw + 1, 0),
        Column::new(m.t("col-state"), widest(&states), 0),
        Column::new(m.t("col-steps"), 6, 1),
        Column::new(m.t("col-when"), 16, 2),
        Column::new(m.t("col-requester"), 8, 1).flex(),
    ];
    table::draw(p, body, &columns, &m.freezes.list, |p, r| {
        let o = &r.order;
        let busy = p.m.is_busy(r.id());
        let state = if busy { p.m.t("state-acting") } else { p.m.t(&lines::state(o)) };
        let thaw = if o.undoes.is_some() { format!("{} ", p.m.word("direction", o.intent.direction)) } else { String::new() };
        vec![
            Cell::base(&r.employee.name),
            Cell::base(&r.employee.number),
            Cell::base(format!("{thaw}{}", p.m.word("level", o.intent.level))),
            Cell::new(state, order_meaning(o.state)),
            Cell::base(format!("{}/{}", r.steps_settled, r.steps_total)),
            Cell::muted(stamp(o.run_at(), &p.m.zone)),
            Cell::muted(&o.requester_name),
        ]
    });
}

pub fn order(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let Some(pane) = &m.order else {
        let what = m.t("empty-order");
        p.wrap(Rect { x: body.x + 2, width: body.width.saturating_sub(4), ..body }, body.y + 2, &what, Meaning::Muted);
        return;
    };
    let card = match &pane.card.data {
        Dataset::Failed(why) => return state::failed(p, body, why),
        Dataset::NotAsked | Dataset::Loading => {
            p.put(body.x, body.y, body.width, &pane.label, Meaning::Title);
            return state::loading(p, Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body });
        }
        Dataset::Ready { value, .. } => {
            p.stale = m.is_stale();
            value
        }
        Dataset::Stale { value, .. } => {
            p.stale = true;
            value
        }
    };
    head(p, Rect { height: HEAD, ..body }, card);
    steps(p, Rect { y: body.y + HEAD, height: body.height.saturating_sub(HEAD), ..body }, pane, card);
    p.stale = false;
}

/// Who, what, how far, and how long access can still go on.
fn head(p: &mut Paint<'_>, area: Rect, card: &FreezeCard) {
    let m = p.m;
    let (o, who) = (&card.row.order, &card.row.employee);
    let sep = format!(" {} ", p.sym.between);
    let mut x = p.run(area.x, area.y, area.right(), &format!("{}  {}", who.name, who.number), Meaning::Title);
    for fact in [m.word("spell-state", who.state), who.post.clone(), super::unit(&who.org)].iter().filter(|f| !f.is_empty()) {
        x = p.run(x, area.y, area.right(), &sep, Meaning::Muted);
        x = p.run(x, area.y, area.right(), fact, Meaning::Base);
    }
    let thaw = if o.undoes.is_some() { format!("{} ", m.word("direction", o.intent.direction)) } else { String::new() };
    let what = format!("{thaw}{}", m.word("level", o.intent.level));
    let mut x = p.run(area.x, area.y + 1, area.right(), &what, Meaning::Base);
    x = p.run(x, area.y + 1, area.right(), &sep, Meaning::Muted);
    let busy = m.is_busy(o.id.0);
    let state = if busy { m.t("state-acting") } else { m.t(&lines::state(o)) };
    x = p.run(x, area.y + 1, area.right(), &state, order_meaning(o.state));
    x = p.run(x, area.y + 1, area.right(), &sep, Meaning::Muted);
    x = p.run(x, area.y + 1, area.right(), &m.say(&lines::progress(&card.steps)), Meaning::Base);
    // What a thaw gives back is not access that goes on.
    if o.undoes.is_none() {
        x = p.run(x, area.y + 1, area.right(), &sep, Meaning::Muted);
        let (residual, meaning) = residual(p, card);
        p.run(x, area.y + 1, area.right(), &residual, meaning);
    }
    let told = lines::order_lines(o);
    for (y, line) in (area.y + 2..).zip(told.iter().skip(told.len().saturating_sub(3))) {
        let text = m.say(line);
        p.put(area.x, y, area.width, &text, Meaning::Muted);
    }
    let hash = m.tf("plan-hash", &[("hash", o.plan_hash.get(..16).unwrap_or(&o.plan_hash))]);
    p.rule(area, area.bottom().saturating_sub(1), &hash);
}

/// The residual-access clock: it runs on screen between two answers.
fn residual(p: &mut Paint<'_>, card: &FreezeCard) -> (String, Meaning) {
    let m = p.m;
    let at = m.order.as_ref().and_then(|o| o.card.data.at()).unwrap_or(m.now);
    match card.residual_seconds {
        None => (m.t("residual-unknown"), Meaning::Danger),
        Some(s) => {
            let left = (s - m.now.duration_since(at).as_secs().max(0)).max(0);
            if left == 0 {
                return (m.t("residual-zero"), Meaning::Good);
            }
            // By the minute while it is long: a second costs bytes over a slow line.
            let step = if left > 120 { left % 60 + 1 } else { 1 };
            p.wake(m.now + SignedDuration::from_secs(step));
            let text = if left >= 3600 {
                format!("{}:{:02} h", left / 3600, left % 3600 / 60)
            } else if left > 120 {
                format!("{} min", left / 60)
            } else {
                format!("{left} s")
            };
            (m.tf("residual-left", &[("left", &text)]), Meaning::Warn)
        }
    }
}

fn steps(p: &mut Paint<'_>, area: Rect, pane: &OrderPane, card: &FreezeCard) {
    let m = p.m;
    // On a narrow screen the columns are those of this order, and a login that the target already tells makes room for why.
    let narrow = area.width < 72;
    let twice = card.steps.iter().any(|s| card.steps.iter().any(|o| o.target == s.target && o.account != s.account));
    let all = |k: &StepKind| !narrow || card.steps.iter().any(|s| s.kind == *k);
    let kinds: Vec<String> = StepKind::iter().filter(all).map(|k| m.word("step", k)).collect();
    let all = |state: &StepState| !narrow || card.steps.iter().any(|s| s.state == *state);
    let states: Vec<String> = StepState::iter().filter(all).map(|s| m.word("step-state", s)).collect();
    let targets = u16::try_from(card.steps.iter().map(|s| width(&s.target)).max().unwrap_or(6).clamp(4, 14)).unwrap_or(14);
    let logins = u16::try_from(card.steps.iter().map(|s| width(&s.login)).max().unwrap_or(6).clamp(4, 16)).unwrap_or(16);
    let (kind_w, state_w) = (widest(&kinds).min(22), widest(&states));
    let login_w = if !narrow || twice { logins + 1 } else { 0 };
    let tail = area.x + 2 + targets + 1 + login_w + kind_w + 1 + state_w + 1;
    let lines: Vec<(String, Vec<String>)> = (pane.top..pane.len()).map(|i| line(p, card, i, tail, area)).collect();
    // Nothing is cut where all of it has room; else Enter opens a line in full.
    let spread = pane.top == 0 && lines.iter().map(|(_, below)| 1 + below.len()).sum::<usize>() <= usize::from(area.height);
    let mut y = area.y;
    for (i, (text, below)) in (pane.top..).zip(&lines) {
        if y >= area.bottom() {
            break;
        }
        let here = i == pane.at;
        if here {
            p.put(area.x, y, 1, p.sym.cursor, Meaning::Selection);
        }
        let (x, meaning) = match card.steps.get(i) {
            Some(s) => {
                let mut x = area.x + 2;
                p.put(x, y, targets, &s.target, if here { Meaning::Selection } else { Meaning::Base });
                x += targets + 1;
                if login_w > 0 {
                    p.put(x, y, logins, &s.login, Meaning::Muted);
                    x += login_w;
                }
                p.put(x, y, kind_w, &m.word("step", s.kind), Meaning::Base);
                p.put(x + kind_w + 1, y, state_w, &m.word("step-state", s.state), step_meaning(s.state));
                (tail, Meaning::Muted)
            }
            None => {
                let gap = card.row.order.gaps.get(i - card.steps.len());
                let meaning = match (here, gap, gap.and_then(|g| g.bound)) {
                    (true, ..) => Meaning::Selection,
                    (_, None, _) => Meaning::Base,
                    (_, Some(g), _) if g.waived_by.is_some() => Meaning::Muted,
                    (_, _, None) => Meaning::Danger,
                    _ => Meaning::Warn,
                };
                (area.x + 2, meaning)
            }
        };
        let is_step = i < card.steps.len();
        match (spread && !below.is_empty(), is_step) {
            (true, true) => {}
            (true, false) => {
                let first = text::wrap(text, usize::from(area.right().saturating_sub(x))).into_iter().next().unwrap_or_default();
                p.put(x, y, area.right().saturating_sub(x), &first, meaning);
            }
            (false, _) => {
                p.put(x, y, area.right().saturating_sub(x), text, meaning);
            }
        }
        y += 1;
        for rest in below.iter().filter(|_| spread) {
            p.put(area.x + BELOW, y, area.right().saturating_sub(area.x + BELOW), rest, meaning);
            y += 1;
        }
    }
    if pane.top + usize::from(area.height) < pane.len() {
        p.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, p.sym.down, Meaning::Muted);
    }
}

/// Indent of what stands below its line.
const BELOW: u16 = 6;

/// What a line says, and the lines that it takes below where it has no room beside.
fn line(p: &mut Paint<'_>, card: &FreezeCard, i: usize, tail: u16, area: Rect) -> (String, Vec<String>) {
    let m = p.m;
    let below = usize::from(area.width.saturating_sub(BELOW + 1));
    let (steps, gaps) = (&card.steps, &card.row.order.gaps);
    if let Some(s) = steps.get(i) {
        let text = note(p, s);
        let fits = text::width(&text) <= usize::from(area.right().saturating_sub(tail));
        let rest = if fits { Vec::new() } else { text::wrap(&text, below) };
        return (text, rest);
    }
    let told = gaps.get(i - steps.len()).map(lines::gap_line);
    let told = told.or_else(|| card.notes.get(i - steps.len() - gaps.len()).map(lines::note_line));
    let text = told.map(|t| m.say(&t).replace('\n', " ")).unwrap_or_default();
    let room = usize::from(area.width.saturating_sub(2));
    let first = text::wrap(&text, room).into_iter().next().unwrap_or_default();
    let mut rest = match text.get(first.len()..).map(str::trim) {
        Some(rest) if !rest.is_empty() => text::wrap(rest, below),
        _ => Vec::new(),
    };
    if rest.len() > MOST_BELOW {
        // A long note leaves room for the others.
        rest.truncate(MOST_BELOW);
        if let Some(last) = rest.last_mut() {
            *last = text::fit(&format!("{last} .."), below);
        }
    }
    (text, rest)
}

/// Most lines below one.
const MOST_BELOW: usize = 3;

/// When it was confirmed, how long it has been on its way, or why it is where it is.
fn note(p: &mut Paint<'_>, s: &Step) -> String {
    let m = p.m;
    match (s.state, s.confirmed_at, s.sent_at, &s.error) {
        (StepState::Sent, _, Some(at), _) => {
            p.wake(m.now + SignedDuration::from_secs(1));
            format!("{} s", m.now.duration_since(at).as_secs().max(0))
        }
        (StepState::Confirmed, Some(at), ..) => stamp(at, &m.zone),
        (StepState::Waived, ..) => s.evidence.clone().unwrap_or_default(),
        (_, _, _, Some(why)) => {
            let again = (s.state == StepState::Pending && s.due_at > m.now).then(|| p.left(s.due_at));
            let why = m.say(why);
            match again {
                Some(left) => m.tf("step-again", &[("left", &left), ("why", &why)]),
                None => why,
            }
        }
        _ => String::new(),
    }
}
