//! The freeze pane: what it shows, and what its keys may and may not do.

use crate::{
    app::{App, options},
    company::{Company, id, now, person, who},
    screens::{both, everywhere, snap},
};
use jiff::{SignedDuration, Timestamp};
use tenure::{
    backend::{
        ActReply, ActRequest, Answer, FailureKind, Outcome, Page, Query, Touched,
        answer::{FreezeCard, FreezeRow, Note},
    },
    console::{
        command::key::{Chord, Key},
        effect::Effect,
        model::{
            Lock, Pane,
            freeze::HOWS,
            overlay::{Form, FormKind, Input, Overlay, Value},
        },
        msg::Msg,
        runtime::Options,
    },
    domain::{
        act::{Act, Change, Context, Entity, Policy, Refusal, RefusalClass},
        freeze::{
            Direction, Ground, Level, Mode, OrderState, Step, StepState,
            order::{self, Asked, OrderFacts},
            plan::{self, Facts, Found, FreezePolicy, Plan, Wish},
            step,
        },
        ids::{OperatorId, SpellId},
        person::{Person, SpellState},
        sentence::Sentence,
        target::{Account, Card, Observed, StepCard, StepKind, TargetKind},
    },
    text::Lang,
};
use uuid::Uuid;

fn card(name: &str, kind: TargetKind, steps: &[StepKind], session_max: Option<i64>) -> Card {
    let can = |kind: &StepKind| StepCard {
        kind: *kind,
        reversible: *kind != StepKind::ResetSecret,
        destroys: false,
        idempotent: true,
        synchronous: true,
        reads_back: true,
    };
    Card {
        name: name.into(),
        kind,
        place: format!("{name}.example.test"),
        steps: steps.iter().map(can).collect(),
        session_max,
        privileged: false,
        reads_sign_in: true,
        reads_sessions: false,
        apps: false,
        timeout: 30,
        concurrency: 16,
        rate: None,
        stands_in_for: Vec::new(),
    }
}

fn found(card: Card, login: &str) -> Found {
    let seen =
        Observed { exists: true, enabled: Some(true), last_sign_in: Some("2026-11-21T17:47:00Z".parse().unwrap()), ..Observed::default() };
    let account = Account {
        id: format!("{login}-id"),
        login: login.into(),
        display: None,
        protection: None,
        owns: Vec::new(),
        marks: Vec::new(),
        seen,
    };
    Found { card, accounts: Ok(vec![account]), quarantined: Vec::new() }
}

/// The plan of a person: a directory, an identity provider, a server, and a CRM that does not answer.
fn plan_of(company: &Company, n: usize, wish: &Wish) -> Plan {
    let p = &company.people[n].person;
    let person = Person {
        id: p.id,
        spell: SpellId(id(3, n)),
        number: p.number.clone(),
        name: p.name.clone(),
        sort_name: if n == 1 { "zhang wei".into() } else { p.sort_name.clone() },
        org: p.org.clone(),
        post: p.post.clone(),
        critical: None,
        impact: p.impact,
        manager: None,
        state: SpellState::Notice,
        started: "2020-05-01".parse().unwrap(),
        last_day: Some("2026-11-30".parse().unwrap()),
        exit: None,
        email: None,
        version: 4,
        erased: false,
    };
    use StepKind::{BlockSignIn, KillLive, ResetSecret, Restrict, RevokeSessions};
    let login = format!("u{}", p.number.to_lowercase());
    let away = Found {
        card: card("crm", TargetKind::Http, &[BlockSignIn], None),
        accounts: Err(Sentence::new("step-unread")),
        quarantined: Vec::new(),
    };
    let facts = Facts {
        person,
        employee: p.clone(),
        homonyms: 2,
        found: vec![
            found(card("ad", TargetKind::ActiveDirectory, &[Restrict, BlockSignIn, ResetSecret], Some(36_000)), &login),
            found(card("idp", TargetKind::Scim, &[BlockSignIn, RevokeSessions], Some(3_600)), &login),
            found(card("build", TargetKind::Command, &[BlockSignIn, KillLive], None), &login),
            away,
        ],
        undoes: None,
        busy: Vec::new(),
        wider: Vec::new(),
        suspended_since: None,
        recent: 0,
        people: 5_000,
        operator_name: "lin".into(),
        own: Vec::new(),
    };
    plan::make(&facts, wish, &FreezePolicy::default(), company.now)
}

