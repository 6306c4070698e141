//! Roles: what an operator may ask and do, about whom, and what is left out of the answers (domain.md 13, [NF-2], [CU-5]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Roles of domain.md 13 and of the source articles.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Triager,
    Hrbp,
    HrManager,
    HrDirector,
    LineManager,
    Salesperson,
    SalesManager,
    ItSupport,
    SecurityApprover,
    PrivacyOfficer,
    SysAdmin,
    Auditor,
    /// A company of one: whoever opened the home first.
    #[default]
    Owner,
}

impl Role {
    /// `@role-hr-manager`
    pub fn word(self) -> String {
        format!("@role-{}", self.to_string().replace('_', "-"))
    }
}

/// About whom a grant holds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Scope {
    #[default]
    All,
    /// The unit that the operator was given, and what is below it.
    Org,
    /// The operator's own person, whom that person leads, and the customers that are theirs.
    Own,
}

/// What may be left out of answers.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    Display,
    EnumString,
    EnumIter,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// Name, number, e-mail, logins: a pseudonym stands in their place until they are revealed.
    Identity,
    Score,
    /// What somebody did on the job market.
    Resume,
    Pay,
    /// Free texts: notes, talks, reasons.
    Notes,
}

/// Permissions with one scope and one mask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// `alert.work`; `alert.*` is all that begin so, `*` is all.
    pub of: Vec<String>,
    #[serde(default)]
    pub scope: Scope,
    #[serde(default)]
    pub hides: BTreeSet<Field>,
}

impl Grant {
    /// Whether a permission is part of it.
    pub fn has(&self, permission: &str) -> bool {
        self.of.iter().any(|of| match of.strip_suffix('*') {
            Some(start) => permission.starts_with(start),
            None => of == permission,
        })
    }

    /// Whether a field is left out.
    pub fn hides(&self, field: Field) -> bool {
        self.hides.contains(&field)
    }
}

/// The grants of every role, in the order in which they count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Roles(pub BTreeMap<Role, Vec<Grant>>);

impl Roles {
    /// What a role has of a permission; `None` refuses.
    pub fn grant(&self, role: Role, permission: &str) -> Option<&Grant> {
        self.0.get(&role)?.iter().find(|g| g.has(permission))
    }

    /// Whether one role may do everything that another may: who gives more than they have needs a second person.
    pub fn covers(&self, role: Role, other: Role, permissions: &[&str]) -> bool {
        permissions.iter().all(|p| match (self.grant(role, p), self.grant(other, p)) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(has), Some(wants)) => {
                (has.scope == Scope::All || has.scope == wants.scope) && has.hides.iter().all(|f| wants.hides.contains(f))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles() -> Roles {
        let grant = |of: &[&str], scope, hides: &[Field]| Grant {
            of: of.iter().map(|p| (*p).to_owned()).collect(),
            scope,
            hides: hides.iter().copied().collect(),
        };
        Roles(BTreeMap::from([
            (Role::Owner, vec![grant(&["*"], Scope::All, &[])]),
            (
                Role::Triager,
                vec![grant(&["alert.*"], Scope::All, &[Field::Identity]), grant(&["alert.read", "home.read"], Scope::All, &[])],
            ),
            (Role::Hrbp, vec![grant(&["alert.read"], Scope::Org, &[])]),
        ]))
    }

    #[test]
    fn the_first_grant_counts_and_what_nobody_granted_is_refused() {
        let r = roles();
        assert!(r.grant(Role::Triager, "alert.read").unwrap().hides(Field::Identity));
        assert!(!r.grant(Role::Triager, "home.read").unwrap().hides(Field::Identity));
        assert!(r.grant(Role::Triager, "freeze.read").is_none());
        assert!(r.grant(Role::Auditor, "home.read").is_none());
        // A prefix is one of whole words only as far as it says so.
        assert!(r.grant(Role::Triager, "alerts").is_none());
    }

    #[test]
    fn a_role_covers_another_only_with_its_scope_and_without_more_masks() {
        let r = roles();
        let all = ["alert.read", "alert.work", "home.read"];
        assert!(r.covers(Role::Owner, Role::Triager, &all));
        assert!(!r.covers(Role::Triager, Role::Owner, &all));
        assert!(!r.covers(Role::Triager, Role::Hrbp, &all), "it sees less of an alert");
        assert!(!r.covers(Role::Hrbp, Role::Triager, &all));
        assert!(r.covers(Role::Hrbp, Role::Hrbp, &all));
    }
}
