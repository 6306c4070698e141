//! What keys do in the offboarding panes.

use crate::{
    app::App,
    company::id,
    screens::{everywhere, snap},
};
use tenure::{
    backend::Failure,
    backend::FailureKind,
    console::{
        command::key::Key,
        effect::Effect,
        model::{
            Lock, Pane,
            dataset::Dataset,
            find::Find,
            list::Row,
            offboarding::{CaseTab, ItemView},
            overlay::{Confirming, FormKind, Input, Overlay, Prepared, Reading},
        },
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
fn a_case_that_goes_no_further_says_everything_that_is_missing() {
    for (key, code) in [("n", "refused-gate-shut"), ("C", "refused-case-state")] {
        let app = case(Lang::En, key);
        let Some(Overlay::Reader(r)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!("{key}") };
        let Reading::Missing(lines) = &r.what else { panic!("{key}") };
        let card = app.m.case.as_ref().unwrap().card.data.value().unwrap();
        let missing: Vec<_> = card.gates.iter().flat_map(|g| &g.missing).collect();
        assert_eq!(lines[0].code, code);
        assert!(!missing.is_empty() && missing.iter().all(|l| lines.contains(l)), "{lines:?}");
        assert!(app.acts.is_empty());
    }
    for lang in Lang::ALL {
        snap("case-not-ready", &case(lang, "C"));
    }
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
    assert_eq!((app.acts.len(), app.m.jobs.len(), app.m.drafts.len()), (0, 0, 1));
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!((f.fault.as_ref().unwrap().code.as_ref(), f.fields[f.focus].name), ("fault-file", "field-file"));
    let Input::Area(note) = &f.fields.last().unwrap().input else { panic!() };
    assert_eq!(note.lines(), ["a note"]);
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
        ("p", "refused-case-state"),
        ("m", "off-no-duty"),
        ("T", "off-no-customer"),
        ("space space s", "off-one-only"),
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

fn find(app: &App) -> &Find {
    match app.m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Find(find)) => find,
        other => panic!("{other:?}"),
    }
}

fn asked(app: &App) -> &Prepared {
    match app.m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Confirm(c)) => match &c.what {
            Confirming::Act(p) => p,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Three people are called 张伟: who takes the customer over is who was chosen, by id, and the number is what is confirmed.
#[test]
fn a_customer_goes_to_the_person_who_was_chosen() {
    let mut app = case(Lang::ZhCn, "j T \"张伟 enter");
    let found: Vec<_> = find(&app).rows().iter().map(|p| p.unwrap().number.clone()).collect();
    assert_eq!(found, ["10417", "10023B", "20031X"]);
    app.press("down");
    assert!(app.acts.is_empty());
    app.press("enter");
    assert_eq!(asked(&app).act, Act::CustomerTransfer { to: app.company.people[10].person.id });
    assert!(app.screen().contains("接替人：10023B  张伟"), "{}", app.screen());
    app.press("enter");
    assert!(app.acts.is_empty(), "No is the answer of Enter");
    app.press("T \"10023B enter enter y");
    let request = app.acts.last().unwrap();
    let held = &app.company.cases.all[0].held[0];
    assert_eq!(request.act, Act::CustomerTransfer { to: app.company.people[10].person.id });
    assert_eq!((request.targets[0].id, request.targets[0].version), (held.customer.0, Some(1)));
    assert_eq!(held.transfer, "@transfer-state-proposed");
    assert!(app.screen().contains("10023B 张伟"), "{}", app.screen());
}

#[test]
fn colleagues_of_the_unit_are_offered_first_and_a_leaver_is_no_taker() {
    let mut app = App::new(Lang::En);
    app.company.people[4].person.state = tenure::domain::person::SpellState::Notice;
    app.press(CASE);
    app.press("j T");
    let offered: Vec<_> = find(&app).rows().iter().map(|p| p.map(|p| p.number.clone())).collect();
    assert_eq!(offered[..3], [None, Some("10311".into()), Some("30015".into())], "the pool, then the unit");
    app.press("down enter");
    assert_eq!((notice(&app).as_str(), app.acts.len()), ("refused-taker-leaving", 0));
    app.press("\"10502 enter enter");
    assert_eq!(notice(&app), "refused-taker-leaving");
    // Another text than the one that is answered takes nobody: it is asked for.
    app.press("backspace");
    app.key("enter".parse::<tenure::console::command::key::Chord>().unwrap().0[0]);
    assert!(matches!(find(&app).found.data, Dataset::Loading));
    assert!(app.acts.is_empty() && matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Find(_))));
}

