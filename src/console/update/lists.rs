//! The list of the pane: cursor, marks, pages, filter, views.

use super::{admin, offboarding};
use crate::{
    backend::{
        Filter, Query,
        query::{AlertView, CaseView, FreezeView, Slice, TimelineKind},
    },
    console::{
        effect::{ReqId, Slot},
        model::{
            AuditTab, Model, Pane, Tone,
            admin::AdminTab,
            list::{List, Row},
            offboarding::CaseTab,
        },
        view::layout::list_height,
    },
    domain::{alert::next_due, sentence::Sentence},
};
use strum::IntoEnumIterator;

/// What can be done with a list whatever its rows are.
pub trait Scroll {
    fn step(&mut self, by: isize, height: usize) -> Option<Slice>;
    fn first(&mut self) -> Option<Slice>;
    fn last(&mut self, height: usize) -> Option<Slice>;
    fn refresh(&mut self) -> Option<Slice>;
    fn sent(&mut self, req: ReqId);
    fn reset(&mut self);
    fn clamp(&mut self, height: usize);
    fn toggle_mark(&mut self);
    fn toggle_all(&mut self);
    fn unmark_all(&mut self) -> usize;
}

impl<T: Row> Scroll for List<T> {
    fn step(&mut self, by: isize, height: usize) -> Option<Slice> {
        Self::step(self, by, height)
    }
    fn first(&mut self) -> Option<Slice> {
        Self::first(self)
    }
    fn last(&mut self, height: usize) -> Option<Slice> {
        Self::last(self, height)
    }
    fn refresh(&mut self) -> Option<Slice> {
        Self::refresh(self)
    }
    fn sent(&mut self, req: ReqId) {
        Self::sent(self, req);
    }
    fn reset(&mut self) {
        Self::reset(self);
    }
    fn clamp(&mut self, height: usize) {
        Self::clamp(self, height);
    }
    fn toggle_mark(&mut self) {
        Self::toggle_mark(self);
    }
    fn toggle_all(&mut self) {
        Self::toggle_all(self);
    }
    fn unmark_all(&mut self) -> usize {
        let n = self.marks();
        Self::unmark_all(self);
        n
    }
}

/// Where the answers for the pane's list go.
pub fn slot(m: &Model) -> Slot {
    match m.pane {
        Pane::Today => Slot::Today,
        Pane::Alerts => Slot::Alerts,
        Pane::People => Slot::People,
        Pane::Person => Slot::Timeline,
        Pane::Plans => Slot::Plans,
        Pane::Approvals => Slot::Approvals,
        Pane::Freezes => Slot::Freezes,
        Pane::Order => Slot::Order,
        Pane::Offboarding if m.board.duties => Slot::Owed,
        Pane::Offboarding => Slot::Board,
        Pane::Case => Slot::Case,
        Pane::Audit => Slot::Audit,
        Pane::Admin => Slot::Admin,
    }
}

fn list_of(m: &mut Model, slot: Slot) -> Option<&mut dyn Scroll> {
    Some(match slot {
        Slot::Today => &mut m.today.urgent,
        Slot::Alerts => &mut m.alerts.list,
        Slot::People => &mut m.people.list,
        Slot::Timeline => &mut m.person.as_mut()?.list,
        Slot::Plans => &mut m.plans.list,
        Slot::Approvals => &mut m.approvals.list,
        Slot::Freezes => &mut m.freezes.list,
        Slot::Order => m.order.as_mut()?,
        Slot::Board => &mut m.board.list,
        Slot::Owed => &mut m.board.owed,
        Slot::Case => &mut m.case.as_mut()?.list,
        Slot::Audit => &mut m.audit.list,
        Slot::Admin => &mut m.admin.list,
        _ => return None,
    })
}

/// The list of the pane.
pub fn shown(m: &mut Model) -> Option<&mut dyn Scroll> {
    let slot = slot(m);
    list_of(m, slot)
}

