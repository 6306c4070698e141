//! Acts, changes and refusals as data, and the context in which a decision is made (DESIGN.md, "One decision").

use super::{
    alert::{Alert, AlertOutcome, DismissReason},
    approval::Approval,
    contest::{self, Contest},
    customer::{Customer, Point, Transfer},
    duty::{Duty, DutyDone},
    freeze::{Ground, Level, Link, Mode, Order, Step, drill::Drill, plan::FreezePolicy},
    handover::{Evidence, HandoverItem},
    ids::{AlertId, ApprovalId, FreezeId, ItemId, OperatorId, PersonId, PlanId, SpellId, TalkId},
    offboarding::{Case, NewCase},
    operator::{Operator, Role},
    person::{ExitKind, SpellState},
    plan::{Plan, PlanBody, PlanOutcome},
    sentence::Sentence,
    signal::{KindPolicy, LawfulBasis, SignalKind},
    ssh_key::SshKey,
    stages::Template,
    talk::{NewTalk, Talk},
    token::{Scope, Token},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

/// Everything an operator can do. The serialised name is the act's name everywhere: table, CLI, HTTP route, audit entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, IntoStaticStr, EnumDiscriminants)]
#[strum_discriminants(name(ActKind), derive(EnumIter, Hash, PartialOrd, Ord))]
#[serde(tag = "act")]
pub enum Act {
    #[serde(rename = "alert.ack")]
    #[strum(serialize = "alert.ack")]
    AlertAck,
    #[serde(rename = "alert.assign")]
    #[strum(serialize = "alert.assign")]
    AlertAssign {
        /// Name of the new owner.
        owner: String,
    },
    #[serde(rename = "alert.snooze")]
    #[strum(serialize = "alert.snooze")]
    AlertSnooze { until: Timestamp },
    #[serde(rename = "alert.escalate")]
    #[strum(serialize = "alert.escalate")]
    AlertEscalate,
    #[serde(rename = "alert.note")]
    #[strum(serialize = "alert.note")]
    AlertNote { text: String },
    #[serde(rename = "alert.dismiss")]
    #[strum(serialize = "alert.dismiss")]
    AlertDismiss { reason: DismissReason, note: Option<String> },
    #[serde(rename = "alert.talk")]
    #[strum(serialize = "alert.talk")]
    AlertTalk { talk: NewTalk },
    #[serde(rename = "alert.resolve")]
    #[strum(serialize = "alert.resolve")]
    AlertResolve {
        outcome: AlertOutcome,
        /// The person's documented refusal to talk.
        refusal: Option<String>,
    },
    #[serde(rename = "alert.reopen")]
    #[strum(serialize = "alert.reopen")]
    AlertReopen,
    /// Target: the alert or the person.
    #[serde(rename = "plan.create")]
    #[strum(serialize = "plan.create")]
    PlanCreate { alert: Option<AlertId>, body: PlanBody },
    #[serde(rename = "plan.submit")]
    #[strum(serialize = "plan.submit")]
    PlanSubmit,
    /// Done when an approval is denied.
    #[serde(rename = "plan.reject")]
    #[strum(serialize = "plan.reject")]
    PlanReject,
    #[serde(rename = "plan.cancel")]
    #[strum(serialize = "plan.cancel")]
    PlanCancel,
    /// approved -> in_talk -> committed -> delivered.
    #[serde(rename = "plan.advance")]
    #[strum(serialize = "plan.advance")]
    PlanAdvance,
    #[serde(rename = "plan.outcome")]
    #[strum(serialize = "plan.outcome")]
    PlanOutcome {
        /// 90 or 180.
        days: i64,
        outcome: PlanOutcome,
    },
    #[serde(rename = "approval.grant")]
    #[strum(serialize = "approval.grant")]
    ApprovalGrant,
    #[serde(rename = "approval.deny")]
    #[strum(serialize = "approval.deny")]
    ApprovalDeny,
    /// Target: the person who leaves.
    #[serde(rename = "offboarding.start")]
    #[strum(serialize = "offboarding.start")]
    OffboardingStart { new: NewCase },
    #[serde(rename = "offboarding.approve")]
    #[strum(serialize = "offboarding.approve")]
    OffboardingApprove,
    /// approved -> handover, review -> clearance -> ready_to_close, each through its gates.
    #[serde(rename = "offboarding.advance")]
    #[strum(serialize = "offboarding.advance")]
    OffboardingAdvance,
    #[serde(rename = "offboarding.close")]
    #[strum(serialize = "offboarding.close")]
    OffboardingClose,
    /// The person stays: notice -> active.
    #[serde(rename = "offboarding.withdraw")]
    #[strum(serialize = "offboarding.withdraw")]
    OffboardingWithdraw,
    /// The person walked out.
    #[serde(rename = "offboarding.abandon")]
    #[strum(serialize = "offboarding.abandon")]
    OffboardingAbandon { last_day: Date },
    /// Target of this and the following: an item of the handover.
    #[serde(rename = "offboarding.submit")]
    #[strum(serialize = "offboarding.submit")]
    OffboardingSubmit { evidence: Box<Evidence> },
    /// Accepts what was submitted.
    #[serde(rename = "offboarding.review")]
    #[strum(serialize = "offboarding.review")]
    OffboardingReview {
        /// SHA-256 of the file that was looked at; another one is refused.
        hash: Option<String>,
    },
    #[serde(rename = "offboarding.return")]
    #[strum(serialize = "offboarding.return")]
    OffboardingReturn { why: String },
    #[serde(rename = "offboarding.waive")]
    #[strum(serialize = "offboarding.waive")]
    OffboardingWaive { why: String },
    #[serde(rename = "offboarding.block")]
    #[strum(serialize = "offboarding.block")]
    OffboardingBlock { why: String },
    #[serde(rename = "offboarding.assign")]
    #[strum(serialize = "offboarding.assign")]
    OffboardingAssign {
        /// Name of the reviewer.
        reviewer: String,
    },
    /// Opens a correction of an accepted item; for a closed case an addendum.
    #[serde(rename = "offboarding.correct")]
    #[strum(serialize = "offboarding.correct")]
    OffboardingCorrect { why: String },
    /// Runs the company's data export for the item.
    #[serde(rename = "offboarding.export")]
    #[strum(serialize = "offboarding.export")]
    OffboardingExport,
    /// Target: a duty of the statutory track.
    #[serde(rename = "offboarding.duty")]
    #[strum(serialize = "offboarding.duty")]
    OffboardingDuty { done: DutyDone },
    #[serde(rename = "signal.enable")]
    #[strum(serialize = "signal.enable")]
    SignalEnable { kind: SignalKind, basis: LawfulBasis },
    #[serde(rename = "signal.disable")]
    #[strum(serialize = "signal.disable")]
    SignalDisable { kind: SignalKind },
    #[serde(rename = "operator.add")]
    #[strum(serialize = "operator.add")]
    OperatorAdd {
        name: String,
        role: Role,
        /// Whose login it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        person: Option<PersonId>,
        /// The unit for which the role holds, where it holds for one only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<String>,
    },
    /// Gives an operator another role, or another unit.
    #[serde(rename = "operator.role")]
    #[strum(serialize = "operator.role")]
    OperatorRole {
        name: String,
        role: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        org: Option<String>,
    },
    /// Says whose login an operator is; `None`: nobody's who works here.
    #[serde(rename = "operator.link")]
    #[strum(serialize = "operator.link")]
    OperatorLink { name: String, person: Option<PersonId> },
    #[serde(rename = "operator.revoke")]
    #[strum(serialize = "operator.revoke")]
    OperatorRevoke { name: String },
    /// Issues a token. Whoever asks made it, and says its SHA-256 (hex) only.
    #[serde(rename = "token.add")]
    #[strum(serialize = "token.add")]
    TokenAdd {
        name: String,
        hash: String,
        scope: Scope,
        /// 1 to 366.
        days: i64,
    },
    #[serde(rename = "token.revoke")]
    #[strum(serialize = "token.revoke")]
    TokenRevoke,
    /// Registers a key of SSH, by its fingerprint as `ssh-keygen -l` prints it.
    #[serde(rename = "operator.key")]
    #[strum(serialize = "operator.key")]
    OperatorKey { name: String, fingerprint: String },
    #[serde(rename = "operator.unkey")]
    #[strum(serialize = "operator.unkey")]
    OperatorUnkey { fingerprint: String },
    /// Gives back an operator who was ended with the accounts of their person.
    #[serde(rename = "operator.restore")]
    #[strum(serialize = "operator.restore")]
    OperatorRestore { name: String },
    #[serde(rename = "person.sort_name")]
    #[strum(serialize = "person.sort_name")]
    PersonSortName { sort_name: String },
    /// Reveals who the target person is, to the operator alone.
    #[serde(rename = "person.reveal")]
    #[strum(serialize = "person.reveal")]
    PersonReveal {
        /// 1 to [`MOST_MINUTES`].
        minutes: i64,
    },
    /// Erases a person's key and fields; both chains still verify.
    #[serde(rename = "person.erase")]
    #[strum(serialize = "person.erase")]
    PersonErase,
    /// Asks for a freeze of the target person's accounts. The plan is made anew and must have `plan_hash` where one is named.
    #[serde(rename = "freeze.request")]
    #[strum(serialize = "freeze.request")]
    FreezeRequest {
        level: Level,
        mode: Mode,
        at: Option<Timestamp>,
        plan_hash: Option<String>,
        /// The last four of the number and the initial, as typed.
        confirm: Option<String>,
        ticket: Option<String>,
        /// Protected accounts that are meant all the same, as `target:login`.
        #[serde(default)]
        except: Vec<String>,
    },
    /// Another person's word on exactly this plan.
    #[serde(rename = "freeze.approve")]
    #[strum(serialize = "freeze.approve")]
    FreezeApprove { hash: String },
    /// Done when an approval is denied.
    #[serde(rename = "freeze.deny")]
    #[strum(serialize = "freeze.deny")]
    FreezeDeny,
    /// The second person's word after an immediate order.
    #[serde(rename = "freeze.confirm")]
    #[strum(serialize = "freeze.confirm")]
    FreezeConfirm,
    #[serde(rename = "freeze.cancel")]
    #[strum(serialize = "freeze.cancel")]
    FreezeCancel,
    /// Stops after the steps that are on their way.
    #[serde(rename = "freeze.stop")]
    #[strum(serialize = "freeze.stop")]
    FreezeStop,
    /// Goes on after a stop, a refusal or a drift.
    #[serde(rename = "freeze.resume")]
    #[strum(serialize = "freeze.resume")]
    FreezeResume,
    /// A step or a gap is taken care of by hand, with evidence, on a second person's word.
    #[serde(rename = "freeze.waive")]
    #[strum(serialize = "freeze.waive")]
    FreezeWaive { step: i64, evidence: String },
    /// What whoever comes next should know of an order.
    #[serde(rename = "freeze.note")]
    #[strum(serialize = "freeze.note")]
    FreezeNote { text: String },
    /// Reads everything back now.
    #[serde(rename = "freeze.verify")]
    #[strum(serialize = "freeze.verify")]
    FreezeVerify,
    /// Asks for an order that gives back what the target order took.
    #[serde(rename = "freeze.thaw")]
    #[strum(serialize = "freeze.thaw")]
    FreezeThaw {
        plan_hash: Option<String>,
        confirm: Option<String>,
        /// That the wrong person was frozen: an apology is owed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ground: Option<Ground>,
    },
    /// Sees whether a break-glass freeze would work, without touching an account.
    #[serde(rename = "freeze.drill")]
    #[strum(serialize = "freeze.drill")]
    FreezeDrill,
    /// Links an account of a target to the target person by hand.
    #[serde(rename = "freeze.link")]
    #[strum(serialize = "freeze.link")]
    FreezeLink { target: String, account: String },
    #[serde(rename = "freeze.unlink")]
    #[strum(serialize = "freeze.unlink")]
    FreezeUnlink { target: String, account: String },
    /// Proposes a new owner. Targets of these six: customers.
    #[serde(rename = "customer.transfer")]
    #[strum(serialize = "customer.transfer")]
    CustomerTransfer { to: PersonId },
    /// proposed -> requested -> pending -> transferred.
    #[serde(rename = "customer.advance")]
    #[strum(serialize = "customer.advance")]
    CustomerAdvance {
        /// The customer agreed in writing: the time in which it may decline need not be waited for.
        #[serde(default)]
        confirmed: bool,
    },
    /// The customer declined the new owner.
    #[serde(rename = "customer.decline")]
    #[strum(serialize = "customer.decline")]
    CustomerDecline {
        /// Who collects what the customer owes.
        collector: Option<PersonId>,
    },
    #[serde(rename = "customer.pool")]
    #[strum(serialize = "customer.pool")]
    CustomerPool { collector: Option<PersonId> },
    /// Gives a transfer up; the owner stays.
    #[serde(rename = "customer.fail")]
    #[strum(serialize = "customer.fail")]
    CustomerFail,
    /// Names who collects what a customer in the pool owes.
    #[serde(rename = "customer.collect")]
    #[strum(serialize = "customer.collect")]
    CustomerCollect { collector: PersonId },
    /// The target person says that their score is wrong.
    #[serde(rename = "score.contest")]
    #[strum(serialize = "score.contest")]
    ScoreContest { text: String },
    /// A human being's answer. Target: the contest.
    #[serde(rename = "score.answer")]
    #[strum(serialize = "score.answer")]
    ScoreAnswer { answer: contest::Answer, text: String },
    /// Writes an anchor to every sink now.
    #[serde(rename = "audit.anchor")]
    #[strum(serialize = "audit.anchor")]
    AuditAnchor,
    /// Publishes a staged import. `force` takes an exits file over the limit, with a second person's word in a later issue.
    #[serde(rename = "import.publish")]
    #[strum(serialize = "import.publish")]
    ImportPublish,
    #[serde(rename = "import.discard")]
    #[strum(serialize = "import.discard")]
    ImportDiscard,
    /// Stages the quarantined rows again.
    #[serde(rename = "quarantine.retry")]
    #[strum(serialize = "quarantine.retry")]
    QuarantineRetry,
}

/// Longest time for which somebody is revealed, in minutes.
pub const MOST_MINUTES: i64 = 60;

impl Act {
    /// The act's name, `alert.ack`.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Whether targets are read before it is decided.
    pub fn reads_targets(&self) -> bool {
        matches!(self, Self::FreezeRequest { .. } | Self::FreezeThaw { .. } | Self::FreezeDrill)
    }

    /// A break-glass freeze, or its drill: it is carried out and written down even when the disk is nearly full.
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::FreezeRequest { mode: Mode::Emergency, .. } | Self::FreezeDrill)
    }
}

