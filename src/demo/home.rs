//! Builds the sample company in a home of its own: the same seed and day give the same rows and ids.

use super::{
    COMPANY, Deed, STORY_DAYS, Scene, Spec, customers, employees, handing_over, leaving, operators, orders, receivables, signals, story,
};
use crate::{
    backend::{ActRequest, Failure, FailureKind, Target},
    domain::{
        act::Act,
        ids::{ImportId, OperatorId},
        import::ImportRow,
        operator::{Identity, Operator, Proof, Role},
        plan::PlanBody,
        sentence::Sentence,
        signal::{LawfulBasis, SignalKind},
        talk::{Channel, NewTalk},
    },
    service::{
        Options, Service,
        home::{database, id_maker},
    },
    store::{self, Tx, import::Import},
};
use jiff::{SignedDuration, Timestamp};
use rand::SeedableRng;
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use uuid::Uuid;

/// How far building has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    People,
    Signals,
    Scores,
    Story,
    Customers,
}

/// Builds the sample company.
///
/// # Errors
/// The home holds something that is not a sample company, which `reset` never touches either.
pub fn build(dir: &Path, spec: &Spec, reset: bool, mut on: impl FnMut(Step)) -> Result<(), Failure> {
    let database = database(dir);
    if database.exists() {
        let old = Service::open(Options { create: false, ..Options::new(dir) })?;
        let made = old.db().read(|tx| store::operator::meta(tx, "made_data"))?.is_some();
        let empty = !old.db().read(store::import::any_person)?;
        if !made && !empty {
            return Err(Failure::new(FailureKind::Refused, Sentence::new("demo-not-made").with("dir", dir.display()))
                .next(Sentence::new("demo-not-made-next")));
        }
        if made && !reset {
            return Err(Failure::new(FailureKind::Conflict, Sentence::new("demo-exists").with("dir", dir.display()))
                .next(Sentence::new("demo-exists-next")));
        }
        drop(old);
        for end in ["", "-wal", "-shm"] {
            let file = database.with_file_name(format!("tenure.db{end}"));
            if file.exists() {
                fs::remove_file(&file).map_err(|e| {
                    Failure::new(FailureKind::Failed, Sentence::new("home-io").with("dir", file.display()).with("detail", e))
                })?;
            }
        }
    }
    let clock = Arc::new(AtomicI64::new(spec.as_of.as_microsecond()));
    let told = clock.clone();
    let fixed: store::sqlite::Clock =
        Box::new(move || Timestamp::from_microsecond(told.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH));
    let service =
        Service::open(Options { fixed: Some((fixed, id_maker(rand_chacha::ChaCha8Rng::seed_from_u64(spec.seed)))), ..Options::new(dir) })?;
    clock.store((spec.as_of - SignedDuration::from_hours(24 * (STORY_DAYS + 1))).as_microsecond(), Ordering::Relaxed);
    let crew = service.db().write(|tx| crew_of(&service, tx))?;
    let first = operators()
        .first()
        .and_then(|(name, _)| crew.get(name))
        .cloned()
        .ok_or_else(|| Failure::broken("the sample company has no operators"))?;
    let director = crew.values().find(|who| who.role == Role::HrDirector).unwrap_or(&first);
    service.act(
        director,
        &ActRequest {
            act: Act::SignalEnable { kind: SignalKind::ResumeUpdate, basis: LawfulBasis::Consent },
            targets: Vec::new(),
            key: None,
            reason: Some("sample company: recorded consent".into()),
            written: None,
        },
    )?;
    // Signals that reach to today are known only today: the import itself happens then.
    clock.store(spec.as_of.as_microsecond(), Ordering::Relaxed);
    on(Step::People);
    take(&service, "employees", &mut employees(spec).map(|e| ImportRow::Employee(Box::new(e))))?;
    on(Step::Signals);
    take(&service, "signals", &mut signals(spec).map(ImportRow::Signal))?;

    // The model is known before anybody is scored, or the first console would score everybody again.
    service.notice_model()?;
    let story = story(spec);
    let gap = SignedDuration::from_mins(7);
    for days in (0..=STORY_DAYS).rev() {
        // The last act of the story comes before the present.
        let acts = story.iter().filter(|s| s.days_ago == days).count() as i32 + 1;
        let start = spec.as_of - SignedDuration::from_hours(24 * days) - gap * acts;
        clock.store(start.as_microsecond(), Ordering::Relaxed);
        on(Step::Scores);
        service.db().write(store::score::mark_all)?;
        service.score_waiting()?;
        on(Step::Story);
        for scene in story.iter().filter(|s| s.days_ago == days) {
            // Within the day each act has a time of its own.
            clock.fetch_add(gap.as_micros() as i64, Ordering::Relaxed);
            play(&service, &crew, scene)?;
        }
    }
    clock.store(spec.as_of.as_microsecond(), Ordering::Relaxed);
    on(Step::Customers);
    take(&service, "customers", &mut customers(spec).map(|c| ImportRow::Customer(Box::new(c))))?;
    take(&service, "orders", &mut orders(spec).map(ImportRow::Order))?;
    take(&service, "receivables", &mut receivables(spec).map(ImportRow::Receivable))?;
    let mut seller = None;
    if let Some((mine, taker)) = handing_over(spec) {
        hand_over(&service, &first, &mine, &taker)?;
        seller =
            service.db().read(|tx| store::customer::by_number(tx, mine.first().map_or("", String::as_str), 1))?.pop().and_then(|c| c.owner);
    }
    leaving::play(&service, spec, &crew, seller)?;
    service.count_effects()?;
    service.db().write(|tx| tx.exec("delete from jobs", &[]))?;
    if let Some(due) = service.run_clocks()? {
        service.db().write(|tx| service.queue(tx, "clocks", "all", due, ""))?;
    }
    Ok(())
}

