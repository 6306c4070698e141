//! The admin pane: what it shows, what its keys do, what they refuse.

use crate::{
    app::{App, options},
    company::{Company, id, now, person, who},
    screens::{both, everywhere, snap},
};
use jiff::{SignedDuration, Timestamp};
use strum::IntoEnumIterator;
use tenure::{
    backend::{
        ActReply, ActRequest, Answer, Outcome, Page, Query,
        answer::{JobRow, QuarantineRow, RoleRow},
        table,
    },
    console::{
        effect::Effect,
        model::{LockedBy, overlay::Overlay},
        runtime::Options,
    },
    domain::{
        act::{Act, Entity},
        approval::{Approval, subject_hash},
        freeze::{TargetRow, drill::Drill},
        ids::{FreezeId, OperatorId, QuarantineId, TokenId},
        import::{BadRow, Origin},
        operator::{Operator, Role},
        person::HIDDEN,
        role::{Field, Grant},
        sentence::Sentence,
        signal::{KindPolicy, LawfulBasis, SignalKind},
        target::{Card, Health, Lockout, StepKind, TargetKind, WriteRight},
        token::{Scope, Token},
    },
    text::Lang,
};

/// What runs the company's home.
#[derive(Clone)]
pub struct Admin {
    pub operators: Vec<Operator>,
    pub tokens: Vec<Token>,
    pub kinds: Vec<KindPolicy>,
    pub jobs: Vec<JobRow>,
}

impl Default for Admin {
    fn default() -> Self {
        let since = now() - SignedDuration::from_hours(24 * 90);
        let add = |n: usize, name: &str, role, whose: Option<usize>| {
            Operator::new(OperatorId(id(9, n)), name.into(), role, whose.map(|p| person(p).id), since)
        };
        let mut operators = vec![
            add(1, "lin", Role::HrManager, None),
            add(2, "zhang", Role::Hrbp, Some(8)),
            add(3, "chen", Role::Triager, None),
            add(4, "wu.security@far-hills.example", Role::SecurityApprover, None),
            add(5, "old", Role::SysAdmin, None),
        ];
        operators[2] = operators[2].end(FreezeId(id(6, 1)), now() - SignedDuration::from_hours(5)).unwrap();
        operators[4].revoked_at = Some(now() - SignedDuration::from_hours(900));
        let token = |n: usize, of: &Operator, scope, days| Token::issue(TokenId(id(8, n)), of.id, &of.name, scope, days, since).unwrap();
        let mut tokens = vec![
            token(1, &operators[1], Scope::Full, 93),
            token(2, &operators[1], Scope::Read, 200),
            token(3, &operators[3], Scope::Full, 30),
            token(4, &operators[0], Scope::Read, 120),
        ];
        tokens[3].revoked_at = Some(now() - SignedDuration::from_hours(30));
        let kinds = [SignalKind::ResumeUpdate, SignalKind::Late, SignalKind::PayGap, SignalKind::Location].map(SignalKind::default_policy);
        let job = |n: usize, kind: &str, state: &str, due: i64, error: Option<&str>| JobRow {
            id: id(7, n),
            kind: kind.into(),
            key: "all".into(),
            state: state.into(),
            due_at: now() + SignedDuration::from_mins(due),
            attempts: i64::from(error.is_some()) * 8,
            error: error.map(str::to_owned),
        };
        let jobs = vec![
            job(1, "freeze.step", "failed", -90, Some("crm.example.test: connection refused (os error 111)")),
            job(2, "score", "leased", -1, None),
            job(3, "clocks", "pending", 40, None),
        ];
        Self { operators, tokens, kinds: kinds.to_vec(), jobs }
    }
}

