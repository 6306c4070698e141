//! Forms: labels at the left, inputs at the right, text areas share what is left of the height.

use super::{column, find::named, title};
use crate::{
    backend::answer::{AlertRow, FreezeRow},
    console::{
        look::{Glyphs, Meaning, glyphs::letters},
        model::{
            Model,
            overlay::{Form, FormKind, Input},
        },
        update::act::order_word,
        view::{alerts, paint::Paint, table::widest},
    },
    domain::{act::Act, freeze::lines, sentence::Sentence},
    text::{self, width},
};
use ratatui::{layout::Rect, style::Style, widgets::Widget};

pub fn draw(p: &mut Paint<'_>, form: &Form, body: Rect) {
    let m = p.m;
    if let (FormKind::Approve, Some(row)) = (form.kind, &form.order) {
        return approve(p, form, row, body);
    }
    let head = m.t(head(form.kind));
    let y = title(p, body, &head, &form.on);
    if let Some(row) = form.on.alert.as_deref().filter(|_| form.on.is_one()) {
        about(p, Rect { y: y - 1, height: 1, ..body }, form, row);
    }
    fields(p, form, body, y);
}

/// What is said yes to stands above what is typed: the order, who asked and why, and the hash that the yes is to.
fn approve(p: &mut Paint<'_>, form: &Form, row: &FreezeRow, body: Rect) {
    let m = p.m;
    let o = &row.order;
    let word = order_word(&Act::FreezeApprove { hash: String::new() }, o);
    let head = m.say(&Sentence::new("just-text").with("text", word));
    let mut y = title(p, body, &head, &form.on);
    let inner = column(body);
    let i = &o.intent;
    let what = format!("{} {}, {}", m.word("direction", i.direction), m.word("level", i.level), m.word("mode", i.mode));
    y = p.wrap(inner, y, &what, Meaning::Base);
    for line in lines::order_lines(o) {
        y = p.wrap(inner, y, &m.say(&line), Meaning::Base);
    }
    y = p.wrap(inner, y, &m.tf("approval-steps", &[("n", &row.steps_total.to_string())]), Meaning::Base);
    y = p.wrap(inner, y, &m.tf("plan-hash", &[("hash", &o.plan_hash)]), Meaning::Muted) + 1;
    fields(p, form, body, y);
}

fn head(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Approve => "act-freeze-approve",
        FormKind::Operator => "act-operator-add",
        FormKind::Basis => "act-signal-enable",
        FormKind::Talk => "form-talk",
        FormKind::Note => "form-note",
        FormKind::Snooze => "form-snooze",
        FormKind::Dismiss => "form-dismiss",
        FormKind::Resolve => "form-resolve",
        FormKind::Reopen => "form-reopen",
        FormKind::Reveal => "form-reveal",
        FormKind::Contest => "cmd-score-contest",
        FormKind::Answer => "cmd-score-answer",
        FormKind::Plan => "form-plan",
        FormKind::Deny => "form-deny",
        FormKind::Outcome => "form-outcome",
        FormKind::Freeze => "form-freeze",
        FormKind::Thaw => "form-thaw",
        FormKind::WaiveStep => "form-waive-step",
        FormKind::Start => "form-start",
        FormKind::Withdraw => "form-withdraw",
        FormKind::Abandon => "form-abandon",
        FormKind::HandIn => "form-hand-in",
        FormKind::Return => "form-return",
        FormKind::Waive => "form-waive",
        FormKind::Block => "form-block",
        FormKind::Correct => "form-correct",
        FormKind::Duty => "form-duty",
        FormKind::Pool => "act-customer-pool",
        FormKind::Decline => "act-customer-decline",
        FormKind::Fail => "act-customer-fail",
    }
}

