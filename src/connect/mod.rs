//! The outside world. For now the sources that imports read; targets and notifications come later.

pub mod sources;
