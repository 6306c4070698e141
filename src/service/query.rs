//! Queries: each is one read snapshot, and names the people whose fields it showed, for the access chain.

use super::{
    Service,
    cursor::{bad_cursor, limit, page, place, timed},
    customer::named,
    roles::View,
    session::of_one,
};
use crate::{
    backend::{
        Answer, Failure, FailureKind, Page, Query, Reply,
        answer::{AlertCard, AuditRow, Explanation, FreezeCard, Home, Link, Me, Owed, PersonCard, Today, Verified, WhatIf},
        query::Slice,
    },
    domain::{
        act::Entity,
        alert::AlertKind,
        audit::{Entry, Verifier},
        freeze::{Direction, plan::Wish, step},
        ids::{AlertId, ApprovalId, CustomerId, FreezeId, PersonId, PlanId, ScoreId},
        operator::{Identity, Operator},
        person::{Person, PersonRef},
        role::Field,
        row::{AlertRow, AlertView, Filter, PlanRow, Within},
        score::Score,
        sentence::Sentence,
        signal::Signal,
    },
    risk::{Day, Evaluation},
    store::{self, StoreError, Tx, audit::Chain},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::collections::BTreeMap;
use uuid::Uuid;

/// An answer and whose personal fields are in it.
pub struct Seen {
    pub reply: Reply,
    pub subjects: Vec<PersonId>,
    /// Customers that are in it.
    pub customers: Vec<CustomerId>,
    /// The answer shows personal fields, even if this time of nobody.
    pub personal: bool,
    /// Must be in the access chain before it is shown: a card, an explanation, a report.
    pub at_once: bool,
    /// Statements that it took, for tests that count them.
    pub statements: u64,
}

fn missing(what: &'static str) -> Failure {
    Failure::new(FailureKind::NotFound, Sentence::new("not-found").with("what", format!("@entity-{what}")))
}

/// Whom an answer about somebody is about. Lists are bound by their statements.
fn about(query: &Query, seen: &Seen) -> (Vec<PersonId>, Vec<CustomerId>) {
    match query {
        Query::Customer { id } => (Vec::new(), vec![*id]),
        _ if of_one(query) => (seen.subjects.first().copied().into_iter().collect(), Vec::new()),
        _ => (Vec::new(), Vec::new()),
    }
}

fn whose<'a>(rows: impl Iterator<Item = &'a PersonRef>) -> Vec<PersonId> {
    rows.map(|p| p.id).collect()
}

impl Service {
    /// Answers a query for an operator.
    pub fn query(&self, who: &Identity, query: &Query) -> Result<Seen, Failure> {
        // What reads targets must not hold a snapshot while a server thinks.
        if matches!(query, Query::FreezePlan { .. } | Query::ThawPlan { .. } | Query::TargetsCheck) {
            return self.read_outside(who, query);
        }
        self.db.read(|tx| {
            let at = tx.now();
            let view = self.may_ask(tx, who, query)?;
            let query = view.bound(tx, query)?;
            let mut seen = self.answer(tx, who, &view, &query)?;
            let asked = tx.statements;
            let (people, customers) = about(&query, &seen);
            self.may_see(tx, &view, &people, &customers)?;
            // What is about nobody has nothing to hide.
            if !matches!(*query, Query::Predict { .. } | Query::Models | Query::Effect { .. } | Query::Chain { .. }) {
                seen.reply.answer = self.masked(tx, &view, &people, seen.reply.answer)?;
            }
            if let Answer::People(rows) = &mut seen.reply.answer
                && view.hides(Field::Identity)
            {
                // The place in the list is a name; the id says the same.
                rows.next = rows.next.take().and_then(|at| at.rsplit_once('.').map(|(_, id)| id.to_owned()));
            }
            (seen.reply.at, seen.reply.behind) = (at, tx.behind());
            seen.statements = asked;
            Ok(seen)
        })
    }

