//! Contests: a person says that their score is wrong, and a human being answers within a time (PIPL art. 24; domain.md 3 and "Subject contests
//! a score"). While one is open the score raises no alert. What was contested stays as it was, with what pushed it.

use super::{
    act::{Act, Change, Context, Refusal, RefusalClass},
    alert::{self, Alert, ScoreFacts},
    ids::{ContestId, OperatorId, PersonId, ScoreId, SpellId},
    score::Band,
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// State of a contest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ContestState {
    Open,
    /// The score stands as it was.
    Upheld,
    /// What it was computed from was put right; the score that is current now counts.
    Corrected,
    /// The score is not used: it raises nothing until the person's evidence changes.
    Withdrawn,
}

impl ContestState {
    /// Whether it still wants an answer.
    pub fn is_open(self) -> bool {
        self == Self::Open
    }
}

/// How a contest is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[schemars(rename = "ContestAnswer")]
pub enum Answer {
    Upheld,
    Corrected,
    Withdrawn,
}

impl From<Answer> for ContestState {
    fn from(a: Answer) -> Self {
        match a {
            Answer::Upheld => Self::Upheld,
            Answer::Corrected => Self::Corrected,
            Answer::Withdrawn => Self::Withdrawn,
        }
    }
}

/// A contest of the score of one employment. What was said, and what the score was made of, lies sealed beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contest {
    pub id: ContestId,
    pub person: PersonId,
    pub spell: SpellId,
    /// The snapshot that is contested.
    pub score_id: ScoreId,
    #[serde(rename = "contested_score")]
    pub score: f64,
    #[serde(rename = "contested_band")]
    pub band: Band,
    pub state: ContestState,
    pub version: i64,
    pub opened_at: Timestamp,
    pub opened_by: OperatorId,
    pub opened_name: String,
    /// By when it is answered.
    pub due_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub answered_by: Option<String>,
}

/// Where a score is shown: that it is contested, or was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mark {
    pub id: ContestId,
    pub state: ContestState,
    pub due_at: Timestamp,
}

/// What a decision about a contest looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct ContestFacts {
    pub person: PersonId,
    pub spell: SpellId,
    /// False once the spell has departed.
    pub live: bool,
    /// The score that is current: snapshot, score, band.
    pub current: Option<(ScoreId, f64, Band)>,
    /// The open contest of the spell, or the one that is answered.
    pub contest: Option<Contest>,
    /// Whether the operator is the person.
    pub own: bool,
    /// The open attrition alert, and band and generation of the last that was closed.
    pub open: Option<Alert>,
    pub closed: Option<(Band, i64)>,
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

/// Decides `score.contest` and `score.answer`. Whoever wrote a contest down does not answer it, and nobody answers their own.
pub fn decide(f: &ContestFacts, act: &Act, seen: Option<i64>, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    let (Act::ScoreContest { text } | Act::ScoreAnswer { text, .. }) = act else {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target")));
    };
    if text.trim().is_empty() {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-empty-text")));
    }
    let Act::ScoreAnswer { answer, .. } = act else {
        if let Some(c) = &f.contest {
            let what = Sentence::new("refused-contest-open").with("by", &c.opened_name).with("due", c.due_at);
            return Err(Refusal::new(RefusalClass::Conflict, what));
        }
        let Some((score_id, score, band)) = f.current.filter(|_| f.live) else { return Err(policy("refused-contest-no-score")) };
        return Ok(vec![Change::Contest(Box::new(Contest {
            id: ContestId(cx.id()),
            person: f.person,
            spell: f.spell,
            score_id,
            score,
            band,
            state: ContestState::Open,
            version: 1,
            opened_at: cx.now,
            opened_by: cx.operator,
            opened_name: cx.operator_name.clone(),
            due_at: cx.now + SignedDuration::from_hours(24 * cx.policy.contest_days),
            answered_at: None,
            answered_by: None,
        }))]);
    };
    let Some(c) = &f.contest else { return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found"))) };
    if !c.state.is_open() || seen.is_some_and(|v| v != c.version) {
        let what = Sentence::new("refused-contest-answered").with("state", format!("@contest-state-{}", c.state));
        let what = what.with("by", c.answered_by.as_deref().unwrap_or("-")).with("at", c.answered_at.unwrap_or(c.opened_at));
        return Err(Refusal::new(RefusalClass::Conflict, what));
    }
    if c.opened_by == cx.operator {
        return Err(policy("refused-contest-recorder"));
    }
    if f.own {
        return Err(policy("refused-contest-own"));
    }
    let mut changes = vec![Change::Contest(Box::new(Contest {
        state: (*answer).into(),
        version: c.version + 1,
        answered_at: Some(cx.now),
        answered_by: Some(cx.operator_name.clone()),
        ..c.clone()
    }))];
    changes.extend(released(f, c, *answer, cx).map(Change::Alert));
    Ok(changes)
}

/// What the score would have raised meanwhile, now that it may be used again.
fn released(f: &ContestFacts, c: &Contest, answer: Answer, cx: &mut Context) -> Option<Alert> {
    let (_, _, band) = f.current.filter(|_| answer != Answer::Withdrawn)?;
    // One that is open already is touched only by a higher risk than it was raised for.
    if f.open.as_ref().is_some_and(|a| band <= a.band) {
        return None;
    }
    let facts =
        ScoreFacts { person: f.person, spell: f.spell, live: f.live, before: Some(c.band), band, open: f.open.clone(), closed: f.closed };
    alert::on_score(&facts, cx)
}
