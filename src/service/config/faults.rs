//! Everything that is wrong with a home's configuration, where a start names the first.

use super::{Config, bad};
use crate::{
    connect::targets::{self, TargetSpec},
    domain::sentence::Sentence,
    service::offboarding::template,
};
use serde::Deserialize;
use std::path::Path;
use toml::{Table, Value};

impl Config {
    /// Every mistake that can be told without opening the home, a sentence each.
    pub fn faults(dir: &Path) -> Vec<Sentence> {
        let path = Self::path(dir);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(e) => return vec![bad(&path, e.to_string()).what],
        };
        let (config, mut details) = readable(&text);
        details.extend(config.mistakes());
        let mut all: Vec<Sentence> = details.into_iter().map(|d| bad(&path, d).what).collect();
        let before = all.len();
        all.extend(config.targets.iter().flat_map(|spec| of_target(spec, dir)));
        if all.len() == before {
            // What is wrong with them together: two of one name.
            all.extend(targets::open(&config.targets, dir).err());
        }
        all.extend(template(dir, &config.offboarding.template).err().map(|f| f.what));
        all
    }
}

/// What can be read of a file, and why the rest cannot. The one that the parser met first has its line; it stopped there, so the others have none.
fn readable(text: &str) -> (Config, Vec<String>) {
    let first = match toml::from_str::<Config>(text) {
        Ok(config) => return (config, Vec::new()),
        Err(e) => e,
    };
    let mut all = vec![first.to_string()];
    let Ok(table) = toml::from_str::<Table>(text) else { return (Config::default(), all) };
    let (mut good, mut said) = (Table::new(), false);
    for (name, value) in table {
        let parts: Vec<(String, Value)> = match value {
            Value::Table(keys) => {
                keys.into_iter().map(|(k, v)| (format!("{name}.{k}"), Value::Table(Table::from_iter([(k, v)])))).collect()
            }
            Value::Array(list) => list.into_iter().zip(1..).map(|(v, n)| (format!("{name} {n}"), Value::Array(vec![v]))).collect(),
            other => vec![(name.clone(), other)],
        };
        for (place, part) in parts {
            match Config::deserialize(Table::from_iter([(name.clone(), part.clone())])) {
                Ok(_) => join(&mut good, &name, part),
                Err(e) if !said && e.message() == first.message() => said = true,
                Err(e) => all.push(format!("{place}: {}", e.message())),
            }
        }
    }
    (Config::deserialize(good).unwrap_or_default(), all)
}

fn join(good: &mut Table, name: &str, part: Value) {
    match (good.get_mut(name), part) {
        (Some(Value::Table(all)), Value::Table(part)) => all.extend(part),
        (Some(Value::Array(all)), Value::Array(part)) => all.extend(part),
        (_, part) => {
            good.insert(name.to_owned(), part);
        }
    }
}

/// Mistakes of one target. Each names a key; without that key the next is found.
fn of_target(spec: &TargetSpec, dir: &Path) -> Vec<Sentence> {
    let (mut all, mut spec): (Vec<Sentence>, _) = (Vec::new(), spec.clone());
    while let Err(why) = targets::open(std::slice::from_ref(&spec), dir) {
        let key = why.args.get("key").cloned().unwrap_or_default();
        // A key that is missing because it was taken out here is no mistake of the file.
        if all.iter().any(|w| w.args.get("key") == Some(&key)) {
            break;
        }
        let missing = why.code == "target-spec-missing";
        all.push(why);
        let Some(less) = Table::try_from(&spec).ok().filter(|_| !missing).and_then(|t| without(t, &key)) else { break };
        spec = less;
    }
    all
}

fn without(mut table: Table, key: &str) -> Option<TargetSpec> {
    table.remove(key.split('.').next()?)?;
    TargetSpec::deserialize(table).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let (config, mut all) = readable(text);
        all.extend(config.mistakes());
        all.extend(config.targets.iter().flat_map(|s| of_target(s, Path::new("."))).map(|w| format!("{} {:?}", w.code, w.args)));
        all
    }

    #[test]
    fn every_mistake_is_named() {
        let all = told(
            "[company]\nzoen = \"UTC\"\nzone = \"Mars/Olympus\"\n[limits]\nmax_exit_share = 2.0\n[console]\nlocked = \"night\"\nfont = 1\n\
             [clocks]\nack_hours = \"8\"\ntalk_hours = 0\n[[targets]]\nname = \"idp\"\nkind = \"scim\"\nurl = \"https://idp.example.com\"\n\
             timeout = \"soon\"\nsession_max = \"long\"\nmatch = \"salary = x\"\nbase = \"dc=x\"\n[[targets]]\nkind = \"ldap\"\n",
        );
        let has = |part: &str| assert!(all.iter().any(|l| l.contains(part)), "{part}: {all:#?}");
        for part in ["line 10", "company.zoen", "Mars/Olympus", "max_exit_share", "night", "console.font", "clocks:", "targets 2"] {
            has(part);
        }
        for key in ["timeout", "session_max", "match", "base"] {
            has(&format!("\"key\": \"{key}\""));
        }
        assert_eq!(all.len(), 12, "{all:#?}");
    }

    #[test]
    fn what_is_no_toml_is_one_mistake_and_a_good_file_none() {
        assert_eq!(told("[company\nname = 1\n[limits]\nx = 2").len(), 1);
        assert_eq!(told(super::super::DEFAULT), Vec::<String>::new());
    }
}