    /// Answers what asks the targets themselves.
    fn read_outside(&self, who: &Identity, query: &Query) -> Result<Seen, Failure> {
        let view = self.db.read(|tx| -> Result<_, Failure> {
            let view = self.may_ask(tx, who, query)?;
            let person = match query {
                Query::FreezePlan { id, .. } => Some(*id),
                Query::ThawPlan { id } => store::freeze::get(tx, *id)?.map(|o| o.person),
                _ => None,
            };
            self.may_see(tx, &view, person.as_slice(), &[])?;
            Ok(view)
        })?;
        let mut seen = match query {
            Query::FreezePlan { id, level, mode, at, except } => {
                let wish = Wish { except: except.clone(), ..self.wish(Direction::Freeze, *level, *mode, *at) };
                self.freeze_plan(&who.name, *id, &wish)?
            }
            Query::ThawPlan { id } => self.thaw_plan(&who.name, *id)?,
            _ => {
                let (at, behind) = self.db.read(|tx| Ok::<_, StoreError>((tx.now(), tx.behind())))?;
                let reply = Reply { at, behind, answer: self.check_targets()? };
                Seen { reply, subjects: Vec::new(), customers: Vec::new(), personal: false, at_once: false, statements: 0 }
            }
        };
        let subjects = seen.subjects.clone();
        seen.reply.answer = self.db.read(|tx| self.masked(tx, &view, &subjects, seen.reply.answer))?;
        Ok(seen)
    }

    fn stale_before(&self, now: Timestamp) -> Timestamp {
        now - SignedDuration::from_hours(self.config.clocks.stale_hours)
    }

