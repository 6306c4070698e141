//! The `/` language: free words and `key:value` pairs, in English or Chinese (`band:high`, `等级:高`).

use crate::domain::{
    alert::AlertState,
    person::{CriticalPost, Impact},
    score::Band,
};
use serde::{Deserialize, Serialize};

/// A parsed filter. Words are prefixes of the name, the sort name or the employee number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Free text, as typed.
    pub text: Option<String>,
    pub band: Option<Band>,
    pub state: Option<AlertState>,
    /// Name of the owner, or of the operator in the audit list.
    pub owner: Option<String>,
    /// Path prefix or unit name of the organisation.
    pub org: Option<String>,
    pub critical: Option<CriticalPost>,
    pub impact: Option<Impact>,
    /// Name or prefix of an act in the audit list.
    pub act: Option<String>,
}
