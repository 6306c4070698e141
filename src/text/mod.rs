//! Codes and arguments -> sentences in two languages; safe display text; widths (DESIGN.md, "One text table").
//!
//! - [`Texts`] the table: every sentence of the product, with the customer's overrides
//! - [`time`] ages and clocks, and when their text changes next
//! - [`number`] money, percent, score
//! - [`mod@safe`] text from outside, made harmless
//! - [`mod@width`] columns: measure, fit, wrap

mod lang;
pub mod number;
pub mod safe;
mod table;
pub mod time;
pub mod width;

#[cfg(test)]
mod locales;

pub use lang::Lang;
pub use number::{money, percent, score};
pub use safe::{safe, safe_multiline};
pub use table::{Texts, check, keys};
pub use time::{age_changes_at, day, left_changes_at, stamp};
pub use width::{fit, width, wrap};
