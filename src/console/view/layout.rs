//! Where things are. Pure and shared: `update` scrolls by the same heights that the view draws.

use crate::console::model::{Model, Pane};
use ratatui::layout::Rect;

/// Smallest screen that is drawn.
pub const LEAST: (u16, u16) = (60, 15);
/// From this width on, lists have a detail pane at their right.
pub const WIDE: u16 = 110;
/// Columns of that pane.
pub const DETAIL: u16 = 39;
/// Lines above the list of the today pane: counts, warnings, its title, column heads.
pub const TODAY_HEAD: u16 = 7;

/// Lines above the board: how many cases stand in each column, column heads.
pub const BOARD_HEAD: u16 = 2;
/// Lines above a section of the admin pane: the sections, column heads.
pub const ADMIN_HEAD: u16 = 2;
/// Lines above the lines of a case: who, company track, gates, what is missing first, statutory track, column heads.
pub const CASE_HEAD: u16 = 6;

/// The fixed parts of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regions {
    pub header: Rect,
    pub tabs: Rect,
    pub body: Rect,
    /// Notice, filter line, or what the list shows.
    pub status: Rect,
    pub footer: Rect,
}

/// Whether the screen is too small for anything but saying so.
pub fn is_too_small(size: (u16, u16)) -> bool {
    size.0 < LEAST.0 || size.1 < LEAST.1
}

/// Cuts the screen.
pub fn regions(size: (u16, u16)) -> Regions {
    let (w, h) = size;
    let row = |y: u16, height: u16| Rect { x: 0, y: y.min(h), width: w, height: height.min(h.saturating_sub(y)) };
    Regions {
        header: row(0, 1),
        tabs: row(1, 1),
        body: row(2, h.saturating_sub(4)),
        status: row(h.saturating_sub(2), 1),
        footer: row(h.saturating_sub(1), 1),
    }
}

/// Lines of the parts of the person pane: card, chart, head of the timeline.
pub fn person_heads(m: &Model) -> (u16, u16, u16) {
    let height = regions(m.size).body.height;
    let card = m.person.as_ref().and_then(|p| p.card.data.value());
    let extra = u16::from(card.is_some_and(|c| !c.homonyms.is_empty()));
    let chart = match height {
        0..=13 => 0,
        14..=21 => 7,
        22..=35 => 10,
        _ => 14,
    };
    (4 + extra, chart, 1)
}

/// Rows of the pane's list that are on screen.
pub fn list_height(m: &Model) -> usize {
    let body = regions(m.size).body.height;
    let head = match m.pane {
        Pane::Today => TODAY_HEAD,
        Pane::Offboarding => BOARD_HEAD,
        Pane::Admin => ADMIN_HEAD,
        Pane::Case => CASE_HEAD,
        Pane::Person => {
            let (card, chart, head) = person_heads(m);
            card + chart + head
        }
        Pane::Order => super::freeze::HEAD,
        _ => 1,
    };
    usize::from(body.saturating_sub(head)).max(1)
}
