//! Model files: what they may say, and which line is blamed when they may not.

use super::*;
use proptest::prelude::*;

const SEED: &str = SHIPPED[0].1;

/// Line and code of the refusal after replacing one piece of the seed file.
fn refused(from: &str, to: &str) -> (usize, String) {
    assert!(SEED.contains(from), "{from}");
    let text = SEED.replacen(from, to, 1);
    let e = Model::parse("seed.toml", &text).unwrap_err();
    assert_eq!(e.why.args["file"], "seed.toml");
    assert_eq!(e.why.args["line"], e.line.to_string());
    (e.line, e.why.code.into_owned())
}

fn line_of(text: &str) -> usize {
    1 + SEED.lines().position(|l| l == text).unwrap()
}

#[test]
fn a_bad_file_is_refused_with_the_line() {
    let weight = line_of("weight = 1.334");
    for (to, line, code) in [
        ("weight = -1.0", weight, "model-negative"),
        ("weight = nan", weight, "model-not-finite"),
        ("weight = inf", weight, "model-not-finite"),
        ("weight = 1000", weight, "model-out-of-range"),
        ("weight = \"1\"", weight, "model-not-toml"),
        ("weight = ", weight, "model-not-toml"),
        ("weight = 1.334\nwieght = 2", weight + 1, "model-unknown-field"),
        ("weight = 1.334\nweight = 2", weight + 1, "model-not-toml"),
        ("weight = 1.334\nstep = 2", weight + 2, "model-step-alone"),
        ("weight = 1.334\nsaturate_from = 2", weight + 1, "model-saturate-needs-growth"),
        ("# none", line_of("[[feature]]"), "model-missing-field"),
    ] {
        assert_eq!(refused("weight = 1.334", to), (line, code.into()), "{to}");
    }
    let kinds = line_of("kinds = [\"late\", \"leave\"]");
    assert_eq!(refused("\"leave\"]", "\"leaves\"]"), (kinds, "model-unknown-kind".into()));
    assert_eq!(refused("\"leave\"]", "\"late\"]"), (kinds, "model-kind-twice".into()));
    assert_eq!(refused("[\"late\", \"leave\"]", "[]"), (kinds, "model-no-kinds".into()));
    assert_eq!(refused("\"attendance_growth\"\nkinds", "\"resume_updates_90d\"\nkinds"), (kinds - 1, "model-feature-twice".into()));
    assert_eq!(refused("how = \"growth\"", "how = \"grows\""), (kinds + 1, "model-unknown-how".into()));
    assert_eq!(refused("window_days = 30", "window_days = 0"), (kinds + 2, "model-out-of-range".into()));
    assert_eq!(refused("window_days = 30", "window_days = 401"), (kinds + 2, "model-out-of-range".into()));
    assert_eq!(refused("saturate_from = 4\n", ""), (kinds + 3, "model-saturate-pair".into()));
    assert_eq!(refused("fallback = \"attendance_growth\"", "fallback = \"x\""), (kinds + 5, "model-unknown-kind".into()));
    assert_eq!(refused("id = \"seed\"", "id = \"Seed 1\""), (line_of("id = \"seed\""), "model-bad-name".into()));
    assert_eq!(refused("zh-CN = ", "zh = "), (line_of("zh-CN = \"种子校准评分\""), "model-unknown-field".into()));
    assert_eq!(Model::parse("x.toml", "feature = []").unwrap_err().why.code, "model-missing-field");
}

#[test]
fn a_changed_weight_is_another_version_and_another_score() {
    let changed = Model::parse("seed.toml", &SEED.replace("weight = 1.334", "weight = 1.5")).unwrap();
    assert_ne!(changed.version(), seed().version());
    assert!(changed.version().starts_with("1-") && changed.version().len() == 10);
    let score = |m: &Model| m.evaluate(&super::golden::d(), &today());
    assert!(score(&changed).score > score(&seed()).score);
    assert_ne!(score(&changed).inputs_hash, score(&seed()).inputs_hash);
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(text in "\\PC{0,300}") {
        let _ = Model::parse("x.toml", &text);
    }

    #[test]
    fn no_edit_of_a_good_file_makes_it_panic(at in 0..SEED.len(), len in 0..40_usize, with in "[\\PC\n]{0,12}") {
        let floor = |mut i: usize| { while !SEED.is_char_boundary(i) { i -= 1 } i };
        let (from, to) = (floor(at), floor((at + len).min(SEED.len())));
        let text = format!("{}{with}{}", &SEED[..from], &SEED[to..]);
        if let Err(e) = Model::parse("x.toml", &text) {
            prop_assert!(e.line >= 1 && e.line <= 1 + text.matches('\n').count());
        }
    }
}

/// Names of kinds, bands and shipped features exist in both languages, and the model sentences have the same variables.
#[test]
fn every_name_is_in_both_languages() {
    use strum::IntoEnumIterator;
    let en = include_str!("../../../config/locales/en/risk.ftl");
    let zh = include_str!("../../../config/locales/zh-CN/risk.ftl");
    let keys = |text: &str| -> Vec<String> { text.lines().filter_map(|l| l.split_once(" = ")).map(|(k, _)| k.to_owned()).collect() };
    assert_eq!(keys(en), keys(zh));
    let kebab = |name: String| name.replace('_', "-");
    let kinds = SignalKind::iter().map(|k| format!("signal-kind-{}", kebab(k.to_string())));
    let bands = crate::domain::score::Band::iter().map(|b| format!("band-{}", kebab(b.to_string())));
    let shipped: Vec<Model> = SHIPPED.iter().map(|(f, t)| Model::parse(f, t).unwrap()).collect();
    let features = shipped.iter().flat_map(Model::features).map(crate::risk::feature_code);
    for key in kinds.chain(bands).chain(features) {
        assert!(keys(en).contains(&key), "{key}");
    }
}
