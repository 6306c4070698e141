//! What the company's systems recorded about a life: attendance with seasons and gaps, quarterly reviews, pay surveys, and the rest.

use super::{
    HISTORY_DAYS, Spec,
    company::Work,
    dice::{Dice, Purpose},
    person::{Life, Mood},
};
use crate::domain::{
    import::SignalRow,
    person::SpellState,
    signal::SignalKind::{self, *},
};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
};

/// Lateness and leave by month: the Spring Festival, the summer, the National Day week.
const SEASONS: [f64; 12] = [1.2, 1.4, 0.9, 0.8, 1.0, 1.0, 1.3, 1.2, 0.8, 1.2, 0.9, 1.0];
/// Attendance events a month of an ordinary person.
const ATTENDANCE: f64 = 0.45;
/// Region whose attendance system was silent for a week and then sent everything at once, and that week in days before today.
const LATE_GAP: (usize, i64, i64) = (2, 40, 34);
/// Region whose attendance of one week was lost.
const LOST_GAP: (usize, i64, i64) = (3, 97, 91);

/// A signal before it has an id and a zone.
struct Draft {
    kind: SignalKind,
    observed: DateTime,
    known: DateTime,
    value: Option<f64>,
    baseline: Option<f64>,
    note: Option<&'static str>,
}

/// All signals of one person, by time. Nothing is known after `spec.as_of`.
pub fn of(spec: &Spec, life: &Life) -> Vec<SignalRow> {
    let drafts = match life.fixed.and_then(|f| f.signals) {
        Some(raw) => {
            let at = |days: i64| life.today.saturating_sub(days.days()).at(9, 0, 0, 0);
            raw.iter()
                .map(|&(kind, days, value, baseline, note)| Draft { kind, observed: at(days), known: at(days), value, baseline, note })
                .collect()
        }
        None => Recorder::new(spec, life).record(),
    };
    let instant = |at: DateTime| at.to_zoned(spec.zone.clone()).map_or(Timestamp::MAX, |z| z.timestamp());
    let mut dated: Vec<(Timestamp, Timestamp, Draft)> = drafts
        .into_iter()
        .map(|d| (instant(d.observed), instant(d.known.max(d.observed)), d))
        .filter(|(_, known, _)| *known <= spec.as_of)
        .collect();
    dated.sort_by_key(|(observed, known, d)| (*observed, *known, d.kind));
    dated
        .into_iter()
        .enumerate()
        .map(|(i, (observed_at, known_at, d))| SignalRow {
            event: format!("{:06}-{i:03}", life.index),
            number: life.number.clone(),
            kind: d.kind,
            observed_at,
            known_at,
            value: d.value,
            baseline: d.baseline,
            note: d.note.map(str::to_owned),
        })
        .collect()
}

struct Recorder<'a> {
    life: &'a Life,
    dice: Dice,
    from: Date,
    until: Date,
    out: Vec<Draft>,
}

impl<'a> Recorder<'a> {
    fn new(spec: &Spec, life: &'a Life) -> Self {
        let from = life.started.max(life.today.saturating_sub(HISTORY_DAYS.days()));
        Self { life, dice: Dice::new(spec.seed, life.index, Purpose::Signals), from, until: life.until(), out: Vec::with_capacity(40) }
    }

    fn record(mut self) -> Vec<Draft> {
        if self.from < self.until {
            self.attendance();
            self.reviews();
            self.pay();
            self.resume();
            self.surveys();
            self.work();
            if self.life.state == SpellState::Probation {
                self.probation();
            }
        }
        self.out
    }

    /// Adds a signal on a day of the spell, known `later` days after.
    fn add(&mut self, kind: SignalKind, on: Date, later: i64, value: Option<f64>, baseline: Option<f64>) {
        if on < self.from || on > self.until {
            return;
        }
        let (hour, minute) = (self.dice.whole(9, 17) as i8, self.dice.whole(0, 59) as i8);
        let observed = on.at(hour, minute, 0, 0);
        let known = on.saturating_add(later.days()).at(if later == 0 { 23 } else { 2 }, 0, 0, 0);
        self.out.push(Draft { kind, observed, known, value, baseline, note: None });
    }

    /// Days before the last day of the record.
    fn back(&self, days: i64) -> Date {
        self.until.saturating_sub(days.days())
    }

