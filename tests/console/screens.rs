//! Every pane and overlay at three sizes in two languages. Look at the files after a change: they are what people see.

use crate::{
    app::{App, options},
    company::Company,
};
use tenure::{
    backend::{
        Failure, FailureKind, Staged,
        answer::{ImportChange, ImportState},
    },
    console::{
        effect::Effect,
        look::{Glyphs, ThemeName},
        model::import::{Imported, Part},
        msg::Msg,
        runtime::Options,
    },
    domain::{
        import::{BadRow, Origin},
        sentence::Sentence,
    },
    text::Lang,
};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (60, 15)];

pub fn snap(name: &str, app: &App) {
    let tag = if app.m.lang == Lang::En { "en" } else { "zh" };
    let (w, h) = app.m.size;
    insta::with_settings!({snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(format!("{name}-{w}x{h}-{tag}"), app.snapshot());
    });
}

/// The same keys at every size and in both languages.
pub fn everywhere(name: &str, keys: &str) {
    for lang in Lang::ALL {
        for (w, h) in SIZES {
            let mut app = App::cold(&options(lang), Company::default());
            app.size(w, h).settle();
            app.press(keys);
            snap(name, &app);
        }
    }
}

/// At 80x24 in both languages.
pub fn both(name: &str, keys: &str, then: impl Fn(&mut App)) {
    for lang in Lang::ALL {
        let mut app = App::new(lang);
        app.press(keys);
        then(&mut app);
        snap(name, &app);
    }
}

#[test]
fn panes() {
    everywhere("today", "");
    everywhere("alerts", "g a");
    everywhere("people", "g p");
    everywhere("person", "g a enter");
    everywhere("plans", "g m");
    everywhere("approvals", "g r");
    everywhere("audit", "g u");
    everywhere("board", "g o");
    everywhere("case", "g o j j enter");
    everywhere("case-duties", "g o j j enter tab");
    everywhere("case-gates", "g o j j enter tab tab");
}

#[test]
fn dialogs() {
    everywhere("talk", "g a t \"希望半年内晋升，也想带项目 tab \"下周三谈晋升路径");
    everywhere("dismiss-confirm", "g a j d tab \"duplicate_of_another ctrl-d");
    everywhere("bulk-confirm", "g a * a");
    everywhere("palette", "g a :");
    everywhere("keys", "g a ?");
    everywhere("report", "g a v enter");
    everywhere("explain", "g a enter enter");
    everywhere("what-if", "g a enter w");
    everywhere("plan-form", "g a p enter");
    everywhere("case-item", "g o j j enter j j enter");
    everywhere("case-return", "g o j j enter j j j B");
    everywhere("case-hand-in", "g o j j enter j j j j j s");
}

#[test]
fn more_dialogs() {
    both("snooze", "g a z", |_| {});
    both("resolve", "g a x", |_| {});
    both("owner", "g a o", |_| {});
    both("templates", "g a p", |_| {});
    both("approval-plan", "g r enter", |_| {});
    both("approval-own", "g r j enter a", |_| {});
    both("approval-freeze", "g r j j enter", |_| {});
    both("approval-freeze-yes", "g r j j enter a", |_| {});
    both("approval-waiver", "g r j j j enter", |_| {});
    both("approval-grant", "g r j j j enter a", |_| {});
    both("plan", "g m enter", |_| {});
    both("case-accept", "g o j j enter j j j a", |_| {});
    both("case-transfer", "g o j j enter j T", |_| {});
    both("case-taker", "g o j j enter j T \"张 enter down", |app| {
        app.company.people[10].person.state = tenure::domain::person::SpellState::Notice;
        app.press("\"伟 enter down");
    });
    both("case-taker-none", "g o j j enter j T \"nobody enter", |_| {});
    both("case-taker-confirm", "g o j j enter j T \"10777 enter enter", |_| {});
    both("case-pool", "g o j j enter j j T enter \"10777 enter enter", |_| {});
    both("case-marked", "g o j j enter j j space space", |_| {});
    both("case-return-all", "g o j j enter j j space space B \"缺客户签字 ctrl-d", |_| {});
    both("case-return-part", "g o j j enter j j space space B \"缺客户签字 ctrl-d y", |_| {});
    both("case-transfer-all", "g o j j enter * T \"10777 enter enter", |_| {});
    both("case-transfer-on", "g o j j enter j j j j j T", |_| {});
    both("case-file-text", "g o j j enter j j j v", |_| {});
    both("case-file-binary", "g o j j enter j j j j v", |_| {});
    both("case-file-failed", "g o j j enter j v", |_| {});
    both("case-file-loading", "g o j j enter j j j", |app| app.key(tenure::console::command::key::Key::char('v')));
    both("case-versions", "g o j j enter j j j j j s tab tab tab tab \"none ctrl-d s \"/tmp/letter.pdf tab \"王经理 ctrl-d v", |_| {});
    both("case-start", "g a enter X", |_| {});
    both("case-own-review", "g o j j enter j j s", |_| {});
    both("case-duty", "g o j j enter tab j j enter", |_| {});
    both("case-disabled", "g o j j enter j a", |_| {});
    both("case-returned", "g o j j enter j j j B \"缺客户签字 ctrl-d", |_| {});
    both("entry", "g u enter", |_| {});
    both("filter", "g p / \"张伟", |_| {});
    both("filtered", "g p / \"张伟 enter", |_| {});
    both("marked", "g a space space", |_| {});
    both("chord", "g", |_| {});
    both("palette-theme", ": \"theme", |_| {});
    both("palette-zh", "g a : \"认领", |_| {});
    both("quit", "g a c \"unsent esc Q", |_| {});
    both("form-fault", "g a t ctrl-d", |_| {});
}