    #[expect(clippy::too_many_lines, reason = "one arm a query")]
    fn answer(&self, tx: &mut Tx, who: &Identity, view: &View, query: &Query) -> Result<Seen, Failure> {
        let seen = |answer, subjects, personal, at_once| {
            let reply = Reply { at: Timestamp::UNIX_EPOCH, behind: None, answer };
            Ok(Seen { reply, subjects, customers: Vec::new(), personal, at_once, statements: 0 })
        };
        let plain = |answer| seen(answer, Vec::new(), false, false);
        let shown = |answer, subjects| seen(answer, subjects, true, false);
        let logged = |answer, subjects| seen(answer, subjects, true, true);
        match query {
            Query::Today => {
                let today = self.today(tx, &view.operator)?;
                let subjects = whose(today.urgent.iter().map(|r| &r.employee));
                shown(Answer::Today(Box::new(today)), subjects)
            }
            Query::Alerts { view: of, filter, slice } => {
                let due = |tx: &mut Tx, id| Ok(store::alert::get(tx, AlertId(id))?.map(|a| store::alert::queue_at(&a)));
                let after = timed(tx, slice, due)?.map(|(due, id)| (due, AlertId(id)));
                let stale = self.stale_before(tx.now());
                let rows = store::alert::page(tx, *of, filter, who.operator, stale, &after, limit(slice))?;
                let rows = page(rows, slice, |r: &AlertRow| format!("{}.{}", store::alert::queue_at(&r.alert), r.alert.id));
                let subjects = whose(rows.rows.iter().map(|r| &r.employee));
                shown(Answer::Alerts(rows), subjects)
            }
            Query::Alert { id } => {
                let row = store::alert::row(tx, *id)?.ok_or_else(|| missing("alert"))?;
                let card = AlertCard {
                    talk_records: store::alert::talks(tx, *id)?,
                    notes: store::alert::notes(tx, id.0)?,
                    plans: store::plan::of_alert(tx, *id)?,
                    about: match row.alert.kind {
                        AlertKind::FreezeDrift => store::freeze::drifted(tx, row.alert.spell)?,
                        _ => Vec::new(),
                    },
                    row,
                };
                let subjects = vec![card.row.alert.person];
                logged(Answer::Alert(Box::new(card)), subjects)
            }
            Query::People { filter, slice } => {
                let name = |tx: &mut Tx, id| Ok(store::person::get(tx, PersonId(id))?.map(|p| p.sort_name));
                let after = place(tx, slice, name)?.map(|(name, id)| (name, PersonId(id)));
                let rows = store::person::page(tx, filter, &after, limit(slice))?;
                let rows = page(rows, slice, |r| format!("{}.{}", r.person.sort_name, r.person.id));
                let subjects = whose(rows.rows.iter().map(|r| &r.person));
                shown(Answer::People(rows), subjects)
            }
            Query::Find { text } => {
                let mut found = store::person::find(tx, text, 20)?;
                if view.hides(Field::Identity) {
                    // Whoever knows the number knows who it is; a name may not be tried.
                    found.retain(|p| p.number == text.trim() || p.id.to_string() == text.trim() || view.revealed.contains(&p.id));
                }
                self.reached(tx, view, &mut found)?;
                let subjects = whose(found.iter());
                shown(Answer::Found(found), subjects)
            }
            Query::Person { id } => {
                let (mut card, mut subjects) = self.person_card(tx, *id)?;
                self.reached(tx, view, &mut card.homonyms)?;
                subjects.extend(whose(card.homonyms.iter()));
                logged(Answer::Person(Box::new(card)), subjects)
            }
            Query::Timeline { id, kinds, slice } => {
                let rows = self.timeline(tx, *id, kinds, slice)?;
                shown(Answer::Timeline(rows), vec![*id])
            }
            Query::ScoreSeries { id, weeks } => {
                let points = self.score_series(tx, *id, *weeks)?;
                shown(Answer::ScoreSeries(points), vec![*id])
            }
            Query::Explain { id, as_of, model } => {
                let told = self.explain(tx, *id, *as_of, model.as_deref())?;
                logged(Answer::Explain(Box::new(told)), vec![*id])
            }
            Query::WhatIf { id, changes } => {
                let told = self.what_if(tx, *id, changes)?;
                logged(Answer::WhatIf(Box::new(told)), vec![*id])
            }
            Query::Predict { inputs, model } => plain(Answer::Predict(Box::new(self.predict(inputs, model.as_deref(), tx.now())?))),
            Query::Effect { from, to } => plain(Answer::Effect(Box::new(self.effect(tx, *from, *to)?))),
            Query::Models => plain(Answer::Models(self.models.rows(&self.config.scoring.model))),
            Query::Plans { filter, slice } => {
                let made = |tx: &mut Tx, id| Ok(store::plan::row(tx, PlanId(id))?.map(|r| r.plan.created_at.as_microsecond()));
                let after = timed(tx, slice, made)?.map(|(at, id)| (at, PlanId(id)));
                let rows = store::plan::page(tx, filter, &after, limit(slice))?;
                let rows = page(rows, slice, |r: &PlanRow| format!("{}.{}", r.plan.created_at.as_microsecond(), r.plan.id));
                let subjects = whose(rows.rows.iter().map(|r| &r.employee));
                shown(Answer::Plans(rows), subjects)
            }
            Query::Plan { id } => {
                let row = store::plan::row(tx, *id)?.ok_or_else(|| missing("plan"))?;
                let subjects = vec![row.plan.person];
                shown(Answer::Plan(Box::new(row)), subjects)
            }
            Query::Customers { view: of, owner, filter, slice } => {
                let rows = self.customers(tx, *of, *owner, filter, slice)?;
                let (subjects, customers) = (named(&rows.rows), rows.rows.iter().map(|r| r.customer.id).collect());
                Ok(Seen { customers, ..shown(Answer::Customers(rows), subjects)? })
            }
            Query::Customer { id } => {
                let card = self.customer_card(tx, *id)?;
                let subjects = whose(card.people.iter().chain(&card.row.owner));
                Ok(Seen { customers: vec![*id], ..logged(Answer::Customer(Box::new(card)), subjects)? })
            }
            Query::FindCustomer { number } => {
                let mut rows = Vec::new();
                for row in self.find_customer(tx, number)? {
                    if store::customer::reaches(tx, &view.within, row.customer.id)? {
                        rows.push(row);
                    }
                }
                let (subjects, customers) = (named(&rows), rows.iter().map(|r| r.customer.id).collect());
                Ok(Seen { customers, ..shown(Answer::FoundCustomers(rows), subjects)? })
            }
            Query::Offboardings { view: of, state, filter, slice } => {
                let board = self.board(tx, who, *of, *state, filter, slice)?;
                let subjects = whose(board.page.rows.iter().map(|r| &r.employee));
                shown(Answer::Offboardings(board), subjects)
            }
            Query::Offboarding { id } => {
                let card = store::offboarding::card(tx, *id, self.day(tx.now()))?.ok_or_else(|| missing("offboarding"))?;
                let subjects = vec![card.row.case.person];
                logged(Answer::Offboarding(Box::new(card)), subjects)
            }
            Query::Duties => {
                let rows = store::offboarding::open_duties(tx, &view.within, 500)?;
                let subjects = whose(rows.iter().map(|r| &r.employee));
                shown(Answer::Duties(rows), subjects)
            }
            Query::Approvals { slice } => {
                let asked = |tx: &mut Tx, id| Ok(store::approval::get(tx, ApprovalId(id))?.map(|a| a.asked_at.as_microsecond()));
                let after = timed(tx, slice, asked)?.map(|(at, id)| (at, ApprovalId(id)));
                let rows = store::approval::page(tx, &view.within, &after, limit(slice))?;
                let rows = page(rows, slice, |r| format!("{}.{}", r.approval.asked_at.as_microsecond(), r.approval.id));
                let subjects = whose(rows.rows.iter().filter_map(|r| r.employee.as_ref()));
                shown(Answer::Approvals(rows), subjects)
            }
            Query::Contests { all, slice } => {
                let rows = self.contests(tx, *all, &view.within, slice)?;
                let subjects = whose(rows.rows.iter().map(|r| &r.employee));
                shown(Answer::Contests(rows), subjects)
            }
            Query::Contest { id } => {
                let card = self.contest_card(tx, *id)?;
                let subjects = vec![card.row.contest.person];
                logged(Answer::Contest(Box::new(card)), subjects)
            }
            Query::AlertReport { id, report } => {
                let row = store::alert::row(tx, *id)?.ok_or_else(|| missing("alert"))?;
                let subjects = vec![row.alert.person];
                logged(Answer::Report(self.alert_report(tx, &row, *report)?), subjects)
            }
            Query::Kinds => plain(Answer::Kinds(store::signal::kinds(tx)?)),
            Query::Operators => plain(Answer::Operators(store::operator::all(tx)?)),
            Query::Tokens => plain(Answer::Tokens(store::token::all(tx)?)),
            Query::SshKeys => plain(Answer::SshKeys(store::ssh_key::all(tx)?)),
            Query::Quarantine { slice } => {
                let after = timed(tx, slice, store::import::quarantined_at)?;
                let rows = store::import::quarantined(tx, after, limit(slice))?.into_iter().map(|k| k.row).collect();
                shown(Answer::Quarantine(page(rows, slice, |r| format!("{}.{}", r.at.as_microsecond(), r.id))), Vec::new())
            }
            Query::Jobs { slice } => {
                let after = slice.after.as_deref().map(|c| c.parse().map_err(|_| bad_cursor())).transpose()?;
                let rows = store::job::page(tx, after, limit(slice))?;
                plain(Answer::Jobs(page(rows, slice, |r| r.id.to_string())))
            }
            Query::Audit { filter, slice } => {
                let rows = self.entries(tx, Chain::Acts, filter, slice)?;
                let subjects = whose(rows.rows.iter().flat_map(|r| &r.subjects));
                shown(Answer::Audit(rows), subjects)
            }
            Query::Access { slice } => {
                let rows = self.entries(tx, Chain::Access, &Filter::default(), slice)?;
                let subjects = whose(rows.rows.iter().flat_map(|r| &r.subjects));
                shown(Answer::Audit(rows), subjects)
            }
            Query::AuditVerify => plain(Answer::Verified(verify(tx)?)),
            // Whom it names by id only; who walks it has looked all the same.
            Query::Chain { chain, slice } => shown(Answer::Chain(links(tx, *chain, slice)?), Vec::new()),
            Query::Anchors => plain(Answer::Anchors(Box::new(self.anchors(tx)?))),
            Query::Evidence { id, kind, slice } => {
                // A file with whole days puts many signals at one instant: their keys order them.
                let after = timed(tx, slice, |_, _| Ok(None))?;
                let after = after.map(|(us, key)| Timestamp::from_microsecond(us).map(|at| (at, *key.as_bytes())));
                let rows = store::signal::of_kind(tx, *id, *kind, after.transpose().map_err(|_| bad_cursor())?, limit(slice))?;
                let key = |s: &Signal| Uuid::from_bytes(store::signal::event_key(&s.source, &s.event));
                shown(Answer::Evidence(page(rows, slice, |r| format!("{}.{}", r.observed_at.as_microsecond(), key(r)))), vec![*id])
            }
            Query::Freezes { view: of, filter, slice } => {
                let made = |tx: &mut Tx, id| Ok(store::freeze::get(tx, FreezeId(id))?.map(|o| o.created_at.as_microsecond()));
                let after = timed(tx, slice, made)?.map(|(at, id)| (at, FreezeId(id)));
                let rows = store::freeze::page(tx, *of, filter, &after, limit(slice))?;
                let rows = page(rows, slice, |r| format!("{}.{}", r.order.created_at.as_microsecond(), r.order.id));
                let subjects = whose(rows.rows.iter().map(|r| &r.employee));
                shown(Answer::Freezes(rows), subjects)
            }
            Query::Freeze { id } => {
                let card = self.freeze_card(tx, *id)?;
                let subjects = vec![card.row.order.person];
                logged(Answer::Freeze(Box::new(card)), subjects)
            }
            Query::FreezeDrill => plain(Answer::Drill(store::freeze::drill(tx)?.map(Box::new))),
            Query::Targets => plain(Answer::Targets(self.target_rows())),
            // Answered before a snapshot was taken.
            Query::FreezePlan { .. } | Query::ThawPlan { .. } | Query::TargetsCheck => Err(Failure::broken("not a query of the store")),
            Query::Import { id } => plain(Answer::Import(self.import_state(tx, *id)?)),
            Query::Roles => plain(self.role_rows(tx)?),
            Query::Home => plain(Answer::Home(Box::new(self.home(tx, view)?))),
        }
    }

