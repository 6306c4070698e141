//! Long text: scrolled, closed.

use super::{leaves, moves};
use crate::console::{
    command::{
        CommandId, Scope,
        key::{Code, Key},
        keymap::Found,
    },
    model::{
        Model,
        overlay::{Overlay, Reading},
    },
    update::{approvals, offboarding, person, run},
    view::overlay::reader,
};

pub fn key(m: &mut Model, key: Key) {
    let (most, page) = reader::scroll(m);
    let Some(Overlay::Reader(r)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    if matches!(r.what, Reading::Approval(_)) {
        // The keys of the pane, wherever the operator put them; the lock is lifted where it is in the way.
        match m.keys.find(&[Scope::Approvals, Scope::Global], &[key]) {
            Found::Command(CommandId::ApprovalGrant) => return approvals::decide(m, true),
            Found::Command(CommandId::ApprovalDeny) => return approvals::decide(m, false),
            Found::Command(CommandId::AppLock) => return run::key(m, CommandId::AppLock),
            _ => {}
        }
    }
    if matches!(r.what, Reading::Contest(_)) {
        match m.keys.find(&[Scope::Person, Scope::Global], &[key]) {
            Found::Command(CommandId::PersonAnswer) => return person::answer(m),
            Found::Command(CommandId::AppLock) => return run::key(m, CommandId::AppLock),
            _ => {}
        }
    }
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
