//! The same facts in any order, in any number of files, however often, in either store: the same explanation to the byte.

use crate::kit::{Engine, Kit};
use jiff::civil::Date;
use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;
use tenure::{
    backend::Query,
    demo::{self, Spec},
    domain::{
        import::{EmployeeRow, SignalRow},
        signal::SignalKind,
    },
};

on_all!(seven_files_in_any_order_twice);

fn spec(kit: &Kit, employees: u32) -> Spec {
    Spec { employees, seed: 7, ..Spec::new(crate::kit::monday(), kit.service.zone().clone()) }
}

fn word(v: Option<impl ToString>) -> String {
    v.map_or_else(String::new, |v| v.to_string())
}

pub fn people_file(rows: &[EmployeeRow]) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    let head = "person,number,name,sort_name,org,post,critical,impact,manager,state,started,last_day,exit,stated_on";
    out.write_record(head.split(',')).unwrap();
    for e in rows.iter().cloned() {
        let cells = [
            e.person,
            e.number,
            e.name,
            word(e.sort_name),
            e.org,
            e.post,
            word(e.critical),
            word(e.impact),
            word(e.manager),
            e.state.to_string(),
            e.started.to_string(),
            word(e.last_day),
            word(e.exit),
            e.stated_on.to_string(),
        ];
        out.write_record(&cells).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

fn signal_file<'a>(rows: impl Iterator<Item = &'a SignalRow>) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record("event,number,kind,observed_at,known_at,value,baseline,note".split(',')).unwrap();
    for s in rows {
        let cells = [
            s.event.clone(),
            s.number.clone(),
            s.kind.to_string(),
            s.observed_at.to_string(),
            s.known_at.to_string(),
            word(s.value),
            word(s.baseline),
            word(s.note.clone()),
        ];
        out.write_record(&cells).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

/// Explanations of everybody, on three days.
fn explained(kit: &Kit, numbers: &[String]) -> BTreeMap<String, String> {
    let today: Date = kit.service.day(crate::kit::monday());
    let hand = kit.me();
    let mut out = BTreeMap::new();
    for n in numbers {
        for back in [0, 30, 200] {
            let as_of = today.checked_sub(jiff::Span::new().days(back)).ok();
            let told = ask!(hand, Query::Explain { id: kit.person(n), as_of, model: None } => Explain);
            out.insert(format!("{n} {back}"), serde_json::to_string(&told).unwrap());
        }
    }
    out
}

fn seven_files_in_any_order_twice(on: Engine) {
    // The home to compare with lies in a SQLite file: the engines must agree as well.
    let (plain, kit) = (Kit::new(Engine::Sqlite), Kit::new(on));
    let spec = spec(&kit, if on == Engine::Sqlite { 90 } else { 30 });
    let (people, mut facts): (Vec<_>, Vec<_>) = (demo::employees(&spec).collect(), demo::signals(&spec).collect());
    for k in [&plain, &kit] {
        k.enable(SignalKind::ResumeUpdate);
    }
    plain.load("employees", &people_file(&people));
    let state = plain.load("signals", &signal_file(facts.iter()));
    assert!(state.added > 400 && state.refused == 0, "{state:?}");

    let mut dice = ChaCha8Rng::seed_from_u64(11);
    let mut shuffled = people.clone();
    shuffled.shuffle(&mut dice);
    facts.shuffle(&mut dice);
    // Some before their people are known.
    kit.load("signals", &signal_file(facts.iter().step_by(7)));
    kit.load("employees", &people_file(&shuffled));
    for _ in 0..2 {
        for n in (0..7).rev() {
            let file = signal_file(facts.iter().skip(n).step_by(7));
            assert_eq!(kit.load("signals", &file).refused, 0);
        }
    }
    let numbers: Vec<String> = people.iter().filter(|p| p.state.is_live()).map(|p| p.number.clone()).collect();
    let (a, b) = (explained(&plain, &numbers), explained(&kit, &numbers));
    for (k, v) in &a {
        assert_eq!(v, &b[k]);
    }
    // And the stored scores are the same: as many, with the same inputs.
    let current = |k: &Kit| {
        let sql = "select s.number || ' ' || cast(round(c.score * 10) as integer) || ' ' || c.band || ' ' || coalesce(c.valid_until, '-') \
                   from current_scores c join spells s on s.id = c.spell order by s.number";
        k.sql_texts(sql)
    };
    assert_eq!(current(&plain), current(&kit));
    kit.check();
}
