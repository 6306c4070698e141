//! Text from outside is made safe before it reaches the model: control characters, bidi marks, length.

use super::{offboarding::Blob, overlay::Draft};
use crate::{
    backend::{
        Page,
        answer::{
            AlertRow, Answer, ApprovalRow, AuditRow, ContestCard, CustomerCard, CustomerRow, Explanation, FreezeCard, FreezeRow,
            OffboardingCard, OffboardingRow, PersonCard, PlanRow, TimelineRow,
        },
    },
    domain::{
        act::Act,
        freeze::{
            Gap,
            plan::{Observation, Plan, Planned},
        },
        person::PersonRef,
        signal::Signal,
    },
    text::{safe, safe_multiline},
};

/// Longest name, post, unit or number, in graphemes.
const SHORT: usize = 120;
/// Longest free text, in graphemes.
const LONG: usize = 20_000;

fn short(text: &mut String) {
    *text = safe(text, SHORT);
}

fn long(text: &mut String) {
    *text = safe_multiline(text, LONG).into_owned();
}

/// What an earlier session kept.
pub fn draft(kept: &Draft) -> Draft {
    let mut draft = kept.clone();
    short(&mut draft.label);
    draft.values.iter_mut().for_each(long);
    draft
}

/// What a file brought back: names of columns come from it.
pub fn import(done: &mut super::import::Imported) {
    for bad in &mut done.staged.sample {
        bad.column.iter_mut().for_each(short);
        bad.why.args.values_mut().for_each(short);
        bad.raw.clear();
    }
}

/// A stored file as a terminal can show it: text in UTF-8, as far as anybody reads it here; anything else is only counted.
pub fn blob(bytes: &[u8]) -> Blob {
    let whole = std::str::from_utf8(bytes).ok().filter(|t| !t.contains('\0'));
    let text = whole.map(|t| t.strip_prefix('\u{feff}').unwrap_or(t));
    let end = text.and_then(|t| t.char_indices().nth(LONG)).map(|(at, _)| at);
    let shown = text.map(|t| end.and_then(|e| t.get(..e)).unwrap_or(t));
    Blob { bytes: bytes.len(), text: shown.map(|t| safe_multiline(t, LONG).into_owned()), cut: end.is_some() }
}

fn person(p: &mut PersonRef) {
    for text in [&mut p.number, &mut p.name, &mut p.sort_name, &mut p.org, &mut p.post] {
        short(text);
    }
}

fn alert(r: &mut AlertRow) {
    person(&mut r.employee);
    r.owner.iter_mut().chain(&mut r.alert.touched_by).for_each(short);
    // A row shows one line of it.
    if let Some(note) = &mut r.last_note {
        *note = safe(note, 400);
    }
}

fn plan(r: &mut PlanRow) {
    person(&mut r.employee);
    long(&mut r.plan.body.text);
    [&mut r.plan.proposer_name, &mut r.plan.touched_by].into_iter().chain(&mut r.plan.approver_name).for_each(short);
}

fn freeze(r: &mut FreezeRow) {
    person(&mut r.employee);
    let o = &mut r.order;
    long(&mut o.reason);
    [&mut o.requester_name].into_iter().chain(&mut o.ticket).chain(&mut o.touched_by).for_each(short);
    o.approvals.iter_mut().chain(&mut o.confirmed).for_each(|w| short(&mut w.name));
    o.observed.iter_mut().for_each(observation);
    o.gaps.iter_mut().for_each(gap);
    o.intent.steps.iter_mut().for_each(planned);
}

fn planned(s: &mut Planned) {
    [&mut s.target, &mut s.account, &mut s.login].into_iter().for_each(short);
}

fn gap(g: &mut Gap) {
    [&mut g.target].into_iter().chain(&mut g.account).chain(&mut g.waived_by).for_each(short);
    g.evidence.iter_mut().for_each(long);
}

/// What a target said about an account: a server may say anything.
fn observation(o: &mut Observation) {
    short(&mut o.target);
    short(&mut o.card.place);
    for a in &mut o.accounts {
        [&mut a.id, &mut a.login].into_iter().chain(&mut a.display).chain(&mut a.owns).for_each(short);
    }
}

