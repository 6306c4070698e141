//! Header, tabs, status line, footer: the same in every pane.

use super::paint::Paint;
use crate::{
    console::{
        command::{
            COMMANDS, CommandId, Scope,
            enabled::{enabled, is_personal},
            row,
        },
        look::Meaning,
        model::{AuditTab, Link, Lock, LockedBy, Pane, Tone, offboarding::CaseTab, overlay::Overlay},
        update::{act, lists, overlay::palette::matches as palette_matches},
    },
    text::{self, width},
};
use ratatui::layout::Rect;

const TABS: [(Pane, CommandId, &str); 10] = [
    (Pane::Today, CommandId::GoToday, "tab-today"),
    (Pane::Alerts, CommandId::GoAlerts, "tab-alerts"),
    (Pane::People, CommandId::GoPeople, "tab-people"),
    (Pane::Person, CommandId::GoTimeline, "tab-person"),
    (Pane::Plans, CommandId::GoPlans, "tab-plans"),
    (Pane::Approvals, CommandId::GoApprovals, "tab-approvals"),
    (Pane::Offboarding, CommandId::GoOffboarding, "tab-offboarding"),
    (Pane::Freezes, CommandId::GoFreezes, "tab-freezes"),
    (Pane::Audit, CommandId::GoAudit, "tab-audit"),
    (Pane::Admin, CommandId::GoAdmin, "tab-admin"),
];

/// Below the least size there is only room to say so.
pub fn too_small(p: &mut Paint<'_>, area: Rect) {
    let (w, h) = super::layout::LEAST;
    let args = [("w", w.to_string()), ("h", h.to_string()), ("aw", area.width.to_string()), ("ah", area.height.to_string())];
    let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let what = p.m.tf("too-small", &args);
    p.wrap(area, area.y, &what, Meaning::Base);
}

/// Company, made-data mark, environment; at the right LOCKED with what set it, identity and its proof, freshness.
///
/// Only names give way to one another: the company's first, then the operator's, then the environment's; never a proof, a mark or an age.
pub fn header(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let (fresh, meaning) = match (m.stale(), &m.link) {
        (Some((since, _)), _) => {
            let age = p.age(since);
            (m.tf("link-lost", &[("age", &age)]), Meaning::Danger)
        }
        (None, Link::Opening) => (m.t("link-opening"), Meaning::Muted),
        (None, _) => match m.skew {
            None => (m.t("link-up"), Meaning::Good),
            Some(skew) => {
                let key = if skew.is_positive() { "link-clock-behind" } else { "link-clock-ahead" };
                (m.tf(key, &[("seconds", &skew.as_secs().abs().to_string())]), Meaning::Warn)
            }
        },
    };
    let gap = |text: &str| if text.is_empty() { 0 } else { width(text) + 2 };
    let proof = format!(" ({})", m.word("proof", m.who.proof));
    let made = if m.made { m.t("header-made") } else { String::new() };
    let company = m.home.data.value().map_or_else(String::new, |h| h.company.clone());
    let company = if company.is_empty() { "tenure".to_owned() } else { company };
    let (name, place) = (m.who.name.as_str(), m.environment.as_str());
    let (mut name_w, mut place_w, mut company_w) = (width(name).min(6), width(place).min(6), width(&company).min(6));
    // Two columns stand between the left and the right.
    let fixed = gap(&fresh) + gap(&proof) + gap(&made) + usize::from(!place.is_empty()) * 2 + name_w + place_w;
    let all = usize::from(area.width).saturating_sub(fixed);
    let least = if m.lock == Lock::Open { 0 } else { width(&m.t("header-locked")) + 4 };
    company_w = company_w.min(all.saturating_sub(least));
    // Two dots are nobody's name.
    company_w = if company_w < 4 { 0 } else { company_w };
    let room = all.saturating_sub(company_w);
    // In full with the key that lifts it; then without the key; then that it is locked at all.
    let locked = locks(p).into_iter().find(|l| width(l) + 4 <= room).unwrap_or_else(|| short_lock(p));
    let mut room = room.saturating_sub(if locked.is_empty() { 0 } else { width(&locked) + 4 });
    for (text, most, w) in [(name, 14, 0), (place, 12, 1), (name, usize::MAX, 0), (place, usize::MAX, 1), (company.as_str(), usize::MAX, 2)]
    {
        let w = match w {
            0 => &mut name_w,
            1 => &mut place_w,
            _ => &mut company_w,
        };
        let more = width(text).min(most).saturating_sub(*w).min(room);
        (*w, room) = (*w + more, room - more);
    }
    let mut right = p.put_right(area.right(), area.y, &fresh, meaning);
    let who = format!("{}{proof}", text::fit(name, name_w));
    right = p.put_right(right.saturating_sub(2), area.y, &who, Meaning::Base);
    if !locked.is_empty() {
        right = p.put_right(right.saturating_sub(2), area.y, &format!(" {locked} "), Meaning::Locked);
    }
    let mut x = p.run(area.x, area.y, right, &text::fit(&company, company_w), Meaning::Title);
    // Where the company has no room at all the mark stands first.
    let lead = if company_w == 0 { 0 } else { 2 };
    if m.made {
        x = p.run(x + lead, area.y, right, &made, Meaning::Made);
    }
    if !place.is_empty() {
        p.run(x + 2, area.y, right, &text::fit(place, place_w), Meaning::Environment);
    }
}

