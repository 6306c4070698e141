//! `tenure freeze`: plans, orders, what became of every step, and the targets.

use super::{
    Out, Stop,
    act::{ActArgs, act, send},
    list::{Part, Row, all, stream, wrong_answer},
    out::{Cell, Tone},
    pick, when,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{FreezeCard, FreezeRow},
        query::FreezeView,
    },
    domain::{
        act::Act,
        freeze::{Direction, Ground, Level, Mode, Step, StepState, TargetRow, lines, plan::Plan},
        ids::FreezeId,
        sentence::Sentence,
        target::{Health, Lockout, WriteRight},
    },
};
use clap::{Args, Subcommand};
use jiff::{Timestamp, civil::Time};

#[derive(Debug, Subcommand)]
pub enum Freeze {
    /// What a freeze would do: reads the targets, writes to none, makes no order
    Plan {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        #[command(flatten)]
        how: How,
    },
    /// Ask for a freeze; runs at once on one person's word, or waits for its approvals
    Request {
        /// Employee number, id or name
        #[arg(value_name = "PERSON")]
        person: String,
        #[command(flatten)]
        how: How,
        /// Refuse unless the plan still has this hash
        #[arg(long, value_name = "HASH")]
        hash: Option<String>,
        /// The last four of the number and the Latin initial, typed once more: 0417Z
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
        /// Number of the ticket that asks for it; an emergency needs one
        #[arg(long, value_name = "TICKET")]
        ticket: Option<String>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Say yes to exactly this plan; the requester never can
    Approve {
        #[arg(value_name = "ORDER")]
        order: String,
        /// Hash of the plan that was read
        #[arg(long, value_name = "HASH")]
        hash: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// The second person's word after an immediate freeze
    Confirm(To),
    /// Orders, newest first
    List {
        /// Beginning of a name, sort name or employee number
        #[arg(value_name = "TEXT")]
        text: Option<String>,
        /// Which orders
        #[arg(long, value_parser = one_of::<FreezeView>(), default_value = "all")]
        view: FreezeView,
        #[command(flatten)]
        part: Part,
    },
    /// One order with every step, gap and the residual-access clock
    Show {
        #[arg(value_name = "ORDER")]
        order: String,
    },
    /// Write down what whoever comes next should know
    Note {
        #[arg(value_name = "ORDER")]
        order: String,
        #[arg(value_name = "TEXT")]
        text: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Read everything back now
    Verify(To),
    /// A step or gap was taken care of by hand: the evidence, by somebody else than the requester
    Waive {
        #[arg(value_name = "ORDER")]
        order: String,
        /// Number of the step or gap
        #[arg(long, value_name = "N")]
        step: i64,
        /// What was done and how it was seen
        #[arg(long, value_name = "TEXT")]
        evidence: String,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Ask for an order that gives back what this one took
    Thaw {
        #[arg(value_name = "ORDER")]
        order: String,
        /// Only show the plan
        #[arg(long)]
        plan: bool,
        /// Refuse unless the plan still has this hash
        #[arg(long, value_name = "HASH")]
        hash: Option<String>,
        /// The last four of the number and the Latin initial, typed once more
        #[arg(long, value_name = "TEXT")]
        confirm: Option<String>,
        /// That somebody else was meant: an apology is owed within a working day
        #[arg(long, value_parser = one_of::<Ground>())]
        ground: Option<Ground>,
        #[command(flatten)]
        act: ActArgs,
    },
    /// Take an order back before it runs
    Cancel(To),
    /// Stop after the steps that are on their way
    Stop(To),
    /// Go on after a stop, a refusal or a drift
    Resume(To),
    /// See whether a freeze by break-glass would work, without touching an account; once a month
    Drill {
        /// Only show what the last one found
        #[arg(long)]
        last: bool,
        #[command(flatten)]
        act: ActArgs,
    },
    /// The declared targets
    Targets {
        /// Ask each one whether it answers and whether we may write
        #[arg(long)]
        check: bool,
    },
    /// Say by hand that an account is a person's
    Link(Linking),
    /// Take such a link back
    Unlink(Linking),
}

/// What kind of freeze.
#[derive(Debug, Args)]
pub struct How {
    /// How far it goes
    #[arg(long, value_parser = one_of::<Level>())]
    level: Level,
    /// When and on whose word; planned where a time is given, else immediate
    #[arg(long, value_parser = one_of::<Mode>())]
    mode: Option<Mode>,
    /// When it runs: RFC 3339, or a span from now (`4h`)
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// On the person's last day at this hour of the company's zone (18:00); at once where that has passed
    #[arg(long, value_name = "HH:MM", conflicts_with = "at")]
    last_day_at: Option<Time>,
    /// A protected account that is meant all the same (repeatable); it then needs approval
    #[arg(long, value_name = "TARGET:LOGIN")]
    except: Vec<String>,
}

/// An account of a target, and whose it is.
#[derive(Debug, Args)]
pub struct Linking {
    /// Employee number, id or name
    #[arg(value_name = "PERSON")]
    person: String,
    #[arg(long, value_name = "TARGET")]
    target: String,
    /// The target's own id of the account
    #[arg(long, value_name = "ACCOUNT")]
    account: String,
    #[command(flatten)]
    act: ActArgs,
}

/// Targets and flags of an act.
#[derive(Debug, Args)]
pub struct To {
    /// Ids of orders
    #[arg(value_name = "ORDER", required = true)]
    orders: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

impl Freeze {
    /// Whether due steps run beside it on an embedded home, which may have no worker.
    pub(super) fn runs(&self) -> bool {
        matches!(self, Self::Request { .. } | Self::Approve { .. } | Self::Resume(_) | Self::Verify(_) | Self::Waive { .. })
    }
}

pub(super) async fn run(command: Freeze, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Freeze::Plan { person, how } => {
            let who = pick::person(backend, out, &person).await?;
            let (mode, at, _) = moment(backend, out, who.id, &how).await?;
            let reply = backend.query(Query::FreezePlan { id: who.id, level: how.level, mode, at, except: how.except }).await?;
            print_plan(reply.answer, out)
        }
        Freeze::Request { person, how, hash, confirm, ticket, act: args } => {
            let who = pick::person(backend, out, &person).await?;
            let (mode, at, written) = moment(backend, out, who.id, &how).await?;
            let what = Act::FreezeRequest { level: how.level, mode, at, plan_hash: hash, confirm, ticket, except: how.except };
            order(backend, out, what, who.id.into(), ActArgs { written, ..args }).await
        }
        Freeze::Approve { order: id, hash, act: args } => act(backend, out, Act::FreezeApprove { hash }, vec![pick::id(&id)?], &args).await,
        Freeze::Confirm(to) => many(backend, out, to, Act::FreezeConfirm).await,
        Freeze::List { text, view, part } => {
            let filter = Filter { text, ..Filter::default() };
            let ask = |slice| Query::Freezes { view, filter: filter.clone(), slice };
            stream(backend, out, &part, ask, |a| if let Answer::Freezes(p) = a { Some(p) } else { None }).await
        }
        Freeze::Show { order } => show(FreezeId(pick::id(&order)?), backend, out).await,
        Freeze::Note { order: id, text, act: args } => act(backend, out, Act::FreezeNote { text }, vec![pick::id(&id)?], &args).await,
        Freeze::Verify(to) => many(backend, out, to, Act::FreezeVerify).await,
        Freeze::Waive { order: id, step, evidence, act: args } => {
            act(backend, out, Act::FreezeWaive { step, evidence }, vec![pick::id(&id)?], &args).await
        }
        Freeze::Thaw { order: id, plan: true, .. } => {
            let reply = backend.query(Query::ThawPlan { id: FreezeId(pick::id(&id)?) }).await?;
            print_plan(reply.answer, out)
        }
        Freeze::Thaw { order: id, hash, confirm, ground, act: args, .. } => {
            order(backend, out, Act::FreezeThaw { plan_hash: hash, confirm, ground }, pick::id(&id)?, args).await
        }
        Freeze::Cancel(to) => many(backend, out, to, Act::FreezeCancel).await,
        Freeze::Stop(to) => many(backend, out, to, Act::FreezeStop).await,
        Freeze::Resume(to) => many(backend, out, to, Act::FreezeResume).await,
        Freeze::Drill { last, act: args } => drill(last, &args, backend, out).await,
        Freeze::Targets { check } => targets(check, backend, out).await,
        Freeze::Link(l) => {
            let who = pick::person(backend, out, &l.person).await?;
            act(backend, out, Act::FreezeLink { target: l.target, account: l.account }, vec![who.id.into()], &l.act).await
        }
        Freeze::Unlink(l) => {
            let who = pick::person(backend, out, &l.person).await?;
            act(backend, out, Act::FreezeUnlink { target: l.target, account: l.account }, vec![who.id.into()], &l.act).await
        }
    }
}

async fn many(backend: &dyn Backend, out: &mut Out, to: To, what: Act) -> Result<u8, Stop> {
    let ids = to.orders.iter().map(|p| pick::id(p)).collect::<Result<_, _>>()?;
    act(backend, out, what, ids, &to.act).await
}

/// An act that makes an order: under `--json` the order itself is the document.
async fn order(backend: &dyn Backend, out: &mut Out, what: Act, on: uuid::Uuid, args: ActArgs) -> Result<u8, Stop> {
    let reply = send(backend, what.clone(), vec![on], &args).await?;
    match reply.outcomes.first().map(|o| FreezeId(o.id)) {
        Some(id) if out.json => show(id, backend, out).await,
        _ => super::act::print(out, &what, &reply),
    }
}

/// Mode and instant of a freeze, and the instant as it was written.
async fn moment(
    backend: &dyn Backend,
    out: &mut Out,
    who: crate::domain::ids::PersonId,
    how: &How,
) -> Result<(Mode, Option<Timestamp>, Option<String>), Stop> {
    let (at, written) = match (&how.at, how.last_day_at) {
        (Some(text), _) => {
            let (at, written) = when::instant(backend, out, text).await?;
            (Some(at), written)
        }
        (None, Some(hour)) => {
            let reply = backend.query(Query::Person { id: who }).await?;
            let Answer::Person(card) = reply.answer else { return Err(wrong_answer()) };
            let day = card.person.last_day.ok_or_else(|| Failure::new(FailureKind::Usage, Sentence::new("cli-no-last-day")))?;
            let at = day
                .to_datetime(hour)
                .to_zoned(out.zone.clone())
                .map_err(|_| super::alert::bad_value("--last-day-at", &hour.to_string()))?;
            // A last day that has passed, or was dated back: at once, on one person's word, to be confirmed.
            (Some(at.timestamp()).filter(|at| *at > reply.at), None)
        }
        (None, None) => (None, None),
    };
    let mode = how.mode.unwrap_or(if at.is_some() { Mode::Planned } else { Mode::Immediate });
    Ok((mode, at, written))
}

fn print_plan(answer: Answer, out: &mut Out) -> Result<u8, Stop> {
    let Answer::FreezePlan(plan) = answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&*plan)?;
    } else {
        plan_text(&plan, out)?;
    }
    out.flush()?;
    Ok(0)
}

fn plan_text(plan: &Plan, out: &mut Out) -> Result<(), Stop> {
    for line in lines::plan_lines(plan) {
        out.tell(&line)?;
    }
    Ok(())
}

async fn show(id: FreezeId, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let reply = backend.query(Query::Freeze { id }).await?;
    out.seen(&reply);
    let Answer::Freeze(card) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&*card)?;
    } else {
        text(&card, out)?;
    }
    out.flush()?;
    Ok(0)
}

