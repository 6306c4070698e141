//! Rows of the door, as lists and confirmations name them; and the alerts that keys act on.

use super::{Captured, Item, Model, Pane, list::Row};
use crate::{
    backend::{
        Target,
        answer::{AlertRow, ApprovalRow, AuditRow, FreezeRow, PersonRow, PlanRow, TimelineRow},
    },
    domain::{act::Entity, ids::PersonId, person::PersonRef},
};
use uuid::Uuid;

/// How a person is named in a confirmation or a notice.
pub fn label(p: &PersonRef) -> String {
    format!("{} {}", p.name, p.number)
}

impl Row for AlertRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.alert.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.alert.version)
    }
    fn label(&self) -> String {
        label(&self.employee)
    }
}

impl Row for PersonRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.person.id.into()
    }
    fn label(&self) -> String {
        label(&self.person)
    }
}

impl Row for PlanRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.plan.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.plan.version)
    }
    fn label(&self) -> String {
        label(&self.employee)
    }
}

impl Row for ApprovalRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.approval.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.approval.version)
    }
    fn label(&self) -> String {
        self.employee.as_ref().map_or_else(|| self.approval.subject.to_string(), label)
    }
}

impl Row for FreezeRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.order.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.order.version)
    }
    fn label(&self) -> String {
        label(&self.employee)
    }
}

impl Row for TimelineRow {
    /// A signal and a score have no id of their own on the timeline: the cursor of a row names it.
    type Id = String;
    fn id(&self) -> String {
        self.key.clone()
    }
    fn label(&self) -> String {
        self.key.clone()
    }
}

impl Row for AuditRow {
    type Id = i64;
    fn id(&self) -> i64 {
        self.entry.seq
    }
    fn label(&self) -> String {
        self.entry.seq.to_string()
    }
}

impl Model {
    /// The alert under the cursor of a pane that works on alerts.
    pub fn alert_at_cursor(&self) -> Option<&AlertRow> {
        match self.pane {
            Pane::Today => self.today.urgent.current(),
            Pane::Alerts => self.alerts.list.current(),
            Pane::Person => self.person.as_ref()?.card.data.value()?.alert.as_ref(),
            _ => None,
        }
    }

    /// The alerts that a key would act on now: the marked ones, else the one under the cursor.
    pub fn alert_targets(&self) -> Captured {
        let list = match self.pane {
            Pane::Today => Some(&self.today.urgent),
            Pane::Alerts => Some(&self.alerts.list),
            _ => None,
        };
        let marked = list.map(|l| l.marked()).unwrap_or_default();
        if marked.is_empty() {
            return captured(Entity::Alert, self.alert_at_cursor()).with_alert(self.alert_at_cursor());
        }
        let items =
            marked.into_iter().map(|(id, m)| Item { target: Target { id, version: m.version }, label: m.label }).collect::<Vec<_>>();
        let only = match items.as_slice() {
            [one] => list.and_then(|l| l.rows().iter().find(|r| r.id() == one.target.id)),
            _ => None,
        };
        Captured { entity: Entity::Alert, items, alert: None, plan: None, who: None }.with_alert(only)
    }

    /// Rows of those alerts that are on hand, for deciding what is allowed.
    pub fn alert_target_rows(&self, on: &Captured) -> Vec<&AlertRow> {
        let rows: &[AlertRow] = match self.pane {
            Pane::Today => self.today.urgent.rows(),
            Pane::Alerts => self.alerts.list.rows(),
            _ => return self.alert_at_cursor().into_iter().collect(),
        };
        rows.iter().filter(|r| on.items.iter().any(|i| i.target.id == r.id())).collect()
    }

    /// The freeze order that the cursor is on, or that is shown.
    pub fn shown_order(&self) -> Option<&FreezeRow> {
        match self.pane {
            Pane::Freezes => self.freezes.list.current(),
            Pane::Order => self.order.as_ref()?.card.data.value().map(|c| &c.row),
            _ => None,
        }
    }

    /// The order that an act was captured for, as it is known here.
    pub fn order_of(&self, on: &Captured) -> Option<&FreezeRow> {
        let id = on.items.first().filter(|_| on.entity == Entity::Freeze && on.is_one())?.target.id;
        let card = self.order.as_ref().and_then(|o| o.card.data.value()).map(|c| &c.row);
        card.into_iter().chain(self.freezes.list.rows()).find(|r| r.order.id.0 == id)
    }

    /// The person whom the cursor is about.
    pub fn person_at_cursor(&self) -> Option<(PersonId, String, String)> {
        let of = |p: &PersonRef| (p.id, label(p), p.number.clone());
        match self.pane {
            Pane::Today | Pane::Alerts => self.alert_at_cursor().map(|r| of(&r.employee)),
            Pane::People => self.people.list.current().map(|r| of(&r.person)),
            Pane::Person => {
                let pane = self.person.as_ref()?;
                let card = pane.card.data.value();
                Some((pane.id, pane.label.clone(), card.map(|c| c.person.number.clone()).unwrap_or_default()))
            }
            Pane::Plans => self.plans.list.current().map(|r| of(&r.employee)),
            Pane::Approvals => self.approvals.list.current().and_then(|r| r.employee.as_ref()).map(of),
            Pane::Freezes | Pane::Order => self.shown_order().map(|r| of(&r.employee)),
            Pane::Offboarding if self.board.duties => self.board.owed.current().map(|r| of(&r.employee)),
            Pane::Offboarding => self.board.list.current().map(|r| of(&r.employee)),
            Pane::Case => {
                let pane = self.case.as_ref()?;
                pane.card.data.value().map(|c| of(&c.row.employee))
            }
            Pane::Admin => None,
            Pane::Audit => self.audit.list.current().and_then(|r| r.subjects.first()).map(of),
        }
    }
}

/// One row as the target of an act.
pub fn captured<R: Row<Id = Uuid>>(entity: Entity, row: Option<&R>) -> Captured {
    let item = |r: &R| Item { target: Target { id: r.id(), version: r.version() }, label: r.label() };
    Captured { entity, items: row.map(item).into_iter().collect(), alert: None, plan: None, who: None }
}

impl Captured {
    fn with_alert(mut self, row: Option<&AlertRow>) -> Self {
        self.alert = row.cloned().map(Box::new);
        self
    }

    /// What a draft over these targets is kept under.
    pub fn first_id(&self) -> String {
        self.items.first().map(|i| i.target.id.to_string()).unwrap_or_default()
    }

    /// Whether there is exactly one target.
    pub fn is_one(&self) -> bool {
        self.items.len() == 1
    }
}