fn freeze_plan(p: &mut Plan) {
    person(&mut p.employee);
    p.observed.iter_mut().for_each(observation);
    p.gaps.iter_mut().for_each(gap);
    p.intent.steps.iter_mut().for_each(planned);
}

fn freeze_card(c: &mut FreezeCard) {
    freeze(&mut c.row);
    for s in &mut c.steps {
        [&mut s.target, &mut s.account, &mut s.login].into_iter().chain(&mut s.waived_by).for_each(short);
        s.evidence.iter_mut().for_each(long);
    }
    for n in &mut c.notes {
        short(&mut n.by);
        long(&mut n.text);
    }
}

fn customer(r: &mut CustomerRow) {
    let c = &mut r.customer;
    [&mut c.number, &mut c.name].into_iter().chain(&mut c.contact).chain(&mut c.touched_by).for_each(short);
    r.owner.iter_mut().chain(&mut r.collector).for_each(person);
    r.transfer.iter_mut().for_each(|t| short(&mut t.proposed_by));
}

fn customer_card(c: &mut CustomerCard) {
    customer(&mut c.row);
    c.orders.iter_mut().for_each(|o| short(&mut o.number));
    c.receivables.iter_mut().for_each(|r| short(&mut r.number));
    c.transfers.iter_mut().for_each(|t| short(&mut t.proposed_by));
    c.people.iter_mut().for_each(person);
}

fn case(r: &mut OffboardingRow) {
    person(&mut r.employee);
    let c = &mut r.case;
    [&mut c.starter_name, &mut c.template].into_iter().chain(&mut c.approver_name).chain(&mut c.touched_by).for_each(short);
}

fn case_card(c: &mut OffboardingCard) {
    case(&mut c.row);
    for i in &mut c.items {
        let names = i.customer_number.iter_mut().chain(&mut i.customer_name).chain(&mut i.reviewer_name).chain(&mut i.submitter_name);
        names.chain(&mut i.waived_by).chain(&mut i.touched_by).for_each(short);
        i.why.iter_mut().for_each(long);
        for v in &mut i.evidence {
            short(&mut v.by);
            let e = &mut v.evidence;
            e.signatory.iter_mut().chain(&mut e.place).chain(e.file.as_mut().map(|f| &mut f.name)).for_each(short);
            e.refusal.iter_mut().chain(&mut e.note).for_each(long);
            if let Some(at) = &mut e.location {
                [&mut at.place, &mut at.consent, &mut at.purpose].into_iter().for_each(short);
            }
        }
    }
    for d in &mut c.duties {
        d.done_by.iter_mut().chain(&mut d.touched_by).chain(d.file.as_mut().map(|f| &mut f.name)).for_each(short);
        d.note.iter_mut().for_each(long);
    }
    c.customers.iter_mut().for_each(|h| [&mut h.number, &mut h.name].into_iter().for_each(short));
    [&mut c.leaver.number, &mut c.leaver.sort_name].into_iter().for_each(short);
}

fn contest(c: &mut ContestCard) {
    person(&mut c.row.employee);
    short(&mut c.row.contest.opened_name);
    c.row.contest.answered_by.iter_mut().for_each(short);
    c.said.iter_mut().chain(&mut c.answer).for_each(long);
}

fn approval(r: &mut ApprovalRow) {
    r.employee.iter_mut().for_each(person);
    short(&mut r.approval.proposer_name);
    r.approval.decided_by.iter_mut().for_each(short);
    if let Act::OffboardingWaive { why } = &mut r.approval.act {
        long(why);
    }
}

fn card(c: &mut PersonCard) {
    let p = &mut c.person;
    for text in [&mut p.number, &mut p.name, &mut p.sort_name, &mut p.org, &mut p.post] {
        short(text);
    }
    p.manager.iter_mut().chain(&mut c.manager_name).chain(&mut p.email).for_each(short);
    c.alert.iter_mut().for_each(alert);
    c.homonyms.iter_mut().for_each(person);
    c.earlier.iter_mut().for_each(|e| short(&mut e.2));
}

