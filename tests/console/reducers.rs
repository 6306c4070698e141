//! What keys do: model and effects, without a screen.

use crate::{
    app::{App, options},
    company::{Company, id},
};
use tenure::{
    backend::{Failure, FailureKind, query::AlertView},
    console::{
        command::key::Key,
        effect::Effect,
        model::{
            Lock, Pane,
            dataset::Dataset,
            overlay::{Draft, FormKind, Overlay},
        },
        msg::Msg,
        runtime::Options,
        update,
    },
    domain::{
        act::Act,
        alert::{AlertOutcome, AlertState, DismissReason},
        contest,
        plan::PlanTemplate,
        sentence::Sentence,
        talk::Channel,
    },
    text::Lang,
};

fn notice(app: &App) -> String {
    app.m.notice.as_ref().map(|n| n.what.code.to_string()).unwrap_or_default()
}

#[test]
fn an_alert_is_acknowledged_with_the_version_that_was_seen() {
    let mut app = App::new(Lang::En);
    app.press("g a j a");
    let request = app.acts.last().unwrap();
    assert_eq!(request.act, Act::AlertAck);
    assert_eq!(request.targets[0].version, Some(3));
    assert!(request.key.as_ref().unwrap().starts_with("console-test-"));
    assert_eq!(app.company.alerts[1].alert.state, AlertState::Acked);
    assert_eq!(notice(&app), "notice-done-version");
    // The row that the act brought back is on screen in the same update.
    assert_eq!(app.m.alerts.list.rows()[1].alert.state, AlertState::Acked);
}

#[test]
fn a_talk_is_recorded_by_keys_alone() {
    let mut app = App::new(Lang::ZhCn);
    app.press("g a t \"希望半年内晋升 tab \"下周三谈 ctrl-d");
    let Act::AlertTalk { talk } = &app.acts.last().unwrap().act else { panic!() };
    assert_eq!((talk.needs.as_str(), talk.next_step.as_str()), ("希望半年内晋升", "下周三谈"));
    assert_eq!((talk.who.as_str(), talk.channel), ("lin", Channel::InPerson));
    assert_eq!(app.acts.last().unwrap().targets[0].version, None, "a talk carries no version");
    assert_eq!(app.company.alerts[0].alert.state, AlertState::InProgress);
    assert!(app.m.drafts.is_empty() && app.m.overlay.is_none());
}

#[test]
fn a_talk_can_be_begun_while_the_acknowledgement_is_on_its_way() {
    let mut app = App::new(Lang::En);
    app.press("g a j");
    app.key(Key::char('a'));
    app.key(Key::char('x'));
    assert_eq!(notice(&app), "off-busy");
    app.key(Key::char('t'));
    app.settle();
    app.press("\"needs_a_mentor ctrl-d");
    assert_eq!(app.company.alerts[1].alert.state, AlertState::InProgress);
}

#[test]
fn a_talk_needs_words_and_a_time() {
    let mut app = App::new(Lang::En);
    app.press("g a t ctrl-d");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!(f.fault.as_ref().unwrap().code, "refused-empty-text");
    app.press("\"x shift-tab shift-tab shift-tab ctrl-u \"yesterday ctrl-d");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!(f.fault.as_ref().unwrap().code, "fault-when");
    assert!(app.acts.is_empty());
}

#[test]
fn a_terminal_that_goes_away_costs_no_text() {
    let mut app = App::new(Lang::En);
    app.press("g a t esc c \"half_a_note");
    app.send(Msg::Hangup);
    assert!(app.left);
    let kept = serde_json::to_vec(&app.m.typed()).unwrap();
    let drafts: Vec<Draft> = serde_json::from_slice(&kept).unwrap();
    assert_eq!(drafts.iter().map(|d| (d.form, d.values.clone())).collect::<Vec<_>>(), [(FormKind::Note, vec!["half a note".to_owned()])]);
    let mut app = App::with(&Options { drafts, ..options(Lang::En) }, Company::default());
    assert_eq!(notice(&app), "notice-drafts-back");
    app.press("g a c");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    let tenure::console::model::overlay::Input::Area(area) = &f.fields[0].input else { panic!() };
    assert_eq!(area.lines(), ["half a note"]);
    // A form that nobody wrote in is nothing to keep, whatever it is filled with; a line of text is.
    let mut app = App::new(Lang::En);
    app.press("g a t");
    app.send(Msg::Hangup);
    assert!(app.m.typed().is_empty());
}

