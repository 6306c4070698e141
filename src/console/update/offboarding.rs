//! The offboarding board and the case pane: what keys capture there, and the forms that they open.

use super::{act, go, lists, overlay, person};
use crate::{
    backend::{Failure, Target, answer::OffboardingCard},
    console::{
        command::CommandId,
        effect::{Effect, ReqId},
        model::{
            Captured, Item, Lock, Model, Pane, Tone,
            dataset::Remote,
            find::Finding,
            list::Row,
            offboarding::{Blob, CaseLine, CasePane, CaseTab, ItemView},
            overlay::{FormKind, Overlay, Picking, Prepared, Reader, Reading},
            rows::{captured, label},
        },
        view::layout::list_height,
    },
    domain::{
        act::{Act, Entity},
        handover::{HandoverItem, Holding},
        ids::CaseId,
        offboarding::GateStanding,
        sentence::Sentence,
    },
};
use jiff::Timestamp;

/// Opens the pane of a case.
pub fn open(m: &mut Model, id: CaseId, label: String) {
    if m.case.as_ref().is_none_or(|c| c.id != id) {
        m.case = Some(CasePane::new(id, label));
    }
    go(m, Pane::Case);
}

/// Opens the case under the cursor of the board; of a duty without one the person.
pub fn open_at_cursor(m: &mut Model) {
    if m.board.duties {
        let Some(r) = m.board.owed.current() else { return };
        let (who, name) = (r.employee.id, label(&r.employee));
        return match r.duty.case {
            Some(id) => open(m, id, name),
            None => person::open(m, who, name),
        };
    }
    if let Some(r) = m.board.list.current() {
        let (id, name) = (r.case.id, label(&r.employee));
        open(m, id, name);
    }
}

/// Enter on a line of a case: an item is read, a duty is marked, a missing line says what it wants.
pub fn open_line(m: &mut Model) {
    let Some(pane) = &m.case else { return };
    match pane.list.current() {
        Some(CaseLine::Item(i)) => {
            let view = ItemView::new(i.as_ref().clone());
            m.open(Overlay::Reader(Reader { what: Reading::Item(Box::new(view)), top: 0 }));
            fetch(m);
        }
        Some(CaseLine::Duty(_)) => super::run::key(m, CommandId::CaseDuty),
        Some(CaseLine::Gate { missing: Some(what), .. }) => {
            let what = what.clone();
            m.tell(Tone::Info, what);
        }
        _ => {}
    }
}

fn reading(m: &mut Model) -> Option<(&mut ItemView, &mut usize)> {
    match m.overlay.as_mut().map(|o| &mut o.what) {
        Some(Overlay::Reader(Reader { what: Reading::Item(view), top })) => Some((view, top)),
        _ => None,
    }
}

/// Asks for the file of the version that is read.
pub fn fetch(m: &mut Model) {
    let Some(hash) = reading(m).and_then(|(view, _)| view.stored()).map(|f| f.hash.clone()) else { return };
    let req = m.number();
    m.outbox.push(Effect::Get { req, hash });
    if let Some((view, _)) = reading(m) {
        view.file.asked(req);
    }
}

/// Another version of the item that is read.
pub fn turn_version(m: &mut Model, by: isize) {
    let Some((view, top)) = reading(m) else { return };
    let at = view.at.saturating_add_signed(by);
    if view.item.evidence.get(at).is_some() && at != view.at {
        (view.at, view.file, *top) = (at, Remote::default(), 0);
        fetch(m);
    }
}

/// Takes what a file holds, if it is still the one that is read.
pub fn got(m: &mut Model, req: ReqId, result: Result<Blob, Failure>) {
    let now = m.now;
    let Some((view, _)) = reading(m).filter(|(view, _)| view.file.req == Some(req)) else { return };
    view.file.req = None;
    match result {
        Ok(blob) => view.file.data.ready(blob, now),
        Err(why) => view.file.data.failed(why),
    }
}

/// Why a case goes no further: the refusal, and under it every line that its gates miss.
pub fn missing(m: &Model, id: CommandId, why: &Sentence) -> Option<Vec<Sentence>> {
    let card = m
        .case
        .as_ref()
        .filter(|_| m.pane == Pane::Case && matches!(id, CommandId::CaseAdvance | CommandId::CaseClose))?
        .card
        .data
        .value()?;
    let head = |g: &GateStanding| {
        Sentence::new("gate-misses").with("code", g.gate.to_string().to_uppercase()).with("gate", format!("@gate-{}", g.gate))
    };
    let of = |g: &GateStanding| std::iter::once(head(g)).chain(g.missing.iter().cloned()).collect::<Vec<_>>();
    let lines: Vec<_> = card.gates.iter().filter(|g| !g.missing.is_empty()).flat_map(of).collect();
    (!lines.is_empty() && m.lock == Lock::Open).then(|| std::iter::once(why.clone()).chain(lines).collect())
}

