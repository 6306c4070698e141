//! A dry run says what publishing then does, and leaves nothing behind.

use crate::kit::{Engine, HEAD, Kit, SIGNAL_HEAD, runner};
use proptest::prelude::*;
use std::{cell::Cell, collections::BTreeMap};
use tenure::{
    backend::{
        Preview, Query,
        answer::{ImportChange, ImportState},
    },
    domain::{act::Act, ids::ImportId},
    store,
};

on_all!(a_dry_run_says_what_publishing_does, any_file_does_what_its_dry_run_said, a_dry_run_needs_no_right_to_write);

/// A number for every table, and every sequence, that an import could touch.
fn everything(kit: &Kit) -> Vec<i64> {
    let tables = [
        "persons",
        "spells",
        "person_keys",
        "sources",
        "signals",
        "events",
        "scores",
        "current_scores",
        "dirty",
        "alerts",
        "customers",
        "owner_points",
        "transfers",
        "orders",
        "receivables",
        "audit",
        "access",
        "jobs",
        "feed",
        "imports",
        "import_chunks",
        "quarantine",
        "blobs",
        "blob_parts",
        "effect",
        "uncounted",
        "meta",
        "idempotency",
    ];
    let mut all: Vec<i64> = tables.iter().map(|t| kit.count(&format!("select count(*) from {t}"))).collect();
    all.extend([kit.seq(), kit.read_seq()]);
    all.extend(
        ["persons", "spells", "alerts", "customers"]
            .map(|t| kit.count(&format!("select cast(coalesce(sum(version), 0) as bigint) from {t}"))),
    );
    let (people, signals) = kit.read(store::import::counts);
    all.extend([people, signals]);
    all
}

/// How often the spells of each person were written.
fn writes(kit: &Kit) -> BTreeMap<String, i64> {
    let sql = "select p.source_key, cast(sum(s.version) as bigint) from persons p join spells s on s.person = p.id group by p.source_key";
    kit.read(|tx| tx.all(sql, &[], |r| Ok((r.get::<String>(0)?, r.get::<i64>(1)?)))).into_iter().collect()
}

/// Looks at a file, then loads it, and holds one against the other; jobs run only then.
fn told_and_done(kit: &Kit, kind: &str, text: &str, map: Option<&str>) -> Result<(ImportChange, ImportState), TestCaseError> {
    let before = everything(kit);
    let told = kit.me().stage(kind, text, map, Preview::Only).unwrap();
    prop_assert_eq!(told.id, None);
    prop_assert_eq!(&everything(kit), &before, "a dry run changed something");
    prop_assert!(!told.change.over_exit_limit);

    let (counts, written) = (kit.read(store::import::counts), writes(kit));
    let id: ImportId = kit.me().stage(kind, text, map, Preview::No).unwrap().id.unwrap();
    kit.me().on(Act::ImportPublish, id, None);
    kit.service.publish(id, &|| true).unwrap();
    let did = ask!(kit.me(), Query::Import { id } => Import);
    prop_assert_eq!(did.state.as_str(), "published");
    let (after, rewritten) = (kit.read(store::import::counts), writes(kit));
    let changed = written.iter().filter(|(key, n)| rewritten.get(*key) != Some(n)).count();

    let c = &told.change;
    prop_assert_eq!(
        (c.added as i64, (c.same + c.expired) as i64, (c.refused + told.bad) as i64),
        (did.added, did.same, did.refused),
        "{:?} {:?}\n{}",
        told,
        did,
        text
    );
    prop_assert_eq!((c.new_people as i64, c.new_signals as i64), (after.0 - counts.0, after.1 - counts.1), "{:?}\n{}", told, text);
    prop_assert_eq!(c.changed_people as usize, changed, "{:?}\n{}", told, text);
    let custody = matches!(kind, "customers" | "orders" | "receivables");
    prop_assert_eq!(c.changed_custody as i64, if custody { did.added } else { 0 }, "{:?}\n{}", told, text);
    Ok((told.change, did))
}

