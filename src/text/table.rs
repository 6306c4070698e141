//! The one text table: Fluent files in two languages, embedded, with a customer's overrides on top.

use super::{Lang, safe_multiline, stamp};
use crate::domain::sentence::Sentence;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use fluent_syntax::ast::Entry;
use jiff::{Timestamp, tz::TimeZone};
use std::{borrow::Cow, fmt::Display};
use unic_langid::LanguageIdentifier;

macro_rules! files {
    ($lang:literal) => {
        [
            ("core", include_str!(concat!("../../config/locales/", $lang, "/core.ftl"))),
            ("domain", include_str!(concat!("../../config/locales/", $lang, "/domain.ftl"))),
            ("time", include_str!(concat!("../../config/locales/", $lang, "/time.ftl"))),
            ("report", include_str!(concat!("../../config/locales/", $lang, "/report.ftl"))),
            ("risk", include_str!(concat!("../../config/locales/", $lang, "/risk.ftl"))),
            ("connect", include_str!(concat!("../../config/locales/", $lang, "/connect.ftl"))),
            ("targets", include_str!(concat!("../../config/locales/", $lang, "/targets.ftl"))),
            ("freeze", include_str!(concat!("../../config/locales/", $lang, "/freeze.ftl"))),
            ("filter", include_str!(concat!("../../config/locales/", $lang, "/filter.ftl"))),
            ("service", include_str!(concat!("../../config/locales/", $lang, "/service.ftl"))),
            ("customer", include_str!(concat!("../../config/locales/", $lang, "/customer.ftl"))),
            ("console", include_str!(concat!("../../config/locales/", $lang, "/console.ftl"))),
            ("keys", include_str!(concat!("../../config/locales/", $lang, "/keys.ftl"))),
            ("cli", include_str!(concat!("../../config/locales/", $lang, "/cli.ftl"))),
            ("playbooks", include_str!(concat!("../../config/playbooks/", $lang, ".ftl"))),
        ]
    };
}

/// The embedded files of a language: (name, text). A new room adds its line above.
pub(super) fn files(lang: Lang) -> &'static [(&'static str, &'static str)] {
    static EN: &[(&str, &str)] = &files!("en");
    static ZH_CN: &[(&str, &str)] = &files!("zh-CN");
    match lang {
        Lang::En => EN,
        Lang::ZhCn => ZH_CN,
    }
}

/// Every key of the embedded files of a language, in the order of the files.
pub fn keys(lang: Lang) -> Vec<String> {
    files(lang).iter().flat_map(|(_, text)| keys_of(&parse(text))).collect()
}

/// What is wrong with the text of a locale file: (line from 1, message). A customer's override is checked with this; [`Texts::new`]
/// takes what it can read of it.
pub fn check(text: &str) -> Vec<(usize, String)> {
    match fluent_syntax::parser::parse(text) {
        Ok(_) => Vec::new(),
        Err((_, errors)) => {
            errors.into_iter().map(|e| (1 + text.bytes().take(e.pos.start).filter(|b| *b == b'\n').count(), e.kind.to_string())).collect()
        }
    }
}

fn parse(text: &str) -> FluentResource {
    FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable)
}

fn keys_of(resource: &FluentResource) -> Vec<String> {
    resource
        .entries()
        .filter_map(|e| match e {
            Entry::Message(m) => Some(m.id.name.to_owned()),
            _ => None,
        })
        .collect()
}

type Bundle = FluentBundle<FluentResource>;

/// Every sentence in both languages. Build it once and share it: it is `Send + Sync`.
pub struct Texts {
    en: Bundle,
    zh_cn: Bundle,
}

impl Texts {
    /// The embedded texts with overrides of the same keys, later ones first. What cannot be parsed of an override is left out.
    pub fn new(extra: &[(Lang, String)]) -> Self {
        let build = |lang: Lang| {
            // Both tags parse; without one the bundle would only lose its plural rules.
            let mut bundle = Bundle::new_concurrent(vec![lang.tag().parse::<LanguageIdentifier>().unwrap_or_default()]);
            // Isolating marks are bidi controls: a terminal shows them as rubbish or obeys them.
            bundle.set_use_isolating(false);
            let overrides = extra.iter().filter(|(l, _)| *l == lang).map(|(_, text)| text.as_str());
            for text in files(lang).iter().map(|(_, text)| *text).chain(overrides) {
                bundle.add_resource_overriding(parse(text));
            }
            bundle
        };
        Self { en: build(Lang::En), zh_cn: build(Lang::ZhCn) }
    }

