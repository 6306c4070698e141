//! The OpenAPI document, made from the act table and the queries: what is not in the tables is not in the API.

use crate::backend::{
    ingest::MOST_SIGNALS,
    query::QueryKind,
    table::{ACTS, Reason},
};
use serde_json::{Map, Value, json};
use strum::IntoEnumIterator;

/// Names of all queries.
pub(super) fn queries() -> impl Iterator<Item = String> {
    QueryKind::iter().map(|k| snake(&format!("{k:?}")))
}

/// `FreezePlan` as `freeze_plan`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn answers(good: &str) -> Value {
    let problem = |what: &str| json!({"description": what, "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}});
    json!({
        "200": {"description": good, "content": {"application/json": {"schema": {"type": "object"}}}},
        "400": problem("The request makes no sense."),
        "401": problem("No good token."),
        "403": problem("A rule forbids it."),
        "404": problem("No such thing."),
        "409": problem("Someone was first."),
        "413": {"description": "The body is too large."},
        "500": problem("Something broke."),
        "503": problem("The data cannot be reached."),
        "504": problem("Whether it was done is not known: say it again with the same key."),
    })
}

fn body(schema: Value) -> Value {
    json!({"content": {"application/json": {"schema": schema}}})
}

/// The document that is served at `/openapi.json` and checked in as config/openapi.json.
pub fn document() -> Value {
    let mut paths = Map::new();
    for row in ACTS {
        let mut required: Vec<&str> = Vec::new();
        if row.target.is_some() {
            required.push("targets");
        }
        if row.reason == Reason::Required {
            required.push("reason");
        }
        let schema = json!({"allOf": [{"$ref": "#/components/schemas/Act"}, {"type": "object", "required": required}]});
        paths.insert(
            format!("/v1/acts/{}", row.name),
            json!({"post": {
                "operationId": row.name,
                "tags": ["acts"],
                "summary": format!("{} ({})", row.name, row.permission),
                "requestBody": body(schema),
                "responses": answers("An outcome a target, and the rows that changed."),
            }}),
        );
    }
    for name in queries() {
        paths.insert(
            format!("/v1/queries/{name}"),
            json!({"post": {
                "operationId": name,
                "tags": ["queries"],
                "requestBody": body(json!({"type": "object"})),
                "responses": answers("One page, with the store's time at which it was true."),
            }}),
        );
    }
    let param =
        |name: &str, required: bool, kind: &str| json!({"name": name, "in": "query", "required": required, "schema": {"type": kind}});
    let bytes = json!({"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}});
    let one = |method: &str, id: &str, rest: Value| {
        let mut op = json!({"operationId": id, "responses": answers("Done.")});
        if let (Some(op), Some(rest)) = (op.as_object_mut(), rest.as_object()) {
            op.extend(rest.clone());
        }
        json!({method: op})
    };
    paths.insert("/v1/who".into(), one("get", "who", json!({"tags": ["session"]})));
    paths.insert(
        "/v1/changes".into(),
        one(
            "get",
            "changes",
            json!({"tags": ["session"], "parameters": [param("after", false, "integer")], "description":
            "Waits up to 25 s for what changed after a mark; 0 answers at once. With `Accept: text/event-stream` it goes on."}),
        ),
    );
    let hash = json!({"name": "hash", "in": "path", "required": true, "schema": {"type": "string"}});
    paths.insert("/v1/blobs/{hash}".into(), one("get", "blob", json!({"tags": ["files"], "parameters": [hash]})));
    paths.insert(
        "/v1/imports".into(),
        one(
            "post",
            "import",
            json!({"tags": ["files"], "requestBody": bytes, "parameters": [
            param("kind", true, "string"), param("file", true, "string"), param("map", false, "string"),
            param("preview", false, "string"), param("bytes", false, "integer")]}),
        ),
    );
    paths.insert(
        "/v1/evidence".into(),
        one("post", "evidence", json!({"tags": ["files"], "requestBody": bytes, "parameters": [param("file", true, "string")]})),
    );
    let source = json!({"name": "source", "in": "path", "required": true, "schema": {"type": "string"}});
    let header = |name: &str, what: &str| json!({"name": name, "in": "header", "required": false, "description": what, "schema": {"type": "string"}});
    let objects = json!({"type": "array", "minItems": 1, "maxItems": MOST_SIGNALS, "items": {"type": "object"}});
    let mut taken = answers("What became of the batch.");
    if let Some(schema) = taken.pointer_mut("/200/content/application~1json/schema") {
        *schema = json!({"$ref": "#/components/schemas/Ingested"});
    }
    paths.insert(
        "/v1/ingest/{source}".into(),
        json!({"post": {
            "operationId": "ingest",
            "tags": ["signals"],
            "summary": "Signals from another system: a batch, taken once.",
            "security": [{"token": []}, {"signature": []}],
            "parameters": [source,
                header("Idempotency-Key", "Name of the batch: the same again gives the same answer for 30 days. Its hash where there is none."),
                header("Tenure-Signature", "t=SECONDS,v1=HEX: HMAC-SHA256 over SECONDS.BODY with the secret of the source, within 300 seconds.")],
            "requestBody": {"required": true, "content": {
                "application/json": {"schema": objects},
                "application/x-ndjson": {"schema": {"type": "string"}}}},
            "responses": taken,
        }}),
    );
    let open = |id: &str, good: &str| {
        json!({"get": {"operationId": id, "tags": ["server"], "security": [], "responses": {
        good: {"description": "Well."}, "503": {"description": "The data cannot be reached."}}}})
    };
    paths.insert("/health/live".into(), open("live", "204"));
    paths.insert("/health/ready".into(), open("ready", "204"));
    paths.insert("/metrics".into(), open("metrics", "200"));
    paths.insert("/openapi.json".into(), open("openapi", "200"));
    json!({
        "openapi": "3.1.0",
        "info": {"title": "tenure", "version": env!("CARGO_PKG_VERSION"), "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Every act and query of the console. Acts carry a key: the same key and body give the same answer for 30 days."},
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "signature": {"type": "apiKey", "in": "header", "name": "Tenure-Signature"}},
            "schemas": {
                "Ingested": {"type": "object", "required": ["source", "batch", "import", "accepted", "same", "quarantined", "why", "replayed"],
                    "properties": {
                    "source": {"type": "string"}, "batch": {"type": "string"}, "import": {"type": "string", "format": "uuid"},
                    "accepted": {"type": "integer"}, "same": {"type": "integer"}, "quarantined": {"type": "integer"},
                    "why": {"type": "array", "maxItems": 20, "items": {"type": "object", "required": ["row", "why"], "properties": {
                        "row": {"type": "integer"}, "column": {"type": "string"}, "why": {"type": "object"}}}},
                    "replayed": {"type": "boolean"}}},
                "Act": {"type": "object", "properties": {
                    "act": {"type": "object", "description": "Fields of the act itself."},
                    "targets": {"type": "array", "maxItems": 500, "items": {"type": "object", "required": ["id"], "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "version": {"type": ["integer", "null"], "description": "What was on screen; null is whatever is there now."}}}},
                    "key": {"type": ["string", "null"], "minLength": 1, "maxLength": 200},
                    "reason": {"type": ["string", "null"]}}},
                "Problem": {"type": "object", "required": ["type", "title", "status", "code", "failure"], "properties": {
                    "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                    "code": {"type": "string"}, "failure": {"type": "object"}}}}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Query;

    #[test]
    fn names_of_queries_are_those_of_the_door() {
        let known: &'static str = (&Query::Today).into();
        assert!(queries().any(|n| n == known));
        let known: &'static str = (&Query::TargetsCheck).into();
        assert!(queries().any(|n| n == known));
    }

    #[test]
    fn the_document_is_checked_in() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/openapi.json");
        let now = format!("{}\n", serde_json::to_string_pretty(&document()).unwrap());
        if std::env::var("INSTA_UPDATE").is_ok_and(|how| how == "always") {
            std::fs::write(path, &now).unwrap();
        }
        assert!(std::fs::read_to_string(path).unwrap_or_default() == now, "write it anew: INSTA_UPDATE=always cargo test --lib openapi");
    }
}
