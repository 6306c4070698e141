//! Described commands: an argv template without a shell, on this host or through ssh.
//!
//! A name goes into a command only when it fits a strict pattern, and only behind `--` or as `--option=name`. Through `via` every argument
//! is quoted for the one shell that ssh brings in. What a list or a file says is read by fields; nothing is believed from an exit code alone.

use super::{
    Gate, Target,
    run::{Done, Undone, run},
    spec::{Given, Rule, TargetSpec, same},
};
use crate::{
    domain::{
        sentence::Sentence,
        target::{Account, Call, Card, Health, Observed, Protection, ReadFault, Sent, StepCard, StepKind, Subject},
    },
    text::safe,
};
use async_trait::async_trait;
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};
use tokio::time::Instant;

/// What ssh and sudo need of our environment.
const KEEP: [&str; 3] = ["HOME", "USER", "SSH_AUTH_SOCK"];
/// ssh's own exit code when it, and not the far command, failed.
const SSH_FAILED: i32 = 255;
const MOST_WORDS: usize = 160;

/// A file of config/targets for commands.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "about")]
    _about: String,
    #[serde(rename = "checked")]
    _checked: String,
    /// Values that a target must give.
    #[serde(default)]
    needs: Vec<String>,
    find: Find,
    /// Lines about one account, in the order in which rules number them. The first tells whether it exists.
    read: Vec<Read>,
    sessions: Option<Sessions>,
    step: Vec<Step>,
}

/// Lists every account, one a line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Find {
    argv: Vec<String>,
    separator: String,
    login: usize,
    /// Fields that a link rule may name; parts between commas count each.
    fields: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    argv: Vec<String>,
    separator: String,
    /// Field that must be the name that was asked for.
    login: usize,
    display: Option<usize>,
    /// Exit codes that say that there is no such account.
    #[serde(default)]
    gone: Vec<i32>,
    /// Accounts whose number is lower are the system's own.
    service: Option<Below>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    field: usize,
    below: i64,
}

/// Prints how many sessions are open.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sessions {
    argv: Vec<String>,
    ok: Vec<i32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    kind: StepKind,
    calls: Vec<Line>,
    reversible: bool,
    #[serde(default)]
    destroys: bool,
    idempotent: bool,
    /// The wanted state: every rule holds.
    #[serde(default)]
    holds: Vec<Holds>,
    /// The wanted state: no session is open.
    #[serde(default)]
    no_sessions: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    argv: Vec<String>,
    #[serde(default = "zero")]
    ok: Vec<i32>,
}

fn zero() -> Vec<i32> {
    vec![0]
}

/// A rule about a field of a read; any of its conditions is enough.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Holds {
    read: usize,
    field: usize,
    is: Option<String>,
    starts: Option<String>,
    not_starts: Option<String>,
}

impl Holds {
    fn holds(&self, reads: &[Vec<String>]) -> Option<bool> {
        let field = reads.get(self.read)?.get(self.field)?;
        let is = self.is.as_ref().is_some_and(|t| field == t);
        let starts = self.starts.as_ref().is_some_and(|t| field.starts_with(t.as_str()));
        let not_starts = self.not_starts.as_ref().is_some_and(|t| !field.starts_with(t.as_str()));
        Some(is || starts || not_starts)
    }
}

/// Accounts of a host.
pub struct Command {
    card: Card,
    spec: TargetSpec,
    rule: Option<(Rule, usize)>,
    file: File,
    values: BTreeMap<String, String>,
    gate: Gate,
}

/// A name that may stand in a command.
fn plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '@' | '+' | '-');
    let starts = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    // Only digits is the number of an account to many programs, and then another account.
    starts && name.len() <= 64 && name.chars().all(fits) && !name.chars().all(|c| c.is_ascii_digit())
}

/// Placeholders stand behind `--`, or at the end of `--option=`, and are known.
fn fits(argv: &[String], needs: &[String]) -> bool {
    let mut ended = false;
    let mut fine = argv.first().is_some_and(|p| !p.contains('{'));
    for word in argv {
        if let Some((before, rest)) = word.split_once('{') {
            let name = rest.strip_suffix('}');
            let known = name.is_some_and(|n| n == "login" || needs.iter().any(|v| v == n));
            let option = before.starts_with("--") && before.ends_with('=');
            fine &= known && if ended { before.is_empty() } else { option };
        }
        ended |= word == "--";
    }
    fine
}

