//! The event loop: wait, update, draw. No ticks: it sleeps until a key, an answer, or the instant at which a shown text changes.

use super::{
    Left, Options,
    input::{Input, Key as RawKey},
    tasks::Tasks,
    terminal::{Drawn, Terminal},
};
use crate::{
    backend::{self, Backend},
    console::{
        command::key::{Code, Key},
        effect::Effect,
        model::Model,
        msg::{Msg, Stamp},
        update,
        view::{self, Meta},
    },
};
use crossterm::event::{KeyCode, KeyModifiers};
use futures_util::{FutureExt, Stream, StreamExt};
use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use std::{
    future::Future,
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::unbounded_channel;
use uuid::Uuid;

/// Messages that are taken before a frame is drawn.
const BATCH: usize = 256;
/// Longest sleep: a clock that was set is noticed after it.
const NAP: Duration = Duration::from_secs(3600);

/// What the loop draws on. The operator's terminal; in tests a buffer.
pub trait Screen {
    /// Draws a frame unless the one before is still on its way.
    ///
    /// # Errors
    /// When the screen is gone.
    fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn>;
    /// Waits until the frame before is out.
    fn writable(&self) -> impl Future<Output = ()>;
    /// Paints everything with the next frame.
    fn repaint(&mut self);
    /// Sends a text to the clipboard of the terminal, as far as it takes it.
    fn copy(&mut self, text: &str);
    /// Names the window.
    fn title(&mut self, title: &str);
}

impl Screen for Terminal {
    fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        Self::draw(self, picture)
    }
    fn writable(&self) -> impl Future<Output = ()> {
        Self::writable(self)
    }
    fn repaint(&mut self) {
        self.redraw();
    }
    fn copy(&mut self, text: &str) {
        // An employee number is never too long for a clipboard.
        let _ = Self::copy(self, text);
    }
    fn title(&mut self, title: &str) {
        self.set_title(title);
    }
}

/// Runs a console until the operator leaves, or the terminal is gone.
///
/// # Errors
/// None today: a screen that is gone ends it like an input that is.
pub async fn shell(
    backend: Arc<dyn Backend>,
    options: Options,
    mut screen: impl Screen,
    mut inputs: impl Stream<Item = Input> + Unpin,
) -> io::Result<Left> {
    let (out, mut answers) = unbounded_channel();
    let mut tasks = Tasks::new(Arc::clone(&backend), options.files.clone(), out);
    let mut clock = Clock::new();
    let nonce = Uuid::now_v7().simple().to_string();
    let mut m = Model::new(backend.who().clone(), &options, nonce, clock.now());
    let mut effects = update::start(&mut m);
    let mut meta = Meta::default();
    let mut dirty = true;
    screen.title("tenure");
    loop {
        for effect in effects.drain(..) {
            match tasks.start(effect) {
                Some(Effect::Copy(text)) => {
                    screen.copy(&text);
                    dirty = true;
                }
                Some(Effect::Repaint) => {
                    screen.repaint();
                    dirty = true;
                }
                Some(Effect::Quit) => return Ok(Left { for_sample: false, lang: m.lang, drafts: Vec::new() }),
                Some(Effect::Sample) => return Ok(Left { for_sample: true, lang: m.lang, drafts: Vec::new() }),
                Some(Effect::HangUp) => return Ok(Left { for_sample: false, lang: m.lang, drafts: m.typed() }),
                _ => {}
            }
        }
        let mut busy = false;
        if dirty {
            // Before the frame leaves: whoever answers it at once has seen it, however late this task comes to the next line.
            let shown = Instant::now();
            let drawn = screen.draw(|frame| {
                // The size that is drawn is the size that was scrolled for.
                let area = frame.area();
                if m.size != (area.width, area.height) {
                    let _ = update::update(&mut m, Msg::Resize { cols: area.width, rows: area.height }, clock.now());
                }
                meta = view::draw(&m, area, frame.buffer_mut());
                if let Some(at) = meta.cursor {
                    frame.set_cursor_position(at);
                }
            });
            let Ok(drawn) = drawn else {
                effects.extend(update::update(&mut m, Msg::Hangup, clock.now()));
                continue;
            };
            busy = drawn == Drawn::Busy;
            dirty = busy;
            if !busy {
                // A dialog that is on screen now takes keys from here on.
                effects.extend(update::update(&mut m, Msg::Drawn { at: clock.stamp(shown) }, clock.now()));
            }
        }
        let wake = meta.wake.into_iter().chain(update::wake_at(&m)).min().map(|at| clock.until(at));
        let msg = tokio::select! {
            biased;
            input = inputs.next() => input.map_or(Some(Msg::Hangup), |i| clock.message(i)),
            answer = answers.recv() => answer,
            () = screen.writable(), if busy => None,
            () = tokio::time::sleep(wake.unwrap_or(NAP).min(NAP)), if wake.is_some() => Some(Msg::Wake),
        };
        let mut next = msg;
        for _ in 0..BATCH {
            let Some(msg) = next.take() else { break };
            if let Msg::Answer { result: Ok(reply), .. } = &msg {
                clock.heard(reply.at);
            }
            m.skew = backend::skew(clock.now(), Timestamp::now());
            effects.extend(update::update(&mut m, msg, clock.now()));
            dirty = true;
            // What has arrived meanwhile goes into the same frame.
            next = match inputs.next().now_or_never() {
                Some(Some(input)) => clock.message(input),
                Some(None) => Some(Msg::Hangup),
                None => answers.try_recv().ok(),
            };
        }
        if let Some(msg) = next {
            effects.extend(update::update(&mut m, msg, clock.now()));
        }
    }
}

