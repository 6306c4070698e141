//! Seeded randomness. Each (seed, person, purpose) has a stream of its own, so that one more draw here moves nothing there.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a stream of draws is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    Life = 1,
    Name = 2,
    Signals = 3,
    Bulk = 4,
    Mood = 5,
    Customers = 6,
}

pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64, index: u32, purpose: Purpose) -> Self {
        let mut key = [0; 32];
        let words = [seed, u64::from(index), purpose as u64];
        for (to, from) in key.iter_mut().zip(words.iter().flat_map(|w| w.to_le_bytes())) {
            *to = from;
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        self.0.random()
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number from `from` to `to`, both included; `from` when the range is empty.
    pub fn whole(&mut self, from: i64, to: i64) -> i64 {
        if to > from { self.0.random_range(from..=to) } else { from }
    }

    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.unit()
    }

    /// Near 0, seldom beyond ±`spread`: the sum of three draws.
    pub fn around(&mut self, spread: f64) -> f64 {
        (self.unit() + self.unit() + self.unit() - 1.5) * spread
    }

    pub fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.whole(0, from.len() as i64 - 1);
        from.get(at as usize).copied().unwrap_or_default()
    }

    /// One of the first entries more often than one of the last, as surnames are.
    pub fn pick_early<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.unit() * self.unit() * from.len() as f64;
        from.get(at as usize).copied().unwrap_or_default()
    }

    /// How often something with this rate happens.
    pub fn poisson(&mut self, rate: f64) -> u32 {
        let floor = (-rate).exp();
        let (mut count, mut product) = (0, self.unit());
        while product > floor && count < 50 {
            count += 1;
            product *= self.unit();
        }
        count
    }
}