fn short_lock(p: &Paint<'_>) -> String {
    if p.m.lock == Lock::Open { String::new() } else { p.m.t("header-locked") }
}

/// That acts are off, what set that and which key lifts it, the longest first.
fn locks(p: &Paint<'_>) -> Vec<String> {
    let m = p.m;
    let by = m.word("locked-by", m.locked_by);
    let key = m.keys.keys_of(&[Scope::Global], CommandId::AppLock).map(|k| k.shown()).unwrap_or_default();
    let own = [("by", by.as_str()), ("key", key.as_str())];
    match (m.lock, m.locked_by) {
        (Lock::Open, _) => Vec::new(),
        (Lock::Own, LockedBy::Night) if !key.is_empty() => vec![m.tf("header-locked-by-own", &own), m.tf("header-locked-by", &own)],
        (Lock::Own, _) if !key.is_empty() => vec![m.tf("header-locked-own", &own)],
        _ => vec![m.tf("header-locked-by", &own)],
    }
}

/// The panes and their keys; the open one is marked. Where there is less room the gaps go first, then the names that are furthest from the
/// open pane; every key stays.
pub fn tabs(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let open = match m.pane {
        Pane::Case => Pane::Offboarding,
        Pane::Order => Pane::Freezes,
        pane => pane,
    };
    let open = TABS.iter().position(|t| t.0 == open).unwrap_or(0);
    let names: Vec<String> = TABS.iter().map(|t| m.t(t.2)).collect();
    let keys: Vec<String> = TABS.iter().map(|t| m.keys.keys_of(&[Scope::Global], t.1).map(|c| c.shown()).unwrap_or_default()).collect();
    // Each name has a bracket or a space on either side.
    let cols: Vec<usize> = names.iter().map(|n| width(n) + 2).collect();
    let keyed: usize = keys.iter().map(|k| width(k)).sum();
    let (full, room) = (keyed + cols.iter().sum::<usize>(), usize::from(area.width));
    let gap = u16::from(full > room || full + TABS.len() <= room + 1);
    let mut left = (room + 1).saturating_sub(keyed + TABS.len());
    let mut nearest: Vec<usize> = (0..TABS.len()).collect();
    nearest.sort_by_key(|i| i.abs_diff(open));
    let mut named = 0;
    while let Some(cols) = nearest.get(named).and_then(|i| cols.get(*i)).filter(|cols| full <= room || **cols <= left) {
        left = left.saturating_sub(*cols);
        named += 1;
    }
    let mut x = area.x;
    for (i, (name, key)) in names.iter().zip(&keys).enumerate() {
        x = p.run(x, area.y, area.right(), key, Meaning::Key);
        if i == open {
            // The brackets take the place of spaces. Nothing touches them where there is a column for it.
            x = p.run(x, area.y, area.right(), &format!("[{name}]"), Meaning::Focus) + u16::from(gap == 0 && full < room);
        } else if nearest.iter().take(named).any(|n| *n == i) {
            x = p.run(x, area.y, area.right(), &format!(" {name} "), Meaning::Base);
        }
        x += gap;
    }
}

