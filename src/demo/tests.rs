//! The sample company is what it says, whatever the seed.

use super::*;
use crate::{
    domain::{import::StatedOwner, person::SpellState, score::Band, signal::SignalKind},
    risk::{Day, Evaluation, Evidence, Model, SHIPPED},
};
use jiff::ToSpan;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU64, Ordering},
};

fn spec(employees: u32, seed: u64) -> Spec {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    Spec { employees, seed, ..Spec::new("2026-11-20T02:30:00Z".parse().unwrap(), zone) }
}

fn model() -> Model {
    Model::parse(SHIPPED[0].0, SHIPPED[0].1).unwrap()
}

/// Evaluations by number, some days before today.
fn scores(spec: &Spec, days_ago: i64) -> BTreeMap<String, Evaluation> {
    let (model, day) = (model(), Day::new(spec.today() - days_ago.days(), &spec.zone));
    let mut evidence: BTreeMap<String, Vec<Evidence>> = BTreeMap::new();
    for s in signals(spec) {
        evidence.entry(s.number).or_default().push(Evidence {
            kind: s.kind,
            observed_at: s.observed_at.as_microsecond(),
            known_at: s.known_at.as_microsecond(),
            value: s.value,
            baseline: s.baseline,
        });
    }
    employees(spec)
        .filter(|p| p.state.is_live())
        .map(|p| (p.number.clone(), model.evaluate(evidence.get(&p.number).map_or(&[], |e| e), &day)))
        .collect()
}

#[test]
fn the_same_specification_gives_the_same_rows() {
    let (one, other) = (spec(300, 7), spec(300, 7));
    assert!(employees(&one).eq(employees(&other)));
    assert!(signals(&one).eq(signals(&other)));
    assert_eq!(exits(&one), exits(&other));
    assert_eq!(story(&one), story(&other));
    assert!(!employees(&one).eq(employees(&spec(300, 8))));
}

#[test]
fn a_person_does_not_depend_on_how_many_there_are() {
    let (small, large) = (spec(600, 7), spec(3_000, 7));
    let of = |spec: &Spec| employees(spec).take(500).collect::<Vec<_>>();
    assert_eq!(of(&small), of(&large));
}

#[test]
fn three_people_are_called_zhang_wei() {
    for (employees_, seed) in [(2_000, 1), (2_000, 2), (60, 3), (12_000, 4)] {
        let spec = spec(employees_, seed);
        let found: Vec<_> = employees(&spec).filter(|p| p.name == "张伟").map(|p| (p.number, p.state)).collect();
        let mut expected = vec![
            ("10023".to_owned(), SpellState::Active),
            ("10417".to_owned(), SpellState::Notice),
            ("20031".to_owned(), SpellState::Active),
        ];
        expected.sort_by_key(|(number, _)| found.iter().position(|(n, _)| n == number));
        assert_eq!(found, expected, "{employees_} people");
    }
}

#[test]
fn the_articles_people_score_as_told() {
    for (employees_, seed) in [(2_000, 1), (200, 9)] {
        let spec = spec(employees_, seed);
        let scores = scores(&spec, 0);
        let of = |name: &str| scores[&employees(&spec).find(|p| p.name == name).unwrap().number].clone();
        assert_eq!((of("林致远").score, of("林致远").band), (8.2, Band::High));
        assert_eq!((of("周敏").score, of("周敏").band), (7.5, Band::MediumHigh));
        assert_eq!((of("王建国").score, of("王建国").band), (8.5, Band::High));
        assert_eq!((of("李晓燕").score, of("李晓燕").band), (5.9, Band::Medium));
    }
}

#[test]
fn a_few_are_at_risk_and_most_are_not() {
    for (seed, as_of) in [
        (1, "2026-11-20T02:30:00Z"),
        (1, "2026-07-03T02:30:00Z"),
        (2, "2026-07-03T02:30:00Z"),
        (2, "2026-03-02T02:30:00Z"),
        (3, "2026-07-03T02:30:00Z"),
        (3, "2026-11-20T02:30:00Z"),
        (4, "2026-10-12T02:30:00Z"),
        (5, "2026-01-12T02:30:00Z"),
        (6, "2026-05-12T02:30:00Z"),
    ] {
        let spec = Spec { as_of: as_of.parse().unwrap(), ..spec(2_000, seed) };
        let scores = scores(&spec, 0);
        let share = |bands: &[Band]| scores.values().filter(|e| bands.contains(&e.band)).count() as f64 / scores.len() as f64;
        let (top, medium) = (share(&[Band::MediumHigh, Band::High]), share(&[Band::Medium]));
        assert!((0.03..=0.05).contains(&top), "seed {seed}: {top} medium-high or above");
        assert!((0.07..=0.13).contains(&medium), "seed {seed}: {medium} medium");
    }
}