#[test]
fn the_pool_takes_a_reason_and_whoever_collects() {
    // K300 owes nothing.
    let mut app = case(Lang::En, "j T enter");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Form(f)) if f.kind == FormKind::Pool));
    app.press("\"nobody_is_free ctrl-d y");
    let request = app.acts.last().unwrap();
    assert_eq!((&request.act, request.reason.as_deref()), (&Act::CustomerPool { collector: None }, Some("nobody is free")));
    // K301 does: who collects is asked first.
    app.press("j T enter \"10777 enter enter \"nobody_is_free ctrl-d");
    assert!(app.screen().contains("Collects: 10777  刘洋"), "{}", app.screen());
    app.press("y");
    assert_eq!(app.acts.last().unwrap().act, Act::CustomerPool { collector: Some(app.company.people[7].person.id) });
}

#[test]
fn a_transfer_that_runs_goes_on_or_ends() {
    let app = case(Lang::En, "j j j j j T enter");
    assert_eq!(app.acts.last().unwrap().act, Act::CustomerAdvance { confirmed: false });
    let app = case(Lang::En, "j j j j j T 2 enter");
    assert_eq!(app.acts.last().unwrap().act, Act::CustomerAdvance { confirmed: true });
    let app = case(Lang::En, "j j j j j T 4 enter \"stays_with_us ctrl-d");
    let request = app.acts.last().unwrap();
    assert_eq!((&request.act, request.reason.as_deref()), (&Act::CustomerFail, Some("stays with us")));
}

#[test]
fn marked_items_are_returned_in_one_request_with_a_result_for_each() {
    let mut app = case(Lang::En, "j j space space");
    assert_eq!(app.m.case.as_ref().unwrap().list.marks(), 2);
    app.press("B \"not_signed ctrl-d");
    let shown: Vec<_> = asked(&app).on.items.iter().map(|i| i.target).collect();
    assert!(
        app.screen().contains("Return: 2 items?") && app.screen().contains("K301") && app.screen().contains("K302"),
        "{}",
        app.screen()
    );
    app.press("y");
    let request = app.acts.last().unwrap();
    assert_eq!((app.acts.len(), &request.act), (1, &Act::OffboardingReturn { why: "not signed".into() }));
    assert_eq!(request.targets, shown);
    // K301 had come back already.
    assert_eq!(notice(&app), "notice-done-part");
    assert!(
        matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Reader(r)) if matches!(&r.what, Reading::Outcomes(rows) if rows.len() == 2))
    );
    assert_eq!((app.m.case.as_ref().unwrap().list.marks(), app.company.cases.item(0, "K302").state), (0, ItemState::Returned));
}

#[test]
fn all_marked_customers_go_to_one_person() {
    let mut app = case(Lang::En, "* T");
    // Five of the thirteen items are about customers, and it is said that the others stay.
    assert!(app.screen().contains("8 of 13 marked items are left out"), "{}", app.screen());
    app.press("\"10777 enter enter");
    assert_eq!(asked(&app).on.items.len(), 5);
    assert!(app.screen().contains("5 customers?") && app.screen().contains("10777  刘洋"), "{}", app.screen());
    app.press("y");
    assert_eq!((app.acts.len(), app.acts[0].targets.len()), (1, 5));
    // One of them is on its way to somebody already.
    assert_eq!(notice(&app), "notice-done-part");
    let running = app.company.cases.all[0].held.iter().filter(|h| h.transfer == "@transfer-state-proposed").count();
    assert_eq!(running, 4);
}

#[test]
fn several_are_accepted_without_a_hash_and_one_with_it() {
    let mut app = case(Lang::En, "j j j space space a");
    assert_eq!(asked(&app).act, Act::OffboardingReview { hash: None });
    app.press("n esc k k space a");
    assert_eq!(asked(&app).act, Act::OffboardingReview { hash: Some("03".repeat(32)) });
    assert_eq!(asked(&app).on.items.len(), 1, "the marked one, not the one under the cursor");
}

