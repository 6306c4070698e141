//! Tests over the locale files: complete, equal in both languages, fit for a terminal, and holding every code that is used.

use super::{Lang, Texts, table::files};
use crate::domain::{
    act::{ActKind, Entity},
    alert::{AlertKind, AlertOutcome, AlertState, DismissReason},
    approval::ApprovalState,
    customer::{CustomerView, OrderState, TransferState},
    duty::{DutyKind, DutyState},
    freeze::{Direction, GapKind, Level, Mode, StepState},
    handover::{ItemKind, ItemState},
    offboarding::{CaseState, FreezeStanding, Gate},
    operator::{Proof, Role},
    person::{CriticalPost, ExitKind, Impact, SpellState},
    plan::{PlanOutcome, PlanState, PlanTemplate},
    row::CaseView,
    score::Band,
    signal::{LawfulBasis, Sensitivity, SignalKind},
    stages::Desk,
    talk::Channel,
    target::{Lockout, Protection, StepKind, TargetKind, WriteRight},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    fs,
    path::Path,
};
use strum::IntoEnumIterator;
use unicode_width::UnicodeWidthChar;

/// Messages of a file with the names of their variables.
fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out = BTreeMap::<String, BTreeSet<String>>::new();
    let mut key = String::new();
    for line in text.lines() {
        let body = match line.split_once('=') {
            Some((name, rest)) if line.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                key = name.trim().to_owned();
                assert!(out.insert(key.clone(), BTreeSet::new()).is_none(), "{key} twice");
                rest
            }
            _ if line.starts_with([' ', '}']) => line,
            _ => continue,
        };
        let names =
            body.split('$').skip(1).map(|s| s.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect());
        out.entry(key.clone()).or_default().extend(names);
    }
    out
}

#[test]
fn both_languages_hold_the_same_keys_and_variables() {
    let mut owner = BTreeMap::new();
    for ((file, en), (_, zh)) in files(Lang::En).iter().zip(files(Lang::ZhCn)) {
        let (en, zh) = (messages(en), messages(zh));
        for (key, variables) in &en {
            assert_eq!(Some(variables), zh.get(key), "{file}: {key} (left: en, right: zh-CN)");
            assert_eq!(owner.insert(key.clone(), file), None, "{key} is in two files");
        }
        let extra: Vec<_> = zh.keys().filter(|k| !en.contains_key(*k)).collect();
        assert!(extra.is_empty(), "{file}: only in zh-CN: {extra:?}");
    }
    assert_eq!(super::keys(Lang::En).len(), owner.len());
}

#[test]
fn the_files_parse_and_fit_a_terminal() {
    for lang in Lang::ALL {
        for (file, text) in files(lang) {
            assert_eq!(super::check(text), [], "{lang}/{file}");
            for (n, line) in text.lines().enumerate() {
                let at = format!("{lang}/{file}:{}: {line:?}", n + 1);
                assert_eq!(line.trim_end(), line, "trailing space: {at}");
                assert_eq!(super::safe(line, usize::MAX), line, "control, invisible or not NFC: {at}");
                // A terminal may draw these in one column or in two, and then shifts the row: `…`, curly quotes, `·`, `—`, `→`.
                let ambiguous = line.chars().find(|c| !line.starts_with('#') && !c.is_alphabetic() && c.width() != c.width_cjk());
                assert_eq!(ambiguous, None, "ambiguous width: {at}");
            }
        }
    }
}

