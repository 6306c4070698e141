//! The console in a pseudo-terminal of 80x24: first useful frame, key to last byte, bytes, memory.

use crate::{Bench, millis, peak, percentile, raw::Raw, row};
use std::{
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

fn open(bench: &Bench, home: &Path, lang: &str) -> (Raw, Duration) {
    let started = Instant::now();
    let mut pty = Raw::spawn(&mut bench.command(home, &["--lang", lang]));
    // Useful: a person with a score is on screen, hence the cursor's sign.
    let useful = pty.until("the first row", |text| text.lines().any(|line| line.trim_start().starts_with('>')));
    (pty, useful - started)
}

/// What a byte needs to pass through a terminal and a program that only copies: below this nothing can go.
fn floor() -> Duration {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "stty raw -echo; printf '>'; exec cat"]);
    let mut pty = Raw::spawn(&mut command);
    pty.until("the sign", |text| text.contains('>'));
    let (mut times, _) = press(&mut pty, &["x"; 50]);
    percentile(&mut times, 50)
}

pub fn run(bench: &Bench, home: &Path) {
    let floor = millis(floor());
    let beside = format!("cat in the same terminal {floor}");
    let mut first: Vec<_> = (0..10).map(|_| open(bench, home, "en").1).collect();
    row("first useful frame, p50", millis(percentile(&mut first, 50)), "");
    for lang in ["en", "zh-CN"] {
        let (mut pty, _) = open(bench, home, lang);
        pty.settle(Duration::from_millis(500));
        press(&mut pty, &["g", "a"]);
        let moves: Vec<&str> = (0..400).map(|i| if i / 15 % 2 == 0 { "j" } else { "k" }).collect();
        let (mut times, mut bytes) = press(&mut pty, &moves);
        bytes.sort_unstable();
        row(&format!("{lang}: key to last byte, one row, p50"), millis(percentile(&mut times, 50)), &beside);
        row(&format!("{lang}: key to last byte, one row, p99"), millis(percentile(&mut times, 99)), "");
        row(&format!("{lang}: bytes of a one-row move, median"), bytes[bytes.len() / 2], "");
        press(&mut pty, &["g", "p"]);
        let (mut times, mut bytes) = press(&mut pty, &["\x1b[6~"; 60]);
        bytes.sort_unstable();
        if !times.is_empty() {
            row(&format!("{lang}: key to last byte, a page fetched, p50"), millis(percentile(&mut times, 50)), "");
            row(&format!("{lang}: key to last byte, a page fetched, p99"), millis(percentile(&mut times, 99)), "");
            row(&format!("{lang}: bytes of a page, median"), bytes[bytes.len() / 2], "");
        }
        row(&format!("{lang}: memory of the console, peak"), peak(pty.child.id()).unwrap_or_default(), "");
    }
}

/// Presses keys one by one; how long until the last byte of each, and how many there were.
fn press(pty: &mut Raw, keys: &[&str]) -> (Vec<Duration>, Vec<usize>) {
    keys.iter().filter_map(|key| pty.press(key)).map(|(time, bytes)| (time, bytes.len())).unzip()
}