    /// One order with its steps, its notes and the clock.
    fn freeze_card(&self, tx: &mut Tx, id: FreezeId) -> Result<FreezeCard, Failure> {
        let row = store::freeze::row(tx, id)?.ok_or_else(|| missing("freeze"))?;
        let steps = store::freeze::steps(tx, id)?;
        let residual_seconds = step::residual(&row.order, &steps, tx.now());
        let mut notes = store::alert::notes(tx, id.0)?;
        notes.reverse();
        Ok(FreezeCard { level: row.order.intent.level, residual_seconds, steps, notes, row })
    }

    fn home(&self, tx: &mut Tx, view: &View) -> Result<Home, Failure> {
        let (people, signals) = store::import::counts(tx)?;
        Ok(Home {
            company: store::operator::meta(tx, "company")?.unwrap_or_else(|| self.config.company.name.clone()),
            made_data: store::operator::meta(tx, "made_data")?.is_some(),
            zone: self.config.company.zone.clone(),
            people,
            signals,
            scored_at: store::score::latest(tx)?,
            environment: self.config.company.environment.clone(),
            policy: self.config.policy(),
            reasons: self.config.freeze.reasons.clone(),
            me: Me { revealed: store::reveal::of(tx, &view.operator)?, ..self.me(view) },
        })
    }

