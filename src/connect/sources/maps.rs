//! Mappings that ship with the program (config/maps), by name.

use super::Mapping;
use crate::domain::sentence::Sentence;

/// Names of the shipped mappings.
pub const NAMES: [&str; 3] = ["standard", "ibm-attrition", "mfg-10-years"];

/// Text of a shipped mapping file.
pub fn shipped(name: &str) -> Option<&'static str> {
    match name {
        "standard" => Some(include_str!("../../../config/maps/standard.toml")),
        "ibm-attrition" => Some(include_str!("../../../config/maps/ibm-attrition.toml")),
        "mfg-10-years" => Some(include_str!("../../../config/maps/mfg-10-years.toml")),
        _ => None,
    }
}

/// A shipped mapping.
pub fn mapping(name: &str) -> Option<Mapping> {
    Mapping::parse(shipped(name)?).ok()
}

/// The mapping of a file whose columns have our names.
pub(super) fn standard() -> Result<Mapping, Sentence> {
    Mapping::parse(shipped("standard").unwrap_or_default())
}
