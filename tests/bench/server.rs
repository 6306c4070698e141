//! Acts and queries on PostgreSQL, beside the same statements sent by pgbench to the same server in the same run.
//!
//! What an act sends is read from the server's own log of statements. Of two acts in a row, values that differ and must be new each time
//! (ids, keys, the number in the chain) are new in pgbench too; everything else is as the second act had it.

use crate::{
    Bench,
    kit::{
        cluster::{Cluster, Node::Primary},
        desk::Desk,
    },
    millis, percentile, rate, row, timed,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};
use tenure::{
    backend::{
        Filter, Query,
        query::{AlertView, Slice},
    },
    domain::ids::AlertId,
};

const ACTS: usize = 2_000;
const QUERIES: usize = 300;
/// We and pgbench take turns: what else goes on in the machine befalls both.
const TURNS: usize = 4;
/// Hands at work at once.
const AT_ONCE: [usize; 2] = [1, 4];

pub fn run(bench: &Bench, sample: &Path) {
    let cluster = Cluster::start(&[]);
    let name = cluster.database("bench");
    let url = cluster.url(Primary, name);
    let (_, moved) = timed(|| bench.must(sample, &["migrate", "--to", &url]));
    row("the sample company is moved to PostgreSQL, and compared", crate::seconds(moved), "");
    cluster.sql(Primary, name, "analyze");
    let home = bench.copy(sample, "server");
    let desk = Desk::of(&home, &url, None);
    let first = "select id from alerts where open = 1 order by id limit 1";
    let id = desk.service.db().read(|tx| tx.one(first, &[], |r| r.get::<uuid::Uuid>(0))).unwrap().unwrap();
    let alert = id.to_string();
    let log = Log { cluster: &cluster, name };
    let note = |n: usize| drop(desk.note(&alert, &format!("bench {n}")).unwrap());

    let script = log.script(bench, "act", &|n| note(1_000_000 + n));
    for hands in AT_ONCE {
        let (next, mut ours, mut peer) = (AtomicUsize::new(hands * ACTS), Duration::ZERO, Duration::ZERO);
        let each = ACTS / hands / TURNS;
        for _ in 0..TURNS {
            ours += timed(|| {
                thread::scope(|scope| {
                    for _ in 0..hands {
                        scope.spawn(|| (0..each).for_each(|_| note(next.fetch_add(1, Ordering::SeqCst))));
                    }
                });
            })
            .1;
            peer += log.pgbench(&script, hands, each) * u32::try_from(each).unwrap();
        }
        let done = each * hands * TURNS;
        let share = peer.as_secs_f64() / ours.as_secs_f64();
        let beside = format!("{share:.2} of pgbench with the same statements ({})", rate(done, peer));
        row(&format!("acts on PostgreSQL, {hands} at once"), rate(done, ours), &beside);
    }

    let slice = Slice { after: None, limit: 50 };
    let asked = [
        ("the alert queue, 50 rows", Query::Alerts { view: AlertView::Mine, filter: Filter::default(), slice: slice.clone() }),
        ("people, 50 rows", Query::People { filter: Filter::default(), slice }),
        ("an alert with its notes, written to the access log first", Query::Alert { id: AlertId(id) }),
        ("Today", Query::Today),
    ];
    for (what, query) in asked {
        let ask = |_| drop(desk.query(query.clone()).unwrap());
        desk.flush();
        let script = log.script(bench, "query", &ask);
        let (mut times, mut peer) = (Vec::with_capacity(QUERIES), Duration::ZERO);
        for _ in 0..TURNS {
            for n in 0..QUERIES / TURNS {
                times.push(timed(|| ask(n)).1);
            }
            peer += log.pgbench(&script, 1, QUERIES / TURNS) / TURNS as u32;
        }
        let mean = times.iter().sum::<Duration>() / times.len() as u32;
        let share = mean.as_secs_f64() / peer.as_secs_f64();
        let beside = format!("p99 {}; {share:.2} of pgbench ({})", millis(percentile(&mut times, 99)), millis(peer));
        row(&format!("{what}, mean"), millis(mean), &beside);
    }
}

/// A database whose server writes down every statement when it is told to.
struct Log<'c> {
    cluster: &'c Cluster,
    name: &'c str,
}

/// A statement and its values, as the log has them.
type Sent = (String, Vec<String>);

