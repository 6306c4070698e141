//! The `/` language: free words and `key:value` pairs, in English or Chinese (`band:high`, `等级:高`).

pub use crate::domain::row::Filter;
use crate::domain::{
    alert::AlertState,
    person::{CriticalPost, Impact},
    score::Band,
    sentence::Sentence,
};
use std::fmt;

/// A closed set of values: names as in the code, other accepted spellings after them.
type Words<T> = &'static [(T, &'static [&'static str])];

const BANDS: Words<Band> = &[
    (Band::High, &["high", "高"]),
    (Band::MediumHigh, &["medium_high", "中高"]),
    (Band::Medium, &["medium", "中"]),
    (Band::Low, &["low", "低"]),
];

const STATES: Words<AlertState> = &[
    (AlertState::New, &["new", "新"]),
    (AlertState::Acked, &["acked", "已认领"]),
    (AlertState::InProgress, &["in_progress", "处理中"]),
    (AlertState::Snoozed, &["snoozed", "已暂缓"]),
    (AlertState::Dismissed, &["dismissed", "已忽略"]),
    (AlertState::Resolved, &["resolved", "已解决"]),
    (AlertState::ClosedExit, &["closed_exit", "已离职"]),
];

const POSTS: Words<CriticalPost> = &[
    (CriticalPost::Research, &["research", "研发"]),
    (CriticalPost::Sales, &["sales", "销售"]),
    (CriticalPost::Quality, &["quality", "质控", "质量控制"]),
];

const IMPACTS: Words<Impact> =
    &[(Impact::High, &["high", "高", "大"]), (Impact::Medium, &["medium", "中"]), (Impact::Low, &["low", "低", "小"])];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Band,
    State,
    Owner,
    Org,
    Critical,
    Impact,
    Act,
}

/// Keys with their spellings; the first is the one that is written.
const KEYS: Words<Key> = &[
    (Key::Band, &["band", "等级"]),
    (Key::State, &["state", "状态"]),
    (Key::Owner, &["owner", "负责人"]),
    (Key::Org, &["org", "组织", "team", "部门"]),
    (Key::Critical, &["critical", "岗位", "post"]),
    (Key::Impact, &["impact", "影响"]),
    (Key::Act, &["act", "操作"]),
];