/// The line above the footer: a filter being typed, a notice, or what the list shows.
pub fn status(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    if let Some(Overlay::Filter(line)) = m.overlay.as_ref().map(|o| &o.what) {
        let x = p.run(area.x, area.y, area.right(), "/", Meaning::Key);
        p.input(x, area.y, area.right().saturating_sub(x), line, true);
        if let Some(n) = &m.notice {
            let what = m.say(&n.what);
            let above = Rect { y: area.y.saturating_sub(1), ..area };
            notice(p, above, &what, n.tone);
        }
        return;
    }
    if let Some(n) = &m.notice {
        let what = m.say(&n.what);
        return notice(p, area, &what, n.tone);
    }
    if let Some(Overlay::Palette(palette)) = m.overlay.as_ref().map(|o| &o.what) {
        // In full, what the row had no room for.
        if let Some(c) = palette_matches(m, palette.query.text()).get(palette.at) {
            match enabled(m, c.id) {
                Ok(()) => p.put(area.x, area.y, area.width, &m.t(&c.help()), Meaning::Muted),
                Err(why) => {
                    let what = m.say(&why);
                    notice(p, area, &what, Tone::Warn);
                    0
                }
            };
        }
        return;
    }
    if let Some((n, at)) = act::unsettled(m) {
        let left = p.left(at);
        let what = m.tf("status-unsettled", &[("n", &n.to_string()), ("left", &left)]);
        p.put(area.x, area.y, area.width, &what, Meaning::Warn);
        return;
    }
    if let Some((_, why)) = m.stale() {
        let mut what = m.say(&why.what);
        if let Link::Lost { tries, .. } = &m.link {
            what = m.tf("link-again", &[("tries", &(tries + 1).to_string()), ("why", &what)]);
        }
        p.put(area.x, area.y, area.width, &what, Meaning::Warn);
        return;
    }
    if m.overlay.is_none() {
        context(p, area);
    }
}

/// A notice may be as long as a refusal that names who was first: it grows upwards, over the list.
fn notice(p: &mut Paint<'_>, area: Rect, what: &str, tone: Tone) {
    let (meaning, sign) = match tone {
        Tone::Good => (Meaning::Good, ""),
        Tone::Info => (Meaning::Notice, ""),
        Tone::Warn => (Meaning::Warn, "! "),
    };
    let lines = text::wrap(&format!("{sign}{what}"), usize::from(area.width));
    let shown = lines.len().min(4);
    let first = area.y.saturating_sub(u16::try_from(shown - 1).unwrap_or(0));
    for (y, line) in (first..=area.y).zip(&lines) {
        p.put(area.x, y, area.width, &text::fit(line, usize::from(area.width)), meaning);
    }
}

/// View, filter and marks: what the list is of. Says nothing that a move changes.
fn context(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let mut parts = Vec::new();
    match m.pane {
        Pane::Alerts => parts.push(m.word("alert-view", m.alerts.view)),
        Pane::Offboarding if m.board.duties => parts.push(m.t("case-view-duties")),
        Pane::Offboarding => parts.push(m.word("case-view", m.board.view)),
        Pane::Case => {
            if let Some(pane) = &m.case {
                parts.push(m.word("case-tab", pane.tab));
            }
        }
        Pane::Person => {
            if let Some(pane) = &m.person {
                parts.push(pane.kind.map_or_else(|| m.t("timeline-all"), |k| m.word("timeline-kind", k)));
            }
        }
        Pane::Plans => parts.push(m.t("plans-tab")),
        Pane::Approvals => parts.extend(waiting(p)),
        Pane::Audit => parts.push(m.t(if m.audit.tab == AuditTab::Acts { "audit-acts" } else { "audit-access" })),
        Pane::Freezes => parts.push(m.word("freeze-view", m.freezes.view)),
        Pane::Order => parts.extend(own(p)),
        Pane::Admin => parts.extend(super::admin::hint(m)),
        Pane::Today | Pane::People => {}
    }
    let filter = lists::filter_text(m);
    if !filter.is_empty() {
        parts.push(m.tf("status-filter", &[("text", filter)]));
    }
    let (marks, more) = match m.pane {
        Pane::Alerts => (m.alerts.list.marks(), m.alerts.list.data.value().is_some_and(|w| w.more().1)),
        Pane::Today => (m.today.urgent.marks(), false),
        Pane::Case => (m.case.as_ref().map_or(0, |c| c.list.marks()), false),
        _ => (0, false),
    };
    if marks > 0 {
        // "All" is all that was loaded: nobody may think that an act reaches the rest.
        let all = more && marks >= m.alerts.list.rows().len();
        parts.push(m.tf(if all { "status-marked-loaded" } else { "status-marked" }, &[("n", &marks.to_string())]));
    }
    let mut x = area.x;
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            x = p.run(x, area.y, area.right(), &format!(" {} ", p.sym.between), Meaning::Muted);
        }
        x = p.run(x, area.y, area.right(), part, if i == 0 { Meaning::Muted } else { Meaning::Notice });
    }
}

