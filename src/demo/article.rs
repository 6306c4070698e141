//! People who are fixed whatever the seed: the article's four (requirements.md 5 and 6) and the three 张伟 of domain.md, "Day 3".

use crate::domain::{
    person::{CriticalPost, Impact, SpellState},
    signal::SignalKind::{self, Late, Leave, PayGap, PerfScore, PromotionStall, RaiseRequest, ResumeUpdate},
};

/// One signal of a fixed person: kind, days before today, value, baseline, note.
pub type Raw = (SignalKind, i64, Option<f64>, Option<f64>, Option<&'static str>);

/// What is fixed about a person.
#[derive(Debug)]
pub struct Fixed {
    pub name: &'static str,
    pub sort_name: &'static str,
    /// `None` takes the number of the place.
    pub number: Option<&'static str>,
    pub org: &'static str,
    pub post: &'static str,
    pub critical: Option<CriticalPost>,
    pub impact: Impact,
    pub state: SpellState,
    /// Place, where the company is large enough.
    place: u32,
    /// All that was recorded; `None`: like everybody else.
    pub signals: Option<&'static [Raw]>,
}

const fn event(kind: SignalKind, days_ago: i64) -> Raw {
    (kind, days_ago, None, None, None)
}

const fn perf(days_ago: i64, value: f64) -> Raw {
    (PerfScore, days_ago, Some(value), None, None)
}

/// Two résumé updates; 2 late arrivals, then 3 (+50 %); performance 100 to 80; pay 15 % below market: 8.2.
const A: [Raw; 10] = [
    event(ResumeUpdate, 12),
    event(ResumeUpdate, 70),
    event(Late, 6),
    event(Late, 11),
    event(Late, 22),
    event(Late, 38),
    event(Late, 52),
    perf(141, 100.0),
    perf(51, 80.0),
    (PayGap, 45, Some(34_000.0), Some(40_000.0), None),
];
/// One résumé update; no leave in the month before, then 4; performance 100 to 82; pay unknown: 7.5.
const B: [Raw; 8] = [
    event(ResumeUpdate, 20),
    event(Leave, 6),
    event(Leave, 9),
    event(Leave, 16),
    event(Leave, 23),
    perf(130, 100.0),
    perf(40, 82.0),
    (PromotionStall, 35, Some(3.0), None, Some("连续3个季度未晋升")),
];
/// One résumé update; 1 leave, then 3 (+200 %); performance 92, 85, 78; pay 12 % below market: 8.5.
const C: [Raw; 10] = [
    (ResumeUpdate, 8, None, None, Some("猎聘")),
    event(Leave, 6),
    event(Leave, 13),
    event(Leave, 24),
    event(Leave, 44),
    perf(233, 92.0),
    perf(142, 85.0),
    perf(51, 78.0),
    (PayGap, 60, Some(22_000.0), Some(25_000.0), None),
    (PromotionStall, 50, Some(24.0), None, Some("两年未晋升")),
];
/// One résumé update; 2 leaves, then 3 late arrivals and 1 leave (+100 %); performance 90 to 75; two raise requests, not weighed: 5.9.
const D: [Raw; 11] = [
    event(ResumeUpdate, 15),
    event(Late, 2),
    event(Late, 8),
    event(Late, 19),
    event(Leave, 22),
    event(Leave, 35),
    event(Leave, 50),
    event(RaiseRequest, 6),
    event(RaiseRequest, 18),
    perf(133, 90.0),
    perf(43, 75.0),
];

static CAST: [Fixed; 7] = [
    Fixed {
        name: "林致远",
        sort_name: "lin zhiyuan",
        number: None,
        org: "/华信集团/总部/研发中心",
        post: "研发总监",
        critical: Some(CriticalPost::Research),
        impact: Impact::High,
        state: SpellState::Active,
        place: 12,
        signals: Some(&A),
    },
    Fixed {
        name: "周敏",
        sort_name: "zhou min",
        number: None,
        org: "/华信集团/华东区/上海一店/销售部",
        post: "销售经理",
        critical: Some(CriticalPost::Sales),
        impact: Impact::High,
        state: SpellState::Active,
        place: 49,
        signals: Some(&B),
    },
    Fixed {
        name: "王建国",
        sort_name: "wang jianguo",
        number: None,
        org: "/华信集团/华南区/佛山一厂/销售部",
        post: "销售经理",
        critical: Some(CriticalPost::Sales),
        impact: Impact::High,
        state: SpellState::Active,
        place: 145,
        signals: Some(&C),
    },
    Fixed {
        name: "李晓燕",
        sort_name: "li xiaoyan",
        number: None,
        org: "/华信集团/华东区/上海一店/销售部",
        post: "资深销售",
        critical: Some(CriticalPost::Sales),
        impact: Impact::Medium,
        state: SpellState::Active,
        place: 54,
        signals: Some(&D),
    },
    Fixed {
        name: "张伟",
        sort_name: "zhang wei",
        number: Some("10023"),
        org: "/华信集团/华北区/北京一店/销售部",
        post: "销售代表",
        critical: Some(CriticalPost::Sales),
        impact: Impact::Medium,
        state: SpellState::Active,
        place: 22,
        signals: None,
    },
    Fixed {
        name: "张伟",
        sort_name: "zhang wei",
        number: Some("10417"),
        org: "/华信集团/华东区/上海三厂/质检部",
        post: "质检工程师",
        critical: Some(CriticalPost::Quality),
        impact: Impact::High,
        state: SpellState::Notice,
        place: 416,
        signals: None,
    },
    Fixed {
        name: "张伟",
        sort_name: "zhang wei",
        number: Some("20031"),
        org: "/华信集团/总部/外包团队",
        post: "外包驻场工程师",
        critical: None,
        impact: Impact::Low,
        state: SpellState::Active,
        // The place whose ordinary number is 20031.
        place: 10_030,
        signals: None,
    },
];

/// Who stands at which place in a company of a given size.
#[derive(Clone, Debug)]
pub struct Cast(Vec<(u32, &'static Fixed)>);

impl Cast {
    /// Places that a small company does not have are taken from its end.
    pub fn new(employees: u32) -> Self {
        let mut taken: Vec<(u32, &'static Fixed)> = Vec::with_capacity(CAST.len());
        for fixed in &CAST {
            let free = |place: &u32| !taken.iter().any(|(p, _)| p == place);
            let place = if fixed.place < employees { Some(fixed.place) } else { (0..employees).rev().find(free) };
            taken.extend(place.filter(free).map(|place| (place, fixed)));
        }
        Self(taken)
    }

    pub fn at(&self, index: u32) -> Option<&'static Fixed> {
        self.0.iter().find(|(place, _)| *place == index).map(|(_, fixed)| *fixed)
    }

    /// Places of the article's people A to D, as far as the company has room.
    pub fn article(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().filter(|(_, fixed)| fixed.signals.is_some()).map(|(place, _)| *place)
    }
}
