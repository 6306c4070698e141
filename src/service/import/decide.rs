//! What becomes of a mapped row: one decision for publishing and for a preview, whatever the order of rows and files.

use super::{
    ledger::{Event, Ledger},
    refused,
};
use crate::{
    backend::Failure,
    domain::{
        ids::{PersonId, SpellId},
        import::{EmployeeRow, Ending, ExitRow, ImportRow, SignalRow, Stated},
        person::SpellState,
        sentence::Sentence,
        signal::{KindPolicy, SignalKind},
    },
    service::Service,
    store::{
        self, StoreError, Tx,
        import::KnownSpell,
        signal::{Span, event_key},
    },
};
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

/// Employee numbers whose spells are remembered from row to row.
const CACHE: usize = 100_000;

/// What a row did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Took {
    /// Changed a person, or brought them.
    Person(PersonId),
    /// A new signal: whose, and how many days its kind is kept. The caller stores it.
    Signal(SpellId, i64),
    /// Changed a customer, its owner, an order or a receivable, or brought it.
    Custody,
    /// Known already.
    Same,
    /// A signal whose keeping time is over.
    Expired,
}

/// What is remembered from row to row.
#[derive(Default)]
pub(super) struct Desk {
    spans: HashMap<String, Vec<Span>>,
    kinds: HashMap<SignalKind, KindPolicy>,
    /// Whose evidence or state changed.
    pub dirty: BTreeSet<SpellId>,
    /// Whose employment ends, or ends otherwise than it did.
    pub uncounted: BTreeSet<SpellId>,
    /// People who were new.
    pub people: i64,
    pub departed: bool,
    /// An employment ends otherwise than it did: its case follows.
    pub moved: bool,
}

impl Desk {
    /// Forgets what one transaction did.
    pub fn clear(&mut self) {
        self.dirty.clear();
        self.uncounted.clear();
        self.people = 0;
        self.moved = false;
    }
}

impl Service {
    pub(super) fn desk(&self, tx: &mut Tx) -> Result<Desk, StoreError> {
        Ok(Desk { kinds: store::signal::kinds(tx)?.into_iter().map(|k| (k.kind, k)).collect(), ..Desk::default() })
    }

    /// Takes a row, or says why not.
    pub(super) fn take(
        &self,
        ledger: &mut impl Ledger,
        desk: &mut Desk,
        source: &str,
        row: &ImportRow,
    ) -> Result<Result<Took, Sentence>, Failure> {
        match row {
            ImportRow::Signal(s) => self.signal(ledger, desk, source, s),
            ImportRow::Employee(e) => self.employ(ledger, desk, source, e),
            ImportRow::Exit(e) => self.exit(ledger, desk, e),
            ImportRow::Customer(c) => self.customer(ledger, source, c),
            ImportRow::Order(o) => self.order(ledger, source, o),
            ImportRow::Receivable(r) => self.receivable(ledger, source, r),
        }
    }

    /// Places a signal. A repeated event id that says something else is kept for a person to look at; the first one stays.
    fn signal(&self, ledger: &mut impl Ledger, desk: &mut Desk, source: &str, s: &SignalRow) -> Result<Result<Took, Sentence>, Failure> {
        let (spell, keep) = match self.place(ledger, desk, s)? {
            Ok(placed) => placed,
            Err(why) => return Ok(Err(why)),
        };
        if is_over(s, keep, ledger) {
            return Ok(Ok(Took::Expired));
        }
        let says = (spell, s.observed_at.as_microsecond(), s.kind, s.value, s.baseline);
        Ok(match ledger.event(&event_key(source, &s.event), &says)? {
            Event::New => {
                desk.dirty.insert(spell);
                Ok(Took::Signal(spell, keep))
            }
            Event::Same => Ok(Took::Same),
            Event::Other => Err(refused("import-event-changed")),
        })
    }

    /// The spell that a signal belongs to, and how many days its kind is kept.
    pub(super) fn place(
        &self,
        ledger: &mut impl Ledger,
        desk: &mut Desk,
        s: &SignalRow,
    ) -> Result<Result<(SpellId, i64), Sentence>, Failure> {
        let Some(policy) = desk.kinds.get(&s.kind).filter(|k| k.enabled && k.basis.is_some()) else {
            return Ok(Err(refused("import-kind-off").with("kind", format!("@signal-kind-{}", crate::service::timeline::kebab(s.kind)))));
        };
        let keep = policy.keep_days;
        if !desk.spans.contains_key(&s.number) {
            if desk.spans.len() >= CACHE {
                desk.spans.clear();
            }
            desk.spans.insert(s.number.clone(), ledger.spans(&s.number)?);
        }
        let spans = desk.spans.get(&s.number).map(Vec::as_slice).unwrap_or_default();
        if let [only] = spans
            && only.last_day.is_none()
            && s.observed_at.as_microsecond() >= start_of(&only.started)
        {
            // Nearly every row: one spell, still running, begun before in every zone.
            return Ok(Ok((only.spell, keep)));
        }
        if spans.is_empty() {
            return Ok(Err(refused("import-unknown-number").with("number", &s.number)));
        }
        let on = self.day(s.observed_at).to_string();
        let mut fits = spans.iter().filter(|p| p.started <= on && p.last_day.as_ref().is_none_or(|l| on <= *l));
        match (fits.next(), fits.next()) {
            (Some(p), None) => Ok(Ok((p.spell, keep))),
            (Some(_), Some(_)) => Ok(Err(refused("import-ambiguous-number").with("number", &s.number))),
            _ => Ok(Err(refused("import-outside-employment").with("number", &s.number).with("on", on))),
        }
    }