#[test]
fn a_real_company_has_all_kinds_of_people() {
    let spec = spec(2_000, 1);
    let people: Vec<_> = employees(&spec).collect();
    assert_eq!(people.iter().map(|p| &p.person).collect::<BTreeSet<_>>().len(), 2_000);
    let live: Vec<_> = people.iter().filter(|p| p.state.is_live()).collect();
    assert_eq!(live.iter().map(|p| &p.number).collect::<BTreeSet<_>>().len(), live.len(), "two live spells with one number");
    assert_eq!(live.iter().map(|p| &p.person).collect::<BTreeSet<_>>().len(), live.len(), "two live spells of one person");
    let numbers: BTreeSet<_> = people.iter().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers.len(), people.len());
    let without_manager = people.iter().filter(|p| p.manager.is_none()).count();
    assert_eq!(without_manager, 1);
    assert!(people.iter().filter_map(|p| p.manager.as_deref()).all(|m| numbers.contains(m)));
    for state in [SpellState::Notice, SpellState::Probation, SpellState::OnLeave, SpellState::PreHire, SpellState::Departed] {
        assert!(people.iter().any(|p| p.state == state), "{state}");
    }
    assert!(people.len() > 2_005, "rehires: {}", people.len());
    assert!(people.iter().all(|p| (p.state == SpellState::Departed) <= p.last_day.is_some() && p.last_day.is_none_or(|d| d > p.started)));
    assert!(people.iter().any(|p| p.name.contains('·')) && people.iter().any(|p| p.name.starts_with("欧阳")));
    assert!(people.iter().any(|p| p.name.is_ascii()));
    for p in &people {
        let sort = p.sort_name.as_deref().unwrap();
        assert!(!sort.is_empty() && sort.chars().all(|c| c.is_ascii_lowercase() || " '-".contains(c)), "{} {sort}", p.name);
        assert!(p.org.starts_with("/华信集团/"), "{}", p.org);
    }
    assert_eq!(exits(&spec).len(), people.iter().filter(|p| p.state == SpellState::Departed && !p.number.starts_with('9')).count());
}

#[test]
fn signals_are_about_twenty_a_person_and_never_from_the_future() {
    let spec = spec(2_000, 1);
    let by_number: BTreeMap<_, _> = employees(&spec).map(|p| (p.number.clone(), p)).collect();
    let mut events = BTreeSet::new();
    let mut count = 0;
    for s in signals(&spec) {
        count += 1;
        assert!(s.observed_at <= s.known_at && s.known_at <= spec.as_of);
        let person = &by_number[&s.number];
        let on = s.observed_at.to_zoned(spec.zone.clone()).date();
        assert!(on >= person.started && person.last_day.is_none_or(|last| on <= last), "{:?} outside the spell", s.kind);
        assert!(!s.kind.off_by_default() || s.kind == SignalKind::ResumeUpdate);
        assert!(events.insert(s.event));
    }
    assert!((18.0..=22.0).contains(&(f64::from(count) / 2_000.0)), "{count}");
}

#[test]
fn a_source_was_silent_for_a_week() {
    let spec = spec(12_000, 1);
    let in_region = |region: &str| -> BTreeSet<String> { employees(&spec).filter(|p| p.org.contains(region)).map(|p| p.number).collect() };
    let (late, lost) = (in_region("华南区"), in_region("西南区"));
    let days_ago = |at: Timestamp| (at.to_zoned(spec.zone.clone()).date().until(spec.today()).unwrap()).get_days();
    let (mut arrived_late, mut regular) = (0, 0);
    for s in signals(&spec).filter(|s| matches!(s.kind, SignalKind::Late | SignalKind::Leave)) {
        match days_ago(s.observed_at) {
            34..=40 if late.contains(&s.number) => {
                arrived_late += 1;
                assert!(days_ago(s.known_at) <= 33);
            }
            91..=97 if lost.contains(&s.number) => panic!("a lost signal"),
            91..=97 => regular += 1,
            _ => {}
        }
    }
    assert!(arrived_late > 10 && regular > 10);
}