#[test]
fn typed_text_is_never_lost() {
    let mut app = App::new(Lang::En);
    app.press("g a c \"half_a_note esc");
    assert_eq!(notice(&app), "notice-draft-kept");
    app.press("c");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    let tenure::console::model::overlay::Input::Area(area) = &f.fields[0].input else { panic!() };
    assert_eq!(area.lines(), ["half a note"]);
    // A refused act keeps it as well.
    app.key(Key::ctrl('d'));
    app.waiting.rotate_right(1);
    app.fail(FailureKind::Unreachable);
    assert_eq!(app.m.drafts.len(), 1);
    app.settle();
    app.press("ctrl-d");
    assert!(app.m.drafts.is_empty());
    assert_eq!(app.acts.last().unwrap().act, Act::AlertNote { text: "half a note".into() });
}

#[test]
fn leaving_asks_while_text_is_unsent() {
    let mut app = App::new(Lang::En);
    app.press("g a c \"half esc Q");
    assert!(!app.left);
    app.press("n Q y");
    assert!(app.left);
}

#[test]
fn closing_acts_ask_and_no_is_the_default() {
    let mut app = App::new(Lang::En);
    app.press("g a j d right right ctrl-d");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Confirm(c)) if !c.yes));
    app.press("enter");
    assert!(app.acts.is_empty() && app.m.overlay.is_none());
    app.press("d right right ctrl-d y");
    assert_eq!(app.acts.last().unwrap().act, Act::AlertDismiss { reason: DismissReason::Duplicate, note: None });
    assert_eq!(app.company.alerts[1].alert.state, AlertState::Dismissed);
}

#[test]
fn an_alert_without_a_talk_is_resolved_only_with_a_documented_refusal() {
    let mut app = App::new(Lang::En);
    app.press("g a j x ctrl-d");
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
    assert_eq!(f.fault.as_ref().unwrap().code, "refused-no-talk");
    app.press("right right tab \"declined ctrl-d y");
    assert_eq!(app.acts.last().unwrap().act, Act::AlertResolve { outcome: AlertOutcome::Leaving, refusal: Some("declined".into()) });
    assert_eq!(app.company.alerts[1].alert.state, AlertState::Resolved);
    // What was closed here a moment ago can be reopened with one key and a reason.
    app.press("u \"mistake ctrl-d");
    assert_eq!(app.acts.last().unwrap().act, Act::AlertReopen);
    assert_eq!(app.acts.last().unwrap().targets[0].id, id(2, 1));
}

#[test]
fn a_bulk_act_is_one_request_with_a_result_for_each() {
    let mut app = App::new(Lang::En);
    app.press("g a *");
    app.company.alerts[1].alert.version += 1;
    app.press("a");
    let shown: Vec<_> = match app.m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Confirm(c)) => match &c.what {
            tenure::console::model::overlay::Confirming::Act(p) => p.on.items.iter().map(|i| i.target).collect(),
            _ => panic!(),
        },
        _ => panic!(),
    };
    app.press("y");
    assert_eq!(app.acts.len(), 1);
    assert_eq!(app.acts[0].targets, shown);
    assert_eq!(notice(&app), "notice-done-part");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Reader(_))));
    assert_eq!(app.m.alerts.list.marks(), 0);
}

#[test]
fn the_loser_of_a_race_is_told_who_was_first() {
    let mut app = App::new(Lang::En);
    app.press("g a j");
    let other = &mut app.company.alerts[1];
    other.alert.version += 1;
    other.alert.state = AlertState::Acked;
    other.alert.touched_by = Some("chen".into());
    app.press("a");
    assert_eq!(notice(&app), "refused-conflict");
    assert!(app.screen().contains("chen was first"), "{}", app.screen());
}

