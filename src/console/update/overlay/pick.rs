//! Choices: an owner, a template, a report, how a transfer goes on.

use super::{form, leaves, moved, moves};
use crate::{
    backend::{Query, Target, answer::FreezeRow, query::AlertReport},
    console::{
        command::{
            CommandId,
            key::{Code, Key},
        },
        effect::Slot,
        model::{
            Captured, Item, Model,
            dataset::Remote,
            overlay::{Choice, FormKind, Overlay, Pick, Picking, Prepared, Reader, Reading, Value},
            rows::label,
        },
        update::{act, freeze, offboarding, run},
    },
    domain::{
        act::{Act, Entity},
        freeze::OrderState,
        operator::Operator,
        plan::PlanTemplate,
        sentence::Sentence,
    },
};
use strum::IntoEnumIterator;

/// Opens a list of choices for what the cursor stands on.
pub fn open(m: &mut Model, what: Picking) {
    let on = match what {
        Picking::Running => freeze::target(m),
        _ => m.alert_targets(),
    };
    open_on(m, what, on);
}

/// Opens a choice over targets that were captured elsewhere.
pub fn open_on(m: &mut Model, what: Picking, on: Captured) {
    let choice = |code: String, value| Choice { label: Sentence::new("just-text").with("text", code), value };
    let mut req = None;
    let rows = match what {
        Picking::Owner | Picking::Reviewer => {
            req = Some(m.ask(Slot::Overlay, Query::Operators));
            Vec::new()
        }
        Picking::Template => PlanTemplate::iter()
            .map(|t| choice(format!("@plan-template-{}", t.to_string().replace('_', "-")), Value::Template(t)))
            .collect(),
        Picking::Report => match &on.alert {
            Some(row) => vec![
                choice("@pick-hr-warning".into(), Value::HrWarning(row.alert.id)),
                choice("@pick-manager-summary".into(), Value::ManagerSummary(row.alert.id)),
            ],
            None => return,
        },
        Picking::Transfer => vec![
            choice("@pick-transfer-on".into(), Value::TransferOn),
            choice("@pick-transfer-agreed".into(), Value::TransferAgreed),
            choice("@pick-transfer-declined".into(), Value::TransferDeclined),
            choice("@pick-transfer-failed".into(), Value::TransferFailed),
        ],
        Picking::Running => vec![
            choice("@pick-detach".into(), Value::Detach),
            choice("@pick-stop".into(), Value::Stop),
            choice("@pick-leave".into(), Value::Leave),
        ],
    };
    m.open(Overlay::Pick(Pick { what, on, rows, at: 0, req, note: None, fault: None }));
}

/// What to do with the orders that stand still once this console is left.
pub fn open_running(m: &mut Model, orders: &[FreezeRow]) {
    let item = |r: &FreezeRow| Item { target: Target { id: r.order.id.0, version: Some(r.order.version) }, label: label(&r.employee) };
    // What has not begun is cancelled, not stopped.
    let begun = |r: &&FreezeRow| matches!(r.order.state, OrderState::Executing | OrderState::Partial);
    let stops = orders.iter().any(|r| begun(&r));
    let items = orders.iter().filter(|r| !stops || begun(r)).map(item).collect();
    let on = Captured { entity: Entity::Freeze, items, alert: None, plan: None, who: None };
    open_on(m, Picking::Running, on);
    if let Some(Overlay::Pick(pick)) = m.overlay.as_mut().map(|o| &mut o.what) {
        let left: i64 = orders.iter().map(|r| r.steps_total - r.steps_settled).sum();
        let now = m.now;
        let first = orders.iter().map(|r| r.order.run_at()).min().filter(|at| !stops && *at > now);
        pick.note = Some(match first {
            Some(at) => Sentence::new("waiting-here").with("n", orders.len()).with("at", at),
            None => Sentence::new("running-here").with("n", left),
        });
        for row in &mut pick.rows {
            match row.value {
                Value::Detach => row.label = Sentence::new("just-text").with("text", "@pick-detach-here"),
                Value::Leave => row.label = Sentence::new("just-text").with("text", "@pick-stay"),
                _ => {}
            }
        }
        if !stops {
            pick.rows.retain(|row| row.value != Value::Stop);
        }
    }
}

/// The operators who may be chosen: those who may do anything.
pub fn owners(pick: &mut Pick, all: &[Operator]) {
    pick.rows = all
        .iter()
        .filter(|o| o.is_active())
        .map(|o| Choice {
            label: Sentence::new("pick-owner")
                .with("name", &o.name)
                .with("role", format!("@role-{}", o.role.to_string().replace('_', "-"))),
            value: Value::Owner(o.name.clone()),
        })
        .collect();
}

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::Pick(pick)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    if leaves(key) {
        m.overlay = None;
        return;
    }
    let digit = match key.code {
        Code::Char(c @ '1'..='9') => c.to_digit(10).and_then(|d| usize::try_from(d).ok()).filter(|d| *d <= pick.rows.len()),
        _ => None,
    };
    match (moves(key), digit) {
        (Some(by), _) => pick.at = moved(pick.at, by, pick.rows.len()),
        // A digit only puts the cursor there: Enter takes it, so that no single key ends in an act.
        (None, Some(d)) => pick.at = d - 1,
        (None, None) if key.code == Code::Enter => take(m),
        _ => {}
    }
}

fn take(m: &mut Model) {
    let Some(Overlay::Pick(pick)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let Some(value) = pick.rows.get(pick.at).map(|c| c.value.clone()) else { return };
    let on = pick.on.clone();
    match value {
        Value::Owner(reviewer) if pick.what == Picking::Reviewer => {
            let act = Act::OffboardingAssign { reviewer };
            act::go(m, Prepared { command: CommandId::CaseAssign, act, reason: None, on, form: None, file: None });
        }
        Value::TransferOn => act::go(m, offboarding::transfer(on, Act::CustomerAdvance { confirmed: false })),
        Value::TransferAgreed => act::go(m, offboarding::transfer(on, Act::CustomerAdvance { confirmed: true })),
        Value::TransferDeclined => offboarding::disown(m, FormKind::Decline, on),
        Value::TransferFailed => form::open(m, FormKind::Fail, on),
        Value::Owner(owner) => {
            act::go(
                m,
                Prepared { command: CommandId::AlertAssign, act: Act::AlertAssign { owner }, reason: None, on, form: None, file: None },
            );
        }
        Value::Template(template) => form::open_plan(m, template, on),
        Value::HrWarning(id) => read(m, Query::AlertReport { id, report: AlertReport::HrWarning }),
        Value::ManagerSummary(id) => read(m, Query::AlertReport { id, report: AlertReport::ManagerSummary }),
        Value::Leave => m.overlay = None,
        Value::Detach => {
            m.overlay = None;
            run::quit(m);
        }
        Value::Stop => {
            m.overlay = None;
            act::send(m, Prepared { command: CommandId::FreezeStop, act: Act::FreezeStop, reason: None, on, form: None, file: None });
        }
    }
}

fn read(m: &mut Model, query: Query) {
    let req = m.ask(Slot::Overlay, query);
    let mut wait = Remote::default();
    wait.asked(req);
    m.open(Overlay::Reader(Reader { what: Reading::Report(wait), top: 0 }));
}
