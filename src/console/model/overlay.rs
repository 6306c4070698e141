//! What lies over a pane: at most one thing at a time, by type.

use super::{
    Captured, admin::AdminView, approvals::ApprovalView, dataset::Remote, find::Find, freeze::PlanView, line::Line, offboarding::ItemView,
};
use crate::{
    backend::answer::{AuditRow, ContestCard, Explanation, FreezeRow, PlanRow, Report, WhatIf},
    console::{command::CommandId, effect::ReqId, msg::Stamp},
    domain::{
        act::Act,
        alert::DismissReason,
        ids::{AlertId, PersonId},
        plan::PlanTemplate,
        sentence::Sentence,
    },
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tui_textarea::TextArea;

/// An overlay and when it was first drawn. Until then a dialog takes no keys: they were typed for what lay there before.
#[derive(Clone, Debug)]
pub struct Open {
    pub what: Overlay,
    pub shown: Option<Stamp>,
}

/// The overlays.
#[derive(Clone, Debug)]
pub enum Overlay {
    Confirm(Confirm),
    Pick(Pick),
    Form(Box<Form>),
    Palette(Palette),
    Keys(Keys),
    Filter(Line),
    Reader(Reader),
    WhatIf(Box<WhatIfForm>),
    FreezePlan(Box<PlanView>),
    Find(Box<Find>),
    /// The model's own import.
    Import,
}

impl Overlay {
    /// Whether keys typed before it appeared are dropped: all that can end in an act.
    pub fn drops_early_keys(&self) -> bool {
        matches!(
            self,
            Self::Confirm(_)
                | Self::Pick(_)
                | Self::Form(_)
                | Self::FreezePlan(_)
                | Self::Import
                | Self::Reader(Reader { what: Reading::Approval(_) | Reading::Contest(_), .. })
        )
    }
}

/// A question that is answered No unless somebody says Yes.
#[derive(Clone, Debug)]
pub struct Confirm {
    pub what: Confirming,
    /// The choice that Enter takes; false at first.
    pub yes: bool,
    /// First target on screen, when there are many.
    pub top: usize,
}

/// What is confirmed.
#[derive(Clone, Debug)]
pub enum Confirming {
    Act(Box<Prepared>),
    Quit,
}

/// An act that is ready to go: what was captured at the key press is what is shown and what is sent.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub command: CommandId,
    pub act: Act,
    pub reason: Option<String>,
    pub on: Captured,
    /// The form that it was written in: it comes back with its text when the act is refused or fails.
    pub form: Option<Box<Form>>,
    /// A file of this machine that the act names once it is in the store.
    pub file: Option<PathBuf>,
}

/// A list of choices.
#[derive(Clone, Debug)]
pub struct Pick {
    pub what: Picking,
    pub on: Captured,
    pub rows: Vec<Choice>,
    pub at: usize,
    /// Rows are still on their way.
    pub req: Option<ReqId>,
    /// What to know before one is taken.
    pub note: Option<Sentence>,
    pub fault: Option<Sentence>,
}

/// What is picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picking {
    Owner,
    Template,
    Report,
    /// Leaving while an order executes.
    Running,
    /// Who reviews an item.
    Reviewer,
    /// What becomes of a transfer that runs.
    Transfer,
}

/// One choice.
#[derive(Clone, Debug)]
pub struct Choice {
    pub label: Sentence,
    pub value: Value,
}

/// What a choice stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Owner(String),
    Template(PlanTemplate),
    HrWarning(AlertId),
    ManagerSummary(AlertId),
    Leave,
    /// Leave the console; the order goes on.
    Detach,
    /// Stop the order after the steps on their way.
    Stop,
    TransferOn,
    /// The same without waiting: the customer agreed in writing.
    TransferAgreed,
    TransferDeclined,
    TransferFailed,
}

/// A form over captured targets.
#[derive(Clone, Debug)]
pub struct Form {
    pub kind: FormKind,
    pub on: Captured,
    pub fields: Vec<Field>,
    pub focus: usize,
    /// Number of the step or gap that a waiver is for.
    pub number: Option<i64>,
    /// The order that is approved, as it was read.
    pub order: Option<Box<FreezeRow>>,
    /// What keeps it from being sent.
    pub fault: Option<Sentence>,
}

