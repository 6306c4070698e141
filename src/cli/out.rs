//! What reaches the terminal: sentences and tables on stdout, failures on stderr, one JSON document under `--json`.

use crate::{
    backend::{Failure, FailureKind, Reply},
    domain::{person::PersonRef, sentence::Sentence},
    text::{self, Lang, Texts},
};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
    sync::Arc,
};

/// Why a subcommand ended early.
#[derive(Debug)]
pub enum Stop {
    Failure(Failure),
    /// More than one person fits an argument.
    Ambiguous {
        text: String,
        candidates: Vec<PersonRef>,
    },
    /// Nobody reads the output any more; no reason to complain.
    Closed,
    /// The output could not be written.
    Output(io::Error),
}

impl From<Failure> for Stop {
    fn from(f: Failure) -> Self {
        Self::Failure(f)
    }
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Self {
        if e.kind() == io::ErrorKind::BrokenPipe { Self::Closed } else { Self::Output(e) }
    }
}

impl From<serde_json::Error> for Stop {
    fn from(e: serde_json::Error) -> Self {
        if e.is_io() { io::Error::from(e).into() } else { Failure::broken(e).into() }
    }
}

/// Weight of a piece of text. Never the only carrier of a meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Strong,
    Warn,
    Alarm,
    Faint,
}

/// One cell of a table; its text is safe to show.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: String,
    pub tone: Tone,
    pub right: bool,
}

impl Cell {
    /// A cell of text from anywhere: made safe.
    pub fn new(text: impl Display) -> Self {
        Self { text: safe(&text.to_string()), ..Self::default() }
    }
    /// A heavier cell.
    pub fn strong(text: impl Display) -> Self {
        Self { tone: Tone::Strong, ..Self::new(text) }
    }
    /// A figure, aligned to the right.
    pub fn figure(text: impl Display) -> Self {
        Self { right: true, ..Self::new(text) }
    }
    /// The same cell in another tone.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
    /// Columns that the text takes.
    pub fn width(&self) -> usize {
        text::width(&self.text)
    }
}

/// Text cut or filled to a width in columns.
pub fn pad(s: &str, width: usize, right: bool) -> String {
    let used = text::width(s);
    if right && used < width { " ".repeat(width - used) + s } else { text::fit(s, width) }
}

/// Columns of the terminal; 80 where it does not say.
pub fn columns() -> usize {
    crossterm::terminal::size().map_or(80, |(w, _)| if w == 0 { 80 } else { usize::from(w).max(20) })
}

/// One line of harmless text, however long.
pub fn safe(s: &str) -> String {
    text::safe(s, usize::MAX)
}

/// Where and how a subcommand prints.
pub struct Out {
    to: Box<dyn Write>,
    /// One JSON document instead of words.
    pub json: bool,
    pub lang: Lang,
    pub zone: TimeZone,
    /// Columns of the terminal; `None` when stdout is none.
    pub columns: Option<usize>,
    /// The store's time of the last answer.
    pub now: Timestamp,
    pub texts: Arc<Texts>,
    colour: bool,
    /// The entry that an answer lacked.
    behind: Option<i64>,
}

impl Out {
    /// Prints to stdout.
    pub fn stdout(texts: Arc<Texts>, lang: Lang, zone: TimeZone, json: bool) -> Self {
        let stdout = io::stdout();
        let tty = stdout.is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
        Self {
            columns: tty.then(columns),
            to: Box::new(BufWriter::new(stdout)),
            json,
            lang,
            zone,
            now: Timestamp::now(),
            texts,
            colour: tty && !dumb && !set("NO_COLOR"),
            behind: None,
        }
    }

    /// The same, into another place than stdout.
    #[must_use]
    pub fn into(self, to: Box<dyn Write>) -> Self {
        Self { to, columns: None, colour: false, ..self }
    }

    /// A sentence in the reader's language.
    pub fn text(&self, s: &Sentence) -> String {
        self.texts.say(self.lang, s, &self.zone)
    }

    /// A text without arguments.
    pub fn word(&self, key: &str) -> String {
        self.texts.get(self.lang, key)
    }

    /// The name of a value of an enumeration, such as `alert-state-in-progress`.
    pub fn name(&self, prefix: &str, value: impl Display) -> String {
        self.texts.word(self.lang, prefix, value)
    }

    /// An instant in the reader's zone.
    pub fn when(&self, at: Timestamp) -> String {
        text::stamp(at, &self.zone)
    }

    /// How long until a clock runs out, or since it did.
    pub fn left(&self, due: Timestamp) -> String {
        self.texts.left(self.lang, due, self.now)
    }

