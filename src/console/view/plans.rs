//! Retention plans, and the approvals that wait.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    console::{look::Meaning, model::PlansTab},
    domain::{
        act::Act,
        approval::ApprovalState,
        plan::{PlanState, PlanTemplate},
    },
    text::{day, money, stamp},
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    match p.m.plans.tab {
        PlansTab::Plans => plans(p, body),
        PlansTab::Approvals => approvals(p, body),
    }
}

fn plans(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let empty = if m.plans.filter.text.is_empty() { "empty-plans" } else { "empty-filtered" };
    if state::list(p, body, &m.plans.list, empty) {
        return;
    }
    let states: Vec<String> = PlanState::iter().map(|s| m.word("plan-state", s)).collect();
    let templates: Vec<String> = PlanTemplate::iter().map(|t| m.word("plan-template", t)).collect();
    let columns = [
        Column::new(m.t("col-name"), 12, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-template"), widest(&templates), 0),
        Column::new(m.t("col-state"), widest(&states), 0),
        Column::new(m.t("col-outcome"), 9, 4),
        Column::new(m.t("col-changed"), 10, 3),
        Column::new(m.t("col-cost"), 12, 2),
        Column::new(m.t("col-proposer"), 8, 1).flex(),
    ];
    table::draw(p, body, &columns, &m.plans.list, |p, r| {
        let plan = &r.plan;
        let outcome = plan.outcome_180.or(plan.outcome_90).map(|o| p.m.word("plan-outcome", o)).unwrap_or_default();
        let meaning = match plan.state {
            PlanState::Submitted => Meaning::Notice,
            PlanState::Rejected | PlanState::Cancelled | PlanState::Closed => Meaning::Muted,
            _ => Meaning::Base,
        };
        vec![
            Cell::base(&r.employee.name),
            Cell::base(&r.employee.number),
            Cell::base(p.m.word("plan-template", plan.body.template)),
            Cell::new(p.m.word("plan-state", plan.state), meaning),
            Cell::base(outcome),
            Cell::muted(day(plan.touched_at, &p.m.zone)),
            Cell::base(plan.body.cost_fen.map(money).unwrap_or_else(|| "-".into())),
            Cell::muted(&plan.proposer_name),
        ]
    });
}

fn approvals(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    if state::list(p, body, &m.plans.approvals, "empty-approvals") {
        return;
    }
    let states: Vec<String> = ApprovalState::iter().map(|s| m.word("approval-state", s)).collect();
    let columns = [
        Column::new(m.t("col-name"), 12, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-state"), widest(&states), 0),
        Column::new(m.t("col-proposer"), 10, 1),
        Column::new(m.t("col-expires"), 14, 2),
        Column::new(m.t("col-what"), 14, 0).flex(),
    ];
    table::draw(p, body, &columns, &m.plans.approvals, |p, r| {
        let a = &r.approval;
        let what = match &a.act {
            Act::AlertSnooze { until } => p.m.tf("approval-snooze", &[("until", &stamp(*until, &p.m.zone))]),
            act => p.m.t(&format!("act-{}", act.name().replace(['.', '_'], "-"))),
        };
        let open = a.state == ApprovalState::Open;
        let expires = if open { p.left(a.expires_at) } else { a.decided_by.clone().unwrap_or_default() };
        vec![
            Cell::base(r.employee.as_ref().map_or("-", |e| &e.name)),
            Cell::base(r.employee.as_ref().map_or("-", |e| &e.number)),
            Cell::new(p.m.word("approval-state", a.state), if open { Meaning::Notice } else { Meaning::Muted }),
            Cell::base(&a.proposer_name),
            Cell::muted(expires),
            Cell::base(what),
        ]
    });
}