    /// Counts of what the role reaches; what it may not ask for counts nothing.
    fn today(&self, tx: &mut Tx, asker: &Operator) -> Result<Today, Failure> {
        let stale = self.stale_before(tx.now());
        let alerts = self.view_of(tx, asker, "alert.read")?;
        let within = alerts.as_ref().map_or(Within::Nobody, |v| v.within.clone());
        let (overdue_talks, due_today, unacked, stale_count, open, high) = store::alert::counts(tx, stale, &within)?;
        let reached = |tx: &mut Tx, permission| Ok::<_, Failure>(self.view_of(tx, asker, permission)?.map_or(Within::Nobody, |v| v.within));
        let filter = Filter { within, ..Filter::default() };
        let mut urgent = store::alert::page(tx, AlertView::Open, &filter, asker.id, stale, &None, 10)?;
        if let Some(view) = &alerts {
            urgent = self.masked(tx, view, &[], urgent)?;
        }
        let (plans, approvals) = (reached(tx, "plan.read")?, reached(tx, "approval.read")?);
        let (cases, freezes) = (reached(tx, "offboarding.read")?, reached(tx, "freeze.read")?);
        let has = |permission| self.roles.grant(asker.role, permission).is_some();
        let (jobs, imports) = (has("job.read"), has("import.read"));
        let drill = freezes == Within::Everybody && self.drill_due(tx)?.1;
        // Whoever has been talked with waits for nothing.
        urgent.retain(|r| r.alert.talked_at.is_none());
        let (anchors_late, anchors_since) = self.late_anchors(tx)?;
        let contests = reached(tx, "contest.read")?;
        let (contests_open, contests_overdue) = store::contest::counts(tx, &contests)?;
        Ok(Today {
            overdue_talks,
            due_today,
            unacked,
            stale: stale_count,
            open,
            high: alerts.filter(|v| !v.hides(Field::Score)).map(|_| high),
            approvals: store::approval::count_open(tx, &approvals)?,
            plans_open: store::plan::count_open(tx, &plans)?,
            quarantine: if imports { store::import::count_quarantine(tx)? } else { 0 },
            failed_jobs: if jobs { tx.count("select count(*) from jobs where state = 'failed'", &[])? } else { 0 },
            owed: Owed {
                drills_due: drill.into(),
                anchors_late,
                anchors_since,
                contests_open,
                contests_overdue,
                ..store::today::owed(tx, self.day(tx.now()), &cases, &freezes)?
            },
            urgent,
        })
    }

