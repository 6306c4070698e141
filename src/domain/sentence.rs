//! A sentence below the edge: a code and its arguments. `text` renders it in the reader's language (DESIGN.md, one text table).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, collections::BTreeMap};

/// A message as data. `code` is a key of the locale files; `args` fill its placeables.
///
/// An argument whose text starts with `@` is itself a code (`@alert-state-acked`) and is rendered in the reader's language, with the
/// arguments that stand beside it; one that is an RFC 3339 instant is shown in the reader's zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentence {
    /// Key in `config/locales/*.ftl`, in kebab-case.
    pub code: Cow<'static, str>,
    /// Values of the placeables, by name. Always written, also when empty: staged rows are kept in a
    /// format without field names.
    #[serde(default)]
    pub args: BTreeMap<Cow<'static, str>, String>,
}

impl Sentence {
    /// A sentence without arguments.
    pub fn new(code: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), args: BTreeMap::new() }
    }

    /// Adds one argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.args.insert(Cow::Borrowed(name), value.to_string());
        self
    }
}
