//! How often a caller may ask: token buckets (GCRA) a policy and key. In memory and for this process only; the buckets of those who
//! have been quiet are given up when there are many.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

type Limiter =
    RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// How many requests of a kind a key may make in a minute, spread or at once.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// The name, as in `x-rate-policy` and the `RateLimit` header.
    pub name: &'static str,
    /// Requests a minute.
    pub a_minute: NonZeroU32,
}

/// Requests a minute of all those without a credential together; what an operator grants a key says nothing about them.
const STRANGERS: NonZeroU32 = match NonZeroU32::new(60_000) {
    Some(a_minute) => a_minute,
    None => panic!("strangers may knock"),
};

/// The policies that contracts name, each with what a key may do in a minute (of `token`, an address); and `door` for all those
/// without a credential.
pub fn policies(a_minute: NonZeroU32) -> [Policy; 5] {
    let policy = |name| Policy { name, a_minute };
    let door = Policy {
        name: "door",
        a_minute: STRANGERS,
    };
    [
        policy("search"),
        policy("book"),
        policy("read"),
        policy("token"),
        door,
    ]
}

/// Buckets of a policy from which on full ones are given up: addresses, unlike keys, can be had in any number.
const BUCKETS_MANY: usize = 10_000;

/// The length of the window that policies speak of, in seconds.
const WINDOW_S: u64 = 60;

/// The buckets of all policies.
pub struct Limits {
    buckets: HashMap<&'static str, Buckets>,
    clock: DefaultClock,
}

/// The buckets of a policy, one a key.
struct Buckets {
    policy: Policy,
    limiter: Limiter,
    /// How many there may be before the full ones are given up.
    most: AtomicUsize,
}

impl Buckets {
    fn make_room(&self) {
        if self.limiter.len() < self.most.load(Ordering::Relaxed) {
            return;
        }
        self.limiter.retain_recent();
        // Where all are in use, the next look is a long way off.
        let most = BUCKETS_MANY.max(self.limiter.len() * 2);
        self.most.store(most, Ordering::Relaxed);
    }
}

/// What a bucket says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The policy that spoke.
    pub policy: &'static str,
    /// Requests it allows in a window.
    pub quota: u32,
    /// Requests that are left now.
    pub remaining: u32,
    /// Seconds until the quota is full again; when nothing is left for this request, until the next may pass.
    pub seconds: u64,
    /// Whether this one may pass.
    pub allowed: bool,
}

impl Verdict {
    /// `RateLimit-Policy`.
    pub fn policy_header(&self) -> String {
        format!("\"{}\";q={};w={WINDOW_S}", self.policy, self.quota)
    }

    /// `RateLimit`.
    pub fn limit_header(&self) -> String {
        format!(
            "\"{}\";r={};t={}",
            self.policy, self.remaining, self.seconds
        )
    }
}

impl Limits {
    /// Empty buckets for these policies.
    pub fn new(policies: &[Policy]) -> Limits {
        let buckets = policies.iter().map(|policy| {
            let limiter = RateLimiter::keyed(Quota::per_minute(policy.a_minute)).with_middleware();
            let buckets = Buckets {
                policy: *policy,
                limiter,
                most: AtomicUsize::new(BUCKETS_MANY),
            };
            (policy.name, buckets)
        });
        Limits {
            buckets: buckets.collect(),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one request of `key` from the bucket of a policy.
    ///
    /// # Panics
    /// When there is no such policy; contracts name only those that exist.
    pub fn take(&self, policy: &str, key: &str) -> Verdict {
        let buckets = self
            .buckets
            .get(policy)
            .expect("contracts name policies that exist");
        buckets.make_room();
        let policy = buckets.policy;
        let quota = policy.a_minute.get();
        match buckets.limiter.check_key(&key.to_owned()) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let taken = u64::from(quota - remaining.min(quota));
                Verdict {
                    policy: policy.name,
                    quota,
                    remaining,
                    seconds: (taken * WINDOW_S).div_ceil(u64::from(quota)),
                    allowed: true,
                }
            }
            Err(until) => Verdict {
                policy: policy.name,
                quota,
                remaining: 0,
                seconds: whole_seconds(until.wait_time_from(self.clock.now())),
                allowed: false,
            },
        }
    }
}

fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_runs_out_alone_and_is_told_when_to_return() {
        let two = NonZeroU32::new(2).unwrap();
        let limits = Limits::new(&policies(two));
        let first = limits.take("read", "a");
        assert_eq!(first.policy_header(), "\"read\";q=2;w=60");
        assert_eq!(first.limit_header(), "\"read\";r=1;t=30");
        assert!(limits.take("read", "a").allowed);
        let third = limits.take("read", "a");
        assert!(!third.allowed);
        assert!((1..=30).contains(&third.seconds), "{third:?}");
        assert!(limits.take("read", "b").allowed);
    }

    #[test]
    fn buckets_of_the_quiet_are_given_up_when_there_are_many() {
        // Full again after a hundredth of a microsecond: whoever asks once is quiet at the next look.
        let limits = Limits::new(&policies(NonZeroU32::MAX));
        for address in 0..=BUCKETS_MANY {
            assert!(limits.take("token", &address.to_string()).allowed);
        }
        assert!(limits.buckets["token"].limiter.len() < BUCKETS_MANY / 2);
    }
}
