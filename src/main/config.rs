//! The home's own files beside its data: what they say, and what is wrong with them.

use super::App;
use std::path::{Path, PathBuf};
use strum::IntoEnumIterator;
use tenure::{
    backend::Failure,
    cli::{self, Out, Stop, config::Config as ConfigCommand},
    connect::sources::Mapping,
    console::{
        command::keymap::{self, Keymap},
        look::{OwnThemes, Theme, ThemeName},
    },
    domain::sentence::Sentence,
    service::{Config, models::Models, roles},
    text::{self, Lang},
};

/// The home's own files of a kind, by name: `models/*.toml`, `locales/en/*.ftl`.
fn own_files(dir: &Path, end: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|f| f.path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == end));
    files.sort();
    files
}

/// Themes that the home draws in its own way.
pub fn own_themes(dir: &Path) -> OwnThemes {
    let text = |name: ThemeName| std::fs::read_to_string(dir.join("themes").join(format!("{name}.toml"))).ok();
    ThemeName::iter().filter_map(|name| Some((name, text(name)?))).collect()
}

/// Sentences that the home words in its own way: of the locales, then of the playbooks.
pub fn own_texts(dir: &Path) -> Vec<(Lang, String)> {
    let files = |lang: Lang| {
        let playbook = dir.join("playbooks").join(format!("{}.ftl", lang.tag()));
        own_files(&dir.join("locales").join(lang.tag()), "ftl").into_iter().chain([playbook]).map(move |f| (lang, f))
    };
    Lang::ALL.into_iter().flat_map(files).filter_map(|(lang, f)| Some((lang, std::fs::read_to_string(f).ok()?))).collect()
}

/// `tenure config`.
pub fn run(app: &App, command: &ConfigCommand, out: &mut Out) -> Result<u8, Stop> {
    match command {
        ConfigCommand::Path => {
            let dir = app.dir.display().to_string();
            if out.json { out.json(&serde_json::json!({"path": dir}))? } else { out.line(&dir)? }
        }
        ConfigCommand::Show => {
            let config = Config::load(&app.dir)?;
            if out.json { out.json(&config)? } else { out.write(&toml::to_string(&config).map_err(Failure::broken)?)? }
        }
        ConfigCommand::Check => {
            let keymap = std::fs::read_to_string(app.dir.join("keymap.toml")).ok();
            let found = faults(&app.dir).into_iter().chain(Keymap::new(keymap.as_deref()).1);
            let mut findings: Vec<_> = found.map(|what| (false, what)).collect();
            if findings.is_empty() {
                findings.push((true, Sentence::new("cli-config-ok")));
            }
            return cli::doctor::print(out, &findings);
        }
        ConfigCommand::Keymap => {
            let text = keymap::template(&out.texts);
            if out.json { out.json(&serde_json::json!({"keymap": text}))? } else { out.write(&text)? }
        }
    }
    Ok(0)
}

/// Everything that is wrong with the home's files, but for the keymap.
pub fn faults(dir: &Path) -> Vec<Sentence> {
    let mut faults = Config::faults(dir);
    faults.extend(Models::load(dir).err().map(|f| f.what));
    faults.extend(roles::load(dir).err().map(|f| f.what));
    let bad = |file: &Path, detail: String| Sentence::new("config-bad").with("file", file.display()).with("detail", detail);
    for file in own_files(&dir.join("maps"), "toml") {
        match std::fs::read_to_string(&file) {
            Ok(text) => faults.extend(Mapping::parse(&text).err()),
            Err(e) => faults.push(bad(&file, e.to_string())),
        }
    }
    for file in Lang::ALL.iter().flat_map(|lang| own_files(&dir.join("locales").join(lang.tag()), "ftl")) {
        match std::fs::read_to_string(&file) {
            Ok(text) => faults.extend(text::check(&text).into_iter().map(|(line, why)| bad(&file, format!("{line}: {why}")))),
            Err(e) => faults.push(bad(&file, e.to_string())),
        }
    }
    for (name, text) in own_themes(dir) {
        let file = dir.join("themes").join(format!("{name}.toml"));
        faults.extend(Theme::parse(&text, false).err().map(|e| bad(&file, e.to_string())));
    }
    faults
}
