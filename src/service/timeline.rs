//! One timeline: signals, scores and entries of the chain, merged by time [SG-1], [SG-4]. It has no table of its own.

use super::{Service, keys::Reader};
use crate::{
    backend::{
        Failure, FailureKind, Page,
        answer::{Factor, ScorePoint, TimelineRow},
        query::{Slice, TimelineKind},
    },
    domain::{
        act::{Act, Entity},
        audit::Entry,
        ids::{PersonId, SpellId},
        sentence::Sentence,
        signal::{Signal, SignalKind},
    },
    risk::{Day, Evidence, Model},
    store::{self, Tx, person},
};
use jiff::{Timestamp, ToSpan, civil::Date};

/// A row with what orders it: time, then a rank that keeps causes before effects, then a number.
type Keyed = (i64, i64, i64, TimelineRow);

/// More lines than one entry adds to one person's timeline.
const LINES: i64 = 1_000;

fn key(at: i64, rank: i64, n: i64) -> String {
    format!("{at}.{rank}.{n}")
}

fn parse(cursor: &str) -> Option<(i64, i64, i64)> {
    let mut parts = cursor.split('.').map(str::parse::<i64>);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

/// Kebab-case for a key of the locale files.
pub fn kebab(word: impl ToString) -> String {
    word.to_string().replace(['_', '.'], "-")
}

fn number(v: Option<f64>) -> String {
    v.map_or_else(|| "-".into(), |v| format!("{}", (v * 1000.0).round() / 1000.0))
}

impl Service {
    /// A page of a person's timeline, newest first.
    pub fn timeline(&self, tx: &mut Tx, id: PersonId, kinds: &[TimelineKind], slice: &Slice) -> Result<Page<TimelineRow>, Failure> {
        let from = match slice.after.as_deref() {
            Some(cursor) => parse(cursor).ok_or_else(|| Failure::new(FailureKind::Usage, Sentence::new("cursor-bad")))?,
            None => (i64::MAX, i64::MAX, i64::MAX),
        };
        let wanted = |k: TimelineKind| kinds.is_empty() || kinds.contains(&k);
        // Rows of the very time of the cursor are read again and dropped; more than this many at one instant do not occur by hand.
        let limit = slice.limit.clamp(1, 500);
        let n = i64::from(limit) + 1;
        let before = Timestamp::from_microsecond(from.0).unwrap_or(Timestamp::MAX);
        let mut rows: Vec<Keyed> = Vec::new();
        if wanted(TimelineKind::Signal) {
            let all = store::signal::of_person(tx, id, before, n + 50)?;
            rows.extend(all.into_iter().map(|s| (s.observed_at.as_microsecond(), 0, event_rank(&s), signal_row(s))));
        }
        if wanted(TimelineKind::Score) {
            for s in store::score::changes_of_person(tx, id, before, n + 50)? {
                let what = Sentence::new("timeline-score")
                    .with("score", format!("{:.1}", s.score))
                    .with("band", format!("@band-{}", kebab(s.band)))
                    .with("model", &s.model)
                    .with("version", &s.model_version)
                    .with("asof", s.as_of);
                let row = row(s.computed_at, TimelineKind::Score, what, Some(s.id.0));
                rows.push((s.computed_at.as_microsecond(), 1, 0, row));
            }
        }
        let from_chain = [TimelineKind::Alert, TimelineKind::Talk, TimelineKind::Plan, TimelineKind::Act];
        if from_chain.into_iter().any(wanted) {
            self.acts_of(tx, id, before, n, &wanted, &mut rows)?;
        }
        rows.sort_by_key(|r| std::cmp::Reverse((r.0, r.1, r.2)));
        rows.retain(|r| (r.0, r.1, r.2) < from);
        let more = rows.len() as i64 >= n;
        rows.truncate(limit as usize);
        let rows: Vec<TimelineRow> = rows
            .into_iter()
            .map(|(at, rank, n, mut row)| {
                row.key = key(at, rank, n);
                row
            })
            .collect();
        let next = more.then(|| rows.last().map(|r| r.key.clone())).flatten();
        Ok(Page { rows, next })
    }

    fn acts_of(
        &self,
        tx: &mut Tx,
        id: PersonId,
        before: Timestamp,
        n: i64,
        wanted: &impl Fn(TimelineKind) -> bool,
        rows: &mut Vec<Keyed>,
    ) -> Result<(), Failure> {
        let reader = self.vault.reader(tx, id)?;
        let mut below = (before.as_microsecond(), i64::MAX);
        let mut found = 0;
        while found < n {
            let page = store::audit::of_person(tx, id, below, n + 50)?;
            let Some(last) = page.last() else { return Ok(()) };
            below = (last.1, last.0);
            for (seq, at, bytes) in page {
                let Ok(entry) = serde_json::from_slice::<Entry>(&bytes) else { continue };
                for (line, row) in (0..LINES).zip(entry_rows(&reader, &entry, id)) {
                    if wanted(row.kind) {
                        found += 1;
                        // Lines of one entry are told apart, so that a page may end between them.
                        rows.push((at, 2, seq * LINES + line, row));
                    }
                }
            }
        }
        Ok(())
    }

    /// One score a week over the past weeks, each from what was known on its day.
    pub fn score_series(&self, tx: &mut Tx, id: PersonId, weeks: u32) -> Result<Vec<ScorePoint>, Failure> {
        let Some(p) = store::person::get(tx, id)? else { return Ok(Vec::new()) };
        let model = self.models.get(&self.config.scoring.model)?;
        let today = self.day(tx.now());
        let evidence = self.evidence_of(tx, p.spell, model, today.checked_sub(i64::from(weeks).weeks()).unwrap_or(today), today)?;
        let last = p.last_day.filter(|d| *d < today).unwrap_or(today);
        let mut points = Vec::new();
        for back in (0..=weeks.min(120)).rev() {
            let on = last.checked_sub(i64::from(back).weeks()).unwrap_or(last);
            if on < p.started {
                continue;
            }
            let made = model.evaluate(&evidence, &Day::new(on, &self.zone));
            points.push(ScorePoint { on, score: made.score, band: made.band });
        }
        Ok(points)
    }

    /// Evidence of a spell that any score between two days may look at.
    pub(super) fn evidence_of(&self, tx: &mut Tx, spell: SpellId, model: &Model, from: Date, to: Date) -> Result<Vec<Evidence>, Failure> {
        let enabled = self.enabled(tx)?;
        let (first, last) = (Day::new(from, &self.zone), Day::new(to, &self.zone));
        let start = Timestamp::from_microsecond(first.window(model.lookback_days().max(181)).start).unwrap_or(Timestamp::MIN);
        let end = Timestamp::from_microsecond(last.end()).unwrap_or(Timestamp::MAX);
        let now = tx.now();
        let all = store::signal::of_spell(tx, spell, start, end)?;
        Ok(all.into_iter().filter(|s| enabled.contains(&s.kind) && s.expires_at > now).map(|s| numbers(&s)).collect())
    }

    /// The factors of a score with the signals behind each.
    pub(super) fn factors(
        &self,
        tx: &mut Tx,
        spell: SpellId,
        model: &Model,
        day: &Day,
        score: &crate::domain::score::Score,
    ) -> Result<Vec<Factor>, Failure> {
        let enabled = self.enabled(tx)?;
        let end = day.end();
        let now = tx.now();
        let mut out = Vec::new();
        for c in &score.contributions {
            let window = model.weighed(&c.feature, day).unwrap_or(0..end);
            let start = Timestamp::from_microsecond(window.start).unwrap_or(Timestamp::MIN);
            let stop = Timestamp::from_microsecond(end).unwrap_or(Timestamp::MAX);
            let kinds = model.factor_kinds(&c.feature);
            let signals = store::signal::of_spell(tx, spell, start, stop)?
                .into_iter()
                .filter(|s| kinds.contains(&s.kind) && enabled.contains(&s.kind) && s.known_at.as_microsecond() < end && s.expires_at > now)
                .collect();
            out.push(Factor { feature: c.feature.clone(), value: c.value, contribution: c.contribution, signals });
        }
        out.sort_by(|a, b| b.contribution.total_cmp(&a.contribution).then_with(|| a.feature.cmp(&b.feature)));
        Ok(out)
    }

    /// People by id, for entries that name several.
    pub(super) fn people(&self, tx: &mut Tx, entry: &Entry) -> Result<Vec<crate::domain::person::PersonRef>, Failure> {
        let mut ids: Vec<PersonId> = entry.items.iter().filter_map(|i| i.person).collect();
        ids.sort();
        ids.dedup();
        ids.truncate(5);
        Ok(person::refs(tx, &ids)?)
    }

    /// The note of an entry with one person: words of the act and its reason, while the person's key exists.
    pub(super) fn note_of(&self, tx: &mut Tx, entry: &Entry) -> Result<Option<String>, Failure> {
        let Some(item) = entry.items.first() else { return Ok(None) };
        let (Some(person), Some(sealed)) = (item.person, &item.sealed) else {
            return Ok(entry.detail.as_deref().map(|d| super::request::reopened(tx, d)));
        };
        let Some(text) = self.vault.open_for(tx, person, sealed)? else { return Ok(None) };
        let (act, reason) = opened(&text);
        let note = [act.as_ref().and_then(words), reason].into_iter().flatten().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" / ");
        Ok((!note.is_empty()).then_some(note))
    }
}

