//! Decisions about items: handing in, accepting, sending back, letting go, correcting (domain.md 9).

use super::{Evidence, FileRef, HandoverItem, ItemKind, ItemState, Verdict, Version, fault};
use crate::domain::{
    act::{Act, Change, Context, Entity, Refusal, RefusalClass},
    approval::Approval,
    ids::{CaseId, ItemId, OperatorId},
    offboarding::{self, Case, CaseFacts, CaseState},
    sentence::Sentence,
    stages::{During, Template},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Refuses when the operator saw an older version.
pub fn check_version(i: &HandoverItem, seen: Option<i64>) -> Result<(), Refusal> {
    match seen {
        Some(v) if v != i.version => Err(Refusal::new(
            RefusalClass::Conflict,
            Sentence::new("refused-conflict")
                .with("by", i.touched_by.as_deref().unwrap_or("@machine"))
                .with("at", i.touched_at)
                .with("act", "@act-offboarding-item")
                .with("state", state_word(i.state))
                .with("seen", v)
                .with("version", i.version),
        )),
        _ => Ok(()),
    }
}

fn state_word(s: ItemState) -> String {
    format!("@item-state-{}", s.to_string().replace('_', "-"))
}

fn wrong_state(i: &HandoverItem) -> Refusal {
    let code = if i.state == ItemState::Accepted { "refused-item-accepted" } else { "refused-item-state" };
    Refusal::new(RefusalClass::Policy, Sentence::new(code).with("state", state_word(i.state)))
}

fn policy(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Policy, Sentence::new(code))
}

fn usage(code: &'static str) -> Refusal {
    Refusal::new(RefusalClass::Usage, Sentence::new(code))
}

/// What an act on an item needs to know besides the case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Around {
    /// The operator whom an assignment names, if there is one under that name.
    pub assignee: Option<(OperatorId, String)>,
    /// Whether the file that is submitted, or that is reviewed, is in the store with the bytes of its hash.
    pub file_known: bool,
}

/// Who may judge a submission: the reviewer, who is neither the leaver nor whoever submitted it.
fn judge(f: &CaseFacts, i: &HandoverItem, cx: &Context) -> Result<(), Refusal> {
    if f.leaver.is_operator(&cx.operator_name) {
        return Err(policy("refused-leaver-reviews"));
    }
    if i.submitter == Some(cx.operator) {
        return Err(policy("refused-submitter-reviews"));
    }
    match (&i.reviewer, &i.reviewer_name) {
        (Some(id), Some(name)) if *id != cx.operator => {
            Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-not-reviewer").with("name", name)))
        }
        _ => Ok(()),
    }
}