    /// A number of times, each on some day.
    fn often(&mut self, kind: SignalKind, rate: f64, value: fn(&mut Dice) -> Option<f64>) {
        for _ in 0..self.dice.poisson(rate) {
            let days = self.dice.whole(0, HISTORY_DAYS);
            let on = self.back(days);
            let value = value(&mut self.dice);
            self.add(kind, on, 1, value, None);
        }
    }

    fn attendance(&mut self) {
        let unrest = self.life.mood != Mood::Steady;
        for month in i64::from(unrest) * 2..HISTORY_DAYS / 30 {
            let on = self.back(month * 30);
            let season = SEASONS.get(on.month() as usize - 1).copied().unwrap_or(1.0);
            for _ in 0..self.dice.poisson(ATTENDANCE * season) {
                let days = month * 30 + self.dice.whole(0, 29);
                self.absence(days);
            }
        }
        let (before, now) = match (self.life.mood, self.dice.whole(0, 9)) {
            (Mood::Steady, _) => return,
            (Mood::AtRisk, 0..=2) => (1, 2),
            (Mood::AtRisk, 3..=5) => (1, 3),
            (Mood::AtRisk, 6..=7) => (0, 4),
            (Mood::AtRisk, _) => (2, 3),
            (Mood::Restless, 0..=3) => (1, 2),
            (Mood::Restless, 4..=6) => (2, 3),
            (Mood::Restless, _) => (1, 1),
        };
        // Away from the borders of the two months, so that a day more or less does not change the picture.
        for _ in 0..before {
            let days = self.dice.whole(34, 56);
            self.absence(days);
        }
        for _ in 0..now {
            let days = self.dice.whole(4, 26);
            self.absence(days);
        }
    }

    /// One late arrival (minutes) or leave (days), with what the gaps of the source did to it.
    fn absence(&mut self, days_back: i64) {
        let on = self.back(days_back);
        let (kind, value) = if self.dice.chance(0.45) {
            (Late, self.dice.whole(3, 55) as f64)
        } else {
            (Leave, self.dice.pick(&[0.5, 1.0, 1.0, 1.0, 2.0, 3.0]))
        };
        let within = |gap: (usize, i64, i64)| {
            let (first, last) = (self.life.today.saturating_sub(gap.1.days()), self.life.today.saturating_sub(gap.2.days()));
            (self.life.place.region() == Some(gap.0) && on >= first && on <= last).then_some(last)
        };
        let late = within(LATE_GAP).map(|last| last.saturating_add(1.days()).at(9, 0, 0, 0));
        if within(LOST_GAP).is_some() {
            return;
        }
        let before = self.out.len();
        self.add(kind, on, 1, Some(value), None);
        if let (Some(known), Some(draft)) = (late, self.out.get_mut(before)) {
            draft.known = known;
        }
    }

    /// A performance score at the end of each quarter, known about a week later.
    fn reviews(&mut self) {
        // A quarter whose scores are not out yet is none of the run.
        let ends: Vec<Date> = ends_of_quarters(self.from, self.back(10)).collect();
        let usual = self.dice.between(74.0, 93.0);
        let drop = match self.life.mood {
            Mood::Steady => 0.0,
            Mood::Restless => self.dice.between(0.05, 0.13),
            Mood::AtRisk => self.dice.between(0.09, 0.16),
        };
        let share = self.dice.between(0.35, 0.6);
        let count = ends.len();
        for (i, on) in ends.into_iter().enumerate() {
            // The falling run of the restless is the last two quarters.
            let score = match (drop > 0.0, count - 1 - i) {
                (true, 0) => usual * (1.0 - drop),
                (true, 1) => usual * (1.0 - drop * share),
                (true, 2) => usual,
                (true, _) => usual - self.dice.between(1.0, 4.0),
                (false, _) => usual + self.dice.around(2.4),
            };
            let later = self.dice.whole(5, 9);
            self.add(PerfScore, on, later, Some(score.round().clamp(0.0, 100.0)), None);
        }
    }

    /// The market survey of April and October, where the post can be compared.
    fn pay(&mut self) {
        if self.life.mood == Mood::Steady && self.dice.chance(0.25) {
            return;
        }
        let gap = match self.life.mood {
            Mood::Steady => self.dice.around(0.06),
            Mood::Restless => self.dice.between(0.01, 0.10),
            Mood::AtRisk => self.dice.between(0.03, 0.11),
        };
        let market = (self.dice.between(5_500.0, 16_000.0) * if self.life.place.leads() { 2.0 } else { 1.0 } / 100.0).round() * 100.0;
        for on in yearly(self.from, self.until, &[(4, 10), (10, 10)]) {
            let pay = (market * (1.0 - gap + self.dice.around(0.008)) / 50.0).round() * 50.0;
            self.add(PayGap, on, 3, Some(pay), Some(market));
        }
    }

