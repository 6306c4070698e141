//! One arm for each command of the table.

use super::{act, admin, approvals, back, freeze, go, lists, offboarding, overlay, person};
use crate::{
    backend::Query,
    console::{
        command::{CommandId, enabled, row},
        effect::{Effect, Slot},
        look::ThemeName,
        model::{
            Captured, Lock, LockedBy, Model, Pane, Tone,
            line::Line,
            overlay::{Confirm, Confirming, FormKind, Keys, Overlay, Palette, Picking, Prepared, Reader, Reading},
            rows::captured,
        },
    },
    domain::{
        act::{Act, Entity},
        sentence::Sentence,
    },
    text::Lang,
};

/// Runs a command that a key or the palette asked for, or says why it cannot be run now.
pub fn key(m: &mut Model, id: CommandId) {
    // Moving about leaves the last notice on screen: it costs bytes to take it away, and it may not be read yet.
    if !is_move(id) {
        m.notice = None;
    }
    if let Err(why) = enabled::enabled(m, id) {
        if let Some(lines) = offboarding::missing(m, id, &why) {
            return m.open(Overlay::Reader(Reader { what: Reading::Missing(lines), top: 0 }));
        }
        return m.tell(Tone::Info, why);
    }
    if row(id).act.is_some() {
        m.last = Some(id);
    }
    run(m, id);
}

fn is_move(id: CommandId) -> bool {
    use CommandId::{ListDown, ListFirst, ListLast, ListPageDown, ListPageUp, ListUp};
    matches!(id, ListDown | ListUp | ListPageDown | ListPageUp | ListFirst | ListLast)
}

fn run(m: &mut Model, id: CommandId) {
    use CommandId as C;
    match id {
        C::GoToday => go(m, Pane::Today),
        C::GoAlerts => go(m, Pane::Alerts),
        C::GoPeople => go(m, Pane::People),
        C::GoTimeline => person::open_at_cursor(m),
        C::GoPlans => go(m, Pane::Plans),
        C::GoApprovals => go(m, Pane::Approvals),
        C::GoFreezes => go(m, Pane::Freezes),
        C::GoOffboarding => go(m, Pane::Offboarding),
        C::GoAudit => go(m, Pane::Audit),
        C::GoAdmin => go(m, Pane::Admin),

        C::StartSample => m.outbox.push(Effect::Sample),
        C::StartImport => overlay::import::open(m),

        C::ListOpen => open(m),
        C::ListDown => lists::step(m, 1),
        C::ListUp => lists::step(m, -1),
        C::ListPageDown => lists::page(m, 1),
        C::ListPageUp => lists::page(m, -1),
        C::ListFirst => lists::first(m),
        C::ListLast => lists::last(m),
        C::ListMark => lists::mark(m),
        C::ListMarkAll => lists::mark_all(m),
        C::ListFilter => {
            let line = Line::new(lists::filter_text(m));
            m.open(Overlay::Filter(line));
        }
        C::ListNextView => lists::turn(m, 1),
        C::ListPrevView => lists::turn(m, -1),
        C::CopyNumber => {
            if let Some((_, _, number)) = m.person_at_cursor() {
                m.tell(Tone::Info, Sentence::new("notice-copied").with("number", &number));
                m.outbox.push(Effect::Copy(number));
            }
        }

        C::AlertAck => plain(m, id, Act::AlertAck),
        C::AlertEscalate => plain(m, id, Act::AlertEscalate),
        C::AlertTalk => form(m, FormKind::Talk),
        C::AlertNote => form(m, FormKind::Note),
        C::AlertSnooze => form(m, FormKind::Snooze),
        C::AlertDismiss => form(m, FormKind::Dismiss),
        C::AlertResolve => form(m, FormKind::Resolve),
        C::AlertReopen => form(m, FormKind::Reopen),
        C::AlertAssign => overlay::pick::open(m, Picking::Owner),
        C::AlertPlan => overlay::pick::open(m, Picking::Template),
        C::AlertReport => overlay::pick::open(m, Picking::Report),
        C::AlertUndo => {
            if let Some(on) = act::undo_target(m) {
                overlay::form::open(m, FormKind::Reopen, on);
            }
        }

        C::PersonNextKind => person::jump_kind(m, true),
        C::PersonPrevKind => person::jump_kind(m, false),
        C::PersonWhatIf => person::what_if(m),
        C::PersonReveal => offboarding::of_person(m, FormKind::Reveal),
        C::PersonContest => offboarding::of_person(m, FormKind::Contest),
        // It is answered where the whole of it is on screen.
        C::PersonAnswer => person::contest(m),
        C::PersonLeaves => offboarding::of_person(m, FormKind::Start),

        C::PlanSubmit => on_plan(m, id, Act::PlanSubmit),
        C::PlanAdvance => on_plan(m, id, Act::PlanAdvance),
        C::PlanCancel => on_plan(m, id, Act::PlanCancel),
        C::PlanOutcome => {
            let on = captured(Entity::Plan, m.plans.list.current());
            overlay::form::open(m, FormKind::Outcome, on);
        }
        // Yes is said where the whole of it is on screen.
        C::ApprovalGrant => approvals::open_at_cursor(m),
        C::ApprovalDeny => approvals::deny_at_cursor(m),
        C::FreezePlan => freeze::plan(m),
        C::FreezeApprove => freeze::approve(m),
        C::FreezeConfirm => freeze::plain(m, id, Act::FreezeConfirm),
        C::FreezeResume => freeze::plain(m, id, Act::FreezeResume),
        C::FreezeStop => freeze::plain(m, id, Act::FreezeStop),
        C::FreezeVerify => freeze::plain(m, id, Act::FreezeVerify),
        C::FreezeThaw => freeze::thaw(m),
        C::FreezeCancel => freeze::plain(m, id, Act::FreezeCancel),
        C::FreezeNote => {
            let on = freeze::target(m);
            overlay::form::open(m, FormKind::Note, on);
        }
        C::FreezeWaive => {
            let on = freeze::target(m);
            overlay::form::open(m, FormKind::WaiveStep, on);
        }
        C::CaseSubmit
        | C::CaseAccept
        | C::CaseReturn
        | C::CaseDuty
        | C::CaseAdvance
        | C::CaseTransfer
        | C::CaseAssign
        | C::CaseWaive
        | C::CaseApprove
        | C::CaseClose
        | C::CaseWithdraw
        | C::CaseAbandon
        | C::CaseBlock
        | C::CaseCorrect
        | C::CaseExport
        | C::CaseRead
        | C::DutyDone => offboarding::run(m, id),
        C::OperatorAdd | C::OperatorRevoke | C::OperatorRestore | C::TokenRevoke | C::TargetsCheck | C::SignalEnable | C::SignalDisable => {
            admin::run(m, id)
        }
        C::AuditVerify | C::HealthVerify => {
            m.tell(Tone::Info, Sentence::new("notice-verifying"));
            m.verify = Some(m.ask(Slot::Verify, Query::AuditVerify));
        }

        C::AppPalette => m.open(Overlay::Palette(Palette::default())),
        C::AppKeys => m.open(Overlay::Keys(Keys::default())),
        C::AppBack => escape(m, false),
        C::AppClose => escape(m, true),
        C::AppRepeat => {
            if let Some(last) = m.last {
                key(m, last);
            }
        }
        C::AppRefresh => {
            m.outbox.push(Effect::Repaint);
            lists::refresh(m);
            if m.pane == Pane::Person {
                person::refresh_card(m);
            }
        }
        C::AppLang => m.lang = m.lang.other(),
        C::LangEn => m.lang = Lang::En,
        C::LangZhCn => m.lang = Lang::ZhCn,
        C::ThemeAnsi => theme(m, ThemeName::Ansi),
        C::ThemeDark => theme(m, ThemeName::Dark),
        C::ThemeLight => theme(m, ThemeName::Light),
        C::ThemeMono => theme(m, ThemeName::Mono),
        C::AppLock => {
            m.lock = if m.lock == Lock::Open { Lock::Own } else { Lock::Open };
            m.locked_by = LockedBy::Key;
            m.tell(Tone::Info, Sentence::new(if m.lock == Lock::Own { "notice-locked" } else { "notice-unlocked" }));
        }
        C::AppQuit => freeze::leave(m),
    }
}

