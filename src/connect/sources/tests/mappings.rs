use super::{
    super::{NAMES, mapping, shipped},
    *,
};
use crate::domain::{person::SpellState, signal::SignalKind};
use jiff::civil::date;

fn wrong(text: &str) -> (String, String) {
    let why = Mapping::parse(text).unwrap_err();
    (why.code.to_string(), why.args.get("line").cloned().unwrap_or_default())
}

const EXIT: &str = "[exit]\nnumber = \"n\"\nexit = { const = \"resigned\" }\n";

#[test]
fn the_shipped_mappings_are_good() {
    for name in NAMES {
        if let Err(why) = Mapping::parse(shipped(name).unwrap()) {
            panic!("{name}: {why:?}");
        }
    }
    assert!(mapping("other").is_none());
    assert_eq!(mapping("ibm-attrition").unwrap().kinds().collect::<Vec<_>>(), [ImportKind::Employees, ImportKind::Signals]);
    assert_eq!(mapping("mfg-10-years").unwrap().source(), "mfg-10-years");
}

#[test]
fn mistakes_are_named_with_their_line() {
    let with = |line: &str| wrong(&format!("{EXIT}{line}"));
    assert_eq!(with("last_day = \"d\"\nsurprise = 1\n"), ("map-syntax".into(), "5".into()));
    assert_eq!(with("last_day = { column = \"d\", fromat = \"x\" }\n"), ("map-syntax".into(), "4".into()));
    assert_eq!(wrong("[exit]\nnumber = 1\n").0, "map-syntax");
    assert_eq!(with("last_day = { column = \"d\", const = \"2020-01-01\" }\n"), ("map-one-source".into(), "4".into()));
    assert_eq!(with("last_day = { formats = [\"%Y-%m-%d\"] }\n"), ("map-one-source".into(), "4".into()));
    assert_eq!(with("last_day = { const = \"soon\" }\n"), ("map-value".into(), "4".into()));
    assert_eq!(with("last_day = { column = \"d\", map = { x = \"soon\" } }\n"), ("map-value".into(), "4".into()));
    assert_eq!(with("last_day = { column = \"d\", default = \"soon\" }\n"), ("map-value".into(), "4".into()));
    assert_eq!(with("last_day = { column = \"d\", scale = 2.0 }\n"), ("map-scale-unfit".into(), "4".into()));
    assert_eq!(with("last_day = { column = \"d\", formats = [\"%m/%d\"] }\n"), ("map-format".into(), "4".into()));
    assert_eq!(with("last_day = { column = \"d\", formats = [\"%Q\"] }\n"), ("map-format".into(), "4".into()));
    assert_eq!(with("last_day = { template = \"2020\" }\n"), ("map-template".into(), "4".into()));
    assert_eq!(with("last_day = { template = \"{a\" }\n"), ("map-template".into(), "4".into()));
    assert_eq!(with("last_day = { template = \"a}{b}\" }\n"), ("map-template".into(), "4".into()));
    assert_eq!(with("last_day = \"d\"\nwhen = { column = \"x\" }\n"), ("map-when".into(), "5".into()));
    assert_eq!(
        wrong("[exit]\nnumber = { column = \"n\", formats = [\"%Y-%m-%d\"] }\nlast_day = \"d\"\nexit = \"e\"\n").0,
        "map-formats-unfit"
    );
    assert_eq!(wrong("[exit]\nnumber = \"n\"\nlast_day = \"d\"\nexit = { const = \"gone\" }\n"), ("map-value".into(), "4".into()));
    assert_eq!(wrong("source = \"x\""), ("map-empty".into(), String::new()));
    assert_eq!(wrong(&format!("encoding = \"latin-1\"\n{EXIT}last_day = \"d\"")).0, "map-encoding");
    assert_eq!(wrong(&format!("delimiter = \"||\"\n{EXIT}last_day = \"d\"")).0, "map-delimiter");
    assert_eq!(wrong(&format!("source = \"\\u202e\"\n{EXIT}last_day = \"d\"")).0, "map-source");
    let only_exits = Mapping::parse(&format!("{EXIT}last_day = \"d\"")).unwrap();
    assert_eq!(read(ImportKind::Signals, Some(&only_exits), "n,d\n").map(|_| ()).unwrap_err().code, "map-no-section");
}

#[test]
fn formats_that_read_one_text_as_two_dates_clash() {
    let formats = |list: &str| Mapping::parse(&format!("{EXIT}last_day = {{ column = \"d\", formats = [{list}] }}")).map(|_| ());
    for clash in
        ["\"%m/%d/%Y\", \"%d/%m/%Y\"", "\"%Y-%m-%d\", \"%Y-%d-%m\"", "\"%y.%m.%d\", \"%d.%m.%y\"", "\"%Y%m%d\", \"%d%m%Y\", \"%m%d%Y\""]
    {
        assert_eq!(formats(clash).unwrap_err().code, "map-format-clash", "{clash}");
    }
    for fine in ["\"%m/%d/%Y\", \"%m/%d/%Y %H:%M\", \"%d.%m.%Y\", \"%Y-%m-%d\"", "\"%d %b %Y\", \"%Y-%m-%dT%H:%M:%S%z\""] {
        assert_eq!(formats(fine), Ok(()), "{fine}");
    }
}

