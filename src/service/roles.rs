//! What an operator's role allows: checked here once, for every backend (DESIGN.md, "Deny by default").

use super::{
    Service,
    act::{Decided, Told, refuse},
};
use crate::{
    backend::{
        ActRequest, Answer, Changed, Failure, FailureKind, Filter, Query, Target,
        answer::{Me, RoleRow},
        table::{self, ActRow},
    },
    domain::{
        act::{Act, Change, Context, Entity, MOST_MINUTES, Refusal, RefusalClass},
        approval::Approval,
        audit::Item,
        freeze::Order,
        ids::{CustomerId, OperatorId, PersonId},
        operator::{Identity, Operator},
        role::{Field, Grant, Role, Roles, Scope},
        row::Within,
        sentence::Sentence,
    },
    store::{self, StoreError, Tx},
};
use jiff::SignedDuration;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use strum::IntoEnumIterator;
use uuid::Uuid;

/// The roles that ship.
const SHIPPED: &str = include_str!("../../config/roles.toml");

/// Name of the home's own file.
const FILE: &str = "roles.toml";

/// The shipped roles, each replaced by the home's own of that name.
///
/// # Errors
/// A file that cannot be taken, a role or a permission that there is not: half a file would allow too much or too little.
pub fn load(dir: &Path) -> Result<Roles, Failure> {
    let bad = |detail: String| {
        Failure::new(FailureKind::Usage, Sentence::new("config-bad").with("file", dir.join(FILE).display()).with("detail", detail))
            .next(Sentence::new("roles-next"))
    };
    let mut roles: Roles = toml::from_str(SHIPPED).map_err(Failure::broken)?;
    let text = match fs::read_to_string(dir.join(FILE)) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(roles),
        Err(e) => return Err(bad(e.to_string())),
    };
    let own: BTreeMap<Role, Vec<Grant>> = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
    let known = table::permissions();
    for permission in own.values().flatten().flat_map(|g| &g.of) {
        let one = Grant { of: vec![permission.clone()], ..Grant::default() };
        if !known.iter().any(|p| one.has(p)) {
            return Err(bad(format!("of: {permission}")));
        }
    }
    roles.0.extend(own);
    Ok(roles)
}

/// What a role leaves an operator of one permission.
pub(super) struct View {
    pub operator: Operator,
    pub grant: Grant,
    pub within: Within,
    /// Whose names are shown all the same, for a while.
    pub revealed: BTreeSet<PersonId>,
}

impl View {
    /// Whether a field is left out of answers.
    pub fn hides(&self, field: Field) -> bool {
        self.grant.hides(field)
    }

    /// Whether a pseudonym stands for that person.
    pub fn is_hidden(&self, id: PersonId) -> bool {
        self.hides(Field::Identity) && !self.revealed.contains(&id)
    }

    /// Refuses a stored file to whom something of it would have to be hidden: what stands in it can't be masked. It is given whole or not
    /// at all.
    pub(super) fn may_read_file(&self, of: &[PersonId]) -> Result<(), Failure> {
        let named = !of.iter().any(|p| self.is_hidden(*p)) && (!of.is_empty() || !self.hides(Field::Identity));
        if named && !self.hides(Field::Notes) { Ok(()) } else { Err(self.refuse("role-hidden")) }
    }

    fn refuse(&self, code: &'static str) -> Failure {
        Failure::new(FailureKind::Refused, Sentence::new(code).with("role", self.operator.role.word())).next(Sentence::new("role-next"))
    }

    /// The query with the rows that it may bring: its filter is bound to what the role reaches.
    ///
    /// # Errors
    /// A filter by what the role does not show would tell it. A whole number may be asked for: whoever has it knows whose it is.
    pub fn bound<'q>(&self, tx: &mut Tx, query: &'q Query) -> Result<Cow<'q, Query>, Failure> {
        let mut bound = Cow::Borrowed(query);
        let Some(filter) = filter_of(query) else { return Ok(bound) };
        let by_name = !matches!(query, Query::Customers { .. } | Query::Audit { .. });
        if let Some(text) = filter.text.as_deref().map(str::trim).filter(|t| by_name && self.hides(Field::Identity) && !t.is_empty())
            && !store::person::find(tx, text, 2)?.iter().any(|p| p.number == text)
        {
            return Err(self.refuse("role-filter-identity"));
        }
        // A place in a list by name is a name: who has read a row has its id.
        if let Query::People { slice, .. } = query
            && self.hides(Field::Identity)
            && slice.after.as_deref().is_some_and(|after| after.parse::<Uuid>().is_err())
        {
            return Err(super::cursor::bad_cursor());
        }
        if self.hides(Field::Score) && filter.band.is_some() {
            return Err(self.refuse("role-filter-score"));
        }
        if self.within != Within::Everybody
            && let Query::Alerts { filter, .. }
            | Query::People { filter, .. }
            | Query::Plans { filter, .. }
            | Query::Customers { filter, .. }
            | Query::Offboardings { filter, .. }
            | Query::Freezes { filter, .. } = bound.to_mut()
        {
            filter.within = self.within.clone();
        }
        Ok(bound)
    }
}