#[test]
fn an_unknown_outcome_is_settled_with_the_same_key() {
    let mut app = App::new(Lang::En);
    app.press("g a j");
    app.key(Key::char('a'));
    app.waiting.rotate_right(1);
    app.fail(FailureKind::Unknown);
    assert_eq!(notice(&app), "notice-unknown");
    // While it is unknown, nothing else is done to the same alert.
    app.press("a");
    assert_eq!(notice(&app), "off-busy");
    assert!(update::wake_at(&app.m).is_some());
    app.later(3);
    app.settle();
    assert_eq!(app.acts.len(), 2);
    assert_eq!(app.acts[0], app.acts[1]);
    assert_eq!(notice(&app), "notice-settled");
    assert_eq!(update::wake_at(&app.m), None);
}

#[test]
fn disabled_commands_say_why() {
    let mut app = App::new(Lang::En);
    app.press("g a a");
    assert_eq!(notice(&app), "refused-alert-state");
    app.press("* t");
    assert_eq!(notice(&app), "off-one-only");
    app.press("esc g p a");
    assert_eq!(notice(&app), "notice-no-key");
    app.press(": \"acknowledge enter");
    assert_eq!(notice(&app), "off-elsewhere");
    assert!(app.acts.is_empty());
}

#[test]
fn a_lock_forbids_acts() {
    let mut app = App::with(&Options { read_only: true, ..options(Lang::En) }, Company::default());
    app.press("g a j a t d x P");
    assert!(app.acts.is_empty() && app.m.overlay.is_none());
    app.press("L");
    assert_eq!((app.m.lock, notice(&app).as_str()), (Lock::Given, "off-locked-given"));
    let mut app = App::new(Lang::En);
    app.press("g a L j a");
    assert!(app.acts.is_empty());
    app.press("L a");
    assert_eq!(app.acts.len(), 1);
}

#[test]
fn keys_typed_before_a_dialog_appeared_are_dropped() {
    let mut app = App::new(Lang::En);
    app.press("g a * ");
    // One burst: the y was typed before anybody could have read the question.
    app.key(Key::char('a'));
    app.key(Key::char('y'));
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Confirm(_))));
    app.send(Msg::Drawn { at: 10_000 });
    app.send(Msg::Key { key: Key::char('y'), at: 9_999 });
    assert!(app.acts.is_empty());
    app.send(Msg::Key { key: Key::char('y'), at: 10_000 });
    assert_eq!(app.acts.len(), 1);
}

#[test]
fn a_palette_takes_what_is_typed_ahead() {
    let mut app = App::new(Lang::En);
    for c in ":theme mono".chars() {
        app.key(Key::char(c));
    }
    app.press("enter");
    assert_eq!(app.m.look.theme, tenure::console::look::Theme::shipped(tenure::console::look::ThemeName::Mono, false));
    app.press(": \"lang_zh enter");
    assert_eq!(app.m.lang, Lang::ZhCn);
    app.press("ctrl-g");
    assert_eq!(app.m.lang, Lang::En);
}

#[test]
fn a_paste_outside_of_an_input_does_nothing() {
    let mut app = App::new(Lang::En);
    app.press("g a");
    app.paste("adxqqy\nQ:");
    assert!(app.acts.is_empty() && app.m.overlay.is_none() && !app.left);
    assert_eq!(notice(&app), "notice-paste-ignored");
    app.press("c");
    app.paste("two\nlines\u{1b}[31m");
    app.press("ctrl-d");
    let Act::AlertNote { text } = &app.acts.last().unwrap().act else { panic!() };
    assert!(text.starts_with("two\nlines") && !text.contains('\u{1b}'));
}

#[test]
fn full_width_keys_are_keys() {
    let mut app = App::new(Lang::ZhCn);
    app.press("：");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Palette(_))));
    app.press("esc ？");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Keys(_))));
    app.press("esc 警");
    assert_eq!(notice(&app), "notice-input-method");
}

