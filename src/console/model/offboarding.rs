//! The offboarding board and the view of one case.

use super::{
    FilterText,
    dataset::Remote,
    label,
    list::{List, Row},
};
use crate::{
    backend::{
        Page,
        answer::{DutyRow, OffboardingCard, OffboardingRow},
        query::CaseView,
    },
    domain::{
        duty::Duty,
        handover::{FileRef, HandoverItem, Version},
        ids::CaseId,
        offboarding::{CaseState, Gate},
        sentence::Sentence,
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use strum::{Display, EnumIter};
use uuid::Uuid;

/// The board.
#[derive(Clone, Debug, Default)]
pub struct BoardPane {
    pub view: CaseView,
    pub filter: FilterText,
    pub list: List<OffboardingRow>,
    pub counts: BTreeMap<CaseState, i64>,
    /// The last of the views is no view of cases: what is owed, whether there is a case or not.
    pub duties: bool,
    pub owed: List<DutyRow>,
}

/// What the list of a case shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum CaseTab {
    #[default]
    Items,
    Duties,
    Gates,
}

/// One case.
#[derive(Clone, Debug)]
pub struct CasePane {
    pub id: CaseId,
    /// Name and number, from the row that was opened, until the card is here.
    pub label: String,
    pub tab: CaseTab,
    pub card: Remote<Box<OffboardingCard>>,
    pub list: List<CaseLine>,
}

/// A line of a case.
#[derive(Clone, Debug)]
pub enum CaseLine {
    Item(Box<HandoverItem>),
    Duty(Box<Duty>),
    /// What a gate wants, or that it wants nothing.
    Gate {
        /// Names the line while it is there.
        n: u128,
        gate: Gate,
        missing: Option<Sentence>,
    },
}

/// A stored file, as far as a terminal can show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    pub bytes: usize,
    /// Its text, harmless; `None` when it is none.
    pub text: Option<String>,
    /// The text goes on.
    pub cut: bool,
}

/// An item that is read: one of its versions in full, with what its file holds.
#[derive(Clone, Debug)]
pub struct ItemView {
    pub item: HandoverItem,
    /// Index of the version.
    pub at: usize,
    pub file: Remote<Blob>,
}

impl ItemView {
    /// An item at its newest version.
    pub fn new(item: HandoverItem) -> Self {
        Self { at: item.evidence.len().saturating_sub(1), item, file: Remote::default() }
    }

    /// The version that is shown.
    pub fn version(&self) -> Option<&Version> {
        self.item.evidence.get(self.at)
    }

    /// Its file.
    pub fn stored(&self) -> Option<&FileRef> {
        self.version()?.evidence.file.as_ref()
    }
}

impl Row for CaseLine {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        match self {
            Self::Item(i) => i.id.into(),
            Self::Duty(d) => d.id.into(),
            Self::Gate { n, .. } => Uuid::from_u128(*n),
        }
    }
    fn version(&self) -> Option<i64> {
        match self {
            Self::Item(i) => Some(i.version),
            Self::Duty(d) => Some(d.version),
            Self::Gate { .. } => None,
        }
    }
    fn label(&self) -> String {
        match self {
            Self::Item(i) => i.label(),
            Self::Duty(d) => d.kind.to_string(),
            Self::Gate { gate, .. } => gate.to_string(),
        }
    }
}

impl Row for OffboardingRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.case.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.case.version)
    }
    fn label(&self) -> String {
        label(&self.employee)
    }
}

impl Row for DutyRow {
    type Id = Uuid;
    fn id(&self) -> Uuid {
        self.duty.id.into()
    }
    fn version(&self) -> Option<i64> {
        Some(self.duty.version)
    }
    fn label(&self) -> String {
        label(&self.employee)
    }
}

impl CasePane {
    /// The pane of a case about which nothing is known yet.
    pub fn new(id: CaseId, label: String) -> Self {
        Self { id, label, tab: CaseTab::default(), card: Remote::default(), list: List::default() }
    }

    /// Lines of the tab that is shown.
    pub fn lines(&self, card: &OffboardingCard) -> Vec<CaseLine> {
        match self.tab {
            CaseTab::Items => card.items.iter().map(|i| CaseLine::Item(Box::new(i.clone()))).collect(),
            CaseTab::Duties => card.duties.iter().map(|d| CaseLine::Duty(Box::new(d.clone()))).collect(),
            CaseTab::Gates => {
                let lines = card.gates.iter().flat_map(|g| match g.missing.as_slice() {
                    [] => vec![(g.gate, None)],
                    missing => missing.iter().map(|m| (g.gate, Some(m.clone()))).collect(),
                });
                lines.zip(1..).map(|((gate, missing), n)| CaseLine::Gate { n, gate, missing }).collect()
            }
        }
    }

    /// Shows a card that came with an act, or another tab of the one that is there. While a question is under way its answer does.
    pub fn fill(&mut self, card: OffboardingCard, at: Timestamp, height: usize) {
        let rows = self.lines(&card);
        if self.list.refresh().is_some() {
            self.list.sent(0);
            let _ = self.list.take(0, Ok((Page { rows, next: None }, at)), height);
            self.card.data.ready(Box::new(card), at);
        }
    }

    /// The item under the cursor.
    pub fn item(&self) -> Option<&HandoverItem> {
        match self.list.current() {
            Some(CaseLine::Item(i)) => Some(i),
            _ => None,
        }
    }

    /// The duty under the cursor.
    pub fn duty(&self) -> Option<&Duty> {
        match self.list.current() {
            Some(CaseLine::Duty(d)) => Some(d),
            _ => None,
        }
    }
}