/// The lines that an entry adds to a person's timeline.
fn entry_rows(reader: &Reader, entry: &Entry, id: PersonId) -> Vec<TimelineRow> {
    let mut out = Vec::new();
    for item in entry.items.iter().filter(|i| i.person == Some(id)) {
        let text = item.sealed.as_deref().and_then(|sealed| reader.open(sealed));
        let (act, reason) = text.as_deref().map(opened).unwrap_or_default();
        let name: &str = act.as_ref().map_or(entry.act.as_str(), |a| a.name());
        let kind = match (name, item.entity) {
            ("alert.talk", _) => TimelineKind::Talk,
            (_, Entity::Plan) => TimelineKind::Plan,
            (_, Entity::Alert) if entry.operator.is_none() => TimelineKind::Alert,
            _ => TimelineKind::Act,
        };
        // A machine batch names alerts: whether one was raised or changed shows from its versions.
        let name = match (name, item.before, entry.operator) {
            ("risk.score", None, None) => "alert.raise",
            ("risk.score", Some(_), None) => "alert.reopen",
            (name, _, _) => name,
        };
        let what = Sentence::new("timeline-act")
            .with("act", format!("@act-{}", kebab(name)))
            .with("by", if entry.operator.is_some() { entry.operator_name.clone() } else { "@machine".into() });
        let note = [act.as_ref().and_then(words), reason].into_iter().flatten().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" / ");
        let mut row = row(entry.at, kind, what, Some(item.id));
        row.note = (!note.is_empty()).then_some(note);
        row.by = entry.operator.map(|_| entry.operator_name.clone());
        out.push(row);
    }
    out
}

