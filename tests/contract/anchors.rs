//! Anchors (domain.md 16, 39): what a chain alone cannot show. Every tampering here leaves chains that verify.

use crate::{
    crash::Home,
    kit::{Engine, Kit, ROOMS, monday},
};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, UdpSocket},
    os::unix::net::UnixDatagram,
    path::PathBuf,
    sync::{Arc, Mutex, mpsc},
    thread,
};
use tenure::{
    backend::{Backend, Query, answer::SinkRow},
    cli::{self, anchor::Held},
    domain::{
        act::Act,
        anchor::{Anchor, Flaw},
        audit::{Chain, Entry, link},
    },
    service::{Options, Service, backup, doctor, migrate},
    store::{StoreError, Tx},
    vals,
};

on_all!(
    chains_as_they_were_fit_their_anchors,
    a_cut_tail_shows,
    entries_written_anew_or_swapped_show,
    an_old_copy_in_place_of_the_new_one_shows,
    whose_an_anchor_is_and_what_became_of_it_count,
    a_sink_that_fails_is_told_and_holds_up_nothing
);

/// A company that writes its anchors to a file.
fn company(on: Engine) -> (Kit, PathBuf) {
    let kit = Kit::with(on, monday(), "[audit]\nanchors = [{ name = \"file\", file = \"anchors.jsonl\" }]\n");
    kit.settle();
    let file = kit.dir.path().join("anchors.jsonl");
    (kit, file)
}

fn work(kit: &Kit, notes: usize) {
    let (chen, id) = (kit.hand("chen"), kit.alert("10001").alert.id);
    for n in 0..notes {
        chen.on(Act::AlertNote { text: format!("第{n}次沟通") }, id, None);
        chen.ask(Query::Alert { id });
    }
}

/// Writes an anchor now.
fn anchor(kit: &Kit) {
    kit.me().done(Act::AuditAnchor);
    kit.drain();
}

fn hold(door: &dyn Backend, file: &std::path::Path, key: Option<&str>) -> Held {
    ROOMS.block_on(cli::anchor::hold(door, file, key.map(Into::into))).unwrap_or_else(|e| panic!("{e:?}"))
}

fn flaws(held: &Held) -> Vec<(usize, Flaw, Option<Chain>)> {
    held.flaws.iter().map(|f| (f.line, f.flaw, f.chain)).collect()
}

fn lines(file: &std::path::Path) -> Vec<Anchor> {
    fs::read_to_string(file).unwrap().lines().map(|l| Anchor::read(l.as_bytes()).unwrap()).collect()
}

fn chains_as_they_were_fit_their_anchors(on: Engine) {
    let (kit, file) = company(on);
    work(&kit, 2);
    anchor(&kit);
    work(&kit, 3);
    // By itself, an hour after the last.
    kit.time.hours(1);
    kit.drain();
    work(&kit, 1);
    let lin = kit.hand("lin");
    let told = ask!(lin, Query::Anchors => Anchors);
    let held = hold(lin.door(), &file, Some(&told.key));
    assert_eq!((held.broken.is_none(), flaws(&held), held.own_key), (true, vec![], true));
    let all = lines(&file);
    assert!(all.len() >= 2 && held.good == all.len(), "{held:?}");
    assert!(all.windows(2).all(|w| w[0].at < w[1].at && w[0].acts.seq <= w[1].acts.seq));
    assert_eq!((all[0].home.as_str(), all[0].key.as_str()), (told.home.as_str(), told.key.as_str()));
    let [sink] = told.sinks.as_slice() else { panic!("{told:?}") };
    let last = all.last().unwrap();
    assert_eq!((sink.at, sink.acts, sink.access, sink.late), (Some(last.at), last.acts.seq, last.access.seq, false));
    // The same key in every process, and in a copy that was moved elsewhere.
    assert_eq!(ask!(Kit::hand_in(&kit.again(true), "lin"), Query::Anchors => Anchors).key, told.key);
    kit.check();
}

/// Ends a chain at an entry, as somebody would who has the database.
fn cut(tx: &mut Tx, table: &str, chain: &str, at: i64) -> Result<(), StoreError> {
    tx.exec(&format!("delete from {table} where seq > $1"), vals![at])?;
    let sql = format!("update heads set seq = $1, hash = (select hash from {table} where seq = $1) where chain = $2");
    tx.exec(&sql, vals![at, chain]).map(|_| ())
}

