//! Names of people lie in clear in no file: not in the home, not in backups, not in temporary files, also in the middle of an import.

use crate::{
    crash::{Home, files},
    files::people_file,
};
use std::{fs, io::Write, path::Path, process::Stdio};
use tenure::{
    demo::{self, Spec},
    domain::import::EmployeeRow,
};

/// A needle in the encodings that a file may have it in.
fn forms(name: &str) -> [Vec<u8>; 3] {
    let wide = |bytes: fn(u16) -> [u8; 2]| name.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    [name.as_bytes().to_vec(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)]
}

/// Which of the names stand in some file below a folder.
pub fn found_in(dir: &Path, names: &[impl AsRef<str>]) -> Vec<String> {
    let needles: Vec<(String, Vec<u8>)> = names.iter().flat_map(|n| forms(n.as_ref()).map(|f| (n.as_ref().to_owned(), f))).collect();
    // By their first two bytes, so that every byte of a file is looked at once.
    let mut by_start: Vec<Vec<usize>> = vec![Vec::new(); 1 << 16];
    for (i, (_, n)) in needles.iter().enumerate() {
        by_start[usize::from(n[0]) << 8 | usize::from(n[1])].push(i);
    }
    let mut found = Vec::new();
    for file in files(dir) {
        // A journal may go away while we look.
        let Ok(bytes) = fs::read(&file) else { continue };
        for (at, pair) in bytes.windows(2).enumerate() {
            for i in &by_start[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
                if bytes[at..].starts_with(&needles[*i].1) {
                    found.push(format!("{} in {}", needles[*i].0, file.display()));
                }
            }
        }
    }
    found
}

#[test]
fn the_search_finds_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let wide: Vec<u8> = "x 欧阳明远".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::create_dir(dir.path().join("in")).unwrap();
    fs::write(dir.path().join("in/a"), "name: 欧阳明远\n").unwrap();
    fs::write(dir.path().join("b"), wide).unwrap();
    assert_eq!(found_in(dir.path(), &["欧阳明远", "诸葛长风"]).len(), 2);
}

/// Fifty names of three characters or more: two in UTF-16 are four bytes, which random bytes hit now and then.
fn fifty(people: &[EmployeeRow]) -> Vec<String> {
    let mut names: Vec<String> = people.iter().map(|p| p.name.clone()).filter(|n| n.chars().count() >= 3).collect();
    names.sort();
    names.dedup();
    names.truncate(50);
    assert_eq!(names.len(), 50);
    names
}

fn nowhere(home: &Home, names: &[String], when: &str) {
    for place in [home.dir(), home.tmp()] {
        assert_eq!(found_in(&place, names), [""; 0], "{when}");
    }
}

#[test]
fn no_name_of_the_sample_company_is_in_a_file() {
    let home = Home::new();
    home.ok(&["demo", "--employees", "200", "--as-of", "2026-03-02T09:00:00+08:00", "--no-console"]);
    let as_of = "2026-03-02T01:00:00Z".parse().unwrap();
    let spec = Spec { employees: 200, ..Spec::new(as_of, tenure::service::Config::default().time_zone()) };
    let people: Vec<_> = demo::employees(&spec).collect();
    let names = fifty(&people);
    let told = home.ok(&["employee", "list", "--json", "--limit", "500"]);
    assert!(names.iter().filter(|n| told.contains(n.as_str())).count() > 25, "these are not the names of this company");
    nowhere(&home, &names, "after the sample company was made");

    // Acts and reads about them, a backup, and a backup put back.
    let first = serde_json::from_str::<serde_json::Value>(&home.ok(&["alert", "list", "--json"])).unwrap();
    let (id, name) = (first[0]["id"].as_str().unwrap().to_owned(), first[0]["employee"]["name"].as_str().unwrap().to_owned());
    home.ok(&["alert", "note", &id, "--text", &format!("与{name}约在周二，{} 在场", names[0])]);
    home.ok(&["alert", "report", &id]);
    let copy = home.dir().join("copy.db");
    home.ok(&["backup", copy.to_str().unwrap()]);
    nowhere(&home, &names, "with a backup");
    home.ok(&["restore", copy.to_str().unwrap()]);
    home.ok(&["worker", "--once"]);
    nowhere(&home, &names, "after a restore");
}

#[test]
fn no_name_is_in_a_file_in_the_middle_of_an_import() {
    let home = Home::new();
    home.ok(&["operator", "add", "chen", "--role", "hrbp", "--org", "/"]);
    let as_of = "2026-03-02T01:00:00Z".parse().unwrap();
    // More than are staged in one transaction.
    let spec = Spec { employees: 12_000, seed: 3, ..Spec::new(as_of, tenure::service::Config::default().time_zone()) };
    let people: Vec<_> = demo::employees(&spec).collect();
    let text = people_file(&people);
    // Names that no other test's files hold; all of them are in the first half.
    let names = fifty(&people[..5_000]);
    let service = home.look();
    let mut child = home
        .command(&["import", "employees", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let half = text.len() * 3 / 4;
    input.write_all(&text.as_bytes()[..half]).unwrap();
    let staged = || service.db().read(|tx| tx.count("select count(*) from import_chunks", &[])).unwrap();
    while staged() == 0 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it had read its file");
        std::thread::yield_now();
    }
    nowhere(&home, &names, "while the file is being read");
    input.write_all(&text.as_bytes()[half..]).unwrap();
    drop(input);
    let done = || service.db().read(|tx| tx.count("select coalesce(max(done), 0) from imports", &[])).unwrap();
    while done() == 0 && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    nowhere(&home, &names, "while it is being loaded");
    let told = child.wait_with_output().unwrap();
    assert!(told.status.success(), "{told:?}");
    nowhere(&home, &names, "afterwards");
    assert_eq!(service.db().read(tenure::store::import::count_live).unwrap(), people.iter().filter(|p| p.state.is_live()).count() as i64);
}