    /// Leaves out those whom a role does not reach.
    fn reached(&self, tx: &mut Tx, view: &View, found: &mut Vec<PersonRef>) -> Result<(), StoreError> {
        let mut kept = Vec::with_capacity(found.len());
        for p in std::mem::take(found) {
            if store::person::reaches(tx, &view.within, p.id)? {
                kept.push(p);
            }
        }
        *found = kept;
        Ok(())
    }

    fn person(&self, tx: &mut Tx, id: PersonId) -> Result<Person, Failure> {
        store::person::get(tx, id)?.filter(|p| !p.erased).ok_or_else(|| missing("person"))
    }

    /// The card, and whose it is: the person's, and the manager's whom it names.
    fn person_card(&self, tx: &mut Tx, id: PersonId) -> Result<(PersonCard, Vec<PersonId>), Failure> {
        let person = self.person(tx, id)?;
        let manager = match person.manager.as_deref() {
            Some(m) => store::person::name_of_number(tx, m)?,
            None => None,
        };
        let subjects = [Some(id), manager.as_ref().map(|(m, _)| *m)].into_iter().flatten().collect();
        let card = PersonCard {
            manager_name: manager.map(|(_, name)| name),
            score: self.current_score(tx, &person)?,
            contest: store::contest::mark(tx, person.spell)?,
            alert: store::alert::open_of_person(tx, id)?,
            homonyms: store::person::homonyms(tx, id, &person.name)?,
            earlier: store::person::earlier(tx, id, person.spell)?,
            person,
        };
        Ok((card, subjects))
    }

