//! Operators: who may use the home, whose login they are, and what becomes of one whose own accounts are suspended (domain.md "Operator
//! himself is leaving").

use super::{
    Service,
    act::{Decided, Told, refuse},
};
use crate::{
    backend::{ActRequest, Failure},
    domain::{
        act::{Act, Change, Context, Entity, Refusal, RefusalClass},
        alert,
        audit::Item,
        freeze::{Direction, Level, Order},
        handover,
        ids::{FreezeId, OperatorId, PersonId},
        operator::{Identity, Operator},
        sentence::Sentence,
    },
    store::{self, Tx},
};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use uuid::Uuid;

impl Service {
    /// An operator who was revoked, or ended, while a console was open may see and do nothing more; nor may one whose key of SSH was removed.
    pub(super) fn check_operator(&self, tx: &mut Tx, who: &Identity) -> Result<Operator, Failure> {
        if let Some(key) = who.key
            && !store::ssh_key::is_registered(tx, key)?
        {
            return Err(super::session::shut_out(Sentence::new("ssh-key-removed").with("name", &who.name)));
        }
        let found = store::operator::by_id(tx, who.operator)?;
        match found.as_ref().map(Operator::shut_out) {
            Some(None) => found.ok_or_else(|| Failure::broken("an operator who is not there")),
            Some(Some(why)) => Err(super::session::shut_out(why)),
            None => Err(super::session::shut_out(Sentence::new("operator-revoked").with("name", &who.name))),
        }
    }

    /// Decides an act about operators.
    pub(super) fn decide_operator(&self, tx: &mut Tx, request: &ActRequest, cx: &mut Context) -> Told {
        let settle = |before: Option<i64>, o: Operator| {
            let item = Item { entity: Entity::Operator, id: o.id.0, person: None, before, after: Some(o.version), sealed: None };
            let version = Some(o.version);
            Ok(Ok(Decided { changes: vec![Change::Operator(o)], items: vec![item], version, pending: None }))
        };
        let giver = store::operator::by_id(tx, cx.operator)?.map(|o| o.role);
        // Once a second person has said yes it is done; until then nobody gives more than they have themselves.
        let gives = |role| cx.approved || giver.is_some_and(|giver| self.may_give(giver, role));
        if let Act::OperatorAdd { name, role, person, org } = &request.act {
            let name = name.trim().to_lowercase();
            let plain = name.chars().all(|c| c.is_alphanumeric() || "-_.@".contains(c));
            if name.is_empty() || name.chars().count() > 64 || !plain {
                return Ok(Err(refuse(RefusalClass::Usage, "refused-operator-name")));
            }
            if !somebody(tx, *person)? {
                return Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
            }
            if !unit(org.as_deref()) || (org.is_none() && self.wants_unit(*role)) {
                return Ok(Err(refuse(RefusalClass::Usage, "refused-operator-org")));
            }
            let known = store::operator::by_name(tx, &name)?;
            // Who comes back as somebody else's login is asked about like one who is linked anew.
            let other = person.is_some() && known.as_ref().is_some_and(|o| o.person.is_some() && o.person != *person);
            if (!gives(*role) || (other && !cx.approved)) && known.as_ref().is_none_or(|o| o.revoked_at.is_some()) {
                let id = known.map_or_else(|| cx.id(), |o| o.id.0);
                return self.ask_about(tx, cx, id, 0, request.act.clone());
            }
            return match known {
                Some(o) if o.revoked_at.is_none() => {
                    Ok(Err(Refusal::new(RefusalClass::Conflict, Sentence::new("refused-operator-exists").with("name", name))))
                }
                // Whatever ended it besides stays.
                Some(o) => settle(
                    Some(o.version),
                    Operator { role: *role, org: org.clone(), revoked_at: None, person: person.or(o.person), version: o.version + 1, ..o },
                ),
                None => {
                    let id = OperatorId(cx.id());
                    settle(None, Operator { org: org.clone(), ..Operator::new(id, name, *role, *person, cx.now) })
                }
            };
        }
        let (Act::OperatorLink { name, .. }
        | Act::OperatorRole { name, .. }
        | Act::OperatorRevoke { name }
        | Act::OperatorRestore { name }) = &request.act
        else {
            return Ok(Err(refuse(RefusalClass::Usage, "refused-wrong-target")));
        };
        let Some(o) = store::operator::by_name(tx, name)? else {
            return Ok(Err(refuse(RefusalClass::NotFound, "refused-no-operator")));
        };
        if o.id == cx.operator {
            let own = if matches!(request.act, Act::OperatorRevoke { .. }) { "refused-revoke-self" } else { "refused-operator-self" };
            return Ok(Err(refuse(RefusalClass::Policy, own)));
        }
        if let Act::OperatorLink { person, .. } = &request.act {
            if !somebody(tx, *person)? {
                return Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
            }
            // Two logins of one human being have one word together: nobody takes that from a login alone, or gives it what is that person's own.
            if o.person != *person && !(cx.approved || o.person.is_none() && gives(o.role)) {
                return self.ask_about(tx, cx, o.id.0, o.version, request.act.clone());
            }
        }
        if let Act::OperatorRole { role, org, .. } = &request.act {
            if !unit(org.as_deref()) || (org.is_none() && self.wants_unit(*role)) {
                return Ok(Err(refuse(RefusalClass::Usage, "refused-operator-org")));
            }
            // Taking from somebody is nobody's to ask about; giving is.
            if (o.role, &o.org) != (*role, org) && !gives(*role) {
                return self.ask_about(tx, cx, o.id.0, o.version, request.act.clone());
            }
        }
        let next = match &request.act {
            Act::OperatorRole { role, org, .. } if (o.role, &o.org) != (*role, org) => {
                Some(Operator { role: *role, org: org.clone(), version: o.version + 1, ..o.clone() })
            }
            Act::OperatorRevoke { .. } if o.revoked_at.is_none() => {
                Some(Operator { revoked_at: Some(cx.now), version: o.version + 1, ..o.clone() })
            }
            Act::OperatorLink { person, .. } if o.person != *person => {
                Some(Operator { person: *person, version: o.version + 1, ..o.clone() })
            }
            Act::OperatorRestore { .. } => o.restore(),
            _ => None,
        };
        match next {
            Some(next) if matches!(request.act, Act::OperatorRevoke { .. }) => {
                let (changes, items) = self.shut_doors(tx, &o, cx)?;
                settle(Some(o.version), next).map(|decided| {
                    decided.map(|d| Decided { changes: [d.changes, changes].concat(), items: [d.items, items].concat(), ..d })
                })
            }
            Some(next) => settle(Some(o.version), next),
            None => Ok(Err(refuse(RefusalClass::Policy, "refused-no-change"))),
        }
    }

