//! A pseudo-terminal without a terminal behind it: every byte, with the time at which it came. It is nobody's controlling terminal.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::File,
    io::{Read, Write},
    os::fd::AsFd,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A program in a terminal of 80x24. Killed when dropped.
pub struct Raw {
    pub child: Child,
    /// `None` once the window is closed.
    master: Option<File>,
    /// What the bytes so far make of a screen.
    pub screen: vt100::Parser,
}

/// Output is over when none came for so long.
const QUIET: Duration = Duration::from_millis(40);
const PATIENCE: Duration = Duration::from_secs(120);

impl Raw {
    pub fn spawn(command: &mut Command) -> Self {
        // A child that inherited the master would keep its own terminal alive.
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let path = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let slave = || Stdio::from(File::options().read(true).write(true).open(&path).unwrap());
        let child = command.stdin(slave()).stdout(slave()).stderr(Stdio::null()).spawn().unwrap();
        Self { child, master: Some(File::from(master)), screen: vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0) }
    }

    /// The next bytes and when they came; `None` when none came in time.
    fn next(&mut self, patience: Duration) -> Option<(Instant, Vec<u8>)> {
        let master = self.master.as_mut().unwrap();
        if !ready(master, patience) {
            return None;
        }
        let mut chunk = vec![0; 65_536];
        let count = master.read(&mut chunk).unwrap_or_else(|error| panic!("the program is gone: {error}"));
        chunk.truncate(count);
        self.screen.process(&chunk);
        Some((Instant::now(), chunk))
    }

    /// Closes the window.
    pub fn hang_up(&mut self) {
        self.master = None;
    }

    /// Waits until the screen shows something; the time of the byte that completed it.
    pub fn until(&mut self, what: &str, holds: impl Fn(&str) -> bool) -> Instant {
        loop {
            let Some((at, _)) = self.next(PATIENCE) else { panic!("never saw {what}:\n{}", self.screen.screen().contents()) };
            if holds(&self.screen.screen().contents()) {
                return at;
            }
        }
    }

    /// Reads until it is quiet, waiting `first` for the first byte: all bytes, and the time of the last.
    pub fn settle(&mut self, first: Duration) -> Option<(Instant, Vec<u8>)> {
        let (mut last, mut all) = self.next(first)?;
        while let Some((at, bytes)) = self.next(QUIET) {
            last = at;
            all.extend(bytes);
        }
        Some((last, all))
    }

    /// Presses a key: how long until the last byte of what it changed, and the bytes. `None` when it changed nothing.
    pub fn press(&mut self, key: &str) -> Option<(Duration, Vec<u8>)> {
        let sent = Instant::now();
        self.master.as_mut().unwrap().write_all(key.as_bytes()).unwrap();
        self.settle(Duration::from_millis(500)).map(|(at, bytes)| (at - sent, bytes))
    }
}

/// Whether something can be read before patience ends.
pub fn ready(fd: &impl AsFd, patience: Duration) -> bool {
    poll(&mut [PollFd::new(fd, PollFlags::IN)], Some(&Timespec::try_from(patience).unwrap())).unwrap() > 0
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
