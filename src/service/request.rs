//! A request as it was said: whether it makes sense, what its key is bound to, how it reads in the chain.

use crate::{
    backend::{
        ActRequest, Failure, FailureKind,
        table::{ActRow, Reason},
    },
    domain::sentence::Sentence,
    store::{StoreError, Tx},
};
use sha2::{Digest, Sha256};

/// Most targets that one request may name.
const MAX_TARGETS: usize = 500;
/// Longest text of an act, in characters.
const MAX_TEXT: usize = 8_000;

fn usage(code: &'static str) -> Failure {
    Failure::new(FailureKind::Usage, Sentence::new(code))
}

/// Refuses a request that makes no sense, before anything is read.
pub(super) fn check(request: &ActRequest, row: &ActRow) -> Result<(), Failure> {
    if row.target.is_some() == request.targets.is_empty() {
        return Err(usage(if row.target.is_some() { "act-no-target" } else { "act-no-target-wanted" }));
    }
    if request.targets.len() > MAX_TARGETS {
        return Err(usage("act-too-many").next(Sentence::new("act-too-many-next").with("most", MAX_TARGETS)));
    }
    if row.reason == Reason::Required && request.reason.as_deref().is_none_or(|r| r.trim().is_empty()) {
        return Err(usage("act-reason").next(Sentence::new("act-reason-next")));
    }
    let text = serde_json::to_string(&request.act).unwrap_or_default();
    if text.chars().count() + request.reason.as_deref().unwrap_or_default().chars().count() > MAX_TEXT {
        return Err(usage("act-too-long").next(Sentence::new("act-too-long-next").with("most", MAX_TEXT)));
    }
    if request.key.as_deref().is_some_and(|k| k.is_empty() || k.len() > 200) {
        return Err(usage("act-key"));
    }
    Ok(())
}

/// Hash of the request without its key: the same key with another body is refused. An instant that was written as one that counts from
/// now is hashed as it was written.
pub(super) fn hash_of(request: &ActRequest) -> Vec<u8> {
    let mut act = serde_json::to_value(&request.act).unwrap_or_default();
    if let Some(written) = &request.written {
        for at in ["/until", "/talk/at", "/at"] {
            if let Some(instant) = act.pointer_mut(at) {
                *instant = written.as_str().into();
            }
        }
    }
    let body = serde_json::json!([act, request.targets, request.reason]);
    Sha256::digest(body.to_string().as_bytes()).to_vec()
}

/// An act about nobody, as data: with the reason that was given for it, which only the home can read.
pub(super) fn in_clear(tx: &Tx, request: &ActRequest) -> Result<String, StoreError> {
    let mut said = serde_json::to_value(&request.act).unwrap_or_default();
    if let (Some(fields), Some(reason)) = (said.as_object_mut(), &request.reason) {
        fields.insert("reason".into(), tx.seal_home(reason)?.into());
    }
    Ok(said.to_string())
}

/// What [`in_clear`] made, with its reason to be read.
pub(super) fn reopened(tx: &Tx, detail: &str) -> String {
    let Ok(mut said) = serde_json::from_str::<serde_json::Value>(detail) else { return detail.into() };
    match said.get_mut("reason") {
        Some(serde_json::Value::String(reason)) => *reason = tx.home().text(std::mem::take(reason)),
        _ => return detail.into(),
    }
    said.to_string()
}
