//! Items of a handover and their review: who submits what, who looks at it, every version kept (domain.md 9, [OF-2..8]).

use super::{
    act::{Act, Change, Context, Entity, Refusal, RefusalClass},
    approval::Approval,
    ids::{CaseId, CustomerId, ItemId, OperatorId, PersonId},
    offboarding::{self, Case, CaseFacts, CaseState, Leaver},
    sentence::Sentence,
    stages::{Desk, During, StageItem, Template, Title},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What is handed over.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemKind {
    /// 客户清单
    CustomerList,
    /// 客户交接确认函, one a customer.
    Customer,
    /// 未完成的订单
    Orders,
    /// 应收款项
    Receivables,
    /// 拜访记录
    Visit,
    /// 数据导出: a job of the company's.
    Export,
    Asset,
    /// The accounts: filled by freeze orders, or waived.
    Accounts,
}

impl ItemKind {
    /// The part of the case in which it is handed over.
    pub fn during(self) -> During {
        match self {
            Self::CustomerList | Self::Customer | Self::Orders | Self::Receivables | Self::Visit => During::Handover,
            Self::Export | Self::Asset | Self::Accounts => During::Clearance,
        }
    }
}

/// State of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ItemState {
    Todo,
    /// Waits for a reviewer to be named.
    Submitted,
    UnderReview,
    Returned,
    Blocked,
    Accepted,
    /// Let go with a reason, by two people.
    Waived,
}

impl ItemState {
    /// Whether nothing more is asked of it.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Accepted | Self::Waived)
    }
}

/// What the ledger said when the item was drawn up: what a statement is compared with. Money in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    pub customers: i64,
    pub orders: i64,
    pub receivable_fen: i64,
}

/// A customer that is the leaver's, or that went to the pool because it declined the successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    pub customer: CustomerId,
    /// Version of the customer, for acts on it.
    pub version: i64,
    pub number: String,
    pub name: String,
    pub open_orders: i64,
    pub receivable_fen: i64,
    /// How its transfer stands: a text code of the customer's own (`@transfer-state-pending`), `-` where none runs.
    pub transfer: String,
    /// The customer said no to the successor and is in the pool: not the leaver's any more, and nobody's yet.
    pub declined: bool,
    /// Somebody is named who collects what it owes.
    pub collector: bool,
}

impl Holding {
    /// Number and name.
    pub fn label(&self) -> String {
        format!("{} {}", self.number, self.name)
    }
}

/// A stored file, by content: what was reviewed is what is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// SHA-256, hex.
    pub hash: String,
    pub name: String,
}

/// Where the employee was, for a visit: only while the switch is on, with recorded consent and purpose [OF-8]. Nothing tracks anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    pub place: String,
    /// Where the consent is recorded.
    pub consent: String,
    pub purpose: String,
}

/// What is submitted for an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    pub file: Option<FileRef>,
    /// Who signed for the customer, and when.
    pub signatory: Option<String>,
    pub signed_on: Option<Date>,
    /// Where the customer was visited [OF-7].
    pub place: Option<String>,
    pub location: Option<Location>,
    /// The customer refused to sign: how that is documented.
    pub refusal: Option<String>,
    /// What the leaver states, to be compared with the ledger.
    pub customers: Option<i64>,
    pub orders: Option<i64>,
    pub receivable_fen: Option<i64>,
    pub note: Option<String>,
}

fn says(text: &Option<String>) -> bool {
    text.as_deref().is_some_and(|t| !t.trim().is_empty())
}

impl Evidence {
    /// A letter that the customer signed: a file, who signed it, when.
    pub fn is_letter(&self) -> bool {
        self.file.is_some() && says(&self.signatory) && self.signed_on.is_some()
    }

    /// A documented refusal by the customer.
    pub fn is_refusal(&self) -> bool {
        says(&self.refusal)
    }
}

/// What a review said of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub accepted: bool,
    /// `None` is the machine: a rule saw it.
    pub by: Option<String>,
    pub at: Timestamp,
    /// Why it came back.
    pub why: Option<Sentence>,
}

/// One submitted version. Versions are added, never changed but for the one verdict that each gets (invariant 23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub n: i64,
    pub evidence: Evidence,
    pub by: String,
    pub at: Timestamp,
    pub verdict: Option<Verdict>,
}

