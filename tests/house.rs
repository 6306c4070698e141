//! The house stays a house: arrows between rooms only go down (DESIGN.md, "The house"), files stay readable, nothing is left half done.
//!
//! Read from the sources as rustfmt leaves them; code under `#[cfg(test)]` may look wherever it likes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Every room and the rooms that it may import. `main.rs` and what lies in `main/` wire everything and are no room.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("risk", &["domain"]),
    ("text", &["domain"]),
    ("store", &["domain"]),
    ("connect", &["domain", "text"]),
    ("backend", &["domain", "text"]),
    // The local backend: it implements the door.
    ("service", &["backend", "store", "risk", "connect", "domain"]),
    ("worker", &["service", "store", "risk", "connect", "domain", "text"]),
    ("http", &["backend", "domain", "text"]),
    ("console", &["backend", "domain", "text"]),
    ("cli", &["backend", "domain", "text"]),
    // Fills a home from the inside, as if months had passed.
    ("demo", &["service", "store", "risk", "connect", "backend", "domain", "text"]),
];

/// Rooms where decisions and figures are pure, and what they may therefore not touch.
const PURE: &[&str] = &["domain", "risk"];
const IMPURE: &[&str] = &[
    "Timestamp::now",
    "Zoned::now",
    "SystemTime",
    "Instant::now",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "Uuid::now",
    "rand::",
];

/// About 500, with some room to breathe.
const MOST_LINES: usize = 600;

struct File {
    /// Path below `src`.
    path: PathBuf,
    text: String,
}

impl File {
    /// First folder, or the name of a file that is a whole room.
    fn room(&self) -> String {
        let first = self.path.components().next().unwrap().as_os_str().to_string_lossy();
        first.trim_end_matches(".rs").to_owned()
    }

    /// Modules between the crate's root and the code of this file.
    fn depth(&self) -> usize {
        self.path.components().count() - usize::from(self.path.ends_with("mod.rs"))
    }
}

/// The sources of the library without what only tests compile.
fn sources() -> Vec<File> {
    let mut files = all();
    files.retain(|f| !f.path.ends_with("lib.rs") && !f.path.ends_with("main.rs") && !f.path.starts_with("main"));
    files
}

/// The same with what parses the command line and wires the rooms.
fn all() -> Vec<File> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut dirs = vec![src.clone()];
    let mut tests = BTreeSet::new();
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let (text, modules) = without_tests(&fs::read_to_string(&path).unwrap());
                let home = if path.ends_with("mod.rs") || path.ends_with("lib.rs") { dir.clone() } else { path.with_extension("") };
                for m in modules {
                    tests.insert(home.join(&m));
                    tests.insert(home.join(m).with_extension("rs"));
                }
                files.push(File { path, text });
            }
        }
    }
    files.retain(|f| !f.path.ancestors().any(|a| tests.contains(a)));
    for f in &mut files {
        f.path = f.path.strip_prefix(&src).unwrap().to_owned();
    }
    assert!(files.len() > 20, "the sources are not where they were");
    files
}

/// The text without comments and `#[cfg(test)]` items, and the names of test modules in files of their own. Lines stay where they are.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let mut out = String::new();
    let mut modules = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        if line.trim_start().starts_with("#[cfg(test)]") {
            out.push('\n');
            for line in lines.by_ref() {
                out.push('\n');
                if let Some(name) = line.trim().strip_prefix("mod ").and_then(|l| l.strip_suffix(';')) {
                    modules.push(name.to_owned());
                }
                // An item ends at its own indentation: on its one line, or with the brace that rustfmt puts there.
                let own = line.starts_with(&indent) && !line[indent.len()..].starts_with([' ', '#']);
                if own && line.ends_with([';', '}', ',']) {
                    break;
                }
            }
        } else if !line.trim_start().starts_with("//") {
            out.push_str(line);
            out.push('\n');
        } else {
            out.push('\n');
        }
    }
    (out, modules)
}