fn filter_of(query: &Query) -> Option<&Filter> {
    match query {
        Query::Alerts { filter, .. }
        | Query::People { filter, .. }
        | Query::Plans { filter, .. }
        | Query::Customers { filter, .. }
        | Query::Offboardings { filter, .. }
        | Query::Audit { filter, .. }
        | Query::Freezes { filter, .. } => Some(filter),
        _ => None,
    }
}

/// Why a role may not, as a refusal.
fn not_yours(role: Role, permission: &str) -> Failure {
    Failure::new(FailureKind::Refused, Sentence::new("role-may-not").with("role", role.word()).with("permission", permission))
        .next(Sentence::new("role-next"))
}

/// What a role for one unit reaches: nobody without one, everybody where it is the whole company.
fn unit_of(operator: &Operator) -> Within {
    match operator.org.as_deref() {
        None => Within::Nobody,
        Some("/") => Within::Everybody,
        Some(path) => Within::Org(path.into()),
    }
}

/// What is refused because the role does not reach whom it is about.
pub(super) fn out_of_scope(role: Role) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new("refused-scope").with("role", role.word()))
}

impl Service {
    /// The operator as they are now, and what their role leaves them of a permission.
    ///
    /// # Errors
    /// Whoever was revoked or ended, and whoever's role does not have it.
    pub(super) fn view(&self, tx: &mut Tx, who: &Identity, permission: &str) -> Result<View, Failure> {
        let operator = self.check_operator(tx, who)?;
        let role = operator.role;
        self.view_of(tx, &operator, permission)?.ok_or_else(|| not_yours(role, permission))
    }

    /// What an operator's role leaves of a permission, if it has it.
    pub(super) fn view_of(&self, tx: &mut Tx, operator: &Operator, permission: &str) -> Result<Option<View>, StoreError> {
        let Some(grant) = self.roles.grant(operator.role, permission).cloned() else { return Ok(None) };
        let within = match grant.scope {
            Scope::All => Within::Everybody,
            Scope::Org => unit_of(operator),
            Scope::Own => operator.person.map_or(Within::Nobody, Within::Own),
        };
        let revealed = if grant.hides(Field::Identity) { store::reveal::of(tx, operator)? } else { BTreeSet::new() };
        Ok(Some(View { operator: operator.clone(), grant, within, revealed }))
    }

    /// What a role leaves of a query.
    pub(super) fn may_ask(&self, tx: &mut Tx, who: &Identity, query: &Query) -> Result<View, Failure> {
        let view = self.view(tx, who, table::permission(query))?;
        // What is made of scores, or of what somebody did on the job market, is nothing without them.
        let whole = match query {
            Query::ScoreSeries { .. } | Query::Explain { .. } | Query::WhatIf { .. } | Query::Contest { .. } | Query::Contests { .. } => {
                !view.hides(Field::Score)
            }
            // Counted over the whole company.
            Query::Effect { .. } => view.within == Within::Everybody,
            Query::Evidence { kind, .. } => !view.hides(Field::Score) && !super::mask::hides_kind(&view, *kind),
            Query::AlertReport { report: crate::backend::query::AlertReport::HrWarning, .. } => {
                !view.hides(Field::Score) && !view.hides(Field::Resume)
            }
            _ => true,
        };
        if whole { Ok(view) } else { Err(view.refuse("role-hidden")) }
    }

    /// Refuses what is about somebody whom the role does not reach.
    pub(super) fn may_see(&self, tx: &mut Tx, view: &View, people: &[PersonId], customers: &[CustomerId]) -> Result<(), Failure> {
        for id in people {
            if !store::person::reaches(tx, &view.within, *id)? {
                return Err(out_of_scope(view.operator.role).into());
            }
        }
        for id in customers {
            if !store::customer::reaches(tx, &view.within, *id)? {
                return Err(out_of_scope(view.operator.role).into());
            }
        }
        Ok(())
    }

