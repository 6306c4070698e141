//! Text to read: reports, explanations, plans, audit entries, what became of a bulk act.

use super::{admin, approval, item};
use crate::{
    backend::{
        Answer,
        answer::{AuditRow, ContestCard, Explanation, PlanRow, Report},
    },
    console::{
        look::Meaning,
        model::{
            Model,
            admin::AdminLine,
            dataset::Dataset,
            list::Row,
            overlay::{Overlay, Reader, Reading},
        },
        view::{layout::regions, paint::Paint, person},
    },
    domain::sentence::Sentence,
    text::{self, money, percent, score, stamp},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// One line before it is wrapped.
struct Line {
    indent: usize,
    text: String,
    meaning: Meaning,
}

/// The furthest scroll position and the lines of a page of the open reader.
pub fn scroll(m: &Model) -> (usize, usize) {
    let Some(Overlay::Reader(r)) = m.overlay.as_ref().map(|o| &o.what) else { return (0, 0) };
    let body = regions(m.size).body;
    let mut scratch = Buffer::empty(Rect::default());
    let mut p = Paint::new(m, Rect::default(), &mut scratch);
    let page = usize::from(body.height.saturating_sub(1)).max(1);
    (wrapped(&lines(&mut p, r), body.width).len().saturating_sub(page), page)
}

pub fn draw(p: &mut Paint<'_>, r: &Reader, body: Rect) {
    let head = title(p, r);
    p.rule(body, body.y, &head);
    let lines = lines(p, r);
    let lines = wrapped(&lines, body.width);
    let page = usize::from(body.height.saturating_sub(1));
    let top = r.top.min(lines.len().saturating_sub(page));
    for (y, (indent, text, meaning)) in (body.y + 1..body.bottom()).zip(lines.iter().skip(top)) {
        let x = body.x + 2 + u16::try_from(*indent).unwrap_or(0);
        p.put(x, y, body.right().saturating_sub(x), text, *meaning);
    }
    if top > 0 {
        p.put(body.right().saturating_sub(1), body.y, 1, p.sym.up, Meaning::Muted);
    }
    if top + page < lines.len() {
        p.put(body.right().saturating_sub(1), body.bottom() - 1, 1, p.sym.down, Meaning::Muted);
    }
}

fn wrapped(lines: &[Line], width: u16) -> Vec<(usize, String, Meaning)> {
    let cols = usize::from(width.saturating_sub(5).min(100));
    lines
        .iter()
        .flat_map(|l| {
            // The rest of an item stands below its text, not below its dash.
            let hang = if l.text.starts_with("- ") { 2 } else { 0 };
            let lines = text::wrap(&l.text, cols.saturating_sub(l.indent + hang).max(8));
            lines.into_iter().enumerate().map(move |(i, t)| (l.indent + if i == 0 { 0 } else { hang }, t, l.meaning))
        })
        .collect()
}

fn title(p: &Paint<'_>, r: &Reader) -> String {
    let m = p.m;
    match &r.what {
        Reading::Report(wait) => wait.data.value().map_or_else(|| m.t("reader-report"), |rep| m.say(&rep.title)),
        Reading::Explain(wait) => wait.data.value().map_or_else(
            || m.t("reader-explain"),
            |e| m.tf("reader-explain-of", &[("who", &format!("{} {}", e.name, e.number)), ("day", &e.as_of.to_string())]),
        ),
        Reading::Plan(row) => m.tf("reader-plan", &[("who", &format!("{} {}", row.employee.name, row.employee.number))]),
        Reading::Item(view) => m.say(&view.item.name()),
        Reading::Approval(view) => m.tf("reader-approval", &[("who", &view.row.label())]),
        Reading::Contest(wait) => match wait.data.value().map(|c| &c.row.employee) {
            Some(e) => m.tf("reader-contest", &[("who", &format!("{} {}", e.name, e.number))]),
            None => m.t("fact-contest"),
        },
        Reading::Admin(view) => match &view.line {
            AdminLine::Role(r) => m.word("role", r.role),
            AdminLine::Kind(k) => m.word("signal-kind", k.kind),
            AdminLine::Job(j) => j.kind.clone(),
            AdminLine::Fact(f) => m.word("home-fact", f),
            line => line.label(),
        },
        Reading::Entry(row) => m.tf("reader-entry", &[("seq", &row.entry.seq.to_string())]),
        Reading::Outcomes(_) => m.t("reader-outcomes"),
        Reading::Lines(all) => {
            let code = all.first().map(|l| l.code.as_ref()).unwrap_or_default();
            m.t(match code {
                "order-note" => "field-note",
                _ if code.starts_with("gap-") => "reader-gap",
                _ => "reader-step",
            })
        }
        Reading::Missing(_) => m.t("reader-missing"),
        Reading::Faults(_) => m.t("reader-faults"),
    }
}

fn lines(p: &mut Paint<'_>, r: &Reader) -> Vec<Line> {
    let one = |text: String, meaning| vec![Line { indent: 0, text, meaning }];
    match &r.what {
        Reading::Report(wait) => match &wait.data {
            Dataset::Failed(why) => one(p.m.say(&why.what), Meaning::Warn),
            d => d.value().map_or_else(|| one(p.m.t("state-loading"), Meaning::Muted), |rep| report(p, rep)),
        },
        Reading::Explain(wait) => match &wait.data {
            Dataset::Failed(why) => one(p.m.say(&why.what), Meaning::Warn),
            d => d.value().map_or_else(|| one(p.m.t("state-loading"), Meaning::Muted), |e| explain(p, e)),
        },
        Reading::Contest(wait) => match &wait.data {
            Dataset::Failed(why) => one(p.m.say(&why.what), Meaning::Warn),
            d => d.value().map_or_else(|| one(p.m.t("state-loading"), Meaning::Muted), |c| contest(p, c)),
        },
        Reading::Plan(row) => plan(p, row),
        Reading::Entry(row) => entry(p, row),
        Reading::Item(view) => item::lines(p.m, view).into_iter().map(|(indent, text, meaning)| Line { indent, text, meaning }).collect(),
        Reading::Approval(view) => {
            let mut all: Vec<Line> =
                approval::lines(p.m, view).into_iter().map(|(indent, text, meaning)| Line { indent, text, meaning }).collect();
            if let Some(Answer::Plan(row)) = view.subject.data.value().map(AsRef::as_ref) {
                all.push(Line { indent: 0, text: String::new(), meaning: Meaning::Base });
                all.extend(plan(p, row));
            }
            all
        }
        Reading::Admin(view) => admin::lines(p, view).into_iter().map(|(indent, text, meaning)| Line { indent, text, meaning }).collect(),
        Reading::Outcomes(rows) => outcomes(p, rows),
        Reading::Missing(all) => {
            // The refusal first; the lines stand below their gate.
            let line = |(n, l): (usize, &Sentence)| match (n, l.code.as_ref()) {
                (0, _) => Line { indent: 0, text: p.m.say(l), meaning: Meaning::Warn },
                (_, "gate-misses") => Line { indent: 0, text: p.m.say(l), meaning: Meaning::Title },
                _ => Line { indent: 2, text: format!("- {}", p.m.say(l)), meaning: Meaning::Base },
            };
            all.iter().enumerate().map(line).collect()
        }
        Reading::Lines(all) => all.iter().map(|l| Line { indent: 0, text: p.m.say(l), meaning: Meaning::Base }).collect(),
        Reading::Faults(faults) => faults.iter().map(|f| Line { indent: 0, text: p.m.say(f), meaning: Meaning::Warn }).collect(),
    }
}

/// Collects lines.
#[derive(Default)]
struct Page(Vec<Line>);

impl Page {
    fn add(&mut self, indent: usize, text: impl Into<String>, meaning: Meaning) {
        self.0.push(Line { indent, text: text.into(), meaning });
    }
    fn head(&mut self, text: impl Into<String>) {
        if !self.0.is_empty() {
            self.add(0, "", Meaning::Base);
        }
        self.add(0, text, Meaning::Title);
    }
    fn fact(&mut self, m: &Model, label: &str, value: impl AsRef<str>) {
        self.add(0, m.tf("fact-line", &[("label", label), ("value", value.as_ref())]), Meaning::Base);
    }
}

fn report(p: &Paint<'_>, r: &Report) -> Vec<Line> {
    let mut page = Page::default();
    page.add(0, p.m.tf("reader-made", &[("at", &stamp(r.made_at, &p.m.zone))]), Meaning::Muted);
    for s in &r.sections {
        page.head(p.m.say(&s.title));
        for line in &s.lines {
            for (i, part) in p.m.say(line).split('\n').enumerate() {
                page.add(2, if i == 0 { format!("- {part}") } else { format!("  {part}") }, Meaning::Base);
            }
        }
    }
    page.0
}

fn explain(p: &Paint<'_>, e: &Explanation) -> Vec<Line> {
    let m = p.m;
    let mut page = Page::default();
    let head = m.tf("explain-score", &[("score", &score(e.score)), ("band", &m.word("band", e.band)), ("p", &percent(e.probability))]);
    page.add(0, head, crate::console::view::band(e.band));
    page.head(m.t("explain-factors"));
    let longest = e.factors.iter().map(|f| f.contribution.abs()).fold(0.0_f64, f64::max).max(1e-9);
    let names: Vec<String> = e.factors.iter().map(|f| person::feature(p, &f.feature)).collect();
    let w = names.iter().map(|n| text::width(n)).max().unwrap_or(0).min(28);
    for (f, name) in e.factors.iter().zip(&names) {
        let bar = p.sym.bar.repeat(((f.contribution.abs() / longest) * 12.0).round() as usize);
        page.add(2, format!("{} {:>+6.2} {bar}  {}", text::fit(name, w), f.contribution, person::figure(f.value)), Meaning::Base);
        for s in f.signals.iter().take(6) {
            let value = s.value.map(person::figure).unwrap_or_default();
            let baseline = s.baseline.map(|b| format!(" / {}", person::figure(b))).unwrap_or_default();
            page.add(
                6,
                format!("{}  {}  {value}{baseline}  {}", text::day(s.observed_at, &m.zone), m.word("signal-kind", s.kind), s.source),
                Meaning::Muted,
            );
        }
        if f.signals.len() > 6 {
            page.add(6, m.tf("explain-more", &[("n", &(f.signals.len() - 6).to_string())]), Meaning::Muted);
        }
    }
    let sum: f64 = e.factors.iter().map(|f| f.contribution).sum();
    page.add(
        2,
        m.tf(
            "explain-sum",
            &[("intercept", &format!("{:+.3}", e.intercept)), ("sum", &format!("{sum:+.3}")), ("logit", &format!("{:+.3}", e.logit))],
        ),
        Meaning::Muted,
    );
    if !e.missing.is_empty() {
        page.head(m.t("explain-missing"));
        for f in &e.missing {
            page.add(2, person::feature(p, f), Meaning::Warn);
        }
    }
    if !e.unweighed.is_empty() {
        page.head(m.t("explain-unweighed"));
        for u in &e.unweighed {
            page.add(2, format!("{}  {}", m.word("signal-kind", u.kind), u.count), Meaning::Base);
        }
    }
    page.head(m.t("explain-model"));
    page.add(2, m.tf("card-model", &[("model", &e.model), ("version", &e.model_version), ("day", &e.as_of.to_string())]), Meaning::Base);
    page.add(2, m.tf("explain-hash", &[("hash", e.inputs_hash.get(..12).unwrap_or(&e.inputs_hash))]), Meaning::Muted);
    if let Some(day) = e.valid_until {
        page.add(2, m.tf("explain-valid", &[("day", &day.to_string())]), Meaning::Muted);
    }
    page.add(0, "", Meaning::Base);
    page.add(0, m.t("report-hr-footer"), Meaning::Muted);
    page.0
}

/// What somebody says against their score, and what it was made of as they saw it.
fn contest(p: &Paint<'_>, card: &ContestCard) -> Vec<Line> {
    let m = p.m;
    let c = &card.row.contest;
    let mut page = Page::default();
    page.fact(m, &m.t("col-state"), m.word("contest-state", c.state));
    page.fact(m, &m.t("field-recorded"), format!("{}  {}", c.opened_name, stamp(c.opened_at, &m.zone)));
    page.fact(m, &m.t("field-due"), stamp(c.due_at, &m.zone));
    if let (Some(by), Some(at)) = (&c.answered_by, c.answered_at) {
        page.fact(m, &m.t("field-answer"), format!("{by}  {}", stamp(at, &m.zone)));
    }
    // Words that were sealed are gone with whom they were about.
    for (head, words) in [("field-said", &card.said), ("field-answer", &card.answer)] {
        if let Some(words) = words {
            page.head(m.t(head));
            words.lines().for_each(|l| page.add(2, l, Meaning::Base));
        }
    }
    if let Some(s) = &card.explained {
        page.head(m.t("explain-factors"));
        let head = m.tf("explain-score", &[("score", &score(s.score)), ("band", &m.word("band", s.band)), ("p", &percent(s.probability))]);
        page.add(2, head, crate::console::view::band(s.band));
        for f in &s.contributions {
            let line = format!("{:>+6.2}  {}  {}", f.contribution, person::feature(p, &f.feature), person::figure(f.value));
            page.add(2, line, Meaning::Base);
        }
        if !s.missing.is_empty() {
            page.head(m.t("explain-missing"));
            s.missing.iter().for_each(|f| page.add(2, person::feature(p, f), Meaning::Warn));
        }
    }
    page.0
}

fn plan(p: &Paint<'_>, row: &PlanRow) -> Vec<Line> {
    let m = p.m;
    let plan = &row.plan;
    let mut page = Page::default();
    page.fact(m, &m.t("col-template"), m.word("plan-template", plan.body.template));
    page.fact(m, &m.t("col-state"), m.word("plan-state", plan.state));
    page.fact(m, &m.t("col-cost"), plan.body.cost_fen.map(money).unwrap_or_else(|| "-".into()));
    page.fact(m, &m.t("col-proposer"), format!("{}  {}", plan.proposer_name, stamp(plan.created_at, &m.zone)));
    if let (Some(by), Some(at)) = (&plan.approver_name, plan.approved_at) {
        page.fact(m, &m.t("plan-approver"), format!("{by}  {}", stamp(at, &m.zone)));
    }
    if let Some(at) = plan.delivered_at {
        page.fact(m, &m.t("plan-delivered"), stamp(at, &m.zone));
    }
    for (days, outcome) in [("days-90", plan.outcome_90), ("days-180", plan.outcome_180)] {
        if let Some(o) = outcome {
            page.fact(m, &m.t(days), m.word("plan-outcome", o));
        }
    }
    page.head(m.t("field-plan"));
    for line in plan.body.text.lines() {
        page.add(2, line, Meaning::Base);
    }
    page.0
}

fn entry(p: &Paint<'_>, row: &AuditRow) -> Vec<Line> {
    let m = p.m;
    let e = &row.entry;
    let mut page = Page::default();
    page.add(0, m.say(&row.what), Meaning::Title);
    page.fact(m, &m.t("col-at"), stamp(e.at, &m.zone));
    page.fact(m, &m.t("col-operator"), format!("{} ({})", e.operator_name, m.word("proof", e.proof)));
    page.fact(m, &m.t("entry-act"), &e.act);
    if let Some(purpose) = &e.purpose {
        page.fact(m, &m.t("entry-purpose"), purpose);
    }
    if let Some(n) = e.count {
        page.fact(m, &m.t("entry-count"), n.to_string());
    }
    for s in &row.subjects {
        page.fact(m, &m.t("col-subject"), format!("{} {}", s.name, s.number));
    }
    for i in &e.items {
        let version = |v: Option<i64>| v.map_or_else(|| "-".into(), |v| v.to_string());
        let change = format!("{}  {} {} {}", i.id, version(i.before), p.sym.to, version(i.after));
        page.fact(m, &m.word("entity", i.entity), change);
    }
    if let Some(note) = &row.note {
        page.head(m.t("field-note"));
        for line in note.lines() {
            page.add(2, line, Meaning::Base);
        }
    }
    page.head(m.t("entry-chain"));
    page.add(2, m.tf("entry-hash", &[("hash", &row.hash)]), Meaning::Muted);
    page.add(2, m.tf("entry-prev", &[("hash", &e.prev)]), Meaning::Muted);
    page.0
}

fn outcomes(p: &Paint<'_>, rows: &[(String, Option<Sentence>)]) -> Vec<Line> {
    let mut page = Page::default();
    // What was not done comes first: it is what is read for.
    for (label, why) in rows.iter().filter_map(|(l, w)| w.as_ref().map(|w| (l, w))) {
        page.add(0, format!("{} {label}", p.sym.alarm), Meaning::Warn);
        page.add(4, p.m.say(why), Meaning::Base);
    }
    for (label, _) in rows.iter().filter(|r| r.1.is_none()) {
        page.add(0, format!("{label}  {}", p.m.t("outcome-done")), Meaning::Good);
    }
    page.0
}
