//! What keys do in the offboarding panes.

use crate::{app::App, company::id};
use tenure::{
    backend::Failure,
    backend::FailureKind,
    console::{
        command::key::Key,
        effect::Effect,
        model::{Lock, Pane, list::Row, offboarding::CaseTab, overlay::Overlay},
        msg::Msg,
    },
    domain::{
        act::Act,
        duty::DutyKind,
        handover::{ItemKind, ItemState},
        offboarding::CaseState,
        person::ExitKind,
        sentence::Sentence,
    },
    text::Lang,
};

/// The case of 欧阳慧敏: the third of the board.
const CASE: &str = "g o j j enter";

fn notice(app: &App) -> String {
    app.m.notice.as_ref().map(|n| n.what.code.to_string()).unwrap_or_default()
}

fn case(lang: Lang, keys: &str) -> App {
    let mut app = App::new(lang);
    app.press(CASE);
    app.press(keys);
    app
}

#[test]
fn an_item_is_returned_with_its_reason_and_the_version_that_was_seen() {
    let mut app = case(Lang::ZhCn, "j j j");
    let item = app.company.cases.item(0, "K302").clone();
    app.press("B \"缺客户签字 ctrl-d");
    let request = app.acts.last().unwrap();
    assert_eq!(request.act, Act::OffboardingReturn { why: "缺客户签字".into() });
    assert_eq!((request.targets[0].id, request.targets[0].version), (item.id.0, Some(item.version)));
    // The row that the act brought back is on screen in the same update, under the same cursor.
    let pane = app.m.case.as_ref().unwrap();
    assert_eq!((pane.item().unwrap().id, pane.item().unwrap().state), (item.id, ItemState::Returned));
    assert_eq!(notice(&app), "notice-done-version");
    assert!(app.m.drafts.is_empty());
}

#[test]
fn accepting_is_bound_to_the_file_that_is_shown_and_asks_first() {
    let mut app = case(Lang::En, "j j j a");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Confirm(c)) if !c.yes), "No is the answer of Enter");
    app.press("enter");
    assert!(app.acts.is_empty());
    app.press("a y");
    assert_eq!(app.acts.last().unwrap().act, Act::OffboardingReview { hash: Some("03".repeat(32)) });
    assert_eq!(app.company.cases.item(0, "K302").state, ItemState::Accepted);
}

#[test]
fn a_file_is_stored_before_the_act_that_names_it() {
    let mut app = case(Lang::En, "j j j j j s \"/tmp/letter.pdf tab \"王经理");
    app.key(Key::ctrl('d'));
    assert!(app.acts.is_empty(), "nothing is sent before the file is stored");
    let Some(Effect::Put { path, .. }) = app.waiting.iter().find(|e| matches!(e, Effect::Put { .. })) else { panic!() };
    assert_eq!(path.to_str(), Some("/tmp/letter.pdf"));
    app.settle();
    let Act::OffboardingSubmit { evidence } = &app.acts.last().unwrap().act else { panic!() };
    let file = evidence.file.as_ref().unwrap();
    assert_eq!((file.hash.as_str(), file.name.as_str()), ("5f".repeat(32).as_str(), "letter.pdf"));
    assert_eq!((evidence.signatory.as_deref(), evidence.signed_on.unwrap().to_string().as_str()), (Some("王经理"), "2026-11-22"));
    assert_eq!(app.company.cases.item(0, "K304").state, ItemState::UnderReview);
}

#[test]
fn a_file_that_cannot_be_stored_sends_nothing_and_costs_no_text() {
    let mut app = case(Lang::En, "j j j j j s \"/no/such tab tab tab tab \"a_note");
    app.key(Key::ctrl('d'));
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Put { .. })).unwrap();
    let Some(Effect::Put { job, .. }) = app.waiting.remove(at) else { panic!() };
    let why = Failure::new(FailureKind::Usage, Sentence::new("fault-file").with("file", "/no/such").with("error", "none"));
    app.send(Msg::Stored { job, result: Err(why) });
    assert_eq!((notice(&app).as_str(), app.acts.len(), app.m.jobs.len()), ("fault-file", 0, 0));
    assert_eq!(app.m.drafts.len(), 1);
}

#[test]
fn what_a_rule_sends_back_is_said_with_its_reason() {
    let app = case(Lang::En, "j j j j j s tab tab tab tab \"no_letter_yet ctrl-d");
    assert_eq!(notice(&app), "return-no-file");
    assert_eq!(app.company.cases.item(0, "K304").state, ItemState::Returned);
}

