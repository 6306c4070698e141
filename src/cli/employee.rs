//! `tenure employee`: the list, the card, the timeline, and corrections.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    alert::band,
    list::{Part, Row, stream, wrong_answer},
    out::{Cell, safe},
    pick,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{PersonCard, PersonRow, TimelineRow},
        query::TimelineKind,
    },
    domain::{
        act::Act,
        person::{CriticalPost, Impact, PersonRef},
        score::Band,
        sentence::Sentence,
    },
    text,
};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::io::{BufRead, IsTerminal, Write};

#[derive(Debug, Subcommand)]
pub enum Employee {
    /// People with their current score
    List(List),
    /// A person's card; the look is written to the access log
    Show {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
    },
    /// Signals, scores, alerts, talks and acts, newest first
    Timeline {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// Only these kinds
        #[arg(long = "kind", value_name = "KIND", value_parser = one_of::<TimelineKind>())]
        kinds: Vec<TimelineKind>,
        #[command(flatten)]
        part: Part,
    },
    /// Correct the Latin letters that a name is sorted and found by
    SortName {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// Latin letters
        #[arg(value_name = "NAME")]
        sort_name: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// See for a while who it is, where your role shows a pseudonym; the reason is written down
    Reveal {
        /// Employee number or id
        #[arg(value_name = "PERSON")]
        person: String,
        /// For how long, at most 60
        #[arg(long, default_value_t = 30, value_name = "MINUTES")]
        minutes: i64,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Erase a person's key and fields for good; the audit chain still verifies
    Erase {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// Do not ask on the terminal
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        act: ActArgs,
    },
}

/// Which people are listed.
#[derive(Debug, Args)]
pub struct List {
    /// Beginning of a name, sort name or employee number
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    #[arg(long, value_parser = one_of::<Band>())]
    band: Option<Band>,
    /// Path or name of an organisation unit
    #[arg(long, value_name = "UNIT")]
    org: Option<String>,
    #[arg(long, value_parser = one_of::<CriticalPost>())]
    critical: Option<CriticalPost>,
    #[arg(long, value_parser = one_of::<Impact>())]
    impact: Option<Impact>,
    #[command(flatten)]
    part: Part,
}

pub(super) async fn run(command: Employee, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Employee::List(l) => list(l, backend, out).await,
        Employee::Show { person } => show(&person, backend, out).await,
        Employee::Timeline { person, kinds, part } => {
            let id = pick::person(backend, out, &person).await?.id;
            let ask = |slice| Query::Timeline { id, kinds: kinds.clone(), slice };
            stream(backend, out, &part, ask, |a| if let Answer::Timeline(p) = a { Some(p) } else { None }).await
        }
        Employee::SortName { person, sort_name, act: args } => {
            let who = pick::person(backend, out, &person).await?;
            act(backend, out, Act::PersonSortName { sort_name }, vec![who.id.into()], &args).await
        }
        Employee::Reveal { person, minutes, act: args } => {
            let id = pick::person(backend, out, &person).await?.id;
            act(backend, out, Act::PersonReveal { minutes }, vec![id.into()], &args).await
        }
        Employee::Erase { person, yes, act: args } => {
            let who = pick::person(backend, out, &person).await?;
            if !yes && std::io::stdin().is_terminal() {
                confirm(out, &who)?;
            }
            act(backend, out, Act::PersonErase, vec![who.id.into()], &args).await
        }
    }
}

/// Somebody at a terminal types the number of the person who is erased.
fn confirm(out: &Out, who: &PersonRef) -> Result<(), Stop> {
    let ask = out.text(&Sentence::new("cli-erase-confirm").with("number", &who.number).with("name", &who.name));
    let mut err = std::io::stderr().lock();
    write!(err, "{ask} ")?;
    err.flush()?;
    let mut typed = String::new();
    std::io::stdin().lock().read_line(&mut typed)?;
    if typed.trim() == who.number {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, Sentence::new("cli-not-confirmed")).into())
}

async fn list(l: List, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let filter = Filter { text: l.text, band: l.band, org: l.org, critical: l.critical, impact: l.impact, ..Filter::default() };
    people(filter, &l.part, backend, out).await
}