impl Admin {
    /// What the door does with an act about them.
    pub fn act(&mut self, r: &ActRequest, at: Timestamp) -> Option<ActReply> {
        let done = |id, entity, version| ActReply {
            outcomes: vec![Outcome { id, entity, refusal: None, version: Some(version), pending: None }],
            entry: Some(80),
            replayed: false,
            touched: Vec::new(),
        };
        match &r.act {
            Act::OperatorAdd { name, role, .. } => {
                let made = Operator::new(OperatorId(id(9, 40)), name.clone(), *role, None, at);
                self.operators.push(made);
                Some(done(id(9, 40), Entity::Operator, 1))
            }
            Act::OperatorRevoke { name } | Act::OperatorRestore { name } => {
                let o = self.operators.iter_mut().find(|o| o.name == *name)?;
                if matches!(r.act, Act::OperatorRevoke { .. }) {
                    o.revoked_at = Some(at);
                } else {
                    *o = o.restore()?;
                }
                Some(done(o.id.0, Entity::Operator, o.version))
            }
            Act::TokenRevoke => {
                let t = self.tokens.iter_mut().find(|t| t.id.0 == r.targets[0].id)?;
                *t = t.revoke(at).ok()?;
                Some(done(t.id.0, Entity::Token, t.version))
            }
            Act::SignalEnable { kind, .. } | Act::SignalDisable { kind } => {
                let k = self.kinds.iter_mut().find(|k| k.kind == *kind)?;
                if let Act::SignalEnable { basis, .. } = &r.act {
                    k.basis = Some(*basis);
                }
                k.enabled = matches!(r.act, Act::SignalEnable { .. });
                Some(done(id(10, 1), Entity::SignalKind, 2))
            }
            _ => None,
        }
    }
}

fn targets() -> Vec<TargetRow> {
    let target = |name: &str, kind, session_max| TargetRow {
        name: name.into(),
        kind,
        place: format!("{name}.far-hills.example"),
        steps: vec![StepKind::BlockSignIn, StepKind::RevokeSessions],
        session_max,
        privileged: false,
    };
    vec![
        target("ad", TargetKind::ActiveDirectory, Some(36_000)),
        target("idp", TargetKind::Scim, Some(3_600)),
        target("crm", TargetKind::Http, None),
    ]
}

fn health() -> Vec<Health> {
    let of = |t: &TargetRow| {
        Health::of(&Card {
            name: t.name.clone(),
            kind: t.kind,
            place: t.place.clone(),
            steps: vec![],
            session_max: None,
            privileged: false,
            reads_sign_in: true,
            reads_sessions: false,
            apps: false,
            timeout: 30,
            concurrency: 16,
            rate: None,
            stands_in_for: vec![],
        })
    };
    let mut all: Vec<Health> = targets().iter().map(of).collect();
    for h in all.iter_mut().take(2) {
        (h.ok, h.write, h.took_ms, h.lockout) = (true, WriteRight::Proven, 38, Lockout::Proven);
    }
    all[2].why = Some(Sentence::new("step-unread"));
    all
}

/// Answers of the door about what runs the home.
pub fn answer(company: &Company, q: &Query) -> Option<Answer> {
    let a = &company.admin;
    Some(match q {
        Query::Operators => Answer::Operators(a.operators.clone()),
        Query::Roles => {
            let grant = |of: &[&str], hides: &[Field]| Grant {
                of: of.iter().map(|p| (*p).to_owned()).collect(),
                hides: hides.iter().copied().collect(),
                ..Grant::default()
            };
            let row = |role| RoleRow {
                role,
                operators: a.operators.iter().filter(|o| o.role == role && o.is_active()).count() as i64,
                grants: match role {
                    Role::Owner => vec![grant(&["*"], &[])],
                    Role::Triager => {
                        vec![grant(&["alert.*", "freeze.request"], &[Field::Identity, Field::Resume]), grant(&["home.read"], &[])]
                    }
                    _ => vec![grant(&["home.read"], &[Field::Score])],
                },
            };
            Answer::Roles(Role::iter().map(row).collect())
        }
        Query::Tokens => Answer::Tokens(a.tokens.clone()),
        Query::Kinds => Answer::Kinds(a.kinds.clone()),
        Query::Targets => Answer::Targets(targets()),
        Query::TargetsCheck => Answer::Health(health()),
        Query::Jobs { .. } => Answer::Jobs(Page { rows: a.jobs.clone(), next: None }),
        Query::Quarantine { .. } => {
            let row = BadRow {
                origin: Origin { file: "员工.csv".into(), row: 2 },
                column: None,
                why: Sentence::new("import-number-taken").with("number", "30002"),
                raw: String::new(),
            };
            Answer::Quarantine(Page { rows: vec![QuarantineRow { id: QuarantineId(id(11, 1)), at: now(), row }], next: None })
        }
        Query::FreezeDrill => {
            Answer::Drill(Some(Box::new(Drill { at: now() - SignedDuration::from_hours(24 * 40), by: "lin".into(), lines: vec![] })))
        }
        Query::Find { text } if *text == person(8).id.to_string() => Answer::Found(vec![person(8)]),
        _ => return None,
    })
}

