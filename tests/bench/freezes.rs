//! Freezing people on one target, 16 at a time, beside a plain client that sends the same requests to the same server in the same run.
//!
//! The server is scim2-server (tests/peers/scim2): one thread and HTTP/1.0, so it sets the pace and every call is a connection of its own. `TENURE_BENCH_FREEZES` sets the number of people (1,000).

use crate::{Bench, kit::Peer, kit::scim::Plain, rate, row, seconds, timed};
use reqwest::{Client, Method};
use serde_json::json;
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use tenure::{
    backend::{ActRequest, Backend, Target},
    domain::{
        act::Act,
        freeze::{Level, Mode},
    },
    service::{Options, Service},
    store,
};
use tokio::{runtime::Runtime, task::JoinSet};

const AT_ONCE: usize = 16;
/// People of one request.
const MOST: usize = 500;

/// One request: method, path with query, body.
type Call = (Method, String, Option<String>);

pub fn run(bench: &Bench) {
    let people = std::env::var("TENURE_BENCH_FREEZES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000usize);
    let peer = Peer::start("scim2", &[]);
    let idp = Plain { base: peer.word("url").into(), token: peer.word("token").into() };
    let numbers: Vec<String> = (0..people).map(|n| (10_000 + n).to_string()).collect();
    let ids: Vec<String> = numbers.iter().map(|n| idp.add(&format!("user{n}"), n)).collect();
    let home = home(bench, &peer, &numbers);

    // Asked for in one request; the plans read every account once.
    let before = peer.log().lines().count();
    let (_, asked) = timed(|| request(&home, &numbers));
    row(&format!("{people} people: plans and orders, in requests of 500"), seconds(asked), &rate(people, asked));
    let (_, frozen) = timed(|| bench.must(&home, &["worker", "--once"]));
    let log = peer.log();
    let ours: Vec<&str> = log.lines().skip(before).collect();
    let service = Service::open(Options { create: false, ..Options::new(&home) }).unwrap();
    let done = service.db().read(|tx| tx.count("select count(*) from freezes where state in ('complete', 'verified')", &[])).unwrap();
    assert_eq!(done, people as i64, "not all are frozen");
    assert!(ids.iter().step_by(people / 10 + 1).all(|id| !idp.active(id)));

    // The same requests, by a client that does nothing else.
    let calls: Vec<Vec<Call>> = ids.iter().zip(&numbers).map(|(id, number)| calls(&ours, id, number)).collect();
    let sent: usize = calls.iter().map(Vec::len).sum();
    let unread = calls.iter().map(|c| c.iter().skip(1).cloned().collect()).collect();
    let plain = replay(&peer, unread);
    let share = frozen.as_secs_f64() / plain.as_secs_f64();
    let beside = format!("a plain client, the same {} requests: {} ({share:.2} of it)", sent - people, seconds(plain));
    row(&format!("{people} people frozen and read back on one target"), seconds(frozen), &beside);
    let least = ids.iter().map(|id| vec![write(id), (Method::GET, format!("/Users/{id}"), None)]).collect();
    let least = replay(&peer, least);
    row("  the least that could be sent: one write, one read", seconds(least), &rate(people, least));
}

fn home(bench: &Bench, peer: &Peer, numbers: &[String]) -> std::path::PathBuf {
    let home = bench.file("freezes");
    let mut text = String::from("number,name,org,post,started\n");
    for n in numbers {
        text.push_str(&format!("{n},员工{n},/集团/客服部,客服,2021-01-01\n"));
    }
    let file = bench.file("freezes.csv");
    fs::write(&file, text).unwrap();
    bench.must(&home, &["import", "employees", file.to_str().unwrap()]);
    let token = bench.file("token");
    fs::write(&token, peer.word("token")).unwrap();
    let config = format!(
        "[freeze]\nbatch_people = 1000000\nbatch_share = 1.0\n\n[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = {:?}\n\
         token = {{ file = {:?} }}\nmatch = \"employee_number = externalId\"\nsession_max = \"0s\"\n",
        peer.word("url"),
        token.display().to_string()
    );
    fs::write(home.join("tenure.toml"), config).unwrap();
    home
}

fn request(home: &std::path::Path, numbers: &[String]) {
    let service = Service::open(Options { create: false, ..Options::new(home) }).unwrap();
    let find = |n: &String| service.db().read(|tx| store::person::find(tx, n, 1)).unwrap().remove(0).id;
    let targets: Vec<_> = numbers.iter().map(|n| Target { id: find(n).0, version: None }).collect();
    let act = Act::FreezeRequest {
        level: Level::Suspend,
        mode: Mode::Immediate,
        at: None,
        plan_hash: None,
        confirm: None,
        ticket: None,
        except: Vec::new(),
    };
    let session = service.session(service.identify(None).unwrap());
    let rooms = Runtime::new().unwrap();
    for targets in targets.chunks(MOST) {
        let (act, targets) = (act.clone(), targets.to_vec());
        let request = ActRequest { act, targets, key: None, reason: Some("bench".into()), written: None };
        let reply = rooms.block_on(session.act(request)).unwrap();
        assert!(reply.outcomes.iter().all(|o| o.refusal.is_none() && o.pending.is_none()));
    }
}

fn write(id: &str) -> Call {
    let operation = json!({"op": "replace", "path": "active", "value": false});
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
    (Method::PATCH, format!("/Users/{id}"), Some(body.to_string()))
}

/// What the server's log says that we sent for one person, in its order.
fn calls(log: &[&str], id: &str, number: &str) -> Vec<Call> {
    let (by_id, by_number) = (format!("/Users/{id} "), format!("%22{number}%22"));
    let of = log.iter().filter(|l| l.contains(&by_id) || l.contains(&by_number));
    of.map(|line| {
        let mut words = line.split('"').nth(1).unwrap().split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap().strip_prefix("/v2").unwrap());
        if method == "PATCH" { write(id) } else { (Method::GET, path.to_owned(), None) }
    })
    .collect()
}

/// Sends what each person needs one after the other, 16 people at a time.
fn replay(peer: &Peer, people: Vec<Vec<Call>>) -> Duration {
    let (base, token): (Arc<str>, Arc<str>) = (peer.word("url").into(), peer.word("token").into());
    Runtime::new().unwrap().block_on(async move {
        let client = Client::builder().no_proxy().tls_backend_preconfigured(tls()).build().unwrap();
        let began = Instant::now();
        let mut running = JoinSet::new();
        for calls in people {
            if running.len() >= AT_ONCE {
                running.join_next().await.unwrap().unwrap();
            }
            let (client, base, token) = (client.clone(), base.clone(), token.clone());
            running.spawn(async move {
                for (method, path, body) in calls {
                    let mut request = client.request(method, format!("{base}{path}")).bearer_auth(&token);
                    if let Some(body) = body {
                        request = request.header("Content-Type", "application/scim+json").body(body);
                    }
                    let answer = request.send().await.unwrap();
                    assert!(answer.status().is_success(), "{}", answer.status());
                    answer.bytes().await.unwrap();
                }
            });
        }
        while let Some(ended) = running.join_next().await {
            ended.unwrap();
        }
        began.elapsed()
    })
}

/// Never used: the server speaks plain HTTP, and the client wants to be told.
fn tls() -> rustls::ClientConfig {
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    builder.with_safe_default_protocol_versions().unwrap().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
}
