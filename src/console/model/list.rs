//! A list of any length: a window of at most a few pages, a cursor and marks by id.
//!
//! Pages are fetched by key. The window slides: loading a page at one end drops one at the other, so that a list of a million rows costs
//! what one of two hundred costs. A refresh asks for the pages of the window again and swaps them in together, so that a row that moved
//! from one page to the next is never missing in between.

use super::{dataset::Dataset, window::Window};
use crate::{
    backend::{Failure, Page, query::Slice},
    console::effect::ReqId,
};
use jiff::Timestamp;
use std::{collections::BTreeMap, fmt::Debug};

/// Rows that are asked for at a time.
pub const PAGE: u32 = 50;
/// Pages that are kept.
pub const PAGES: usize = 3;

/// A row that a cursor can stand on.
pub trait Row: Clone + Debug {
    type Id: Clone + Debug + Ord;
    /// What the row is, for as long as it exists.
    fn id(&self) -> Self::Id;
    /// Version that an act carries; `None` where rows have none.
    fn version(&self) -> Option<i64> {
        None
    }
    /// How a confirmation names it.
    fn label(&self) -> String;
}

/// What a mark remembers, for when its row is no longer in the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked {
    pub version: Option<i64>,
    pub label: String,
}

/// Cursor and marks, by id.
#[derive(Clone, Debug)]
pub struct Selection<I> {
    cursor: Option<I>,
    /// Where the cursor stands, or stood when its row left the list.
    hint: usize,
    /// The row under the cursor left the list; the next move picks a row near `hint`.
    gone: bool,
    marks: BTreeMap<I, Marked>,
}

impl<I> Default for Selection<I> {
    fn default() -> Self {
        Self { cursor: None, hint: 0, gone: false, marks: BTreeMap::new() }
    }
}

/// What was asked for.
#[derive(Clone, Debug)]
enum Asked<T> {
    Top,
    More,
    Before,
    /// Pages of the window, in order, as far as they came.
    Refresh(Window<T>),
}

/// What came of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Took {
    /// It was an answer to an older question.
    Dropped,
    /// The list changed; this many marks are gone with their rows.
    Done { lost_marks: usize },
    /// Ask for one page more.
    Ask(Slice),
}

/// A list pane's rows, cursor and scroll position.
#[derive(Clone, Debug)]
pub struct List<T: Row> {
    pub data: Dataset<Window<T>>,
    pub sel: Selection<T::Id>,
    /// First row on screen.
    pub top: usize,
    req: Option<ReqId>,
    asked: Option<Asked<T>>,
    /// Something changed while a question was under way: ask again.
    again: bool,
}

impl<T: Row> Default for List<T> {
    fn default() -> Self {
        Self { data: Dataset::NotAsked, sel: Selection::default(), top: 0, req: None, asked: None, again: false }
    }
}

impl<T: Row> List<T> {
    /// Rows of the window.
    pub fn rows(&self) -> &[T] {
        self.data.value().map_or(&[], |w| &w.rows)
    }

    /// Position of the cursor in the window.
    pub fn at(&self) -> Option<usize> {
        let id = self.sel.cursor.as_ref()?;
        self.rows().iter().position(|r| r.id() == *id)
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&T> {
        self.at().and_then(|i| self.rows().get(i))
    }

    /// Whether the row under the cursor left the list.
    pub fn is_gone(&self) -> bool {
        self.sel.gone
    }

    /// Where the cursor stands or stood.
    pub fn hint(&self) -> usize {
        self.sel.hint
    }

    /// Id under the cursor.
    pub fn cursor(&self) -> Option<&T::Id> {
        self.sel.cursor.as_ref()
    }

    /// Marked rows, whether in the window or not. A row in the window is taken as it is shown now.
    pub fn marked(&self) -> Vec<(T::Id, Marked)> {
        let shown: BTreeMap<T::Id, &T> = self.rows().iter().map(|r| (r.id(), r)).collect();
        self.sel
            .marks
            .iter()
            .map(|(id, m)| (id.clone(), shown.get(id).map_or_else(|| m.clone(), |r| Marked { version: r.version(), label: r.label() })))
            .collect()
    }

    /// Whether a row is marked.
    pub fn is_marked(&self, id: &T::Id) -> bool {
        self.sel.marks.contains_key(id)
    }

    /// Number of marks.
    pub fn marks(&self) -> usize {
        self.sel.marks.len()
    }

    /// Takes all marks away.
    pub fn unmark_all(&mut self) {
        self.sel.marks.clear();
    }

    /// Marks the row under the cursor, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        if let Some(row) = self.current().cloned()
            && self.sel.marks.remove(&row.id()).is_none()
        {
            self.sel.marks.insert(row.id(), Marked { version: row.version(), label: row.label() });
        }
    }