/// One word for a POSIX shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Opens a host; nothing is run yet.
///
/// # Errors
/// Names the target and the key, or the description, that does not fit.
pub(super) fn open(spec: &TargetSpec, home: &Path) -> Result<Arc<dyn Target>, Sentence> {
    let (name, text) = super::descriptions::text(spec, home)?;
    let bad = |detail: String| super::descriptions::bad(spec, &name, detail);
    let file: File = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
    let mut values = BTreeMap::new();
    for key in &file.needs {
        match spec.values.get(key) {
            Some(Given::One(value)) if plain(value) => values.insert(key.clone(), value.clone()),
            _ => return Err(spec.wrong(&format!("values.{key}"), "@target-want-value")),
        };
    }
    let lines = file.step.iter().flat_map(|s| s.calls.iter().map(|c| &c.argv));
    let lines = lines.chain(file.read.iter().map(|r| &r.argv)).chain(file.sessions.iter().map(|s| &s.argv)).chain([&file.find.argv]);
    for argv in lines {
        if !fits(argv, &file.needs) {
            return Err(bad(argv.join(" ")));
        }
    }
    let out_of_range = |h: &Holds| h.read >= file.read.len() || (h.is.is_none() && h.starts.is_none() && h.not_starts.is_none());
    // What must not happen twice is one call: of several, half may have happened, and nobody could tell which.
    if let Some(step) = file.step.iter().find(|s| !s.idempotent && s.calls.len() != 1) {
        return Err(bad(format!("{}: idempotent = false, calls = {}", step.kind, step.calls.len())));
    }
    if file.read.is_empty() || file.step.iter().any(|s| s.calls.is_empty() || s.holds.iter().any(out_of_range)) {
        return Err(bad("read, step".into()));
    }
    let rule = match spec.rule()? {
        Some(rule) => {
            let field = file.find.fields.get(&rule.theirs).copied().ok_or_else(|| spec.wrong("match", "@target-want-match"))?;
            Some((rule, field))
        }
        None => None,
    };
    let cards = file.step.iter().map(|s| StepCard {
        kind: s.kind,
        reversible: s.reversible,
        destroys: s.destroys,
        idempotent: s.idempotent,
        synchronous: true,
        reads_back: !s.holds.is_empty() || (s.no_sessions && file.sessions.is_some()),
    });
    let here = || std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_owned();
    let mut card = spec.card(spec.via.last().cloned().unwrap_or_else(here), cards.collect())?;
    card.reads_sessions = file.sessions.is_some();
    Ok(Arc::new(Command { gate: Gate::new(&card), card, rule, spec: spec.clone(), values, file }))
}

impl Command {
    fn until(&self) -> Instant {
        Instant::now() + Duration::from_secs(self.card.timeout.unsigned_abs())
    }

    fn say(&self, code: &'static str) -> Sentence {
        Sentence::new(code).with("target", &self.card.name)
    }

    fn fault(&self, code: &'static str) -> ReadFault {
        ReadFault { why: self.say(code), unauthorised: false, retry_after: None }
    }

    fn argv(&self, template: &[String], login: &str) -> Vec<String> {
        let filled = template.iter().map(|word| {
            let mut word = word.replace("{login}", login);
            for (key, value) in &self.values {
                word = word.replace(&format!("{{{key}}}"), value);
            }
            word
        });
        if self.spec.via.is_empty() {
            return filled.collect();
        }
        self.spec.via.iter().cloned().chain(filled.map(|w| quote(&w))).collect()
    }

    async fn run(&self, template: &[String], login: &str, until: Instant) -> Result<Done, Undone> {
        let _turn = self.gate.enter(until).await.ok_or(Undone::Late)?;
        run(&self.argv(template, login), until, &KEEP).await
    }

    fn undone(&self, program: &[String], e: &Undone) -> Sentence {
        match e {
            Undone::Late => self.say("target-no-answer").with("seconds", self.card.timeout),
            _ => self.say("target-start").with("program", program.first().cloned().unwrap_or_default()).with("detail", e),
        }
    }