fn text(card: &FreezeCard, out: &mut Out) -> Result<(), Stop> {
    let o = &card.row.order;
    let thaw = o.intent.direction == Direction::Thaw;
    let residual = card.residual_seconds.map_or_else(|| out.word("unknown"), |s| lines::bound(Some(s)));
    let fields = [
        ("cli-head-id", o.id.to_string()),
        ("cli-head-version", o.version.to_string()),
        ("cli-head-name", format!("{} {}", card.row.employee.number, card.row.employee.name)),
        (
            "cli-head-level",
            format!(
                "{}, {}, {}",
                out.name("direction", o.intent.direction),
                out.name("level", o.intent.level),
                out.name("mode", o.intent.mode)
            ),
        ),
        ("cli-head-state", out.word(&lines::state(o))),
        ("cli-head-residual", if thaw { String::new() } else { residual }),
        ("cli-head-hash", o.plan_hash.clone()),
    ];
    out.fields(&fields)?;
    for line in lines::order_lines(o) {
        out.tell(&line)?;
    }
    out.tell(&lines::progress(&card.steps))?;
    all(out, &card.steps)?;
    for gap in &o.gaps {
        out.tell(&lines::gap_line(gap))?;
    }
    for note in &card.notes {
        out.tell(&lines::note_line(note))?;
    }
    Ok(())
}

