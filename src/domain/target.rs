//! Targets: the systems on which a person has accounts, as a plan and a step see them (domain.md 10, field-notes.md 2.1).
//!
//! `connect/targets` speaks to real servers and answers in these words; decisions about them are made here and in [`super::freeze`].

use super::sentence::Sentence;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Name of the threads on which targets are spoken to. What panics there is caught by whoever waits for it.
pub const THREADS: &str = "targets";

/// How a target is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TargetKind {
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    Scim,
    /// OpenLDAP with password policy.
    Ldap,
    ActiveDirectory,
    /// Calls described in a file of config/targets.
    Http,
    /// An argv template, without a shell.
    Command,
}

/// One kind of step. Within a target steps run in this order (field-notes.md 2.1.10): new sign-ins are blocked before sessions are revoked,
/// or the person signs in again in between.
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
pub enum StepKind {
    /// L1: orders, customer view and export off; the handover form stays open.
    Restrict,
    BlockSignIn,
    RevokeSessions,
    ResetSecret,
    KillLive,
    RevokeKeys,
    DisableApp,
    LockDevice,
    TransferOwner,
    RotateShared,
    /// L3: the account or its licence is removed.
    Delete,
    /// Takes an L1 restriction back.
    Release,
    /// Takes a blocked sign-in back.
    Unblock,
    /// Reads everything back once more; sends nothing.
    Verify,
}

/// What a target can do for one kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepCard {
    pub kind: StepKind,
    /// Whether the target can take it back.
    pub reversible: bool,
    /// Whether it destroys data or identity.
    pub destroys: bool,
    /// Whether the same call may be sent twice without harm; if not it is never sent again before a read-back.
    pub idempotent: bool,
    /// Whether an accepted call has taken effect; if not it is polled.
    pub synchronous: bool,
    /// Whether the wanted state can be read back; a step that cannot is a gap and needs a waiver.
    pub reads_back: bool,
}

/// The capability card of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Card {
    pub name: String,
    pub kind: TargetKind,
    /// Host or program, for the eye of an approver.
    pub place: String,
    pub steps: Vec<StepCard>,
    /// Seconds for which what was open before a freeze can go on where it cannot be revoked and read (`session_max`); `None` is unknown and
    /// never counts as zero.
    pub session_max: Option<i64>,
    /// Every order on it wants another person's approval first.
    pub privileged: bool,
    /// Whether the time of the last sign-in can be read: the tripwire after a freeze.
    pub reads_sign_in: bool,
    /// Whether the number of live sessions can be read; the residual clock then ends when it is 0.
    pub reads_sessions: bool,
    /// Whether applications behind it keep sessions of their own, which it neither ends nor reads.
    #[serde(default)]
    pub apps: bool,
    /// Seconds until a call without an answer counts as unknown.
    pub timeout: i64,
    /// Calls at once, 1 to 64.
    pub concurrency: i64,
    /// Calls a minute, where the target limits them.
    pub rate: Option<i64>,
    /// Targets for which it stands in while they cannot be reached; it is then part of no ordinary plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stands_in_for: Vec<String>,
}

impl Card {
    /// What the target can do for a kind of step.
    pub fn step(&self, kind: StepKind) -> Option<&StepCard> {
        self.steps.iter().find(|s| s.kind == kind)
    }
}

/// Whose accounts are looked for: the fields that a link rule may compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    pub employee_number: String,
    pub email: Option<String>,
}

/// Why an account is not to be frozen without a named exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Protection {
    Service,
    BreakGlass,
    /// Nobody could administer the target without it.
    LastAdmin,
}

/// An account on a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The target's own immutable key: SCIM id, distinguished name, login name.
    pub id: String,
    /// Login name, for the eye.
    pub login: String,
    /// Display name on the target, for the eye.
    pub display: Option<String>,
    pub protection: Option<Protection>,
    /// What others lose with it: owned groups, jobs, shared boxes.
    pub owns: Vec<String>,
    /// Everything that the link rule would find it by: one that also carries what is somebody else's is nobody's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    pub seen: Observed,
}

/// What a read-back of an account saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// False: the account is gone.
    pub exists: bool,
    /// Whether new sign-ins work.
    pub enabled: Option<bool>,
    /// Last sign-in that the target knows, its own clock.
    pub last_sign_in: Option<Timestamp>,
    /// Sessions that are open now.
    pub sessions: Option<i64>,
    /// Whether the state that a kind of step wants is there. A kind that is missing cannot be told this way.
    pub holds: BTreeMap<StepKind, bool>,
    /// For kinds that leave only a trace (a secret was reset): the trace. It was done when it differs from the one before.
    pub traces: BTreeMap<StepKind, String>,
}

