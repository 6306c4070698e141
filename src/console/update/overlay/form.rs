//! Forms: fields over captured targets. Ctrl-D sends; leaving keeps what was typed as a draft.

mod draft;
mod leaving;

pub use draft::{draft, hang_up, offer};

use super::leaves_input;
use crate::{
    backend::{Target, answer::FreezeRow},
    console::{
        command::{
            CommandId,
            key::{Code, Key},
        },
        model::{
            Captured, Item, Model, Tone,
            line::Line,
            overlay::{DISMISS_REASONS, Field, Form, FormKind, Input, Overlay, Prepared},
            rows,
        },
        update::act,
    },
    domain::{
        act::{Act, Entity},
        alert::AlertOutcome,
        contest,
        freeze::{
            Ground, Mode,
            plan::{Plan, confirmation},
        },
        operator::Role,
        person::PersonRef,
        plan::{PlanBody, PlanOutcome, PlanTemplate},
        sentence::Sentence,
        signal::{LawfulBasis, SignalKind},
        talk::{Channel, NewTalk},
    },
    text::stamp,
};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use strum::IntoEnumIterator;
use tui_textarea::{CursorMove, TextArea, WrapMode};
use unicode_segmentation::UnicodeSegmentation;

fn kebab(x: impl ToString) -> String {
    x.to_string().replace('_', "-")
}

fn line(name: &'static str, text: impl Into<String>) -> Field {
    Field { name, input: Input::Line(Line::new(text)) }
}

fn area(name: &'static str, text: &str) -> Field {
    Field { name, input: Input::Area(Box::new(text_area(text))) }
}

fn choice<T: ToString>(name: &'static str, topic: &str, all: impl IntoIterator<Item = T>) -> Field {
    let options = all.into_iter().map(|x| format!("{topic}-{}", kebab(x))).collect();
    Field { name, input: Input::Choice { options, at: 0 } }
}

fn text_area(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
    area.set_wrap_mode(WrapMode::WordOrGlyph);
    area.move_cursor(CursorMove::Bottom);
    area.move_cursor(CursorMove::End);
    area
}

const OUTCOMES: [AlertOutcome; 3] = [AlertOutcome::Staying, AlertOutcome::Undecided, AlertOutcome::Leaving];
/// Of the kinds of alerts that ask for work instead of a talk.
const WORK_OUTCOMES: [AlertOutcome; 2] = [AlertOutcome::Handled, AlertOutcome::FalseAlarm];
const DAYS: [i64; 2] = [90, 180];

/// Opens a form over targets, with the draft that was left there.
pub fn open(m: &mut Model, kind: FormKind, mut on: Captured) {
    if matches!(kind, FormKind::Talk | FormKind::Note) {
        // What was said stays said whatever else happened to the alert or the order (DESIGN.md, "One transaction").
        on.items.iter_mut().for_each(|i| i.target.version = None);
    }
    let talked = on.alert.as_ref().is_some_and(|r| r.talks > 0);
    // The line that is meant is the one under the cursor now, wherever it is when the form is sent.
    let number = m.order.as_ref().filter(|_| kind == FormKind::WaiveStep).and_then(|o| o.number());
    let (fields, focus) = match kind {
        FormKind::Talk => (
            vec![
                line("field-when", stamp(m.now, &m.zone)),
                line("field-who", m.who.name.clone()),
                choice("field-channel", "channel", Channel::iter()),
                area("field-needs", ""),
                area("field-next-step", ""),
            ],
            3,
        ),
        FormKind::Note => (vec![area("field-note", "")], 0),
        FormKind::Snooze => (vec![line("field-until", "24h"), area("field-reason", "")], 0),
        FormKind::Dismiss => (vec![choice("field-dismiss-reason", "dismiss-reason", DISMISS_REASONS), area("field-note", "")], 0),
        FormKind::Resolve if !wants_talk(&on) => (vec![choice("field-outcome", "alert-outcome", WORK_OUTCOMES)], 0),
        FormKind::Resolve if talked => (vec![choice("field-outcome", "alert-outcome", OUTCOMES)], 0),
        FormKind::Resolve => (vec![choice("field-outcome", "alert-outcome", OUTCOMES), area("field-refusal", "")], 0),
        FormKind::Reopen | FormKind::Deny => (vec![area("field-reason", "")], 0),
        FormKind::Reveal => (vec![line("field-reason", "")], 0),
        FormKind::Contest => (vec![area("field-said", "")], 0),
        FormKind::Answer => (vec![choice("field-contest-answer", "contest-state", contest::Answer::iter()), area("field-answer", "")], 0),
        FormKind::Outcome => {
            (vec![choice("field-days", "days", DAYS), choice("field-plan-outcome", "plan-outcome", PlanOutcome::iter())], 0)
        }
        FormKind::Plan => (vec![area("field-plan", ""), line("field-cost", "")], 0),
        FormKind::Freeze => (vec![line("field-reason", ""), line("field-ticket", ""), line("field-confirm", "")], 0),
        FormKind::Thaw => {
            let ground = choice("field-ground", "ground", ["none".to_owned(), Ground::WrongPerson.to_string()]);
            (vec![line("field-reason", ""), line("field-confirm", ""), ground], 0)
        }
        FormKind::Approve => (vec![line("field-confirm", "")], 0),
        FormKind::Operator => (vec![line("field-operator", ""), choice("field-role", "role", Role::iter()), line("field-org", "")], 0),
        FormKind::Basis => (vec![choice("field-basis", "lawful-basis", LawfulBasis::iter())], 0),
        FormKind::WaiveStep => (vec![area("field-evidence", "")], 0),
        FormKind::Start
        | FormKind::Withdraw
        | FormKind::Abandon
        | FormKind::HandIn
        | FormKind::Return
        | FormKind::Waive
        | FormKind::Block
        | FormKind::Correct
        | FormKind::Duty
        | FormKind::Pool
        | FormKind::Decline
        | FormKind::Fail => (leaving::fields(m, kind), 0),
    };
    show(m, Form { kind, on, fields, focus, number, order: None, fault: None });
}

