//! The admin pane: its sections in a line, and the list of the one that is open.

use super::{
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    console::{
        look::Meaning,
        model::{
            Link, Model,
            admin::{AdminLine, AdminTab, HomeFact},
            dataset::Dataset,
        },
    },
    domain::{
        operator::{Operator, Role},
        sentence::Sentence,
        signal::LawfulBasis,
        target::{Lockout, TargetKind, WriteRight},
        token::{Scope, Token},
    },
    text::{day, stamp},
};
use ratatui::layout::Rect;
use std::collections::BTreeSet;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    tabs(p, body);
    let area = Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    if state::list(p, area, &p.m.admin.list, "empty-admin") {
        return;
    }
    let m = p.m;
    let columns = columns(m);
    table::draw(p, area, &columns, &m.admin.list, cells);
}

fn tabs(p: &mut Paint<'_>, body: Rect) {
    let mut x = body.x;
    for tab in AdminTab::iter() {
        let name = p.m.word("admin-tab", tab);
        let (text, meaning) =
            if tab == p.m.admin.tab { (format!("[{name}]"), Meaning::Focus) } else { (format!(" {name} "), Meaning::Muted) };
        x = p.run(x, body.y, body.right(), &text, meaning);
    }
}

fn words<T: std::fmt::Display>(m: &Model, topic: &str, all: impl Iterator<Item = T>) -> u16 {
    let all: Vec<String> = all.map(|x| m.word(topic, x)).collect();
    widest(&all)
}

fn columns(m: &Model) -> Vec<Column> {
    let col = |key: &str, width, priority| Column::new(m.t(key), width, priority);
    match m.admin.tab {
        AdminTab::Operators => vec![
            col("col-operator", 14, 0),
            col("col-role", words(m, "role", Role::iter()).min(20), 0),
            col("col-state", words(m, "operator-state", ["active", "revoked", "ended"].into_iter()), 0),
            col("col-login", 5, 2),
            col("col-tokens", 14, 1).flex(),
        ],
        AdminTab::Tokens => vec![
            col("col-operator", 14, 0),
            col("col-scope", words(m, "token-scope", Scope::iter()), 0),
            col("col-state", words(m, "token-state", ["good", "expired", "revoked"].into_iter()), 0),
            col("col-issued", 10, 2),
            col("col-expires", 16, 0).flex(),
        ],
        AdminTab::Roles => {
            vec![col("col-role", words(m, "role", Role::iter()), 0), col("col-holders", 6, 0), col("col-hidden", 16, 1).flex()]
        }
        AdminTab::Targets => vec![
            col("col-target", 12, 0),
            col("col-kind", words(m, "target-kind", TargetKind::iter()), 1),
            col("col-place", 18, 3),
            col("col-health", 16, 0).flex(),
        ],
        AdminTab::Signals => vec![
            col("col-kind", 18, 0),
            col("col-switch", 4, 0),
            col("col-basis", words(m, "lawful-basis", LawfulBasis::iter()), 0),
            col("col-keep", 8, 2),
            col("col-purpose", 9, 1).flex(),
        ],
        AdminTab::Jobs => vec![
            col("col-kind", 14, 0),
            col("col-state", words(m, "job-state", ["pending", "leased", "failed"].into_iter()), 0),
            col("col-due", 12, 1),
            col("col-tries", 5, 2),
            col("col-error", 14, 0).flex(),
        ],
        AdminTab::Health => vec![col("col-fact", words(m, "home-fact", HomeFact::iter()), 0), col("col-standing-now", 20, 0).flex()],
    }
}

