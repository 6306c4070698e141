//! One person: card, score over time, and everything that happened in one scroll.

use super::{
    alerts, chart, layout,
    paint::Paint,
    state,
    table::{self, Cell, Column, widest},
};
use crate::{
    backend::{
        answer::{PersonCard, TimelineRow},
        query::TimelineKind,
    },
    console::{look::Meaning, model::dataset::Dataset},
    text::{day, score},
};
use ratatui::layout::Rect;
use strum::IntoEnumIterator;

pub fn draw(p: &mut Paint<'_>, body: Rect) {
    let m = p.m;
    let Some(pane) = &m.person else {
        let what = m.t("empty-person");
        p.wrap(Rect { x: body.x + 2, width: body.width.saturating_sub(4), ..body }, body.y + 2, &what, Meaning::Muted);
        return;
    };
    let (card_h, chart_h, head_h) = layout::person_heads(m);
    let card = Rect { height: card_h, ..body };
    match &pane.card.data {
        Dataset::Ready { value, .. } => {
            p.stale = m.is_stale();
            draw_card(p, card, value);
        }
        Dataset::Stale { value, .. } => {
            p.stale = true;
            draw_card(p, card, value);
        }
        Dataset::Failed(why) => {
            p.put(body.x, body.y, body.width, &pane.label, Meaning::Title);
            let what = m.say(&why.what);
            p.wrap(Rect { y: body.y + 1, ..card }, body.y + 1, &what, Meaning::Warn);
        }
        Dataset::NotAsked | Dataset::Loading => {
            p.put(body.x, body.y, body.width, &pane.label, Meaning::Title);
            let what = m.t("state-loading");
            p.put(body.x, body.y + 1, body.width, &what, Meaning::Muted);
        }
    }
    let plot = Rect { y: body.y + card_h, height: chart_h, ..body };
    match pane.series.data.value() {
        Some(points) if points.len() > 1 => chart::draw(p, plot, points),
        Some(_) if chart_h > 0 => {
            let what = m.t("empty-chart");
            p.put(plot.x + 2, plot.y + chart_h / 2, plot.width.saturating_sub(2), &what, Meaning::Muted);
        }
        _ => {}
    }
    p.stale = false;
    let y = body.y + card_h + chart_h;
    timeline(p, Rect { y, height: body.bottom().saturating_sub(y), ..body }, head_h);
}

fn draw_card(p: &mut Paint<'_>, area: Rect, c: &PersonCard) {
    let m = p.m;
    let who = &c.person;
    let sep = format!(" {} ", p.sym.between);
    // Who: what tells one 张伟 from another comes first and is never cut.
    let mut x = p.run(area.x, area.y, area.right(), &format!("{}  {}", who.name, who.number), Meaning::Title);
    let mut facts = vec![m.word("spell-state", who.state)];
    if let Some(day) = who.last_day {
        facts.push(m.tf("card-last-day", &[("day", &day.to_string())]));
    }
    facts.push(who.post.clone());
    facts.extend(who.critical.map(|k| m.word("critical-post", k)));
    facts.push(m.tf("card-impact", &[("impact", &m.word("impact", who.impact))]));
    for fact in facts.iter().filter(|f| !f.is_empty()) {
        x = p.run(x, area.y, area.right(), &sep, Meaning::Muted);
        x = p.run(x, area.y, area.right(), fact, Meaning::Base);
    }
    // Where, under whom, since when.
    let mut facts = vec![who.org.trim_start_matches('/').to_owned()];
    if let Some(name) = c.manager_name.as_ref().or(who.manager.as_ref()) {
        facts.push(m.tf("card-manager", &[("name", name)]));
    }
    facts.push(m.tf("card-since", &[("day", &who.started.to_string())]));
    facts.extend(c.earlier.first().map(|e| m.tf("card-earlier", &[("n", &c.earlier.len().to_string()), ("day", &e.0.to_string())])));
    facts.extend(who.email.clone());
    let mut x = area.x;
    for (i, fact) in facts.iter().filter(|f| !f.is_empty()).enumerate() {
        if i > 0 {
            x = p.run(x, area.y + 1, area.right(), &sep, Meaning::Muted);
        }
        x = p.run(x, area.y + 1, area.right(), fact, Meaning::Muted);
    }
    // How high, by what, as of when.
    let y = area.y + 2;
    match &c.score {
        Some(s) => {
            let cell = alerts::score_cell(p, Some(s.score), Some(s.band));
            let mut x = p.run(area.x, y, area.right(), &cell.text, cell.meaning);
            if let Some(mark) = c.contest {
                let due = mark.due_at.to_zoned(m.zone.clone()).date();
                let key = if mark.state.is_open() { "card-contested" } else { "card-score-withdrawn" };
                x = p.run(x, y, area.right(), &sep, Meaning::Muted);
                x = p.run(x, y, area.right(), &m.tf(key, &[("day", &due.to_string())]), Meaning::Warn);
            }
            let mut top: Vec<_> = s.contributions.iter().filter(|c| c.contribution > 0.0).collect();
            top.sort_by(|a, b| b.contribution.total_cmp(&a.contribution));
            let pushed: Vec<String> =
                top.iter().take(3).map(|c| format!("{} +{:.2}", short_feature(p, &c.feature), c.contribution)).collect();
            if !pushed.is_empty() {
                x = p.run(x, y, area.right(), &sep, Meaning::Muted);
                x = p.run(x, y, area.right(), &pushed.join("  "), Meaning::Base);
            }
            if !s.missing.is_empty() {
                let names: Vec<String> = s.missing.iter().map(|f| short_feature(p, f)).collect();
                x = p.run(x, y, area.right(), &sep, Meaning::Muted);
                x = p.run(x, y, area.right(), &m.tf("card-missing", &[("features", &names.join(", "))]), Meaning::Warn);
            }
            // Which model and as of when is in the explanation; here it is for screens that have the room.
            if area.width >= super::layout::WIDE {
                x = p.run(x, y, area.right(), &sep, Meaning::Muted);
                let args = [("model", s.model.as_str()), ("version", s.model_version.as_str()), ("day", &s.as_of.to_string())];
                p.run(x, y, area.right(), &m.tf("card-model", &args), Meaning::Muted);
            }
        }
        None => {
            p.put(area.x, y, area.width, &m.t("card-no-score"), Meaning::Muted);
        }
    }
    // What is being done.
    let y = area.y + 3;
    match &c.alert {
        Some(r) => {
            let clocks = alerts::clocks(p, r);
            let busy = m.is_busy(r.alert.id.into());
            let state = if busy { m.t("state-acting") } else { m.word("alert-state", r.alert.state) };
            let mut x = p.run(area.x, y, area.right(), &m.tf("card-alert", &[("state", &state)]), Meaning::Base);
            let facts = [
                (r.owner.as_ref().map(|o| m.tf("card-owner", &[("name", o)])).unwrap_or_default(), Meaning::Base),
                (
                    if r.alert.escalation > 0 {
                        m.tf("card-level", &[("level", &m.t(&format!("escalation-{}", r.alert.escalation.min(3))))])
                    } else {
                        String::new()
                    },
                    Meaning::Notice,
                ),
                (if r.pending { m.t("card-pending") } else { String::new() }, Meaning::Notice),
            ];
            for (text, meaning) in clocks.into_iter().chain(facts) {
                if !text.is_empty() {
                    x = p.run(x, y, area.right(), &sep, Meaning::Muted);
                    x = p.run(x, y, area.right(), &text, meaning);
                }
            }
        }
        None => {
            p.put(area.x, y, area.width, &m.t("card-no-alert"), Meaning::Muted);
        }
    }
    if !c.homonyms.is_empty() {
        let others: Vec<String> = c.homonyms.iter().map(|h| format!("{} {} {}", h.number, super::unit(&h.org), h.post)).collect();
        let n = c.homonyms.len().to_string();
        let text = format!("{} {}", p.sym.alarm, m.tf("card-homonyms", &[("n", &n), ("others", &others.join(", "))]));
        p.put(area.x, area.y + 4, area.width, &text, Meaning::Warn);
    }
}