/// Rooms that a text names by `crate::`, with the line of each.
fn imports(text: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        if text[..at].ends_with(|c: char| c == '$' || c == '_' || c.is_alphanumeric()) {
            continue;
        }
        let line = 1 + text[..at].matches('\n').count();
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut word = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    c if depth == 1 && (c.is_alphanumeric() || c == '_' || c == ':') => word.push(c),
                    _ => {}
                }
                if depth == 0 || (depth == 1 && c == ',') {
                    let first = word.split("::").next().unwrap_or_default().to_owned();
                    if !first.is_empty() {
                        out.push((first, line));
                    }
                    word.clear();
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            out.push((rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect(), line));
        }
    }
    out
}

/// Macros that live at the crate's root, with the rooms that define them.
fn macros(files: &[File]) -> Vec<(String, String)> {
    let defined = |f: &File| {
        let parts: Vec<_> =
            f.text.split("#[macro_export]\nmacro_rules! ").skip(1).map(|t| t.split([' ', '{']).next().unwrap().to_owned()).collect();
        parts.into_iter().map(|name| (name, f.room())).collect::<Vec<_>>()
    };
    files.iter().flat_map(defined).collect()
}

/// Lines where a chain of `super::` is long enough to leave the room.
fn escapes(text: &str, depth: usize) -> Vec<usize> {
    let chain = "super::".repeat(depth);
    text.lines().enumerate().filter(|(_, l)| l.contains(&chain)).map(|(n, _)| n + 1).collect()
}

fn report(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn arrows_go_down() {
    let mut wrong = Vec::new();
    let files = sources();
    let macros = macros(&files);
    for f in &files {
        let room = f.room();
        let Some((_, allowed)) = ARROWS.iter().find(|(r, _)| *r == room) else {
            wrong.push(format!("src/{}: {room} is not a room of the house", f.path.display()));
            continue;
        };
        for (to, line) in imports(&f.text) {
            let to = macros.iter().find(|(name, _)| *name == to).map_or(to.as_str(), |(_, home)| home);
            if to != room && !allowed.contains(&to) {
                wrong.push(format!("src/{}:{line}: {room} must not import {to}", f.path.display()));
            }
        }
        for line in escapes(&f.text, f.depth()) {
            wrong.push(format!("src/{}:{line}: write `crate::` to leave a room", f.path.display()));
        }
    }
    report(wrong);
}

#[test]
fn decisions_know_no_clock_no_chance_and_no_machine() {
    let mut wrong = Vec::new();
    for f in sources().iter().filter(|f| PURE.contains(&f.room().as_str())) {
        for (n, line) in f.text.lines().enumerate() {
            for what in IMPURE.iter().filter(|w| line.contains(**w)) {
                wrong.push(format!("src/{}:{}: {what} in a pure room", f.path.display(), n + 1));
            }
        }
    }
    report(wrong);
}

#[test]
fn files_stay_readable_and_finished() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for f in all() {
        let lines = fs::read_to_string(src.join(&f.path)).unwrap().lines().count();
        if lines > MOST_LINES {
            wrong.push(format!("src/{}: {lines} lines are two files", f.path.display()));
        }
        for (n, line) in f.text.lines().enumerate() {
            for what in ["todo!", "unimplemented!", "unreachable!"].iter().filter(|w| line.contains(**w)) {
                wrong.push(format!("src/{}:{}: {what}", f.path.display(), n + 1));
            }
        }
    }
    report(wrong);
}

#[test]
fn this_reader_reads() {
    let (text, modules) = without_tests(
        "use crate::{\n    domain::{act::Act, ids},\n    risk,\n};\n// crate::store\n#[cfg(test)]\nmod far;\n#[cfg(test)]\nmod tests {\n    use crate::cli;\n}\nfn f() {\n    crate::text::g(\"\");\n    $crate::no();\n}\n",
    );
    assert_eq!(modules, ["far"]);
    let found = imports(&text);
    let names: Vec<_> = found.iter().map(|(r, l)| (r.as_str(), *l)).collect();
    assert_eq!(names, [("domain", 1), ("risk", 1), ("text", 13)]);
    assert_eq!(escapes("use super::a;\nuse super::super::b;\n", 2), [2]);
    let file = |p: &str| File { path: p.into(), text: String::new() };
    assert_eq!((file("console/mod.rs").depth(), file("console/view/alert.rs").depth()), (1, 3));
    assert_eq!(file("text.rs").room(), "text");
}