fn a_cut_tail_shows(on: Engine) {
    let (kit, file) = company(on);
    work(&kit, 2);
    let end = kit.seq();
    work(&kit, 2);
    anchor(&kit);
    let line = lines(&file).len();
    // Whoever comes over the API later could not: the server lacks what was acknowledged.
    let me = kit.me();
    kit.tamper(|tx| cut(tx, "audit", "acts", end));
    assert!(ask!(me, Query::AuditVerify => Verified).ok, "the chain itself does not know");
    let held = hold(&Kit::hand_in(&kit.again(true), "lin").session, &file, None);
    assert_eq!((held.broken.is_none(), flaws(&held)), (true, vec![(line, Flaw::Cut, Some(Chain::Acts))]));
    assert_eq!(held.flaws[0].what.args["end"], end.to_string());
}

/// Writes a chain anew from an entry on, so that it verifies.
fn rewrite(tx: &mut Tx, from: i64, change: impl Fn(&mut Vec<Entry>)) -> Result<(), StoreError> {
    let sql = "select bytes, hash from audit where seq >= $1 order by seq";
    let rows = tx.all(sql, vals![from - 1], |r| Ok((r.get::<Vec<u8>>(0)?, r.get::<Vec<u8>>(1)?)))?;
    let mut entries: Vec<Entry> = rows[1..].iter().map(|(b, _)| serde_json::from_slice(b).unwrap()).collect();
    change(&mut entries);
    let mut head: [u8; 32] = rows[0].1.as_slice().try_into().unwrap();
    for (seq, mut e) in (from..).zip(entries) {
        (e.seq, e.prev) = (seq, hex::encode(head));
        head = link("acts", &head, &e.bytes());
        let sql = "update audit set bytes = $2, hash = $3, at = $4, act = $5, operator_name = $6 where seq = $1";
        tx.exec(sql, vals![seq, e.bytes(), head.as_slice(), e.at, &e.act, &e.operator_name])?;
    }
    tx.exec("update heads set hash = $1 where chain = 'acts'", vals![head.as_slice()]).map(|_| ())
}

fn entries_written_anew_or_swapped_show(on: Engine) {
    let (kit, file) = company(on);
    work(&kit, 3);
    anchor(&kit);
    work(&kit, 1);
    let (line, from) = (lines(&file).len(), kit.seq() - 3);
    let changes: [fn(&mut Vec<Entry>); 3] =
        [|all| all[0].detail = Some("nothing happened".into()), |all| all.swap(0, 1), |all| all[1].operator_name = "lin".into()];
    let me = kit.me();
    for change in changes {
        kit.tamper(|tx| rewrite(tx, from, change));
        assert!(ask!(me, Query::AuditVerify => Verified).ok, "the chain itself does not know");
        let held = hold(&Kit::hand_in(&kit.again(true), "lin").session, &file, None);
        assert_eq!((held.broken.is_none(), flaws(&held)), (true, vec![(line, Flaw::Differs, Some(Chain::Acts))]));
    }
}

fn an_old_copy_in_place_of_the_new_one_shows(on: Engine) {
    let (kit, file) = company(on);
    work(&kit, 1);
    anchor(&kit);
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("backup");
    // A real backup of a file; of a server, a company that was moved away.
    let server = on.way().is_some();
    match server {
        true => drop(migrate::migrate(&kit.service, &migrate::Place::Home(copy.clone())).unwrap()),
        false => drop(backup::backup(&kit.service, &copy).unwrap()),
    }
    work(&kit, 2);
    anchor(&kit);
    let line = lines(&file).len();
    let owner = kit.me().name().to_owned();
    let (Kit { service, dir, .. }, at) = (kit, elsewhere.path().join("backup"));
    drop(service);
    let old = match server {
        true => at,
        false => {
            backup::restore(dir.path(), &copy).unwrap();
            dir.path().to_owned()
        }
    };
    let open = || Service::open(Options { create: false, ..Options::new(&old) }).unwrap();
    let home = open();
    let lin = Kit::hand_in(&home, &owner);
    let held = hold(&lin.session, &file, None);
    assert_eq!(flaws(&held), [(line, Flaw::Older, None)], "{held:?}");
    // Work goes on in the old copy, and is anchored: the file itself then says what happened.
    for n in 0..20 {
        lin.done(Act::OperatorAdd { name: format!("new{n}"), role: tenure::domain::operator::Role::Triager, person: None, org: None });
        lin.ask(Query::Person { id: home.db().read(|tx| tenure::store::person::find(tx, "10001", 1)).unwrap()[0].id });
        lin.flush();
    }
    let mut all = fs::read(&file).unwrap();
    all.extend(ask!(lin, Query::Anchors => Anchors).now.line().bytes());
    fs::write(&file, all).unwrap();
    let found = flaws(&hold(&lin.session, &file, None));
    let differs = |chain| (line, Flaw::Differs, Some(chain));
    assert_eq!(found, [differs(Chain::Acts), differs(Chain::Access)]);
}

