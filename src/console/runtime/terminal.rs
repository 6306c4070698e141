//! The guard of the terminal: it takes the screen, and gives it back exactly once however the process ends.

use super::{clipboard, clipboard::is_unsafe, colour::Depth, outlet::Outlet, output::Screen};
use crate::domain::target::THREADS;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use ratatui::{Frame, layout::Size};
use rustix::termios::tcgetwinsize;
use std::{
    io,
    os::fd::AsFd,
    panic,
    sync::{
        Mutex, Once, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Alternate screen, cursor hidden, bracketed paste, focus events.
const ENTER: &str = "\x1b[?1049h\x1b[?25l\x1b[?2004h\x1b[?1004h\x1b[2J";
/// The same backwards, after ending a synchronized update and all attributes that a cut frame may have left on.
const LEAVE: &str = "\x1b[?2026l\x1b[m\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?1049l";
/// Keep the title of the window, and take it back.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";

/// How long a terminal that takes no bytes may hold up the end of the process, twice.
const PATIENCE: Duration = Duration::from_millis(500);

/// Columns of a title; longer ones are cut.
const LONGEST_TITLE: usize = 80;

/// The screen that is taken at the moment, if any: the panic hook must find it from any thread.
static TAKEN: Mutex<Option<Taken>> = Mutex::new(None);

/// Set by every change of the window's size. Even one that ends at the size it began with may have cut what the terminal shows.
static RESIZED: AtomicBool = AtomicBool::new(false);

/// Makes the next frame repaint everything, because the window changed.
pub(super) fn resized() {
    RESIZED.store(true, Ordering::SeqCst);
}

struct Taken {
    outlet: Outlet,
    titled: bool,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawn {
    /// Bytes on their way.
    Written(usize),
    /// The terminal shows this already.
    Nothing,
    /// The terminal still takes the frame before; nothing was drawn. Draw again after [`Terminal::writable`].
    Busy,
}

/// The operator's terminal, taken over for as long as this lives.
pub struct Terminal {
    screen: ratatui::Terminal<Screen<Outlet>>,
    outlet: Outlet,
    titled: bool,
    title: String,
}

impl Terminal {
    /// Takes the terminal: raw mode, alternate screen, bracketed paste, focus events, no cursor. It is asked nothing, so that no answer
    /// is waited for or arrives later as typed text. Install color-eyre first: its report then comes after the screen was given back.
    ///
    /// # Errors
    /// When standard output is no terminal or cannot be written; the terminal is then as it was.
    pub fn enter(depth: Depth) -> io::Result<Self> {
        let size = terminal_size()?;
        let outlet = Outlet::terminal(io::stdout().as_fd().try_clone_to_owned()?)?;
        // The Linux console and dumb terminals print what follows the start of a title.
        let titled = !matches!(std::env::var("TERM").as_deref(), Ok("linux" | "dumb" | "") | Err(_));
        restore_on_panic();
        enable_raw_mode()?;
        *lock() = Some(Taken { outlet: outlet.clone(), titled });
        let title = if titled { PUSH_TITLE } else { "" };
        let taken = outlet.send(format!("{title}{ENTER}").as_bytes());
        let screen = taken.and_then(|()| ratatui::Terminal::new(Screen::new(outlet.clone(), depth, size)));
        match screen {
            Ok(screen) => Ok(Self { screen, outlet, titled, title: String::new() }),
            Err(error) => {
                restore();
                Err(error)
            }
        }
    }

    /// Draws the picture unless the frame before is still on its way. At most one write; none when nothing changed.
    ///
    /// # Errors
    /// When the terminal is gone. Nothing can be shown any more: leave.
    pub fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> io::Result<Drawn> {
        if self.outlet.busy() {
            return Ok(Drawn::Busy);
        }
        if RESIZED.swap(false, Ordering::SeqCst) {
            self.redraw();
        }
        self.screen.backend_mut().set_size(terminal_size()?);
        self.screen.clear()?;
        self.screen.draw(picture)?;
        Ok(match self.screen.backend().sent() {
            0 => Drawn::Nothing,
            bytes => Drawn::Written(bytes),
        })
    }

    /// Waits until the last frame has gone out; at once when none is on its way. Safe to drop at any await.
    pub async fn writable(&self) {
        self.outlet.idle().await;
    }

    /// Makes the next frame repaint everything: somebody else wrote on the screen.
    pub fn redraw(&mut self) {
        self.screen.backend_mut().repaint();
    }

    /// Changes how many colours are shown, from the next frame on.
    pub fn set_depth(&mut self, depth: Depth) {
        self.screen.backend_mut().set_depth(depth);
    }

    /// Names the window, with the next frame. Acting characters are left out. Give it no name of a person: titles end up in task bars,
    /// recordings and logs.
    pub fn set_title(&mut self, title: &str) {
        let title: String = title.chars().filter(|c| !is_unsafe(*c)).take(LONGEST_TITLE).collect();
        if self.titled && title != self.title {
            self.screen.backend_mut().aside(format!("\x1b]2;{title}\x07").as_bytes());
            self.title = title;
        }
    }

    /// Sends a text to the clipboard of the operator's terminal, with the next frame. Whether it arrived cannot be known.
    ///
    /// # Errors
    /// When the text is larger than terminals take; nothing is sent then.
    pub fn copy(&mut self, text: &str) -> Result<(), clipboard::TooLong> {
        let sequence = clipboard::copy(text, std::env::var_os("TMUX").is_some())?;
        self.screen.backend_mut().aside(&sequence);
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back, if it is taken; any later call does nothing. Never blocks for long, and never fails: a dead terminal needs
/// nothing back.
pub fn restore() {
    let taken = lock().take();
    if let Some(Taken { outlet, titled }) = taken {
        let title = if titled { POP_TITLE } else { "" };
        outlet.close(format!("{LEAVE}{title}").as_bytes(), PATIENCE);
        let _ = disable_raw_mode();
    }
}

/// Gives the terminal back before whatever reports panics does so, else the report would vanish with the alternate screen.
fn restore_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // A malformed answer of a target ends a call, and not the console; what reports it would write over the screen.
            if thread::current().name() == Some(THREADS) {
                return;
            }
            restore();
            report(info);
        }));
    });
}

fn lock() -> std::sync::MutexGuard<'static, Option<Taken>> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn terminal_size() -> io::Result<Size> {
    let size = tcgetwinsize(io::stdout())?;
    Ok(Size { width: size.ws_col, height: size.ws_row })
}
