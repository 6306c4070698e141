//! Identifiers: UUIDv7 newtypes, made only in a [`Context`](super::act::Context) so that decisions stay deterministic.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )+};
}

ids! {
    /// A human being, once for life; employment is a [`SpellId`].
    PersonId,
    /// One employment spell of a person (domain.md 1).
    SpellId,
    /// An immutable score snapshot.
    ScoreId,
    /// A contest of a score.
    ContestId,
    /// An alert generation.
    AlertId,
    /// A recorded talk.
    TalkId,
    /// A retention plan.
    PlanId,
    /// A four-eyes request over a subject hash.
    ApprovalId,
    /// A freeze or thaw order.
    FreezeId,
    /// A console operator.
    OperatorId,
    /// A token of the HTTP API.
    TokenId,
    /// A registered key of SSH.
    SshKeyId,
    /// A queued job.
    JobId,
    /// A staged import.
    ImportId,
    /// An offboarding case.
    CaseId,
    /// An item of a handover.
    ItemId,
    /// A duty of the statutory track.
    DutyId,
    /// A row that an import refused and kept.
    QuarantineId,
    /// A customer.
    CustomerId,
    /// A hand-over of one customer.
    TransferId,
    /// An order of a customer.
    OrderId,
    /// Money that a customer owes.
    ReceivableId,
}

impl OperatorId {
    /// Whoever decides when nobody does: clocks, rules, the executor.
    pub const MACHINE: Self = Self(Uuid::nil());
}
