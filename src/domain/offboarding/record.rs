//! What the record of an employment means for its open case, when it changed without the case.

use super::{CaseFacts, due, touch};
use crate::domain::{
    act::{Change, Context},
    duty::{self, DutyKind},
};

/// The open case after the record of the employment changed without it: by a file. `None` when they agree.
///
/// A last day that moved is followed, with the days that hang on it. A record that says that the person stays ends no case, for a file may
/// be wrong and a case that was withdrawn does not come back: the case stands still, with a duty to settle it, and to give back accounts.
pub fn follow_record(f: &CaseFacts, cx: &mut Context) -> Option<Vec<Change>> {
    if !f.case.state.is_open() || f.case.addendum_of.is_some() {
        return None;
    }
    let mut c = f.case.clone();
    let mut more = Vec::new();
    let waits = f.open_duties().any(|d| d.kind == DutyKind::Stays);
    match f.leaver.last_day {
        None if f.stays() && !waits => {
            more.push(Change::Duty(duty::make(&c, DutyKind::Stays, f.today, cx)));
            more.extend(f.thaw(cx));
        }
        Some(last_day) if waits || last_day != c.last_day => {
            let over = f.open_duties().filter(|d| matches!(d.kind, DutyKind::Stays | DutyKind::Thaw));
            more.extend(over.map(|d| Change::Duty(duty::void(d, cx))));
            more.extend(f.open_duties().filter_map(|d| duty::redate(d, last_day, f.today, cx)).map(Change::Duty));
            // A day that was set otherwise than by the last day is not this one's to move.
            if c.handover_due == due(c.last_day, &f.template) {
                c.handover_due = due(last_day, &f.template);
                c.overdue_at = c.overdue_at.filter(|_| c.handover_due < f.today);
            }
            c.last_day = last_day;
        }
        _ => return None,
    }
    for change in &mut more {
        if let Change::Duty(d) = change {
            d.touched_by = None;
        }
    }
    touch(&mut c, "offboarding.follow", None, cx.now);
    more.insert(0, Change::Case { case: c, template: None });
    Some(more)
}
