//! Schemas of bodies, derived from the types that the door speaks.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Makes schemas, and keeps those that others refer to.
pub(super) struct Schemas(SchemaGenerator);

impl Schemas {
    pub fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|s| {
            s.definitions_path = "/components/schemas".into();
            s.meta_schema = None;
        });
        Self(settings.into_generator())
    }

    /// A reference to the schema of a type.
    pub fn of<T: JsonSchema>(&mut self) -> Value {
        self.0.subschema_for::<T>().to_value()
    }

    /// The schema of a type itself.
    pub fn plain<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.0).to_value()
    }

    /// The variants of a type that is tagged within: their fields by the tag, which is not among them.
    pub fn tagged<T: JsonSchema>(&mut self, tag: &str) -> BTreeMap<String, Value> {
        let named = |mut schema: Value| {
            let fields = schema.as_object_mut()?;
            let name = fields.get_mut("properties")?.as_object_mut()?.remove(tag)?;
            if let Some(required) = fields.get_mut("required").and_then(Value::as_array_mut) {
                required.retain(|r| r != tag);
            }
            Some((name.get("const")?.as_str()?.to_owned(), schema))
        };
        variants(self.plain::<T>()).into_iter().filter_map(named).collect()
    }

    /// The variants of a type that is tagged by its one field, whole, by that field.
    pub fn keyed<T: JsonSchema>(&mut self) -> BTreeMap<String, Value> {
        let named = |schema: Value| Some((schema.get("properties")?.as_object()?.keys().next()?.clone(), schema));
        variants(self.plain::<T>()).into_iter().filter_map(named).collect()
    }

    /// What the schemas that were made refer to.
    pub fn components(mut self) -> Map<String, Value> {
        let mut all: Map<String, Value> = self.0.take_definitions(true).into_iter().collect();
        // There is one route a variant.
        for whole in ["Query", "Answer"] {
            all.remove(whole);
        }
        all
    }
}

fn variants(schema: Value) -> Vec<Value> {
    let Value::Object(mut fields) = schema else { return Vec::new() };
    match fields.remove("oneOf") {
        Some(Value::Array(all)) => all,
        _ => Vec::new(),
    }
}

/// Fields of an object, and those of them that must be there.
pub(super) fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}