    /// ssh got no further than the door.
    fn turned_away(&self, done: &Done) -> bool {
        !self.spec.via.is_empty() && done.code == Some(SSH_FAILED) && done.err.contains("Permission denied")
    }

    fn exit(&self, argv: &[String], done: &Done) -> Sentence {
        let code = done.code.map_or_else(|| "-".to_owned(), |c| c.to_string());
        let program = argv.first().cloned().unwrap_or_default();
        self.say("target-exit").with("program", program).with("code", code).with("detail", safe(done.err.trim(), MOST_WORDS))
    }

    /// The output of a read that ended with one of these exit codes, and the code.
    async fn read(&self, argv: &[String], login: &str, ok: &[i32], until: Instant) -> Result<(i32, String), ReadFault> {
        let fault = |why| ReadFault { why, unauthorised: false, retry_after: None };
        let done = self.run(argv, login, until).await.map_err(|e| fault(self.undone(argv, &e)))?;
        match done.code {
            Some(code) if ok.contains(&code) => Ok((code, done.out.as_str().to_owned())),
            _ if self.turned_away(&done) => Err(ReadFault { unauthorised: true, ..fault(self.say("target-unauthorised")) }),
            _ => Err(fault(self.exit(argv, &done))),
        }
    }

    async fn account(&self, login: &str, until: Instant) -> Result<Option<Account>, ReadFault> {
        if !plain(login) {
            return Ok(None);
        }
        let mut reads = Vec::new();
        let (mut display, mut protection) = (None, self.spec.protection(&[login]));
        for read in &self.file.read {
            let ok: Vec<i32> = [0].into_iter().chain(read.gone.iter().copied()).collect();
            let (code, out) = self.read(&read.argv, login, &ok, until).await?;
            if code != 0 {
                return Ok(None);
            }
            let fields: Vec<String> = out.lines().next().unwrap_or_default().split(&read.separator).map(str::to_owned).collect();
            // Some programs take a number for another name.
            if fields.get(read.login).map(String::as_str) != Some(login) {
                return Err(self.fault("target-other-account"));
            }
            display = display.or_else(|| read.display.and_then(|at| fields.get(at)).map(|d| safe(d, 120)).filter(|d| !d.is_empty()));
            let number = |b: &Below| fields.get(b.field).and_then(|f| f.parse::<i64>().ok());
            if protection.is_none() && read.service.as_ref().is_some_and(|b| number(b).is_none_or(|n| n < b.below)) {
                protection = Some(Protection::Service);
            }
            reads.push(fields);
        }
        let sessions = match &self.file.sessions {
            Some(s) => self.read(&s.argv, login, &s.ok, until).await?.1.trim().parse::<i64>().ok(),
            None => None,
        };
        let mut holds = BTreeMap::new();
        for step in &self.file.step {
            let by_rules: Option<bool> = step.holds.iter().try_fold(true, |all, h| Some(all && h.holds(&reads)?));
            let told = match (step.holds.is_empty(), step.no_sessions) {
                (false, false) => by_rules,
                (true, true) => sessions.map(|n| n == 0),
                (false, true) => by_rules.zip(sessions).map(|(rules, n)| rules && n == 0),
                (true, false) => None,
            };
            holds.extend(told.map(|t| (step.kind, t)));
        }
        let enabled = holds.get(&StepKind::BlockSignIn).map(|blocked| !blocked);
        let seen = Observed { exists: true, enabled, sessions, holds, ..Observed::default() };
        Ok(Some(Account { id: login.to_owned(), login: login.to_owned(), display, protection, owns: Vec::new(), marks: Vec::new(), seen }))
    }