fn view(app: &App) -> &ItemView {
    match app.m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Reader(r)) => match &r.what {
            Reading::Item(view) => view,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_of_an_item_is_read_beside_the_keyboard_and_made_harmless() {
    let mut app = case(Lang::ZhCn, "j j j");
    app.key(Key::char('v'));
    let Some(Effect::Get { hash, .. }) = app.waiting.iter().find(|e| matches!(e, Effect::Get { .. })) else { panic!() };
    assert_eq!(*hash, "03".repeat(32));
    assert!(matches!(view(&app).file.data, Dataset::Loading));
    // Keys work while it is on its way.
    app.key(Key::char('j'));
    app.settle();
    let blob = view(&app).file.data.value().unwrap();
    let text = blob.text.as_ref().unwrap();
    assert!(text.contains("顺达物流") && !text.contains(['\u{1b}', '\u{202e}', '\u{7}', '\r', '\t']), "{text:?}");
    app.press("esc j v");
    assert_eq!(view(&app).file.data.value().unwrap().text, None, "no text");
    assert!(app.screen().contains("tenure offboarding file"), "{}", app.screen());
}

#[test]
fn a_file_that_cannot_be_read_is_asked_for_again_and_an_old_answer_is_dropped() {
    let mut app = case(Lang::En, "j v");
    assert!(matches!(view(&app).file.data, Dataset::Failed(_)));
    assert!(app.screen().contains("Ctrl-R asks again"), "{}", app.screen());
    app.key(Key::ctrl('r'));
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Get { .. })).unwrap();
    let old = app.waiting.remove(at).unwrap();
    app.press("esc j j v");
    let shown = view(&app).file.data.value().cloned();
    app.reply(old);
    assert_eq!(view(&app).file.data.value().cloned(), shown);
}

#[test]
fn older_versions_are_a_tab_away() {
    let mut app = case(Lang::En, "j j j j j s tab tab tab tab \"none_yet ctrl-d s \"/tmp/letter.pdf tab \"王经理 ctrl-d v");
    assert_eq!((view(&app).at, view(&app).item.evidence.len()), (1, 2));
    assert!(app.screen().contains("Version 2 of 2") && app.screen().contains("v1  "), "{}", app.screen());
    app.press("tab tab");
    assert_eq!(view(&app).at, 0);
    assert!(app.screen().contains("Version 1 of 2") && app.screen().contains("no file"), "{}", app.screen());
    app.press("shift-tab");
    assert_eq!(view(&app).at, 1);
}

#[test]
fn a_long_file_is_cut_and_says_so() {
    use tenure::console::model::clean::blob;
    let long = "客".repeat(20_001);
    let cut = blob(long.as_bytes());
    assert_eq!((cut.bytes, cut.cut, cut.text.unwrap().chars().count()), (60_003, true, 20_000));
    assert_eq!(blob("\u{feff}姓名\n".as_bytes()).text.as_deref(), Some("姓名\n"));
    assert_eq!((blob(b"a\0b").text, blob(b"\xff").text, blob(b"").text.as_deref()), (None, None, Some("")));
}

/// What is owed to somebody without a case is listed, and marked like the duty of a case.
#[test]
fn a_duty_without_a_case_is_listed_and_marked() {
    everywhere("board-duties", "g o shift-tab");
    let mut app = App::new(Lang::En);
    app.press("g o shift-tab");
    let at = app.m.board.owed.rows().iter().position(|r| r.duty.case.is_none()).unwrap();
    (0..at).for_each(|_| {
        app.press("j");
    });
    app.press("m tab tab \"letter_of_apology,_signed ctrl-d");
    let sent = app.acts.last().unwrap();
    let Act::OffboardingDuty { done } = &sent.act else { panic!("{sent:?}") };
    assert_eq!((sent.targets[0].id, done.note.as_deref()), (id(12, 10), Some("letter of apology, signed")));
    // Of a duty with a case Enter opens the case, of one without the person.
    app.press("enter");
    assert_eq!(app.m.pane, Pane::Person);
    app.press("esc g g enter");
    assert_eq!(app.m.pane, Pane::Case);
}
