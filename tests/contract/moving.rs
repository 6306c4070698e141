//! A company moves from a file to a server and back: the same rows, the same answers, or nothing at all [NF-5].

use crate::{
    crash::Home,
    kit::{Engine, Kit, ROOMS},
    peer::{self, Way},
};
use jiff::{Timestamp, tz::TimeZone};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::Arc,
};
use tenure::{
    backend::{
        ActRequest, Answer, Backend, Failure, Filter, Query,
        query::{AlertView, CaseView, CustomerView, Slice},
    },
    demo::{self, Spec},
    domain::act::Act,
    service::{
        Options, Service,
        home::{database, id_maker},
        migrate::{Place, Report, migrate},
    },
    store::{Db, copy, migrate::is_empty, postgres::PgDb},
    vals,
};

fn now() -> Timestamp {
    "2026-03-02T02:00:00Z".parse().unwrap()
}

fn open(dir: &Path, server: Option<String>) -> Arc<Service> {
    let fixed = Some((Box::new(now) as Box<dyn Fn() -> Timestamp + Send + Sync>, id_maker(ChaCha8Rng::seed_from_u64(7))));
    Service::open(Options { create: false, server, fixed, ..Options::new(dir) }).unwrap()
}

/// What a console would show, past the access log, which grows with every look.
fn answers(service: &Arc<Service>) -> Vec<Answer> {
    let session = service.session(service.identify(None).unwrap());
    let ask = |query| ROOMS.block_on(session.query(query)).unwrap().answer;
    let slice = || Slice { after: None, limit: 500 };
    let filter = Filter::default;
    let alerts = ask(Query::Alerts { view: AlertView::All, filter: filter(), slice: slice() });
    let Answer::Alerts(rows) = &alerts else { panic!("{alerts:?}") };
    let (alert, id) = (rows.rows[0].alert.id, rows.rows[0].alert.person);
    let queries = [
        Query::Today,
        Query::People { filter: filter(), slice: slice() },
        Query::Plans { filter: filter(), slice: slice() },
        Query::Customers { view: CustomerView::All, owner: None, filter: filter(), slice: slice() },
        Query::Offboardings { view: CaseView::All, state: None, filter: filter(), slice: slice() },
        Query::Audit { filter: filter(), slice: slice() },
        Query::Kinds,
        Query::Operators,
        Query::Alert { id: alert },
        Query::Person { id },
        Query::Timeline { id, kinds: Vec::new(), slice: slice() },
        Query::Explain { id, as_of: None, model: None },
    ];
    let mut all: Vec<_> = queries.map(ask).into();
    all.push(alerts);
    all
}

fn code(moved: Result<Report, Failure>) -> String {
    moved.unwrap_err().what.code.into_owned()
}

/// Somebody works there: what is announced comes after all that was.
fn works(service: &Arc<Service>) {
    let session = service.session(service.identify(Some("li-hrm")).unwrap());
    let mark = ROOMS.block_on(session.watch(0)).unwrap().mark;
    let list = Query::Alerts { view: AlertView::All, filter: Filter::default(), slice: Slice { after: None, limit: 1 } };
    let Answer::Alerts(rows) = ROOMS.block_on(session.query(list)).unwrap().answer else { panic!() };
    let id = rows.rows[0].alert.id;
    ROOMS.block_on(session.act(ActRequest::one(Act::AlertNote { text: "after the move".into() }, id, None))).unwrap();
    let seen = ROOMS.block_on(session.watch(mark)).unwrap();
    assert!(seen.mark > mark && seen.changed.iter().any(|c| c.id == Some(id.0)));
}

#[test]
fn a_company_moves_to_a_server_and_back() {
    let (dir, back) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let spec = Spec { employees: 60, ..Spec::new(now(), TimeZone::get("Asia/Shanghai").unwrap()) };
    demo::home::build(dir.path(), &spec, false, |_| ()).unwrap();
    let file = open(dir.path(), None);
    // Whoever opens it first owns it, there and back.
    file.identify(None).unwrap();
    let url = peer::database(Way::Direct);

    let there = migrate(&file, &Place::Server(url.clone())).unwrap();
    let held: Vec<_> = file.db().read(|tx| copy::tables().iter().map(|t| t.tally(tx)).collect::<Result<Vec<_>, _>>()).unwrap();
    let said: Vec<_> = there.tables.iter().map(|t| (t.rows, t.digest.clone())).collect();
    assert_eq!(said, held.iter().map(|t| (t.rows, t.digest())).collect::<Vec<_>>());
    assert!(there.rows > 1_000 && there.acts > 10, "{there:?}");
    let server = open(dir.path(), Some(url.clone()));
    let home = back.path().join("home");
    let again = migrate(&server, &Place::Home(home.clone())).unwrap();
    assert_eq!(again.tables, there.tables, "the same rows went there and came back");
    assert_eq!((again.acts_head, again.reads_head), (there.acts_head, there.reads_head));

    let moved = open(&home, None);
    let before = answers(&file);
    assert_eq!(answers(&server), before);
    assert_eq!(answers(&moved), before);
    for place in [&server, &moved] {
        works(place);
    }
    let file_at = database(&home);
    let used = [Place::Server(url), Place::Home(home), Place::Home(dir.path().into())];
    let held = fs::read(&file_at).unwrap();
    for place in used {
        assert_eq!(code(migrate(&file, &place)), "migrate-used", "{place:?}");
    }
    assert!(fs::read(&file_at).unwrap() == held);
}

