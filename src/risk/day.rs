//! One civil day in the company's zone, and the windows that end with it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use std::ops::Range;

/// Longest stretch of days that a feature may look back.
pub(super) const MAX_DAYS: u32 = 800;

/// Microsecond bounds of the days up to and including one civil day. Made once for a whole scoring run.
#[derive(Clone, Debug)]
pub struct Day {
    as_of: Date,
    /// First instant after the day.
    end: i64,
    /// First instant of the day `k` days back, newest first, so decreasing.
    starts: Vec<i64>,
}

impl Day {
    /// The day `as_of`, from its midnight to the next in `zone`, whatever the clocks do in between.
    pub fn new(as_of: Date, zone: &TimeZone) -> Self {
        let start = |date: Date| date.to_zoned(zone.clone()).map(|z| z.timestamp()).unwrap_or(Timestamp::MIN).as_microsecond();
        let end = as_of.tomorrow().ok().and_then(|d| d.to_zoned(zone.clone()).ok()).map_or(i64::MAX, |z| z.timestamp().as_microsecond());
        Self { as_of, end, starts: (0..MAX_DAYS).map(|k| start(as_of.saturating_sub(i64::from(k).days()))).collect() }
    }

    /// The day itself.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// First microsecond after the day: what was observed or known from here on does not count.
    pub fn end(&self) -> i64 {
        self.end
    }

    /// Microseconds of the last `days` civil days, this one included.
    pub fn window(&self, days: u32) -> Range<i64> {
        let first = (days.max(1) - 1) as usize;
        self.starts.get(first).copied().unwrap_or(i64::MIN)..self.end
    }

    /// How many civil days before this one an instant lies; 0 is this day.
    pub(super) fn days_back(&self, at: i64) -> u32 {
        self.starts.partition_point(|&start| start > at) as u32
    }

    /// The civil day `days` after this one.
    pub(super) fn after(&self, days: u32) -> Date {
        self.as_of.saturating_add(i64::from(days).days())
    }
}
