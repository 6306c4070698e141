//! The OpenAPI document, held against a server by a program that believes what it reads there: schemathesis makes requests of it, sound and
//! unsound ones, and compares the answers with what was declared.

use crate::kit::{
    cluster::{Cluster, Node::Primary},
    company::Company,
    proxy::{Fault, Proxy},
};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::{self, JoinHandle},
};

/// A company that is served by a process of its own, and a token for it.
struct Served {
    child: Child,
    url: String,
    token: String,
    log: Option<JoinHandle<String>>,
}

impl Served {
    fn new(company: &Company) -> Self {
        let token = company.json(&["operator", "token", "lin", "--days", "1"])["token"].as_str().unwrap().to_owned();
        let mut serve = company.command(&["serve", "--listen", "127.0.0.1:0", "--no-worker", "--json"]);
        let mut child = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = child.stderr.take().unwrap();
        let log = thread::spawn(move || io::read_to_string(log).unwrap());
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        Self { child, url: told["url"].as_str().unwrap().to_owned(), token, log: Some(log) }
    }

    /// Told to end; what it has written on standard error, once it has.
    fn end(mut self) -> String {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let code = self.child.wait().unwrap().code();
        let log = self.log.take().unwrap().join().unwrap();
        assert_eq!(code, Some(0), "{log}");
        log
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn installed(program: &str) -> PathBuf {
    let peers = std::env::var_os("TENURE_PEERS").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers"), PathBuf::from);
    let program = peers.join("schemathesis/bin").join(program);
    assert!(program.is_file(), "no {}: run tests/peers/install", program.display());
    program
}

/// Nothing breaks, and nothing is answered that the document does not declare: status, kind of content, shape, and who is let in.
#[test]
fn the_api_is_what_its_document_says() {
    let company = Company::new(20, "");
    let served = Served::new(&company);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth,\
                  negative_data_rejection,unsupported_method";
    let o = Command::new(installed("schemathesis"))
        .args(["run", &format!("{}/openapi.json", served.url), "--header", &format!("Authorization: Bearer {}", served.token)])
        .args([
            "--checks",
            checks,
            "--phases",
            "coverage,fuzzing",
            "--max-examples",
            "3",
            "--seed",
            "20260101",
            "--generation-deterministic",
        ])
        // Waits by its nature; the contract suite has it. One worker: two of them trip over what they draw.
        .args(["--exclude-path", "/v1/changes", "--workers", "1", "--suppress-health-check", "all", "--no-color"])
        .current_dir(company.dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&o.stdout);
    assert!(o.status.success(), "{said}{}", String::from_utf8_lossy(&o.stderr));
    // All of them but the one that is left out, and without a `$ref` that leads nowhere.
    let (tested, all) = said.lines().find_map(|l| l.trim().strip_prefix("Selected: ")?.split_once('/')).unwrap_or_else(|| panic!("{said}"));
    assert_eq!(tested.parse::<usize>().unwrap() + 1, all.parse::<usize>().unwrap(), "{said}");
    assert!(said.contains(&format!("Tested: {tested}")) && !said.contains("nresolvable"), "{said}");
    company.sound();
}

/// Told to end it answers what it has in hand; its log is lines of JSON that name nobody.
#[test]
fn a_server_ends_with_its_answers_given_and_its_log_names_nobody() {
    let company = Company::new(20, "");
    company.hire("90001", "欧阳不在日志");
    let served = Served::new(&company);
    let rooms = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (http, url, token) = (reqwest::Client::new(), served.url.clone(), served.token.clone());
    let ask = |path: &str, body: Value| http.post(format!("{url}{path}")).bearer_auth(&token).json(&body).send();
    let found = rooms.block_on(async { ask("/v1/queries/find", json!({"text": "90001"})).await.unwrap().text().await.unwrap() });
    assert!(found.contains("欧阳不在日志"), "{found}");
    rooms.block_on(ask("/v1/queries/find", json!({"text": "欧阳不在日志"}))).unwrap();
    rooms.block_on(ask("/v1/queries/person", json!({"id": "欧阳不在日志"}))).unwrap();
    // One whose body comes only after the end was asked for.
    let at = url.strip_prefix("http://").unwrap();
    let mut slow = TcpStream::connect(at).unwrap();
    let body = "{\"text\": \"90001\"}";
    let head =
        format!("POST /v1/queries/find HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nContent-Length: {}\r\n", body.len());
    slow.write_all(format!("{head}Expect: 100-continue\r\n\r\n").as_bytes()).unwrap();
    let mut go_on = [0; 25];
    slow.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "it waits for the body");
    let answered = thread::spawn(move || {
        // The listener is gone once the end has begun.
        while TcpStream::connect(slow.peer_addr().unwrap()).is_ok() {
            thread::yield_now();
        }
        slow.write_all(body.as_bytes()).unwrap();
        io::read_to_string(slow).unwrap()
    });
    let log = served.end();
    assert!(answered.join().unwrap().contains("200 OK"));
    let lines: Vec<Value> = log.lines().map(|l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {l}"))).collect();
    assert!(lines.iter().any(|l| l["route"] == "/v1/queries/{name}" && l["status"] == 200), "{log}");
    for mark in ["欧阳不在日志", "90001", "lin", &token] {
        assert!(!log.contains(mark), "{mark}: {log}");
    }
}

/// A load balancer is told when the data is away, and that the process need not be killed for it.
#[test]
fn a_server_whose_database_is_away_is_alive_and_not_ready() {
    let cluster = Cluster::start(&[]);
    let url = format!("{}?connect_timeout=2", cluster.url(Primary, cluster.database("ready")));
    let company = Company::on(&url, 0);
    let served = Served::new(&company);
    let rooms = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let health = |of: &str| {
        rooms.block_on(async {
            let answer = http.get(format!("{}/health/{of}", served.url)).send().await.unwrap();
            (answer.status().as_u16(), answer.text().await.unwrap())
        })
    };
    assert_eq!((health("live").0, health("ready").0), (204, 204));
    cluster.hang(Primary);
    let (status, said) = health("ready");
    let problem: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, &problem["status"], problem["failure"]["kind"].as_str()), (503, &json!(503), Some("unreachable")), "{said}");
    assert_eq!(health("live").0, 204);
    cluster.go_on(Primary);
    assert_eq!(health("ready").0, 204);
}