#[test]
fn the_story_is_about_people_who_have_an_alert_when_it_begins() {
    for (employees_, seed) in [(2_000, 1), (2_000, 5)] {
        let spec = spec(employees_, seed);
        let scenes = story(&spec);
        assert_eq!(scenes.len(), 11);
        assert!(scenes.is_sorted_by_key(|s| -s.days_ago));
        let names: BTreeSet<_> = operators().iter().map(|(name, _)| *name).collect();
        for days_ago in 0..=STORY_DAYS {
            let scores = scores(&spec, days_ago);
            for scene in &scenes {
                assert!(scores[&scene.number].band >= Band::MediumHigh, "{} {days_ago} days ago", scene.number);
                assert!(names.contains(scene.operator) && (0..=STORY_DAYS).contains(&scene.days_ago));
            }
        }
    }
    assert!(story(&spec(3, 1)).len() < 11, "a tiny company has a short story");
}

/// The first rows of a company of any size cost the first people only: nothing is made ahead.
#[test]
fn rows_are_made_when_they_are_asked_for() {
    let spec = spec(u32::MAX, 1);
    assert_eq!(employees(&spec).take(5).count(), 5);
    assert_eq!(signals(&spec).take(100).count(), 100);
    assert_eq!(customers(&spec).take(100).count(), 100);
}

#[test]
fn a_file_of_signals_streams() {
    /// Counts and keeps only the last line.
    struct Sink {
        lines: AtomicU64,
        largest: usize,
    }
    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.largest = self.largest.max(bytes.len());
            self.lines.fetch_add(bytes.iter().filter(|b| **b == b'\n').count() as u64, Ordering::Relaxed);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    use std::io;
    let spec = spec(50, 1);
    let mut sink = Sink { lines: AtomicU64::new(0), largest: 0 };
    assert_eq!(write_signals(&spec, 30_000, &mut sink).unwrap(), 30_000);
    assert_eq!(sink.lines.into_inner(), 30_001);
    assert!(sink.largest < 200);

    let mut file = Vec::new();
    write_signals(&spec, 2_000, &mut file).unwrap();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let numbers: BTreeSet<_> = employees(&spec).map(|p| p.number).collect();
    let mut events = BTreeSet::new();
    for row in reader.records() {
        let row = row.unwrap();
        assert!(numbers.contains(&row[1]));
        assert!(row[2].parse::<SignalKind>().is_ok());
        let (observed, known): (Timestamp, Timestamp) = (row[3].parse().unwrap(), row[4].parse().unwrap());
        assert!(observed <= known && known <= spec.as_of);
        assert!(row[5].parse::<f64>().unwrap().is_finite());
        assert!(events.insert(row[0].to_owned()));
    }
    assert_eq!(events.len(), 2_000);
}

#[test]
fn salespeople_have_customers_and_some_leavers_still_do() {
    let spec = spec(2_000, 1);
    let people: BTreeMap<_, _> = employees(&spec).map(|p| (p.number.clone(), p)).collect();
    let rows: Vec<_> = customers(&spec).collect();
    assert_eq!(rows, customers(&spec).collect::<Vec<_>>());
    let numbers: BTreeSet<_> = rows.iter().map(|c| c.number.as_str()).collect();
    let mut owners = BTreeMap::<&str, usize>::new();
    for c in &rows {
        let Some(StatedOwner::Number(owner)) = &c.owner else { panic!("{c:?}") };
        let (p, from) = (&people[owner], c.owned_from.unwrap());
        assert!(from >= p.started && from <= spec.today() && p.last_day.is_none_or(|last| from <= last), "{c:?} {p:?}");
        assert!(c.owned_until.is_none_or(|until| until >= from && until < spec.today()), "{c:?}");
        if c.owned_until.is_none() {
            *owners.entry(owner).or_default() += 1;
        }
    }
    let states: Vec<_> = owners.keys().map(|n| people[*n].state).collect();
    let count = |state| states.iter().filter(|s| **s == state).count();
    assert!(count(SpellState::Notice) >= 3 && count(SpellState::Departed) >= 3, "{states:?}");
    assert!((1_500..8_000).contains(&numbers.len()), "{}", numbers.len());
    assert!(orders(&spec).all(|o| numbers.contains(o.customer.as_str()) && o.placed_on <= spec.today() && o.amount_fen > 0));
    assert!(receivables(&spec).all(|r| numbers.contains(r.customer.as_str()) && r.amount_fen >= 0));
    assert!(orders(&spec).any(|o| o.state.is_open()) && receivables(&spec).any(|r| r.amount_fen > 0));
    let unique = |all: Vec<String>| all.iter().collect::<BTreeSet<_>>().len() == all.len();
    assert!(unique(orders(&spec).map(|o| o.number).collect()) && unique(receivables(&spec).map(|r| r.number).collect()));
    let (mine, taker) = handing_over(&spec).unwrap();
    assert!(mine.len() >= 3 && people[&taker].state == SpellState::Active);
}
