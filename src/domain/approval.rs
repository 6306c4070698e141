//! Four eyes: an act that waits for another person, bound to a hash of its subject (domain.md 13).

use super::{
    act::{Act, Context, Entity, Refusal, RefusalClass},
    ids::{ApprovalId, OperatorId, PersonId},
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use uuid::Uuid;

/// State of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ApprovalState {
    Open,
    Granted,
    Denied,
    Expired,
}

/// A request that another operator grants or denies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    pub id: ApprovalId,
    pub entity: Entity,
    pub subject: Uuid,
    pub person: Option<PersonId>,
    /// SHA-256 over the subject's id, version and the act: any visible change of the subject makes it another subject.
    pub subject_hash: String,
    /// What is done when it is granted.
    pub act: Act,
    pub proposer: OperatorId,
    pub proposer_name: String,
    pub state: ApprovalState,
    pub version: i64,
    pub asked_at: Timestamp,
    pub expires_at: Timestamp,
    pub decided_by: Option<String>,
    pub decided_at: Option<Timestamp>,
}

/// Hash of what an approval is for.
pub fn subject_hash(entity: Entity, subject: Uuid, version: i64, act: &Act) -> String {
    let text = serde_json::json!({"entity": entity, "subject": subject, "version": version, "act": act}).to_string();
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl Approval {
    /// Asks for another person's word on `act`.
    pub fn ask(cx: &mut Context, entity: Entity, subject: Uuid, version: i64, person: Option<PersonId>, act: Act) -> Self {
        Self {
            id: cx.approval_id(),
            entity,
            subject,
            person,
            subject_hash: subject_hash(entity, subject, version, &act),
            act,
            proposer: cx.operator,
            proposer_name: cx.operator_name.clone(),
            state: ApprovalState::Open,
            version: 1,
            asked_at: cx.now,
            expires_at: cx.now + SignedDuration::from_hours(cx.policy.approval_hours),
            decided_by: None,
            decided_at: None,
        }
    }
}

/// Grants or denies. `subject_version` is the version the subject has now; the proposer never approves.
pub fn decide(f: &Approval, grant: bool, subject_version: Option<i64>, cx: &Context) -> Result<Approval, Refusal> {
    let policy = |code| Err(Refusal::new(RefusalClass::Policy, Sentence::new(code)));
    if f.state != ApprovalState::Open {
        return Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-approval-closed")
                .with("state", format!("@approval-state-{}", f.state))
                .with("by", f.decided_by.as_deref().unwrap_or("-"))
                .with("at", f.decided_at.unwrap_or(f.expires_at)),
        ));
    }
    if cx.now >= f.expires_at {
        return policy("refused-approval-expired");
    }
    if cx.operator == f.proposer {
        return policy("refused-own-approval");
    }
    if grant && subject_version.is_none_or(|v| subject_hash(f.entity, f.subject, v, &f.act) != f.subject_hash) {
        return policy("refused-subject-changed");
    }
    let mut a = f.clone();
    a.state = if grant { ApprovalState::Granted } else { ApprovalState::Denied };
    a.version += 1;
    a.decided_by = Some(cx.operator_name.clone());
    a.decided_at = Some(cx.now);
    Ok(a)
}
