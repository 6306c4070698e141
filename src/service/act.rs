//! Acts: one transaction each. Authorise, lock the chain, load facts, decide, write rows, entry and jobs, or nothing.

use super::{
    Service,
    freeze::Read,
    request::{check, hash_of, in_clear},
    roles::View,
};
use crate::{
    backend::{ActReply, ActRequest, Failure, FailureKind, Outcome, Target, Touched, table},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        alert, approval,
        audit::{Entry, Item},
        freeze, handover,
        ids::{AlertId, ApprovalId, CaseId, CustomerId, DutyId, FreezeId, ImportId, ItemId, OperatorId, PersonId, PlanId},
        operator::{Identity, Operator},
        person::may_erase,
        plan::{self, Plan},
        sentence::Sentence,
    },
    store::{self, StoreError, Tx, audit::Chain},
};
use std::collections::{BTreeMap, BTreeSet, btree_map};
use uuid::Uuid;

/// What a decided target leaves behind: changes to write, and the audit item.
pub(super) struct Decided {
    pub changes: Vec<Change>,
    pub items: Vec<Item>,
    pub version: Option<i64>,
    pub pending: Option<ApprovalId>,
}

/// What became of one target: a refusal is an answer, a failure rolls everything back.
pub(super) type Told = Result<Result<Decided, Refusal>, Failure>;

pub(super) fn refuse(class: RefusalClass, code: &'static str) -> Refusal {
    Refusal::new(class, Sentence::new(code))
}

