//! The OpenAPI document, made from the act table and the queries: what is not in the tables is not in the API.

mod schemas;

use super::problem::{OWN, Problem};
use crate::{
    backend::{
        ActReply, Answer, Preview, Query, Staged, Target, Watched,
        ingest::{Ingested, MOST_SIGNALS},
        query::QueryKind,
        table::{ACTS, ActRow, Reason},
    },
    domain::{act::Act, operator::Identity},
};
use schemas::{Schemas, object};
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

/// Name of what a query is answered with.
fn answer_of(query: &str) -> &str {
    match query {
        "find" => "found",
        "find_customer" => "found_customers",
        "alert_report" => "report",
        "access" => "audit",
        "audit_verify" => "verified",
        "thaw_plan" => "freeze_plan",
        "freeze_drill" => "drill",
        "targets_check" => "health",
        same => same,
    }
}

/// Statuses of what did not go well, and what each means.
const PROBLEMS: &[(&str, &str)] = &[
    ("400", "The request makes no sense."),
    ("401", "No good token."),
    ("403", "A rule forbids it."),
    ("404", "No such thing."),
    ("408", "The body did not come in time."),
    ("409", "Someone was first."),
    ("413", "The body is too large."),
    ("429", "The token has as much in hand as one may."),
    ("500", "Something broke."),
    ("503", "The data cannot be reached."),
    ("504", "Whether it was done is not known: say it again with the same key."),
];

