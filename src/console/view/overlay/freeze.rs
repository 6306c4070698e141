//! The plan before anything is asked for.

use super::column;
use crate::{
    console::{
        look::Meaning,
        model::{
            Model,
            dataset::Dataset,
            freeze::{HOWS, PlanView, Planning},
            overlay::Overlay,
        },
        view::{layout::regions, paint::Paint},
    },
    domain::freeze::{Mode, lines},
    text,
};
use ratatui::layout::Rect;

/// Lines above the plan's own.
const HEAD: u16 = 3;

/// The furthest scroll position and the lines of a page of the open plan.
pub fn scroll(m: &Model) -> (usize, usize) {
    let Some(Overlay::FreezePlan(view)) = m.overlay.as_ref().map(|o| &o.what) else { return (0, 0) };
    let body = regions(m.size).body;
    let page = usize::from(body.height.saturating_sub(HEAD)).max(1);
    (wrapped(m, view, body.width).len().saturating_sub(page), page)
}

pub fn plan(p: &mut Paint<'_>, view: &PlanView, body: Rect) {
    let m = p.m;
    let title = m.t(if matches!(view.about, Planning::Freeze(_)) { "plan-title" } else { "thaw-title" });
    p.rule(body, body.y, &title);
    p.put(body.x + 2, body.y + 1, body.width.saturating_sub(4), &view.label, Meaning::Selection);
    let mut x = body.x + 2;
    if matches!(view.about, Planning::Freeze(_)) {
        let names: Vec<String> = HOWS.iter().map(|(level, mode)| m.word("how", format!("{level}-{mode}"))).collect();
        // Where they have no room side by side, the one that is meant and how many there are.
        let narrow = names.iter().map(|n| text::width(n) + 2).sum::<usize>() > usize::from(body.width.saturating_sub(2));
        if narrow {
            let name = format!("[{}]", names.get(view.how).map(String::as_str).unwrap_or_default());
            x = p.run(x, body.y + 2, body.right(), &name, Meaning::Focus);
            p.run(x + 1, body.y + 2, body.right(), &format!("{}/{}", view.how + 1, HOWS.len()), Meaning::Muted);
        }
        for (i, name) in names.iter().enumerate().filter(|_| !narrow) {
            let chosen = i == view.how;
            let (name, meaning) = if chosen { (format!("[{name}]"), Meaning::Focus) } else { (format!(" {name} "), Meaning::Muted) };
            x = p.run(x, body.y + 2, body.right(), &name, meaning);
        }
    }
    let mut y = body.y + HEAD;
    if view.meant().1 == Mode::Planned && matches!(view.about, Planning::Freeze(_)) {
        let label = m.t("field-run-at");
        let x = p.run(body.x + 2, y, body.right(), &format!("{label} "), Meaning::Key);
        p.input(x, y, body.right().saturating_sub(x), &view.when, view.typing);
        let x = x + u16::try_from(text::width(view.when.text())).unwrap_or(0) + 2;
        let hint = m.t(if view.typing { "run-at-typing" } else { "run-at-key" });
        p.run(x, y, body.right(), &hint, Meaning::Muted);
        y += 1;
    }
    if let Some(fault) = &view.fault {
        let what = m.say(fault);
        p.put(body.x + 2, y, body.width.saturating_sub(4), &what, Meaning::Danger);
        return;
    }
    let place = Rect { y, height: body.bottom().saturating_sub(y), ..body };
    match &view.plan.data {
        Dataset::Failed(why) => {
            let what = m.say(&why.what);
            p.wrap(column(place), y, &what, Meaning::Warn);
        }
        d if d.value().is_none() => {
            let what = m.t("plan-reading");
            p.put(body.x + 2, y, body.width, &what, Meaning::Muted);
        }
        _ => {
            let all = wrapped(m, view, body.width);
            for (y, (text, meaning)) in (y..body.bottom()).zip(all.iter().skip(view.top)) {
                p.put(body.x + 2, y, body.width.saturating_sub(3), text, *meaning);
            }
            if view.top + usize::from(place.height) < all.len() {
                p.put(body.right().saturating_sub(1), body.bottom().saturating_sub(1), 1, p.sym.down, Meaning::Muted);
            }
        }
    }
}

fn wrapped(m: &Model, view: &PlanView, width: u16) -> Vec<(String, Meaning)> {
    let Some(plan) = view.plan.data.value() else { return Vec::new() };
    let cols = usize::from(width.saturating_sub(5)).clamp(20, 110);
    let mut out = Vec::new();
    if let Some((why, was)) = &view.changed {
        let mut add = |text: String, meaning| out.extend(text::wrap(&text, cols).into_iter().map(|l| (l, meaning)));
        add(m.say(why), Meaning::Danger);
        let all = lines::differences(was, plan);
        add(m.t(if all.is_empty() { "plan-changed-none" } else { "plan-changed" }), Meaning::Base);
        for (new, line) in &all {
            let (sign, meaning) = if *new { ("+", Meaning::Notice) } else { ("-", Meaning::Muted) };
            add(format!("{sign} {}", m.say(line)), meaning);
        }
        out.push((String::new(), Meaning::Base));
    }
    for line in lines::plan_lines(plan) {
        let meaning = match line.code.as_ref() {
            "plan-head" | "plan-target" => Meaning::Title,
            "plan-blocked" => Meaning::Danger,
            "plan-residual" if plan.residual_seconds != Some(0) => Meaning::Warn,
            "gap-open" => Meaning::Warn,
            "plan-hash" => Meaning::Muted,
            code if code.starts_with("freeze-") => {
                if plan.blocked.contains(&line) {
                    Meaning::Danger
                } else {
                    Meaning::Warn
                }
            }
            _ => Meaning::Base,
        };
        // What goes on stands below its beginning, not below that of the target.
        let said = m.say(&line);
        let body = said.trim_start();
        let indent = said.len() - body.len();
        let rows = text::wrap(body, cols.saturating_sub(indent).max(8));
        out.extend(rows.into_iter().map(|l| (format!("{}{l}", " ".repeat(indent)), meaning)));
    }
    out
}