/// The fields from a line on, and below them what is wrong.
fn fields(p: &mut Paint<'_>, form: &Form, body: Rect, from: u16) {
    let m = p.m;
    let mut y = from;
    let inner = column(body);
    if let Some(plan) = &form.on.plan {
        // What is about to be asked for stands above what is typed.
        let i = &plan.intent;
        let what = format!("{} {}, {}", m.word("direction", i.direction), m.word("level", i.level), m.word("mode", i.mode));
        y = p.wrap(inner, y, &what, Meaning::Base);
        let facts = [("number", plan.employee.number.as_str()), ("n", &plan.needed.to_string()), ("steps", &i.steps.len().to_string())];
        y = p.wrap(inner, y, &m.tf("freeze-facts", &facts), Meaning::Muted) + 1;
    }
    if let Some(what) = waived(m, form) {
        y = p.wrap(inner, y, &m.say(&what), Meaning::Base) + 1;
    }
    if let Some(who) = &form.on.who {
        let what = m.tf("fact-line", &[("label", &m.t("field-collector")), ("value", &named(m, who))]);
        y = p.wrap(inner, y, &what, Meaning::Base) + 1;
    }
    let labels: Vec<String> = form.fields.iter().map(|f| m.t(f.name)).collect();
    let indent = (widest(&labels) + 2).min(inner.width / 3);
    let areas = u16::try_from(form.fields.iter().filter(|f| matches!(f.input, Input::Area(_))).count()).unwrap_or(1).max(1);
    let lines = u16::try_from(form.fields.len()).unwrap_or(0).saturating_sub(areas);
    let fault = form.fault.as_ref().map(|f| format!("{} {}", p.sym.alarm, m.say(f)));
    let fault: Vec<String> = fault.map(|f| text::wrap(&f, usize::from(inner.width))).unwrap_or_default().into_iter().take(4).collect();
    // A line stays for what is wrong, or as many as that needs.
    let wrong = u16::try_from(fault.len()).unwrap_or(1).max(1);
    let each = (body.bottom().saturating_sub(y + lines + wrong) / areas).clamp(1, 8);
    for (i, (field, label)) in form.fields.iter().zip(&labels).enumerate() {
        let focused = i == form.focus;
        if y + wrong >= body.bottom() {
            break;
        }
        p.put(inner.x.saturating_sub(2), y, 1, if focused { p.sym.cursor } else { " " }, Meaning::Selection);
        p.put(inner.x, y, indent.saturating_sub(1), label, if focused { Meaning::Selection } else { Meaning::Muted });
        // A text area has a side line; the other inputs begin below its text.
        let place = Rect { x: inner.x + indent + 1, y, width: inner.width.saturating_sub(indent + 1), height: 1 };
        match &field.input {
            Input::Line(line) => {
                p.input(place.x, y, place.width, line, focused);
                if form.kind == FormKind::Freeze && field.name == "field-reason" {
                    // As many as leave room for the other fields, and for what is to be typed.
                    let rest = u16::try_from(form.fields.len() - i).unwrap_or(0);
                    let room = body.bottom().saturating_sub(y + rest + 1 + wrong);
                    for row in offered(m, place.width).iter().take(usize::from(room)) {
                        y += 1;
                        p.put(place.x, y, place.width, row, Meaning::Muted);
                    }
                }
                let hint = format!("{}-hint", field.name);
                if m.texts.has(&hint) {
                    let (x, hint) = (place.x + 20, m.t(&hint));
                    let fits = width(&hint) <= usize::from(place.right().saturating_sub(x));
                    if fits || y + 1 + wrong >= body.bottom() {
                        p.put(x, y, place.right().saturating_sub(x), &hint, Meaning::Muted);
                    } else {
                        y += 1;
                        p.put(place.x, y, place.width, &hint, Meaning::Muted);
                    }
                }
            }
            Input::Choice { options, at } => choice(p, place, options, *at, focused),
            Input::Area(area) => {
                let place = Rect { height: each.min(body.bottom().saturating_sub(y + wrong)), ..place };
                written(p, place, area, focused);
                y += place.height.saturating_sub(1);
            }
        }
        y += 1;
    }
    for (y, line) in (body.bottom().saturating_sub(wrong)..body.bottom()).zip(&fault) {
        p.put(inner.x, y, inner.width, line, Meaning::Danger);
    }
}