    fn resume(&mut self) {
        let recent = match (self.life.mood, self.dice.unit()) {
            (Mood::Steady, _) => 0,
            (Mood::Restless, p) => i64::from(p < 0.45),
            (Mood::AtRisk, p) => 1 + i64::from(p < 0.4),
        };
        for _ in 0..recent {
            let days = self.dice.whole(4, 80);
            let on = self.back(days);
            self.add(ResumeUpdate, on, 0, None, None);
        }
        if self.dice.chance(0.08) {
            let days = self.dice.whole(10, HISTORY_DAYS);
            let on = self.back(days);
            self.add(ResumeUpdate, on, 0, None, None);
        }
    }

    /// Twice a year a survey of satisfaction, once of intent; not all answer.
    fn surveys(&mut self) {
        let content = match self.life.mood {
            Mood::Steady => 7.6,
            Mood::Restless => 6.4,
            Mood::AtRisk => 5.2,
        };
        for on in yearly(self.from, self.until, &[(1, 20), (5, 20), (9, 20)]) {
            let value = (content + self.dice.around(2.0)).clamp(1.0, 10.0);
            if self.dice.chance(0.7) {
                self.add(Satisfaction, on, 2, Some((value * 2.0).round() / 2.0), None);
            }
        }
        for on in yearly(self.from, self.until, &[(6, 15)]) {
            let value = (5.6 - content / 2.0 + self.dice.around(1.0)).clamp(1.0, 5.0).round();
            if self.dice.chance(0.6) {
                self.add(SurveyIntent, on, 2, Some(value), None);
            }
        }
    }

    /// What depends on the work.
    fn work(&mut self) {
        let unrest = if self.life.mood == Mood::AtRisk { 4.0 } else { 1.0 };
        match self.life.work() {
            Work::Sales => self.often(TargetMiss, 1.6, |_| None),
            Work::Research => {
                self.often(ProjectDelay, 1.3, |dice| Some(dice.whole(2, 30) as f64));
                self.often(PatentContribution, 0.3, |_| Some(1.0));
            }
            Work::Quality => self.often(ProjectDelay, 0.6, |dice| Some(dice.whole(2, 15) as f64)),
            Work::Other => {}
        }
        self.often(Promotion, 0.12 / unrest, |_| None);
        self.often(RaiseRequest, 0.12 * unrest, |_| None);
        self.often(PromotionStall, 0.05 * unrest, |dice| Some(dice.whole(18, 40) as f64));
        self.often(AccessAnomaly, 0.004, |dice| Some(dice.whole(200, 2_000) as f64));
    }

    /// New hires: weekly stress, the mentor's monthly rating against the pass mark, and calls of sales staff against their own average.
    fn probation(&mut self) {
        let pressed = self.life.mood != Mood::Steady;
        for week in 0..8 {
            let value = (if pressed { 7.4 } else { 5.0 } + self.dice.around(1.8)).clamp(1.0, 10.0).round();
            let on = self.back(week * 7 + 1);
            self.add(Stress, on, 0, Some(value), None);
        }
        for month in 0..3 {
            let value = if pressed { 5.4 } else { 7.2 } + self.dice.around(1.0);
            let on = self.back(month * 30 + 3);
            self.add(MentorRating, on, 1, Some((value * 10.0).round() / 10.0), Some(6.0));
        }
        if self.life.work() == Work::Sales {
            for day in 1..=5 {
                let calls = if pressed { 12.0 } else { 20.0 } + self.dice.around(4.0);
                let on = self.back(day);
                self.add(CallVolume, on, 1, Some(calls.round()), Some(20.0));
            }
        }
    }
}

/// Last days of the quarters from one day to another.
fn ends_of_quarters(from: Date, until: Date) -> impl Iterator<Item = Date> {
    yearly(from, until, &[(3, 31), (6, 30), (9, 30), (12, 31)])
}

/// The same days of each year, in order.
fn yearly(from: Date, until: Date, days: &'static [(i8, i8)]) -> impl Iterator<Item = Date> + use<> {
    (from.year()..=until.year())
        .flat_map(move |year| days.iter().filter_map(move |&(month, day)| Date::new(year, month, day).ok()))
        .filter(move |on| *on >= from && *on <= until)
}