/// How many approvals wait, and how many of them for somebody else than who looks.
fn waiting(p: &Paint<'_>) -> Option<String> {
    let m = p.m;
    let list = &m.approvals.list;
    let more = list.data.value()?.more().1;
    let own = list.rows().iter().filter(|r| r.approval.proposer == m.who.operator).count();
    let n = format!("{}{}", list.rows().len(), if more { "+" } else { "" });
    Some(m.tf("approvals-tab", &[("n", &n), ("own", &own.to_string())]))
}

/// Which keys of an order are for somebody else than who looks at it.
fn own(p: &Paint<'_>) -> Option<String> {
    let m = p.m;
    let ids = COMMANDS.iter().filter(|c| c.footer > 0 && not_mine(p, c.id)).map(|c| c.id);
    let keys: Vec<String> = ids.filter_map(|id| Some(m.keys.keys_of(m.scopes(), id)?.shown())).collect();
    (!keys.is_empty()).then(|| m.tf("order-own", &[("keys", &keys.join(" "))]))
}

/// Keys from the table: those of the pane by their place in the footer, and the general ones at the right.
pub fn footer(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    if let Some(open) = &m.overlay {
        let hint = m.t(super::overlay::hint(m, &open.what));
        p.put(area.x, area.y, area.width, &hint, Meaning::Muted);
        return;
    }
    if !m.chord.is_empty() {
        return which_key(p, area);
    }
    let mut rows: Vec<_> = COMMANDS.iter().filter(|c| c.footer > 0 && m.scopes().contains(&c.scope) && !hidden(p, c.id)).collect();
    rows.sort_by_key(|c| c.footer);
    let shown: Vec<(u8, String, String)> = rows
        .iter()
        .filter_map(|c| {
            // In brackets what is for somebody else.
            let title = short(p, c.id);
            let title = if not_mine(p, c.id) { format!("({title})") } else { title };
            Some((c.footer, m.keys.keys_of(m.scopes(), c.id)?.shown(), title))
        })
        .collect();
    let cols = |key: &str, title: &str| u16::try_from(width(key) + 1 + width(title) + 2).unwrap_or(0);
    let tail: u16 = shown.iter().filter(|s| s.0 >= 30).map(|s| cols(&s.1, &s.2)).sum();
    let end = area.right().saturating_sub(tail.min(area.width / 2));
    let mut x = area.x;
    for (_, key, title) in shown.iter().filter(|s| s.0 < 30) {
        if x + cols(key, title) > end + 1 {
            break;
        }
        x = p.run(x, area.y, end, key, Meaning::Key);
        x = p.run(x + 1, area.y, end, title, Meaning::Base) + 2;
    }
    let mut x = end;
    for (_, key, title) in shown.iter().filter(|s| s.0 >= 30) {
        x = p.run(x, area.y, area.right(), key, Meaning::Key);
        x = p.run(x + 1, area.y, area.right(), title, Meaning::Base) + 2;
    }
}

/// Whether a command on the order that is shown is for somebody else.
fn not_mine(p: &Paint<'_>, id: CommandId) -> bool {
    matches!(row(id).scope, Scope::Freeze | Scope::Order | Scope::Approvals) && enabled(p.m, id).is_err_and(|why| is_personal(&why))
}