#[test]
fn notices() {
    both("acked", "g a j a", |_| {});
    both("disabled", "g a j j a", |_| {});
    both("ime", "g a 认", |_| {});
    both("conflict", "g a j", |app| {
        app.company.alerts[1].alert.version += 1;
        app.company.alerts[1].alert.state = tenure::domain::alert::AlertState::Acked;
        app.company.alerts[1].alert.touched_by = Some("chen".into());
        app.company.alerts[1].owner = Some("chen".into());
        app.press("a");
    });
    both("bulk-part", "g a * d tab \"noise", |app| {
        app.company.alerts[1].alert.version += 1;
        app.press("ctrl-d y");
    });
    both("unknown", "g a j", |app| {
        app.key(tenure::console::command::key::Key::char('a'));
        app.waiting.rotate_right(1);
        app.fail(FailureKind::Unknown);
    });
    both("acting", "g a j", |app| app.key(tenure::console::command::key::Key::char('a')));
}

#[test]
fn states() {
    both("stale", "g a", |app| {
        app.lose();
        app.later(200);
    });
    both("clock-off", "g a", |app| app.m.skew = Some(jiff::SignedDuration::from_secs(-640)));
    for lang in Lang::ALL {
        let app = App::cold(&options(lang), Company::default());
        snap("loading", &app);
        let mut app = App::cold(&options(lang), Company::default());
        app.waiting.rotate_left(1);
        app.fail(FailureKind::Unreachable);
        snap("failed", &app);
        let mut company = Company::empty();
        company.made = false;
        snap("first-run", &App::with(&Options { no_sample: None, ..options(lang) }, company.clone()));
        snap("first-run-locked", &App::with(&Options { read_only: true, ..options(lang) }, company));
        let mut company = Company::default();
        company.alerts.clear();
        let mut app = App::with(&options(lang), company);
        app.press("g a");
        snap("empty", &app);
        let mut app = App::with(&Options { read_only: true, ..options(lang) }, Company::default());
        app.press("g a a");
        snap("locked", &app);
        let mut app = App::with(
            &Options { keymap: Some("\"alert.nak\" = []\n\"alert.ack\" = [\"hyper-a\"]".into()), ..options(lang) },
            Company::default(),
        );
        app.size(80, 24);
        snap("faults", &app);
        let mut app = App::new(lang);
        app.size(40, 10);
        snap("small", &app);
    }
}

#[test]
fn looks() {
    for theme in [ThemeName::Mono, ThemeName::Dark, ThemeName::Light] {
        let mut app = App::with(&Options { theme, ..options(Lang::En) }, Company::default());
        app.press("g a enter");
        snap(&format!("theme-{theme}"), &app);
    }
    for (name, keys) in [("ascii-alerts", "g a"), ("ascii-person", "g a enter"), ("ascii-talk", "g a t"), ("ascii-confirm", "g a * a")] {
        let mut app = App::with(&Options { glyphs: Glyphs::Ascii, no_color: true, ..options(Lang::En) }, latin());
        app.press(keys);
        assert!(app.screen().is_ascii(), "{}", app.screen());
        snap(name, &app);
    }
}

/// The company with Latin names, so that only the console's own symbols are looked at.
fn latin() -> Company {
    let mut c = Company::default();
    let plain = |p: &mut tenure::domain::person::PersonRef| {
        p.name = format!("Person {}", p.number);
        p.org = "/group/unit".into();
        p.post = "post".into();
    };
    for a in &mut c.alerts {
        plain(&mut a.employee);
        a.last_note = Some("note".into());
    }
    c.people.iter_mut().for_each(|r| plain(&mut r.person));
    c.latin = true;
    c
}

#[test]
fn large_and_tiny_screens_are_drawn() {
    for keys in ["", "g a", "g a enter", "g m", "g u", "g a t", "g a * d", "g a ?"] {
        let mut app = App::new(Lang::ZhCn);
        app.press(keys);
        for (w, h) in [(1, 1), (59, 15), (60, 14), (60, 20), (200, 60), (300, 100), (300, 15), (60, 100)] {
            app.size(w, h);
            app.screen();
        }
    }
}

