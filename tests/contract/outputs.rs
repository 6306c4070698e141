//! What a role may not see is in nothing that it gets: text in either language, frames of the console, stored files, metrics
//! (domain.md 16: 41). JSON is roles.rs's.

use crate::{
    kit::{Engine, Hand, Kit, ROOMS, said},
    offboarding,
    roles::{Story, company, hand_of, roles},
};
use clap::Parser;
use jiff::Timestamp;
use rand::{SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use ratatui::{buffer::Buffer, layout::Rect};
use std::{collections::VecDeque, sync::Arc};
use strum::IntoEnumIterator;
use tenure::{
    backend::{FailureKind, Query, table},
    cli::{Cli, Command, Use},
    console::{
        command::key::Chord,
        effect::Effect,
        model::{Model, clean},
        msg::Msg,
        runtime::Options,
        update, view,
    },
    domain::{
        operator::Role,
        role::{Field, Grant, Scope},
    },
    text::{Lang, Texts},
};
use unicode_width::UnicodeWidthStr;

const LANGS: [Lang; 2] = [Lang::En, Lang::ZhCn];

/// How what may be hidden looks to a reader.
const NEEDLES: [(Field, &[&str]); 5] = [
    (Field::Identity, &["王销远", "李研秋", "10002", "10001", "wang xiaoyuan", "li yanqiu", "wangxiaoyuan", "liyanqiu", "u10002"]),
    (Field::Score, &["8.2", "7.5", "8.5"]),
    (Field::Resume, &["résumé update", "简历更新", "resume_update"]),
    (Field::Pay, &["12,345.67", "12345.67", "1234567"]),
    (Field::Notes, &["canary-note"]),
];

/// What is looked for does come up where nothing is hidden.
fn all_come_up(texts: &str) {
    for (field, needles) in NEEDLES {
        assert!(needles.iter().any(|n| texts.contains(n)), "{field} is looked for in a form that nobody ever sees");
    }
}

/// Asserts that what a grant hides, or does not reach, is not in a text that people read.
fn checked(grant: &Grant, text: &str, outside: &Story, what: &str) {
    let word = |needle: &str| text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').any(|w| w.trim_matches('.') == needle);
    let lacks = |needle: &str| {
        let plain = needle.chars().all(|c| c.is_ascii_digit() || c == '.');
        assert!(if plain { !word(needle) } else { !text.contains(needle) }, "{what}: {needle} in\n{text}");
    };
    for (field, needles) in NEEDLES {
        if grant.hides(field) {
            needles.iter().for_each(|n| lacks(n));
        }
    }
    if grant.scope != Scope::All {
        lacks(outside.name);
    }
}

/// Commands that read, with the permission that their answers come under.
fn commands(s: &Story) -> Vec<(String, &'static str)> {
    let (person, alert, plan, case, freeze) = (s.person, s.alert, s.plan, s.case, s.freeze);
    [
        ("alert list --view all".into(), "alert.read"),
        (format!("alert show {alert}"), "alert.read"),
        (format!("alert report {alert}"), "alert.report"),
        (format!("alert report {alert} --report manager_summary"), "alert.summary"),
        ("employee list".into(), "person.read"),
        (format!("employee show {person}"), "person.read"),
        (format!("employee timeline {person}"), "person.timeline"),
        (format!("risk explain {person}"), "score.read"),
        (format!("risk score {person}"), "score.read"),
        ("report effect".into(), "report.read"),
        ("risk contests --all".into(), "contest.read"),
        ("plan list".into(), "plan.read"),
        (format!("plan show {plan}"), "plan.read"),
        ("customer list".into(), "customer.read"),
        ("customer show K001".into(), "customer.read"),
        ("offboarding list --view all".into(), "offboarding.read"),
        (format!("offboarding show {case}"), "offboarding.read"),
        ("offboarding duties".into(), "offboarding.read"),
        ("freeze list".into(), "freeze.read"),
        (format!("freeze show {freeze}"), "freeze.read"),
        (format!("freeze plan {person} --level suspend"), "freeze.plan"),
        ("freeze targets".into(), "target.read"),
        ("approval list".into(), "approval.read"),
        ("operator list".into(), "operator.read"),
        ("operator roles".into(), "operator.read"),
        ("operator keys".into(), "operator.read"),
        ("operator tokens".into(), "operator.read"),
        ("audit list".into(), "audit.read"),
        ("audit access".into(), "access.read"),
        ("audit verify".into(), "audit.verify"),
        ("audit anchors".into(), "audit.verify"),
        ("quarantine list".into(), "import.read"),
        ("job list".into(), "job.read"),
    ]
    .into()
}

fn parsed(line: &str) -> Use {
    match Cli::try_parse_from(["tenure"].into_iter().chain(line.split(' '))) {
        Ok(Cli { command: Some(Command::Use(command)), .. }) => command,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn what_is_hidden_is_in_no_text_that_a_command_prints() {
    for on in [Engine::Sqlite, Engine::HttpPostgres] {
        let (kit, inside, outside, _sim) = company(on);
        let (roles, mut shown) = (roles(&kit), String::new());
        for role in Role::iter() {
            let hand = hand_of(&kit, role);
            // The same words are made of the same answers, whichever way they came: over the wire it is seen once.
            let outside_too = if on.is_wire() { Vec::new() } else { commands(&outside) };
            for (line, permission) in commands(&inside).into_iter().chain(outside_too) {
                for lang in LANGS.into_iter().take(if on.is_wire() { 1 } else { 2 }) {
                    let (code, out, err) = said(parsed(&line), hand.door(), lang, false);
                    let what = format!("{role} {line}");
                    match roles.grant(role, permission) {
                        // Somebody whom it does not reach is nobody, whatever was asked about them.
                        None => assert!([3, 5].contains(&code) && out.is_empty(), "{what}: {code} {out}{err}"),
                        Some(grant) => {
                            assert!([0, 3, 5].contains(&code), "{what}: {code} {err}");
                            checked(grant, &(out.clone() + &err), &outside, &what);
                            shown += if role == Role::Owner { &out } else { "" };
                        }
                    }
                }
            }
        }
        all_come_up(&shown);
        if on.is_wire() {
            // Counted is what was asked, not about whom.
            let url = format!("http://{}/metrics", kit.at());
            let counted = ROOMS.block_on(async { crate::api::http().get(url).send().await.unwrap().text().await.unwrap() });
            let nothing = Grant { hides: Field::iter().collect(), scope: Scope::Own, ..Grant::default() };
            checked(&nothing, &counted, &outside, "metrics");
        }
    }
}

/// A console at a door; what it would do is not done.
struct Desk<'h> {
    m: Model,
    hand: &'h Hand,
    now: Timestamp,
    stamp: u64,
    waiting: VecDeque<Effect>,
}

impl<'h> Desk<'h> {
    fn new(kit: &Kit, hand: &'h Hand, lang: Lang) -> Self {
        let options = Options { zone: crate::kit::zone(), ..Options::new(lang, Arc::new(Texts::new(&[]))) };
        let now = kit.time.now();
        let m = Model::new(hand.door().who().clone(), &options, "test".into(), now);
        let mut desk = Self { m, hand, now, stamp: 0, waiting: VecDeque::new() };
        desk.waiting.extend(update::start(&mut desk.m));
        desk.send(Msg::Resize { cols: 200, rows: 50 });
        desk.settle();
        desk
    }

    fn send(&mut self, msg: Msg) {
        let effects = update::update(&mut self.m, msg, self.now);
        self.waiting.extend(effects);
    }

    fn settle(&mut self) {
        while let Some(effect) = self.waiting.pop_front() {
            match effect {
                Effect::Query { slot, req, query } => {
                    let result = self.hand.try_ask(query);
                    self.send(Msg::Answer { slot, req, result });
                }
                Effect::Get { req, hash } => {
                    let result = self.hand.file(&hash).map(|bytes| clean::blob(&bytes));
                    self.send(Msg::Got { req, result });
                }
                _ => {}
            }
        }
        self.stamp += 1;
        self.send(Msg::Drawn { at: self.stamp });
    }

    fn press(&mut self, keys: &str) {
        for key in keys.parse::<Chord>().unwrap().0 {
            self.stamp += 1;
            self.send(Msg::Key { key, at: self.stamp });
            self.settle();
        }
    }

    fn frame(&self) -> String {
        let area = Rect::new(0, 0, 200, 50);
        let mut buf = Buffer::empty(area);
        view::draw(&self.m, area, &mut buf);
        let mut text = String::new();
        for row in buf.content().chunks(200) {
            // What a wide character covers is not shown.
            let mut covered = 0;
            for cell in row {
                if covered == 0 {
                    text.push_str(cell.symbol());
                    covered = cell.symbol().width();
                }
                covered = covered.saturating_sub(1);
            }
            text.push('\n');
        }
        text
    }
}

/// Keys that lead somewhere, with the permission that what is there comes under.
const PANES: [(&[&str], &str); 15] = [
    (&["g h"], "home.read"),
    (&["g a"], "alert.read"),
    (&["g a", "tab", "tab"], "alert.read"),
    (&["g a", "enter"], "alert.read"),
    (&["g p"], "person.read"),
    (&["g p", "enter"], "person.timeline"),
    (&["g m"], "plan.read"),
    (&["g m", "enter"], "plan.read"),
    (&["g r"], "approval.read"),
    (&["g f"], "freeze.read"),
    (&["g f", "enter"], "freeze.read"),
    (&["g o"], "offboarding.read"),
    (&["g o", "enter"], "offboarding.read"),
    (&["g u"], "audit.read"),
    (&["g s"], "operator.read"),
];

#[test]
fn what_is_hidden_is_in_no_frame() {
    let (kit, _, outside, _sim) = company(Engine::Sqlite);
    let (roles, mut shown) = (roles(&kit), String::new());
    for role in Role::iter() {
        let hand = hand_of(&kit, role);
        // What no grant of the role shows must be in no frame at all, whatever is pressed.
        let of_nobody = ["home.read", "operator.read", "model.read", "signal.read"];
        let reads: Vec<&Grant> =
            table::permissions().iter().filter(|p| !of_nobody.contains(p)).filter_map(|p| roles.grant(role, p)).collect();
        let never = Grant { hides: Field::iter().filter(|f| reads.iter().all(|g| g.hides(*f))).collect(), ..Grant::default() };
        for lang in LANGS {
            for (keys, permission) in PANES {
                let mut desk = Desk::new(&kit, &hand, lang);
                keys.iter().for_each(|k| desk.press(k));
                let Some(grant) = roles.grant(role, permission) else { continue };
                let frame = desk.frame();
                checked(grant, &frame, &outside, &format!("{role} {lang:?} {keys:?}"));
                shown += if role == Role::Owner { &frame } else { "" };
            }
            let mut desk = Desk::new(&kit, &hand, lang);
            let mut drawn = ChaCha8Rng::seed_from_u64(41);
            let keys = "j k enter esc tab space / : ? a t c v x d e o z p F A C y . R ctrl-g ctrl-r ctrl-d g||h g||a g||p g||t g||m g||r g||f g||o g||u g||s";
            let keys: Vec<&str> = keys.split(' ').collect();
            for n in 0..150 {
                let key = keys.choose(&mut drawn).unwrap().replace("||", " ");
                desk.press(&key);
                checked(&never, &desk.frame(), &outside, &format!("{role} {lang:?} key {n}: {key}"));
            }
        }
    }
    all_come_up(&shown);
}

/// A file can't be masked: whoever may not read names, or whose it is, gets none of it.
#[test]
fn a_stored_file_is_given_whole_or_not_at_all() {
    for on in [Engine::Sqlite, Engine::HttpPostgres] {
        let (kit, inside, outside, _sim) = company(on);
        let of = |s: &Story| {
            let card = ask!(kit.me(), Query::Offboarding { id: s.case } => Offboarding);
            let item = card.items.iter().find(|i| i.id.0 == s.item).unwrap();
            let card = offboarding::submit(&kit, &kit.me(), item);
            offboarding::same(&card, item).evidence.remove(0).evidence.file.unwrap().hash
        };
        let (near, far) = (of(&inside), of(&outside));
        let roles = roles(&kit);
        for role in Role::iter() {
            let hand = hand_of(&kit, role);
            let get = |hash: &str| hand.file(hash).map(|b| b.len());
            let (near, far) = (get(&near), get(&far));
            match roles.grant(role, table::EVIDENCE) {
                None => assert!([near, far].iter().all(|a| a.as_ref().is_err_and(|e| e.kind == FailureKind::Refused)), "{role}"),
                Some(grant) => {
                    assert!(near.is_ok(), "{role}: {near:?}");
                    assert_eq!(far.is_ok(), grant.scope == Scope::All, "{role}");
                }
            }
        }
        // A company's own role.
        std::fs::write(kit.dir.path().join("roles.toml"), "[[auditor]]\nof = [\"evidence.read\"]\nhides = [\"identity\"]\n").unwrap();
        let kit = kit.reopened();
        let why = kit.hand("the-auditor").file(&near).unwrap_err();
        assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Refused, "role-hidden"));
    }
}