/// Invariant 46.
#[test]
fn a_refresh_never_moves_the_cursor_to_somebody_else() {
    let mut app = App::new(Lang::En);
    app.press("g a j j");
    assert_eq!(app.m.alerts.list.cursor(), Some(&id(2, 2)));
    let top = app.company.alerts.remove(0);
    app.changed("alert");
    app.settle();
    assert_eq!(app.m.alerts.list.cursor(), Some(&id(2, 2)));
    app.company.alerts.insert(0, top);
    app.company.alerts.remove(2);
    app.changed("alert");
    app.settle();
    assert_eq!(app.m.alerts.list.cursor(), None);
    app.press("a");
    assert_eq!(notice(&app), "off-gone");
    assert!(app.acts.is_empty());
    app.press("j a");
    assert_eq!(notice(&app), "notice-done-version");
}

#[test]
fn what_a_confirmation_shows_is_what_is_sent_whatever_happens_meanwhile() {
    let mut app = App::new(Lang::En);
    app.press("g a j d ctrl-d");
    app.company.alerts.remove(1);
    app.changed("alert");
    app.settle();
    app.press("y");
    assert_eq!(app.acts.last().unwrap().targets[0].id, id(2, 1));
    assert_eq!(app.acts.last().unwrap().targets[0].version, Some(3));
}

#[test]
fn an_answer_to_an_older_question_is_dropped() {
    let mut app = App::new(Lang::En);
    app.press("g a");
    app.key(tenure::console::command::key::Key::plain(tenure::console::command::key::Code::Tab));
    let old = app.waiting.iter().position(|e| matches!(e, Effect::Query { .. })).and_then(|i| app.waiting.remove(i)).unwrap();
    app.key(tenure::console::command::key::Key::plain(tenure::console::command::key::Code::Tab));
    app.settle();
    let rows = app.m.alerts.list.rows().len();
    assert_eq!(app.m.alerts.view, AlertView::Unacked);
    app.company.alerts.clear();
    app.reply(old);
    assert_eq!(app.m.alerts.list.rows().len(), rows);
}

#[test]
fn a_lost_link_freezes_no_key_and_comes_back_by_itself() {
    let mut app = App::new(Lang::En);
    app.press("g a");
    app.lose();
    assert!(app.screen().contains("STALE"), "{}", app.screen());
    app.press("j");
    assert_eq!(app.m.alerts.list.cursor(), Some(&id(2, 1)));
    let wake = update::wake_at(&app.m).unwrap();
    app.later(wake.duration_since(app.now).as_secs() + 1);
    assert!(app.waiting.iter().any(|e| matches!(e, Effect::Watch { .. })));
    assert_eq!(update::wake_at(&app.m), None, "one try at a time");
    let watch = app.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).and_then(|i| app.waiting.remove(i)).unwrap();
    app.reply(watch);
    app.settle();
    assert!(!app.screen().contains("STALE"));
}

#[test]
fn an_operator_who_was_ended_sees_nothing_any_more() {
    let mut app = App::new(Lang::En);
    app.press("g a enter");
    assert!(app.m.person.is_some());
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).unwrap();
    app.waiting.remove(at);
    let why = Failure::new(FailureKind::Refused, Sentence::new("operator-ended").with("name", "lin"));
    app.send(Msg::Watched { result: Err(why) });
    app.settle();
    assert!(app.m.person.is_none() && app.m.alerts.list.rows().is_empty());
    let shown = app.screen();
    assert!(shown.contains("The access of lin ended with the freeze") && !shown.contains("王"), "{shown}");
    // Given back, the console comes back by itself.
    let wake = update::wake_at(&app.m).unwrap();
    app.later(wake.duration_since(app.now).as_secs() + 1);
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).unwrap();
    let watch = app.waiting.remove(at).unwrap();
    app.reply(watch);
    app.settle();
    assert!(!app.screen().contains("ended"), "{}", app.screen());
}