/// Every problem once, for routes to refer to.
fn problems() -> Value {
    let problem = |(status, what): &(&str, &str)| {
        let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}});
        let mut one = json!({"description": what, "content": content});
        if let (Some(fields), "429") = (one.as_object_mut(), *status) {
            fields.insert("headers".into(), json!({"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}));
        }
        (format!("Problem{status}"), one)
    };
    Value::Object(PROBLEMS.iter().map(problem).collect())
}

/// The answers of a route behind the door: a good one, and a problem for every status.
fn answers(good: &str, schema: Value) -> Value {
    let problem = |(status, _): &(&str, &str)| ((*status).to_owned(), json!({"$ref": format!("#/components/responses/Problem{status}")}));
    let mut all: Map<String, Value> = PROBLEMS.iter().map(problem).collect();
    all.insert("200".into(), json!({"description": good, "content": {"application/json": {"schema": schema}}}));
    Value::Object(all)
}

fn body(schema: &Value, required: bool) -> Value {
    json!({"required": required, "content": {"application/json": {"schema": schema}}})
}

/// Whether an object cannot be left out: some field must be there.
fn needs(schema: &Value) -> bool {
    schema.get("required").and_then(Value::as_array).is_some_and(|r| !r.is_empty())
}

/// The body of an act: its own fields in `act`, and what goes with every act.
fn act_body(row: &ActRow, act: &Value, target: &Value) -> Value {
    let mut required = Vec::new();
    if needs(act) {
        required.push("act");
    }
    let mut targets = json!({"type": "array", "maxItems": 500, "items": target});
    if row.target.is_some() {
        required.push("targets");
        targets = json!({"type": "array", "minItems": 1, "maxItems": 500, "items": target});
    }
    let mut reason = json!({"type": ["string", "null"], "description": "Why, in words."});
    if row.reason == Reason::Required {
        required.push("reason");
        reason = json!({"type": "string", "minLength": 1, "description": "Why, in words."});
    }
    let properties = json!({
        "act": act,
        "targets": targets,
        "key": {"type": ["string", "null"], "minLength": 1, "maxLength": 200,
            "description": "The same key and body give the same answer for 30 days."},
        "reason": reason,
        "written": {"type": ["string", "null"],
            "description": "The act's instant as it was written where it counts from now (4h): a key is bound to these words."},
    });
    object(properties, &required)
}

/// The document that is served at `/openapi.json` and checked in as config/openapi.json.
pub fn document() -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    let (acts, target, reply) = (schemas.tagged::<Act>("act"), schemas.of::<Target>(), schemas.of::<ActReply>());
    for row in ACTS {
        let act = acts.get(row.name).cloned().unwrap_or_else(|| object(json!({}), &[]));
        let body = body(&act_body(row, &act, &target), row.target.is_some());
        paths.insert(
            format!("/v1/acts/{}", row.name),
            json!({"post": {
                "operationId": row.name,
                "tags": ["acts"],
                "summary": format!("{} ({})", row.name, row.permission),
                "requestBody": body,
                "responses": answers("An outcome a target, and the rows that changed.", reply.clone()),
            }}),
        );
    }
    let (queries_, kinds, at) = (schemas.tagged::<Query>("query"), schemas.keyed::<Answer>(), schemas.of::<jiff::Timestamp>());
    for name in queries() {
        let fields = queries_.get(&name).cloned().unwrap_or_else(|| object(json!({}), &[]));
        let answer = kinds.get(answer_of(&name)).cloned().unwrap_or_default();
        let good = object(json!({"at": at, "answer": answer}), &["at", "answer"]);
        paths.insert(
            format!("/v1/queries/{name}"),
            json!({"post": {
                "operationId": name,
                "tags": ["queries"],
                "requestBody": body(&fields, needs(&fields)),
                "responses": answers("One page, with the store's time at which it was true.", good),
            }}),
        );
    }
    let param = |name: &str, required: bool, schema: Value| json!({"name": name, "in": "query", "required": required, "schema": schema});
    let text = || json!({"type": "string"});
    let bytes = json!({"required": true, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}});
    let one = |method: &str, id: &str, answer: Value, rest: Value| {
        let mut op = json!({"operationId": id, "responses": answers("Done.", answer)});
        if let (Some(op), Some(rest)) = (op.as_object_mut(), rest.as_object()) {
            op.extend(rest.clone());
        }
        json!({method: op})
    };
    let who = schemas.of::<Identity>();
    paths.insert("/v1/who".into(), one("get", "who", who, json!({"tags": ["session"]})));
    let mut changes = one(
        "get",
        "changes",
        schemas.of::<Watched>(),
        json!({"tags": ["session"], "parameters": [param("after", false, json!({"type": "integer", "format": "int64"}))], "description":
            "Waits up to 25 s for what changed after a mark; 0 answers at once. With `Accept: text/event-stream` it goes on, an event \
             `changed` at a time, until the token is over (`ended`)."}),
    );
    if let Some(content) = changes.pointer_mut("/get/responses/200/content").and_then(Value::as_object_mut) {
        content.insert("text/event-stream".into(), json!({"schema": {"type": "string"}}));
    }
    paths.insert("/v1/changes".into(), changes);
    let hash = json!({"name": "hash", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}});
    let mut blob = one("get", "blob", json!({}), json!({"tags": ["files"], "parameters": [hash]}));
    if let Some(content) = blob.pointer_mut("/get/responses/200/content") {
        *content = json!({"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}});
    }
    paths.insert("/v1/blobs/{hash}".into(), blob);
    let (staged, preview) = (schemas.of::<Staged>(), schemas.of::<Preview>());
    let parameters = json!([
        param("kind", true, json!({"enum": ["employees", "signals", "exits", "customers", "orders", "receivables"]})),
        param("file", true, text()),
        param("map", false, text()),
        param("preview", false, preview),
        param("bytes", false, json!({"type": "integer", "minimum": 0}))
    ]);
    let import = one("post", "import", staged.clone(), json!({"tags": ["files"], "requestBody": bytes, "parameters": parameters}));
    paths.insert("/v1/imports".into(), import);
    let file = json!({"tags": ["files"], "requestBody": bytes, "parameters": [param("file", true, text())]});
    paths.insert("/v1/evidence".into(), one("post", "evidence", staged, file));
    let source = json!({"name": "source", "in": "path", "required": true, "schema": text()});
    let header = |name: &str, what: &str| json!({"name": name, "in": "header", "required": false, "description": what, "schema": text()});
    let objects = json!({"type": "array", "minItems": 1, "maxItems": MOST_SIGNALS, "items": {"type": "object"}});
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
                "application/x-ndjson": {"schema": text()}}},
            "responses": answers("What became of the batch.", schemas.of::<Ingested>()),
        }}),
    );
    let open = |id: &str, good: &str, content: Value| {
        json!({"get": {"operationId": id, "tags": ["server"], "security": [], "responses": {
            good: content,
            "503": {"$ref": "#/components/responses/Problem503"}}}})
    };
    paths.insert("/health/live".into(), open("live", "204", json!({"description": "The process answers."})));
    paths.insert("/health/ready".into(), open("ready", "204", json!({"description": "So does the data."})));
    let counts =
        json!({"description": "Counts.", "content": {"application/openmetrics-text; version=1.0.0; charset=utf-8": {"schema": text()}}});
    paths.insert("/metrics".into(), open("metrics", "200", counts));
    let this = json!({"description": "This document.", "content": {"application/json": {"schema": {"type": "object"}}}});
    paths.insert("/openapi.json".into(), open("openapi", "200", this));
    schemas.of::<Problem>();
    let mut components = schemas.components();
    if let Some(code) = components.get_mut("Problem").and_then(|p| p.pointer_mut("/properties/code")) {
        let own: Vec<_> = OWN.iter().map(|(code, status)| format!("`{code}` ({})", status.as_u16())).collect();
        let said = format!(
            "Key of a sentence of config/locales, which words it with the arguments in `failure`. `http-bad` (400) and `http-no-route` (404) \
             are the API's own, and with a status of their own {}.",
            own.join(", ")
        );
        *code = json!({"type": "string", "description": said});
    }
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
            "responses": problems(),
            "schemas": components},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_queries_are_those_of_the_door() {
        let known: &'static str = (&Query::Today).into();
        assert!(queries().any(|n| n == known));
        let known: &'static str = (&Query::TargetsCheck).into();
        assert!(queries().any(|n| n == known));
    }

    /// Every `$ref` leads somewhere, every act and query has the fields that the door reads, and every answer a schema.
    #[test]
    fn the_document_is_whole() {
        fn refs<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
            match value {
                Value::Object(fields) => {
                    out.extend(fields.get("$ref").and_then(Value::as_str));
                    fields.values().for_each(|v| refs(v, out));
                }
                Value::Array(all) => all.iter().for_each(|v| refs(v, out)),
                _ => {}
            }
        }
        let document = document();
        let mut all = Vec::new();
        refs(&document, &mut all);
        assert!(all.len() > 100, "{}", all.len());
        for to in all {
            assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
        }
        let mut schemas = Schemas::new();
        let (acts, kinds) = (schemas.tagged::<Act>("act"), schemas.tagged::<Query>("query"));
        assert_eq!(acts.len(), ACTS.len());
        assert_eq!(kinds.keys().cloned().collect::<Vec<_>>(), {
            let mut q: Vec<_> = queries().collect();
            q.sort();
            q
        });
        let answers = schemas.keyed::<Answer>();
        for name in queries() {
            assert!(answers.contains_key(answer_of(&name)), "{name}");
        }
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
