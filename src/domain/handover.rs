//! Items of a handover and their review: who submits what, who looks at it, every version kept (domain.md 9, [OF-2..8]).

mod review;

pub use review::{Around, check_version, decide, exported, released};

use super::{
    act::Context,
    ids::{CaseId, CustomerId, ItemId, OperatorId, PersonId},
    offboarding::{Case, CaseFacts, Leaver},
    sentence::Sentence,
    stages::{Desk, During, Stage, StageItem, Template, Title},
};
use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What is handed over.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
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

/// What a statement is compared with: what the store says now while the item asks for work, and what it said when it was settled after
/// that (see [`reckon`]). Money in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    pub customers: i64,
    pub orders: i64,
    pub receivable_fen: i64,
}

/// A customer that is the leaver's, or that went to the pool because it declined the successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Until when the customer may decline the successor, once it was asked.
    pub until: Option<Timestamp>,
    /// That time is over: nobody knows by themselves what came of it, somebody has to ask the customer or the provider.
    pub due: bool,
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FileRef {
    /// SHA-256, hex.
    pub hash: String,
    pub name: String,
}

/// Where the employee was, for a visit: only while the switch is on, with recorded consent and purpose [OF-8]. Nothing tracks anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    pub place: String,
    /// Where the consent is recorded.
    pub consent: String,
    pub purpose: String,
}

/// What is submitted for an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    pub accepted: bool,
    /// `None` is the machine: a rule saw it.
    pub by: Option<String>,
    pub at: Timestamp,
    /// Why it came back.
    pub why: Option<Sentence>,
}

/// One submitted version. Versions are added, never changed but for the one verdict that each gets (invariant 23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// From 1.
    pub n: i64,
    pub evidence: Evidence,
    pub by: String,
    pub at: Timestamp,
    pub verdict: Option<Verdict>,
}

/// One item of a handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    let all = held_ledger(held);
    let mut out = Vec::new();
    for stage in &template.stages {
        for rule in &stage.items {
            let holder = desks.iter().find(|d| d.desk == rule.reviewer && !leaver.is_operator(&d.name));
            if rule.kind == ItemKind::Customer {
                out.extend(held.iter().filter(|h| !h.declined).map(|h| of_customer(case, &stage.name, rule, h, holder, cx)));
            }
            if wanted(rule.kind, &all) {
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

/// Items for what came to the leaver after the list was drawn up: customers, and the first orders, receivables or customers at all. Whoever
/// reviews the others reviews them.
pub fn unlisted(f: &CaseFacts, cx: &mut Context) -> Vec<HandoverItem> {
    if f.case.addendum_of.is_some() {
        return Vec::new();
    }
    let holder = |desk: Desk| {
        f.items.iter().filter(|i| i.desk == desk).find_map(|i| {
            let (id, name) = (i.reviewer?, i.reviewer_name.clone()?);
            Some(DeskHolder { desk, id, name })
        })
    };
    let mut out = Vec::new();
    for (stage, rule) in unlisted_kinds(f) {
        out.push(blank(&f.case, &stage.name, rule, held_ledger(&f.held), holder(rule.reviewer).as_ref(), cx));
    }
    let Some((stage, rule)) = f.template.rule(ItemKind::Customer) else { return out };
    let holder = holder(rule.reviewer);
    let new = f.held.iter().filter(|h| !h.declined && !f.items.iter().any(|i| i.customer == Some(h.customer)));
    out.extend(new.map(|h| of_customer(&f.case, &stage.name, rule, h, holder.as_ref(), cx)));
    out
}

/// Rules of the template for which there is no item yet, and something to hand over by now.
pub(super) fn unlisted_kinds(f: &CaseFacts) -> impl Iterator<Item = (&Stage, &StageItem)> {
    let all = held_ledger(&f.held);
    let kinds = [ItemKind::CustomerList, ItemKind::Orders, ItemKind::Receivables, ItemKind::Visit];
    let new = move |kind: &ItemKind| f.case.addendum_of.is_none() && wanted(*kind, &all) && f.items.iter().all(|i| i.kind != *kind);
    kinds.into_iter().filter(new).filter_map(|kind| f.template.rule(kind))
}

/// What is the leaver's at this moment.
fn held_ledger(held: &[Holding]) -> Ledger {
    let own = || held.iter().filter(|h| !h.declined);
    Ledger {
        customers: own().count() as i64,
        orders: own().map(|h| h.open_orders).sum(),
        receivable_fen: own().map(|h| h.receivable_fen).sum(),
    }
}

/// Whether there is anything to hand over of a kind.
fn wanted(kind: ItemKind, all: &Ledger) -> bool {
    match kind {
        ItemKind::CustomerList | ItemKind::Visit => all.customers > 0,
        ItemKind::Orders => all.orders > 0,
        ItemKind::Receivables => all.receivable_fen > 0,
        // One each; see `checklist`.
        ItemKind::Customer => false,
        ItemKind::Export | ItemKind::Asset | ItemKind::Accounts => true,
    }
}

/// Brings what statements are compared with up to this moment: a truthful count is not sent back, nor a false one accepted, because a file
/// came after the list was drawn up. A customer who was handed over counts with what went with it; what is settled stays as it was.
pub fn reckon(items: &mut [HandoverItem], held: &[Holding], gone: &BTreeMap<CustomerId, Ledger>) {
    let mut each: BTreeMap<CustomerId, Ledger> = items.iter().filter_map(|i| Some((i.customer?, i.ledger))).collect();
    for (customer, ledger) in &mut each {
        *ledger = gone.get(customer).copied().unwrap_or(*ledger);
    }
    for h in held {
        if !h.declined || each.contains_key(&h.customer) {
            each.insert(h.customer, Ledger { customers: 1, orders: h.open_orders, receivable_fen: h.receivable_fen });
        }
    }
    let all = each.values().fold(Ledger::default(), |sum, l| Ledger {
        customers: sum.customers + l.customers,
        orders: sum.orders + l.orders,
        receivable_fen: sum.receivable_fen + l.receivable_fen,
    });
    for i in items.iter_mut().filter(|i| !i.state.is_settled()) {
        i.ledger = i.customer.and_then(|c| each.get(&c).copied()).unwrap_or(all);
    }
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
