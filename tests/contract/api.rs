//! The HTTP API itself: tokens, streams, strange requests. What operators do through it is in every other file, as `http::`.

use crate::kit::{Engine, Kit, ROOMS, publish_over};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use tenure::{
    backend::{ActRequest, Backend, FailureKind, Query},
    domain::{
        act::Act,
        operator::{Proof, Role},
        token::Scope,
    },
    http::Limits,
};
use uuid::Uuid;

pub fn http() -> Client {
    // It fails where another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

/// A home that is published, and where.
fn published() -> (Kit, String) {
    let kit = Kit::company(Engine::Http);
    let url = format!("http://{}", kit.at());
    (kit, url)
}

/// Issues a token by the act; gives it with its id.
fn issue(kit: &Kit, name: &str, scope: Scope, days: i64) -> (String, Uuid) {
    let token = Uuid::new_v4().to_string();
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    let made = kit.me().done(Act::TokenAdd { name: name.into(), hash, scope, days });
    (token, made.outcomes[0].id)
}

fn post(url: &str, path: &str, token: &str, body: &Value) -> RequestBuilder {
    http().post(format!("{url}{path}")).bearer_auth(token).json(body)
}

/// Status and body.
fn send(request: RequestBuilder) -> (StatusCode, Value) {
    ROOMS.block_on(async {
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    })
}

fn ack(kit: &Kit, key: &str) -> Value {
    let a = kit.alert("10001").alert;
    json!({"targets": [{"id": a.id, "version": a.version}], "key": key})
}

#[test]
fn a_token_is_good_until_it_is_over_or_revoked_and_never_stored() {
    let (kit, url) = published();
    let (token, id) = issue(&kit, "chen", Scope::Full, 1);
    let ask = |token: &str| send(post(&url, "/v1/queries/today", token, &json!({}))).0;
    assert_eq!(ask(&token), StatusCode::OK);
    let who = send(http().get(format!("{url}/v1/who")).bearer_auth(&token)).1;
    assert_eq!((&who["name"], &who["proof"]), (&json!("chen"), &json!(Proof::Token)));
    // The token itself is in no row, no entry and no list.
    let kept = kit.entries(0).iter().map(|e| serde_json::to_string(e).unwrap()).collect::<String>()
        + &serde_json::to_string(&kit.me().ask(Query::Tokens)).unwrap()
        + &kit.sql_texts("select hash from tokens").concat();
    assert!(!kept.contains(&token) && kept.contains(&hex::encode(Sha256::digest(token.as_bytes()))));

    kit.me().on(Act::TokenRevoke, id, None);
    assert_eq!(ask(&token), StatusCode::UNAUTHORIZED);
    let (short, _) = issue(&kit, "chen", Scope::Full, 1);
    assert_eq!(ask(&short), StatusCode::OK);
    kit.time.hours(24);
    assert_eq!(ask(&short), StatusCode::UNAUTHORIZED);
    for wrong in ["", "x", &token[1..]] {
        assert_eq!(ask(wrong), StatusCode::UNAUTHORIZED, "{wrong:?}");
    }
    kit.check();
}

#[test]
fn a_token_that_reads_changes_nothing() {
    let (kit, url) = published();
    let (token, _) = issue(&kit, "chen", Scope::Read, 30);
    let seq = kit.seq();
    assert_eq!(send(post(&url, "/v1/queries/today", &token, &json!({}))).0, StatusCode::OK);
    let (status, why) = send(post(&url, "/v1/acts/alert.ack", &token, &ack(&kit, "k")));
    assert_eq!((status, &why["code"]), (StatusCode::FORBIDDEN, &json!("token-reads-only")));
    assert_eq!(kit.seq(), seq);
}

#[test]
fn a_key_is_its_operators_alone() {
    let (kit, url) = published();
    let ((chen, _), (lin, _)) = (issue(&kit, "chen", Scope::Full, 30), issue(&kit, "lin", Scope::Full, 30));
    let body = ack(&kit, "the-same-key");
    let first = send(post(&url, "/v1/acts/alert.ack", &chen, &body)).1;
    assert_eq!((&first["replayed"], &first["outcomes"][0]["refusal"]), (&json!(false), &Value::Null));
    // The same words again are answered from what was stored; of somebody else they are another request, which comes second.
    let again = send(post(&url, "/v1/acts/alert.ack", &chen, &body)).1;
    assert_eq!((&again["replayed"], &again["entry"]), (&json!(true), &first["entry"]));
    let other = send(post(&url, "/v1/acts/alert.ack", &lin, &body)).1;
    assert_eq!((&other["replayed"], &other["entry"]), (&json!(false), &Value::Null));
    assert_ne!(other["outcomes"][0]["refusal"], Value::Null);
    kit.check();
}

#[test]
fn what_is_no_request_is_a_problem_document() {
    let (kit, url) = published();
    let (token, _) = issue(&kit, "chen", Scope::Full, 30);
    let deep = "[".repeat(5_000);
    for (path, body, status, code) in [
        ("/v1/queries/nothing", "{}", StatusCode::NOT_FOUND, "http-no-route"),
        ("/v1/acts/alert.nothing", "{}", StatusCode::NOT_FOUND, "http-no-route"),
        ("/v1/elsewhere", "{}", StatusCode::NOT_FOUND, "http-no-route"),
        ("/v1/queries/alert", "{}", StatusCode::BAD_REQUEST, "http-bad"),
        ("/v1/queries/alert", "not json", StatusCode::BAD_REQUEST, "http-bad"),
        ("/v1/queries/alert", deep.as_str(), StatusCode::BAD_REQUEST, "http-bad"),
        ("/v1/acts/alert.ack", "{\"act\": 1}", StatusCode::BAD_REQUEST, "http-bad"),
        ("/v1/acts/alert.ack", "{}", StatusCode::BAD_REQUEST, "act-no-target"),
        // Who acts is said by the token alone.
        ("/v1/acts/alert.ack", "{\"operator\": \"root\"}", StatusCode::BAD_REQUEST, "http-bad"),
    ] {
        let request = http().post(format!("{url}{path}")).bearer_auth(&token).body(body.to_owned());
        let (got, problem) = send(request);
        assert_eq!((got, &problem["code"], &problem["status"]), (status, &json!(code), &json!(status.as_u16())), "{path} {problem}");
    }
    let large = http().post(format!("{url}/v1/queries/today")).bearer_auth(&token).body(vec![b' '; 2 << 20]);
    assert_eq!(send(large).0, StatusCode::PAYLOAD_TOO_LARGE);
    for open in ["/health/live", "/health/ready", "/metrics", "/openapi.json"] {
        assert!(send(http().get(format!("{url}{open}"))).0.is_success(), "{open}");
    }
    let metrics = ROOMS.block_on(async { http().get(format!("{url}/metrics")).send().await.unwrap().text().await.unwrap() });
    assert!(metrics.contains("tenure_http_requests_total") && !metrics.contains("chen"), "{metrics}");
}

#[test]
fn a_stream_tells_what_changed_and_ends_with_its_token() {
    let (kit, url) = published();
    let (token, id) = issue(&kit, "lin", Scope::Read, 30);
    let mark = kit.me().watch(0).0;
    let stream = http().get(format!("{url}/v1/changes?after={mark}")).bearer_auth(&token).header("accept", "text/event-stream");
    let mut stream = ROOMS.block_on(stream.send()).unwrap();
    let row = kit.alert("10001");
    kit.hand("chen").on(Act::AlertAck, row.alert.id, None);
    let mut heard = String::new();
    while !heard.contains(&row.alert.id.to_string()) {
        heard += std::str::from_utf8(&ROOMS.block_on(stream.chunk()).unwrap().expect("the stream goes on")).unwrap();
    }
    kit.me().on(Act::TokenRevoke, id, None);
    while let Some(more) = ROOMS.block_on(stream.chunk()).unwrap() {
        heard += std::str::from_utf8(&more).unwrap();
    }
    assert!(heard.trim_end().ends_with("data: token-unknown"), "{heard}");
}

/// News that come oftener than the token is looked at do not keep a stream open.
#[test]
fn a_busy_stream_ends_with_its_token() {
    let (kit, url) = published();
    let (token, id) = issue(&kit, "lin", Scope::Read, 30);
    let mark = kit.me().watch(0).0;
    let stream = http().get(format!("{url}/v1/changes?after={mark}")).bearer_auth(&token).header("accept", "text/event-stream");
    let mut stream = ROOMS.block_on(stream.send()).unwrap();
    kit.me().on(Act::TokenRevoke, id, None);
    let alert = kit.alert("10001").alert.id;
    let (mut heard, mut news) = (String::new(), 0);
    while let Some(more) = ROOMS.block_on(stream.chunk()).unwrap() {
        heard += std::str::from_utf8(&more).unwrap();
        news += 1;
        assert!(news < 2_000, "the stream goes on");
        kit.me().on(Act::AlertNote { text: format!("note {news}") }, alert, None);
    }
    assert!(heard.trim_end().ends_with("data: token-unknown"), "{heard}");
}

/// A token ends with its operator, and does not come back with the name.
#[test]
fn a_revoked_operators_tokens_do_not_come_back_with_the_name() {
    let (kit, url) = published();
    let (token, _) = issue(&kit, "lin", Scope::Full, 30);
    let ask = || send(post(&url, "/v1/queries/today", &token, &json!({}))).0;
    assert_eq!(ask(), StatusCode::OK);
    kit.me().done(Act::OperatorRevoke { name: "lin".into() });
    kit.me().done(Act::OperatorAdd { name: "lin".into(), role: Role::HrManager, person: None, org: None });
    assert_eq!(ask(), StatusCode::UNAUTHORIZED);
    kit.check();
}

/// Over TLS with an authority of one's own: who does not know it, or comes by another name, is told and sends nothing.
#[test]
fn a_certificate_is_checked() {
    let kit = Kit::company(Engine::Sqlite);
    let dir = tempfile::tempdir().unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=tenure"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-out"])
        .arg(&cert)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let api = publish_over(&kit.service, Some((cert.clone(), key)), Limits::default());
    let (token, _) = issue(&kit, "chen", Scope::Full, 1);
    let open = |host: &str, ca| {
        let url = format!("https://{host}:{}", api.at.port());
        ROOMS.block_on(tenure::http::Client::open(&url, zeroize::Zeroizing::new(token.clone()), ca, false))
    };
    let door = open("localhost", Some(cert.as_path())).unwrap();
    assert_eq!(door.who().name, "chen");
    for (host, ca) in [("localhost", None), ("127.0.0.1", Some(cert.as_path()))] {
        let why = open(host, ca).err().unwrap();
        assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Unreachable, "http-unreachable"), "{host}");
    }
}

