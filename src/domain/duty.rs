//! The statutory track: what the law asks of us when somebody leaves, never blocked by a gate (domain.md 8, field-notes.md 2.3.4).
//!
//! Due days are functions of the last day and of nothing else (invariant 22).

use super::{
    act::{Act, Change, Context, Refusal, RefusalClass},
    handover::FileRef,
    ids::{CaseId, DutyId, PersonId},
    offboarding::Case,
    person::ExitKind,
    sentence::Sentence,
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What is owed.
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
pub enum DutyKind {
    /// The employment ends on this day whatever the company track says.
    LastDay,
    /// 离职证明: at the end.
    Certificate,
    /// Personal file: within 15 days.
    FileTransfer,
    /// Social insurance: within 15 days.
    SocialInsurance,
    FinalPay,
    /// Economic compensation, where the way of leaving brings one.
    Compensation,
    /// The contract is kept for two years at least: may be destroyed from this day.
    KeepContract,
    /// Accounts that were frozen for a withdrawn exit are given back.
    Thaw,
    /// The record of the employment says that the person stays: the case is withdrawn, or the record is put right.
    Stays,
    /// Somebody was frozen by mistake, and is told so by a human being.
    Apology,
}

impl DutyKind {
    /// Whether it hangs on the last day.
    fn is_legal(self) -> bool {
        !matches!(self, Self::Thaw | Self::Stays | Self::Apology)
    }
}

/// State of a duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DutyState {
    Open,
    Done,
    /// The exit was withdrawn: nothing is owed any more.
    Void,
}

/// One duty of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Duty {
    pub id: DutyId,
    /// The open case of the person, where there is one: an apology is owed without, too.
    pub case: Option<CaseId>,
    pub person: PersonId,
    pub kind: DutyKind,
    pub state: DutyState,
    /// A date of the company's zone.
    pub due_on: Date,
    pub done_on: Option<Date>,
    pub done_by: Option<String>,
    pub file: Option<FileRef>,
    pub note: Option<String>,
    /// When the clocks found it overdue.
    pub overdue_at: Option<Timestamp>,
    pub version: i64,
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
}

/// What an operator states about a duty that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DutyDone {
    /// When it was done; `None` is today.
    #[serde(default)]
    pub on: Option<Date>,
    #[serde(default)]
    pub file: Option<FileRef>,
    #[serde(default)]
    pub note: Option<String>,
}

/// The day on which a duty is due, from the last day alone.
pub fn due_on(kind: DutyKind, last_day: Date) -> Date {
    let later = match kind {
        DutyKind::LastDay | DutyKind::Certificate | DutyKind::FinalPay | DutyKind::Compensation => return last_day,
        DutyKind::Thaw | DutyKind::Stays | DutyKind::Apology => return last_day,
        DutyKind::FileTransfer | DutyKind::SocialInsurance => last_day.checked_add(15.days()),
        DutyKind::KeepContract => last_day.checked_add(2.years()),
    };
    later.unwrap_or(last_day)
}

/// Whether a way of leaving brings economic compensation (Labour Contract Law art. 46).
fn compensated(exit: ExitKind) -> bool {
    matches!(exit, ExitKind::Mutual | ExitKind::Dismissed | ExitKind::ContractEnded)
}

/// What a way of leaving brings.
pub fn of_exit(case: &Case, cx: &mut Context) -> Vec<Duty> {
    use DutyKind::{Certificate, Compensation, FileTransfer, FinalPay, KeepContract, LastDay, SocialInsurance};
    [LastDay, Certificate, FinalPay, Compensation, FileTransfer, SocialInsurance, KeepContract]
        .into_iter()
        .filter(|k| *k != Compensation || compensated(case.exit))
        .map(|kind| make(case, kind, due_on(kind, case.last_day), cx))
        .collect()
}

/// The next day that is no weekend. Holidays are in no calendar of ours.
fn next_working_day(today: Date) -> Date {
    let mut day = today;
    while let Ok(next) = day.tomorrow() {
        day = next;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            break;
        }
    }
    day
}

/// What is owed to somebody whose accounts were frozen by mistake, from the day on which that was found.
pub fn apology(person: PersonId, case: Option<CaseId>, today: Date, cx: &mut Context) -> Duty {
    of(case, person, DutyKind::Apology, next_working_day(today), cx)
}