fn wish(level: Level, mode: Mode, at: Option<Timestamp>) -> Wish {
    Wish { direction: Direction::Freeze, level, mode, at, zone: "Asia/Shanghai".into(), except: Vec::new(), stands_in_for: Vec::new() }
}

fn context(company: &mut Company, operator: usize, name: &str) -> Context {
    company.made_ids += 40;
    let mut n = company.made_ids;
    let new_id = Box::new(move |_| {
        n += 1;
        Uuid::from_u128(0x0193_eeee_0000_7000_8000_0000_0000_0000 + n)
    });
    Context::new(company.now, OperatorId(id(9, operator)), name, Policy::default(), new_id)
}

fn card_of(company: &Company, n: usize, changes: Vec<Change>) -> FreezeCard {
    let (mut made, mut all) = (None, Vec::new());
    for c in changes {
        match c {
            Change::Freeze(o) => made = Some(*o),
            Change::Steps(_, steps) => all = steps,
            _ => {}
        }
    }
    let order = made.unwrap();
    let row =
        FreezeRow { employee: company.people[n].person.clone(), approval: None, steps_total: all.len() as i64, steps_settled: 0, order };
    FreezeCard { level: row.order.intent.level, residual_seconds: None, steps: all, notes: Vec::new(), row }
}

fn asked(reason: &str) -> Asked<'_> {
    Asked { plan_hash: None, confirm: None, reason, ticket: Some("INC-7"), ground: None }
}

/// One order that stands half-way with a step unknown, and one that waits for somebody else.
pub fn orders(company: &mut Company) -> Vec<FreezeCard> {
    let mut cx = context(company, 2, "zhang");
    let limits = FreezePolicy::default();
    let plan = plan_of(company, 1, &wish(Level::Suspend, Mode::Immediate, None));
    let changes = order::request(&plan, &asked("for cause, not yet told"), None, &[], &limits, &mut cx).unwrap();
    let mut half = card_of(company, 1, changes);
    half.row.order.started_at = Some(now());
    half.row.order.state = OrderState::Executing;
    for s in &mut half.steps {
        let confirmed = s.target != "idp" && s.kind != StepKind::Verify;
        s.state = match (confirmed, s.target.as_str(), s.kind) {
            (true, ..) => StepState::Confirmed,
            (_, "idp", StepKind::BlockSignIn) => StepState::Unknown,
            _ => StepState::Pending,
        };
        s.confirmed_at = confirmed.then(|| now() - SignedDuration::from_secs(90));
        s.attempts = i64::from(s.state != StepState::Pending);
        if s.state == StepState::Unknown {
            s.error = Some(Sentence::new("step-unread"));
            s.due_at = now() + SignedDuration::from_secs(20);
        }
    }
    settle(&mut half);
    let mut cx = context(company, 2, "zhang");
    let at = Some("2026-11-30T10:00:00Z".parse().unwrap());
    let plan = plan_of(company, 0, &wish(Level::Restrict, Mode::Planned, at));
    let changes = order::request(&plan, &asked("交接未完成"), None, &[], &limits, &mut cx).unwrap();
    let waits = card_of(company, 0, changes);
    vec![half, waits]
}

fn settle(c: &mut FreezeCard) {
    order::settle(&mut c.row.order, &c.steps, now());
    c.row.steps_settled = c.steps.iter().filter(|s| s.state.is_settled()).count() as i64;
    c.residual_seconds = step::residual(&c.row.order, &c.steps, now());
}