    /// Takes what a file says about a person. The greatest [`Stated`] wins, whatever the order of rows and files.
    fn employ(&self, ledger: &mut impl Ledger, desk: &mut Desk, source: &str, e: &EmployeeRow) -> Result<Result<Took, Sentence>, Failure> {
        if e.last_day.is_some_and(|l| l < e.started) {
            return Ok(Err(refused("import-ends-before-start")));
        }
        if !e.state.is_live() && e.last_day.is_none() {
            return Ok(Err(refused("import-no-last-day")));
        }
        let now = ledger.now();
        let said = Stated::of(e);
        let known = ledger.known(source, &e.person)?;
        let spells = match &known {
            Some(k) => ledger.spells(k.id)?,
            None => Vec::new(),
        };
        let same = spells.iter().find(|s| s.started == e.started);
        if let Some(s) = same
            && (s.stated.says(&said) || s.stated >= said)
        {
            // Stated again later: nothing changes that a person can see, but an older statement no longer counts.
            if s.stated.says(&said)
                && said > s.stated
                && let Some(k) = &known
            {
                ledger.restate(k, s.id, &said)?;
            }
            return Ok(Ok(Took::Same));
        }
        let person = known.as_ref().map_or_else(|| PersonId(self.new_id(now)), |k| k.id);
        let spell = same.map_or_else(|| SpellId(self.new_id(now)), |s| s.id);
        // An end that was given here, or by a list of departures, stands until this source says something else about it than it did.
        let e = match same.filter(|s| s.stated.ending == said.ending && s.ending() != said.ending) {
            Some(s) => Cow::Owned(EmployeeRow { state: s.state, last_day: s.last_day, exit: s.exit, ..e.clone() }),
            None => Cow::Borrowed(e),
        };
        let e = e.as_ref();
        if e.state.is_live() {
            if spells.iter().any(|s| s.live() && s.id != spell) {
                return Ok(Err(refused("import-overlap").with("number", &e.number)));
            }
            if ledger.live_number(&e.number)?.is_some_and(|(s, _)| s != spell) {
                return Ok(Err(refused("import-number-taken").with("number", &e.number)));
            }
        }
        match &known {
            Some(k) if k.stated >= said => {}
            Some(k) => ledger.put_person(person, source, e, k.spell, &said)?,
            None => {
                ledger.put_person(person, source, e, spell, &said)?;
                desk.people += 1;
            }
        }
        ledger.put_spell(spell, person, e, &said)?;
        desk.moved |= same.is_some_and(|s| s.ending() != Ending::of(e.state, e.last_day));
        // A spell that got another number leaves the one it had.
        for number in same.map(|s| &s.number).into_iter().chain([&e.number]) {
            desk.spans.remove(number);
        }
        if same.is_some() || e.exit.is_some() {
            desk.uncounted.insert(spell);
        }
        if e.state.is_live() {
            desk.dirty.insert(spell);
        } else if same.is_some_and(KnownSpell::live) {
            desk.departed = true;
        }
        Ok(Ok(Took::Person(person)))
    }

    /// Ends the live spell with a number.
    fn exit(&self, ledger: &mut impl Ledger, desk: &mut Desk, e: &ExitRow) -> Result<Result<Took, Sentence>, Failure> {
        let spans = ledger.spans(&e.number)?;
        let Some((spell, person)) = ledger.live_number(&e.number)? else {
            let gone = spans.iter().any(|s| s.last_day.as_deref() == Some(&e.last_day.to_string()));
            return Ok(if gone { Ok(Took::Same) } else { Err(refused("import-unknown-number").with("number", &e.number)) });
        };
        if spans.iter().any(|s| s.spell == spell && e.last_day.to_string() < s.started) {
            return Ok(Err(refused("import-ends-before-start")));
        }
        let gone = e.last_day < self.day(ledger.now());
        // A list that is sent every day says the same every day.
        let known = ledger.spells(person)?.into_iter().find(|s| s.id == spell);
        if known.is_some_and(|s| !gone && s.state == SpellState::Notice && s.last_day == Some(e.last_day) && s.exit == Some(e.exit)) {
            return Ok(Ok(Took::Same));
        }
        ledger.end_spell(spell, person, e, gone)?;
        desk.uncounted.insert(spell);
        desk.moved = true;
        desk.spans.remove(&e.number);
        desk.departed |= gone;
        Ok(Ok(Took::Person(person)))
    }
}

/// Whether a signal's keeping time is over.
pub(super) fn is_over(s: &SignalRow, keep: i64, ledger: &impl Ledger) -> bool {
    s.observed_at + jiff::SignedDuration::from_hours(24 * keep) <= ledger.now()
}

/// Midnight UTC of the day after an ISO date, in microseconds: later than the start of that day in every zone.
fn start_of(date: &str) -> i64 {
    let day: Option<jiff::civil::Date> = date.parse().ok();
    day.and_then(|d| d.tomorrow().ok())
        .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map_or(i64::MAX, |z| z.timestamp().as_microsecond())
}
