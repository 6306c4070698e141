//! The outside world: sources that imports read, and targets on which accounts are frozen. Notifications come later.

pub mod sources;
pub mod targets;