/// Answers of the door about freezing.
pub fn answer(company: &Company, q: &Query) -> Option<Answer> {
    Some(match q {
        Query::Freezes { .. } => Answer::Freezes(Page { rows: company.freezes.iter().map(|c| c.row.clone()).collect(), next: None }),
        Query::Freeze { id } => Answer::Freeze(Box::new(company.freezes.iter().find(|c| c.row.order.id == *id)?.clone())),
        Query::FreezePlan { id, level, mode, at, .. } => {
            let n = company.people.iter().position(|p| p.person.id == *id)?;
            Answer::FreezePlan(Box::new(plan_of(company, n, &wish(*level, *mode, *at))))
        }
        Query::ThawPlan { id } => {
            let who = company.freezes.iter().find(|c| c.row.order.id == *id)?.row.employee.id;
            let n = company.people.iter().position(|p| p.person.id == who)?;
            let mut plan = plan_of(company, n, &wish(Level::Suspend, Mode::Immediate, None));
            plan.intent.direction = Direction::Thaw;
            plan.plan_hash = plan::hash(&plan.intent);
            Answer::FreezePlan(Box::new(plan))
        }
        Query::Find { text } => {
            let fits = |p: &&tenure::backend::answer::PersonRow| p.person.name == *text || p.person.number == *text;
            Answer::Found(company.people.iter().filter(fits).map(|p| p.person.clone()).collect())
        }
        _ => return None,
    })
}

/// What the door does with an act about freezing: the domain's own decision.
pub fn act(company: &mut Company, r: &ActRequest) -> Option<ActReply> {
    let target = r.targets.first()?;
    let outcome = |refusal, version| Outcome { id: target.id, entity: Entity::Freeze, refusal, version, pending: None };
    let reply = |outcome: Outcome, touched: Option<FreezeRow>| {
        let entry = outcome.refusal.is_none().then_some(70);
        let touched = touched.map(|r| Touched::Freeze(Box::new(r))).into_iter().collect();
        Some(ActReply { outcomes: vec![outcome], entry, replayed: false, touched })
    };
    let mut cx = context(company, 1, "lin");
    if let Act::FreezeRequest { level, mode, at, plan_hash, confirm, ticket, .. } = &r.act {
        let n = company.people.iter().position(|p| p.person.id.0 == target.id)?;
        let plan = plan_of(company, n, &wish(*level, *mode, *at));
        let reason = r.reason.as_deref().unwrap_or_default();
        let asked = Asked { plan_hash: plan_hash.as_deref(), confirm: confirm.as_deref(), reason, ticket: ticket.as_deref(), ground: None };
        return match order::request(&plan, &asked, None, &[], &FreezePolicy::default(), &mut cx) {
            Err(why) => reply(outcome(Some(why), None), None),
            Ok(changes) => {
                let made = card_of(company, n, changes);
                company.freezes.insert(0, made.clone());
                // As the real door answers: the act is about the order that it made.
                reply(Outcome { id: made.row.order.id.0, ..outcome(None, Some(1)) }, Some(made.row))
            }
        };
    }
    let at = company.freezes.iter().position(|c| c.row.order.id.0 == target.id)?;
    let c = &mut company.freezes[at];
    let facts = OrderFacts { order: c.row.order.clone(), steps: c.steps.clone(), approval: None, own: Vec::new() };
    match order::check_version(&facts.order, target.version).and_then(|()| order::decide(&facts, &r.act, &mut cx)) {
        Err(why) => reply(outcome(Some(why), None), None),
        Ok(changes) => {
            for change in changes {
                match change {
                    Change::Freeze(o) => c.row.order = *o,
                    Change::OrderNote { text, .. } => c.notes.push(Note { at: company.now, by: "lin".into(), text }),
                    Change::Steps(_, steps) => merge(&mut c.steps, steps),
                    _ => {}
                }
            }
            settle(c);
            reply(outcome(None, Some(c.row.order.version)), Some(c.row.clone()))
        }
    }
}

fn merge(all: &mut [Step], changed: Vec<Step>) {
    for s in changed {
        if let Some(old) = all.iter_mut().find(|o| o.n == s.n) {
            *old = s;
        }
    }
}

fn notice(app: &App) -> String {
    app.m.notice.as_ref().map(|n| n.what.code.to_string()).unwrap_or_default()
}