impl Filter {
    /// Reads what an operator typed. A colon may be full-width; a value with spaces stands in quotes; quoted words without a key are
    /// free text as they are. A quote that is not closed yet ends with the text.
    ///
    /// Errors: an unknown key, a value that the key does not have, a key without a value or given twice; each names what is known.
    pub fn parse(text: &str) -> Result<Self, Sentence> {
        let mut filter = Self::default();
        let mut words: Vec<String> = Vec::new();
        for token in tokens(text) {
            let Token { key, value } = token;
            let Some(key) = key else {
                words.push(value);
                continue;
            };
            let known = find(KEYS, &key).ok_or_else(|| {
                let keys: Vec<String> = KEYS.iter().map(|(_, names)| spellings(names)).collect();
                Sentence::new("filter-unknown-key").with("key", &key).with("known", keys.join(", "))
            })?;
            if value.is_empty() {
                return Err(Sentence::new("filter-empty-value").with("key", key));
            }
            let again = match known {
                Key::Band => set(&mut filter.band, word(BANDS, &key, &value)?),
                Key::State => set(&mut filter.state, word(STATES, &key, &value)?),
                Key::Critical => set(&mut filter.critical, word(POSTS, &key, &value)?),
                Key::Impact => set(&mut filter.impact, word(IMPACTS, &key, &value)?),
                Key::Owner => set(&mut filter.owner, value),
                Key::Org => set(&mut filter.org, value),
                Key::Act => set(&mut filter.act, value),
            };
            if again {
                return Err(Sentence::new("filter-key-twice").with("key", key));
            }
        }
        words.retain(|w| !w.is_empty());
        filter.text = (!words.is_empty()).then(|| words.join(" "));
        Ok(filter)
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Writes a filter so that it reads back the same: keys and states in English, free text first.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out: Vec<String> = Vec::new();
        if let Some(text) = self.text.as_deref().filter(|t| !t.is_empty()) {
            out.push(quoted(text, !reads_as_words(text)));
        }
        let mut pair = |key: Key, value: Option<&str>| {
            if let Some(v) = value.filter(|v| !v.is_empty()) {
                let quote = v.starts_with(is_quote) || v.contains(char::is_whitespace);
                out.push(format!("{}:{}", name(KEYS, key), quoted(v, quote)));
            }
        };
        pair(Key::Band, self.band.map(|b| name(BANDS, b)));
        pair(Key::State, self.state.map(|s| name(STATES, s)));
        pair(Key::Owner, self.owner.as_deref());
        pair(Key::Org, self.org.as_deref());
        pair(Key::Critical, self.critical.map(|c| name(POSTS, c)));
        pair(Key::Impact, self.impact.map(|i| name(IMPACTS, i)));
        pair(Key::Act, self.act.as_deref());
        f.write_str(&out.join(" "))
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> bool {
    slot.replace(value).is_some()
}

fn find<T: Copy>(words: Words<T>, text: &str) -> Option<T> {
    let text = text.to_lowercase().replace('-', "_");
    words.iter().find(|(_, names)| names.contains(&text.as_str())).map(|(v, _)| *v)
}

fn word<T: Copy>(words: Words<T>, key: &str, value: &str) -> Result<T, Sentence> {
    find(words, value).ok_or_else(|| {
        let known: Vec<String> = words.iter().map(|(_, names)| spellings(names)).collect();
        Sentence::new("filter-bad-value").with("key", key).with("value", value).with("known", known.join(", "))
    })
}

/// `high/高`: the first two spellings are the English and the Chinese one.
fn spellings(names: &[&str]) -> String {
    names.iter().take(2).copied().collect::<Vec<_>>().join("/")
}

fn name<T: PartialEq>(words: Words<T>, value: T) -> &'static str {
    words.iter().find(|(v, _)| *v == value).and_then(|(_, names)| names.first()).copied().unwrap_or_default()
}

struct Token {
    key: Option<String>,
    value: String,
}

fn is_colon(c: char) -> bool {
    matches!(c, ':' | '：')
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '＂')
}

/// Words and pairs, split at spaces outside quotes. A quote counts only where a word or a value begins.
fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        if chars.peek().is_none() {
            return out;
        }
        if chars.next_if(|c| is_quote(*c)).is_some() {
            out.push(Token { key: None, value: unquote(&mut chars) });
            continue;
        }
        let mut head = String::new();
        while let Some(c) = chars.next_if(|c| !c.is_whitespace() && !is_colon(*c)) {
            head.push(c);
        }
        if chars.next_if(|c| is_colon(*c)).is_none() {
            out.push(Token { key: None, value: head });
        } else if chars.next_if(|c| is_quote(*c)).is_some() {
            out.push(Token { key: Some(head), value: unquote(&mut chars) });
        } else {
            let mut value = String::new();
            while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
                value.push(c);
            }
            out.push(Token { key: Some(head), value });
        }
    }
}

/// Text up to the closing quote; a backslash keeps the next character as it is.
fn unquote(chars: &mut impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            c if is_quote(c) => break,
            c => out.push(c),
        }
    }
    out
}