/// Commands that a pane never has are not worth their place in the footer; the palette shows them with the reason.
fn hidden(p: &Paint<'_>, id: CommandId) -> bool {
    use CommandId::{AlertReopen, ListFilter, ListMark, ListNextView, PersonAnswer, PersonContest};
    match (id, p.m.pane) {
        _ if p.m.is_empty_home() && p.m.pane == Pane::Today => !matches!(row(id).scope, Scope::Global | Scope::Start),
        // Somebody without an alert has nothing that the acts could be about.
        (id, Pane::Person) if row(id).scope == Scope::Work && no_alert(p) => true,
        (AlertReopen, Pane::Alerts) => {
            !matches!(p.m.alerts.view, crate::backend::query::AlertView::Closed | crate::backend::query::AlertView::All)
        }
        (AlertReopen, _) => true,
        // One or the other: a contest is recorded, or it is answered.
        (PersonContest | PersonAnswer, _) => {
            enabled(p.m, id).is_err_and(|why| matches!(why.code.as_ref(), "off-contested" | "off-not-contested"))
        }
        (ListMark, _) => !crate::console::command::enabled::marks(p.m),
        (ListFilter, Pane::Offboarding) => p.m.board.duties,
        (ListFilter, pane) => matches!(pane, Pane::Today | Pane::Person | Pane::Approvals | Pane::Order | Pane::Case | Pane::Admin),
        (ListNextView, pane) => matches!(pane, Pane::Today | Pane::People | Pane::Plans | Pane::Approvals | Pane::Order),
        (id, Pane::Freezes | Pane::Order) if row(id).scope == Scope::Freeze => enabled(p.m, id).is_err_and(|why| !is_personal(&why)),
        // Each tab of a case has its own acts.
        (id, Pane::Case) if row(id).scope == Scope::Case => !of_tab(p, id),
        _ => false,
    }
}

/// Whether a command belongs to the tab of the case that is shown, and to a case as far as it has come.
fn of_tab(p: &Paint<'_>, id: CommandId) -> bool {
    use CommandId::{CaseAccept, CaseAssign, CaseDuty, CaseReturn, CaseSubmit, CaseTransfer, CaseWaive};
    let tab = p.m.case.as_ref().map(|c| c.tab).unwrap_or_default();
    match id {
        CaseDuty => tab == CaseTab::Duties,
        CaseSubmit | CaseAccept | CaseReturn | CaseAssign | CaseWaive | CaseTransfer => tab == CaseTab::Items,
        _ => enabled(p.m, id).is_ok(),
    }
}

/// Whether the person who is shown is known to have no open alert.
fn no_alert(p: &Paint<'_>) -> bool {
    p.m.person.as_ref().and_then(|pane| pane.card.data.value()).is_some_and(|card| card.alert.is_none())
}

/// The title where there is little room.
fn short(p: &Paint<'_>, id: CommandId) -> String {
    if id == CommandId::ListOpen && p.m.pane == Pane::Person {
        return p.m.t("footer-explain");
    }
    if id == CommandId::ListOpen && p.m.pane == Pane::Approvals {
        return p.m.t("footer-decide");
    }
    let title = row(id).title();
    let short = format!("{title}-short");
    p.m.t(if p.m.texts.has(&short) { &short } else { &title })
}

/// What may follow the keys pressed so far.
fn which_key(p: &mut Paint<'_>, area: Rect) {
    let m = p.m;
    let begun = crate::console::command::key::Chord(m.chord.clone()).shown();
    let mut x = p.run(area.x, area.y, area.right(), &format!("{begun}-"), Meaning::Focus) + 1;
    for (rest, id) in m.keys.after(m.scopes(), &m.chord) {
        let title = short(p, id);
        if usize::from(x) + width(&rest.shown()) + width(&title) + 3 > usize::from(area.right()) {
            break;
        }
        x = p.run(x, area.y, area.right(), &rest.shown(), Meaning::Key);
        x = p.run(x + 1, area.y, area.right(), &title, Meaning::Base) + 2;
    }
}
