//! The approvals pane: what is asked is read before anybody says yes or no to it.

use super::overlay;
use crate::{
    console::{
        command::{CommandId, enabled},
        effect::Slot,
        model::{
            Model, Tone,
            approvals::ApprovalView,
            overlay::{FormKind, Overlay, Prepared, Reader, Reading},
            rows::captured,
        },
        update::act,
    },
    domain::{
        act::{Act, Entity},
        sentence::Sentence,
    },
};

/// Opens what the approval under the cursor is for.
pub fn open_at_cursor(m: &mut Model) {
    let Some(row) = m.approvals.list.current().cloned() else { return };
    let mut view = ApprovalView::new(row);
    if let Some(query) = view.query() {
        let req = m.ask(Slot::Overlay, query);
        view.subject.asked(req);
    }
    m.open(Overlay::Reader(Reader { what: Reading::Approval(Box::new(view)), top: 0 }));
}

/// No to the approval under the cursor: the reason is asked for.
pub fn deny_at_cursor(m: &mut Model) {
    let on = captured(Entity::Approval, m.approvals.list.current());
    overlay::form::open(m, FormKind::Deny, on);
}

/// Yes or no to what is read, as it was opened: the list may have moved on behind it.
pub fn decide(m: &mut Model, grant: bool) {
    let Some(Overlay::Reader(Reader { what: Reading::Approval(view), .. })) = m.overlay.as_ref().map(|o| &o.what) else { return };
    let view = view.as_ref().clone();
    if let Err(why) = enabled::approval(m, &view, grant) {
        return m.tell(Tone::Warn, why);
    }
    if grant && !view.is_read() {
        return m.tell(Tone::Warn, Sentence::new("off-unread"));
    }
    m.notice = None;
    let on = captured(Entity::Approval, Some(&view.row));
    match (grant, view.order()) {
        (false, _) => overlay::form::open(m, FormKind::Deny, on),
        // The same act as in the freeze pane: it carries the hash of the plan that is read.
        (true, Some(card)) => overlay::form::open_approve(m, card.row.clone()),
        (true, None) => {
            act::go(m, Prepared { command: CommandId::ApprovalGrant, act: Act::ApprovalGrant, reason: None, on, form: None, file: None });
        }
    }
}