/// Opens the yes to an order, as it was read: who it is about is typed.
pub fn open_approve(m: &mut Model, row: FreezeRow) {
    let fields = vec![line("field-confirm", "")];
    let on = rows::captured(Entity::Freeze, Some(&row));
    show(m, Form { kind: FormKind::Approve, on, fields, focus: 0, number: None, order: Some(Box::new(row)), fault: None });
}

/// Opens the form of a plan with the text of its template.
pub fn open_plan(m: &mut Model, template: PlanTemplate, mut on: Captured) {
    // A plan is for a person; the alert that led to it is named in the act.
    if let Some(row) = &on.alert {
        on.entity = Entity::Person;
        on.items = vec![Item { target: Target { id: row.alert.person.into(), version: None }, label: rows::label(&row.employee) }];
    }
    let text = m.t(&format!("template-{}", kebab(template)));
    let all: Vec<PlanTemplate> = PlanTemplate::iter().collect();
    let mut pick = choice("field-template", "plan-template", all.iter());
    if let Input::Choice { at, .. } = &mut pick.input {
        *at = all.iter().position(|t| *t == template).unwrap_or(0);
    }
    show(
        m,
        Form {
            kind: FormKind::Plan,
            on,
            fields: vec![pick, area("field-plan", &text), line("field-cost", "")],
            focus: 1,
            number: None,
            order: None,
            fault: None,
        },
    );
}

fn show(m: &mut Model, mut form: Form) {
    if let Some(draft) = m.drafts.get(&form.key()) {
        // What confirms an act is typed anew with each form.
        for (field, value) in form.fields.iter_mut().zip(&draft.values).filter(|(f, _)| f.name != "field-confirm") {
            set(&mut field.input, value);
        }
    }
    m.open(Overlay::Form(Box::new(form)));
}

fn set(input: &mut Input, value: &str) {
    match input {
        Input::Line(line) => *line = Line::new(value),
        Input::Area(area) => **area = text_area(value),
        Input::Choice { options, at } => *at = options.iter().position(|o| o == value).unwrap_or(*at),
    }
}

fn get(input: &Input) -> String {
    match input {
        Input::Line(line) => line.text().to_owned(),
        Input::Area(area) => area.lines().join("\n"),
        Input::Choice { options, at } => options.get(*at).cloned().unwrap_or_default(),
    }
}

fn values(form: &Form) -> Vec<String> {
    form.fields.iter().map(|f| get(&f.input)).collect()
}

