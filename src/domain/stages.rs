//! Stages of the company track, as a template file says them: what is handed over, who reviews it, which gates open what [OF-1], [OF-5].

use super::{handover::ItemKind, offboarding::Gate};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use toml::Spanned;

/// The shipped template: (file name, text).
pub const SHIPPED: (&str, &str) = ("standard.toml", include_str!("../../config/offboarding/standard.toml"));

/// Longest notice before the last day by which a handover can be due, in days.
const MOST_DAYS: i64 = 365;

/// A name in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Title {
    pub en: String,
    #[serde(rename = "zh-CN")]
    pub zh: String,
}

impl Title {
    /// As the argument of a sentence: the reader's language is taken when it is said.
    pub fn both(&self) -> String {
        format!("@|{}|{}", self.en, self.zh)
    }
}

/// During which states of the case a stage runs.
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
pub enum During {
    /// `handover`, `review` and `returned`.
    Handover,
    Clearance,
}

/// Whose desk an item goes to [OF-5].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema, Display, EnumString, EnumIter, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Desk {
    SalesManager,
    HrSpecialist,
}

/// An item that a stage asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageItem {
    pub kind: ItemKind,
    pub reviewer: Desk,
    /// Needs an attachment.
    #[serde(default)]
    pub file: bool,
    /// Needs a signatory and the day of the signature.
    #[serde(default)]
    pub signed: bool,
    #[serde(default)]
    pub title: Option<Title>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub during: During,
    pub title: Title,
    /// Gates that must hold before it opens.
    pub opens_after: Vec<Gate>,
    /// Stages above it whose items must be settled as well; those of the accounts are what g6 is for.
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(rename = "item", default)]
    pub items: Vec<StageItem>,
}

/// A template. A case keeps the one that it was started with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub name: String,
    pub version: String,
    /// 0 to 365 days before the last day.
    pub handover_due_days: i64,
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
}

/// Why a file was refused, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// 1-based.
    pub line: usize,
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Spanned<String>,
    version: String,
    handover_due_days: Spanned<i64>,
    stage: Vec<Spanned<Stage>>,
}

/// Kinds without which a template would let customers, data or accounts go by.
const NEEDED: [ItemKind; 6] =
    [ItemKind::CustomerList, ItemKind::Customer, ItemKind::Orders, ItemKind::Receivables, ItemKind::Export, ItemKind::Accounts];