/// A server that takes an act, hangs up, and does not know the token any more: no real one can be made to do so at the right moment.
#[test]
fn an_act_whose_answer_was_lost_stays_unknown_when_the_token_is_over() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let who = json!({"operator": Uuid::nil(), "name": "chen", "role": "triager", "proof": "token"}).to_string();
    let gone = json!({"type": "urn:tenure:token-unknown", "title": "Unauthorized", "status": 401, "code": "token-unknown",
        "failure": {"kind": "refused", "what": {"code": "token-unknown", "args": {}}, "next": null}})
    .to_string();
    std::thread::spawn(move || {
        let answer = |status: &str, body: &str| {
            format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        };
        for (n, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).unwrap();
            let said = match n {
                0 => answer("200 OK", &who),
                1 => continue,
                _ => answer("401 Unauthorized", &gone),
            };
            stream.write_all(said.as_bytes()).unwrap();
        }
    });
    let client = ROOMS.block_on(tenure::http::Client::open(&url, zeroize::Zeroizing::new("t".into()), None, false)).unwrap();
    let why = ROOMS.block_on(client.act(ActRequest::one(Act::AlertAck, Uuid::nil(), None))).unwrap_err();
    assert_eq!((why.kind, why.what.code.as_ref()), (FailureKind::Unknown, "http-unknown"));
}

