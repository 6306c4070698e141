//! The search for a person: everybody who fits, told apart by number, unit, post and state.

use super::{column, title};
use crate::{
    console::{
        look::Meaning,
        model::{
            Model,
            dataset::Dataset,
            find::{Find, Finding},
        },
        view::{paint::Paint, unit},
    },
    domain::person::PersonRef,
};
use ratatui::layout::Rect;

/// Number and name, then what tells apart those who are called the same.
pub fn named(m: &Model, who: &PersonRef) -> String {
    let facts = [m.word("spell-state", who.state), who.post.clone(), unit(&who.org)];
    std::iter::once(format!("{}  {}", who.number, who.name)).chain(facts).collect::<Vec<_>>().join("  ")
}

pub fn draw(p: &mut Paint<'_>, find: &Find, body: Rect) {
    let m = p.m;
    let head = m.t(match find.what {
        Finding::Account => "find-title",
        Finding::Taker { .. } => "find-taker-title",
        Finding::Collector { .. } => "find-collector-title",
    });
    let mut y = match find.on() {
        Some(on) => title(p, body, &head, on),
        None => {
            p.rule(body, body.y, &head);
            body.y + 1
        }
    };
    let label = m.t("find-label");
    let x = p.run(body.x + 2, y, body.right(), &format!("{label} "), Meaning::Key);
    p.input(x, y, body.right().saturating_sub(x), &find.line, true);
    y += 2;
    if let Some((what, meaning)) = about(m, find) {
        p.put(body.x + 2, y, body.width.saturating_sub(3), &what, meaning);
        y += 1;
    }
    if let Dataset::Failed(why) = &find.found.data {
        let what = m.say(&why.what);
        y = p.wrap(column(body), y, &what, Meaning::Warn);
    }
    let rows = find.rows();
    let room = usize::from(body.bottom().saturating_sub(y)).max(1);
    let top = (find.at + 1).saturating_sub(room);
    for (y, (i, who)) in (y..body.bottom()).zip(rows.iter().enumerate().skip(top)) {
        row(p, find, Rect { y, height: 1, ..body }, *who, i == find.at);
    }
    if top + room < rows.len() {
        p.put(body.right().saturating_sub(1), body.bottom().saturating_sub(1), 1, p.sym.down, Meaning::Muted);
    }
}

/// What the rows are, or why there are none.
fn about(m: &Model, find: &Find) -> Option<(String, Meaning)> {
    let people = match &find.found.data {
        Dataset::NotAsked | Dataset::Failed(_) => return None,
        Dataset::Loading => return Some((m.t("state-loading"), Meaning::Muted)),
        Dataset::Ready { value, .. } | Dataset::Stale { value, .. } => value,
    };
    let account = matches!(find.what, Finding::Account);
    if people.is_empty() && !find.asked.is_empty() {
        let key = if account { "find-nobody" } else { "find-nobody-begins" };
        return Some((m.tf(key, &[("text", &find.asked)]), Meaning::Warn));
    }
    if find.more {
        return Some((m.tf("find-more", &[("n", &people.len().to_string())]), Meaning::Warn));
    }
    // A whole name leads to everybody who has it; a part of one only sometimes to people who share it.
    let same = people.iter().filter(|p| account || people.iter().filter(|q| q.name == p.name).count() > 1).count();
    if same > 1 {
        return Some((m.tf("find-several", &[("n", &same.to_string())]), Meaning::Warn));
    }
    (!account && find.asked.is_empty()).then(|| (m.t("find-unit"), Meaning::Muted))
}

fn row(p: &mut Paint<'_>, find: &Find, area: Rect, who: Option<&PersonRef>, here: bool) {
    let m = p.m;
    let (x, y, end) = (area.x + 2, area.y, area.right().saturating_sub(1));
    p.put(area.x, y, 1, if here { p.sym.cursor } else { " " }, Meaning::Selection);
    let Some(who) = who else {
        p.run(x, y, end, &m.t("pick-pool"), if here { Meaning::Selection } else { Meaning::Base });
        return;
    };
    let off = find.refused(who).is_some();
    // The number first: it is what tells one 张伟 from another.
    let name = format!("{}  {}", who.number, who.name);
    let meaning = match (here, off) {
        (true, _) => Meaning::Selection,
        (_, true) => Meaning::Muted,
        _ => Meaning::Base,
    };
    let mut x = p.run(x, y, end, &name, meaning);
    let state = m.word("spell-state", who.state);
    let state = if off { (m.tf("find-cannot", &[("state", &state)]), Meaning::Warn) } else { (state, Meaning::Base) };
    let quiet = if off { Meaning::Muted } else { Meaning::Base };
    for (fact, meaning) in [state, (who.post.clone(), quiet), (unit(&who.org), quiet)] {
        x = p.run(x, y, end, &format!(" {} ", p.sym.between), Meaning::Muted);
        x = p.run(x, y, end, &fact, meaning);
    }
}
