//! The two reports of an alert: the HR early-warning report [AC-2] and the manager's smaller summary [AC-3].
//!
//! Both are sections of sentences; needs, strategies and templates are the playbooks of config/playbooks, by feature.

use super::{Service, timeline::kebab};
use crate::{
    backend::{
        Failure,
        answer::{Report, Section},
        query::AlertReport,
    },
    domain::{plan::PlanTemplate, row::AlertRow, score::Band, sentence::Sentence},
    risk::feature_code,
    store::Tx,
};
use strum::IntoEnumIterator;

impl Service {
    /// Builds a report from the alert's person as of today.
    pub(super) fn alert_report(&self, tx: &mut Tx, row: &AlertRow, report: AlertReport) -> Result<Report, Failure> {
        match report {
            AlertReport::HrWarning => self.hr_warning(tx, row),
            AlertReport::ManagerSummary => Ok(manager_summary(tx, row)),
        }
    }

    fn hr_warning(&self, tx: &mut Tx, row: &AlertRow) -> Result<Report, Failure> {
        let day = crate::risk::Day::new(self.day(tx.now()), &self.zone);
        let model = self.models.get(&self.config.scoring.model)?;
        let made = model.evaluate(&self.evidence_of(tx, row.alert.spell, model, day.as_of(), day.as_of())?, &day);
        let score = made.to_score(model, crate::domain::ids::ScoreId(uuid::Uuid::nil()), day.as_of(), tx.now());
        let factors = self.factors(tx, row.alert.spell, model, &day, &score)?;
        let name = |feature: &str| format!("@{}", feature_code(feature));
        let person = Sentence::new("report-person")
            .with("name", &row.employee.name)
            .with("number", &row.employee.number)
            .with("post", &row.employee.post)
            .with("org", row.employee.org.trim_start_matches('/'))
            .with("score", format!("{:.1}", score.score))
            .with("band", format!("@band-{}", kebab(score.band)))
            .with("model", format!("{} {}", score.model, score.model_version))
            .with("asof", score.as_of);
        let pushing: Vec<_> = factors.iter().filter(|f| f.contribution > 0.0).collect();
        let lines = |code: &'static str, f: &dyn Fn(&str) -> Sentence| -> Section {
            Section { title: Sentence::new(code), lines: pushing.iter().map(|f_| f(&f_.feature)).collect() }
        };
        let mut sections = vec![
            Section { title: Sentence::new("report-hr-subject"), lines: vec![person, due(row)] },
            Section {
                title: Sentence::new("report-hr-factors"),
                lines: pushing
                    .iter()
                    .map(|f| {
                        Sentence::new("report-hr-factor")
                            .with("feature", name(&f.feature))
                            .with("value", format!("{:.3}", f.value).trim_end_matches('0').trim_end_matches('.'))
                            .with("contribution", format!("{:+.2}", f.contribution))
                    })
                    .collect(),
            },
            lines("report-hr-needs", &|f| playbook("need", f)),
            lines("report-hr-strategy", &|f| playbook("strategy", f)),
        ];
        if let Some(strategy) = sections.last_mut() {
            strategy.lines.insert(0, Sentence::new("opening-generic"));
        }
        if !score.missing.is_empty() {
            sections.push(Section {
                title: Sentence::new("report-hr-missing"),
                lines: score.missing.iter().map(|f| Sentence::new("report-hr-missing-line").with("feature", name(f))).collect(),
            });
        }
        if !score.unweighed.is_empty() {
            sections.push(Section {
                title: Sentence::new("report-hr-unweighed"),
                lines: score
                    .unweighed
                    .iter()
                    .map(|u| {
                        Sentence::new("report-hr-unweighed-line")
                            .with("kind", format!("@signal-kind-{}", kebab(u.kind)))
                            .with("count", u.count)
                    })
                    .collect(),
            });
        }
        if row.contested {
            sections.insert(1, Section { title: Sentence::new("report-contested-title"), lines: vec![Sentence::new("report-contested")] });
        }
        sections.push(Section { title: Sentence::new("report-hr-footer-title"), lines: vec![Sentence::new("report-hr-footer")] });
        Ok(Report {
            title: Sentence::new("report-hr-title").with("name", &row.employee.name).with("number", &row.employee.number),
            made_at: tx.now(),
            sections,
        })
    }
}

fn playbook(topic: &str, feature: &str) -> Sentence {
    Sentence { code: format!("{topic}-{}", kebab(feature)).into(), args: std::collections::BTreeMap::new() }
}

fn due(row: &AlertRow) -> Sentence {
    Sentence::new("report-talk-due").with("due", row.alert.talk_due_at)
}

/// What the line manager gets: no résumé signal, no raw data, no figures but the band.
fn manager_summary(tx: &mut Tx, row: &AlertRow) -> Report {
    let band = row.band.unwrap_or(Band::MediumHigh);
    let person = Sentence::new("report-manager-person")
        .with("name", &row.employee.name)
        .with("number", &row.employee.number)
        .with("post", &row.employee.post)
        .with("band", format!("@band-{}", kebab(band)))
        .with("impact", format!("@impact-{}", kebab(row.employee.impact)));
    let templates = PlanTemplate::iter()
        .map(|t| Sentence { code: format!("template-{}-title", kebab(t)).into(), args: std::collections::BTreeMap::new() })
        .collect();
    Report {
        title: Sentence::new("report-manager-title").with("name", &row.employee.name).with("number", &row.employee.number),
        made_at: tx.now(),
        sections: vec![
            Section {
                title: Sentence::new("report-manager-situation"),
                lines: std::iter::once(person).chain(row.contested.then(|| Sentence::new("report-contested"))).collect(),
            },
            Section {
                title: Sentence::new("report-manager-talk-title"),
                lines: vec![Sentence::new("report-manager-talk").with("due", row.alert.talk_due_at), Sentence::new("opening-generic")],
            },
            Section { title: Sentence::new("report-manager-templates"), lines: templates },
            Section { title: Sentence::new("report-manager-privacy-title"), lines: vec![Sentence::new("report-manager-privacy")] },
        ],
    }
}
