//! What an operator typed and did not send when the connection was cut: kept in the home, sealed, and offered when they come again.

use super::Service;
use crate::{
    backend::Failure,
    domain::{ids::OperatorId, operator::Identity},
    store::{self, Tx},
};
use jiff::SignedDuration;
use uuid::Uuid;

/// How long it is kept for somebody who does not come again.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

impl Service {
    /// What is kept of an operator, oldest first, each with the id that [`Service::keep_drafts`] takes back.
    pub fn drafts(&self, who: &Identity) -> Result<Vec<(Uuid, Vec<u8>)>, Failure> {
        let kept = self.db.read(|tx| store::draft::of(tx, who.operator))?;
        Ok(kept.into_iter().filter_map(|(id, sealed)| Some((id, self.vault.open_draft(who.operator, &sealed)?))).collect())
    }

    /// Keeps a session's texts in the place of those that it had taken up.
    pub fn keep_drafts(&self, who: &Identity, taken: &[Uuid], texts: Option<&[u8]>) -> Result<(), Failure> {
        let sealed = texts.map(|t| self.vault.seal_draft(who.operator, t).ok_or_else(|| Failure::broken("sealing failed"))).transpose()?;
        if sealed.is_none() && taken.is_empty() {
            return Ok(());
        }
        self.db.write(|tx| -> Result<(), Failure> {
            for id in taken {
                store::draft::remove(tx, *id)?;
            }
            let now = tx.now();
            store::draft::purge(tx, now - KEPT)?;
            if let Some(sealed) = &sealed {
                store::draft::add(tx, self.new_id(now), who.operator, sealed)?;
            }
            Ok(())
        })
    }

    /// Somebody is erased: nobody can tell which of these texts name them, so all that were kept until now go.
    pub(super) fn erase_drafts(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        Ok(store::draft::purge(tx, now + SignedDuration::from_secs(1))?)
    }
}

impl super::keys::Vault {
    fn seal_draft(&self, operator: OperatorId, plain: &[u8]) -> Option<Vec<u8>> {
        store::seal::seal(&self.operator(operator), operator.0.as_bytes(), plain)
    }

    fn open_draft(&self, operator: OperatorId, sealed: &[u8]) -> Option<Vec<u8>> {
        store::seal::unseal(&self.operator(operator), operator.0.as_bytes(), sealed)
    }
}