#[test]
fn screens() {
    everywhere("freezes", "g f");
    everywhere("order", "g f enter");
    everywhere("freeze-plan", "g f F \"10417 enter");
    both("freeze-planned", "g f F \"10417 enter tab tab", |_| {});
    both("freeze-find", "g f F \"张伟 enter down", |_| {});
    both("freeze-nobody", "g f F \"nobody enter", |_| {});
    both("freeze-form", "g f F \"10417 enter enter \"INC-7 tab tab \"0417Z", |_| {});
    both("freeze-step", "g f enter j j enter", |_| {});
    both("freeze-waive", "g f enter j j w", |_| {});
    both("freeze-approve", "g f j A", |_| {});
    both("freeze-narrow", "g f enter", |app| {
        app.size(60, 20);
    });
    both("freeze-form-narrow", "g f F \"10417 enter enter", |app| {
        app.size(60, 20);
    });
    both("freeze-wrong", "g f F \"10417 enter enter \"x tab tab \"0023Z ctrl-d", |_| {});
    for lang in Lang::ALL {
        let mut company = Company::default();
        company.freezes.clear();
        let mut app = App::with(&options(lang), company);
        app.press("g f");
        snap("freezes-empty", &app);
        let mut app = App::with(&Options { locked: true, ..options(lang) }, Company::default());
        app.press("g f F \"10417 enter enter");
        snap("freeze-locked", &app);
    }
}

/// The third day's story: at most 25 keys from the pane to an order that executes.
#[test]
fn a_freeze_is_asked_for_in_few_keys_and_about_the_pinned_person() {
    let mut app = App::with(&Options { locked: true, ..options(Lang::ZhCn) }, Company::default());
    app.press("g f");
    let keys = "L F \"10417 enter enter 2 \"INC-2417 tab \"0417Z ctrl-d";
    let pressed: usize = keys.split(' ').map(|k| k.strip_prefix('"').map_or(1, |text| text.chars().count())).sum();
    assert!(pressed <= 25, "{pressed} keys");
    app.press(keys);
    let sent = app.acts.last().unwrap();
    let Act::FreezeRequest { level: Level::Suspend, mode: Mode::Immediate, plan_hash: Some(hash), confirm, ticket, .. } = &sent.act else {
        panic!("{sent:?}")
    };
    assert_eq!((sent.targets[0].id, sent.targets[0].version), (app.company.people[1].person.id.0, Some(4)));
    assert_eq!(
        (confirm.as_deref(), ticket.as_deref(), sent.reason.as_deref()),
        (Some("0417Z"), Some("INC-2417"), Some("违纪解除，尚未告知本人"))
    );
    assert_eq!(*hash, plan_of(&app.company, 1, &wish(Level::Suspend, Mode::Immediate, None)).plan_hash);
    // What was asked for is on screen.
    assert_eq!((app.m.pane, app.m.order.as_ref().unwrap().id), (Pane::Order, app.company.freezes[0].row.order.id));
}

#[test]
fn a_reason_is_picked_by_its_digit_or_typed() {
    let mut app = App::new(Lang::En);
    app.press("g f F \"10417 enter enter 5");
    assert_eq!(typed(&app), ("field-ticket", vec!["account may be hijacked", "", ""], String::new()));
    // Another one takes its place; a digit that stands for none, and one within a text, is written.
    app.press("up 1 up");
    assert_eq!(typed(&app).1[0], "last working day");
    app.press("ctrl-u \"9_of_5");
    assert_eq!(typed(&app), ("field-reason", vec!["9 of 5", "", ""], String::new()));
    // The words are those of the operator's language; a company's own are kept as they are.
    let mut app = App::with(&options(Lang::ZhCn), Company::default());
    let home = app.m.home.data.value_mut().unwrap();
    home.reasons = vec!["@|as asked by legal|法务要求".into(), "董办指令".into()];
    app.press("g f F \"10417 enter enter １");
    assert_eq!(typed(&app).1[0], "法务要求");
    app.press("up 2");
    assert_eq!(typed(&app).1[0], "董办指令");
}

/// What somebody else has to do stays on screen, and why.
#[test]
fn what_the_requester_may_not_do_is_said_before_the_key() {
    let mut company = Company::default();
    for c in &mut company.freezes {
        c.row.order.requester = who().operator;
        c.row.order.requester_name = who().name;
    }
    for lang in Lang::ALL {
        let mut app = App::with(&options(lang), company.clone());
        app.press("g f enter");
        snap("order-own", &app);
        app.press("w");
        assert_eq!((notice(&app).as_str(), app.acts.len()), ("refused-own-waiver", 0));
    }
    // Nothing of it for somebody else.
    let mut app = App::new(Lang::En);
    assert!(!app.press("g f enter").screen().contains("somebody else"));
}

