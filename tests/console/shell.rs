//! The loop on a buffer instead of a terminal: keys in, frames out; and what frames cost.

use crate::{
    app::{App, options, print},
    company::{Company, Door},
};
use crossterm::event::{KeyCode, KeyModifiers};
use futures_util::{Stream, stream};
use ratatui::{Frame, Terminal, backend::TestBackend, layout::Size};
use std::{
    future::{Future, ready},
    io,
    sync::{Arc, Mutex},
    time::Instant,
};
use tenure::{
    console::runtime::{
        Screen,
        colour::Depth,
        input::{Input, Key},
        output, shell,
        terminal::Drawn,
    },
    domain::alert::AlertState,
    text::Lang,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// A screen that others can look at.
struct Glass {
    terminal: Terminal<TestBackend>,
    seen: Arc<Mutex<(String, usize)>>,
    copied: Arc<Mutex<Vec<String>>>,
}

impl Screen for Glass {
    fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<Drawn> {
        let frame = self.terminal.draw(picture).map_err(|e| io::Error::other(e.to_string()))?;
        let text = print(frame.buffer);
        let mut seen = self.seen.lock().unwrap();
        *seen = (text, seen.1 + 1);
        Ok(Drawn::Nothing)
    }
    fn writable(&self) -> impl Future<Output = ()> {
        ready(())
    }
    fn repaint(&mut self) {}
    fn copy(&mut self, text: &str) {
        self.copied.lock().unwrap().push(text.into());
    }
    fn title(&mut self, _: &str) {}
}

fn inputs(rx: UnboundedReceiver<Input>) -> impl Stream<Item = Input> + Unpin {
    Box::pin(stream::unfold(rx, |mut rx| async move { rx.recv().await.map(|i| (i, rx)) }))
}

fn press(c: char) -> Input {
    Input::Key(Key { code: KeyCode::Char(c), mods: KeyModifiers::NONE, at: Instant::now() })
}

#[test]
fn keys_go_in_and_frames_come_out() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let door = Arc::new(Door::new(Company::default()));
        let (company, seen, copied) = (Arc::clone(&door.company), Arc::default(), Arc::default());
        let glass =
            Glass { terminal: Terminal::new(TestBackend::new(80, 24)).unwrap(), seen: Arc::clone(&seen), copied: Arc::clone(&copied) };
        let (tx, rx) = unbounded_channel();
        let console = tokio::spawn(shell(door, options(Lang::En), glass, inputs(rx)));
        let until = |what: &'static str| {
            let seen = Arc::clone(&seen);
            async move {
                for _ in 0..100_000 {
                    if seen.lock().unwrap().0.contains(what) {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
                panic!("never saw {what}:\n{}", seen.lock().unwrap().0);
            }
        };
        until("Most urgent").await;
        for c in ['g', 'a'] {
            tx.send(press(c)).unwrap();
        }
        until("[Alerts]").await;
        for c in ['j', 'a', 'y'] {
            tx.send(press(c)).unwrap();
        }
        until("Done: acknowledge").await;
        assert_eq!(company.lock().unwrap().alerts[1].alert.state, AlertState::Acked);
        assert_eq!(*copied.lock().unwrap(), ["10417"]);
        // Nothing happens: nothing is drawn.
        let frames = seen.lock().unwrap().1;
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        assert_eq!(seen.lock().unwrap().1, frames);
        tx.send(press('Q')).unwrap();
        console.await.unwrap().unwrap();
    });
}

#[test]
fn the_end_of_the_input_ends_the_console() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let glass = Glass { terminal: Terminal::new(TestBackend::new(80, 24)).unwrap(), seen: Arc::default(), copied: Arc::default() };
        let (tx, rx) = unbounded_channel();
        tx.send(Input::Closed).unwrap();
        shell(Arc::new(Door::new(Company::default())), options(Lang::En), glass, inputs(rx)).await.unwrap();
    });
}

/// Bytes of the frames after each of some keys, on the console's own writer.
fn bytes(app: &mut App, keys: &[&str]) -> Vec<usize> {
    let (w, h) = app.m.size;
    let screen = output::Screen::new(io::sink(), Depth::Ansi16, Size { width: w, height: h });
    let mut terminal = Terminal::new(screen).unwrap();
    let mut draw = |app: &App| {
        terminal
            .draw(|f| {
                tenure::console::view::draw(&app.m, f.area(), f.buffer_mut());
            })
            .unwrap();
        terminal.backend().sent()
    };
    draw(app);
    keys.iter()
        .map(|k| {
            app.press(k);
            draw(app)
        })
        .collect()
}

#[test]
fn a_one_row_move_is_cheap_and_an_idle_screen_is_free() {
    for (lang, most) in [(Lang::En, 100), (Lang::ZhCn, 140)] {
        for pane in ["", "g a", "g p", "g m", "g u", "g a enter", "g o j j enter"] {
            let mut app = App::new(lang);
            app.press(pane);
            let costs = bytes(&mut app, &["j", "j", "k", "j"]);
            assert!(costs.iter().all(|c| *c <= most), "{lang} {pane:?}: {costs:?}");
            let frame = bytes(&mut app, &[""]);
            assert_eq!(frame, [0], "{lang} {pane:?}");
        }
    }
}

/// The word for a kind is no dearer than a score.
#[test]
fn a_row_of_another_kind_moves_as_cheaply() {
    for (lang, most) in [(Lang::En, 100), (Lang::ZhCn, 140)] {
        let mut company = Company::default();
        company.alerts.iter_mut().for_each(|r| r.alert.kind = tenure::domain::alert::AlertKind::FreezeDrift);
        let mut app = App::with(&options(lang), company);
        app.press("g a");
        let costs = bytes(&mut app, &["j", "j", "k", "j"]);
        assert!(costs.iter().all(|c| *c <= most), "{lang}: {costs:?}");
    }
}

#[test]
fn turning_to_another_pane_fits_a_slow_line() {
    for lang in Lang::ALL {
        let mut app = App::new(lang);
        let costs = bytes(&mut app, &["g a", "g p", "g m", "g u", "g h", "?", "esc", ":", "esc"]);
        assert!(costs.iter().all(|c| *c <= 4_000), "{lang}: {costs:?}");
    }
}

/// What shows no running clock shows the same after a minute, and an unchanged screen costs nothing (above).
#[test]
fn a_minute_without_a_key_changes_nothing() {
    for lang in Lang::ALL {
        for pane in ["g p", "g u"] {
            let mut app = App::new(lang);
            app.press(pane);
            let before = app.screen();
            app.later(60);
            assert_eq!(app.screen(), before, "{lang} {pane:?}");
        }
    }
}
