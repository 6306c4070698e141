//! `tenure alert`: the queue and everything that is done to an alert.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    list::{Part, Row, stream, wrong_answer},
    out::{Cell, Tone, safe},
    pick, when,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{AlertCard, AlertRow, Report},
        query::{AlertReport, AlertView},
    },
    domain::{
        act::Act,
        alert::{AlertOutcome, AlertState, DismissReason, next_due},
        ids::AlertId,
        person::{CriticalPost, Impact},
        score::Band,
        sentence::Sentence,
        talk::{Channel, NewTalk},
    },
};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum Alert {
    /// The queue: what asks for work, most urgent first
    List(List),
    /// One alert with its talks, notes and plans
    Show {
        /// An alert id, or a person (number, id or name) whose open alert is meant
        #[arg(value_name = "ALERT")]
        alert: String,
    },
    /// Take it: it is yours from now on; the talk clock goes on
    Ack {
        #[command(flatten)]
        to: To,
    },
    /// Give it to another operator
    Assign {
        #[command(flatten)]
        to: To,
        /// Name of the new owner
        #[arg(long = "to", alias = "owner", value_name = "OPERATOR")]
        owner: String,
    },
    /// Put it away until later; past the talk clock a second person decides
    Snooze {
        #[command(flatten)]
        to: To,
        /// RFC 3339 or a span: 4h, 2d
        #[arg(long, value_name = "TIME")]
        until: String,
    },
    /// One level up: HR manager, HR director, group
    Escalate {
        #[command(flatten)]
        to: To,
    },
    /// Write something down
    Note {
        #[command(flatten)]
        to: To,
        /// The note
        #[arg(long, value_name = "TEXT")]
        text: String,
    },
    /// Record a talk that was held
    Talk(Talk),
    /// Close it without a talk, for a reason
    Dismiss {
        #[command(flatten)]
        to: To,
        /// Why
        #[arg(long, value_name = "CODE", value_parser = one_of::<DismissReason>())]
        code: DismissReason,
        /// More about it
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Close it after the talk
    Resolve {
        #[command(flatten)]
        to: To,
        /// How it ended
        #[arg(long, value_name = "OUTCOME", value_parser = one_of::<AlertOutcome>())]
        outcome: AlertOutcome,
        /// How the person refused to talk, where no talk was held
        #[arg(long, value_name = "TEXT")]
        refusal: Option<String>,
    },
    /// Open a closed alert again
    Reopen {
        #[command(flatten)]
        to: To,
    },
    /// The early-warning report for HR, or the smaller summary for the manager
    Report {
        /// An alert id, or a person (number, id or name) whose open alert is meant
        #[arg(value_name = "ALERT")]
        alert: String,
        /// Which report
        #[arg(long, value_name = "REPORT", default_value = "hr_warning", value_parser = one_of::<AlertReport>())]
        report: AlertReport,
    },
}

/// Targets and flags of an act.
#[derive(Debug, Args)]
pub struct To {
    /// Alert ids, or persons (number, id or name) whose open alert is meant; several are one request with a result each
    #[arg(value_name = "ALERT", required = true)]
    alerts: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// What was said.
#[derive(Debug, Args)]
pub struct Talk {
    #[command(flatten)]
    to: To,
    /// What the person needs
    #[arg(long, value_name = "TEXT", default_value = "", required_unless_present = "next")]
    needs: String,
    /// What happens next
    #[arg(long, value_name = "TEXT", default_value = "")]
    next: String,
    /// When it was held: RFC 3339 or "2h ago"
    #[arg(long, value_name = "TIME", default_value = "now")]
    at: String,
    /// Who held it; you by default
    #[arg(long, value_name = "NAME")]
    who: Option<String>,
    /// How
    #[arg(long, default_value = "in_person", value_parser = one_of::<Channel>())]
    channel: Channel,
}

/// Which alerts are listed.
#[derive(Debug, Args)]
pub struct List {
    /// Saved view [default: open, or all with --state]
    #[arg(long, value_parser = one_of::<AlertView>())]
    view: Option<AlertView>,
    /// Beginning of a name, sort name or employee number
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    #[arg(long, value_parser = one_of::<Band>())]
    band: Option<Band>,
    #[arg(long, value_parser = one_of::<AlertState>())]
    state: Option<AlertState>,
    /// Name of the owner
    #[arg(long, value_name = "OPERATOR")]
    owner: Option<String>,
    /// Path or name of an organisation unit
    #[arg(long, value_name = "UNIT")]
    org: Option<String>,
    #[arg(long, value_parser = one_of::<CriticalPost>())]
    critical: Option<CriticalPost>,
    #[arg(long, value_parser = one_of::<Impact>())]
    impact: Option<Impact>,
    #[command(flatten)]
    part: Part,
}

pub(super) async fn run(command: Alert, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Alert::List(l) => list(l, backend, out).await,
        Alert::Show { alert } => show(&alert, backend, out).await,
        Alert::Report { alert, report } => print_report(&alert, report, backend, out).await,
        Alert::Ack { to } => send(backend, out, to, Act::AlertAck).await,
        Alert::Assign { to, owner } => send(backend, out, to, Act::AlertAssign { owner }).await,
        Alert::Snooze { to, until } => {
            let (until, written) = when::instant(backend, out, &until).await?;
            send_timed(backend, out, to, Act::AlertSnooze { until }, written).await
        }
        Alert::Escalate { to } => send(backend, out, to, Act::AlertEscalate).await,
        Alert::Note { to, text } => send(backend, out, to, Act::AlertNote { text }).await,
        Alert::Talk(t) => {
            let (at, written) = when::instant(backend, out, &t.at).await?;
            let who = t.who.unwrap_or_else(|| backend.who().name.clone());
            let talk = NewTalk { at, who, channel: t.channel, needs: t.needs, next_step: t.next };
            send_timed(backend, out, t.to, Act::AlertTalk { talk }, written).await
        }
        Alert::Dismiss { to, code, note } => send(backend, out, to, Act::AlertDismiss { reason: code, note }).await,
        Alert::Resolve { to, outcome, refusal } => send(backend, out, to, Act::AlertResolve { outcome, refusal }).await,
        Alert::Reopen { to } => send(backend, out, to, Act::AlertReopen).await,
    }
}

async fn send(backend: &dyn Backend, out: &mut Out, to: To, what: Act) -> Result<u8, Stop> {
    send_timed(backend, out, to, what, None).await
}

/// Sends an act whose instant was `written` as one that counts from now.
async fn send_timed(backend: &dyn Backend, out: &mut Out, mut to: To, what: Act, written: Option<String>) -> Result<u8, Stop> {
    let ids = pick::alerts(backend, out, &to.alerts).await?;
    to.act.written = written;
    act(backend, out, what, ids, &to.act).await
}

async fn list(l: List, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let view = l.view.unwrap_or(if l.state.is_some() { AlertView::All } else { AlertView::Open });
    let filter = Filter {
        text: l.text,
        band: l.band,
        state: l.state,
        owner: l.owner,
        org: l.org,
        critical: l.critical,
        impact: l.impact,
        ..Filter::default()
    };
    let ask = |slice| Query::Alerts { view, filter: filter.clone(), slice };
    stream(backend, out, &l.part, ask, |a| if let Answer::Alerts(p) = a { Some(p) } else { None }).await
}

impl Row for AlertRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-score",
        "cli-head-band",
        "cli-head-number",
        "cli-head-name",
        "cli-head-state",
        "cli-head-owner",
        "cli-head-due",
        "cli-head-note",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let due = next_due(&self.alert);
        vec![
            Cell::figure(super::contest::mark(self.score, self.contested)),
            band(out, self.band),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::new(out.name("alert-state", self.alert.state)),
            Cell::new(self.owner.as_deref().unwrap_or("-")),
            Cell::new(due.map_or_else(String::new, |t| out.left(t))).tone(if due.is_some_and(|t| t < out.now) {
                Tone::Alarm
            } else {
                Tone::Plain
            }),
            Cell::new(self.last_note.as_deref().unwrap_or_default()),
        ]
    }
}

