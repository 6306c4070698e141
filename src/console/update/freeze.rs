//! The freeze pane: opening orders, looking at plans, asking, approving, confirming, stopping.

use super::{act, go, lists, overlay, run};
use crate::{
    backend::{
        Answer, Failure, Filter, Query, Reply, Target,
        answer::FreezeRow,
        query::{FreezeView, Slice},
    },
    console::{
        command::{
            CommandId, Scope, enabled,
            key::{Code, Key},
            keymap::Found,
        },
        effect::{ReqId, Slot},
        model::{
            Captured, Item, Model, Pane, Tone,
            find::Finding,
            freeze::{HOWS, OrderPane, PlanView, Planning},
            line::Line,
            overlay::{Form, FormKind, Overlay, Picking, Prepared},
            rows::label,
        },
        view::overlay::freeze as sheet,
    },
    domain::{
        act::{Act, Entity},
        freeze::{Mode, OrderState, lines, plan::Plan},
        ids::{FreezeId, PersonId},
        sentence::Sentence,
    },
    text::stamp,
};
use jiff::{SignedDuration, Timestamp};

/// All of an order is one answer: a slice only says that it is asked for.
impl lists::Scroll for OrderPane {
    fn step(&mut self, by: isize, height: usize) -> Option<Slice> {
        self.to(self.at.saturating_add_signed(by), height);
        None
    }
    fn first(&mut self) -> Option<Slice> {
        self.to(0, 1);
        None
    }
    fn last(&mut self, height: usize) -> Option<Slice> {
        self.to(usize::MAX, height);
        None
    }
    fn refresh(&mut self) -> Option<Slice> {
        Some(Slice::default())
    }
    fn sent(&mut self, req: ReqId) {
        self.card.asked(req);
    }
    fn reset(&mut self) {}
    fn clamp(&mut self, height: usize) {
        self.to(self.at, height);
    }
    fn toggle_mark(&mut self) {}
    fn toggle_all(&mut self) {}
    fn unmark_all(&mut self) -> usize {
        0
    }
}

/// Opens the pane of an order.
pub fn open(m: &mut Model, id: FreezeId, label: String) {
    if m.order.as_ref().is_none_or(|o| o.id != id) {
        m.order = Some(OrderPane::new(id, label));
    }
    go(m, Pane::Order);
}

/// Opens the order under the cursor.
pub fn open_at_cursor(m: &mut Model) {
    if let Some((id, name)) = m.freezes.list.current().map(|r| (r.order.id, label(&r.employee))) {
        open(m, id, name);
    }
}

/// `F`: a plan for the person under the cursor; in the freeze pane it asks for whom.
pub fn plan(m: &mut Model) {
    match (m.pane, m.person_at_cursor()) {
        (Pane::Freezes | Pane::Order, _) | (_, None) => overlay::find::open(m, Finding::Account),
        (_, Some((id, label, _))) => look(m, Planning::Freeze(id), label),
    }
}

/// A plan to thaw the order that is shown.
pub fn thaw(m: &mut Model) {
    let Some(o) = m.shown_order() else { return };
    let (about, name) = (Planning::Thaw(o.order.id, o.order.version), label(&o.employee));
    look(m, about, name);
}

/// Shows the plan for somebody.
pub fn look(m: &mut Model, about: Planning, label: String) {
    show(m, about, label, None);
}

/// The plan, or the order that is thawed, was another one by the time it was asked for: what it is now is read anew and stands beside what
/// was seen. What was typed waits in its form, but for what confirms it.
pub fn anew(m: &mut Model, form: Option<Box<Form>>, why: Sentence) {
    let seen = form.as_ref().and_then(|f| Some((f, f.on.plan.clone()?, f.on.items.first()?.clone())));
    let Some((written, was, item)) = seen.filter(|_| m.overlay.is_none()) else { return overlay::form::back(m, form, why) };
    overlay::form::draft(m, written);
    m.notice = None;
    let about = match written.kind {
        FormKind::Thaw => {
            let version = overlay::form::version_in(&why).or(item.target.version);
            Planning::Thaw(FreezeId(item.target.id), version.unwrap_or_default())
        }
        _ => Planning::Freeze(PersonId(item.target.id)),
    };
    show(m, about, item.label, Some((why, was)));
}

