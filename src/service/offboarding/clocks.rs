//! Clocks of cases: what the record of an employment says, handovers and duties past their day, customers who could have declined.

use super::super::{Service, config::OnOverdue, freeze};
use crate::{
    backend::Failure,
    domain::{
        act::{Change, Entity},
        alert::{Alert, AlertKind},
        duty,
        ids::{CaseId, PersonId},
        offboarding::{self, Case},
    },
    store::{self, Tx},
};
use jiff::civil::Date;
use uuid::Uuid;

/// Cases or duties in one transaction.
const BATCH: i64 = 200;

/// What a batch changed: kind, id, whose timeline says it, version.
type Touched = Vec<(Entity, Uuid, Option<PersonId>, i64)>;

impl Service {
    /// Runs the clocks of cases.
    pub(in crate::service) fn run_case_clocks(&self) -> Result<(), Failure> {
        // First what the days are, then which of them are over.
        self.follow_records()?;
        self.overdue_handovers()?;
        self.overdue_duties()?;
        self.undecided_customers()
    }

    /// Open cases follow the record of their employment.
    fn follow_records(&self) -> Result<(), Failure> {
        let mut after = CaseId(Uuid::nil());
        loop {
            let Some(last) = self.db.read(|tx| store::offboarding::moved(tx, after, BATCH))?.pop() else { return Ok(()) };
            self.db.write(|tx| -> Result<(), Failure> {
                tx.lock()?;
                let (today, mut cx) = (self.day(tx.now()), self.machine(tx.now()));
                let mut changed = Touched::new();
                for id in store::offboarding::moved(tx, after, BATCH)?.into_iter().filter(|id| *id <= last) {
                    let Some(facts) = store::offboarding::facts(tx, id, today)? else { continue };
                    for change in offboarding::follow_record(&facts, &mut cx).unwrap_or_default() {
                        match change {
                            Change::Case { case, .. } => {
                                store::offboarding::put_case(tx, &case, None)?;
                                store::audit::announce(tx, "offboarding", Some(case.id.0))?;
                                changed.push((Entity::Offboarding, case.id.0, Some(case.person), case.version));
                            }
                            Change::Duty(d) => {
                                store::offboarding::put_duty(tx, &d)?;
                                changed.push((Entity::Duty, d.id.0, None, d.version));
                            }
                            _ => {}
                        }
                    }
                }
                self.by_machine(tx, "offboarding.follow", changed)
            })?;
            after = last;
        }
    }

    /// Handovers that are past their day: an alert each, once.
    fn overdue_handovers(&self) -> Result<(), Failure> {
        let mut after: Option<(Date, CaseId)> = None;
        loop {
            let page = self.db.read(|tx| {
                let today = self.day(tx.now());
                store::offboarding::late(tx, today, after, BATCH)
            })?;
            let Some(last) = page.last().copied() else { return Ok(()) };
            after = Some(last);
            self.db.write(|tx| -> Result<(), Failure> {
                tx.lock()?;
                let (today, mut cx) = (self.day(tx.now()), self.machine(tx.now()));
                let (mut late, mut alerts) = (Touched::new(), Vec::new());
                for (_, id) in page {
                    let Some(facts) = store::offboarding::facts(tx, id, today)? else { continue };
                    let Some(case) = offboarding::on_clock(&facts, &cx) else { continue };
                    store::offboarding::put_case(tx, &case, None)?;
                    late.push((Entity::Offboarding, case.id.0, None, case.version));
                    store::audit::announce(tx, "offboarding", Some(case.id.0))?;
                    alerts.push(store::alert::raise(tx, AlertKind::HandoverOverdue, case.person, case.spell, &mut cx)?);
                    self.restrict_overdue(tx, &case)?;
                }
                self.by_machine(tx, "offboarding.overdue", late)?;
                self.raised(tx, &alerts)
            })?;
        }
    }

    /// Duties that are past their day: an alert each, once.
    fn overdue_duties(&self) -> Result<(), Failure> {
        loop {
            let none = self.db.read(|tx| {
                let today = self.day(tx.now());
                Ok::<_, store::StoreError>(store::offboarding::late_duties(tx, today, 1)?.is_empty())
            })?;
            if none {
                return Ok(());
            }
            self.db.write(|tx| -> Result<(), Failure> {
                tx.lock()?;
                let (today, mut cx) = (self.day(tx.now()), self.machine(tx.now()));
                let (mut late, mut alerts) = (Touched::new(), Vec::new());
                for (duty, spell) in store::offboarding::late_duties(tx, today, BATCH)? {
                    let Some(duty) = duty::on_clock(&duty, today, &cx) else { continue };
                    store::offboarding::put_duty(tx, &duty)?;
                    late.push((Entity::Duty, duty.id.0, None, duty.version));
                    store::audit::announce(tx, "offboarding", duty.case.map(|c| c.0))?;
                    alerts.push(store::alert::raise(tx, AlertKind::DutyOverdue, duty.person, spell, &mut cx)?);
                }
                self.by_machine(tx, "offboarding.overdue", late)?;
                self.raised(tx, &alerts)
            })?;
        }
    }

    /// Customers who could have declined until now: an alert says that somebody has to ask. Nothing is handed over by a clock.
    fn undecided_customers(&self) -> Result<(), Failure> {
        loop {
            if self.db.read(|tx| store::offboarding::undecided(tx, 1))?.is_empty() {
                return Ok(());
            }
            self.db.write(|tx| -> Result<(), Failure> {
                tx.lock()?;
                let mut cx = self.machine(tx.now());
                let mut alerts = Vec::new();
                for (case, person, spell) in store::offboarding::undecided(tx, BATCH)? {
                    alerts.push(store::alert::raise(tx, AlertKind::HandoverOverdue, person, spell, &mut cx)?);
                    store::audit::announce(tx, "offboarding", Some(case.0))?;
                }
                self.raised(tx, &alerts)
            })?;
        }
    }

    /// One entry for the alerts of a batch.
    fn raised(&self, tx: &mut Tx, alerts: &[Alert]) -> Result<(), Failure> {
        self.by_machine(tx, "alert.raise", alerts.iter().map(|a| (Entity::Alert, a.id.0, Some(a.person), a.version)).collect())
    }

    /// What follows a handover that is overdue, by policy [OF-4]. The alert that was raised asks for a restriction; with
    /// `on_overdue = "restrict"` a job requests one, for its plan reads targets. The one place from which a case asks for a freeze.
    fn restrict_overdue(&self, tx: &mut Tx, case: &Case) -> Result<(), Failure> {
        match self.config.offboarding.on_overdue {
            OnOverdue::Ask => Ok(()),
            OnOverdue::Restrict | OnOverdue::Automatic => Ok(self.queue(tx, freeze::OVERDUE, &case.person.to_string(), tx.now(), "")?),
        }
    }
}