/// Decides an act on one item of a case. Pure.
pub fn decide(f: &CaseFacts, id: ItemId, act: &Act, around: &Around, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    use ItemState::{Accepted, Blocked, Returned, Submitted, Todo, UnderReview, Waived};
    let Some(item) = f.items.iter().find(|i| i.id == id) else {
        return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-not-found")));
    };
    let mut i = item.clone();
    if let Act::OffboardingCorrect { why } = act {
        return correct(f, item, why, cx);
    }
    if !f.case.state.is_open() || f.case.state == CaseState::Submitted {
        return Err(offboarding::wrong_state(&f.case));
    }
    match act {
        Act::OffboardingSubmit { evidence } => submit(f, &mut i, evidence, around, cx)?,
        Act::OffboardingAssign { .. } => {
            let Some((reviewer, name)) = &around.assignee else {
                return Err(Refusal::new(RefusalClass::NotFound, Sentence::new("refused-no-operator")));
            };
            if i.state.is_settled() {
                return Err(wrong_state(&i));
            }
            if f.leaver.is_operator(name) {
                return Err(policy("refused-leaver-reviews"));
            }
            if matches!(i.state, Submitted | UnderReview) && i.submitter == Some(*reviewer) {
                return Err(policy("refused-submitter-reviews"));
            }
            if i.reviewer == Some(*reviewer) {
                return Err(policy("refused-already-reviewer"));
            }
            i.reviewer = Some(*reviewer);
            i.reviewer_name = Some(name.clone());
            if i.state == Submitted {
                i.state = UnderReview;
            }
        }
        Act::OffboardingReview { hash } => {
            if !matches!(i.state, Submitted | UnderReview) {
                return Err(wrong_state(&i));
            }
            judge(f, &i, cx)?;
            let Some(last) = i.evidence.last_mut() else { return Err(policy("refused-no-evidence")) };
            if let Some(why) = fault(item, &f.template, &last.evidence) {
                return Err(Refusal::new(RefusalClass::Policy, why));
            }
            let reviewed = last.evidence.file.as_ref().map(|file| file.hash.as_str());
            if hash.as_deref().is_some_and(|h| Some(h) != reviewed) {
                return Err(policy("refused-other-hash"));
            }
            if reviewed.is_some() && !around.file_known {
                return Err(policy("refused-file-gone"));
            }
            last.verdict = Some(Verdict { accepted: true, by: Some(cx.operator_name.clone()), at: cx.now, why: None });
            i.state = Accepted;
            i.reviewer = Some(cx.operator);
            i.reviewer_name = Some(cx.operator_name.clone());
        }
        Act::OffboardingReturn { why } => {
            if !matches!(i.state, Submitted | UnderReview) {
                return Err(wrong_state(&i));
            }
            judge(f, &i, cx)?;
            if why.trim().is_empty() {
                return Err(usage("refused-empty-text"));
            }
            let why = Some(Sentence::new("return-by-hand").with("why", why.trim()));
            if let Some(last) = i.evidence.last_mut() {
                last.verdict = Some(Verdict { accepted: false, by: Some(cx.operator_name.clone()), at: cx.now, why });
            }
            i.state = Returned;
            i.reviewer = Some(cx.operator);
            i.reviewer_name = Some(cx.operator_name.clone());
        }
        Act::OffboardingWaive { why } => {
            if i.state.is_settled() {
                return Err(wrong_state(&i));
            }
            if why.trim().is_empty() {
                return Err(usage("refused-empty-text"));
            }
            if f.leaver.is_operator(&cx.operator_name) {
                return Err(policy("refused-leaver-reviews"));
            }
            if !cx.approved {
                if f.pending.contains(&id) {
                    return Err(policy("refused-approval-pending"));
                }
                // Nothing changes yet: what is let go takes a second person.
                let asked = Approval::ask(cx, Entity::HandoverItem, id.into(), i.version, Some(i.person), act.clone());
                return Ok(vec![Change::Approval(asked)]);
            }
            i.state = Waived;
            i.why = Some(why.trim().into());
            i.waived_by = Some(cx.operator_name.clone());
        }
        Act::OffboardingBlock { why } => {
            if !matches!(i.state, Todo | Returned) {
                return Err(wrong_state(&i));
            }
            if why.trim().is_empty() {
                return Err(usage("refused-empty-text"));
            }
            i.state = Blocked;
            i.why = Some(why.trim().into());
        }
        Act::OffboardingExport => {
            if i.kind != ItemKind::Export {
                return Err(policy("refused-not-export"));
            }
            if !matches!(i.state, Todo | Returned | Blocked) {
                return Err(wrong_state(&i));
            }
            opens(f, &i)?;
            return Ok(vec![Change::Export { item: id, by: cx.operator_name.clone() }]);
        }
        _ => return Err(usage("refused-wrong-target")),
    }
    // Customers who came to the leaver meanwhile join the list, which is compared with them.
    let new = super::unlisted(f, cx);
    Ok(changed(f, i, new, act.name(), cx))
}

/// Takes an item from a reviewer who is one no more: whoever looks for work sees that it has none.
pub fn released(i: &HandoverItem, cx: &Context) -> HandoverItem {
    let state = if i.state == ItemState::UnderReview { ItemState::Submitted } else { i.state };
    let version = i.version + 1;
    HandoverItem { state, version, reviewer: None, reviewer_name: None, touched_by: None, touched_at: cx.now, ..i.clone() }
}

