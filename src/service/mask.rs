//! What a role may not see is taken out of every answer before it leaves the service (domain.md 16: 41).
//!
//! Answers are walked as data, so that a field which is added later is looked at like the others: texts are searched for what names a
//! person who is hidden, whatever the field is called.

use super::{Failure, Service, roles::View};
use crate::{
    domain::{
        ids::PersonId,
        person::{HIDDEN, pseudonym},
        role::Field,
        score::Band,
        signal::SignalKind,
    },
    risk::feature_code,
    store::{self, Tx},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use strum::IntoEnumIterator;

/// Kinds of what somebody did on the job market, and said about leaving.
const RESUME: &[SignalKind] = &[SignalKind::ResumeUpdate, SignalKind::JobSeekActivity, SignalKind::TeamKeyword];
/// Kinds of what somebody earns.
const PAY: &[SignalKind] = &[SignalKind::PayGap, SignalKind::RaiseRequest];
/// Accounts of a person on targets: a login is a name.
const LOGINS: &[&str] = &["login", "account", "display", "marks", "owns", "except", "email", "also"];
/// Who leads a person.
const LEADERS: &[&str] = &["manager", "manager_name"];
/// Words of operators.
const NOTES: &[&str] = &[
    "note",
    "last_note",
    "text",
    "needs",
    "next_step",
    "who",
    "why",
    "reason",
    "refusal",
    "evidence",
    "ticket",
    "place",
    "signatory",
    "raw",
    "detail",
];
/// Lists of them.
const NOTE_LISTS: &[&str] = &["notes", "talk_records"];
/// Values that are words of a fixed list, ids or hashes: no name stands there.
const FIXED: &[&str] = &[
    "id",
    "kind",
    "state",
    "role",
    "impact",
    "critical",
    "code",
    "act",
    "query",
    "entity",
    "level",
    "mode",
    "direction",
    "template",
    "desk",
    "outcome",
    "dismissed",
    "channel",
    "ground",
    "exit",
    "basis",
    "hash",
    "plan_hash",
    "subject_hash",
    "inputs_hash",
    "prev",
    "digest",
    "sealed",
    "target",
    "zone",
    "proof",
    "post",
    "org",
    "sensitivity",
    "model",
    "model_version",
];

/// Whether a text is the code of a word, `@alert-state-open`.
fn is_word(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'))
}

/// Whether signals of a kind are left out.
pub(super) fn hides_kind(view: &View, kind: SignalKind) -> bool {
    (view.hides(Field::Resume) && RESUME.contains(&kind)) || (view.hides(Field::Pay) && PAY.contains(&kind))
}

/// What names a person, and what stands in its place.
type Names = Vec<(String, String)>;

struct Mask<'v> {
    view: &'v View,
    /// Of everybody in the answer who is hidden.
    names: BTreeMap<PersonId, Names>,
    kinds: BTreeSet<String>,
    features: BTreeSet<String>,
}

impl Service {
    /// The answer without what the role of whoever asked may not see. `about` are the people whom it is about.
    pub(super) fn masked<T: Serialize + DeserializeOwned>(
        &self,
        tx: &mut Tx,
        view: &View,
        about: &[PersonId],
        answer: T,
    ) -> Result<T, Failure> {
        if view.grant.hides.is_empty() {
            return Ok(answer);
        }
        let mut value = serde_json::to_value(&answer).map_err(Failure::broken)?;
        let mut people: BTreeSet<PersonId> = about.iter().copied().collect();
        if view.hides(Field::Identity) {
            named(&value, &mut people);
        }
        let hidden: Vec<PersonId> = people.into_iter().filter(|id| view.is_hidden(*id)).collect();
        let names = names_of(tx, &hidden)?;
        let kinds: Vec<SignalKind> = SignalKind::iter().filter(|k| hides_kind(view, *k)).collect();
        let features = self.models.features_of(&kinds).into_iter().flat_map(|f| [format!("@{}", feature_code(&f)), f]).collect();
        let kinds = kinds.iter().flat_map(|k| [k.to_string(), format!("@signal-kind-{}", super::timeline::kebab(k))]).collect();
        let mask = Mask { view, names, kinds, features };
        let who = if let [one] = about { Some(*one) } else { None };
        mask.walk(&mut value, who, "");
        // What cannot be read back is not shown at all.
        serde_json::from_value(value).map_err(Failure::broken)
    }
}

