//! Every kind of target, and the database, against a real server of its kind, started by the scripts of this folder (`tests/run` installs
//! them). A server that does not start fails the suite.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod active_directory;
mod api;
mod certificates;
mod contract;
mod database;
mod directory_orders;
mod failover;
mod failures;
mod faults;
mod hosts;
mod http;
mod kit;
mod ldap;
mod linux;
mod load;
mod malformed;
mod orders;
mod scim;
mod sessions;
mod workers;
