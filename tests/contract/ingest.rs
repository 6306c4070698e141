//! The ingest door [SG-1..6]: who may send, and that every signal is taken once. Over SQLite and PostgreSQL, with the server that publishes them.

use crate::kit::{Engine, Kit, ROOMS, monday};
use reqwest::{Client, RequestBuilder, StatusCode};
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::thread;
use tenure::{
    backend::{Query, query::Slice},
    domain::{
        act::Act,
        operator::Proof,
        signal::{LawfulBasis, SignalKind},
        token::Scope,
    },
    vals,
};
use uuid::Uuid;

on_both!(
    a_batch_is_taken_once_and_scored,
    a_half_bad_batch_says_what_was_put_aside,
    kinds_that_are_off_are_refused_as_everywhere,
    a_signature_counts_for_its_time_and_its_bytes,
    a_token_for_sending_opens_nothing_else,
    two_that_send_the_same_at_once
);

const SECRET: &str = "correct horse battery staple";

/// A home that is published, with two sources: one signs, one does not.
fn published(on: Engine) -> (Kit, String) {
    let config =
        "[[ingest]]\nsource = \"attendance\"\nsecret = { file = \"secret\" }\n\n[[ingest]]\nsource = \"oa\"\noperators = [\"chen\"]\n";
    let kit = Kit::with(on, monday(), config);
    std::fs::write(kit.dir.path().join("secret"), format!("{SECRET}\n")).unwrap();
    kit.settle();
    let url = format!("http://{}", kit.serve());
    (kit, url)
}

fn http() -> Client {
    // It fails where another test was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

fn send(request: RequestBuilder) -> (StatusCode, Value) {
    ROOMS.block_on(async {
        let response = request.send().await.unwrap();
        let status = response.status();
        (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default())
    })
}

fn token(kit: &Kit, name: &str, scope: Scope) -> String {
    let token = Uuid::new_v4().to_string();
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    kit.me().done(Act::TokenAdd { name: name.into(), hash, scope, days: 30 });
    token
}

fn sign(secret: &str, at: i64, body: &str) -> String {
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), format!("{at}.{body}").as_bytes());
    format!("t={at},v1={}", hex::encode(mac.as_ref()))
}

fn signed(kit: &Kit, url: &str, body: &str) -> RequestBuilder {
    let signature = sign(SECRET, kit.time.now().as_second(), body);
    http().post(format!("{url}/v1/ingest/attendance")).header("Tenure-Signature", signature).body(body.to_owned())
}

fn late(event: &str, number: &str) -> Value {
    json!({"event": event, "number": number, "kind": "late", "observed_at": "2026-02-27T09:30:00+08:00"})
}

fn counts(answer: &Value) -> (i64, i64, i64, bool) {
    let n = |key: &str| answer[key].as_i64().unwrap_or_else(|| panic!("{answer}"));
    (n("accepted"), n("same"), n("quarantined"), answer["replayed"].as_bool().unwrap())
}

fn of_source(kit: &Kit, source: &str) -> i64 {
    let sql = "select count(*) from signals g join sources s on s.id = g.source where s.name = $1";
    kit.read(|tx| tx.count(sql, vals![source]))
}

fn a_batch_is_taken_once_and_scored(on: Engine) {
    let (kit, url) = published(on);
    let before = kit.explain("20001").score;
    let batch = json!((0..6).map(|n| late(&format!("a{n}"), "20001")).collect::<Vec<_>>()).to_string();
    let seq = kit.seq();
    let (status, first) = send(signed(&kit, &url, &batch));
    assert_eq!((status, counts(&first)), (StatusCode::OK, (6, 0, 0, false)), "{first}");
    // Sent again, with the same signature or a new one, it has the same answer.
    let (_, again) = send(signed(&kit, &url, &batch));
    assert_eq!((&again["import"], counts(&again)), (&first["import"], (6, 0, 0, true)));
    // Under a name of its own the events are known one by one.
    let (_, named) = send(signed(&kit, &url, &batch).header("Idempotency-Key", "b-17"));
    assert_eq!((&named["batch"], counts(&named)), (&json!("b-17"), (0, 6, 0, false)));
    let lines = format!("{}\n{}\n", late("a0", "20001"), late("a6", "20001"));
    let (status, why) = send(signed(&kit, &url, &lines).header("Idempotency-Key", "b-17"));
    assert_eq!((status, &why["code"]), (StatusCode::FORBIDDEN, &json!("act-key-reused")));
    let (_, more) = send(signed(&kit, &url, &lines).header("Idempotency-Key", "b-18"));
    assert_eq!((counts(&more), of_source(&kit, "attendance")), ((1, 1, 0, false), 7));
    kit.drain();
    assert!(kit.explain("20001").score > before);
    let entries = kit.entries(seq);
    let sent: Vec<_> = entries.iter().filter(|e| e.act == "signal.ingest").collect();
    assert_eq!(sent.len(), 3);
    assert!(sent.iter().all(|e| e.proof == Proof::Machine && e.detail.as_deref() == Some("{\"source\":\"attendance\"}")));
    assert_eq!(kit.count("select count(*) from jobs where kind = 'import'"), 0);
    kit.check();
}

