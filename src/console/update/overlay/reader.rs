//! Long text: scrolled, closed.

use super::{leaves, moves};
use crate::console::{
    command::key::{Code, Key},
    model::{Model, overlay::Overlay},
    update::offboarding,
    view::overlay::reader,
};

pub fn key(m: &mut Model, key: Key) {
    let (most, page) = reader::scroll(m);
    let Some(Overlay::Reader(r)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    let page = isize::try_from(page.max(1)).unwrap_or(1);
    let by = match (key.code, key.ctrl) {
        _ if leaves(key) => {
            m.overlay = None;
            return;
        }
        (Code::Tab, _) => return offboarding::turn_version(m, if key.shift { 1 } else { -1 }),
        (Code::Char('r' | 'l'), true) => return offboarding::fetch(m),
        (Code::PageDown | Code::Char(' '), false) | (Code::Char('f'), true) => page,
        (Code::PageUp, false) | (Code::Char('u'), true) => -page,
        (Code::Home | Code::Char('g'), false) => isize::MIN,
        (Code::End | Code::Char('G'), false) => isize::MAX,
        _ => moves(key).unwrap_or(0),
    };
    r.top = r.top.min(most).saturating_add_signed(by).min(most);
}
