//! The way out: a thread that writes frames, so that a stalled terminal never blocks a key.
//!
//! There is room for one frame. While it is being written the outlet is busy and nothing is drawn; when it is done the newest state is
//! drawn against what was last handed over, so a slow link skips pictures and never shows an old one late.

use rustix::{
    event::{PollFd, PollFlags, poll},
    termios::{QueueSelector, tcflush},
};
use std::{
    fs::File,
    io::{self, Write},
    os::fd::OwnedFd,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};
use tokio::sync::Notify;

/// A handle on the writer; clones share it.
#[derive(Clone)]
pub struct Outlet(Arc<Shared>);

struct Shared {
    slot: Mutex<Slot>,
    /// Tells the writer that there is work, and anybody who waits in [`Outlet::settle`] that it is done.
    changed: Condvar,
    /// The same for the event loop.
    idle: Notify,
    /// For throwing away what a stalled terminal will not take.
    terminal: Option<File>,
}

#[derive(Default)]
struct Slot {
    frame: Option<Vec<u8>>,
    writing: bool,
    /// Set by the first write that failed; everything after it fails the same way.
    fault: Option<io::ErrorKind>,
    /// Set when the terminal was given back: no frame may follow.
    closed: bool,
}

impl Outlet {
    /// Writes to a terminal, waiting when its descriptor is non-blocking and full.
    pub fn terminal(fd: OwnedFd) -> io::Result<Self> {
        let file = File::from(fd);
        let copy = file.try_clone()?;
        Self::start(file, Some(copy))
    }

    /// Writes to anything else.
    pub fn writer(out: impl Write + Send + 'static) -> io::Result<Self> {
        Self::start(out, None)
    }

    fn start(mut out: impl Write + Send + 'static, terminal: Option<File>) -> io::Result<Self> {
        let shared = Arc::new(Shared { slot: Mutex::default(), changed: Condvar::new(), idle: Notify::new(), terminal });
        let outlet = Self(Arc::clone(&shared));
        thread::Builder::new().name("screen".into()).spawn(move || {
            while let Some(frame) = shared.next_frame() {
                let result = write_whole(&mut out, &frame, shared.terminal.as_ref());
                shared.finished(result);
            }
        })?;
        Ok(outlet)
    }

    /// True while a frame waits or is being written.
    pub fn busy(&self) -> bool {
        let slot = self.0.lock();
        slot.writing || slot.frame.is_some()
    }

    /// Waits until the last frame has gone out; returns at once when nothing is under way. Safe to drop at any await.
    pub async fn idle(&self) {
        loop {
            let idle = self.0.idle.notified();
            if !self.busy() {
                return;
            }
            idle.await;
        }
    }

