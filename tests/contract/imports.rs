//! Imports through the door: twice is once, quarantine, limits, previews, panels, rehires, namesakes.

use crate::kit::{Article, EMPLOYEES, Engine, HEAD, Kit, SIGNAL_HEAD, file, runner, signals};
use proptest::prelude::*;
use tenure::{
    backend::{
        ActRequest, Preview, Query,
        answer::{PersonCard, QuarantineRow},
        query::Slice,
    },
    domain::{
        act::{Act, RefusalClass},
        alert::AlertState,
        ids::PersonId,
        person::{Person, SpellState},
        signal::{LawfulBasis, SignalKind},
    },
    store,
};

on_all!(
    twice_is_once,
    people_who_come_after_their_signals,
    a_kind_that_is_off_waits_in_quarantine,
    too_many_exits_stop_before_any_change,
    the_order_of_a_panel_does_not_matter,
    what_one_day_says_has_an_order_of_its_own,
    without_a_day_the_later_file_counts,
    an_end_that_others_gave_stands,
    a_rehire_is_a_second_spell_of_the_same_person,
    namesakes_are_kept_apart,
    an_event_that_says_something_else_waits,
    a_signal_needs_a_spell_that_fits,
    a_revoked_operator_retries_nothing,
);

fn quarantine(kit: &Kit) -> Vec<QuarantineRow> {
    ask!(kit.me(), Query::Quarantine { slice: Slice { after: None, limit: 500 } } => Quarantine).rows
}

fn whys(kit: &Kit) -> Vec<String> {
    quarantine(kit).into_iter().map(|q| q.row.why.code.into_owned()).collect()
}

fn card(kit: &Kit, id: PersonId) -> PersonCard {
    *ask!(kit.me(), Query::Person { id } => Person)
}

fn retry() -> ActRequest {
    ActRequest { act: Act::QuarantineRetry, targets: Vec::new(), key: None, reason: None, written: None }
}

fn twice_is_once(on: Engine) {
    let kit = Kit::company(on);
    let now = kit.time.now();
    let facts = file(&[signals(Article::A, "20001", now), signals(Article::B, "20002", now)]);
    let exits = "number,last_day,exit\n20003,2026-02-27,主动辞职\n";
    let loads = [("employees", EMPLOYEES), ("signals", facts.as_str()), ("exits", exits)];
    let first: Vec<_> = loads.iter().map(|(kind, text)| kit.load(kind, text)).collect();
    assert_eq!(first.iter().map(|s| (s.added, s.same, s.refused)).collect::<Vec<_>>(), [(0, 6, 0), (17, 0, 0), (1, 0, 0)]);
    let people = |kit: &Kit| {
        ["10001", "20001", "20002", "20003"].map(|n| {
            let id = kit.read(|tx| store::person::find(tx, n, 1))[0].id;
            kit.read(|tx| store::person::get(tx, id)).unwrap()
        })
    };
    let (before, explained, counts) = (people(&kit), kit.explain("20001"), kit.read(store::import::counts));
    let scores = kit.count("select count(*) from scores");
    // The people stand before the exits in the list: what a file said about a living 20003 must not bring them back.
    for (kind, text) in loads.iter().skip(1) {
        let again = kit.load(kind, text);
        assert_eq!((again.added, again.refused), (0, 0), "{kind}");
    }
    assert_eq!((people(&kit), kit.explain("20001"), kit.read(store::import::counts)), (before, explained, counts));
    assert_eq!(kit.count("select count(*) from scores"), scores);
    assert_eq!(kit.count("select count(*) from import_chunks"), 0, "staged bytes are dropped");
    assert_eq!(whys(&kit), [""; 0]);
    kit.check();
}

