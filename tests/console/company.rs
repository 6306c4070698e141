//! A company in memory, behind the same door as a real one. Acts are decided by the domain.

use crate::{admin::Admin, leaving::Cases};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::sync::{Arc, Mutex};
use tenure::{
    backend::{
        ActReply, ActRequest, Answer, Backend, Failure, FailureKind, OnProgress, Outcome, Page, Put, Query, Reply, Source, Staged, Touched,
        Watched,
        answer::*,
        query::{AlertView, Slice, TimelineKind},
        table,
    },
    domain::{
        act::{Act, Change, Context, Entity, Policy},
        alert::{self, Alert, AlertFacts, AlertKind, AlertState},
        approval::{self, Approval, ApprovalState, subject_hash},
        audit::Entry,
        contest::{Contest, ContestState, Mark},
        ids::*,
        operator::{Identity, Proof, Role},
        person::{CriticalPost, Impact, Person, PersonRef, SpellState},
        plan::{Plan, PlanBody, PlanState, PlanTemplate},
        score::{Band, Contribution, Score, Unweighed},
        sentence::Sentence,
        signal::{Signal, SignalKind},
    },
};
use uuid::Uuid;

pub fn now() -> Timestamp {
    "2026-11-22T01:05:00Z".parse().unwrap()
}

pub fn id(kind: u128, n: usize) -> Uuid {
    Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + (kind << 32) + n as u128)
}

pub fn who() -> Identity {
    Identity { operator: OperatorId(id(9, 1)), name: "lin".into(), role: Role::HrManager, proof: Proof::OsUser, key: None }
}

/// What the door answers with.
#[derive(Clone)]
pub struct Company {
    pub people: Vec<PersonRow>,
    pub alerts: Vec<AlertRow>,
    pub plans: Vec<PlanRow>,
    pub approvals: Vec<ApprovalRow>,
    pub freezes: Vec<FreezeCard>,
    pub cases: Cases,
    pub admin: Admin,
    /// Somebody who was frozen in another's place, and has no case.
    pub wronged: Option<usize>,
    pub now: Timestamp,
    pub made: bool,
    /// Nothing beyond ASCII.
    pub latin: bool,
    /// Since when a sink has taken no anchors.
    pub anchors_since: Option<Timestamp>,
    pub made_ids: u128,
    /// What the role of the operator may do.
    pub may: Vec<&'static str>,
}

type Who = (&'static str, &'static str, &'static str, &'static str, Option<CriticalPost>, Impact);

const NAMES: [Who; 12] = [
    ("王建国", "10023", "/远山集团/华东/销售三部", "销售总监", Some(CriticalPost::Sales), Impact::High),
    ("张伟", "10417", "/远山集团/上海/质检部", "质检工程师", Some(CriticalPost::Quality), Impact::Medium),
    ("李娜", "10088", "/远山集团/研发中心/平台组", "研发负责人", Some(CriticalPost::Research), Impact::High),
    ("欧阳慧敏", "10311", "/远山集团/华南/销售一部", "大客户经理", Some(CriticalPost::Sales), Impact::Medium),
    ("陈思远", "10502", "/远山集团/研发中心/算法组", "算法工程师", Some(CriticalPost::Research), Impact::Medium),
    ("Alexandra Montgomery", "20031", "/Group/EMEA/Sales", "Regional sales manager", Some(CriticalPost::Sales), Impact::High),
    ("赵敏", "10666", "/远山集团/华北/门店", "店长", None, Impact::Low),
    ("刘洋", "10777", "/远山集团/华东/销售二部", "销售代表", Some(CriticalPost::Sales), Impact::Low),
    ("周杰", "10801", "/远山集团/研发中心/平台组", "测试工程师", Some(CriticalPost::Quality), Impact::Medium),
    ("吴芳", "10910", "/远山集团/职能/财务部", "会计", None, Impact::Low),
    ("张伟", "10023B", "/远山集团/北京/销售一部", "销售代表", Some(CriticalPost::Sales), Impact::Low),
    ("张伟", "20031X", "/远山集团/外包/一组", "顾问", None, Impact::Low),
];