/// Every reason can be read on a small screen: below its line where all have room, else with Enter.
#[test]
fn a_long_reason_is_read_in_full() {
    let why = "The provider answered 403: the token of this connector may not write. Renew it at the provider, then resume the order; nothing was changed there.";
    let mut company = Company::default();
    let c = &mut company.freezes[0];
    let step = c.steps.iter_mut().find(|s| s.state == StepState::Unknown).unwrap();
    step.error = Some(Sentence::new("just-text").with("text", why));
    c.row.order.why = Some(Sentence::new("order-late"));
    c.steps.truncate(5);
    for lang in Lang::ALL {
        for size in [(80, 24), (60, 20)] {
            let mut app = App::with(&options(lang), company.clone());
            app.size(size.0, size.1).press("g f enter");
            snap("order-reason", &app);
            app.press("j j j enter");
            let read = app.screen().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(read.contains(why), "{read}");
        }
    }
}

#[test]
fn a_waiver_that_came_second_says_so_and_can_be_sent_again() {
    let mut app = App::new(Lang::En);
    app.press("g f enter j j j w \"disabled_by_hand");
    app.company.freezes[0].row.order.version += 1;
    app.press("ctrl-d");
    assert_eq!(form(&app).fault.as_ref().unwrap().code, "refused-conflict");
    app.press("ctrl-d");
    assert!(app.m.overlay.is_none(), "{}", app.screen());
    assert!(app.company.freezes[0].steps.iter().any(|s| s.state == StepState::Waived));
}

fn form(app: &App) -> &Form {
    let Some(Overlay::Form(f)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!("{:?}", app.m.overlay) };
    f
}

/// Field under the caret, what is in every line, and the reason.
fn typed(app: &App) -> (&'static str, Vec<&str>, String) {
    let f = form(app);
    fn text(input: &Input) -> &str {
        if let Input::Line(l) = input { l.text() } else { "" }
    }
    let fault = f.fault.as_ref().map(|w| w.code.to_string()).unwrap_or_default();
    (f.fields[f.focus].name, f.fields.iter().map(|f| text(&f.input)).collect(), fault)
}

#[test]
fn a_wrong_confirmation_asks_for_nothing() {
    let mut app = App::new(Lang::En);
    app.press("g f F \"10417 enter enter \"x tab tab \"0023Z ctrl-d");
    assert_eq!(typed(&app), ("field-confirm", vec!["x", "", "0023Z"], "refused-freeze-confirm".into()));
    // Without one nothing is even sent.
    app.press("ctrl-u ctrl-d");
    assert_eq!((app.acts.len(), typed(&app).2.as_str()), (0, "fault-confirm"));
    app.press("\"0417z ctrl-d");
    assert_eq!(app.acts.len(), 1);
}

#[test]
fn an_emergency_without_its_ticket_stays_in_the_form() {
    let mut app = App::new(Lang::ZhCn);
    app.press("g f F \"10417 enter tab tab tab enter \"x tab tab \"0417Z ctrl-d");
    assert_eq!((app.acts.len(), typed(&app)), (0, ("field-ticket", vec!["x", "", "0417Z"], "refused-emergency-ticket".into())));
    assert!(!app.screen().contains("--"), "{}", app.screen());
    app.press("\"INC-9 ctrl-d");
    let Act::FreezeRequest { mode: Mode::Emergency, ticket, .. } = &app.acts[0].act else { panic!("{:?}", app.acts) };
    assert_eq!(ticket.as_deref(), Some("INC-9"));
}