    /// Of what changed, that which is somebody's whom the role reaches and has a permission to read.
    pub(super) fn may_hear(&self, tx: &mut Tx, who: &Operator, changed: Vec<Changed>) -> Result<Vec<Changed>, StoreError> {
        let mut views = BTreeMap::new();
        let mut kept = Vec::with_capacity(changed.len());
        for c in changed {
            let Some((permission, entity)) = table::tells_of(&c.what) else {
                kept.push(c);
                continue;
            };
            if !views.contains_key(permission) {
                views.insert(permission, self.view_of(tx, who, permission)?);
            }
            let Some(Some(view)) = views.get(permission) else { continue };
            let reached = match (&view.within, c.id) {
                (Within::Everybody, _) | (_, None) => true,
                (within, Some(id)) if entity == Entity::Customer => store::customer::reaches(tx, within, CustomerId(id))?,
                (within, Some(id)) => match store::person::of_subject(tx, entity, id)? {
                    Some(person) => store::person::reaches(tx, within, person)?,
                    None => false,
                },
            };
            if reached {
                kept.push(c);
            }
        }
        Ok(kept)
    }

    /// Those targets of an act that the role reaches: nothing else is looked up outside.
    pub(super) fn reached_of(&self, tx: &mut Tx, who: &Identity, row: &ActRow, of: &[Target]) -> Result<Vec<Target>, Failure> {
        let view = self.view(tx, who, row.permission)?;
        let mut reached = Vec::with_capacity(of.len());
        for target in of {
            if self.may_touch(tx, &view, row, target.id)?.is_ok() {
                reached.push(*target);
            }
        }
        Ok(reached)
    }

    /// Whether an act reaches one of its targets.
    pub(super) fn may_touch(&self, tx: &mut Tx, view: &View, row: &ActRow, id: Uuid) -> Result<Result<(), Refusal>, StoreError> {
        if view.within == Within::Everybody {
            return Ok(Ok(()));
        }
        let refused = Ok(Err(out_of_scope(view.operator.role)));
        match row.target {
            Some(Entity::Customer) if !store::customer::reaches(tx, &view.within, CustomerId(id))? => refused,
            Some(entity) => match store::person::of_subject(tx, entity, id)? {
                Some(person) if !store::person::reaches(tx, &view.within, person)? => refused,
                _ => Ok(Ok(())),
            },
            None => Ok(Ok(())),
        }
    }

    /// Whether somebody may give or refuse their word on what another asked for: their role must have the thing itself, reach whom it is
    /// about, and they must not be the same human being under another login (domain.md 13).
    pub(super) fn may_decide(&self, tx: &mut Tx, cx: &Context, asked: &Approval) -> Result<Result<(), Refusal>, Failure> {
        let permission = table::decides(asked.entity);
        let who = self.by(tx, cx)?;
        let Some(view) = self.view_of(tx, &who, permission)? else {
            return Ok(Err(Refusal::new(RefusalClass::Policy, not_yours(who.role, permission).what)));
        };
        if let Some(person) = asked.person
            && !store::person::reaches(tx, &view.within, person)?
        {
            return Ok(Err(out_of_scope(who.role)));
        }
        Ok(self.one_hat(tx, cx, &[asked.proposer])?)
    }

    fn by(&self, tx: &mut Tx, cx: &Context) -> Result<Operator, Failure> {
        store::operator::by_id(tx, cx.operator)?.ok_or_else(|| Failure::broken("an operator who is not there"))
    }

    /// Refuses a second word of one human being: two logins of one person are one person.
    pub(super) fn one_hat(&self, tx: &mut Tx, cx: &Context, others: &[OperatorId]) -> Result<Result<(), Refusal>, StoreError> {
        let Some(me) = store::operator::by_id(tx, cx.operator)?.and_then(|o| o.person) else { return Ok(Ok(())) };
        for other in others.iter().filter(|o| **o != cx.operator) {
            if store::operator::by_id(tx, *other)?.and_then(|o| o.person) == Some(me) {
                return Ok(Err(refuse(RefusalClass::Policy, "refused-two-hats")));
            }
        }
        Ok(Ok(()))
    }

    /// Refuses a word on an order by somebody whose other login has given one.
    pub(super) fn another_word(&self, tx: &mut Tx, cx: &Context, act: &Act, o: &Order) -> Result<Result<(), Refusal>, StoreError> {
        if !matches!(act, Act::FreezeApprove { .. } | Act::FreezeConfirm | Act::FreezeWaive { .. }) {
            return Ok(Ok(()));
        }
        let said: Vec<OperatorId> = o.approvals.iter().map(|w| w.operator).chain([o.requester]).collect();
        self.one_hat(tx, cx, &said)
    }

    /// Whether a role is for one unit, so that whoever has it must be given one.
    pub(super) fn wants_unit(&self, role: Role) -> bool {
        self.roles.0.get(&role).is_some_and(|grants| grants.iter().any(|g| g.scope == Scope::Org))
    }

    /// Whether one role may be given by somebody of another without a second person.
    pub(super) fn may_give(&self, giver: Role, given: Role) -> bool {
        self.roles.covers(giver, given, &table::permissions())
    }