pub fn person(n: usize) -> PersonRef {
    let (name, number, org, post, critical, impact) = NAMES[n % NAMES.len()];
    let (name, number) = if n < NAMES.len() { (name.to_owned(), number.to_owned()) } else { (format!("员工{n:03}"), format!("3{n:04}")) };
    PersonRef {
        id: PersonId(id(1, n)),
        number,
        name,
        sort_name: format!("sort{n}"),
        org: org.into(),
        post: post.into(),
        critical,
        impact,
        state: SpellState::Active,
    }
}

fn alert_row(n: usize, state: AlertState, score: f64, raised_hours: i64, owner: Option<&str>, note: Option<&str>) -> AlertRow {
    let raised = now() - SignedDuration::from_hours(raised_hours);
    let band = Band::of(score);
    let open = state.is_open();
    AlertRow {
        alert: Alert {
            id: AlertId(id(2, n)),
            kind: AlertKind::AttritionRisk,
            state,
            version: 3,
            generation: 1,
            person: PersonId(id(1, n)),
            spell: SpellId(id(3, n)),
            owner: owner.map(|_| OperatorId(id(9, 2))),
            band,
            raised_at: raised,
            ack_due_at: raised + SignedDuration::from_hours(8),
            acked_at: owner.map(|_| raised + SignedDuration::from_hours(1)),
            talk_due_at: raised + SignedDuration::from_hours(72),
            talked_at: (state == AlertState::InProgress).then_some(raised),
            snoozed_until: (state == AlertState::Snoozed).then(|| now() + SignedDuration::from_hours(20)),
            snoozed_from: (state == AlertState::Snoozed).then_some(AlertState::Acked),
            escalation: u8::from(n == 0),
            events: 2,
            outcome: None,
            dismissed: None,
            closed_at: (!open).then(now),
            touched_by: owner.map(str::to_owned),
            touched_at: raised + SignedDuration::from_hours(1),
            touched_act: if owner.is_some() { "alert.ack".into() } else { "alert.raise".into() },
        },
        employee: person(n),
        score: Some(score),
        band: Some(band),
        owner: owner.map(str::to_owned),
        talks: i64::from(state == AlertState::InProgress),
        last_note: note.map(str::to_owned),
        pending: false,
        contested: false,
    }
}

