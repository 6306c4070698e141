//! The `/` line.

use super::leaves_input;
use crate::console::{
    command::key::{Code, Key},
    model::{Model, overlay::Overlay},
    update::lists,
};

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::Filter(line)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    if leaves_input(key) {
        m.overlay = None;
    } else if key.code == Code::Enter {
        let text = line.text().to_owned();
        // A filter that cannot be read stays open to be mended.
        if lists::set_filter(m, &text) {
            m.overlay = None;
        }
    } else {
        line.key(key);
        m.notice = None;
    }
}