fn whose_an_anchor_is_and_what_became_of_it_count(on: Engine) {
    let (kit, file) = company(on);
    anchor(&kit);
    let lin = kit.hand("lin");
    let key = ask!(lin, Query::Anchors => Anchors).key;
    let good = fs::read_to_string(&file).unwrap();
    let tried = |text: &str, key: &str| {
        fs::write(&file, text).unwrap();
        hold(lin.door(), &file, Some(key)).flaws.iter().map(|f| f.flaw).collect::<Vec<_>>()
    };
    assert_eq!(tried(&good, &key), []);
    let (other, _) = company(Engine::Sqlite);
    let theirs = ask!(other.me(), Query::Anchors => Anchors);
    assert_eq!(tried(&format!("{}\n", theirs.now.line()), &key), [Flaw::Home]);
    assert_eq!(tried(&good, &theirs.key), vec![Flaw::Key; good.lines().count()], "a server that signs with another key");
    assert_eq!(tried(&good.replace("\"acts\":{\"seq\":", "\"acts\":{\"seq\":9"), &key), vec![Flaw::Signature; good.lines().count()]);
    assert_eq!(tried(&format!("{good}what is this\n"), &key), [Flaw::Garbage]);
}

/// An HTTP server that takes a line a request and answers as it is told.
fn receiver(status: Arc<Mutex<&'static str>>) -> (String, mpsc::Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/anchors", listener.local_addr().unwrap());
    let (heard, told) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut head, mut length) = (String::new(), 0);
            while !head.ends_with("\r\n\r\n") {
                let from = head.len();
                stream.read_line(&mut head).unwrap();
                if let Some(n) = head[from..].to_lowercase().strip_prefix("content-length:") {
                    length = n.trim().parse().unwrap();
                }
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).unwrap();
            let status = *status.lock().unwrap();
            write!(stream.get_mut(), "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").unwrap();
            if heard.send((head, String::from_utf8(body).unwrap())).is_err() {
                return;
            }
        }
    });
    (url, told)
}

#[test]
fn every_sink_takes_the_same_line() {
    let dir = tempfile::tempdir().unwrap();
    let socket = UnixDatagram::bind(dir.path().join("log")).unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, posted) = receiver(Arc::new(Mutex::new("204 No Content")));
    fs::write(dir.path().join("token"), "t0k3n\n").unwrap();
    let config = format!(
        "[audit]\nanchors = [\n{{ name = \"unix\", syslog = \"unix:{}\" }},\n{{ name = \"udp\", syslog = \"udp://{}\" }},\n\
         {{ name = \"tcp\", syslog = \"tcp://{}\" }},\n{{ name = \"http\", http = \"{url}\", token = {{ file = \"{}\" }} }},\n]\n",
        dir.path().join("log").display(),
        udp.local_addr().unwrap(),
        tcp.local_addr().unwrap(),
        dir.path().join("token").display(),
    );
    let kit = Kit::with(Engine::Sqlite, monday(), &config);
    kit.drain();
    let mut heard = Vec::new();
    let mut datagram = [0; 4096];
    for n in [socket.recv(&mut datagram).unwrap(), 0] {
        let n = if n == 0 { udp.recv(&mut datagram).unwrap() } else { n };
        heard.push(String::from_utf8(datagram[..n].to_vec()).unwrap());
    }
    let mut framed = String::new();
    tcp.accept().unwrap().0.read_to_string(&mut framed).unwrap();
    let (length, message) = framed.split_once(' ').unwrap();
    assert_eq!(length.parse(), Ok(message.len()), "RFC 6587, 3.4.1");
    heard.push(message.into());
    let (head, body) = posted.recv().unwrap();
    assert!(head.starts_with("POST /anchors HTTP/1.1\r\n") && head.to_lowercase().contains("authorization: bearer t0k3n\r\n"), "{head}");
    let mut all = vec![Anchor::read(body.as_bytes()).unwrap()];
    for message in heard {
        // PRI VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP STRUCTURED-DATA SP MSG
        let fields: Vec<&str> = message.splitn(8, ' ').collect();
        assert_eq!((fields[0], fields[3], fields[5], fields[6]), ("<109>1", "tenure", "anchor", "-"), "{message}");
        let a = Anchor::read(fields[7].as_bytes()).unwrap();
        assert_eq!(fields[1].parse::<jiff::Timestamp>().unwrap(), a.at);
        all.push(a);
    }
    assert!(all.iter().all(|a| a.is_whole() && (&a.acts, &a.access) == (&all[0].acts, &all[0].access)));
}