impl Row for Step {
    const HEADS: &'static [&'static str] = &[
        "cli-head-step",
        "cli-head-target",
        "cli-head-account",
        "cli-head-what",
        "cli-head-state",
        "cli-head-attempts",
        "cli-head-at",
        "cli-head-error",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let tone = match self.state {
            StepState::Unknown | StepState::Rejected => Tone::Alarm,
            StepState::Confirmed | StepState::Waived => Tone::Plain,
            _ => Tone::Warn,
        };
        let why = self.error.as_ref().map(|e| out.text(e)).or_else(|| self.evidence.clone());
        vec![
            Cell::figure(self.n),
            Cell::new(&self.target),
            Cell::new(&self.login),
            Cell::new(out.name("step", self.kind)),
            Cell::new(out.name("step-state", self.state)).tone(tone),
            Cell::figure(self.attempts),
            Cell::new(self.confirmed_at.map_or_else(|| "-".into(), |t| out.when(t))),
            Cell::new(why.unwrap_or_default()),
        ]
    }
}

impl Row for FreezeRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-id",
        "cli-head-number",
        "cli-head-name",
        "cli-head-level",
        "cli-head-state",
        "cli-head-steps",
        "cli-head-at",
        "cli-head-by",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let o = &self.order;
        vec![
            Cell::new(o.id),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::new(format!("{} {}", out.name("direction", o.intent.direction), out.name("level", o.intent.level))),
            Cell::new(out.word(&lines::state(o))),
            Cell::figure(format!("{}/{}", self.steps_settled, self.steps_total)),
            Cell::new(out.when(o.run_at())),
            Cell::new(&o.requester_name),
        ]
    }
}

