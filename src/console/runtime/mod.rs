//! What the console does to the machine: the terminal, its keys, its clipboard.

pub mod clipboard;
pub mod colour;
pub mod input;
pub mod outlet;
pub mod output;
mod pen;
pub mod terminal;