/// Another tab of the case that is here.
pub fn turn(m: &mut Model, tab: CaseTab) {
    let height = list_height(m);
    let Some(pane) = &mut m.case else { return };
    pane.tab = tab;
    let Some((card, at)) = pane.card.data.value().cloned().zip(pane.card.data.at()) else { return lists::refresh(m) };
    pane.list.reset();
    pane.fill(*card, at, height);
}

/// A case as an act left it.
pub fn patch(m: &mut Model, card: &OffboardingCard, at: Timestamp) {
    m.board.list.patch(&card.row);
    let height = list_height(m);
    if let Some(pane) = m.case.as_mut().filter(|p| p.id == card.row.case.id) {
        pane.fill(card.clone(), at, height);
    }
}

/// The case that is shown, as a target.
pub fn case_target(m: &Model) -> Captured {
    captured(Entity::Offboarding, m.case.as_ref().and_then(|p| p.card.data.value()).map(|c| &c.row))
}

/// The items that a key would act on now: the marked ones, else the one under the cursor.
pub fn items(m: &Model) -> Vec<&HandoverItem> {
    let Some(pane) = &m.case else { return Vec::new() };
    if pane.list.marks() == 0 {
        return pane.item().into_iter().collect();
    }
    let marked = pane.list.rows().iter().filter(|l| pane.list.is_marked(&l.id()));
    marked.filter_map(|l| if let CaseLine::Item(i) = l { Some(i.as_ref()) } else { None }).collect()
}

/// Those items as targets that name both item and leaver.
pub fn item_target(m: &Model) -> Captured {
    let who = m.case.as_ref().map(|p| p.label.clone()).unwrap_or_default();
    let item = |i: &HandoverItem| Item {
        target: Target { id: i.id.into(), version: Some(i.version) },
        label: format!("{who}  {}", m.say(&i.name())),
    };
    let items = items(m).into_iter().map(item).collect();
    Captured { entity: Entity::HandoverItem, items, alert: None, plan: None, who: None }
}

/// The duty under the cursor.
pub fn duty_target(m: &Model) -> Captured {
    let pane = m.case.as_ref();
    let mut on = captured(Entity::Duty, pane.and_then(|p| p.list.current()).filter(|l| matches!(l, CaseLine::Duty(_))));
    if let (Some(pane), Some(d)) = (pane, pane.and_then(|p| p.duty())) {
        on.items.iter_mut().for_each(|i| i.label = format!("{}  {}", pane.label, m.word("duty-kind", d.kind)));
    }
    on
}

/// The duty under the cursor of the list of all that is owed.
fn owed_target(m: &Model) -> Captured {
    let row = m.board.owed.current();
    let mut on = captured(Entity::Duty, row);
    if let Some(r) = row {
        on.items.iter_mut().for_each(|i| i.label = format!("{}  {}", label(&r.employee), m.word("duty-kind", r.duty.kind)));
    }
    on
}

/// The customers of those items, as the store has them now. An item about none is left out, and a customer of two items comes once.
pub fn customers(m: &Model) -> Captured {
    let mut of: Vec<&Holding> = Vec::new();
    for i in items(m) {
        of.extend(held(m).iter().find(|h| i.customer == Some(h.customer) && !of.iter().any(|o| o.customer == h.customer)));
    }
    let item = |h: &Holding| Item { target: Target { id: h.customer.into(), version: Some(h.version) }, label: h.label() };
    Captured { entity: Entity::Customer, items: of.into_iter().map(item).collect(), alert: None, plan: None, who: None }
}

/// What the leaver holds.
fn held(m: &Model) -> &[Holding] {
    m.case.as_ref().and_then(|p| p.card.data.value()).map_or(&[], |c| &c.customers)
}

/// The captured customers, as they are held.
fn holdings<'a>(m: &'a Model, on: &Captured) -> Vec<&'a Holding> {
    held(m).iter().filter(|h| on.items.iter().any(|i| i.target.id == h.customer.0)).collect()
}

