//! Values going in and cells coming out, for the types of the domain.

use super::{RawRow, Result, StoreError};
use crate::domain::{
    act::Entity,
    alert::{AlertKind, AlertOutcome, AlertState, DismissReason},
    approval::ApprovalState,
    contest::ContestState,
    customer::{self, TransferState},
    duty::{DutyKind, DutyState},
    freeze::{self, StepState},
    handover::{ItemKind, ItemState},
    ids::{
        AlertId, ApprovalId, CaseId, ContestId, CustomerId, DutyId, FreezeId, ImportId, ItemId, JobId, OperatorId, OrderId, PersonId,
        PlanId, QuarantineId, ReceivableId, ScoreId, SpellId, SshKeyId, TalkId, TokenId, TransferId,
    },
    offboarding::CaseState,
    operator::Role,
    person::{CriticalPost, ExitKind, Impact, SpellState},
    plan::{PlanOutcome, PlanState, PlanTemplate},
    score::Band,
    signal::{LawfulBasis, Sensitivity, SignalKind},
    stages::Desk,
    talk::Channel,
    target::StepKind,
    token::Scope,
};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

/// A value of one of the four types that both engines know.
#[derive(Clone, Debug, PartialEq)]
pub enum Val {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

impl<T: Into<Val>> From<Option<T>> for Val {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}
impl From<i64> for Val {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}
impl From<bool> for Val {
    fn from(v: bool) -> Self {
        Self::Int(i64::from(v))
    }
}
impl From<f64> for Val {
    fn from(v: f64) -> Self {
        Self::Real(v)
    }
}
impl From<&str> for Val {
    fn from(v: &str) -> Self {
        Self::Text(v.into())
    }
}
impl From<String> for Val {
    fn from(v: String) -> Self {
        Self::Text(v)
    }
}
impl From<&String> for Val {
    fn from(v: &String) -> Self {
        Self::Text(v.clone())
    }
}
impl From<Vec<u8>> for Val {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}
impl From<&[u8]> for Val {
    fn from(v: &[u8]) -> Self {
        Self::Blob(v.into())
    }
}
impl From<Uuid> for Val {
    fn from(v: Uuid) -> Self {
        Self::Blob(v.as_bytes().to_vec())
    }
}
impl From<Timestamp> for Val {
    fn from(v: Timestamp) -> Self {
        Self::Int(v.as_microsecond())
    }
}
impl From<Date> for Val {
    fn from(v: Date) -> Self {
        Self::Text(v.to_string())
    }
}

/// A type that a column can be read as.
pub trait Cell: Sized {
    /// Reads column `i`.
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self>;
}

impl Cell for Option<i64> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        row.int(i)
    }
}
impl Cell for Option<f64> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        row.real(i)
    }
}
impl Cell for Option<String> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        Ok(row.text(i)?.map(Into::into))
    }
}
impl Cell for Option<Vec<u8>> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        Ok(row.blob(i)?.map(Into::into))
    }
}
impl Cell for Option<Uuid> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        row.blob(i)?.map(|b| Uuid::from_slice(b).map_err(|_| StoreError::Column(i))).transpose()
    }
}
impl Cell for Option<Timestamp> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        row.int(i)?.map(|v| Timestamp::from_microsecond(v).map_err(|_| StoreError::Column(i))).transpose()
    }
}
impl Cell for Option<Date> {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        row.text(i)?.map(|v| v.parse().map_err(|_| StoreError::Column(i))).transpose()
    }
}
impl Cell for bool {
    fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
        Ok(row.int(i)?.unwrap_or(0) != 0)
    }
}

macro_rules! required {
    ($($t:ty),+) => {$(
        impl Cell for $t {
            fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
                Option::<$t>::from_cell(row, i)?.ok_or(StoreError::Column(i))
            }
        }
    )+};
}
required!(i64, f64, String, Vec<u8>, Uuid, Timestamp, Date);

macro_rules! ids {
    ($($t:ident),+) => {$(
        impl From<$t> for Val {
            fn from(v: $t) -> Self {
                Self::from(v.0)
            }
        }
        impl Cell for Option<$t> {
            fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
                Ok(Option::<Uuid>::from_cell(row, i)?.map($t))
            }
        }
        required!($t);
    )+};
}
ids!(
    AlertId,
    ApprovalId,
    CaseId,
    CustomerId,
    FreezeId,
    ContestId,
    DutyId,
    ImportId,
    ItemId,
    JobId,
    OperatorId,
    TokenId,
    OrderId,
    PersonId,
    PlanId,
    QuarantineId,
    ReceivableId,
    ScoreId,
    SpellId,
    SshKeyId,
    TalkId,
    TransferId
);

macro_rules! words {
    ($($t:ty),+) => {$(
        impl From<$t> for Val {
            fn from(v: $t) -> Self {
                let word: &'static str = v.into();
                Self::from(word)
            }
        }
        impl Cell for Option<$t> {
            fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
                row.text(i)?.map(|v| v.parse().map_err(|_| StoreError::Column(i))).transpose()
            }
        }
        required!($t);
    )+};
}
words!(
    AlertKind,
    AlertOutcome,
    AlertState,
    ApprovalState,
    CaseState,
    Channel,
    CriticalPost,
    Desk,
    DismissReason,
    DutyKind,
    ContestState,
    DutyState,
    Entity,
    ExitKind,
    Impact,
    ItemKind,
    ItemState,
    LawfulBasis,
    customer::OrderState,
    freeze::OrderState,
    PlanOutcome,
    PlanState,
    PlanTemplate,
    Role,
    Scope,
    Sensitivity,
    SpellState,
    StepKind,
    StepState,
    TransferState
);

macro_rules! numbers {
    ($($t:ty),+) => {$(
        impl From<$t> for Val {
            fn from(v: $t) -> Self {
                Self::Int(v as i64)
            }
        }
        impl Cell for Option<$t> {
            fn from_cell(row: &dyn RawRow, i: usize) -> Result<Self> {
                row.int(i)?.map(|v| <$t>::from_repr(v).ok_or(StoreError::Column(i))).transpose()
            }
        }
        required!($t);
    )+};
}
numbers!(Band, SignalKind);
