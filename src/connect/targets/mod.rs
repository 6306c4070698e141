//! Targets: real systems on which accounts are found, changed and read back. One file a kind; the words are [`crate::domain::target`]'s.

use crate::domain::target::{Account, Call, Card, Health, ReadFault, Sent, Subject};
use async_trait::async_trait;

/// One target. Implementations keep their own time-outs ([`Card::timeout`]): every call returns within it. None of them retries a write.
#[async_trait]
pub trait Target: Send + Sync {
    /// What it can do.
    fn card(&self) -> &Card;
    /// Every account that the link rule gives for a person. What comes back is compared with the rule once more: a server that ignores a
    /// filter gives nobody.
    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault>;
    /// The account of that id, for links made by hand; `None` when there is none.
    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault>;
    /// Sends one write, once.
    async fn send(&self, call: &Call) -> Sent;
    /// Whether it answers and what our credential may do.
    async fn check(&self) -> Health;
}
