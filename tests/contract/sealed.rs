//! What no engine gets to read: pay, résumé facts, notes, reasons and evidence are sealed before they reach it [NF-1], also those of a home
//! that is older than the seal.

use crate::{
    access::every_query,
    acts::{done, talk},
    freezes,
    kit::{Engine, Hand, Kit},
    offboarding,
    sim::Sim,
};
use std::{path::PathBuf, process::Command};
use tenure::{
    backend::{ActRequest, Preview, Query, Target},
    domain::{
        act::{Act, RefusalClass},
        alert::DismissReason,
        audit::Chain,
        duty::{DutyDone, DutyKind},
        handover::{Evidence, ItemKind},
        ids::{CaseId, PersonId},
        plan::{PlanBody, PlanTemplate},
        signal::SignalKind,
    },
    service::Service,
    store::{self, copy, score::StoredScore},
    vals,
};
use uuid::Uuid;

on_both!(nothing_sensitive_lies_in_a_dump, an_older_home_is_sealed);

/// Words and figures that nobody with the database in hand may read.
pub const SEALED: &[&str] = &[
    "想去深圳陪家人",
    "张经理",
    "希望晋升",
    "下周与总监谈",
    "晋升并调薪",
    "98765432",
    "31337.25",
    "42424.75",
    "工资条注",
    "求职网站 51",
    "77133.5",
    "压力面谈",
    "已谈妥了",
    "reason of a test",
    "工单 8812",
    "等她交接完",
    "签收人马先生",
    "缺公章",
    "证明已寄出",
    "letter.pdf",
    "signed ",
    "13800000001",
    "来路不明的行",
];

/// Of these only what is kept for later reading is sealed: nobody is shown them.
const UNSEEN: &[&str] = &["signed ", "letter.pdf", "工单 8812"];

pub struct Story {
    pub kit: Kit,
    pub sim: Sim,
    pub one: PersonId,
    pub two: PersonId,
    /// Alert and plan of the first, order and case of the second.
    pub ids: [Uuid; 4],
}