/// The changes of an item, new ones, and what follows for the case.
fn changed(f: &CaseFacts, mut i: HandoverItem, new: Vec<HandoverItem>, act: &str, cx: &Context) -> Vec<Change> {
    i.version += 1;
    i.touched_by = Some(cx.operator_name.clone()).filter(|n| !n.is_empty());
    i.touched_at = cx.now;
    let now = f.items.iter().map(|o| if o.id == i.id { i.clone() } else { o.clone() });
    let items: Vec<HandoverItem> = now.chain(new.iter().cloned()).collect();
    let follows = offboarding::follow(&f.case, &items, act, cx);
    let mut out: Vec<Change> = std::iter::once(i).chain(new).map(|i| Change::Item(Box::new(i))).collect();
    out.extend(follows.map(|case| Change::Case { case, template: None }));
    out
}

/// Refuses while the stage of an item is not open.
fn opens(f: &CaseFacts, i: &HandoverItem) -> Result<(), Refusal> {
    let Some(stage) = f.template.stage(&i.stage) else { return Ok(()) };
    if let Some(refusal) = offboarding::shut(f, &stage.opens_after) {
        return Err(refusal);
    }
    let before = |o: &&HandoverItem| stage.after.contains(&o.stage) && o.kind != ItemKind::Accounts && !o.state.is_settled();
    let Some(open) = f.items.iter().find(before) else { return Ok(()) };
    let first = f.template.stage(&open.stage).map_or_else(|| "-".into(), |s| s.title.both());
    let what = if open.label() == "-" { format!("@item-kind-{}", open.kind.to_string().replace('_', "-")) } else { open.label() };
    let why = Sentence::new("refused-stage-shut").with("stage", first).with("item", what).with("state", state_word(open.state));
    Err(Refusal::new(RefusalClass::Policy, why))
}

fn submit(f: &CaseFacts, i: &mut HandoverItem, e: &Evidence, around: &Around, cx: &Context) -> Result<(), Refusal> {
    use ItemState::{Blocked, Returned, Submitted, Todo, UnderReview};
    if i.kind == ItemKind::Accounts {
        return Err(policy("refused-accounts-by-order"));
    }
    if !matches!(i.state, Todo | Returned | Blocked) {
        return Err(wrong_state(i));
    }
    opens(f, i)?;
    if i.reviewer == Some(cx.operator) {
        return Err(policy("refused-reviewer-submits"));
    }
    if i.kind == ItemKind::Export && f.leaver.is_operator(&cx.operator_name) {
        return Err(policy("refused-leaver-exports"));
    }
    if e.signed_on.is_some_and(|d| d > f.today) {
        return Err(usage("refused-signed-future"));
    }
    if [e.customers, e.orders, e.receivable_fen].into_iter().flatten().any(|n| n < 0) {
        return Err(usage("refused-negative-figure"));
    }
    if let Some(at) = &e.location {
        if !cx.policy.location {
            return Err(policy("refused-location-off"));
        }
        if [&at.place, &at.consent, &at.purpose].into_iter().any(|t| t.trim().is_empty()) {
            return Err(policy("refused-location-consent"));
        }
    }
    if let Some(file) = e.file.as_ref().filter(|_| !around.file_known) {
        return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-file-unknown").with("hash", &file.hash)));
    }
    take(i, &f.template, e, Some(cx.operator), &cx.operator_name, cx.now);
    i.state = match (&i.state, i.reviewer) {
        (Returned, _) => Returned,
        (_, Some(_)) => UnderReview,
        (_, None) => Submitted,
    };
    Ok(())
}

