//! The business: types, states and decisions. Pure; imports nothing else of the crate.

pub mod act;
pub mod alert;
pub mod anchor;
pub mod approval;
pub mod audit;
pub mod contest;
pub mod customer;
pub mod duty;
pub mod freeze;
pub mod handover;
pub mod ids;
pub mod import;
pub mod offboarding;
pub mod operator;
pub mod person;
pub mod plan;
pub mod role;
pub mod row;
pub mod score;
pub mod sentence;
pub mod signal;
pub mod ssh_key;
pub mod stages;
pub mod talk;
pub mod target;
pub mod token;