#[test]
fn a_request_that_is_refused_or_not_sent_comes_back_with_its_text() {
    for lang in Lang::ALL {
        let mut app = App::new(lang);
        app.press("g f F \"10417 enter enter \"INC-7 tab tab \"0417Z");
        for kind in [FailureKind::Unreachable, FailureKind::Failed] {
            app.key(Key::ctrl('d'));
            assert!(app.m.overlay.is_none());
            app.waiting.retain(|e| matches!(e, Effect::Act { .. }));
            app.fail(kind);
            assert_eq!(typed(&app).1, ["INC-7", "", "0417Z"]);
            app.drawn();
        }
        // The plan changed behind the form: a fresh one says in what, and its form has the text, but for what confirms it.
        app.company.people[1].person.post = "主管".into();
        app.key(Key::ctrl('d'));
        let Some(Effect::Act { job, request }) = app.waiting.pop_front() else { panic!() };
        let refusal = Refusal::new(RefusalClass::Conflict, Sentence::new("refused-plan-hash").with("hash", "aa"));
        let outcome = Outcome { id: request.targets[0].id, entity: Entity::Person, refusal: Some(refusal), version: None, pending: None };
        app.send(Msg::Acted { job, result: Ok(ActReply { outcomes: vec![outcome], entry: None, replayed: false, touched: vec![] }) });
        app.settle();
        snap("freeze-plan-changed", &app);
        app.press("enter");
        assert_eq!(typed(&app), ("field-reason", vec!["INC-7", "", ""], String::new()));
        app.press("tab tab \"0417Z ctrl-d");
        assert!(app.m.overlay.is_none() && app.m.drafts.is_empty());
        assert_eq!(app.acts.last().unwrap().act.name(), "freeze.request");
    }
}

/// A console that runs the orders of its home.
fn running(lang: Lang, company: Company) -> App {
    App::with(&Options { runs: true, ..options(lang) }, company)
}

#[test]
fn leaving_asks_while_orders_of_this_home_are_under_way() {
    let state = |state: OrderState| {
        let mut company = Company::default();
        company.freezes[0].row.order.state = state;
        company
    };
    for (left, keys) in [(OrderState::Executing, "g h ctrl-c"), (OrderState::Partial, "Q"), (OrderState::Approved, "q")] {
        let mut app = running(Lang::En, state(left));
        app.press(keys);
        let Some(Overlay::Pick(pick)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!("{left}: {:?}", app.m.overlay) };
        assert_eq!((pick.note.as_ref().unwrap().code.as_ref(), pick.on.items.len()), ("running-here", 1), "{left}");
        assert_eq!(pick.rows.iter().any(|r| r.value == Value::Stop), left != OrderState::Approved);
        assert!(!app.left);
        app.press("enter");
        assert!(app.left && app.acts.is_empty(), "{left}");
    }
    // Those that wait for an hour that comes before anybody may be back.
    let hour = |hours: i64| {
        let mut company = state(OrderState::Approved);
        company.freezes[0].row.order.intent.at = Some(now() + SignedDuration::from_hours(hours));
        company
    };
    for lang in Lang::ALL {
        let mut app = running(lang, hour(23));
        app.press("q");
        snap("leaving-waits", &app);
        let Some(Overlay::Pick(pick)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!("{:?}", app.m.overlay) };
        assert!(pick.rows.iter().all(|r| r.value != Value::Stop));
        assert!(app.press("enter").left);
    }
    assert!(running(Lang::En, hour(25)).press("q").left);
    let mut held = state(OrderState::Partial);
    held.freezes[0].row.order.held = true;
    for company in [held, state(OrderState::Verified), state(OrderState::Cancelled)] {
        assert!(running(Lang::En, company).press("Q").left);
    }
    // Nothing holds anybody up: the second time it leaves whatever is answered.
    let mut app = running(Lang::En, state(OrderState::Executing));
    app.key(Key::ctrl('c'));
    assert!(!app.left);
    app.key(Key::ctrl('c'));
    assert!(app.left);
}

#[test]
fn a_thaw_that_is_complete_has_frozen_nobody() {
    for (lang, state, title) in [(Lang::En, "thaw complete", "approve the thaw"), (Lang::ZhCn, "已解冻", "批准解冻")] {
        let mut company = Company::default();
        for c in &mut company.freezes {
            c.row.order.intent.direction = Direction::Thaw;
            c.row.order.undoes = Some(c.row.order.id);
            c.row.order.plan_hash = plan::hash(&c.row.order.intent);
        }
        company.freezes[0].row.order.state = OrderState::Complete;
        let mut app = App::with(&options(lang), company);
        assert!(app.press("g f").screen().contains(state), "{}", app.screen());
        assert!(app.press("enter").screen().contains(state), "{}", app.screen());
        app.press("q j A");
        assert!(app.screen().contains(title), "{}", app.screen());
        app.press("\"0023S ctrl-d");
        assert!(app.screen().contains(title) && !app.screen().contains("批准冻结"), "{}", app.screen());
    }
}