fn cells(p: &mut Paint<'_>, line: &AdminLine) -> Vec<Cell> {
    let m = p.m;
    match line {
        AdminLine::Operator(o) => {
            let (state, meaning) = operator_state(m, o);
            let login = if o.person.is_some() { m.t("cli-yes") } else { "-".into() };
            vec![
                Cell::base(&o.name),
                Cell::base(m.word("role", o.role)),
                Cell::new(state, meaning),
                Cell::muted(login),
                Cell::base(tokens(p, o)),
            ]
        }
        AdminLine::Token(t) => {
            let (state, meaning) = token_state(m, t);
            let expires = if t.is_good(m.now) { p.left(t.expires_at) } else { stamp(t.revoked_at.unwrap_or(t.expires_at), &m.zone) };
            vec![
                Cell::base(&t.name),
                Cell::base(m.word("token-scope", t.scope)),
                Cell::new(state, meaning),
                Cell::muted(day(t.created_at, &m.zone)),
                Cell::base(expires),
            ]
        }
        AdminLine::Role(r) => {
            let hidden: BTreeSet<_> = r.grants.iter().flat_map(|g| &g.hides).map(|f| m.word("role-field", f)).collect();
            let hidden = hidden.into_iter().collect::<Vec<_>>().join(" ");
            vec![Cell::base(m.word("role", r.role)), Cell::base(r.operators.to_string()), Cell::muted(hidden)]
        }
        AdminLine::Target(t) => {
            let (health, meaning) = health(m, &t.name);
            vec![Cell::base(&t.name), Cell::base(m.word("target-kind", t.kind)), Cell::muted(&t.place), Cell::new(health, meaning)]
        }
        AdminLine::Kind(k) => {
            let (word, meaning) = if k.enabled { ("cli-on", Meaning::Good) } else { ("cli-off", Meaning::Muted) };
            vec![
                Cell::base(m.word("signal-kind", k.kind)),
                Cell::new(m.t(word), meaning),
                Cell::base(k.basis.map_or_else(|| "-".into(), |b| m.word("lawful-basis", b))),
                Cell::muted(m.tf("admin-days", &[("n", &k.keep_days.to_string())])),
                Cell::muted(m.word("purpose", &k.purpose)),
            ]
        }
        AdminLine::Job(j) => {
            let meaning = match j.state.as_str() {
                "failed" => Meaning::Danger,
                "leased" => Meaning::Notice,
                _ => Meaning::Base,
            };
            vec![
                Cell::base(&j.kind),
                Cell::new(m.word("job-state", &j.state), meaning),
                Cell::muted(p.left(j.due_at)),
                Cell::muted(j.attempts.to_string()),
                Cell::base(j.error.clone().unwrap_or_default()),
            ]
        }
        AdminLine::Fact(f) => {
            let (text, meaning) = fact(p, *f);
            vec![Cell::base(m.word("home-fact", f)), Cell::new(text, meaning)]
        }
    }
}

/// Whether an operator may come in.
pub fn operator_state(m: &Model, o: &Operator) -> (String, Meaning) {
    let (word, meaning) = match (o.revoked_at, o.ended_at) {
        (Some(_), _) => ("revoked", Meaning::Muted),
        (None, Some(_)) => ("ended", Meaning::Warn),
        (None, None) => ("active", Meaning::Good),
    };
    (m.word("operator-state", word), meaning)
}

/// Whether a token opens the door.
pub fn token_state(m: &Model, t: &Token) -> (String, Meaning) {
    let (word, meaning) = match (t.revoked_at, t.is_good(m.now)) {
        (Some(_), _) => ("revoked", Meaning::Muted),
        (None, false) => ("expired", Meaning::Warn),
        (None, true) => ("good", Meaning::Good),
    };
    (m.word("token-state", word), meaning)
}

/// How many tokens of an operator are good, and when the first of them ends.
fn tokens(p: &mut Paint<'_>, o: &Operator) -> String {
    let good = p.m.admin.good_tokens(o, p.m.now);
    match (&p.m.admin.tokens.data, good.first()) {
        (Dataset::NotAsked | Dataset::Loading, _) => "..".into(),
        (Dataset::Failed(_), _) => p.m.t("unknown"),
        (_, None) => "-".into(),
        (_, Some(first)) => {
            let (n, left) = (good.len().to_string(), p.left(first.expires_at));
            p.m.tf("admin-tokens", &[("n", &n), ("left", &left)])
        }
    }
}

/// What a target said when it was last asked here.
fn health(m: &Model, target: &str) -> (String, Meaning) {
    let known = &m.admin.health;
    match m.admin.health_of(target) {
        None if known.req.is_some() => (m.t("health-checking"), Meaning::Notice),
        None => (m.t("health-unasked"), Meaning::Muted),
        Some(h) if !h.ok => {
            let why = h.why.as_ref().map(|w| m.say(w)).unwrap_or_default();
            (format!("{}  {why}", m.t("target-down")), Meaning::Danger)
        }
        Some(h) => {
            let text =
                format!("{} {} ms  {}  {}", m.t("target-ok"), h.took_ms, m.word("write-right", h.write), m.word("lockout", h.lockout));
            let bad = h.write == WriteRight::Refused || h.lockout == Lockout::Failed;
            (text, if bad { Meaning::Danger } else { Meaning::Good })
        }
    }
}

