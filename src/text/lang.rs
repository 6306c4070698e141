//! The two languages of the product [NF-7].

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A language of the text table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Lang {
    /// English: also what a text falls back to.
    #[default]
    #[serde(rename = "en")]
    En,
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    ZhCn,
}

impl Lang {
    /// Both, in the order of a language switch.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhCn];

    /// The tag that `--lang` takes: `en` or `zh-CN`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }

    /// The language that a switch goes to from here.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::En => Self::ZhCn,
            Self::ZhCn => Self::En,
        }
    }

    /// The language of the environment: the first set one of `LC_ALL`, `LC_MESSAGES`, `LANG` decides; anything that is not Chinese is English.
    pub fn from_env(get: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| get(name).filter(|v| !v.is_empty()))
            .and_then(|v| v.parse().ok())
            .unwrap_or_default()
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.tag())
    }
}

/// A tag of a language that the product does not speak.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown language {0:?}: en or zh-CN")]
pub struct UnknownLang(pub String);

impl FromStr for Lang {
    type Err = UnknownLang;

    /// Takes `en`, `en_GB.UTF-8`, `zh`, `zh-CN`, `zh_CN.UTF-8`, `zh-Hans-SG` and the like. Traditional Chinese reads simplified better than English.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let word = s.split(['-', '_', '.', '@']).next().unwrap_or_default();
        match word.to_ascii_lowercase().as_str() {
            "en" => Ok(Self::En),
            "zh" => Ok(Self::ZhCn),
            _ => Err(UnknownLang(s.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_locales_are_understood() {
        for s in ["zh", "zh-CN", "zh_CN.UTF-8", "zh-Hans", "ZH-hans-SG", "zh_TW"] {
            assert_eq!(s.parse(), Ok(Lang::ZhCn), "{s}");
        }
        for s in ["en", "en_GB.UTF-8", "EN-us"] {
            assert_eq!(s.parse(), Ok(Lang::En), "{s}");
        }
        assert!("fr".parse::<Lang>().is_err());
        for lang in Lang::ALL {
            assert_eq!(lang.tag().parse(), Ok(lang));
            assert_eq!(serde_json::to_value(lang).unwrap(), lang.tag());
        }
    }

    #[test]
    fn the_first_set_variable_decides() {
        let env = |pairs: &'static [(&str, &str)]| move |name: &str| pairs.iter().find(|p| p.0 == name).map(|p| p.1.to_owned());
        assert_eq!(Lang::from_env(env(&[("LANG", "zh_CN.UTF-8")])), Lang::ZhCn);
        assert_eq!(Lang::from_env(env(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")])), Lang::En);
        assert_eq!(Lang::from_env(env(&[("LC_ALL", ""), ("LC_MESSAGES", "zh"), ("LANG", "en")])), Lang::ZhCn);
        assert_eq!(Lang::from_env(env(&[])), Lang::En);
    }
}