#[test]
fn a_failed_refresh_keeps_the_rows_and_calls_them_stale() {
    let mut app = App::new(Lang::En);
    app.press("g a");
    app.changed("alert");
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Query { .. })).unwrap();
    app.waiting.rotate_left(at);
    app.fail(FailureKind::Unreachable);
    assert!(matches!(app.m.alerts.list.data, Dataset::Stale { .. }));
    assert_eq!(app.m.alerts.list.rows().len(), 6);
    assert!(app.screen().contains("STALE"), "{}", app.screen());
}

#[test]
fn panes_have_a_way_back() {
    let mut app = App::new(Lang::En);
    app.press("g a enter");
    assert_eq!(app.m.pane, Pane::Person);
    app.press("q");
    assert_eq!(app.m.pane, Pane::Alerts);
    app.press("esc");
    assert_eq!(app.m.pane, Pane::Today);
    app.press("esc");
    assert!(!app.left);
    app.press("q");
    assert!(app.left);
}

#[test]
fn escape_takes_marks_first_then_the_filter_then_the_pane() {
    let mut app = App::new(Lang::En);
    app.press("g a / \"张 enter space");
    assert_eq!((app.m.alerts.list.rows().len(), app.m.alerts.list.marks()), (1, 1));
    app.press("esc");
    assert_eq!(app.m.alerts.list.marks(), 0);
    app.press("esc");
    assert_eq!(app.m.alerts.list.rows().len(), 6);
    app.press("esc");
    assert_eq!(app.m.pane, Pane::Today);
}

#[test]
fn a_filter_that_cannot_be_read_is_told_and_stays_open() {
    let mut app = App::new(Lang::En);
    app.press("g a / \"band:purple enter");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Filter(_))));
    assert!(notice(&app).starts_with("filter-"));
}

#[test]
fn a_plan_is_drafted_and_submitted() {
    let mut app = App::new(Lang::En);
    app.press("g a p j enter");
    app.press("tab \"12000 ctrl-d");
    let Act::PlanCreate { body, alert } = &app.acts[0].act else { panic!("{:?}", app.acts) };
    assert_eq!((body.template, body.cost_fen), (PlanTemplate::ProjectAuthority, Some(1_200_000)));
    assert!(alert.is_some() && !body.text.is_empty());
    assert_eq!(app.acts[0].targets[0].id, id(1, 0), "a plan is for a person");
    assert_eq!(app.acts[1].act, Act::PlanSubmit);
}

#[test]
fn nobody_approves_their_own_and_others_are_asked_twice() {
    let mut app = App::new(Lang::En);
    // What is asked is read first; yes is then asked for once more.
    app.press("g r a");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Reader(_))));
    app.press("a");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Confirm(_))));
    app.press("y");
    assert_eq!(app.acts.last().unwrap().act, Act::ApprovalGrant);
    assert_eq!((app.acts.last().unwrap().targets[0].id, app.company.approvals.len()), (id(5, 0), 3));
    // The row is gone; the next one down is the operator's own.
    app.press("j");
    for keys in ["a", "d", ": \"approve enter", "enter a"] {
        app.press(keys);
        assert_eq!(notice(&app), "refused-own-approval", "{keys}");
    }
    assert_eq!(app.acts.len(), 1);
}

/// What was asked about is another thing by now: no yes to it, and the screen says so before a key.
#[test]
fn what_changed_since_it_was_asked_is_not_approved() {
    let mut app = App::new(Lang::En);
    app.company.approvals[0].subject_version = Some(3);
    app.press("g r");
    assert!(app.screen().contains("changed"), "{}", app.screen());
    app.press("a");
    assert_eq!(notice(&app), "refused-subject-changed");
    // The list said it had not changed; the plan that is read is another one all the same.
    app.company.approvals[0].subject_version = Some(2);
    app.company.plans[0].plan.version = 3;
    app.press("g h g r enter a");
    assert_eq!((notice(&app).as_str(), app.acts.len()), ("refused-subject-changed", 0));
    // It can be turned down.
    app.press("d \"not_this_one ctrl-d");
    assert_eq!(app.acts.last().unwrap().act, Act::ApprovalDeny);
}

