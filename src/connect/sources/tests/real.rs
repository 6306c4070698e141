//! Public tables, read whole. They lie in `$TENURE_DATA`.

use super::{super::mapping, *};
use std::{collections::HashMap, fs::File, path::PathBuf};

/// The table's path, or `None` where the data is not there; that is a failure where `CI=true`.
fn table(name: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("TENURE_DATA").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if path.is_file() {
        return Some(path);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is not in $TENURE_DATA");
    println!("NOT RUN: {name} is not in $TENURE_DATA");
    None
}

fn read_table(name: &str, kind: ImportKind) -> Option<Vec<Result<ImportRow, BadRow>>> {
    let path = table(&format!("{name}.csv"))?;
    let map = mapping(name).unwrap();
    let mut reader =
        open(kind, Some(&map), name, &Moment { now: jiff::Timestamp::now(), ..moment() }, Box::new(File::open(&path).unwrap())).unwrap();
    let rows = reader.by_ref().collect();
    assert_eq!(reader.finish().unwrap().bytes, path.metadata().unwrap().len());
    Some(rows)
}

#[test]
fn ibm_attrition() {
    let Some(both) = read_table("ibm-attrition", ImportKind::Employees) else { return };
    assert_eq!(codes(&both), []);
    assert_eq!(both.len(), 1470 + 1470 + 1470 + (1470 - 581));
    let people: Vec<_> = both.into_iter().filter(|r| matches!(r, Ok(ImportRow::Employee(_)))).collect();
    assert_eq!(people.len(), 1470);
    assert_eq!(people.iter().filter(|r| !employee(r).state.is_live()).count(), 237);
    assert_eq!(people.iter().filter(|r| employee(r).critical.is_some()).count(), 326 + 83 + 37 + 292 + 80 + 259 + 54);
    let Some(signals) = read_table("ibm-attrition", ImportKind::Signals) else { return };
    assert_eq!(codes(&signals), []);
    assert_eq!(signals.len(), 1470 + 1470 + (1470 - 581));
}

#[test]
fn mfg_10_years() {
    let Some(rows) = read_table("mfg-10-years", ImportKind::Employees) else { return };
    assert_eq!(codes(&rows), []);
    assert_eq!(rows.len(), 49_653);
    let mut latest: HashMap<&str, &EmployeeRow> = HashMap::new();
    for e in rows.iter().map(employee) {
        let known = latest.entry(&e.person).or_insert(e);
        if known.stated_on <= e.stated_on {
            *known = e;
        }
    }
    assert_eq!(latest.len(), 6284);
    assert_eq!(latest.values().filter(|e| e.last_day.is_some()).count(), 1485);
    assert_eq!(latest.values().filter(|e| !e.state.is_live()).count(), 1485);
}
