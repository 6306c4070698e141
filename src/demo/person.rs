//! One life in the company, before names and signals are drawn.

use super::{
    Spec,
    article::{Cast, Fixed},
    company::{Place, Work},
    dice::{Dice, Purpose},
    names,
};
use crate::domain::{
    import::{EmployeeRow, ExitRow},
    person::{CriticalPost, ExitKind, Impact, SpellState},
};
use jiff::{ToSpan, civil::Date};

/// Number of the first person.
const FIRST_NUMBER: u64 = 10_001;
/// Added to the index for the number of an earlier spell: a rehired person gets a new number.
const EARLIER_NUMBER: u64 = 900_001;

/// Multiples of the golden ratio, modulo 1, fill the unit interval evenly.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// How near somebody is to leaving; what their signals will look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    Steady,
    Restless,
    AtRisk,
}

/// One person with the spell that counts now.
#[derive(Clone, Debug)]
pub struct Life {
    pub index: u32,
    pub number: String,
    pub fixed: Option<&'static Fixed>,
    pub place: Place,
    pub state: SpellState,
    pub started: Date,
    pub last_day: Option<Date>,
    pub exit: Option<ExitKind>,
    pub mood: Mood,
    pub today: Date,
    manager: Option<String>,
    /// First and last day of an earlier spell.
    earlier: Option<(Date, Date)>,
    seed: u64,
    post: &'static str,
    impact: Impact,
}

impl Life {
    pub fn new(spec: &Spec, today: Date, cast: &Cast, index: u32) -> Self {
        let mut dice = Dice::new(spec.seed, index, Purpose::Life);
        let (place, fixed) = (Place::new(index), cast.at(index));
        let ago = |days: i64| today.saturating_sub(days.days());
        let drawn = if place.leads() { SpellState::Active } else { draw_state(&mut dice) };
        let state = fixed.map_or(drawn, |f| f.state);
        let (mut last_day, mut exit) = (None, None);
        let started = match state {
            SpellState::PreHire => ago(-dice.whole(3, 30)),
            SpellState::Probation => ago(dice.whole(10, 170)),
            SpellState::Departed => {
                let gone = dice.whole(2, 520);
                last_day = Some(ago(gone));
                exit = Some(draw_exit(&mut dice));
                ago(gone + dice.whole(120, 3_000))
            }
            _ => ago(dice.whole(250, 900) + if dice.chance(0.7) { dice.whole(0, 4_000) } else { 0 }),
        };
        if state == SpellState::Notice {
            last_day = Some(ago(-dice.whole(2, 28)));
            exit = Some(ExitKind::Resigned);
        }
        let (at_risk, restless) = match (state, exit, place.leads()) {
            (SpellState::Departed, Some(ExitKind::Resigned), _) => (0.4, 0.3),
            (SpellState::Notice, ..) => (0.2, 0.4),
            (.., true) => (0.02, 0.08),
            _ => (0.06, 0.12),
        };
        // Spread evenly over the indices, so that the share of people at risk hardly varies with the seed.
        let luck = (Dice::new(spec.seed, 0, Purpose::Mood).unit() + f64::from(index) * GOLDEN).fract();
        let mood = match luck {
            p if p < at_risk => Mood::AtRisk,
            p if p < at_risk + restless => Mood::Restless,
            _ => Mood::Steady,
        };
        let again = state == SpellState::Active && fixed.is_none() && !place.leads() && dice.chance(0.012);
        let earlier = again.then(|| {
            let gap = dice.whole(90, 900);
            let last = started.saturating_sub(gap.days());
            (last.saturating_sub(dice.whole(200, 1_500).days()), last)
        });
        let post = place.post(&mut dice);
        let impact = match (place.leads(), place.critical().is_some(), dice.unit()) {
            (true, ..) => Impact::High,
            (_, true, p) if p < 0.25 => Impact::High,
            (_, _, p) if p < 0.5 => Impact::Medium,
            _ => Impact::Low,
        };
        Self {
            index,
            number: number_of(cast, index),
            fixed,
            place,
            state,
            started,
            last_day,
            exit,
            mood,
            today,
            manager: place.manager().map(|manager| number_of(cast, manager)),
            earlier,
            seed: spec.seed,
            post,
            impact,
        }
    }