    /// Marks every row of the window; when all are marked, none.
    pub fn toggle_all(&mut self) {
        let rows: Vec<_> = self.rows().iter().map(|r| (r.id(), Marked { version: r.version(), label: r.label() })).collect();
        if rows.iter().all(|(id, _)| self.sel.marks.contains_key(id)) {
            self.sel.marks.clear();
        } else {
            self.sel.marks.extend(rows);
        }
    }

    /// Forgets everything: another filter, another view.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// Remembers the request that was made for the slice that one of the functions below returned.
    pub fn sent(&mut self, req: ReqId) {
        self.req = Some(req);
        self.data.asked();
    }

    /// Asks from the top, or for the window again when there is one. While a question is under way it is only noted.
    pub fn refresh(&mut self) -> Option<Slice> {
        if self.asked.is_some() {
            self.again = true;
            return None;
        }
        match self.data.value() {
            Some(w) if !w.starts.is_empty() => {
                let after = w.starts.first().and_then(|s| s.1.clone());
                self.asked = Some(Asked::Refresh(Window { rows: Vec::new(), starts: Vec::new(), above: w.above.clone(), next: None }));
                Some(Slice { after, limit: PAGE })
            }
            _ => {
                self.asked = Some(Asked::Top);
                Some(Slice { after: None, limit: PAGE })
            }
        }
    }

    fn more(&mut self) -> Option<Slice> {
        let after = self.data.value()?.next.clone()?;
        if self.asked.is_some() {
            return None;
        }
        self.asked = Some(Asked::More);
        Some(Slice { after: Some(after), limit: PAGE })
    }

    fn before(&mut self) -> Option<Slice> {
        let after = self.data.value()?.above.last()?.clone();
        if self.asked.is_some() {
            return None;
        }
        self.asked = Some(Asked::Before);
        Some(Slice { after, limit: PAGE })
    }

    /// Takes a page or a failure. `height` is the number of rows on screen.
    pub fn take(&mut self, req: ReqId, result: Result<(Page<T>, Timestamp), Failure>, height: usize) -> Took {
        if self.req != Some(req) {
            return Took::Dropped;
        }
        self.req = None;
        let Some(asked) = self.asked.take() else { return Took::Dropped };
        let (page, at) = match result {
            Ok(ok) => ok,
            Err(why) => {
                self.data.failed(why);
                self.again = false;
                return Took::Done { lost_marks: 0 };
            }
        };
        let mut window = match &self.data {
            Dataset::Ready { value, .. } | Dataset::Stale { value, .. } => value.clone(),
            _ => Window { rows: Vec::new(), starts: Vec::new(), above: Vec::new(), next: None },
        };
        let seen: Vec<T::Id> = window.rows.iter().map(Row::id).collect();
        let mut compare = false;
        match asked {
            Asked::Top => {
                window = Window { rows: Vec::new(), starts: Vec::new(), above: Vec::new(), next: None };
                window.append(None, page);
            }
            Asked::More => {
                let after = window.next.clone();
                window.append(after, page);
                if window.starts.len() > PAGES {
                    let gone = window.drop_first();
                    self.top = self.top.saturating_sub(gone);
                    self.sel.hint = self.sel.hint.saturating_sub(gone);
                }
            }
            Asked::Before => {
                let after = window.above.pop().unwrap_or_default();
                let n = window.prepend(after, page);
                self.top += n;
                self.sel.hint += n;
                if window.starts.len() > PAGES {
                    window.drop_last();
                }
            }
            Asked::Refresh(mut fresh) => {
                let pages = window.starts.len();
                let after = if fresh.starts.is_empty() { window.starts.first().and_then(|s| s.1.clone()) } else { fresh.next.clone() };
                fresh.append(after, page);
                if let (true, Some(next)) = (fresh.starts.len() < pages, fresh.next.clone()) {
                    self.asked = Some(Asked::Refresh(fresh));
                    return Took::Ask(Slice { after: Some(next), limit: PAGE });
                }
                window = fresh;
                compare = true;
            }
        }
        self.data.ready(window, at);
        let lost_marks = if compare { self.drop_marks(&seen) } else { 0 };
        self.rebase();
        self.clamp(height);
        if std::mem::take(&mut self.again)
            && let Some(slice) = self.refresh()
        {
            return Took::Ask(slice);
        }
        Took::Done { lost_marks }
    }