fn people_who_come_after_their_signals(on: Engine) {
    let (late, plain) = (Kit::new(on), Kit::new(on));
    for kit in [&late, &plain] {
        kit.enable(SignalKind::ResumeUpdate);
    }
    let facts = file(&[signals(Article::C, "10003", late.time.now())]);
    let state = late.load("signals", &facts);
    assert_eq!((state.added, state.refused), (0, 9));
    assert!(whys(&late).iter().all(|w| w == "import-unknown-number"));
    let seq = late.seq();
    late.load("employees", EMPLOYEES);
    assert_eq!(quarantine(&late), [], "nobody has to ask for the retry");
    assert_eq!(late.alert("10003").score, Some(8.5));
    assert!(late.entries(seq).iter().filter(|e| e.act == "import.published").count() == 2);

    plain.load("employees", EMPLOYEES);
    plain.load("signals", &facts);
    assert_eq!(serde_json::to_string(&late.explain("10003")).unwrap(), serde_json::to_string(&plain.explain("10003")).unwrap());
    late.check();
}

fn a_kind_that_is_off_waits_in_quarantine(on: Engine) {
    let kit = Kit::new(on);
    kit.load("employees", EMPLOYEES);
    let facts = file(&[signals(Article::A, "10001", kit.time.now())]);
    let state = kit.load("signals", &facts);
    assert_eq!((state.added, state.refused), (8, 2), "two résumé updates");
    assert_eq!(whys(&kit), ["import-kind-off", "import-kind-off"]);
    let mut origins: Vec<_> = quarantine(&kit).into_iter().map(|q| (q.row.origin.file, q.row.origin.row)).collect();
    origins.sort();
    assert_eq!(origins, [("signals.csv".into(), 1), ("signals.csv".into(), 2)]);
    let before = kit.explain("10001");
    // Loading the file again keeps each row once.
    assert_eq!(kit.load("signals", &facts).refused, 2);
    assert_eq!(quarantine(&kit).len(), 2);
    // A retry while the kind is still off leaves them where they are.
    kit.me().send(retry()).unwrap();
    kit.drain();
    assert_eq!((whys(&kit).len(), kit.explain("10001").score), (2, before.score));

    kit.me().done(Act::SignalEnable { kind: SignalKind::ResumeUpdate, basis: LawfulBasis::Consent });
    let seq = kit.seq();
    let reply = kit.me().send(retry()).unwrap();
    let [entry] = <[_; 1]>::try_from(kit.entries(seq)).unwrap();
    assert_eq!((entry.act.as_str(), reply.entry, entry.items.len()), ("quarantine.retry", Some(entry.seq), reply.outcomes.len()));
    kit.drain();
    assert_eq!((quarantine(&kit), kit.alert("10001").score), (Vec::new(), Some(8.2)));
    // Nothing left to retry: nothing done, nothing written.
    let seq = kit.seq();
    assert_eq!((kit.me().send(retry()).unwrap().entry, kit.seq()), (None, seq));
    kit.check();
}

fn a_revoked_operator_retries_nothing(on: Engine) {
    let kit = Kit::company(on);
    let (chen, lin) = (kit.hand("chen"), kit.hand("lin"));
    kit.load("signals", &format!("{SIGNAL_HEAD}\nx,nobody,late,2026-02-01,,,\n"));
    lin.done(Act::OperatorRevoke { name: "chen".into() });
    assert_eq!(chen.send(retry()).unwrap_err().what.code, chen.turned_away("operator-revoked"));
    assert_eq!(quarantine(&kit).len(), 1);
    kit.check();
}

fn many(from: usize, to: usize) -> String {
    let mut text = format!("{HEAD}\n");
    for n in from..to {
        text.push_str(&format!("{n:05},员工{n},/集团,专员,2018-01-01,,,\n"));
    }
    text
}

