//! `tenure offboarding`: cases, what is handed over, what the law asks.

mod duties;
mod show;

use super::{
    Out, Stop,
    act::{ActArgs, act},
    alert::bad_value,
    list::{Part, Row, stream, wrong_answer},
    out::{Cell, Tone},
    pick,
    plan::fen,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Put, Query, Source,
        answer::{OffboardingCard, OffboardingRow},
        query::{CaseView, Slice},
    },
    domain::{
        act::Act,
        duty::{DutyDone, DutyKind},
        handover::{Evidence, FileRef, Location},
        ids::CaseId,
        offboarding::{CaseState, NewCase},
        person::ExitKind,
        sentence::Sentence,
    },
};
use clap::{Args, Subcommand};
use jiff::civil::Date;
use std::{
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum Offboarding {
    /// The board: cases by stage and due day
    List(List),
    /// One case: both tracks, gates and what is missing, items with every version
    Show {
        /// Id of the case, or a person (number, id or name) whose case is meant
        #[arg(value_name = "CASE")]
        case: String,
    },
    /// Somebody leaves: draws up the handover list from the store
    Start(Start),
    /// Say yes to a case; whoever started it never can
    Approve(To),
    /// One stage on, when its gates hold
    Advance(To),
    /// Close the company track, when all gates hold
    Close(To),
    /// The person stays, with --reason
    Withdraw(To),
    /// The person walked out, with --reason
    Abandon {
        #[command(flatten)]
        to: To,
        /// Last day on which the person worked
        #[arg(long, value_name = "DATE")]
        last_day: Date,
    },
    /// Hand in an item with its evidence
    Submit(Box<Submit>),
    /// Accept what was handed in
    Review {
        #[command(flatten)]
        to: ToItems,
        /// SHA-256 of the file that you looked at; another one is refused
        #[arg(long, value_name = "HASH")]
        hash: Option<String>,
    },
    /// Send an item back, with --reason
    Return(ToItems),
    /// Let an item go, with --reason; a second person decides
    Waive(ToItems),
    /// Say that an item is stuck, with --reason
    Block(ToItems),
    /// Name the reviewer of an item
    Assign {
        #[command(flatten)]
        to: ToItems,
        /// Name of the reviewer
        #[arg(long = "to", value_name = "OPERATOR")]
        reviewer: String,
    },
    /// Open a correction of an accepted item, with --reason; for a closed case an addendum
    Correct(ToItems),
    /// Run the company's data export for an item
    Export(ToItems),
    /// What is owed, the first due first
    Duties,
    /// Mark a duty of the statutory track, or an apology, as done
    Duty(DutyArgs),
    /// Hand a customer over to somebody, or to the pool
    Transfer(Transfer),
    /// Write a stored piece of evidence to a file
    File {
        /// SHA-256 of the file, as `show` names it
        #[arg(value_name = "HASH")]
        hash: String,
        /// Where to write it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Which cases are listed.
#[derive(Debug, Args)]
pub struct List {
    /// Saved view [default: open, or all with --state]
    #[arg(long, value_parser = one_of::<CaseView>())]
    view: Option<CaseView>,
    #[arg(long, value_parser = one_of::<CaseState>())]
    state: Option<CaseState>,
    /// Beginning of a name, sort name or employee number
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Path or name of an organisation unit
    #[arg(long, value_name = "UNIT")]
    org: Option<String>,
    #[command(flatten)]
    part: Part,
}

/// Who leaves, how and when.
#[derive(Debug, Args)]
pub struct Start {
    /// Employee number, id or name
    #[arg(value_name = "PERSON")]
    person: String,
    /// How
    #[arg(long, value_parser = one_of::<ExitKind>())]
    exit: ExitKind,
    /// Last day of the employment; one in the past is due at once
    #[arg(long, value_name = "DATE")]
    last_day: Date,
    /// When notice was given
    #[arg(long, value_name = "DATE")]
    notice: Option<Date>,
    #[command(flatten)]
    act: ActArgs,
}

/// Cases and flags of an act.
#[derive(Debug, Args)]
pub struct To {
    /// Ids of cases, or persons (number, id or name) whose case is meant
    #[arg(value_name = "CASE", required = true)]
    cases: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// Items and flags of an act.
#[derive(Debug, Args)]
pub struct ToItems {
    /// Ids of items, as `show` names them
    #[arg(value_name = "ITEM", required = true)]
    items: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// What is handed in.
#[derive(Debug, Args)]
pub struct Submit {
    /// Id of the item, as `show` names it
    #[arg(value_name = "ITEM")]
    item: String,
    /// The file: a signed letter, a list
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Who signed for the customer
    #[arg(long, value_name = "NAME")]
    signatory: Option<String>,
    /// Day of the signature
    #[arg(long, value_name = "DATE")]
    signed_on: Option<Date>,
    /// Where the customer was visited
    #[arg(long, value_name = "PLACE")]
    place: Option<String>,
    /// How the customer refused to sign
    #[arg(long, value_name = "TEXT")]
    refusal: Option<String>,
    /// Number of customers, compared with the ledger
    #[arg(long, value_name = "N")]
    customers: Option<i64>,
    /// Number of unfinished orders, compared with the ledger
    #[arg(long, value_name = "N")]
    orders: Option<i64>,
    /// Receivables in yuan, compared with the ledger
    #[arg(long, value_name = "YUAN")]
    receivables: Option<String>,
    /// More about it
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Where the employee was: only while the home allows it, with --consent and --purpose
    #[arg(long, value_name = "PLACE", requires_all = ["consent", "purpose"])]
    location: Option<String>,
    /// Where the consent to the location is recorded
    #[arg(long, value_name = "TEXT")]
    consent: Option<String>,
    /// What the location is for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// A duty that was done.
#[derive(Debug, Args)]
pub struct DutyArgs {
    /// Id of the case, or a person (number, id or name) whose case is meant
    #[arg(value_name = "CASE")]
    case: String,
    /// Which duty
    #[arg(value_name = "DUTY", value_parser = one_of::<DutyKind>())]
    duty: DutyKind,
    /// When it was done; today by default
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// The evidence
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// The evidence in words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// Who takes a customer over.
#[derive(Debug, Args)]
pub struct Transfer {
    /// Numbers or ids of customers
    #[arg(value_name = "CUSTOMER", required = true)]
    customers: Vec<String>,
    /// Employee number, id or name of the new owner
    #[arg(long = "to", value_name = "PERSON", required_unless_present = "pool")]
    to: Option<String>,
    /// Put it into the pool
    #[arg(long, conflicts_with = "to")]
    pool: bool,
    /// Who collects what a customer in the pool owes
    #[arg(long, value_name = "PERSON", requires = "pool")]
    collector: Option<String>,
    #[command(flatten)]
    act: ActArgs,
}

pub(super) async fn run(command: Offboarding, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    use Offboarding as O;
    match command {
        O::Duties => duties::list(backend, out).await,
        O::List(l) => list(l, backend, out).await,
        O::Show { case } => {
            let card = card(backend, out, &case).await?;
            show::print(out, &card)
        }
        O::Start(s) => {
            let who = pick::person(backend, out, &s.person).await?;
            let new = NewCase { exit: s.exit, last_day: s.last_day, notice_on: s.notice };
            act(backend, out, Act::OffboardingStart { new }, vec![who.id.into()], &s.act).await
        }
        O::Approve(to) => on_cases(backend, out, to, Act::OffboardingApprove).await,
        O::Advance(to) => on_cases(backend, out, to, Act::OffboardingAdvance).await,
        O::Close(to) => on_cases(backend, out, to, Act::OffboardingClose).await,
        O::Withdraw(to) => on_cases(backend, out, to, Act::OffboardingWithdraw).await,
        O::Abandon { to, last_day } => on_cases(backend, out, to, Act::OffboardingAbandon { last_day }).await,
        O::Submit(s) => submit(*s, backend, out).await,
        O::Review { to, hash } => on_items(backend, out, to, Act::OffboardingReview { hash }).await,
        O::Return(to) => {
            let why = said(&to)?;
            on_items(backend, out, to, Act::OffboardingReturn { why }).await
        }
        O::Waive(to) => {
            let why = said(&to)?;
            on_items(backend, out, to, Act::OffboardingWaive { why }).await
        }
        O::Block(to) => {
            let why = said(&to)?;
            on_items(backend, out, to, Act::OffboardingBlock { why }).await
        }
        O::Correct(to) => {
            let why = said(&to)?;
            on_items(backend, out, to, Act::OffboardingCorrect { why }).await
        }
        O::Assign { to, reviewer } => on_items(backend, out, to, Act::OffboardingAssign { reviewer }).await,
        O::Export(to) => on_items(backend, out, to, Act::OffboardingExport).await,
        O::Duty(d) => duty(d, backend, out).await,
        O::Transfer(t) => transfer(t, backend, out).await,
        O::File { hash, out: path } => {
            let bytes = backend.get(&hash).await?;
            let to = path.clone();
            let written = tokio::task::spawn_blocking(move || write_whole(bytes, &to));
            let bytes = written.await.map_err(Failure::broken)?.map_err(|e| unwritable(&path, &e))?;
            if out.json {
                out.json(&serde_json::json!({"hash": hash, "file": path, "bytes": bytes}))?;
            } else {
                out.tell(&Sentence::new("cli-file-written").with("file", path.display()).with("bytes", bytes))?;
            }
            out.flush()?;
            Ok(0)
        }
    }
}

/// Writes a file beside its place, and puts it there once it is whole.
fn write_whole(mut bytes: Source, to: &Path) -> io::Result<u64> {
    let known = fs::metadata(to).ok();
    if known.as_ref().is_some_and(|m| !m.is_file()) {
        // A pipe or a terminal has no place to be put in.
        return io::copy(&mut bytes, &mut File::options().write(true).open(to)?);
    }
    let to = fs::canonicalize(to).unwrap_or_else(|_| to.to_owned());
    let part = to.with_file_name(format!(".{}.part", Uuid::new_v4()));
    let mut file = File::create_new(&part)?;
    let done = io::copy(&mut bytes, &mut file).and_then(|n| {
        if let Some(known) = known {
            file.set_permissions(known.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&part, &to).map(|()| n)
    });
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}

fn unwritable(path: &Path, e: &io::Error) -> Stop {
    Failure::new(FailureKind::Failed, Sentence::new("cli-unwritable").with("file", path.display()).with("error", e)).into()
}

/// The words of an act that needs them in itself: `--reason`.
fn said(to: &ToItems) -> Result<String, Stop> {
    to.act
        .reason
        .clone()
        .filter(|r| !r.trim().is_empty())
        .ok_or_else(|| Failure::new(FailureKind::Usage, Sentence::new("act-reason")).next(Sentence::new("act-reason-next")).into())
}

/// The newest open case of a person, else the newest; an id that is nobody's is a case's.
async fn case(backend: &dyn Backend, out: &mut Out, text: &str) -> Result<CaseId, Stop> {
    let who = match (pick::person(backend, out, text).await, Uuid::parse_str(text)) {
        (Err(Stop::Failure(f)), Ok(id)) if f.kind == FailureKind::NotFound => return Ok(CaseId(id)),
        (who, _) => who?,
    };
    let mut best: Option<OffboardingRow> = None;
    let mut after = None;
    loop {
        let filter = Filter { text: Some(who.number.clone()), ..Filter::default() };
        let query = Query::Offboardings { view: CaseView::All, state: None, filter, slice: Slice { after, limit: 200 } };
        let Answer::Offboardings(board) = backend.query(query).await?.answer else { return Err(wrong_answer()) };
        for row in board.page.rows.into_iter().filter(|r| r.employee.id == who.id) {
            let rank = |r: &OffboardingRow| (r.case.state.is_open(), r.case.started_at);
            if best.as_ref().is_none_or(|b| rank(&row) > rank(b)) {
                best = Some(row);
            }
        }
        match board.page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    best.map(|r| r.case.id).ok_or_else(|| {
        Failure::new(FailureKind::NotFound, Sentence::new("cli-no-case").with("number", &who.number).with("name", &who.name)).into()
    })
}

async fn card(backend: &dyn Backend, out: &mut Out, text: &str) -> Result<Box<OffboardingCard>, Stop> {
    let id = case(backend, out, text).await?;
    let reply = backend.query(Query::Offboarding { id }).await?;
    out.seen(&reply);
    let Answer::Offboarding(card) = reply.answer else { return Err(wrong_answer()) };
    Ok(card)
}

async fn on_cases(backend: &dyn Backend, out: &mut Out, to: To, what: Act) -> Result<u8, Stop> {
    let mut ids = Vec::new();
    for text in &to.cases {
        ids.push(case(backend, out, text).await?.into());
    }
    act(backend, out, what, ids, &to.act).await
}

async fn on_items(backend: &dyn Backend, out: &mut Out, to: ToItems, what: Act) -> Result<u8, Stop> {
    let ids = to.items.iter().map(|i| pick::id(i)).collect::<Result<_, _>>()?;
    act(backend, out, what, ids, &to.act).await
}

/// Puts a file into the store; what comes back names it in an act.
async fn put(backend: &dyn Backend, path: &std::path::Path) -> Result<FileRef, Stop> {
    let file = File::open(path)
        .map_err(|e| Failure::new(FailureKind::Usage, Sentence::new("cli-unreadable").with("file", path.display()).with("error", e)))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let staged = backend.put(Put::Evidence { file: name.clone() }, Box::new(BufReader::new(file)), Box::new(|_| {})).await?;
    Ok(FileRef { hash: staged.hash, name })
}

async fn put_if(backend: &dyn Backend, path: Option<&PathBuf>) -> Result<Option<FileRef>, Stop> {
    match path {
        Some(path) => Ok(Some(put(backend, path).await?)),
        None => Ok(None),
    }
}

async fn submit(s: Submit, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = pick::id(&s.item)?;
    let receivable_fen = s.receivables.as_deref().map(|y| fen(y).ok_or_else(|| bad_value("--receivables", y))).transpose()?;
    let file = put_if(backend, s.file.as_ref()).await?;
    let evidence = Evidence {
        file,
        signatory: s.signatory,
        signed_on: s.signed_on,
        place: s.place,
        location: s.location.map(|place| Location {
            place,
            consent: s.consent.unwrap_or_default(),
            purpose: s.purpose.unwrap_or_default(),
        }),
        refusal: s.refusal,
        customers: s.customers,
        orders: s.orders,
        receivable_fen,
        note: s.note,
    };
    let reply = super::act::send(backend, Act::OffboardingSubmit { evidence: Box::new(evidence.clone()) }, vec![id], &s.act).await?;
    let code = super::act::print(out, &Act::OffboardingSubmit { evidence: Box::new(evidence) }, &reply)?;
    // What a rule sees comes back at once: whoever handed it in is told why.
    if !out.json {
        for t in &reply.touched {
            if let crate::backend::Touched::Offboarding(card) = t
                && let Some(why) = card.items.iter().find(|i| i.id.0 == id).and_then(|i| i.returned_why())
            {
                let line = out.text(&Sentence::new("cli-returned-at-once").with("why", out.text(why)));
                let line = out.paint(Tone::Warn, &line);
                out.line(&line)?;
            }
        }
        out.flush()?;
    }
    Ok(code)
}

async fn duty(d: DutyArgs, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let found = if d.duty == DutyKind::Apology {
        // It is owed to a person, who need not have a case.
        let who = pick::person(backend, out, &d.case).await?;
        duties::to(backend, out, who.id, d.duty).await?
    } else {
        card(backend, out, &d.case).await?.duties.iter().find(|o| o.kind == d.duty).map(|o| o.id)
    };
    let Some(duty) = found else {
        let what = Sentence::new("cli-no-duty").with("duty", format!("@duty-kind-{}", d.duty.to_string().replace('_', "-")));
        return Err(Failure::new(FailureKind::NotFound, what).into());
    };
    let file = put_if(backend, d.file.as_ref()).await?;
    let done = DutyDone { on: d.on, file, note: d.note };
    act(backend, out, Act::OffboardingDuty { done }, vec![duty.into()], &d.act).await
}

async fn transfer(t: Transfer, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let mut ids = Vec::new();
    for text in &t.customers {
        ids.push(super::customer::pick(backend, text).await?);
    }
    let what = match &t.to {
        Some(to) => Act::CustomerTransfer { to: pick::person(backend, out, to).await?.id },
        None => {
            let collector = match &t.collector {
                Some(c) => Some(pick::person(backend, out, c).await?.id),
                None => None,
            };
            Act::CustomerPool { collector }
        }
    };
    act(backend, out, what, ids, &t.act).await
}

async fn list(l: List, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let view = l.view.unwrap_or(if l.state.is_some() { CaseView::All } else { CaseView::Open });
    let filter = Filter { text: l.text, org: l.org, ..Filter::default() };
    let ask = |slice| Query::Offboardings { view, state: l.state, filter: filter.clone(), slice };
    stream(backend, out, &l.part, ask, |a| if let Answer::Offboardings(b) = a { Some(b.page) } else { None }).await
}

impl Row for OffboardingRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-state",
        "cli-head-number",
        "cli-head-name",
        "cli-head-exit",
        "cli-head-last-day",
        "cli-head-handover-due",
        "cli-head-items",
        "cli-head-customers",
        "cli-head-next-duty",
        "cli-head-id",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let c = &self.case;
        let duty = self.next_duty.map_or_else(|| "-".into(), |(kind, on)| format!("{} {on}", out.name("duty-kind", kind)));
        vec![
            Cell::new(out.name("case-state", c.state)),
            Cell::new(&self.employee.number),
            Cell::new(&self.employee.name),
            Cell::new(out.name("exit-kind", c.exit)),
            Cell::new(c.last_day),
            Cell::new(c.handover_due).tone(if c.overdue_at.is_some() && c.state.is_open() { Tone::Alarm } else { Tone::Plain }),
            Cell::figure(format!("{}/{}", self.counts.settled, self.counts.all)),
            Cell::figure(self.held),
            Cell::new(duty),
            Cell::new(c.id),
        ]
    }
}
