//! `tenure risk`: scores, what pushed them, and what they would be.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    alert::{bad_value, band},
    employee::people,
    list::{Part, Row, all, stream, wrong_answer},
    out::{Cell, Tone, safe},
    pick,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{Explanation, ModelRow, PersonRow},
        file,
    },
    domain::{
        act::Act,
        contest,
        ids::ContestId,
        score::{Band, Contribution, Score, Unweighed},
        sentence::Sentence,
    },
    text,
};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor},
};
use std::{collections::BTreeMap, fmt, io::Read, path::PathBuf};

#[derive(Debug, Subcommand)]
pub enum Risk {
    /// Bring due scores up to date and print them
    Score {
        /// Employee number, id or name; everybody without one
        #[arg(value_name = "PERSON")]
        person: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// What pushed a person's score, by how much, from which signals
    Explain {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// The score as it was known on this day
        #[arg(long, value_name = "DATE")]
        as_of: Option<Date>,
        /// Another scorer of config/models
        #[arg(long, value_name = "NAME")]
        model: Option<String>,
    },
    /// The score of given inputs, or of a person if some inputs were different
    Predict(Predict),
    /// Scorers that are installed
    Models,
    /// Record that a person contests their score; while it is open the score raises no alert
    Contest {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// What the person says
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Contested scores, the first due first
    Contests {
        /// One of them, with its words and what the score was made of
        #[arg(value_name = "ID")]
        id: Option<ContestId>,
        /// Those that were answered as well
        #[arg(long, conflicts_with = "id")]
        all: bool,
        #[command(flatten)]
        part: Part,
    },
    /// Answer a contest; whoever recorded it may not
    Answer {
        #[arg(value_name = "ID")]
        id: ContestId,
        /// What becomes of the score
        #[arg(value_name = "ANSWER", value_parser = one_of::<contest::Answer>())]
        answer: contest::Answer,
        /// The explanation that the person gets
        #[arg(long, value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        act: ActArgs,
    },
}

/// FILE is `{"resume_updates_90d":2,"pay_gap":0.15}`: fractions; what is absent is missing.
#[derive(Debug, Args)]
pub struct Predict {
    /// JSON object of features; - reads standard input
    #[arg(long, value_name = "FILE", required_unless_present = "person", conflicts_with = "person")]
    inputs: Option<PathBuf>,
    /// Another scorer of config/models
    #[arg(long, value_name = "NAME", conflicts_with = "person")]
    pub model: Option<String>,
    /// What if: this person, with other inputs
    #[arg(value_name = "PERSON", requires = "set")]
    person: Option<String>,
    /// A changed input: pay_gap=0, or pay_gap= for missing
    #[arg(long, value_name = "FEATURE=VALUE", requires = "person")]
    set: Vec<String>,
}

impl Predict {
    /// Inputs are stated in full: nobody's data is asked for.
    pub fn needs_no_home(&self) -> bool {
        self.inputs.is_some()
    }

    /// The stated inputs.
    pub fn inputs(&self) -> Result<Option<BTreeMap<String, f64>>, Stop> {
        let Some(path) = &self.inputs else { return Ok(None) };
        let mut text = String::new();
        let read = if path.as_os_str() == "-" {
            std::io::stdin().read_to_string(&mut text)
        } else {
            std::fs::File::open(path).and_then(|mut f| f.read_to_string(&mut text))
        };
        read.map_err(|e| file::unreadable(path, &e))?;
        let inputs: Inputs = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|e| {
            let what = Sentence::new("cli-bad-inputs").with("file", path.display()).with("error", e);
            Stop::from(Failure::new(FailureKind::Usage, what).next(Sentence::new("cli-bad-inputs-next")))
        })?;
        Ok(Some(inputs.0))
    }
}

/// An object of numbers; a feature that is named twice is a mistake, `null` is missing.
struct Inputs(BTreeMap<String, f64>);

impl<'de> Deserialize<'de> for Inputs {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = BTreeMap<String, Option<f64>>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object of numbers")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut seen = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Option<f64>>()? {
                    if seen.contains_key(&name) {
                        return Err(A::Error::custom(format_args!("{name} is there twice")));
                    }
                    seen.insert(name, value);
                }
                Ok(seen)
            }
        }
        let seen = d.deserialize_map(Object)?;
        Ok(Self(seen.into_iter().filter_map(|(k, v)| v.map(|v| (k, v))).collect()))
    }
}

