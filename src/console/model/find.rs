//! Looking for a person by number or name: whose accounts are frozen, who takes customers over, who collects what they owe.

use super::{Captured, dataset::Remote, line::Line, overlay::FormKind};
use crate::domain::{
    customer::{Taker, may_take},
    ids::PersonId,
    person::{PersonRef, SpellState},
    sentence::Sentence,
};

/// What somebody is looked for.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Whose accounts are frozen.
    Account,
    /// Who takes over what that leaver holds; the pool is offered where something can still go there.
    Taker { on: Captured, from: PersonId, pool: bool },
    /// Who collects what customers owe once nobody owns them; the form of the reason comes next.
    Collector { on: Captured, from: PersonId, then: FormKind },
}

/// The search.
#[derive(Clone, Debug)]
pub struct Find {
    pub what: Finding,
    pub line: Line,
    /// Text of the answer that is shown; empty is what was offered unasked.
    pub asked: String,
    pub found: Remote<Vec<PersonRef>>,
    /// More people fit than are shown.
    pub more: bool,
    pub at: usize,
}

impl Find {
    /// A search that has found nobody yet.
    pub fn new(what: Finding) -> Self {
        Self { what, line: Line::default(), asked: String::new(), found: Remote::default(), more: false, at: 0 }
    }

    /// What the people are looked for on behalf of, if anything.
    pub fn on(&self) -> Option<&Captured> {
        match &self.what {
            Finding::Account => None,
            Finding::Taker { on, .. } | Finding::Collector { on, .. } => Some(on),
        }
    }

    /// Rows as they are shown; `None` is the pool, which is offered while nobody in particular was asked for.
    pub fn rows(&self) -> Vec<Option<&PersonRef>> {
        let pool = matches!(self.what, Finding::Taker { pool: true, .. }) && self.asked.is_empty();
        let people = self.found.data.value().into_iter().flatten().map(Some);
        pool.then_some(None).into_iter().chain(people).collect()
    }

    /// Why somebody cannot be chosen, as the domain says it.
    pub fn refused(&self, who: &PersonRef) -> Option<Sentence> {
        let (Finding::Taker { from, .. } | Finding::Collector { from, .. }) = &self.what else { return None };
        let leaving = who.id == *from || matches!(who.state, SpellState::Notice | SpellState::Departed);
        may_take(Some(&Taker { id: who.id, number: who.number.clone(), state: who.state, leaving })).err().map(|r| r.why)
    }
}
