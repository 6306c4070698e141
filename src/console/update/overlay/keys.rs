//! The `?` help: every key that works here, searchable.

use super::{arrows, leaves_input, moved, palette};
use crate::console::{
    command::key::{Code, Key},
    model::{Model, overlay::Overlay},
};

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::Keys(k)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let empty = k.query.text().is_empty();
    // Nothing typed: `q` and `?` close, as they do everywhere else. What searches may begin with any other letter.
    if leaves_input(key) || key.code == Code::Enter || (empty && matches!(key.narrow().code, Code::Char('q' | '?') | Code::Backspace)) {
        m.overlay = None;
        return;
    }
    let len = palette::matches(m, k.query.text()).len();
    if let Some(Overlay::Keys(k)) = m.overlay.as_mut().map(|o| &mut o.what) {
        match arrows(key) {
            Some(by) => k.top = moved(k.top, by, len),
            None => {
                k.query.key(key);
                k.top = 0;
            }
        }
    }
}