    /// A suspension begins: operators who are its person end with it, in the same commit, and what they had in hand is nobody's again.
    pub(super) fn end_operators(&self, tx: &mut Tx, o: &Order) -> Result<(), Failure> {
        if o.intent.direction == Direction::Thaw || o.intent.level < Level::Suspend {
            return Ok(());
        }
        let now = tx.now();
        let cx = self.machine(now);
        let logins: BTreeSet<String> = o.intent.steps.iter().map(|s| s.login.clone()).collect();
        let logins: Vec<String> = logins.into_iter().collect();
        for was in store::operator::of_person(tx, o.person, &logins)? {
            let Some(ended) = was.end(o.id, now) else { continue };
            store::operator::put(tx, &ended)?;
            store::audit::announce(tx, "operator", Some(ended.id.0))?;
            self.by_machine(tx, "operator.end", vec![(Entity::Operator, ended.id.0, Some(o.person), ended.version)])?;
            let mut freed = Vec::new();
            for a in store::alert::owned(tx, ended.id)? {
                let a = alert::released(&a, &cx);
                store::alert::put(tx, &a)?;
                store::audit::announce(tx, "alert", Some(a.id.0))?;
                self.queue(tx, "clocks", "all", a.ack_due_at, "")?;
                freed.push((Entity::Alert, a.id.0, Some(a.person), a.version));
            }
            self.by_machine(tx, "alert.release", freed)?;
            let mut freed = Vec::new();
            for item in store::offboarding::reviewed_by(tx, ended.id)? {
                let item = handover::released(&item, &cx);
                store::offboarding::put_item(tx, &item)?;
                store::audit::announce(tx, "offboarding", Some(item.case.0))?;
                freed.push((Entity::HandoverItem, item.id.0, Some(item.person), item.version));
            }
            self.by_machine(tx, "offboarding.release", freed)?;
        }
        Ok(())
    }

    /// A freeze was thawed: operators whom it ended are given back; those that something else ended are not.
    pub(super) fn restore_operators(&self, tx: &mut Tx, order: FreezeId) -> Result<(), Failure> {
        for was in store::operator::ended_by(tx, order)? {
            let Some(back) = was.restore() else { continue };
            store::operator::put(tx, &back)?;
            store::audit::announce(tx, "operator", Some(back.id.0))?;
            self.by_machine(tx, "operator.restore", vec![(Entity::Operator, back.id.0, None, back.version)])?;
        }
        Ok(())
    }

    /// One entry for what the machine changed: kind, id, whose timeline says it, version.
    pub(super) fn by_machine(&self, tx: &mut Tx, act: &str, of: Vec<(Entity, Uuid, Option<PersonId>, i64)>) -> Result<(), Failure> {
        if of.is_empty() {
            return Ok(());
        }
        let mut digest = Sha256::new();
        for (_, id, _, version) in &of {
            digest.update(id.as_bytes());
            digest.update(version.to_be_bytes());
        }
        let item = |(entity, id, person, version): (Entity, Uuid, Option<PersonId>, i64)| Item {
            entity,
            id,
            person,
            before: (version > 1).then(|| version - 1),
            after: Some(version),
            sealed: None,
        };
        let items: Vec<Item> = of.into_iter().map(item).collect();
        self.machine_entry(tx, act, items.len() as i64, &digest.finalize(), items)?;
        Ok(())
    }
}

/// Whether a unit is said as a path, `/集团/华东` (`/` is the whole company), or not at all.
fn unit(org: Option<&str>) -> bool {
    org.is_none_or(|path| path == "/" || (path.starts_with('/') && !path.ends_with('/') && !path.chars().any(char::is_control)))
}

/// Whether a person who is named is one.
fn somebody(tx: &mut Tx, person: Option<PersonId>) -> Result<bool, Failure> {
    let Some(id) = person else { return Ok(true) };
    Ok(store::person::get(tx, id)?.is_some_and(|p| !p.erased))
}