#[test]
fn what_ends_a_move_half_way_leaves_nothing() {
    let kit = Kit::company(Engine::Sqlite);
    // A text that the server does not take, in one of the last tables.
    kit.write(|tx| tx.exec("insert into target_links values ($1, 'a', $2, 'b', 1)", vals!["odd \0", uuid::Uuid::nil()]));
    let url = peer::database(Way::Direct);
    assert_eq!(code(migrate(&kit.service, &Place::Server(url.clone()))), "failed-internal");
    assert!(is_empty(&Db::Postgres(PgDb::open(&url, None, None, None).unwrap().into())).unwrap());
    // A process that was killed while it wrote a file.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("tenure.part"), "half a company").unwrap();
    assert!(Service::open(Options { create: false, ..Options::new(dir.path()) }).is_err());
    migrate(&kit.service, &Place::Home(dir.path().into())).unwrap();
    let left: Vec<_> =
        fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().file_name()).filter(|f| f.to_string_lossy().contains("part")).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(open(dir.path(), None).db().read(|tx| tx.count("select count(*) from target_links", &[])).unwrap() == 1);

    kit.write(|tx| tx.exec("delete from target_links", &[]));
    migrate(&kit.service, &Place::Server(url)).unwrap();
}

#[test]
fn a_broken_chain_is_not_carried_on() {
    let kit = Kit::company(Engine::Postgres);
    kit.tamper(|tx| tx.exec("update audit set act = 'alert.raise' where seq = 2", &[]).map(|_| ()));
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(code(migrate(&kit.service, &Place::Home(dir.path().into()))), "migrate-chain");
    assert!(!database(dir.path()).exists());
}

#[test]
fn every_table_is_moved() {
    let kit = Kit::new(Engine::Sqlite);
    let mut known: Vec<String> = copy::tables().iter().map(|t| t.name.to_owned()).collect();
    known.push("schema_version".into());
    known.sort();
    assert_eq!(known, kit.sql_texts("select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name"));
    for table in copy::tables() {
        let columns: Vec<_> = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(columns, kit.sql_texts(&format!("select name from pragma_table_info('{}') order by cid", table.name)), "{}", table.name);
    }
}

/// What an engine's own catalog says of columns, keys and indexes, in words that both have.
fn catalog(kit: &Kit, columns: &str, indexes: &str) -> Vec<String> {
    let plain = |line: String| {
        let line = line.to_lowercase().replace("::text", "").replace(['(', ')', '"'], "");
        [("bigint", "integer"), ("bytea", "blob"), ("double precision", "real")].iter().fold(line, |l, (from, to)| l.replace(from, to))
    };
    let mut all: Vec<String> = [columns, indexes].iter().flat_map(|sql| kit.sql_texts(sql)).map(plain).collect();
    all.sort();
    all
}

/// Not the texts of the migrations, which a unit test compares, but what each engine made of them.
#[test]
fn both_engines_hold_the_same_schema() {
    let file = catalog(
        &Kit::new(Engine::Sqlite),
        "select m.name || '.' || c.name || ' ' || c.type || case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end \
         from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and m.name not like 'sqlite%'",
        "select m.name || case when l.\"unique\" = 1 then ' one by ' else ' by ' end || (select group_concat(i.name, ', ') from \
         (select name from pragma_index_info(l.name) order by seqno) i) || coalesce(substr(x.sql, nullif(instr(x.sql, ' where '), 0)), '') \
         from sqlite_master m, pragma_index_list(m.name) l left join sqlite_master x on x.name = l.name where m.type = 'table' \
         and m.name not like 'sqlite%' union all \
         select m.name || ' one by ' || c.name from sqlite_master m, pragma_table_info(m.name) c where m.type = 'table' and c.pk = 1 \
         and m.name not like 'sqlite%' and not exists (select 1 from pragma_index_list(m.name) l where l.origin = 'pk')",
    );
    let server = catalog(
        &Kit::new(Engine::Postgres),
        "select table_name || '.' || column_name || ' ' || data_type || case is_nullable when 'NO' then ' not null' else '' end \
         from information_schema.columns where table_schema = 'public'",
        "select t.relname || case when x.indisunique then ' one by ' else ' by ' end || (select string_agg(pg_get_indexdef(x.indexrelid, n, \
         true), ', ' order by n) from generate_series(1, x.indnkeyatts) n) || coalesce(' where ' || pg_get_expr(x.indpred, x.indrelid), '') \
         from pg_index x join pg_class t on t.oid = x.indrelid join pg_namespace s on s.oid = t.relnamespace where s.nspname = 'public'",
    );
    assert!(file.len() > 300, "{file:#?}");
    assert_eq!(file, server);
}