fn timeline(r: &mut TimelineRow) {
    r.note.iter_mut().for_each(long);
    r.by.iter_mut().for_each(short);
}

fn signal(s: &mut Signal) {
    [&mut s.source, &mut s.event].into_iter().for_each(short);
    s.note.iter_mut().for_each(long);
}

fn explanation(e: &mut Explanation) {
    for text in [&mut e.number, &mut e.name, &mut e.model, &mut e.model_version, &mut e.inputs_hash] {
        short(text);
    }
    e.missing.iter_mut().for_each(short);
    for f in &mut e.factors {
        short(&mut f.feature);
        f.signals.iter_mut().for_each(signal);
    }
}

fn audit(r: &mut AuditRow) {
    r.subjects.iter_mut().for_each(person);
    r.note.iter_mut().for_each(long);
    short(&mut r.entry.operator_name);
    r.entry.purpose.iter_mut().for_each(long);
}

fn page<T>(p: &mut Page<T>, clean: impl FnMut(&mut T)) {
    p.rows.iter_mut().for_each(clean);
}

/// Makes every text of an answer harmless. The arguments of sentences are made so by the text room when they are rendered.
pub fn answer(a: &mut Answer) {
    match a {
        Answer::Today(t) => t.urgent.iter_mut().for_each(alert),
        Answer::Alerts(p) => page(p, alert),
        Answer::Alert(c) => {
            alert(&mut c.row);
            c.notes.iter_mut().for_each(|n| {
                short(&mut n.by);
                long(&mut n.text);
            });
        }
        Answer::People(p) => page(p, |r| person(&mut r.person)),
        Answer::Found(p) => p.iter_mut().for_each(person),
        Answer::Person(c) => card(c),
        Answer::Timeline(p) => page(p, timeline),
        Answer::Explain(e) => explanation(e),
        Answer::Contest(c) => contest(c),
        Answer::Plans(p) => page(p, plan),
        Answer::Plan(r) => plan(r),
        Answer::Customers(p) => page(p, customer),
        Answer::FoundCustomers(rows) => rows.iter_mut().for_each(customer),
        Answer::Customer(c) => customer_card(c),
        Answer::Offboardings(b) => page(&mut b.page, case),
        Answer::Offboarding(c) => case_card(c),
        Answer::Approvals(p) => page(p, approval),
        Answer::Freezes(p) => page(p, freeze),
        Answer::Freeze(c) => freeze_card(c),
        Answer::FreezePlan(p) => freeze_plan(p),
        Answer::Audit(p) => page(p, audit),
        Answer::Evidence(p) => page(p, signal),
        Answer::Jobs(p) => page(p, |j| {
            [&mut j.kind, &mut j.key].into_iter().for_each(short);
            j.error.iter_mut().for_each(long);
        }),
        Answer::Targets(list) => list.iter_mut().for_each(|t| [&mut t.name, &mut t.place].into_iter().for_each(short)),
        Answer::Health(list) => list.iter_mut().for_each(|h| short(&mut h.target)),
        Answer::Kinds(list) => list.iter_mut().for_each(|k| short(&mut k.purpose)),
        Answer::Drill(Some(d)) => short(&mut d.by),
        Answer::Operators(list) => list.iter_mut().for_each(|o| short(&mut o.name)),
        Answer::Tokens(list) => list.iter_mut().for_each(|t| short(&mut t.name)),
        Answer::SshKeys(list) => list.iter_mut().for_each(|k| short(&mut k.name)),
        Answer::Home(h) => [&mut h.company, &mut h.environment].into_iter().for_each(short),
        _ => {}
    }
}

/// The same for a row that an act brought back.
pub fn touched(t: &mut crate::backend::Touched) {
    match t {
        crate::backend::Touched::Alert(r) => alert(r),
        crate::backend::Touched::Plan(r) => plan(r),
        crate::backend::Touched::Freeze(r) => freeze(r),
        crate::backend::Touched::Customer(r) => customer(r),
        crate::backend::Touched::Offboarding(c) => case_card(c),
    }
}
