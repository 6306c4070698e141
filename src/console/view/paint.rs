//! The brush: texts by meaning at a place, cut to their columns.

use super::Meta;
use crate::{
    console::{
        look::{Glyphs, Meaning, Symbols, glyphs::letters},
        model::Model,
    },
    text::{self, fit, width},
};
use jiff::Timestamp;
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
};

/// The model, the cells, and what the frame asks for.
pub struct Paint<'a> {
    pub m: &'a Model,
    pub buf: &'a mut Buffer,
    pub meta: Meta,
    pub sym: &'static Symbols,
    /// Everything is drawn as stale.
    pub stale: bool,
    area: Rect,
}

impl<'a> Paint<'a> {
    pub fn new(m: &'a Model, area: Rect, buf: &'a mut Buffer) -> Self {
        let area = area.intersection(buf.area);
        Self { m, buf, meta: Meta::default(), sym: m.look.symbols(), stale: false, area }
    }

    /// The style of a meaning here.
    fn style(&self, meaning: Meaning) -> ratatui::style::Style {
        let theme = &self.m.look.theme;
        if self.stale { theme.style(Meaning::Stale) } else { theme.style(meaning) }
    }

    /// Paints the ground.
    pub fn fill(&mut self, area: Rect) {
        let style = self.m.look.theme.style(Meaning::Base);
        self.buf.set_style(area.intersection(self.area), style);
    }

    /// Writes a text in at most `cols` columns; returns the columns used.
    pub fn put(&mut self, x: u16, y: u16, cols: u16, what: &str, meaning: Meaning) -> u16 {
        if y < self.area.top() || y >= self.area.bottom() || x >= self.area.right() {
            return 0;
        }
        let plain;
        let what = if self.m.look.glyphs == Glyphs::Letters && !what.is_ascii() {
            plain = letters(what);
            &plain
        } else {
            what
        };
        let cols = cols.min(self.area.right() - x);
        let cut = if width(what) > usize::from(cols) { fit(what, usize::from(cols)) } else { what.to_owned() };
        let style = self.style(meaning);
        let (end, _) = self.buf.set_stringn(x, y, &cut, usize::from(cols), style);
        end.saturating_sub(x)
    }

    /// Writes a text that ends at a column; returns where it begins.
    pub fn put_right(&mut self, end: u16, y: u16, what: &str, meaning: Meaning) -> u16 {
        let w = u16::try_from(width(what)).unwrap_or(u16::MAX).min(end);
        self.put(end - w, y, w, what, meaning);
        end - w
    }

    /// Writes a text and returns the column after it.
    pub fn run(&mut self, x: u16, y: u16, end: u16, what: &str, meaning: Meaning) -> u16 {
        x + self.put(x, y, end.saturating_sub(x), what, meaning)
    }

    /// A horizontal rule with a title.
    pub fn rule(&mut self, area: Rect, y: u16, title: &str) {
        let line = self.sym.rule.repeat(usize::from(area.width));
        self.put(area.x, y, area.width, &line, Meaning::Muted);
        if !title.is_empty() {
            self.put(area.x + 2, y, area.width.saturating_sub(4), &format!(" {title} "), Meaning::Title);
        }
    }

    /// Wraps a text into lines below each other; returns the line after the last.
    pub fn wrap(&mut self, area: Rect, y: u16, what: &str, meaning: Meaning) -> u16 {
        let mut y = y;
        for line in text::wrap(what, usize::from(area.width)) {
            if y >= area.bottom() {
                break;
            }
            self.put(area.x, y, area.width, &line, meaning);
            y += 1;
        }
        y
    }

    /// The frame's text changes at this time.
    pub fn wake(&mut self, at: Timestamp) {
        self.meta.wake = Some(self.meta.wake.map_or(at, |w| w.min(at)));
    }

    /// How long ago, as a text that wakes the console when it changes.
    pub fn age(&mut self, from: Timestamp) -> String {
        self.wake(text::age_changes_at(from, self.m.now));
        self.m.texts.age(self.m.lang, from, self.m.now)
    }

    /// The same as a phrase: `3 min ago`, or `now`.
    pub fn ago(&mut self, from: Timestamp) -> String {
        let age = self.age(from);
        if age == self.m.t("time-now") { age } else { self.m.tf("ago", &[("age", &age)]) }
    }

    /// How long until, as a text that wakes the console when it changes.
    pub fn left(&mut self, due: Timestamp) -> String {
        self.wake(text::left_changes_at(due, self.m.now));
        self.m.texts.left(self.m.lang, due, self.m.now)
    }

    /// Puts the terminal's cursor.
    pub fn cursor(&mut self, x: u16, y: u16) {
        if x < self.area.right() && y < self.area.bottom() {
            self.meta.cursor = Some(Position { x, y });
        }
    }

    /// A line of input with its caret.
    pub fn input(&mut self, x: u16, y: u16, cols: u16, line: &crate::console::model::line::Line, focused: bool) {
        let before = width(line.before());
        let room = usize::from(cols.saturating_sub(1)).max(1);
        // The part around the caret is shown when the text is longer than its place.
        let skip = before.saturating_sub(room);
        let (shown, lost) = drop_columns(line.text(), skip);
        self.put(x, y, cols, shown, if focused { Meaning::Input } else { Meaning::Base });
        if focused {
            let at = u16::try_from(before - lost.min(before)).unwrap_or(0);
            self.cursor(x + at.min(cols.saturating_sub(1)), y);
        }
    }
}

/// A text without its first `skip` columns, and how many went (a wide character is not halved).
fn drop_columns(s: &str, skip: usize) -> (&str, usize) {
    use unicode_segmentation::UnicodeSegmentation;
    let mut lost = 0;
    for (i, g) in s.grapheme_indices(true) {
        if lost >= skip {
            return (s.get(i..).unwrap_or(""), lost);
        }
        lost += width(g);
    }
    if skip == 0 { (s, 0) } else { ("", lost) }
}