    /// Takes the marks of rows away that were in the window and are in the list no more.
    fn drop_marks(&mut self, seen: &[T::Id]) -> usize {
        let now: Vec<T::Id> = self.rows().iter().map(Row::id).collect();
        let before = self.sel.marks.len();
        self.sel.marks.retain(|id, _| now.contains(id) || !seen.contains(id));
        before - self.sel.marks.len()
    }

    fn rebase(&mut self) {
        match (self.sel.cursor.is_some(), self.at()) {
            (true, Some(i)) => self.sel.hint = i,
            (true, None) => {
                self.sel.cursor = None;
                self.sel.gone = true;
            }
            (false, _) if !self.sel.gone => {
                self.sel.cursor = self.rows().first().map(Row::id);
                self.sel.hint = 0;
            }
            _ => {}
        }
    }

    /// Moves the cursor by rows; a cursor whose row is gone is set near where it stood. Returns what to load for going on.
    pub fn step(&mut self, by: isize, height: usize) -> Option<Slice> {
        let len = self.rows().len();
        if len == 0 {
            return None;
        }
        let to = match self.at() {
            Some(i) => i.saturating_add_signed(by).min(len - 1),
            None => self.sel.hint.min(len - 1),
        };
        self.set(to, height);
        // A page ahead is asked for in time, so that a held key does not stop.
        let margin = height.max(8);
        if by > 0 && to + margin >= len {
            return self.more();
        }
        if by < 0 && to < margin {
            return self.before();
        }
        None
    }

    /// To the first row: of the window when it starts at the top, else the list is loaded from the top again.
    pub fn first(&mut self) -> Option<Slice> {
        let whole = self.data.value().is_none_or(|w| w.above.is_empty());
        self.sel.gone = false;
        self.top = 0;
        if whole {
            self.set(0, 1);
            return None;
        }
        self.sel.cursor = None;
        self.asked = Some(Asked::Top);
        Some(Slice { after: None, limit: PAGE })
    }

    /// To the last row that is loaded; loads on when there are more.
    pub fn last(&mut self, height: usize) -> Option<Slice> {
        let len = self.rows().len();
        if len == 0 {
            return None;
        }
        self.set(len - 1, height);
        self.more()
    }

    /// Puts the cursor on a position of the window.
    pub fn set(&mut self, to: usize, height: usize) {
        if let Some(id) = self.rows().get(to).map(Row::id) {
            self.sel.cursor = Some(id);
            self.sel.gone = false;
            self.sel.hint = to;
            self.scroll(to, height);
        }
    }

    /// Scrolls by half pages: one repaint of the body for many moves, instead of one for each.
    fn scroll(&mut self, to: usize, height: usize) {
        let height = height.max(1);
        let half = height.div_ceil(2);
        if to < self.top {
            self.top = if to + 1 == self.top { to.saturating_sub(half.saturating_sub(1)) } else { to };
        } else if to >= self.top + height {
            let least = to + 1 - height;
            self.top = if to == self.top + height { least + half.saturating_sub(1) } else { least };
        }
        self.clamp_top(height);
    }

    fn clamp_top(&mut self, height: usize) {
        self.top = self.top.min(self.rows().len().saturating_sub(height.max(1)));
    }

    /// Keeps the cursor on screen after a refresh or a resize.
    pub fn clamp(&mut self, height: usize) {
        self.clamp_top(height);
        if let Some(i) = self.at() {
            self.scroll(i, height);
        }
    }

