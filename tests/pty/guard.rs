//! The terminal is given back however the process ends. The child is this very test program, which runs [`child`] alone.

use crate::raw::{Raw, ready};
use futures_util::StreamExt;
use rustix::{
    process::{self, Pid, PidfdFlags, getpid, kill_process, pidfd_open},
    termios::{Action, tcflow, tcgetattr},
};
use std::{
    env,
    io::{stdin, stdout},
    process::Command,
    thread,
    time::Duration,
};
use tenure::console::runtime::{
    colour::Depth,
    input::{Input, Inputs},
    terminal::{Drawn, Terminal},
};
use termlens::{Key, Screen, Signal};

const CHILD: [&str; 4] = ["--exact", "guard::child", "--nocapture", "--test-threads=1"];
/// Set for the child only.
const IN_TERMINAL: &str = "TENURE_TEST_IN_TERMINAL";
const PATIENCE: Duration = Duration::from_secs(30);

/// A console in twenty lines: shows a counter of keys; `p` panics, `s` stalls the terminal, `g` lets it go, `t` asks it to end, `c` copies, `q` ends.
#[test]
fn child() {
    if env::var_os(IN_TERMINAL).is_none() {
        return;
    }
    let before = tcgetattr(stdin()).unwrap().local_modes;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let end = runtime.block_on(console());
    // The console ended although the terminal took nothing; the test program itself needs to print.
    let _ = tcflow(stdout(), Action::OOn);
    assert_eq!(tcgetattr(stdin()).map_or(before, |now| now.local_modes), before);
    println!("ended: {end}");
}

async fn console() -> &'static str {
    let mut terminal = Terminal::enter(Depth::Ansi16).unwrap();
    terminal.set_title("tenure\x1b]0;x\x07 张");
    let mut inputs = Inputs::open().unwrap();
    let (mut keys, mut busy, mut dirty) = (0, 0, true);
    loop {
        if dirty {
            let text = format!("ready {keys} keys, {} busy", busy > 0);
            match terminal.draw(|frame| frame.render_widget(text.repeat(40), frame.area())) {
                Ok(Drawn::Busy) => busy += 1,
                Ok(_) => dirty = false,
                Err(_) => return "the terminal is gone",
            }
        }
        tokio::select! {
            () = terminal.writable(), if dirty => {}
            input = inputs.next() => match input {
                Some(Input::Key(key)) => {
                    keys += 1;
                    dirty = true;
                    match key.code.as_char() {
                        Some('p') => drop(thread::spawn(|| panic!("the child panics")).join()),
                        Some('s') => tcflow(stdout(), Action::OOff).unwrap(),
                        Some('g') => tcflow(stdout(), Action::OOn).unwrap(),
                        Some('t') => kill_process(getpid(), process::Signal::TERM).unwrap(),
                        Some('c') => terminal.copy("10023\x1b").unwrap(),
                        Some('q') => return "by key",
                        _ => {}
                    }
                }
                Some(Input::Closed) | None => return "closed",
                Some(_) => dirty = true,
            },
        }
    }
}

fn start() -> termlens::Terminal {
    let mut terminal = termlens::Terminal::builder()
        .size(80, 24)
        .env_clear()
        .env("RUST_BACKTRACE", "0")
        .env(IN_TERMINAL, "1")
        .timeout(PATIENCE)
        .args(CHILD)
        .spawn(env::current_exe().unwrap())
        .unwrap();
    terminal.wait_until(|s| s.contains("ready 0 keys") && s.bracketed_paste() && s.focus_events()).unwrap();
    let screen = terminal.screen();
    assert!(screen.alternate_screen() && !screen.cursor_visible());
    assert_eq!(screen.title(), "tenure]0;x 张");
    terminal
}

/// Nothing of ours is left on.
fn restored(screen: &Screen) -> bool {
    !screen.alternate_screen() && screen.cursor_visible() && !screen.bracketed_paste() && !screen.focus_events()
}

fn ends(mut terminal: termlens::Terminal, last_words: &str) {
    terminal.wait_exit().unwrap();
    let screen = terminal.screen();
    assert!(restored(&screen) && screen.contains(last_words), "{screen}");
}

#[test]
fn leaving_restores() {
    let mut terminal = start();
    terminal.send(Key::Char('q')).unwrap();
    ends(terminal, "ended: by key");
}

#[test]
fn signals_restore_and_sigint_is_not_one() {
    for signal in [Signal::Term, Signal::Hup] {
        let mut terminal = start();
        terminal.signal(Signal::Int).unwrap();
        terminal.send(Key::Ctrl('c')).unwrap();
        terminal.wait_until(|s| s.contains("ready 1 keys")).unwrap();
        terminal.signal(signal).unwrap();
        ends(terminal, "ended: closed");
    }
}

#[test]
fn a_panic_restores_before_it_is_reported() {
    let mut terminal = start();
    terminal.send(Key::Char('p')).unwrap();
    terminal.wait_exit().unwrap();
    let screen = terminal.screen();
    assert!(restored(&screen), "{screen}");
    assert!(screen.contains("the child panics") && screen.contains("ended: the terminal is gone"), "{screen}");
}

#[test]
fn a_stalled_terminal_blocks_no_key_and_then_shows_the_newest_state() {
    let mut terminal = start();
    terminal.send_str("sabcdeg").unwrap();
    terminal.wait_until(|s| s.contains("ready 7 keys, true busy")).unwrap();
    terminal.send(Key::Char('q')).unwrap();
    ends(terminal, "ended: by key");
}

#[test]
fn a_stalled_terminal_does_not_keep_the_process() {
    let mut terminal = start();
    terminal.send_str("sabt").unwrap();
    terminal.wait_exit().unwrap();
}

#[test]
fn the_clipboard_is_the_terminals() {
    let mut terminal = start();
    terminal.send(Key::Char('c')).unwrap();
    terminal.wait_until(|s| s.clipboard().and_then(|c| c.text().map(|text| text == "10023")).unwrap_or(false)).unwrap();
}

#[test]
fn a_window_of_any_size_is_drawn() {
    let mut terminal = start();
    for (width, height) in [(2, 2), (300, 100), (2, 40), (500, 2), (80, 24)] {
        terminal.resize(width, height).unwrap();
        terminal.send(Key::Char('x')).unwrap();
    }
    terminal.wait_until(|s| s.contains("ready 5 keys")).unwrap();
}

/// The window is closed: no controlling terminal, hence no SIGHUP, only the end of the pty.
#[test]
fn a_dead_terminal_ends_the_process() {
    let mut command = Command::new(env::current_exe().unwrap());
    let mut raw = Raw::spawn(command.args(CHILD).env("TERM", "xterm").env(IN_TERMINAL, "1"));
    raw.until("the counter", |text| text.contains("ready 0 keys"));
    let process = pidfd_open(Pid::from_child(&raw.child), PidfdFlags::empty()).unwrap();
    raw.hang_up();
    assert!(ready(&process, PATIENCE), "the process outlives its terminal");
}
