//! Signals: facts about a person, each with a source, a lawful basis, a purpose and an expiry (domain.md 2).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, FromRepr, IntoStaticStr};

/// What a signal is about. The discriminants are stored; never renumber.
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
    FromRepr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[repr(i64)]
pub enum SignalKind {
    ResumeUpdate = 1,
    JobSeekActivity = 2,
    Late = 3,
    Leave = 4,
    /// Ready-made month-on-month growth, from a source that has nothing finer; a fraction.
    AttendanceGrowth = 5,
    PerfScore = 6,
    /// Ready-made count of consecutive falling quarters.
    PerfStreak = 7,
    /// `value` = pay, `baseline` = market pay for the post.
    PayGap = 8,
    RaiseRequest = 9,
    TeamKeyword = 10,
    SurveyIntent = 11,
    PromotionStall = 12,
    ProjectDelay = 13,
    PatentContribution = 14,
    TargetMiss = 15,
    CallVolume = 16,
    Stress = 17,
    MentorRating = 18,
    AccessAnomaly = 19,
    /// Position of a visit [OF-8]; off by default.
    Location = 20,
    /// A promotion that took place: context on the timeline, weighed by no shipped model.
    Promotion = 21,
    /// A score from another system's survey or review of satisfaction.
    Satisfaction = 22,
}

/// Ground on which a kind may be processed (PIPL art. 13, GDPR art. 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LawfulBasis {
    /// Necessary for HR management under lawful work rules or a collective contract.
    HrManagement,
    Contract,
    Consent,
    LegalDuty,
    LegitimateInterest,
}

/// How carefully a signal must be shown.
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
pub enum Sensitivity {
    Internal,
    Confidential,
    Sensitive,
}

/// Switch and rules of one signal kind. A kind without a basis is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KindPolicy {
    pub kind: SignalKind,
    pub enabled: bool,
    pub basis: Option<LawfulBasis>,
    pub purpose: String,
    pub sensitivity: Sensitivity,
    /// Days after `observed_at` when a signal expires.
    pub keep_days: i64,
    /// Counts changes by operators.
    pub version: i64,
}

impl SignalKind {
    /// Job-site, keyword and location kinds are off until switched on with a recorded basis (DESIGN.md, security rules).
    pub fn off_by_default(self) -> bool {
        matches!(self, Self::ResumeUpdate | Self::JobSeekActivity | Self::TeamKeyword | Self::Location)
    }

    /// Whether a server may not read its numbers either: pay, what a job site or a résumé shows, whereabouts.
    pub fn is_sealed(self) -> bool {
        self.off_by_default() || matches!(self, Self::PayGap | Self::RaiseRequest)
    }

    /// The policy that a new home starts with.
    pub fn default_policy(self) -> KindPolicy {
        let off = self.off_by_default();
        KindPolicy {
            kind: self,
            enabled: !off,
            basis: (!off).then_some(LawfulBasis::HrManagement),
            purpose: "retention".into(),
            sensitivity: match self {
                _ if off => Sensitivity::Sensitive,
                Self::Stress | Self::SurveyIntent | Self::PayGap | Self::RaiseRequest => Sensitivity::Confidential,
                _ => Sensitivity::Internal,
            },
            keep_days: if off { 180 } else { 730 },
            version: 1,
        }
    }
}

/// One stored fact about one spell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    pub kind: SignalKind,
    pub source: String,
    /// Id in the source; (source, event) is the identity of a signal.
    pub event: String,
    /// When it was true.
    pub observed_at: Timestamp,
    /// When the company could know it; never before `observed_at`.
    pub known_at: Timestamp,
    pub value: Option<f64>,
    pub baseline: Option<f64>,
    pub note: Option<String>,
    pub expires_at: Timestamp,
}
