//! The approvals that wait, and what one of them is for.

use super::{dataset::Remote, list::List};
use crate::{
    backend::{
        Answer, Query,
        answer::{ApprovalRow, FreezeCard},
    },
    domain::{
        act::Entity,
        ids::{AlertId, FreezeId, PlanId},
    },
};

#[derive(Clone, Debug, Default)]
pub struct ApprovalsPane {
    pub list: List<ApprovalRow>,
}

/// An approval that is read, with its subject as the door has it now: nobody approves what they have not seen.
#[derive(Clone, Debug)]
pub struct ApprovalView {
    pub row: ApprovalRow,
    pub subject: Remote<Box<Answer>>,
}

impl ApprovalView {
    /// An approval whose subject is still to be asked for.
    pub fn new(row: ApprovalRow) -> Self {
        Self { row, subject: Remote::default() }
    }

    /// The question for the subject; `None` where the act itself says all there is.
    pub fn query(&self) -> Option<Query> {
        let a = &self.row.approval;
        match a.entity {
            Entity::Plan => Some(Query::Plan { id: PlanId(a.subject) }),
            Entity::Freeze => Some(Query::Freeze { id: FreezeId(a.subject) }),
            Entity::Alert => Some(Query::Alert { id: AlertId(a.subject) }),
            Entity::HandoverItem => self.row.case.map(|id| Query::Offboarding { id }),
            _ => None,
        }
    }

    /// Whether the subject is on screen, or there is none to show.
    pub fn is_read(&self) -> bool {
        self.query().is_none() || self.subject.data.value().is_some()
    }

    /// Version of the subject that is on screen, else the one that the list knows.
    pub fn version(&self) -> Option<i64> {
        let id = self.row.approval.subject;
        match self.subject.data.value().map(AsRef::as_ref) {
            Some(Answer::Plan(r)) => Some(r.plan.version),
            Some(Answer::Freeze(c)) => Some(c.row.order.version),
            Some(Answer::Alert(c)) => Some(c.row.alert.version),
            Some(Answer::Offboarding(c)) => c.items.iter().find(|i| i.id.0 == id).map(|i| i.version),
            _ => self.row.subject_version,
        }
    }

    /// The order that a freeze is asked for with.
    pub fn order(&self) -> Option<&FreezeCard> {
        match self.subject.data.value().map(AsRef::as_ref) {
            Some(Answer::Freeze(c)) => Some(c),
            _ => None,
        }
    }
}
