//! Where time comes from: the machine, or whoever moves a manual clock.
//!
//! Times are microseconds since the Unix epoch, UTC. Services never read a clock for their decisions: they are told the time of
//! the world they act in. This type serves the live world, and what belongs to no world (time-outs of credentials, sampling).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The world on the wall clock, where seats and money are real; every other world is a test.
pub const LIVE_WORLD: &str = "wld_live";

/// Microseconds in a second.
pub const SECOND_US: i64 = 1_000_000;
/// Microseconds in a minute.
pub const MINUTE_US: i64 = 60 * SECOND_US;
/// Microseconds in an hour.
pub const HOUR_US: i64 = 60 * MINUTE_US;
/// Microseconds in a day of 24 hours.
pub const DAY_US: i64 = 24 * HOUR_US;

/// A source of time that is passed in; clones tell the same time.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The wall clock of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start_us` until it is moved.
    pub fn manual(start_us: i64) -> Self {
        Self(Source::Manual(Arc::new(AtomicI64::new(start_us))))
    }

    /// The time, in microseconds since the Unix epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the wall clock"
    )]
    pub fn now_us(&self) -> i64 {
        match &self.0 {
            Source::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |elapsed| {
                    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
                }),
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Moves a manual clock forward by `by_us`; the wall clock cannot be moved and stays.
    pub fn advance(&self, by_us: i64) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(by_us.max(0), Ordering::SeqCst);
        }
    }
}

/// Writes a time as RFC 3339 in UTC, to the second, or to the microsecond when it has a fraction.
pub fn rfc3339(us: i64) -> String {
    jiff::Timestamp::from_microsecond(us)
        .map_or_else(|_| String::from("9999-12-31T23:59:59Z"), |t| t.to_string())
}

/// Reads an RFC 3339 time with any offset.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>()
        .ok()
        .map(|t| t.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        for (us, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_803_891_600_000_000, "2027-03-01T09:00:00Z"),
            (1_803_891_600_500_000, "2027-03-01T09:00:00.5Z"),
        ] {
            assert_eq!(rfc3339(us), text);
            assert_eq!(parse_rfc3339(text), Some(us));
        }
        assert_eq!(
            parse_rfc3339("2027-03-01T10:00:00+01:00"),
            Some(1_803_891_600_000_000)
        );
        assert_eq!(parse_rfc3339("2027-03-01"), None);
    }

    #[test]
    fn a_manual_clock_moves_only_forward() {
        let clock = Clock::manual(5);
        clock.advance(2);
        clock.advance(-9);
        assert_eq!(clock.now_us(), 7);
    }
}
