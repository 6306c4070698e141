//! A score over time, in braille dots or ASCII, with the lines of its bands.

use super::paint::Paint;
use crate::{
    backend::answer::ScorePoint,
    console::look::{Meaning, glyphs::braille},
};
use ratatui::layout::Rect;

/// Scores at which a band begins [SC-4].
const LINES: [f64; 3] = [4.0, 7.0, 8.0];
/// Columns of the scale at the left.
const SCALE: u16 = 5;

/// Draws the points over the area's width; the first and the last day below.
pub fn draw(p: &mut Paint<'_>, area: Rect, points: &[ScorePoint]) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    if area.height < 4 || area.width < SCALE + 20 {
        return;
    }
    let plot = Rect { x: area.x + SCALE, width: area.width - SCALE - 1, height: area.height - 1, ..area };
    // Dots of the finer grid of braille; ASCII has one a cell.
    let (fine_x, fine_y) = if p.sym.braille { (2, 4) } else { (1, 1) };
    let (w, h) = (usize::from(plot.width) * fine_x, usize::from(plot.height) * fine_y);
    let row = |score: f64| {
        let from_top = (1.0 - score.clamp(0.0, 10.0) / 10.0) * (h - 1) as f64;
        (from_top.round() as usize).min(h - 1)
    };
    for line in LINES {
        let y = plot.y + u16::try_from(row(line) / fine_y).unwrap_or(0);
        let dots = p.sym.band_line.repeat(usize::from(plot.width));
        p.put(plot.x, y, plot.width, &dots, Meaning::ChartLine);
        p.put(area.x, y, SCALE, &format!("{line:>3.0}"), Meaning::Muted);
    }
    let days = last.on.since(first.on).map_or(0, |s| s.get_days()).max(1);
    let column = |pt: &ScorePoint| {
        let since = pt.on.since(first.on).map_or(0, |s| s.get_days()).clamp(0, days);
        let at = f64::from(since) / f64::from(days) * (w - 1) as f64;
        (at.round() as usize).min(w - 1)
    };
    let mut grid = vec![0u8; usize::from(plot.width) * usize::from(plot.height)];
    let mut dot = |x: usize, y: usize| {
        // Bit order of the braille block: the left column top down, then the right one; the fourth row was added later.
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let bit = BITS.get(y % fine_y).and_then(|r| r.get(x % fine_x)).copied().unwrap_or(1);
        if let Some(cell) = grid.get_mut((y / fine_y) * usize::from(plot.width) + x / fine_x) {
            *cell |= bit;
        }
    };
    let mut before: Option<(usize, usize)> = None;
    for pt in points {
        let (x, y) = (column(pt), row(pt.score));
        // A step: the score holds until the next one.
        if let Some((bx, by)) = before {
            (bx..=x).for_each(|x| dot(x, by));
            (by.min(y)..=by.max(y)).for_each(|y| dot(x, y));
        }
        dot(x, y);
        before = Some((x, y));
    }
    for (i, bits) in grid.iter().enumerate().filter(|(_, b)| **b != 0) {
        let (x, y) = (i % usize::from(plot.width), i / usize::from(plot.width));
        let text = if p.sym.braille { braille(*bits).to_string() } else { p.sym.dot.to_owned() };
        if let (Ok(x), Ok(y)) = (u16::try_from(x), u16::try_from(y)) {
            p.put(plot.x + x, plot.y + y, 1, &text, Meaning::Chart);
        }
    }
    let y = area.bottom() - 1;
    p.put(plot.x, y, 10, &first.on.to_string(), Meaning::Muted);
    p.put_right(plot.right(), y, &last.on.to_string(), Meaning::Muted);
    let mid = p.m.t("chart-legend");
    let w = u16::try_from(crate::text::width(&mid)).unwrap_or(0);
    if plot.width > w + 26 {
        p.put(plot.x + (plot.width - w) / 2, y, w, &mid, Meaning::Muted);
    }
}