/// A signal as the numbers that features look at.
pub(super) fn numbers(s: &Signal) -> Evidence {
    Evidence {
        kind: s.kind,
        observed_at: s.observed_at.as_microsecond(),
        known_at: s.known_at.as_microsecond(),
        value: s.value,
        baseline: s.baseline,
    }
}

fn event_rank(s: &Signal) -> i64 {
    // Any number that is the same for the same signal orders ties.
    let key = store::signal::event_key(&s.source, &s.event);
    i64::from_be_bytes(key.first_chunk::<8>().copied().unwrap_or_default()) & i64::MAX
}

fn row(at: Timestamp, kind: TimelineKind, what: Sentence, id: Option<uuid::Uuid>) -> TimelineRow {
    TimelineRow { at, kind, what, note: None, by: None, id, key: String::new() }
}

fn signal_row(s: Signal) -> TimelineRow {
    let code = match (s.value, s.baseline) {
        (Some(_), Some(_)) => "timeline-signal-from-to",
        (Some(_), None) => "timeline-signal-value",
        _ => "timeline-signal",
    };
    let what = Sentence::new(code)
        .with("kind", signal_word(s.kind))
        .with("value", number(s.value))
        .with("baseline", number(s.baseline))
        .with("source", &s.source);
    let mut r = row(s.observed_at, TimelineKind::Signal, what, None);
    r.note = s.note;
    r
}

fn signal_word(kind: SignalKind) -> String {
    format!("@signal-kind-{}", kebab(kind))
}

/// Act and reason of an opened item.
fn opened(text: &str) -> (Option<Act>, Option<String>) {
    let value: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let act = value.get("act").cloned().and_then(|a| serde_json::from_value(a).ok());
    let reason = value.get("reason").and_then(|r| r.as_str()).map(Into::into);
    (act, reason)
}

/// The free words of an act.
fn words(act: &Act) -> Option<String> {
    match act {
        Act::AlertNote { text } | Act::FreezeNote { text } => Some(text.clone()),
        Act::AlertTalk { talk } => {
            Some([talk.needs.as_str(), talk.next_step.as_str()].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" -> "))
        }
        Act::ScoreContest { text } | Act::ScoreAnswer { text, .. } => Some(text.clone()),
        Act::AlertDismiss { note, .. } => note.clone(),
        Act::AlertResolve { refusal, .. } => refusal.clone(),
        Act::AlertAssign { owner } => Some(owner.clone()),
        Act::AlertSnooze { until } => Some(until.strftime("%Y-%m-%d %H:%M UTC").to_string()),
        Act::PlanCreate { body, .. } => Some(body.text.clone()),
        Act::OffboardingReturn { why }
        | Act::OffboardingWaive { why }
        | Act::OffboardingBlock { why }
        | Act::OffboardingCorrect { why } => Some(why.clone()),
        Act::OffboardingAssign { reviewer } => Some(reviewer.clone()),
        Act::OffboardingSubmit { evidence } => evidence.file.as_ref().map(|f| f.name.clone()),
        Act::OffboardingDuty { done } => done.note.clone().or_else(|| done.file.as_ref().map(|f| f.name.clone())),
        _ => None,
    }
}