/// Files that hold one of everything.
fn a_dry_run_says_what_publishing_does(on: Engine) {
    let kit = Kit::company(on);
    kit.load("signals", "event,number,kind,observed_at\nk1,20001,late,2026-02-01\nk2,20001,late,2026-02-02\n");
    // Stated a day later than what is known: the later statement wins.
    kit.time.hours(24);
    let people = format!(
        "{HEAD},last_day,person\n\
         10001,李研秋,/集团/研发部,副总裁,2019-03-01,,研发,高,,\n\
         40001,新人,/集团,专员,2026-01-01,,,,,\n\
         40001,新人,/集团,经理,2026-01-01,,,,,\n\
         40001,别人,/集团,专员,2026-01-01,,,,,another\n\
         40001,新人,/集团,专员,2026-02-01,,,,,\n\
         ,缺号,/集团,专员,2026-01-01,,,,,\n\
         40003,反了,/集团,专员,2026-01-01,,,,2025-01-01,\n\
         20003,张伟,/集团/制造部,质检员,2022-01-01,10003,质控,中,2026-01-31,\n\
         20003,接班人,/集团/制造部,质检员,2026-02-01,,,,,heir\n"
    );
    let facts = "event,number,kind,observed_at,value\n\
        k1,20001,late,2026-02-01,\n\
        k3,20001,late,2026-02-03,\n\
        k3,20001,late,2026-02-03,\n\
        k3,20001,late,2026-02-04,\n\
        k2,20002,late,2026-02-02,\n\
        k4,nobody,late,2026-02-03,\n\
        k5,20001,location,2026-02-03,\n\
        k6,20001,late,2023-01-01,\n\
        k7,20001,late,gestern,\n\
        k9,20001,perf_score,2026-02-03,80\n\
        k9,20001,perf_score,2026-02-03,70\n\
        ka,20003,late,2026-01-20,\n\
        kb,20003,late,2026-02-10,\n\
        k8,20002,leave,2026-02-03,\n";
    let exits = "number,last_day,exit\n20002,2026-02-28,resigned\n20002,2026-02-28,resigned\n77777,2026-02-28,resigned\n";
    let mut refused = Vec::new();
    for (kind, text) in [("employees", people.as_str()), ("signals", facts), ("exits", exits)] {
        let told = kit.stage(kind, text, Preview::Only).unwrap();
        // Every refused row comes with its reason, before anything is loaded.
        assert_eq!(told.sample.len() as u64, told.bad + told.change.refused, "{told:?}");
        refused.push(told.sample.into_iter().map(|b| b.why.code.into_owned()).collect::<Vec<_>>());
        told_and_done(&kit, kind, text, None).unwrap();
        kit.drain();
    }
    for of in &mut refused {
        of.sort();
    }
    assert_eq!(refused[0], ["import-number-taken", "import-overlap", "row-last-day-before-start", "row-missing"]);
    assert_eq!(
        refused[1],
        ["import-event-changed", "import-event-changed", "import-event-changed", "import-kind-off", "import-unknown-number", "row-date"]
    );
    assert_eq!(refused[2], ["import-unknown-number"]);
    kit.check();
}

/// (key, number, start, end, stated, post): a person who says something about themselves.
type Said = (u8, u8, usize, Option<usize>, usize, u8);
/// (event, number, day, kind, value)
type Seen = (u8, u8, usize, usize, u8);

/// (customer, name, owner, first day, last day, stated)
type Owned = (u8, u8, Option<usize>, Option<usize>, Option<usize>, usize);
/// (number, customer, amount, state or due day, stated)
type Owed = (u8, u8, u8, usize, usize);

#[derive(Clone, Debug)]
enum Made {
    People(Vec<Said>),
    Signals(Vec<Seen>),
    Exits(Vec<(u8, usize)>),
    /// Rows that are a person and a signal at once.
    Both(Vec<(Said, Seen)>),
    Customers(Vec<Owned>),
    Orders(Vec<Owed>),
    Receivables(Vec<Owed>),
}

const STARTS: [&str; 3] = ["2019-01-01", "2023-06-01", "2026-02-01"];
const ENDS: [&str; 4] = ["2018-12-31", "2023-05-31", "2026-01-31", "2026-03-20"];
const STATED: [&str; 3] = ["2026-01-01", "2026-02-15", "2026-03-01"];
const SEEN: [&str; 6] = ["2021-01-01", "2021-06-01", "2025-12-01", "2026-01-31", "2026-02-01", "2026-02-20"];
const KINDS: [&str; 3] = ["late", "perf_score", "resume_update"];