/// All that names each of some people: longest first, so that a part of one does not spoil another.
fn names_of(tx: &mut Tx, ids: &[PersonId]) -> Result<BTreeMap<PersonId, Names>, Failure> {
    let mut all = BTreeMap::<PersonId, Names>::new();
    for (id, text, is_name) in store::person::named_by(tx, ids)?.into_iter().filter(|(_, text, _)| text.chars().count() > 1) {
        let instead = if is_name { pseudonym(&text) } else { HIDDEN.to_owned() };
        let names = all.entry(id).or_default();
        // A Latin name is written in one as well.
        names.extend((text.is_ascii() && text.contains(' ')).then(|| (text.replace(' ', ""), HIDDEN.to_owned())));
        names.push((text, instead));
    }
    for names in all.values_mut() {
        names.sort_by_key(|(n, instead)| (std::cmp::Reverse(n.len()), instead == HIDDEN));
        names.dedup_by(|next, kept| next.0 == kept.0);
    }
    Ok(all)
}

/// Everybody whom an answer names by their fields.
fn named(value: &Value, people: &mut BTreeSet<PersonId>) {
    match value {
        Value::Object(fields) => {
            people.extend(subject(fields));
            fields.values().for_each(|v| named(v, people));
        }
        Value::Array(all) => all.iter().for_each(|v| named(v, people)),
        _ => {}
    }
}

/// Whom an object is about.
fn subject(fields: &Map<String, Value>) -> Option<PersonId> {
    let id = |v: Option<&Value>| v.and_then(Value::as_str).and_then(|s| s.parse().ok()).map(PersonId);
    if let Some(own) = fields.contains_key("sort_name").then(|| id(fields.get("id"))).flatten() {
        return Some(own);
    }
    id(fields.get("person")).or_else(|| id(fields.get("employee").and_then(|e| e.get("id"))))
}

