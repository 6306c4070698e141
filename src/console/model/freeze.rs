//! The freeze pane: orders, one order with its steps, and the plan that is looked at before anything is asked for.

use super::{FilterText, dataset::Remote, line::Line, list::List};
use crate::{
    backend::{
        Query,
        answer::{FreezeCard, FreezeRow},
        query::FreezeView,
    },
    domain::{
        freeze::{Level, Mode, plan::Plan},
        ids::{FreezeId, PersonId},
        sentence::Sentence,
    },
};
use jiff::Timestamp;

#[derive(Clone, Debug, Default)]
pub struct FreezePane {
    pub view: FreezeView,
    pub filter: FilterText,
    pub list: List<FreezeRow>,
}

/// One order: its head, a line a step, a gap, a note; the cursor stands on one of them.
#[derive(Clone, Debug)]
pub struct OrderPane {
    pub id: FreezeId,
    /// Name and number, from the row that was opened.
    pub label: String,
    pub card: Remote<Box<FreezeCard>>,
    pub at: usize,
    pub top: usize,
}

impl OrderPane {
    /// The pane of an order about which nothing is known yet.
    pub fn new(id: FreezeId, label: String) -> Self {
        Self { id, label, card: Remote::default(), at: 0, top: 0 }
    }

    /// Steps, gaps and notes.
    pub fn len(&self) -> usize {
        self.card.data.value().map_or(0, |c| c.steps.len() + c.row.order.gaps.len() + c.notes.len())
    }

    /// Whether there is nothing to stand on.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of the step or gap under the cursor.
    pub fn number(&self) -> Option<i64> {
        let card = self.card.data.value()?;
        let steps = card.steps.iter().map(|s| s.n);
        steps.chain(card.row.order.gaps.iter().map(|g| g.n)).nth(self.at)
    }

    /// Puts the cursor on a line and keeps it on screen.
    pub fn to(&mut self, at: usize, height: usize) {
        self.at = at.min(self.len().saturating_sub(1));
        self.top = self.top.min(self.at).max((self.at + 1).saturating_sub(height.max(1)));
    }
}

/// What a plan is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Planning {
    Freeze(PersonId),
    /// Gives back what that order took, at that version.
    Thaw(FreezeId, i64),
}

/// How a freeze is meant; Tab goes through them.
pub const HOWS: [(Level, Mode); 5] = [
    (Level::Suspend, Mode::Immediate),
    (Level::Restrict, Mode::Immediate),
    (Level::Suspend, Mode::Planned),
    (Level::Suspend, Mode::Emergency),
    (Level::Delete, Mode::Immediate),
];

/// The plan overlay.
#[derive(Clone, Debug)]
pub struct PlanView {
    pub about: Planning,
    /// Name and number of the person, pinned when the key was pressed.
    pub label: String,
    /// Index into [`HOWS`].
    pub how: usize,
    /// When a planned one runs, as typed; the cursor is in it while `typing`.
    pub when: Line,
    pub typing: bool,
    pub plan: Remote<Box<Plan>>,
    pub top: usize,
    pub fault: Option<Sentence>,
    /// Why it is looked at again, and the plan that was seen.
    pub changed: Option<(Sentence, Box<Plan>)>,
}

impl PlanView {
    /// The question for the plan as it is meant now.
    pub fn query(&self, at: Option<Timestamp>) -> Query {
        match self.about {
            Planning::Thaw(id, _) => Query::ThawPlan { id },
            Planning::Freeze(id) => {
                let (level, mode) = self.meant();
                Query::FreezePlan { id, level, mode, at: at.filter(|_| mode == Mode::Planned), except: Vec::new() }
            }
        }
    }

    /// Level and mode.
    pub fn meant(&self) -> (Level, Mode) {
        HOWS.get(self.how).copied().unwrap_or((Level::Suspend, Mode::Immediate))
    }
}
