//! What the console knows of something that lives behind the door, and how well it knows it.

use crate::{backend::Failure, console::effect::ReqId};
use jiff::Timestamp;

/// A value from the backend in one of the five states that every screen must be able to show.
#[derive(Clone, Debug, Default)]
pub enum Dataset<T> {
    #[default]
    NotAsked,
    Loading,
    /// True at `at`, and the watch says that nothing changed since.
    Ready {
        value: T,
        at: Timestamp,
    },
    /// Was true at `at`; asking again failed.
    Stale {
        value: T,
        at: Timestamp,
        why: Failure,
    },
    Failed(Failure),
}

impl<T> Dataset<T> {
    /// The value, fresh or stale.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Ready { value, .. } | Self::Stale { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The value, for rows that an act brought back.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Ready { value, .. } | Self::Stale { value, .. } => Some(value),
            _ => None,
        }
    }

    /// When the value was true.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Ready { at, .. } | Self::Stale { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// Shows that something was asked for; what is known stays.
    pub fn asked(&mut self) {
        if matches!(self, Self::NotAsked | Self::Failed(_)) {
            *self = Self::Loading;
        }
    }

    /// Takes an answer.
    pub fn ready(&mut self, value: T, at: Timestamp) {
        *self = Self::Ready { value, at };
    }

    /// Takes a failure: what was known stays, and is stale.
    pub fn failed(&mut self, why: Failure) {
        *self = match std::mem::take(self) {
            Self::Ready { value, at } | Self::Stale { value, at, .. } => Self::Stale { value, at, why },
            _ => Self::Failed(why),
        };
    }
}

/// One value and the request that it waits for.
#[derive(Clone, Debug)]
pub struct Remote<T> {
    pub data: Dataset<T>,
    pub req: Option<ReqId>,
}

impl<T> Default for Remote<T> {
    fn default() -> Self {
        Self { data: Dataset::NotAsked, req: None }
    }
}

impl<T> Remote<T> {
    /// Remembers the newest request.
    pub fn asked(&mut self, req: ReqId) {
        self.data.asked();
        self.req = Some(req);
    }

    /// Whether an answer is the one waited for; from then on it is not.
    pub fn takes(&mut self, req: ReqId) -> bool {
        let mine = self.req == Some(req);
        if mine {
            self.req = None;
        }
        mine
    }
}
