//! Servers that hang, die, and come back as what they no longer are: every act is done once, or reported and settled by its key.

use crate::kit::{
    PATIENCE,
    cluster::{
        Cluster,
        Node::{Primary, Standby},
    },
    company::Company,
    desk::Desk,
    wire::Wire,
};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};
use tenure::{
    backend::{
        ActReply, Failure, FailureKind, Query,
        query::{AlertView, Slice},
    },
    store::StoreError,
};

fn list() -> Query {
    Query::Alerts { view: AlertView::All, filter: Default::default(), slice: Slice { after: None, limit: 50 } }
}

/// It ended because we stopped waiting, and for no other reason.
fn waited<T: std::fmt::Debug>(answer: Result<T, Failure>) -> FailureKind {
    let failure = answer.unwrap_err();
    assert!(format!("{:?}", failure.what).contains("no answer within"), "{failure:?}");
    failure.kind
}

#[test]
fn a_primary_that_hangs_is_given_up_and_its_act_settled_by_the_key() {
    let cluster = Cluster::start(&[]);
    let url = format!("{}?connect_timeout=2", cluster.url(Primary, cluster.database("hung")));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desk = Desk::open(&company, &url);
    // Connections lie idle; a hung server must not cost one deadline each.
    thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(|| desk.query(list()).unwrap()))));
    cluster.hang(Primary);
    thread::scope(|scope| {
        let asked = scope.spawn(|| waited(desk.query(list())));
        // The link of a console is lost sooner than what is under way is given up.
        let told = desk.try_watch(0).unwrap_err();
        assert_eq!((told.kind, told.what.args["detail"].as_str()), (FailureKind::Unreachable, "no answer within 5 s"));
        assert!(!asked.is_finished(), "the query was given up first");
        assert_eq!(waited(desk.note(&alert, "once")), FailureKind::Unreachable);
        assert_eq!(asked.join().unwrap(), FailureKind::Unreachable);
    });
    cluster.go_on(Primary);
    assert!(desk.note(&alert, "once").unwrap().entry.is_some());
    assert_eq!(company.notes(&alert), ["once"]);
    company.sound();
}

#[test]
fn a_commit_that_nobody_confirms_is_unknown_and_settled_by_the_key() {
    let cluster = Cluster::start(&["standby"]);
    let url = cluster.url(Primary, cluster.database("unconfirmed"));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desk = Desk::open(&company, &url);
    // The primary has it and waits for the standby. To say that it is done would be a lie.
    cluster.hang(Standby);
    assert_eq!(waited(desk.note(&alert, "once")), FailureKind::Unknown);
    cluster.go_on(Standby);
    let settled = again(|| desk.note(&alert, "once"));
    assert!(settled.entry.is_some());
    assert_eq!(company.notes(&alert), ["once"]);
    company.sound();
}

#[test]
fn who_is_cut_off_in_the_middle_of_an_act_stops_nobody_else() {
    let cluster = Cluster::start(&[]);
    let name = cluster.database("cut_off");
    let url = cluster.url(Primary, name);
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let wire = Wire::before(&format!("127.0.0.1:{}", cluster.word("port")));
    let cut = Desk::open(&company, &url.replacen(cluster.word("port"), &wire.port().to_string(), 1));
    let desk = Desk::open(&company, &url);
    thread::scope(|scope| {
        let (has, told) = mpsc::channel();
        let (held, go) = mpsc::channel::<()>();
        let (cut, wire) = (&cut, &wire);
        let first = scope.spawn(move || {
            cut.service.db().write(|tx| {
                // What every act begins with.
                tx.lock()?;
                has.send(()).unwrap();
                go.recv().unwrap();
                tx.count("select 1", &[])
            })
        });
        told.recv().unwrap();
        let second = scope.spawn(|| cut.note(&alert, "cut off while it waited"));
        let waits = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'";
        while desk.service.db().read(|tx| tx.count(waits, &[])).unwrap() == 0 {}
        wire.hold();
        held.send(()).unwrap();
        // It gets its turn after both, though neither the server nor anybody else was told.
        assert!(desk.note(&alert, "while the others are away").unwrap().entry.is_some());
        assert!(matches!(first.join().unwrap(), Err(StoreError::Unreachable(_))));
        assert_eq!(second.join().unwrap().unwrap_err().kind, FailureKind::Unreachable);
    });
    wire.go_on();
    assert!(cut.note(&alert, "back again").unwrap().entry.is_some());
    assert_eq!(company.notes(&alert), ["back again", "while the others are away"]);
    company.sound();
}

/// Does it until it is known to be done, as a person would.
fn again(mut f: impl FnMut() -> Result<ActReply, Failure>) -> ActReply {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match f() {
            Ok(reply) => return reply,
            Err(e) if matches!(e.kind, FailureKind::Unreachable | FailureKind::Unknown) => {
                assert!(Instant::now() < deadline, "never came back: {e:?}");
            }
            Err(e) => panic!("{e:?}"),
        }
    }
}

