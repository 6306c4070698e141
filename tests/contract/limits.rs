//! What one client may take of the API: raw sockets that are slow, many, or say too much.

use crate::kit::{Api, Engine, Kit, ROOMS, publish_within};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};
use tenure::{
    domain::{act::Act, token::Scope},
    http::Limits,
};
use uuid::Uuid;

/// A home that is published within bounds, and a token for chen and one for lin.
fn published(change: impl FnOnce(&mut Limits)) -> (Kit, Api, [String; 2]) {
    let kit = Kit::company(Engine::Sqlite);
    let mut limits = Limits::default();
    change(&mut limits);
    let api = publish_within(&kit.service, limits);
    let tokens = ["chen", "lin"].map(|name| {
        let token = Uuid::new_v4().to_string();
        let hash = hex::encode(Sha256::digest(token.as_bytes()));
        kit.me().done(Act::TokenAdd { name: name.into(), hash, scope: Scope::Full, days: 30 });
        token
    });
    (kit, api, tokens)
}

fn connect(api: &Api) -> TcpStream {
    let stream = TcpStream::connect(api.at).unwrap();
    // A server that lets a client wait for ever fails the test, not the suite.
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// All that a server says until it hangs up; nothing where it hung up on us.
fn rest(mut stream: TcpStream) -> String {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => panic!("the server waits for ever"),
        _ => String::from_utf8(said).unwrap(),
    }
}

fn head(method: &str, path: &str, token: &str, more: &str) -> String {
    format!("{method} {path} HTTP/1.1\r\nhost: tenure\r\nauthorization: Bearer {token}\r\n{more}\r\n")
}

/// What a request is answered, on a connection of its own.
fn said(api: &Api, request: &str) -> String {
    let mut stream = connect(api);
    stream.write_all(request.replacen("host: tenure\r\n", "host: tenure\r\nconnection: close\r\n", 1).as_bytes()).unwrap();
    rest(stream)
}

fn status(said: &str) -> u16 {
    said.split(' ').nth(1).unwrap_or_else(|| panic!("no answer: {said:?}")).parse().unwrap()
}

fn problem(said: &str) -> Value {
    serde_json::from_str(said.split_once("\r\n\r\n").unwrap().1).unwrap_or_else(|_| panic!("no problem document: {said}"))
}

/// Asks until the answer has that status.
fn until(api: &Api, request: &str, wanted: u16) {
    while status(&said(api, request)) != wanted {
        std::thread::yield_now();
    }
}

#[test]
fn who_says_nothing_or_only_a_little_is_hung_up_on() {
    let (_kit, api, [chen, _]) = published(|l| (l.head, l.body) = (Duration::from_millis(300), Duration::from_millis(300)));
    assert_eq!(rest(connect(&api)), "");
    let mut slow = connect(&api);
    slow.write_all(b"GET /v1/who HTTP/1.1\r\nhost: ten").unwrap();
    rest(slow);
    // A connection that lies idle after an answer.
    let mut idle = connect(&api);
    idle.write_all(head("GET", "/health/live", "-", "").as_bytes()).unwrap();
    assert_eq!(status(&rest(idle)), 204);
    for path in ["/v1/queries/today", "/v1/evidence?file=a.txt", "/v1/imports?kind=employees&file=a.csv"] {
        let mut slow = connect(&api);
        slow.write_all((head("POST", path, &chen, "connection: close\r\ncontent-length: 100\r\n") + "{").as_bytes()).unwrap();
        let said = rest(slow);
        assert_eq!((status(&said), &problem(&said)["code"]), (408, &json!("http-slow")), "{path}");
    }
}

#[test]
fn heads_and_bodies_have_a_size() {
    let (_kit, api, [chen, _]) = published(|_| ());
    let many: String = (0..100).map(|n| format!("x-{n}: 1\r\n")).collect();
    assert_eq!(status(&said(&api, &head("GET", "/v1/who", &chen, &many))), 431);
    let long = format!("x: {}\r\n", "a".repeat(64 << 10));
    assert_eq!(status(&said(&api, &head("GET", "/v1/who", &chen, &long))), 431);
    // Said beforehand it need not be sent.
    for (path, bytes) in [("/v1/queries/today", 2 << 20), ("/v1/evidence?file=a.txt", 65 << 20)] {
        let said = said(&api, &head("POST", path, &chen, &format!("content-length: {bytes}\r\n")));
        assert_eq!((status(&said), &problem(&said)["code"]), (413, &json!("http-too-large")), "{path}");
    }
    // In pieces it is cut off.
    let mut stream = connect(&api);
    stream.write_all(head("POST", "/v1/queries/today", &chen, "connection: close\r\ntransfer-encoding: chunked\r\n").as_bytes()).unwrap();
    let piece = format!("{:x}\r\n{}\r\n", 64 << 10, " ".repeat(64 << 10));
    // It may be gone before the last.
    for _ in 0..17 {
        let _ = stream.write_all(piece.as_bytes());
    }
    let said = rest(stream);
    assert_eq!((status(&said), &problem(&said)["code"]), (413, &json!("http-too-large")));
}

