//! What an import brings: mapped, checked rows, before they are matched with people in the store.

use super::{
    customer::OrderState,
    person::{CriticalPost, ExitKind, Impact, SpellState},
    sentence::Sentence,
    signal::SignalKind,
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A person as a file states them. (source, person) names the person, `started` the spell; the row that is the latest [`Stated`] wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmployeeRow {
    /// Stable key of the person in the source; the employee number when the file has nothing better.
    pub person: String,
    pub number: String,
    pub name: String,
    pub sort_name: Option<String>,
    /// Path of unit names from the root, `/集团/华东/三部`.
    pub org: String,
    pub post: String,
    pub critical: Option<CriticalPost>,
    pub impact: Option<Impact>,
    pub manager: Option<String>,
    /// Lower case.
    pub email: Option<String>,
    pub state: SpellState,
    pub started: Date,
    pub last_day: Option<Date>,
    pub exit: Option<ExitKind>,
    /// When the file states this: a panel has one row a year for each person.
    pub stated_on: Date,
    /// When it was loaded, where the file names no day: then it says how things are at that moment.
    #[serde(default)]
    pub stated_at: Option<Timestamp>,
}

/// What a statement says of the end of an employment, in the order in which that can be said on one day: notice is withdrawn after it was
/// given, and whoever left worked there before. Of two last days of one day's statements the later counts: nobody is locked out on a day
/// that the company itself calls a working day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Notice is given.
    Leaves(Date),
    Stays,
    Left(Date),
}

impl Ending {
    /// What a spell comes to.
    pub fn of(state: SpellState, last_day: Option<Date>) -> Self {
        match last_day {
            Some(day) if state.is_live() => Self::Leaves(day),
            Some(day) => Self::Left(day),
            None => Self::Stays,
        }
    }
}

/// A statement about an employment, as far as the next one is held against it. The greater one counts, whatever the order in which they
/// come: the later day, then the later hour where that is known, then what can only be said after the other, then the greater hash.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stated {
    pub on: Date,
    /// Its hour in µs; of a file that names the day itself the end of that day, for somebody wrote it there.
    pub at: i64,
    pub ending: Ending,
    /// Of all that it says, whenever it does.
    pub hash: Vec<u8>,
}

impl Stated {
    /// The statement that a row makes.
    pub fn of(row: &EmployeeRow) -> Self {
        let content = EmployeeRow { stated_on: Date::MIN, stated_at: None, ..row.clone() };
        let hash = Sha256::digest(serde_json::to_vec(&content).unwrap_or_default()).to_vec();
        let at = row.stated_at.map_or(i64::MAX, Timestamp::as_microsecond);
        Self { on: row.stated_on, at, ending: Ending::of(row.state, row.last_day), hash }
    }

    /// Whether both say the same.
    pub fn says(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

/// A signal as a file states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignalRow {
    /// Id in the source; with the source it is the signal's identity.
    pub event: String,
    pub number: String,
    pub kind: SignalKind,
    pub observed_at: Timestamp,
    pub known_at: Timestamp,
    pub value: Option<f64>,
    pub baseline: Option<f64>,
    pub note: Option<String>,
}

/// A departure as a file states it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExitRow {
    pub number: String,
    pub last_day: Date,
    pub exit: ExitKind,
}

/// Who owns a customer, as a file states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatedOwner {
    /// Nobody.
    Pool,
    /// Who had this employee number then.
    Number(String),
}

/// A customer as a file states it. (source, number) names the customer, `owned_from` the interval; for each the row with the latest
/// `stated_on` wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomerFact {
    pub number: String,
    pub name: String,
    pub contact: Option<String>,
    /// `None`: the row says nothing about it.
    pub owner: Option<StatedOwner>,
    /// First day of ownership; the day of the statement when the file does not know it.
    pub owned_from: Option<Date>,
    /// Last day, when it is over.
    pub owned_until: Option<Date>,
    pub stated_on: Date,
}

/// An order as a file states it; (source, number) names it and the row with the latest `stated_on` wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderFact {
    pub number: String,
    /// Customer number.
    pub customer: String,
    pub placed_on: Date,
    /// In fen, 0 or more.
    pub amount_fen: i64,
    pub state: OrderState,
    pub stated_on: Date,
}

/// A receivable as a file states it: 0 once it is paid. Named and restated as an order is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceivableFact {
    pub number: String,
    /// Customer number.
    pub customer: String,
    /// In fen, 0 or more.
    pub amount_fen: i64,
    pub due_on: Date,
    pub stated_on: Date,
}

/// One mapped row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportRow {
    /// Boxed: it is twice the size of a signal, and files of signals are the long ones.
    Employee(Box<EmployeeRow>),
    Signal(SignalRow),
    Exit(ExitRow),
    Customer(Box<CustomerFact>),
    Order(OrderFact),
    Receivable(ReceivableFact),
}

/// Where a row came from, 1-based; row 1 is the first after a header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Origin {
    pub file: String,
    pub row: u64,
}

/// A row that could not be taken, with its reason; kept in quarantine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BadRow {
    pub origin: Origin,
    /// Column of the file, where one is to blame.
    pub column: Option<String>,
    pub why: Sentence,
    /// The row as read: JSON object of columns, so that it can be mapped again. Encrypted at rest like everything else.
    pub raw: String,
}
