//! A second person's word: what was asked for is done in the same commit, or is not.

use super::{
    Service,
    act::{Decided, Told, refuse},
};
use crate::{
    backend::{ActRequest, Target},
    domain::{
        act::{Act, Change, Context, Entity, RefusalClass},
        alert, approval, freeze, handover,
        ids::{AlertId, ApprovalId, FreezeId, ItemId, OperatorId, PlanId},
        operator::Operator,
        plan::{self},
    },
    store::{self, Tx},
};

impl Service {
    /// Decides a yes or a no to what another asked for.
    pub(super) fn decide_approval(&self, tx: &mut Tx, request: &ActRequest, target: Target, cx: &mut Context) -> Told {
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
        // Not only who asked: whoever has given a word on the order has given theirs, under whatever login.
        if let Some(f) = order.as_ref().filter(|_| grant)
            && let Err(refusal) = self.another_word(tx, cx, &asked.act, &f.order)?
        {
            return Ok(Err(refusal));
        }
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
}
