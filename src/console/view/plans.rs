//! Retention plans.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    console::look::Meaning,
    domain::plan::{PlanState, PlanTemplate},
    text::{day, money},
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
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
