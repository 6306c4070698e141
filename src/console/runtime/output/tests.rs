//! What a terminal shows after any sequence of frames, and what it costs.

use super::{
    super::pen::{SEEN_ON_BLANK, colour_code},
    *,
};
use proptest::prelude::*;
use ratatui::{
    Frame, Terminal,
    buffer::Buffer,
    layout::Rect,
    style::{Modifier, Style, Stylize},
    text::Line,
};
use std::num::NonZeroU16;

/// Counts writes and keeps the bytes of the last frame.
#[derive(Default)]
struct Tape {
    bytes: Vec<u8>,
    writes: usize,
}

impl Write for Tape {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(buf);
        self.writes += 1;
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen and the terminal that it writes to.
struct Pair {
    terminal: Terminal<Screen<Tape>>,
    parser: vt100::Parser,
}

impl Pair {
    fn new(width: u16, height: u16) -> Self {
        let screen = Screen::new(Tape::default(), Depth::True, Size { width, height });
        let mut parser = vt100::Parser::new(nonzero(height), nonzero(width), 0);
        parser.process(b"\x1b[?25l");
        Self { terminal: Terminal::new(screen).unwrap(), parser }
    }

    /// Draws, shows the bytes to the terminal and returns them.
    fn draw(&mut self, picture: impl FnOnce(&mut Frame)) -> Vec<u8> {
        self.terminal.clear().unwrap();
        self.terminal.draw(picture).unwrap();
        let screen = self.terminal.backend_mut();
        let tape = std::mem::take(&mut screen.out);
        assert_eq!(tape.bytes.len(), screen.sent());
        assert_eq!(tape.writes, usize::from(!tape.bytes.is_empty()), "one write a frame");
        self.parser.process(&tape.bytes);
        tape.bytes
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().set_size(Size { width, height });
        self.parser.screen_mut().set_size(nonzero(height), nonzero(width));
    }

    /// Compares everything that can be seen.
    fn check(&self, buffer: &Buffer) -> Result<(), TestCaseError> {
        let screen = self.parser.screen();
        for y in 0..buffer.area.height {
            let mut x = 0;
            while x < buffer.area.width {
                let want = &buffer[(x, y)];
                let got = screen.cell(y, x).unwrap();
                let text = if got.has_contents() { got.contents() } else { " " };
                let first = |text: &str| text.chars().next().map(String::from).unwrap();
                let symbol = if is_emoji_sequence(want.symbol()) { first(want.symbol()) } else { want.symbol().to_owned() };
                let context = format!("at {x},{y} wanted {want:?}, got {got:?}");
                let ink = symbol != " ";
                prop_assert_eq!(text, symbol, "{}", context);
                let seen = if ink { Modifier::all() } else { SEEN_ON_BLANK };
                // Blinking, hidden and crossed-out are not in the parser's picture.
                let mut known = Modifier::BOLD | Modifier::DIM | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
                if want.modifier.contains(Modifier::BOLD | Modifier::DIM) {
                    // The parser thinks that they exclude each other.
                    known -= Modifier::BOLD | Modifier::DIM;
                }
                prop_assert_eq!(modifier(got) & seen & known, want.modifier & seen & known, "{}", context);
                prop_assert_eq!(got.bgcolor(), color(want.bg), "{}", context);
                if ink || want.modifier.intersects(SEEN_ON_BLANK) {
                    prop_assert_eq!(got.fgcolor(), color(want.fg), "{}", context);
                }
                x += want.cell_width().max(1);
            }
        }
        Ok(())
    }
}

fn nonzero(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).unwrap()
}