    fn bundle(&self, lang: Lang) -> &Bundle {
        match lang {
            Lang::En => &self.en,
            Lang::ZhCn => &self.zh_cn,
        }
    }

    /// Whether the key exists in any language.
    pub fn has(&self, key: &str) -> bool {
        Lang::ALL.iter().any(|l| self.bundle(*l).has_message(key))
    }

    /// A text without arguments. A key that exists nowhere shows as `⟨key⟩`.
    pub fn get(&self, lang: Lang, key: &str) -> String {
        self.render(lang, key, &[])
    }

    /// A text with arguments, rendered like those of a [`Sentence`] except for instants.
    pub fn fmt(&self, lang: Lang, key: &str, args: &[(&str, &str)]) -> String {
        let args: Vec<_> = args.iter().map(|(name, value)| (*name, self.value(lang, value, None, &[]))).collect();
        self.render(lang, key, &args)
    }

    /// The word for an enum's value: `word(lang, "alert-state", AlertState::InProgress)` reads the key `alert-state-in-progress`.
    pub fn word(&self, lang: Lang, topic: &str, value: impl Display) -> String {
        self.get(lang, &format!("{topic}-{}", value.to_string().replace(['_', '.'], "-")))
    }

    /// A sentence in the reader's language. `zone` is the reader's, for instants among the arguments.
    ///
    /// Never fails: a missing key falls back to English, then to the generic text of its topic (`need-pay-gap` -> `need-generic`,
    /// for what a customer's model brings), then to `⟨key⟩`. Whatever the arguments hold, nothing in them reaches a terminal as a control.
    pub fn say(&self, lang: Lang, what: &Sentence, zone: &TimeZone) -> String {
        let plain = what.args.iter().filter(|(_, value)| !value.starts_with('@'));
        let beside: Vec<_> = plain.map(|(name, value)| (name.as_ref(), self.value(lang, value, Some(zone), &[]))).collect();
        let args: Vec<_> = what.args.iter().map(|(name, value)| (name.as_ref(), self.value(lang, value, Some(zone), &beside))).collect();
        self.render(lang, &what.code, &args)
    }

    /// `beside` is what a code among the arguments is rendered with.
    fn value<'a>(&self, lang: Lang, value: &'a str, zone: Option<&TimeZone>, beside: &[(&str, FluentValue)]) -> FluentValue<'a> {
        if let Some(key) = value.strip_prefix('@').filter(|k| is_key(k))
            && let Some(text) = self.try_render(lang, key, beside)
        {
            return FluentValue::from(text);
        }
        if value.starts_with('@') && value.contains(',') {
            let words = value.split(',').map(|w| self.try_render(lang, w.strip_prefix('@').filter(|k| is_key(k))?, &[]));
            if let Some(words) = words.collect::<Option<Vec<_>>>() {
                return FluentValue::from(words.join(if lang == Lang::En { ", " } else { "、" }));
            }
        }
        if let Some((en, zh)) = value.strip_prefix("@|").and_then(|both| both.split_once('|')) {
            // Said in both languages by a file of the company's.
            return FluentValue::String(safe_multiline(if lang == Lang::En { en } else { zh }, usize::MAX));
        }
        if let Some(n) = integer(value) {
            return FluentValue::from(n);
        }
        if let (Some(at), Some(zone)) = (instant(value), zone) {
            return FluentValue::from(stamp(at, zone));
        }
        FluentValue::String(safe_multiline(value, usize::MAX))
    }

    fn render(&self, lang: Lang, key: &str, args: &[(&str, FluentValue)]) -> String {
        self.try_render(lang, key, args).unwrap_or_else(|| format!("⟨{}⟩", safe_multiline(key, 80)))
    }

    fn try_render(&self, lang: Lang, key: &str, args: &[(&str, FluentValue)]) -> Option<String> {
        let languages = [lang, Lang::En, Lang::ZhCn];
        let generic = || key.split_once('-').map(|(topic, rest)| (format!("{topic}-generic"), rest));
        languages.iter().find_map(|l| self.look_up(*l, key, args)).or_else(|| {
            let (key, rest) = generic()?;
            let mut args = args.to_vec();
            args.push(("rest", FluentValue::String(Cow::Borrowed(rest))));
            languages.iter().find_map(|l| self.look_up(*l, &key, &args))
        })
    }

    fn look_up(&self, lang: Lang, key: &str, args: &[(&str, FluentValue)]) -> Option<String> {
        let bundle = self.bundle(lang);
        let pattern = bundle.get_message(key)?.value()?;
        let args: FluentArgs = args.iter().map(|(name, value)| (*name, value.clone())).collect();
        // A missing argument leaves its name in the text, which is the best that can be shown.
        Some(bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
    }
}

