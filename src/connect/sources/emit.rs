//! From a row's cells to checked rows of the domain.

use super::{
    Moment,
    clean::clean,
    dates::{self, Stamp},
    names,
    plan::{Column, CustomerFields, Emit, EmployeeFields, ExitFields, Field, OrderFields, ReceivableFields, SignalFields, What},
    row::{Row, Trouble},
    words::Word,
};
use crate::domain::{
    customer::OrderState,
    import::{CustomerFact, EmployeeRow, ExitRow, ImportRow, OrderFact, ReceivableFact, SignalRow, StatedOwner},
    person::SpellState,
    sentence::Sentence,
};
use jiff::{SignedDuration, Timestamp, civil::Date};

/// Longest name, number or other short text, in characters.
const LONGEST: usize = 200;
const LONGEST_ORG: usize = 500;
const LONGEST_NOTE: usize = 10_000;
/// How far the clock of a source may be ahead of ours (domain.md 2).
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What reading a row needs besides the row, worked out once a file.
pub(super) struct Desk<'a> {
    pub(super) moment: &'a Moment,
    pub(super) today: Date,
    pub(super) latest: Timestamp,
}

impl<'a> Desk<'a> {
    pub(super) fn new(moment: &'a Moment) -> Self {
        Self { moment, today: moment.today(), latest: latest(moment) }
    }
}

/// The latest instant at which something can have been observed.
pub(super) fn latest(moment: &Moment) -> Timestamp {
    moment.now.checked_add(SKEW).unwrap_or(Timestamp::MAX)
}

/// A finite number; `12.5%` is 0.125.
pub(super) fn number(text: &str) -> Option<f64> {
    let (digits, unit) = match text.strip_suffix(['%', '％']) {
        Some(d) => (d.trim_end(), 100.0),
        None => (text, 1.0),
    };
    // `inf`, `nan` and numbers past the range all come out not finite.
    digits.parse::<f64>().ok().map(|v| v / unit).filter(|v| v.is_finite())
}

/// Yuan with at most two decimals as fen; never through a float. Further decimals may only be zeros.
pub(super) fn fen(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (yuan, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let (cents, zeros) = rest.split_at_checked(2).unwrap_or((rest, ""));
    if !all_digits(yuan) || !all_digits(cents) || zeros.bytes().any(|b| b != b'0') {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    Some(sign * yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)?)
}

/// More than any one order or debt comes to, in fen: sums of a company's stay far inside 64 bits.
const MOST_FEN: i64 = 10_000_000_000_000_000;

/// Words of files for a customer that nobody owns.
const POOL: [&str; 3] = ["pool", "公海", "客户池"];

impl Emit {
    /// Makes its row, `None` when the row of the file is not meant for it.
    pub(super) fn make(&self, row: Row, columns: &[Column], desk: &Desk) -> Option<Result<ImportRow, Trouble>> {
        if self.when.as_ref().is_some_and(|w| !w.holds(row)) {
            return None;
        }
        let r = Reading { row, columns, desk };
        Some(match &self.what {
            What::Employee(f) => r.employee(f).map(|e| ImportRow::Employee(Box::new(e))),
            What::Signal(f) => r.signal(f).map(ImportRow::Signal),
            What::Exit(f) => r.exit(f).map(ImportRow::Exit),
            What::Customer(f) => r.customer(f).map(|c| ImportRow::Customer(Box::new(c))),
            What::Order(f) => r.order(f).map(ImportRow::Order),
            What::Receivable(f) => r.receivable(f).map(ImportRow::Receivable),
        })
    }
}

/// One row being read.
struct Reading<'a> {
    row: Row<'a>,
    columns: &'a [Column],
    desk: &'a Desk<'a>,
}

