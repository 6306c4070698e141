//! Loading a file: kind, path, mapping; then how far it is; then what became of it.

use super::{leaves, leaves_input};
use crate::{
    backend::{Failure, Query},
    console::{
        command::key::{Code, Key},
        effect::{Effect, ReqId, Slot},
        model::{
            Model, Tone,
            import::{FIELDS, Import, Imported, KINDS, Part, Run},
            overlay::Overlay,
        },
        update::lists,
    },
    domain::sentence::Sentence,
};

/// Opens the form; what runs, or was typed, is still there.
pub fn open(m: &mut Model) {
    if matches!(m.import.run, Run::Done(_)) {
        m.import = next(&m.import);
    }
    m.open(Overlay::Import);
}

/// A form for the file that is usually loaded after this one.
fn next(last: &Import) -> Import {
    Import { kind: (last.kind + 1).min(KINDS.len() - 1), map: last.map.clone(), ..Import::default() }
}

pub fn key(m: &mut Model, key: Key) {
    match &m.import.run {
        Run::Asked => asked(m, key),
        Run::Going { .. } => {
            if leaves(key.narrow()) {
                m.overlay = None;
                m.tell(Tone::Info, Sentence::new("notice-import-goes-on"));
            }
        }
        Run::Done(_) => match key.narrow().code {
            Code::Char('i') => m.import = next(&m.import),
            _ if leaves(key.narrow()) || key.code == Code::Enter => m.overlay = None,
            _ => {}
        },
    }
}

fn asked(m: &mut Model, key: Key) {
    if leaves_input(key) {
        m.overlay = None;
        return;
    }
    let form = &mut m.import;
    match (key.code, form.focus) {
        (Code::Enter, _) => start(m),
        (Code::Down, _) => form.focus = (form.focus + 1) % FIELDS,
        (Code::Tab, _) if !key.shift => form.focus = (form.focus + 1) % FIELDS,
        (Code::Up | Code::Tab, _) => form.focus = (form.focus + FIELDS - 1) % FIELDS,
        (Code::Left, 0) => form.kind = (form.kind + KINDS.len() - 1) % KINDS.len(),
        (Code::Right | Code::Char(' '), 0) => form.kind = (form.kind + 1) % KINDS.len(),
        (_, 1) => {
            form.file.key(key);
        }
        (_, 2) => {
            form.map.key(key);
        }
        _ => {}
    }
}

/// A path as it was typed, pasted or dropped: a terminal drops it in quotes.
fn path(text: &str) -> &str {
    let text = text.trim();
    ['\'', '"'].iter().find_map(|q| text.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(text)
}

fn start(m: &mut Model) {
    let file = path(m.import.file.text()).to_owned();
    if file.is_empty() {
        m.import.fault = Some((Sentence::new("fault-no-file"), None));
        m.import.focus = 1;
        return;
    }
    let map = Some(path(m.import.map.text()).to_owned()).filter(|map| !map.is_empty());
    let kind = KINDS.get(m.import.kind).copied().unwrap_or("employees");
    let (req, key) = (m.number(), m.key());
    m.import.fault = None;
    m.import.run = Run::Going { req, begun: m.now, part: Part { loading: false, rows: 0, of: None } };
    m.outbox.push(Effect::Import { req, key, kind, file, map });
}

/// It has come further.
pub fn moved(m: &mut Model, req: ReqId, part: Part) {
    if let Run::Going { req: own, begun, part: now } = &mut m.import.run
        && *own == req
    {
        if part.loading && !now.loading {
            *begun = m.now;
        }
        *now = part;
    }
}

/// It has ended.
pub fn ended(m: &mut Model, req: ReqId, result: Result<Box<Imported>, Failure>) {
    if !matches!(&m.import.run, Run::Going { req: own, .. } if *own == req) {
        return;
    }
    let watched = matches!(m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Import));
    match result {
        Ok(mut done) => {
            crate::console::model::clean::import(&mut done);
            if !watched {
                let what = Sentence::new("notice-import-done").with("added", done.state.added).with("bad", done.state.refused);
                m.tell(if done.state.refused > 0 { Tone::Warn } else { Tone::Good }, what);
            }
            m.import.run = Run::Done(done);
        }
        Err(why) => {
            if !watched {
                m.tell(Tone::Warn, why.what.clone());
            }
            m.import.fault = Some((why.what, why.next));
            m.import.run = Run::Asked;
        }
    }
    let req = m.ask(Slot::Home, Query::Home);
    m.home.asked(req);
    lists::refresh(m);
}
