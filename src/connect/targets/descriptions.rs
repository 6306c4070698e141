//! Descriptions that ship with the program (config/targets), overridden by a file of the same name in the home's `targets` folder.

use super::spec::TargetSpec;
use crate::domain::sentence::Sentence;
use std::{io::ErrorKind, path::Path};

/// Text of a shipped description.
pub fn shipped(name: &str) -> Option<&'static str> {
    match name {
        "keycloak" => Some(include_str!("../../../config/targets/keycloak.toml")),
        "linux-account" => Some(include_str!("../../../config/targets/linux-account.toml")),
        "synapse" => Some(include_str!("../../../config/targets/synapse.toml")),
        _ => None,
    }
}

/// Names of the shipped descriptions.
pub const NAMES: [&str; 3] = ["keycloak", "linux-account", "synapse"];

/// Name and text of the description that a target wants.
pub(super) fn text(spec: &TargetSpec, home: &Path) -> Result<(String, String), Sentence> {
    let name = spec.need("description", spec.description.as_deref())?;
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Err(spec.wrong("description", "@target-want-description"));
    }
    match std::fs::read_to_string(home.join("targets").join(format!("{name}.toml"))) {
        Ok(text) => Ok((name.to_owned(), text)),
        Err(e) if e.kind() == ErrorKind::NotFound => {
            let text = shipped(name).ok_or_else(|| spec.wrong("description", "@target-want-description"))?;
            Ok((name.to_owned(), text.to_owned()))
        }
        Err(e) => Err(bad(spec, name, e.to_string())),
    }
}

/// A description that cannot be used.
pub(super) fn bad(spec: &TargetSpec, name: &str, detail: String) -> Sentence {
    Sentence::new("target-description").with("target", &spec.name).with("file", format!("{name}.toml")).with("detail", detail.trim_end())
}