/// An act came to nothing: the form that it was written in is open again, with its text and the reason. Where somebody is in another
/// dialog by now the text is kept as a draft.
pub fn back(m: &mut Model, form: Option<Box<Form>>, why: Sentence) {
    let Some(mut form) = form else { return m.tell(Tone::Warn, why) };
    if let Some(now) = version_in(&why) {
        // Who was first, and what it is now, has been read: sent again it is meant all the same.
        form.on.items.iter_mut().for_each(|i| i.target.version = Some(now));
    }
    draft(m, &form);
    if m.overlay.is_some() {
        return m.tell(Tone::Warn, why);
    }
    m.notice = None;
    form.fail(why);
    m.open(Overlay::Form(form));
}

/// The version that a thing has now, where a refusal says that somebody was first.
pub fn version_in(why: &Sentence) -> Option<i64> {
    (why.code == "refused-conflict").then(|| why.args.get("version")?.parse().ok()).flatten()
}

pub fn key(m: &mut Model, key: Key) {
    if leaves_input(key) {
        let kept = draft::keep(m);
        m.overlay = None;
        if kept {
            m.tell(Tone::Info, Sentence::new("notice-draft-kept"));
        }
        return;
    }
    if key == Key::ctrl('d') {
        return send(m);
    }
    let offered = offered(m, key);
    let Some(Overlay::Form(form)) = m.overlay.as_mut().map(|o| &mut o.what) else { return };
    form.fault = None;
    let len = form.fields.len().max(1);
    let next = (form.focus + 1) % len;
    let prev = (form.focus + len - 1) % len;
    if let (Some(words), Some(field)) = (offered, form.fields.get_mut(form.focus)) {
        set(&mut field.input, &words);
        form.focus = next;
        return;
    }
    let in_area = matches!(form.fields.get(form.focus).map(|f| &f.input), Some(Input::Area(_)));
    match key.code {
        Code::Tab if key.shift => form.focus = prev,
        Code::Tab => form.focus = next,
        Code::Down | Code::Enter if !in_area => form.focus = next,
        Code::Up if !in_area => form.focus = prev,
        _ => match form.fields.get_mut(form.focus).map(|f| &mut f.input) {
            Some(Input::Line(line)) => {
                line.key(key);
            }
            Some(Input::Area(area)) => edit(area, key),
            Some(Input::Choice { options, at }) => choose(at, options.len().max(1), key),
            None => {}
        },
    }
}

/// The reason that a digit stands for, while nothing else is written there.
fn offered(m: &Model, key: Key) -> Option<String> {
    let Some(Overlay::Form(form)) = m.overlay.as_ref().map(|o| &o.what) else { return None };
    let field = form.fields.get(form.focus).filter(|f| form.kind == FormKind::Freeze && f.name == "field-reason")?;
    let (all, written) = (m.reasons(), get(&field.input));
    let digit = key.narrow().typed().and_then(|c| c.to_digit(10)).and_then(|d| usize::try_from(d).ok())?;
    let words = all.get(digit.checked_sub(1)?)?;
    (written.is_empty() || all.contains(&written)).then(|| words.clone())
}

fn choose(at: &mut usize, len: usize, key: Key) {
    match key.narrow().code {
        Code::Left | Code::Char('h') => *at = (*at + len - 1) % len,
        Code::Right | Code::Char(' ' | 'l') => *at = (*at + 1) % len,
        Code::Char(c) => {
            if let Some(d) = c.to_digit(10).and_then(|d| usize::try_from(d).ok()).filter(|d| (1..=len).contains(d)) {
                *at = d - 1;
            }
        }
        _ => {}
    }
}

/// Longest text, in bytes; enough for any talk, and a held key fills no memory.
const MOST: usize = 64 * 1024;

fn edit(area: &mut TextArea<'static>, key: Key) {
    match (key.code, key.ctrl) {
        (Code::Enter, _) => area.insert_newline(),
        (Code::Backspace, _) => backspace(area),
        (Code::Delete, _) => {
            area.delete_next_char();
        }
        (Code::Left, _) => area.move_cursor(CursorMove::Back),
        (Code::Right, _) => area.move_cursor(CursorMove::Forward),
        (Code::Up, _) | (Code::Char('p'), true) => area.move_cursor(CursorMove::Up),
        (Code::Down, _) | (Code::Char('n'), true) => area.move_cursor(CursorMove::Down),
        (Code::Home, _) | (Code::Char('a'), true) => area.move_cursor(CursorMove::Head),
        (Code::End, _) | (Code::Char('e'), true) => area.move_cursor(CursorMove::End),
        (Code::Char('w'), true) => {
            area.delete_word();
        }
        (Code::Char('u'), true) => {
            area.delete_line_by_head();
        }
        _ => {
            if let Some(c) = key.typed().filter(|c| !c.is_control())
                && area.lines().iter().map(String::len).sum::<usize>() < MOST
            {
                area.insert_char(c);
            }
        }
    }
}

