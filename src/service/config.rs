//! The home's configuration: config/default.toml, overridden by `tenure.toml` in the home folder.

mod faults;

use crate::{
    backend::{Failure, FailureKind},
    connect::{
        anchors::SinkSpec,
        targets::{SecretSource, TargetSpec},
    },
    domain::{act::Policy, freeze::plan::FreezePolicy, sentence::Sentence},
};
use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The shipped defaults, as text.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// Most reasons that are offered: each has a digit.
const REASONS: usize = 9;
/// Longest of them, in characters.
const REASON: usize = 200;

/// Everything that a home can set. Unknown names are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct Config {
    pub company: Company,
    pub console: Console,
    pub clocks: Clocks,
    pub limits: Limits,
    pub freeze: Freeze,
    pub offboarding: Offboarding,
    pub scoring: Scoring,
    pub backup: Backup,
    pub audit: Audit,
    /// Who sends signals to the HTTP API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ingest: Vec<Sender>,
    pub key: KeySource,
    pub database: Database,
    /// Systems on which accounts are frozen, in the order of plans.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetSpec>,
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
    /// Hours of the company's zone in which the console starts locked: `22:00-06:00`; empty is never, the same hour twice is always.
    pub locked: String,
    /// Folder with the inboxes and outboxes of those who come over SSH; empty is `exchange` in the home.
    pub exchange: String,
    /// The console of this home shows everything and acts on nothing.
    pub read_only: bool,
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
    pub contest_days: i64,
}

/// Limits that stop mass mistakes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// 0 to 1.
    pub max_exit_share: f64,
    pub min_exit_count: i64,
}

/// Freezing accounts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Freeze {
    /// People over 24 hours, across requests, before two approvals are needed.
    pub batch_people: i64,
    /// The same as a share of the live people, 0 to 1; the smaller one holds.
    pub batch_share: f64,
    /// Hours within which a second person confirms an immediate order.
    pub confirm_hours: i64,
    /// Days after which a verified suspension may become a deletion.
    pub retention_days: i64,
    /// Minutes between verifications of frozen accounts.
    pub verify_minutes: i64,
    /// Reasons that are offered by number: texts, or keys of texts after an `@`.
    pub reasons: Vec<String>,
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
    /// A restriction is requested as well, and somebody approves it.
    Restrict,
    /// A restriction is carried out on the policy's word, and a second person confirms it afterwards.
    Automatic,
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

/// Where the heads of the chains are kept besides the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// Minutes between anchors.
    pub anchor_minutes: i64,
    pub anchors: Vec<SinkSpec>,
}

/// Where the data is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `postgres://USER@HOST/NAME`; empty is the home's own file.
    pub url: String,
    /// Where the password comes from; `None`: none is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretSource>,
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
        Self {
            lang: "auto".into(),
            theme: "ansi".into(),
            glyphs: "auto".into(),
            locked: "22:00-06:00".into(),
            exchange: String::new(),
            read_only: false,
        }
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
            contest_days: p.contest_days,
        }
    }
}
impl Default for Limits {
    fn default() -> Self {
        let p = Policy::default();
        Self { max_exit_share: p.max_exit_share, min_exit_count: p.min_exit_count }
    }
}
impl Default for Freeze {
    fn default() -> Self {
        let p = FreezePolicy::default();
        Self {
            batch_people: p.batch_people,
            batch_share: p.batch_share,
            confirm_hours: p.confirm_hours,
            retention_days: p.retention_days,
            verify_minutes: p.verify_minutes,
            reasons: ["last-day", "cause", "abandoned", "data", "hijacked"].map(|r| format!("@freeze-reason-{r}")).into(),
        }
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
/// A system that sends signals: `POST /v1/ingest/SOURCE`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The ids of its events are unique in it; files of the same system name the same source.
    pub source: String,
    /// A mapping of config/maps, or of the home's maps folder; the standard columns when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// Key of the HMAC that signs its batches; absent: only tokens open the door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretSource>,
    /// Operators whose tokens may send for it; empty: every token for sending signals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<String>,
}

impl Default for Audit {
    fn default() -> Self {
        Self { anchor_minutes: 60, anchors: Vec::new() }
    }
}
impl Default for Backup {
    fn default() -> Self {
        Self { daily: true, keep: 7 }
    }
}

impl Console {
    /// From and until when the console starts locked, `Some(None)` for never; `None` when that cannot be read.
    fn night(&self) -> Option<Option<(Time, Time)>> {
        if self.locked.is_empty() {
            return Some(None);
        }
        let (from, until) = self.locked.split_once('-')?;
        let time = |t: &str| Time::strptime("%H:%M", t.trim()).ok();
        Some(Some((time(from)?, time(until)?)))
    }

    /// Whether the console starts locked at a time of the day. A night may pass midnight.
    pub fn locked_at(&self, now: Time) -> bool {
        match self.night().flatten() {
            Some((from, until)) if from < until => (from..until).contains(&now),
            Some((from, until)) => now >= from || now < until,
            None => false,
        }
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
        match config.mistakes().into_iter().next() {
            Some(detail) => Err(bad(path, detail)),
            None => Ok(config),
        }
    }

