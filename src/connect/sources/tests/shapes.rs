use super::{super::map_raw, *};
use crate::domain::{
    person::{CriticalPost, ExitKind, Impact, SpellState},
    signal::SignalKind,
};
use ImportKind::{Employees, Exits, Signals};
use jiff::civil::date;

const PEOPLE: &str = "number,name,org,post,started";
const SIGNALS: &str = "event,number,kind,observed_at,value";

fn people(lines: &str) -> Vec<Result<ImportRow, BadRow>> {
    rows(Employees, format!("{PEOPLE}\n{lines}"))
}

fn signals(lines: &str) -> Vec<Result<ImportRow, BadRow>> {
    rows(Signals, format!("{SIGNALS}\n{lines}"))
}

#[test]
fn every_column_of_an_employee_is_read() {
    let text = "person,number,name,sort_name,org,post,critical,impact,manager,state,started,last_day,exit,stated_on\n\
                P1,E1,张伟,zhang wei,/集团/华东,工程师,研发,高,E0,已离职,2020-01-02,2024/3/4,主动辞职,2024-04-01\n\
                ,E2,李娜,,集团/ 华南 /,sales rep,Sales,low,,Active,20210506,,,\n";
    let all = rows(Employees, text);
    let e = employee(&all[0]);
    assert_eq!((e.person.as_str(), e.number.as_str(), e.name.as_str(), e.sort_name.as_deref()), ("P1", "E1", "张伟", Some("zhang wei")));
    assert_eq!((e.org.as_str(), e.critical, e.impact), ("/集团/华东", Some(CriticalPost::Research), Some(Impact::High)));
    assert_eq!((e.state, e.exit, e.manager.as_deref()), (SpellState::Departed, Some(ExitKind::Resigned), Some("E0")));
    assert_eq!((e.started, e.last_day, e.stated_on), (date(2020, 1, 2), Some(date(2024, 3, 4)), date(2024, 4, 1)));
    let e = employee(&all[1]);
    assert_eq!((e.person.as_str(), e.sort_name.as_deref(), e.org.as_str()), ("E2", Some("li na"), "/集团/华南"));
    assert_eq!((e.state, e.started, e.last_day, e.stated_on), (SpellState::Active, date(2021, 5, 6), None, date(2026, 6, 30)));
}

#[test]
fn a_state_that_is_not_given_follows_from_the_dates() {
    let text = "number,name,org,post,started,last_day\n1,a,o,p,2020-01-01,\n2,a,o,p,2020-01-01,2026-06-30\n3,a,o,p,2020-01-01,2026-07-01\n\
                4,a,o,p,2026-07-01,\n5,a,o,p,2020-01-01,9999-12-31\n";
    let states: Vec<_> = rows(Employees, text).iter().map(|r| employee(r).state).collect();
    use SpellState::{Active, Departed, Notice, PreHire};
    assert_eq!(states, [Active, Departed, Notice, PreHire, Active]);
}

#[test]
fn contradictory_employees_are_refused() {
    let head = "number,name,org,post,started,last_day,state,stated_on\n";
    let text = "1,a,o,p,2020-01-01,2019-12-31,,\n2,a,o,p,2020-01-01,,departed,\n3,a,o,p,2020-01-01,2021-01-01,active,\n\
                4,a,o,p,2020-01-01,2021-01-01,notice,2020-12-01\n5,a,o,p,2020-01-01,,,2026-07-01\n6,a,o,p,1020-01-01,,,\n7,,o,p,2020-01-01,,,\n\
                8,a,o,p,2020-01-01,,wandering,\n";
    let all = rows(Employees, format!("{head}{text}"));
    let expected = [
        (1, "row-last-day-before-start"),
        (2, "row-departed-without-last-day"),
        (3, "row-live-after-last-day"),
        (5, "row-future"),
        (6, "row-date-range"),
        (7, "row-missing"),
        (8, "row-word"),
    ];
    assert_eq!(codes(&all), expected.map(|(n, c)| (n, c.to_owned())));
    let missing = all[6].as_ref().unwrap_err();
    assert_eq!((missing.column.as_deref(), missing.why.args["field"].as_str()), (Some("name"), "name"));
}

