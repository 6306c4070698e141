use super::{
    super::{clean, clean::is_forbidden, csv::Csv, decode, map_raw, row::Cells, row::Step},
    *,
};
use crate::domain::import::Origin;
use proptest::prelude::*;
use strum::IntoEnumIterator;

/// What our splitter makes of bytes; `None` stands for a row that it refuses.
fn ours(bytes: &[u8], size: usize, longest: usize) -> Vec<Option<Vec<String>>> {
    let source = Box::new(Pieces { bytes: bytes.to_vec(), at: 0, size });
    let mut w = decode::Window::new(decode::Bytes::new(source, decode::Encoding::Utf8));
    let csv = Csv::new(b',', longest);
    let mut cells = Cells::default();
    let mut out = Vec::new();
    while let Some(step) = csv.next(&mut w, &mut cells).unwrap() {
        out.push(match step {
            Step::Row => Some(cells.spans.iter().map(|s| cells.text[s.from..s.to].to_owned()).collect()),
            Step::Broken { .. } => None,
        });
    }
    out
}

fn theirs(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn table() -> impl Strategy<Value = String> {
    "([a张 ]|,|\"|\"\"|\n|\r\n|\r){0,60}"
}

/// Rows of a standard file, as cells.
fn lines() -> impl Strategy<Value = Vec<[String; 5]>> {
    let cell =
        || prop_oneof!["[a-z0-9张伟,\" \n]{0,8}", "\\PC{0,6}", any::<String>().prop_map(|s| s.chars().filter(|c| *c != '\0').collect())];
    let day = prop_oneof![Just("2026-01-01".to_owned()), "20[0-9]{2}-[01][0-9]-[0-3][0-9]", Just("x".to_owned())];
    let kind = prop_oneof![Just("late".to_owned()), Just("绩效".to_owned()), Just("?".to_owned())];
    let value = prop_oneof![any::<i32>().prop_map(|v| v.to_string()), Just("1.25".to_owned()), Just(String::new())];
    proptest::collection::vec((cell(), cell(), kind, day, value).prop_map(|(a, b, c, d, e)| [a, b, c, d, e]), 0..8)
}

const COLUMNS: [&str; 5] = ["event", "number", "kind", "observed_at", "value"];

fn as_csv(lines: &[[String; 5]]) -> Vec<u8> {
    let mut w = ::csv::Writer::from_writer(Vec::new());
    w.write_record(COLUMNS).unwrap();
    for l in lines {
        w.write_record(l).unwrap();
    }
    w.into_inner().unwrap()
}

fn as_json(lines: &[[String; 5]]) -> String {
    let object = |l: &[String; 5]| {
        let map: serde_json::Map<String, serde_json::Value> =
            COLUMNS.iter().zip(l).map(|(c, v)| ((*c).to_owned(), v.clone().into())).collect();
        serde_json::Value::Object(map).to_string()
    };
    lines.iter().map(|l| object(l) + "\n").collect()
}

/// Rows without what differs between two files: the raw text of refused ones.
fn bare(rows: Vec<Result<ImportRow, BadRow>>) -> Vec<Result<ImportRow, (Option<String>, Sentence)>> {
    rows.into_iter().map(|r| r.map_err(|b| (b.column, b.why))).collect()
}

fn texts(row: &ImportRow) -> String {
    // Debug output escapes what we look for, JSON of clean text does not.
    match row {
        ImportRow::Employee(e) => [&e.person, &e.number, &e.name, &e.org, &e.post]
            .into_iter()
            .chain(&e.sort_name)
            .chain(&e.manager)
            .chain(&e.email)
            .cloned()
            .collect(),
        ImportRow::Signal(s) => [&s.event, &s.number].into_iter().chain(&s.note).cloned().collect(),
        ImportRow::Exit(e) => e.number.clone(),
        ImportRow::Customer(c) => [&c.number, &c.name].into_iter().chain(&c.contact).cloned().collect(),
        ImportRow::Order(o) => [o.number.as_str(), &o.customer].concat(),
        ImportRow::Receivable(r) => [r.number.as_str(), &r.customer].concat(),
    }
}

proptest! {
    #[test]
    fn the_splitter_agrees_with_the_csv_crate(text in table(), size in 1_usize..40) {
        let (ours, theirs) = (ours(text.as_bytes(), size, usize::MAX), theirs(text.as_bytes()));
        // The crate takes an unclosed quote's row as it is; we refuse it. It is always the last.
        prop_assert_eq!(ours.len(), theirs.len());
        for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
            match a {
                Some(a) => prop_assert_eq!(a, b),
                None => prop_assert_eq!(i + 1, theirs.len()),
            }
        }
    }

    #[test]
    fn long_rows_are_passed_over_and_no_other(text in table(), size in 1_usize..40, longest in 1_usize..20) {
        let (limited, all) = (ours(text.as_bytes(), size, longest), ours(text.as_bytes(), usize::MAX, usize::MAX));
        prop_assert_eq!(limited.len(), all.len());
        for (a, b) in limited.iter().zip(&all) {
            prop_assert!(a.is_none() || a == b);
        }
        prop_assert_eq!(limited, ours(text.as_bytes(), 1, longest));
    }

    #[test]
    fn csv_and_ndjson_of_the_same_rows_are_equal(lines in lines(), size in 1_usize..64) {
        let lines: Vec<_> = lines.into_iter().filter(|l| l.iter().any(|c| !c.trim().is_empty())).collect();
        let csv = read(ImportKind::Signals, None, as_csv(&lines)).unwrap();
        let split = read_in(ImportKind::Signals, None, &as_csv(&lines), size).unwrap();
        prop_assert_eq!(&csv.rows, &split.rows);
        prop_assert_eq!(csv.done, split.done);
        if !lines.is_empty() {
            let json = read(ImportKind::Signals, None, as_json(&lines)).unwrap();
            prop_assert_eq!(bare(csv.rows), bare(json.rows));
        }
    }

    #[test]
    fn nothing_forbidden_comes_through(lines in lines()) {
        for row in read(ImportKind::Signals, None, as_csv(&lines)).unwrap().rows {
            match row {
                Ok(row) => prop_assert!(!texts(&row).contains(is_forbidden)),
                Err(bad) => {
                    prop_assert!(!bad.raw.contains(is_forbidden) && !bad.why.args.values().any(|v| v.contains(is_forbidden)));
                    // What was refused is refused again, whichever way it was kept.
                    let again = map_raw(ImportKind::Signals, None, &bad.origin, &moment(), &bad.raw);
                    prop_assert!(again.iter().any(Result::is_err));
                }
            }
        }
    }

    #[test]
    fn names_come_through_clean(name in any::<String>(), post in "\\PC{0,30}") {
        let name: String = name.chars().filter(|c| *c != '\0').collect();
        let mut w = ::csv::Writer::from_writer(Vec::new());
        w.write_record(["number", "name", "org", "post", "started"]).unwrap();
        w.write_record(["1", &name, "/a", &post, "2020-01-01"]).unwrap();
        for row in read(ImportKind::Employees, None, w.into_inner().unwrap()).unwrap().rows.iter().flatten() {
            prop_assert!(!texts(row).contains(is_forbidden));
            if let ImportRow::Employee(e) = row {
                let sort = e.sort_name.as_deref().unwrap_or_default();
                prop_assert!(!sort.is_empty() && sort.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b' '), "{sort:?}");
            }
        }
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
        let once = clean::clean(&text);
        prop_assert_eq!(clean::clean(&once), once);
    }

    #[test]
    fn garbage_never_panics(
        bytes in proptest::collection::vec(any::<u8>(), 0..400),
        head in prop_oneof![Just(""), Just("event,number,kind,observed_at\n"), Just("{"), Just("\u{feff}"), Just("{\"event\":1}\n")],
        size in 1_usize..200,
    ) {
        let bytes = [head.as_bytes(), &bytes].concat();
        for kind in ImportKind::iter() {
            let whole = read(kind, None, &bytes).map(|r| (r.rows, r.done));
            let split = read_in(kind, None, &bytes, size).map(|r| (r.rows, r.done));
            prop_assert_eq!(whole, split);
            let raw = String::from_utf8_lossy(&bytes);
            map_raw(kind, None, &Origin::default(), &moment(), &raw);
        }
    }

    #[test]
    fn mapping_files_never_panic(
        text in any::<String>(),
        (key, value) in (
            prop_oneof![Just("number"), Just("exit"), Just("last_day"), Just("when"), Just("kind")],
            prop_oneof![
                "\"\\PC{0,8}\"",
                "\\{ (column|const|template|default) = \"[a-z{}%0-9-]{0,10}\" \\}",
                "\\{ column = \"a\", formats = \\[\"(%[a-zA-Z]|[ /.-]){0,6}\", \"%[YmdyHMS]{1,3}\"\\] \\}",
                "\\{ column = \"a\", (is|not|map|none|scale) = (1|\"a\"|\\[\"a\"\\]|\\{ a = \"b\" \\}|nan) \\}",
            ],
        ),
    ) {
        let _ = Mapping::parse(&text);
        let _ = Mapping::parse(&format!("[exit]\nnumber = \"n\"\n{key} = {value}\nlast_day = \"d\"\nexit = \"e\"\n"));
        let _ = Mapping::parse(&format!("[exit]\n{key} = {value}\n"));
        for (field, rest) in [("number", "last_day = \"d\"\nexit = \"e\""), ("last_day", "number = \"n\"\nexit = \"e\""), ("exit", "number = \"n\"\nlast_day = \"d\"")] {
            if let Ok(map) = Mapping::parse(&format!("[exit]\n{field} = {value}\n{rest}\n")) {
                let _ = read(ImportKind::Exits, Some(&map), format!("n,d,e,a,b\n1,2020-01-01,resigned,{text},x\n"));
            }
        }
    }
}