/// A company in which everything was written down that anybody would.
pub fn story(on: Engine) -> Story {
    let sim = Sim::new("idp");
    for number in ["10001", "10002", "10003"] {
        sim.add(&format!("u{number}"), number);
    }
    let kit = offboarding::company(on).targets(vec![sim.shared()]);
    kit.enable(SignalKind::JobSeekActivity);
    let (chen, lin, wang) = (kit.hand("chen"), kit.hand("lin"), kit.hand("wang"));
    let at = kit.time.now() - jiff::SignedDuration::from_hours(30);
    kit.load(
        "signals",
        &format!(
            "event,number,kind,observed_at,value,baseline,note\ne1,10001,pay_gap,{at},31337.25,42424.75,工资条注\n\
             e2,10001,job_seek_activity,{at},77133.5,,求职网站 51\ne3,10001,stress,{at},3,,压力面谈\n\
             q1,99999,late,{at},,,来路不明的行\n"
        ),
    );
    // The same again is the same; something else under the same id is not.
    let again = kit.load("signals", &format!("event,number,kind,observed_at,value,baseline\ne1,10001,pay_gap,{at},31337.25,42424.75\n"));
    assert_eq!((again.added, again.same, again.refused), (0, 1, 0));
    let a = kit.alert("10001");
    let (_, a) = done(&kit, &chen, Act::AlertNote { text: "想去深圳陪家人".into() }, &a);
    let (_, a) = done(&kit, &chen, Act::AlertTalk { talk: talk(&kit) }, &a);
    let body = PlanBody { template: PlanTemplate::Pay, text: "晋升并调薪".into(), cost_fen: Some(98_765_432) };
    let plan = chen.on(Act::PlanCreate { alert: Some(a.alert.id), body }, a.alert.person, None).outcomes[0].id;
    chen.on(Act::PlanSubmit, plan, None);
    let three = kit.alert("10003");
    done(&kit, &chen, Act::AlertDismiss { reason: DismissReason::Expected, note: Some("已谈妥了".into()) }, &three);
    // One may, the other may not: the answer is stored under its key.
    let both = vec![Target { id: a.alert.id.0, version: None }, Target { id: Uuid::nil(), version: None }];
    let note = Act::AlertNote { text: "想去深圳陪家人".into() };
    let kept = ActRequest { act: note, targets: both, key: Some("k1".into()), reason: None, written: None };
    assert_eq!(chen.send(kept.clone()).unwrap().outcomes[1].refusal.as_ref().unwrap().class, RefusalClass::NotFound);
    assert!(chen.send(kept).unwrap().replayed);

    let c = offboarding::under_way(&kit, "10002", 20);
    let letter = offboarding::item(&c, ItemKind::Customer);
    let file = Some(offboarding::put(&wang, "letter.pdf", b"signed in blue"));
    let evidence =
        Evidence { file, signatory: Some("签收人马先生".into()), signed_on: Some(offboarding::today(&kit)), ..Evidence::default() };
    wang.on(Act::OffboardingSubmit { evidence: Box::new(evidence) }, letter.id, None);
    let back = kit.hand(letter.reviewer_name.as_deref().unwrap());
    back.on(Act::OffboardingReturn { why: "缺公章".into() }, letter.id, None);
    let done = DutyDone { note: Some("证明已寄出".into()), ..DutyDone::default() };
    chen.on(Act::OffboardingDuty { done }, offboarding::duty(&c, DutyKind::Certificate).id, None);

    let ask = match freezes::planned(&kit, 8) {
        Act::FreezeRequest { level, mode, at, plan_hash, confirm, except, .. } => {
            Act::FreezeRequest { level, mode, at, plan_hash, confirm, ticket: Some("工单 8812".into()), except }
        }
        other => panic!("{other:?}"),
    };
    let order = freezes::request(&kit, &chen, "10002", ask);
    chen.on(Act::FreezeNote { text: "等她交接完".into() }, order, None);
    let hash = freezes::card(&kit, order).row.order.plan_hash;
    lin.on(Act::FreezeApprove { hash }, order, None);
    // A file that nobody has published yet.
    let line = format!("event,number,kind,observed_at,note\nq9,10001,stress,{at},压力面谈\n");
    kit.stage("signals", &line, Preview::No).unwrap();
    let (one, two) = (kit.person("10001"), kit.person("10002"));
    Story { kit, sim, one, two, ids: [a.alert.id.0, plan, order.0, c.row.case.id.0] }
}

/// All that operators are told.
pub fn told(hand: &Hand, s: &Story) -> String {
    let mut text = String::new();
    for (person, order) in [(s.one, Uuid::nil()), (s.two, s.ids[2])] {
        for q in every_query(person, s.ids[0], s.ids[1], order) {
            let q = match q {
                Query::Offboarding { .. } => Query::Offboarding { id: CaseId(s.ids[3]) },
                Query::Evidence { id, slice, .. } => Query::Evidence { id, kind: SignalKind::PayGap, slice },
                // They tell of themselves, or of this moment.
                Query::Access { .. } | Query::AuditVerify | Query::Anchors | Query::Chain { chain: Chain::Access, .. } => continue,
                Query::FreezePlan { .. } | Query::ThawPlan { .. } | Query::TargetsCheck => continue,
                q => q,
            };
            if let Ok(reply) = hand.try_ask(q) {
                text.push_str(&serde_json::to_string(&reply.answer).unwrap());
                text.push('\n');
            }
        }
    }
    text
}

/// The program that dumps a server's database.
pub fn pg_dump() -> PathBuf {
    let found = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|d| d.path().join("bin/pg_dump"));
    found.filter(|p| p.exists()).max().unwrap_or_else(|| "pg_dump".into())
}

/// The same without the moments at which something was reckoned.
fn still(told: &str) -> String {
    let mut parts = told.split("2026-03-02T02:00:00");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |all, part| all + part.split_once('Z').unwrap().1)
}

/// Every field of every row, as the engine has it.
pub fn dump(kit: &Kit) -> Vec<u8> {
    dump_of(&kit.service, kit.url())
}

