//! The approvals that wait: about whom, what, by whom, since when, until when, and whether it is still what was asked.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::answer::ApprovalRow,
    console::{command::enabled::decision, look::Meaning, model::Model, update::act::act_word},
    domain::{act::Act, approval::Approval, sentence::Sentence},
    text::stamp,
};
use ratatui::layout::Rect;

/// What is asked for, in a few words.
pub fn what(m: &Model, a: &Approval) -> String {
    match &a.act {
        Act::AlertSnooze { until } => m.tf("approval-snooze", &[("until", &stamp(*until, &m.zone))]),
        act => m.say(&Sentence::new("just-text").with("text", act_word(act))),
    }
}

/// The operator whom it is about, where it is about one.
fn about(act: &Act) -> Option<&str> {
    match act {
        Act::OperatorAdd { name, .. }
        | Act::OperatorRole { name, .. }
        | Act::OperatorLink { name, .. }
        | Act::OperatorKey { name, .. }
        | Act::TokenAdd { name, .. } => Some(name),
        _ => None,
    }
}

/// The same where there is little room.
fn short(m: &Model, a: &Approval) -> String {
    match &a.act {
        Act::AlertSnooze { until } => {
            let day = until.to_zoned(m.zone.clone()).strftime("%m-%d").to_string();
            m.tf("approval-snooze", &[("until", &day)])
        }
        _ => what(m, a),
    }
}

/// What stands against a yes, in a word: nothing, that it is one's own, that it is not any more what was asked about.
pub fn standing(m: &Model, r: &ApprovalRow) -> (String, Meaning) {
    match decision(m, &r.approval, r.subject_version, true).err().map(|why| why.code) {
        None => (m.t("standing-open"), Meaning::Notice),
        Some(code) => match code.as_ref() {
            "refused-own-approval" => (m.t("standing-own"), Meaning::Muted),
            "refused-subject-changed" => (m.t("standing-changed"), Meaning::Warn),
            "off-role" => (m.t("standing-role"), Meaning::Muted),
            "refused-approval-expired" => (m.t("standing-expired"), Meaning::Warn),
            _ => (m.word("approval-state", r.approval.state), Meaning::Muted),
        },
    }
}

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    if state::list(p, body, &m.approvals.list, "empty-approvals") {
        return;
    }
    let words = ["open", "own", "role", "changed", "expired"].map(|w| m.t(&format!("standing-{w}")));
    let columns = [
        Column::new(m.t("col-name"), 10, 0),
        Column::new(m.t("col-number"), 7, 0),
        Column::new(m.t("col-standing"), widest(&words), 0),
        Column::new(m.t("col-proposer"), 8, 1),
        Column::new(m.t("col-asked"), 6, 3),
        Column::new(m.t("col-expires"), 13, 2),
        Column::new(m.t("col-what"), 14, 0).flex(),
    ];
    table::draw(p, body, &columns, &m.approvals.list, |p, r| {
        let a = &r.approval;
        let (standing, meaning) = standing(p.m, r);
        let (standing, meaning) = if p.m.is_busy(a.id.0) { (p.m.t("state-acting"), Meaning::Notice) } else { (standing, meaning) };
        vec![
            Cell::base(about(&a.act).or(r.employee.as_ref().map(|e| e.name.as_str())).unwrap_or("-")),
            Cell::base(r.employee.as_ref().map_or("-", |e| &e.number)),
            Cell::new(standing, meaning),
            Cell::base(&a.proposer_name),
            Cell::muted(p.age(a.asked_at)),
            Cell::muted(p.left(a.expires_at)),
            Cell::base(short(p.m, a)),
        ]
    });
}