fn modifier(cell: &vt100::Cell) -> Modifier {
    [
        (cell.bold(), Modifier::BOLD),
        (cell.dim(), Modifier::DIM),
        (cell.italic(), Modifier::ITALIC),
        (cell.underline(), Modifier::UNDERLINED),
        (cell.inverse(), Modifier::REVERSED),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .fold(Modifier::empty(), |all, (_, one)| all | one)
}

fn color(color: Color) -> vt100::Color {
    match color {
        Color::Reset => vt100::Color::Default,
        Color::Rgb(r, g, b) => vt100::Color::Rgb(r, g, b),
        Color::Indexed(index) => vt100::Color::Idx(index),
        named => {
            let code: u8 = colour_code(named, 30).parse().unwrap();
            vt100::Color::Idx(if code >= 90 { code - 82 } else { code - 30 })
        }
    }
}

/// One thing painted onto a frame.
#[derive(Clone, Debug)]
enum Paint {
    Text(u16, u16, String, Style),
    Area(Rect, Style),
}

impl Paint {
    fn onto(&self, buffer: &mut Buffer) {
        match self {
            Self::Text(x, y, text, style) if *x < buffer.area.width && *y < buffer.area.height => {
                buffer.set_string(*x, *y, text, *style);
            }
            Self::Text(..) => {}
            Self::Area(area, style) => buffer.set_style(area.intersection(buffer.area), *style),
        }
    }
}

fn any_style() -> impl Strategy<Value = Style> {
    let color = prop_oneof![
        3 => Just(Color::Reset),
        1 => Just(Color::Red),
        1 => Just(Color::LightCyan),
        1 => Just(Color::White),
        1 => any::<u8>().prop_map(Color::Indexed),
        1 => any::<(u8, u8, u8)>().prop_map(|(r, g, b)| Color::Rgb(r, g, b)),
    ];
    (color.clone(), color, any::<u16>()).prop_map(|(fg, bg, bits)| {
        let modifier = if bits & 0x200 == 0 { Modifier::empty() } else { Modifier::from_bits_truncate(bits & 0x1ff) };
        Style::new().fg(fg).bg(bg).add_modifier(modifier)
    })
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-zA-Z0-9 ]{1,12}",
        4 => Just(" ".repeat(11)),
        4 => "[张伟李娜处理中，。（）가나]{1,6}",
        1 => Just("e\u{301}".to_owned()),
        2 => "[─│·—…é×]{1,6}",
        1 => Just("👍".to_owned()),
        1 => prop_oneof![Just("⚠️"), Just("👩‍👩‍👧"), Just("👍🏽")].prop_map(str::to_owned),
        1 => Just("a\x1b[31m\u{202e}b\tc".to_owned()),
    ];
    prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat())
}