fn quoted(text: &str, quote: bool) -> String {
    if !quote {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        if c == '\\' || is_quote(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Whether text that is typed as it is comes back as it is.
fn reads_as_words(text: &str) -> bool {
    text.split(' ').all(|w| !w.is_empty() && !w.starts_with(is_quote) && !w.contains(|c| is_colon(c) || c.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Filter {
        Filter::parse(text).unwrap()
    }

    #[test]
    fn words_and_pairs_in_both_languages() {
        let en = parse("zhang wei band:high state:in-progress owner:hr1 team:/A/B post:sales impact:low act:alert.");
        let zh = parse("zhang　wei 等级：高 状态：处理中 负责人：hr1 部门：/A/B 岗位：销售 影响：小 操作：alert.");
        assert_eq!(en, zh);
        assert_eq!(en.text.as_deref(), Some("zhang wei"));
        assert_eq!((en.band, en.state), (Some(Band::High), Some(AlertState::InProgress)));
        assert_eq!((en.org.as_deref(), en.critical), (Some("/A/B"), Some(CriticalPost::Sales)));
        assert_eq!(parse("  "), Filter::default());
        assert!(parse("").is_empty());
    }

    #[test]
    fn quotes_hold_spaces_and_colons() {
        assert_eq!(
            parse(r#"org:"华东 三部" "a:b" c"#),
            Filter { text: Some("a:b c".into()), org: Some("华东 三部".into()), ..Filter::default() }
        );
        assert_eq!(parse("组织：“华东 三部”").org.as_deref(), Some("华东 三部"));
        // Still being typed.
        assert_eq!(parse(r#"org:"华东 三"#).org.as_deref(), Some("华东 三"));
        assert_eq!(parse("org:a:b").org.as_deref(), Some("a:b"));
        assert_eq!(parse("O'Neil").text.as_deref(), Some("O'Neil"));
    }

    #[test]
    fn every_word_of_every_table_is_read() {
        fn all<T: Copy + PartialEq + std::fmt::Debug>(words: Words<T>) {
            for (value, names) in words {
                assert!(names.len() >= 2);
                assert!(names.iter().all(|n| find(words, n) == Some(*value)), "{names:?}");
            }
        }
        all(BANDS);
        all(STATES);
        all(POSTS);
        all(IMPACTS);
        use strum::IntoEnumIterator;
        assert!(Band::iter().all(|b| name(BANDS, b) == b.to_string()));
        assert!(AlertState::iter().all(|s| name(STATES, s) == s.to_string()));
        assert!(CriticalPost::iter().all(|c| name(POSTS, c) == c.to_string()));
        assert!(Impact::iter().all(|i| name(IMPACTS, i) == i.to_string()));
    }

    #[test]
    fn errors_name_what_is_known() {
        let e = Filter::parse("bnad:high").unwrap_err();
        assert_eq!(e.code, "filter-unknown-key");
        assert!(e.args["known"].contains("band/等级") && e.args["known"].contains("act/操作"));
        let e = Filter::parse("band:huge").unwrap_err();
        assert_eq!((e.code.as_ref(), e.args["known"].as_str()), ("filter-bad-value", "high/高, medium_high/中高, medium/中, low/低"));
        assert_eq!(Filter::parse("band:").unwrap_err().code, "filter-empty-value");
        assert_eq!(Filter::parse(":").unwrap_err().code, "filter-unknown-key");
        assert_eq!(Filter::parse("band:high 等级:低").unwrap_err().code, "filter-key-twice");
    }

    fn pick<T: Copy + std::fmt::Debug + PartialEq + 'static>(words: Words<T>) -> impl Strategy<Value = Option<T>> {
        proptest::option::of((0..words.len()).prop_map(move |i| words[i].0))
    }

    fn texts() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(prop_oneof![
            "[a-z张伟:：\"“” \\\\\u{3000}]{1,8}",
            "\\PC{1,12}",
            any::<String>().prop_filter("empty", |s| !s.is_empty())
        ])
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            text in texts(), owner in texts(), org in texts(), act in texts(),
            band in pick(BANDS), state in pick(STATES), critical in pick(POSTS), impact in pick(IMPACTS),
        ) {
            let filter = Filter { text, band, state, owner, org, critical, impact, act, ..Filter::default() };
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }

        #[test]
        fn anything_typed_is_read_or_refused(text in any::<String>()) {
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
            }
        }
    }
}
