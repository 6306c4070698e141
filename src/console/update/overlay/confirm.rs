//! The question before an act: No unless somebody says Yes.

use super::{leaves, moved, moves};
use crate::console::{
    command::key::{Code, Key},
    effect::Effect,
    model::{
        Model,
        overlay::{Confirming, Overlay},
    },
    update::act,
};

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::Confirm(c)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    if leaves(key) || key == Key::char('n') {
        m.overlay = None;
        return;
    }
    let yes = match key.code {
        Code::Left | Code::Right | Code::Tab => {
            c.yes = !c.yes;
            return;
        }
        Code::Char('y') if !key.ctrl && !key.alt => true,
        Code::Enter => c.yes,
        _ => {
            if let (Some(by), Confirming::Act(p)) = (moves(key), &c.what) {
                c.top = moved(c.top, by, p.on.items.len());
            }
            return;
        }
    };
    let Some(open) = m.overlay.take() else { return };
    match open.what {
        Overlay::Confirm(c) if yes => match c.what {
            Confirming::Act(p) => act::send(m, *p),
            Confirming::Quit => m.outbox.push(Effect::Quit),
        },
        _ => {}
    }
}