fn too_many_exits_stop_before_any_change(on: Engine) {
    let kit = Kit::company(on);
    kit.load("employees", &many(30_000, 30_094));
    let exits = |n: usize| {
        let mut text = String::from("number,last_day,exit\n");
        for i in 0..n {
            text.push_str(&format!("{:05},2026-02-28,resigned\n", 30_000 + i));
        }
        text
    };
    let live = |kit: &Kit| kit.read(store::import::count_live);
    assert_eq!(live(&kit), 100);
    let people = "number,name,org,post,started,last_day\n";
    let gone: String = (0..12).map(|i| format!("{:05},员工{},/集团,专员,2018-01-01,2026-02-28\n", 30_000 + i, 30_000 + i)).collect();
    // Ten, and more than 5 %; as departures or as what an employee file states.
    for (kind, text) in [("exits", exits(10)), ("employees", format!("{people}{gone}"))] {
        let staged = kit.stage(kind, &text, Preview::Also).unwrap();
        assert!(staged.change.over_exit_limit && staged.change.exits >= 10, "{staged:?}");
        let seq = kit.seq();
        let why = kit.me().refused(Act::ImportPublish, staged.id.unwrap(), None);
        assert_eq!((why.class, why.why.code.as_ref()), (RefusalClass::Policy, "refused-import-exits"));
        kit.drain();
        assert_eq!((live(&kit), kit.seq()), (100, seq), "something changed");
        kit.me().on(Act::ImportDiscard, staged.id.unwrap(), None);
    }
    // Nine is below the smallest number that the share is for.
    let state = kit.load("exits", &exits(9));
    assert_eq!((state.added, live(&kit)), (9, 91));
    // The same file again ends nobody, so nothing stands in its way.
    let staged = kit.stage("exits", &exits(9), Preview::Only).unwrap();
    assert_eq!((staged.change.exits, staged.change.over_exit_limit), (0, false));
    let gone = kit.read(|tx| store::person::find(tx, "30000", 1));
    let gone = card(&kit, gone[0].id).person;
    assert_eq!((gone.state, gone.last_day.map(|d| d.to_string()).as_deref()), (SpellState::Departed, Some("2026-02-28")));
    kit.check();
}

const PANEL_HEAD: &str = "person,number,name,org,post,started,last_day,state,stated_on\n";

/// Ten years of some people: promoted, moved, renumbered, gone, come back.
fn panel() -> Vec<String> {
    let mut rows = Vec::new();
    for year in 2016..2026 {
        rows.push(format!(
            "p1,{},甲,/集团/{}部,{},2015-03-01,,active,{year}-12-31",
            if year < 2020 { "101" } else { "901" },
            year % 3,
            ["员", "长"][usize::from(year > 2021)]
        ));
        if year < 2021 {
            rows.push(format!("p2,102,乙,/集团,员,2014-05-01,,active,{year}-12-31"));
        } else if year == 2021 {
            rows.push("p2,102,乙,/集团,员,2014-05-01,2021-06-30,departed,2021-12-31".into());
        } else {
            rows.push(format!("p2,202,乙,/集团/新部,长,2022-02-01,,active,{year}-12-31"));
        }
        if year > 2018 {
            // The number of somebody who has left goes to somebody else.
            let who = if year < 2023 { ("p3", "丙", "2019-01-01") } else { ("p4", "丁", "2023-01-01") };
            rows.push(format!("{},103,{},/集团,员,{},,active,{year}-06-30", who.0, who.1, who.2));
        }
    }
    rows.push("p3,103,丙,/集团,员,2019-01-01,2022-11-30,departed,2022-12-31".into());
    rows
}

/// What a home knows about somebody, without ids and versions.
fn facts(kit: &Kit) -> Vec<(String, Vec<String>)> {
    ["p1", "p2", "p3", "p4"]
        .map(|key| {
            let known = kit.read(|tx| store::import::known(tx, "file", key)).unwrap();
            let c = card(kit, known.id);
            let p =
                Person { id: PersonId(uuid::Uuid::nil()), spell: tenure::domain::ids::SpellId(uuid::Uuid::nil()), version: 0, ..c.person };
            (format!("{p:?} {:?}", c.earlier), kit.sql_texts("select number || state || started from spells order by started, number"))
        })
        .to_vec()
}

