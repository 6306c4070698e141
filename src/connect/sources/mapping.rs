//! A mapping file, read and checked: what can be wrong with it is said here, with its line, not at row 900,000.

use super::{
    ImportKind, dates,
    decode::Encoding,
    plan::{
        Column, CustomerFields, Emit, EmployeeFields, ExitFields, Field, From, OrderFields, Part, Plan, ReceivableFields, SignalFields,
        What, When,
    },
    spec::{CustomerSpec, EmployeeSpec, ExitSpec, Field as Written, FileSpec, OrderSpec, ReceivableSpec, SignalSpec, WhenSpec},
    words::Word,
};
use crate::domain::{
    customer::OrderState,
    person::{CriticalPost, ExitKind, Impact, SpellState},
    sentence::Sentence,
    signal::SignalKind,
};
use std::sync::Arc;
use toml::Spanned;

/// How the columns of a file become fields; compiled.
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) source: String,
    pub(super) encoding: Encoding,
    pub(super) delimiter: u8,
    employee: Option<Arc<Plan>>,
    signal: Option<Arc<Plan>>,
    exit: Option<Arc<Plan>>,
    customer: Option<Arc<Plan>>,
    order: Option<Arc<Plan>>,
    receivable: Option<Arc<Plan>>,
}

impl Mapping {
    /// Reads a mapping file's text. Errors name the line.
    pub fn parse(text: &str) -> Result<Self, Sentence> {
        let line = |at: usize| 1 + text.bytes().take(at).filter(|b| *b == b'\n').count();
        let spec: FileSpec = toml::from_str(text).map_err(|e| {
            Sentence::new("map-syntax").with("line", line(e.span().map_or(0, |s| s.start))).with("detail", e.message().replace('\n', " "))
        })?;
        let wrong = |w: Wrong| w.why.with("line", line(w.at));
        let mut mapping = Self {
            source: "file".to_owned(),
            encoding: Encoding::Detect,
            delimiter: b',',
            employee: None,
            signal: None,
            exit: None,
            customer: None,
            order: None,
            receivable: None,
        };
        if let Some(source) = &spec.source {
            let name = super::clean::clean(source.get_ref());
            if name.is_empty() {
                return Err(wrong(Wrong::of(source, "map-source")));
            }
            mapping.source = name;
        }
        if let Some(encoding) = &spec.encoding {
            mapping.encoding = match encoding.get_ref().to_ascii_lowercase().as_str() {
                "utf-8" | "utf8" => Encoding::Utf8,
                "gb18030" | "gbk" | "gb2312" => Encoding::Gb18030,
                _ => return Err(wrong(Wrong::of(encoding, "map-encoding"))),
            };
        }
        if let Some(delimiter) = &spec.delimiter {
            mapping.delimiter = match delimiter.get_ref().as_bytes() {
                [b] if b.is_ascii() && !matches!(b, b'\n' | b'\r' | b'"' | 0) => *b,
                _ => return Err(wrong(Wrong::of(delimiter, "map-delimiter"))),
            };
        }
        if let Some(e) = &spec.employee {
            let mut c = Compiler::default();
            let mut emits = vec![employee(&mut c, e).map_err(wrong)?];
            if spec.together {
                signals(&mut c, &spec.signal, &mut emits).map_err(wrong)?;
            }
            mapping.employee = Some(Plan { columns: c.columns, emits }.into());
        }
        if !spec.signal.is_empty() {
            let (mut c, mut emits) = (Compiler::default(), Vec::new());
            signals(&mut c, &spec.signal, &mut emits).map_err(wrong)?;
            mapping.signal = Some(Plan { columns: c.columns, emits }.into());
        }
        if let Some(e) = &spec.exit {
            mapping.exit = Some(exit(e).map_err(wrong)?.into());
        }
        if let Some(c) = &spec.customer {
            mapping.customer = Some(customer(c).map_err(wrong)?.into());
        }
        if let Some(o) = &spec.order {
            mapping.order = Some(order(o).map_err(wrong)?.into());
        }
        if let Some(r) = &spec.receivable {
            mapping.receivable = Some(receivable(r).map_err(wrong)?.into());
        }
        if mapping.kinds().next().is_none() {
            return Err(Sentence::new("map-empty"));
        }
        Ok(mapping)
    }