impl Log<'_> {
    /// What the server is sent meanwhile.
    fn of(&self, what: impl FnOnce()) -> Vec<Sent> {
        let file = self.cluster.word("log");
        // It holds for connections that are made afterwards.
        let set = |how: &str| {
            self.cluster.sql(Primary, "postgres", &format!("alter database {} set log_statement = '{how}'", self.name));
            let end = format!("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{}'", self.name);
            self.cluster.sql(Primary, "postgres", &end);
        };
        set("all");
        let before = fs::read(file).unwrap().len();
        what();
        let said = String::from_utf8_lossy(&fs::read(file).unwrap()[before..]).into_owned();
        set("none");
        parse(&said)
    }

    /// A script of what is sent for the second of two.
    fn script(&self, bench: &Bench, name: &str, what: &dyn Fn(usize)) -> PathBuf {
        what(0);
        let (one, two) = (self.of(|| what(1)), self.of(|| what(2)));
        let shape = |all: &[Sent]| all.iter().map(|(sql, _)| sql.replace(|c: char| c.is_ascii_digit(), "")).collect::<Vec<_>>();
        assert_eq!(shape(&one), shape(&two), "two of a kind send different things");
        let text: String = one.iter().zip(&two).map(|(a, b)| line(a, b)).collect();
        let file = bench.file(&format!("{name}.sql"));
        fs::write(&file, text).unwrap();
        file
    }

    /// How long a transaction of one of these clients takes.
    fn pgbench(&self, script: &Path, clients: usize, each: usize) -> Duration {
        let mut command = Command::new(format!("{}/pgbench", self.cluster.word("bin")));
        command.args(["-n", "-h", "127.0.0.1", "-U", "postgres", "-p", self.cluster.word("port"), "-f"]).arg(script);
        command.args(["-c", &clients.to_string(), "-j", &clients.to_string(), "-t", &each.to_string(), self.name]);
        let out = command.output().unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        let whole = said.contains(&format!("actually processed: {0}/{0}", clients * each));
        assert!(out.status.success() && whole, "{said}{}", String::from_utf8_lossy(&out.stderr));
        let number = |after: &str| said.split(after).nth(1).unwrap().split_whitespace().next().unwrap().parse::<f64>().unwrap();
        Duration::from_secs_f64(number("latency average = ") / 1e3)
    }
}

/// `LOG:  statement: ...` and `LOG:  execute <unnamed>: ...` with `DETAIL:  parameters: $1 = '...', ...`; a line that goes on begins with a tab.
fn parse(log: &str) -> Vec<Sent> {
    let mut all: Vec<Sent> = Vec::new();
    for line in log.replace("\n\t", " ").lines() {
        let after = |mark: &str| line.split_once(mark).map(|(_, rest)| rest.to_owned());
        if let Some(sql) = after("LOG:  statement: ").or_else(|| after("LOG:  execute <unnamed>: ")) {
            all.push((sql, Vec::new()));
        } else if let (Some(values), Some(last)) = (after("DETAIL:  parameters: "), all.last_mut()) {
            last.1 = values_of(&values);
        }
    }
    // A connection is made once and asked what it is; that is not the act's.
    let begins = all.iter().position(|(sql, _)| sql.starts_with("begin")).unwrap();
    all.split_off(begins)
}

/// Values in their quotes, or `NULL`. They stay without a type: it is that of the column.
fn values_of(text: &str) -> Vec<String> {
    let (mut out, mut rest) = (Vec::new(), text);
    while let Some((_, value)) = rest.split_once(" = ") {
        let end = match value.strip_prefix('\'') {
            None => value.find(',').unwrap_or(value.len()),
            Some(inner) => {
                let (mut end, mut chars) = (value.len(), inner.char_indices().peekable());
                while let Some((at, c)) = chars.next() {
                    if c == '\'' && chars.next_if(|(_, next)| *next == '\'').is_none() {
                        end = at + 2;
                        break;
                    }
                }
                end
            }
        };
        out.push(value[..end].to_owned());
        rest = &value[end..];
    }
    out
}

/// A statement of the second for the script, with what must be new in it new each time.
fn line((_, one): &Sent, (sql, two): &Sent) -> String {
    let new: Vec<String> = one
        .iter()
        .zip(two)
        .map(|(a, b)| {
            let number = |v: &str| v.trim_matches('\'').parse::<i64>().ok();
            if a == b {
                b.clone()
            } else if b.len() == 36 && b.starts_with("'\\x") {
                "decode(replace(gen_random_uuid()::text, '-', ''), 'hex')".into()
            } else if number(a).is_some() && number(a).map(|n| n + 1) == number(b) {
                ":seq".into()
            } else if b.starts_with("'bench ") {
                "gen_random_uuid()::text".into()
            } else {
                b.clone()
            }
        })
        .collect();
    let (mut out, mut rest) = (String::new(), sql.trim().trim_end_matches(';'));
    while let Some((before, after)) = rest.split_once('$') {
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        out.push_str(before);
        match after[..digits].parse::<usize>().ok().and_then(|n| new.get(n - 1)) {
            Some(value) => out.push_str(value),
            None => out.push_str(&format!("${}", &after[..digits])),
        }
        rest = &after[digits..];
    }
    out.push_str(rest);
    // What was one message stays one. The number of the entry is what the chain says.
    let head = out.starts_with("select seq, hash from heads where chain");
    format!("{}{}\n", out.replace("; ", " \\; "), if head { " \\gset" } else { ";" })
}