fn the_order_of_a_panel_does_not_matter(on: Engine) {
    let rows = panel();
    let plain = Kit::new(on);
    plain.load("employees", &format!("{PANEL_HEAD}{}\n", rows.join("\n")));
    assert_eq!(whys(&plain), [""; 0]);
    let known = facts(&plain);
    assert!(known[0].0.contains("901") && known[1].0.contains("2021-06-30"), "{known:?}");
    let cases = (Just(rows).prop_shuffle(), prop::collection::vec(1..15usize, 3));
    runner(on, 16, 3)
        .run(&cases, |(rows, cuts)| {
            let kit = Kit::new(on);
            let mut rest = rows.as_slice();
            for cut in cuts {
                let (part, more) = rest.split_at(cut.min(rest.len()));
                rest = more;
                kit.load("employees", &format!("{PANEL_HEAD}{}\n", part.join("\n")));
            }
            kit.load("employees", &format!("{PANEL_HEAD}{}\n", rest.join("\n")));
            prop_assert_eq!(facts(&kit), known.clone());
            prop_assert_eq!(whys(&kit), Vec::<String>::new());
            Ok(())
        })
        .unwrap();
}

/// (state, last day) of somebody.
fn ends(kit: &Kit, number: &str) -> (SpellState, Option<String>) {
    let p = card(kit, kit.person(number)).person;
    (p.state, p.last_day.map(|d| d.to_string()))
}

/// Rows of one day come in any order, in one file or in many: nobody can take back what was not said, and who left was there before.
fn what_one_day_says_has_an_order_of_its_own(on: Engine) {
    let row = |ends: &str| format!("p1,101,甲,/集团,员,2019-01-01,{ends},2026-03-01");
    let (stays, leaves, later, left) = (row(",active"), row("2026-03-31,notice"), row("2026-04-30,notice"), row("2026-03-01,departed"));
    let days = [
        (vec![&leaves, &stays], (SpellState::Active, None)),
        (vec![&leaves, &later], (SpellState::Notice, Some("2026-04-30".to_owned()))),
        (vec![&leaves, &later, &stays], (SpellState::Active, None)),
        (vec![&leaves, &left, &stays], (SpellState::Departed, Some("2026-03-01".to_owned()))),
    ];
    for (rows, wanted) in days {
        for turn in 0..rows.len() {
            for back in [false, true] {
                let mut rows = rows.clone();
                rows.rotate_left(turn);
                if back {
                    rows.reverse();
                }
                let (one, many) = (Kit::new(on), Kit::new(on));
                let text = |rows: &[&String]| format!("{PANEL_HEAD}{}\n", rows.iter().map(|r| r.as_str()).collect::<Vec<_>>().join("\n"));
                one.load("employees", &text(&rows));
                for row in &rows {
                    many.load("employees", &text(&[row]));
                }
                for kit in [&one, &many] {
                    assert_eq!(ends(kit, "101"), wanted, "{rows:?}");
                    assert_eq!(whys(kit), [""; 0]);
                }
            }
        }
    }
}

/// A file that names no day says how things are when it is loaded.
fn without_a_day_the_later_file_counts(on: Engine) {
    let kit = Kit::company(on);
    let say = |last_day: &str| {
        kit.time.pass(jiff::SignedDuration::from_mins(5));
        kit.load("employees", &format!("{HEAD},last_day\n20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,{last_day}\n"));
        ends(&kit, "20001")
    };
    for _ in 0..2 {
        assert_eq!(say("2026-03-31"), (SpellState::Notice, Some("2026-03-31".into())));
        assert_eq!(say("2026-03-20"), (SpellState::Notice, Some("2026-03-20".into())));
        assert_eq!(say(""), (SpellState::Active, None));
    }
    // Whoever wrote the day into the file meant it.
    let row = "20001,张伟,/集团/研发部,工程师,2020-01-01,10001,,中,2026-04-30,2026-03-02";
    kit.load("employees", &format!("{HEAD},last_day,stated_on\n{row}\n"));
    assert_eq!(ends(&kit, "20001").1.as_deref(), Some("2026-04-30"));
    kit.check();
}