#[test]
fn fail_over_does_every_act_once_and_an_old_primary_is_not_written_to() {
    const DESKS: usize = 2;
    const HANDS: usize = 3;
    // A card shows the last 200.
    const NOTES: usize = 30;
    let cluster = Cluster::start(&["standby"]);
    let name = cluster.database("company");
    let url = cluster.either(name);
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desks: Vec<Desk> = (0..DESKS).map(|_| Desk::open(&company, &url)).collect();
    let (done, repeated) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut wanted = Vec::new();
    thread::scope(|scope| {
        for (d, desk) in desks.iter().enumerate() {
            for h in 0..HANDS {
                let keys: Vec<String> = (0..NOTES).map(|n| format!("{d}-{h}-{n:02}")).collect();
                wanted.extend(keys.clone());
                let (alert, done, repeated) = (&alert, &done, &repeated);
                scope.spawn(move || {
                    for key in keys {
                        let mut tries = 0;
                        again(|| {
                            tries += 1;
                            desk.note(alert, &key)
                        });
                        repeated.fetch_add(usize::from(tries > 1), Ordering::SeqCst);
                        done.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        }
        let deadline = Instant::now() + PATIENCE;
        while done.load(Ordering::SeqCst) < DESKS * HANDS * NOTES / 4 {
            assert!(Instant::now() < deadline, "nothing goes on");
            thread::yield_now();
        }
        cluster.kill(Primary);
        cluster.promote();
    });
    println!("{} of {} said again", repeated.load(Ordering::SeqCst), wanted.len());
    assert!(repeated.load(Ordering::SeqCst) > 0, "the primary died unseen");
    wanted.sort();
    assert_eq!(company.notes(&alert), wanted);
    company.sound();

    // The old one wakes up and says that it takes writes.
    cluster.again(Primary);
    let old = cluster.url(Primary, name);
    let stale = Desk::open(&company, &old);
    let refused = stale.note(&alert, "to the old one").unwrap_err();
    assert_eq!((refused.kind, refused.what.code.as_ref()), (FailureKind::Refused, "store-behind"));
    assert_eq!(company.refused_at(3, &old, &["alert", "note", &alert, "--text", "x", "--as", "lin"]), "store-behind");
    // What is read there is not passed off as what is: not by the door, not by the link of a console, not by a command.
    let lacks = stale.query(list()).unwrap().behind;
    assert!(lacks.is_some_and(|seq| seq > 0), "{lacks:?}");
    assert_eq!(stale.try_watch(0).unwrap_err().what.code, "store-behind");
    let said = company.at(&old, &["job", "list", "--json", "--as", "lin"]);
    let warned: serde_json::Value = serde_json::from_slice(&said.stderr).unwrap();
    assert_eq!(warned["warning"]["code"], "store-behind-read", "{warned}");
    assert!(said.status.success() && serde_json::from_slice::<serde_json::Value>(&said.stdout).is_ok());
    // Who reads about people is written down, and that is not possible there.
    assert_eq!(company.refused_at(3, &old, &["alert", "list", "--as", "lin"]), "store-behind");
    assert_eq!(desks[0].query(list()).unwrap().behind, None);
    // Whoever knows both finds the one that has it all, though the old one is asked first.
    company.ok(&["alert", "note", &alert, "--text", "to whom it belongs", "--as", "lin"]);
    desks[0].note(&alert, "from a desk").unwrap();
    wanted.extend(["to whom it belongs".into(), "from a desk".into()]);
    wanted.sort();
    assert_eq!(company.notes(&alert), wanted);
    company.sound();
}

#[test]
fn a_standby_that_lacks_acts_is_not_written_to() {
    let cluster = Cluster::start(&["lagging"]);
    let url = cluster.either(cluster.database("company"));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desk = Desk::open(&company, &url);
    desk.note(&alert, "both have it").unwrap();
    cluster.end(Standby);
    desk.note(&alert, "one has it").unwrap();
    cluster.kill(Primary);
    cluster.again(Standby);
    cluster.promote();
    let refused = desk.note(&alert, "too late").unwrap_err();
    assert_eq!((refused.kind, refused.what.code.as_ref()), (FailureKind::Refused, "store-behind"));
    // So is a process that never saw the other one: the home remembers.
    assert_eq!(company.refused(3, &["alert", "note", &alert, "--text", "x", "--as", "lin"]), "store-behind");
}

#[test]
fn a_hung_primary_does_not_hide_the_one_that_took_over() {
    let cluster = Cluster::start(&["standby"]);
    let url = cluster.either(cluster.database("company"));
    let company = Company::on(&url, 0);
    let alert = company.alarm("20001");
    let desk = Desk::open(&company, &url);
    cluster.hang(Primary);
    cluster.promote();
    again(|| desk.note(&alert, "before")).entry.unwrap();
    company.ok(&["alert", "note", &alert, "--text", "and a new process", "--as", "lin"]);
    // Awake, both say that they take writes.
    cluster.go_on(Primary);
    desk.note(&alert, "between").unwrap();
    let old = cluster.url(Primary, "company");
    assert_eq!(company.refused_at(3, &old, &["alert", "note", &alert, "--text", "x", "--as", "lin"]), "store-behind");
    company.sound();
    assert_eq!(company.notes(&alert), ["and a new process", "before", "between"]);
}
