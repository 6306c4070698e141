//! Placeholder until the shipped files are compared here.