/// A source that never said that somebody leaves does not bring them back by saying something else about them.
fn an_end_that_others_gave_stands(on: Engine) {
    let kit = Kit::company(on);
    let say = |post: &str, last_day: &str| {
        kit.time.hours(24);
        kit.load("employees", &format!("{HEAD},last_day\n20001,张伟,/集团/研发部,{post},2020-01-01,10001,,中,{last_day}\n"));
        (card(&kit, kit.person("20001")).person.post, ends(&kit, "20001"))
    };
    let list = "number,last_day,exit\n20001,2026-03-20,resigned\n";
    assert_eq!(kit.load("exits", list).added, 1);
    let version = card(&kit, kit.person("20001")).person.version;
    assert_eq!((kit.load("exits", list).same, card(&kit, kit.person("20001")).person.version), (1, version), "a list of every day");
    let notice = (SpellState::Notice, Some("2026-03-20".to_owned()));
    assert_eq!(say("高级工程师", ""), ("高级工程师".into(), notice.clone()));
    // Once it has said so itself, its word is taken back by itself too.
    assert_eq!(say("高级工程师", "2026-03-20"), ("高级工程师".into(), notice));
    assert_eq!(say("高级工程师", ""), ("高级工程师".into(), (SpellState::Active, None)));
    kit.check();
}

fn a_rehire_is_a_second_spell_of_the_same_person(on: Engine) {
    let kit = Kit::company(on);
    let first = kit.person("10001");
    let raised = kit.alert("10001").alert;
    let head = "number,name,org,post,started,person,last_day,state\n";
    kit.load("exits", "number,last_day,exit\n10001,2026-02-27,resigned\n");
    assert_eq!(kit.stored(raised.id).state, AlertState::ClosedExit);
    let file = format!("{head}88001,李研秋,/集团/新部,顾问,2026-03-01,10001,,\n");
    let state = kit.load("employees", &file);
    assert_eq!((state.added, state.refused), (1, 0));
    let again = kit.person("88001");
    assert_eq!(again, first, "the same human being");
    let c = card(&kit, first);
    assert_eq!((c.person.number.as_str(), c.person.state), ("88001", SpellState::Active));
    assert_eq!(
        c.earlier.iter().map(|(s, l, _)| (s.to_string(), l.unwrap().to_string())).collect::<Vec<_>>(),
        [("2019-03-01".into(), "2026-02-27".into())]
    );
    assert_eq!((c.score.map(|s| s.score), c.alert), (Some(1.4), None), "a new spell starts without the old one's evidence");
    assert_eq!(kit.stored(raised.id).state, AlertState::ClosedExit, "the old alert is untouched");
    assert_eq!(kit.read(store::import::counts).0, 6, "nobody new");
    // The old number is no longer a living one; its signals of then belong to the old spell.
    let facts = "event,number,kind,observed_at\nr1,10001,late,2026-02-20\nr2,10001,late,2026-03-02\nr3,88001,late,2026-03-02\nr4,88001,late,2026-02-20\n";
    let state = kit.load("signals", facts);
    assert_eq!((state.added, state.refused), (2, 2));
    assert_eq!(whys(&kit), ["import-outside-employment"; 2]);
    // Both spells in one file, again and again: nothing ends.
    let both = format!(
        "{head}10001,李研秋,/集团/研发部,研发总监,2019-03-01,10001,2026-02-27,departed\n88001,李研秋,/集团/新部,顾问,2026-03-01,10001,,\n"
    );
    for _ in 0..2 {
        kit.load("employees", &both);
        assert_eq!(kit.person("88001"), first);
        assert_eq!(card(&kit, first).person.state, SpellState::Active);
    }
    kit.check();
}

