//! The one act table: name, danger, permission of every act; dispatch, palette, CLI, HTTP routes and the role matrix come from it.

use super::query::{AlertReport, Query, QueryKind};
use crate::domain::act::{Act, ActKind, Entity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much ceremony a command needs, and what LOCKED forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Danger {
    /// Changes only the screen, or reads.
    Local,
    /// Reversible write.
    Write,
    /// Cannot be taken back, or lands on a person outside the console.
    Destructive,
}

/// Whether an act wants a reason in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    No,
    Optional,
    Required,
}

/// One act.
#[derive(Clone, Copy, Debug)]
pub struct ActRow {
    pub kind: ActKind,
    /// Name in CLI, HTTP (`POST /v1/acts/NAME`) and audit entries.
    pub name: &'static str,
    pub danger: Danger,
    /// Permission that a role must hold.
    pub permission: &'static str,
    /// What its targets are; `None` for acts without a target.
    pub target: Option<Entity>,
    pub reason: Reason,
}

macro_rules! acts {
    ($($kind:ident $name:literal $danger:ident $permission:literal $target:expr, $reason:ident;)+) => {
        /// Every act, in the order of the help.
        pub const ACTS: &[ActRow] = &[$(ActRow {
            kind: ActKind::$kind, name: $name, danger: Danger::$danger, permission: $permission, target: $target, reason: Reason::$reason,
        }),+];

        /// The row of a kind; an act without a row does not compile.
        fn row_of(kind: ActKind) -> &'static ActRow {
            match kind {
                $(ActKind::$kind => &ActRow {
                    kind: ActKind::$kind, name: $name, danger: Danger::$danger, permission: $permission, target: $target, reason: Reason::$reason,
                }),+
            }
        }
    };
}