fn query(m: &Model, slot: Slot, slice: Slice) -> Option<Query> {
    Some(match slot {
        Slot::Today => Query::Today,
        Slot::Alerts => Query::Alerts { view: m.alerts.view, filter: m.alerts.filter.filter.clone(), slice },
        Slot::People => Query::People { filter: m.people.filter.filter.clone(), slice },
        Slot::Timeline => {
            let p = m.person.as_ref()?;
            Query::Timeline { id: p.id, kinds: p.kind.map_or_else(|| TimelineKind::iter().collect(), |k| vec![k]), slice }
        }
        Slot::Plans => Query::Plans { filter: m.plans.filter.filter.clone(), slice },
        Slot::Approvals => Query::Approvals { slice },
        Slot::Freezes => Query::Freezes { view: m.freezes.view, filter: m.freezes.filter.filter.clone(), slice },
        Slot::Order => Query::Freeze { id: m.order.as_ref()?.id },
        Slot::Board => Query::Offboardings { view: m.board.view, state: None, filter: m.board.filter.filter.clone(), slice },
        Slot::Owed => Query::Duties,
        Slot::Case => Query::Offboarding { id: m.case.as_ref()?.id },
        Slot::Admin => m.admin.query(slice),
        Slot::Audit if m.audit.tab == AuditTab::Access => Query::Access { slice },
        Slot::Audit => Query::Audit { filter: m.audit.filter.filter.clone(), slice },
        _ => return None,
    })
}

/// Asks for a slice of one list, whether its pane is shown or not.
pub fn load_in(m: &mut Model, slot: Slot, slice: Slice) {
    let Some(query) = query(m, slot, slice) else { return };
    let req = m.ask(slot, query);
    if slot == Slot::Today {
        m.today.counts.asked(req);
    }
    if let Some(pane) = m.case.as_mut().filter(|_| slot == Slot::Case) {
        pane.card.asked(req);
    }
    if let Some(list) = list_of(m, slot) {
        list.sent(req);
    }
    if slot == Slot::Admin {
        admin::beside(m);
    }
}

/// Asks for a slice of the pane's list.
pub fn load(m: &mut Model, slice: Option<Slice>) {
    if let Some(slice) = slice {
        let slot = slot(m);
        load_in(m, slot, slice);
    }
}

/// Asks again for what the pane shows.
pub fn refresh(m: &mut Model) {
    let slice = shown(m).and_then(|l| l.refresh());
    load(m, slice);
}

/// Asks again when a clock that is shown ran out: counts and the order of the queue follow it.
pub fn due(m: &mut Model) {
    let list = match m.pane {
        Pane::Today => &m.today.urgent,
        Pane::Alerts => &m.alerts.list,
        _ => return,
    };
    let Some(at) = list.data.at() else { return };
    if list.rows().iter().filter_map(|r| next_due(&r.alert)).any(|due| at < due && due < m.now) {
        refresh(m);
    }
}

/// Keeps the cursor on screen after the size changed.
pub fn clamp(m: &mut Model) {
    let height = list_height(m);
    if let Some(list) = shown(m) {
        list.clamp(height);
    }
}

/// Moves the cursor.
pub fn step(m: &mut Model, by: isize) {
    let height = list_height(m);
    let slice = shown(m).and_then(|l| l.step(by, height));
    load(m, slice);
}

/// Moves by pages.
pub fn page(m: &mut Model, by: isize) {
    let height = isize::try_from(list_height(m)).unwrap_or(1).max(1);
    step(m, by * height);
}

/// To the top.
pub fn first(m: &mut Model) {
    let slice = shown(m).and_then(|l| l.first());
    load(m, slice);
}

/// To the end of what is loaded; loads on.
pub fn last(m: &mut Model) {
    let height = list_height(m);
    let slice = shown(m).and_then(|l| l.last(height));
    load(m, slice);
}

/// Marks the row and goes on to the next.
pub fn mark(m: &mut Model) {
    if let Some(list) = shown(m) {
        list.toggle_mark();
    }
    step(m, 1);
}

/// Marks all rows that are loaded, or none.
pub fn mark_all(m: &mut Model) {
    if let Some(list) = shown(m) {
        list.toggle_all();
    }
}

/// Takes all marks away; false when there were none.
pub fn unmark(m: &mut Model) -> bool {
    shown(m).is_some_and(|l| l.unmark_all() > 0)
}

