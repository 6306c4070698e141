//! Templates of described calls: placeholders in braces, filled with what belongs to one call and escaped for the place where they stand.
//!
//! A body is written as a TOML table and becomes JSON after the placeholders are filled, so that no value can end a string.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Unreserved characters (RFC 3986 2.3) stay; all else is quoted, also `/`.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What placeholders stand for.
pub(super) type Values = BTreeMap<String, String>;

/// The parts of a template: text, and names of placeholders.
fn parts(template: &str) -> impl Iterator<Item = Result<&str, &str>> {
    template.split('{').enumerate().flat_map(|(n, part)| {
        let (name, text) = match part.split_once('}') {
            Some((name, text)) if n > 0 => (Some(name), text),
            _ => (None, part),
        };
        name.map(Err).into_iter().chain([Ok(text)])
    })
}

/// Names of the placeholders of a template.
pub(super) fn names(template: &str) -> Vec<&str> {
    parts(template).filter_map(Result::err).collect()
}

/// Fills a template; `None` where a value is missing.
pub(super) fn fill(template: &str, values: &Values, escape: impl Fn(&str) -> String) -> Option<String> {
    let filled = parts(template).map(|part| match part {
        Ok(text) => Some(text.to_owned()),
        Err(name) => values.get(name).map(|v| escape(v)),
    });
    filled.collect()
}

/// A path and query; `None` also where a value is a step in a path (`..`).
pub(super) fn url(template: &str, values: &Values) -> Option<String> {
    if names(template).iter().filter_map(|n| values.get(*n)).any(|v| matches!(v.as_str(), "" | "." | "..")) {
        return None;
    }
    fill(template, values, |v| utf8_percent_encode(v, QUOTED).to_string())
}

/// A body: every string of it is a template.
pub(super) fn body(template: &Value, values: &Values) -> Option<Value> {
    Some(match template {
        Value::String(text) => Value::String(fill(text, values, str::to_owned)?),
        Value::Array(all) => Value::Array(all.iter().map(|v| body(v, values)).collect::<Option<_>>()?),
        Value::Object(all) => Value::Object(all.iter().map(|(k, v)| Some((k.clone(), body(v, values)?))).collect::<Option<_>>()?),
        other => other.clone(),
    })
}

/// Placeholders anywhere in a body.
pub(super) fn names_in(template: &Value) -> Vec<&str> {
    match template {
        Value::String(text) => names(text),
        Value::Array(all) => all.iter().flat_map(names_in).collect(),
        Value::Object(all) => all.values().flat_map(names_in).collect(),
        _ => Vec::new(),
    }
}

/// Every value at a JSON pointer in which `*` stands for any element of a list.
pub(super) fn at<'a>(document: &'a Value, pointer: &str) -> Vec<&'a Value> {
    let mut found = vec![document];
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/").replace("~0", "~");
        let step = |v: &'a Value| -> Vec<&'a Value> {
            match v {
                Value::Array(all) if key == "*" => all.iter().collect(),
                Value::Array(all) => key.parse::<usize>().ok().and_then(|n| all.get(n)).into_iter().collect(),
                _ => v.get(&key).into_iter().collect(),
            }
        };
        found = found.into_iter().flat_map(step).collect();
    }
    found
}

/// How a request is signed: HMAC-SHA256 of bytes that the template `over` names, under a key that the template `key` names.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// Of `{timestamp}`, `{method}`, `{path}` (with the query, before the signature is added), `{body}`, `{secret}`.
    pub(super) over: String,
    #[serde(default = "secret")]
    pub(super) key: String,
    /// `hex` or `base64`.
    pub(super) encoding: Encoding,
    /// Milliseconds instead of seconds in `{timestamp}`.
    #[serde(default)]
    pub(super) milliseconds: bool,
    /// Header that carries it, and its text with `{signature}`.
    pub(super) header: Option<String>,
    #[serde(default = "bare")]
    pub(super) value: String,
    /// Query parameter that carries it.
    pub(super) query: Option<String>,
    pub(super) timestamp_header: Option<String>,
    pub(super) timestamp_query: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    Hex,
    Base64,
}