pub fn dump_of(service: &Service, url: Option<&str>) -> Vec<u8> {
    let mut out = Vec::new();
    for table in copy::tables() {
        let names = table.columns.iter().map(|(n, _)| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
        let read = service.db().read(|tx| {
            tx.each(&format!("select {names} from {}", table.name), &[], |r| {
                for (i, (_, kind)) in table.columns.iter().enumerate() {
                    match kind {
                        copy::Kind::Text => out.extend(r.get::<Option<String>>(i)?.unwrap_or_default().into_bytes()),
                        copy::Kind::Blob => out.extend(r.get::<Option<Vec<u8>>>(i)?.unwrap_or_default()),
                        copy::Kind::Int => out.extend(format!("{:?}", r.get::<Option<i64>>(i)?).into_bytes()),
                        copy::Kind::Real => out.extend(format!("{:?}", r.get::<Option<f64>>(i)?).into_bytes()),
                    }
                    out.push(b'\n');
                }
                Ok(())
            })
        });
        read.unwrap();
    }
    if let Some(url) = url {
        let made = Command::new(pg_dump()).args(["--dbname", url, "--inserts"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert!(made.stdout.len() > 10_000);
        out.extend(made.stdout);
    }
    out
}

/// Which words stand in a dump, in clear or as the digits that bytes are written in.
pub fn stand_in<'w>(dump: &[u8], words: &[&'w str]) -> Vec<&'w str> {
    let has = |needle: &[u8]| dump.windows(needle.len()).any(|w| w == needle);
    words.iter().filter(|w| has(w.as_bytes()) || has(hex::encode(w).as_bytes())).copied().collect()
}

fn nothing_sensitive_lies_in_a_dump(on: Engine) {
    let s = story(on);
    let seen = told(&s.kit.me(), &s);
    for word in SEALED.iter().filter(|w| !UNSEEN.contains(w)) {
        assert!(seen.contains(word), "{word} is nowhere to begin with");
    }
    let dump = dump(&s.kit);
    assert_eq!(stand_in(&dump, SEALED), [""; 0]);
    // The search finds what does lie there, and `doctor` says that it does.
    assert_eq!(stand_in(&dump, &["李研秋", "/集团/研发部", "u10002"]).len(), 3);
    s.kit.check();
}