    /// What this mapping can read a file as.
    pub fn kinds(&self) -> impl Iterator<Item = ImportKind> {
        [
            self.employee.as_ref().map(|_| ImportKind::Employees),
            self.signal.as_ref().map(|_| ImportKind::Signals),
            self.exit.as_ref().map(|_| ImportKind::Exits),
            self.customer.as_ref().map(|_| ImportKind::Customers),
            self.order.as_ref().map(|_| ImportKind::Orders),
            self.receivable.as_ref().map(|_| ImportKind::Receivables),
        ]
        .into_iter()
        .flatten()
    }

    /// Name under which the ids of the file's rows are unique.
    pub fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn plan(&self, kind: ImportKind) -> Result<Arc<Plan>, Sentence> {
        match kind {
            ImportKind::Employees => self.employee.clone(),
            ImportKind::Signals => self.signal.clone(),
            ImportKind::Exits => self.exit.clone(),
            ImportKind::Customers => self.customer.clone(),
            ImportKind::Orders => self.order.clone(),
            ImportKind::Receivables => self.receivable.clone(),
        }
        .ok_or_else(|| Sentence::new("map-no-section").with("kind", kind))
    }
}

/// Something wrong at a place of the file.
struct Wrong {
    at: usize,
    why: Sentence,
}

impl Wrong {
    fn of<T>(place: &Spanned<T>, code: &'static str) -> Self {
        Self { at: place.span().start, why: Sentence::new(code) }
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.why = self.why.with(name, value);
        self
    }
}

/// What a field's text must be.
#[derive(Clone, Copy)]
enum Type {
    Text,
    Date,
    Number,
    /// Yuan with at most two decimals.
    Money,
    Word(fn(&str) -> bool),
}

fn word<T: Word>() -> Type {
    Type::Word(|s| T::of(s).is_some())
}

/// Collects the columns that the fields of one plan want.
#[derive(Default)]
struct Compiler {
    columns: Vec<Column>,
}

impl Compiler {
    fn column(&mut self, name: &str, optional: bool) -> usize {
        let name = name.trim();
        match self.columns.iter_mut().enumerate().find(|(_, c)| c.name == name) {
            Some((i, c)) => {
                c.optional &= optional;
                i
            }
            None => {
                self.columns.push(Column { name: name.to_owned(), optional });
                self.columns.len() - 1
            }
        }
    }

    fn opt(&mut self, name: &'static str, ty: Type, written: Option<&Written>) -> Result<Option<Field>, Wrong> {
        written.map(|w| self.field(name, ty, w)).transpose()
    }

