//! When a delivery that failed is tried again: ten attempts over three days, each later than the one before, so that an
//! endpoint that is down for a night or a weekend misses nothing.

use crate::kernel::chance::Chance;
use crate::kernel::clock::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};

/// What is waited after the first attempt, the second and so on; after one more it is given up.
const PAUSES_US: [i64; 9] = [
    5 * SECOND_US,
    5 * MINUTE_US,
    30 * MINUTE_US,
    2 * HOUR_US,
    5 * HOUR_US,
    10 * HOUR_US,
    14 * HOUR_US,
    20 * HOUR_US,
    24 * HOUR_US,
];
/// The longest that an endpoint may ask us to wait.
const ASKED_US_MAX: i64 = DAY_US;
/// Up to this part of a pause is added by chance, so that endpoints that failed together are not tried together.
const JITTER: i64 = 10;

/// How long to wait after `tries` attempts have failed; at least as long as the endpoint asked, in seconds. `None` when it is
/// to be given up.
pub fn pause_us(tries: u32, asked_seconds: Option<u64>, chance: &Chance) -> Option<i64> {
    let before = usize::try_from(tries).ok()?.checked_sub(1)?;
    let pause = *PAUSES_US.get(before)?;
    let part = u64::try_from(pause / JITTER).unwrap_or(0);
    let pause = pause + i64::try_from(chance.below(part)).unwrap_or(0);
    let asked = asked_seconds.map_or(0, |seconds| {
        i64::try_from(seconds)
            .unwrap_or(i64::MAX)
            .saturating_mul(SECOND_US)
    });
    Some(pause.max(asked.min(ASKED_US_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_take_three_days_and_every_pause_is_a_little_different() {
        let chance = Chance::seeded(1);
        let pauses: Vec<i64> = (1..)
            .map_while(|tries| pause_us(tries, None, &chance))
            .collect();
        assert_eq!(pauses.len(), 9);
        for (pause, least) in pauses.iter().zip(PAUSES_US) {
            assert!((least..least + least / 10).contains(pause), "{pause}");
        }
        let hours = pauses.iter().sum::<i64>() / HOUR_US;
        assert!((75..84).contains(&hours), "{hours} hours");
        assert_ne!(pause_us(5, None, &chance), pause_us(5, None, &chance));
        assert_eq!(pause_us(10, Some(1), &chance), None);
    }

    #[test]
    fn endpoints_may_ask_for_more_time_but_not_for_ever() {
        let chance = Chance::seeded(1);
        assert_eq!(pause_us(1, Some(60), &chance), Some(MINUTE_US));
        assert_eq!(pause_us(1, Some(u64::MAX), &chance), Some(DAY_US));
        assert!(pause_us(3, Some(60), &chance) >= Some(30 * MINUTE_US));
    }
}
