//! Instants on the command line: RFC 3339, or a span from now (`4h`, `2d`, `30m ago`).

use super::{Out, Stop, list::wrong_answer};
use crate::{
    backend::{Answer, Backend, Failure, FailureKind, Query},
    domain::sentence::Sentence,
};
use jiff::{Span, SpanRelativeTo, Timestamp};

/// The instant that a text means, and the text where it counts from now. Spans count from the store's clock; a day is 24 hours.
pub async fn instant(backend: &dyn Backend, out: &mut Out, text: &str) -> Result<(Timestamp, Option<String>), Stop> {
    match text.parse::<Timestamp>() {
        Ok(at) => Ok((at, None)),
        Err(_) => {
            let now = now(backend, out).await?;
            Ok((after(text, now)?, Some(text.into())))
        }
    }
}

/// The store's time.
pub async fn now(backend: &dyn Backend, out: &mut Out) -> Result<Timestamp, Stop> {
    let reply = backend.query(Query::Home).await?;
    let Answer::Home(_) = reply.answer else { return Err(wrong_answer()) };
    out.seen(&reply);
    Ok(reply.at)
}

fn after(text: &str, now: Timestamp) -> Result<Timestamp, Stop> {
    if text == "now" {
        return Ok(now);
    }
    let bad = || Stop::from(Failure::new(FailureKind::Usage, Sentence::new("cli-bad-time").with("text", text)));
    let span: Span = text.parse().map_err(|_| bad())?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| bad())?;
    now.checked_add(length).map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_count_from_now() {
        let now: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        for (text, want) in [("4h", "2026-03-01T04:00:00Z"), ("2d", "2026-03-03T00:00:00Z"), ("30m ago", "2026-02-28T23:30:00Z")] {
            assert_eq!(after(text, now).ok(), want.parse().ok(), "{text}");
        }
        for text in ["", "soon", "4", "1 month", "2026-03-01"] {
            assert!(after(text, now).is_err(), "{text}");
        }
    }
}