#[test]
fn the_second_word_is_asked_for_before_it_is_given() {
    for lang in Lang::ALL {
        let mut app = App::with(&options(lang), Company::default());
        app.press("g f enter c");
        snap("freeze-confirm", &app);
        app.press("enter");
        assert!(app.acts.is_empty(), "No is what Enter takes");
        app.press("c y");
        assert_eq!(app.acts.last().unwrap().act, Act::FreezeConfirm);
    }
}

#[test]
fn the_lock_is_lifted_on_the_plan_that_it_stands_before() {
    let mut app = App::with(&Options { locked: true, ..options(Lang::En) }, Company::default());
    app.press("g f F \"10417 enter enter");
    assert_eq!(notice(&app), "off-locked");
    app.press("L");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::FreezePlan(_))));
    assert_eq!((app.m.lock, notice(&app).as_str()), (Lock::Open, "notice-unlocked"));
    app.press("enter");
    assert_eq!(form(&app).kind, FormKind::Freeze);
}

#[test]
fn tab_goes_through_every_way_and_the_time_has_its_own_key() {
    let mut app = App::new(Lang::En);
    app.press("g f F \"10417 enter");
    let view = |app: &App| {
        let Some(Overlay::FreezePlan(v)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!() };
        (v.meant(), v.typing, v.when.text().to_owned())
    };
    let first = view(&app);
    let mut seen = vec![first.0];
    for _ in 0..4 {
        app.press("tab");
        seen.push(view(&app).0);
        assert!(!view(&app).1, "nothing is typed into a field that nobody opened");
    }
    assert_eq!(seen, HOWS);
    app.press("tab tab tab t ctrl-u \"2026-11-30_18:00");
    assert_eq!((view(&app).1, view(&app).2.as_str()), (true, "2026-11-30 18:00"));
    app.press("tab");
    assert_eq!(view(&app).0, (Level::Suspend, Mode::Emergency));
}

#[test]
fn a_waiver_can_be_read_back() {
    let mut company = Company::default();
    let gap = company.freezes[0].row.order.gaps.first_mut().unwrap();
    (gap.waived_by, gap.waived_at, gap.evidence) = (Some("chen".into()), Some(now()), Some("the console shows no session".into()));
    let steps = company.freezes[0].steps.len();
    for lang in Lang::ALL {
        let mut app = App::with(&options(lang), company.clone());
        app.press("g f enter");
        (0..steps).for_each(|_| {
            app.press("j");
        });
        app.press("enter");
        snap("freeze-waived", &app);
    }
}

#[test]
fn a_lock_lets_plans_be_read_and_nothing_be_asked_for() {
    let mut app = App::with(&Options { read_only: true, ..options(Lang::En) }, Company::default());
    app.press("g f F \"10417 enter");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::FreezePlan(_))));
    app.press("enter");
    assert_eq!((app.acts.len(), notice(&app).as_str()), (0, "off-locked-given"));
    app.press("esc g f j A");
    assert_eq!((app.acts.len(), notice(&app).as_str()), (0, "off-locked-given"));
    // The night's own lock is lifted where it is.
    let app = App::with(&Options { locked: true, ..options(Lang::En) }, Company::default());
    assert_eq!(app.m.lock, Lock::Own);
}