impl Observed {
    /// Whether a step has happened, as far as the read-back can tell. `before` is the trace that was journalled before it was sent.
    ///
    /// An account that is gone can do nothing any more: every step that takes access away has happened; one that gives it back has not.
    pub fn done(&self, kind: StepKind, before: Option<&str>) -> Option<bool> {
        if !self.exists {
            return Some(!matches!(kind, StepKind::Release | StepKind::Unblock));
        }
        self.holds.get(&kind).copied().or_else(|| self.traces.get(&kind).map(|now| Some(now.as_str()) != before))
    }
}

/// One write on one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// [`Account::id`].
    pub account: String,
    pub login: String,
    pub kind: StepKind,
    /// Idempotency key of the step: the same on every try.
    pub key: String,
    /// A protected account was named as an exception and approved: without it the target itself refuses to write to one.
    #[serde(default)]
    pub excepted: bool,
}

/// What became of a write, as the sender can tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Sent {
    /// The target said yes; the read-back decides.
    Accepted,
    /// Taken on and not finished: to be polled.
    Async,
    /// It certainly did not happen and may be sent again: not connected, or turned away by a rate limit or a closed door. Seconds to wait
    /// where the target said so.
    NotSent { why: Sentence, retry_after: Option<i64> },
    /// A definite refusal: protected, forbidden, no such account.
    Rejected { why: Sentence },
    /// Our own credential is refused: nothing of this target is covered until that is mended.
    Unauthorised { why: Sentence },
    /// No answer, or one that does not tell: it may have happened.
    Unknown { why: Sentence },
}

/// Why a read gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadFault {
    pub why: Sentence,
    /// Our own credential is refused.
    pub unauthorised: bool,
    /// Seconds to wait where the target said so.
    pub retry_after: Option<i64>,
}

/// Whether our credential may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum WriteRight {
    /// Seen: effective rights, or a write that changes nothing on the named canary account.
    Proven,
    /// The target has no way to tell without writing.
    Unproven,
    Refused,
}

/// Whether an account that is blocked does not get in, tried from outside on the canary.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Lockout {
    /// It got in while it was open, and not while it was blocked.
    Proven,
    #[default]
    Unproven,
    /// It got in while it was blocked.
    Failed,
}

/// Result of a health check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    pub target: String,
    pub kind: TargetKind,
    /// Whether it answered a read with our credential.
    pub ok: bool,
    pub write: WriteRight,
    #[serde(default)]
    pub lockout: Lockout,
    /// What is wrong, and what to do.
    pub why: Option<Sentence>,
    /// Milliseconds that the check took.
    pub took_ms: i64,
    /// Seconds by which the target's clock is ahead of ours, where it says its time.
    pub skew: Option<i64>,
}

impl Health {
    /// Nothing known yet.
    pub fn of(card: &Card) -> Self {
        let write = WriteRight::Unproven;
        Self { target: card.name.clone(), kind: card.kind, ok: false, write, lockout: Lockout::Unproven, why: None, took_ms: 0, skew: None }
    }

    /// What signing in as the canary came to. Who is locked out by our own write proves that as well.
    pub fn locks_out(&mut self, lockout: Lockout, why: Option<Sentence>) {
        self.lockout = lockout;
        match lockout {
            Lockout::Proven => (self.write, self.why) = (WriteRight::Proven, None),
            Lockout::Failed => self.why = why,
            Lockout::Unproven => self.why = self.why.take().or(why),
        }
    }

    /// What the reads of a check and its write came to.
    pub fn settle(&mut self, found: Result<(WriteRight, Option<Sentence>), ReadFault>) {
        match found {
            Ok((write, why)) => (self.ok, self.write, self.why) = (true, write, why),
            Err(fault) => self.why = Some(fault.why),
        }
    }
}

/// A read before a write gave nothing: the write was certainly not sent.
impl From<ReadFault> for Sent {
    fn from(fault: ReadFault) -> Self {
        if fault.unauthorised {
            Self::Unauthorised { why: fault.why }
        } else {
            Self::NotSent { why: fault.why, retry_after: fault.retry_after }
        }
    }
}
