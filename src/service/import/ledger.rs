//! What the rows of an import are decided on and written to: the store while publishing, a draft over it for a preview.
//!
//! The same decisions ([`super::decide`]) drive both, so that `--dry-run` cannot say anything else than publishing does. A preview does not
//! publish into a transaction that is rolled back in the end: on SQLite that would keep the write lock from every console for as long as a
//! file takes, and write its pages to the log all the same. The draft reads a snapshot, takes no lock and writes nothing, on either engine.
//! It holds the people that the file touches (some 300 bytes each), the identities of its new signals (24 bytes each), and when and how its
//! customers, orders and receivables were stated (some 200 bytes each).

use super::books::{Books, Drafts};
use crate::{
    domain::{
        ids::{PersonId, SpellId},
        import::{EmployeeRow, ExitRow, Stated},
        person::SpellState,
    },
    store::{
        self, StoreError, Tx,
        import::{Known, KnownSpell},
        signal::{Content, EventKey, Span},
    },
};
use jiff::Timestamp;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
};

type Result<T> = std::result::Result<T, StoreError>;

/// What an event id is to those that came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    New,
    /// Known, and says the same.
    Same,
    /// Known, and says something else.
    Other,
}

/// Facts for the decisions, and where their changes go: a change is a fact for the next row.
pub(super) trait Ledger: Books {
    fn now(&self) -> Timestamp;
    /// A person by source and key.
    fn known(&mut self, source: &str, key: &str) -> Result<Option<Known>>;
    /// Spells of a person, oldest first.
    fn spells(&mut self, person: PersonId) -> Result<Vec<KnownSpell>>;
    /// The live spell with a number.
    fn live_number(&mut self, number: &str) -> Result<Option<(SpellId, PersonId)>>;
    /// Spells that carry a number, oldest first.
    fn spans(&mut self, number: &str) -> Result<Vec<Span>>;
    /// Takes the first claim of an event id, or says what became of it.
    fn event(&mut self, key: &EventKey, says: &Content) -> Result<Event>;
    /// Notes that a spell was stated again, later, as it is.
    fn restate(&mut self, known: &Known, spell: SpellId, said: &Stated) -> Result<()>;
    fn put_person(&mut self, id: PersonId, source: &str, row: &EmployeeRow, spell: SpellId, said: &Stated) -> Result<()>;
    /// Writes a spell, and shows the person by the right one of theirs.
    fn put_spell(&mut self, id: SpellId, person: PersonId, row: &EmployeeRow, said: &Stated) -> Result<()>;
    fn end_spell(&mut self, id: SpellId, person: PersonId, row: &ExitRow, gone: bool) -> Result<()>;
}

/// Whether a statement about a spell is what was last said about the person.
fn is_last_word(known: &Known, spell: SpellId, said: &Stated) -> bool {
    known.spell == spell && known.stated.says(said)
}

/// A repeated event id against what is stored under its first claim.
fn repeated(tx: &mut Tx, key: &EventKey, first: (SpellId, i64), says: &Content) -> Result<Event> {
    if first != (says.0, says.1) {
        return Ok(Event::Other);
    }
    // A claim without a signal was made ahead of a crash.
    Ok(match store::signal::by_event(tx, key)? {
        None => Event::New,
        Some(stored) if stored == *says => Event::Same,
        Some(_) => Event::Other,
    })
}

/// The store, in a publishing transaction.
pub(super) struct Live<'a, 'e> {
    pub tx: &'a mut Tx<'e>,
    /// Event ids that were claimed ahead, and for whom and when.
    pub fresh: &'a mut HashMap<EventKey, (SpellId, i64)>,
    /// What this transaction will store in the end.
    pending: HashMap<EventKey, Content>,
}

impl<'a, 'e> Live<'a, 'e> {
    pub fn new(tx: &'a mut Tx<'e>, fresh: &'a mut HashMap<EventKey, (SpellId, i64)>) -> Self {
        Self { tx, fresh, pending: HashMap::new() }
    }
}

impl Ledger for Live<'_, '_> {
    fn now(&self) -> Timestamp {
        self.tx.now()
    }

    fn known(&mut self, source: &str, key: &str) -> Result<Option<Known>> {
        store::import::known(self.tx, source, key)
    }

    fn spells(&mut self, person: PersonId) -> Result<Vec<KnownSpell>> {
        store::import::spells(self.tx, person)
    }

