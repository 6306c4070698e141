//! Many signals as a file: daily readings of kinds that the shipped scorer does not weigh, so that loading them changes no story.

use super::{
    HISTORY_DAYS, Spec,
    dice::{Dice, Purpose},
    lives,
    person::Life,
};
use crate::domain::{import::SignalRow, person::SpellState, signal::SignalKind};
use jiff::{SignedDuration, ToSpan, civil::Date};
use std::io::{self, Write};

const HEADER: &str = "event,number,kind,observed_at,known_at,value,baseline,note";
const KINDS: [SignalKind; 4] = [SignalKind::CallVolume, SignalKind::MentorRating, SignalKind::Satisfaction, SignalKind::Stress];

/// Writes `rows` signals of the company's people as CSV in the standard columns; answers how many there were. Memory does not grow with
/// the rows. The events differ from those of [`super::signals`]. Fewer rows are written only when nobody was in post.
pub fn write_signals(spec: &Spec, rows: u64, out: &mut dyn Write) -> io::Result<u64> {
    writeln!(out, "{HEADER}")?;
    let today = spec.today();
    let (mut written, mut before_round) = (0, 0);
    for pass in 0.. {
        // A pass is one reading of everybody on one day; after all days come the same days for the next kind.
        let (round, days_ago) = (pass / HISTORY_DAYS, 1 + pass % HISTORY_DAYS);
        let on = today.saturating_sub(days_ago.days());
        let kind = KINDS.get(round as usize % KINDS.len()).copied().unwrap_or(SignalKind::CallVolume);
        for life in lives(spec).filter(|life| in_post(life, on)) {
            if written == rows {
                return Ok(written);
            }
            write_row(out, &reading(spec, &life, kind, pass, on))?;
            written += 1;
        }
        if days_ago == HISTORY_DAYS {
            if written == before_round {
                break;
            }
            before_round = written;
        }
    }
    Ok(written)
}

fn in_post(life: &Life, on: Date) -> bool {
    life.state != SpellState::PreHire && life.started <= on && life.last_day.is_none_or(|last| on <= last)
}

fn reading(spec: &Spec, life: &Life, kind: SignalKind, pass: i64, on: Date) -> SignalRow {
    let mut dice = Dice::new(spec.seed ^ pass as u64, life.index, Purpose::Bulk);
    let observed_at = on.at(18, 0, 0, 0).to_zoned(spec.zone.clone()).map_or(spec.as_of, |z| z.timestamp());
    let known_at = (observed_at + SignedDuration::from_mins(dice.whole(1, 600))).min(spec.as_of).max(observed_at);
    let (value, baseline) = match kind {
        SignalKind::CallVolume => ((20.0 + dice.around(10.0)).round(), Some(20.0)),
        SignalKind::MentorRating => ((70.0 + dice.around(30.0)).round() / 10.0, Some(6.0)),
        _ => (dice.whole(1, 10) as f64, None),
    };
    SignalRow {
        event: format!("D{pass:05}-{:06}", life.index),
        number: life.number.clone(),
        kind,
        observed_at,
        known_at,
        value: Some(value),
        baseline,
        note: None,
    }
}

/// No field of such a row needs quoting: numbers, instants and the crate's own words.
fn write_row(out: &mut dyn Write, s: &SignalRow) -> io::Result<()> {
    write!(out, "{},{},{},{},{},", s.event, s.number, s.kind, s.observed_at, s.known_at)?;
    for number in [s.value, s.baseline] {
        if let Some(number) = number {
            write!(out, "{number}")?;
        }
        write!(out, ",")?;
    }
    writeln!(out)
}
