//! The screen: ratatui's frames in as few bytes as a slow link deserves, one synchronized write a frame, none when nothing changed.
//!
//! ratatui's own backend moves the cursor after every wide character, writes each style change on its own and 25 bytes for a frame
//! without changes; its difference of two buffers forgets the style of what a wide character covered. This one remembers what the
//! terminal shows, compares what can be seen, merges styles, moves by the shortest sequence, erases runs of blanks and trusts the
//! cursor as long as every terminal agrees where it is.

use super::{colour::Depth, pen::Pen};
use ratatui::{
    backend::{Backend, ClearType, WindowSize},
    buffer::{Cell, CellWidth},
    layout::{Position, Size},
    style::Color,
};
use std::io::{self, Write};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

#[cfg(test)]
mod tests;

/// Larger terminals exist only as mistakes (65535x65535 from a broken `stty`); they get a picture of this size.
const LARGEST: Size = Size { width: 500, height: 200 };
/// What a terminal that does not know its size (0x0: serial lines, some containers) is taken for.
const CUSTOMARY: Size = Size { width: 80, height: 24 };

const SYNC_BEGIN: &[u8] = b"\x1b[?2026h";
const SYNC_END: &[u8] = b"\x1b[?2026l";

/// Unchanged columns between two changed ones that are written again when that takes no more bytes than a move.
const BRIDGE: usize = 4;

/// A ratatui backend over any writer.
///
/// Call [`ratatui::Terminal::clear`] before each draw (it costs no byte): the frame then arrives whole and the comparison is exact.
pub struct Screen<W> {
    out: W,
    depth: Depth,
    size: Size,
    /// What the terminal shows, row by row, and what it is to show. The second column of a wide character has an empty symbol.
    shown: Vec<Cell>,
    next: Vec<Cell>,
    /// Cells of the frame under way.
    body: Vec<u8>,
    /// Sequences that are not part of the picture (title, clipboard); they go out before the next frame.
    aside: Vec<u8>,
    repaint: bool,
    pen: Pen,
    /// Where the terminal's cursor is; `None` when that is not known. `x == width` after the last column was written.
    at: Option<Position>,
    /// The last character is one that terminals place differently; see [`is_unsure`].
    unsure: bool,
    cursor: Cursor,
    shown_cursor: Cursor,
    sent: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cursor {
    visible: bool,
    position: Position,
}

impl<W> Screen<W> {
    /// A screen on a terminal that was just cleared, with its cursor hidden and no attribute set.
    pub fn new(out: W, depth: Depth, size: Size) -> Self {
        let mut screen = Self {
            out,
            depth,
            size: Size::ZERO,
            shown: Vec::new(),
            next: Vec::new(),
            body: Vec::new(),
            aside: Vec::new(),
            repaint: false,
            pen: Pen::default(),
            at: None,
            unsure: false,
            cursor: Cursor::default(),
            shown_cursor: Cursor::default(),
            sent: 0,
        };
        screen.set_size(size);
        screen.repaint = false;
        screen
    }

    /// Tells the size of the terminal; a new one repaints everything. Any value is taken: 0 is an unknown size and means 80x24, more
    /// than 500x200 is a mistake and means that.
    pub fn set_size(&mut self, size: Size) {
        let size = match size {
            Size { width: 0, .. } | Size { height: 0, .. } => CUSTOMARY,
            Size { width, height } => Size { width: width.min(LARGEST.width), height: height.min(LARGEST.height) },
        };
        if size != self.size {
            self.size = size;
            let area = usize::from(size.width) * usize::from(size.height);
            self.next = vec![Cell::EMPTY; area];
            self.shown = vec![Cell::EMPTY; area];
            self.repaint = true;
        }
    }

    /// Changes how many colours are shown, from the next frame on.
    pub fn set_depth(&mut self, depth: Depth) {
        self.depth = depth;
    }

    /// Forgets what the terminal shows: the next frame clears and paints everything.
    pub fn repaint(&mut self) {
        self.repaint = true;
    }

    /// Adds a sequence that is not part of the picture (title, clipboard) to the next write.
    pub fn aside(&mut self, sequence: &[u8]) {
        self.aside.extend_from_slice(sequence);
    }

    /// Bytes of the last frame; 0 when it changed nothing.
    pub fn sent(&self) -> usize {
        self.sent
    }

    /// What the screen writes to.
    pub fn writer(&self) -> &W {
        &self.out
    }