pub(super) async fn run(command: Risk, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Risk::Score { person: None, part } => people(Filter::default(), &part, backend, out).await,
        Risk::Score { person: Some(text), .. } => score(&text, backend, out).await,
        Risk::Explain { person, as_of, model } => {
            let id = pick::person(backend, out, &person).await?.id;
            let reply = backend.query(Query::Explain { id, as_of, model }).await?;
            let Answer::Explain(explanation) = reply.answer else { return Err(wrong_answer()) };
            if out.json {
                out.json(&explanation)?;
            } else {
                print_explanation(out, &explanation)?;
            }
            out.flush()?;
            Ok(0)
        }
        Risk::Predict(p) => predict(p, backend, out).await,
        Risk::Models => {
            let reply = backend.query(Query::Models).await?;
            let Answer::Models(rows) = reply.answer else { return Err(wrong_answer()) };
            all(out, &rows)
        }
        Risk::Contest { person, text, act: args } => {
            let id = pick::person(backend, out, &person).await?.id;
            act(backend, out, Act::ScoreContest { text }, vec![id.into()], &args).await
        }
        Risk::Contests { id: Some(id), .. } => super::contest::show(id, backend, out).await,
        Risk::Contests { id: None, all, part } => {
            let ask = |slice| Query::Contests { all, slice };
            stream(backend, out, &part, ask, |a| if let Answer::Contests(p) = a { Some(p) } else { None }).await
        }
        Risk::Answer { id, answer, text, act: args } => act(backend, out, Act::ScoreAnswer { answer, text }, vec![id.into()], &args).await,
    }
}

async fn score(text: &str, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let who = pick::person(backend, out, text).await?;
    let reply = backend.query(Query::Explain { id: who.id, as_of: None, model: None }).await?;
    let Answer::Explain(e) = reply.answer else { return Err(wrong_answer()) };
    let contested = e.contest.is_some_and(|c| c.state.is_open());
    all(out, &[PersonRow { person: who, score: Some(e.score), band: Some(e.band), contested }])
}

async fn predict(p: Predict, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    if let Some(inputs) = p.inputs()? {
        let reply = backend.query(Query::Predict { inputs, model: p.model }).await?;
        let Answer::Predict(score) = reply.answer else { return Err(wrong_answer()) };
        return print_prediction(out, &score);
    }
    let id = pick::person(backend, out, p.person.as_deref().unwrap_or_default()).await?.id;
    let changes = p.set.iter().map(|s| change(s)).collect::<Result<_, _>>()?;
    let reply = backend.query(Query::WhatIf { id, changes }).await?;
    let Answer::WhatIf(what_if) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&what_if)?;
    } else {
        for (key, score) in [("cli-what-if-now", &what_if.now), ("cli-what-if-then", &what_if.then)] {
            let head = out.word(key);
            let head = out.paint(Tone::Strong, &head);
            out.line(&head)?;
            print_score(out, score)?;
        }
    }
    out.flush()?;
    Ok(0)
}

fn change(text: &str) -> Result<(String, Option<f64>), Stop> {
    let bad = || bad_value("--set", text);
    let (name, value) = text.split_once('=').ok_or_else(bad)?;
    let value = match value.trim() {
        "" => None,
        v => Some(v.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(bad)?),
    };
    Ok((name.trim().into(), value))
}

/// Prints a prediction: the contract of `tenure risk predict`.
pub fn print_prediction(out: &mut Out, score: &Score) -> Result<u8, Stop> {
    #[derive(Serialize)]
    struct Told<'a> {
        score: f64,
        band: Band,
        probability: f64,
        logit: f64,
        intercept: f64,
        contributions: &'a [Contribution],
        missing: &'a [String],
        model: &'a str,
        model_version: &'a str,
    }
    if out.json {
        out.json(&Told {
            score: score.score,
            band: score.band,
            probability: score.probability,
            logit: score.logit,
            intercept: score.intercept,
            contributions: &score.contributions,
            missing: &score.missing,
            model: &score.model,
            model_version: &score.model_version,
        })?;
    } else {
        print_score(out, score)?;
    }
    out.flush()?;
    Ok(0)
}

pub(super) fn print_score(out: &mut Out, s: &Score) -> Result<(), Stop> {
    let factors: Vec<_> = s.contributions.iter().map(|c| (c.feature.as_str(), c.value, c.contribution)).collect();
    print_parts(out, (s.score, s.band, s.intercept, s.logit), &factors, &s.missing, &s.unweighed)?;
    out.fields(&[("cli-head-model", format!("{} {}", s.model, s.model_version))])?;
    Ok(())
}