/// Text of the pane's filter.
pub fn filter_text(m: &Model) -> &str {
    match m.pane {
        Pane::Alerts => &m.alerts.filter.text,
        Pane::People => &m.people.filter.text,
        Pane::Plans => &m.plans.filter.text,
        Pane::Freezes => &m.freezes.filter.text,
        Pane::Audit => &m.audit.filter.text,
        Pane::Offboarding if !m.board.duties => &m.board.filter.text,
        Pane::Today | Pane::Person | Pane::Approvals | Pane::Order | Pane::Offboarding | Pane::Case | Pane::Admin => "",
    }
}

/// Sets the pane's filter; a text that cannot be read is told, and nothing changes.
pub fn set_filter(m: &mut Model, text: &str) -> bool {
    let text = text.trim();
    let parsed = if text.is_empty() { Ok(Filter::default()) } else { Filter::parse(text) };
    let filter = match parsed {
        Ok(filter) => filter,
        Err(why) => {
            m.tell(Tone::Warn, why);
            return false;
        }
    };
    let place = match m.pane {
        Pane::Alerts => &mut m.alerts.filter,
        Pane::People => &mut m.people.filter,
        Pane::Plans => &mut m.plans.filter,
        Pane::Freezes => &mut m.freezes.filter,
        Pane::Audit => &mut m.audit.filter,
        Pane::Offboarding if !m.board.duties => &mut m.board.filter,
        Pane::Today | Pane::Person | Pane::Approvals | Pane::Order | Pane::Offboarding | Pane::Case | Pane::Admin => return true,
    };
    place.filter = filter;
    place.text = text.to_owned();
    restart(m);
    true
}

/// Forgets the rows of the pane's list and asks from the top.
fn restart(m: &mut Model) {
    if let Some(list) = shown(m) {
        list.reset();
    }
    refresh(m);
}

/// The next or the previous view of the pane.
pub fn turn(m: &mut Model, by: isize) {
    match m.pane {
        Pane::Alerts => m.alerts.view = around(&AlertView::iter().collect::<Vec<_>>(), &m.alerts.view, by),
        Pane::Person => {
            let kinds: Vec<_> = std::iter::once(None).chain(TimelineKind::iter().map(Some)).collect();
            if let Some(p) = &mut m.person {
                p.kind = around(&kinds, &p.kind, by);
            }
        }
        Pane::Offboarding => {
            let all: Vec<_> = CaseView::iter().map(Some).chain([None]).collect();
            let view = around(&all, &Some(m.board.view).filter(|_| !m.board.duties), by);
            m.board.duties = view.is_none();
            m.board.view = view.unwrap_or(m.board.view);
        }
        Pane::Case => {
            if let Some(pane) = &m.case {
                let tab = around(&CaseTab::iter().collect::<Vec<_>>(), &pane.tab, by);
                offboarding::turn(m, tab);
            }
            return;
        }
        Pane::Admin => m.admin.tab = around(&AdminTab::iter().collect::<Vec<_>>(), &m.admin.tab, by),
        Pane::Audit => m.audit.tab = around(&[AuditTab::Acts, AuditTab::Access], &m.audit.tab, by),
        Pane::Freezes => m.freezes.view = around(&FreezeView::iter().collect::<Vec<_>>(), &m.freezes.view, by),
        Pane::Today | Pane::People | Pane::Plans | Pane::Approvals | Pane::Order => return,
    }
    restart(m);
}

fn around<T: Copy + PartialEq>(all: &[T], now: &T, by: isize) -> T {
    let len = isize::try_from(all.len()).unwrap_or(1).max(1);
    let at = all.iter().position(|x| x == now).and_then(|i| isize::try_from(i).ok()).unwrap_or(0);
    usize::try_from((at + by).rem_euclid(len)).ok().and_then(|i| all.get(i)).copied().unwrap_or(*now)
}

/// Told when a refresh took marks away with their rows.
pub fn lost_marks(m: &mut Model, n: usize) {
    if n > 0 {
        m.tell(Tone::Info, Sentence::new("notice-lost-marks").with("n", n));
    }
}
