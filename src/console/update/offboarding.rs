//! The offboarding board and the case pane: what keys capture there, and the forms that they open.

use super::{act, go, lists, overlay};
use crate::{
    backend::{Target, answer::OffboardingCard},
    console::{
        command::CommandId,
        model::{
            Captured, Item, Model, Pane, Tone,
            offboarding::{CaseLine, CasePane, CaseTab},
            overlay::{FormKind, Overlay, Picking, Prepared, Reader, Reading},
            rows::{captured, label},
        },
        view::layout::list_height,
    },
    domain::{
        act::{Act, Entity},
        ids::{CaseId, PersonId},
        sentence::Sentence,
    },
};
use jiff::Timestamp;
use uuid::Uuid;

/// Opens the pane of a case.
pub fn open(m: &mut Model, id: CaseId, label: String) {
    if m.case.as_ref().is_none_or(|c| c.id != id) {
        m.case = Some(CasePane::new(id, label));
    }
    go(m, Pane::Case);
}

/// Opens the case under the cursor of the board.
pub fn open_at_cursor(m: &mut Model) {
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
            let item = i.clone();
            m.open(Overlay::Reader(Reader { what: Reading::Item(item), top: 0 }));
        }
        Some(CaseLine::Duty(_)) => super::run::key(m, CommandId::CaseDuty),
        Some(CaseLine::Gate { missing: Some(what), .. }) => {
            let what = what.clone();
            m.tell(Tone::Info, what);
        }
        _ => {}
    }
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

/// The item under the cursor, as a target that names both item and leaver.
pub fn item_target(m: &Model) -> Captured {
    line_target(m, Entity::HandoverItem, |line| matches!(line, CaseLine::Item(_)))
}

/// The duty under the cursor.
pub fn duty_target(m: &Model) -> Captured {
    line_target(m, Entity::Duty, |line| matches!(line, CaseLine::Duty(_)))
}

fn line_target(m: &Model, entity: Entity, of: impl Fn(&CaseLine) -> bool) -> Captured {
    let mut on = captured(entity, m.case.as_ref().and_then(|p| p.list.current()).filter(|l| of(l)));
    let line = m.case.as_ref().and_then(|p| p.list.current());
    let what = match line {
        Some(CaseLine::Item(i)) => m.say(&i.name()),
        Some(CaseLine::Duty(d)) => m.word("duty-kind", d.kind),
        _ => String::new(),
    };
    let who = m.case.as_ref().map(|p| p.label.clone()).unwrap_or_default();
    on.items.iter_mut().for_each(|i| i.label = format!("{who}  {what}"));
    on
}

/// The customer of the item under the cursor, as the store has it now.
fn customer_target(m: &Model) -> Option<Captured> {
    let pane = m.case.as_ref()?;
    let id = pane.item()?.customer?;
    let held = pane.card.data.value()?.customers.iter().find(|h| h.customer == id)?;
    let target = Target { id: id.into(), version: Some(held.version) };
    Some(Captured { entity: Entity::Customer, items: vec![Item { target, label: held.label() }], alert: None, plan: None })
}

/// One arm a command of the case pane.
pub fn run(m: &mut Model, id: CommandId) {
    use CommandId as C;
    let plain =
        |m: &mut Model, on: Captured, act: Act| act::go(m, Prepared { command: id, act, reason: None, on, draft: None, file: None });
    match id {
        C::CaseApprove => plain(m, case_target(m), Act::OffboardingApprove),
        C::CaseAdvance => plain(m, case_target(m), Act::OffboardingAdvance),
        C::CaseClose => plain(m, case_target(m), Act::OffboardingClose),
        C::CaseWithdraw => form(m, FormKind::Withdraw, case_target(m)),
        C::CaseAbandon => form(m, FormKind::Abandon, case_target(m)),
        C::CaseSubmit => form(m, FormKind::HandIn, item_target(m)),
        C::CaseAccept => {
            // Bound to the file that is shown: another one is refused.
            let shown = m.case.as_ref().and_then(|p| p.item()).and_then(|i| i.evidence.last());
            let hash = shown.and_then(|v| v.evidence.file.as_ref()).map(|f| f.hash.clone());
            plain(m, item_target(m), Act::OffboardingReview { hash });
        }
        C::CaseReturn => form(m, FormKind::Return, item_target(m)),
        C::CaseWaive => form(m, FormKind::Waive, item_target(m)),
        C::CaseBlock => form(m, FormKind::Block, item_target(m)),
        C::CaseCorrect => form(m, FormKind::Correct, item_target(m)),
        C::CaseAssign => overlay::pick::open_on(m, Picking::Reviewer, item_target(m)),
        C::CaseExport => plain(m, item_target(m), Act::OffboardingExport),
        C::CaseDuty => form(m, FormKind::Duty, duty_target(m)),
        C::CaseRead => open_line(m),
        C::CaseTransfer => {
            if let Some(on) = customer_target(m) {
                overlay::pick::open_on(m, Picking::Successor, on);
            }
        }
        _ => {}
    }
}

fn form(m: &mut Model, kind: FormKind, on: Captured) {
    overlay::form::open(m, kind, on);
}

/// The person of the person pane leaves.
pub fn start(m: &mut Model) {
    let Some(p) = &m.person else { return };
    let item = Item { target: Target { id: p.id.into(), version: None }, label: p.label.clone() };
    form(m, FormKind::Start, Captured { entity: Entity::Person, items: vec![item], alert: None, plan: None });
}

/// After a case was started it is what one looks at.
pub fn started(m: &mut Model, card: &OffboardingCard) {
    open(m, card.row.case.id, label(&card.row.employee));
}

/// Transfer of the customer under the cursor, as an act with its command.
pub fn transfer(on: Captured, act: Act) -> Prepared {
    Prepared { command: CommandId::CaseTransfer, act, reason: None, on, draft: None, file: None }
}

/// The unit of the leaver and their id: where successors are looked for.
pub fn successors(m: &Model) -> Option<(String, PersonId)> {
    let card = m.case.as_ref()?.card.data.value()?;
    Some((card.row.employee.org.clone(), card.row.employee.id))
}

/// State of the transfer of a captured customer: a text code, `-` where none runs.
pub fn transfer_state(m: &Model, id: Uuid) -> Option<String> {
    let card = m.case.as_ref()?.card.data.value()?;
    card.customers.iter().find(|h| Uuid::from(h.customer) == id).map(|h| h.transfer.clone())
}

/// Says why there is no customer to hand over.
pub fn no_customer(m: &Model) -> Option<Sentence> {
    customer_target(m).is_none().then(|| Sentence::new("off-no-customer"))
}