/// The company's reasons with their digits, as many side by side as there is room for.
fn offered(m: &Model, room: u16) -> Vec<String> {
    let mut rows: Vec<String> = Vec::new();
    for (n, words) in (1..).zip(m.reasons()) {
        let item = format!("{n} {words}");
        match rows.last_mut() {
            Some(row) if width(row) + 2 + width(&item) <= usize::from(room) => *row = format!("{row}  {item}"),
            _ => rows.push(item),
        }
    }
    rows
}

/// The step or gap that a waiver is for.
fn waived(m: &Model, form: &Form) -> Option<Sentence> {
    let number = form.number?;
    let card = m.order.as_ref().filter(|o| form.on.items.iter().any(|i| i.target.id == o.id.0))?.card.data.value()?;
    let step = card.steps.iter().find(|s| s.n == number).and_then(|s| lines::step_lines(s).into_iter().next());
    step.or_else(|| card.row.order.gaps.iter().find(|g| g.n == number).map(lines::gap_line))
}

/// Beside the name: how high the risk is and how long there is to talk, for a reason or a date is written against both.
fn about(p: &mut Paint<'_>, line: Rect, form: &Form, row: &AlertRow) {
    let label = form.on.items.first().map_or(0, |i| width(&i.label));
    let sep = format!(" {} ", p.sym.between);
    let score = alerts::score_cell(p, row.score, row.band);
    let mut x = line.x + 2 + u16::try_from(label).unwrap_or(0);
    for (text, meaning) in std::iter::once((score.text, score.meaning)).chain(alerts::clocks(p, row)) {
        x = p.run(x, line.y, line.right(), &sep, Meaning::Muted);
        x = p.run(x, line.y, line.right(), &text, meaning);
    }
}

/// All choices when there is room, else the one that is taken.
fn choice(p: &mut Paint<'_>, place: Rect, options: &[String], at: usize, focused: bool) {
    let m = p.m;
    let mut x = place.x;
    let sign = width(p.sym.chosen) + 1;
    let all: usize = options.iter().map(|o| sign + width(&m.t(o)) + 2).sum();
    if all > usize::from(place.width) + 2 {
        let taken = options.get(at).map(|o| m.t(o)).unwrap_or_default();
        let of = format!("{} {taken}  {}/{}", p.sym.chosen, at + 1, options.len());
        p.run(x, place.y, place.right(), &of, if focused { Meaning::Selection } else { Meaning::Base });
        return;
    }
    for (i, option) in options.iter().enumerate() {
        let chosen = i == at;
        let sign = if chosen { p.sym.chosen } else { p.sym.choice };
        let meaning = match (chosen, focused) {
            (true, true) => Meaning::Selection,
            (true, false) => Meaning::Base,
            _ => Meaning::Muted,
        };
        x = p.run(x, place.y, place.right(), &format!("{sign} {}", m.t(option)), meaning) + 2;
    }
}

/// A text area; the terminal's own cursor marks the place, where the window of an input method then opens.
fn written(p: &mut Paint<'_>, place: Rect, area: &tui_textarea::TextArea<'static>, focused: bool) {
    let side = p.sym.frame[4];
    for y in place.y..place.bottom() {
        p.put(place.x.saturating_sub(2), y, 1, side, if focused { Meaning::Selection } else { Meaning::Muted });
    }
    let place = place.intersection(p.buf.area);
    if place.is_empty() {
        return;
    }
    let mut shown = area.clone();
    if p.m.look.glyphs == Glyphs::Letters {
        // What is typed is kept as typed; only its picture is in letters.
        shown = tui_textarea::TextArea::new(area.lines().iter().map(|l| letters(l)).collect());
    }
    let base = p.m.look.theme.style(Meaning::Base);
    shown.set_style(base);
    shown.set_cursor_line_style(Style::default());
    shown.set_cursor_style(base);
    (&shown).render(place, p.buf);
    if focused {
        let at = shown.screen_cursor();
        let (top, left) = shown.scroll_offset();
        let x = u16::try_from(at.col).unwrap_or(u16::MAX).saturating_sub(left);
        let y = u16::try_from(at.row).unwrap_or(u16::MAX).saturating_sub(top);
        p.cursor(place.x + x.min(place.width.saturating_sub(1)), place.y + y.min(place.height.saturating_sub(1)));
    }
}