impl Template {
    /// Reads a template file.
    ///
    /// # Errors
    /// Unknown fields, kinds and gates; a kind that is missing or stands in the wrong stage; a stage that is named twice, or that waits for
    /// itself.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let line = |at: usize| 1 + text.get(..at).unwrap_or(text).matches('\n').count();
        let bad = |at: usize, detail: String| TemplateError { line: line(at), detail };
        let file: File = toml::from_str(text).map_err(|e| bad(e.span().map_or(0, |s| s.start), e.message().trim().to_owned()))?;
        let plain =
            |s: &str| !s.is_empty() && s.len() <= 40 && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !plain(file.name.get_ref()) {
            return Err(bad(file.name.span().start, "name: lower-case letters, digits and _".into()));
        }
        if !(0..=MOST_DAYS).contains(file.handover_due_days.get_ref()) {
            return Err(bad(file.handover_due_days.span().start, format!("handover_due_days: 0 to {MOST_DAYS}")));
        }
        let mut seen: Vec<&str> = Vec::new();
        for stage in &file.stage {
            let (s, at) = (stage.get_ref(), stage.span().start);
            if !plain(&s.name) || seen.contains(&s.name.as_str()) {
                return Err(bad(at, format!("stage {:?}: lower-case letters, digits and _, each name once", s.name)));
            }
            if let Some(name) = s.after.iter().find(|n| !seen.contains(&n.as_str())) {
                return Err(bad(at, format!("stage {:?}: after = {name:?} is no stage above it", s.name)));
            }
            seen.push(&s.name);
            if let Some(item) = s.items.iter().find(|i| i.kind.during() != s.during) {
                return Err(bad(at, format!("stage {:?}: items of the kind {} belong to {}", s.name, item.kind, item.kind.during())));
            }
            if s.during == During::Handover && !(s.opens_after.is_empty() && s.after.is_empty()) {
                return Err(bad(at, format!("stage {:?}: the handover is what the gates look at; it waits for none", s.name)));
            }
            if let Some(item) = s.items.iter().find(|i| Gate::G5.wants(i.kind) && s.opens_after.contains(&Gate::G5)) {
                let why = format!(
                    "stage {:?} would never open: g5 waits for its own items of the kind {}; say after = [ ... ]",
                    s.name, item.kind
                );
                return Err(bad(at, why));
            }
            if let Some(item) = s.items.iter().find(|i| matches!(i.kind, ItemKind::Asset | ItemKind::Export) && i.title.is_none()) {
                return Err(bad(at, format!("stage {:?}: an item of the kind {} needs a title", s.name, item.kind)));
            }
        }
        let stages: Vec<Stage> = file.stage.into_iter().map(Spanned::into_inner).collect();
        for kind in NEEDED {
            let n = stages.iter().flat_map(|s| &s.items).filter(|i| i.kind == kind).count();
            if n == 0 || (n > 1 && kind != ItemKind::Export) {
                return Err(bad(0, format!("the kind {kind} must be asked for once")));
            }
        }
        Ok(Self { name: file.name.into_inner(), version: file.version, handover_due_days: file.handover_due_days.into_inner(), stages })
    }

    /// The stage of that name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|s| s.name == name)
    }

    /// What a kind of item must bring, by the stage that asks for it.
    pub fn rule(&self, kind: ItemKind) -> Option<(&Stage, &StageItem)> {
        self.stages.iter().flat_map(|s| s.items.iter().map(move |i| (s, i))).find(|(_, i)| i.kind == kind)
    }

    /// The stages of clearance, each of which opens by gates of its own.
    pub fn clearance(&self) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(|s| s.during == During::Clearance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_template_is_taken() {
        let t = Template::parse(SHIPPED.1).unwrap();
        assert_eq!(t.stages.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["customer_handover", "data_export", "formalities"]);
        assert!(t.clearance().all(|s| s.opens_after == [Gate::G1, Gate::G2, Gate::G3, Gate::G4]));
    }

    #[test]
    fn what_cannot_be_taken_is_refused_with_its_line() {
        let ship = SHIPPED.1;
        let of = |from: &str, to: &str| Template::parse(&ship.replacen(from, to, 1)).unwrap_err();
        let line = |what: &str| 1 + ship[..ship.find(what).unwrap()].matches('\n').count();
        assert_eq!(of("kind = \"export\"", "kind = \"exports\"").line, line("kind = \"export\""));
        assert_eq!(of("\"g1\", \"g2\"", "\"g9\", \"g2\"").line, line("opens_after = [\"g1\""));
        assert_eq!(of("handover_due_days = 0", "handover_due_days = -1").line, line("handover_due_days = 0"));
        assert_eq!(of("handover_due_days = 0", "handover_days = 0").line, line("handover_due_days = 0"));
        assert!(of("name = \"formalities\"", "name = \"data_export\"").detail.contains("data_export"));
        let gates = "opens_after = [\"g1\", \"g2\", \"g3\", \"g4\"]";
        let deadlock = of(gates, "opens_after = [\"g5\"]");
        assert!(deadlock.detail.contains("would never open") && deadlock.detail.contains("export"), "{deadlock:?}");
        assert!(of(gates, &format!("{gates}\nafter = [\"formalities\"]")).detail.contains("no stage above"), "it stands below");
        assert!(of("opens_after = []", "opens_after = []\nafter = [\"customer_handover\"]").detail.contains("no stage above"), "itself");
        let twice = ship.replace(gates, &format!("{gates}\nafter = [\"customer_handover\"]"));
        assert!(Template::parse(&twice).is_ok());
        assert!(of("kind = \"accounts\"", "kind = \"asset\"\ntitle = { en = \"x\", zh-CN = \"x\" }").detail.contains("accounts"));
    }
}
