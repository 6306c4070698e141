//! Acts: one transaction each. Authorise, lock the chain, load facts, decide, write rows, entry and jobs, or nothing.

use super::{
    Service,
    apply::Touch,
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
        ids::{AlertId, ApprovalId, CaseId, DutyId, ImportId, ItemId, PersonId, PlanId},
        operator::Identity,
        person::may_erase,
        plan::{self, Plan},
        sentence::Sentence,
    },
    store::{self, Tx, audit::Chain},
};
use std::collections::{BTreeMap, btree_map};
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
}
