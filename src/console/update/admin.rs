//! The admin pane: what its sections ask for, what its keys capture, and what a line says in full.

use super::{act, answer, lists, overlay};
use crate::{
    backend::{Answer, Failure, Page, Query, Reply, Target, query::Slice},
    console::{
        command::CommandId,
        effect::{ReqId, Slot},
        model::{
            Captured, Item, Model, Pane, Tone,
            admin::{AdminLine, AdminTab, AdminView, COUNTED, facts},
            dataset::Remote,
            list::{Row, Took},
            overlay::{FormKind, Overlay, Prepared, Reader, Reading},
        },
        view::layout::list_height,
    },
    domain::{
        act::{Act, Entity},
        sentence::Sentence,
    },
};
use jiff::Timestamp;

/// Asks for what stands beside the list of the section.
pub fn beside(m: &mut Model) {
    let slice = || Slice { after: None, limit: COUNTED };
    match m.admin.tab {
        AdminTab::Operators => {
            let req = m.ask(Slot::Tokens, Query::Tokens);
            m.admin.tokens.asked(req);
        }
        AdminTab::Health => {
            let req = m.ask(Slot::Queue, Query::Jobs { slice: slice() });
            m.admin.jobs.asked(req);
            let req = m.ask(Slot::Quarantine, Query::Quarantine { slice: slice() });
            m.admin.quarantine.asked(req);
            let req = m.ask(Slot::Drill, Query::FreezeDrill);
            m.admin.drill.asked(req);
        }
        _ => {}
    }
}

/// Takes the lines of the section.
pub fn answer(m: &mut Model, req: ReqId, result: Result<Reply, Failure>) {
    let height = list_height(m);
    let one = |rows: Vec<AdminLine>| Page { rows, next: None };
    let tab = m.admin.tab;
    if let (AdminTab::Health, Ok(Reply { at, answer: Answer::Home(home), .. })) = (tab, &result) {
        m.home.data.ready(home.clone(), *at);
    }
    let page: Result<(Page<AdminLine>, Timestamp), Failure> = result.and_then(|r| {
        let page = match (tab, r.answer) {
            (AdminTab::Operators, Answer::Operators(all)) => one(all.into_iter().map(|o| AdminLine::Operator(Box::new(o))).collect()),
            (AdminTab::Roles, Answer::Roles(all)) => one(all.into_iter().map(|r| AdminLine::Role(Box::new(r))).collect()),
            (AdminTab::Tokens, Answer::Tokens(all)) => one(all.into_iter().map(|t| AdminLine::Token(Box::new(t))).collect()),
            (AdminTab::Targets, Answer::Targets(all)) => one(all.into_iter().map(|t| AdminLine::Target(Box::new(t))).collect()),
            (AdminTab::Signals, Answer::Kinds(all)) => one(all.into_iter().map(|k| AdminLine::Kind(Box::new(k))).collect()),
            (AdminTab::Jobs, Answer::Jobs(p)) => {
                Page { rows: p.rows.into_iter().map(|j| AdminLine::Job(Box::new(j))).collect(), next: p.next }
            }
            (AdminTab::Health, Answer::Home(_)) => one(facts()),
            _ => return Err(answer::odd()),
        };
        Ok((page, r.at))
    });
    match m.admin.list.take(req, page, height) {
        Took::Ask(slice) => lists::load_in(m, Slot::Admin, slice),
        Took::Done { .. } | Took::Dropped => {}
    }
}

/// Enter: the line in full; whose login an operator is, is asked for with it.
pub fn open_line(m: &mut Model) {
    let Some(line) = m.admin.list.current().cloned() else { return };
    let mut who = Remote::default();
    if let AdminLine::Operator(o) = &line
        && let Some(id) = o.person
    {
        who.asked(m.ask(Slot::Overlay, Query::Find { text: id.to_string() }));
    }
    m.open(Overlay::Reader(Reader { what: Reading::Admin(Box::new(AdminView { line, who })), top: 0 }));
}

/// What a key of the pane is about.
fn target(m: &Model) -> Captured {
    let line = m.admin.list.current();
    let entity = match line {
        Some(AdminLine::Token(_)) => Entity::Token,
        Some(AdminLine::Kind(_)) => Entity::SignalKind,
        _ => Entity::Operator,
    };
    let item = line.map(|l| {
        let (id, version) = match l {
            AdminLine::Operator(o) => (o.id.0, Some(o.version)),
            AdminLine::Token(t) => (t.id.0, Some(t.version)),
            AdminLine::Kind(k) => (uuid::Uuid::from_u128(k.kind as u128), Some(k.version)),
            _ => (uuid::Uuid::nil(), None),
        };
        let label = match l {
            AdminLine::Kind(k) => m.word("signal-kind", k.kind),
            AdminLine::Token(t) => {
                format!("{}  {}  {}", t.name, m.word("token-scope", t.scope), crate::text::stamp(t.expires_at, &m.zone))
            }
            l => l.label(),
        };
        Item { target: Target { id, version }, label }
    });
    Captured { entity, items: item.into_iter().collect(), alert: None, plan: None, who: None }
}

/// The act that a command of the pane ends in, for the line under the cursor.
pub fn act_of(m: &Model, id: CommandId) -> Option<Act> {
    match (id, m.admin.list.current()?) {
        (CommandId::OperatorRevoke, AdminLine::Operator(o)) => Some(Act::OperatorRevoke { name: o.name.clone() }),
        (CommandId::OperatorRestore, AdminLine::Operator(o)) => Some(Act::OperatorRestore { name: o.name.clone() }),
        (CommandId::TokenRevoke, AdminLine::Token(_)) => Some(Act::TokenRevoke),
        (CommandId::SignalDisable, AdminLine::Kind(k)) => Some(Act::SignalDisable { kind: k.kind }),
        _ => None,
    }
}

/// One arm a command of the pane.
pub fn run(m: &mut Model, id: CommandId) {
    match id {
        CommandId::OperatorAdd => {
            let on = Captured { entity: Entity::Operator, items: Vec::new(), alert: None, plan: None, who: None };
            overlay::form::open(m, FormKind::Operator, on);
        }
        CommandId::SignalEnable => {
            let on = target(m);
            overlay::form::open(m, FormKind::Basis, on);
        }
        CommandId::TargetsCheck => {
            let req = m.ask(Slot::Health, Query::TargetsCheck);
            m.admin.health.asked(req);
            m.tell(Tone::Info, Sentence::new("notice-checking"));
        }
        _ => {
            if let Some(act) = act_of(m, id) {
                let on = target(m);
                act::go(m, Prepared { command: id, act, reason: None, on, form: None, file: None });
            }
        }
    }
}

/// Takes what the targets said.
pub fn checked(m: &mut Model, req: ReqId, result: Result<Reply, Failure>) {
    if !m.admin.health.takes(req) {
        return;
    }
    match result {
        Ok(Reply { at, answer: Answer::Health(all), .. }) => {
            let bad = all.iter().filter(|h| !h.ok).count();
            let tone = if bad > 0 { Tone::Warn } else { Tone::Good };
            m.tell(tone, Sentence::new("notice-checked").with("n", all.len()).with("bad", bad));
            m.admin.health.data.ready(all, at);
        }
        Ok(_) => m.admin.health.data.failed(answer::odd()),
        Err(why) => {
            m.tell(Tone::Warn, why.what.clone());
            m.admin.health.data.failed(why);
        }
    }
}

/// Whether the pane is at a section.
pub fn is_at(m: &Model, tab: AdminTab) -> bool {
    m.pane == Pane::Admin && m.admin.tab == tab
}