impl Default for Company {
    fn default() -> Self {
        use AlertState::{Acked, InProgress, New, Resolved, Snoozed};
        let alerts = vec![
            alert_row(0, Acked, 8.5, 74, Some("zhang"), Some("周二约谈，先了解近期工作")),
            alert_row(1, New, 7.5, 3, None, None),
            alert_row(2, Acked, 8.2, 50, Some("lin"), Some("已与部门负责人沟通，等待排期")),
            alert_row(3, New, 8.0, 1, None, None),
            alert_row(4, InProgress, 7.9, 30, Some("lin"), Some("希望半年内晋升")),
            alert_row(5, New, 8.8, 9, None, Some("asked for a talk next week")),
            alert_row(6, Snoozed, 7.1, 20, Some("zhang"), None),
            alert_row(7, Resolved, 6.5, 200, Some("zhang"), Some("愿意留任")),
        ];
        let people = (0..130)
            .map(|n| {
                let score =
                    alerts.iter().find(|a| a.alert.person.0 == id(1, n)).and_then(|a| a.score).unwrap_or(1.4 + (n % 40) as f64 / 10.0);
                PersonRow { person: person(n), score: Some(score), band: Some(Band::of(score)), contested: false }
            })
            .collect();
        let plan = |n: usize, state, template, text: &str, cost| PlanRow {
            plan: Plan {
                id: PlanId(id(4, n)),
                person: PersonId(id(1, n)),
                spell: SpellId(id(3, n)),
                alert: Some(AlertId(id(2, n))),
                body: PlanBody { template, text: text.into(), cost_fen: cost },
                state,
                version: 2,
                proposer: OperatorId(id(9, 2)),
                proposer_name: "zhang".into(),
                approver_name: None,
                created_at: now() - SignedDuration::from_hours(30),
                approved_at: None,
                delivered_at: None,
                outcome_90: None,
                outcome_180: None,
                touched_by: "zhang".into(),
                touched_at: now() - SignedDuration::from_hours(26),
            },
            employee: person(n),
            approval: (state == PlanState::Submitted).then(|| id(5, n)),
        };
        let plans = vec![
            plan(
                0,
                PlanState::Submitted,
                PlanTemplate::PromotionPath,
                "目标：季度内提名销售总监候选人。\n支持：导师李娜，每月复盘。",
                Some(4_500_000),
            ),
            plan(2, PlanState::Draft, PlanTemplate::ProjectAuthority, "负责平台组新项目，预算 50 万元以内自行决定。", None),
            plan(4, PlanState::InTalk, PlanTemplate::Training, "A course in the subject that was asked for.", Some(1_200_000)),
        ];
        let asked = |n: usize, entity, subject, act: Act, proposer: usize, name: &str| ApprovalRow {
            approval: Approval {
                id: ApprovalId(id(5, n)),
                entity,
                subject,
                person: Some(PersonId(id(1, n))),
                subject_hash: subject_hash(entity, subject, 2, &act),
                act,
                proposer: OperatorId(id(9, proposer)),
                proposer_name: name.into(),
                state: ApprovalState::Open,
                version: 1,
                asked_at: now() - SignedDuration::from_hours(26),
                expires_at: now() + SignedDuration::from_hours(46),
                decided_by: None,
                decided_at: None,
            },
            employee: Some(person(n)),
            subject_version: Some(2),
            case: None,
        };
        let approvals = vec![
            asked(0, Entity::Plan, id(4, 0), Act::PlanSubmit, 2, "zhang"),
            asked(6, Entity::Alert, id(2, 6), Act::AlertSnooze { until: now() + SignedDuration::from_hours(96) }, 1, "lin"),
        ];
        let mut company = Self {
            people,
            alerts,
            plans,
            approvals,
            freezes: Vec::new(),
            cases: Cases::default(),
            admin: Admin::default(),
            wronged: Some(10),
            now: now(),
            made: true,
            latin: false,
            anchors_since: None,
            made_ids: 0,
            may: table::permissions(),
        };
        company.freezes = crate::freezes::orders(&mut company);
        let order = company.freezes[1].row.order.clone();
        let waiting = |n: usize, entity, subject, version, act: Act| ApprovalRow {
            approval: Approval {
                subject_hash: subject_hash(entity, subject, version, &act),
                ..asked(n, entity, subject, act, 2, "zhang").approval
            },
            subject_version: Some(version),
            ..asked(n, Entity::Plan, subject, Act::PlanSubmit, 2, "zhang")
        };
        let freeze = waiting(0, Entity::Freeze, order.id.0, order.version, Act::FreezeApprove { hash: order.plan_hash });
        let item = company.cases.all[0].items[2].clone();
        let why = "客户顺达物流拒绝见面，已由销售总监电话确认，函件另行寄送。".into();
        let mut waiver = waiting(3, Entity::HandoverItem, item.id.0, item.version, Act::OffboardingWaive { why });
        waiver.case = Some(item.case);
        // Two of one person may wait at once.
        (waiver.approval.id, waiver.approval.expires_at) = (ApprovalId(id(5, 30)), now() + SignedDuration::from_hours(2));
        let mut freeze = freeze;
        freeze.approval.id = ApprovalId(id(5, 40));
        company.approvals.extend([freeze, waiver]);
        company
    }
}

fn paged<T: Clone>(rows: &[T], slice: &Slice) -> Page<T> {
    let from = slice.after.as_ref().map_or(0, |c| c.parse::<usize>().unwrap());
    let to = (from + slice.limit as usize).min(rows.len());
    let from = from.min(to);
    Page { rows: rows[from..to].to_vec(), next: (to < rows.len()).then(|| to.to_string()) }
}

impl Company {
    /// Nobody and nothing.
    pub fn empty() -> Self {
        Self { people: vec![], alerts: vec![], plans: vec![], approvals: vec![], freezes: vec![], ..Self::default() }
    }

    fn shown(&self, view: AlertView) -> Vec<AlertRow> {
        let is = |r: &&AlertRow| match view {
            AlertView::Open => r.alert.state.is_open() && r.alert.state != AlertState::Snoozed,
            AlertView::Mine => r.owner.as_deref() == Some("lin"),
            AlertView::Unacked => r.alert.state == AlertState::New,
            AlertView::Stale => r.alert.state == AlertState::Acked,
            AlertView::Snoozed => r.alert.state == AlertState::Snoozed,
            AlertView::Closed => !r.alert.state.is_open(),
            AlertView::All => true,
        };
        self.alerts.iter().filter(is).cloned().collect()
    }

