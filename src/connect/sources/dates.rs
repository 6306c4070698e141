//! Dates and instants in files.
//!
//! Without `formats` a value is written year first (`2024-03-01`, `2024/3/1`, `20240301`, `2024年3月1日`, with an optional time and
//! offset): there is only one way to read it. Every other order must be named in the mapping, and two formats that could read one
//! value as two dates are refused when the mapping is read.

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime, Time, date},
    fmt::strtime::{self, BrokenDownTime},
    tz::{Offset, TimeZone},
};

/// What a value says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// A civil date or date and time, in the company's zone.
    Civil(DateTime),
    Instant(Timestamp),
}

impl Stamp {
    pub(super) fn date(self, zone: &TimeZone) -> Date {
        match self {
            Self::Civil(t) => t.date(),
            Self::Instant(t) => zone.to_datetime(t).date(),
        }
    }

    /// The instant, in whole microseconds, which is what a store keeps; a date is the start of its day.
    pub(super) fn instant(self, zone: &TimeZone) -> Option<Timestamp> {
        let t = match self {
            Self::Civil(t) => zone.to_timestamp(t).ok()?,
            Self::Instant(t) => t,
        };
        if t.subsec_nanosecond() % 1000 == 0 { Some(t) } else { Timestamp::from_microsecond(t.as_microsecond()).ok() }
    }
}

/// Reads a value in the first of `formats` that fits it, or year first when there are none.
pub(super) fn parse(text: &str, formats: &[String]) -> Option<Stamp> {
    if formats.is_empty() { year_first(text) } else { formats.iter().find_map(|f| by_format(f, text)) }
}

fn by_format(format: &str, text: &str) -> Option<Stamp> {
    let t = BrokenDownTime::parse(format, text).ok()?;
    if t.offset().is_some() || t.timestamp().is_some() {
        return t.to_timestamp().ok().map(Stamp::Instant);
    }
    let date = t.to_date().ok()?;
    let time = if t.hour().is_some() { t.to_time().ok()? } else { Time::midnight() };
    Some(Stamp::Civil(date.to_datetime(time)))
}

/// Whether a format reads back what it writes; one that names no whole date does not.
pub(super) fn is_format(format: &str) -> bool {
    probe(format, date(2003, 11, 29))
        .is_some_and(|text| by_format(format, &text).is_some_and(|s| s.date(&TimeZone::UTC) == date(2003, 11, 29)))
}

/// Two formats that read one text as two dates: `%m/%d/%Y` and `%d/%m/%Y` do. Every day of three early years of a century is tried,
/// so that day, month and two-digit year can stand for one another.
pub(super) fn clash(formats: &[String]) -> Option<(&str, &str)> {
    for (i, a) in formats.iter().enumerate() {
        for b in formats.iter().skip(i + 1) {
            let mut day = date(2001, 1, 1);
            while day.year() < 2004 {
                let differs = |from: &str, to: &str| {
                    probe(from, day).and_then(|text| by_format(to, &text)).is_some_and(|s| s.date(&TimeZone::UTC) != day)
                };
                if differs(a, b) || differs(b, a) {
                    return Some((a, b));
                }
                day = day.checked_add(1.day()).ok()?;
            }
        }
    }
    None
}

fn probe(format: &str, day: Date) -> Option<String> {
    strtime::format(format, &day.to_zoned(TimeZone::UTC).ok()?).ok()
}

/// Reads `2024-03-01`, `2024/3/1`, `2024.3.1`, `20240301` or `2024年3月1日`, and after a space or `T` `8:30`, `08:30:15.25`, and after
/// that `Z` or an offset. By hand, because a million rows go through it.
fn year_first(text: &str) -> Option<Stamp> {
    let mut s = Digits(text.as_bytes());
    let year = i16::try_from(s.exactly(4)?).ok()?;
    let (month, day);
    if s.eat("年") {
        month = s.upto2()?;
        s.need("月")?;
        day = s.upto2()?;
        s.eat("日");
    } else if let Some(sep) = s.one_of(b"-/.") {
        month = s.upto2()?;
        s.one_of(&[sep])?;
        day = s.upto2()?;
    } else {
        month = i8::try_from(s.exactly(2)?).ok()?;
        day = i8::try_from(s.exactly(2)?).ok()?;
    }
    let date = Date::new(year, month, day).ok()?;
    if s.0.is_empty() {
        return Some(Stamp::Civil(date.to_datetime(Time::midnight())));
    }
    s.one_of(b"Tt ")?;
    let hour = s.upto2()?;
    s.need(":")?;
    let minute = i8::try_from(s.exactly(2)?).ok()?;
    let (mut second, mut nanos) = (0, 0);
    if s.eat(":") {
        second = i8::try_from(s.exactly(2)?).ok()?;
        if s.one_of(b".,").is_some() {
            nanos = s.fraction()?;
        }
    }
    let civil = date.to_datetime(Time::new(hour, minute, second, nanos).ok()?);
    if s.0.is_empty() {
        return Some(Stamp::Civil(civil));
    }
    s.eat(" ");
    let offset = match s.one_of(b"Zz+-")? {
        b'Z' | b'z' => 0,
        sign => {
            let hours = s.exactly(2)?;
            s.eat(":");
            let minutes = if s.0.is_empty() { 0 } else { s.exactly(2).filter(|m| *m < 60)? };
            (hours * 3600 + minutes * 60) * if sign == b'-' { -1 } else { 1 }
        }
    };
    if !s.0.is_empty() {
        return None;
    }
    Offset::from_seconds(offset).ok()?.to_timestamp(civil).ok().map(Stamp::Instant)
}

/// What is left of the text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn digit(&mut self) -> Option<i32> {
        match self.0 {
            [d @ b'0'..=b'9', rest @ ..] => {
                self.0 = rest;
                Some(i32::from(d - b'0'))
            }
            _ => None,
        }
    }

    fn exactly(&mut self, n: usize) -> Option<i32> {
        let mut out = 0;
        for _ in 0..n {
            out = out * 10 + self.digit()?;
        }
        Some(out)
    }

    fn upto2(&mut self) -> Option<i8> {
        let first = self.digit()?;
        i8::try_from(self.digit().map_or(first, |second| first * 10 + second)).ok()
    }

    /// Digits after the point, as nanoseconds; those past the ninth are dropped.
    fn fraction(&mut self) -> Option<i32> {
        let mut out = self.digit()?;
        let mut places = 1;
        while let Some(d) = self.digit() {
            if places < 9 {
                out = out * 10 + d;
                places += 1;
            }
        }
        Some((places..9).fold(out, |n, _| n * 10))
    }

    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        match self.0 {
            [b, rest @ ..] if set.contains(b) => {
                self.0 = rest;
                Some(*b)
            }
            _ => None,
        }
    }

    fn eat(&mut self, word: &str) -> bool {
        match self.0.strip_prefix(word.as_bytes()) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    fn need(&mut self, word: &str) -> Option<()> {
        self.eat(word).then_some(())
    }
}