impl Reading<'_> {
    fn employee(&self, f: &EmployeeFields) -> Result<EmployeeRow, Trouble> {
        let number = self.short(&f.number)?;
        let name = self.short(&f.name)?;
        let person = self.opt(f.person.as_ref(), |f| self.text(f, LONGEST))?.unwrap_or_else(|| number.clone());
        let sort_name = self.opt(f.sort_name.as_ref(), |f| self.text(f, LONGEST))?.unwrap_or_else(|| names::sort_name(&name, &number));
        let org = path(&self.need(&f.org, self.text(&f.org, LONGEST_ORG)?)?);
        let started = self.need(&f.started, self.date(&f.started)?)?;
        let last_day = self.opt(f.last_day.as_ref(), |f| self.date(f))?;
        let named = self.opt(f.stated_on.as_ref(), |f| self.past(f))?;
        let stated_on = named.unwrap_or(self.desk.today);
        if last_day.is_some_and(|d| d < started) {
            return Err(self.blame(f.last_day.as_ref(), "row-last-day-before-start"));
        }
        let state = match self.opt(f.state.as_ref(), |f| self.word::<SpellState>(f))? {
            Some(state) => state,
            None => match last_day {
                Some(d) if d <= self.desk.today => SpellState::Departed,
                Some(_) => SpellState::Notice,
                None if started > self.desk.today => SpellState::PreHire,
                None => SpellState::Active,
            },
        };
        match last_day {
            None if !state.is_live() => return Err(self.blame(f.last_day.as_ref(), "row-departed-without-last-day")),
            Some(d) if state.is_live() && d < stated_on => return Err(self.blame(f.state.as_ref(), "row-live-after-last-day")),
            _ => {}
        }
        Ok(EmployeeRow {
            person,
            number,
            name,
            sort_name: Some(sort_name),
            org,
            post: self.short(&f.post)?,
            critical: self.opt(f.critical.as_ref(), |f| self.word(f))?,
            impact: self.opt(f.impact.as_ref(), |f| self.word(f))?,
            manager: self.opt(f.manager.as_ref(), |f| self.text(f, LONGEST))?,
            email: self.opt(f.email.as_ref(), |f| self.email(f))?,
            state,
            started,
            last_day,
            exit: self.opt(f.exit.as_ref(), |f| self.word(f))?,
            stated_on,
            stated_at: named.is_none().then_some(self.desk.moment.now),
        })
    }

    fn signal(&self, f: &SignalFields) -> Result<SignalRow, Trouble> {
        let observed_at = self.need(&f.observed_at, self.instant(&f.observed_at)?)?;
        let known_at = self.opt(f.known_at.as_ref(), |f| self.instant(f))?.unwrap_or(observed_at);
        Ok(SignalRow {
            event: self.short(&f.event)?,
            number: self.short(&f.number)?,
            kind: self.need(&f.kind, self.word(&f.kind)?)?,
            observed_at,
            // Nobody knows a thing before it happens.
            known_at: known_at.max(observed_at),
            value: self.opt(f.value.as_ref(), |f| self.number(f))?,
            baseline: self.opt(f.baseline.as_ref(), |f| self.number(f))?,
            note: self.opt(f.note.as_ref(), |f| self.text(f, LONGEST_NOTE))?,
        })
    }

    fn exit(&self, f: &ExitFields) -> Result<ExitRow, Trouble> {
        Ok(ExitRow {
            number: self.short(&f.number)?,
            last_day: self.need(&f.last_day, self.date(&f.last_day)?)?,
            exit: self.need(&f.exit, self.word(&f.exit)?)?,
        })
    }

    fn customer(&self, f: &CustomerFields) -> Result<CustomerFact, Trouble> {
        let owner = self.opt(f.owner.as_ref(), |f| self.text(f, LONGEST))?.map(|owner| {
            let pool = POOL.iter().any(|p| owner.eq_ignore_ascii_case(p));
            if pool { StatedOwner::Pool } else { StatedOwner::Number(owner) }
        });
        let owned_from = self.opt(f.owned_from.as_ref(), |f| self.past(f))?;
        let owned_until = self.opt(f.owned_until.as_ref(), |f| self.past(f))?;
        match (&owner, owned_from, owned_until) {
            (None, Some(_), _) | (None, _, Some(_)) => return Err(self.blame(f.owner.as_ref(), "row-missing")),
            (_, None, Some(_)) => return Err(self.blame(f.owned_from.as_ref(), "row-missing")),
            (_, Some(from), Some(until)) if until < from => return Err(self.blame(f.owned_until.as_ref(), "row-until-before-from")),
            // What ends today is not over.
            (.., Some(until)) if until >= self.desk.today => return Err(self.blame(f.owned_until.as_ref(), "row-future")),
            _ => {}
        }
        Ok(CustomerFact {
            number: self.short(&f.number)?,
            name: self.short(&f.name)?,
            contact: self.opt(f.contact.as_ref(), |f| self.text(f, LONGEST_ORG))?,
            owner,
            owned_from,
            owned_until,
            stated_on: self.stated_on(f.stated_on.as_ref())?,
        })
    }

    fn order(&self, f: &OrderFields) -> Result<OrderFact, Trouble> {
        Ok(OrderFact {
            number: self.short(&f.number)?,
            customer: self.short(&f.customer)?,
            placed_on: self.need(&f.placed_on, self.past(&f.placed_on)?)?,
            amount_fen: self.money(&f.amount)?,
            state: self.opt(f.state.as_ref(), |f| self.word(f))?.unwrap_or(OrderState::Open),
            stated_on: self.stated_on(f.stated_on.as_ref())?,
        })
    }

    fn receivable(&self, f: &ReceivableFields) -> Result<ReceivableFact, Trouble> {
        Ok(ReceivableFact {
            number: self.short(&f.number)?,
            customer: self.short(&f.customer)?,
            amount_fen: self.money(&f.amount)?,
            due_on: self.need(&f.due_on, self.date(&f.due_on)?)?,
            stated_on: self.stated_on(f.stated_on.as_ref())?,
        })
    }

    fn opt<T>(&self, field: Option<&Field>, read: impl Fn(&Field) -> Result<Option<T>, Trouble>) -> Result<Option<T>, Trouble> {
        field.map_or(Ok(None), read)
    }

    fn need<T>(&self, field: &Field, value: Option<T>) -> Result<T, Trouble> {
        value.ok_or_else(|| self.blame(Some(field), "row-missing"))
    }

    /// A required text of a common length.
    fn short(&self, field: &Field) -> Result<String, Trouble> {
        self.need(field, self.text(field, LONGEST)?)
    }

    fn blame(&self, field: Option<&Field>, code: &'static str) -> Trouble {
        match field {
            Some(f) => f.trouble(code, self.columns, self.row),
            None => Trouble::row(Sentence::new(code)),
        }
    }

    /// Reads a field's text with `read`; text that it cannot read is a trouble.
    fn read<T>(&self, field: &Field, code: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Trouble> {
        match field.text(self.row) {
            Ok(None) => Ok(None),
            Ok(Some(text)) => read(&text).map(Some).ok_or_else(|| self.blame(Some(field), code)),
            Err(code) => Err(self.blame(Some(field), code)),
        }
    }

    fn text(&self, field: &Field, longest: usize) -> Result<Option<String>, Trouble> {
        let Some(text) = self.read(field, "row-unmapped", |t| Some(clean(t)))? else { return Ok(None) };
        if text.len() > longest && text.chars().count() > longest {
            let mut trouble = self.blame(Some(field), "row-too-long");
            trouble.why = trouble.why.with("most", longest);
            return Err(trouble);
        }
        Ok((!text.is_empty()).then_some(text))
    }

    fn word<T: Word>(&self, field: &Field) -> Result<Option<T>, Trouble> {
        self.read(field, "row-word", T::of)
    }

    fn number(&self, field: &Field) -> Result<Option<f64>, Trouble> {
        self.read(field, "row-number", |t| number(t).map(|v| v * field.scale).filter(|v| v.is_finite()))
    }

    /// An amount that somebody owes or ordered for, in fen.
    fn money(&self, field: &Field) -> Result<i64, Trouble> {
        match self.need(field, self.read(field, "row-money", fen)?)? {
            n if n < 0 => Err(self.blame(Some(field), "row-negative")),
            n if n > MOST_FEN => Err(self.blame(Some(field), "row-money")),
            n => Ok(n),
        }
    }

    /// An address in lower case: one `@` between two parts.
    fn email(&self, field: &Field) -> Result<Option<String>, Trouble> {
        let Some(text) = self.text(field, LONGEST)? else { return Ok(None) };
        let parts: Vec<&str> = text.split('@').collect();
        let good =
            matches!(parts.as_slice(), [local, domain] if !local.is_empty() && !domain.is_empty()) && !text.contains(char::is_whitespace);
        if good { Ok(Some(text.to_lowercase())) } else { Err(self.blame(Some(field), "row-email")) }
    }

    /// The day of a statement; today when the file does not say.
    fn stated_on(&self, field: Option<&Field>) -> Result<Date, Trouble> {
        // The latest statement wins: one from the future would win for ever.
        Ok(self.opt(field, |f| self.past(f))?.unwrap_or(self.desk.today))
    }

    /// A date that is not after today.
    fn past(&self, field: &Field) -> Result<Option<Date>, Trouble> {
        match self.date(field)? {
            Some(d) if d > self.desk.today => Err(self.blame(Some(field), "row-future")),
            date => Ok(date),
        }
    }

    fn stamp(&self, field: &Field) -> Result<Option<Stamp>, Trouble> {
        self.read(field, "row-date", |t| dates::parse(t, &field.formats))
    }

    /// A date of living people's employment: 1900 to 2199.
    fn date(&self, field: &Field) -> Result<Option<Date>, Trouble> {
        match self.stamp(field)?.map(|s| s.date(&self.desk.moment.zone)) {
            Some(d) if !(1900..2200).contains(&d.year()) => Err(self.blame(Some(field), "row-date-range")),
            date => Ok(date),
        }
    }

    /// An instant that is not ahead of our clock by more than the skew.
    fn instant(&self, field: &Field) -> Result<Option<Timestamp>, Trouble> {
        let Some(stamp) = self.stamp(field)? else { return Ok(None) };
        match stamp.instant(&self.desk.moment.zone) {
            None => Err(self.blame(Some(field), "row-date-range")),
            Some(t) if t > self.desk.latest => Err(self.blame(Some(field), "row-future")),
            Some(t) if t.as_second() < EARLIEST => Err(self.blame(Some(field), "row-date-range")),
            t => Ok(t),
        }
    }
}

/// 1900-01-01T00:00:00Z, in Unix seconds.
const EARLIEST: i64 = -2_208_988_800;

/// A path of unit names from the root: `集团/华东/` is `/集团/华东`.
fn path(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    for unit in text.split('/').map(str::trim).filter(|u| !u.is_empty()) {
        out.push('/');
        out.push_str(unit);
    }
    if out.is_empty() { "/".to_owned() } else { out }
}