/// One item of a handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandoverItem {
    pub id: ItemId,
    pub case: CaseId,
    pub person: PersonId,
    pub kind: ItemKind,
    pub stage: String,
    /// What a template calls it.
    pub title: Option<Title>,
    pub customer: Option<CustomerId>,
    pub customer_number: Option<String>,
    pub customer_name: Option<String>,
    pub ledger: Ledger,
    pub state: ItemState,
    pub version: i64,
    pub desk: Desk,
    #[serde(rename = "reviewer_id")]
    pub reviewer: Option<OperatorId>,
    #[serde(rename = "reviewer")]
    pub reviewer_name: Option<String>,
    #[serde(rename = "submitter_id")]
    pub submitter: Option<OperatorId>,
    #[serde(rename = "submitter")]
    pub submitter_name: Option<String>,
    /// Why it is blocked, or was waived.
    pub why: Option<String>,
    pub waived_by: Option<String>,
    /// The accepted item that this one corrects.
    pub corrects: Option<ItemId>,
    pub evidence: Vec<Version>,
    pub touched_by: Option<String>,
    pub touched_at: Timestamp,
}

impl HandoverItem {
    /// The customer, or what the template calls it.
    pub fn label(&self) -> String {
        match (&self.customer_number, &self.customer_name, &self.title) {
            (Some(number), Some(name), _) => format!("{number} {name}"),
            (_, _, Some(title)) => title.both(),
            _ => "-".into(),
        }
    }

    /// Kind, and the customer or what the template calls it.
    pub fn name(&self) -> Sentence {
        let kind = format!("@item-kind-{}", self.kind.to_string().replace('_', "-"));
        match self.label().as_str() {
            "-" => Sentence::new("item-name-kind").with("kind", kind),
            label => Sentence::new("item-name").with("kind", kind).with("label", label),
        }
    }

    /// Why it came back the last time.
    pub fn returned_why(&self) -> Option<&Sentence> {
        self.evidence.last()?.verdict.as_ref().filter(|v| !v.accepted)?.why.as_ref()
    }
}

/// Who reviews for a desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskHolder {
    pub desk: Desk,
    pub id: OperatorId,
    pub name: String,
}

/// Draws up the items of a case from what the store holds.
pub fn checklist(
    case: &Case,
    template: &Template,
    held: &[Holding],
    desks: &[DeskHolder],
    leaver: &Leaver,
    cx: &mut Context,
) -> Vec<HandoverItem> {
    let held: Vec<&Holding> = held.iter().filter(|h| !h.declined).collect();
    let all = Ledger {
        customers: held.len() as i64,
        orders: held.iter().map(|h| h.open_orders).sum(),
        receivable_fen: held.iter().map(|h| h.receivable_fen).sum(),
    };
    let mut out = Vec::new();
    for stage in &template.stages {
        for rule in &stage.items {
            let holder = desks.iter().find(|d| d.desk == rule.reviewer && !leaver.is_operator(&d.name));
            let wanted = match rule.kind {
                ItemKind::CustomerList | ItemKind::Visit => all.customers > 0,
                ItemKind::Orders => all.orders > 0,
                ItemKind::Receivables => all.receivable_fen > 0,
                ItemKind::Customer => {
                    out.extend(held.iter().map(|h| of_customer(case, &stage.name, rule, h, holder, cx)));
                    false
                }
                ItemKind::Export | ItemKind::Asset | ItemKind::Accounts => true,
            };
            if wanted {
                out.push(blank(case, &stage.name, rule, all, holder, cx));
            }
        }
    }
    out
}

fn blank(case: &Case, stage: &str, rule: &StageItem, ledger: Ledger, holder: Option<&DeskHolder>, cx: &mut Context) -> HandoverItem {
    HandoverItem {
        id: ItemId(cx.id()),
        case: case.id,
        person: case.person,
        kind: rule.kind,
        stage: stage.into(),
        title: rule.title.clone(),
        customer: None,
        customer_number: None,
        customer_name: None,
        ledger,
        state: ItemState::Todo,
        version: 1,
        desk: rule.reviewer,
        reviewer: holder.map(|h| h.id),
        reviewer_name: holder.map(|h| h.name.clone()),
        submitter: None,
        submitter_name: None,
        why: None,
        waived_by: None,
        corrects: None,
        evidence: Vec::new(),
        touched_by: Some(cx.operator_name.clone()),
        touched_at: cx.now,
    }
}

fn of_customer(case: &Case, stage: &str, rule: &StageItem, h: &Holding, holder: Option<&DeskHolder>, cx: &mut Context) -> HandoverItem {
    let ledger = Ledger { customers: 1, orders: h.open_orders, receivable_fen: h.receivable_fen };
    HandoverItem {
        customer: Some(h.customer),
        customer_number: Some(h.number.clone()),
        customer_name: Some(h.name.clone()),
        ..blank(case, stage, rule, ledger, holder, cx)
    }
}

