//! `update`: the model and one message in, effects out. Pure: time comes with the call, nothing is read or written elsewhere.
//!
//! - [`input`] keys and pastes: overlays first, then chords, then commands
//! - [`run`] one arm for each command
//! - [`lists`] cursor, marks, pages, filter of the pane's list
//! - [`answer`] what the backend answered; [`watch`] what changed behind the door
//! - [`act`] capture, ceremony, sending, outcomes
//! - [`overlay`] dialogs, one file each

pub mod act;
pub mod admin;
pub mod answer;
pub mod approvals;
pub mod freeze;
pub mod input;
pub mod lists;
pub mod offboarding;
pub mod overlay;
pub mod person;
pub mod run;
pub mod watch;

use super::{
    effect::{Effect, Slot},
    model::{
        Model, Pane, Tone,
        overlay::{Overlay, Reader, Reading},
    },
    msg::Msg,
};
use crate::{backend::Query, domain::sentence::Sentence};
use jiff::Timestamp;

/// What a console does first.
pub fn start(m: &mut Model) -> Vec<Effect> {
    let req = m.ask(Slot::Home, Query::Home);
    m.home.asked(req);
    lists::refresh(m);
    m.outbox.push(Effect::Watch { mark: 0 });
    overlay::form::offer(m);
    if !m.faults.is_empty() {
        let faults = m.faults.clone();
        m.open(Overlay::Reader(Reader { what: Reading::Faults(faults), top: 0 }));
    }
    std::mem::take(&mut m.outbox)
}

/// Takes one message.
pub fn update(m: &mut Model, msg: Msg, now: Timestamp) -> Vec<Effect> {
    // A clock that is set back must not make ages negative or wake times pass twice.
    m.now = m.now.max(now);
    match msg {
        Msg::Key { key, at } => input::key(m, key, at),
        Msg::Paste { text, at } => input::paste(m, &text, at),
        Msg::Resize { cols, rows } => {
            m.size = (cols, rows);
            lists::clamp(m);
        }
        Msg::Drawn { at } => {
            if let Some(open) = &mut m.overlay {
                open.shown.get_or_insert(at);
            }
        }
        Msg::Wake => {
            watch::due(m);
            act::due(m);
            lists::due(m);
            freeze::due(m);
        }
        Msg::Answer { slot, req, result } => answer::answer(m, slot, req, result),
        Msg::Acted { job, result } => act::acted(m, job, result),
        Msg::Stored { job, result } => act::stored(m, job, result),
        Msg::Got { req, result } => offboarding::got(m, req, result),
        Msg::Watched { result } => watch::watched(m, result),
        Msg::Importing { req, part } => overlay::import::moved(m, req, part),
        Msg::Imported { req, result } => overlay::import::ended(m, req, result),
        Msg::Hangup => {
            overlay::form::hang_up(m);
            m.outbox.push(Effect::HangUp);
        }
    }
    std::mem::take(&mut m.outbox)
}

/// When the model itself wants to be woken: to try a lost link again, to settle an act whose outcome is unknown.
pub fn wake_at(m: &Model) -> Option<Timestamp> {
    watch::wake_at(m).into_iter().chain(m.jobs.iter().filter_map(|j| j.unknown)).min()
}

/// Opens a pane and asks for what it shows; what is known is shown meanwhile.
pub fn go(m: &mut Model, pane: Pane) {
    if pane != m.pane {
        // A pane is on the way back at most once, so the way back always ends.
        m.trail.retain(|p| *p != pane);
        m.trail.push(m.pane);
        m.pane = pane;
    }
    lists::refresh(m);
}

/// Back to the pane before; says so when there is none.
pub fn back(m: &mut Model) -> bool {
    match m.trail.pop() {
        Some(pane) => {
            m.pane = pane;
            lists::refresh(m);
            true
        }
        None => {
            m.tell(Tone::Info, Sentence::new("notice-first-pane"));
            false
        }
    }
}