fn secret() -> String {
    "{secret}".into()
}

fn bare() -> String {
    "{signature}".into()
}

impl Signature {
    /// The signature of the bytes that `values` make.
    pub(super) fn sign(&self, values: &Values) -> Option<String> {
        let same = str::to_owned;
        let key = zeroize::Zeroizing::new(fill(&self.key, values, same)?);
        let over = zeroize::Zeroizing::new(fill(&self.over, values, same)?);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), over.as_bytes());
        Some(match self.encoding {
            Encoding::Hex => hex::encode(tag.as_ref()),
            Encoding::Base64 => {
                use base64::Engine;
                base64::engine::general_purpose::STANDARD.encode(tag.as_ref())
            }
        })
    }

    /// Placeholders that it uses, for a check at the start.
    pub(super) fn known(&self) -> bool {
        let all = ["timestamp", "method", "path", "body", "secret"];
        names(&self.over).iter().chain(&names(&self.key)).all(|n| all.contains(n))
            && names(&self.value).iter().all(|n| *n == "signature")
            && (self.header.is_some() || self.query.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn a_value_stays_in_its_place() {
        let v = values(&[("id", "@张:x/../y?a=1&b#c"), ("up", ".."), ("plain", "a-b.c_d~e")]);
        assert_eq!(url("/u/{id}/d", &v).unwrap(), "/u/%40%E5%BC%A0%3Ax%2F..%2Fy%3Fa%3D1%26b%23c/d");
        assert_eq!(url("/u?x={plain}", &v).unwrap(), "/u?x=a-b.c_d~e");
        assert_eq!([url("/u/{up}", &v), url("/u/{none}", &v)], [None, None]);
        let v = values(&[("login", "\",\"admin\":true,\"x\":\"")]);
        let filled = body(&json!({"user": "{login}", "n": 1, "list": ["{login}!"]}), &v).unwrap();
        assert_eq!(filled["user"], json!("\",\"admin\":true,\"x\":\""));
        assert_eq!(filled.as_object().unwrap().len(), 3);
        assert_eq!(names("{a}b{c}"), ["a", "c"]);
        assert_eq!(
            fill("no{open", &v, str::to_owned),
            Some("noopen".into()),
            "an open brace names nothing; files with one are refused by name"
        );
    }

    #[test]
    fn pointers_reach_into_lists() {
        let doc = json!({"a": [{"b": 1}, {"b": 2}, {"c": 3}], "x/y": 4});
        assert_eq!(at(&doc, "/a/*/b"), [&json!(1), &json!(2)]);
        assert_eq!(at(&doc, "/a/1/b"), [&json!(2)]);
        assert_eq!(at(&doc, "/x~1y"), [&json!(4)]);
        assert_eq!(at(&doc, ""), [&doc]);
        assert!(at(&doc, "/none/*").is_empty());
    }

    fn signature(over: &str, key: &str, encoding: Encoding) -> Signature {
        let text = format!("over = {over:?}\nkey = {key:?}\nencoding = \"hex\"\nheader = \"X-Signature\"\n");
        Signature { encoding, ..toml::from_str(&text).unwrap() }
    }

    #[test]
    fn signatures_are_those_of_others() {
        // GitHub, "Validating webhook deliveries": its own vector.
        let github = signature("{body}", "{secret}", Encoding::Hex);
        let v = values(&[("body", "Hello, World!"), ("secret", "It's a Secret to Everybody")]);
        assert_eq!(github.sign(&v).unwrap(), "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
        // DingTalk: as DingtalkChatbot 1.5.7 signs.
        let dingtalk = signature("{timestamp}\n{secret}", "{secret}", Encoding::Base64);
        let v = values(&[("timestamp", "1577262236757"), ("secret", "this is secret")]);
        assert_eq!(dingtalk.sign(&v).unwrap(), "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM=");
        // Feishu: the time and the secret are the key, and nothing is signed.
        let feishu = signature("", "{timestamp}\n{secret}", Encoding::Base64);
        let v = values(&[("timestamp", "1599360473"), ("secret", "demo")]);
        assert_eq!(feishu.sign(&v).unwrap(), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
    }
}