/// Hands customers over: to whom, where nobody takes them yet; else what becomes of the transfer that runs.
fn hand_over(m: &mut Model, on: Captured) {
    let Some(from) = m.case.as_ref().and_then(|p| p.card.data.value()).map(|c| c.row.employee.id) else { return };
    let held = holdings(m, &on);
    let (idle, pool) =
        (held.iter().any(|h| matches!(h.transfer.as_str(), "-" | "@transfer-state-declined")), held.iter().any(|h| !h.declined));
    if idle {
        overlay::find::open(m, Finding::Taker { on, from, pool });
    } else {
        overlay::pick::open_on(m, Picking::Transfer, on);
    }
}

/// Customers whom nobody owns afterwards: who collects what they owe is asked first, then why.
pub fn disown(m: &mut Model, kind: FormKind, on: Captured) {
    let from = m.case.as_ref().and_then(|p| p.card.data.value()).map(|c| c.row.employee.id);
    let owes = holdings(m, &on).iter().any(|h| h.receivable_fen > 0);
    match from.filter(|_| owes) {
        Some(from) => overlay::find::open(m, Finding::Collector { on, from, then: kind }),
        None => form(m, kind, on),
    }
}

/// One arm a command of the case pane.
pub fn run(m: &mut Model, id: CommandId) {
    use CommandId as C;
    let plain = |m: &mut Model, on: Captured, act: Act| act::go(m, Prepared { command: id, act, reason: None, on, form: None, file: None });
    match id {
        C::CaseApprove => plain(m, case_target(m), Act::OffboardingApprove),
        C::CaseAdvance => plain(m, case_target(m), Act::OffboardingAdvance),
        C::CaseClose => plain(m, case_target(m), Act::OffboardingClose),
        C::CaseWithdraw => form(m, FormKind::Withdraw, case_target(m)),
        C::CaseAbandon => form(m, FormKind::Abandon, case_target(m)),
        C::CaseSubmit => form(m, FormKind::HandIn, item_target(m)),
        C::CaseAccept => {
            // Bound to the file that is shown: another one is refused. Several are bound by their versions, which count every file.
            let shown = match items(m).as_slice() {
                [one] => one.evidence.last().and_then(|v| v.evidence.file.clone()),
                _ => None,
            };
            plain(m, item_target(m), Act::OffboardingReview { hash: shown.map(|f| f.hash) });
        }
        C::CaseReturn => form(m, FormKind::Return, item_target(m)),
        C::CaseWaive => form(m, FormKind::Waive, item_target(m)),
        C::CaseBlock => form(m, FormKind::Block, item_target(m)),
        C::CaseCorrect => form(m, FormKind::Correct, item_target(m)),
        C::CaseAssign => overlay::pick::open_on(m, Picking::Reviewer, item_target(m)),
        C::CaseExport => plain(m, item_target(m), Act::OffboardingExport),
        C::CaseDuty => form(m, FormKind::Duty, duty_target(m)),
        C::DutyDone => form(m, FormKind::Duty, owed_target(m)),
        C::CaseRead => open_line(m),
        C::CaseTransfer => {
            let on = customers(m);
            let (all, held) = (items(m).len(), held(m));
            let left_out = items(m).iter().filter(|i| held.iter().all(|h| i.customer != Some(h.customer))).count();
            hand_over(m, on);
            if left_out > 0 {
                m.tell(Tone::Info, Sentence::new("notice-no-customer").with("n", left_out).with("all", all));
            }
        }
        _ => {}
    }
}

fn form(m: &mut Model, kind: FormKind, on: Captured) {
    overlay::form::open(m, kind, on);
}

/// Asks about the person of the person pane: who leaves, who is revealed.
pub fn of_person(m: &mut Model, kind: FormKind) {
    let Some(p) = &m.person else { return };
    let item = Item { target: Target { id: p.id.into(), version: None }, label: p.label.clone() };
    form(m, kind, Captured { entity: Entity::Person, items: vec![item], alert: None, plan: None, who: None });
}

/// After a case was started it is what one looks at.
pub fn started(m: &mut Model, card: &OffboardingCard) {
    open(m, card.row.case.id, label(&card.row.employee));
}

/// A step of the transfer of customers, as an act with its command.
pub fn transfer(on: Captured, act: Act) -> Prepared {
    Prepared { command: CommandId::CaseTransfer, act, reason: None, on, form: None, file: None }
}

/// The unit of the leaver: where somebody who takes over is looked for first.
pub fn unit(m: &Model) -> Option<String> {
    m.case.as_ref()?.card.data.value().map(|c| c.row.employee.org.clone())
}