/// Kinds of things that acts change and entries name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Entity {
    Alert,
    Plan,
    Approval,
    Person,
    Offboarding,
    HandoverItem,
    Duty,
    SignalKind,
    Operator,
    Token,
    SshKey,
    Customer,
    Contest,
    Import,
    Job,
    Freeze,
    Home,
}

/// What a decision changes, as data. The store writes whole rows; a row's version says that it replaces the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub enum Change {
    Alert(Alert),
    Note {
        alert: AlertId,
        person: PersonId,
        text: String,
    },
    OrderNote {
        order: FreezeId,
        person: PersonId,
        text: String,
    },
    Talk(Talk),
    /// A contest that is opened or answered; its texts are sealed by the service.
    Contest(Box<Contest>),
    Plan(Plan),
    Approval(Approval),
    KindPolicy(KindPolicy),
    Operator(Operator),
    TokenAdd {
        token: Token,
        hash: String,
    },
    Token(Token),
    SshKey(SshKey),
    SortName {
        person: PersonId,
        sort_name: String,
        version: i64,
    },
    Erase {
        person: PersonId,
    },
    Reveal {
        person: PersonId,
        operator: OperatorId,
        role: Role,
        until: Timestamp,
    },
    Freeze(Box<Order>),
    /// Steps of an order, by their numbers.
    Steps(FreezeId, Vec<Step>),
    Drill(Drill),
    Link(Link),
    Unlink {
        target: String,
        account: String,
        person: PersonId,
    },
    /// `point` where the owner changed.
    Customer {
        customer: Customer,
        point: Option<Point>,
    },
    Transfer(Transfer),
    /// The template comes with a new case, which keeps it.
    Case {
        case: Case,
        template: Option<Template>,
    },
    Item(Box<HandoverItem>),
    Duty(Duty),
    /// What a case does to the employment itself.
    Spell {
        spell: SpellId,
        state: SpellState,
        last_day: Option<Date>,
        exit: Option<ExitKind>,
    },
    /// Queues the company's export for an item.
    Export {
        item: ItemId,
        by: String,
    },
}