/// A duty of a case.
pub fn make(case: &Case, kind: DutyKind, due_on: Date, cx: &mut Context) -> Duty {
    of(Some(case.id), case.person, kind, due_on, cx)
}

fn of(case: Option<CaseId>, person: PersonId, kind: DutyKind, due_on: Date, cx: &mut Context) -> Duty {
    Duty {
        id: DutyId(cx.id()),
        case,
        person,
        kind,
        state: DutyState::Open,
        due_on,
        done_on: None,
        done_by: None,
        file: None,
        note: None,
        overdue_at: None,
        version: 1,
        touched_by: Some(cx.operator_name.clone()).filter(|n| !n.is_empty()),
        touched_at: cx.now,
    }
}

fn touched(d: &Duty, by: Option<String>, now: Timestamp) -> Duty {
    Duty { version: d.version + 1, touched_by: by, touched_at: now, ..d.clone() }
}

/// The duty of an exit that was withdrawn.
pub fn void(d: &Duty, cx: &Context) -> Duty {
    Duty { state: DutyState::Void, ..touched(d, Some(cx.operator_name.clone()), cx.now) }
}

/// The duty after the last day moved; `None` when its day stays. One that is not late any more may raise its alarm again.
pub fn redate(d: &Duty, last_day: Date, today: Date, cx: &Context) -> Option<Duty> {
    let due_on = due_on(d.kind, last_day);
    let overdue_at = d.overdue_at.filter(|_| due_on < today);
    (d.kind.is_legal() && due_on != d.due_on).then(|| Duty { due_on, overdue_at, ..touched(d, Some(cx.operator_name.clone()), cx.now) })
}

/// Refuses when the operator saw an older version.
pub fn check_version(d: &Duty, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != d.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", d.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", d.touched_at)
                .with("act", "@act-offboarding-duty")
                .with("state", format!("@duty-state-{}", d.state))
                .with("seen", v)
                .with("version", d.version),
        )),
        _ => Ok(()),
    }
}

/// Marks a duty as done. No gate is asked, and no state of the company track.
pub fn decide(d: &Duty, act: &Act, today: Date, file_known: bool, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    let Act::OffboardingDuty { done } = act else {
        return Err(Refusal::new(RefusalClass::Usage, Sentence::new("refused-wrong-target")));
    };
    let policy = |s: Sentence| Err(Refusal::new(RefusalClass::Policy, s));
    if d.state != DutyState::Open {
        return policy(Sentence::new("refused-duty-state").with("state", format!("@duty-state-{}", d.state)));
    }
    if d.kind == DutyKind::Stays {
        return policy(Sentence::new("refused-duty-stays"));
    }
    let on = done.on.unwrap_or(today);
    if on > today {
        return policy(Sentence::new("refused-duty-future"));
    }
    if matches!(d.kind, DutyKind::KeepContract | DutyKind::LastDay) && on < d.due_on {
        return policy(Sentence::new("refused-duty-early").with("on", d.due_on));
    }
    let says = done.note.as_deref().is_some_and(|n| !n.trim().is_empty());
    if done.file.is_none() && !says && d.kind != DutyKind::LastDay {
        return policy(Sentence::new("refused-duty-evidence"));
    }
    if let Some(file) = done.file.as_ref().filter(|_| !file_known) {
        return policy(Sentence::new("refused-file-unknown").with("hash", &file.hash));
    }
    Ok(vec![Change::Duty(Duty {
        state: DutyState::Done,
        done_on: Some(on),
        done_by: Some(cx.operator_name.clone()),
        file: done.file.clone(),
        note: done.note.clone(),
        ..touched(d, Some(cx.operator_name.clone()), cx.now)
    })])
}

/// What the clocks do to an open duty: past its day it raises the alarm, once. A contract that may be destroyed is late for nobody.
pub fn on_clock(d: &Duty, today: Date, cx: &Context) -> Option<Duty> {
    let late = d.state == DutyState::Open && d.due_on < today && d.overdue_at.is_none();
    let owed = !matches!(d.kind, DutyKind::KeepContract | DutyKind::LastDay);
    (late && owed).then(|| Duty { overdue_at: Some(cx.now), ..touched(d, None, cx.now) })
}
