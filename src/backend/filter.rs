//! The `/` language: free words and `key:value` pairs, in English or Chinese (`band:high`, `等级:高`).

pub use crate::domain::row::Filter;
