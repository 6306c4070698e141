//! `tenure customer`: who owns a customer, handing one over, what is owed.

use super::{
    Out, Stop,
    act::{ActArgs, act},
    list::{Part, Row, stream, wrong_answer},
    out::Cell,
    pick,
    words::one_of,
};
use crate::{
    backend::{
        Answer, Backend, Failure, FailureKind, Filter, Query,
        answer::{CustomerCard, CustomerRow},
        query::CustomerView,
    },
    domain::{
        act::Act,
        ids::{CustomerId, PersonId},
        person::PersonRef,
        sentence::Sentence,
    },
    text,
};
use clap::{Args, Subcommand};
use uuid::Uuid;

#[derive(Debug, Subcommand)]
pub enum Customer {
    /// Customers with their owners, open orders and what they owe
    List {
        /// Beginning of a customer's number or name
        #[arg(value_name = "TEXT")]
        text: Option<String>,
        /// Only of this owner: employee number, id or name
        #[arg(long, value_name = "PERSON")]
        owner: Option<String>,
        /// Which customers
        #[arg(long, value_parser = one_of::<CustomerView>(), default_value = "all")]
        view: CustomerView,
        #[command(flatten)]
        part: Part,
    },
    /// A customer's card; the look is written to the access log
    Show {
        /// Customer number or id
        #[arg(value_name = "CUSTOMER")]
        customer: String,
    },
    /// Propose a new owner
    Transfer {
        #[command(flatten)]
        on: On,
        /// The new owner: employee number, id or name
        #[arg(long, value_name = "PERSON")]
        to: String,
    },
    /// One step on: proposed, requested, pending, transferred
    Advance {
        #[command(flatten)]
        on: On,
        /// The customer agreed in writing: do not wait for the time in which it may decline
        #[arg(long)]
        confirmed: bool,
    },
    /// The customer declined the new owner; it goes to the pool
    Decline(Pooled),
    /// Put customers into the pool
    Pool(Pooled),
    /// Give a transfer up; the owner stays
    Fail(On),
    /// Name who collects what a customer in the pool owes
    Collect {
        #[command(flatten)]
        on: On,
        /// Employee number, id or name
        #[arg(long, value_name = "PERSON")]
        collector: String,
    },
}

/// Targets and flags of an act.
#[derive(Debug, Args)]
pub struct On {
    /// Numbers or ids of customers
    #[arg(value_name = "CUSTOMER", required = true)]
    customers: Vec<String>,
    #[command(flatten)]
    act: ActArgs,
}

/// The same for acts that leave a customer without an owner.
#[derive(Debug, Args)]
pub struct Pooled {
    #[command(flatten)]
    on: On,
    /// Who collects what it owes: employee number, id or name
    #[arg(long, value_name = "PERSON")]
    collector: Option<String>,
}

pub(super) async fn run(command: Customer, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    match command {
        Customer::List { text, owner, view, part } => {
            let owner = named(backend, out, owner.as_deref()).await?;
            let filter = Filter { text, ..Filter::default() };
            let ask = |slice| Query::Customers { view, owner, filter: filter.clone(), slice };
            stream(backend, out, &part, ask, |a| if let Answer::Customers(p) = a { Some(p) } else { None }).await
        }
        Customer::Show { customer } => show(&customer, backend, out).await,
        Customer::Transfer { on, to } => {
            let to = pick::person(backend, out, &to).await?.id;
            send(backend, out, on, Act::CustomerTransfer { to }).await
        }
        Customer::Advance { on, confirmed } => send(backend, out, on, Act::CustomerAdvance { confirmed }).await,
        Customer::Decline(p) => {
            let collector = named(backend, out, p.collector.as_deref()).await?;
            send(backend, out, p.on, Act::CustomerDecline { collector }).await
        }
        Customer::Pool(p) => {
            let collector = named(backend, out, p.collector.as_deref()).await?;
            send(backend, out, p.on, Act::CustomerPool { collector }).await
        }
        Customer::Fail(on) => send(backend, out, on, Act::CustomerFail).await,
        Customer::Collect { on, collector } => {
            let collector = pick::person(backend, out, &collector).await?.id;
            send(backend, out, on, Act::CustomerCollect { collector }).await
        }
    }
}

async fn named(backend: &dyn Backend, out: &mut Out, person: Option<&str>) -> Result<Option<PersonId>, Stop> {
    match person {
        Some(text) => Ok(Some(pick::person(backend, out, text).await?.id)),
        None => Ok(None),
    }
}

