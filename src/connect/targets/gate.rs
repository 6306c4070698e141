//! How fast one process may call a target: so many at once, so many a minute.

use crate::domain::target::Card;
use std::time::Duration;
use tokio::{
    sync::{Mutex, Semaphore, SemaphorePermit},
    time::{Instant, sleep_until, timeout_at},
};

/// Lets calls pass in their turn.
pub(super) struct Gate {
    room: Semaphore,
    /// Distance between calls, and when the next may start.
    pace: Option<(Duration, Mutex<Instant>)>,
}

impl Gate {
    pub(super) fn new(card: &Card) -> Self {
        let room = Semaphore::new(usize::try_from(card.concurrency).unwrap_or(1).max(1));
        let pace = card.rate.and_then(|rate| u32::try_from(rate).ok()).filter(|rate| *rate > 0);
        Self { room, pace: pace.map(|rate| (Duration::from_secs(60) / rate, Mutex::new(Instant::now()))) }
    }

    /// Waits for a turn; `None` when there is none before the time is over.
    pub(super) async fn enter(&self, until: Instant) -> Option<SemaphorePermit<'_>> {
        let permit = timeout_at(until, self.room.acquire()).await.ok()?.ok()?;
        if let Some((distance, next)) = &self.pace {
            let mut next = timeout_at(until, next.lock()).await.ok()?;
            let turn = (*next).max(Instant::now());
            if turn >= until {
                return None;
            }
            *next = turn + *distance;
            drop(next);
            sleep_until(turn).await;
        }
        Some(permit)
    }
}