fn namesakes_are_kept_apart(on: Engine) {
    let kit = Kit::company(on);
    let found = ask!(kit.me(), Query::Find { text: "张伟".into() } => Found);
    let mut numbers: Vec<_> = found.iter().map(|p| p.number.as_str()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["20001", "20002", "20003"]);
    let ids: std::collections::BTreeSet<_> = found.iter().map(|p| p.id).collect();
    assert_eq!(ids.len(), 3);
    kit.load("signals", &file(&[signals(Article::C, "20002", kit.time.now())]));
    assert_eq!((kit.explain("20002").score, kit.explain("20001").score, kit.explain("20003").score), (8.5, 1.4, 1.4));
    let one = card(&kit, kit.person("20002"));
    let mut others: Vec<_> = one.homonyms.iter().map(|p| p.number.as_str()).collect();
    others.sort_unstable();
    assert_eq!((others, one.manager_name.as_deref()), (vec!["20001", "20003"], Some("王销远")));
    kit.check();
}

fn an_event_that_says_something_else_waits(on: Engine) {
    let kit = Kit::company(on);
    let text = |score: &str| format!("{SIGNAL_HEAD}\ne1,20001,perf_score,2026-01-10,,{score},\ne2,20001,late,2026-01-11,,,\n");
    assert_eq!(kit.load("signals", &text("90")).added, 2);
    let before = kit.explain("20001");
    let state = kit.load("signals", &text("70"));
    assert_eq!((state.added, state.refused), (0, 1));
    assert_eq!(whys(&kit), ["import-event-changed"]);
    assert_eq!(kit.explain("20001"), before, "the first stays");
    // However often it comes, it waits once; a retry brings it back to where it was.
    kit.load("signals", &text("70"));
    kit.me().send(retry()).unwrap();
    kit.drain();
    assert_eq!((whys(&kit), kit.explain("20001")), (vec!["import-event-changed".into()], before));
    // Another source may use the same id.
    let map = tenure::connect::sources::shipped("standard").unwrap().replace("source = \"file\"", "source = \"other\"");
    let staged = kit.me().stage("signals", &text("70"), Some(&map), Preview::No).unwrap();
    assert_eq!(kit.publish(staged.id.unwrap()).added, 2);
    kit.check();
}

fn a_signal_needs_a_spell_that_fits(on: Engine) {
    let kit = Kit::company(on);
    // 20002 leaves, and their number goes to somebody else.
    kit.load("exits", "number,last_day,exit\n20002,2026-01-15,resigned\n");
    kit.load("employees", "number,name,org,post,started,person\n20002,孙新,/集团,销售,2026-02-01,another\n");
    let facts = "event,number,kind,observed_at\na,20002,late,2026-01-10\nb,20002,late,2026-01-20\nc,20002,late,2026-02-10\nd,20001,late,2019-12-31\n";
    let state = kit.load("signals", facts);
    assert_eq!((state.added, state.refused), (2, 2));
    assert_eq!(whys(&kit), ["import-outside-employment"; 2]);
    let of = |name: &str| {
        let sql = format!(
            "select g.event from signals g join spells s on s.id = g.spell join persons p on p.id = s.person where p.name = '{name}' and s.number = '20002'"
        );
        kit.sql_texts(&sql)
    };
    assert_eq!((of("张伟"), of("孙新")), (vec!["a".to_string()], vec!["c".to_string()]));
    kit.check();
}

/// Looked at by somebody else while the rows are on their way, directly and behind a pooler.
#[test]
fn many_rows_go_to_a_server_by_copy() {
    for on in [Engine::Postgres, Engine::Pooled] {
        let (kit, watch) = (Kit::new(on), Kit::new(Engine::Postgres));
        let dirty = "insert into dirty (spell) values ($1) on conflict do nothing";
        let copies = || watch.count("select count(*) from pg_stat_progress_copy where command = 'COPY FROM' and type = 'PIPE'");
        let seen = std::cell::Cell::new(0);
        let rows = (0..100u128).map(|n| {
            seen.set(seen.get() + std::thread::scope(|s| s.spawn(copies).join().unwrap()));
            vec![store::Val::from(uuid::Uuid::from_u128(n % 50))]
        });
        assert_eq!(kit.write(|tx| tx.bulk(dirty, rows)), 50, "each once");
        assert!(seen.get() >= 99, "{on:?}: in {} of 100 looks", seen.get());
        assert_eq!(kit.count("select count(*) from dirty"), 50);
    }
}