    /// Text in a tone, where colours are wanted.
    pub fn paint(&self, tone: Tone, s: &str) -> String {
        let code = match tone {
            Tone::Plain => return s.into(),
            Tone::Strong => "1",
            Tone::Warn => "33",
            Tone::Alarm => "1;31",
            Tone::Faint => "2",
        };
        if self.colour { format!("\x1b[{code}m{s}\x1b[0m") } else { s.into() }
    }

    /// Raw text.
    pub fn write(&mut self, s: &str) -> io::Result<()> {
        self.to.write_all(s.as_bytes())
    }

    /// A line of words; nothing under `--json`.
    pub fn line(&mut self, s: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { writeln!(self.to, "{s}") }
    }

    /// A line with a text of the table.
    pub fn say(&mut self, key: &str) -> io::Result<()> {
        let s = self.word(key);
        self.line(&s)
    }

    /// A line with a sentence.
    pub fn tell(&mut self, s: &Sentence) -> io::Result<()> {
        let s = self.text(s);
        self.line(&s)
    }

    /// Named values below each other; empty ones are left out.
    pub fn fields(&mut self, fields: &[(&str, String)]) -> io::Result<()> {
        let shown: Vec<(String, &String)> = fields.iter().filter(|f| !f.1.is_empty()).map(|(k, v)| (self.word(k), v)).collect();
        let width = shown.iter().map(|(k, _)| text::width(k)).max().unwrap_or(0);
        for (name, value) in shown {
            let name = self.paint(Tone::Faint, &pad(&name, width, false));
            self.line(&format!("{name}  {}", safe(value)))?;
        }
        Ok(())
    }

    /// The JSON document.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Stop> {
        serde_json::to_writer(&mut self.to, value)?;
        self.to.write_all(b"\n")?;
        Ok(())
    }

    /// Hands everything to the system.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Says on stderr what is still to come; a script that reads one document is left alone.
    pub fn hint(&self, what: &Sentence) {
        if !self.json {
            // A dead stderr must not change the exit code.
            let _ = writeln!(io::stderr().lock(), "{}", self.text(what));
        }
    }

    /// Notes when an answer was true, and whether it is an old one.
    pub fn seen(&mut self, reply: &Reply) {
        self.now = reply.at;
        self.behind = reply.behind.or(self.behind);
    }

    /// Says on stderr that what was printed is old, if it is. A subcommand that fails says why instead.
    pub fn old(&self) {
        let Some(seq) = self.behind else { return };
        let what = Sentence::new("store-behind-read").with("seq", seq);
        if self.json {
            let warning = serde_json::json!({ "warning": { "code": what.code, "args": what.args, "message": self.text(&what) } });
            let _ = writeln!(io::stderr().lock(), "{warning}");
        } else {
            self.hint(&what);
        }
    }

    /// Says on stderr why a subcommand ended early, and returns the exit code.
    pub fn fail(&self, stop: &Stop) -> u8 {
        let (code, said) = self.failure(stop);
        // A dead stderr must not change the exit code.
        let _ = io::stderr().lock().write_all(said.as_bytes());
        code
    }

    /// The exit code of a subcommand that ended early, and what is said of it.
    pub fn failure(&self, stop: &Stop) -> (u8, String) {
        let (failure, candidates) = match stop {
            Stop::Closed => return (0, String::new()),
            Stop::Failure(f) => (f.clone(), &[][..]),
            Stop::Output(e) => (Failure::new(FailureKind::Failed, Sentence::new("cli-output").with("error", e)), &[][..]),
            Stop::Ambiguous { text, candidates } => (
                Failure::new(FailureKind::Usage, Sentence::new("cli-ambiguous").with("text", text).with("count", candidates.len()))
                    .next(Sentence::new("cli-ambiguous-next")),
                candidates.as_slice(),
            ),
        };
        let message = self.text(&failure.what);
        let next = failure.next.as_ref().map(|n| self.text(n));
        let said = if self.json {
            let error = ErrorBody {
                code: &failure.what.code,
                args: failure.what.args.iter().map(|(k, v)| (k.as_ref(), v.as_str())).collect(),
                message,
                next,
                candidates,
            };
            serde_json::to_string(&ErrorDocument { error }).map(|text| format!("{text}\n")).unwrap_or_default()
        } else {
            let list: String =
                candidates.iter().map(|p| format!("  {}  {}  {}  {}\n", p.number, safe(&p.name), safe(&p.org), p.id)).collect();
            format!("tenure: {message}\n{list}{}", next.map_or_else(String::new, |n| format!("{n}\n")))
        };
        (failure.kind.exit_code(), said)
    }
}

#[derive(Serialize)]
struct ErrorDocument<'a> {
    error: ErrorBody<'a>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    code: &'a str,
    args: BTreeMap<&'a str, &'a str>,
    message: String,
    next: Option<String>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    candidates: &'a [PersonRef],
}