impl Service {
    /// Does an act for an operator.
    pub fn act(&self, who: &Identity, request: &ActRequest) -> Result<ActReply, Failure> {
        let row = table::row(&request.act);
        check(request, row)?;
        if self.read_only {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("read-only")).next(Sentence::new("read-only-next")));
        }
        if request.act == Act::QuarantineRetry {
            self.db.read(|tx| self.view(tx, who, row.permission))?;
            return self.retry_quarantine(who, request);
        }
        let hash = hash_of(request);
        // The network is asked before the transaction: nobody waits for a server under the lock.
        let read = if request.act.reads_targets() {
            let reached = self.db.read(|tx| self.reached_of(tx, who, row, &request.targets))?;
            self.read_for(who, &request.act, &reached)?
        } else {
            Read::default()
        };
        let act = |tx: &mut Tx| {
            tx.lock()?;
            let view = self.view(tx, who, row.permission)?;
            if let Some(key) = &request.key
                && let Some((known, answer)) = store::idempotency::find(tx, who.operator, key)?
            {
                if known != hash {
                    return Err(
                        Failure::new(FailureKind::Refused, Sentence::new("act-key-reused")).next(Sentence::new("act-key-reused-next"))
                    );
                }
                let stored: ActReply = serde_json::from_str(&answer).map_err(|_| Failure::broken("a stored answer cannot be read"))?;
                return self.reply(tx, &view, ActReply { replayed: true, ..stored });
            }
            let mut cx = self.context(tx.now(), who.operator, &who.name);
            let nil = [Target { id: Uuid::nil(), version: None }];
            let targets: &[Target] = if request.targets.is_empty() { &nil } else { &request.targets };
            let mut outcomes = Vec::with_capacity(targets.len());
            let mut items = Vec::new();
            let mut touched = Touch::default();
            for target in targets {
                let entity = row.target.unwrap_or(Entity::Home);
                let decided = match self.may_touch(tx, &view, row, target.id)? {
                    Ok(()) => self.decide(tx, request, *target, &read, &mut cx)?,
                    Err(refusal) => Err(refusal),
                };
                match decided {
                    Ok(done) => {
                        for change in &done.changes {
                            self.apply(tx, change, &mut cx, &mut touched)?;
                        }
                        let id = done.items.first().map_or(target.id, |i| i.id);
                        let entity = done.items.first().map_or(entity, |i| i.entity);
                        items.extend(done.items);
                        outcomes.push(Outcome { id, entity, refusal: None, version: done.version, pending: done.pending });
                    }
                    Err(refusal) => outcomes.push(Outcome { id: target.id, entity, refusal: Some(refusal), version: None, pending: None }),
                }
            }
            let mut reply = ActReply { outcomes, entry: None, replayed: false, touched: Vec::new() };
            if items.is_empty() {
                // Refusals leave nothing: no entry, no stored answer.
                return self.reply(tx, &view, reply);
            }
            let detail = match items.iter().all(|i| i.person.is_none()) {
                true => Some(read.said().map_or_else(|| in_clear(tx, request), Ok)?),
                false => None,
            };
            let entry = Entry { detail, ..Entry::new(cx.now, Some(who), request.act.name(), items) };
            reply.entry = Some(store::audit::append(tx, Chain::Acts, entry)?);
            if let Some(key) = &request.key {
                let answer = serde_json::to_string(&reply).map_err(Failure::broken)?;
                store::idempotency::put(tx, who.operator, key, &hash, &answer)?;
            }
            reply.touched = self.announce(tx, &touched)?;
            self.reply(tx, &view, reply)
        };
        let reply = if request.act.is_urgent() { self.db.write_urgent(act) } else { self.db.write(act) }?;
        if request.act == Act::PersonErase {
            self.remember_erased();
        }
        Ok(reply)
    }

    /// The reply as the role of whoever asked may see it: a row that they may not ask for is not told of.
    fn reply(&self, tx: &mut Tx, view: &View, mut reply: ActReply) -> Result<ActReply, Failure> {
        let mut touched = Vec::with_capacity(reply.touched.len());
        let mut views = BTreeMap::new();
        for row in std::mem::take(&mut reply.touched) {
            let permission = match &row {
                Touched::Alert(_) => "alert.read",
                Touched::Plan(_) => "plan.read",
                Touched::Freeze(_) => "freeze.read",
                Touched::Offboarding(_) => "offboarding.read",
                Touched::Customer(_) => "customer.read",
            };
            let of = match views.entry(permission) {
                btree_map::Entry::Occupied(known) => known.into_mut(),
                btree_map::Entry::Vacant(new) => new.insert(self.view_of(tx, &view.operator, permission)?),
            };
            if let Some(of) = of {
                touched.push(self.masked(tx, of, &[], row)?);
            }
        }
        let mut about = Vec::new();
        for o in reply.outcomes.iter().filter(|o| o.refusal.is_some()) {
            about.extend(store::person::of_subject(tx, o.entity, o.id)?);
        }
        let reply = self.masked(tx, view, &about, reply)?;
        Ok(ActReply { touched, ..reply })
    }

    /// Loads the facts of one target and decides. The outer error breaks the request, the inner one refuses the target.
    fn decide(&self, tx: &mut Tx, request: &ActRequest, target: Target, read: &Read, cx: &mut Context) -> Told {
        let missing = || Ok(Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found").with("id", target.id))));
        match &request.act {
            Act::ApprovalGrant | Act::ApprovalDeny => return self.decide_approval(tx, request, target, cx),
            Act::PlanCreate { alert, body } => {
                let person = PersonId(target.id);
                let Some(p) = store::person::get(tx, person)? else { return missing() };
                if p.erased {
                    return missing();
                }
                if let Some(alert) = alert
                    && store::alert::get(tx, *alert)?.is_none_or(|a| a.person != person)
                {
                    return missing();
                }
                let made = match Plan::draft(cx, person, p.spell, *alert, body.clone()) {
                    Ok(plan) => plan,
                    Err(refusal) => return Ok(Err(refusal)),
                };
                let item = self.item(tx, Entity::Plan, made.id.into(), Some(person), None, Some(1), request)?;
                return Ok(Ok(Decided { changes: vec![Change::Plan(made)], items: vec![item], version: Some(1), pending: None }));
            }
            Act::OffboardingStart { new } => return self.decide_start(tx, request, PersonId(target.id), new, cx),
            Act::PersonReveal { minutes } => return self.decide_reveal(tx, request, PersonId(target.id), *minutes, cx),
            Act::PersonSortName { .. } | Act::PersonErase => return self.decide_person(tx, request, target),
            Act::SignalEnable { .. } | Act::SignalDisable { .. } => return self.decide_kind(tx, request),
            Act::OperatorAdd { .. }
            | Act::OperatorLink { .. }
            | Act::OperatorRole { .. }
            | Act::OperatorRevoke { .. }
            | Act::OperatorRestore { .. } => {
                return self.decide_operator(tx, request, cx);
            }
            Act::OperatorKey { .. } | Act::OperatorUnkey { .. } => return self.decide_ssh_key(tx, request, cx),
            Act::TokenAdd { .. } | Act::TokenRevoke => return self.decide_token(tx, request, target.id, cx),
            Act::FreezeLink { .. } | Act::FreezeUnlink { .. } | Act::FreezeRequest { .. } | Act::FreezeDrill => {
                return self.decide_freeze(tx, request, target, read, cx);
            }
            Act::ScoreContest { .. } | Act::ScoreAnswer { .. } => return self.decide_contest(tx, request, target.id, target.version, cx),
            Act::AuditAnchor => return self.decide_anchor(tx),
            Act::ImportPublish | Act::ImportDiscard => return self.decide_import(tx, request, ImportId(target.id)),
            _ => {}
        }
        if table::row(&request.act).target == Some(Entity::Freeze) {
            return self.decide_freeze(tx, request, target, read, cx);
        }
        if table::row(&request.act).target == Some(Entity::Customer) {
            return self.decide_customer(tx, request, target, cx);
        }
        match table::row(&request.act).target {
            Some(Entity::Offboarding) => return self.decide_case(tx, request, CaseId(target.id), target.version, cx),
            Some(Entity::HandoverItem) => return self.decide_item(tx, request, ItemId(target.id), target.version, cx),
            Some(Entity::Duty) => return self.decide_duty(tx, request, DutyId(target.id), target.version, cx),
            _ => {}
        }
        if table::row(&request.act).target == Some(Entity::Plan) {
            let Some(facts) = store::plan::facts(tx, PlanId(target.id))? else { return missing() };
            let decided = plan::check_version(&facts.plan, target.version).and_then(|()| plan::decide(&facts, &request.act, cx));
            return self.decided(tx, Entity::Plan, target.id, facts.plan.person, Some(facts.plan.version), decided, request);
        }
        let assignee = if let Act::AlertAssign { owner } = &request.act { Some(owner.as_str()) } else { None };
        let Some(facts) = store::alert::facts(tx, AlertId(target.id), assignee)? else { return missing() };
        let decided = alert::check_version(&facts.alert, target.version).and_then(|()| alert::decide(&facts, &request.act, cx));
        self.decided(tx, Entity::Alert, target.id, facts.alert.person, Some(facts.alert.version), decided, request)
    }

    #[expect(clippy::too_many_arguments, reason = "one call a branch; a struct would only rename them")]
    pub(super) fn decided(
        &self,
        tx: &mut Tx,
        entity: Entity,
        id: Uuid,
        person: PersonId,
        before: Option<i64>,
        decided: Result<Vec<Change>, Refusal>,
        request: &ActRequest,
    ) -> Told {
        let changes = match decided {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let after = changes.iter().find_map(|c| match c {
            Change::Alert(a) => Some((Uuid::from(a.id), a.version)),
            Change::Plan(p) => Some((Uuid::from(p.id), p.version)),
            // Others may give way to it.
            Change::Freeze(o) if o.id.0 == id => Some((o.id.0, o.version)),
            _ => None,
        });
        let pending = changes.iter().find_map(|c| match c {
            Change::Approval(a) if a.state == approval::ApprovalState::Open => Some(a.id),
            _ => None,
        });
        // A reopened alert is another generation: the entry names the new one.
        let (id, before) = match after {
            Some((new, _)) if new != id => (new, None),
            _ => (id, before),
        };
        let version = after.map(|(_, v)| v).or(before);
        let item = self.item(tx, entity, id, Some(person), before, after.map(|(_, v)| v), request)?;
        Ok(Ok(Decided { changes, items: vec![item], version, pending }))
    }

    /// The audit item of a target, with the act and the reason sealed under the person's key.
    #[expect(clippy::too_many_arguments, reason = "the fields of an item")]
    pub(super) fn item(
        &self,
        tx: &mut Tx,
        entity: Entity,
        id: Uuid,
        person: Option<PersonId>,
        before: Option<i64>,
        after: Option<i64>,
        request: &ActRequest,
    ) -> Result<Item, Failure> {
        let sealed = match person {
            Some(p) => {
                let text = serde_json::json!({"act": request.act, "reason": request.reason}).to_string();
                Some(self.vault.seal_for(tx, p, &text)?)
            }
            None => None,
        };
        Ok(Item { entity, id, person, before, after, sealed })
    }

    fn decide_approval(&self, tx: &mut Tx, request: &ActRequest, target: Target, cx: &mut Context) -> Told {
        let grant = request.act == Act::ApprovalGrant;
        let Some(asked) = store::approval::get(tx, ApprovalId(target.id))? else {
            return Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
        };
        if let Err(refusal) = self.may_decide(tx, cx, &asked)? {
            return Ok(Err(refusal));
        }
        let alert = match asked.entity {
            Entity::Alert => store::alert::facts(tx, AlertId(asked.subject), None)?,
            _ => None,
        };
        let plan = match asked.entity {
            Entity::Plan => store::plan::facts(tx, PlanId(asked.subject))?,
            _ => None,
        };
        let order = match asked.entity {
            Entity::Freeze => store::freeze::facts(tx, FreezeId(asked.subject))?,
            _ => None,
        };
        let handover = match asked.entity {
            Entity::HandoverItem => self.facts_of_item(tx, ItemId(asked.subject))?,
            _ => None,
        };
        let item = handover.as_ref().and_then(|f| f.items.iter().find(|i| i.id.0 == asked.subject));
        let versions = [
            alert.as_ref().map(|f| f.alert.version),
            plan.as_ref().map(|f| f.plan.version),
            order.as_ref().map(|f| f.order.version),
            item.map(|i| i.version),
        ];
        let version = match asked.entity {
            // One who is not entered yet has none.
            Entity::Operator => {
                Some(store::operator::by_id(tx, OperatorId(asked.subject))?.filter(Operator::is_active).map_or(0, |o| o.version))
            }
            _ => versions.into_iter().flatten().next(),
        };
        let ended = match approval::decide(&asked, grant, version, cx) {
            Ok(a) => a,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if asked.entity == Entity::Operator {
            return self.decide_admission(tx, request, &asked, ended, grant, cx);
        }
        cx.approved = true;
        let effect = match (&alert, &plan, &order, &handover) {
            (Some(f), ..) if grant => alert::decide(f, &asked.act, cx),
            (_, Some(f), ..) if grant => plan::decide(f, &asked.act, cx),
            (_, _, Some(f), _) if grant => freeze::order::decide(f, &asked.act, cx),
            (.., Some(f)) if grant => handover::decide(f, ItemId(asked.subject), &asked.act, &handover::Around::default(), cx),
            // A plan that is denied is rejected; one that has moved on meanwhile stays as it is.
            (_, Some(f), ..) => plan::decide(f, &Act::PlanReject, cx).or(Ok(Vec::new())),
            (_, _, Some(f), _) => freeze::order::decide(f, &Act::FreezeDeny, cx).or(Ok(Vec::new())),
            _ => Ok(Vec::new()),
        };
        cx.approved = false;
        let mut changes = match effect {
            Ok(changes) => changes,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut items =
            vec![self.item(tx, Entity::Approval, ended.id.into(), asked.person, Some(asked.version), Some(ended.version), request)?];
        for c in &changes {
            let (entity, id, after) = match c {
                Change::Alert(a) => (Entity::Alert, a.id.0, a.version),
                Change::Plan(p) => (Entity::Plan, p.id.0, p.version),
                Change::Freeze(o) => (Entity::Freeze, o.id.0, o.version),
                Change::Item(i) => (Entity::HandoverItem, i.id.0, i.version),
                _ => continue,
            };
            let asked_for =
                ActRequest { act: asked.act.clone(), targets: Vec::new(), key: None, reason: request.reason.clone(), written: None };
            items.push(self.item(tx, entity, id, asked.person, version, Some(after), &asked_for)?);
        }
        let version = Some(ended.version);
        // The order's own decision has already ended its approval.
        changes.retain(|c| !matches!(c, Change::Approval(a) if a.id == ended.id));
        changes.push(Change::Approval(ended));
        Ok(Ok(Decided { changes, items, version, pending: None }))
    }

    /// What another person asked to be done about an operator.
    fn decide_admission(
        &self,
        tx: &mut Tx,
        request: &ActRequest,
        asked: &approval::Approval,
        ended: approval::Approval,
        grant: bool,
        cx: &mut Context,
    ) -> Told {
        let (id, version) = (ended.id.0, ended.version);
        let item = self.item(tx, Entity::Approval, id, None, Some(asked.version), Some(version), request)?;
        let mut done = Decided { changes: Vec::new(), items: vec![item], version: Some(version), pending: None };
        if grant {
            let asked_for =
                ActRequest { act: asked.act.clone(), targets: Vec::new(), key: None, reason: request.reason.clone(), written: None };
            cx.approved = true;
            let effect = match &asked_for.act {
                Act::TokenAdd { .. } => self.decide_token(tx, &asked_for, asked.subject, cx),
                Act::OperatorKey { .. } => self.decide_ssh_key(tx, &asked_for, cx),
                _ => self.decide_operator(tx, &asked_for, cx),
            };
            cx.approved = false;
            match effect? {
                Ok(effect) => {
                    done.changes.extend(effect.changes);
                    done.items.extend(effect.items);
                }
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        done.changes.push(Change::Approval(ended));
        Ok(Ok(done))
    }

    fn decide_person(&self, tx: &mut Tx, request: &ActRequest, target: Target) -> Told {
        let id = PersonId(target.id);
        let Some(p) = store::person::get(tx, id)?.filter(|p| !p.erased) else {
            return Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
        };
        if target.version.is_some_and(|v| v != p.version) {
            return Ok(Err(Refusal::new(
                RefusalClass::Conflict,
                Sentence::new("refused-person-changed").with("seen", target.version.unwrap_or(0)).with("version", p.version),
            )));
        }
        let (change, version) = match &request.act {
            Act::PersonSortName { sort_name } => {
                let sort_name = sort_name.trim().to_lowercase();
                if sort_name.is_empty() || !sort_name.is_ascii() || sort_name.len() > 100 || sort_name.chars().any(char::is_control) {
                    return Ok(Err(refuse(RefusalClass::Usage, "refused-sort-name")));
                }
                (Change::SortName { person: id, sort_name, version: p.version + 1 }, p.version + 1)
            }
            _ if let Err(why) = may_erase(&store::person::erase_facts(tx, id)?) => return Ok(Err(why)),
            _ => (Change::Erase { person: id }, p.version + 1),
        };
        let mut item = self.item(tx, Entity::Person, id.into(), Some(id), Some(p.version), Some(version), request)?;
        if request.act == Act::PersonErase {
            // The key that would open it is gone with this act.
            item.sealed = None;
        }
        Ok(Ok(Decided { changes: vec![change], items: vec![item], version: Some(version), pending: None }))
    }

    fn decide_kind(&self, tx: &mut Tx, request: &ActRequest) -> Told {
        let (Act::SignalEnable { kind, .. } | Act::SignalDisable { kind }) = &request.act else {
            return Ok(Err(refuse(RefusalClass::Usage, "refused-wrong-target")));
        };
        let known = store::signal::kinds(tx)?.into_iter().find(|k| k.kind == *kind).unwrap_or_else(|| kind.default_policy());
        let mut k = known.clone();
        match &request.act {
            Act::SignalEnable { basis, .. } => {
                k.enabled = true;
                k.basis = Some(*basis);
            }
            _ => k.enabled = false,
        }
        if k == known {
            return Ok(Err(refuse(RefusalClass::Policy, "refused-no-change")));
        }
        k.version += 1;
        let (id, after) = (Uuid::from_u128(*kind as u128), Some(k.version));
        let item = Item { entity: Entity::SignalKind, id, person: None, before: Some(known.version), after, sealed: None };
        Ok(Ok(Decided { changes: vec![Change::KindPolicy(k)], items: vec![item], version: after, pending: None }))
    }

    /// Writes one change.
    fn apply(&self, tx: &mut Tx, change: &Change, cx: &mut Context, touched: &mut Touch) -> Result<(), Failure> {
        match change {
            Change::Alert(a) => {
                store::alert::put(tx, a)?;
                touched.alerts.insert(a.id);
            }
            Change::Note { alert, person, text } => {
                let (id, by) = (cx.id(), cx.operator_name.clone());
                store::alert::add_note(tx, id, alert.0, *person, &by, text)?;
                touched.alerts.insert(*alert);
            }
            Change::OrderNote { order, person, text } => {
                let (id, by) = (cx.id(), cx.operator_name.clone());
                store::alert::add_note(tx, id, order.0, *person, &by, text)?;
                touched.freezes.insert(*order);
            }
            Change::Talk(t) => store::alert::add_talk(tx, t)?,
            Change::Contest(c) => self.apply_contest(tx, c, touched)?,
            Change::Plan(p) => {
                store::plan::put(tx, p)?;
                touched.plans.insert(p.id);
            }
            Change::Approval(a) => {
                store::approval::put(tx, a)?;
                touched.other.insert(("approval", a.id.0));
                match a.entity {
                    Entity::Alert => {
                        touched.alerts.insert(AlertId(a.subject));
                    }
                    Entity::Freeze => {
                        touched.freezes.insert(FreezeId(a.subject));
                    }
                    Entity::HandoverItem => touched.cases.extend(store::offboarding::case_of_item(tx, ItemId(a.subject))?),
                    Entity::Plan => {
                        touched.plans.insert(PlanId(a.subject));
                    }
                    _ => {}
                }
            }
            Change::Customer { customer, point } => {
                store::customer::put(tx, customer)?;
                if let Some(point) = point {
                    store::customer::hand_over(tx, customer.id, point)?;
                }
                touched.customers.insert(customer.id);
            }
            Change::Transfer(t) => store::customer::put_transfer(tx, t)?,
            Change::KindPolicy(k) => {
                store::signal::put_kind(tx, k)?;
                // A disabled kind must not influence a new score, an enabled one must: everyone is scored again.
                store::score::mark_all(tx)?;
                self.queue(tx, "score", "all", tx.now(), "")?;
            }
            Change::TokenAdd { token, hash } => store::token::add(tx, token, hash)?,
            Change::Token(t) => store::token::put(tx, t)?,
            Change::SshKey(k) => store::ssh_key::put(tx, k)?,
            Change::Operator(o) => {
                store::operator::put(tx, o)?;
                touched.other.insert(("operator", o.id.0));
            }
            Change::SortName { person, sort_name, version } => {
                store::person::set_sort_name(tx, *person, sort_name, *version)?;
                touched.other.insert(("person", person.0));
            }
            Change::Reveal { person, operator, role, until } => {
                store::reveal::put(tx, *operator, *person, *role, *until)?;
                touched.other.insert(("person", person.0));
            }
            Change::Erase { person } => {
                super::erase::erase(tx, *person)?;
                self.erase_drafts(tx)?;
                touched.other.insert(("person", person.0));
            }
            Change::Freeze(o) => {
                self.apply_order(tx, o)?;
                touched.freezes.insert(o.id);
            }
            Change::Steps(id, steps) => store::freeze::put_steps(tx, *id, steps)?,
            Change::Drill(d) => {
                store::freeze::put_drill(tx, d)?;
                touched.other.insert(("drill", Uuid::nil()));
            }
            Change::Link(l) => {
                store::freeze::put_link(tx, l)?;
                touched.other.insert(("person", l.person.0));
            }
            Change::Unlink { target, account, person } => {
                store::freeze::unlink(tx, target, account, *person)?;
                touched.other.insert(("person", person.0));
            }
            Change::Case { .. } | Change::Item(_) | Change::Duty(_) | Change::Spell { .. } | Change::Export { .. } => {
                self.apply_offboarding(tx, change, touched)?;
            }
        }
        Ok(())
    }

    /// Tells watchers, wakes the clocks, and reads the touched rows back as they are now.
    fn announce(&self, tx: &mut Tx, touched: &Touch) -> Result<Vec<Touched>, StoreError> {
        let mut rows = Vec::new();
        for id in &touched.alerts {
            store::audit::announce(tx, "alert", Some(id.0))?;
            if let Some(row) = store::alert::row(tx, *id)? {
                rows.push(Touched::Alert(Box::new(row)));
            }
        }
        for id in &touched.plans {
            store::audit::announce(tx, "plan", Some(id.0))?;
            if let Some(row) = store::plan::row(tx, *id)? {
                rows.push(Touched::Plan(Box::new(row)));
            }
        }
        for id in &touched.freezes {
            store::audit::announce(tx, "freeze", Some(id.0))?;
            if let Some(row) = store::freeze::row(tx, *id)? {
                rows.push(Touched::Freeze(Box::new(row)));
            }
        }
        for id in &touched.customers {
            store::audit::announce(tx, "customer", Some(id.0))?;
            if let Some(row) = store::customer::row(tx, *id)? {
                rows.push(Touched::Customer(Box::new(row)));
            }
        }
        for id in &touched.cases {
            store::audit::announce(tx, "offboarding", Some(id.0))?;
            if let Some(card) = store::offboarding::card(tx, *id, self.day(tx.now()))? {
                rows.push(Touched::Offboarding(Box::new(card)));
            }
        }
        for (what, id) in &touched.other {
            store::audit::announce(tx, what, Some(*id))?;
        }
        if !(touched.alerts.is_empty() && touched.plans.is_empty() && touched.freezes.is_empty() && touched.customers.is_empty())
            && let Some(due) = super::clocks::next_clock(tx)?
        {
            self.queue(tx, "clocks", "all", due, "")?;
        }
        Ok(rows)
    }
}

/// What a request touched.
#[derive(Default)]
pub(super) struct Touch {
    alerts: BTreeSet<AlertId>,
    plans: BTreeSet<PlanId>,
    freezes: BTreeSet<FreezeId>,
    customers: BTreeSet<CustomerId>,
    pub cases: BTreeSet<CaseId>,
    pub other: BTreeSet<(&'static str, Uuid)>,
}