/// Takes a whole grapheme, not one code point of it.
fn backspace(area: &mut TextArea<'static>) {
    let at = area.cursor();
    let chars = area.lines().get(at.0).map_or(0, |line| {
        let before: String = line.chars().take(at.1).collect();
        before.graphemes(true).next_back().map_or(0, |g| g.chars().count())
    });
    for _ in 0..chars.max(1) {
        area.delete_char();
    }
}

fn send(m: &mut Model) {
    let Some(Overlay::Form(form)) = m.overlay.as_ref().map(|o| &o.what) else { return };
    match prepare(form, m.now, &m.zone) {
        Ok(p) => {
            // Kept until the act succeeded: a question answered No, a refusal or a lost link must not cost the text.
            draft::keep(m);
            act::go(m, p);
        }
        Err(why) => {
            if let Some(Overlay::Form(form)) = m.overlay.as_mut().map(|o| &mut o.what) {
                form.fail(why);
            }
        }
    }
}

/// For how long the console reveals somebody.
const REVEAL_MINUTES: i64 = 30;

fn prepare(form: &Form, now: Timestamp, zone: &TimeZone) -> Result<Prepared, Sentence> {
    let text = |name: &str| form.fields.iter().find(|f| f.name == name).map(|f| get(&f.input)).unwrap_or_default();
    let index = |name: &str| match form.fields.iter().find(|f| f.name == name).map(|f| &f.input) {
        Some(Input::Choice { at, .. }) => *at,
        _ => 0,
    };
    let some = |name: &str| Some(text(name).trim().to_owned()).filter(|t| !t.is_empty());
    let need = |name: &str| some(name).ok_or_else(|| Sentence::new("refused-empty-text"));
    let mut reason = None;
    let (command, act) = match form.kind {
        FormKind::Start
        | FormKind::Withdraw
        | FormKind::Abandon
        | FormKind::HandIn
        | FormKind::Return
        | FormKind::Waive
        | FormKind::Block
        | FormKind::Correct
        | FormKind::Duty
        | FormKind::Pool
        | FormKind::Decline
        | FormKind::Fail => return leaving::prepare(form, zone, now),
        FormKind::Talk => {
            let at = when(&text("field-when"), zone)?;
            let (needs, next_step) = (text("field-needs").trim().to_owned(), text("field-next-step").trim().to_owned());
            if needs.is_empty() && next_step.is_empty() {
                return Err(Sentence::new("refused-empty-text"));
            }
            let channel = Channel::iter().nth(index("field-channel")).unwrap_or_default();
            (
                CommandId::AlertTalk,
                Act::AlertTalk { talk: NewTalk { at, who: text("field-who").trim().to_owned(), channel, needs, next_step } },
            )
        }
        FormKind::Note if form.on.entity == Entity::Freeze => (CommandId::FreezeNote, Act::FreezeNote { text: need("field-note")? }),
        FormKind::Note => (CommandId::AlertNote, Act::AlertNote { text: need("field-note")? }),
        FormKind::Snooze => {
            reason = Some(need("field-reason")?);
            (CommandId::AlertSnooze, Act::AlertSnooze { until: until(&text("field-until"), now, zone)? })
        }
        FormKind::Dismiss => {
            let Some(why) = DISMISS_REASONS.get(index("field-dismiss-reason")) else { return Err(Sentence::new("refused-empty-text")) };
            (CommandId::AlertDismiss, Act::AlertDismiss { reason: *why, note: some("field-note") })
        }
        FormKind::Resolve => {
            let all: &[AlertOutcome] = if wants_talk(&form.on) { &OUTCOMES } else { &WORK_OUTCOMES };
            let Some(outcome) = all.get(index("field-outcome")) else { return Err(Sentence::new("refused-empty-text")) };
            let refusal = some("field-refusal");
            if refusal.is_none() && wants_talk(&form.on) && form.on.alert.as_ref().is_some_and(|r| r.talks == 0) {
                return Err(Sentence::new("refused-no-talk"));
            }
            (CommandId::AlertResolve, Act::AlertResolve { outcome: *outcome, refusal })
        }
        FormKind::Reveal => {
            reason = Some(need("field-reason")?);
            (CommandId::PersonReveal, Act::PersonReveal { minutes: REVEAL_MINUTES })
        }
        FormKind::Contest => (CommandId::PersonContest, Act::ScoreContest { text: need("field-said")? }),
        FormKind::Answer => {
            let Some(answer) = contest::Answer::iter().nth(index("field-contest-answer")) else {
                return Err(Sentence::new("refused-empty-text"));
            };
            (CommandId::PersonAnswer, Act::ScoreAnswer { answer, text: need("field-answer")? })
        }
        FormKind::Reopen => {
            reason = Some(need("field-reason")?);
            (CommandId::AlertReopen, Act::AlertReopen)
        }
        FormKind::Deny => {
            reason = Some(need("field-reason")?);
            (CommandId::ApprovalDeny, Act::ApprovalDeny)
        }
        FormKind::Plan => {
            let template = PlanTemplate::iter().nth(index("field-template")).unwrap_or(PlanTemplate::Training);
            let body = PlanBody { template, text: need("field-plan")?, cost_fen: cost(&text("field-cost"))? };
            (CommandId::AlertPlan, Act::PlanCreate { alert: form.on.alert.as_ref().map(|r| r.alert.id), body })
        }
        FormKind::Freeze | FormKind::Thaw => {
            let Some(plan) = &form.on.plan else { return Err(Sentence::new("refused-empty-text")) };
            reason = Some(need("field-reason")?);
            // Typed, not chosen: it is the number that tells one 张伟 from another.
            let confirm = some("field-confirm").ok_or_else(|| Sentence::new("fault-confirm"))?;
            if wanted(plan).is_some_and(|w| !confirm.eq_ignore_ascii_case(&w)) {
                return Err(Sentence::new("refused-freeze-confirm"));
            }
            if form.kind == FormKind::Freeze && plan.intent.mode == Mode::Emergency && some("field-ticket").is_none() {
                return Err(Sentence::new("refused-emergency-ticket"));
            }
            let (plan_hash, confirm) = (Some(plan.plan_hash.clone()), Some(confirm));
            let i = &plan.intent;
            match form.kind {
                FormKind::Freeze => (
                    CommandId::FreezePlan,
                    Act::FreezeRequest {
                        level: i.level,
                        mode: i.mode,
                        at: i.at,
                        plan_hash,
                        confirm,
                        ticket: some("field-ticket"),
                        except: i.except.clone(),
                    },
                ),
                _ => {
                    let ground = (index("field-ground") == 1).then_some(Ground::WrongPerson);
                    (CommandId::FreezeThaw, Act::FreezeThaw { plan_hash, confirm, ground })
                }
            }
        }
        FormKind::Operator => {
            let (name, role) = (need("field-operator")?, Role::iter().nth(index("field-role")).unwrap_or(Role::Auditor));
            // There is nothing yet that it could be about; it is told by its name.
            let item = Item { target: Target { id: uuid::Uuid::nil(), version: None }, label: name.clone() };
            let on = Captured { items: vec![item], ..form.on.clone() };
            let act = Act::OperatorAdd { name, role, person: None, org: some("field-org") };
            return Ok(Prepared { command: CommandId::OperatorAdd, act, reason, on, form: Some(Box::new(form.clone())), file: None });
        }
        FormKind::Basis => {
            let kind = form.on.items.first().and_then(|i| i64::try_from(i.target.id.as_u128()).ok()).and_then(SignalKind::from_repr);
            let basis = LawfulBasis::iter().nth(index("field-basis"));
            let (Some(kind), Some(basis)) = (kind, basis) else { return Err(Sentence::new("refused-empty-text")) };
            (CommandId::SignalEnable, Act::SignalEnable { kind, basis })
        }
        FormKind::Approve => {
            let Some(row) = &form.order else { return Err(Sentence::new("refused-empty-text")) };
            let confirm = some("field-confirm").ok_or_else(|| Sentence::new("fault-confirm"))?;
            if known(&row.employee).is_some_and(|w| !confirm.eq_ignore_ascii_case(&w)) {
                return Err(Sentence::new("refused-freeze-confirm"));
            }
            (CommandId::FreezeApprove, Act::FreezeApprove { hash: row.order.plan_hash.clone() })
        }
        FormKind::WaiveStep => {
            let step = form.number.unwrap_or_default();
            (CommandId::FreezeWaive, Act::FreezeWaive { step, evidence: need("field-evidence")? })
        }
        FormKind::Outcome => {
            let days = DAYS.get(index("field-days")).copied().unwrap_or(90);
            let outcome = PlanOutcome::iter().nth(index("field-plan-outcome")).unwrap_or(PlanOutcome::Unknown);
            (CommandId::PlanOutcome, Act::PlanOutcome { days, outcome })
        }
    };
    Ok(Prepared { command, act, reason, on: form.on.clone(), form: Some(Box::new(form.clone())), file: None })
}