fn any_paint() -> impl Strategy<Value = Paint> {
    prop_oneof![
        4 => (0u16..42, 0u16..12, any_text(), any_style()).prop_map(|(x, y, text, style)| Paint::Text(x, y, text, style)),
        1 => (0u16..40, 0u16..12, 1u16..40, 1u16..4, any_style())
            .prop_map(|(x, y, width, height, style)| Paint::Area(Rect { x, y, width, height }, style)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Frames that share most of what they paint, with the window changing size and the cursor coming and going.
    #[test]
    fn the_terminal_shows_the_buffer(
        paints in prop::collection::vec(any_paint(), 1..14),
        frames in prop::collection::vec((any::<u16>(), prop::option::weighted(0.2, (1u16..44, 1u16..14)), any::<Option<(u8, u8)>>()), 1..8),
    ) {
        let mut pair = Pair::new(40, 12);
        for (mask, size, cursor) in frames {
            if let Some((width, height)) = size {
                pair.resize(width, height);
            }
            let mut picture = None;
            pair.draw(|frame| {
                let chosen = paints.iter().enumerate().filter(|(i, _)| mask >> (i % 16) & 1 == 1);
                chosen.for_each(|(_, paint)| paint.onto(frame.buffer_mut()));
                picture = Some(frame.buffer_mut().clone());
                if let Some((x, y)) = cursor {
                    frame.set_cursor_position((u16::from(x), u16::from(y)));
                }
            });
            let picture = picture.unwrap();
            pair.check(&picture)?;
            prop_assert_eq!(pair.parser.screen().hide_cursor(), cursor.is_none());
            if let Some((x, y)) = cursor {
                let place = (u16::from(y).min(picture.area.height - 1), u16::from(x).min(picture.area.width - 1));
                prop_assert_eq!(pair.parser.screen().cursor_position(), place);
            }
        }
    }

    #[test]
    fn any_size_is_survived(width in any::<u16>(), height in any::<u16>()) {
        let size = Screen::new(io::sink(), Depth::True, Size { width, height }).size().unwrap();
        prop_assert!((1..=500).contains(&size.width) && (1..=200).contains(&size.height));
    }
}

/// A list as the console paints it: a marker and a bold name for the chosen row, other columns plain.
fn list(names: &[&str], chosen: usize) -> impl FnOnce(&mut Frame) {
    let lines: Vec<Line> = (0..20usize)
        .map(|row| {
            let name = format!("{:<16}", names[row % names.len()]);
            let name = if row == chosen { name.bold() } else { name.into() };
            let marker = if row == chosen { "> " } else { "  " };
            Line::from(vec![marker.into(), "!! ".red(), name, format!("1000{row:02}  8.2  2 d 03:00").into()])
        })
        .collect();
    move |frame| {
        for (y, line) in (2u16..).zip(&lines) {
            frame.buffer_mut().set_line(0, y, line, 80);
        }
    }
}

#[test]
fn a_one_row_move_keeps_the_budget() {
    for (names, budget) in [(["Alexandra Montgomery-Hughes", "Wei Zhang"], 100), (["欧阳娜娜娜娜娜娜", "司马相如司马相如"], 140)]
    {
        let mut pair = Pair::new(80, 24);
        pair.draw(list(&names, 7));
        for row in [8, 9, 8, 19, 18] {
            let bytes = pair.draw(list(&names, row));
            if row != 19 {
                assert!(bytes.len() <= budget, "{} bytes: {}", bytes.len(), String::from_utf8_lossy(&bytes));
            }
        }
    }
}

#[test]
fn an_unchanged_frame_costs_nothing() {
    let mut pair = Pair::new(80, 24);
    assert!(!pair.draw(list(&["张伟"], 0)).is_empty());
    for _ in 0..60 {
        assert_eq!(pair.draw(list(&["张伟"], 0)), b"");
    }
}

#[test]
fn bytes_of_small_changes() {
    let mut pair = Pair::new(80, 24);
    let mut bytes = |text: Line<'static>, cursor: Option<(u16, u16)>| {
        let frame = pair.draw(|frame| {
            frame.buffer_mut().set_line(0, 4, &text, 80);
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        });
        String::from_utf8(frame).unwrap().replace('\x1b', "^")
    };
    assert_eq!(bytes("张伟 ok".into(), None), "^[?2026h^[5H张伟 ok^[?2026l", "no move after wide characters");
    assert_eq!(bytes("张伟 ok".red().into(), None), "^[?2026h^[31m^[5H张伟 ok^[m^[?2026l", "short colours, merged");
    assert_eq!(bytes("张三 ok".red().into(), None), "^[?2026h^[31m^[5;3H三^[m^[?2026l");
    assert_eq!(bytes("张三 ok 1234567890".into(), None), "^[?2026h^[5H张三 ok 1234567890^[?2026l");
    assert_eq!(bytes("张三 ok 12xxxxxx90".into(), None), "^[?2026h^[5;11Hxxxxxx^[?2026l");
    assert_eq!(bytes("张三 ok         90".into(), None), "^[?2026h^[5;9H^[8X^[?2026l", "blanks are erased");
    assert_eq!(bytes("".into(), None), "^[?2026h^[5H^[K^[?2026l", "to the end of the row");
    assert_eq!(bytes("".into(), Some((3, 4))), "^[5;4H^[?25h");
    assert_eq!(bytes("".into(), Some((3, 4))), "");
    assert_eq!(bytes("".into(), None), "^[?25l");
    assert_eq!(bytes("é·b".into(), None), "^[?2026h^[5Hé·^[5;3Hb^[?2026l", "an absolute move after ambiguous characters");
}

#[test]
fn depth_is_kept() {
    for (depth, codes) in [(Depth::True, "38;2;250;3;2"), (Depth::Ansi256, "38;5;196"), (Depth::Ansi16, "91")] {
        let mut terminal = Terminal::new(Screen::new(Vec::new(), depth, CUSTOMARY)).unwrap();
        terminal.draw(|frame| frame.render_widget("x".fg(Color::Rgb(250, 3, 2)), frame.area())).unwrap();
        assert_eq!(String::from_utf8_lossy(terminal.backend().writer()), format!("\x1b[?2026h\x1b[{codes}m\x1b[Hx\x1b[m\x1b[?2026l"));
    }
    let mut terminal = Terminal::new(Screen::new(Vec::new(), Depth::Mono, CUSTOMARY)).unwrap();
    terminal.draw(|frame| frame.render_widget("x".red().on_blue().bold(), frame.area())).unwrap();
    assert_eq!(String::from_utf8_lossy(terminal.backend().writer()), "\x1b[?2026h\x1b[1m\x1b[Hx\x1b[m\x1b[?2026l");
}

#[test]
fn a_dead_terminal_is_an_error() {
    struct Dead(io::ErrorKind);
    impl Write for Dead {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }
    for kind in [io::ErrorKind::BrokenPipe, io::ErrorKind::WouldBlock, io::ErrorKind::Other] {
        let mut terminal = Terminal::new(Screen::new(Dead(kind), Depth::True, CUSTOMARY)).unwrap();
        let result = terminal.draw(|frame| frame.render_widget("x", frame.area()));
        assert_eq!(result.map(|_| ()).unwrap_err().kind(), kind);
    }
}

#[test]
fn what_stands_aside_goes_out_once_even_without_a_change() {
    let mut pair = Pair::new(80, 24);
    pair.draw(|_| {});
    pair.terminal.backend_mut().aside(b"\x1b]2;t\x07");
    assert_eq!(pair.draw(|_| {}), b"\x1b]2;t\x07");
    assert_eq!(pair.draw(|_| {}), b"");
}