    pub fn score(&self, s: f64, as_of: Date) -> Score {
        Score {
            id: ScoreId(id(6, 1)),
            model: "seed".into(),
            model_version: "1".into(),
            as_of,
            computed_at: now(),
            score: s,
            band: Band::of(s),
            probability: s / 10.0,
            logit: (s / (10.0 - s)).ln(),
            intercept: -1.827,
            contributions: [
                ("attendance_growth", 2.0, 1.251),
                ("performance_drop", 0.152, 1.038),
                ("pay_gap", 0.12, 0.62),
                ("resume_updates_90d", 1.0, 0.445),
            ]
            .map(|(f, v, c)| Contribution { feature: f.into(), value: v, contribution: c })
            .to_vec(),
            missing: vec!["performance_falling_quarters".into()],
            unweighed: vec![Unweighed { kind: SignalKind::RaiseRequest, count: 2 }],
            inputs_hash: "9f3c2a7be1d04c55aa10".into(),
            valid_until: Some(as_of.saturating_add(jiff::Span::new().days(40))),
        }
    }

    fn timeline(&self) -> Vec<TimelineRow> {
        use TimelineKind::{Act as ActKind, Alert as AlertKind, Score as ScoreKind, Signal as SignalKind_, Talk};
        let row = |n: usize, days: i64, kind, what: Sentence, note: Option<&str>, by: Option<&str>| TimelineRow {
            at: now() - SignedDuration::from_hours(24 * days),
            kind,
            what,
            note: note.map(Into::into),
            by: by.map(Into::into),
            id: None,
            key: n.to_string(),
        };
        let text = |t: &str| Sentence::new("just-text").with("text", t);
        if self.latin {
            return vec![row(0, 0, ActKind, text("@act-alert-ack"), None, Some("zhang"))];
        }
        let mut rows = vec![
            row(0, 0, ActKind, text("@act-alert-ack"), None, Some("zhang")),
            row(
                1,
                1,
                Talk,
                text("@act-alert-talk"),
                Some("需求：希望半年内晋升，也想带项目。\n下一步：下周三与部门经理谈晋升路径。"),
                Some("zhang"),
            ),
            row(2, 3, AlertKind, text("@act-alert-raise"), None, None),
            row(3, 3, ScoreKind, text("8.5"), None, None),
            row(4, 4, SignalKind_, text("@signal-kind-leave"), None, None),
            row(5, 9, SignalKind_, text("@signal-kind-late"), None, None),
            row(6, 12, SignalKind_, text("@signal-kind-resume-update"), None, None),
        ];
        rows.extend((7..90).map(|n| row(n, n as i64 * 5, SignalKind_, text("@signal-kind-perf-score"), None, None)));
        rows
    }

    fn card(&self, pid: PersonId) -> Option<PersonCard> {
        let n = self.people.iter().position(|p| p.person.id == pid)?;
        let r = &self.people[n].person;
        Some(PersonCard {
            person: Person {
                id: r.id,
                spell: SpellId(id(3, n)),
                number: r.number.clone(),
                name: r.name.clone(),
                sort_name: r.sort_name.clone(),
                org: r.org.clone(),
                post: r.post.clone(),
                critical: r.critical,
                impact: r.impact,
                manager: Some("10001".into()),
                state: r.state,
                started: "2019-03-01".parse().unwrap(),
                last_day: None,
                exit: None,
                version: 1,
                erased: false,
                email: None,
            },
            manager_name: Some(if self.latin { "Lin Yue".into() } else { "林月".into() }),
            score: self.people[n].score.map(|s| self.score(s, "2026-11-22".parse().unwrap())),
            contest: self.alerts.iter().any(|a| a.alert.person == pid && a.contested).then(|| Mark {
                id: ContestId(id(11, n)),
                state: ContestState::Open,
                due_at: now() + SignedDuration::from_hours(24 * 12),
            }),
            alert: self.alerts.iter().find(|a| a.alert.person == pid && a.alert.state.is_open()).cloned(),
            homonyms: self.people.iter().map(|p| &p.person).filter(|p| p.name == r.name && p.id != pid).cloned().collect(),
            earlier: vec![],
        })
    }

