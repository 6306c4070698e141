//! A handover item that comes back and is handed in again: by keys alone, by two people, in both languages.

use crate::harness::{Console, Home};
use serde_json::Value;
use std::fs;

/// Words of one language.
struct Words {
    lang: &'static str,
    made: &'static str,
    tab: &'static str,
    returned: &'static str,
    review: &'static str,
    done_return: &'static str,
    done_hand_in: &'static str,
    unsigned: &'static str,
    done_accept: &'static str,
    ask: &'static str,
}

const ZH: Words = Words {
    lang: "zh-CN",
    made: "示例数据",
    tab: "[离职]",
    returned: "已退回",
    review: "审核中",
    done_return: "已完成：退回",
    done_hand_in: "已完成：提交交接事项",
    unsigned: "缺客户签字：需写明签字人和签字日期",
    done_accept: "已完成：通过审核",
    ask: "Esc 否",
};

const EN: Words = Words {
    lang: "en",
    made: "MADE DATA",
    tab: "[Leaving]",
    returned: "returned",
    review: "under review",
    done_return: "Done: return",
    done_hand_in: "Done: hand in",
    unsigned: "The signature is missing",
    done_accept: "Done: accept",
    ask: "Esc No",
};

/// The case that is being handed over, and the place of its letter that is under review.
fn case(home: &Home) -> (Value, usize) {
    let number = home.json(&["offboarding", "list", "--state", "returned"])[0]["employee"]["number"].as_str().unwrap().to_owned();
    let card = home.json(&["offboarding", "show", &number]);
    let at = card["items"].as_array().unwrap().iter().position(|i| i["state"] == "under_review").unwrap();
    (card, at)
}

/// A console that stands on an item of that case.
fn at_item(home: &Home, words: &Words, who: &str, number: &str, at: usize) -> Console {
    let mut console = home.console(words.lang, &["--as", who], &[]);
    console.sees(words.made).press("g o").sees(words.tab).sees_in_row(number, words.returned);
    let board = home.json(&["offboarding", "list"]);
    for _ in 0..board.as_array().unwrap().iter().position(|r| r["employee"]["number"] == number).unwrap() {
        console.press("j");
    }
    console.press("enter").sees("G1").sees(number);
    console.until("the first item has the cursor", |screen| screen.text().lines().any(|row| row.starts_with("> ")));
    for _ in 0..at {
        console.press("j");
    }
    console
}

fn return_and_resubmit(words: &Words) {
    let home = Home::sample();
    let (card, at) = case(&home);
    let number = card["employee"]["number"].as_str().unwrap().to_owned();
    let (id, customer) = (card["items"][at]["id"].clone(), card["items"][at]["customer_number"].as_str().unwrap().to_owned());
    let item = |home: &Home| {
        let card = home.json(&["offboarding", "show", &number]);
        card["items"].as_array().unwrap().iter().find(|i| i["id"] == id).unwrap().clone()
    };

    // The reviewer sends it back.
    let mut console = at_item(&home, words, "li-hrm", &number, at);
    console.sees_in_row(&customer, words.review);
    console.press("B").sees("Ctrl-D").types("缺客户签字").press("ctrl-d").sees(words.done_return).sees_in_row(&customer, words.returned);
    assert_eq!(item(&home)["state"], "returned");
    console.press("Q");
    assert_eq!(console.ends(), 0);

    // Handed in again without a name it comes back by itself, and with one it is under review.
    let letter = home.path().join("letter.txt");
    fs::write(&letter, "signed at last").unwrap();
    let mut console = at_item(&home, words, "zhang-hr", &number, at);
    console.press("s").sees("Ctrl-D").types(letter.to_str().unwrap()).press("ctrl-d").sees(words.unsigned);
    console.press("s").sees("Ctrl-D").types(letter.to_str().unwrap()).press("tab").types("王经理").press("ctrl-d");
    console.sees(words.done_hand_in).sees_in_row(&customer, words.review);
    console.press("Q");
    assert_eq!(console.ends(), 0);

    // Accepted, after a question.
    let mut console = at_item(&home, words, "li-hrm", &number, at);
    console.press("a").sees(words.ask).press("y").sees(words.done_accept);
    console.press("Q");
    assert_eq!(console.ends(), 0);

    // Every version is there with its verdict.
    let item = item(&home);
    assert_eq!(item["state"], "accepted", "{item:#}");
    let versions: Vec<_> =
        item["evidence"].as_array().unwrap().iter().map(|v| (v["n"].clone(), v["verdict"]["accepted"].clone())).collect();
    assert_eq!(versions, [(1.into(), false.into()), (2.into(), false.into()), (3.into(), true.into())]);
    assert_eq!(item["evidence"][0]["verdict"]["why"]["args"]["why"], "缺客户签字");
    let hash = item["evidence"][2]["evidence"]["file"]["hash"].as_str().unwrap();
    let back = home.path().join("back.txt");
    home.must(&["offboarding", "file", hash, "--out", back.to_str().unwrap()]);
    assert_eq!(fs::read(back).unwrap(), b"signed at last");
    home.entries();
}

#[test]
fn return_and_resubmit_of_a_handover_item_in_chinese() {
    return_and_resubmit(&ZH);
}

#[test]
fn return_and_resubmit_of_a_handover_item_in_english() {
    return_and_resubmit(&EN);
}
