//! `view`: the model in, cells out. Pure; says where the cursor is and when a shown text changes by itself.

pub mod admin;
pub mod alerts;
pub mod approvals;
pub mod audit;
pub mod case;
pub mod chart;
pub mod chrome;
pub mod freeze;
pub mod layout;
pub mod offboarding;
pub mod overlay;
pub mod paint;
pub mod people;
pub mod person;
pub mod plans;
pub mod state;
pub mod table;
pub mod today;

use super::{
    look::Meaning,
    model::{Model, Pane},
};
use jiff::Timestamp;
use paint::Paint;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

/// What a drawn frame asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Where text is typed: the terminal's own cursor goes there, and with it the window of an input method.
    pub cursor: Option<Position>,
    /// When a shown text changes by itself.
    pub wake: Option<Timestamp>,
}

/// Draws the whole screen.
pub fn draw(m: &Model, area: Rect, buf: &mut Buffer) -> Meta {
    let mut p = Paint::new(m, area, buf);
    p.fill(area);
    if layout::is_too_small((area.width, area.height)) {
        chrome::too_small(&mut p, area);
        return p.meta;
    }
    let r = layout::regions((area.width, area.height));
    chrome::header(&mut p, r.header);
    chrome::tabs(&mut p, r.tabs);
    match &m.overlay {
        Some(open) if !overlay::leaves_the_body(&open.what) => overlay::draw(&mut p, &open.what, r.body),
        _ => pane(&mut p, r.body),
    }
    chrome::status(&mut p, r.status);
    chrome::footer(&mut p, r.footer);
    p.meta
}

fn pane(p: &mut Paint<'_>, body: Rect) {
    match p.m.pane {
        Pane::Today => today::draw(p, body),
        Pane::Alerts => alerts::draw(p, body),
        Pane::People => people::draw(p, body),
        Pane::Person => person::draw(p, body),
        Pane::Plans => plans::draw(p, body),
        Pane::Approvals => approvals::draw(p, body),
        Pane::Freezes => freeze::list(p, body),
        Pane::Order => freeze::order(p, body),
        Pane::Offboarding => offboarding::draw(p, body),
        Pane::Case => case::draw(p, body),
        Pane::Audit => audit::draw(p, body),
        Pane::Admin => admin::draw(p, body),
    }
}

/// The two innermost units of a path: the root is the same for everybody.
pub fn unit(org: &str) -> String {
    let parts: Vec<&str> = org.split('/').filter(|s| !s.is_empty()).collect();
    parts.iter().skip(parts.len().saturating_sub(2)).copied().collect::<Vec<_>>().join("/")
}

/// The meaning of a band: also said by its word.
pub fn band(band: crate::domain::score::Band) -> Meaning {
    use crate::domain::score::Band;
    match band {
        Band::Low => Meaning::BandLow,
        Band::Medium => Meaning::BandMedium,
        Band::MediumHigh => Meaning::BandMediumHigh,
        Band::High => Meaning::BandHigh,
    }
}
