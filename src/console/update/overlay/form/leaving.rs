//! Forms of offboarding: who leaves, what is handed in, why it comes back, what was done for the law.

use super::{area, choice, cost, get, line};
use crate::{
    console::{
        command::CommandId,
        model::{
            Model,
            overlay::{Field, Form, FormKind, Input, Prepared},
        },
        update::offboarding,
    },
    domain::{
        act::Act,
        duty::DutyDone,
        handover::{Evidence, ItemKind},
        offboarding::NewCase,
        person::ExitKind,
        sentence::Sentence,
    },
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::path::PathBuf;
use strum::IntoEnumIterator;

/// Fields of a form for what the cursor stands on.
pub(super) fn fields(m: &Model, kind: FormKind) -> Vec<Field> {
    let today = m.now.to_zoned(m.zone.clone()).date().to_string();
    match kind {
        FormKind::Start => {
            vec![choice("field-exit", "exit-kind", ExitKind::iter()), line("field-last-day", ""), line("field-notice-on", today)]
        }
        FormKind::Abandon => vec![line("field-last-day", today), area("field-reason", "")],
        FormKind::Duty => vec![line("field-done-on", today), line("field-file", ""), area("field-note", "")],
        FormKind::HandIn => hand_in(offboarding::items(m).first().map(|i| i.kind), &today),
        _ => vec![area("field-reason", "")],
    }
}

/// What an item of a kind is handed in with. Figures are typed by who hands in, not copied from the ledger that they are compared with.
fn hand_in(kind: Option<ItemKind>, today: &str) -> Vec<Field> {
    let signed = [line("field-signatory", ""), line("field-signed-on", today)];
    let mut fields = vec![line("field-file", "")];
    match kind {
        Some(ItemKind::Customer) => {
            fields.extend(signed);
            fields.push(line("field-customer-refusal", ""));
        }
        Some(ItemKind::Visit) => {
            fields.extend(signed);
            fields.push(line("field-place", ""));
        }
        Some(ItemKind::CustomerList) => fields.push(line("field-customers", "")),
        Some(ItemKind::Orders) => fields.push(line("field-orders", "")),
        Some(ItemKind::Receivables) => fields.push(line("field-receivables", "")),
        _ => {}
    }
    fields.push(area("field-note", ""));
    fields
}

/// A form of offboarding as an act.
pub(super) fn prepare(form: &Form, zone: &TimeZone, now: Timestamp) -> Result<Prepared, Sentence> {
    let command = match form.kind {
        FormKind::Start => CommandId::PersonLeaves,
        FormKind::Withdraw => CommandId::CaseWithdraw,
        FormKind::Abandon => CommandId::CaseAbandon,
        FormKind::Return => CommandId::CaseReturn,
        FormKind::Waive => CommandId::CaseWaive,
        FormKind::Block => CommandId::CaseBlock,
        FormKind::Correct => CommandId::CaseCorrect,
        FormKind::Duty => CommandId::CaseDuty,
        FormKind::Pool | FormKind::Decline | FormKind::Fail => CommandId::CaseTransfer,
        _ => CommandId::CaseSubmit,
    };
    let (act, reason, file) = act(form, zone, now)?;
    Ok(Prepared { command, act, reason, on: form.on.clone(), form: Some(Box::new(form.clone())), file })
}

/// The act, its reason, and the file that it waits for.
type Filled = (Act, Option<String>, Option<PathBuf>);

fn act(form: &Form, zone: &TimeZone, now: Timestamp) -> Result<Filled, Sentence> {
    let field = |name: &str| form.fields.iter().find(|f| f.name == name).map(|f| &f.input);
    let some = |name: &str| Some(field(name).map(get).unwrap_or_default().trim().to_owned()).filter(|t| !t.is_empty());
    let day = |name: &str| some(name).map(|t| t.parse::<Date>().map_err(|_| Sentence::new("fault-date").with("text", t))).transpose();
    let count = |name: &str| some(name).map(|t| t.parse::<i64>().map_err(|_| Sentence::new("fault-number").with("text", t))).transpose();
    let why = || some("field-reason").ok_or_else(|| Sentence::new("refused-empty-text"));
    let file = some("field-file").map(PathBuf::from);
    let collector = form.on.who.as_ref().map(|p| p.id);
    Ok(match form.kind {
        FormKind::Start => {
            let at = if let Some(Input::Choice { at, .. }) = field("field-exit") { *at } else { 0 };
            let exit = ExitKind::iter().nth(at).unwrap_or(ExitKind::Resigned);
            let last_day = day("field-last-day")?.ok_or_else(|| Sentence::new("fault-date").with("text", ""))?;
            (Act::OffboardingStart { new: NewCase { exit, last_day, notice_on: day("field-notice-on")? } }, None, None)
        }
        FormKind::Withdraw => (Act::OffboardingWithdraw, Some(why()?), None),
        FormKind::Abandon => {
            let last_day = day("field-last-day")?.unwrap_or_else(|| now.to_zoned(zone.clone()).date());
            (Act::OffboardingAbandon { last_day }, Some(why()?), None)
        }
        FormKind::Return => (Act::OffboardingReturn { why: why()? }, None, None),
        FormKind::Waive => (Act::OffboardingWaive { why: why()? }, None, None),
        FormKind::Block => (Act::OffboardingBlock { why: why()? }, None, None),
        FormKind::Correct => (Act::OffboardingCorrect { why: why()? }, None, None),
        FormKind::Pool => (Act::CustomerPool { collector }, Some(why()?), None),
        FormKind::Decline => (Act::CustomerDecline { collector }, Some(why()?), None),
        FormKind::Fail => (Act::CustomerFail, Some(why()?), None),
        FormKind::Duty => {
            let (on, note) = (day("field-done-on")?, some("field-note"));
            if file.is_none() && note.is_none() {
                return Err(Sentence::new("refused-duty-evidence"));
            }
            (Act::OffboardingDuty { done: DutyDone { on, file: None, note } }, None, file)
        }
        _ => {
            let receivable_fen = some("field-receivables").map(|t| cost(&t)).transpose()?.flatten();
            // The day beside an empty name is the form's own, not a signature.
            let signatory = some("field-signatory");
            let evidence = Evidence {
                file: None,
                signed_on: day("field-signed-on")?.filter(|_| signatory.is_some()),
                signatory,
                place: some("field-place"),
                location: None,
                refusal: some("field-customer-refusal"),
                customers: count("field-customers")?,
                orders: count("field-orders")?,
                receivable_fen,
                note: some("field-note"),
            };
            (Act::OffboardingSubmit { evidence: Box::new(evidence) }, None, file)
        }
    })
}