fn sink(kit: &Kit) -> SinkRow {
    ask!(kit.me(), Query::Anchors => Anchors).sinks.remove(0)
}

fn a_sink_that_fails_is_told_and_holds_up_nothing(on: Engine) {
    let status = Arc::new(Mutex::new("500 Internal Server Error"));
    let (url, posted) = receiver(status.clone());
    let kit = Kit::with(on, monday(), &format!("[audit]\nanchors = [{{ name = \"far\", http = \"{url}\" }}]\n"));
    kit.settle();
    let since = sink(&kit).failing_since.unwrap();
    // Acts go on, and it is tried again: after 30 s, after a minute, and so on up to an hour.
    work(&kit, 1);
    let mut waits = Vec::new();
    let mut last = sink(&kit).tried_at.unwrap();
    while waits.len() < 5 {
        kit.time.pass(jiff::SignedDuration::from_secs(5));
        kit.drain();
        let tried = sink(&kit).tried_at.unwrap();
        if tried != last {
            waits.push(tried.duration_since(last).as_secs());
            last = tried;
            if waits.len() > 3 {
                // The rest without walking every second of it.
                kit.time.hours(1);
            }
        }
    }
    assert!(waits[..3].is_sorted() && waits[0] >= 30 && waits[0] < 130 && waits.iter().all(|w| *w < 3_700), "{waits:?}");
    let today = ask!(kit.me(), Query::Today => Today);
    assert_eq!((today.owed.anchors_late, today.owed.anchors_since), (1, Some(since)));
    let failing = sink(&kit);
    assert_eq!((failing.failing_since, failing.error.unwrap().code.as_ref()), (Some(since), "anchor-sink-status"));
    if on == Engine::Sqlite {
        let told = doctor::check(kit.dir.path(), None);
        let f = told.iter().find(|f| f.what.code == "doctor-anchor-failing").unwrap();
        assert!(!f.ok && f.what.args["since"] == since.to_string(), "{f:?}");
    }
    *status.lock().unwrap() = "200 OK";
    kit.time.hours(1);
    kit.drain();
    let good = sink(&kit);
    assert_eq!((good.failing_since, good.error, good.late), (None, None, false));
    assert_eq!(ask!(kit.me(), Query::Today => Today).owed.anchors_late, 0);
    // A worker that does not run is told of as well.
    kit.time.hours(3);
    assert!(sink(&kit).late && ask!(kit.me(), Query::Today => Today).owed.anchors_late == 1);
    drop(posted);
    kit.check();
}

#[test]
fn the_command_line_says_what_was_found_by_its_exit_code() {
    let home = Home::new();
    fs::create_dir(home.dir()).unwrap();
    fs::write(home.dir().join("tenure.toml"), "[audit]\nanchors = [{ name = \"file\", file = \"a.jsonl\" }]\n").unwrap();
    home.ok(&["operator", "add", "wang", "--role", "triager"]);
    let table = home.ok(&["audit", "anchor"]);
    assert!(table.contains("file") && table.contains("a.jsonl"), "{table}");
    let key = home.ok(&["audit", "anchor", "--key"]).trim().to_owned();
    let (file, printed) = (home.dir().join("a.jsonl"), home.ok(&["audit", "anchor", "--print"]));
    fs::OpenOptions::new().append(true).open(&file).unwrap().write_all(printed.as_bytes()).unwrap();
    let name = file.to_str().unwrap();
    let verify = |more: &[&str]| {
        let o = home.command(&[&["audit", "verify", "--anchor", name][..], more].concat()).output().unwrap();
        (o.status.code(), String::from_utf8(o.stdout).unwrap(), String::from_utf8(o.stderr).unwrap())
    };
    let (code, said, _) = verify(&["--key", &key]);
    assert_eq!(code, Some(0), "{said}");
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("\"seq\":", "\"seq\":7", 1)).unwrap();
    let (code, said, why) = verify(&["--key", &key]);
    assert!(code == Some(1) && said.contains("line 1") && why.contains("do not fit"), "{said}{why}");
    let (code, json, _) = verify(&["--json"]);
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &told["ok"], &told["anchors"]["flaws"][0]["flaw"]), (Some(1), &false.into(), &"signature".into()), "{json}");
    assert_eq!(verify(&["--key", "short"]).0, Some(2));
}
