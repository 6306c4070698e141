//! What comes in: keys, pastes, sizes, focus, and the end of the terminal.
//!
//! A thread of its own reads the terminal. crossterm's `EventStream` would read on the caller's thread, where half of a UTF-8 character
//! or of an escape sequence that a slow link has cut in two blocks until the other half arrives; and it never reports the end of input.

use super::terminal::resized;
use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use futures_util::Stream;
use rustix::event::{PollFd, PollFlags, poll};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    thread,
    time::Instant,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// One thing that the operator or the terminal did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Key(Key),
    /// Text pasted in brackets, as it came: the reader makes it safe.
    Paste(String),
    /// Columns and rows.
    Resize(u16, u16),
    Focus(bool),
    /// The terminal went away, or somebody asked the process to end (SIGTERM, SIGHUP). Nothing follows.
    Closed,
}

/// A key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub code: KeyCode,
    pub mods: KeyModifiers,
    /// When it arrived: a key typed before a dialog was drawn does not answer it.
    pub at: Instant,
}

/// All input of the process, as a stream that ends after [`Input::Closed`]. Open it once, inside a tokio runtime, after raw mode is on.
pub struct Inputs {
    events: UnboundedReceiver<Input>,
    ends: [Signal; 2],
    /// Held so that a SIGINT from outside does not kill and a SIGTSTP does not stop: the keys Ctrl-C and Ctrl-Z are keys, and nobody is
    /// there who would wake it again.
    _ignored: [Signal; 2],
    closed: bool,
}

impl Inputs {
    /// # Errors
    /// When a thread or a signal handler cannot be set up.
    pub fn open() -> io::Result<Self> {
        let (sender, events) = unbounded_channel();
        let ends = [signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
        let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        let ignored = [signal(SignalKind::interrupt())?, signal(stop)?];
        let hangup = sender.clone();
        thread::Builder::new().name("hangup".into()).spawn(move || {
            wait_for_hangup();
            // Fails when the console is gone already.
            let _ = hangup.send(Input::Closed);
        })?;
        thread::Builder::new().name("keys".into()).spawn(move || read_keys(&sender))?;
        Ok(Self { events, ends, _ignored: ignored, closed: false })
    }
}

impl Stream for Inputs {
    type Item = Input;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Input>> {
        if self.closed {
            return Poll::Ready(None);
        }
        let asked = self.ends.iter_mut().any(|end| end.poll_recv(cx).is_ready());
        let next = if asked { Poll::Ready(Some(Input::Closed)) } else { self.events.poll_recv(cx) };
        let next = next.map(|input| input.unwrap_or(Input::Closed));
        self.closed = next == Poll::Ready(Input::Closed);
        next.map(Some)
    }
}

fn read_keys(sender: &UnboundedSender<Input>) {
    loop {
        let input = match event::read() {
            Ok(event) => of_event(event),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
            Err(_) => Some(Input::Closed),
        };
        if let Some(input) = input {
            if matches!(input, Input::Resize(..)) {
                resized();
            }
            let last = input == Input::Closed;
            if sender.send(input).is_err() || last {
                return;
            }
        }
    }
}

/// What an event of the terminal means here; `None` for what the console has no use for (mouse, key releases).
pub fn of_event(event: Event) -> Option<Input> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => {
            Some(Input::Key(Key { code: key.code, mods: key.modifiers, at: Instant::now() }))
        }
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(width, height) => Some(Input::Resize(width, height)),
        Event::FocusGained => Some(Input::Focus(true)),
        Event::FocusLost => Some(Input::Focus(false)),
        Event::Key(_) | Event::Mouse(_) => None,
    }
}

/// Returns when the other end of the terminal is closed. Asking for no event, `poll` sleeps until a hang-up or an error, which it always
/// reports; a process that is not the session's leader gets no SIGHUP, and crossterm would spin on the end of input.
fn wait_for_hangup() {
    let stdin = io::stdin();
    loop {
        match poll(&mut [PollFd::new(&stdin, PollFlags::empty())], None) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::{KeyEvent, MouseEvent, MouseEventKind};

    #[test]
    fn presses_only() {
        let key = |kind| Event::Key(KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::CONTROL, kind));
        assert!(matches!(
            of_event(key(KeyEventKind::Press)),
            Some(Input::Key(Key { code: KeyCode::Char('a'), mods: KeyModifiers::CONTROL, .. }))
        ));
        assert_eq!(of_event(key(KeyEventKind::Release)), None);
        let mouse = MouseEvent { kind: MouseEventKind::Moved, column: 0, row: 0, modifiers: KeyModifiers::NONE };
        assert_eq!(of_event(Event::Mouse(mouse)), None);
        assert_eq!(of_event(Event::Resize(0, 0)), Some(Input::Resize(0, 0)));
        assert_eq!(of_event(Event::Paste("x".into())), Some(Input::Paste("x".into())));
    }
}