    async fn write(&self, call: &Call, until: Instant) -> Result<Sent, ReadFault> {
        let rejected = |code| Sent::Rejected { why: self.say(code) };
        let Some(step) = self.file.step.iter().find(|s| s.kind == call.kind) else { return Ok(rejected("target-cannot")) };
        let Some(account) = self.account(&call.account, until).await? else { return Ok(rejected("target-no-account")) };
        if account.login != call.login {
            return Ok(rejected("target-other-account"));
        }
        let restores = matches!(call.kind, StepKind::Unblock | StepKind::Release);
        if !call.excepted && !restores && account.protection.is_some() {
            return Ok(rejected("target-protected"));
        }
        for (n, line) in step.calls.iter().enumerate() {
            match self.run(&line.argv, &account.login, until).await {
                Ok(done) if done.code.is_some_and(|c| line.ok.contains(&c)) => {}
                Ok(done) if self.turned_away(&done) => return Ok(Sent::Unauthorised { why: self.say("target-unauthorised") }),
                // The far command may have run: ssh lost it. And what a signal ended may have done its work.
                Ok(done) if done.code.is_none() || (!self.spec.via.is_empty() && done.code == Some(SSH_FAILED)) => {
                    return Ok(Sent::Unknown { why: self.exit(&line.argv, &done) });
                }
                Ok(done) => return Ok(Sent::Rejected { why: self.exit(&line.argv, &done) }),
                Err(Undone::NotStarted(e)) if n == 0 => {
                    let why = self.undone(&line.argv, &Undone::NotStarted(e));
                    return Ok(Sent::NotSent { why, retry_after: None });
                }
                Err(e) => return Ok(Sent::Unknown { why: self.undone(&line.argv, &e) }),
            }
        }
        Ok(Sent::Accepted)
    }
}

#[async_trait]
impl Target for Command {
    fn card(&self) -> &Card {
        &self.card
    }

    async fn find(&self, whom: &Subject) -> Result<Vec<Account>, ReadFault> {
        let Some((rule, field)) = &self.rule else { return Ok(Vec::new()) };
        let (value, field) = (rule.value(whom, &self.card)?, *field);
        let until = self.until();
        let list = self.read(&self.file.find.argv, "", &[0], until).await?.1;
        let mut out = Vec::new();
        for line in list.lines() {
            let fields: Vec<_> = line.split(&self.file.find.separator).collect();
            if fields.get(field).is_some_and(|f| same(f, value) || f.split(',').any(|part| same(part, value)))
                && let Some(login) = fields.get(self.file.find.login)
            {
                // It is theirs, and its name cannot be put into a command.
                if !plain(login) {
                    return Err(self.fault("target-login-shape"));
                }
                let marks: Vec<String> = fields.get(field).into_iter().flat_map(|f| f.split(',')).map(|m| m.trim().to_owned()).collect();
                out.extend(self.account(login, until).await?.map(|a| Account { marks, ..a }));
            }
        }
        Ok(out)
    }

    async fn get(&self, id: &str) -> Result<Option<Account>, ReadFault> {
        self.account(id, self.until()).await
    }

    async fn send(&self, call: &Call) -> Sent {
        self.write(call, self.until()).await.unwrap_or_else(Sent::from)
    }

    async fn check(&self) -> Health {
        let began = Instant::now();
        let mut health = Health::of(&self.card);
        let found = match self.read(&self.file.find.argv, "", &[0], self.until()).await {
            Ok(_) => super::described_canary(self, &self.spec).await,
            Err(e) => Err(e),
        };
        health.settle(found);
        health.took_ms = i64::try_from(began.elapsed().as_millis()).unwrap_or(i64::MAX);
        health
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn names_stand_only_where_they_cannot_be_options() {
        let needs = ["pool".to_owned()];
        for fine in ["usermod -L -- {login}", "pkill --euid={login}", "x --pool={pool} -- {login} {pool}", "id -u"] {
            assert!(fits(&words(fine), &needs), "{fine}");
        }
        for bad in
            ["usermod -L {login}", "{login}", "pkill -u{login}", "x -- a{login}", "x -- {other}", "x -- {login", "x -- {login}{login}"]
        {
            assert!(!fits(&words(bad), &needs), "{bad}");
        }
    }

    #[test]
    fn names_are_plain_or_stay_out() {
        for fine in ["zhang.wei", "_apt", "a", "user-1", "x@example.test", "10252a"] {
            assert!(plain(fine), "{fine}");
        }
        for bad in ["", "-rf", "10252", "a b", "a;b", "$(id)", "张伟", "a\n", "../a", &"a".repeat(65)] {
            assert!(!plain(bad), "{bad:?}");
        }
    }

    #[test]
    fn the_far_shell_gets_one_word() {
        let joined = ["usermod", "-e", "", "it's", "$(id)"].map(quote).join(" ");
        let out = std::process::Command::new("sh").arg("-c").arg(format!("printf '%s|' {joined}")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "usermod|-e||it's|$(id)|");
    }
}
