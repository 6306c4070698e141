//! What an operator does, by keys alone, and what the company's data says afterwards.

use crate::harness::{Console, Home, is_restored};
use jiff::{Timestamp, tz::TimeZone};
use std::fs;
use termlens::{Color, Signal};

/// The queue of alerts, in Chinese, with its rows.
fn queue(home: &Home, args: &[&str], vars: &[(&str, &str)]) -> Console {
    let mut console = home.console("zh-CN", args, vars);
    console.sees("示例数据").press("g a").sees("[预警]");
    console.until("a row has the cursor", |screen| screen.text().lines().any(|row| row.starts_with("> ")));
    console
}

#[test]
fn start_and_quit() {
    let home = Home::sample();
    let mut console = home.console("en", &[], &[]);
    console.sees("Today").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn asked_to_end() {
    for signal in [Signal::Term, Signal::Hup] {
        let home = Home::sample();
        let mut console = queue(&home, &[], &[]);
        console.0.signal(signal).unwrap();
        console.ends();
    }
}

#[test]
fn a_storm_of_sizes() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let before = console.screen();
    for step in 0..40u16 {
        console.0.resize(2 + step * 37 % 298, 2 + step * 23 % 98).unwrap();
    }
    console.0.resize(80, 24).unwrap();
    console.until("the screen is as before", |screen| screen.text() == before.text());
}

#[test]
fn pasting_into_a_list_does_nothing() {
    let home = Home::sample();
    let entries = home.entries();
    let mut console = queue(&home, &[], &[]);
    let before = console.screen();
    console.0.paste("adxqqy\nQ:").unwrap();
    // A key that is seen proves that the paste was read before it.
    console.press("?").until("help opens", |screen| screen.text() != before.text());
    console.press("q").until("the queue is as before", |screen| screen.text() == before.text());
    assert_eq!(home.entries(), entries);
}

#[test]
fn the_language_changes_while_running() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let chinese = console.screen();
    console.press("ctrl-g").sees("Open").press("ctrl-g");
    console.until("it is Chinese again", |screen| screen.text() == chinese.text());
}

#[test]
fn a_talk_is_recorded_in_chinese_by_keys_alone() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let number = console.chosen();
    let before = home.alert_of(&number);
    console.press("a").sees("已完成：认领");
    console.press("t").sees("需求");
    console.types("希望半年内晋升，也想带项目").press("tab").types("下周三与部门经理谈晋升路径").press("ctrl-d");
    console.sees_in_row(&number, "处理中");
    let after = home.alert_of(&number);
    assert_eq!(after["state"], "in_progress", "{after:#}");
    assert_eq!(after["id"], before["id"]);
    let shown = home.json(&["alert", "show", &number]);
    assert!(
        shown.to_string().contains("希望半年内晋升，也想带项目") && shown.to_string().contains("下周三与部门经理谈晋升路径"),
        "{shown:#}"
    );
    home.entries();
    console.press("Q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn another_process_acts_and_the_cursor_stays() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    console.press("j j");
    let number = console.chosen();
    // Acknowledging somebody above changes the rows, and may change their order.
    let other = home.alerts().iter().find(|alert| alert["state"] == "new" && alert["employee"]["number"] != *number).unwrap().clone();
    let (id, name) = (other["id"].as_str().unwrap(), other["employee"]["number"].as_str().unwrap());
    home.must(&["alert", "ack", id]);
    console.sees_in_row(name, "已认领");
    console.press("j k");
    assert_eq!(console.chosen(), number);
}

#[test]
fn read_only_refuses() {
    let home = Home::sample();
    let mut console = queue(&home, &["--read-only"], &[]);
    let number = console.chosen();
    let before = home.alert_of(&number);
    console.press("a").sees("不能操作");
    console.press("Q");
    console.ends();
    assert_eq!(home.alert_of(&number), before);
}

