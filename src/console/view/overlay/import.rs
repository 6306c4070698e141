//! Loading a file: the form, a bar, the outcome.

use super::column;
use crate::{
    console::{
        look::Meaning,
        model::import::{Import, Imported, KINDS, Part, Run},
        view::{paint::Paint, table::widest},
    },
    text::number::thousands,
};
use jiff::Timestamp;
use ratatui::layout::Rect;

/// Columns of the bar.
const BAR: usize = 20;

pub fn draw(p: &mut Paint<'_>, form: &Import, body: Rect) {
    let title = p.m.t("load-title");
    p.rule(body, body.y, &title);
    let inner = column(body);
    let y = fields(p, form, inner, body.y + 2) + 1;
    match &form.run {
        Run::Asked => asked(p, form, inner, y),
        Run::Going { begun, part, .. } => going(p, inner, y, *begun, part),
        Run::Done(done) => outcome(p, inner, y, done),
    }
}

fn fields(p: &mut Paint<'_>, form: &Import, inner: Rect, y: u16) -> u16 {
    let m = p.m;
    let labels = ["load-kind", "load-file", "load-map"].map(|key| m.t(key));
    let indent = (widest(&labels) + 2).min(inner.width / 3);
    let open = matches!(form.run, Run::Asked);
    for (i, (y, label)) in (y..).zip(&labels).enumerate() {
        let focused = open && i == form.focus;
        p.put(inner.x.saturating_sub(2), y, 1, if focused { p.sym.cursor } else { " " }, Meaning::Selection);
        p.put(inner.x, y, indent.saturating_sub(1), label, if focused { Meaning::Selection } else { Meaning::Muted });
        let (x, cols) = (inner.x + indent, inner.width.saturating_sub(indent));
        match i {
            0 => {
                let mut x = x;
                for (k, kind) in KINDS.iter().enumerate() {
                    let chosen = k == form.kind;
                    let sign = if chosen { p.sym.chosen } else { p.sym.choice };
                    let meaning = if chosen && focused {
                        Meaning::Selection
                    } else if chosen {
                        Meaning::Base
                    } else {
                        Meaning::Muted
                    };
                    x = p.run(x, y, inner.right(), &format!("{sign} {}", m.word("load-kind", kind)), meaning) + 2;
                }
            }
            1 => p.input(x, y, cols, &form.file, focused),
            _ => p.input(x, y, cols, &form.map, focused),
        }
    }
    y + 3
}

fn asked(p: &mut Paint<'_>, form: &Import, inner: Rect, y: u16) {
    let m = p.m;
    let mut y = y;
    if let Some((why, next)) = &form.fault {
        y = p.wrap(inner, y, &format!("{} {}", p.sym.alarm, m.say(why)), Meaning::Danger);
        if let Some(next) = next {
            y = p.wrap(inner, y, &m.say(next), Meaning::Muted);
        }
        y += 1;
    }
    let kind = KINDS.get(form.kind).copied().unwrap_or_default();
    for key in [format!("load-columns-{kind}"), "load-map-hint".into(), "load-safe".into()] {
        y = p.wrap(inner, y, &m.t(&key), Meaning::Muted);
    }
}

/// What is being done, a bar where its length is known, rows, rate and time left.
fn going(p: &mut Paint<'_>, inner: Rect, y: u16, begun: Timestamp, part: &Part) {
    let m = p.m;
    let doing = m.t(if part.loading { "load-loading" } else { "load-reading" });
    let mut x = p.run(inner.x, y, inner.right(), &format!("{doing} "), Meaning::Title);
    let ms = m.now.duration_since(begun).as_millis().max(1);
    if let Some((done, all)) = part.of.filter(|of| of.1 > 0) {
        let part = (done as f64 / all as f64).clamp(0.0, 1.0);
        let full = (part * BAR as f64) as usize;
        let bar = format!("[{}{}] {:>3}%", "#".repeat(full), "-".repeat(BAR - full), (part * 100.0) as u64);
        x = p.run(x, y, inner.right(), &bar, Meaning::Base) + 2;
        if part > 0.0 {
            let left = ((ms as f64 / part - ms as f64) / 1000.0) as u64;
            let left = format!("{}:{:02}", left / 60, left % 60);
            p.run(x, y, inner.right(), &m.tf("load-left", &[("left", &left)]), Meaning::Muted);
        }
    }
    let rate = u128::from(part.rows) * 1000 / ms.unsigned_abs();
    let args = [("rows", thousands(part.rows)), ("rate", thousands(u64::try_from(rate).unwrap_or(u64::MAX)))];
    let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    p.put(inner.x, y + 1, inner.width, &m.tf("load-rows", &args), Meaning::Muted);
}

fn outcome(p: &mut Paint<'_>, inner: Rect, y: u16, done: &Imported) {
    let m = p.m;
    let count = |n: i64| thousands(n.unsigned_abs());
    let args = [("added", count(done.state.added)), ("same", count(done.state.same)), ("bad", count(done.state.refused))];
    let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut y = p.wrap(inner, y, &m.tf("load-done", &args), Meaning::Good);
    if done.state.refused > 0 {
        y = p.wrap(inner, y, &m.t("load-kept"), Meaning::Warn);
        // A file, a row and a column are enough to find it; what stands there is not shown.
        for bad in &done.staged.sample {
            if y + 3 >= inner.bottom() {
                break;
            }
            let row = bad.origin.row.to_string();
            let reason = m.say(&bad.why);
            let args = [("row", row.as_str()), ("column", bad.column.as_deref().unwrap_or("-")), ("reason", reason.as_str())];
            p.put(inner.x, y, inner.width, &m.tf("load-bad-row", &args), Meaning::Base);
            y += 1;
        }
    }
    p.wrap(inner, y + 1, &m.t("load-next"), Meaning::Muted);
}
