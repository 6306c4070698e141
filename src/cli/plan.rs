//! `tenure plan`: retention plans, proposed by one person and approved by another.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    alert::bad_value,
    list::{Part, Row, stream, wrong_answer},
    out::Cell,
    pick,
    words::one_of,
};
use crate::{
    backend::{Answer, Backend, Filter, Query, answer::PlanRow},
    domain::{
        act::Act,
        ids::{AlertId, PlanId},
        plan::{PlanBody, PlanOutcome, PlanTemplate},
    },
    text,
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Plan {
    /// All plans
    List {
        /// Beginning of a name, sort name or employee number
        #[arg(value_name = "TEXT")]
        text: Option<String>,
        #[command(flatten)]
        part: Part,
    },
    /// One plan
    Show {
        /// Id of the plan
        #[arg(value_name = "PLAN")]
        plan: String,
    },
    /// Draft a plan for a person
    Create {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        /// What it offers
        #[arg(long, value_parser = one_of::<PlanTemplate>())]
        template: PlanTemplate,
        /// The plan in words
        #[arg(long, value_name = "TEXT")]
        text: String,
        /// Cost in yuan: 12000 or 12000.50
        #[arg(long, value_name = "YUAN")]
        cost: Option<String>,
        /// The alert that it answers
        #[arg(long, value_name = "ALERT")]
        alert: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Ask another operator to approve it
    Submit(To),
    /// Give it up
    Cancel(To),
    /// One step on: approved, in talk, committed, delivered
    Advance(To),
    /// What became of the person after 90 or 180 days
    Outcome {
        #[command(flatten)]
        to: To,
        #[arg(long, value_name = "90|180")]
        days: i64,
        #[arg(long, value_parser = one_of::<PlanOutcome>())]
        outcome: PlanOutcome,
    },
}

/// Targets and flags of an act.
#[derive(Debug, Args)]
pub struct To {
    /// Ids of plans
    #[arg(value_name = "PLAN", required = true)]
    plans: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

pub(super) async fn run(command: Plan, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Plan::List { text, part } => {
            let filter = Filter { text, ..Filter::default() };
            let ask = |slice| Query::Plans { filter: filter.clone(), slice };
            stream(backend, out, &part, ask, |a| if let Answer::Plans(p) = a { Some(p) } else { None }).await
        }
        Plan::Show { plan } => show(&plan, backend, out).await,
        Plan::Create { person, template, text, cost, alert, act: args } => {
            let who = pick::person(backend, out, &person).await?;
            let alert = match alert {
                Some(a) => Some(AlertId(pick::alert(backend, out, &a).await?)),
                None => None,
            };
            let cost_fen = cost.as_deref().map(|c| fen(c).ok_or_else(|| bad_value("--cost", c))).transpose()?;
            let body = PlanBody { template, text, cost_fen };
            act(backend, out, Act::PlanCreate { alert, body }, vec![who.id.into()], &args).await
        }
        Plan::Submit(to) => send(backend, out, to, Act::PlanSubmit).await,
        Plan::Cancel(to) => send(backend, out, to, Act::PlanCancel).await,
        Plan::Advance(to) => send(backend, out, to, Act::PlanAdvance).await,
        Plan::Outcome { to, days, outcome } => send(backend, out, to, Act::PlanOutcome { days, outcome }).await,
    }
}

async fn send(backend: &dyn Backend, out: &mut Out, to: To, what: Act) -> Result<u8, Stop> {
    let ids = to.plans.iter().map(|p| pick::id(p)).collect::<Result<_, _>>()?;
    act(backend, out, what, ids, &to.act).await
}

/// Yuan with at most two decimals as integer fen; never through a float.
pub(super) fn fen(text: &str) -> Option<i64> {
    let (yuan, cents) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(yuan) || !digits(cents) || cents.len() > 2 {
        return None;
    }
    let cents: i64 = format!("{cents:0<2}").parse().ok()?;
    yuan.parse::<i64>().ok()?.checked_mul(100)?.checked_add(cents)
}

impl Row for PlanRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-id",
        "cli-head-number",
        "cli-head-name",
        "cli-head-template",
        "cli-head-state",
        "cli-head-proposer",
        "cli-head-approver",
        "cli-head-cost",
        "cli-head-text",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let p = &self.plan;
        vec![
            Cell::new(p.id),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::new(out.name("plan-template", p.body.template)),
            Cell::new(out.name("plan-state", p.state)),
            Cell::new(&p.proposer_name),
            Cell::new(p.approver_name.as_deref().unwrap_or("-")),
            Cell::figure(p.body.cost_fen.map_or_else(|| "-".into(), text::money)),
            Cell::new(&p.body.text),
        ]
    }
}

async fn show(plan: &str, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = PlanId(pick::id(plan)?);
    let reply = backend.query(Query::Plan { id }).await?;
    let Answer::Plan(row) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&row)?;
    } else {
        let p = &row.plan;
        let outcome = |o: Option<PlanOutcome>| o.map_or_else(String::new, |o| out.name("plan-outcome", o));
        let fields = [
            ("cli-head-id", p.id.to_string()),
            ("cli-head-version", p.version.to_string()),
            ("cli-head-name", format!("{} {}", row.employee.number, row.employee.name)),
            ("cli-head-template", out.name("plan-template", p.body.template)),
            ("cli-head-state", out.name("plan-state", p.state)),
            ("cli-head-text", p.body.text.clone()),
            ("cli-head-cost", p.body.cost_fen.map_or_else(String::new, text::money)),
            ("cli-head-proposer", p.proposer_name.clone()),
            ("cli-head-approver", p.approver_name.clone().unwrap_or_default()),
            ("cli-head-approval", row.approval.map_or_else(String::new, |a| a.to_string())),
            ("cli-head-delivered", p.delivered_at.map_or_else(String::new, |t| out.when(t))),
            ("cli-head-outcome-90", outcome(p.outcome_90)),
            ("cli-head-outcome-180", outcome(p.outcome_180)),
        ];
        out.fields(&fields)?;
    }
    out.flush()?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::fen;

    #[test]
    fn yuan_become_fen_exactly() {
        for (text, want) in [("12000", 1_200_000), ("0.29", 29), ("12000.5", 1_200_050), ("0", 0)] {
            assert_eq!(fen(text), Some(want), "{text}");
        }
        for text in ["", ".5", "5.", "-1", "1.005", "1e3", "1,000", "99999999999999999999"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }
}