#[test]
fn a_night_note_is_written_and_read_on_the_order() {
    let text =
        "the directory answered at 02:18, the provider is still down; whoever takes over at 06:00 reads the last step back and calls wang";
    for lang in Lang::ALL {
        let mut app = App::with(&options(lang), Company::default());
        // The order moves on behind the form: a note is not lost to that.
        app.press("g f enter h");
        app.company.freezes[0].row.order.version += 1;
        let version = app.company.freezes[0].row.order.version;
        app.press(&format!("\"{} ctrl-d", text.replace(' ', "_")));
        let sent = app.acts.last().unwrap();
        assert_eq!((&sent.act, sent.targets[0].version), (&Act::FreezeNote { text: text.into() }, None));
        assert_eq!((notice(&app).as_str(), app.company.freezes[0].row.order.version), ("notice-done-version", version));
        app.company.freezes[0].notes.push(Note { at: now(), by: "wang".into(), text: "taken over".into() });
        app.press("ctrl-l G");
        snap("freeze-notes", &app);
        app.press("k enter");
        snap("freeze-note", &app);
    }
    // In the list as well; an empty one is none.
    let mut app = App::new(Lang::En);
    app.press("g f h ctrl-d");
    assert_eq!((app.acts.len(), typed(&app).2.as_str()), (0, "refused-empty-text"));
}

#[test]
fn an_approval_is_of_the_hash_on_screen_and_about_who_is_typed() {
    let mut app = App::new(Lang::En);
    app.press("g f j A enter ctrl-d");
    assert!(app.acts.is_empty(), "nobody was typed");
    app.press("\"0417Z ctrl-d");
    assert!(app.acts.is_empty(), "somebody else was typed");
    app.press("ctrl-u \"0023s ctrl-d");
    let hash = app.company.freezes[1].row.order.plan_hash.clone();
    assert_eq!(app.acts.last().unwrap().act, Act::FreezeApprove { hash });
    assert_eq!(app.company.freezes[1].row.order.state, OrderState::Approved);
}

#[test]
fn ctrl_c_while_an_order_executes_asks_and_leaving_stops_nothing() {
    let mut company = Company::default();
    company.freezes[0].row.order.state = OrderState::Executing;
    let mut app = App::with(&options(Lang::En), company.clone());
    app.press("g f enter ctrl-c");
    assert!(matches!(app.m.overlay.as_ref().map(|o| &o.what), Some(Overlay::Pick(_))) && !app.left);
    app.press("enter");
    assert!(app.left && app.acts.is_empty(), "detach is the default");
    let mut app = App::with(&options(Lang::En), company);
    app.press("g f enter ctrl-c 2 enter");
    assert_eq!(app.acts.last().unwrap().act, Act::FreezeStop);
    assert!(!app.left);
}

#[test]
fn a_waiver_is_for_the_line_under_the_cursor_when_it_was_opened() {
    let mut app = App::new(Lang::En);
    app.press("g f enter j j j w");
    let under = app.m.order.as_ref().unwrap().number().unwrap();
    // Steps settle behind the form; the number stays.
    app.press("\"disabled_by_hand ctrl-d");
    let Act::FreezeWaive { step, .. } = app.acts.last().unwrap().act.clone() else { panic!() };
    assert_eq!(step, under);
}

#[test]
fn a_plan_that_comes_late_is_not_taken_for_another() {
    let mut app = App::new(Lang::En);
    app.press("g f F \"张伟 enter");
    app.key("enter".parse::<Chord>().unwrap().0[0]);
    app.drawn();
    // The restriction is asked for before the first plan came: the old answer is dropped.
    app.press("tab");
    let Some(Overlay::FreezePlan(view)) = app.m.overlay.as_ref().map(|o| &o.what) else { panic!("{:?}", app.m.overlay) };
    assert_eq!(view.plan.data.value().unwrap().intent.level, Level::Restrict);
    assert!(!app.waiting.iter().any(|e| matches!(e, Effect::Act { .. })));
    let _ = (person, who);
}

/// Who was frozen in somebody's place is owed an apology: the form of the thaw asks on which ground.
#[test]
fn a_thaw_says_that_the_wrong_person_was_frozen() {
    for (keys, ground) in [("", None), (" tab tab right", Some(Ground::WrongPerson))] {
        let mut company = Company::default();
        company.freezes[0].row.order.state = OrderState::Complete;
        let mut app = App::with(&options(Lang::En), company);
        app.press(&format!("g f T enter \"mistaken_identity tab \"0417Z shift-tab{keys} ctrl-d"));
        let sent = app.acts.last().unwrap();
        assert!(matches!(&sent.act, Act::FreezeThaw { ground: g, .. } if *g == ground), "{sent:?}");
    }
}
