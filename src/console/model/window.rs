//! The part of a long list that is in memory: a few pages, fetched by key.

use crate::backend::{Cursor, Page};

/// Consecutive rows of a list, and how to get more at either end.
#[derive(Clone, Debug, Default)]
pub struct Window<T> {
    pub rows: Vec<T>,
    /// First row and `after` cursor of each page in the window.
    pub(super) starts: Vec<(usize, Option<Cursor>)>,
    /// `after` cursors of the pages before the window.
    pub(super) above: Vec<Option<Cursor>>,
    pub(super) next: Option<Cursor>,
}

impl<T> Window<T> {
    /// Whether there are rows before and after the window.
    pub fn more(&self) -> (bool, bool) {
        (!self.above.is_empty(), self.next.is_some())
    }

    pub(super) fn append(&mut self, after: Option<Cursor>, page: Page<T>) {
        self.starts.push((self.rows.len(), after));
        self.rows.extend(page.rows);
        self.next = page.next;
    }

    pub(super) fn prepend(&mut self, after: Option<Cursor>, page: Page<T>) -> usize {
        let n = page.rows.len();
        for start in &mut self.starts {
            start.0 += n;
        }
        self.starts.insert(0, (0, after));
        self.rows.splice(0..0, page.rows);
        n
    }

    /// Drops the first page; returns how many rows went.
    pub(super) fn drop_first(&mut self) -> usize {
        if self.starts.len() < 2 {
            return 0;
        }
        let (_, after) = self.starts.remove(0);
        self.above.push(after);
        let n = self.starts.first().map_or(0, |s| s.0);
        self.rows.drain(..n.min(self.rows.len()));
        for start in &mut self.starts {
            start.0 -= n;
        }
        n
    }

    pub(super) fn drop_last(&mut self) {
        if self.starts.len() < 2 {
            return;
        }
        if let Some((start, after)) = self.starts.pop() {
            self.rows.truncate(start);
            self.next = after;
        }
    }
}
