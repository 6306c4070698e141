//! Ages and clocks in words, and the instant at which the words change, so that an idle screen sleeps until then.

use super::{Lang, Texts};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Store time has microseconds: the first instant at which a count of whole units left is one less.
const TICK: SignedDuration = SignedDuration::from_micros(1);

impl Texts {
    /// How long ago: `3 min` / `3 分`; `now` / `刚刚` in the first minute and for times to come.
    pub fn age(&self, lang: Lang, from: Timestamp, now: Timestamp) -> String {
        match seconds(now, from).max(0) {
            s if s < MINUTE => self.get(lang, "time-now"),
            s if s < HOUR => self.count(lang, "time-minutes", s / MINUTE),
            s if s < DAY => self.count(lang, "time-hours", s / HOUR),
            s => self.count(lang, "time-days", s / DAY),
        }
    }

    /// How long until a clock runs out, rounded down, or since it did: `1 d 4 h left` / `剩 1天4时`, `2 h over` / `超时 2时`.
    pub fn left(&self, lang: Lang, due: Timestamp, now: Timestamp) -> String {
        let (key, s) = if now <= due { ("time-left", seconds(due, now)) } else { ("time-over", seconds(now, due)) };
        self.fmt(lang, key, &[("time", &self.span(lang, s))])
    }

    fn span(&self, lang: Lang, s: i64) -> String {
        match s {
            s if s < MINUTE => self.get(lang, "time-span-moment"),
            s if s < HOUR => self.count(lang, "time-span-minutes", s / MINUTE),
            s if s < DAY => self.count(lang, "time-span-hours", s / HOUR),
            s => {
                let (days, hours) = (s / DAY, s % DAY / HOUR);
                self.fmt(lang, "time-span-days", &[("days", &days.to_string()), ("hours", &hours.to_string())])
            }
        }
    }

    fn count(&self, lang: Lang, key: &str, n: i64) -> String {
        self.fmt(lang, key, &[("n", &n.to_string())])
    }
}

/// Whole seconds from `b` to `a`, rounded towards zero.
fn seconds(a: Timestamp, b: Timestamp) -> i64 {
    a.duration_since(b).as_secs()
}

fn later(t: Timestamp, seconds: i64) -> Timestamp {
    t.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

/// Unit in which a past span is counted.
fn unit(s: i64, long: i64) -> i64 {
    match s {
        s if s < HOUR => MINUTE,
        s if s < DAY => HOUR,
        _ => long,
    }
}

/// When the text of [`Texts::age`] changes next; later than `now`.
pub fn age_changes_at(from: Timestamp, now: Timestamp) -> Timestamp {
    let s = seconds(now, from).max(0);
    let unit = unit(s, DAY);
    later(from, (s / unit + 1) * unit)
}

/// When the text of [`Texts::left`] changes next; later than `now`.
pub fn left_changes_at(due: Timestamp, now: Timestamp) -> Timestamp {
    let just_after = |t: Timestamp| t.checked_add(TICK).unwrap_or(Timestamp::MAX);
    if now > due {
        let s = seconds(now, due);
        let unit = unit(s, HOUR);
        return later(due, (s / unit + 1) * unit);
    }
    let s = seconds(due, now);
    let unit = unit(s, HOUR);
    just_after(later(due, -(s / unit * unit)))
}

/// An instant in the reader's zone: `2026-11-22 09:05`.
pub fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The civil day of an instant in the reader's zone: `2026-11-22`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn at(s: i64) -> Timestamp {
        Timestamp::from_second(1_795_300_000 + s).unwrap()
    }

    #[test]
    fn ages_and_clocks_read_well_in_both_languages() {
        let t = Texts::new(&[]);
        let age = |lang, s| t.age(lang, at(0), at(s));
        assert_eq!(age(Lang::En, 10), "now");
        assert_eq!(age(Lang::En, 3 * 60 + 59), "3 min");
        assert_eq!(age(Lang::ZhCn, 3 * 60), "3 分");
        assert_eq!(age(Lang::En, 5 * HOUR), "5 h");
        assert_eq!(age(Lang::ZhCn, 49 * HOUR), "2 天");
        assert_eq!(age(Lang::En, -500), "now");
        let left = |lang, s| t.left(lang, at(s), at(0));
        assert_eq!(left(Lang::En, 28 * HOUR + 10), "1 d 4 h left");
        assert_eq!(left(Lang::ZhCn, 28 * HOUR + 10), "剩 1天4时");
        assert_eq!(left(Lang::En, 72 * HOUR), "3 d left");
        assert_eq!(left(Lang::ZhCn, 72 * HOUR), "剩 3天");
        assert_eq!(left(Lang::En, 90 * MINUTE), "1 h left");
        assert_eq!(left(Lang::En, 5), "<1 min left");
        assert_eq!(left(Lang::En, -2 * HOUR), "2 h over");
        assert_eq!(left(Lang::ZhCn, -2 * HOUR), "超时 2时");
        assert_eq!(left(Lang::ZhCn, -1), "超时 不足1分");
    }

    #[test]
    fn an_instant_is_shown_in_the_readers_zone() {
        let t: Timestamp = "2026-11-22T01:05:59Z".parse().unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(stamp(t, &zone), "2026-11-22 09:05");
        assert_eq!(day(t, &TimeZone::get("America/New_York").unwrap()), "2026-11-21");
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let t = Texts::new(&[]);
        for (a, b) in [(Timestamp::MIN, Timestamp::MAX), (Timestamp::MAX, Timestamp::MIN), (Timestamp::MAX, Timestamp::MAX)] {
            t.age(Lang::En, a, b);
            t.left(Lang::En, a, b);
            age_changes_at(a, b);
            left_changes_at(a, b);
            stamp(a, &TimeZone::get("Pacific/Kiritimati").unwrap());
        }
    }

    proptest! {
        /// Until the named instant the text stays; at it, the text is another one.
        #[test]
        fn the_next_change_is_exact(s in -400_000i64..400_000, micros in 0i64..1_000_000) {
            static TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::new(&[]));
            let t = &*TEXTS;
            let now = at(s) + SignedDuration::from_micros(micros);
            for lang in Lang::ALL {
                let next = age_changes_at(at(0), now);
                prop_assert!(next > now);
                prop_assert_eq!(t.age(lang, at(0), now), t.age(lang, at(0), next - TICK));
                prop_assert_ne!(t.age(lang, at(0), now), t.age(lang, at(0), next));
                let next = left_changes_at(at(0), now);
                prop_assert!(next > now);
                prop_assert_eq!(t.left(lang, at(0), now), t.left(lang, at(0), next - TICK));
                prop_assert_ne!(t.left(lang, at(0), now), t.left(lang, at(0), next));
            }
        }
    }
}