impl Mask<'_> {
    fn walk(&self, value: &mut Value, who: Option<PersonId>, key: &str) {
        match value {
            Value::Object(fields) => self.object(fields, who),
            Value::Array(all) => {
                all.retain(|v| !self.left_out(v));
                all.iter_mut().for_each(|v| self.walk(v, who, key));
            }
            Value::String(text) => self.text(text, who, key),
            _ => {}
        }
    }

    /// Rows of a list that are nothing but what is hidden.
    fn left_out(&self, v: &Value) -> bool {
        let text = |path: &str| v.pointer(path).and_then(Value::as_str);
        // A signal, or a count of signals; the switch of a kind says nothing about anybody.
        let of_somebody = v.get("observed_at").is_some() || v.get("count").is_some();
        let kind = text("/what/args/kind").or_else(|| text("/kind").filter(|_| of_somebody));
        let feature = text("/args/feature").or_else(|| text("/feature")).or_else(|| v.as_str());
        let score = self.view.hides(Field::Score) && text("/kind") == Some("score") && v.get("what").is_some();
        score || kind.is_some_and(|k| self.kinds.contains(k)) || feature.is_some_and(|f| self.features.contains(f))
    }

    fn object(&self, fields: &mut Map<String, Value>, who: Option<PersonId>) {
        let who = subject(fields).or(who);
        let hidden = who.map_or(self.view.hides(Field::Identity), |id| self.view.is_hidden(id));
        if hidden && fields.contains_key("sort_name") {
            if let Some(Value::String(name)) = fields.get_mut("name") {
                *name = pseudonym(name);
            }
            for (key, stands) in [("number", HIDDEN), ("sort_name", "")] {
                if fields.contains_key(key) {
                    fields.insert(key.into(), stands.into());
                }
            }
        }
        if hidden && fields.contains_key("login") && fields.contains_key("seen") {
            // The key that a target knows an account by.
            fields.insert("id".into(), HIDDEN.into());
        }
        if self.view.hides(Field::Score) {
            let attrition = fields.get("kind").and_then(Value::as_str) == Some("attrition_risk");
            for (key, v) in fields.iter_mut() {
                match (key.as_str(), v.as_str()) {
                    // Arguments of a sentence.
                    ("score", Some(_)) => *v = HIDDEN.into(),
                    ("band", Some(text)) if text.starts_with('@') => *v = HIDDEN.into(),
                    ("score" | "band" | "high", _) => *v = Value::Null,
                    // The least that raises such an alert, which says nothing.
                    ("alert_band", _) if attrition => *v = Band::MediumHigh.to_string().into(),
                    _ => {}
                }
            }
        }
        if self.view.hides(Field::Pay) && fields.contains_key("cost_fen") {
            fields.insert("cost_fen".into(), Value::Null);
        }
        for (key, v) in fields.iter_mut() {
            let key = key.as_str();
            // To reveal somebody is to reveal nobody else.
            let leads = self.view.hides(Field::Identity) && LEADERS.contains(&key);
            if leads || (hidden && LOGINS.contains(&key)) {
                blank(v, HIDDEN);
            } else if self.view.hides(Field::Notes) && NOTES.contains(&key) {
                blank(v, "");
            } else if self.view.hides(Field::Notes) && NOTE_LISTS.contains(&key) {
                *v = Value::Array(Vec::new());
            } else {
                self.walk(v, who, key);
            }
        }
    }

    /// Takes names out of a text: those of whom the object is about, or of everybody where it is about nobody in particular.
    fn text(&self, text: &mut String, who: Option<PersonId>, key: &str) {
        // A word of the program's own; what somebody wrote may begin with the same sign, and be nothing but a name.
        let is_name = || self.names.values().flatten().any(|(name, _)| text.strip_prefix('@') == Some(name.as_str()));
        if self.names.is_empty() || FIXED.contains(&key) || (is_word(text) && !NOTES.contains(&key) && !is_name()) {
            return;
        }
        let mut swap = |names: &Names| {
            for (name, stands) in names {
                if text.contains(name.as_str()) || (name.is_ascii() && text.to_ascii_lowercase().contains(&name.to_ascii_lowercase())) {
                    *text = without(text, name, stands);
                }
            }
        };
        match who.and_then(|id| self.names.get(&id)) {
            Some(names) => swap(names),
            None => self.names.values().for_each(&mut swap),
        }
    }
}

/// Blanks the texts of a field, and keeps its shape.
fn blank(v: &mut Value, stands: &str) {
    match v {
        Value::String(text) if !text.is_empty() => *text = stands.into(),
        Value::Array(all) => all.clear(),
        _ => {}
    }
}

/// A text without a name. Latin names and numbers count only as whole words: `li` is no part of `alice`.
fn without(text: &str, name: &str, stands: &str) -> String {
    if !name.is_ascii() {
        return text.replace(name, stands);
    }
    let (low, name) = (text.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = low.get(from..).and_then(|rest| rest.find(&name)).map(|i| i + from) {
        let end = at + name.len();
        let word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let inside = word(text.get(..at).and_then(|t| t.chars().next_back())) || word(text.get(end..).and_then(|t| t.chars().next()));
        out.push_str(text.get(from..at).unwrap_or_default());
        out.push_str(if inside { text.get(at..end).unwrap_or_default() } else { stands });
        from = end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_out_of_a_text_and_a_part_of_a_word_is_not() {
        assert_eq!(without("王芳说王芳要走", "王芳", "王**"), "王**说王**要走");
        assert_eq!(without("Li met alice, LI left li-2", "li", "***"), "*** met alice, *** left ***-2");
        assert_eq!(without("10001 and 210001", "10001", "***"), "*** and 210001");
        assert_eq!(without("", "li", "***"), "");
    }
}
