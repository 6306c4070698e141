//! `tenure report`: figures about the company as a whole.

use super::{Out, Stop, list::wrong_answer};
use crate::{
    backend::{Answer, Backend, Query},
    domain::{
        effect::{Effect, FEWEST, Share},
        sentence::Sentence,
    },
    text,
};
use clap::Subcommand;
use jiff::civil::Date;

#[derive(Debug, Subcommand)]
pub enum Report {
    /// How many alerts came true, and how many leavers an alert had told of
    Effect {
        /// First day; a year before the last one by default
        #[arg(long, value_name = "DATE")]
        from: Option<Date>,
        /// Last day; today by default
        #[arg(long, value_name = "DATE")]
        to: Option<Date>,
    },
}

pub(super) async fn run(command: Report, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let Report::Effect { from, to } = command;
    let reply = backend.query(Query::Effect { from, to }).await?;
    out.seen(&reply);
    let Answer::Effect(effect) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&effect)?;
    } else {
        print(out, &effect)?;
    }
    out.flush()?;
    Ok(0)
}

fn print(out: &mut Out, e: &Effect) -> Result<(), Stop> {
    out.tell(&Sentence::new("effect-title").with("from", e.from).with("to", e.to))?;
    let share = |out: &Out, s: &Share| match (s.of, s.share, s.low, s.high) {
        (Some(of), Some(share), Some(low), Some(high)) => {
            let percent = |x: f64| text::percent((x * 100.0).round() / 100.0);
            let counts = Sentence::new("effect-share").with("of", of).with("n", s.n).with("low", percent(low)).with("high", percent(high));
            format!("{}  {}", percent(share), out.text(&counts))
        }
        _ if s.n > 0 => out.text(&Sentence::new("effect-few").with("n", s.n).with("fewest", FEWEST)),
        _ => out.word("effect-none"),
    };
    let count = |out: &Out, code: &'static str, n: i64| if n > 0 { out.text(&Sentence::new(code).with("count", n)) } else { String::new() };
    out.fields(&[
        ("effect-precision", share(out, &e.precision)),
        ("effect-recall", share(out, &e.recall)),
        ("effect-young", count(out, "effect-young-count", e.young)),
        ("effect-waiting", count(out, "effect-waiting-count", e.waiting)),
    ])?;
    out.tell(&Sentence::new("effect-how").with("within", e.within_days).with("ahead", e.ahead_days))?;
    Ok(())
}