/// Name of a feature in a word, where there is little room.
fn short_feature(p: &Paint<'_>, name: &str) -> String {
    let key = format!("short-feature-{}", name.replace('_', "-"));
    if p.m.texts.has(&key) { p.m.t(&key) } else { feature(p, name) }
}

/// Name of a feature; a customer's own model may bring one that has no text.
pub fn feature(p: &Paint<'_>, name: &str) -> String {
    let key = format!("feature-{}", name.replace('_', "-"));
    if p.m.texts.has(&key) { p.m.t(&key) } else { name.to_owned() }
}

fn timeline(p: &mut Paint<'_>, area: Rect, head: u16) {
    let m = p.m;
    let Some(pane) = &m.person else { return };
    let kind = pane.kind.map_or_else(|| m.t("timeline-all"), |k| m.word("timeline-kind", k));
    let title = m.tf("timeline-title", &[("kind", &kind)]);
    p.rule(area, area.y, &title);
    // The table's own head line is this rule.
    let below = Rect { y: area.y + head, height: area.height.saturating_sub(head), ..area };
    if state::list(p, below, &pane.list, "empty-timeline") {
        return;
    }
    let kinds: Vec<String> = TimelineKind::iter().map(|k| m.word("timeline-kind", k)).collect();
    let columns = [
        Column { title: String::new(), width: 10, priority: 0, flex: false },
        Column { title: String::new(), width: widest(&kinds), priority: 0, flex: false },
        Column { title: String::new(), width: 20, priority: 0, flex: true },
    ];
    let rows = Rect { y: below.y.saturating_sub(1), height: below.height + 1, ..below };
    table::draw(p, rows, &columns, &pane.list, |p, r| vec![Cell::base(day(r.at, &p.m.zone)), kind_cell(p, r.kind), Cell::base(line(p, r))]);
    p.rule(area, area.y, &title);
}

fn kind_cell(p: &Paint<'_>, kind: TimelineKind) -> Cell {
    let meaning = match kind {
        TimelineKind::Alert => Meaning::Warn,
        TimelineKind::Talk | TimelineKind::Plan => Meaning::Good,
        TimelineKind::Score => Meaning::Chart,
        TimelineKind::Signal => Meaning::Base,
        TimelineKind::Act => Meaning::Muted,
    };
    Cell::new(p.m.word("timeline-kind", kind), meaning)
}

fn line(p: &Paint<'_>, r: &TimelineRow) -> String {
    let mut text = p.m.say(&r.what);
    if let Some(note) = r.note.as_ref().filter(|n| !n.is_empty()) {
        text.push_str("  ");
        text.push_str(&note.replace('\n', " "));
    }
    // The sentence of an act names who did it already.
    if let Some(by) = r.by.as_ref().filter(|by| !text.contains(by.as_str())) {
        text.push_str(&format!("  ({by})"));
    }
    text
}

/// A figure of a feature, short.
pub fn figure(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { score(0.0) } else { text.to_owned() }
}
