//! Doors that tokens open, for the HTTP API. Whoever comes again finds their door, where reads wait to be sealed together.

use super::{Failure, Service, Session};
use crate::{
    backend::{Backend, FailureKind},
    domain::{ids::OperatorId, sentence::Sentence, token::Scope},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// The doors of one home.
pub struct Doors {
    service: Arc<Service>,
    open: Mutex<BTreeMap<(OperatorId, Scope), Arc<Session>>>,
}

impl Doors {
    /// Of an open home.
    pub fn new(service: Arc<Service>) -> Self {
        Self { service, open: Mutex::default() }
    }

    /// The home.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The door of whoever a token is of.
    ///
    /// # Errors
    /// `token-unknown` for a token that opens none, whatever the reason.
    pub fn open(&self, token: &str) -> Result<Arc<Session>, Failure> {
        let (who, scope) = self.service.authenticate(token)?;
        if scope == Scope::Ingest {
            return Err(
                Failure::new(FailureKind::Refused, Sentence::new("token-ingests-only")).next(Sentence::new("token-ingests-only-next"))
            );
        }
        let fresh = || Arc::new(self.service.session(who.clone()).within(scope));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let door = open.entry((who.operator, scope)).or_insert_with(fresh);
        if *door.who() != who {
            // Another role now. What was read in the old one is sealed as that.
            door.flush()?;
            *door = fresh();
        }
        Ok(door.clone())
    }

    /// Seals the reads that wait at any door.
    pub fn flush(&self) -> Result<(), Failure> {
        let open: Vec<_> = self.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        open.iter().try_for_each(|door| door.flush())
    }
}
