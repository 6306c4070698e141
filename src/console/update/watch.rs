//! The long poll: what changed behind the door, and whether the door can be reached at all.

use super::{lists, person};
use crate::{
    backend::{Changed, Failure, FailureKind, Query, Watched},
    console::{
        effect::{Effect, Slot},
        model::{Link, Model, Pane, Tone, admin::AdminPane, dataset::Dataset},
    },
    domain::sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp};

/// Seconds until a lost link is tried again: doubled each time, up to the last.
const WAITS: [i64; 5] = [2, 4, 8, 16, 30];

/// Takes the answer of the long poll and starts the next.
pub fn watched(m: &mut Model, result: Result<Watched, Failure>) {
    match result {
        Ok(w) => {
            let was_lost = m.is_stale();
            let first = m.mark.is_none();
            m.link = Link::Up;
            m.mark = Some(w.mark);
            m.outbox.push(Effect::Watch { mark: w.mark });
            if was_lost {
                m.tell(Tone::Good, Sentence::new("notice-link-back"));
                again_all(m);
            } else if !first && !w.changed.is_empty() {
                changed(m, &w.changed);
            }
        }
        Err(why) => {
            if is_shut_out(&why) {
                clear(m, &why);
            }
            let (since, tries) = match m.link {
                Link::Lost { since, tries, .. } => (since, tries + 1),
                _ => (m.now, 0),
            };
            m.link = Link::Lost { since, again: m.now + wait(tries), tries, why };
        }
    }
}

/// How long to wait before try number `tries`.
pub fn wait(tries: u32) -> SignedDuration {
    let at = usize::try_from(tries).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    SignedDuration::from_secs(WAITS.get(at).copied().unwrap_or(30))
}

/// When the link, or what could not be read, is tried again. A wake that was answered is not due twice: `due` clears it by asking.
pub fn wake_at(m: &Model) -> Option<Timestamp> {
    match &m.link {
        // The link comes first: with it everything is asked for again.
        Link::Lost { again, .. } => Some(*again).filter(|t| *t < Timestamp::MAX),
        _ => m.retry.into_iter().chain(m.hides).min(),
    }
}

/// Something could not be read: it is asked for again, unless asking again cannot help.
pub fn failed(m: &mut Model, why: &Failure) {
    if matches!(why.kind, FailureKind::Unreachable | FailureKind::Unknown | FailureKind::Failed) {
        m.retry = Some(m.now + wait(m.retries));
        m.retries += 1;
    }
}

/// Whether the operator of this console is one no more.
pub fn is_shut_out(why: &Failure) -> bool {
    matches!(why.what.code.as_ref(), "operator-ended" | "operator-revoked" | "ssh-key-removed" | "token-unknown")
}

/// Nothing that was read stays on the screen of somebody who may see it no more: in its place stands why. The link asks again, in case the
/// operator is given back.
pub fn clear(m: &mut Model, why: &Failure) {
    (m.overlay, m.person, m.case, m.order) = (None, None, None, None);
    m.pane = Pane::Today;
    m.today.counts.data = Dataset::Failed(why.clone());
    m.today.urgent.reset();
    m.alerts.list.reset();
    m.people.list.reset();
    m.plans.list.reset();
    m.approvals.list.reset();
    m.board.list.reset();
    m.board.owed.reset();
    m.freezes.list.reset();
    m.audit.list.reset();
    m.admin = AdminPane::default();
}

/// Something was read.
pub fn answered(m: &mut Model) {
    m.retry = None;
    m.retries = 0;
}

/// Tries again when it is time.
pub fn due(m: &mut Model) {
    let hidden = m.hides.take_if(|t| *t <= m.now).is_some();
    if (m.retry.take_if(|t| *t <= m.now).is_some() || hidden) && !m.is_stale() {
        again_all(m);
    }
    if let Link::Lost { again, .. } = &mut m.link
        && *again <= m.now
    {
        // Until the answer comes there is nothing to wake for.
        *again = Timestamp::MAX;
        // Mark 0 is answered at once: a long poll would leave a link that is back looking lost for half a minute.
        m.outbox.push(Effect::Watch { mark: 0 });
    }
}

fn again_all(m: &mut Model) {
    if m.home.data.value().is_none() {
        let req = m.ask(Slot::Home, Query::Home);
        m.home.asked(req);
    }
    again(m);
}

fn again(m: &mut Model) {
    lists::refresh(m);
    if m.pane == Pane::Person {
        person::refresh_card(m);
    }
}

/// Asks again for what is shown, if it may have changed.
fn changed(m: &mut Model, changed: &[Changed]) {
    if changed.iter().all(|c| c.what == "access") {
        return;
    }
    if m.is_empty_home() {
        // Somebody may have come.
        let req = m.ask(Slot::Home, Query::Home);
        m.home.asked(req);
    }
    if let (Pane::Case, Some(pane)) = (m.pane, &m.case) {
        // A case is a logged read too.
        let card = pane.card.data.value();
        let of_case = |c: &Changed| {
            c.what == "customer" && card.is_some_and(|k| c.id.is_none_or(|id| k.customers.iter().any(|h| h.customer.0 == id)))
        };
        if changed.iter().any(|c| c.id.is_none() || c.id == Some(pane.id.0) || of_case(c)) {
            lists::refresh(m);
        }
        return;
    }
    if m.pane != Pane::Person {
        return lists::refresh(m);
    }
    // A person's card is a logged read: it is not asked for again because somebody else changed.
    let Some(p) = &m.person else { return };
    let alert = p.card.data.value().and_then(|c| c.alert.as_ref()).map(|r| r.alert.id.into());
    let person = Some(p.id.into());
    let known = changed.iter().any(|c| c.id.is_none() || c.id == person || c.id == alert);
    let about = changed.iter().any(|c| matches!(c.what.as_str(), "plan" | "talk" | "note" | "approval"));
    if known {
        again(m);
    } else if about {
        lists::refresh(m);
    }
}