    /// Values that make no sense.
    fn mistakes(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.zone().is_none() {
            all.push(format!("company.zone: {:?} is not a time zone", self.company.zone));
        }
        if !(0.0..=1.0).contains(&self.limits.max_exit_share) {
            all.push("limits.max_exit_share: must lie between 0 and 1".into());
        }
        if self.console.night().is_none() {
            all.push(format!("console.locked: {:?} is not like 22:00-07:00", self.console.locked));
        }
        if !self.console.exchange.is_empty() && !Path::new(&self.console.exchange).is_absolute() {
            all.push("console.exchange: must begin with a /".into());
        }
        let d = &self.database;
        if !d.url.is_empty() && !["postgres://", "postgresql://"].iter().any(|scheme| d.url.starts_with(scheme)) {
            all.push("database.url: must begin with postgres://".into());
        }
        let authority = d.url.split_once("://").map_or("", |(_, rest)| rest.split(['/', '?']).next().unwrap_or(""));
        if authority.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) || d.url.contains("password=") {
            all.push("database.url: no password here; say database.password = { file = \"...\" }".into());
        }
        if d.password.as_ref().is_some_and(|p| !p.is_one()) {
            all.push("database.password: one of env, file, command or credential".into());
        }
        let c = &self.clocks;
        if [c.ack_hours, c.talk_hours, c.stale_hours, c.approval_hours].iter().any(|h| !(1..=24 * 365).contains(h)) {
            all.push("clocks: hours must lie between 1 and 8760".into());
        }
        if !(1..=365).contains(&c.contest_days) {
            all.push("clocks.contest_days: must lie between 1 and 365".into());
        }
        let f = &self.freeze;
        if !(0.0..=1.0).contains(&f.batch_share) || f.batch_people < 1 {
            all.push("freeze: batch_share must lie between 0 and 1, batch_people must be at least 1".into());
        }
        if !(1..=24 * 30).contains(&f.confirm_hours)
            || !(0..=36_500).contains(&f.retention_days)
            || !(1..=60 * 24 * 31).contains(&f.verify_minutes)
        {
            all.push("freeze: confirm_hours 1 to 720, retention_days 0 to 36500, verify_minutes 1 to 44640".into());
        }
        let a = &self.audit;
        if !(1..=60 * 24 * 7).contains(&a.anchor_minutes) {
            all.push("audit.anchor_minutes: must lie between 1 and 10080".into());
        }
        all.extend(a.anchors.iter().filter_map(|s| Some(format!("audit.anchors {:?}: {}", s.name, s.mistake()?))));
        if a.anchors.iter().enumerate().any(|(n, s)| a.anchors.iter().take(n).any(|t| t.name == s.name)) {
            all.push("audit.anchors: two of one name".into());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        for (n, s) in self.ingest.iter().enumerate() {
            if s.source.is_empty() || s.source.len() > 40 || !s.source.chars().all(plain) {
                all.push(format!("ingest {}: source: 1 to 40 letters, digits, -, _ and .", n + 1));
            }
            if s.secret.as_ref().is_some_and(|secret| !secret.is_one()) {
                all.push(format!("ingest {}: secret: one of env, file, command or credential", n + 1));
            }
            if self.ingest.iter().take(n).any(|t| t.source == s.source) {
                all.push(format!("ingest {}: two of one source", n + 1));
            }
        }
        let long = |r: &String| r.trim().is_empty() || r.chars().count() > REASON;
        if f.reasons.len() > REASONS || f.reasons.iter().any(long) {
            all.push(format!("freeze.reasons: {REASONS} at most, each of 1 to {REASON} characters"));
        }
        all
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
            contest_days: self.clocks.contest_days,
            max_exit_share: self.limits.max_exit_share,
            min_exit_count: self.limits.min_exit_count,
            freeze: FreezePolicy {
                batch_people: self.freeze.batch_people,
                batch_share: self.freeze.batch_share,
                confirm_hours: self.freeze.confirm_hours,
                retention_days: self.freeze.retention_days,
                verify_minutes: self.freeze.verify_minutes,
            },
            location: self.offboarding.location == Switch::On,
        }
    }
}

/// A mistake in the `tenure.toml` of a home.
pub(super) fn bad(path: &Path, detail: String) -> Failure {
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
    fn a_night_may_pass_midnight() {
        let at = |locked: &str, now: &str| Console { locked: locked.into(), ..Console::default() }.locked_at(now.parse().unwrap());
        assert!(at("22:00-07:00", "02:00") && at("22:00-07:00", "23:59") && !at("22:00-07:00", "07:00") && !at("", "02:00"));
        assert!(at("00:00-06:00", "00:00") && !at("00:00-06:00", "12:00"));
        assert!(at("00:00-00:00", "00:00") && at("12:00-12:00", "11:59"), "always");
        let shipped = |now: &str| Config::default().console.locked_at(now.parse().unwrap());
        assert!(shipped("02:00") && shipped("22:00") && !shipped("06:00") && !shipped("10:00"));
        assert!(Config::parse(Path::new("tenure.toml"), "[console]\nlocked = \"night\"\n").is_err());
    }

    #[test]
    fn unknown_names_are_refused_with_their_line() {
        let e = Config::parse(Path::new("tenure.toml"), "[company]\nzoen = \"UTC\"\n").unwrap_err();
        assert!(e.what.args["detail"].contains("line 2"), "{e:?}");
    }
}
