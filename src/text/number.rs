//! Figures as they are shown; the same in both languages.

/// Money from integer fen: `¥412,300.00`, `-¥0.05`.
pub fn money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let abs = fen.unsigned_abs();
    format!("{sign}¥{}.{:02}", thousands(abs / 100), abs % 100)
}

/// A count with separators: `1,940`.
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A fraction as a percentage with at most one decimal: 0.15 -> `15%`, 0.125 -> `12.5%`.
pub fn percent(fraction: f64) -> String {
    let tenths = (fraction * 1000.0).round() / 10.0;
    // Adding zero turns a negative zero into a plain one.
    let tenths = tenths + 0.0;
    if tenths.fract() == 0.0 { format!("{tenths:.0}%") } else { format!("{tenths:.1}%") }
}

/// A score or another figure with one decimal: `8.2`.
pub fn score(value: f64) -> String {
    format!("{:.1}", (value * 10.0).round() / 10.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_people_write_them() {
        assert_eq!(money(41_230_000), "¥412,300.00");
        assert_eq!(money(-5), "-¥0.05");
        assert_eq!(money(i64::MIN), "-¥92,233,720,368,547,758.08");
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_940), "1,940");
        assert_eq!(percent(0.15), "15%");
        assert_eq!(percent(0.125), "12.5%");
        assert_eq!(percent(2.0), "200%");
        assert_eq!(percent(-0.0001), "0%");
        assert_eq!(score(8.2), "8.2");
        assert_eq!(score(7.0), "7.0");
        assert_eq!(score(-0.01), "0.0");
    }
}
