//! The mapping file as written (TOML). Unknown keys are errors with their line.

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{collections::BTreeMap, fmt};
use toml::Spanned;

/// A mapping file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSpec {
    /// Name under which the ids of this file are unique; the files of one system name the same source.
    pub(super) source: Option<Spanned<String>>,
    /// `utf-8` or `gb18030`; found out when absent.
    pub(super) encoding: Option<Spanned<String>>,
    /// One ASCII character; a comma when absent.
    pub(super) delimiter: Option<Spanned<String>>,
    /// A row states a person and signals of that person: reading it as employees brings both.
    #[serde(default)]
    pub(super) together: bool,
    pub(super) employee: Option<EmployeeSpec>,
    #[serde(default)]
    pub(super) signal: Vec<SignalSpec>,
    pub(super) exit: Option<ExitSpec>,
    pub(super) customer: Option<CustomerSpec>,
    pub(super) order: Option<OrderSpec>,
    pub(super) receivable: Option<ReceivableSpec>,
}

/// A field, with its place in the file.
pub(super) type Field = Spanned<FieldSpec>;

/// `[employee]`: the fields of `EmployeeRow`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EmployeeSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) person: Option<Field>,
    pub(super) number: Field,
    pub(super) name: Field,
    pub(super) sort_name: Option<Field>,
    pub(super) org: Field,
    pub(super) post: Field,
    pub(super) critical: Option<Field>,
    pub(super) impact: Option<Field>,
    pub(super) manager: Option<Field>,
    pub(super) email: Option<Field>,
    pub(super) state: Option<Field>,
    pub(super) started: Field,
    pub(super) last_day: Option<Field>,
    pub(super) exit: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

/// `[[signal]]`: the fields of `SignalRow`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignalSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) event: Field,
    pub(super) number: Field,
    pub(super) kind: Field,
    pub(super) observed_at: Field,
    pub(super) known_at: Option<Field>,
    pub(super) value: Option<Field>,
    pub(super) baseline: Option<Field>,
    pub(super) note: Option<Field>,
}

/// `[exit]`: the fields of `ExitRow`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExitSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) number: Field,
    pub(super) last_day: Field,
    pub(super) exit: Field,
}

/// `[customer]`: the fields of `CustomerFact`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) number: Field,
    pub(super) name: Field,
    pub(super) contact: Option<Field>,
    pub(super) owner: Option<Field>,
    pub(super) owned_from: Option<Field>,
    pub(super) owned_until: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

/// `[order]`: the fields of `OrderFact`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) number: Field,
    pub(super) customer: Field,
    pub(super) placed_on: Field,
    /// Yuan.
    pub(super) amount: Field,
    pub(super) state: Option<Field>,
    pub(super) stated_on: Option<Field>,
}

/// `[receivable]`: the fields of `ReceivableFact`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceivableSpec {
    pub(super) when: Option<Spanned<WhenSpec>>,
    pub(super) number: Field,
    pub(super) customer: Field,
    /// Yuan.
    pub(super) amount: Field,
    pub(super) due_on: Field,
    pub(super) stated_on: Option<Field>,
}

/// Rows for which a section holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WhenSpec {
    pub(super) column: String,
    /// The cell is one of these.
    pub(super) is: Option<OneOrMany>,
    /// The cell is none of these.
    pub(super) not: Option<OneOrMany>,
}

/// One text or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(super) fn list(&self) -> Vec<String> {
        match self {
            Self::One(s) => vec![s.clone()],
            Self::Many(list) => list.clone(),
        }
    }
}

/// A field as written: a column's name, or a table.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldTable {
    pub(super) column: Option<String>,
    #[serde(rename = "const")]
    pub(super) constant: Option<String>,
    /// `IBM-{EmployeeNumber}`: text with columns in braces.
    pub(super) template: Option<String>,
    /// Text in the file -> text that we read; `*` takes every other text, an empty text means none.
    #[serde(default)]
    pub(super) map: BTreeMap<String, String>,
    /// Texts that mean none.
    #[serde(default)]
    pub(super) none: Vec<String>,
    /// Date formats (strftime); year first when empty.
    #[serde(default)]
    pub(super) formats: Vec<String>,
    /// A number is multiplied by this.
    pub(super) scale: Option<f64>,
    /// Taken when the cell is blank.
    pub(super) default: Option<String>,
    /// The file may do without the column.
    #[serde(default)]
    pub(super) optional: bool,
}

/// A field, whichever way it was written.
#[derive(Clone, Debug)]
pub(super) struct FieldSpec(pub(super) FieldTable);

impl<'de> Deserialize<'de> for FieldSpec {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = FieldSpec;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a column name, or a table with `column`, `const` or `template`")
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<FieldSpec, E> {
                Ok(FieldSpec(FieldTable { column: Some(v.to_owned()), ..FieldTable::default() }))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldSpec, A::Error> {
                FieldTable::deserialize(MapAccessDeserializer::new(map)).map(FieldSpec)
            }
        }
        d.deserialize_any(Either)
    }
}