/// The server has done it and the answer never comes: the client asks again by the key, and it is done once.
#[test]
fn an_act_whose_answer_is_lost_is_settled_by_its_key() {
    let company = Company::new(0, "");
    let alert = company.alarm("20001");
    let served = Served::new(&company);
    let proxy = Proxy::before(&served.url);
    let note = |text: &str| {
        let mut c = company.command(&["alert", "note", &alert, "--text", text, "--json"]);
        c.env("TENURE_BACKEND", proxy.url(&served.url)).env("TENURE_TOKEN", &served.token);
        let o = c.output().unwrap();
        let reply: Value = serde_json::from_slice(&o.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&o.stderr)));
        (o.status.code().unwrap(), reply)
    };
    let acts = "POST /v1/acts/alert.note";
    for (text, fault, sent) in [("after", Fault::DropReply, 2), ("half", Fault::Truncate, 4), ("before", Fault::DropRequest, 6)] {
        proxy.next(acts, fault.clone());
        let (code, reply) = note(text);
        assert_eq!((code, proxy.seen(acts)), (0, sent), "{reply:#}");
        assert_eq!(reply["replayed"], json!(fault != Fault::DropRequest), "{reply:#}");
        assert!(reply["entry"].is_number(), "{reply:#}");
    }
    assert_eq!(company.notes(&alert), ["after", "before", "half"]);
    company.sound();
}
