//! The terminal console. Read this first, then `command`, then one file a feature in `update` and `view`.
//!
//! ```text
//! keys, answers, wake ─> Msg ─> update(&mut Model, Msg, now) ─> Effects ─> runtime ─> Backend
//!                                    │                                        │
//!                                    └──> view(&Model) ─> one frame           └─> Msg
//! ```
//!
//! - [`command`] the one table: id, scope, keys, act, footer; keymap and what is enabled
//! - [`msg`], [`effect`] what can happen, what can be asked for: data
//! - [`model`] the whole state; lists keep their cursor by id
//! - [`update`] pure: model and message in, effects out
//! - [`view`] pure: model in, cells out
//! - [`look`] themes (meaning -> style), glyphs
//! - [`runtime`] the only place with I/O: terminal, event loop, effects

pub mod command;
pub mod effect;
pub mod look;
pub mod model;
pub mod msg;
pub mod runtime;
pub mod update;
pub mod view;

pub use runtime::{Left, Options, run};