#[test]
fn a_disabled_act_gives_the_domains_own_reason() {
    for (keys, code) in [
        ("j a", "refused-item-accepted"),
        ("j j a", "refused-item-state"),
        ("j j s", "refused-reviewer-submits"),
        ("n", "refused-gate-shut"),
        ("C", "refused-case-state"),
        ("p", "refused-case-state"),
        ("m", "off-no-duty"),
        ("T", "off-no-customer"),
        ("tab a", "off-no-item"),
    ] {
        assert_eq!(notice(&case(Lang::En, keys)), code, "{keys}");
    }
    let mut app = case(Lang::En, "");
    app.press("L a");
    assert_eq!((app.m.lock, notice(&app).as_str()), (Lock::Own, "off-locked"));
}

#[test]
fn a_duty_is_marked_by_enter_with_evidence() {
    let mut app = case(Lang::En, "tab j j enter ctrl-d");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!(f.fault.as_ref().unwrap().code, "refused-duty-evidence");
    app.press("tab tab \"paid ctrl-d");
    let Act::OffboardingDuty { done } = &app.acts.last().unwrap().act else { panic!() };
    assert_eq!((done.note.as_deref(), done.on.unwrap().to_string().as_str()), (Some("paid"), "2026-11-22"));
    assert_eq!(app.m.case.as_ref().unwrap().duty().unwrap().kind, DutyKind::FinalPay);
}

#[test]
fn a_waiver_asks_for_another_person() {
    let app = case(Lang::En, "w \"nothing_there ctrl-d");
    assert_eq!(notice(&app), "notice-asked-approval");
    assert_eq!(app.company.cases.item(0, "-").kind, ItemKind::CustomerList);
    assert_eq!(app.company.cases.item(0, "-").state, ItemState::Todo);
}

#[test]
fn a_case_is_started_from_the_person_and_opened() {
    let mut app = App::new(Lang::En);
    app.press("g a enter X right tab \"2026-13-01 ctrl-d");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!(f.fault.as_ref().unwrap().code, "fault-date");
    app.press("ctrl-u \"2026-12-01 ctrl-d");
    let request = app.acts.last().unwrap();
    let Act::OffboardingStart { new } = &request.act else { panic!() };
    assert_eq!((new.exit, new.last_day.to_string().as_str(), request.targets[0].id), (ExitKind::Mutual, "2026-12-01", id(1, 0)));
}

#[test]
fn withdrawing_asks_and_carries_its_reason() {
    let mut app = case(Lang::En, "W \"stays_after_all ctrl-d");
    assert!(app.acts.is_empty());
    app.press("y");
    let request = app.acts.last().unwrap();
    assert_eq!((&request.act, request.reason.as_deref()), (&Act::OffboardingWithdraw, Some("stays after all")));
    assert_eq!(app.company.cases.all[0].case.state, CaseState::Withdrawn);
}

/// Invariant 46: what was captured is what is sent, whatever moved meanwhile.
#[test]
fn a_change_behind_the_form_does_not_change_its_target() {
    let mut app = case(Lang::En, "j j j B");
    let item = app.company.cases.item(0, "K302").clone();
    app.company.cases.all[0].items.retain(|i| i.id != item.id);
    app.changed("offboarding");
    app.settle();
    assert!(app.m.case.as_ref().unwrap().list.is_gone());
    app.press("\"late ctrl-d");
    assert_eq!(app.acts.last().unwrap().targets[0].id, item.id.0);
}

#[test]
fn a_case_is_read_again_only_when_it_changed_itself() {
    let mut app = case(Lang::En, "");
    let asked = |app: &App| app.waiting.iter().filter(|e| matches!(e, Effect::Query { .. })).count();
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).unwrap();
    app.waiting.remove(at);
    let changed = vec![tenure::backend::Changed { what: "offboarding".into(), id: Some(id(7, 999)) }];
    app.send(Msg::Watched { result: Ok(tenure::backend::Watched { mark: 3, changed }) });
    assert_eq!(asked(&app), 0, "a case is a logged read");
    app.changed("offboarding");
    assert_eq!(asked(&app), 1);
}

#[test]
fn tabs_turn_without_asking_again() {
    let mut app = case(Lang::En, "");
    for tab in [CaseTab::Duties, CaseTab::Gates, CaseTab::Items] {
        app.key("tab".parse::<Key>().unwrap());
        assert_eq!(app.m.case.as_ref().unwrap().tab, tab);
        assert!(app.m.case.as_ref().unwrap().list.current().is_some());
        assert!(!app.waiting.iter().any(|e| matches!(e, Effect::Query { .. })));
    }
    app.press("esc");
    assert_eq!((app.m.pane, app.m.board.list.current().unwrap().label().as_str()), (Pane::Offboarding, "欧阳慧敏 10311"));
}
