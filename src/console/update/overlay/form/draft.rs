//! What is written in a form and not sent: kept for the next form about the same, and beyond the end of a session that was cut.

use super::{get, values};
use crate::{
    console::model::{
        Model, Tone,
        overlay::{Confirm, Confirming, Draft, Field, Form, Input, Overlay},
    },
    domain::sentence::Sentence,
};

/// Keeps what was typed. Returns whether there is a text worth keeping.
pub(super) fn keep(m: &mut Model) -> bool {
    let Some(Overlay::Form(form)) = m.overlay.as_ref().map(|o| &o.what) else { return false };
    let written = form.fields.iter().any(|f| matches!(&f.input, Input::Area(a) if a.lines().iter().any(|l| !l.trim().is_empty())));
    if written {
        let form = form.clone();
        draft(m, &form);
    }
    written
}

/// What was written in a form, kept for the next one about the same.
pub fn draft(m: &mut Model, form: &Form) {
    let about = form.on.first_id();
    m.drafts.insert(form.key(), Draft { form: form.kind, about, label: form.label(), values: values(form) });
}

/// The terminal is gone: whatever somebody has written and not sent is kept, wherever it is on its way.
pub fn hang_up(m: &mut Model) {
    let open = match m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Form(form)) => Some(form.clone()),
        Some(Overlay::Confirm(Confirm { what: Confirming::Act(p), .. })) => p.form.clone(),
        _ => None,
    };
    // An act whose outcome is not known may not have happened, and one that waits for its file has not.
    let waiting = m.jobs.iter().filter(|j| j.unknown.is_some() || j.tries > 0 || j.file.is_some());
    let forms: Vec<_> = waiting.filter_map(|j| j.form.clone()).chain(open).collect();
    for form in forms.iter().filter(|f| is_written(f)) {
        draft(m, form);
    }
}

/// Whether somebody has written in it: what a form is filled with is not that.
fn is_written(form: &Form) -> bool {
    let own = |f: &Field| !matches!(f.name, "field-when" | "field-who" | "field-until" | "field-confirm");
    form.fields.iter().any(|f| own(f) && !matches!(f.input, Input::Choice { .. }) && !get(&f.input).trim().is_empty())
}

/// Says what is still there from a session that was cut.
pub fn offer(m: &mut Model) {
    let about: Vec<String> = m.drafts.values().map(|d| d.label.clone()).take(3).collect();
    if !about.is_empty() {
        let what = Sentence::new("notice-drafts-back").with("n", m.drafts.len()).with("about", about.join(", "));
        m.tell(Tone::Info, what);
    }
}