    /// Whether the person sells.
    pub fn sells(&self) -> bool {
        self.fixed.map_or_else(|| self.place.critical(), |f| f.critical) == Some(CriticalPost::Sales)
    }

    /// Index of the line manager.
    pub fn head(&self) -> Option<u32> {
        self.place.manager()
    }

    /// What the person does.
    pub fn work(&self) -> Work {
        self.place.team().work
    }

    /// Last day on which something can have been recorded.
    pub fn until(&self) -> Date {
        self.last_day.map_or(self.today, |last| last.min(self.today))
    }

    /// The spell that counts now.
    pub fn row(&self) -> EmployeeRow {
        let (name, sort_name) = match self.fixed {
            Some(f) => (f.name.to_owned(), f.sort_name.to_owned()),
            None => names::draw(&mut Dice::new(self.seed, self.index, Purpose::Name)),
        };
        EmployeeRow {
            person: format!("P{:06}", self.index),
            number: self.number.clone(),
            name,
            sort_name: Some(sort_name.clone()),
            org: self.fixed.map_or_else(|| self.place.org(), |f| f.org.to_owned()),
            post: self.fixed.map_or(self.post, |f| f.post).to_owned(),
            critical: self.fixed.map_or_else(|| self.place.critical(), |f| f.critical),
            impact: Some(self.fixed.map_or(self.impact, |f| f.impact)),
            manager: self.manager.clone(),
            email: Some(address(&sort_name, &self.number)),
            state: self.state,
            started: self.started,
            last_day: self.last_day,
            exit: self.exit,
            stated_on: self.today,
            stated_at: None,
        }
    }

    /// An earlier spell of a rehired person.
    pub fn earlier_row(&self) -> Option<EmployeeRow> {
        let (started, last) = self.earlier?;
        Some(EmployeeRow {
            number: (EARLIER_NUMBER + u64::from(self.index)).to_string(),
            state: SpellState::Departed,
            started,
            last_day: Some(last),
            exit: Some(ExitKind::Resigned),
            ..self.row()
        })
    }

    pub fn exit_row(&self) -> Option<ExitRow> {
        let (SpellState::Departed, Some(last_day), Some(exit)) = (self.state, self.last_day, self.exit) else { return None };
        Some(ExitRow { number: self.number.clone(), last_day, exit })
    }
}

/// `zhangwei.10417@huaxin.example`: a domain that nobody can have.
fn address(sort_name: &str, number: &str) -> String {
    let name: String = sort_name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("{name}.{number}@huaxin.example")
}

fn number_of(cast: &Cast, index: u32) -> String {
    cast.at(index).and_then(|f| f.number).map_or_else(|| (FIRST_NUMBER + u64::from(index)).to_string(), str::to_owned)
}

fn draw_state(dice: &mut Dice) -> SpellState {
    match dice.unit() {
        p if p < 0.070 => SpellState::Departed,
        p if p < 0.085 => SpellState::Notice,
        p if p < 0.130 => SpellState::Probation,
        p if p < 0.140 => SpellState::OnLeave,
        p if p < 0.144 => SpellState::PreHire,
        p if p < 0.145 => SpellState::Suspended,
        _ => SpellState::Active,
    }
}

fn draw_exit(dice: &mut Dice) -> ExitKind {
    match dice.unit() {
        p if p < 0.62 => ExitKind::Resigned,
        p if p < 0.72 => ExitKind::ContractEnded,
        p if p < 0.80 => ExitKind::Mutual,
        p if p < 0.87 => ExitKind::ProbationFailed,
        p if p < 0.93 => ExitKind::Dismissed,
        p if p < 0.97 => ExitKind::Retired,
        _ => ExitKind::Abandoned,
    }
}
