//! The real program in a real pseudo-terminal. Everything waits for something to be seen; nothing sleeps.

mod guard;