fn a_half_bad_batch_says_what_was_put_aside(on: Engine) {
    let (kit, url) = published(on);
    let mut batch = vec![late("b0", "20001"), late("b1", "nobody"), late("b2", "20002"), json!({"event": "b3"})];
    batch[2]["observed_at"] = json!("yesterday");
    let (status, answer) = send(signed(&kit, &url, &json!(batch).to_string()));
    assert_eq!((status, counts(&answer)), (StatusCode::OK, (1, 0, 3, false)), "{answer}");
    let mut rows: Vec<_> = answer["why"].as_array().unwrap().iter().map(|w| w["row"].as_i64().unwrap()).collect();
    rows.sort_unstable();
    assert_eq!(rows, [2, 3, 4]);
    assert!(!answer["why"].to_string().contains("20002"), "what was sent is not said back");
    let kept = ask!(kit.me(), Query::Quarantine { slice: Slice { after: None, limit: 50 } } => Quarantine).rows;
    assert_eq!(kept.len(), 3);
    // Whoever was nobody is hired: what was put aside is taken by itself.
    kit.load("employees", &format!("{}\nnobody,新人,/集团/研发部,工程师,2019-03-01,,,\n", crate::kit::HEAD));
    assert_eq!(of_source(&kit, "attendance"), 2);
    for (body, code) in [("[]", "ingest-empty"), ("[1]", "ingest-objects"), ("[{]", "ingest-json"), ("event,number\n", "ingest-empty")] {
        let (status, why) = send(signed(&kit, &url, body));
        assert_eq!((status, &why["code"]), (StatusCode::BAD_REQUEST, &json!(code)), "{body}");
    }
    // Turned away before it came: the answer may be lost with the rest of it.
    let large = " ".repeat(5 << 20);
    let turned = ROOMS.block_on(signed(&kit, &url, &large).send());
    assert!(turned.is_err() || turned.is_ok_and(|r| r.status() == StatusCode::PAYLOAD_TOO_LARGE));
    kit.check();
}

fn kinds_that_are_off_are_refused_as_everywhere(on: Engine) {
    let (kit, url) = published(on);
    let job = |event: &str, kind: &str| json!({"event": event, "number": "20001", "kind": kind, "observed_at": "2026-02-27"});
    let batch = json!([job("k0", "job_seek_activity"), job("k1", "astrology"), job("k2", "leave")]).to_string();
    assert_eq!(counts(&send(signed(&kit, &url, &batch)).1), (1, 0, 2, false));
    kit.me().done(Act::SignalDisable { kind: SignalKind::Leave });
    let off = json!([job("k3", "leave")]).to_string();
    assert_eq!(counts(&send(signed(&kit, &url, &off)).1), (0, 0, 1, false));
    kit.me().done(Act::SignalEnable { kind: SignalKind::Leave, basis: LawfulBasis::Contract });
    kit.drain();
    kit.check();
}

fn a_signature_counts_for_its_time_and_its_bytes(on: Engine) {
    let (kit, url) = published(on);
    let (body, now) = (json!([late("c0", "20001")]).to_string(), kit.time.now().as_second());
    let knock = |source: &str, signature: &str, body: &str| {
        let (status, why) =
            send(http().post(format!("{url}/v1/ingest/{source}")).header("Tenure-Signature", signature).body(body.to_owned()));
        (status.as_u16(), why["code"].as_str().unwrap_or("").to_owned())
    };
    let good = sign(SECRET, now, &body);
    let unsigned = (401, "ingest-unsigned".to_owned());
    let changed = body.replace("20001", "20002");
    let longer = format!("{good}00");
    for (source, signature, body) in [
        ("attendance", sign("another secret", now, &body).as_str(), &body),
        ("attendance", good.as_str(), &changed),
        ("attendance", good.replace("t=1", "t=2").as_str(), &body),
        ("attendance", longer.as_str(), &body),
        ("attendance", &format!("t={now}"), &body),
        ("attendance", "what is this", &body),
        ("oa", good.as_str(), &body),
        ("elsewhere", good.as_str(), &body),
    ] {
        assert_eq!(knock(source, signature, body), unsigned, "{source} {signature}");
    }
    // A clock that is off by more than five minutes, either way; and what was caught on the way and is sent later.
    for off in [-301, 301] {
        assert_eq!(knock("attendance", &sign(SECRET, now + off, &body), &body), (403, "ingest-clock".to_owned()), "{off}");
    }
    for off in [-290, 290] {
        assert_eq!(knock("attendance", &sign(SECRET, now + off, &body), &body).0, 200, "{off}");
    }
    assert_eq!(knock("attendance", &good, &body).0, 200);
    // While a secret is changed both are sent.
    assert_eq!(knock("attendance", &format!("{},{}", sign("next", now, &body), good.split_once(',').unwrap().1), &body).0, 200);
    kit.time.pass(jiff::SignedDuration::from_secs(310));
    assert_eq!(knock("attendance", &good, &body), (403, "ingest-clock".to_owned()));
    assert_eq!(of_source(&kit, "attendance"), 1);
    kit.check();
}