/// Marks the home as made data and enters the operators of the story.
fn crew_of(service: &Service, tx: &mut Tx) -> Result<HashMap<&'static str, Identity>, Failure> {
    store::operator::set_meta(tx, "made_data", "yes")?;
    store::operator::set_meta(tx, "company", COMPANY)?;
    let now = tx.now();
    let mut crew = HashMap::new();
    for (name, role) in operators() {
        let org = (*role == Role::Hrbp).then(super::root);
        let o = Operator { org, ..Operator::new(OperatorId(service.new_id(now)), (*name).into(), *role, None, now) };
        store::operator::put(tx, &o)?;
        crew.insert(*name, Identity { operator: o.id, name: o.name, role: o.role, proof: Proof::Machine, key: None });
    }
    Ok(crew)
}

/// Publishes made rows through the path that a file takes.
fn take(service: &Service, kind: &str, rows: &mut dyn Iterator<Item = ImportRow>) -> Result<(), Failure> {
    let mut import = Import::new(ImportId(Uuid::nil()), kind, None, "sample", "sample company", "publishing");
    import.id = ImportId(service.db().read(|tx| Ok::<_, store::StoreError>(service.new_id(tx.now())))?);
    service.stage_rows(&mut import, rows)?;
    service.publish(import.id, &|| true)
}

/// A leaver's customers on their way to a colleague, each a step further than the next.
fn hand_over(service: &Service, who: &Identity, customers: &[String], taker: &str) -> Result<(), Failure> {
    let to = service.db().read(|tx| store::person::find(tx, taker, 1))?.first().map(|p| p.id);
    let Some(to) = to else { return Ok(()) };
    for (number, steps) in customers.iter().zip([2, 1, 0]) {
        let Some(customer) = service.db().read(|tx| store::customer::by_number(tx, number, 1))?.pop() else { continue };
        service.act(who, &ActRequest::one(Act::CustomerTransfer { to }, customer.id, None))?;
        for _ in 0..steps {
            service.act(who, &ActRequest::one(Act::CustomerAdvance { confirmed: true }, customer.id, None))?;
        }
    }
    Ok(())
}

fn play(service: &Service, crew: &HashMap<&'static str, Identity>, scene: &Scene) -> Result<(), Failure> {
    let who = crew.get(scene.operator).ok_or_else(|| Failure::broken("the story names nobody"))?;
    let now = service.db().read(|tx| Ok::<_, store::StoreError>(tx.now()))?;
    let alert = service.db().read(|tx| -> Result<_, Failure> {
        let Some(p) = store::person::find(tx, &scene.number, 1)?.into_iter().next() else { return Ok(None) };
        Ok(store::alert::open_of_person(tx, p.id)?)
    })?;
    let Some(row) = alert else { return Ok(()) };
    let id = row.alert.id;
    let act = match scene.deed {
        Deed::Ack => Act::AlertAck,
        Deed::Note(text) => Act::AlertNote { text: text.into() },
        Deed::Talk { needs, next_step } => Act::AlertTalk {
            talk: NewTalk { at: now, who: who.name.clone(), channel: Channel::InPerson, needs: needs.into(), next_step: next_step.into() },
        },
        Deed::Snooze { hours } => Act::AlertSnooze { until: now + SignedDuration::from_hours(hours) },
        Deed::Dismiss { reason } => Act::AlertDismiss { reason, note: None },
        Deed::PlanSubmit { template, text, cost_fen } => {
            let body = PlanBody { template, text: text.into(), cost_fen };
            let made = service.act(
                who,
                &ActRequest {
                    act: Act::PlanCreate { alert: Some(id), body },
                    targets: vec![Target { id: row.alert.person.0, version: None }],
                    key: None,
                    reason: None,
                    written: None,
                },
            )?;
            let plan = made.outcomes.first().map_or(Uuid::nil(), |o| o.id);
            service.act(who, &ActRequest::one(Act::PlanSubmit, plan, None))?;
            return Ok(());
        }
    };
    let reason = scene.reason.map(Into::into);
    service.act(who, &ActRequest { reason, ..ActRequest::one(act, id, None) })?;
    Ok(())
}