#[test]
fn signals_and_their_clocks() {
    let text = "event,number,kind,observed_at,known_at,value,baseline,note\n\
                e1,1,late,2026-06-01,2026-05-01,3,,\n\
                e2,1,薪酬差距,2026-06-01T08:30:00+08:00,2026-06-02T00:00:00Z,12%,1e4,\"said \"\"hm\"\"\"\n\
                e3,1,leave,2026-06-30T12:04:00,,,,\n\
                e4,1,leave,2026-06-30 12:06,,,,\n\
                e5,1,leave,2026-06-01,,nan,,\n\
                e6,1,leave,2026-06-01,,1e999,,\n\
                e7,1,leave,30.06.2026,,1,,\n";
    let all = rows(Signals, text);
    let s = signal(&all[0]);
    assert_eq!((s.kind, s.observed_at.to_string()), (SignalKind::Late, "2026-05-31T16:00:00Z".to_owned()));
    assert_eq!((s.known_at, s.value, s.baseline, s.note.as_deref()), (s.observed_at, Some(3.0), None, None));
    let s = signal(&all[1]);
    assert_eq!((s.kind, s.observed_at.to_string()), (SignalKind::PayGap, "2026-06-01T00:30:00Z".to_owned()));
    assert_eq!((s.known_at.to_string(), s.value, s.baseline), ("2026-06-02T00:00:00Z".to_owned(), Some(0.12), Some(1e4)));
    assert_eq!(s.note.as_deref(), Some("said \"hm\""));
    assert!(all[2].is_ok(), "within the skew");
    let late = all[3].as_ref().unwrap_err();
    assert_eq!((late.why.code.as_ref(), late.column.as_deref()), ("row-future", Some("observed_at")));
    assert_eq!(codes(&all[4..6]), [(5, "row-number".to_owned()), (6, "row-number".to_owned())]);
    let shape = all[6].as_ref().unwrap_err();
    assert_eq!((shape.why.code.as_ref(), shape.why.args["shape"].as_str()), ("row-date", "99.99.9999"));
}

#[test]
fn exits_are_read() {
    let all = rows(Exits, "number,last_day,exit\nE1,2026年6月3日,退休\nE2,,resigned\n");
    assert_eq!(*exit(&all[0]), ExitRow { number: "E1".into(), last_day: date(2026, 6, 3), exit: ExitKind::Retired });
    assert_eq!(codes(&all), [(2, "row-missing".to_owned())]);
}

#[test]
fn quotes_line_ends_and_spaces() {
    let text = "\u{feff} number , name ,org,post,started \r\n\r\n 1 ,\" 张\n伟 \",o,\"a,b\"\"c\", 2020-01-01 \r2,李,o,p,2020-01-01";
    let all = rows(Employees, text);
    assert_eq!(all.len(), 2);
    let e = employee(&all[0]);
    assert_eq!((e.number.as_str(), e.name.as_str(), e.post.as_str()), ("1", "张 伟", "a,b\"c"));
}

#[test]
fn ragged_and_blank_rows() {
    let all = people("1,a,o,p,2020-01-01\n2,a,o\n,,,,\n3,a,o,p,2020-01-01,x\n4,a,o,p,2020-01-01\n");
    assert_eq!(codes(&all), [(2, "row-ragged".to_owned()), (4, "row-ragged".to_owned())]);
    assert_eq!(all.iter().filter(|r| r.is_ok()).count(), 2);
    let bad = all[1].as_ref().unwrap_err();
    assert_eq!((bad.why.args["found"].as_str(), bad.why.args["wanted"].as_str(), bad.raw.as_str()), ("3", "5", "{\"_line\":\"2,a,o\\n\"}"));
}

#[test]
fn a_lost_quote_costs_one_row_and_says_so() {
    let all = people("1,a,o,p,2020-01-01\n2,\"a,o,p,2020-01-01\n3,a,o,p,2020-01-01\n");
    assert_eq!(codes(&all), [(2, "row-quote-open".to_owned())]);
    assert!(all[0].is_ok());
    let long = format!("1,\"{}\n{}", "x".repeat(1024 * 1024), "2,a,o,p,2020-01-01\n".repeat(100_000));
    assert_eq!(codes(&people(&long)), [(1, "row-quote-open".to_owned())]);
}

#[test]
fn a_row_over_a_mebibyte_is_refused_whole() {
    // What looks like a row inside a long quoted cell stays inside it.
    let long = format!("1,\"{}\n9,evil,o,p,2020-01-01\n\",o,p,2020-01-01\n2,a,o,p,2020-01-01\n", "x\n".repeat(700_000));
    for size in [usize::MAX, 4096] {
        let all = read_in(Employees, None, format!("{PEOPLE}\n{long}").as_bytes(), size).unwrap().rows;
        assert_eq!(codes(&all), [(1, "row-long".to_owned())]);
        assert_eq!(employee(&all[1]).number, "2");
        assert!(all[0].as_ref().unwrap_err().raw.len() < 10_000);
    }
    let json = format!(
        "{{\"a\":\"{}\"}}\n{{\"number\":2,\"name\":\"a\",\"org\":\"o\",\"post\":\"p\",\"started\":\"2020-01-01\"}}",
        "x".repeat(1 << 21)
    );
    let all = rows(Employees, json);
    assert_eq!(codes(&all), [(1, "row-long".to_owned())]);
    assert_eq!(employee(&all[1]).number, "2");
}

