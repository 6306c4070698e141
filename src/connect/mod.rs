//! The outside world: sources that imports read, targets on which accounts are frozen, sinks that keep anchors. Notifications come later.

pub mod anchors;
pub mod sources;
pub mod targets;
