//! Values of SCIM resources as servers really write them (field-notes.md 2.1.8), and filters that they understand.

use super::spec::same;
use serde_json::Value;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A text that is not empty.
pub(super) fn text<'a>(of: &'a Value, field: &str) -> Option<&'a str> {
    of.get(field).and_then(Value::as_str).filter(|t| !t.is_empty())
}

/// A boolean, also as the string that some servers send.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(b) => Some(*b),
        Value::String(s) if s.eq_ignore_ascii_case("true") => Some(true),
        Value::String(s) if s.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

pub(super) fn number(value: &Value) -> Option<usize> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|n| usize::try_from(n).ok())
}

/// The attribute path of a filter.
fn path(attribute: &str) -> String {
    match attribute {
        "email" | "emails" | "emails.value" => "emails.value".into(),
        "employeeNumber" => format!("{ENTERPRISE}:employeeNumber"),
        other => other.into(),
    }
}

/// Some servers compare with case where the protocol does not: the usual spelling is asked for as well.
pub(super) fn filter(attribute: &str, value: &str) -> String {
    let path = path(attribute);
    let equal = |value: &str| format!("{path} eq {}", Value::from(value));
    let lower = value.to_lowercase();
    if lower == value || exact(attribute) { equal(value) } else { format!("{} or {}", equal(value), equal(&lower)) }
}

/// Attributes that are compared with case (RFC 7643); all others are not.
fn exact(attribute: &str) -> bool {
    matches!(attribute, "externalId" | "id")
}

/// Whether a user's own attribute is the value.
pub(super) fn carries(user: &Value, attribute: &str, value: &str) -> bool {
    let equal = |theirs: &String| if exact(attribute) { theirs == value } else { same(theirs, value) };
    values(user, attribute).iter().any(equal)
}

/// All values of a user's own attribute.
pub(super) fn values(user: &Value, attribute: &str) -> Vec<String> {
    let path = path(attribute);
    let (at, rest) = match path.strip_prefix("urn:").and_then(|p| p.rsplit_once(':')) {
        Some((urn, rest)) => (user.get(format!("urn:{urn}")), rest),
        None => (Some(user), path.as_str()),
    };
    let mut found: Vec<&Value> = at.into_iter().collect();
    for name in rest.split('.') {
        let within = found.into_iter().filter_map(|v| v.get(name));
        found = within.flat_map(|v| v.as_array().map_or_else(|| vec![v], |all| all.iter().collect())).collect();
    }
    found.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_is_compared_with_what_came_back() {
        let user = json!({"id": "7", "userName": "Zhang.Wei", "externalId": "10252", "emails": [{"value": "A@x.cn"}, {"value": "b@x.cn"}],
            ENTERPRISE: {"employeeNumber": "10252"}});
        for (attribute, value) in [
            ("userName", "zhang.wei"),
            ("externalId", "10252"),
            ("emails.value", "a@x.cn"),
            ("email", "B@X.CN"),
            ("employeeNumber", "10252"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "10252"),
        ] {
            assert!(carries(&user, attribute, value), "{attribute}");
        }
        for (attribute, value) in
            [("userName", "zhang.we"), ("externalId", "1025"), ("emails", "c@x.cn"), ("nickName", ""), ("employeeNumber", "1")]
        {
            assert!(!carries(&user, attribute, value), "{attribute}");
        }
        assert!(!carries(&json!({"externalId": "AbC"}), "externalId", "abc"));
    }

    #[test]
    fn booleans_come_as_strings_too() {
        assert_eq!([json!("False"), json!(true), json!("yes"), json!(0)].map(|v| truth(&v)), [Some(false), Some(true), None, None]);
    }
}