    /// Hands a frame over. The caller asks [`Self::busy`] first; bytes handed over while busy are added to the waiting ones, never lost.
    ///
    /// # Errors
    /// The error of an earlier write, or `BrokenPipe` once the terminal was given back.
    pub fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut slot = self.0.lock();
        if let Some(kind) = slot.fault {
            return Err(kind.into());
        }
        if slot.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        slot.frame.get_or_insert_default().extend_from_slice(bytes);
        drop(slot);
        self.0.changed.notify_all();
        Ok(())
    }

    /// Gives the terminal back: writes `last` after what is under way and refuses everything later. A terminal that takes nothing for
    /// `patience` loses the unwritten rest of its frame; one that still takes nothing is left alone.
    pub fn close(&self, last: &[u8], patience: Duration) {
        let settled = self.settle(patience);
        let mut slot = self.0.lock();
        if slot.closed {
            return;
        }
        slot.closed = true;
        let mut bytes = Vec::new();
        if !settled {
            // Whatever the cut frame left open is cancelled first.
            slot.frame = None;
            bytes.extend_from_slice(b"\x18\x1b\\");
            if let Some(terminal) = &self.0.terminal {
                let _ = tcflush(terminal, QueueSelector::OFlush);
            }
        }
        bytes.extend_from_slice(last);
        slot.frame.get_or_insert_default().extend_from_slice(&bytes);
        drop(slot);
        self.0.changed.notify_all();
        self.settle(patience);
    }

    /// Waits until nothing is under way; false when that took longer than `patience`.
    fn settle(&self, patience: Duration) -> bool {
        let under_way = |slot: &mut Slot| slot.fault.is_none() && (slot.writing || slot.frame.is_some());
        let waited = self.0.changed.wait_timeout_while(self.0.lock(), patience, under_way);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Write for Outlet {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.send(buf).map(|()| buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Slot> {
        // A slot is whole between statements, so a panic elsewhere does not spoil it.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next frame; `None` when the outlet is closed and empty, which ends the writer.
    fn next_frame(&self) -> Option<Vec<u8>> {
        let nothing_to_do = |slot: &mut Slot| slot.frame.is_none() && !slot.closed;
        let mut slot = self.changed.wait_while(self.lock(), nothing_to_do).unwrap_or_else(PoisonError::into_inner);
        let frame = slot.frame.take();
        slot.writing = frame.is_some();
        frame
    }

    fn finished(&self, result: io::Result<()>) {
        let mut slot = self.lock();
        slot.writing = false;
        if let Err(error) = result {
            slot.fault = Some(error.kind());
            slot.frame = None;
        }
        drop(slot);
        self.changed.notify_all();
        self.idle.notify_one();
    }
}

/// One `write` where the kernel takes it whole. `WouldBlock` is waited for on a terminal and an error elsewhere.
fn write_whole(out: &mut impl Write, mut bytes: &[u8], terminal: Option<&File>) -> io::Result<()> {
    while !bytes.is_empty() {
        match out.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = bytes.get(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let Some(terminal) = terminal else { return Err(error) };
                match poll(&mut [PollFd::new(terminal, PollFlags::OUT)], None) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    Err(errno) => return Err(errno.into()),
                }
            }
            Err(error) => return Err(error),
        }
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A terminal that takes a frame only when told to.
    struct Gate {
        permits: mpsc::Receiver<io::Result<()>>,
        taken: mpsc::Sender<Vec<u8>>,
    }

    impl Write for Gate {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.permits.recv().unwrap_or(Ok(()))?;
            self.taken.send(buf.to_vec()).ok();
            Ok(buf.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn gate() -> (Outlet, mpsc::Sender<io::Result<()>>, mpsc::Receiver<Vec<u8>>) {
        let (permit, permits) = mpsc::channel();
        let (taken, frames) = mpsc::channel();
        (Outlet::writer(Gate { permits, taken }).unwrap(), permit, frames)
    }

    #[tokio::test]
    async fn a_stalled_terminal_is_busy_and_says_when_it_is_done() {
        let (outlet, permit, frames) = gate();
        assert!(!outlet.busy());
        outlet.idle().await;
        outlet.send(b"one").unwrap();
        assert!(outlet.busy());
        permit.send(Ok(())).unwrap();
        outlet.idle().await;
        assert!(!outlet.busy());
        assert_eq!(frames.recv().unwrap(), b"one");
    }

    #[tokio::test]
    async fn a_dead_terminal_is_an_error_for_ever() {
        for kind in [io::ErrorKind::BrokenPipe, io::ErrorKind::WouldBlock, io::ErrorKind::Other] {
            let (outlet, permit, _frames) = gate();
            outlet.send(b"one").unwrap();
            permit.send(Err(kind.into())).unwrap();
            outlet.idle().await;
            assert_eq!(outlet.send(b"two").unwrap_err().kind(), kind);
            outlet.close(b"restore", Duration::from_secs(60));
        }
    }

    #[test]
    fn closing_writes_the_last_words_once_and_refuses_the_rest() {
        let (outlet, permit, frames) = gate();
        permit.send(Ok(())).unwrap();
        permit.send(Ok(())).unwrap();
        outlet.send(b"frame").unwrap();
        outlet.close(b"restore", Duration::from_secs(60));
        outlet.close(b"restore", Duration::from_secs(60));
        assert_eq!(outlet.send(b"late").unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(frames.try_iter().collect::<Vec<_>>(), [b"frame".to_vec(), b"restore".to_vec()]);
    }

    #[test]
    fn closing_a_stalled_terminal_does_not_wait_for_ever() {
        let (outlet, permit, frames) = gate();
        outlet.send(b"frame").unwrap();
        outlet.close(b"restore", Duration::ZERO);
        drop(permit);
        outlet.settle(Duration::from_secs(60));
        let last = frames.iter().find(|bytes| bytes.ends_with(b"restore")).unwrap();
        assert!(last.starts_with(b"\x18\x1b\\"));
    }
}
