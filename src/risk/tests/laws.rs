//! Laws that hold for any evidence (domain.md 16: 1, 3, 4, 5, 7, 8).

use super::*;
use crate::{domain::score::Band, risk::Evaluation};
use proptest::{collection::vec, option, prelude::*, sample::select, strategy::Just};
use std::{collections::BTreeMap, sync::LazyLock};
use strum::IntoEnumIterator;

static MODELS: LazyLock<Vec<Model>> = LazyLock::new(|| SHIPPED.iter().map(|(file, text)| Model::parse(file, text).unwrap()).collect());

fn kinds() -> impl Strategy<Value = SignalKind> {
    let weighed = vec![
        SignalKind::ResumeUpdate,
        SignalKind::Late,
        SignalKind::Leave,
        SignalKind::PerfScore,
        SignalKind::PayGap,
        SignalKind::CallVolume,
        SignalKind::Stress,
    ];
    prop_oneof![select(weighed), select(SignalKind::iter().collect::<Vec<_>>())]
}

fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (0..200_i32).prop_map(|v| f64::from(v) / 2.0),
        1 => any::<f64>(),
        1 => select(vec![f64::NAN, f64::INFINITY, -1.0, 0.0, -0.0, f64::MIN_POSITIVE, 1e300]),
    ]
}

/// Evidence from two years before to a month after today, half of it learnt up to 20 days late.
fn evidence() -> impl Strategy<Value = Evidence> {
    (kinds(), -30..750_i64, 0..86_400_000_000_i64, 0..40_i64, option::of(numbers()), option::of(numbers())).prop_map(
        |(kind, days_ago, within, late, value, baseline)| {
            let at = event(kind, days_ago).observed_at - 43_200_000_000 + within;
            Evidence { kind, observed_at: at, known_at: at + (late - 20).max(0) * 86_400_000_000, value, baseline }
        },
    )
}

fn shuffled() -> impl Strategy<Value = (Vec<Evidence>, Vec<Evidence>)> {
    vec(evidence(), 0..40).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

fn bits(e: &Evaluation) -> Vec<u8> {
    e.to_bytes()
}

proptest! {
    #[test]
    fn a_score_is_in_range_and_adds_up(all in vec(evidence(), 0..40)) {
        for model in MODELS.iter() {
            let e = model.evaluate(&all, &today());
            prop_assert!((0.0..=10.0).contains(&e.score));
            prop_assert!((0.0..=1.0).contains(&e.probability));
            prop_assert_eq!(e.band, Band::of(e.score));
            prop_assert!((model.intercept() + e.contributions.iter().sum::<f64>() - e.logit).abs() <= 1e-9 * e.logit.abs().max(1.0));
            prop_assert!(e.values.iter().zip(&e.contributions).all(|(v, c)| v.is_none_or(|v| v >= 0.0) && *c >= 0.0 && (v.is_some() || *c == 0.0)));
            prop_assert_eq!(Evaluation::from_bytes(&e.to_bytes()), Some(e));
        }
    }

    #[test]
    fn order_does_not_matter((one, other) in shuffled()) {
        for model in MODELS.iter() {
            prop_assert_eq!(bits(&model.evaluate(&one, &today())), bits(&model.evaluate(&other, &today())));
        }
    }

    #[test]
    fn what_was_not_yet_known_does_not_leak(all in vec(evidence(), 0..40)) {
        let end = today().end();
        let known: Vec<_> = all.iter().copied().filter(|e| e.observed_at < end && e.known_at < end).collect();
        for model in MODELS.iter() {
            prop_assert_eq!(bits(&model.evaluate(&all, &today())), bits(&model.evaluate(&known, &today())));
        }
    }

    #[test]
    fn what_lies_outside_the_lookback_need_not_be_loaded(all in vec(evidence(), 0..40)) {
        for model in MODELS.iter() {
            let window = today().window(model.lookback_days());
            let near: Vec<_> = all.iter().copied().filter(|e| window.contains(&e.observed_at)).collect();
            prop_assert_eq!(bits(&model.evaluate(&all, &today())), bits(&model.evaluate(&near, &today())));
        }
    }

    /// Nothing new arrives: the score stands until `valid_until`.
    #[test]
    fn a_score_holds_until_it_says(all in vec(evidence(), 0..40), days in 1..500_i64) {
        let end = today().end();
        let known: Vec<_> = all.into_iter().filter(|e| e.observed_at < end && e.known_at < end).collect();
        for model in MODELS.iter() {
            let e = model.evaluate(&known, &today());
            prop_assert!(e.valid_until.is_none_or(|d| d > TODAY));
            let later = TODAY + days.days();
            if e.valid_until.is_none_or(|until| later < until) {
                prop_assert_eq!(&model.evaluate(&known, &Day::new(later, &zone())).inputs_hash, &e.inputs_hash);
            }
        }
    }

    #[test]
    fn a_disabled_kind_is_as_if_never_received(all in vec(evidence(), 0..40), off in kinds()) {
        let without: Vec<_> = all.iter().copied().filter(|e| e.kind != off).collect();
        for model in MODELS.iter() {
            let e = model.evaluate(&without, &today());
            for (feature, value) in model.features().zip(&e.values) {
                prop_assert!(model.factor_kinds(feature) != [off] || value.is_none());
            }
            prop_assert!(e.unweighed.iter().all(|(kind, _)| *kind != off));
        }
    }

    #[test]
    fn more_risk_is_never_a_lower_score(values in vec(option::of(0.0..5.0), 6), which in 0..6_usize, more in 0.0..3.0) {
        for model in MODELS.iter() {
            let names: Vec<&str> = model.features().collect();
            let inputs: BTreeMap<String, f64> =
                names.iter().zip(&values).filter_map(|(name, v)| v.map(|v| ((*name).to_owned(), v))).collect();
            let before = model.predict(&inputs).unwrap();
            let Some(name) = names.get(which) else { continue };
            let mut inputs = inputs;
            *inputs.entry((*name).to_owned()).or_default() += more;
            let after = model.predict(&inputs).unwrap();
            prop_assert!(after.logit >= before.logit && after.score >= before.score && after.band >= before.band);
        }
    }

    #[test]
    fn stored_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..120), cut in 0..200_usize, flip in any::<(u8, u8)>()) {
        let _ = Evaluation::from_bytes(&bytes);
        let mut real = MODELS[0].evaluate(&super::golden::c(), &today()).to_bytes();
        let at = usize::from(flip.0) % real.len();
        real[at] ^= flip.1;
        if let Some(e) = Evaluation::from_bytes(&real) {
            prop_assert_eq!(e.to_bytes(), real.clone());
        }
        real.truncate(cut);
        let _ = Evaluation::from_bytes(&real);
    }
}