fn show(m: &mut Model, about: Planning, label: String, changed: Option<(Sentence, Box<Plan>)>) {
    let meant = changed.as_ref().map(|(_, was)| &was.intent);
    let how = meant.and_then(|i| HOWS.iter().position(|h| *h == (i.level, i.mode))).unwrap_or(0);
    let at = meant.and_then(|i| i.at).unwrap_or(m.now + SignedDuration::from_hours(1));
    let when = Line::new(stamp(at, &m.zone));
    let view = PlanView { about, label, how, when, typing: false, plan: Default::default(), top: 0, fault: None, changed };
    m.open(Overlay::FreezePlan(Box::new(view)));
    ask(m);
}

/// Asks for the plan as it is meant now; the one that is shown is not kept, for it would be taken for this one.
fn ask(m: &mut Model) {
    let zone = m.zone.clone();
    let Some(Overlay::FreezePlan(view)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    let at = if view.meant().1 == Mode::Planned {
        match overlay::form::when(view.when.text(), &zone) {
            Ok(at) => Some(at),
            Err(why) => {
                view.fault = Some(why);
                return;
            }
        }
    } else {
        None
    };
    view.fault = None;
    view.top = 0;
    let query = view.query(at);
    let req = m.ask(Slot::Overlay, query);
    if let Some(Overlay::FreezePlan(view)) = m.overlay.as_mut().map(|o| &mut o.what) {
        view.plan = Default::default();
        view.plan.asked(req);
    }
}

/// Keys of the plan overlay.
pub fn plan_key(m: &mut Model, key: Key) {
    let (most, page) = sheet::scroll(m);
    let Some(Overlay::FreezePlan(view)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    if view.typing && key.code != Code::Tab {
        match key.code {
            Code::Esc => view.typing = false,
            Code::Enter => {
                view.typing = false;
                ask(m);
            }
            _ => {
                view.when.key(key);
            }
        }
        return;
    }
    let key = key.narrow();
    // What is looked at stays: the lock is lifted where it is in the way.
    if matches!(m.keys.find(&[Scope::Global], &[key]), Found::Command(CommandId::AppLock)) {
        return run::key(m, CommandId::AppLock);
    }
    let Some(Overlay::FreezePlan(view)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    let page = isize::try_from(page.max(1)).unwrap_or(1);
    let by = match (key.code, key.ctrl) {
        _ if overlay::leaves(key) => {
            m.overlay = None;
            return;
        }
        (Code::Tab, _) if matches!(view.about, Planning::Freeze(_)) => {
            let by = if key.shift { HOWS.len() - 1 } else { 1 };
            view.how = (view.how + by) % HOWS.len();
            view.typing = false;
            // Another plan is not compared with that one.
            view.changed = None;
            return ask(m);
        }
        (Code::Char('t'), false) if view.meant().1 == Mode::Planned => {
            view.typing = true;
            return;
        }
        (Code::Enter, _) => return to_form(m),
        (Code::PageDown | Code::Char(' '), false) | (Code::Char('f'), true) => page,
        (Code::PageUp, false) | (Code::Char('u'), true) => -page,
        (Code::Home | Code::Char('g'), false) => isize::MIN,
        (Code::End | Code::Char('G'), false) => isize::MAX,
        _ => overlay::moves(key).unwrap_or(0),
    };
    view.top = view.top.min(most).saturating_add_signed(by).min(most);
}

/// From the plan that is on screen to its form; the act carries this plan's hash and no other.
fn to_form(m: &mut Model) {
    let Some(Overlay::FreezePlan(view)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let Some(plan) = view.plan.data.value().cloned() else { return };
    if let Some(why) = plan.blocked.first() {
        return m.tell(Tone::Warn, why.clone());
    }
    if let Err(why) = enabled::unlocked(m) {
        return m.tell(Tone::Warn, why);
    }
    let (entity, id, version, kind) = match view.about {
        Planning::Freeze(id) => (Entity::Person, id.0, Some(plan.intent.spell_version), FormKind::Freeze),
        Planning::Thaw(id, version) => (Entity::Freeze, id.0, Some(version), FormKind::Thaw),
    };
    let item = Item { target: Target { id, version }, label: view.label.clone() };
    let on = Captured { entity, items: vec![item], alert: None, plan: Some(plan), who: None };
    m.notice = None;
    overlay::form::open(m, kind, on);
}

/// The order that the cursor is about, as the target of an act.
pub fn target(m: &Model) -> Captured {
    let item =
        m.shown_order().map(|r| Item { target: Target { id: r.order.id.0, version: Some(r.order.version) }, label: label(&r.employee) });
    Captured { entity: Entity::Freeze, items: item.into_iter().collect(), alert: None, plan: None, who: None }
}

/// An act on the order that needs no more words.
pub fn plain(m: &mut Model, command: CommandId, act: Act) {
    let on = target(m);
    act::go(m, Prepared { command, act, reason: None, on, form: None, file: None });
}

/// Yes to exactly the plan that is on screen; it lands on a person, so the person is typed.
pub fn approve(m: &mut Model) {
    if let Some(row) = m.shown_order().cloned() {
        overlay::form::open_approve(m, row);
    }
}

/// Leaving the console is not stopping an order. Where this process runs the orders, those under way are asked for first, for they
/// would stand still; the second time, or without a link, nothing holds anybody up.
pub fn leave(m: &mut Model) {
    if m.leaving.take().is_none() && m.runs && !m.is_stale() {
        let query = Query::Freezes { view: FreezeView::Open, filter: Filter::default(), slice: Slice::default() };
        m.leaving = Some(m.ask(Slot::Leave, query));
        return;
    }
    let shown = m.pane == Pane::Order && m.shown_order().is_some_and(|r| r.order.state == OrderState::Executing);
    if shown && !m.runs {
        overlay::pick::open(m, Picking::Running);
    } else {
        run::quit(m);
    }
}

/// Takes what is under way. Somebody who is in a dialog by now has stayed.
pub fn left(m: &mut Model, req: ReqId, result: Result<Reply, Failure>) {
    if m.leaving.take_if(|r| *r == req).is_none() || m.overlay.is_some() {
        return;
    }
    let rows = match result {
        Ok(Reply { answer: Answer::Freezes(page), .. }) => page.rows,
        _ => Vec::new(),
    };
    let now = m.now;
    let orders: Vec<_> = rows.into_iter().filter(|r| is_under_way(r, now)).collect();
    if orders.is_empty() {
        run::quit(m);
    } else {
        overlay::pick::open_running(m, &orders);
    }
}

/// Whose hour comes within this many hours is asked about as well: nobody may come back to this console before.
const SOON: i64 = 24;

/// Whether something of an order is about to be sent or read back, or will be soon.
fn is_under_way(r: &FreezeRow, now: Timestamp) -> bool {
    match r.order.state {
        OrderState::Approved => r.order.run_at() <= now + SignedDuration::from_hours(SOON),
        OrderState::Executing => true,
        OrderState::Partial => !r.order.held && r.steps_settled < r.steps_total,
        _ => false,
    }
}

/// Asks for the order again when its clock or a step's time has run on.
pub fn due(m: &mut Model) {
    let Some(pane) = m.order.as_ref().filter(|_| m.pane == Pane::Order) else { return };
    let (Some(card), Some(at)) = (pane.card.data.value(), pane.card.data.at()) else { return };
    let next = card.row.order.check_at.into_iter().chain(card.steps.iter().filter(|s| !s.state.is_settled()).map(|s| s.due_at)).min();
    if next.is_some_and(|t: Timestamp| at < t && t < m.now) {
        lists::refresh(m);
    }
}

/// Everything about the step, gap or note under the cursor; below it, in full, what the head of the order has no room for.
pub fn line_at_cursor(m: &Model) -> Option<Vec<Sentence>> {
    let pane = m.order.as_ref()?;
    let card = pane.card.data.value()?;
    let Some(number) = pane.number() else {
        let above = card.steps.len() + card.row.order.gaps.len();
        return card.notes.get(pane.at.checked_sub(above)?).map(|n| vec![lines::note_line(n)]);
    };
    let mut told = match card.steps.iter().find(|s| s.n == number) {
        Some(s) => Some(lines::step_lines(s)),
        None => card.row.order.gaps.iter().find(|g| g.n == number).map(lines::gap_lines),
    }?;
    told.push(Sentence::new("just-text").with("text", ""));
    told.extend(lines::order_lines(&card.row.order));
    Some(told)
}