    /// Puts a cell into the next picture, in the form in which it will be seen.
    fn place(&mut self, x: u16, y: u16, cell: &Cell) {
        let Size { width, height } = self.size;
        if x >= width || y >= height {
            return;
        }
        let symbol = cell.symbol();
        let mut columns = if symbol.chars().any(char::is_control) { 0 } else { cell.cell_width() };
        let mut seen = Cell::EMPTY;
        if columns == 0 || x.saturating_add(columns) > width {
            columns = 1;
        } else if columns > 1 && is_emoji_sequence(symbol) {
            // Terminals count these from one to eight columns: the first character alone is counted alike by all.
            let first = symbol.chars().next().unwrap_or(' ');
            seen.set_char(first);
            columns = first.width().and_then(|w| u16::try_from(w).ok()).unwrap_or(1).max(1);
        } else {
            seen.set_symbol(symbol);
        }
        seen.set_style(cell.style());
        let pen = Pen::of(&seen, self.depth);
        (seen.fg, seen.bg, seen.modifier, seen.underline_color) = (pen.fg, pen.bg, pen.modifier, Color::Reset);
        let start = usize::from(y) * usize::from(width) + usize::from(x);
        // A cell that a wide character covered until now is uncovered.
        if let Some(after) = self.next.get_mut(start + 1).filter(|after| after.symbol().is_empty()) {
            after.reset();
        }
        let mut half = seen.clone();
        half.set_symbol("");
        for offset in 1..usize::from(columns) {
            if let Some(covered) = self.next.get_mut(start + offset) {
                covered.clone_from(&half);
            }
        }
        if let Some(place) = self.next.get_mut(start) {
            *place = seen;
        }
    }

    /// Writes what differs on one row.
    fn row(&mut self, y: u16, shown: &[Cell], next: &[Cell]) {
        let changed = |x: usize| shown.get(x) != next.get(x);
        let width = next.len();
        let mut x = 0;
        while let Some(cell) = next.get(x) {
            let here = Position { x: u16::try_from(x).unwrap_or(u16::MAX), y };
            if !changed(x) || cell.symbol().is_empty() {
                x += 1;
            } else if is_blank(cell) {
                let end = next.iter().skip(x).position(|cell| !is_blank(cell)).map_or(width, |run| x + run);
                let last = (x..end).rev().find(|x| changed(*x)).unwrap_or(x);
                let more_follows = last + 1 == end && end < width && changed(end);
                self.blanks(here, last + 1 - x, end == width, more_follows);
                x = last + 1;
            } else {
                self.bridge(here, next);
                self.glyph(here, cell);
                x += 1;
            }
        }
    }

    /// Blanks `count` columns; `to_end` when nothing else is to be seen on the row, `more_follows` when the next column changes as well.
    fn blanks(&mut self, start: Position, count: usize, to_end: bool, more_follows: bool) {
        self.pen_to(self.pen.for_blanks(Color::Reset));
        self.go(start, false);
        // An erase leaves the cursor where it was, so text that follows costs a move as well.
        if to_end && count > 3 {
            self.put("\x1b[K");
        } else if count > if more_follows { 8 } else { 4 } {
            self.put(&format!("\x1b[{count}X"));
        } else {
            (0..count).for_each(|_| self.put(" "));
            self.advance(start, count);
        }
    }

    /// Writes the unchanged columns before `to` again when that is no longer than moving over them.
    fn bridge(&mut self, to: Position, row: &[Cell]) {
        let Some(from) = self.at.filter(|from| from.y == to.y && from.x < to.x && !self.unsure) else { return };
        let between = row.get(usize::from(from.x)..usize::from(to.x)).unwrap_or_default();
        let bytes: usize = between.iter().map(|cell| cell.symbol().len()).sum();
        let same_pen = |cell: &Cell| if is_blank(cell) { self.pen.for_blanks(cell.bg) } else { Pen::of(cell, Depth::True) } == self.pen;
        // A wide character that starts before the gap would be cut.
        let whole = between.first().is_some_and(|cell| !cell.symbol().is_empty());
        if bytes < BRIDGE && whole && between.iter().all(|cell| same_pen(cell) && !is_unsure(cell.symbol())) {
            between.iter().for_each(|cell| self.put(cell.symbol()));
            self.at = Some(to);
        }
    }

    /// Writes a cell that shows something.
    fn glyph(&mut self, at: Position, cell: &Cell) {
        let blank = cell.symbol() == " ";
        let pen = Pen::of(cell, Depth::True);
        self.pen_to(if blank && pen.modifier.is_empty() { self.pen.for_blanks(pen.bg) } else { pen });
        let unsure = is_unsure(cell.symbol());
        self.go(at, unsure);
        self.put(cell.symbol());
        self.advance(at, usize::from(cell.cell_width().max(1)));
        self.unsure = unsure;
    }

    /// Moves to a cell by the shortest way that is sure to end there. After an unsure character that is an absolute one, but a run of
    /// them (`unsure_too`) is written through.
    fn go(&mut self, to: Position, unsure_too: bool) {
        let from = self.at.filter(|from| !self.unsure || (unsure_too && *from == to));
        self.unsure = false;
        self.at = Some(to);
        if from == Some(to) {
            return;
        }
        let mut way = match to {
            Position { x: 0, y: 0 } => csi(&[], 'H'),
            Position { x: 0, y } => csi(&[y + 1], 'H'),
            Position { x, y } => csi(&[y + 1, x + 1], 'H'),
        };
        let mut shorter = |other: String| {
            if other.len() < way.len() {
                way = other;
            }
        };
        if let Some(from) = from {
            let down = to.y.checked_sub(from.y).filter(|rows| *rows < 4).map(|rows| "\n".repeat(usize::from(rows)));
            // In the last column terminals differ in what a relative move does, except that a return leads to the first.
            let settled = from.x < self.size.width;
            if to.y == from.y && settled {
                shorter(csi(&[to.x + 1], 'G'));
                if let Some(right) = to.x.checked_sub(from.x) {
                    shorter(if right == 1 { "\x1b[C".into() } else { csi(&[right], 'C') });
                }
            }
            if let Some(down) = down {
                if to.x == 0 {
                    shorter(format!("\r{down}"));
                } else if to.x == from.x && settled {
                    shorter(down);
                }
            }
        }
        self.put(&way);
    }