/// Wall and monotonic time, and how far the store's clock is from this machine's.
struct Clock {
    start: Instant,
    skew: SignedDuration,
}

impl Clock {
    fn new() -> Self {
        Self { start: Instant::now(), skew: SignedDuration::ZERO }
    }

    /// The store's time, as far as it is known: due times are instants of the store.
    fn now(&self) -> Timestamp {
        Timestamp::now().checked_add(self.skew).unwrap_or(Timestamp::MAX)
    }

    /// Takes the store's time of an answer. Differences that are no more than the way of the answer are none.
    fn heard(&mut self, at: Timestamp) {
        let skew = at.duration_since(Timestamp::now());
        self.skew = if skew.abs() < SignedDuration::from_secs(5) { SignedDuration::ZERO } else { skew };
    }

    fn until(&self, at: Timestamp) -> Duration {
        let left = at.duration_since(self.now());
        Duration::try_from(left).unwrap_or(Duration::ZERO).max(Duration::from_millis(1))
    }

    fn stamp(&self, at: Instant) -> Stamp {
        u64::try_from(at.saturating_duration_since(self.start).as_micros()).unwrap_or(u64::MAX)
    }

    fn message(&self, input: Input) -> Option<Msg> {
        Some(match input {
            Input::Key(raw) => Msg::Key { key: key(raw)?, at: self.stamp(raw.at) },
            Input::Paste(text) => Msg::Paste { text, at: self.stamp(Instant::now()) },
            Input::Resize(cols, rows) => Msg::Resize { cols, rows },
            // Coming back to the window is a good moment to look at the clock.
            Input::Focus(_) => Msg::Wake,
            Input::Closed => Msg::Hangup,
        })
    }
}

/// A key of the terminal as the console knows it; `None` for keys that it has no name for.
fn key(raw: RawKey) -> Option<Key> {
    let shift = raw.mods.contains(KeyModifiers::SHIFT);
    let code = match raw.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab | KeyCode::BackTab => Code::Tab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Insert => Code::Insert,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::F(n) => Code::F(n),
        _ => return None,
    };
    Some(Key {
        code,
        ctrl: raw.mods.contains(KeyModifiers::CONTROL),
        alt: raw.mods.contains(KeyModifiers::ALT),
        // A character carries its own shift.
        shift: !matches!(code, Code::Char(_)) && (shift || raw.code == KeyCode::BackTab),
    })
}