acts! {
    AlertAck "alert.ack" Write "alert.work" Some(Entity::Alert), Optional;
    AlertAssign "alert.assign" Write "alert.work" Some(Entity::Alert), Optional;
    AlertSnooze "alert.snooze" Write "alert.work" Some(Entity::Alert), Required;
    AlertEscalate "alert.escalate" Write "alert.work" Some(Entity::Alert), Optional;
    AlertNote "alert.note" Write "alert.work" Some(Entity::Alert), No;
    AlertDismiss "alert.dismiss" Write "alert.close" Some(Entity::Alert), Optional;
    AlertTalk "alert.talk" Write "alert.work" Some(Entity::Alert), No;
    AlertResolve "alert.resolve" Write "alert.close" Some(Entity::Alert), Optional;
    AlertReopen "alert.reopen" Write "alert.close" Some(Entity::Alert), Required;
    PlanCreate "plan.create" Write "plan.write" Some(Entity::Person), Optional;
    PlanSubmit "plan.submit" Write "plan.write" Some(Entity::Plan), Optional;
    PlanReject "plan.reject" Write "plan.approve" Some(Entity::Plan), Optional;
    PlanCancel "plan.cancel" Write "plan.write" Some(Entity::Plan), Optional;
    PlanAdvance "plan.advance" Write "plan.write" Some(Entity::Plan), Optional;
    PlanOutcome "plan.outcome" Write "plan.write" Some(Entity::Plan), Optional;
    OffboardingStart "offboarding.start" Write "offboarding.start" Some(Entity::Person), Optional;
    OffboardingApprove "offboarding.approve" Write "offboarding.approve" Some(Entity::Offboarding), Optional;
    OffboardingAdvance "offboarding.advance" Write "offboarding.work" Some(Entity::Offboarding), Optional;
    OffboardingClose "offboarding.close" Write "offboarding.close" Some(Entity::Offboarding), Optional;
    OffboardingWithdraw "offboarding.withdraw" Write "offboarding.start" Some(Entity::Offboarding), Required;
    OffboardingAbandon "offboarding.abandon" Write "offboarding.start" Some(Entity::Offboarding), Required;
    OffboardingSubmit "offboarding.submit" Write "offboarding.submit" Some(Entity::HandoverItem), Optional;
    OffboardingReview "offboarding.review" Write "offboarding.review" Some(Entity::HandoverItem), Optional;
    OffboardingReturn "offboarding.return" Write "offboarding.review" Some(Entity::HandoverItem), Optional;
    OffboardingWaive "offboarding.waive" Write "offboarding.waive" Some(Entity::HandoverItem), Optional;
    OffboardingBlock "offboarding.block" Write "offboarding.submit" Some(Entity::HandoverItem), Optional;
    OffboardingAssign "offboarding.assign" Write "offboarding.work" Some(Entity::HandoverItem), Optional;
    OffboardingCorrect "offboarding.correct" Write "offboarding.review" Some(Entity::HandoverItem), Optional;
    OffboardingExport "offboarding.export" Write "offboarding.work" Some(Entity::HandoverItem), Optional;
    OffboardingDuty "offboarding.duty" Write "offboarding.duty" Some(Entity::Duty), Optional;
    ApprovalGrant "approval.grant" Write "approval.decide" Some(Entity::Approval), Optional;
    ApprovalDeny "approval.deny" Write "approval.decide" Some(Entity::Approval), Required;
    SignalEnable "signal.enable" Write "signal.switch" None, Optional;
    SignalDisable "signal.disable" Write "signal.switch" None, Optional;
    OperatorAdd "operator.add" Write "operator.admin" None, Optional;
    OperatorLink "operator.link" Write "operator.admin" None, Optional;
    OperatorRole "operator.role" Write "operator.admin" None, Required;
    OperatorRevoke "operator.revoke" Write "operator.admin" None, Optional;
    TokenAdd "token.add" Write "operator.admin" None, Optional;
    TokenRevoke "token.revoke" Write "operator.admin" Some(Entity::Token), Optional;
    OperatorKey "operator.key" Write "operator.admin" None, Optional;
    OperatorUnkey "operator.unkey" Write "operator.admin" None, Optional;
    OperatorRestore "operator.restore" Write "operator.admin" None, Optional;
    PersonSortName "person.sort_name" Write "person.correct" Some(Entity::Person), Optional;
    PersonReveal "person.reveal" Write "person.reveal" Some(Entity::Person), Required;
    PersonErase "person.erase" Destructive "person.erase" Some(Entity::Person), Required;
    FreezeRequest "freeze.request" Destructive "freeze.request" Some(Entity::Person), Required;
    FreezeApprove "freeze.approve" Destructive "freeze.approve" Some(Entity::Freeze), Optional;
    FreezeDeny "freeze.deny" Write "freeze.approve" Some(Entity::Freeze), Optional;
    FreezeConfirm "freeze.confirm" Write "freeze.approve" Some(Entity::Freeze), Optional;
    FreezeCancel "freeze.cancel" Write "freeze.request" Some(Entity::Freeze), Optional;
    FreezeStop "freeze.stop" Write "freeze.request" Some(Entity::Freeze), Optional;
    FreezeResume "freeze.resume" Destructive "freeze.request" Some(Entity::Freeze), Optional;
    FreezeWaive "freeze.waive" Write "freeze.approve" Some(Entity::Freeze), Optional;
    FreezeNote "freeze.note" Write "freeze.request" Some(Entity::Freeze), No;
    FreezeVerify "freeze.verify" Write "freeze.request" Some(Entity::Freeze), Optional;
    FreezeThaw "freeze.thaw" Destructive "freeze.request" Some(Entity::Freeze), Required;
    FreezeDrill "freeze.drill" Write "freeze.request" None, Optional;
    FreezeLink "freeze.link" Write "freeze.link" Some(Entity::Person), Required;
    FreezeUnlink "freeze.unlink" Write "freeze.link" Some(Entity::Person), Required;
    CustomerTransfer "customer.transfer" Write "customer.transfer" Some(Entity::Customer), Optional;
    CustomerAdvance "customer.advance" Write "customer.transfer" Some(Entity::Customer), Optional;
    CustomerDecline "customer.decline" Write "customer.transfer" Some(Entity::Customer), Required;
    CustomerPool "customer.pool" Write "customer.transfer" Some(Entity::Customer), Required;
    CustomerFail "customer.fail" Write "customer.transfer" Some(Entity::Customer), Required;
    CustomerCollect "customer.collect" Write "customer.transfer" Some(Entity::Customer), Optional;
    ScoreContest "score.contest" Write "score.contest" Some(Entity::Person), No;
    ScoreAnswer "score.answer" Write "score.answer" Some(Entity::Contest), No;
    AuditAnchor "audit.anchor" Write "audit.anchor" None, No;
    ImportPublish "import.publish" Write "import" Some(Entity::Import), Optional;
    ImportDiscard "import.discard" Write "import" Some(Entity::Import), Optional;
    QuarantineRetry "quarantine.retry" Write "import" None, Optional;
}

/// The row of an act.
pub fn row(act: &Act) -> &'static ActRow {
    row_of(ActKind::from(act))
}

/// Permission to decide what another person asked for; that of what was asked for is wanted besides.
pub const DECIDE: &str = "approval.decide";

/// Permission of the thing itself, which whoever decides what another asked for must have besides.
pub fn decides(entity: Entity) -> &'static str {
    match entity {
        Entity::Alert => "alert.close",
        Entity::Plan => "plan.approve",
        Entity::Freeze => "freeze.approve",
        Entity::HandoverItem => "offboarding.waive",
        _ => ADMIT,
    }
}