    fn explain(&self, pid: PersonId, as_of: Date) -> Option<Explanation> {
        let row = self.people.iter().find(|p| p.person.id == pid)?;
        let s = self.score(row.score?, as_of);
        let signal = |kind, days: i64, value: f64, baseline: Option<f64>| Signal {
            kind,
            source: "hr-oa".into(),
            event: format!("e{days}"),
            observed_at: now() - SignedDuration::from_hours(24 * days),
            known_at: now(),
            value: Some(value),
            baseline,
            note: None,
            expires_at: now(),
        };
        Some(Explanation {
            number: row.person.number.clone(),
            name: row.person.name.clone(),
            model: s.model.clone(),
            model_version: s.model_version.clone(),
            as_of,
            score: s.score,
            band: s.band,
            probability: s.probability,
            logit: s.logit,
            intercept: s.intercept,
            factors: s
                .contributions
                .iter()
                .enumerate()
                .map(|(i, c)| Factor {
                    feature: c.feature.clone(),
                    value: c.value,
                    contribution: c.contribution,
                    signals: match i {
                        0 => vec![signal(SignalKind::Leave, 4, 3.0, None), signal(SignalKind::Leave, 40, 1.0, None)],
                        1 => vec![signal(SignalKind::PerfScore, 50, 78.0, Some(92.0))],
                        _ => vec![],
                    },
                })
                .collect(),
            missing: s.missing.clone(),
            unweighed: s.unweighed.clone(),
            inputs_hash: s.inputs_hash.clone(),
            valid_until: s.valid_until,
            contest: None,
        })
    }

    fn audit(&self) -> Vec<AuditRow> {
        (1..=60)
            .rev()
            .map(|seq| AuditRow {
                entry: Entry {
                    seq,
                    prev: "00".repeat(32),
                    at: now() - SignedDuration::from_mins(60 - seq),
                    operator: Some(OperatorId(id(9, 2))),
                    operator_name: "zhang".into(),
                    proof: Proof::OsUser,
                    act: "alert.ack".into(),
                    purpose: None,
                    count: None,
                    digest: None,
                    detail: None,
                    items: vec![],
                },
                hash: "ab".repeat(32),
                what: Sentence::new("act-alert-ack"),
                subjects: vec![person(seq as usize % 10)],
                note: (seq == 60).then(|| "周二约谈".into()),
            })
            .collect()
    }

    fn today(&self) -> Today {
        let count = |f: &dyn Fn(&AlertRow) -> bool| self.alerts.iter().filter(|r| f(r)).count() as i64;
        Today {
            overdue_talks: count(&|r| r.alert.state.is_open() && r.alert.talk_due_at < self.now && r.alert.talked_at.is_none()),
            due_today: 1,
            unacked: count(&|r| r.alert.state == AlertState::New),
            stale: 2,
            open: count(&|r| r.alert.state.is_open()),
            high: Some(count(&|r| r.band == Some(Band::High))),
            approvals: self.approvals.len() as i64,
            plans_open: self.plans.len() as i64,
            quarantine: 12,
            failed_jobs: 0,
            owed: Owed {
                items_returned: 2,
                duties_overdue: 1,
                duties_due: 3,
                freezes_unconfirmed: 1,
                freezes_drifted: 0,
                freezes_partial: 0,
                break_glass: 1,
                drills_due: 0,
                contests_open: self.alerts.iter().filter(|a| a.contested).count() as i64,
                contests_overdue: self.alerts.iter().filter(|a| a.contested && a.owner.is_some()).count() as i64,
                anchors_late: self.anchors_since.is_some().into(),
                anchors_since: self.anchors_since,
            },
            urgent: self.shown(AlertView::Open),
        }
    }

