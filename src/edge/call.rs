//! What a neighbour is told besides the question: who asks, under which key, and how long the answer may take.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::platform::auth::Caller;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::wire::prefer;

/// How long a neighbour may take for a plain answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long a caller waits for an order to settle when it does not say.
const WAIT_SECONDS: u64 = 8;
/// The longest that a caller may ask to wait.
const WAIT_SECONDS_MAX: u64 = 25;

/// What a neighbour is told of the caller.
pub fn context(caller: &Caller) -> Option<Context> {
    Some(Context {
        world: caller.world.clone(),
        now_us: caller.now_us,
        account_id: caller.account_id.clone(),
        request_id: caller.request_id.clone(),
        actor: caller.key_id.clone(),
    })
}

/// The key, and the digest of what was asked under it. The body is digested as it was understood, so that white space and the
/// order of members make no difference.
pub fn idempotency<T: serde::Serialize>(
    key: &str,
    subject: &str,
    body: Option<&T>,
) -> Option<Idempotency> {
    let mut digest = Sha256::new_with_prefix(subject);
    digest.update([0]);
    digest.update(read(&body));
    Some(Idempotency {
        key: key.to_owned(),
        fingerprint: digest.finalize().to_vec(),
    })
}

/// SHA-256 of a body as it was understood.
pub fn digest<T: serde::Serialize>(body: &T) -> Vec<u8> {
    Sha256::digest(read(body)).to_vec()
}

/// A body as it was understood.
fn read<T: serde::Serialize>(body: &T) -> Vec<u8> {
    serde_json::to_vec(body).expect("generated types have string keys and no failing members")
}

/// How long the caller waits, of `Prefer: wait=n`, and how long the neighbour is given then.
pub fn patience(preference: Option<&str>) -> (u32, Duration) {
    let preference = preference.unwrap_or_default();
    let seconds = if prefer::respond_async(preference) {
        0
    } else {
        prefer::wait_seconds(preference).unwrap_or(WAIT_SECONDS)
    };
    let wait = Duration::from_secs(seconds.min(WAIT_SECONDS_MAX));
    (
        u32::try_from(wait.as_millis()).unwrap_or(u32::MAX),
        wait + ANSWER_WITHIN,
    )
}

/// `None` for the empty string, which stands for absence between services.
pub fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