/// Adds a version; a fault that a rule sees returns it at once.
fn take(i: &mut HandoverItem, template: &Template, e: &Evidence, by: Option<OperatorId>, name: &str, at: Timestamp) {
    let why = fault(i, template, e);
    i.state = if why.is_some() { ItemState::Returned } else { ItemState::Submitted };
    i.why = None;
    i.submitter = by;
    i.submitter_name = Some(name.into());
    let verdict = why.map(|why| Verdict { accepted: false, by: None, at, why: Some(why) });
    i.evidence.push(Version { n: i.evidence.len() as i64 + 1, evidence: e.clone(), by: name.into(), at, verdict });
}

/// What the company's own export job submits: reviewed like everything else, by somebody.
pub fn exported(f: &CaseFacts, id: ItemId, file: FileRef, by: &str, cx: &Context) -> Option<Vec<Change>> {
    let mut i =
        f.items.iter().find(|i| i.id == id && matches!(i.state, ItemState::Todo | ItemState::Returned | ItemState::Blocked))?.clone();
    let e = Evidence { file: Some(file), ..Evidence::default() };
    take(&mut i, &f.template, &e, None, by, cx.now);
    i.state = if i.reviewer.is_some() { ItemState::UnderReview } else { ItemState::Submitted };
    Some(changed(f, i, Vec::new(), "offboarding.export", cx))
}

/// Opens a correction of an accepted item: the item stays as it was reviewed. For a closed case it is an addendum of its own.
fn correct(f: &CaseFacts, item: &HandoverItem, why: &str, cx: &mut Context) -> Result<Vec<Change>, Refusal> {
    if why.trim().is_empty() {
        return Err(usage("refused-empty-text"));
    }
    if item.state != ItemState::Accepted {
        return Err(Refusal::new(RefusalClass::Policy, Sentence::new("refused-correct-state").with("state", state_word(item.state))));
    }
    if f.case.state == CaseState::Withdrawn {
        return Err(offboarding::wrong_state(&f.case));
    }
    if f.items.iter().any(|i| i.corrects == Some(item.id) && !i.state.is_settled()) {
        return Err(policy("refused-correcting"));
    }
    let mut case = f.case.clone();
    let mut out = Vec::new();
    if f.case.state == CaseState::Closed {
        case = Case {
            id: CaseId(cx.id()),
            state: CaseState::Handover,
            version: 1,
            handover_due: f.today,
            started_at: cx.now,
            starter: cx.operator,
            starter_name: cx.operator_name.clone(),
            overdue_at: None,
            ended_at: None,
            addendum_of: Some(f.case.id),
            touched_by: Some(cx.operator_name.clone()),
            touched_at: cx.now,
            touched_act: "offboarding.correct".into(),
            ..case
        };
    }
    let new = HandoverItem {
        id: ItemId(cx.id()),
        case: case.id,
        state: ItemState::Todo,
        version: 1,
        submitter: None,
        submitter_name: None,
        why: Some(why.trim().into()),
        waived_by: None,
        corrects: Some(item.id),
        evidence: Vec::new(),
        touched_by: Some(cx.operator_name.clone()),
        touched_at: cx.now,
        ..item.clone()
    };
    let mut items = f.items.clone();
    items.push(new.clone());
    out.push(Change::Item(Box::new(new)));
    if case.addendum_of.is_some() && case.version == 1 {
        out.push(Change::Case { case, template: Some(f.template.clone()) });
    } else if let Some(case) = offboarding::follow(&case, &items, "offboarding.correct", cx) {
        out.push(Change::Case { case, template: None });
    } else if let Some(to) = match (f.case.state, item.kind.during()) {
        (CaseState::Clearance | CaseState::ReadyToClose, During::Handover) => Some(CaseState::Handover),
        (CaseState::ReadyToClose, During::Clearance) => Some(CaseState::Clearance),
        _ => None,
    } {
        // What was through its gate is so no more.
        let mut case = f.case.clone();
        case.state = to;
        offboarding::touch(&mut case, "offboarding.correct", Some(cx.operator_name.clone()), cx.now);
        out.push(Change::Case { case, template: None });
    }
    Ok(out)
}