    /// The current stored score; `None` when it was made by a model that is no longer installed.
    pub(super) fn current_score(&self, tx: &mut Tx, person: &Person) -> Result<Option<Score>, Failure> {
        let Some(s) = store::score::current(tx, person.spell)? else { return Ok(None) };
        let Ok(model) = self.models.get(&s.model) else { return Ok(None) };
        if model.version() != s.model_version {
            return Ok(None);
        }
        // Signals that change no input move only the day on which the score runs out.
        let valid_until = s.valid_until;
        Ok(Evaluation::from_bytes(&s.body).map(|e| Score { valid_until, ..e.to_score(model, s.id, s.as_of, s.computed_at) }))
    }

    fn score_on(&self, tx: &mut Tx, person: &Person, on: Date, model: Option<&str>) -> Result<(Day, Score), Failure> {
        let model = self.models.get(model.unwrap_or(&self.config.scoring.model))?;
        let day = Day::new(on, &self.zone);
        let evidence = self.evidence_of(tx, person.spell, model, on, on)?;
        let made = model.evaluate(&evidence, &day);
        Ok((day, made.to_score(model, ScoreId(Uuid::nil()), on, tx.now())))
    }

    fn explain(&self, tx: &mut Tx, id: PersonId, as_of: Option<Date>, model: Option<&str>) -> Result<Explanation, Failure> {
        let person = self.person(tx, id)?;
        let on = as_of.unwrap_or_else(|| self.day(tx.now()));
        let (day, score) = self.score_on(tx, &person, on, model)?;
        let factors = self.factors(tx, person.spell, self.models.get(&score.model)?, &day, &score)?;
        Ok(Explanation {
            number: person.number,
            name: person.name,
            model: score.model,
            model_version: score.model_version,
            as_of: on,
            score: score.score,
            band: score.band,
            probability: score.probability,
            logit: score.logit,
            intercept: score.intercept,
            factors,
            missing: score.missing,
            unweighed: score.unweighed,
            inputs_hash: score.inputs_hash,
            valid_until: score.valid_until,
            contest: store::contest::mark(tx, person.spell)?,
        })
    }

    fn what_if(&self, tx: &mut Tx, id: PersonId, changes: &BTreeMap<String, Option<f64>>) -> Result<WhatIf, Failure> {
        let person = self.person(tx, id)?;
        let on = self.day(tx.now());
        let (_, now) = self.score_on(tx, &person, on, None)?;
        let model = self.models.get(&now.model)?;
        let mut inputs: BTreeMap<String, f64> = now.contributions.iter().map(|c| (c.feature.clone(), c.value)).collect();
        for (feature, value) in changes {
            match value {
                Some(v) => inputs.insert(feature.clone(), *v),
                None => inputs.remove(feature),
            };
        }
        let made = model.predict(&inputs).map_err(|why| Failure::new(FailureKind::Usage, why))?;
        let then = made.to_score(model, ScoreId(Uuid::nil()), on, tx.now());
        Ok(WhatIf { now, then, contest: store::contest::mark(tx, person.spell)? })
    }

    /// The score of stated inputs.
    pub fn predict(&self, inputs: &BTreeMap<String, f64>, model: Option<&str>, now: Timestamp) -> Result<Score, Failure> {
        let model = self.models.get(model.unwrap_or(&self.config.scoring.model))?;
        let made = model.predict(inputs).map_err(|why| Failure::new(FailureKind::Usage, why))?;
        Ok(made.to_score(model, ScoreId(Uuid::nil()), self.day(now), now))
    }

