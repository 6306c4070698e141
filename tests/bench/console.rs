//! The console in a pseudo-terminal of 80x24: first useful frame, key to last byte, bytes, memory.

use crate::{Bench, millis, peak, percentile, row};
use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

/// A program in a terminal, whose output arrives with the time of each piece.
struct Pty {
    child: Child,
    input: File,
    output: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
}

/// Output is over when none came for so long.
const QUIET: Duration = Duration::from_millis(40);
const PATIENCE: Duration = Duration::from_secs(120);

impl Pty {
    fn spawn(mut command: Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = || Stdio::from(File::options().read(true).write(true).open(&path).unwrap());
        let child = command.stdin(slave()).stdout(slave()).stderr(Stdio::null()).spawn().unwrap();
        let input = File::from(master);
        let mut reader = input.try_clone().unwrap();
        let (sender, output) = channel();
        thread::spawn(move || {
            let mut chunk = [0; 65_536];
            while let Ok(count) = reader.read(&mut chunk) {
                if count == 0 || sender.send((Instant::now(), chunk[..count].to_vec())).is_err() {
                    break;
                }
            }
        });
        Self { child, input, output, screen: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0) }
    }

    /// Waits until the screen shows something; the time of the byte that completed it.
    fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
        loop {
            match self.output.recv_timeout(PATIENCE) {
                Ok((at, bytes)) => {
                    self.screen.process(&bytes);
                    if holds(&self.screen.screen().contents()) {
                        return at;
                    }
                }
                Err(_) => panic!("never saw {what}:\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Reads until it is quiet; bytes and the time of the last one.
    fn settle(&mut self, first: Duration) -> Option<(Instant, usize)> {
        let (mut last, mut count, mut wait) = (None, 0, first);
        loop {
            match self.output.recv_timeout(wait) {
                Ok((at, bytes)) => {
                    self.screen.process(&bytes);
                    last = Some(at);
                    count += bytes.len();
                    wait = QUIET;
                }
                Err(RecvTimeoutError::Timeout) => return last.map(|at| (at, count)),
                Err(RecvTimeoutError::Disconnected) => panic!("the program is gone"),
            }
        }
    }

    /// Presses keys one by one; how long until the last byte of each, and the bytes.
    fn press(&mut self, keys: &[&str]) -> (Vec<Duration>, Vec<usize>) {
        let pressed = keys.iter().filter_map(|key| {
            let sent = Instant::now();
            self.input.write_all(key.as_bytes()).unwrap();
            self.settle(Duration::from_millis(500)).map(|(at, bytes)| (at - sent, bytes))
        });
        pressed.unzip()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(bench: &Bench, home: &Path, lang: &str) -> (Pty, Duration) {
    let started = Instant::now();
    let mut pty = Pty::spawn(bench.command(home, &["--lang", lang]));
    // Useful: a person with a score is on screen, hence the cursor's sign.
    let useful = pty.until("the first row", |text| text.lines().any(|line| line.trim_start().starts_with('>')));
    (pty, useful - started)
}

/// What a byte needs to pass through a terminal and a program that only copies: below this nothing can go.
fn floor() -> Duration {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "stty raw -echo; printf '>'; exec cat"]);
    let mut pty = Pty::spawn(command);
    pty.until("the sign", |text| text.contains('>'));
    let (mut times, _) = pty.press(&["x"; 50]);
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
        pty.press(&["g", "a"]);
        let moves: Vec<&str> = (0..400).map(|i| if i / 15 % 2 == 0 { "j" } else { "k" }).collect();
        let (mut times, mut bytes) = pty.press(&moves);
        bytes.sort_unstable();
        row(&format!("{lang}: key to last byte, one row, p50"), millis(percentile(&mut times, 50)), &beside);
        row(&format!("{lang}: key to last byte, one row, p99"), millis(percentile(&mut times, 99)), "");
        row(&format!("{lang}: bytes of a one-row move, median"), bytes[bytes.len() / 2], "");
        pty.press(&["g", "p"]);
        let (mut times, mut bytes) = pty.press(&["\x1b[6~"; 60]);
        bytes.sort_unstable();
        if !times.is_empty() {
            row(&format!("{lang}: key to last byte, a page fetched, p50"), millis(percentile(&mut times, 50)), "");
            row(&format!("{lang}: key to last byte, a page fetched, p99"), millis(percentile(&mut times, 99)), "");
            row(&format!("{lang}: bytes of a page, median"), bytes[bytes.len() / 2], "");
        }
        row(&format!("{lang}: memory of the console, peak"), peak(pty.child.id()).unwrap_or_default(), "");
    }
}