impl Form {
    /// Name and number of what it is about.
    pub fn label(&self) -> String {
        self.on.items.first().map(|i| i.label.clone()).unwrap_or_default()
    }

    /// What its draft is kept under.
    pub fn key(&self) -> DraftKey {
        (self.kind, self.on.first_id())
    }

    /// Takes a reason why it was not done; the caret goes to the field that it is about, where that is known.
    pub fn fail(&mut self, why: Sentence) {
        let about: &[&str] = match why.code.as_ref() {
            "fault-confirm" | "refused-freeze-confirm" => &["field-confirm"],
            "refused-emergency-ticket" => &["field-ticket"],
            "fault-file" | "fault-file-missing" | "fault-file-denied" | "fault-not-a-file" => &["field-file"],
            "fault-when" => &["field-when"],
            "fault-until" => &["field-until"],
            "fault-cost" => &["field-cost", "field-receivables"],
            "refused-empty-text" => {
                &["field-reason", "field-evidence", "field-note", "field-needs", "field-plan", "field-said", "field-answer"]
            }
            _ => &[],
        };
        if let Some(at) = self.fields.iter().position(|f| about.contains(&f.name)) {
            self.focus = at;
        }
        self.fault = Some(why);
    }
}

/// Which form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    Talk,
    Note,
    Snooze,
    Dismiss,
    Resolve,
    Reopen,
    Reveal,
    /// What a person says against their score.
    Contest,
    Answer,
    Plan,
    Deny,
    Outcome,
    Freeze,
    Thaw,
    /// Yes to a freeze or a thaw.
    Approve,
    WaiveStep,
    Start,
    Withdraw,
    Abandon,
    HandIn,
    Return,
    Waive,
    Block,
    Correct,
    Duty,
    Pool,
    Decline,
    Fail,
    /// A new operator.
    Operator,
    /// The ground on which a kind of signal is switched on.
    Basis,
}

/// What a draft is kept under: form and first target.
pub type DraftKey = (FormKind, String);

/// What was typed in a form and not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub form: FormKind,
    /// Id of the first target.
    pub about: String,
    /// Name and number of the first target.
    pub label: String,
    /// A text for each field.
    pub values: Vec<String>,
}

/// One field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Key of its label: `field-needs`.
    pub name: &'static str,
    pub input: Input,
}

/// How a field is filled in.
#[derive(Clone, Debug)]
pub enum Input {
    Line(Line),
    Area(Box<TextArea<'static>>),
    /// Keys of the labels of the choices, and which one is taken.
    Choice {
        options: Vec<String>,
        at: usize,
    },
}

/// The command palette.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    pub query: Line,
    pub at: usize,
}

/// The key help, with a search line.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub query: Line,
    pub top: usize,
}

/// Long text that is read and scrolled.
#[derive(Clone, Debug)]
pub struct Reader {
    pub what: Reading,
    pub top: usize,
}

/// What is read.
#[derive(Clone, Debug)]
pub enum Reading {
    Report(Remote<Report>),
    Explain(Remote<Box<Explanation>>),
    Plan(Box<PlanRow>),
    Approval(Box<ApprovalView>),
    /// A contest of a score, before it is answered.
    Contest(Remote<Box<ContestCard>>),
    Entry(Box<AuditRow>),
    Admin(Box<AdminView>),
    Item(Box<ItemView>),
    /// What became of each target of an act: (label, refusal).
    Outcomes(Vec<(String, Option<Sentence>)>),
    /// Sentences, as they are.
    Lines(Vec<Sentence>),
    /// Why a case goes no further: the refusal, then what its gates miss.
    Missing(Vec<Sentence>),
    /// Mistakes in the operator's files, at start.
    Faults(Vec<Sentence>),
}

/// "What if the pay gap closed": the person's inputs, changed, and the answer.
#[derive(Clone, Debug)]
pub struct WhatIfForm {
    pub person: PersonId,
    pub label: String,
    /// Feature, value today, typed value.
    pub fields: Vec<(String, Option<f64>, Line)>,
    pub focus: usize,
    pub answer: Remote<Box<WhatIf>>,
    pub fault: Option<Sentence>,
}

/// The reasons of a dismissal, in the order of the form.
pub const DISMISS_REASONS: [DismissReason; 4] =
    [DismissReason::Expected, DismissReason::StaleData, DismissReason::Duplicate, DismissReason::WrongPerson];