    fn field(&mut self, name: &'static str, ty: Type, written: &Written) -> Result<Field, Wrong> {
        let wrong = |code| Wrong::of(written, code).with("field", name);
        let spec = &written.get_ref().0;
        let from = match (&spec.column, &spec.constant, &spec.template) {
            (Some(c), None, None) => From::Column(self.column(c, spec.optional)),
            (None, Some(c), None) => From::Const(c.clone()),
            (None, None, Some(t)) => From::Template(self.template(t, spec.optional).ok_or_else(|| wrong("map-template"))?),
            _ => return Err(wrong("map-one-source")),
        };
        if !spec.formats.is_empty() && !matches!(ty, Type::Date) {
            return Err(wrong("map-formats-unfit"));
        }
        if spec.scale.is_some() && !matches!(ty, Type::Number) {
            return Err(wrong("map-scale-unfit"));
        }
        if spec.scale.is_some_and(|s| !s.is_finite()) {
            return Err(wrong("map-value").with("value", "scale"));
        }
        if let Some(f) = spec.formats.iter().find(|f| !dates::is_format(f)) {
            return Err(wrong("map-format").with("format", f));
        }
        if let Some((a, b)) = dates::clash(&spec.formats) {
            return Err(wrong("map-format-clash").with("a", a).with("b", b));
        }
        let fits = |s: &str| match ty {
            Type::Text => true,
            Type::Date => dates::parse(s, &spec.formats).is_some(),
            Type::Number => super::emit::number(s).is_some(),
            Type::Money => super::emit::fen(s).is_some(),
            Type::Word(known) => known(s),
        };
        // A constant goes through the map; without one it is itself what we read.
        let fixed = spec.constant.iter().filter(|_| spec.map.is_empty()).chain(spec.map.values()).chain(&spec.default);
        if let Some(value) = fixed.filter(|s| !s.trim().is_empty()).find(|s| !fits(s.trim())) {
            return Err(wrong("map-value").with("value", value));
        }
        let trimmed = |s: &String| s.trim().to_owned();
        Ok(Field {
            name,
            from,
            none: spec.none.iter().map(trimmed).collect(),
            map: spec.map.iter().filter(|(k, _)| k.as_str() != "*").map(|(k, v)| (trimmed(k), trimmed(v))).collect(),
            others: spec.map.get("*").map(trimmed),
            default: spec.default.as_ref().map(trimmed),
            formats: spec.formats.clone(),
            scale: spec.scale.unwrap_or(1.0),
        })
    }

    /// `None` when braces do not pair or hold nothing.
    fn template(&mut self, text: &str, optional: bool) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (column, after) = after.split_once('}')?;
            if column.trim().is_empty() || column.contains('{') || before.contains('}') {
                return None;
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Column(self.column(column, optional)));
            rest = after;
        }
        if rest.contains('}') || parts.is_empty() {
            return None;
        }
        parts.push(Part::Text(rest.to_owned()));
        Some(parts)
    }

    fn when(&mut self, written: Option<&Spanned<WhenSpec>>) -> Result<Option<When>, Wrong> {
        let Some(written) = written else { return Ok(None) };
        let spec = written.get_ref();
        let (values, wanted) = match (&spec.is, &spec.not) {
            (Some(v), None) => (v, true),
            (None, Some(v)) => (v, false),
            _ => return Err(Wrong::of(written, "map-when")),
        };
        let values = values.list().iter().map(|v| v.trim().to_owned()).collect();
        Ok(Some(When { column: self.column(&spec.column, false), values, wanted }))
    }
}

fn employee(c: &mut Compiler, s: &EmployeeSpec) -> Result<Emit, Wrong> {
    use Type::{Date, Text};
    let when = c.when(s.when.as_ref())?;
    let fields = EmployeeFields {
        person: c.opt("person", Text, s.person.as_ref())?,
        number: c.field("number", Text, &s.number)?,
        name: c.field("name", Text, &s.name)?,
        sort_name: c.opt("sort_name", Text, s.sort_name.as_ref())?,
        org: c.field("org", Text, &s.org)?,
        post: c.field("post", Text, &s.post)?,
        critical: c.opt("critical", word::<CriticalPost>(), s.critical.as_ref())?,
        impact: c.opt("impact", word::<Impact>(), s.impact.as_ref())?,
        manager: c.opt("manager", Text, s.manager.as_ref())?,
        email: c.opt("email", Text, s.email.as_ref())?,
        state: c.opt("state", word::<SpellState>(), s.state.as_ref())?,
        started: c.field("started", Date, &s.started)?,
        last_day: c.opt("last_day", Date, s.last_day.as_ref())?,
        exit: c.opt("exit", word::<ExitKind>(), s.exit.as_ref())?,
        stated_on: c.opt("stated_on", Date, s.stated_on.as_ref())?,
    };
    Ok(Emit { when, what: What::Employee(Box::new(fields)) })
}

