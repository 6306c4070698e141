//! People, employment spells and the organisation (domain.md 1).

use super::{
    act::{Refusal, RefusalClass},
    ids::{PersonId, SpellId},
    offboarding::CaseState,
    sentence::Sentence,
};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// State of an employment spell. Names are the same in code, database and JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SpellState {
    PreHire,
    Probation,
    Active,
    Notice,
    OnLeave,
    Suspended,
    Departed,
}

impl SpellState {
    /// Whether the spell still counts as employment; at most one such spell a person.
    pub fn is_live(self) -> bool {
        self != Self::Departed
    }
}

/// How a spell ended (domain.md 1, exit kinds).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ExitKind {
    Resigned,
    Mutual,
    Dismissed,
    ProbationFailed,
    ContractEnded,
    Retired,
    Abandoned,
    Died,
}

/// Core posts that are monitored [IN-5].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CriticalPost {
    /// 研发
    Research,
    /// 销售
    Sales,
    /// 质量控制
    Quality,
}

/// What losing the person would cost the company, as HR judges it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Impact {
    Low,
    Medium,
    High,
}

/// A person with the spell that is shown: the live one, else the last.
///
/// The employee number is an attribute, unique among live spells only. `org` is a path of unit names from the root,
/// `/集团/华东/三部`, so that a scope is a prefix.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub id: PersonId,
    pub spell: SpellId,
    pub number: String,
    pub name: String,
    /// Latin letters, lower case, for sorting and finding: imported, else from pinyin; an operator may correct it.
    pub sort_name: String,
    pub org: String,
    pub post: String,
    pub critical: Option<CriticalPost>,
    pub impact: Impact,
    /// Employee number of the line manager.
    pub manager: Option<String>,
    pub state: SpellState,
    pub started: Date,
    pub last_day: Option<Date>,
    pub exit: Option<ExitKind>,
    /// Counts changes that a person can see.
    pub version: i64,
    /// True once the person's key was erased: the fields above hold nothing personal any more.
    pub erased: bool,
    /// Lower case. Two people may share one.
    pub email: Option<String>,
}

/// The few fields by which a row names a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PersonRef {
    pub id: PersonId,
    pub number: String,
    pub name: String,
    pub sort_name: String,
    pub org: String,
    pub post: String,
    pub critical: Option<CriticalPost>,
    pub impact: Impact,
    pub state: SpellState,
}

/// Stands for what the asker's role does not show.
pub const HIDDEN: &str = "***";

/// What stands for a name that is not revealed: its first character.
pub fn pseudonym(name: &str) -> String {
    name.chars().next().map_or_else(String::new, |first| format!("{first}**"))
}

impl PersonRef {
    /// Whether a pseudonym stands for the name.
    pub fn is_hidden(&self) -> bool {
        self.number == HIDDEN
    }
}

/// What erasing somebody may look at: what still hangs on their name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EraseFacts {
    /// A freeze order has not ended.
    pub freeze: bool,
    /// The state of an open offboarding case.
    pub case: Option<CaseState>,
    /// Customers that they own.
    pub owns: i64,
    /// Customers that they are to take over.
    pub takes: i64,
    /// Customers in the pool whose receivables they collect.
    pub collects: i64,
}

/// Whether somebody may be erased. What is being taken from them must end under a name, and no customer is left with an owner who is
/// nobody (domain.md 1 and 16: 16).
pub fn may_erase(f: &EraseFacts) -> Result<(), Refusal> {
    let why = if f.freeze {
        Sentence::new("refused-erase-freeze")
    } else if let Some(state) = f.case {
        Sentence::new("refused-erase-case").with("state", format!("@case-state-{}", state.to_string().replace('_', "-")))
    } else if f.owns > 0 {
        Sentence::new("refused-erase-owner").with("count", f.owns)
    } else if f.takes > 0 {
        Sentence::new("refused-erase-taker").with("count", f.takes)
    } else if f.collects > 0 {
        Sentence::new("refused-erase-collector").with("count", f.collects)
    } else {
        return Ok(());
    };
    Err(Refusal::new(RefusalClass::Policy, why))
}