/// How a refusal is classed; the CLI's exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusalClass {
    /// The request makes no sense: exit 2.
    Usage,
    /// A rule forbids it: exit 3.
    Policy,
    /// Someone was first: exit 4.
    Conflict,
    /// There is no such thing: exit 5.
    NotFound,
}

/// Why nothing was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    pub class: RefusalClass,
    #[serde(flatten)]
    pub why: Sentence,
}

impl Refusal {
    /// A refusal of a class for a reason.
    pub fn new(class: RefusalClass, why: Sentence) -> Self {
        Self { class, why }
    }
}

/// Hours and limits that decisions use; read from config/default.toml and the home's `tenure.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Policy {
    /// Hours until an alert must be acknowledged.
    pub ack_hours: i64,
    /// Hours until the talk must have been held: 72 [AC-3].
    pub talk_hours: i64,
    /// Hours after which an acknowledged alert without a talk counts as stale.
    pub stale_hours: i64,
    /// Hours after which an open approval expires.
    pub approval_hours: i64,
    /// Hours in which a customer may decline a new owner.
    pub decline_hours: i64,
    /// Days within which a contested score is answered.
    pub contest_days: i64,
    /// Largest share of live people that one file may end, 0 to 1.
    pub max_exit_share: f64,
    /// Smallest number of exits to which that share applies.
    pub min_exit_count: i64,
    pub freeze: FreezePolicy,
    /// Whether a visit record may say where the employee was [OF-8].
    pub location: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ack_hours: 8,
            talk_hours: 72,
            stale_hours: 24,
            approval_hours: 72,
            max_exit_share: 0.05,
            min_exit_count: 10,
            freeze: FreezePolicy::default(),
            decline_hours: 24,
            contest_days: 30,
            location: false,
        }
    }
}