/// What is to be typed, as far as it is known here: a plan from afar does not say it, and a masked name has no initial.
fn wanted(p: &Plan) -> Option<String> {
    if p.confirm.is_empty() { known(&p.employee) } else { Some(p.confirm.clone()) }
}

fn known(e: &PersonRef) -> Option<String> {
    (!e.sort_name.is_empty()).then(|| confirmation(&e.number, &e.sort_name))
}

/// Whether an alert is about a talk; several together are treated as such.
fn wants_talk(on: &Captured) -> bool {
    on.alert.as_ref().is_none_or(|r| r.alert.kind.wants_talk())
}

/// `2026-11-22 09:05` in the operator's zone.
pub fn when(text: &str, zone: &TimeZone) -> Result<Timestamp, Sentence> {
    let fault = || Sentence::new("fault-when").with("text", text.trim());
    let civil = DateTime::strptime("%Y-%m-%d %H:%M", text.trim()).map_err(|_| fault())?;
    civil.to_zoned(zone.clone()).map(|z| z.timestamp()).map_err(|_| fault())
}

/// `24h`, `3d` or a time.
fn until(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, Sentence> {
    let t = text.trim().to_lowercase();
    let span = |suffixes: &[&str], hours: i64| {
        let digits = suffixes.iter().find_map(|s| t.strip_suffix(s))?.trim();
        digits.parse::<i64>().ok().filter(|n| (1..=10_000).contains(n)).map(|n| now + SignedDuration::from_hours(n * hours))
    };
    let at = span(&["h", "小时", "时"], 1).or_else(|| span(&["d", "天"], 24));
    match at {
        Some(at) => Ok(at),
        None => when(text, zone).map_err(|_| Sentence::new("fault-until").with("text", text.trim())),
    }
}

/// Yuan with at most two decimals, as fen; empty is no cost.
fn cost(text: &str) -> Result<Option<i64>, Sentence> {
    let t: String = text.trim().trim_start_matches(['¥', '￥']).chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
    if t.is_empty() {
        return Ok(None);
    }
    let fault = || Sentence::new("fault-cost").with("text", text.trim());
    let (yuan, fen) = t.split_once('.').unwrap_or((t.as_str(), "0"));
    if fen.is_empty() || fen.len() > 2 || !yuan.bytes().chain(fen.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    let fen_value: i64 = format!("{fen:0<2}").parse().map_err(|_| fault())?;
    let yuan_value: i64 = yuan.parse().map_err(|_| fault())?;
    yuan_value.checked_mul(100).and_then(|y| y.checked_add(fen_value)).map(Some).ok_or_else(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn money_is_read_as_people_write_it() {
        assert_eq!(cost(""), Ok(None));
        assert_eq!(cost("12,000"), Ok(Some(1_200_000)));
        assert_eq!(cost("¥0.5"), Ok(Some(50)));
        assert!(cost("-3").is_err() && cost("1.234").is_err() && cost("x").is_err() && cost("99999999999999999999").is_err());
    }

    #[test]
    fn times_are_spans_or_civil_times() {
        let now: Timestamp = "2026-11-22T01:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |s: &str| until(s, now, &zone).map(|t| t.to_string());
        assert_eq!(at("4h"), Ok("2026-11-22T05:00:00Z".into()));
        assert_eq!(at("2 天"), Ok("2026-11-24T01:00:00Z".into()));
        assert_eq!(at("2026-11-23 09:00"), Ok("2026-11-23T01:00:00Z".into()));
        assert!(at("soon").is_err() && at("0h").is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_without_panic(text in "\\PC{0,20}") {
            let _ = cost(&text);
            let _ = until(&text, Timestamp::UNIX_EPOCH, &TimeZone::UTC);
        }
    }
}
