//! What the operators did in the last two days, so that the queue of a fresh sample company shows alerts in every state.

use super::{Spec, article::Cast, lives, person::Mood, signals};
use crate::{
    domain::{alert::DismissReason, person::SpellState, plan::PlanTemplate, score::Band},
    risk::{Day, Evidence, Model, SHIPPED},
};
use jiff::ToSpan;

/// The story begins this many days before today. Everybody in it scores medium-high or above on each day since, so a company that is
/// first scored then has their alerts.
pub const STORY_DAYS: i64 = 2;

/// One act of the story. Scenes come in the order in which they happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Employee number.
    pub number: String,
    /// Days before the sample company's present; 0 to [`STORY_DAYS`].
    pub days_ago: i64,
    pub operator: &'static str,
    pub deed: Deed,
    /// For acts that want a reason.
    pub reason: Option<&'static str>,
}

/// What was done about the person's open alert.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    Ack,
    Note(&'static str),
    Talk {
        needs: &'static str,
        next_step: &'static str,
    },
    Snooze {
        hours: i64,
    },
    /// Creates a plan and submits it: it waits for another person's approval.
    PlanSubmit {
        template: PlanTemplate,
        text: &'static str,
        cost_fen: Option<i64>,
    },
    Dismiss {
        reason: DismissReason,
    },
}

/// The story of a company: of the article's people, and of as many others at risk as it needs.
pub fn story(spec: &Spec) -> Vec<Scene> {
    let article: Vec<u32> = Cast::new(spec.employees).article().collect();
    let number = |index: Option<&u32>| {
        let index = *index?;
        lives(spec).nth(index as usize).map(|life| life.number)
    };
    // A stays untouched: a new alert. D has none.
    let (b, c) = (number(article.get(1)), number(article.get(2)));
    let mut others = at_risk(spec);
    let [snoozed, stale, dismissed, talked, noted] = std::array::from_fn(|_| others.next());

    let scene = |number: &Option<String>, days_ago, operator, deed| {
        number.clone().map(|number| Scene { number, days_ago, operator, deed, reason: None })
    };
    let because = |scene: Option<Scene>, reason| scene.map(|scene| Scene { reason: Some(reason), ..scene });
    [
        scene(&c, 2, "li-hrm", Deed::Ack),
        scene(&stale, 2, "wang-triage", Deed::Ack),
        scene(&talked, 2, "zhang-hr", Deed::Ack),
        scene(
            &c,
            1,
            "li-hrm",
            Deed::Talk {
                needs: "晋升；两年未晋升，觉得付出没有得到认可", next_step: "当天上报集团高层，讨论晋升与项目授权"
            },
        ),
        scene(
            &c,
            1,
            "li-hrm",
            Deed::PlanSubmit {
                template: PlanTemplate::PromotionPath,
                text: "晋升为销售总监，调薪15%，授权负责新客户开发项目",
                cost_fen: Some(3_960_000),
            },
        ),
        scene(&b, 1, "zhang-hr", Deed::Ack),
        scene(&talked, 1, "zhang-hr", Deed::Talk { needs: "希望减少夜班，照顾家人", next_step: "与店长商量下月排班，周五回复" }),
        because(scene(&snoozed, 1, "zhang-hr", Deed::Snooze { hours: 36 }), "本人出差，明天回来后面谈"),
        because(
            scene(&dismissed, 1, "wang-triage", Deed::Dismiss { reason: DismissReason::StaleData }),
            "考勤系统补传数据，已与店长核实为正常调休",
        ),
        scene(&b, 0, "zhang-hr", Deed::Note("先了解近期工作，再谈未满足的需求；周二约谈")),
        scene(&noted, 0, "wang-triage", Deed::Note("已联系直属经理，等待认领")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Numbers of people in post who are medium-high or above on every day of the story, none of them fixed.
fn at_risk(spec: &Spec) -> impl Iterator<Item = String> + '_ {
    let (file, text) = SHIPPED[0];
    let model = Model::parse(file, text).ok();
    let today = spec.today();
    let days: Vec<Day> = (0..=STORY_DAYS).map(|ago| Day::new(today.saturating_sub(ago.days()), &spec.zone)).collect();
    lives(spec)
        .filter(|life| life.fixed.is_none() && life.state == SpellState::Active && life.mood == Mood::AtRisk)
        .filter(move |life| {
            let evidence: Vec<Evidence> = signals::of(spec, life)
                .into_iter()
                .map(|s| Evidence {
                    kind: s.kind,
                    observed_at: s.observed_at.as_microsecond(),
                    known_at: s.known_at.as_microsecond(),
                    value: s.value,
                    baseline: s.baseline,
                })
                .collect();
            model.as_ref().is_some_and(|m| days.iter().all(|day| m.evaluate(&evidence, day).band >= Band::MediumHigh))
        })
        .map(|life| life.number)
}