#[test]
fn every_word_of_the_domain_has_a_text() {
    fn topic<T: IntoEnumIterator + Display>(topic: &str) -> Vec<String> {
        T::iter().map(|v| format!("{topic}-{}", v.to_string().replace('_', "-"))).collect()
    }
    let acts = crate::domain::act::ActKind::iter().map(act_key);
    let codes = [
        topic::<AlertState>("alert-state"),
        topic::<AlertKind>("alert-kind"),
        topic::<AlertOutcome>("alert-outcome"),
        topic::<DismissReason>("dismiss-reason"),
        topic::<ApprovalState>("approval-state"),
        topic::<Proof>("proof"),
        topic::<Role>("role"),
        topic::<CriticalPost>("critical-post"),
        topic::<ExitKind>("exit-kind"),
        topic::<Impact>("impact"),
        topic::<SpellState>("spell-state"),
        topic::<PlanOutcome>("plan-outcome"),
        topic::<PlanState>("plan-state"),
        topic::<PlanTemplate>("plan-template"),
        topic::<PlanTemplate>("template"),
        topic::<Band>("band"),
        topic::<LawfulBasis>("lawful-basis"),
        topic::<Sensitivity>("sensitivity"),
        topic::<SignalKind>("signal-kind"),
        topic::<Channel>("channel"),
        topic::<CustomerView>("customer-view"),
        topic::<OrderState>("order-state"),
        topic::<TransferState>("transfer-state"),
        topic::<Entity>("entity"),
        topic::<CaseState>("case-state"),
        topic::<CaseView>("case-view"),
        topic::<FreezeStanding>("freeze-standing"),
        topic::<Gate>("gate"),
        topic::<ItemKind>("item-kind"),
        topic::<ItemState>("item-state"),
        topic::<DutyKind>("duty-kind"),
        topic::<DutyState>("duty-state"),
        topic::<Desk>("desk"),
        topic::<crate::domain::freeze::OrderState>("freeze-state"),
        topic::<Level>("level"),
        topic::<Mode>("mode"),
        topic::<Direction>("direction"),
        topic::<GapKind>("gap"),
        topic::<StepState>("step-state"),
        topic::<StepKind>("step"),
        topic::<TargetKind>("target-kind"),
        topic::<WriteRight>("write-right"),
        topic::<Lockout>("lockout"),
        topic::<Protection>("protection"),
        acts.collect(),
        ["view-open", "view-mine", "view-unacked", "view-stale", "view-snoozed", "view-closed", "view-all"]
            .map(|v| format!("alert-{v}"))
            .into(),
        ["signal", "score", "alert", "talk", "plan", "act"].map(|k| format!("timeline-kind-{k}")).into(),
        ["alert-raise", "alert-close-exit", "alert-wake", "plan-change"].map(|a| format!("act-{a}")).into(),
        (0..=crate::domain::alert::TOP_LEVEL).map(|l| format!("escalation-{l}")).collect(),
    ];
    for lang in Lang::ALL {
        let have: BTreeSet<_> = super::keys(lang).into_iter().collect();
        let missing: Vec<_> = codes.iter().flatten().filter(|c| !have.contains(*c)).collect();
        assert!(missing.is_empty(), "{lang}: {missing:?}");
    }
}

/// `AlertCloseExit` -> `act-alert-close-exit`.
fn act_key(kind: ActKind) -> String {
    format!("{kind:?}").chars().fold("act".to_owned(), |mut key, c| {
        if c.is_uppercase() {
            key.push('-');
        }
        key.extend(c.to_lowercase());
        key
    })
}

/// Codes are written as literals: whatever the sources name must be in the table, so that no screen ever shows `⟨key⟩`.
#[test]
fn every_code_in_the_sources_has_a_text() {
    let have: BTreeSet<_> = super::keys(Lang::En).into_iter().collect();
    // `word("alert-state", ...)` names the beginning of keys.
    let known =
        |code: &str| have.contains(code) || have.range(format!("{code}-")..).next().is_some_and(|k| k.starts_with(&format!("{code}-")));
    let mut missing = BTreeSet::new();
    let mut dirs = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with("text") || path.ends_with("tests") || path.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap_or_default();
            let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
            for code in codes(source).filter(|c| !known(c)) {
                missing.insert(format!("{code} ({})", path.file_name().unwrap().to_string_lossy()));
            }
        }
    }
    assert!(missing.is_empty(), "no text for {missing:#?}");
}

/// String literals that are codes: `@some-code`, and kebab-case words that open the arguments of a call (`Sentence::new`, `refuse`, `word`).
fn codes(source: &str) -> impl Iterator<Item = &str> {
    const OTHER_CALLS: &[&str] = &["file_name(", "join(", "Path::new("];
    let is_code =
        |s: &str| s.contains('-') && s.split('-').all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
    source.lines().filter(|l| !l.trim_start().starts_with("//")).flat_map(move |line| {
        let mut before = "";
        line.split('"').enumerate().filter_map(move |(i, part)| {
            let given = before.ends_with('(') && !OTHER_CALLS.iter().any(|c| before.ends_with(c));
            before = part;
            let code = part.strip_prefix('@').unwrap_or(part);
            (i % 2 == 1 && (given || code != part) && is_code(code)).then_some(code)
        })
    })
}

#[test]
fn the_playbook_speaks_about_every_feature_of_the_seed_scorer() {
    let texts = Texts::new(&[]);
    for feature in ["resume-updates-90d", "attendance-growth", "performance-drop", "performance-falling-quarters", "pay-gap"] {
        for topic in ["need", "strategy", "opening"] {
            let key = format!("{topic}-{feature}");
            for lang in Lang::ALL {
                assert!(texts.has(&key));
                assert_ne!(texts.get(lang, &key), texts.get(lang, &format!("{topic}-generic")), "{key}");
            }
        }
    }
    assert_eq!(texts.get(Lang::ZhCn, "need-something-of-ours"), texts.get(Lang::ZhCn, "need-generic"));
}

/// What a line manager reads names no résumé, no job site and no figure of a signal [AC-3].
#[test]
fn the_managers_summary_gives_nothing_away() {
    for lang in Lang::ALL {
        let manager = super::keys(lang).into_iter().filter(|k| k.starts_with("report-manager-") || k.starts_with("summary-"));
        for key in manager {
            let text = Texts::new(&[]).get(lang, &key).to_lowercase();
            for word in ["résumé", "resume", "job site", "简历", "求职", "招聘", "猎聘", "linkedin"] {
                assert!(!text.contains(word), "{key}: {text}");
            }
        }
    }
}
