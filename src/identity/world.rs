//! A world as identity knows it: its name and its time. The live world has the machine's time; every other stands still
//! until it is told to move forward.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::kernel::clock::{Clock, LIVE_WORLD};

/// A world and its clock.
pub struct World {
    /// Its id.
    pub id: String,
    time: Time,
}

enum Time {
    Wall(Clock),
    Frozen { clock_id: String, now_us: AtomicI64 },
}

impl World {
    /// The live world on the machine's clock.
    pub fn live(clock: Clock) -> Self {
        Self {
            id: LIVE_WORLD.to_owned(),
            time: Time::Wall(clock),
        }
    }

    /// A world whose clock stands at `now_us`.
    pub fn frozen(id: String, clock_id: String, now_us: i64) -> Self {
        Self {
            id,
            time: Time::Frozen {
                clock_id,
                now_us: AtomicI64::new(now_us),
            },
        }
    }

    /// The time in this world, in microseconds since the Unix epoch.
    pub fn now_us(&self) -> i64 {
        match &self.time {
            Time::Wall(clock) => clock.now_us(),
            Time::Frozen { now_us, .. } => now_us.load(Ordering::SeqCst),
        }
    }

    /// The id of its simulated clock; the live world has none.
    pub fn clock_id(&self) -> Option<&str> {
        match &self.time {
            Time::Wall(_) => None,
            Time::Frozen { clock_id, .. } => Some(clock_id),
        }
    }

    /// Whether money and seats are real here.
    pub fn is_live(&self) -> bool {
        self.clock_id().is_none()
    }

    /// Moves a simulated clock to a time that is already durable; whoever moved it further meanwhile wins.
    pub fn advanced(&self, to_us: i64) {
        if let Time::Frozen { now_us, .. } = &self.time {
            now_us.fetch_max(to_us, Ordering::SeqCst);
        }
    }
}

/// Whether a text may name a test world.
pub fn is_test_name(text: &str) -> bool {
    text != LIVE_WORLD
        && text.len() <= 64
        && text.strip_prefix("wld_").is_some_and(|name| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
}