/// A band in words.
pub(super) fn band(out: &Out, band: Option<Band>) -> Cell {
    let Some(band) = band else { return Cell::default() };
    let tone = match band {
        Band::High => Tone::Alarm,
        Band::MediumHigh => Tone::Warn,
        Band::Medium | Band::Low => Tone::Plain,
    };
    Cell::new(out.name("band", band)).tone(tone)
}

async fn show(text: &str, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = AlertId(pick::alert(backend, out, text).await?);
    let reply = backend.query(Query::Alert { id }).await?;
    out.seen(&reply);
    let Answer::Alert(card) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&card)?;
    } else {
        print_card(out, &card)?;
    }
    out.flush()?;
    Ok(0)
}

fn print_card(out: &mut Out, card: &AlertCard) -> Result<(), Stop> {
    let row = &card.row;
    let a = &row.alert;
    let due = next_due(a).map_or_else(String::new, |t| format!("{} ({})", out.when(t), out.left(t)));
    let score =
        row.score.map_or_else(String::new, |s| format!("{} {}", super::contest::mark(Some(s), row.contested), band(out, row.band).text));
    let escalation = if a.escalation > 0 { out.name("escalation", a.escalation) } else { String::new() };
    out.fields(&[
        ("cli-head-id", a.id.to_string()),
        ("cli-head-version", a.version.to_string()),
        ("cli-head-name", format!("{} {}", row.employee.number, row.employee.name)),
        ("cli-head-org", row.employee.org.clone()),
        ("cli-head-post", row.employee.post.clone()),
        ("cli-head-score", score),
        ("cli-head-state", out.name("alert-state", a.state)),
        ("cli-head-owner", row.owner.clone().unwrap_or_else(|| "-".into())),
        ("cli-head-escalation", escalation),
        ("cli-head-raised", out.when(a.raised_at)),
        ("cli-head-due", due),
        ("cli-head-snoozed", a.snoozed_until.map_or_else(String::new, |t| out.when(t))),
        ("cli-head-outcome", a.outcome.map_or_else(String::new, |o| out.name("alert-outcome", o))),
        ("cli-head-dismissed", a.dismissed.map_or_else(String::new, |d| out.name("dismiss-reason", d))),
    ])?;
    for line in &card.about {
        out.tell(line)?;
    }
    for t in &card.talk_records {
        let head = format!("{}  {}  {}", out.when(t.talk.at), safe(&t.talk.who), out.name("channel", t.talk.channel));
        out.line("")?;
        out.line(&head)?;
        out.fields(&[("cli-head-needs", t.talk.needs.clone()), ("cli-head-next", t.talk.next_step.clone())])?;
    }
    if !card.notes.is_empty() {
        out.line("")?;
    }
    for n in &card.notes {
        let line = format!("{}  {}  {}", out.when(n.at), safe(&n.by), safe(&n.text));
        out.line(&line)?;
    }
    for p in &card.plans {
        let line = format!("{}  {}  {}", p.plan.id, out.name("plan-state", p.plan.state), safe(&p.plan.body.text));
        out.line("")?;
        out.line(&line)?;
    }
    Ok(())
}