fn theme(m: &mut Model, name: ThemeName) {
    m.look.set(name);
    m.outbox.push(Effect::Repaint);
}

/// Escape and its twin: first the marks, then the filter, then the pane; at the first pane `q` leaves.
fn escape(m: &mut Model, leave: bool) {
    if lists::unmark(m) {
        return;
    }
    if !lists::filter_text(m).is_empty() {
        lists::set_filter(m, "");
        return;
    }
    if leave && m.trail.is_empty() {
        return freeze::leave(m);
    }
    back(m);
}

/// Leaves; asks first while acts are on their way or typed text would be lost.
pub fn quit(m: &mut Model) {
    if m.jobs.is_empty() && m.drafts.is_empty() {
        m.outbox.push(Effect::Quit);
    } else {
        m.open(Overlay::Confirm(Confirm { what: Confirming::Quit, yes: false, top: 0 }));
    }
}

/// An act on the captured alerts that needs no more words.
fn plain(m: &mut Model, command: CommandId, act: Act) {
    let on = m.alert_targets();
    act::go(m, Prepared { command, act, reason: None, on, form: None, file: None });
}

fn form(m: &mut Model, kind: FormKind) {
    let on = m.alert_targets();
    overlay::form::open(m, kind, on);
}

fn on_plan(m: &mut Model, command: CommandId, act: Act) {
    let on: Captured = captured(Entity::Plan, m.plans.list.current());
    act::go(m, Prepared { command, act, reason: None, on, form: None, file: None });
}

/// Enter: opens what the cursor stands on.
fn open(m: &mut Model) {
    let read = |m: &mut Model, what| m.open(Overlay::Reader(Reader { what, top: 0 }));
    match m.pane {
        Pane::Today | Pane::Alerts | Pane::People => person::open_at_cursor(m),
        Pane::Person => person::explain(m),
        Pane::Plans => {
            if let Some(r) = m.plans.list.current().cloned() {
                read(m, Reading::Plan(Box::new(r)));
            }
        }
        Pane::Approvals => approvals::open_at_cursor(m),
        Pane::Freezes => freeze::open_at_cursor(m),
        Pane::Order => {
            let text = freeze::line_at_cursor(m);
            if let Some(line) = text {
                read(m, Reading::Lines(line));
            }
        }
        Pane::Offboarding => offboarding::open_at_cursor(m),
        Pane::Case => offboarding::open_line(m),
        Pane::Admin => admin::open_line(m),
        Pane::Audit => {
            if let Some(r) = m.audit.list.current().cloned() {
                read(m, Reading::Entry(Box::new(r)));
            }
        }
    }
}
