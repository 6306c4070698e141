//! The HTTP API: [`server`] publishes doors, [`client`] is one. What one writes the other reads, and nothing else of the house is in between.
//!
//! Every act is `POST /v1/acts/NAME`, every query `POST /v1/queries/NAME`, by the names of the act table; bodies are the fields of
//! [`crate::backend::ActRequest`] (its own in `act`) and of [`crate::backend::Query`]. Failures are problem documents (RFC 9457).

pub mod client;
pub mod limits;
mod metrics;
pub mod openapi;
mod pipe;
mod problem;
pub mod server;

pub use client::Client;
pub use limits::Limits;
pub use server::{Doors, Served, serve};

/// Most bytes of a body that is JSON.
const MOST_JSON: usize = 1 << 20;
/// Most bytes of an answer, once it is unpacked: a server that sends more is none of ours.
const MOST_ANSWER: usize = 64 << 20;
/// Most bytes of a file of evidence.
const MOST_EVIDENCE: u64 = 64 << 20;
