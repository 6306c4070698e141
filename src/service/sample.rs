//! Builds the sample company in a home of its own: the same seed and day give the same rows and ids.

use super::{IdMaker, Options, Service, home};
use crate::{
    backend::{ActRequest, Failure, FailureKind, Target},
    demo::{self, Deed, Spec},
    domain::{
        act::Act,
        ids::{ImportId, OperatorId},
        import::ImportRow,
        operator::{Identity, Operator, Proof},
        plan::PlanBody,
        sentence::Sentence,
        signal::{LawfulBasis, SignalKind},
        talk::{Channel, NewTalk},
    },
    store::{self, Tx, import::Import},
};
use jiff::{SignedDuration, Timestamp};
use rand::{RngCore, SeedableRng};
use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};
use uuid::{Builder, Uuid};

/// How far building has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    People,
    Signals,
    Scores,
    Story,
}

/// Builds the sample company.
///
/// # Errors
/// The home holds something that is not a sample company, which `reset` never touches either.
pub fn build(dir: &Path, spec: &Spec, reset: bool, mut on: impl FnMut(Step)) -> Result<(), Failure> {
    let database = home::database(dir);
    if database.exists() {
        let old = Service::open(Options { create: false, ..Options::new(dir) })?;
        let made = old.db.read(|tx| store::operator::meta(tx, "made_data"))?.is_some();
        let empty = !old.db.read(store::import::any_person)?;
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
    let service = Service::open(Options { fixed: Some((fixed, seeded(spec.seed))), ..Options::new(dir) })?;
    clock.store((spec.as_of - SignedDuration::from_hours(24 * (demo::STORY_DAYS + 1))).as_microsecond(), Ordering::Relaxed);
    let crew = service.db.write(|tx| service.crew(tx))?;
    let first = demo::operators()
        .first()
        .and_then(|(name, _)| crew.get(name))
        .cloned()
        .ok_or_else(|| Failure::broken("the sample company has no operators"))?;
    service.act(
        &first,
        &ActRequest {
            act: Act::SignalEnable { kind: SignalKind::ResumeUpdate, basis: LawfulBasis::Consent },
            targets: Vec::new(),
            key: None,
            reason: Some("sample company: recorded consent".into()),
        },
    )?;
    // Signals that reach to today are known only today: the import itself happens then.
    clock.store(spec.as_of.as_microsecond(), Ordering::Relaxed);
    on(Step::People);
    service.take("employees", &mut demo::employees(spec).map(ImportRow::Employee))?;
    on(Step::Signals);
    service.take("signals", &mut demo::signals(spec).map(ImportRow::Signal))?;

    let story = demo::story(spec);
    let gap = SignedDuration::from_mins(7);
    for days in (0..=demo::STORY_DAYS).rev() {
        // The last act of the story comes before the present.
        let acts = story.iter().filter(|s| s.days_ago == days).count() as i32 + 1;
        let start = spec.as_of - SignedDuration::from_hours(24 * days) - gap * acts;
        clock.store(start.as_microsecond(), Ordering::Relaxed);
        on(Step::Scores);
        service.db.write(store::score::mark_all)?;
        service.score_waiting()?;
        on(Step::Story);
        for scene in story.iter().filter(|s| s.days_ago == days) {
            // Within the day each act has a time of its own.
            clock.fetch_add(gap.as_micros() as i64, Ordering::Relaxed);
            service.play(&crew, scene)?;
        }
    }
    clock.store(spec.as_of.as_microsecond(), Ordering::Relaxed);
    service.db.write(|tx| tx.exec("delete from jobs", &[]))?;
    if let Some(due) = service.run_clocks()? {
        service.db.write(|tx| service.queue(tx, "clocks", "all", due, ""))?;
    }
    Ok(())
}

fn seeded(seed: u64) -> IdMaker {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    Arc::new(Mutex::new(move |at: Timestamp| {
        let mut random = [0; 10];
        rng.fill_bytes(&mut random);
        Builder::from_unix_timestamp_millis(u64::try_from(at.as_millisecond()).unwrap_or(0), &random).into_uuid()
    }))
}

impl Service {
    /// Marks the home as made data and enters the operators of the story.
    fn crew(&self, tx: &mut Tx) -> Result<HashMap<&'static str, Identity>, Failure> {
        store::operator::set_meta(tx, "made_data", "yes")?;
        store::operator::set_meta(tx, "company", demo::COMPANY)?;
        let now = tx.now();
        let mut crew = HashMap::new();
        for (name, role) in demo::operators() {
            let o = Operator {
                id: OperatorId(self.new_id(now)),
                name: (*name).into(),
                role: *role,
                created_at: now,
                revoked_at: None,
                version: 1,
            };
            store::operator::put(tx, &o)?;
            crew.insert(*name, Identity { operator: o.id, name: o.name, role: o.role, proof: Proof::Machine });
        }
        Ok(crew)
    }

    /// Publishes made rows through the path that a file takes.
    fn take(&self, kind: &str, rows: &mut dyn Iterator<Item = ImportRow>) -> Result<(), Failure> {
        let mut import = Import {
            id: ImportId(Uuid::nil()),
            kind: kind.into(),
            map: None,
            source: "sample".into(),
            file: "sample company".into(),
            hash: String::new(),
            state: "publishing".into(),
            rows: 0,
            bad: 0,
            done: 0,
            added: 0,
            same: 0,
            refused: 0,
            over_exits: false,
        };
        import.id = ImportId(self.db.read(|tx| Ok::<_, store::StoreError>(self.new_id(tx.now())))?);
        self.stage_rows(&mut import, rows)?;
        self.publish(import.id, &|| true)
    }

    fn play(&self, crew: &HashMap<&'static str, Identity>, scene: &demo::Scene) -> Result<(), Failure> {
        let who = crew.get(scene.operator).ok_or_else(|| Failure::broken("the story names nobody"))?;
        let now = self.db.read(|tx| Ok::<_, store::StoreError>(tx.now()))?;
        let alert = self.db.read(|tx| -> Result<_, Failure> {
            let Some(p) = store::person::find(tx, &scene.number, 1)?.into_iter().next() else { return Ok(None) };
            Ok(store::alert::open_of_person(tx, p.id)?)
        })?;
        let Some(row) = alert else { return Ok(()) };
        let id = row.alert.id;
        let act = match scene.deed {
            Deed::Ack => Act::AlertAck,
            Deed::Note(text) => Act::AlertNote { text: text.into() },
            Deed::Talk { needs, next_step } => Act::AlertTalk {
                talk: NewTalk {
                    at: now,
                    who: who.name.clone(),
                    channel: Channel::InPerson,
                    needs: needs.into(),
                    next_step: next_step.into(),
                },
            },
            Deed::Snooze { hours } => Act::AlertSnooze { until: now + SignedDuration::from_hours(hours) },
            Deed::Dismiss { reason } => Act::AlertDismiss { reason, note: None },
            Deed::PlanSubmit { template, text, cost_fen } => {
                let body = PlanBody { template, text: text.into(), cost_fen };
                let made = self.act(
                    who,
                    &ActRequest {
                        act: Act::PlanCreate { alert: Some(id), body },
                        targets: vec![Target { id: row.alert.person.0, version: None }],
                        key: None,
                        reason: None,
                    },
                )?;
                let plan = made.outcomes.first().map_or(Uuid::nil(), |o| o.id);
                self.act(who, &ActRequest::one(Act::PlanSubmit, plan, None))?;
                return Ok(());
            }
        };
        let reason = scene.reason.map(Into::into);
        self.act(who, &ActRequest { reason, ..ActRequest::one(act, id, None) })?;
        Ok(())
    }
}
