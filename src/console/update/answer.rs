//! Answers: each slot has one place that waits for it, and takes only the answer to its newest question.

use super::{
    admin, freeze,
    lists::{self, Scroll},
    overlay, watch,
};
use crate::{
    backend::{Answer, Failure, Page, Reply, table::ACTS},
    console::{
        effect::{ReqId, Slot},
        model::{
            Lock, LockedBy, Model, Tone, clean,
            dataset::Remote,
            label,
            list::{List, Row, Took},
            overlay::{Overlay, Reading},
        },
        view::layout::list_height,
    },
    domain::sentence::Sentence,
};
use jiff::Timestamp;

/// An answer of another kind than the question: a fault of the other side, told as such.
pub(super) fn odd() -> Failure {
    Failure::broken("unexpected answer")
}

fn page<T: Row>(list: &mut List<T>, req: ReqId, result: Result<(Page<T>, Timestamp), Failure>, height: usize) -> Took {
    list.take(req, result, height)
}

/// Puts an answer where it is waited for.
pub fn answer(m: &mut Model, slot: Slot, req: ReqId, result: Result<Reply, Failure>) {
    let result = result.map(|mut r| {
        clean::answer(&mut r.answer);
        r
    });
    if !matches!(slot, Slot::Overlay | Slot::Verify | Slot::Leave | Slot::Health) {
        match &result {
            Ok(_) => watch::answered(m),
            // The watch that is under way says so as well.
            Err(why) if watch::is_shut_out(why) => return watch::clear(m, why),
            Err(why) => watch::failed(m, why),
        }
    }
    let height = list_height(m);
    macro_rules! rows {
        ($kind:ident) => {
            result.and_then(|r| match r.answer {
                Answer::$kind(page) => Ok((page, r.at)),
                _ => Err(odd()),
            })
        };
    }
    macro_rules! one {
        ($remote:expr, $kind:ident) => {
            if $remote.takes(req) {
                match result {
                    Ok(Reply { at, answer: Answer::$kind(value), .. }) => $remote.data.ready(value, at),
                    Ok(_) => $remote.data.failed(odd()),
                    Err(why) => $remote.data.failed(why),
                }
            }
        };
    }
    let took = match slot {
        Slot::Home => {
            one!(m.home, Home);
            if let Some(home) = m.home.data.value() {
                m.made |= home.made_data;
                if m.environment.is_empty() {
                    m.environment = home.environment.clone();
                }
                // A role without any act may only look, whatever else is set: the strictest wins.
                let may = &home.me.may;
                if m.lock != Lock::Given && !may.is_empty() && !ACTS.iter().any(|row| may.contains(row.permission)) {
                    (m.lock, m.locked_by) = (Lock::Given, LockedBy::Role);
                }
            }
            return;
        }
        Slot::Today => return today(m, req, result, height),
        Slot::Card => {
            if let Some(p) = &mut m.person {
                one!(p.card, Person);
                if let Some(card) = p.card.data.value() {
                    p.label = format!("{} {}", card.person.name, card.person.number);
                }
                lists::clamp(m);
            }
            return;
        }
        Slot::Order => {
            if let Some(o) = &mut m.order {
                one!(o.card, Freeze);
                o.clamp(height);
            }
            return;
        }
        Slot::Series => {
            if let Some(p) = &mut m.person {
                one!(p.series, ScoreSeries);
            }
            return;
        }
        Slot::Admin => return admin::answer(m, req, result),
        Slot::Health => return admin::checked(m, req, result),
        Slot::Tokens => {
            one!(m.admin.tokens, Tokens);
            return;
        }
        Slot::Queue => {
            one!(m.admin.jobs, Jobs);
            return;
        }
        Slot::Quarantine => {
            one!(m.admin.quarantine, Quarantine);
            return;
        }
        Slot::Drill => {
            one!(m.admin.drill, Drill);
            return;
        }
        Slot::Board => {
            let result = result.and_then(|r| match r.answer {
                Answer::Offboardings(board) => {
                    m.board.counts = board.counts;
                    Ok((board.page, r.at))
                }
                _ => Err(odd()),
            });
            page(&mut m.board.list, req, result, height)
        }
        Slot::Owed => {
            let result = result.and_then(|r| match r.answer {
                Answer::Duties(rows) => Ok((Page { rows, next: None }, r.at)),
                _ => Err(odd()),
            });
            page(&mut m.board.owed, req, result, height)
        }
        Slot::Case => return case(m, req, result, height),
        Slot::Overlay => return overlay_answer(m, req, result),
        Slot::Leave => return freeze::left(m, req, result),
        Slot::Verify => return verified(m, req, result),
        Slot::Alerts => page(&mut m.alerts.list, req, rows!(Alerts), height),
        Slot::People => page(&mut m.people.list, req, rows!(People), height),
        Slot::Timeline => match &mut m.person {
            Some(p) => page(&mut p.list, req, rows!(Timeline), height),
            None => return,
        },
        Slot::Plans => page(&mut m.plans.list, req, rows!(Plans), height),
        Slot::Approvals => page(&mut m.approvals.list, req, rows!(Approvals), height),
        Slot::Freezes => page(&mut m.freezes.list, req, rows!(Freezes), height),
        Slot::Audit => page(&mut m.audit.list, req, rows!(Audit), height),
    };
    match took {
        Took::Dropped => {}
        Took::Done { lost_marks } => lists::lost_marks(m, lost_marks),
        // The pane may have been left meanwhile; its next refresh starts over.
        Took::Ask(slice) => lists::load_in(m, slot, slice),
    }
}