/// A freeze is approved with the hash that is read, by the act of the freeze pane, and the person is typed.
#[test]
fn a_freeze_is_approved_where_its_plan_is_read() {
    let mut app = App::new(Lang::En);
    let order = app.company.freezes[1].row.order.clone();
    app.press("g r j j enter");
    assert!(app.screen().contains(&order.plan_hash[..32]), "{}", app.screen());
    app.press("a \"0000X ctrl-d");
    assert!(app.acts.is_empty());
    app.press("ctrl-u \"0023S ctrl-d");
    let sent = app.acts.last().unwrap();
    assert_eq!((&sent.act, sent.targets[0].id), (&Act::FreezeApprove { hash: order.plan_hash }, order.id.0));
}

/// Nobody says yes to what is not on screen yet.
#[test]
fn an_approval_that_is_still_being_read_waits() {
    let mut app = App::new(Lang::En);
    app.press("g r");
    app.key(tenure::console::command::key::Key::plain(tenure::console::command::key::Code::Enter));
    app.drawn();
    app.key(tenure::console::command::key::Key::char('a'));
    assert_eq!((notice(&app).as_str(), app.acts.len()), ("off-unread", 0));
}

#[test]
fn an_approver_sees_the_plan_and_a_clock_that_runs_out_asks_again() {
    let mut app = App::new(Lang::ZhCn);
    app.press("g r enter");
    assert!(app.screen().contains("季度内提名销售总监候选人"), "{}", app.screen());
    app.press("esc g h");
    let overdue = app.m.today.counts.data.value().unwrap().overdue_talks;
    app.later(23 * 3600);
    assert!(app.waiting.iter().any(|e| matches!(e, Effect::Query { .. })));
    app.settle();
    assert_eq!(app.m.today.counts.data.value().unwrap().overdue_talks, overdue + 1);
}

#[test]
fn a_snooze_past_the_talk_clock_asks_somebody_else() {
    let mut app = App::new(Lang::En);
    app.press("g a j j z ctrl-u \"4h tab \"on_a_trip ctrl-d");
    assert_eq!(notice(&app), "notice-done-version");
    app.press("j z ctrl-u \"5d tab \"on_a_trip ctrl-d");
    assert_eq!(notice(&app), "notice-asked-approval");
    assert_eq!(app.acts.last().unwrap().reason.as_deref(), Some("on a trip"));
    assert_eq!(app.company.alerts[3].alert.state, AlertState::New, "nothing changes yet");
}

#[test]
fn a_denial_needs_a_reason() {
    let mut app = App::new(Lang::En);
    app.press("g r d ctrl-d");
    assert!(app.acts.is_empty());
    app.press("\"too_early ctrl-d");
    assert_eq!(app.acts.last().unwrap().act, Act::ApprovalDeny);
    assert_eq!(app.acts.last().unwrap().reason.as_deref(), Some("too early"));
}

#[test]
fn the_employee_number_goes_to_the_clipboard() {
    let mut app = App::new(Lang::En);
    app.press("g a y g p j y");
    assert_eq!(app.copied, ["10023", "10417"]);
}

#[test]
fn lists_load_on_and_back_and_the_window_stays_small() {
    let mut app = App::new(Lang::En);
    app.press("g p");
    for _ in 0..12 {
        app.press("pgdn");
    }
    assert_eq!(app.m.people.list.cursor(), Some(&id(1, 129)));
    assert!(app.m.people.list.rows().len() <= 150);
    app.press("g g");
    assert_eq!(app.m.people.list.cursor(), Some(&id(1, 0)));
    app.press("G G G G");
    assert_eq!(app.m.people.list.cursor(), Some(&id(1, 129)));
}