/// Puts everything back as the release before the seal had it.
fn unsealed(kit: &Kit) {
    kit.write(|tx| {
        let plain = |tx: &mut store::Tx, table: &str, key: &str, person: &str, fields: &[&str]| -> Result<(), store::StoreError> {
            let all = fields.join(", ");
            let n = fields.len();
            let sql = format!("select {key}, {all}, {person}, (select y.sealed from person_keys y where y.person = {person}) from {table}");
            let rows = tx.all(&sql, &[], |r| {
                let open = r.of(n + 1, n + 2)?;
                let texts = (1..=n).map(|i| Ok(open.opt(r.get(i)?))).collect::<Result<Vec<Option<String>>, store::StoreError>>()?;
                Ok((r.get::<Vec<u8>>(0)?, texts))
            })?;
            for (id, texts) in rows {
                for (field, text) in fields.iter().zip(texts) {
                    tx.exec(&format!("update {table} set {field} = $2 where {key} = $1"), vals![id.clone(), text])?;
                }
            }
            Ok(())
        };
        plain(tx, "notes", "id", "notes.person", &["text"])?;
        plain(tx, "talks", "id", "talks.person", &["who", "needs", "next_step"])?;
        plain(tx, "approvals", "id", "approvals.person", &["act"])?;
        plain(tx, "handover_items", "id", "handover_items.person", &["why"])?;
        plain(tx, "handover_versions", "item", "handover_versions.person", &["body", "verdict"])?;
        plain(tx, "duties", "id", "duties.person", &["file_name", "note"])?;
        plain(tx, "freezes", "id", "freezes.person", &["body"])?;
        plain(
            tx,
            "freeze_steps",
            "key",
            "(select f.person from freezes f where f.id = freeze_steps.ord)",
            &["before", "error", "evidence"],
        )?;
        tx.exec("update plans set text = '晋升并调薪', cost_fen = 98765432", &[])?;
        tx.exec("update signals set value = 31337.25, baseline = 42424.75, note = '工资条注' where event = 'e1'", &[])?;
        tx.exec("update signals set value = 77133.5, note = '求职网站 51' where event = 'e2'", &[])?;
        tx.exec("update signals set note = '压力面谈' where event = 'e3'", &[])?;
        // Files had no parts.
        for (hash, bytes) in tx.all("select hash, bytes from blob_parts", &[], |r| Ok((r.get::<String>(0)?, r.home().bytes(r.get(1)?))))? {
            tx.exec("update blobs set bytes = $2 where hash = $1", vals![hash, bytes])?;
        }
        tx.exec("delete from blob_parts", &[])?;
        for (id, contact) in tx.all("select id, contact from customers", &[], |r| Ok((r.get::<Uuid>(0)?, r.home().opt(r.get(1)?))))? {
            tx.exec("update customers set contact = $2 where id = $1", vals![id, contact])?;
        }
        for (n, bytes) in tx.all("select n, bytes from import_chunks", &[], |r| Ok((r.get::<i64>(0)?, r.home().bytes(r.get(1)?))))? {
            tx.exec("update import_chunks set bytes = $2 where n = $1", vals![n, bytes])?;
        }
        for (key, answer) in tx.all("select key, answer from idempotency", &[], |r| Ok((r.get::<String>(0)?, r.home().text(r.get(1)?))))? {
            tx.exec("update idempotency set answer = $2 where key = $1", vals![key, answer])?;
        }
        let rows = store::import::quarantined(tx, None, 10)?;
        for k in rows {
            let why = serde_json::to_string(&k.row.row.why).unwrap();
            tx.exec("update quarantine set why = $2, raw = $3 where id = $1", vals![k.row.id, why, k.row.row.raw])?;
        }
        let spells = tx.all("select spell from current_scores", &[], |r| r.get(0))?;
        for spell in spells {
            if let Some(StoredScore { id, body, .. }) = store::score::current(tx, spell)? {
                tx.exec("update scores set body = $2 where id = $1", vals![id, body])?;
            }
        }
        tx.exec("drop index persons_erased", &[])?;
        tx.exec("delete from schema_version where version = 12", &[])?;
        Ok(())
    });
}

fn an_older_home_is_sealed(on: Engine) {
    let s = story(on);
    let before = told(&s.kit.me(), &s);
    unsealed(&s.kit);
    // What only the chain has was sealed there before.
    let older: Vec<&str> = SEALED.iter().filter(|w| **w != "已谈妥了").copied().collect();
    assert_eq!(stand_in(&dump(&s.kit), SEALED), older, "the home is not an older one");
    let service = s.kit.beside(vec![s.sim.shared()]);
    let lies = stand_in(&dump(&s.kit), SEALED);
    assert_eq!(lies, [""; 0]);
    assert_eq!(s.kit.count("select count(*) from meta where key = 'seal'"), 0);
    let after = told(&Kit::hand_in(&service, s.kit.me().name()), &s);
    assert_eq!(still(&after), still(&before), "what operators are told is what they were told");
    s.kit.check();
}

/// What is sealed and what is not is said by `doctor`, where the data lies on a server.
#[test]
fn doctor_says_what_rests_on_the_servers_disks() {
    for on in [Engine::Sqlite, Engine::Postgres] {
        let kit = Kit::company(on);
        let mut doctor = std::process::Command::new(env!("CARGO_BIN_EXE_tenure"));
        doctor.args(["doctor", "--json"]).env_clear().env("TENURE_HOME", kit.dir.path());
        if let Some(url) = kit.url() {
            doctor.env("TENURE_BACKEND", url);
        }
        let said = doctor.output().unwrap();
        let found: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        let told = found["findings"].as_array().unwrap().iter().any(|f| f["code"] == "doctor-server-disk" && f["ok"] == true);
        assert_eq!(told, on.is_server(), "{found:#}");
    }
}