fn print_explanation(out: &mut Out, e: &Explanation) -> Result<(), Stop> {
    out.fields(&[("cli-head-name", format!("{} {}", e.number, e.name)), ("cli-head-as-of", e.as_of.to_string())])?;
    let factors: Vec<_> = e.factors.iter().map(|f| (f.feature.as_str(), f.value, f.contribution)).collect();
    super::contest::tell(out, e.contest)?;
    print_parts(out, (e.score, e.band, e.intercept, e.logit), &factors, &e.missing, &e.unweighed)?;
    out.fields(&[
        ("cli-head-model", format!("{} {}", e.model, e.model_version)),
        ("cli-head-valid-until", e.valid_until.map_or_else(String::new, |d| d.to_string())),
    ])?;
    for f in &e.factors {
        for s in &f.signals {
            let value = match (s.value, s.baseline) {
                (Some(v), Some(b)) => format!("{b} -> {v}"),
                (Some(v), None) => v.to_string(),
                _ => String::new(),
            };
            let line = format!(
                "  {}  {}  {}  {value}  {}",
                out.when(s.observed_at),
                out.name("feature", &f.feature),
                out.name("signal-kind", s.kind),
                safe(&s.source)
            );
            out.line(line.trim_end())?;
        }
    }
    Ok(())
}

/// Score and band, then a line a factor: they add up to the logit.
fn print_parts(
    out: &mut Out,
    (score, of, intercept, logit): (f64, Band, f64, f64),
    factors: &[(&str, f64, f64)],
    missing: &[String],
    unweighed: &[Unweighed],
) -> Result<(), Stop> {
    let head = band(out, Some(of));
    let line = format!("{} {}", out.paint(Tone::Strong, &text::score(score)), out.paint(head.tone, &head.text));
    out.line(&line)?;
    let names: Vec<String> = factors.iter().map(|f| out.name("feature", f.0)).collect();
    let others = [out.word("cli-intercept"), out.word("cli-logit")];
    let width = names.iter().chain(&others).map(|n| text::width(n)).max().unwrap_or(0);
    let row = |name: &str, value: String, added: f64| {
        format!("  {}  {}  {added:+8.3}", super::out::pad(name, width, false), super::out::pad(&value, 10, true))
    };
    out.line(&row(&others[0], String::new(), intercept))?;
    for (name, (_, value, added)) in names.iter().zip(factors) {
        out.line(&row(name, format!("{value:.3}"), *added))?;
    }
    out.line(&row(&others[1], String::new(), logit))?;
    let missing: Vec<String> = missing.iter().map(|m| out.name("feature", m)).collect();
    let seen: Vec<String> = unweighed.iter().map(|u| format!("{} x{}", out.name("signal-kind", u.kind), u.count)).collect();
    out.fields(&[("cli-missing", missing.join(", ")), ("cli-unweighed", seen.join(", "))])?;
    Ok(())
}

impl Row for ModelRow {
    const HEADS: &'static [&'static str] =
        &["cli-head-model", "cli-head-version", "cli-head-in-use", "cli-head-overridden", "cli-head-features"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let yes = |b: bool| if b { out.word("cli-yes") } else { "-".into() };
        vec![
            Cell::new(&self.id),
            Cell::new(&self.version),
            Cell::new(yes(self.in_use)),
            Cell::new(yes(self.overridden)),
            Cell::new(self.features.join(", ")),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_an_object_of_numbers_and_nothing_else() {
        let read = |s: &str| serde_json::from_str::<Inputs>(s).ok().map(|i| i.0);
        assert_eq!(read(r#"{"pay_gap":0.15,"x":2,"y":null}"#), Some(BTreeMap::from([("pay_gap".into(), 0.15), ("x".into(), 2.0)])));
        assert_eq!(read("{}"), Some(BTreeMap::new()));
        for bad in [r#"{"x":NaN}"#, r#"{"x":"2"}"#, r#"{"x":true}"#, r#"{"x":[1]}"#, r#"{"x":1e999}"#, r#"{"x":1,"x":2}"#, "[]", "", "{}{}"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_change_is_a_feature_and_a_finite_number_or_nothing() {
        assert_eq!(change("pay_gap=0").ok(), Some(("pay_gap".into(), Some(0.0))));
        assert_eq!(change("pay_gap=").ok(), Some(("pay_gap".into(), None)));
        for bad in ["pay_gap", "pay_gap=much", "pay_gap=NaN", "pay_gap=inf"] {
            assert!(change(bad).is_err(), "{bad}");
        }
    }
}