async fn send(backend: &dyn Backend, out: &mut Out, on: On, what: Act) -> Result<u8, Stop> {
    let mut ids = Vec::new();
    for text in &on.customers {
        let id = pick(backend, text).await?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    act(backend, out, what, ids, &on.act).await
}

/// The one customer that a number or an id means.
pub(super) async fn pick(backend: &dyn Backend, text: &str) -> Result<Uuid, Stop> {
    let Answer::FoundCustomers(found) = backend.query(Query::FindCustomer { number: text.into() }).await?.answer else {
        return Err(wrong_answer());
    };
    let refuse = |kind, what: Sentence, next| Err(Failure::new(kind, what.with("text", text)).next(Sentence::new(next)).into());
    match (found.as_slice(), Uuid::parse_str(text)) {
        ([only], _) => Ok(only.customer.id.into()),
        ([], Ok(id)) => Ok(id),
        ([], Err(_)) => refuse(FailureKind::NotFound, Sentence::new("cli-no-customer"), "cli-no-customer-next"),
        (many, _) => {
            let ids: Vec<String> = many.iter().map(|r| r.customer.id.to_string()).collect();
            let what = Sentence::new("cli-customer-ambiguous").with("ids", ids.join(", "));
            refuse(FailureKind::Usage, what, "cli-customer-ambiguous-next")
        }
    }
}

/// `10417 张伟`, or `-`.
fn person(p: Option<&PersonRef>) -> String {
    p.map_or_else(|| "-".into(), |p| format!("{} {}", p.number, p.name))
}

impl Row for CustomerRow {
    const HEADS: &'static [&'static str] = &[
        "cli-head-customer-number",
        "cli-head-customer-name",
        "cli-head-owner",
        "cli-head-since",
        "cli-head-open-orders",
        "cli-head-owed",
        "cli-head-transfer",
        "cli-head-version",
        "cli-head-id",
    ];

    fn cells(&self, out: &Out) -> Vec<Cell> {
        let c = &self.customer;
        let owner = self.owner.as_ref().map_or_else(|| out.word("custody-pool"), |p| person(Some(p)));
        vec![
            Cell::new(&c.number),
            Cell::new(&c.name),
            Cell::new(owner),
            Cell::new(c.since.map_or_else(|| "-".into(), |d| d.to_string())),
            Cell::figure(self.open_orders),
            Cell::figure(text::money(self.receivable_fen)),
            Cell::new(self.transfer.as_ref().map_or_else(|| "-".into(), |t| out.name("transfer-state", t.state))),
            Cell::figure(c.version),
            Cell::new(c.id),
        ]
    }
}

async fn show(customer: &str, backend: &dyn Backend, out: &mut Out) -> Result<u8, Stop> {
    let id = CustomerId(pick(backend, customer).await?);
    let reply = backend.query(Query::Customer { id }).await?;
    out.seen(&reply);
    let Answer::Customer(card) = reply.answer else { return Err(wrong_answer()) };
    if out.json {
        out.json(&card)?;
    } else {
        print(&card, out)?;
    }
    out.flush()?;
    Ok(0)
}

fn print(card: &CustomerCard, out: &mut Out) -> Result<(), Stop> {
    let (c, row) = (&card.row.customer, &card.row);
    let who = |id: Option<PersonId>| match id {
        Some(id) => person(card.people.iter().find(|p| p.id == id)),
        None => String::new(),
    };
    let transfer = row.transfer.as_ref();
    let fields = [
        ("cli-head-id", c.id.to_string()),
        ("cli-head-version", c.version.to_string()),
        ("cli-head-customer-number", c.number.clone()),
        ("cli-head-customer-name", c.name.clone()),
        ("cli-head-contact", c.contact.clone().unwrap_or_default()),
        ("cli-head-owner", row.owner.as_ref().map_or_else(|| out.word("custody-pool"), |p| person(Some(p)))),
        ("cli-head-since", c.since.map_or_else(String::new, |d| d.to_string())),
        ("cli-head-collector", row.collector.as_ref().map_or_else(String::new, |p| person(Some(p)))),
        ("cli-head-open-orders", row.open_orders.to_string()),
        ("cli-head-owed", text::money(row.receivable_fen)),
        ("cli-head-transfer", transfer.map_or_else(String::new, |t| out.name("transfer-state", t.state))),
        ("cli-head-to", who(transfer.and_then(|t| t.to))),
        ("cli-head-pending-until", transfer.and_then(|t| t.pending_until).map_or_else(String::new, |at| out.when(at))),
    ];
    out.fields(&fields)?;
    let owners = card.ownerships.iter().map(|o| {
        let owner = o.owner.map_or_else(|| out.word("custody-pool"), |id| who(Some(id)));
        format!("{} - {}  {owner}", o.from, o.to.map_or_else(String::new, |d| d.to_string()))
    });
    let owners: Vec<String> = owners.collect();
    let orders = card
        .orders
        .iter()
        .map(|o| format!("{}  {}  {}  {}", o.number, o.placed_on, text::money(o.amount_fen), out.name("order-state", o.state)));
    let orders: Vec<String> = orders.collect();
    let owed: Vec<String> = card.receivables.iter().map(|r| format!("{}  {}  {}", r.number, r.due_on, text::money(r.amount_fen))).collect();
    let moves = card.transfers.iter().map(|t| {
        let to = t.to.map_or_else(|| out.word("custody-pool"), |id| who(Some(id)));
        format!("{}  {} -> {to}  {}", out.when(t.proposed_at), who(t.from), out.name("transfer-state", t.state))
    });
    let moves: Vec<String> = moves.collect();
    for (head, lines) in [
        ("cli-customer-ownerships", owners),
        ("cli-customer-orders", orders),
        ("cli-customer-receivables", owed),
        ("cli-customer-transfers", moves),
    ] {
        if !lines.is_empty() {
            out.say(head)?;
            for line in lines {
                out.line(&super::out::safe(&format!("  {line}")))?;
            }
        }
    }
    Ok(())
}