    fn live_number(&mut self, number: &str) -> Result<Option<(SpellId, PersonId)>> {
        store::import::live_number(self.tx, number)
    }

    fn spans(&mut self, number: &str) -> Result<Vec<Span>> {
        store::signal::spans(self.tx, number)
    }

    fn event(&mut self, key: &EventKey, says: &Content) -> Result<Event> {
        if let Some(before) = self.pending.get(key) {
            return Ok(if before == says { Event::Same } else { Event::Other });
        }
        let own = (says.0, says.1);
        let event = match self.fresh.remove(key) {
            Some(first) if first == own => Event::New,
            Some(_) => Event::Other,
            None if store::signal::claim(self.tx, &[(*key, own.0, own.1)])? == [true] => Event::New,
            None => {
                let first = store::signal::claimed(self.tx, key)?.unwrap_or(own);
                repeated(self.tx, key, first, says)?
            }
        };
        if event == Event::New {
            self.pending.insert(*key, *says);
        }
        Ok(event)
    }

    fn restate(&mut self, known: &Known, spell: SpellId, said: &Stated) -> Result<()> {
        store::import::restate(self.tx, spell, said, is_last_word(known, spell, said).then_some(known.id))
    }

    fn put_person(&mut self, id: PersonId, source: &str, row: &EmployeeRow, spell: SpellId, said: &Stated) -> Result<()> {
        store::import::put_person(self.tx, id, source, row, spell, said)
    }

    fn put_spell(&mut self, id: SpellId, person: PersonId, row: &EmployeeRow, said: &Stated) -> Result<()> {
        store::import::put_spell(self.tx, id, person, row, said)?;
        store::import::show_spell(self.tx, person)
    }

    fn end_spell(&mut self, id: SpellId, _: PersonId, row: &ExitRow, gone: bool) -> Result<()> {
        store::import::end_spell(self.tx, id, row.last_day, row.exit, gone)
    }
}

/// What a preview would have changed so far; the rows that it does not hold are as they are stored.
#[derive(Default)]
pub(super) struct Memory {
    people: HashMap<PersonId, Drafted>,
    /// People of the file by their key in its source.
    keys: HashMap<String, PersonId>,
    /// Who of `people` has, or had, a number.
    numbers: HashMap<String, Vec<PersonId>>,
    /// What new events say, as a number that differs when they do.
    events: HashMap<EventKey, u64>,
    pub books: Drafts,
}

struct Drafted {
    new: bool,
    /// When and how the person was stated last; `None` is as stored.
    said: Option<Stated>,
    spells: Vec<KnownSpell>,
}

impl Drafted {
    /// As [`store::import::show_spell`] picks it.
    fn shown(&self) -> Option<SpellId> {
        self.spells.iter().max_by_key(|s| (s.live(), s.started)).map(|s| s.id)
    }
}

impl Memory {
    /// Whether the file brings that person.
    pub fn is_new(&self, id: PersonId) -> bool {
        self.people.get(&id).is_some_and(|p| p.new)
    }

    fn number(&mut self, number: &str, person: PersonId) {
        let who = self.numbers.entry(number.to_owned()).or_default();
        if !who.contains(&person) {
            who.push(person);
        }
    }

    /// Drafted spells that carry a number.
    fn carry<'m>(&'m self, number: &'m str) -> impl Iterator<Item = (PersonId, &'m KnownSpell)> {
        let who = self.numbers.get(number).map(Vec::as_slice).unwrap_or_default();
        who.iter()
            .filter_map(|id| Some((*id, self.people.get(id)?)))
            .flat_map(|(id, p)| p.spells.iter().map(move |s| (id, s)))
            .filter(move |(_, s)| s.number == number)
    }
}

fn told(says: &Content) -> u64 {
    // Adding 0 makes a negative zero positive: equal values have equal bits.
    let bits = |v: Option<f64>| v.map(|v| (v + 0.0).to_bits());
    let mut hasher = DefaultHasher::new();
    (says.0.0, says.1, says.2 as i64, bits(says.3), bits(says.4)).hash(&mut hasher);
    hasher.finish()
}

/// The store as it would be, on a snapshot.
pub(super) struct Draft<'a, 'e> {
    pub tx: &'a mut Tx<'e>,
    pub memory: &'a mut Memory,
}