fn notice(app: &App) -> String {
    app.m.notice.as_ref().map(|n| n.what.code.to_string()).unwrap_or_default()
}

#[test]
fn sections() {
    everywhere("admin-operators", "g s");
    both("admin-tokens", "g s tab", |_| {});
    both("admin-roles", "g s tab tab", |_| {});
    both("admin-targets", "g s tab tab tab", |_| {});
    both("admin-targets-asked", "g s tab tab tab v", |_| {});
    both("admin-signals", "g s tab tab tab tab", |_| {});
    both("admin-jobs", "g s tab tab tab tab tab", |_| {});
    both("admin-health", "g s shift-tab", |_| {});
    both("admin-operator", "g s j enter", |_| {});
    both("admin-target", "g s tab tab tab v j j enter", |_| {});
    both("admin-add", "g s n \"wang", |_| {});
    both("admin-revoke", "g s j x", |_| {});
    both("admin-enable", "g s tab tab tab tab e", |_| {});
    for lang in Lang::ALL {
        for (name, keys) in
            [("approvals", "g r"), ("approval-freeze", "g r j j enter"), ("admin-operators", "g s"), ("admin-health", "g s shift-tab v")]
        {
            let mut app = App::cold(&options(lang), Company::default());
            app.size(200, 50).settle();
            app.press(keys);
            snap(name, &app);
        }
    }
}

#[test]
fn operators_come_and_go_with_a_question_each() {
    let mut app = App::new(Lang::En);
    app.press("g s j x");
    assert!(app.acts.is_empty() && matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Confirm(_))));
    app.press("y");
    // The act names the operator itself; a target would be refused.
    assert_eq!((&app.acts[0].act, app.acts[0].targets.len()), (&Act::OperatorRevoke { name: "zhang".into() }, 0));
    assert_eq!(notice(&app), "notice-done-version");
    app.press("x");
    assert_eq!(notice(&app), "refused-no-change");
    app.press("k x");
    assert_eq!((notice(&app).as_str(), app.acts.len()), ("refused-revoke-self", 1));
    app.press("j j R y");
    assert_eq!(app.acts[1].act, Act::OperatorRestore { name: "chen".into() });
    app.press("n \"wang tab right right ctrl-d");
    assert_eq!(app.acts[2].act, Act::OperatorAdd { name: "wang".into(), role: Role::HrManager, person: None, org: None });
    assert!(app.screen().contains("wang"));
}

#[test]
fn a_kind_is_switched_on_with_a_lawful_basis_and_off_with_a_question() {
    let mut app = App::new(Lang::En);
    app.press("g s tab tab tab tab x");
    assert_eq!(notice(&app), "refused-no-change");
    app.press("e right right ctrl-d");
    assert!(app.acts.is_empty(), "asked once more");
    app.press("y");
    assert_eq!(app.acts[0].act, Act::SignalEnable { kind: SignalKind::ResumeUpdate, basis: LawfulBasis::Consent });
    assert!(app.acts[0].targets.is_empty());
    app.press("x y");
    assert_eq!(app.acts[1].act, Act::SignalDisable { kind: SignalKind::ResumeUpdate });
}