/// What somebody must be allowed to read who hears of a change, and what its id is of; `None` for what is nobody's in particular.
pub fn tells_of(what: &str) -> Option<(&'static str, Entity)> {
    Some(match what {
        "alert" => ("alert.read", Entity::Alert),
        "plan" => ("plan.read", Entity::Plan),
        "freeze" => ("freeze.read", Entity::Freeze),
        "offboarding" => ("offboarding.read", Entity::Offboarding),
        "duty" => ("offboarding.read", Entity::Duty),
        "customer" => ("customer.read", Entity::Customer),
        "approval" => ("approval.read", Entity::Approval),
        "contest" => ("contest.read", Entity::Contest),
        "person" => ("person.read", Entity::Person),
        _ => return None,
    })
}

/// Permission to hand in files that are imported, and to read whether they were.
pub const IMPORT: &str = "import";

/// Permission to read files that are evidence.
pub const EVIDENCE: &str = "evidence.read";

/// Permission to give somebody a role that one does not have oneself.
pub const ADMIT: &str = "operator.approve";

/// Permission of the report with everything that a score was made from.
const REPORT: &str = "alert.report";

macro_rules! queries {
    ($($kind:ident $permission:literal;)+) => {
        /// Every query with the permission that a role must hold.
        pub const QUERIES: &[(QueryKind, &str)] = &[$((QueryKind::$kind, $permission)),+];

        /// Permission that a role must hold to ask; a query without one does not compile.
        pub fn permission(query: &Query) -> &'static str {
            if matches!(query, Query::AlertReport { report: AlertReport::HrWarning, .. }) {
                return REPORT;
            }
            match QueryKind::from(query) {
                $(QueryKind::$kind => $permission,)+
            }
        }
    };
}

queries! {
    Today "home.read";
    Alerts "alert.read";
    Alert "alert.read";
    AlertReport "alert.summary";
    People "person.read";
    Find "person.find";
    Person "person.read";
    Timeline "person.timeline";
    ScoreSeries "score.read";
    Explain "score.read";
    WhatIf "score.read";
    Evidence "score.read";
    Predict "model.read";
    Models "model.read";
    Effect "report.read";
    Plans "plan.read";
    Plan "plan.read";
    Customers "customer.read";
    Customer "customer.read";
    FindCustomer "customer.read";
    Offboardings "offboarding.read";
    Offboarding "offboarding.read";
    Duties "offboarding.read";
    Approvals "approval.read";
    Kinds "signal.read";
    Operators "operator.read";
    Tokens "operator.read";
    SshKeys "operator.read";
    Roles "operator.read";
    Contests "contest.read";
    Contest "contest.read";
    Chain "audit.read";
    Anchors "audit.verify";
    Quarantine "import.read";
    Import "import";
    Jobs "job.read";
    Audit "audit.read";
    Access "access.read";
    AuditVerify "audit.verify";
    FreezePlan "freeze.plan";
    ThawPlan "freeze.plan";
    Freezes "freeze.read";
    Freeze "freeze.read";
    FreezeDrill "target.read";
    Targets "target.read";
    TargetsCheck "target.read";
    Home "home.read";
}

/// Every permission that there is, each once.
pub fn permissions() -> Vec<&'static str> {
    let asked = QUERIES.iter().map(|(_, p)| *p);
    let mut all: Vec<_> = ACTS.iter().map(|r| r.permission).chain(asked).chain([DECIDE, IMPORT, EVIDENCE, ADMIT, REPORT]).collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    #[test]
    fn every_act_has_exactly_one_row() {
        let rows: BTreeSet<_> = ACTS.iter().map(|r| r.kind).collect();
        assert_eq!(rows.len(), ACTS.len());
        assert!(ActKind::iter().all(|k| rows.contains(&k)));
    }

    #[test]
    fn the_table_uses_the_serialised_names() {
        for act in [Act::AlertAck, Act::PlanSubmit, Act::PersonErase, Act::QuarantineRetry] {
            assert_eq!(row(&act).name, act.name());
            assert_eq!(serde_json::to_value(&act).unwrap()["act"], act.name());
        }
    }

    #[test]
    fn what_is_told_or_decided_wants_a_permission_that_there_is() {
        let known = permissions();
        for what in ["alert", "plan", "freeze", "offboarding", "duty", "customer", "approval", "contest", "person"] {
            assert!(tells_of(what).is_some_and(|(permission, _)| known.contains(&permission)), "{what}");
        }
        assert_eq!(tells_of("score"), None);
        for entity in [Entity::Alert, Entity::Plan, Entity::Freeze, Entity::HandoverItem, Entity::Operator] {
            assert!(known.contains(&decides(entity)), "{entity:?}");
        }
    }
}