impl Draft<'_, '_> {
    /// The draft of a person, begun with what is stored.
    fn open(&mut self, id: PersonId) -> Result<&mut Drafted> {
        if !self.memory.people.contains_key(&id) {
            let spells = store::import::spells(self.tx, id)?;
            for s in &spells {
                self.memory.number(&s.number, id);
            }
            self.memory.people.insert(id, Drafted { new: spells.is_empty(), said: None, spells });
        }
        self.memory.people.get_mut(&id).ok_or_else(|| StoreError::Stopped("a draft got lost".into()))
    }
}

impl Ledger for Draft<'_, '_> {
    fn now(&self) -> Timestamp {
        self.tx.now()
    }

    fn known(&mut self, source: &str, key: &str) -> Result<Option<Known>> {
        let stored = store::import::known(self.tx, source, key)?;
        let Some(id) = stored.as_ref().map(|k| k.id).or_else(|| self.memory.keys.get(key).copied()) else { return Ok(None) };
        let Some(p) = self.memory.people.get(&id) else { return Ok(stored) };
        let said = p.said.clone().or_else(|| stored.as_ref().map(|k| k.stated.clone()));
        let spell = p.shown().or_else(|| stored.as_ref().map(|k| k.spell));
        Ok(said.zip(spell).map(|(stated, spell)| Known { id, spell, stated }))
    }

    fn spells(&mut self, person: PersonId) -> Result<Vec<KnownSpell>> {
        match self.memory.people.get(&person) {
            Some(p) => Ok(p.spells.clone()),
            None => store::import::spells(self.tx, person),
        }
    }

    fn live_number(&mut self, number: &str) -> Result<Option<(SpellId, PersonId)>> {
        let stored = store::import::live_number(self.tx, number)?.filter(|(_, p)| !self.memory.people.contains_key(p));
        Ok(stored.or_else(|| self.memory.carry(number).find(|(_, s)| s.live()).map(|(p, s)| (s.id, p))))
    }

    fn spans(&mut self, number: &str) -> Result<Vec<Span>> {
        let mut spans = store::signal::spans(self.tx, number)?;
        spans.retain(|s| !self.memory.people.contains_key(&s.person));
        spans.extend(self.memory.carry(number).map(|(person, s)| Span {
            spell: s.id,
            person,
            started: s.started.to_string(),
            last_day: s.last_day.map(|d| d.to_string()),
        }));
        spans.sort_by(|a, b| a.started.cmp(&b.started));
        Ok(spans)
    }

    fn event(&mut self, key: &EventKey, says: &Content) -> Result<Event> {
        if let Some(before) = self.memory.events.get(key) {
            return Ok(if *before == told(says) { Event::Same } else { Event::Other });
        }
        let event = match store::signal::claimed(self.tx, key)? {
            Some(first) => repeated(self.tx, key, first, says)?,
            None => Event::New,
        };
        if event == Event::New {
            self.memory.events.insert(*key, told(says));
        }
        Ok(event)
    }

    fn restate(&mut self, known: &Known, spell: SpellId, said: &Stated) -> Result<()> {
        let p = self.open(known.id)?;
        if let Some(s) = p.spells.iter_mut().find(|s| s.id == spell) {
            s.stated = said.clone();
        }
        if is_last_word(known, spell, said) {
            p.said = Some(said.clone());
        }
        Ok(())
    }

    fn put_person(&mut self, id: PersonId, _: &str, row: &EmployeeRow, _: SpellId, said: &Stated) -> Result<()> {
        self.open(id)?.said = Some(said.clone());
        self.memory.keys.insert(row.person.clone(), id);
        Ok(())
    }

    fn put_spell(&mut self, id: SpellId, person: PersonId, row: &EmployeeRow, said: &Stated) -> Result<()> {
        let next = KnownSpell {
            id,
            number: row.number.clone(),
            started: row.started,
            last_day: row.last_day,
            state: row.state,
            exit: row.exit,
            stated: said.clone(),
        };
        let p = self.open(person)?;
        p.spells.retain(|s| s.id != id);
        p.spells.push(next);
        p.spells.sort_by_key(|s| s.started);
        self.memory.number(&row.number, person);
        Ok(())
    }

    fn end_spell(&mut self, id: SpellId, person: PersonId, row: &ExitRow, gone: bool) -> Result<()> {
        if let Some(s) = self.open(person)?.spells.iter_mut().find(|s| s.id == id) {
            (s.last_day, s.exit) = (Some(row.last_day), Some(row.exit));
            s.state = if gone { SpellState::Departed } else { SpellState::Notice };
        }
        Ok(())
    }
}
