//! Days, local times and moments: what a clock at an airport shows, and when that is.
//!
//! A day is counted from 1970-01-01, a moment in minutes since then (UTC). A local time that a change of clocks skips is moved
//! forward over the gap, one that happens twice is the first of the two.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Days since 1970-01-01, of a local calendar.
pub type Day = i32;
/// Minutes since 1970-01-01T00:00Z.
pub type Moment = i64;

/// Minutes of a day.
pub const DAY_MINUTES: i64 = 24 * 60;
/// Microseconds of a minute.
const MINUTE_US: i64 = 60_000_000;
/// More days than any date is away from 1970.
const DAYS_MAX: Day = 4_371_000;
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// Reads a date written YYYY-MM-DD.
pub fn parse_day(text: &str) -> Option<Day> {
    if text.len() != 10 {
        return None;
    }
    let date: Date = text.parse().ok()?;
    Day::try_from(date.duration_since(EPOCH).as_hours() / 24).ok()
}

/// Writes a day as YYYY-MM-DD.
pub fn day_text(day: Day) -> String {
    date(day).to_string()
}

/// 0 for Monday … 6 for Sunday.
pub fn weekday(day: Day) -> u8 {
    u8::try_from((day + 3).rem_euclid(7)).expect("a remainder of seven")
}

/// The minute that a time in microseconds lies in.
pub fn moment_of_us(us: i64) -> Moment {
    us.div_euclid(MINUTE_US)
}

/// A moment in microseconds.
pub fn us(moment: Moment) -> i64 {
    moment * MINUTE_US
}

/// What the clocks of a zone show at a moment.
pub fn local(zone: &TimeZone, moment: Moment) -> DateTime {
    zone.to_datetime(timestamp(moment))
}

/// The local day of a moment.
pub fn local_day(zone: &TimeZone, moment: Moment) -> Day {
    let offset = i64::from(zone.to_offset(timestamp(moment)).seconds()) / 60;
    day_of(moment + offset)
}

/// A day at a place, ready to turn many of its local times into moments.
#[derive(Clone, Copy, Debug)]
pub struct LocalDay<'a> {
    zone: &'a TimeZone,
    day: Day,
    /// Minutes ahead of UTC, when they are the same all day.
    offset: Option<i64>,
}

impl<'a> LocalDay<'a> {
    /// The day in the zone.
    pub fn new(zone: &'a TimeZone, day: Day) -> Self {
        let at = |day: Day| {
            offset_minutes(
                zone.to_ambiguous_timestamp(date(day).at(0, 0, 0, 0))
                    .offset(),
            )
        };
        let (start, end) = (at(day), at(day + 1));
        Self {
            zone,
            day,
            offset: start.filter(|_| start == end),
        }
    }

    /// The day itself.
    pub fn day(&self) -> Day {
        self.day
    }

    /// The moment at which clocks show so many minutes after midnight.
    pub fn moment(&self, minute: u16) -> Moment {
        if let Some(offset) = self.offset {
            return i64::from(self.day) * DAY_MINUTES + i64::from(minute) - offset;
        }
        let (hour, minute) = (minute / 60, minute % 60);
        let narrow = |value: u16| i8::try_from(value).expect("hours and minutes are below 60");
        let local = date(self.day).at(narrow(hour), narrow(minute), 0, 0);
        let timestamp = self.zone.to_ambiguous_timestamp(local).compatible();
        timestamp
            .expect("flights lie far from the ends of time")
            .as_second()
            .div_euclid(60)
    }
}

fn offset_minutes(offset: jiff::tz::AmbiguousOffset) -> Option<i64> {
    match offset {
        jiff::tz::AmbiguousOffset::Unambiguous { offset } => Some(minutes(offset)),
        jiff::tz::AmbiguousOffset::Gap { .. } | jiff::tz::AmbiguousOffset::Fold { .. } => None,
    }
}

fn minutes(offset: Offset) -> i64 {
    i64::from(offset.seconds()) / 60
}

fn day_of(minutes: i64) -> Day {
    Day::try_from(minutes.div_euclid(DAY_MINUTES)).expect("a moment within a few centuries of 1970")
}

fn date(day: Day) -> Date {
    EPOCH.saturating_add(jiff::Span::new().days(day.clamp(-DAYS_MAX, DAYS_MAX)))
}

/// Clamped to what a calendar can show.
fn timestamp(moment: Moment) -> Timestamp {
    Timestamp::from_second(moment.saturating_mul(60)).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        for (text, day) in [
            ("1970-01-01", Some(0)),
            ("2027-03-15", Some(20_892)),
            ("2099-12-31", Some(47_481)),
        ] {
            assert_eq!(parse_day(text), day);
            assert_eq!(day.map(day_text).as_deref(), Some(text));
        }
        for wrong in ["2027-02-29", "2027-3-1", "20270301", "", "2027-03-15T00"] {
            assert_eq!(parse_day(wrong), None, "{wrong}");
        }
        assert_eq!(weekday(0), 3);
        assert_eq!(weekday(20_892), 0);
    }

    /// Local day and minute ⇒ the moment, as what the clocks then really show and as UTC.
    #[test]
    fn local_times_become_moments() {
        for (zone, day, minute, shown, utc) in [
            (
                "Europe/London",
                "2027-03-15",
                600,
                "2027-03-15T10:00:00",
                "2027-03-15T10:00:00",
            ),
            (
                "America/New_York",
                "2027-03-15",
                600,
                "2027-03-15T10:00:00",
                "2027-03-15T14:00:00",
            ),
            // Skipped by the clocks of that night: moved forward.
            (
                "America/New_York",
                "2027-03-14",
                150,
                "2027-03-14T03:30:00",
                "2027-03-14T07:30:00",
            ),
            (
                "America/New_York",
                "2027-03-14",
                90,
                "2027-03-14T01:30:00",
                "2027-03-14T06:30:00",
            ),
            // Shown twice that night: the first.
            (
                "Europe/Paris",
                "2027-10-31",
                150,
                "2027-10-31T02:30:00",
                "2027-10-31T00:30:00",
            ),
            (
                "Asia/Kathmandu",
                "2027-05-01",
                0,
                "2027-05-01T00:00:00",
                "2027-04-30T18:15:00",
            ),
            (
                "Pacific/Kiritimati",
                "2027-05-01",
                60,
                "2027-05-01T01:00:00",
                "2027-04-30T11:00:00",
            ),
        ] {
            let zone = TimeZone::get(zone).expect("a known zone");
            let day = parse_day(day).expect("a day");
            let moment = LocalDay::new(&zone, day).moment(minute);
            assert_eq!(local(&zone, moment).to_string(), shown);
            assert_eq!(local(&TimeZone::UTC, moment).to_string(), utc);
            assert_eq!(local_day(&zone, moment), day);
        }
    }
}