    /// Whether somebody may give another a door (a token, a key of SSH): it opens all that the other's role may, so they must have that
    /// themselves, or a second person has said yes.
    pub(super) fn may_open(&self, tx: &mut Tx, cx: &Context, of: &Operator) -> Result<bool, Failure> {
        Ok(cx.approved || self.may_give(self.by(tx, cx)?.role, of.role))
    }

    /// Asks for a second person's word on an act about an operator; nothing changes until it is given.
    pub(super) fn ask_about(&self, tx: &mut Tx, cx: &mut Context, id: Uuid, version: i64, act: Act) -> Told {
        let person = if let Act::OperatorLink { person, .. } = &act { *person } else { None };
        let asked = Approval::ask(cx, Entity::Operator, id, version, person, act);
        if store::approval::waits(tx, &asked.subject_hash, cx.now)? {
            return Ok(Err(refuse(RefusalClass::Policy, "refused-approval-pending")));
        }
        let item = Item { entity: Entity::Approval, id: asked.id.0, person: None, before: None, after: Some(1), sealed: None };
        let pending = Some(asked.id);
        Ok(Ok(Decided { changes: vec![Change::Approval(asked)], items: vec![item], version: None, pending }))
    }

    /// Reveals somebody to whoever asks.
    pub(super) fn decide_reveal(&self, tx: &mut Tx, request: &ActRequest, id: PersonId, minutes: i64, cx: &Context) -> Told {
        if !(1..=MOST_MINUTES).contains(&minutes) {
            let why = Sentence::new("refused-reveal-minutes").with("most", MOST_MINUTES);
            return Ok(Err(Refusal::new(RefusalClass::Usage, why)));
        }
        if store::person::get(tx, id)?.is_none_or(|p| p.erased) {
            return Ok(Err(refuse(RefusalClass::NotFound, "refused-not-found")));
        }
        let role = self.by(tx, cx)?.role;
        let change = Change::Reveal { person: id, operator: cx.operator, role, until: cx.now + SignedDuration::from_mins(minutes) };
        let item = self.item(tx, Entity::Person, id.0, Some(id), None, None, request)?;
        Ok(Ok(Decided { changes: vec![change], items: vec![item], version: None, pending: None }))
    }

    /// Who is asking.
    pub(super) fn me(&self, view: &View) -> Me {
        let o = &view.operator;
        let may = table::permissions().into_iter().filter(|p| self.roles.grant(o.role, p).is_some()).map(Into::into).collect();
        Me { name: o.name.clone(), role: o.role, org: o.org.clone(), may, revealed: view.revealed.clone() }
    }

    /// What each role may do.
    pub(super) fn role_rows(&self, tx: &mut Tx) -> Result<Answer, StoreError> {
        let all = store::operator::all(tx)?;
        let row = |role| RoleRow {
            role,
            operators: all.iter().filter(|o| o.role == role && o.is_active()).count() as i64,
            grants: self.roles.0.get(&role).cloned().unwrap_or_default(),
        };
        Ok(Answer::Roles(Role::iter().map(row).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_knows_every_role_and_no_permission_that_there_is_not() {
        let roles = load(Path::new("/nowhere")).unwrap();
        assert!(Role::iter().all(|r| roles.0.contains_key(&r)));
        let known = table::permissions();
        for permission in roles.0.values().flatten().flat_map(|g| &g.of) {
            let one = Grant { of: vec![permission.clone()], ..Grant::default() };
            assert!(known.iter().any(|p| one.has(p)), "{permission}");
        }
    }

    #[test]
    fn every_permission_is_somebodys_beside_the_owner() {
        let roles = load(Path::new("/nowhere")).unwrap();
        for permission in table::permissions() {
            assert!(Role::iter().any(|r| r != Role::Owner && roles.grant(r, permission).is_some()), "{permission}");
        }
    }

    #[test]
    fn a_home_replaces_a_role_and_may_not_name_what_there_is_not() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "[[triager]]\nof = [\"alert.read\"]\n").unwrap();
        let roles = load(dir.path()).unwrap();
        assert!(roles.grant(Role::Triager, "alert.read").is_some() && roles.grant(Role::Triager, "alert.work").is_none());
        assert!(roles.grant(Role::Hrbp, "alert.work").is_some());
        for wrong in
            ["[[triage]]\nof = [\"alert.read\"]", "[[triager]]\nof = [\"alert.reed\"]", "[[triager]]\nof = [\"*\"]\nhide = [\"score\"]"]
        {
            fs::write(dir.path().join(FILE), wrong).unwrap();
            let why = load(dir.path()).unwrap_err();
            assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Usage, "config-bad"), "{wrong}");
        }
    }
}