#[test]
fn one_connection_too_many_is_closed_and_a_place_comes_back() {
    let (_kit, api, _) = published(|l| l.connections = 2);
    let live = head("GET", "/health/live", "-", "");
    let hold = || {
        let mut stream = connect(&api);
        stream.write_all(live.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        stream
    };
    let held = [hold(), hold()];
    let mut third = connect(&api);
    let _ = third.write_all(live.as_bytes());
    assert_eq!(rest(third), "");
    drop(held);
    loop {
        let mut stream = connect(&api);
        let _ = stream.write_all(head("GET", "/health/live", "-", "connection: close\r\n").as_bytes());
        if rest(stream).starts_with("HTTP/1.1 204") {
            break;
        }
    }
}

#[test]
fn a_token_has_so_much_in_hand_and_no_more() {
    let (_kit, api, [chen, lin]) = published(|l| (l.requests, l.streams) = (1, 1));
    let who = |token: &str| head("GET", "/v1/who", token, "");
    let slow = |path: &str, more: &str| {
        let mut stream = connect(&api);
        stream.write_all(head(if more.is_empty() { "GET" } else { "POST" }, path, &chen, more).as_bytes()).unwrap();
        stream
    };
    // A body that is still on its way is a request in hand.
    let upload = slow("/v1/imports?kind=employees&file=a.csv", "content-length: 1000\r\n");
    until(&api, &who(&chen), 429);
    let refused = said(&api, &who(&chen));
    assert!(refused.to_lowercase().contains("retry-after: 1"), "{refused}");
    let why = problem(&refused);
    assert_eq!((&why["code"], &why["status"], &why["failure"]["kind"]), (&json!("http-limit"), &json!(429), &json!("unreachable")));
    assert_eq!(status(&said(&api, &who(&lin))), 200, "it is nobody else's");
    drop(upload);
    until(&api, &who(&chen), 200);

    let changes = head("GET", "/v1/changes?after=0", &chen, "");
    let stream = slow("/v1/changes?after=0", "");
    drop(stream);
    until(&api, &changes, 200);
    let mut stream = connect(&api);
    stream.write_all(head("GET", "/v1/changes?after=0", &chen, "accept: text/event-stream\r\n").as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(status(&said(&api, &changes)), 429);
    assert_eq!(status(&said(&api, &who(&chen))), 200, "streams are counted apart");
    // Who is no one takes no place.
    assert_eq!(status(&said(&api, &who("nobody"))), 401);
    drop(stream);
    until(&api, &changes, 200);
}

#[test]
fn an_act_that_takes_too_long_is_unknown_and_is_settled_by_its_key() {
    let (kit, api, [chen, _]) = published(|l| l.answer = Duration::from_millis(300));
    let row = kit.alert("10001").alert;
    let body = json!({"targets": [{"id": row.id, "version": row.version}], "key": "late"}).to_string();
    let ack = head("POST", "/v1/acts/alert.ack", &chen, &format!("content-length: {}\r\n", body.len())) + &body;
    let (holds, held) = std::sync::mpsc::channel::<()>();
    let (has, it) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        // Somebody writes for as long.
        let service = kit.service.clone();
        scope.spawn(move || {
            let write = |_: &mut tenure::store::Tx| -> Result<(), tenure::store::StoreError> {
                has.send(()).unwrap();
                held.recv().unwrap();
                Ok(())
            };
            service.db().write(write).unwrap();
        });
        it.recv().unwrap();
        let late = said(&api, &ack);
        assert_eq!((status(&late), &problem(&late)["code"]), (504, &json!("http-unknown")));
        holds.send(()).unwrap();
    });
    let mut again = said(&api, &ack);
    while status(&again) == 504 {
        again = said(&api, &ack);
    }
    // Whichever of the two came to it first did it.
    assert_eq!((status(&again), &problem(&again)["outcomes"][0]["refusal"]), (200, &Value::Null));
    assert_eq!(kit.entries(0).iter().filter(|e| e.act == "alert.ack").count(), 1, "it was done once");
    kit.check();
}

/// The client says again what the server had no place for.
#[test]
fn a_busy_server_is_asked_again() {
    let (_kit, api, [chen, _]) = published(|l| l.requests = 1);
    let client =
        ROOMS.block_on(tenure::http::Client::open(&format!("http://{}", api.at), zeroize::Zeroizing::new(chen), None, false)).unwrap();
    use tenure::backend::{Backend, Query};
    ROOMS.block_on(async {
        let all = futures_util::future::join_all((0..3).map(|_| client.query(Query::Today))).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    });
}