#[test]
fn a_token_is_revoked_by_its_id() {
    let mut app = App::new(Lang::En);
    app.press("g s tab j x y");
    assert_eq!((&app.acts[0].act, app.acts[0].targets[0].id), (&Act::TokenRevoke, id(8, 2)));
    app.press("x");
    assert_eq!(notice(&app), "refused-no-change");
}

/// Targets are on a network: nothing goes there that no key asked for.
#[test]
fn targets_are_asked_by_a_key_only() {
    let mut app = App::new(Lang::En);
    app.press("g s tab tab tab");
    app.changed("job");
    let asks = |app: &App| app.waiting.iter().filter(|e| matches!(e, Effect::Query { query: Query::TargetsCheck, .. })).count();
    assert_eq!(asks(&app), 0);
    app.settle();
    assert!(app.screen().contains("not asked"));
    app.key(tenure::console::command::key::Key::char('v'));
    app.key(tenure::console::command::key::Key::char('v'));
    assert_eq!((asks(&app), notice(&app).as_str()), (1, "off-checking"));
    app.settle();
    assert!(app.screen().contains("DOWN") && app.screen().contains("38 ms"), "{}", app.screen());
}

/// Whoever is shut out sees nothing of it any more.
#[test]
fn nothing_of_the_home_stays_with_somebody_who_is_shut_out() {
    let mut app = App::new(Lang::En);
    app.press("g s shift-tab v");
    let at = app.waiting.iter().position(|e| matches!(e, Effect::Watch { .. })).unwrap();
    app.waiting.remove(at);
    let why = tenure::backend::Failure::new(tenure::backend::FailureKind::Refused, Sentence::new("operator-revoked").with("name", "lin"));
    app.send(tenure::console::msg::Msg::Watched { result: Err(why) });
    assert!(app.m.admin.list.rows().is_empty() && app.m.admin.verified.is_none() && app.m.admin.tokens.data.value().is_none());
}

/// The header in the states that it must be able to say: names give way, marks and proofs never do.
#[test]
fn header() {
    let locks = [None, Some(LockedBy::Flag), Some(LockedBy::Profile), Some(LockedBy::Role), Some(LockedBy::Night), Some(LockedBy::Key)];
    for lang in Lang::ALL {
        let mut lines = Vec::new();
        for (long, lost) in [(false, false), (true, false), (true, true)] {
            for by in locks {
                let environment = if long { "staging-asia-east-2" } else { "prod" };
                let mut o = Options { environment: environment.into(), ..options(lang) };
                match by {
                    Some(LockedBy::Flag) => o.read_only = true,
                    Some(LockedBy::Profile | LockedBy::Role) => o.given = by,
                    Some(LockedBy::Night) => o.locked = true,
                    _ => {}
                }
                let mut app = App::cold(&o, Company::default());
                if long {
                    app.m.who.name = "zhang.xiaoming@far-hills-asia.example".into();
                }
                app.settle();
                if long {
                    let home = app.m.home.data.value_mut().unwrap();
                    home.company = "远山集团（亚太）股份有限公司华东区第二事业部".into();
                }
                if by == Some(LockedBy::Key) {
                    app.press("L");
                }
                if lost {
                    app.lose();
                    app.later(200);
                }
                for width in [80, 60] {
                    app.size(width, 24);
                    let line = app.screen().lines().next().unwrap().to_owned();
                    assert!(line.contains(&app.m.word("proof", who().proof)), "{line}");
                    assert!(line.contains(&app.m.t("header-made")), "{line}");
                    assert_eq!(line.contains(&app.m.t("header-locked")), by.is_some(), "{line}");
                    if width == 80 && !lost {
                        let said = by.is_none_or(|by| by == LockedBy::Key || line.contains(&app.m.word("locked-by", by)));
                        assert!(said, "{by:?}: {line}");
                    }
                    lines.push(line);
                }
            }
        }
        let tag = if lang == Lang::En { "en" } else { "zh" };
        insta::with_settings!({snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("header-{tag}"), lines.join("\n"));
        });
    }
}