#[test]
fn a_timeline_is_filtered_and_jumped_through_by_kind() {
    let mut app = App::new(Lang::En);
    app.press("g a enter n");
    assert_eq!(app.m.person.as_ref().unwrap().list.current().unwrap().key, "1");
    app.press("n n p");
    assert_eq!(app.m.person.as_ref().unwrap().list.current().unwrap().key, "2");
    app.press("tab");
    let p = app.m.person.as_ref().unwrap();
    assert!(p.kind.is_some() && p.list.rows().iter().all(|r| Some(r.kind) == p.kind));
    app.press("shift-tab enter");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Reader(_))));
}

#[test]
fn an_idle_console_asks_for_nothing() {
    let mut app = App::with(&options(Lang::En), Company { alerts: vec![], ..Company::default() });
    app.press("g p");
    let (_, meta) = app.draw();
    assert_eq!((meta.wake, update::wake_at(&app.m)), (None, None));
    assert!(app.waiting.iter().all(|e| matches!(e, Effect::Watch { .. })));
}

/// With clocks on screen the console sleeps until a shown text changes, and then it does change.
#[test]
fn a_wake_changes_a_shown_text() {
    let mut app = App::new(Lang::En);
    app.press("g a");
    for _ in 0..20 {
        let before = app.screen();
        let wake = app.draw().1.wake.unwrap();
        assert!(wake > app.now);
        app.now = wake - jiff::SignedDuration::from_micros(1);
        app.send(Msg::Wake);
        assert_eq!(app.screen(), before);
        app.now = wake;
        app.send(Msg::Wake);
        assert_ne!(app.screen(), before);
    }
}

#[test]
fn names_with_escape_codes_are_harmless() {
    let mut company = Company::default();
    for name in ["\u{1b}]0;x\u{7}王", "\u{202e}gnaw", "e\u{301}\u{316}\u{317}", &"王".repeat(200), "a\nb\tc"] {
        company.alerts[0].employee.name = name.into();
        company.alerts[0].last_note = Some(name.into());
        company.alerts[0].employee.number = name.into();
        for lang in Lang::ALL {
            let mut app = App::with(&options(lang), company.clone());
            for keys in ["g a", "a", "t esc", "y", "* d ctrl-d", "esc esc enter"] {
                app.press(keys);
                let screen = app.screen();
                assert!(!screen.chars().any(|c| c != '\n' && (c.is_control() || c == '\u{202e}')), "{screen:?}");
            }
            assert!(app.copied.iter().all(|t| !t.chars().any(char::is_control)));
        }
    }
}

/// A contest is recorded once, read before it is answered, and answered after a question: the version that was read goes with it.
#[test]
fn a_contest_is_read_before_it_is_answered() {
    let mut app = App::new(Lang::En);
    app.press("g a enter").settle();
    app.press("A");
    assert_eq!(notice(&app), "off-not-contested");
    app.press("C");
    app.press("ctrl-d");
    assert!(app.acts.is_empty(), "nothing was said");
    app.paste("the leave was approved");
    app.press("ctrl-d").settle();
    let said = app.acts.pop().unwrap();
    assert_eq!(said.act, Act::ScoreContest { text: "the leave was approved".into() });

    let mut company = Company::default();
    company.alerts.iter_mut().take(1).for_each(|a| a.contested = true);
    let mut app = App::with(&options(Lang::En), company);
    app.press("g a enter").settle();
    app.press("C");
    assert_eq!(notice(&app), "off-contested");
    app.press("A").settle();
    assert!(!app.screen().contains('\u{1b}') && app.screen().contains("zhang"), "{}", app.screen());
    app.press("A 3 tab");
    app.paste("the leave counts as leave");
    app.press("ctrl-d");
    assert!(app.acts.is_empty(), "it is asked once more");
    app.press("y").settle();
    let answered = app.acts.pop().unwrap();
    assert_eq!(answered.act, Act::ScoreAnswer { answer: contest::Answer::Withdrawn, text: "the leave counts as leave".into() });
    assert_eq!((answered.targets[0].id, answered.targets[0].version), (crate::company::id(11, 0), Some(1)));
}