/// The store stands months before this machine's clock.
#[test]
fn a_clock_that_is_off_is_said_and_decides_nothing() {
    let (kit, url) = published();
    let (token, _) = issue(&kit, "chen", Scope::Full, 30);
    let run = |args: &[&str]| {
        let mut process = std::process::Command::new(env!("CARGO_BIN_EXE_tenure"));
        process.args(args).env_clear().env("TENURE_HOME", kit.dir.path()).env("TENURE_BACKEND", &url).env("TENURE_TOKEN", &token);
        let o = process.stdin(std::process::Stdio::null()).output().unwrap();
        (o.status.code().unwrap(), String::from_utf8(o.stdout).unwrap(), String::from_utf8(o.stderr).unwrap())
    };
    let (code, said, _) = run(&["doctor", "--json"]);
    let found: Value = serde_json::from_str(&said).unwrap();
    let off = found["findings"].as_array().unwrap().iter().find(|f| f["code"] == "cli-clock").unwrap_or_else(|| panic!("{found:#}"));
    let seconds: i64 = off["args"]["seconds"].as_str().unwrap().parse().unwrap();
    assert_eq!((code, &off["ok"], seconds > 30), (1, &json!(false), true));
    for (lang, words) in [("en", "The server's counts"), ("zh-CN", "以服务器时间为准")] {
        let (code, _, said) = run(&["alert", "list", "--lang", lang]);
        assert!(code == 0 && said.contains(words), "{said}");
    }
    let (code, _, said) = run(&["alert", "snooze", "10001", "--until", "4h", "--reason", "-", "--json"]);
    assert_eq!((code, said.as_str()), (0, ""), "one document and nothing else");
    let until = kit.alert("10001").alert.snoozed_until.unwrap().duration_since(kit.time.now());
    assert!((until.as_secs() - 4 * 3600).abs() < 5, "{until}");
}