    pub fn answer(&self, q: &Query) -> Result<Reply, Failure> {
        let missing = || Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-person"));
        let text = |f: &tenure::backend::Filter| f.text.clone().unwrap_or_default();
        if let Some(answer) = crate::admin::answer(self, q) {
            return Ok(Reply { at: self.now, answer, behind: None });
        }
        if let Some(answer) = crate::freezes::answer(self, q) {
            return Ok(Reply { at: self.now, behind: None, answer });
        }
        let answer = match q {
            Query::Today => Answer::Today(Box::new(self.today())),
            Query::Alerts { view, filter, slice } => {
                let rows: Vec<_> = self.shown(*view).into_iter().filter(|r| r.employee.name.contains(&text(filter))).collect();
                Answer::Alerts(paged(&rows, slice))
            }
            Query::People { filter, slice } => {
                let (text, org) = (text(filter), filter.org.clone().unwrap_or_default());
                let fits = |r: &&PersonRow| {
                    (r.person.name.contains(&text) || r.person.number.starts_with(&text)) && r.person.org.starts_with(&org)
                };
                let rows: Vec<_> = self.people.iter().filter(fits).cloned().collect();
                Answer::People(paged(&rows, slice))
            }
            Query::Person { id } => Answer::Person(Box::new(self.card(*id).ok_or_else(missing)?)),
            Query::Timeline { kinds, slice, .. } => {
                let rows: Vec<_> = self.timeline().into_iter().filter(|r| kinds.contains(&r.kind)).collect();
                Answer::Timeline(paged(&rows, slice))
            }
            Query::ScoreSeries { weeks, .. } => {
                let last: Date = "2026-11-22".parse().unwrap();
                let points = (0..*weeks).map(|w| {
                    let back = i64::from(weeks - 1 - w);
                    let score = [1.4, 1.9, 2.4, 4.1, 3.6, 5.2, 6.6, 7.2, 7.5, 8.5][(w as usize * 10 / *weeks as usize).min(9)];
                    ScorePoint { on: last.saturating_sub(jiff::Span::new().weeks(back)), score, band: Band::of(score) }
                });
                Answer::ScoreSeries(points.collect())
            }
            Query::Explain { id, as_of, .. } => {
                Answer::Explain(Box::new(self.explain(*id, as_of.unwrap_or("2026-11-22".parse().unwrap())).ok_or_else(missing)?))
            }
            Query::Contest { id: contest } => {
                let card = (0..self.people.len()).filter_map(|n| self.card(self.people[n].person.id));
                let card = card.into_iter().find(|c| c.contest.is_some_and(|mark| mark.id == *contest)).ok_or_else(missing)?;
                let (p, mark) = (&card.person, card.contest.ok_or_else(missing)?);
                let score = card.score.clone().ok_or_else(missing)?;
                Answer::Contest(Box::new(ContestCard {
                    row: ContestRow {
                        contest: Contest {
                            id: mark.id,
                            person: p.id,
                            spell: p.spell,
                            score_id: score.id,
                            score: score.score,
                            band: score.band,
                            state: mark.state,
                            version: 1,
                            opened_at: now() - SignedDuration::from_hours(24 * 18),
                            opened_by: OperatorId(id(9, 2)),
                            opened_name: "zhang".into(),
                            due_at: mark.due_at,
                            answered_at: None,
                            answered_by: None,
                        },
                        employee: self.people.iter().find(|r| r.person.id == p.id).ok_or_else(missing)?.person.clone(),
                    },
                    said: Some("考勤异常是家里老人住院，\u{1b}[31m请假单补交过。".into()),
                    answer: None,
                    explained: Some(score),
                }))
            }
            Query::WhatIf { .. } => {
                let day = "2026-11-22".parse().unwrap();
                Answer::WhatIf(Box::new(WhatIf { now: self.score(8.5, day), then: self.score(7.5, day), contest: None }))
            }
            Query::Offboardings { .. } => Answer::Offboardings(self.cases.board()),
            Query::Duties => Answer::Duties(self.cases.owed(self.wronged)),
            Query::Offboarding { id } => Answer::Offboarding(Box::new(self.cases.card(self.cases.find(id.0).ok_or_else(missing)?))),
            Query::Plans { slice, .. } => Answer::Plans(paged(&self.plans, slice)),
            Query::Plan { id } => {
                let row = self.plans.iter().find(|p| p.plan.id == *id).ok_or_else(missing)?;
                Answer::Plan(Box::new(row.clone()))
            }
            Query::Alert { id } => {
                let row = self.alerts.iter().find(|a| a.alert.id == *id).cloned().ok_or_else(missing)?;
                let note = |text: &str| Note { at: now() - SignedDuration::from_hours(3), by: "zhang".into(), text: text.into() };
                Answer::Alert(Box::new(AlertCard {
                    row,
                    talk_records: vec![],
                    notes: vec![note("出差中，周四回来")],
                    plans: vec![],
                    about: vec![],
                }))
            }
            Query::Approvals { slice } => Answer::Approvals(paged(&self.approvals, slice)),
            Query::Audit { slice, .. } | Query::Access { slice } => Answer::Audit(paged(&self.audit(), slice)),
            Query::AlertReport { id, .. } => {
                let row = self.alerts.iter().find(|a| a.alert.id == *id).ok_or_else(missing)?;
                let text = |t: &str| Sentence::new("just-text").with("text", t);
                Answer::Report(Report {
                    title: Sentence::new("report-hr-title").with("name", &row.employee.name),
                    made_at: now(),
                    sections: vec![
                        Section {
                            title: Sentence::new("report-hr-factors"),
                            lines: vec![text("@feature-attendance-growth"), text("@feature-pay-gap")],
                        },
                        Section {
                            title: Sentence::new("report-hr-needs"),
                            lines: vec![Sentence::new("need-attendance-growth"), Sentence::new("need-pay-gap")],
                        },
                        Section {
                            title: Sentence::new("report-hr-strategy"),
                            lines: vec![Sentence::new("strategy-generic"), Sentence::new("report-hr-footer")],
                        },
                    ],
                })
            }
            Query::AuditVerify => Answer::Verified(Verified {
                ok: true,
                entries: 60,
                head: "ab".repeat(32),
                access_entries: 4,
                access_head: "cd".repeat(32),
                broken: None,
            }),
            Query::Home => Answer::Home(Box::new(Home {
                company: if self.latin { "Far Hills".into() } else { "远山集团".into() },
                made_data: self.made,
                zone: "Asia/Shanghai".into(),
                people: self.people.len() as i64,
                signals: 900,
                scored_at: Some(now()),
                environment: "prod".into(),
                policy: Policy::default(),
                reasons: tenure::service::config::Config::default().freeze.reasons,
                me: Me { may: self.may.iter().map(|p| (*p).to_owned()).collect(), role: Role::Triager, ..Me::default() },
            })),
            _ => return Err(Failure::broken("not in this company")),
        };
        Ok(Reply { at: self.now, behind: None, answer })
    }