#[test]
fn no_color_means_none() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[("NO_COLOR", "1")]);
    let screen = console.screen();
    let coloured = |cell: &termlens::Cell| cell.style().fg != Color::Default || cell.style().bg != Color::Default;
    assert_eq!(screen.find_by(coloured), None, "{}", screen.with_styles());
    assert!(screen.contains(">"), "the cursor is a sign, not a colour");
}

#[test]
fn a_dumb_terminal_gets_letters_only() {
    let home = Home::sample();
    let mut console = home.console("en", &[], &[("TERM", "dumb")]);
    let screen = console.sees("Most urgent").screen();
    let letters = |c: char| c.is_ascii() || c.is_alphabetic();
    assert!(screen.text().chars().all(letters), "names may be Chinese, signs are ASCII: {screen}");
}

#[test]
fn a_wrong_key_is_one_clear_error() {
    let home = Home::sample();
    fs::write(home.path().join("key"), "00".repeat(32)).unwrap();
    let output = home.run(&["alert", "list"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("key") && (1..=2).contains(&error.lines().count()), "{error}");

    let mut console = home.console("en", &[], &[]);
    let status = console.0.wait_exit().unwrap();
    assert_eq!(status.code(), Some(1));
    let screen = console.0.screen();
    assert!(is_restored(&screen));
    let seen: String = screen.text().split_whitespace().collect();
    let said: String = error.split_whitespace().collect();
    assert_eq!(seen, said, "nothing else is printed");
}

#[test]
fn a_first_run_can_be_left() {
    for keys in ["q", "ctrl-c"] {
        let home = Home::empty();
        let mut console = home.console("en", &[], &[]);
        console.sees("made-up company").sees("from a file").sees("tenure demo").press(keys);
        assert_eq!(console.ends(), 0);
        assert_eq!(home.json(&["employee", "list"]).as_array().unwrap().len(), 0);
    }
}

#[test]
fn a_first_run_makes_the_sample_company_and_opens_it() {
    let home = Home::empty();
    let mut console = home.console("zh-CN", &[], &[]);
    // The language in which it was chosen is the one in which it opens.
    console.sees("示例公司").press("ctrl-g").sees("made-up company").press("s");
    console.sees("MADE DATA").sees("Most urgent").press("q");
    assert_eq!(console.0.wait_exit().unwrap().code(), Some(0));
    assert!(is_restored(&console.0.screen()));
    assert_eq!(home.json(&["employee", "list", "--limit", "5"]).as_array().unwrap().len(), 5);
    home.entries();
    // Nobody is asked twice, and there is nothing to begin with any more.
    let mut console = home.console("en", &[], &[]);
    console.sees("Most urgent").press("s").sees("does nothing here").press("q");
    assert_eq!(console.ends(), 0);
}

#[test]
fn a_first_run_loads_files_in_chinese() {
    let home = Home::empty();
    let people = home.path().join("员工 一.csv");
    let started = "number,name,org,post,started\n30001,周一,/集团/研发部,工程师,2023-01-01\n30002,吴二,/集团,工程师,someday\n";
    fs::write(&people, started).unwrap();
    let signals = home.path().join("signals.csv");
    fs::write(&signals, "event,number,kind,observed_at\ne1,30001,late,2026-01-05\n").unwrap();
    let mut console = home.console("zh-CN", &[], &[]);
    console.sees("从文件导入自己的员工").press("i").sees("导入文件").sees("number、name、org");
    console.press("enter").sees("请填写文件").types("/nowhere/员工.csv").press("enter").sees("无法读取");
    // What was typed stays; it is dropped in again in quotes, as terminals do it.
    console.press("ctrl-u");
    console.0.paste(&format!("'{}'", people.display())).unwrap();
    console.press("enter").sees("已导入：新增或更新 1").sees("第 2 行");
    console
        .press("i")
        .sees("event、number、kind")
        .types(signals.to_str().unwrap())
        .press("enter")
        .sees("已导入：新增或更新 1，已有 0，未导入 0");
    console.press("enter").sees("最紧急").press("g p").sees("周一").press("Q");
    assert_eq!(console.ends(), 0);
    assert_eq!(home.json(&["employee", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(home.json(&["quarantine", "list"])[0]["row"], 2);
    home.entries();
}

#[test]
fn a_home_in_which_somebody_has_worked_is_not_replaced_by_a_key() {
    let home = Home::empty();
    home.must(&["operator", "add", "lin", "--role", "hr_manager"]);
    let entries = home.entries();
    let mut console = home.console("en", &[], &[]);
    console
        .sees("Somebody has worked in this home")
        .press("s")
        .until("it says so below, too", |screen| screen.text().matches("Somebody has worked in this home").count() == 2);
    console.press("q");
    assert_eq!(console.ends(), 0);
    assert_eq!(home.entries(), entries);
}

#[test]
fn pasted_text_is_made_safe_in_a_note() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let number = console.chosen();
    console.press("c").sees("Ctrl-D");
    console.0.paste("第一行\x1b[31m\u{202e}\n第二行").unwrap();
    console.sees("第二行").press("ctrl-d").sees("已完成：备注");
    let notes = home.json(&["alert", "show", &number])["notes"].to_string();
    assert!(notes.contains("第一行") && notes.contains("第二行"), "{notes}");
    assert!(!notes.contains("\\u001b") && !notes.contains('\u{202e}'), "{notes}");
}

#[test]
fn what_the_screen_called_done_survives_a_kill() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let number = console.chosen();
    console.press("a").sees("已完成：认领");
    console.0.signal(Signal::Kill).unwrap();
    console.0.wait_exit().unwrap();
    assert_eq!(home.alert_of(&number)["state"], "acked");
    home.entries();
}

/// The shipped hours, in zones where it is two at night and ten in the morning whatever the hour of the run is.
#[test]
fn at_two_at_night_it_opens_locked_and_at_ten_it_does_not() {
    let zone = |hour: i8| {
        let ahead = (hour - Timestamp::now().to_zoned(TimeZone::UTC).hour()).rem_euclid(24);
        let ahead = if ahead > 14 { ahead - 24 } else { ahead };
        // These names count to the west.
        format!("[company]\nzone = \"Etc/GMT{:+}\"\n", -ahead)
    };
    let home = Home::sample();
    home.config(&zone(10));
    let mut console = home.console("en", &[], &[]);
    console.until("it opens, not locked", |s| s.contains("MADE DATA") && s.contains("Most urgent") && !s.contains("LOCKED")).press("Q");
    assert_eq!(console.ends(), 0);
    home.config(&zone(2));
    for (lang, locked, refused, lifted) in
        [("en", "LOCKED (night): L unlocks", "acts are off", "Unlocked"), ("zh-CN", "只读（夜间），按 L 解除", "不能操作", "已解除锁定")]
    {
        let mut console = home.console(lang, &[], &[]);
        console.sees(locked).press("g a").until("a row has the cursor", |s| s.text().lines().any(|row| row.starts_with("> ")));
        let entries = home.entries();
        console.press("a").sees(refused);
        assert_eq!(home.entries(), entries);
        console.press("L").sees(lifted).until("it is open", |s| !s.contains(locked)).press("Q");
        assert_eq!(console.ends(), 0);
    }
}

#[test]
fn keys_typed_before_a_dialog_do_not_answer_it() {
    let home = Home::sample();
    let mut console = queue(&home, &[], &[]);
    let entries = home.entries();
    // Mark two, acknowledge, and answer, all before the question can be on screen.
    console.types(" j ay").sees("认领 2 条预警？");
    console.press("n").until("the question is answered", |screen| !screen.contains("认领 2 条预警？"));
    assert_eq!(home.entries(), entries);
}