/// Holds a drill, or shows the last one; exit 1 when something is wrong or none was held.
async fn drill(last: bool, args: &ActArgs, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    if !last {
        send(backend, Act::FreezeDrill, Vec::new(), args).await?;
    }
    let reply = backend.query(Query::FreezeDrill).await?;
    let Answer::Drill(held) = reply.answer else { return Err(wrong_answer()) };
    let Some(d) = held else {
        return Err(Failure::new(FailureKind::NotFound, Sentence::new("doctor-drill-never")).into());
    };
    let lines: Vec<_> = d.lines.iter().map(|l| (l.ok, l.what.clone())).collect();
    if !out.json {
        out.tell(&Sentence::new("drill-head").with("at", d.at).with("by", &d.by).with("due", d.due_at()))?;
    }
    super::doctor::print_with(out, &lines, serde_json::json!({"at": d.at, "by": d.by, "due_at": d.due_at()}))
}

async fn targets(check: bool, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    if !check {
        let reply = backend.query(Query::Targets).await?;
        let Answer::Targets(rows) = reply.answer else { return Err(wrong_answer()) };
        return all(out, &rows);
    }
    let reply = backend.query(Query::TargetsCheck).await?;
    let Answer::Health(rows) = reply.answer else { return Err(wrong_answer()) };
    let bad = rows.iter().any(|h| !h.ok || h.write == WriteRight::Refused || h.lockout == Lockout::Failed);
    all(out, &rows)?;
    if !out.json {
        for clock in rows.iter().filter_map(clock) {
            out.tell(&clock)?;
        }
    }
    Ok(u8::from(bad))
}

/// Seconds by which clocks may differ before it is said: a round trip and somebody's rounding are less.
const SKEW: i64 = 30;

/// That a target's clock is another one than ours, and what follows.
fn clock(of: &Health) -> Option<Sentence> {
    let skew = of.skew.filter(|s| s.abs() > SKEW)?;
    let code = if skew > 0 { "target-clock-ahead" } else { "target-clock-behind" };
    Some(Sentence::new(code).with("target", &of.target).with("seconds", skew.abs()))
}

impl Row for TargetRow {
    const HEADS: &'static [&'static str] = &["cli-head-target", "cli-head-kind", "cli-head-place", "cli-head-residual", "cli-head-steps"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let steps: Vec<String> = self.steps.iter().map(|s| out.name("step", s)).collect();
        vec![
            Cell::new(&self.name),
            Cell::new(out.name("target-kind", self.kind)),
            Cell::new(&self.place),
            Cell::figure(self.session_max.map_or_else(|| out.word("unknown"), |s| lines::bound(Some(s)))),
            Cell::new(steps.join(", ")),
        ]
    }
}

impl Row for Health {
    const HEADS: &'static [&'static str] =
        &["cli-head-target", "cli-head-kind", "cli-head-state", "cli-head-write", "cli-head-lockout", "cli-head-took", "cli-head-error"];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        vec![
            Cell::new(&self.target),
            Cell::new(out.name("target-kind", self.kind)),
            Cell::new(out.word(if self.ok { "target-ok" } else { "target-down" })).tone(if self.ok { Tone::Plain } else { Tone::Alarm }),
            Cell::new(out.name("write-right", self.write)),
            Cell::new(out.name("lockout", self.lockout)).tone(if self.lockout == Lockout::Failed { Tone::Alarm } else { Tone::Plain }),
            Cell::figure(format!("{} ms", self.took_ms)),
            Cell::new(self.why.as_ref().map(|w| out.text(w)).unwrap_or_default()),
        ]
    }
}