#[test]
fn fields_of_every_sort() {
    let map = Mapping::parse(
        r#"
source = "crm"
delimiter = ";"
[[signal]]
when = { column = "Type", is = ["A", "B"] }
event = { template = "{Id}-{Type}" }
number = "Staff"
kind = { column = "Type", map = { A = "late", B = "请假" } }
observed_at = { column = "Day", formats = ["%d.%m.%Y", "%m/%d/%Y %H:%M"] }
value = { column = "V", scale = 0.01, none = ["-"], default = "5" }
[[signal]]
when = { column = "Type", not = "" }
event = { template = "{Id}-s" }
number = "Staff"
kind = { const = "stress" }
observed_at = { column = "Day", formats = ["%d.%m.%Y", "%m/%d/%Y %H:%M"] }
note = { column = "Mood", map = { ":)" = "good", "*" = "" } }
"#,
    )
    .unwrap();
    let text = "Id;Type;Staff;Day;V;Mood\n1;A;9;31.12.2025;50;:)\n2;B;9;1/2/2026 0:00;-;:|\n3;C;9;1/2/2026 23:59;;:)\n4;A;9;2026-01-01;x;\n5;;9;x;;\n";
    let read = read(ImportKind::Signals, Some(&map), text).unwrap();
    let got: Vec<_> = read.rows.iter().filter_map(|r| if let Ok(ImportRow::Signal(s)) = r { Some(s) } else { None }).collect();
    let events: Vec<&str> = got.iter().map(|s| s.event.as_str()).collect();
    assert_eq!(events, ["1-A", "1-s", "2-B", "2-s", "3-s"]);
    assert_eq!((got[0].value, got[2].value, got[2].kind), (Some(0.5), None, SignalKind::Leave));
    assert_eq!((got[1].note.as_deref(), got[3].note.as_deref(), got[1].kind), (Some("good"), None, SignalKind::Stress));
    assert_eq!(
        (got[0].observed_at.to_string().as_str(), got[4].observed_at.to_string().as_str()),
        ("2025-12-30T16:00:00Z", "2026-01-02T15:59:00Z")
    );
    // Both signals of row 4 are wrong in the same way: said once.
    assert_eq!(codes(&read.rows), [(4, "row-date".to_owned())]);
    assert_eq!(read.done.rows, 5);

    let map =
        Mapping::parse(&shipped("standard").unwrap().replace("kind = \"kind\"", "kind = { column = \"kind\", map = { x = \"late\" } }"))
            .unwrap();
    let rows =
        super::read(ImportKind::Signals, Some(&map), "event,number,kind,observed_at\n1,1,x,2026-01-01\n2,1,y,2026-01-01\n").unwrap().rows;
    assert_eq!(codes(&rows), [(2, "row-unmapped".to_owned())]);
}

#[test]
fn blank_cells_take_the_default_and_a_missing_placeholder_is_blank() {
    let map = Mapping::parse(&format!("{EXIT}last_day = {{ template = \"{{Y}}-01-31\", default = \"2020-02-03\" }}")).unwrap();
    let rows = read(ImportKind::Exits, Some(&map), "n,Y\n1,2021\n2,\n").unwrap().rows;
    assert_eq!((exit(&rows[0]).last_day, exit(&rows[1]).last_day), (date(2021, 1, 31), date(2020, 2, 3)));
}

#[test]
fn the_two_tables_map_as_their_comments_say() {
    let ibm = "EmployeeNumber,Department,JobRole,JobLevel,Attrition,YearsAtCompany,PerformanceRating,JobSatisfaction,YearsSinceLastPromotion\n\
               4,Sales,Manager,5,Yes,0,3,2,0\n5,Human Resources,Manager,1,No,40,4,4,15\n";
    let map = mapping("ibm-attrition").unwrap();
    // A row is a person and their signals: both come, person first.
    let both = read(ImportKind::Employees, Some(&map), ibm).unwrap().rows;
    assert_eq!(both.len(), 2 + 5);
    let people: Vec<_> = both.into_iter().filter(|r| matches!(r, Ok(ImportRow::Employee(_)))).collect();
    let e = employee(&people[0]);
    assert_eq!(
        (e.name.as_str(), e.org.as_str(), e.state, e.last_day),
        ("IBM-4", "/IBM/Sales", SpellState::Departed, Some(date(2025, 12, 31)))
    );
    assert_eq!((employee(&people[1]).critical, employee(&people[1]).started), (None, date(1985, 1, 1)));
    let signals = read(ImportKind::Signals, Some(&map), ibm).unwrap().rows;
    let kinds: Vec<_> = signals.iter().map(|s| (signal(s).kind, signal(s).value)).collect();
    use SignalKind::{PerfScore, PromotionStall, Satisfaction};
    let expected = [(PerfScore, 75.0), (Satisfaction, 2.0), (PerfScore, 100.0), (Satisfaction, 4.0), (PromotionStall, 15.0)];
    assert_eq!(kinds, expected.map(|(k, v)| (k, Some(v))));
}