fn said() -> impl Strategy<Value = Said> {
    (0..4u8, 0..4u8, 0..3usize, prop::option::weighted(0.4, 0..4usize), 0..3usize, 0..2u8)
}

fn seen() -> impl Strategy<Value = Seen> {
    (0..6u8, 0..5u8, 0..6usize, 0..3usize, 0..2u8)
}

fn owned() -> impl Strategy<Value = Owned> {
    let (owner, day) = (prop::option::weighted(0.8, 0..5usize), || prop::option::weighted(0.5, 0..3usize));
    (0..3u8, 0..2u8, owner, day(), day(), 0..3usize)
}

fn owed() -> impl Strategy<Value = Owed> {
    (0..3u8, 0..4u8, 0..2u8, 0..2usize, 0..3usize)
}

fn made() -> impl Strategy<Value = Made> {
    prop_oneof![
        3 => prop::collection::vec(said(), 1..10).prop_map(Made::People),
        6 => prop::collection::vec(seen(), 1..14).prop_map(Made::Signals),
        1 => prop::collection::vec((0..4u8, 0..4usize), 1..4).prop_map(Made::Exits),
        4 => prop::collection::vec((said(), seen()), 1..10).prop_map(Made::Both),
        4 => prop::collection::vec(owned(), 1..10).prop_map(Made::Customers),
        1 => prop::collection::vec(owed(), 1..8).prop_map(Made::Orders),
        1 => prop::collection::vec(owed(), 1..8).prop_map(Made::Receivables),
    ]
}

