//! Offboarding: facts and decisions of cases, items and duties; files that are evidence; the company's export.

mod clocks;

use super::{
    Service,
    act::{Decided, Told},
    apply::Touch,
    cursor::{bad_cursor, limit, page, place},
    evidence::known,
};
use crate::{
    backend::{ActRequest, Failure, FailureKind, answer::Board, query::Slice},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        audit::{Entry, Item},
        duty, handover,
        handover::{Around, FileRef},
        ids::{CaseId, DutyId, ItemId, PersonId},
        offboarding::{self, Case, CaseFacts, CaseState, NewCase},
        operator::Identity,
        row::{CaseView, Filter},
        sentence::Sentence,
        stages::{self, Template},
    },
    store::{self, StoreError, Tx, audit::Chain},
};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};
use uuid::Uuid;

/// Reads the template of a home: its own file, else the shipped one.
///
/// # Errors
/// A file that cannot be taken is refused with its line; nobody is walked out by half a template.
pub fn template(dir: &Path, name: &str) -> Result<Template, Failure> {
    let file = format!("{name}.toml");
    let own = dir.join("offboarding").join(&file);
    let bad = |detail: String| {
        Failure::new(FailureKind::Usage, Sentence::new("config-bad").with("file", own.display()).with("detail", detail))
            .next(Sentence::new("template-next"))
    };
    let text = match fs::read_to_string(&own) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && file == stages::SHIPPED.0 => stages::SHIPPED.1.into(),
        Err(e) => return Err(bad(e.to_string())),
    };
    Template::parse(&text).map_err(|e| bad(format!("line {}: {}", e.line, e.detail)))
}

fn missing(id: Uuid) -> Told {
    Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found").with("id", id))))
}

impl Service {
    pub(super) fn decide_start(&self, tx: &mut Tx, request: &ActRequest, person: PersonId, new: &NewCase, cx: &mut Context) -> Told {
        let today = self.day(tx.now());
        let Some(facts) = store::offboarding::start_facts(tx, person, &self.template, today)? else { return missing(person.0) };
        let decided = offboarding::start(&facts, new, cx);
        self.told(tx, request, Some(person), None, decided)
    }

    pub(super) fn decide_case(&self, tx: &mut Tx, request: &ActRequest, id: CaseId, seen: Option<i64>, cx: &mut Context) -> Told {
        let today = self.day(tx.now());
        let Some(facts) = store::offboarding::facts(tx, id, today)? else { return missing(id.0) };
        if matches!(request.act, Act::OffboardingApprove)
            && let Err(refusal) = self.one_hat(tx, cx, &[facts.case.starter])?
        {
            return Ok(Err(refusal));
        }
        let decided = offboarding::check_version(&facts.case, seen).and_then(|()| offboarding::decide(&facts, &request.act, cx));
        self.told(tx, request, Some(facts.case.person), Some((id.0, facts.case.version)), decided)
    }

    /// The case of an item, for decisions about the item.
    pub(super) fn facts_of_item(&self, tx: &mut Tx, id: ItemId) -> Result<Option<CaseFacts>, StoreError> {
        let today = self.day(tx.now());
        match store::offboarding::case_of_item(tx, id)? {
            Some(case) => store::offboarding::facts(tx, case, today),
            None => Ok(None),
        }
    }

    pub(super) fn decide_item(&self, tx: &mut Tx, request: &ActRequest, id: ItemId, seen: Option<i64>, cx: &mut Context) -> Told {
        let Some(facts) = self.facts_of_item(tx, id)? else { return missing(id.0) };
        let Some(item) = facts.items.iter().find(|i| i.id == id) else { return missing(id.0) };
        let file = match &request.act {
            Act::OffboardingSubmit { evidence } => evidence.file.as_ref(),
            _ => item.evidence.last().and_then(|v| v.evidence.file.as_ref()),
        };
        let assignee = match &request.act {
            Act::OffboardingAssign { reviewer } => {
                store::operator::by_name(tx, reviewer)?.filter(|o| o.is_active()).map(|o| (o.id, o.name))
            }
            _ => None,
        };
        // Who hands in and who reviews are two human beings.
        let other: Vec<_> = match &request.act {
            Act::OffboardingReview { .. } => item.submitter.into_iter().collect(),
            Act::OffboardingSubmit { .. } => item.reviewer.into_iter().collect(),
            _ => Vec::new(),
        };
        if let Err(refusal) = self.one_hat(tx, cx, &other)? {
            return Ok(Err(refusal));
        }
        let around = Around { assignee, file_known: known(tx, file)? };
        let before = item.version;
        let decided = handover::check_version(item, seen).and_then(|()| handover::decide(&facts, id, &request.act, &around, cx));
        self.told(tx, request, Some(facts.case.person), Some((id.0, before)), decided)
    }

