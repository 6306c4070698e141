//! `tenure doctor`: what is wrong or unprotected.
