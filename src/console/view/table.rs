//! The table that every list is: columns that drop out by priority, a marker and one bold cell for the cursor.
//!
//! A one-row move changes two markers and two names and nothing else: that is what it costs over a slow line.

use super::paint::Paint;
use crate::{
    console::{
        look::Meaning,
        model::list::{List, Row},
    },
    text::width,
};
use ratatui::layout::Rect;

/// A column.
pub struct Column {
    pub title: String,
    pub width: u16,
    /// Columns with the highest number go first when the screen is narrow; 0 never goes.
    pub priority: u8,
    /// Takes the room that is left; only the last column that stays may.
    pub flex: bool,
}

impl Column {
    /// A column at least as wide as its title and the widest of its words.
    pub fn new(title: String, width: u16, priority: u8) -> Self {
        let width = width.max(u16::try_from(crate::text::width(&title)).unwrap_or(width));
        Self { title, width, priority, flex: false }
    }

    /// The same, and it takes the room that is left.
    pub fn flex(self) -> Self {
        Self { flex: true, ..self }
    }
}

/// A cell.
pub struct Cell {
    pub text: String,
    pub meaning: Meaning,
}

impl Cell {
    pub fn new(text: impl Into<String>, meaning: Meaning) -> Self {
        Self { text: text.into(), meaning }
    }

    pub fn base(text: impl Into<String>) -> Self {
        Self::new(text, Meaning::Base)
    }

    pub fn muted(text: impl Into<String>) -> Self {
        Self::new(text, Meaning::Muted)
    }
}

/// Widest of some words.
pub fn widest<'a>(words: impl IntoIterator<Item = &'a String>) -> u16 {
    words.into_iter().map(|w| width(w)).max().and_then(|w| u16::try_from(w).ok()).unwrap_or(0)
}

/// Place for the marker and the mark, before the first column.
const GUTTER: u16 = 2;

/// Columns that fit, as (index, x, width). The last cell of a line stays free: it says that there is more.
fn place(columns: &[Column], area: Rect) -> Vec<(usize, u16, u16)> {
    let area = Rect { width: area.width.saturating_sub(1), ..area };
    let gap = if area.width >= 99 { 2 } else { 1 };
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let need = |kept: &[usize]| {
        kept.iter().filter_map(|i| columns.get(*i)).map(|c| u32::from(c.width) + u32::from(gap)).sum::<u32>().saturating_sub(gap.into())
            + u32::from(GUTTER)
    };
    while need(&kept) > u32::from(area.width) && kept.len() > 1 {
        let worst = kept.iter().copied().max_by_key(|i| columns.get(*i).map_or(0, |c| c.priority));
        match worst {
            Some(i) if columns.get(i).is_some_and(|c| c.priority > 0) => kept.retain(|k| *k != i),
            _ => {
                kept.pop();
            }
        }
    }
    let spare = u16::try_from(u32::from(area.width).saturating_sub(need(&kept))).unwrap_or(0);
    let mut x = area.x + GUTTER;
    let mut places = Vec::new();
    for i in kept {
        let Some(c) = columns.get(i) else { continue };
        let w = if c.flex { c.width + spare } else { c.width };
        places.push((i, x, w.min(area.right().saturating_sub(x))));
        x = x.saturating_add(w + gap);
    }
    places
}

/// Draws heads and rows. The first column is the one that the cursor makes bold.
pub fn draw<T: Row>(p: &mut Paint<'_>, area: Rect, columns: &[Column], list: &List<T>, cells: impl Fn(&mut Paint<'_>, &T) -> Vec<Cell>) {
    let places = place(columns, area);
    for (i, x, w) in &places {
        if let Some(c) = columns.get(*i) {
            p.put(*x, area.y, *w, &c.title, Meaning::Muted);
        }
    }
    let at = list.at();
    for (y, (n, row)) in (area.y + 1..area.bottom()).zip(list.rows().iter().enumerate().skip(list.top)) {
        let here = at == Some(n);
        if here {
            p.put(area.x, y, 1, p.sym.cursor, Meaning::Selection);
        }
        if list.is_marked(&row.id()) {
            p.put(area.x + 1, y, 1, p.sym.mark, Meaning::Mark);
        }
        let cells = cells(p, row);
        for (i, x, w) in &places {
            if let Some(cell) = cells.get(*i) {
                let meaning = if *i == 0 && here { Meaning::Selection } else { cell.meaning };
                p.put(*x, y, *w, &cell.text, meaning);
            }
        }
    }
    more(p, area, list);
}

/// Signs at the right edge that there are rows above or below.
fn more<T: Row>(p: &mut Paint<'_>, area: Rect, list: &List<T>) {
    let Some(w) = list.data.value() else { return };
    let (before, after) = w.more();
    let height = usize::from(area.height.saturating_sub(1));
    if area.height < 2 {
        return;
    }
    if before || list.top > 0 {
        p.put(area.right().saturating_sub(1), area.y, 1, p.sym.up, Meaning::Muted);
    }
    if after || list.top + height < w.rows.len() {
        p.put(area.right().saturating_sub(1), area.bottom() - 1, 1, p.sym.down, Meaning::Muted);
    }
}