/// How something of the home stands.
pub fn fact(p: &mut Paint<'_>, f: HomeFact) -> (String, Meaning) {
    let m = p.m;
    let home = m.home.data.value();
    let base = |text: String| (text, Meaning::Base);
    let count = |n: usize, more: bool| format!("{n}{}", if more { "+" } else { "" });
    match f {
        HomeFact::Version => base(env!("CARGO_PKG_VERSION").into()),
        HomeFact::Backend => base(if m.backend.is_empty() { "-".into() } else { m.backend.clone() }),
        HomeFact::Company => base(home.map_or_else(String::new, |h| {
            let made = if h.made_data { m.t("header-made") } else { String::new() };
            [h.company.clone(), made, h.environment.clone(), h.zone.clone()]
                .into_iter()
                .filter(|t| !t.is_empty())
                .collect::<Vec<_>>()
                .join("  ")
        })),
        HomeFact::People => {
            base(home.map_or_else(String::new, |h| {
                m.tf("home-people", &[("people", &h.people.to_string()), ("signals", &h.signals.to_string())])
            }))
        }
        HomeFact::Scored => match home.map(|h| h.scored_at) {
            Some(Some(at)) => {
                let ago = p.ago(at);
                base(format!("{}  {ago}", stamp(at, &m.zone)))
            }
            _ => (m.t("card-no-score"), Meaning::Muted),
        },
        HomeFact::Link => match (&m.link, m.stale()) {
            (_, Some((since, why))) => {
                let age = p.age(since);
                (format!("{}  {}", m.tf("link-lost", &[("age", &age)]), m.say(&why.what)), Meaning::Danger)
            }
            (Link::Opening, _) => (m.t("link-opening"), Meaning::Muted),
            _ => (m.t("link-up"), Meaning::Good),
        },
        HomeFact::Jobs => of(m, &m.admin.jobs.data, |page| {
            let n = |state: &str| page.rows.iter().filter(|j| j.state == state).count();
            let args = [("failed", n("failed")), ("running", n("leased")), ("waiting", n("pending"))];
            let args = args.map(|(k, n)| (k, count(n, page.next.is_some())));
            let meaning = if n("failed") > 0 { Meaning::Danger } else { Meaning::Base };
            (m.tf("home-jobs", &args.each_ref().map(|(k, v)| (*k, v.as_str()))), meaning)
        }),
        HomeFact::Quarantine => of(m, &m.admin.quarantine.data, |page| {
            let n = page.rows.len();
            let text = count(n, page.next.is_some());
            (m.tf("home-rows", &[("n", &text)]), if n > 0 { Meaning::Warn } else { Meaning::Base })
        }),
        HomeFact::Drill => of(m, &m.admin.drill.data, |drill| {
            let (what, meaning) = match drill {
                None => (Sentence::new("doctor-drill-never"), Meaning::Warn),
                Some(d) if d.faults() > 0 => (Sentence::new("doctor-drill-faults").with("at", d.at).with("n", d.faults()), Meaning::Warn),
                Some(d) if d.due_at() <= m.now => (Sentence::new("doctor-drill-due").with("at", d.at), Meaning::Warn),
                Some(d) => (Sentence::new("doctor-drill").with("at", d.at).with("due", d.due_at()), Meaning::Base),
            };
            (m.say(&what), meaning)
        }),
        HomeFact::Chains => match &m.admin.verified {
            _ if m.verify.is_some() => (m.t("notice-verifying"), Meaning::Notice),
            None => (m.t("home-chains-unasked"), Meaning::Muted),
            Some((at, v)) => {
                let ago = p.ago(*at);
                let key = if v.ok { "home-chains-good" } else { "home-chains-broken" };
                let (n, reads) = (v.entries.to_string(), v.access_entries.to_string());
                (m.tf(key, &[("n", &n), ("reads", &reads), ("ago", &ago)]), if v.ok { Meaning::Good } else { Meaning::Danger })
            }
        },
    }
}

/// What is known of something beside the list; what could not be had says why.
fn of<T>(m: &Model, data: &Dataset<T>, say: impl Fn(&T) -> (String, Meaning)) -> (String, Meaning) {
    match data {
        Dataset::NotAsked | Dataset::Loading => (m.t("state-loading"), Meaning::Muted),
        Dataset::Failed(why) => (m.say(&why.what), Meaning::Warn),
        Dataset::Ready { value, .. } => say(value),
        Dataset::Stale { value, .. } => (say(value).0, Meaning::Stale),
    }
}

/// What the line below the list says of a section: where to do what the console leaves to the shell.
pub fn hint(m: &Model) -> Option<String> {
    let key = match m.admin.tab {
        AdminTab::Operators => "admin-hint-operators",
        AdminTab::Tokens => "admin-hint-tokens",
        AdminTab::Targets => "admin-hint-targets",
        AdminTab::Jobs => "admin-hint-jobs",
        AdminTab::Roles | AdminTab::Signals | AdminTab::Health => return None,
    };
    Some(m.t(key))
}