fn today(m: &mut Model, req: ReqId, result: Result<Reply, Failure>, height: usize) {
    if !m.today.counts.takes(req) {
        return;
    }
    let taken = match result {
        Ok(Reply { at, answer: Answer::Today(mut today), .. }) => {
            let rows = std::mem::take(&mut today.urgent);
            m.today.counts.data.ready(*today, at);
            Ok((Page { rows, next: None }, at))
        }
        Ok(_) => Err(odd()),
        Err(why) => Err(why),
    };
    if let Err(why) = &taken {
        m.today.counts.data.failed(why.clone());
    }
    match m.today.urgent.take(req, taken, height) {
        Took::Ask(slice) => lists::load_in(m, Slot::Today, slice),
        Took::Done { lost_marks } => lists::lost_marks(m, lost_marks),
        Took::Dropped => {}
    }
}

/// The card of a case is its own page: the lines of the tab come from it.
fn case(m: &mut Model, req: ReqId, result: Result<Reply, Failure>, height: usize) {
    let Some(pane) = m.case.as_mut().filter(|p| p.card.req == Some(req)) else { return };
    pane.card.req = None;
    let taken = match result {
        Ok(Reply { at, answer: Answer::Offboarding(card), .. }) => {
            pane.label = label(&card.row.employee);
            let rows = pane.lines(&card);
            pane.card.data.ready(card, at);
            Ok((Page { rows, next: None }, at))
        }
        Ok(_) => Err(odd()),
        Err(why) => Err(why),
    };
    if let Err(why) = &taken {
        pane.card.data.failed(why.clone());
    }
    match pane.list.take(req, taken, height) {
        Took::Ask(slice) => lists::load_in(m, Slot::Case, slice),
        Took::Done { lost_marks } => lists::lost_marks(m, lost_marks),
        Took::Dropped => {}
    }
}

fn overlay_answer(m: &mut Model, req: ReqId, result: Result<Reply, Failure>) {
    macro_rules! one {
        ($remote:expr, $kind:ident) => {
            take($remote, req, result, |a| match a {
                Answer::$kind(value) => Some(value),
                _ => None,
            })
        };
    }
    match m.overlay.as_mut().map(|o| &mut o.what) {
        Some(Overlay::Reader(reader)) => match &mut reader.what {
            Reading::Report(wait) => one!(wait, Report),
            Reading::Explain(wait) => one!(wait, Explain),
            Reading::Contest(wait) => one!(wait, Contest),
            Reading::Admin(view) => one!(&mut view.who, Found),
            Reading::Approval(view) => take(&mut view.subject, req, result, |a| {
                let subject = matches!(a, Answer::Plan(_) | Answer::Freeze(_) | Answer::Alert(_) | Answer::Offboarding(_));
                subject.then(|| Box::new(a))
            }),
            _ => {}
        },
        Some(Overlay::WhatIf(form)) => one!(&mut form.answer, WhatIf),
        Some(Overlay::FreezePlan(view)) => one!(&mut view.plan, FreezePlan),
        Some(Overlay::Find(find)) => {
            if find.found.req == Some(req) {
                find.more = matches!(&result, Ok(Reply { answer: Answer::People(page), .. }) if page.next.is_some());
            }
            take(&mut find.found, req, result, |a| match a {
                Answer::Found(people) => Some(people),
                Answer::People(page) => Some(page.rows.into_iter().map(|r| r.person).collect()),
                _ => None,
            });
            overlay::find::found(m);
        }
        Some(Overlay::Pick(pick)) if pick.req == Some(req) => {
            pick.req = None;
            match result {
                Ok(Reply { answer: Answer::Operators(list), .. }) => overlay::pick::owners(pick, &list),
                Ok(_) => pick.fault = Some(odd().what),
                Err(why) => pick.fault = Some(why.what),
            }
        }
        // The overlay was closed before its answer came.
        _ => {}
    }
}

fn take<T>(remote: &mut Remote<T>, req: ReqId, result: Result<Reply, Failure>, of: impl Fn(Answer) -> Option<T>) {
    if remote.takes(req) {
        match result.and_then(|r| of(r.answer).map(|v| (v, r.at)).ok_or_else(odd)) {
            Ok((value, at)) => remote.data.ready(value, at),
            Err(why) => remote.data.failed(why),
        }
    }
}

fn verified(m: &mut Model, req: ReqId, result: Result<Reply, Failure>) {
    if m.verify.take_if(|r| *r == req).is_none() {
        return;
    }
    match result {
        Ok(Reply { at, answer: Answer::Verified(v), .. }) => {
            m.admin.verified = Some((at, v.clone()));
            let (tone, what) = match v.broken {
                None => {
                    (Tone::Good, Sentence::new("notice-verified").with("n", v.entries).with("head", v.head.get(..12).unwrap_or(&v.head)))
                }
                Some((chain, b)) => (
                    Tone::Warn,
                    Sentence::new("notice-chain-broken")
                        .with("chain", chain)
                        .with("seq", b.seq)
                        .with("fault", format!("@chain-fault-{}", b.fault)),
                ),
            };
            m.tell(tone, what);
        }
        Ok(_) => m.tell(Tone::Warn, odd().what),
        Err(why) => m.tell(Tone::Warn, why.what),
    }
}
