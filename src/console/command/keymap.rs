//! Keys to commands: the defaults of the table, changed by the operator's `keymap.toml`.

use super::{
    COMMANDS, Command, CommandId, Scope,
    key::{Chord, Key},
};
use crate::{
    domain::sentence::Sentence,
    text::{Lang, Texts},
};
use std::{collections::BTreeMap, ops::Bound};
use strum::IntoEnumIterator;

/// What the keys pressed so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    Command(CommandId),
    /// More keys may follow.
    Prefix,
    Nothing,
}

/// All bindings, by scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keymap {
    bound: BTreeMap<Scope, BTreeMap<Chord, CommandId>>,
}

/// Default chords of a command.
pub fn defaults(c: &Command) -> impl Iterator<Item = Chord> {
    // That every default parses is held by a test.
    c.keys.split('|').map(str::trim).filter(|k| !k.is_empty()).filter_map(|k| k.parse().ok())
}

impl Keymap {
    /// The defaults with the operator's changes (`"alert.ack" = ["a"]`; `[]` unbinds). Every mistake is reported; all the rest applies.
    pub fn new(overrides: Option<&str>) -> (Self, Vec<Sentence>) {
        let mut keys: BTreeMap<CommandId, Vec<Chord>> = COMMANDS.iter().map(|c| (c.id, defaults(c).collect())).collect();
        let mut faults = Vec::new();
        let mut changed = Vec::new();
        if let Some(text) = overrides {
            match text.parse::<toml::Table>() {
                Ok(table) => {
                    for (name, value) in &table {
                        if let Some((id, chords)) = read(name, value, &mut faults) {
                            keys.insert(id, chords);
                            changed.push(id);
                        }
                    }
                }
                Err(e) => {
                    let line = e.span().map_or(1, |s| text.get(..s.start).unwrap_or_default().matches('\n').count() + 1);
                    faults.push(Sentence::new("keymap-syntax").with("line", line).with("what", e.message()));
                }
            }
        }
        let mut map = Self::default();
        // The operator's own keys win over the defaults of other commands.
        let order = changed.iter().copied().chain(keys.keys().copied().filter(|id| !changed.contains(id))).collect::<Vec<_>>();
        for id in order {
            let row = super::row(id);
            let scope = map.bound.entry(row.scope).or_default();
            for chord in keys.get(&id).into_iter().flatten() {
                match clash(scope, chord) {
                    Some(other) => {
                        let other = super::row(other).name;
                        faults.push(Sentence::new("keymap-taken").with("keys", chord).with("name", row.name).with("other", other));
                    }
                    None => {
                        scope.insert(chord.clone(), id);
                    }
                }
            }
        }
        (map, faults)
    }

    /// What `keys` mean in a chain of scopes, innermost first: the first scope that knows them decides.
    pub fn find(&self, scopes: &[Scope], keys: &[Key]) -> Found {
        let chord = Chord(keys.to_vec());
        for bound in scopes.iter().filter_map(|s| self.bound.get(s)) {
            if let Some(id) = bound.get(&chord) {
                return Found::Command(*id);
            }
            if starts_with(bound, &chord) {
                return Found::Prefix;
            }
        }
        Found::Nothing
    }

    /// The shortest chord that runs a command in a chain of scopes.
    pub fn keys_of(&self, scopes: &[Scope], id: CommandId) -> Option<Chord> {
        self.all_keys_of(scopes, id).into_iter().next()
    }

    /// Every chord that runs a command in a chain of scopes, in the order of the table, then of the keyboard.
    pub fn all_keys_of(&self, scopes: &[Scope], id: CommandId) -> Vec<Chord> {
        let Some(bound) = self.bound.get(&super::row(id).scope) else { return Vec::new() };
        let mut chords: Vec<Chord> =
            bound.iter().filter(|(c, b)| **b == id && self.find(scopes, &c.0) == Found::Command(id)).map(|(c, _)| c.clone()).collect();
        let order: Vec<Chord> = defaults(super::row(id)).collect();
        chords.sort_by_key(|c| order.iter().position(|o| o == c).unwrap_or(0));
        chords
    }

    /// What may follow a prefix, for the which-key line.
    pub fn after(&self, scopes: &[Scope], keys: &[Key]) -> Vec<(Chord, CommandId)> {
        let mut rows: Vec<(Chord, CommandId)> = scopes
            .iter()
            .filter_map(|s| self.bound.get(s))
            .flatten()
            .filter(|(c, _)| c.0.len() > keys.len() && c.0.starts_with(keys))
            .map(|(c, id)| (Chord(c.0.iter().skip(keys.len()).copied().collect()), *id))
            .collect();
        rows.sort_by_key(|r| r.1);
        rows.dedup();
        rows
    }
}

fn read(name: &str, value: &toml::Value, faults: &mut Vec<Sentence>) -> Option<(CommandId, Vec<Chord>)> {
    let Some(row) = COMMANDS.iter().find(|c| c.name == name) else {
        faults.push(Sentence::new("keymap-unknown").with("name", name));
        return None;
    };
    let Some(list) = value.as_array() else {
        faults.push(Sentence::new("keymap-no-list").with("name", name));
        return None;
    };
    let mut chords = Vec::new();
    let before = faults.len();
    for item in list {
        match item.as_str().map(str::parse::<Chord>) {
            Some(Ok(chord)) => chords.push(chord),
            _ => faults.push(Sentence::new("keymap-bad-key").with("name", name).with("keys", item.to_string())),
        }
    }
    // A row whose keys are all wrong keeps its defaults: a typo must not take a command away.
    (!chords.is_empty() || faults.len() == before).then_some((row.id, chords))
}

