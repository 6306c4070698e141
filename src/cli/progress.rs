//! A line on a terminal's stderr that says how far something has come: rate, and time left.

use super::{
    Out,
    out::{columns, pad},
};
use crate::text::number::thousands;
use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Ten times a second is as fast as a person reads.
const PAUSE: Duration = Duration::from_millis(100);

/// The line; gone when it is dropped. Nothing at all where stderr is no terminal.
pub struct Bar {
    shown: bool,
    columns: usize,
    /// What is being done, "rows", "left".
    words: [String; 3],
    begun: Instant,
    last: Option<Instant>,
}

impl Bar {
    /// A line that begins with the text of `doing`.
    pub fn new(out: &Out, doing: &str) -> Self {
        Self {
            shown: io::stderr().is_terminal() && !out.json,
            columns: columns(),
            words: [doing, "cli-progress-rows", "cli-progress-left"].map(|key| out.word(key)),
            begun: Instant::now(),
            last: None,
        }
    }

    /// Shows a number of rows, and how much of all was done where that is known.
    pub fn show(&mut self, rows: u64, part: Option<(u64, u64)>) {
        if !self.shown || self.last.is_some_and(|t| t.elapsed() < PAUSE) {
            return;
        }
        self.last = Some(Instant::now());
        let line = line(&self.words, rows, part, self.begun.elapsed());
        // A bar that cannot be drawn stops nothing.
        let _ = write!(io::stderr().lock(), "\r{}", pad(&line, self.columns.saturating_sub(1), false));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.last.is_some() {
            let _ = write!(io::stderr().lock(), "\r{}\r", " ".repeat(self.columns.saturating_sub(1)));
        }
    }
}

fn line([doing, rows_word, left_word]: &[String; 3], rows: u64, part: Option<(u64, u64)>, spent: Duration) -> String {
    let seconds = spent.as_secs_f64().max(0.001);
    let rate = (rows as f64 / seconds) as u64;
    let count = format!("{} {rows_word}  {}/s", thousands(rows), thousands(rate));
    let Some((done, all)) = part.filter(|p| p.1 > 0) else { return format!("{doing}  {count}") };
    let part = (done as f64 / all as f64).clamp(0.0, 1.0);
    let full = (part * 20.0) as usize;
    let left = if part > 0.0 { (seconds / part - seconds) as u64 } else { 0 };
    let (bar, rest) = ("#".repeat(full), "-".repeat(20 - full));
    format!("{doing} [{bar}{rest}] {:>3}%  {count}  {}:{:02} {left_word}", (part * 100.0) as u64, left / 60, left % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_shows_rate_and_time_left() {
        let words = ["Reading", "rows", "left"].map(String::from);
        let ten = Duration::from_secs(10);
        let shown = line(&words, 50_000, Some((250, 1000)), ten);
        assert_eq!(shown, "Reading [#####---------------]  25%  50,000 rows  5,000/s  0:30 left");
        assert_eq!(line(&words, 50_000, None, ten), "Reading  50,000 rows  5,000/s");
        assert!(crate::text::width(&line(&words, 1, Some((2000, 1000)), Duration::ZERO)) < 80);
    }
}