async fn print_report(text: &str, report: AlertReport, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = AlertId(pick::alert(backend, out, text).await?);
    let reply = backend.query(Query::AlertReport { id, report }).await?;
    let Answer::Report(report) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&rendered(out, &report))?;
    } else {
        let title = out.text(&report.title);
        let title = out.paint(Tone::Strong, &title);
        out.line(&title)?;
        for section in &report.sections {
            let head = out.text(&section.title);
            let head = out.paint(Tone::Strong, &head);
            out.line("")?;
            out.line(&head)?;
            for line in &section.lines {
                let line = format!("- {}", out.text(line));
                out.line(&line)?;
            }
        }
    }
    out.flush()?;
    Ok(0)
}

/// A report as it reads, beside the sentences that it is made of.
fn rendered(out: &Out, report: &Report) -> serde_json::Value {
    let line = |s: &Sentence| serde_json::json!({"code": s.code, "args": s.args, "text": out.text(s)});
    let sections: Vec<_> = report
        .sections
        .iter()
        .map(|s| serde_json::json!({"title": out.text(&s.title), "lines": s.lines.iter().map(line).collect::<Vec<_>>()}))
        .collect();
    serde_json::json!({"title": out.text(&report.title), "made_at": report.made_at, "sections": sections})
}

/// The usage failure for a figure that is none.
pub(super) fn bad_value(name: &'static str, text: &str) -> Stop {
    Failure::new(FailureKind::Usage, Sentence::new("cli-bad-value").with("name", name).with("text", text)).into()
}