    fn entries(&self, tx: &mut Tx, chain: Chain, filter: &Filter, slice: &Slice) -> Result<Page<AuditRow>, Failure> {
        let before = slice.after.as_deref().map_or(Ok(i64::MAX), |c| c.parse().map_err(|_| bad_cursor()))?;
        let operator = filter.owner.as_deref().or(filter.text.as_deref());
        let found = store::audit::page(tx, chain, before, operator, filter.act.as_deref(), limit(slice))?;
        let mut rows = Vec::with_capacity(found.len());
        for (_, bytes, hash) in found {
            let entry: Entry = serde_json::from_slice(&bytes).map_err(|_| Failure::broken("an audit entry cannot be read"))?;
            let subjects = self.people(tx, &entry)?;
            let note = if chain == Chain::Acts { self.note_of(tx, &entry)? } else { None };
            let by = if entry.operator.is_some() { entry.operator_name.clone() } else { "@machine".into() };
            let customers = entry.items.iter().filter(|i| i.entity == Entity::Customer).count();
            let code = match chain {
                Chain::Acts => "audit-act",
                Chain::Access if customers > 0 => "audit-read-customers",
                Chain::Access => "audit-read",
            };
            let count = if code == "audit-read-customers" { customers as i64 } else { entry.count.unwrap_or(entry.items.len() as i64) };
            let topic = if chain == Chain::Acts { "act" } else { "query" };
            let what = Sentence::new(code)
                .with("by", by)
                .with("act", format!("@{topic}-{}", super::timeline::kebab(&entry.act)))
                .with("count", count);
            rows.push(AuditRow { hash: hex::encode(hash), what, subjects, note, entry });
        }
        Ok(page(rows, slice, |r| r.entry.seq.to_string()))
    }
}

/// A stretch of a chain, after a number.
fn links(tx: &mut Tx, chain: Chain, slice: &Slice) -> Result<Page<Link>, Failure> {
    let after = slice.after.as_deref().map_or(Ok(0), |c| c.parse().map_err(|_| bad_cursor()))?;
    let rows = store::audit::stretch(tx, chain, after, limit(slice))?;
    let link = |(seq, bytes, hash): store::audit::Stored| Link {
        seq,
        bytes: String::from_utf8_lossy(&bytes).into_owned(),
        hash: hex::encode(hash),
    };
    Ok(page(rows.into_iter().map(link).collect(), slice, |r: &Link| r.seq.to_string()))
}

/// Walks both chains from the beginning.
pub(super) fn verify(tx: &mut Tx) -> Result<Verified, Failure> {
    let mut out = Verified { ok: true, entries: 0, head: String::new(), access_entries: 0, access_head: String::new(), broken: None };
    for chain in [Chain::Acts, Chain::Access] {
        let mut verifier = Verifier::new(chain.name());
        let mut broken = None;
        store::audit::walk(tx, chain, |seq, bytes, hash, at, act, operator| {
            if broken.is_none() {
                match verifier.next(seq, bytes, hash) {
                    // The columns are copies for searching: a copy that lies is an edit too.
                    Ok(e) if e.at.as_microsecond() != at || e.act != act || e.operator_name != operator => {
                        broken = Some(crate::domain::audit::Broken { seq, fault: "columns".into() });
                    }
                    Ok(_) => {}
                    Err(b) => broken = Some(b),
                }
            }
            Ok::<(), StoreError>(())
        })?;
        let (seq, head) = store::audit::head(tx, chain)?;
        match broken.map_or_else(|| verifier.finish(seq, &head), Err) {
            Ok((n, head)) if chain == Chain::Acts => (out.entries, out.head) = (n, head),
            Ok((n, head)) => (out.access_entries, out.access_head) = (n, head),
            Err(b) if out.broken.is_none() => {
                out.ok = false;
                out.broken = Some((chain.name().into(), b));
            }
            Err(_) => {}
        }
    }
    Ok(out)
}