impl Made {
    /// Kind, text and mapping of the file; names are told apart by a prefix.
    fn file(&self, pre: &str, map: &str) -> (&'static str, String, Option<String>) {
        let said = |(key, number, start, end, stated, post): &Said| {
            let (end, state) = end.map_or(("", "active"), |e| (ENDS[e], if e == 3 { "notice" } else { "departed" }));
            format!("{pre}p{key},{pre}n{number},某人,/集团,岗{post},{},{end},{state},{}", STARTS[*start], STATED[*stated])
        };
        let seen =
            |(event, number, day, kind, value): &Seen| format!("{pre}e{event},{pre}n{number},{},{},,{value},", KINDS[*kind], SEEN[*day]);
        let text = |head: &str, lines: Vec<String>| format!("{head}\n{}\n", lines.join("\n"));
        let people = "person,number,name,org,post,started,last_day,state,stated_on";
        match self {
            Self::People(rows) => ("employees", text(people, rows.iter().map(said).collect()), None),
            Self::Signals(rows) => ("signals", text(SIGNAL_HEAD, rows.iter().map(seen).collect()), None),
            Self::Exits(rows) => {
                let lines = rows.iter().map(|(n, end)| format!("{pre}n{n},{},resigned", ENDS[*end])).collect();
                ("exits", text("number,last_day,exit", lines), None)
            }
            Self::Customers(rows) => {
                let line = |(k, name, owner, from, until, stated): &Owned| {
                    let owner = owner.map_or(String::new(), |o| match o {
                        0 => "pool".to_owned(),
                        1 => format!("{pre}n0"),
                        // One who stays, one who came late, one who is leaving.
                        o => ["crowd2", "crowd3", "crowd1"][o - 2].to_owned(),
                    });
                    let day = |d: &Option<usize>, of: [&'static str; 3]| d.map_or("", |d| of[d]);
                    let (from, until) = (day(from, STARTS), day(until, [ENDS[0], ENDS[1], ENDS[2]]));
                    format!("{pre}k{k},客户{name},,{owner},{from},{until},{}", STATED[*stated])
                };
                let head = "number,name,contact,owner,owned_from,owned_until,stated_on";
                ("customers", text(head, rows.iter().map(line).collect()), None)
            }
            Self::Orders(rows) => {
                let line = |(n, k, amount, state, stated): &Owed| {
                    format!("{pre}d{n},{pre}k{k},2026-01-05,{amount}.50,{},{}", ["open", "shipped"][*state], STATED[*stated])
                };
                ("orders", text("number,customer,placed_on,amount,state,stated_on", rows.iter().map(line).collect()), None)
            }
            Self::Receivables(rows) => {
                let line = |(n, k, amount, due, stated): &Owed| {
                    format!("{pre}r{n},{pre}k{k},{amount}.50,{},{}", ["2026-04-01", "2026-05-01"][*due], STATED[*stated])
                };
                ("receivables", text("number,customer,amount,due_on,stated_on", rows.iter().map(line).collect()), None)
            }
            Self::Both(rows) => {
                let lines = rows.iter().map(|(p, s)| format!("{},{}", said(p), seen(s))).collect();
                let head = format!("{people},event,whose,kind,observed_at,known_at,value,baseline");
                ("employees", text(&head, lines), Some(map.to_owned()))
            }
        }
    }
}

/// The standard columns, a person and a signal a row.
fn both() -> String {
    let standard = tenure::connect::sources::shipped("standard").unwrap();
    let (top, rest) = standard.split_once("source = \"file\"").unwrap();
    let (people, signal) = rest.split_once("[[signal]]").unwrap();
    let (signal, _) = signal.split_once("[exit]").unwrap();
    let signal = signal.replace("number = \"number\"", "number = \"whose\"");
    format!("{top}source = \"file\"\ntogether = true\n{people}[[signal]]{signal}")
}

/// Overlapping spells, numbers that are taken, given on or left, rows twice, events that say something else, people and signals in one file:
/// in any state of the home.
fn any_file_does_what_its_dry_run_said(on: Engine) {
    let kit = Kit::new(on);
    let (map, next) = (both(), Cell::new(0));
    // Enough live people that no file ends too many of them.
    let mut crowd = String::from("number,name,org,post,started\n");
    for n in (0..20).filter(|n| *n != 3) {
        crowd.push_str(&format!("crowd{n},某人,/集团,员,2015-01-01\n"));
    }
    crowd.push_str("crowd3,某人,/集团,员,2025-01-01\n");
    kit.load("employees", &crowd);
    kit.load("exits", "number,last_day,exit\ncrowd1,2026-03-20,resigned\n");
    let taker = kit.person("crowd0");
    let seen = Cell::new(ImportChange::default());
    runner(on, 150, 20)
        .run(&prop::collection::vec(made(), 1..5), |files| {
            next.set(next.get() + 1);
            let pre = format!("c{}", next.get());
            if next.get() % 4 > 0 {
                // Mostly some people are known, or nearly every row would name nobody.
                let known: String = (0..2).map(|n| format!("{pre}p{n},{pre}n{n},某人,/集团,岗0,2019-01-01,2026-01-01\n")).collect();
                kit.load("employees", &format!("person,number,name,org,post,started,stated_on\n{known}"));
            }
            for made in &files {
                let (kind, text, own) = made.file(&pre, &map);
                let (told, _) = told_and_done(&kit, kind, &text, own.as_deref())?;
                let mut all = seen.take();
                all.new_people += told.new_people;
                all.changed_people += told.changed_people;
                all.new_signals += told.new_signals;
                all.same += told.same;
                all.refused += told.refused;
                all.expired += told.expired;
                all.changed_custody += told.changed_custody;
                seen.set(all);
                kit.drain();
                // What was handed over here stands beside what files say next.
                let first = kit.read(|tx| store::customer::by_number(tx, &format!("{pre}k0"), 1)).pop();
                if let (Made::Customers(_), Some(c)) = (made, first.filter(|c| c.owner != Some(taker))) {
                    kit.me().on(Act::CustomerTransfer { to: taker }, c.id, None);
                    for _ in 0..3 {
                        kit.me().on(Act::CustomerAdvance { confirmed: true }, c.id, None);
                    }
                }
            }
            Ok(())
        })
        .unwrap();
    let all = seen.take();
    let least =
        [all.new_people, all.changed_people, all.new_signals, all.changed_custody, all.same, all.refused, all.expired].into_iter().min();
    assert!(least > Some(if on == Engine::Sqlite { 20 } else { 0 }), "some outcome hardly came up: {all:?}");
    kit.check();
}

fn a_dry_run_needs_no_right_to_write(on: Engine) {
    let kit = Kit::company(on);
    let text = format!("{HEAD}\n40001,新人,/集团,专员,2026-01-01,,,\n");
    let look = Kit::hand_in(&kit.again(true), "chen");
    assert_eq!(look.stage("employees", &text, None, Preview::Also).unwrap_err().what.code, "read-only");
    assert_eq!(look.stage("employees", &text, None, Preview::Only).unwrap().change.new_people, 1);
    kit.check();
}
