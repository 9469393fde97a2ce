//! How often a caller may ask: token buckets (GCRA) a policy and key. In memory and for this process only.

use std::collections::HashMap;
use std::num::NonZeroU32;
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

/// The policies that contracts name, each with what a key may do in a minute, and `door` for those without a credential.
pub fn policies(a_minute: NonZeroU32) -> [Policy; 4] {
    let policy = |name| Policy { name, a_minute };
    let door = Policy {
        name: "door",
        a_minute: STRANGERS,
    };
    [policy("search"), policy("book"), policy("read"), door]
}

/// The length of the window that policies speak of, in seconds.
const WINDOW_S: u64 = 60;

/// The buckets of all policies.
pub struct Limits {
    limiters: HashMap<&'static str, (Policy, Limiter)>,
    clock: DefaultClock,
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
        let limiters = policies.iter().map(|policy| {
            let limiter = RateLimiter::keyed(Quota::per_minute(policy.a_minute)).with_middleware();
            (policy.name, (*policy, limiter))
        });
        Limits {
            limiters: limiters.collect(),
            clock: DefaultClock::default(),
        }
    }

    /// Takes one request of `key` from the bucket of a policy.
    ///
    /// # Panics
    /// When there is no such policy; contracts name only those that exist.
    pub fn take(&self, policy: &str, key: &str) -> Verdict {
        let (policy, limiter) = self
            .limiters
            .get(policy)
            .expect("contracts name policies that exist");
        let quota = policy.a_minute.get();
        match limiter.check_key(&key.to_owned()) {
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
}