/// Another command in the same scope that has these keys, or a beginning or continuation of them.
fn clash(bound: &BTreeMap<Chord, CommandId>, chord: &Chord) -> Option<CommandId> {
    bound.iter().find(|(c, _)| c.0.starts_with(&chord.0) || chord.0.starts_with(&c.0)).map(|(_, id)| *id)
}

fn starts_with(bound: &BTreeMap<Chord, CommandId>, chord: &Chord) -> bool {
    bound.range((Bound::Excluded(chord), Bound::Unbounded)).next().is_some_and(|(c, _)| c.0.starts_with(&chord.0))
}

/// Text of `config/keymap.toml`: every command with its default keys, commented out, under its scope.
pub fn template(texts: &Texts) -> String {
    let mut out = format!("# {}\n", texts.get(Lang::En, "keymap-head"));
    for scope in Scope::iter() {
        out.push_str(&format!("\n# {}\n", <&str>::from(scope)));
        for c in COMMANDS.iter().filter(|c| c.scope == scope) {
            let keys: Vec<String> = defaults(c).map(|k| format!("\"{k}\"")).collect();
            out.push_str(&format!("# \"{}\" = [{}]  # {}\n", c.name, keys.join(", "), texts.get(Lang::En, &c.title())));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn defaults_parse_and_do_not_clash() {
        for c in COMMANDS {
            let written = c.keys.split('|').filter(|k| !k.trim().is_empty()).count();
            assert_eq!(defaults(c).count(), written, "{}", c.name);
        }
        let (_, faults) = Keymap::new(None);
        assert_eq!(faults, []);
    }

    #[test]
    fn chords_wait_for_their_second_key() {
        let (map, _) = Keymap::new(None);
        let scopes = [Scope::Alerts, Scope::Work, Scope::List, Scope::Global];
        let g = Key::char('g');
        assert_eq!(map.find(&scopes, &[g]), Found::Prefix);
        assert_eq!(map.find(&scopes, &[g, Key::char('a')]), Found::Command(CommandId::GoAlerts));
        assert_eq!(map.find(&scopes, &[g, g]), Found::Command(CommandId::ListFirst));
        assert_eq!(map.find(&scopes, &[g, Key::char('!')]), Found::Nothing);
        assert_eq!(map.find(&[Scope::Global], &[Key::char('a')]), Found::Nothing);
    }

    #[test]
    fn an_inner_scope_hides_a_key_of_an_outer_one() {
        let (map, _) = Keymap::new(None);
        let scopes = [Scope::Person, Scope::Work, Scope::List, Scope::Global];
        assert_eq!(map.find(&scopes, &[Key::char('p')]), Found::Command(CommandId::PersonPrevKind));
        assert_eq!(map.keys_of(&scopes, CommandId::AlertPlan).unwrap().to_string(), "P");
    }

    #[test]
    fn all_mistakes_are_told_at_once_and_the_rest_applies() {
        let text = r#"
            "alert.ack" = ["A"]
            "alert.nak" = ["b"]
            "alert.note" = ["hyper-c"]
            "alert.talk" = 7
            "alert.dismiss" = ["x"]
            "app.lang" = []
        "#;
        let (map, faults) = Keymap::new(Some(text));
        let mut codes: Vec<_> = faults.iter().map(|f| f.code.as_ref()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["keymap-bad-key", "keymap-no-list", "keymap-taken", "keymap-unknown"]);
        let scopes = [Scope::Work, Scope::Global];
        assert_eq!(map.find(&scopes, &[Key::char('A')]), Found::Command(CommandId::AlertAck));
        assert_eq!(map.find(&scopes, &[Key::char('a')]), Found::Nothing);
        assert_eq!(map.find(&scopes, &[Key::char('x')]), Found::Command(CommandId::AlertDismiss));
        assert_eq!(map.find(&scopes, &[Key::char('c')]), Found::Command(CommandId::AlertNote));
        assert_eq!(map.find(&scopes, &[Key::ctrl('g')]), Found::Nothing);
    }

    #[test]
    fn the_shipped_keymap_is_generated() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/keymap.toml");
        let text = template(&Texts::new(&[]));
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), text);
    }

    #[test]
    fn uncommenting_the_template_changes_nothing() {
        let text = template(&Texts::new(&[])).replace("# \"", "\"");
        assert_eq!(Keymap::new(Some(&text)).1, []);
    }

    proptest! {
        #[test]
        fn any_file_is_read_without_panic(text in "\\PC{0,200}") {
            let _ = Keymap::new(Some(&text));
        }

        #[test]
        fn any_list_of_keys_is_read_without_panic(name in 0usize..COMMANDS.len(), keys in proptest::collection::vec("[a-z \\-]{0,9}", 0..4)) {
            let list = keys.iter().map(|k| format!("\"{k}\"")).collect::<Vec<_>>().join(",");
            let _ = Keymap::new(Some(&format!("\"{}\" = [{list}]", COMMANDS[name].name)));
        }
    }
}