fn a_token_for_sending_opens_nothing_else(on: Engine) {
    let (kit, url) = published(on);
    let (mine, theirs) = (token(&kit, "chen", Scope::Ingest), token(&kit, "wang", Scope::Ingest));
    let (read, full) = (token(&kit, "chen", Scope::Read), token(&kit, "chen", Scope::Full));
    let batch = json!([late("t0", "20001")]);
    let post = |path: &str, token: &str, body: &Value| {
        let (status, why) = send(http().post(format!("{url}{path}")).bearer_auth(token).json(body));
        (status.as_u16(), why["code"].as_str().unwrap_or("").to_owned())
    };
    let refused = |code: &str| (403, code.to_owned());
    assert_eq!(post("/v1/ingest/oa", &read, &batch), refused("token-no-ingest"));
    assert_eq!(post("/v1/ingest/oa", &full, &batch), refused("token-no-ingest"));
    assert_eq!(post("/v1/ingest/oa", &theirs, &batch), refused("ingest-not-yours"));
    assert_eq!(post("/v1/ingest/oa", "nobody", &batch), (401, "token-unknown".into()));
    assert_eq!(post("/v1/ingest/elsewhere", &mine, &batch), (404, "ingest-no-source".into()));
    assert_eq!(of_source(&kit, "oa"), 0);
    let seq = kit.seq();
    assert_eq!(post("/v1/ingest/oa", &mine, &batch).0, 200);
    assert_eq!(post("/v1/ingest/attendance", &theirs, &json!([late("t1", "20001")])).0, 200);
    let by: Vec<_> = kit.entries(seq).into_iter().filter(|e| e.act == "signal.ingest").map(|e| (e.operator_name, e.proof)).collect();
    assert_eq!(by, [("chen".into(), Proof::Token), ("wang".into(), Proof::Token)]);

    // Every other route is shut for it.
    let seq = kit.seq();
    let shut = refused("token-ingests-only");
    for query in ["today", "home", "people", "audit", "tokens"] {
        assert_eq!(post(&format!("/v1/queries/{query}"), &mine, &json!({})), shut, "{query}");
    }
    for row in tenure::backend::table::ACTS {
        assert_eq!(post(&format!("/v1/acts/{}", row.name), &mine, &json!({})), shut, "{}", row.name);
    }
    assert_eq!(post("/v1/imports?kind=signals&file=a", &mine, &batch), shut);
    assert_eq!(post("/v1/evidence?file=a", &mine, &batch), shut);
    for path in ["/v1/who", "/v1/changes", "/v1/blobs/00"] {
        let (status, why) = send(http().get(format!("{url}{path}")).bearer_auth(&mine));
        assert_eq!((status.as_u16(), why["code"].as_str().unwrap().to_owned()), shut, "{path}");
    }
    assert_eq!(kit.seq(), seq);
    kit.check();
}

fn two_that_send_the_same_at_once(on: Engine) {
    let (kit, url) = published(on);
    let batch = json!((0..40).map(|n| late(&format!("d{n}"), "20001")).collect::<Vec<_>>()).to_string();
    let answers: Vec<Value> = thread::scope(|s| {
        let all: Vec<_> = (0..4).map(|_| s.spawn(|| send(signed(&kit, &url, &batch)))).collect();
        all.into_iter().map(|one| one.join().unwrap()).map(|(status, v)| if status.is_success() { v } else { panic!("{v}") }).collect()
    });
    assert_eq!(of_source(&kit, "attendance"), 40);
    // One answer is kept, and the others are it.
    assert!(answers.iter().all(|a| a["import"] == answers[0]["import"]), "{answers:?}");
    assert_eq!(answers.iter().filter(|a| a["replayed"] == json!(false)).count(), 1);
    kit.drain();
    kit.check();
}