    /// A stored file, by its hash.
    pub fn file(&self, hash: &str) -> Result<Vec<u8>, Failure> {
        match hash.get(..2) {
            // A letter with what a terminal must not get: an escape, a bell, a mark that turns the line round.
            Some("03") => Ok("客户交接确认函\n\n顺达物流\u{1b}[31m已与接替人\u{202e}见面\u{7}，\t无异议。\r\nSigned: 王经理\n".into()),
            Some("09") => Ok(b"%PDF-1.7\n\xe2\xe3\xcf\xd3\n\0\0\0".to_vec()),
            Some("02") => Ok(Vec::new()),
            _ => Err(Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", "@entity-blob"))),
        }
    }

    pub fn act(&mut self, r: &ActRequest) -> Result<ActReply, Failure> {
        if r.act.name().starts_with("freeze.") {
            return crate::freezes::act(self, r).ok_or_else(|| Failure::broken("not in this company"));
        }
        if let Some(reply) = self.admin.act(r, self.now) {
            return Ok(reply);
        }
        let mut outcomes = Vec::new();
        let mut touched = Vec::new();
        for t in &r.targets {
            let done = |version| Outcome { id: t.id, entity: Entity::Alert, refusal: None, version, pending: None };
            let refused = |why| Outcome { id: t.id, entity: Entity::Alert, refusal: Some(why), version: None, pending: None };
            let n = self.made_ids;
            self.made_ids += 10;
            let mut made = n;
            let mut cx = Context::new(
                self.now,
                who().operator,
                "lin",
                Policy::default(),
                Box::new(move |_| {
                    made += 1;
                    Uuid::from_u128(0x0193_ffff_0000_7000_8000_0000_0000_0000 + made)
                }),
            );
            if let Some((entity, card, said)) = self.cases.done(&r.act, t.id, t.version) {
                outcomes.push(match said {
                    Ok((version, pending)) => Outcome { entity, pending: pending.then(|| ApprovalId(id(5, 9))), ..done(Some(version)) },
                    Err(why) => Outcome { entity, ..refused(why) },
                });
                touched.push(Touched::Offboarding(Box::new(card)));
                continue;
            }
            if let Some(said) = self.cases.customer(&self.people, &r.act, t.id, t.version, &mut cx) {
                outcomes.push(match said {
                    Ok(version) => Outcome { entity: Entity::Customer, ..done(Some(version)) },
                    Err(why) => Outcome { entity: Entity::Customer, ..refused(why) },
                });
                continue;
            }
            if let Some(a) = self.approvals.iter().position(|a| a.approval.id.0 == t.id) {
                let row = &self.approvals[a];
                let said = approval::decide(&row.approval, r.act == Act::ApprovalGrant, row.subject_version, &cx);
                outcomes.push(match said {
                    Ok(ended) => {
                        self.approvals.remove(a);
                        Outcome { entity: Entity::Approval, ..done(Some(ended.version)) }
                    }
                    Err(why) => Outcome { entity: Entity::Approval, ..refused(why) },
                });
                continue;
            }
            let Some(row) = self.alerts.iter_mut().find(|a| a.alert.id.0 == t.id) else {
                outcomes.push(Outcome { entity: Entity::Plan, ..done(Some(3)) });
                if let Act::PlanCreate { body, .. } = &r.act {
                    let mut plan = self.plans[0].clone();
                    plan.plan.body = body.clone();
                    plan.plan.state = PlanState::Draft;
                    plan.plan.id = PlanId(cx.id());
                    self.plans.push(plan.clone());
                    touched.push(Touched::Plan(Box::new(plan)));
                }
                continue;
            };
            let facts = AlertFacts {
                alert: row.alert.clone(),
                talks: row.talks,
                assignee: Some(OperatorId(id(9, 3))),
                live: row.employee.state.is_live(),
                other_open: false,
                last_generation: row.alert.generation,
                pending: row.pending,
            };
            let decided = alert::check_version(&row.alert, t.version).and_then(|()| alert::decide(&facts, &r.act, &mut cx));
            match decided {
                Err(why) => outcomes.push(refused(why)),
                Ok(changes) => {
                    let mut outcome = done(None);
                    for c in changes {
                        match c {
                            Change::Alert(a) => {
                                outcome.version = Some(a.version);
                                if a.id == row.alert.id {
                                    row.alert = a;
                                    row.owner = row.alert.owner.map(|o| if o == who().operator { "lin".into() } else { "chen".into() });
                                }
                            }
                            Change::Talk(talk) => {
                                row.talks += 1;
                                row.last_note = Some(talk.talk.needs);
                            }
                            Change::Note { text, .. } => row.last_note = Some(text),
                            Change::Approval(a) => {
                                row.pending = true;
                                outcome.pending = Some(a.id);
                            }
                            _ => {}
                        }
                    }
                    outcomes.push(outcome);
                }
            }
            touched.push(Touched::Alert(Box::new(row.clone())));
        }
        let entry = outcomes.iter().any(|o| o.refusal.is_none()).then_some(61);
        Ok(ActReply { outcomes, entry, replayed: false, touched })
    }
}

/// The company behind the async door.
pub struct Door {
    pub company: Arc<Mutex<Company>>,
    who: Identity,
}

impl Door {
    pub fn new(company: Company) -> Self {
        Self { company: Arc::new(Mutex::new(company)), who: who() }
    }
}

#[async_trait]
impl Backend for Door {
    fn who(&self) -> &Identity {
        &self.who
    }
    async fn query(&self, query: Query) -> Result<Reply, Failure> {
        self.company.lock().unwrap().answer(&query)
    }
    async fn act(&self, request: ActRequest) -> Result<ActReply, Failure> {
        self.company.lock().unwrap().act(&request)
    }
    async fn put(&self, _: Put, _: Source, _: OnProgress) -> Result<Staged, Failure> {
        Err(Failure::broken("not here"))
    }
    async fn get(&self, hash: &str) -> Result<Source, Failure> {
        let bytes = self.company.lock().unwrap().file(hash)?;
        Ok(Box::new(std::io::Cursor::new(bytes)))
    }
    async fn watch(&self, mark: i64) -> Result<Watched, Failure> {
        if mark > 0 {
            std::future::pending::<()>().await;
        }
        Ok(Watched { mark: 1, changed: vec![] })
    }
}