/// A list of people with their scores.
pub(super) async fn people(filter: Filter, part: &Part, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let ask = |slice| Query::People { filter: filter.clone(), slice };
    stream(backend, out, part, ask, |a| if let Answer::People(p) = a { Some(p) } else { None }).await
}

impl Row for PersonRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-number",
        "cli-head-name",
        "cli-head-sort-name",
        "cli-head-score",
        "cli-head-band",
        "cli-head-state",
        "cli-head-post",
        "cli-head-org",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let p = &self.person;
        vec![
            Cell::new(&p.number),
            Cell::new(&p.name),
            Cell::new(&p.sort_name),
            Cell::figure(super::contest::mark(self.score, self.contested)),
            band(out, self.band),
            Cell::new(out.name("spell-state", p.state)),
            Cell::new(&p.post),
            Cell::new(&p.org),
        ]
    }
}

impl Row for TimelineRow {
    const HEADS: &'static [&'static str] = &["cli-head-at", "cli-head-kind", "cli-head-by", "cli-head-what"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let what = out.text(&self.what);
        vec![
            Cell::new(out.when(self.at)),
            Cell::new(out.name("timeline-kind", self.kind)),
            Cell::new(self.by.as_deref().unwrap_or("-")),
            Cell::new(self.note.as_ref().map_or_else(|| what.clone(), |n| format!("{what}: {n}"))),
        ]
    }

    fn json(&self, out: &Out) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Told<'a> {
            text: String,
            #[serde(flatten)]
            row: &'a TimelineRow,
        }
        serde_json::to_string(&Told { text: out.text(&self.what), row: self })
    }
}

async fn show(text: &str, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = pick::person(backend, out, text).await?.id;
    let reply = backend.query(Query::Person { id }).await?;
    out.seen(&reply);
    let Answer::Person(card) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&card)?;
    } else {
        print_card(out, &card)?;
    }
    out.flush()?;
    Ok(0)
}

fn print_card(out: &mut Out, card: &PersonCard) -> Result<(), Stop> {
    let p = &card.person;
    let manager = match (&p.manager, &card.manager_name) {
        (Some(number), Some(name)) => format!("{number} {name}"),
        (number, _) => number.clone().unwrap_or_default(),
    };
    let score =
        card.score.as_ref().map_or_else(String::new, |s| format!("{} {}  {}", text::score(s.score), band(out, Some(s.band)).text, s.as_of));
    let alert = card.alert.as_ref().map_or_else(String::new, |a| {
        format!("{}  {}  {}", out.name("alert-state", a.alert.state), a.owner.as_deref().unwrap_or("-"), a.alert.id)
    });
    out.fields(&[
        ("cli-head-id", p.id.to_string()),
        ("cli-head-version", p.version.to_string()),
        ("cli-head-number", p.number.clone()),
        ("cli-head-name", p.name.clone()),
        ("cli-head-sort-name", p.sort_name.clone()),
        ("cli-head-state", out.name("spell-state", p.state)),
        ("cli-head-org", p.org.clone()),
        ("cli-head-post", p.post.clone()),
        ("cli-head-critical", p.critical.map_or_else(String::new, |c| out.name("critical-post", c))),
        ("cli-head-impact", out.name("impact", p.impact)),
        ("cli-head-manager", manager),
        ("cli-head-email", p.email.clone().unwrap_or_default()),
        ("cli-head-started", p.started.to_string()),
        ("cli-head-last-day", p.last_day.map_or_else(String::new, |d| d.to_string())),
        ("cli-head-exit", p.exit.map_or_else(String::new, |e| out.name("exit-kind", e))),
        ("cli-head-score", score),
        ("cli-head-alert", alert),
    ])?;
    for (started, last_day, post) in &card.earlier {
        let line = format!("{started} - {}  {}", last_day.map_or_else(String::new, |d| d.to_string()), safe(post));
        out.line(&line)?;
    }
    if !card.homonyms.is_empty() {
        out.line("")?;
        out.say("cli-homonyms")?;
    }
    for h in &card.homonyms {
        let line = format!("  {}  {}  {}", h.number, safe(&h.name), safe(&h.org));
        out.line(&line)?;
    }
    Ok(())
}