/// Makes ids. The service makes random UUIDv7; the sample company and tests make seeded ones.
pub type NewId = Box<dyn FnMut(Timestamp) -> Uuid + Send>;

/// All that a decision may know besides its facts.
pub struct Context {
    pub now: Timestamp,
    pub operator: OperatorId,
    pub operator_name: String,
    pub policy: Policy,
    /// True while the act is carried out because another person granted it.
    pub approved: bool,
    new_id: NewId,
}

impl Context {
    /// A context for one act.
    pub fn new(now: Timestamp, operator: OperatorId, operator_name: impl Into<String>, policy: Policy, new_id: NewId) -> Self {
        Self { now, operator, operator_name: operator_name.into(), policy, approved: false, new_id }
    }

    /// A fresh id.
    pub fn id(&mut self) -> Uuid {
        (self.new_id)(self.now)
    }
    /// A fresh alert id.
    pub fn alert_id(&mut self) -> AlertId {
        AlertId(self.id())
    }
    /// A fresh talk id.
    pub fn talk_id(&mut self) -> TalkId {
        TalkId(self.id())
    }
    /// A fresh plan id.
    pub fn plan_id(&mut self) -> PlanId {
        PlanId(self.id())
    }
    /// A fresh order id.
    pub fn freeze_id(&mut self) -> FreezeId {
        FreezeId(self.id())
    }
    /// A fresh approval id.
    pub fn approval_id(&mut self) -> ApprovalId {
        ApprovalId(self.id())
    }
}