    pub(super) fn decide_duty(&self, tx: &mut Tx, request: &ActRequest, id: DutyId, seen: Option<i64>, cx: &mut Context) -> Told {
        let today = self.day(tx.now());
        let Some(duty) = store::offboarding::duty(tx, id)? else { return missing(id.0) };
        if store::person::get(tx, duty.person)?.is_none_or(|p| p.erased) {
            return missing(id.0);
        }
        let file = if let Act::OffboardingDuty { done } = &request.act { done.file.as_ref() } else { None };
        let file_known = known(tx, file)?;
        let decided = duty::check_version(&duty, seen).and_then(|()| duty::decide(&duty, &request.act, today, file_known, cx));
        self.told(tx, request, Some(duty.person), Some((id.0, duty.version)), decided)
    }

    /// What a decision leaves behind. The first thing that changed is what the act was about; the others stand beside it in the entry,
    /// without the person, so that a timeline says the act once.
    fn told(
        &self,
        tx: &mut Tx,
        request: &ActRequest,
        person: Option<PersonId>,
        target: Option<(Uuid, i64)>,
        decided: Result<Vec<Change>, Refusal>,
    ) -> Told {
        let changes = match decided {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let pending = changes.iter().find_map(|c| if let Change::Approval(a) = c { Some(a.id) } else { None });
        let named = |c: &Change| match c {
            Change::Case { case, .. } => Some((Entity::Offboarding, case.id.0, case.version)),
            Change::Item(i) => Some((Entity::HandoverItem, i.id.0, i.version)),
            Change::Duty(d) => Some((Entity::Duty, d.id.0, d.version)),
            _ => None,
        };
        let all: Vec<_> = changes.iter().filter_map(named).collect();
        let before = |version: i64| (version > 1).then(|| version - 1);
        let (first, version) = match (all.first(), target) {
            (Some((entity, id, version)), _) => {
                (self.item(tx, *entity, *id, person, before(*version), Some(*version), request)?, Some(*version))
            }
            // Nothing changed yet: it waits for another person, or for a job.
            (None, Some((id, version))) => {
                let entity = crate::backend::table::row(&request.act).target.unwrap_or(Entity::Offboarding);
                (self.item(tx, entity, id, person, Some(version), None, request)?, Some(version))
            }
            (None, None) => return Ok(Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target")))),
        };
        let mut items = vec![first];
        // A new case is one line; its items and duties begin with it.
        if !matches!(request.act, Act::OffboardingStart { .. }) {
            items.extend(all.iter().skip(1).map(|(entity, id, version)| Item {
                entity: *entity,
                id: *id,
                person: None,
                before: before(*version),
                after: Some(*version),
                sealed: None,
            }));
        }
        Ok(Ok(Decided { changes, items, version, pending }))
    }

    /// Writes one change of a case.
    pub(super) fn apply_offboarding(&self, tx: &mut Tx, change: &Change, touched: &mut Touch) -> Result<(), StoreError> {
        match change {
            Change::Case { case, template } => {
                store::offboarding::put_case(tx, case, template.as_ref())?;
                touched.cases.insert(case.id);
                let now = tx.now();
                // A last day in the past leaves no time: what is overdue is found now, not tomorrow.
                self.queue(tx, "clocks", "all", now, "")?;
                if !matches!(case.state, CaseState::Handover | CaseState::Returned | CaseState::Review | CaseState::Clearance) {
                    // The day of the notice may be another.
                    touched.uncounted.insert(case.spell);
                }
            }
            Change::Item(item) => {
                store::offboarding::put_item(tx, item)?;
                touched.cases.insert(item.case);
            }
            Change::Duty(duty) => {
                store::offboarding::put_duty(tx, duty)?;
                touched.cases.extend(duty.case);
                touched.other.insert(("duty", duty.id.0));
            }
            Change::Spell { spell, state, last_day, exit } => {
                store::offboarding::put_spell(tx, *spell, *state, *last_day, *exit)?;
                store::score::mark(tx, std::iter::once(*spell))?;
                // The job that counts scores as well.
                touched.uncounted.insert(*spell);
                if let Some(person) = tx.one("select person from spells where id = $1", crate::vals![*spell], |r| r.get::<PersonId>(0))? {
                    touched.other.insert(("person", person.0));
                }
            }
            Change::Export { item, by } => {
                let now = tx.now();
                self.queue(tx, "offboarding_export", &item.to_string(), now, by)?;
                touched.cases.extend(store::offboarding::case_of_item(tx, *item)?);
            }
            _ => {}
        }
        Ok(())
    }

    /// A page of the board.
    pub(super) fn board(
        &self,
        tx: &mut Tx,
        who: &Identity,
        view: CaseView,
        state: Option<CaseState>,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Board, Failure> {
        let key = |c: &Case| format!("{}:{}", c.state.rank(), c.handover_due);
        let after = place(tx, slice, |tx, id| Ok(store::offboarding::get(tx, CaseId(id))?.map(|c| key(&c))))?;
        let after = match after {
            Some((place, id)) => {
                let (rank, due) = place.split_once(':').ok_or_else(bad_cursor)?;
                Some((rank.parse().map_err(|_| bad_cursor())?, due.to_owned(), CaseId(id)))
            }
            None => None,
        };
        let today = self.day(tx.now());
        let rows = store::offboarding::page(tx, view, state, filter, (who.operator, today), &after, limit(slice))?;
        let page = page(rows, slice, |r| format!("{}.{}", key(&r.case), r.case.id));
        Ok(Board { page, counts: store::offboarding::counts(tx, &filter.within)? })
    }

    /// Runs the company's export for an item: customers of the case with their orders and receivables, as a table that becomes the
    /// item's evidence. The leaver exports nothing: what they take along themselves is an alarm, not a handover.
    pub fn run_export(&self, id: ItemId, by: &str) -> Result<(), Failure> {
        self.db.write(|tx| -> Result<(), Failure> {
            tx.lock()?;
            let Some(facts) = self.facts_of_item(tx, id)? else { return Ok(()) };
            let bytes = export(tx, &facts)?;
            let hash = hex::encode(Sha256::digest(&bytes));
            let file = FileRef { hash: hash.clone(), name: format!("{}-customers.csv", facts.leaver.number) };
            let cx = self.machine(tx.now());
            // Submitted by hand meanwhile, or the case ended: nothing is left to do.
            let Some(changes) = handover::exported(&facts, id, file, by, &cx).filter(|_| facts.case.state.is_open()) else { return Ok(()) };
            store::blob::put(tx, &hash, &bytes)?;
            let mut touched = Touch::default();
            let mut changed = Vec::new();
            for change in &changes {
                self.apply_offboarding(tx, change, &mut touched)?;
                if let Change::Item(i) = change {
                    changed.push((Entity::HandoverItem, i.id.0, Some(i.person), i.version));
                }
            }
            for case in &touched.cases {
                store::audit::announce(tx, "offboarding", Some(case.0))?;
            }
            self.by_machine(tx, "offboarding.exported", changed)?;
            let person = facts.case.person;
            let read = Item { entity: Entity::Person, id: person.0, person: Some(person), before: None, after: None, sealed: None };
            let count = facts.items.iter().filter(|i| i.customer.is_some()).count() as i64;
            let entry = Entry {
                purpose: Some("handover".into()),
                count: Some(count),
                detail: Some(hash),
                ..Entry::new(cx.now, None, "offboarding_export", vec![read])
            };
            store::audit::append(tx, Chain::Access, entry)?;
            Ok(())
        })
    }
}

/// A line of CSV (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe.
fn csv_line(cells: [&str; 7]) -> String {
    let cell = |c: &str| {
        let text = if c.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{c}") } else { c.to_owned() };
        if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
    };
    format!("{}\r\n", cells.map(cell).join(","))
}

/// Customers of a case, their unfinished orders and what they owe, as CSV. Money in fen.
fn export(tx: &mut Tx, f: &CaseFacts) -> Result<Vec<u8>, StoreError> {
    const ROWS: i64 = 10_000;
    let mut out = csv_line(["record", "customer", "name", "number", "day", "amount_fen", "state"]);
    for item in &f.items {
        let Some(id) = item.customer else { continue };
        let (number, name) = (item.customer_number.clone().unwrap_or_default(), item.customer_name.clone().unwrap_or_default());
        out.push_str(&csv_line(["customer", &number, &name, "", "", "", ""]));
        for o in store::customer::orders(tx, id, ROWS)?.into_iter().filter(|o| o.state.is_open()) {
            let (day, amount, state) = (o.placed_on.to_string(), o.amount_fen.to_string(), o.state.to_string());
            out.push_str(&csv_line(["order", &number, &name, &o.number, &day, &amount, &state]));
        }
        for r in store::customer::receivables(tx, id, ROWS)? {
            let (day, amount) = (r.due_on.to_string(), r.amount_fen.to_string());
            out.push_str(&csv_line(["receivable", &number, &name, &r.number, &day, &amount, "open"]));
        }
    }
    Ok(out.into_bytes())
}
