//! A user who presses anything at any time, on a link that answers late, out of order or not at all.

use crate::{
    app::{App, options},
    company::Company,
};
use proptest::prelude::*;
use tenure::{
    backend::{FailureKind, Target, table},
    console::{
        command::{
            COMMANDS,
            key::{Code, Key},
            keymap,
        },
        effect::Effect,
        look::Glyphs,
        model::{
            Model,
            list::{List, Row},
            overlay::{Confirming, Overlay},
        },
        runtime::Options,
        update,
    },
    text::Lang,
};

#[derive(Clone, Debug)]
enum Step {
    Key(Key),
    /// Keys in one burst, with no frame in between.
    Burst(Vec<Key>),
    Answer(usize),
    Fail(usize, FailureKind),
    Settle,
    Drawn,
    Resize(u16, u16),
    Changed,
    Lose,
    Later(i64),
    Paste(String),
    /// Somebody else: an alert goes, or its version moves on.
    Gone(usize),
    Touched(usize),
}

fn key() -> impl Strategy<Value = Key> {
    let known: Vec<Key> = COMMANDS.iter().flat_map(keymap::defaults).flat_map(|c| c.0).collect();
    let edit = [Code::Enter, Code::Esc, Code::Tab, Code::Backspace, Code::Left, Code::Down, Code::Up, Code::Delete].map(Key::plain);
    prop_oneof![
        6 => prop::sample::select(known),
        3 => prop::sample::select(edit.to_vec()),
        1 => Just(Key::char('y')),
        1 => Just(Key::ctrl('d')),
        2 => prop::sample::select("希望y1 q：？张x\u{301}👩".chars().collect::<Vec<_>>()).prop_map(Key::char),
        1 => any::<char>().prop_map(Key::char),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop::sample::select(vec![
        FailureKind::Unknown,
        FailureKind::Unreachable,
        FailureKind::Failed,
        FailureKind::Conflict,
        FailureKind::NotFound,
    ]);
    prop_oneof![
        20 => key().prop_map(Step::Key),
        2 => prop::collection::vec(key(), 1..5).prop_map(Step::Burst),
        6 => (0usize..6).prop_map(Step::Answer),
        2 => (0usize..6, kind).prop_map(|(i, k)| Step::Fail(i, k)),
        4 => Just(Step::Settle),
        1 => Just(Step::Drawn),
        1 => (1u16..300, 1u16..100).prop_map(|(w, h)| Step::Resize(w, h)),
        1 => Just(Step::Changed),
        1 => Just(Step::Lose),
        1 => (1i64..200_000).prop_map(Step::Later),
        1 => "\\PC{0,30}".prop_map(Step::Paste),
        1 => (0usize..8).prop_map(Step::Gone),
        1 => (0usize..8).prop_map(Step::Touched),
    ]
}

fn cursor_is_honest<T: Row>(list: &List<T>) {
    if let Some(id) = list.cursor() {
        assert!(list.rows().iter().any(|r| r.id() == *id), "the cursor stands on a row that is not there");
    }
    assert!(list.rows().len() <= 200);
}

fn check(m: &Model) {
    cursor_is_honest(&m.today.urgent);
    cursor_is_honest(&m.alerts.list);
    cursor_is_honest(&m.people.list);
    cursor_is_honest(&m.plans.list);
    cursor_is_honest(&m.approvals.list);
    cursor_is_honest(&m.audit.list);
    cursor_is_honest(&m.admin.list);
    if let Some(p) = &m.person {
        cursor_is_honest(&p.list);
    }
    assert!(m.trail.iter().enumerate().all(|(i, p)| !m.trail[..i].contains(p)), "a pane is on the way back at most once");
}

/// What the screen says an act would be done to, before a key.
fn shown_targets(m: &Model) -> Option<Vec<Target>> {
    let on = match m.overlay.as_ref().map(|o| &o.what) {
        Some(Overlay::Confirm(c)) => match &c.what {
            // An act without a target names what it is about itself.
            Confirming::Act(p) if table::row(&p.act).target.is_none() => return Some(Vec::new()),
            Confirming::Act(p) => &p.on,
            Confirming::Quit => return None,
        },
        Some(Overlay::Form(f)) => &f.on,
        Some(Overlay::Pick(p)) => &p.on,
        Some(_) | None => return None,
    };
    Some(on.items.iter().map(|i| i.target).collect())
}

fn press(app: &mut App, key: Key, locked: bool) {
    let shown = shown_targets(&app.m);
    let before = app.acts.len();
    app.key(key);
    let new = &app.acts[before..];
    assert!(new.len() <= 1, "one key, one act");
    if let Some(act) = new.first() {
        assert!(!locked, "an act in a locked console");
        assert!(act.key.is_some());
        match shown {
            Some(shown) => assert_eq!(act.targets, shown, "what is sent is what was shown"),
            // Without a dialog a key acts on the one row under the cursor.
            None => assert_eq!(act.targets.len(), 1),
        }
    }
}

fn console(zh: bool, read_only: bool, glyphs: usize) -> Options {
    Options {
        read_only,
        glyphs: [Glyphs::Narrow, Glyphs::Ascii, Glyphs::Letters][glyphs],
        ..options(if zh { Lang::ZhCn } else { Lang::En })
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_whatever_is_answered(
        zh: bool,
        locked: bool,
        glyphs in 0usize..3,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut app = App::cold(&console(zh, locked, glyphs), Company::default());
        for step in steps {
            match step {
                Step::Key(k) => {
                    press(&mut app, k, locked);
                    app.drawn();
                }
                Step::Burst(keys) => keys.into_iter().for_each(|k| press(&mut app, k, locked)),
                Step::Answer(i) => {
                    let at = i % app.waiting.len().max(1);
                    match app.waiting.remove(at) {
                        Some(Effect::Watch { mark }) if mark > 0 => app.waiting.push_back(Effect::Watch { mark }),
                        Some(e) => app.reply(e),
                        None => {}
                    }
                }
                Step::Fail(i, kind) => {
                    let len = app.waiting.len().max(1);
                    if !app.waiting.is_empty() {
                        app.waiting.rotate_left(i % len);
                        app.fail(kind);
                    }
                }
                Step::Settle => app.settle(),
                Step::Drawn => app.drawn(),
                Step::Resize(w, h) => { app.size(w, h); }
                Step::Changed if app.waiting.iter().any(|e| matches!(e, Effect::Watch { .. })) => app.changed("alert"),
                Step::Lose if app.waiting.iter().any(|e| matches!(e, Effect::Watch { .. })) => app.lose(),
                Step::Changed | Step::Lose => {}
                Step::Later(s) => app.later(s),
                Step::Paste(text) => app.paste(&text),
                Step::Gone(i) => if i < app.company.alerts.len() { app.company.alerts.remove(i); },
                Step::Touched(i) => if let Some(r) = app.company.alerts.get_mut(i) { r.alert.version += 1; },
            }
            check(&app.m);
            let (_, meta) = app.draw();
            prop_assert!(meta.wake.is_none_or(|w| w > app.m.now), "a wake in the past would spin");
        }
        // Whatever happened, nothing is left undecided once everything answers.
        for _ in 0..3 {
            app.settle();
            app.later(3600);
        }
        app.settle();
        prop_assert!(app.m.jobs.is_empty(), "{:?}", app.m.jobs);
        let polls = app.waiting.iter().filter(|e| matches!(e, Effect::Watch { .. })).count();
        prop_assert_eq!((polls, app.m.is_stale()), (1, false));
        prop_assert_eq!(update::wake_at(&app.m), None);
    }
}