fn is_key(s: &str) -> bool {
    !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// An integer that prints as it was written, so that plurals see a number while an employee number `00123` stays as it is.
fn integer(s: &str) -> Option<i64> {
    // 15 digits survive the double in which Fluent holds numbers.
    let n: i64 = s.parse().ok().filter(|_| s.len() <= 15)?;
    (n.to_string() == s).then_some(n)
}

fn instant(s: &str) -> Option<Timestamp> {
    let b = s.as_bytes();
    let looks = b.len() >= 20 && b.first().is_some_and(u8::is_ascii_digit) && b.get(10) == Some(&b'T');
    s.parse().ok().filter(|_| looks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(en: &str, zh: &str) -> Texts {
        Texts::new(&[(Lang::En, en.into()), (Lang::ZhCn, zh.into())])
    }

    #[test]
    fn a_text_table_can_be_shared() {
        fn shared<T: Send + Sync>() {}
        shared::<Texts>();
    }

    #[test]
    fn arguments_are_codes_instants_numbers_or_text() {
        let t = texts("x = { $n ->\n [one] one alert\n *[other] { $n } alerts\n }: { $state } at { $at } by { $by }", "");
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let s = Sentence::new("x").with("n", 1).with("state", "@alert-state-acked").with("at", "2026-11-22T01:05:00Z").with("by", "00123");
        assert_eq!(t.say(Lang::En, &s, &zone), "one alert: acknowledged at 2026-11-22 09:05 by 00123");
        let s = s.with("n", 1234).with("by", "@nobody");
        assert_eq!(t.say(Lang::ZhCn, &s, &zone), "1234 alerts: 已认领 at 2026-11-22 09:05 by @nobody");
        let s = s.with("by", "@alert-state-new,@alert-state-acked");
        assert_eq!(t.say(Lang::ZhCn, &s, &zone), "1234 alerts: 已认领 at 2026-11-22 09:05 by 新、已认领");
        assert_eq!(t.word(Lang::ZhCn, "alert-state", crate::domain::alert::AlertState::InProgress), "处理中");
    }

    #[test]
    fn what_is_missing_is_seen_and_never_fatal() {
        let t = texts("only-en = here { $gone }\nneed-generic = about { $rest }", "");
        assert_eq!(t.get(Lang::ZhCn, "only-en"), "here {$gone}");
        assert_eq!(t.get(Lang::En, "no-such-key"), "⟨no-such-key⟩");
        assert_eq!(t.get(Lang::En, "\u{1b}[2J"), "⟨\u{fffd}[2J⟩");
        assert_eq!(t.get(Lang::En, ""), "⟨⟩");
        assert_eq!(t.get(Lang::En, "need-a-new-feature"), "about a-new-feature");
        assert!(t.has("only-en") && !t.has("no-such-key"));
    }

    #[test]
    fn a_customer_overrides_a_key_and_a_bad_file_takes_nothing_away() {
        let t = texts("band-high = red hot\n???\nband-low = fine", "");
        assert_eq!(t.get(Lang::En, "band-high"), "red hot");
        assert_eq!(t.get(Lang::En, "band-low"), "fine");
        assert_eq!(t.get(Lang::ZhCn, "band-high"), "高");
        let found = check("a = b\n???\nc = { $d");
        assert_eq!(found.iter().map(|f| f.0).collect::<Vec<_>>(), [2, 3], "{found:?}");
        assert!(check("a = b\n").is_empty());
    }

    #[test]
    fn arguments_cannot_send_controls() {
        let t = texts("x = [{ $name }]", "");
        let evil = "a\u{1b}]0;owned\u{7}\u{202e}b\u{9b}31m";
        for shown in [t.fmt(Lang::En, "x", &[("name", evil)]), t.say(Lang::En, &Sentence::new("x").with("name", evil), &TimeZone::UTC)] {
            assert!(!shown.chars().any(|c| c.is_control() || c == '\u{202e}'), "{shown:?}");
        }
    }
}
