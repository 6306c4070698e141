//! Columns: how wide a text is on a terminal, and texts of exactly so many columns.
//!
//! A width is the sum over graphemes, because that is how a screen buffer is filled cell by cell; East Asian ambiguous characters are 1.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Columns of a text.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The text in exactly `cols` columns: cut between graphemes with `..` at the end, or padded with spaces.
pub fn fit(text: &str, cols: usize) -> String {
    let mut out = String::with_capacity(cols.max(text.len().min(4 * cols)));
    let mut used = 0;
    // Where the text would end if it had to make room for the dots.
    let mut cut = (0, 0);
    let room = cols.saturating_sub(2);
    for g in text.graphemes(true) {
        let w = g.width();
        if used + w > cols {
            out.truncate(cut.0);
            used = cut.1;
            for _ in 0..cols.saturating_sub(used).min(2) {
                out.push('.');
                used += 1;
            }
            break;
        }
        out.push_str(g);
        used += w;
        if used <= room {
            cut = (out.len(), used);
        }
    }
    out.extend(std::iter::repeat_n(' ', cols.saturating_sub(used)));
    out
}

/// Lines of at most `cols` columns. Latin words break at spaces, Chinese anywhere except before closing or after opening marks;
/// a word longer than a line breaks inside. Line feeds are kept; there is always one line.
pub fn wrap(text: &str, cols: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| wrap_line(line, cols.max(1))).collect()
}

fn wrap_line(text: &str, cols: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    // Spaces are held back: they vanish where a line breaks.
    let mut gap = 0;
    for piece in pieces(text) {
        if piece.bytes().all(|b| b == b' ') {
            gap += piece.len();
            continue;
        }
        let w = width(piece);
        if used > 0 && used + gap + w > cols {
            lines.push(std::mem::take(&mut line));
            (used, gap) = (0, 0);
        }
        gap = gap.min(cols.saturating_sub(w));
        line.extend(std::iter::repeat_n(' ', gap));
        used += gap;
        gap = 0;
        for g in piece.graphemes(true) {
            // A grapheme that no line can hold is a dot.
            let (g, w) = if g.width() > cols { (".", 1) } else { (g, g.width()) };
            if used + w > cols {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(g);
            used += w;
        }
    }
    lines.push(line);
    lines
}

/// Runs that a line break should not split: spaces, a Latin word, or one wide character with the marks that belong to it.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut graphemes = rest.grapheme_indices(true).peekable();
        let (_, first) = graphemes.next()?;
        let mut last = first;
        let mut end = rest.len();
        for (i, g) in graphemes {
            if !belongs(last, g) {
                end = i;
                break;
            }
            last = g;
        }
        let (piece, tail) = rest.split_at_checked(end)?;
        rest = tail;
        Some(piece)
    })
}

fn belongs(last: &str, g: &str) -> bool {
    const OPENING: &str = "（「『《〈【〔［｛(";
    const CLOSING: &str = "）」』》〉】〕］｝、。，．：；！？％～),.:;!?%";
    match (last == " ", g == " ") {
        (true, true) => true,
        (false, false) => OPENING.contains(last) || CLOSING.contains(g) || (last.width() < 2 && g.width() < 2),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_fit_their_columns() {
        assert_eq!(width("张伟 a"), 6);
        assert_eq!(fit("张伟", 6), "张伟  ");
        assert_eq!(fit("张伟", 4), "张伟");
        assert_eq!(fit("欧阳娜娜", 6), "欧阳..");
        assert_eq!(fit("欧阳娜娜", 5), "欧.. ");
        assert_eq!(fit("abcdef", 5), "abc..");
        assert_eq!(fit("张伟", 1), ".");
        assert_eq!(fit("张伟", 0), "");
        assert_eq!(fit("👩‍👩‍👧👩‍👩‍👧", 3), ".. ");
    }

    #[test]
    fn lines_break_where_a_reader_would_break_them() {
        assert_eq!(wrap("talk to the person", 8), ["talk to", "the", "person"]);
        assert_eq!(wrap("先了解需求，再谈方案。", 10), ["先了解需", "求，再谈方", "案。"]);
        assert_eq!(wrap("he said (yes), 1,940 rows", 10), ["he said", "(yes),", "1,940 rows"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrap("", 4), [""]);
        assert_eq!(wrap("张", 1), ["."]);
    }

    proptest! {
        #[test]
        fn a_fitted_text_is_exactly_as_wide_as_asked(text in text(), cols in 0usize..30) {
            let fitted = fit(&text, cols);
            prop_assert_eq!(width(&fitted), cols, "{:?}", fitted);
            // What was kept are whole graphemes from the start of the text.
            let kept: Vec<_> = fitted.graphemes(true).zip(text.graphemes(true)).take_while(|(a, b)| a == b).collect();
            let rest: String = fitted.graphemes(true).skip(kept.len()).collect();
            prop_assert!(rest.trim_matches(['.', ' ']).is_empty(), "{:?} of {:?}", fitted, text);
        }

        #[test]
        fn no_line_is_too_long_and_nothing_but_spaces_is_lost(text in text(), cols in 2usize..30) {
            // Runs of Hangul jamo are graphemes of any width: they become a dot.
            prop_assume!(text.graphemes(true).all(|g| g.width() <= cols));
            let lines = wrap(&text, cols);
            prop_assert!(!lines.is_empty());
            for line in &lines {
                prop_assert!(width(line) <= cols, "{:?}", line);
            }
            let bare = |s: &str| s.chars().filter(|c| *c != ' ' && *c != '\n').collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }

    /// What [`crate::text::safe_multiline`] lets through: nothing else is measured.
    fn text() -> impl Strategy<Value = String> {
        let likely = prop::sample::select("张伟，。（）ab.,( )\n\u{301}👩🇨🇳e\u{1100}\u{1161}".chars().collect::<Vec<_>>());
        prop::collection::vec(prop_oneof![any::<char>(), likely], 0..40)
            .prop_map(|v| crate::text::safe_multiline(&v.into_iter().collect::<String>(), 99).into_owned())
    }
}
