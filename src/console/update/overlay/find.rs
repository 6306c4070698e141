//! The search for a person: Enter asks, and once the answer is there takes whom the cursor is on.

use super::{arrows, form, leaves_input, moved};
use crate::{
    backend::{Filter, Query, query::Slice},
    console::{
        command::key::{Code, Key},
        effect::Slot,
        model::{
            Captured, Model, Tone,
            dataset::Remote,
            find::{Find, Finding},
            freeze::Planning,
            label,
            overlay::{FormKind, Overlay},
        },
        update::{act, freeze, offboarding},
    },
    domain::{act::Act, person::PersonRef},
};

/// People of an answer: more are found by typing more.
const SHOWN: u32 = 50;

/// Opens the search. For a customer the colleagues of the leaver's unit are offered unasked.
pub fn open(m: &mut Model, what: Finding) {
    m.open(Overlay::Find(Box::new(Find::new(what))));
    ask(m);
}

/// Asks for whom the line names.
fn ask(m: &mut Model) {
    let unit = offboarding::unit(m);
    let Some(Overlay::Find(find)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let text = find.line.text().trim().to_owned();
    let people = |filter| Query::People { filter, slice: Slice { after: None, limit: SHOWN } };
    let query = match (&find.what, text.is_empty()) {
        (Finding::Account, true) => return,
        (Finding::Account, false) => Query::Find { text: text.clone() },
        (_, true) => people(Filter { org: unit, ..Filter::default() }),
        (_, false) => people(Filter { text: Some(text.clone()), ..Filter::default() }),
    };
    let req = m.ask(Slot::Overlay, query);
    if let Some(Overlay::Find(find)) = m.overlay.as_mut().map(|o| &mut o.what) {
        (find.asked, find.at, find.more, find.found) = (text, 0, false, Remote::default());
        find.found.asked(req);
    }
}

pub fn key(m: &mut Model, key: Key) {
    if leaves_input(key) {
        m.overlay = None;
        return;
    }
    m.notice = None;
    let Some(Overlay::Find(find)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    let rows = find.rows().len();
    if key.code == Code::Enter {
        // What is shown answers another text: nobody is taken who was not asked for.
        if find.asked == find.line.text().trim() && rows > 0 { take(m) } else { ask(m) }
    } else if let Some(by) = arrows(key).filter(|_| rows > 0) {
        find.at = moved(find.at, by, rows);
    } else {
        find.line.key(key);
    }
}

/// A number that was typed in full names one person: their plan, which only reads, comes at once.
pub fn found(m: &mut Model) {
    let Some(Overlay::Find(find)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let asked = find.asked == find.line.text().trim();
    if matches!(find.what, Finding::Account) && asked && matches!(find.rows().as_slice(), [Some(who)] if who.number == find.asked) {
        take(m);
    }
}

/// Takes the row under the cursor. Pinned by id: nothing that happens to the list later leads to somebody else.
fn take(m: &mut Model) {
    let Some(Overlay::Find(find)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let Some(who) = find.rows().get(find.at).map(|w| w.cloned()) else { return };
    if let Some(why) = who.as_ref().and_then(|w| find.refused(w)) {
        return m.tell(Tone::Warn, why);
    }
    match (find.what.clone(), who) {
        (Finding::Account, Some(who)) => freeze::look(m, Planning::Freeze(who.id), label(&who)),
        (Finding::Taker { on, .. }, Some(who)) => {
            let act = Act::CustomerTransfer { to: who.id };
            act::go(m, offboarding::transfer(with(on, who), act));
        }
        (Finding::Taker { on, .. }, None) => offboarding::disown(m, FormKind::Pool, on),
        (Finding::Collector { on, then, .. }, Some(who)) => form::open(m, then, with(on, who)),
        (Finding::Account | Finding::Collector { .. }, None) => {}
    }
}

fn with(on: Captured, who: PersonRef) -> Captured {
    Captured { who: Some(Box::new(who)), ..on }
}