#[test]
fn gb18030_is_found_and_can_be_named() {
    let text =
        format!("{PEOPLE}\n{}1,张伟𠮷,集团,工程师,2020-01-01\n2,李娜,集团,销售,2020-01-01\n", "0,ascii,o,p,2020-01-01\n".repeat(30_000));
    let (gb, _, _) = encoding_rs::GB18030.encode(&text);
    let named = Mapping::parse(&format!("encoding = \"gb18030\"\n{}", super::super::shipped("standard").unwrap())).unwrap();
    for map in [None, Some(&named)] {
        for size in [usize::MAX, 1, 4097] {
            let all = read_in(Employees, map, &gb, size).unwrap().rows;
            assert_eq!(all.len(), 30_002);
            assert_eq!(employee(&all[30_000]).name, "张伟𠮷");
            assert_eq!(employee(&all[30_001]).post, "销售");
        }
    }
    let marked = [&[0x84, 0x31, 0x95, 0x33][..], &gb].concat();
    assert_eq!(employee(&rows(Employees, marked)[30_000]).name, "张伟𠮷");
}

#[test]
fn bytes_that_are_no_text_cost_their_row() {
    let mut bytes = format!("{PEOPLE}\n1,张伟,o,p,2020-01-01\n2,").into_bytes();
    bytes.extend([0xe5, 0xbc, 0x2c]);
    bytes.extend("o,p,2020-01-01\n3,李娜张三李四,o,p,2020-01-01\n".bytes());
    let all = rows(Employees, &bytes);
    assert_eq!(codes(&all), [(2, "row-not-text".to_owned())], "damaged UTF-8 is not taken for GB18030");
    assert_eq!(employee(&all[2]).name, "李娜张三李四");
    let (gb, _, _) = encoding_rs::GB18030.encode("1,张伟张伟,o,p,2020-01-01\n2,x");
    let gb = [PEOPLE.as_bytes(), b"\n", &gb, &[0xff], b",o,p,2020-01-01\n3,a,o,p,2020-01-01"].concat();
    let all = rows(Employees, gb);
    assert_eq!(codes(&all), [(2, "row-not-text".to_owned())]);
    assert_eq!(all.len(), 3);
}

#[test]
fn nul_bytes_and_utf16() {
    assert_eq!(codes(&people("1,a\0b,o,p,2020-01-01\n2,a,o,p,2020-01-01\n")), [(1, "row-nul".to_owned())]);
    let utf16: Vec<u8> = PEOPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(Employees, [&[0xff, 0xfe][..], &utf16].concat()).code, "file-utf16");
    assert_eq!(refused(Employees, [&[0xfe, 0xff][..], b"\0n"].concat()).code, "file-utf16");
    assert_eq!(refused(Employees, utf16).code, "file-utf16", "also without a mark");
    let json = "{\"number\":\"1\\u0000\",\"name\":\"a\",\"org\":\"o\",\"post\":\"p\",\"started\":\"2020-01-01\"}";
    assert_eq!(codes(&rows(Employees, json)), [(1, "row-nul".to_owned())]);
}

#[test]
fn files_that_cannot_be_read_at_all() {
    for empty in ["", "\u{feff}", "\n \r\n"] {
        assert_eq!(refused(Signals, empty).code, "file-empty", "{empty:?}");
    }
    assert_eq!(refused(Signals, " [\n {\"event\":1}]").code, "file-json-array");
    assert_eq!(refused(Signals, "event,number,kind,observed_at,kind\n").code, "file-column-twice");
    assert_eq!(refused(Signals, "\"event,number").code, "file-header");
    let why = refused(Signals, "event, Number ,kind,\u{1b}[31mwhen\n");
    assert_eq!(why.code, "file-columns-missing");
    assert_eq!(why.args["missing"], "number, observed_at");
    assert_eq!(
        (why.args["found"].as_str(), why.args["wanted"].as_str()),
        ("event, Number, kind, [31mwhen", "event, number, kind, observed_at")
    );
    assert!(rows(Signals, SIGNALS).is_empty());
}

#[test]
fn a_stream_that_breaks_off_is_an_error_at_the_end() {
    struct Broken(bool);
    impl Read for Broken {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            let text = format!("{SIGNALS}\n{}", "e,1,late,2026-01-01,1\n".repeat(20_000));
            let n = text.len().min(buf.len());
            buf[..n].copy_from_slice(&text.as_bytes()[..n]);
            Ok(n)
        }
    }
    // The first chunk is asked for whole, so the break is met at once; nothing of it counts as read to the end.
    let reader = open(Signals, None, "f", &moment(), Box::new(Broken(false)));
    assert_eq!(reader.map(|_| ()).unwrap_err().code, "file-read");
}

