//! What runs the home: operators, tokens, roles, targets, signal switches, jobs, health. Each section is a list of lines.

use super::{dataset::Remote, list::List, list::Row};
use crate::{
    backend::{
        Page, Query,
        answer::{JobRow, QuarantineRow, RoleRow, Verified},
        query::Slice,
    },
    domain::{
        freeze::{TargetRow, drill::Drill},
        operator::Operator,
        person::PersonRef,
        signal::KindPolicy,
        target::Health,
        token::Token,
    },
};
use jiff::Timestamp;
use strum::{Display, EnumIter, IntoEnumIterator};

/// The sections, as Tab goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum AdminTab {
    #[default]
    Operators,
    Tokens,
    Roles,
    Targets,
    Signals,
    Jobs,
    Health,
}

/// Rows that are counted: more than these are said to be more.
pub const COUNTED: u32 = 500;

/// The pane. What lies beside the list is asked for with it, in slots of its own.
#[derive(Clone, Debug, Default)]
pub struct AdminPane {
    pub tab: AdminTab,
    pub list: List<AdminLine>,
    pub tokens: Remote<Vec<Token>>,
    pub jobs: Remote<Page<JobRow>>,
    pub quarantine: Remote<Page<QuarantineRow>>,
    pub drill: Remote<Option<Box<Drill>>>,
    /// Asked for by a key only: it goes to every target.
    pub health: Remote<Vec<Health>>,
    /// The last walk over the chains, and when.
    pub verified: Option<(Timestamp, Verified)>,
}

/// A line of a section.
#[derive(Clone, Debug)]
pub enum AdminLine {
    Operator(Box<Operator>),
    Token(Box<Token>),
    /// A role and how many operators have it.
    Role(Box<RoleRow>),
    Target(Box<TargetRow>),
    Kind(Box<KindPolicy>),
    Job(Box<JobRow>),
    Fact(HomeFact),
}

/// What the health section says, a line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum HomeFact {
    Version,
    Backend,
    Company,
    People,
    Scored,
    Link,
    Jobs,
    Quarantine,
    Drill,
    Chains,
}

/// A line that is read, with whose login an operator is.
#[derive(Clone, Debug)]
pub struct AdminView {
    pub line: AdminLine,
    pub who: Remote<Vec<PersonRef>>,
}

impl Row for AdminLine {
    /// The sections have ids of different kinds.
    type Id = String;
    fn id(&self) -> String {
        match self {
            Self::Operator(o) => o.id.to_string(),
            Self::Token(t) => t.id.to_string(),
            Self::Role(r) => r.role.to_string(),
            Self::Target(t) => t.name.clone(),
            Self::Kind(k) => k.kind.to_string(),
            Self::Job(j) => j.id.to_string(),
            Self::Fact(f) => f.to_string(),
        }
    }
    fn version(&self) -> Option<i64> {
        match self {
            Self::Operator(o) => Some(o.version),
            Self::Token(t) => Some(t.version),
            Self::Kind(k) => Some(k.version),
            _ => None,
        }
    }
    fn label(&self) -> String {
        match self {
            Self::Operator(o) => o.name.clone(),
            Self::Token(t) => t.name.clone(),
            _ => self.id(),
        }
    }
}

impl AdminPane {
    /// The question that fills the list of the section.
    pub fn query(&self, slice: Slice) -> Query {
        match self.tab {
            AdminTab::Operators => Query::Operators,
            AdminTab::Roles => Query::Roles,
            AdminTab::Tokens => Query::Tokens,
            AdminTab::Targets => Query::Targets,
            AdminTab::Signals => Query::Kinds,
            AdminTab::Jobs => Query::Jobs { slice },
            AdminTab::Health => Query::Home,
        }
    }

    /// What is known of a target's health.
    pub fn health_of(&self, target: &str) -> Option<&Health> {
        self.health.data.value()?.iter().find(|h| h.target == target)
    }

    /// The tokens of an operator that still open the door, the first to expire first.
    pub fn good_tokens(&self, of: &Operator, now: Timestamp) -> Vec<&Token> {
        let mut all: Vec<&Token> =
            self.tokens.data.value().into_iter().flatten().filter(|t| t.operator == of.id && t.is_good(now)).collect();
        all.sort_by_key(|t| t.expires_at);
        all
    }
}

/// The lines of the health section.
pub fn facts() -> Vec<AdminLine> {
    HomeFact::iter().map(AdminLine::Fact).collect()
}