    fn advance(&mut self, from: Position, columns: usize) {
        let columns = u16::try_from(columns).unwrap_or(u16::MAX);
        self.at = Some(Position { x: from.x.saturating_add(columns), y: from.y });
    }

    fn pen_to(&mut self, to: Pen) {
        let change = self.pen.change(to);
        self.put(&change);
        self.pen = to;
    }

    fn put(&mut self, text: &str) {
        self.body.extend_from_slice(text.as_bytes());
    }

    /// The bytes that make the terminal show the next picture; empty when it does.
    fn frame(&mut self) -> Vec<u8> {
        // Somebody else may have written since (`wall`, a line of noise): each frame finds its own first place.
        self.at = None;
        self.unsure = false;
        if self.repaint {
            self.pen = Pen::default();
            self.shown.fill(Cell::EMPTY);
        }
        let (mut shown, next) = (std::mem::take(&mut self.shown), std::mem::take(&mut self.next));
        let width = usize::from(self.size.width);
        for (y, (before, after)) in (0u16..).zip(shown.chunks(width).zip(next.chunks(width))) {
            if before != after {
                self.row(y, before, after);
            }
        }
        shown.clone_from_slice(&next);
        (self.shown, self.next) = (shown, next);
        self.pen_to(Pen::default());

        let drawn = self.repaint || !self.body.is_empty();
        let moved = self.cursor.visible && (drawn || self.cursor != self.shown_cursor);
        let mut frame = std::mem::take(&mut self.aside);
        if drawn {
            frame.extend_from_slice(SYNC_BEGIN);
        }
        if self.repaint {
            frame.extend_from_slice(b"\x1b[m\x1b[2J");
        }
        frame.append(&mut self.body);
        if self.shown_cursor.visible && !self.cursor.visible {
            frame.extend_from_slice(b"\x1b[?25l");
        }
        if moved {
            let Position { x, y } = self.cursor.position;
            frame.extend_from_slice(csi(&[y + 1, x + 1], 'H').as_bytes());
            if !self.shown_cursor.visible {
                frame.extend_from_slice(b"\x1b[?25h");
            }
        }
        if drawn {
            frame.extend_from_slice(SYNC_END);
        }
        self.repaint = false;
        self.shown_cursor = self.cursor;
        frame
    }
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        content.for_each(|(x, y, cell)| self.place(x, y, cell));
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.cursor.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.cursor.visible = true;
        Ok(())
    }

    /// Where the cursor was last put; the terminal is not asked, because an answer may take seconds or never come.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.position)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.cursor.position = Position { x: x.min(self.size.width - 1), y: y.min(self.size.height - 1) };
        Ok(())
    }

    /// Starts the next picture from blanks; what the terminal shows of it already is not written again.
    fn clear(&mut self) -> io::Result<()> {
        self.next.fill(Cell::EMPTY);
        Ok(())
    }

    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        // A full-screen terminal only ever clears all of it.
        self.clear()
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::ZERO })
    }

    /// Writes the frame, in one piece, if there is anything to write.
    fn flush(&mut self) -> io::Result<()> {
        let frame = self.frame();
        self.sent = frame.len();
        if frame.is_empty() {
            return Ok(());
        }
        self.out.write_all(&frame)?;
        self.out.flush()
    }
}

/// True for a cell that an erase makes.
fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && cell.bg == Color::Reset && cell.modifier.is_empty()
}

/// True when terminals differ in how many columns the text takes: ambiguous width, combining marks, emoji, scripts that join.
fn is_unsure(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    match (chars.next(), chars.next()) {
        (None | Some(' '..='~'), None) => false,
        // Kana, ideographs, Hangul syllables and full-width forms are two columns everywhere.
        (Some('\u{3001}'..='\u{303e}' | '\u{3041}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'), None) => false,
        (Some('\u{f900}'..='\u{faff}' | '\u{ff01}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}'), None) => false,
        (Some(_), None) => symbol.width() != 1 || symbol.width_cjk() != 1,
        _ => true,
    }
}

/// Emoji made of several characters (skin, hair, families, variation selectors).
fn is_emoji_sequence(symbol: &str) -> bool {
    symbol
        .chars()
        .skip(1)
        .any(|c| matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}'))
}

fn csi(numbers: &[u16], last: char) -> String {
    format!("\x1b[{}{last}", numbers.iter().map(u16::to_string).collect::<Vec<_>>().join(";"))
}