/// Items for customers who came to the leaver after the list was drawn up. Whoever reviews the others reviews them.
pub fn unlisted(f: &CaseFacts, cx: &mut Context) -> Vec<HandoverItem> {
    let Some((stage, rule)) = f.template.rule(ItemKind::Customer) else { return Vec::new() };
    if f.case.addendum_of.is_some() {
        return Vec::new();
    }
    let holder = f.items.iter().filter(|i| i.desk == rule.reviewer).find_map(|i| {
        let (id, name) = (i.reviewer?, i.reviewer_name.clone()?);
        Some(DeskHolder { desk: i.desk, id, name })
    });
    let new = f.held.iter().filter(|h| !h.declined && !f.items.iter().any(|i| i.customer == Some(h.customer)));
    new.map(|h| of_customer(&f.case, &stage.name, rule, h, holder.as_ref(), cx)).collect()
}

/// What a rule can see is wrong with a submission [OF-6]: missing, unsigned, or other figures than the ledger's.
pub fn fault(item: &HandoverItem, template: &Template, e: &Evidence) -> Option<Sentence> {
    let rule = template.stage(&item.stage).and_then(|s| s.items.iter().find(|r| r.kind == item.kind));
    let refused = item.kind == ItemKind::Customer && e.is_refusal();
    if rule.is_some_and(|r| r.file) && e.file.is_none() && !refused {
        return Some(Sentence::new("return-no-file"));
    }
    if rule.is_some_and(|r| r.signed) && !refused && (!says(&e.signatory) || e.signed_on.is_none()) {
        return Some(Sentence::new("return-unsigned"));
    }
    if item.kind == ItemKind::Visit && !says(&e.place) {
        return Some(Sentence::new("return-no-place"));
    }
    let figures = [
        (e.customers, item.ledger.customers, item.kind == ItemKind::CustomerList, "return-customers"),
        (e.orders, item.ledger.orders, item.kind == ItemKind::Orders, "return-orders"),
    ];
    for (stated, ledger, needed, code) in figures {
        if stated.is_some_and(|s| s != ledger) || (needed && stated.is_none()) {
            let stated = stated.map_or_else(|| "-".into(), |s| s.to_string());
            return Some(Sentence::new(code).with("stated", stated).with("ledger", ledger));
        }
    }
    let sum = item.ledger.receivable_fen;
    if e.receivable_fen.is_some_and(|s| s != sum) || (item.kind == ItemKind::Receivables && e.receivable_fen.is_none()) {
        let stated = e.receivable_fen.map_or_else(|| "-".into(), yuan);
        return Some(Sentence::new("return-receivables").with("stated", stated).with("ledger", yuan(sum)));
    }
    let empty = e.file.is_none() && !refused && !says(&e.note) && !says(&e.signatory);
    empty.then(|| Sentence::new("return-empty"))
}

/// Fen as yuan, exactly.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.unsigned_abs() / 100, fen.unsigned_abs() % 100)
}

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    Ok(changed(f, i, act.name(), cx))
}

/// The changes of an item, and of its case where that follows.
fn changed(f: &CaseFacts, mut i: HandoverItem, act: &str, cx: &Context) -> Vec<Change> {
    i.version += 1;
    i.touched_by = Some(cx.operator_name.clone()).filter(|n| !n.is_empty());
    i.touched_at = cx.now;
    let items: Vec<HandoverItem> = f.items.iter().map(|o| if o.id == i.id { i.clone() } else { o.clone() }).collect();
    let follows = offboarding::follow(&f.case, &items, act, cx);
    let mut out = vec![Change::Item(Box::new(i))];
    out.extend(follows.map(|case| Change::Case { case, template: None }));
    out
}

/// Refuses while the stage of an item is not open.
fn opens(f: &CaseFacts, i: &HandoverItem) -> Result<(), Refusal> {
    let wanted = f.template.stage(&i.stage).map(|s| s.opens_after.clone()).unwrap_or_default();
    offboarding::shut(f, &wanted).map_or(Ok(()), Err)
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
    let mut i = f.items.iter().find(|i| i.id == id && matches!(i.state, ItemState::Todo | ItemState::Returned | ItemState::Blocked))?.clone();
    let e = Evidence { file: Some(file), ..Evidence::default() };
    take(&mut i, &f.template, &e, None, by, cx.now);
    i.state = if i.reviewer.is_some() { ItemState::UnderReview } else { ItemState::Submitted };
    Some(changed(f, i, "offboarding.export", cx))
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
