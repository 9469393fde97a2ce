//! When to try again, and under which key.

use std::time::Duration;

use http::HeaderValue;

use crate::error::Error;

/// The longest first wait; each further one may be twice as long.
const FIRST: Duration = Duration::from_millis(200);
/// No wait is longer, whatever the server asks for.
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait before the attempt after `attempt`, which counts from 0; none when it would end the same way.
pub(crate) fn wait(failure: &Error, attempt: u32) -> Option<Duration> {
    let overloaded = |status| [429, 503].contains(&status);
    let asked = match failure {
        Error::Transport(_) | Error::Timeout(_) => None,
        Error::Problem(problem) if problem.retryable || overloaded(problem.status) => {
            problem.retry_after
        }
        Error::Unexpected(unexpected) if overloaded(unexpected.status) => unexpected.retry_after,
        _ => return None,
    };
    let wait = asked.unwrap_or_else(|| chance(FIRST.saturating_mul(2_u32.saturating_pow(attempt))));
    Some(wait.min(LONGEST))
}

/// A key that nobody has used before.
pub(crate) fn idempotency_key() -> HeaderValue {
    let mut key = [0; 16];
    getrandom::fill(&mut key).expect("the operating system gives chance");
    HeaderValue::try_from(format!("{:032x}", u128::from_ne_bytes(key)))
        .expect("digits can stand in a header")
}

/// Anything up to `most`, so that clients that failed together do not come back together.
fn chance(most: Duration) -> Duration {
    let draw = getrandom::u64().expect("the operating system gives chance");
    most.mul_f64(draw as f64 / u64::MAX as f64)
}