fn signals(c: &mut Compiler, specs: &[SignalSpec], emits: &mut Vec<Emit>) -> Result<(), Wrong> {
    use Type::{Date, Number, Text};
    for s in specs {
        let when = c.when(s.when.as_ref())?;
        let fields = SignalFields {
            event: c.field("event", Text, &s.event)?,
            number: c.field("number", Text, &s.number)?,
            kind: c.field("kind", word::<SignalKind>(), &s.kind)?,
            observed_at: c.field("observed_at", Date, &s.observed_at)?,
            known_at: c.opt("known_at", Date, s.known_at.as_ref())?,
            value: c.opt("value", Number, s.value.as_ref())?,
            baseline: c.opt("baseline", Number, s.baseline.as_ref())?,
            note: c.opt("note", Text, s.note.as_ref())?,
        };
        emits.push(Emit { when, what: What::Signal(Box::new(fields)) });
    }
    Ok(())
}

fn exit(s: &ExitSpec) -> Result<Plan, Wrong> {
    let mut c = Compiler::default();
    let when = c.when(s.when.as_ref())?;
    let fields = ExitFields {
        number: c.field("number", Type::Text, &s.number)?,
        last_day: c.field("last_day", Type::Date, &s.last_day)?,
        exit: c.field("exit", word::<ExitKind>(), &s.exit)?,
    };
    Ok(Plan { columns: c.columns, emits: vec![Emit { when, what: What::Exit(Box::new(fields)) }] })
}

fn customer(s: &CustomerSpec) -> Result<Plan, Wrong> {
    use Type::{Date, Text};
    let mut c = Compiler::default();
    let when = c.when(s.when.as_ref())?;
    let fields = CustomerFields {
        number: c.field("number", Text, &s.number)?,
        name: c.field("name", Text, &s.name)?,
        contact: c.opt("contact", Text, s.contact.as_ref())?,
        owner: c.opt("owner", Text, s.owner.as_ref())?,
        owned_from: c.opt("owned_from", Date, s.owned_from.as_ref())?,
        owned_until: c.opt("owned_until", Date, s.owned_until.as_ref())?,
        stated_on: c.opt("stated_on", Date, s.stated_on.as_ref())?,
    };
    Ok(Plan { columns: c.columns, emits: vec![Emit { when, what: What::Customer(Box::new(fields)) }] })
}

fn order(s: &OrderSpec) -> Result<Plan, Wrong> {
    use Type::{Date, Money, Text};
    let mut c = Compiler::default();
    let when = c.when(s.when.as_ref())?;
    let fields = OrderFields {
        number: c.field("number", Text, &s.number)?,
        customer: c.field("customer", Text, &s.customer)?,
        placed_on: c.field("placed_on", Date, &s.placed_on)?,
        amount: c.field("amount", Money, &s.amount)?,
        state: c.opt("state", word::<OrderState>(), s.state.as_ref())?,
        stated_on: c.opt("stated_on", Date, s.stated_on.as_ref())?,
    };
    Ok(Plan { columns: c.columns, emits: vec![Emit { when, what: What::Order(Box::new(fields)) }] })
}

fn receivable(s: &ReceivableSpec) -> Result<Plan, Wrong> {
    use Type::{Date, Money, Text};
    let mut c = Compiler::default();
    let when = c.when(s.when.as_ref())?;
    let fields = ReceivableFields {
        number: c.field("number", Text, &s.number)?,
        customer: c.field("customer", Text, &s.customer)?,
        amount: c.field("amount", Money, &s.amount)?,
        due_on: c.field("due_on", Date, &s.due_on)?,
        stated_on: c.opt("stated_on", Date, s.stated_on.as_ref())?,
    };
    Ok(Plan { columns: c.columns, emits: vec![Emit { when, what: What::Receivable(Box::new(fields)) }] })
}