/// What the role has not stays in sight and says so; a role without any act locks the console for good.
#[test]
fn a_role_says_what_it_may_not() {
    let with = |may: &[&'static str]| {
        let mut app = App::with(&options(Lang::En), Company { may: may.to_vec(), ..Company::default() });
        app.press("g a");
        app
    };
    let mut app = with(&["home.read", "alert.read", "alert.work"]);
    assert!(!app.screen().contains("LOCKED"));
    app.press("d");
    assert_eq!(notice(&app), "off-role");
    app.press("c");
    app.paste("on my way");
    app.press("ctrl-d").settle();
    assert_eq!(app.acts.last().map(|a| a.act.clone()), Some(Act::AlertNote { text: "on my way".into() }));
    let mut app = with(&["home.read", "alert.read"]);
    assert!(app.screen().lines().next().unwrap().contains("LOCKED (role)"), "{}", app.screen());
    app.press("L a");
    assert!(app.acts.is_empty() && app.screen().contains("LOCKED (role)"));
}

/// Somebody who was revealed is asked for again when the time is over.
#[test]
fn a_name_is_hidden_again_by_the_clock() {
    let mut company = Company::default();
    for row in &mut company.alerts {
        (row.employee.name, row.employee.number) = ("王**".into(), HIDDEN.into());
    }
    for row in &mut company.people {
        (row.person.name, row.person.number) = ("王**".into(), HIDDEN.into());
    }
    let mut app = App::with(&options(Lang::En), company);
    app.press("g p enter r");
    app.paste("asked to freeze");
    app.press("ctrl-d").settle();
    assert_eq!(
        app.acts.last().map(|a| (a.act.clone(), a.reason.clone())),
        Some((Act::PersonReveal { minutes: 30 }, Some("asked to freeze".into())))
    );
    let cards = |app: &App| app.waiting.iter().filter(|e| matches!(e, Effect::Query { query: Query::Person { .. }, .. })).count();
    app.settle();
    app.later(29 * 60);
    assert_eq!(cards(&app), 0);
    app.later(2 * 60);
    assert_eq!(cards(&app), 1);
}

/// Whoever lets somebody in reads whom, and into which role; a role without that right is told so.
#[test]
fn an_admission_is_read_before_a_yes() {
    let asked = Act::OperatorAdd { name: "shadow".into(), role: Role::HrManager, person: None, org: None };
    let with = |may: Vec<&'static str>| {
        let mut company = Company { may, ..Company::default() };
        let mut row = company.approvals[0].clone();
        (row.employee, row.subject_version, row.case) = (None, Some(0), None);
        row.approval = Approval {
            entity: Entity::Operator,
            person: None,
            subject_hash: subject_hash(Entity::Operator, row.approval.subject, 0, &asked),
            act: asked.clone(),
            proposer: OperatorId(id(9, 7)),
            proposer_name: "adm".into(),
            ..row.approval
        };
        company.approvals = vec![row];
        let mut app = App::with(&options(Lang::En), company);
        app.press("g r").settle();
        app
    };
    let mut app = with(table::permissions());
    assert!(app.screen().contains("to sign") && app.screen().contains("shadow"), "{}", app.screen());
    app.press("enter").settle();
    assert!(app.screen().contains("shadow") && app.screen().contains("HR manager"), "{}", app.screen());
    let app = with(table::permissions().into_iter().filter(|p| *p != table::ADMIT).collect());
    assert!(app.screen().contains("not yours"), "{}", app.screen());
}