    /// Puts rows that an act brought back in the place of what is shown.
    pub fn patch(&mut self, row: &T) {
        if let Some(w) = self.data.value_mut() {
            for r in w.rows.iter_mut().filter(|r| r.id() == row.id()) {
                *r = row.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug, PartialEq)]
    struct R(i64);
    impl Row for R {
        type Id = i64;
        fn id(&self) -> i64 {
            self.0
        }
        fn label(&self) -> String {
            self.0.to_string()
        }
    }

    /// A list of numbers behind the door.
    fn page(all: &[i64], slice: &Slice) -> Page<R> {
        let after = slice.after.as_ref().map(|c| c.parse::<i64>().unwrap());
        let rows: Vec<R> = all.iter().filter(|n| after.is_none_or(|a| **n > a)).take(slice.limit as usize).map(|n| R(*n)).collect();
        let more = rows.last().is_some_and(|r| all.last() > Some(&r.0));
        Page { next: more.then(|| rows.last().unwrap().0.to_string()), rows }
    }

    fn settle(list: &mut List<R>, all: &[i64], mut want: Option<Slice>) -> usize {
        let (mut req, mut lost) = (1000, 0);
        while let Some(slice) = want {
            req += 1;
            list.sent(req);
            want = match list.take(req, Ok((page(all, &slice), Timestamp::UNIX_EPOCH)), 20) {
                Took::Ask(s) => Some(s),
                Took::Done { lost_marks } => {
                    lost += lost_marks;
                    None
                }
                Took::Dropped => panic!("dropped its own answer"),
            };
        }
        lost
    }

    fn loaded(all: &[i64]) -> List<R> {
        let mut list = List::default();
        let want = list.refresh();
        settle(&mut list, all, want);
        list
    }

    #[test]
    fn the_first_row_has_the_cursor_at_first() {
        let list = loaded(&[3, 5]);
        assert_eq!(list.cursor(), Some(&3));
        assert_eq!(loaded(&[]).cursor(), None);
    }

    #[test]
    fn a_row_that_leaves_takes_no_other_with_it() {
        let mut list = loaded(&[1, 2, 3, 4]);
        list.step(2, 20);
        assert_eq!(list.cursor(), Some(&3));
        let want = list.refresh();
        settle(&mut list, &[1, 2, 4], want);
        assert!(list.is_gone() && list.current().is_none());
        list.step(1, 20);
        assert_eq!(list.cursor(), Some(&4));
    }

    #[test]
    fn an_answer_to_an_older_question_is_dropped() {
        let mut list: List<R> = List::default();
        let slice = list.refresh().unwrap();
        list.sent(7);
        assert_eq!(list.take(6, Ok((page(&[1], &slice), Timestamp::UNIX_EPOCH)), 20), Took::Dropped);
        assert!(matches!(list.data, Dataset::Loading));
    }

    #[test]
    fn a_million_rows_keep_a_small_window_in_both_directions() {
        let all: Vec<i64> = (0..1000).collect();
        let mut list = loaded(&all);
        for i in 1..1000 {
            let want = list.step(1, 20);
            settle(&mut list, &all, want);
            assert_eq!(list.cursor(), Some(&i));
            assert!(list.rows().len() <= PAGES * PAGE as usize);
        }
        for i in (0..999).rev() {
            let want = list.step(-1, 20);
            settle(&mut list, &all, want);
            assert_eq!(list.cursor(), Some(&i));
            assert!(list.rows().len() <= PAGES * PAGE as usize);
        }
    }

    proptest! {
        /// Invariant 46: whatever comes and goes, the cursor stays on its row or stands nowhere; marks are only on rows that were marked.
        #[test]
        fn the_cursor_never_changes_rows_by_itself(
            start in 1usize..200,
            steps in proptest::collection::vec((-60isize..60, 0i64..400, any::<bool>(), any::<bool>()), 1..30),
        ) {
            let mut all: Vec<i64> = (0..start as i64).map(|n| n * 2).collect();
            let mut list = loaded(&all);
            for (by, n, insert, mark) in steps {
                let want = list.step(by, 20);
                settle(&mut list, &all, want);
                if mark {
                    list.toggle_mark();
                }
                let before = list.cursor().copied();
                if insert {
                    if !all.contains(&n) { all.push(n); all.sort_unstable(); }
                } else {
                    all.retain(|x| *x != n);
                }
                let want = list.refresh();
                settle(&mut list, &all, want);
                match list.cursor().copied() {
                    Some(id) => prop_assert!(before == Some(id) || before.is_none()),
                    None => prop_assert!(list.is_gone() || all.is_empty()),
                }
                if let Some(id) = list.cursor() { prop_assert!(list.rows().iter().any(|r| r.0 == *id)); }
                prop_assert!(list.top == 0 || list.top < list.rows().len());
            }
        }
    }
}
