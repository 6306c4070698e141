//! Users of a SCIM server, made and read behind the back of the product.

use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// A plain client: one request a connection.
pub struct Plain {
    pub base: String,
    pub token: String,
}

impl Plain {
    /// Status and body. HTTP/1.0: an answer comes whole.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let rest = self.base.strip_prefix("http://").unwrap();
        let (host, root) = rest.split_once('/').map_or((rest, String::new()), |(h, p)| (h, format!("/{p}")));
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {root}{path} HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: application/scim+json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.token,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("{answer:?}"));
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, b)| b);
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    /// Makes a user; its id.
    pub fn add(&self, login: &str, number: &str) -> String {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": login, "externalId": number, "active": true,
            "displayName": login, "name": {"formatted": login, "familyName": login},
            "emails": [{"value": format!("{login}@example.test"), "type": "work"}],
        });
        let (status, body) = self.call("POST", "/Users", Some(&user));
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// Makes a group; its id.
    pub fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|m| json!({"value": m})).collect();
        let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": members});
        let (status, body) = self.call("POST", "/Groups", Some(&group));
        assert_eq!(status, 201, "{body}");
        body["id"].as_str().unwrap().to_owned()
    }

    /// Whether the server itself says that the user may sign in.
    pub fn active(&self, id: &str) -> bool {
        let (status, body) = self.call("GET", &format!("/Users/{id}"), None);
        assert_eq!(status, 200, "{body}");
        match &body["active"] {
            Value::Bool(b) => *b,
            other => other.as_str().unwrap().eq_ignore_ascii_case("true"),
        }
    }

    /// Changes it behind our back.
    pub fn set_active(&self, id: &str, active: bool) {
        let operation = json!({"op": "replace", "path": "active", "value": active});
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        let (status, body) = self.call("PATCH", &format!("/Users/{id}"), Some(&body));
        assert!(status < 300, "{status} {body}");
    }
}
