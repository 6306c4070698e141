//! A section of a mapping, compiled: which columns it wants, and what it makes of a row's cells.

use super::{
    clean::shape,
    row::{Row, Trouble},
};
use crate::domain::sentence::Sentence;
use std::borrow::Cow;

/// A column that some field wants.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// The file may do without it.
    pub(super) optional: bool,
}

/// All that is made of one row of the file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) columns: Vec<Column>,
    pub(super) emits: Vec<Emit>,
}

/// One row that is made of a row of the file, or not.
#[derive(Debug)]
pub(super) struct Emit {
    pub(super) when: Option<When>,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) struct When {
    pub(super) column: usize,
    pub(super) values: Vec<String>,
    /// Whether the cell must be one of the values, or none of them.
    pub(super) wanted: bool,
}

impl When {
    pub(super) fn holds(&self, row: Row) -> bool {
        let cell = row.get(self.column).unwrap_or_default();
        self.values.iter().any(|v| v == cell) == self.wanted
    }
}

#[derive(Debug)]
pub(super) enum What {
    Employee(Box<EmployeeFields>),
    Signal(Box<SignalFields>),
    Exit(Box<ExitFields>),
    Customer(Box<CustomerFields>),
    Order(Box<OrderFields>),
    Receivable(Box<ReceivableFields>),
}

#[derive(Debug)]
pub(super) struct EmployeeFields {
    pub(super) person: Option<Field>,
    pub(super) number: Field,
    pub(super) name: Field,
    pub(super) sort_name: Option<Field>,
    pub(super) org: Field,
    pub(super) post: Field,
    pub(super) critical: Option<Field>,
    pub(super) impact: Option<Field>,
    pub(super) manager: Option<Field>,
    pub(super) email: Option<Field>,
    pub(super) state: Option<Field>,
    pub(super) started: Field,
    pub(super) last_day: Option<Field>,
    pub(super) exit: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

#[derive(Debug)]
pub(super) struct SignalFields {
    pub(super) event: Field,
    pub(super) number: Field,
    pub(super) kind: Field,
    pub(super) observed_at: Field,
    pub(super) known_at: Option<Field>,
    pub(super) value: Option<Field>,
    pub(super) baseline: Option<Field>,
    pub(super) note: Option<Field>,
}

#[derive(Debug)]
pub(super) struct ExitFields {
    pub(super) number: Field,
    pub(super) last_day: Field,
    pub(super) exit: Field,
}

#[derive(Debug)]
pub(super) struct CustomerFields {
    pub(super) number: Field,
    pub(super) name: Field,
    pub(super) contact: Option<Field>,
    pub(super) owner: Option<Field>,
    pub(super) owned_from: Option<Field>,
    pub(super) owned_until: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

#[derive(Debug)]
pub(super) struct OrderFields {
    pub(super) number: Field,
    pub(super) customer: Field,
    pub(super) placed_on: Field,
    pub(super) amount: Field,
    pub(super) state: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

#[derive(Debug)]
pub(super) struct ReceivableFields {
    pub(super) number: Field,
    pub(super) customer: Field,
    pub(super) amount: Field,
    pub(super) due_on: Field,
    pub(super) stated_on: Option<Field>,
}

#[derive(Debug)]
pub(super) enum From {
    Column(usize),
    Const(String),
    Template(Vec<Part>),
}

#[derive(Debug)]
pub(super) enum Part {
    Text(String),
    Column(usize),
}

/// One field: where its text comes from and what is done to it before it is read.
#[derive(Debug)]
pub(super) struct Field {
    /// Name of the field in our row.
    pub(super) name: &'static str,
    pub(super) from: From,
    pub(super) none: Vec<String>,
    pub(super) map: Vec<(String, String)>,
    /// What every text without a place in `map` becomes.
    pub(super) others: Option<String>,
    pub(super) default: Option<String>,
    pub(super) formats: Vec<String>,
    pub(super) scale: f64,
}

impl Field {
    /// The field's text in a row: `None` when it is blank or means none.
    pub(super) fn text<'a>(&'a self, row: Row<'a>) -> Result<Option<Cow<'a, str>>, &'static str> {
        let text = match &self.from {
            From::Column(c) => row.get(*c).map(Cow::Borrowed),
            From::Const(s) => Some(Cow::Borrowed(s.as_str())),
            From::Template(parts) => fill(parts, row).map(Cow::Owned),
        };
        let text = match text {
            None => return Ok(self.default.as_deref().map(Cow::Borrowed)),
            Some(t) if self.none.iter().any(|n| *n == t) => return Ok(None),
            Some(t) => t,
        };
        if self.map.is_empty() && self.others.is_none() {
            return Ok(Some(text));
        }
        match self.map.iter().find(|(from, _)| *from == text).map(|(_, to)| to).or(self.others.as_ref()) {
            Some(to) => Ok((!to.is_empty()).then_some(Cow::Borrowed(to.as_str()))),
            None => Err("row-unmapped"),
        }
    }

    /// The column to name when this field is to blame.
    pub(super) fn column(&self, columns: &[Column]) -> Option<String> {
        let at = match &self.from {
            From::Column(c) => Some(*c),
            From::Const(_) => None,
            From::Template(parts) => parts.iter().find_map(|p| if let Part::Column(c) = p { Some(*c) } else { None }),
        };
        columns.get(at?).map(|c| c.name.clone())
    }

    /// A trouble with this field that shows what the cell looks like, not what it says.
    pub(super) fn trouble(&self, code: &'static str, columns: &[Column], row: Row) -> Trouble {
        let cell = match &self.from {
            From::Column(c) => row.get(*c).map(Cow::Borrowed),
            From::Const(s) => Some(Cow::Borrowed(s.as_str())),
            From::Template(parts) => fill(parts, row).map(Cow::Owned),
        };
        let why = Sentence::new(code).with("field", self.name).with("shape", shape(cell.as_deref().unwrap_or_default()));
        Trouble { column: self.column(columns), why }
    }
}

/// A template with its columns filled in; `None` when one of them is blank.
fn fill(parts: &[Part], row: Row) -> Option<String> {
    let mut out = String::with_capacity(32);
    for p in parts {
        out.push_str(match p {
            Part::Text(t) => t,
            Part::Column(c) => row.get(*c)?,
        });
    }
    Some(out)
}
