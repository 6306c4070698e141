//! Acts: flags that all of them take, the request, and the answer in words.

use super::{Out, Stop};
use crate::{
    backend::{ActReply, ActRequest, Backend, Failure, FailureKind, Outcome, Target, Touched},
    domain::{act::Act, sentence::Sentence},
};
use clap::Args;
use uuid::Uuid;

/// Flags of every act.
#[derive(Debug, Default, Args)]
pub struct ActArgs {
    /// Refuse unless the thing still has this version
    #[arg(long, value_name = "VERSION")]
    pub expect: Option<i64>,
    /// Idempotency key: the same key and request give the same answer for 30 days
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// Why, in words
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// The act's instant as it was written, where it counts from now.
    #[arg(skip)]
    pub written: Option<String>,
}

/// Sends one request for all targets and prints what became of each.
pub async fn act(backend: &dyn Backend, out: &mut Out, act: Act, ids: Vec<Uuid>, args: &ActArgs) -> Result<u8, Stop> {
    let reply = send(backend, act.clone(), ids, args).await?;
    print(out, &act, &reply)
}

/// Sends one request; a single target that is refused is a failure.
pub async fn send(backend: &dyn Backend, act: Act, ids: Vec<Uuid>, args: &ActArgs) -> Result<ActReply, Stop> {
    if args.expect.is_some() && ids.len() != 1 {
        return Err(Failure::new(FailureKind::Usage, Sentence::new("cli-expect-one")).into());
    }
    let targets = ids.into_iter().map(|id| Target { id, version: args.expect }).collect();
    let request = ActRequest { act, targets, key: args.key.clone(), reason: args.reason.clone(), written: args.written.clone() };
    let mut reply = backend.act(request).await?;
    if let [Outcome { refusal, .. }] = reply.outcomes.as_mut_slice()
        && let Some(refusal) = refusal.take()
    {
        return Err(Failure::from(refusal).into());
    }
    Ok(reply)
}

/// Prints an answer and returns its exit code: 7 when some targets were refused, the class of the refusal when all were.
pub fn print(out: &mut Out, act: &Act, reply: &ActReply) -> Result<u8, Stop> {
    if out.json {
        out.json(reply)?;
    } else {
        for o in &reply.outcomes {
            let text = outcome(out, act, reply, o);
            out.line(&text)?;
        }
        if reply.outcomes.is_empty() {
            out.say("cli-nothing-to-do")?;
        }
    }
    out.flush()?;
    let refused: Vec<Failure> = reply.outcomes.iter().filter_map(|o| o.refusal.clone()).map(Failure::from).collect();
    match refused.first() {
        None => Ok(0),
        Some(first) => {
            let all = refused.len() == reply.outcomes.len();
            let kind = if all { first.kind } else { FailureKind::Partial };
            let what = Sentence::new("cli-some-refused").with("done", reply.outcomes.len() - refused.len()).with("refused", refused.len());
            Err(Failure::new(kind, what).into())
        }
    }
}

fn outcome(out: &Out, act: &Act, reply: &ActReply, o: &Outcome) -> String {
    let who = reply.touched.iter().find_map(|t| match t {
        Touched::Alert(r) if Uuid::from(r.alert.id) == o.id => Some((&r.employee.number, &r.employee.name)),
        Touched::Offboarding(c) if c.row.case.id.0 == o.id || c.has(o.id) => Some((&c.row.employee.number, &c.row.employee.name)),
        Touched::Plan(r) if Uuid::from(r.plan.id) == o.id => Some((&r.employee.number, &r.employee.name)),
        Touched::Freeze(r) if r.order.id.0 == o.id => Some((&r.employee.number, &r.employee.name)),
        Touched::Customer(r) if Uuid::from(r.customer.id) == o.id => Some((&r.customer.number, &r.customer.name)),
        _ => None,
    });
    let who = match (who, act) {
        (Some((number, name)), _) => format!("{number} {name}"),
        (None, Act::SignalEnable { kind, .. } | Act::SignalDisable { kind }) => out.name("signal-kind", kind),
        (None, Act::OperatorAdd { name, .. } | Act::OperatorRole { name, .. } | Act::OperatorLink { name, .. }) => name.clone(),
        (None, Act::OperatorRevoke { name } | Act::OperatorRestore { name }) => name.clone(),
        (None, _) => o.id.to_string(),
    };
    let base = |code| Sentence::new(code).with("act", act_code(act)).with("who", &who);
    let sentence = match (&o.refusal, o.pending, o.version) {
        (Some(r), _, _) => base("cli-refused").with("why", out.text(&r.why)),
        (None, Some(approval), _) => base("cli-pending").with("approval", approval),
        (None, None, Some(v)) => base("cli-done-version").with("version", v),
        (None, None, None) => base("cli-done"),
    };
    let mut text = out.text(&sentence);
    if reply.replayed {
        text.push(' ');
        text.push_str(&out.word("cli-replayed"));
    }
    text
}

/// The sentence code of an act's name, as an argument: `@act-alert-ack`.
pub fn act_code(act: &Act) -> String {
    format!("@act-{}", act.name().replace(['.', '_'], "-"))
}
