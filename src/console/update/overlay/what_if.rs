//! "What if": type other values, see the other score.

use super::leaves_input;
use crate::console::{
    command::key::{Code, Key},
    model::{Model, overlay::Overlay},
    update::person,
};

pub fn key(m: &mut Model, key: Key) {
    let Some(Overlay::WhatIf(form)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    // Only figures are typed here, so `q` is free to leave.
    if leaves_input(key) || key == Key::char('q') {
        m.overlay = None;
        return;
    }
    let len = form.fields.len().max(1);
    match key.code {
        Code::Enter => person::ask_what_if(m),
        Code::Down => form.focus = (form.focus + 1) % len,
        Code::Tab if !key.shift => form.focus = (form.focus + 1) % len,
        Code::Up | Code::Tab => form.focus = (form.focus + len - 1) % len,
        Code::Char(c) if !(key.ctrl || c.is_ascii_digit() || matches!(c, '.' | '-' | '+' | 'e')) => {}
        _ => {
            if let Some(field) = form.fields.get_mut(form.focus) {
                field.2.key(key);
            }
        }
    }
}