/// What a company holds, table by table.
fn held(service: &Arc<Service>) -> Vec<(u64, String)> {
    let all = service.db().read(|tx| copy::tables().iter().map(|t| t.tally(tx)).collect::<Result<Vec<_>, _>>()).unwrap();
    all.iter().map(|t| (t.rows, t.digest())).collect()
}

/// Starts a move and kills it once so much was written, unless it ends by itself; whether it was killed.
fn killed(home: &Home, args: &[&str], written: impl Fn() -> u64, at: u64) -> bool {
    let mut child: Child = home.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while written() < at && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    running
}

/// How much of a move is done when it is killed, in hundredths.
const MOMENTS: [u64; 4] = [0, 30, 60, 95];

#[test]
fn a_move_that_is_killed_leaves_nothing_or_all_of_it() {
    let home = Home::new();
    home.ok(&["demo", "--employees", "150", "--as-of", "2026-03-02T09:00:00+08:00", "--no-console"]);
    let before = held(&home.look());
    let server = |url: &str| Db::Postgres(PgDb::open(url, None, None, None).unwrap().into());
    let count = |db: &Db, sql: &str| u64::try_from(db.read(|tx| tx.count(sql, &[])).unwrap()).unwrap();
    let size = |db: &Db| count(db, "select pg_database_size(current_database())");
    let whole = peer::database(peer::Way::Direct);
    let (empty, there) = (size(&server(&whole)), server(&whole));
    home.ok(&["migrate", "--to", &whole]);
    let grown = size(&there) - empty;

    let mut cut = 0;
    for moment in MOMENTS {
        let url = peer::database(peer::Way::Direct);
        let db = server(&url);
        let floor = size(&db);
        cut += u32::from(killed(&home, &["migrate", "--to", &url], || size(&db), floor + grown * moment / 100));
        let others = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
        while count(&db, others) > 0 {
            std::thread::yield_now();
        }
        // Not one row, or all of them: a rerun does it, or says that it was done.
        if is_empty(&db).unwrap() {
            home.ok(&["migrate", "--to", &url]);
        } else {
            assert_eq!(home.command(&["migrate", "--to", &url]).output().unwrap().status.code(), Some(3));
        }
        assert_eq!(held(&open(&home.dir(), Some(url))), before, "{moment}");
        assert_eq!(held(&home.look()), before, "what was left is what it was");
    }

    let size = |dir: &Path| -> u64 {
        let all = fs::read_dir(dir).into_iter().flatten().flatten().filter(|f| f.file_name().to_string_lossy().starts_with("tenure."));
        all.filter_map(|f| Some(f.metadata().ok()?.len())).sum()
    };
    let back: PathBuf = home.dir().with_file_name("back");
    let to = |dir: &Path| format!("sqlite:{}", dir.display());
    home.ok(&["--backend", &whole, "migrate", "--to", &to(&back)]);
    let grown = size(&back);
    for moment in MOMENTS {
        let dir = home.dir().with_file_name(format!("back-{moment}"));
        cut += u32::from(killed(&home, &["--backend", &whole, "migrate", "--to", &to(&dir)], || size(&dir), grown * moment / 100));
        if database(&dir).exists() {
            assert_eq!(home.command(&["--backend", &whole, "migrate", "--to", &to(&dir)]).output().unwrap().status.code(), Some(3));
        } else {
            // Half of it is not taken for a company.
            fs::create_dir_all(&dir).unwrap();
            assert!(Service::open(Options { create: false, ..Options::new(&dir) }).is_err());
            home.ok(&["--backend", &whole, "migrate", "--to", &to(&dir)]);
        }
        assert_eq!(held(&open(&dir, None)), before, "{moment}");
    }
    assert_eq!(held(&open(&home.dir(), Some(whole))), before);
    assert!(cut > 3, "killed too late each time: {cut}");
}
