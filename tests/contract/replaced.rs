//! A database file that is moved or replaced while somebody has it open.

use crate::kit::{Engine, Kit};
use std::fs;
use tenure::{
    backend::{ActRequest, Query},
    domain::{act::Act, operator::Role},
    service::backup,
};

/// What is acknowledged is in the file that the next one opens, or it is not acknowledged.
#[test]
fn a_replaced_file_takes_no_acts() {
    let kit = Kit::company(Engine::Sqlite);
    let (db, aside, copy) = (kit.dir.path().join("tenure.db"), kit.dir.path().join("aside.db"), kit.dir.path().join("copy.db"));
    backup::backup(&kit.service, &copy).unwrap();
    let me = kit.me();
    let add = |name: &str| {
        let act = Act::OperatorAdd { name: name.into(), role: Role::Hrbp, person: None, org: None };
        me.send(ActRequest { act, targets: Vec::new(), key: None, reason: None, written: None }).map_err(|e| e.what.code.into_owned())
    };
    let look = || me.try_ask(Query::Today).map(|_| ()).map_err(|e| e.what.code.into_owned());
    let moved = Err("store-moved".to_owned());

    fs::rename(&db, &aside).unwrap();
    assert_eq!((add("late").map(|_| ()), look()), (moved.clone(), moved.clone()));
    // Back where it was it is the same file, in which nothing has happened.
    fs::rename(&aside, &db).unwrap();
    assert!(add("late").is_ok());
    assert_eq!(look(), Ok(()));

    backup::restore(kit.dir.path(), &copy).unwrap();
    assert_eq!((add("later").map(|_| ()), look()), (moved.clone(), moved));
    // Whoever starts again has the company of the backup, whole.
    let again = kit.again(false);
    let names = again.db().read(|tx| tx.all("select name from operators order by name", &[], |r| r.get::<String>(0))).unwrap();
    assert!(names.contains(&"chen".to_owned()) && !names.iter().any(|n| n.starts_with("late")), "{names:?}");
    assert!(ask!(Kit::hand_in(&again, "chen"), Query::AuditVerify => Verified).ok);
}