#[test]
fn json_lines() {
    let text = "{\"event\":\"e1\",\"number\":7,\"kind\":\"late\",\"observed_at\":\"2026-01-01\",\"value\":1.5,\"x\":[1,{}]}\n\n\
                {\"observed_at\":\"2026-01-01\",\"value\":null,\"kind\":\"late\",\" number \":\"7\",\"event\":true}\r\n\
                {\"event\":[1],\"number\":7,\"kind\":\"late\",\"observed_at\":\"2026-01-01\"}\n\
                {\"event\":1,\"event\":2,\"number\":7,\"kind\":\"late\",\"observed_at\":\"2026-01-01\"}\n\
                {\"event\":123456789012345678901234,\"number\":7,\"kind\":\"late\",\"observed_at\":\"2026-01-01\"}\n\
                {\"event\": secret}\n[1]\n\"x\"\n{} x\n{\"event\":1}";
    let all = rows(Signals, text);
    assert_eq!((signal(&all[0]).number.as_str(), signal(&all[0]).value), ("7", Some(1.5)));
    assert_eq!((signal(&all[1]).event.as_str(), signal(&all[1]).value), ("true", None));
    let expected = ["row-nested", "row-json-twice", "row-inexact", "row-json", "row-json", "row-json", "row-json", "row-missing"];
    assert_eq!(codes(&all).into_iter().map(|(_, c)| c).collect::<Vec<_>>(), expected);
    assert!(!format!("{:?}", all[5].as_ref().unwrap_err().why).contains("secret"));
}

#[test]
fn controls_bidi_and_decomposed_letters() {
    let all = people("1,\"\u{1b}[31m王\u{202e}\u{7f}\u{85}e\u{301}\t\n\u{2066}x\u{9b}\",\u{200f}o,p,2020-01-01\n");
    assert_eq!((employee(&all[0]).name.as_str(), employee(&all[0]).org.as_str()), ("[31m王 é  x", "/o"));
}

#[test]
fn long_and_empty_names() {
    let just = "张".repeat(200);
    let all = people(&format!("1,{just},o,p,2020-01-01\n2,{just}张,o,p,2020-01-01\n3,\u{200e}\u{1b},o,p,2020-01-01\n"));
    assert_eq!(employee(&all[0]).name, just);
    assert_eq!(codes(&all), [(2, "row-too-long".to_owned()), (3, "row-missing".to_owned())]);
    assert_eq!(all[1].as_ref().unwrap_err().why.args["most"], "200");
}

#[test]
fn kept_rows_can_be_mapped_again() {
    let all = signals("e1,1,late,2026-07-09,1\ne2,1\ne3,\u{202e}1,tardy,2026-06-01,1\n");
    let bad: Vec<&BadRow> = all.iter().filter_map(|r| r.as_ref().err()).collect();
    let later = Moment { now: "2026-07-10T00:00:00Z".parse().unwrap(), ..moment() };
    let again = |b: &BadRow| map_raw(Signals, None, &b.origin, &later, &b.raw);
    assert_eq!(signal(&again(bad[0])[0]).event, "e1");
    assert_eq!(codes(&again(bad[1])), [(2, "row-unsplit".to_owned())]);
    assert_eq!(again(bad[2]).iter().filter_map(|r| r.as_ref().err()).collect::<Vec<_>>(), [bad[2]]);
    assert!(!bad[2].raw.contains('\u{202e}'));
    assert_eq!(codes(&map_raw(Signals, None, &bad[0].origin, &later, "garbage")), [(1, "row-json".to_owned())]);
}

#[test]
fn progress_and_hash_are_of_the_bytes_of_the_file() {
    let text = format!("\u{feff}{SIGNALS}\ne1,1,late,2026-01-01,1\n");
    let mut reader = open(Signals, None, "f", &moment(), Box::new(io::Cursor::new(text.clone().into_bytes()))).unwrap();
    assert_eq!((reader.bytes(), reader.rows(), reader.source()), (text.len() as u64, 0, "file"));
    assert!(reader.next().is_some());
    assert_eq!(reader.rows(), 1);
    use sha2::{Digest, Sha256};
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    assert_eq!(reader.finish().unwrap(), Finished { hash, bytes: text.len() as u64, rows: 1 });
}

#[test]
fn a_million_rows_pass_through_a_small_window() {
    let line = "e-1,E000001,late,2026-01-01T08:30:00Z,1.5\n";
    let n = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };
    let mut reader = open(Signals, None, "f", &moment(), repeated(&format!("{SIGNALS}\n"), line, n)).unwrap();
    let (mut good, mut widest) = (0, 0);
    while let Some(row) = reader.next() {
        good += usize::from(row.is_ok());
        widest = widest.max(reader.held());
    }
    assert_eq!((good, reader.bytes()), (n, (SIGNALS.len() + 1 + n * line.len()) as u64));
    assert!(widest < 2 * 1024 * 1024, "{widest} bytes held");
}
