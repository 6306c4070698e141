//! The home's configuration: config/default.toml, overridden by `tenure.toml` in the home folder.

use crate::{
    backend::{Failure, FailureKind},
    domain::{act::Policy, sentence::Sentence},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The shipped defaults, as text.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// Everything that a home can set. Unknown names are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Config {
    pub company: Company,
    pub console: Console,
    pub clocks: Clocks,
    pub limits: Limits,
    pub offboarding: Offboarding,
    pub scoring: Scoring,
    pub backup: Backup,
    pub key: KeySource,
}

/// Who the company is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Company {
    pub name: String,
    /// IANA zone of civil dates.
    pub zone: String,
    /// Shown in the header of every screen.
    pub environment: String,
}

/// How the console looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Console {
    pub lang: String,
    pub theme: String,
    pub glyphs: String,
}

/// Hours of the clocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clocks {
    pub ack_hours: i64,
    pub talk_hours: i64,
    pub stale_hours: i64,
    pub approval_hours: i64,
    pub decline_hours: i64,
}

/// Limits that stop mass mistakes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// 0 to 1.
    pub max_exit_share: f64,
    pub min_exit_count: i64,
}

/// How people are walked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Offboarding {
    /// Name of a template.
    pub template: String,
    /// Whether visit records may say where the employee was.
    pub location: Switch,
    pub on_overdue: OnOverdue,
}

/// On or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    Off,
    On,
}

/// What follows when a handover is not done by its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnOverdue {
    /// An alert asks for a restriction.
    Ask,
    /// A restriction is requested as well.
    Restrict,
}

/// Which model scores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scoring {
    pub model: String,
}

/// The daily backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    pub daily: bool,
    /// How many daily backups are kept.
    pub keep: usize,
}

/// Where the key comes from; never the key itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeySource {
    pub file: Option<PathBuf>,
    pub env: Option<String>,
    pub command: Option<Vec<String>>,
}

impl Default for Company {
    fn default() -> Self {
        Self { name: "tenure".into(), zone: "Asia/Shanghai".into(), environment: String::new() }
    }
}
impl Default for Console {
    fn default() -> Self {
        Self { lang: "auto".into(), theme: "ansi".into(), glyphs: "auto".into() }
    }
}
impl Default for Clocks {
    fn default() -> Self {
        let p = Policy::default();
        Self {
            ack_hours: p.ack_hours,
            talk_hours: p.talk_hours,
            stale_hours: p.stale_hours,
            approval_hours: p.approval_hours,
            decline_hours: p.decline_hours,
        }
    }
}
impl Default for Limits {
    fn default() -> Self {
        let p = Policy::default();
        Self { max_exit_share: p.max_exit_share, min_exit_count: p.min_exit_count }
    }
}
impl Default for Offboarding {
    fn default() -> Self {
        Self { template: "standard".into(), location: Switch::Off, on_overdue: OnOverdue::Ask }
    }
}
impl Default for Scoring {
    fn default() -> Self {
        Self { model: "seed".into() }
    }
}
impl Default for Backup {
    fn default() -> Self {
        Self { daily: true, keep: 7 }
    }
}

impl Config {
    /// Path of the file in a home.
    pub fn path(dir: &Path) -> PathBuf {
        dir.join("tenure.toml")
    }

    /// Reads a home's file; a missing file is the defaults.
    ///
    /// # Errors
    /// Names the file and the line of what cannot be read.
    pub fn load(dir: &Path) -> Result<Self, Failure> {
        let path = Self::path(dir);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(bad(&path, e.to_string())),
        };
        Self::parse(&path, &text)
    }

    /// Parses the text of a `tenure.toml`.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let config: Self = toml::from_str(text).map_err(|e| bad(path, e.to_string()))?;
        if config.zone().is_none() {
            return Err(bad(path, format!("company.zone: {:?} is not a time zone", config.company.zone)));
        }
        if !(0.0..=1.0).contains(&config.limits.max_exit_share) {
            return Err(bad(path, "limits.max_exit_share: must lie between 0 and 1".into()));
        }
        let c = &config.clocks;
        if [c.ack_hours, c.talk_hours, c.stale_hours, c.approval_hours].iter().any(|h| !(1..=24 * 365).contains(h)) {
            return Err(bad(path, "clocks: hours must lie between 1 and 8760".into()));
        }
        Ok(config)
    }

    fn zone(&self) -> Option<TimeZone> {
        TimeZone::get(&self.company.zone).ok()
    }

    /// The company's zone.
    pub fn time_zone(&self) -> TimeZone {
        self.zone().unwrap_or(TimeZone::UTC)
    }

    /// The hours and limits that decisions use.
    pub fn policy(&self) -> Policy {
        Policy {
            ack_hours: self.clocks.ack_hours,
            talk_hours: self.clocks.talk_hours,
            stale_hours: self.clocks.stale_hours,
            approval_hours: self.clocks.approval_hours,
            decline_hours: self.clocks.decline_hours,
            max_exit_share: self.limits.max_exit_share,
            min_exit_count: self.limits.min_exit_count,
            location: self.offboarding.location == Switch::On,
        }
    }
}

fn bad(path: &Path, detail: String) -> Failure {
    Failure::new(FailureKind::Usage, Sentence::new("config-bad").with("file", path.display()).with("detail", detail.trim_end()))
        .next(Sentence::new("config-bad-next"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_says_the_defaults() {
        assert_eq!(Config::parse(Path::new("default.toml"), DEFAULT).unwrap(), Config::default());
    }

    #[test]
    fn unknown_names_are_refused_with_their_line() {
        let e = Config::parse(Path::new("tenure.toml"), "[company]\nzoen = \"UTC\"\n").unwrap_err();
        assert!(e.what.args["detail"].contains("line 2"), "{e:?}");
    }
}