/// Alerts that ask for work say what they are about where the others say how high the risk is.
#[test]
fn kinds_of_alerts() {
    use strum::IntoEnumIterator;
    use tenure::domain::alert::AlertKind;
    for lang in Lang::ALL {
        for size in [(80, 24), (120, 40)] {
            let mut company = Company::default();
            for (row, kind) in company.alerts.iter_mut().zip(AlertKind::iter()) {
                row.alert.kind = kind;
            }
            let mut app = App::cold(&options(lang), company);
            app.size(size.0, size.1).settle();
            app.press("g a j");
            snap("alerts-kinds", &app);
        }
    }
}

/// A score that its person contests is marked wherever it is; the first screen says what is late.
#[test]
fn contested_scores_and_silent_sinks() {
    for lang in Lang::ALL {
        for size in [(80, 24), (120, 40)] {
            let mut company = Company::default();
            company.alerts.iter_mut().take(2).for_each(|a| a.contested = true);
            company.people.iter_mut().take(2).for_each(|p| p.contested = true);
            company.anchors_since = Some(crate::company::now() - jiff::SignedDuration::from_hours(5));
            let mut app = App::cold(&options(lang), company);
            app.size(size.0, size.1).settle();
            snap("contest-today", &app);
            app.press("g a j");
            snap("contest-alerts", &app);
            app.press("enter");
            snap("contest-person", &app);
            app.press("A").settle();
            snap("contest-read", &app);
            app.press("A");
            snap("contest-answer", &app);
        }
    }
}

/// The number of the file that is on its way.
fn importing(app: &App) -> u64 {
    let found = app.waiting.iter().rev().find_map(|e| match e {
        Effect::Import { req, .. } => Some(*req),
        _ => None,
    });
    found.expect("a file on its way")
}

fn imported() -> Imported {
    let bad = |row, column: Option<&str>, why| BadRow {
        origin: Origin { file: "员工.csv".into(), row },
        column: column.map(Into::into),
        why,
        raw: "{\"name\":\"吴二\"}".into(),
    };
    let sample = vec![
        bad(2, Some("start\u{1b}[31med"), Sentence::new("row-date").with("field", "@field-started").with("shape", "some\u{202e}day")),
        bad(1204, None, Sentence::new("import-number-taken").with("number", "30002")),
    ];
    let state = ImportState { state: "published".into(), rows: 1470, done: 2, chunks: 2, added: 1468, same: 0, refused: 2 };
    let staged = Staged { id: None, hash: String::new(), rows: 1469, bad: 1, sample, change: ImportChange::default() };
    Imported { staged, state }
}

/// A file that is loaded from an empty home: asked for, on its way, loaded, refused.
#[test]
fn a_file_is_loaded() {
    for lang in Lang::ALL {
        for (w, h) in SIZES {
            let mut app = App::cold(&Options { no_sample: None, ..options(lang) }, Company { made: false, ..Company::empty() });
            app.size(w, h).settle();
            app.press("i \"/tmp/员工.csv");
            snap("import", &app);
            app.press("enter");
            let req = importing(&app);
            app.now += jiff::SignedDuration::from_secs(5);
            app.send(Msg::Importing { req, part: Part { loading: false, rows: 50_000, of: Some((250, 1000)) } });
            snap("import-going", &app);
            app.send(Msg::Imported { req, result: Ok(Box::new(imported())) });
            app.settle();
            snap("import-done", &app);
            app.press("i \"x enter");
            let why = Failure::new(FailureKind::Refused, Sentence::new("refused-import-exits").with("share", "5"));
            app.send(Msg::Imported { req: importing(&app), result: Err(why) });
            app.settle();
            snap("import-refused", &app);
        }
    }
}

/// Leaving the form loses nothing, and what ends behind it is told.
#[test]
fn a_file_goes_on_when_nobody_looks() {
    let mut app = App::with(&Options { no_sample: None, ..options(Lang::En) }, Company { made: false, ..Company::empty() });
    app.press("i \"a.csv esc");
    assert!(app.m.overlay.is_none() && app.waiting.iter().all(|e| !matches!(e, Effect::Import { .. })));
    app.press("i enter q");
    let told = |app: &App| app.m.notice.as_ref().map(|n| n.what.code.to_string()).unwrap_or_default();
    assert!(app.m.overlay.is_none());
    assert_eq!(told(&app), "notice-import-goes-on");
    let req = importing(&app);
    // An answer to another file is none to this one.
    app.send(Msg::Imported { req: req + 1000, result: Ok(Box::new(imported())) });
    assert_eq!(told(&app), "notice-import-goes-on");
    app.send(Msg::Imported { req, result: Ok(Box::new(imported())) });
    assert_eq!(told(&app), "notice-import-done");
    // Nothing is sent twice by looking again.
    app.press("i");
    assert!(app.screen().contains("signals") && app.m.import.file.text().is_empty());
    let sent = app.waiting.iter().filter(|e| matches!(e, Effect::Import { .. })).count();
    assert_eq!(sent, 1);
}
