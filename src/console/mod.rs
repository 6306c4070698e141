//! The terminal: command, model, update, view, look, runtime.

pub mod runtime;
