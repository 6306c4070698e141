//! A handover item: what the ledger said, one version with its verdict, the others in a line each, and what the file holds.

use crate::{
    console::{
        look::Meaning,
        model::{
            Model,
            dataset::Dataset,
            offboarding::{Blob, ItemView},
        },
    },
    domain::{
        handover::{FileRef, Verdict, Version},
        sentence::Sentence,
    },
    text::{money, stamp},
};

/// Lines of (indent, text, meaning).
pub type Lines = Vec<(usize, String, Meaning)>;

/// The item as it is read.
pub fn lines(m: &Model, view: &ItemView) -> Lines {
    let i = &view.item;
    let mut out = Lines::new();
    fact(m, &mut out, 0, "col-state", Some(m.word("item-state", i.state)));
    fact(m, &mut out, 0, "col-reviewer", Some(format!("{} ({})", i.reviewer_name.as_deref().unwrap_or("-"), m.word("desk", i.desk))));
    let l = i.ledger;
    let figures = [("customers", l.customers.to_string()), ("orders", l.orders.to_string()), ("owed", money(l.receivable_fen))];
    fact(m, &mut out, 0, "case-ledger", Some(m.tf("case-ledger-value", &figures.each_ref().map(|(k, v)| (*k, v.as_str())))));
    fact(m, &mut out, 0, "field-reason", i.why.clone());
    fact(m, &mut out, 0, "case-waived-by", i.waived_by.clone());
    let Some(v) = view.version() else {
        out.push((0, String::new(), Meaning::Base));
        out.push((0, m.t("case-no-version"), Meaning::Muted));
        return out;
    };
    version(m, &mut out, view, v);
    if i.evidence.len() > 1 {
        head(&mut out, m.t("case-versions"));
        for other in i.evidence.iter().rev().filter(|o| o.n != v.n) {
            let (text, meaning) = short(m, other);
            out.push((2, text, meaning));
        }
    }
    if let Some(file) = view.stored() {
        head(&mut out, m.t("case-content"));
        content(m, &mut out, file, &view.file.data);
    }
    out
}

fn head(out: &mut Lines, text: String) {
    out.push((0, String::new(), Meaning::Base));
    out.push((0, text, Meaning::Title));
}

fn fact(m: &Model, out: &mut Lines, indent: usize, label: &str, value: Option<String>) {
    if let Some(value) = value.filter(|v| !v.is_empty()) {
        out.push((indent, m.tf("fact-line", &[("label", &m.t(label)), ("value", &value)]), Meaning::Base));
    }
}

fn verdict(m: &Model, v: &Verdict) -> (String, Meaning) {
    let why = v.why.as_ref().map(|w| m.say(w)).unwrap_or_default();
    let by = v.by.clone().unwrap_or_else(|| "@machine".into());
    let code = if v.accepted { "verdict-accepted" } else { "verdict-returned" };
    let text = m.say(&Sentence::new(code).with("by", by).with("at", v.at).with("why", why));
    (text, if v.accepted { Meaning::Good } else { Meaning::Warn })
}

fn version(m: &Model, out: &mut Lines, view: &ItemView, v: &Version) {
    let args = [("n", v.n.to_string()), ("all", view.item.evidence.len().to_string()), ("by", v.by.clone()), ("at", stamp(v.at, &m.zone))];
    head(out, m.tf("case-version", &args.each_ref().map(|(k, v)| (*k, v.as_str()))));
    let e = &v.evidence;
    match &e.file {
        Some(file) => {
            fact(m, out, 2, "case-file", Some(file.name.clone()));
            fact(m, out, 2, "case-hash", Some(file.hash.clone()));
            fact(m, out, 2, "case-size", view.file.data.value().map(|b| m.tf("case-bytes", &[("n", &b.bytes.to_string())])));
        }
        None => out.push((2, m.t("case-no-file"), Meaning::Muted)),
    }
    fact(m, out, 2, "field-signatory", e.signatory.clone());
    fact(m, out, 2, "field-signed-on", e.signed_on.map(|d| d.to_string()));
    fact(m, out, 2, "field-place", e.place.clone());
    fact(m, out, 2, "case-location", e.location.as_ref().map(|l| format!("{} ({}, {})", l.place, l.purpose, l.consent)));
    fact(m, out, 2, "field-customer-refusal", e.refusal.clone());
    fact(m, out, 2, "field-customers", e.customers.map(|n| n.to_string()));
    fact(m, out, 2, "field-orders", e.orders.map(|n| n.to_string()));
    fact(m, out, 2, "field-receivables", e.receivable_fen.map(money));
    fact(m, out, 2, "field-note", e.note.clone());
    if let Some((text, meaning)) = v.verdict.as_ref().map(|w| verdict(m, w)) {
        out.push((2, text, meaning));
    }
}

/// A version that is not the one in full.
fn short(m: &Model, v: &Version) -> (String, Meaning) {
    let file = v.evidence.file.as_ref().map(|f| format!("{} {}", f.hash.get(..10).unwrap_or(&f.hash), f.name));
    let (said, meaning) = v.verdict.as_ref().map_or((String::new(), Meaning::Base), |w| verdict(m, w));
    let parts = [format!("v{}", v.n), stamp(v.at, &m.zone), v.by.clone(), file.unwrap_or_else(|| m.t("case-no-file")), said];
    (parts.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("  "), meaning)
}

fn content(m: &Model, out: &mut Lines, file: &FileRef, data: &Dataset<Blob>) {
    let blob = match data {
        Dataset::NotAsked | Dataset::Loading => return out.push((2, m.t("state-loading"), Meaning::Muted)),
        Dataset::Failed(why) => {
            out.push((2, m.say(&why.what), Meaning::Warn));
            return out.push((2, m.t("case-content-again"), Meaning::Muted));
        }
        Dataset::Ready { value, .. } | Dataset::Stale { value, .. } => value,
    };
    let fetch = |key: &str| m.tf(key, &[("hash", &file.hash)]);
    match &blob.text {
        None => out.push((2, fetch("case-content-binary"), Meaning::Notice)),
        Some(text) if text.trim().is_empty() => out.push((2, m.t("case-content-empty"), Meaning::Muted)),
        Some(text) => out.extend(text.trim_end().split('\n').map(|line| (2, line.to_owned(), Meaning::Base))),
    }
    if blob.cut {
        out.push((2, fetch("case-content-cut"), Meaning::Notice));
    }
}
