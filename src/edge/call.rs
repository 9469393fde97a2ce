//! The call of an operation, and what a neighbour is told of it besides the question: who asks, under which key, and how long the
//! answer may take.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::edge::Clients;
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::wire::prefer;

/// How long a neighbour may take for a plain answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// How long a caller waits for an order to settle when it does not say.
const WAIT_SECONDS: u64 = 8;
/// The longest that a caller may ask to wait.
const WAIT_SECONDS_MAX: u64 = 25;

/// A call of an operation: who makes it, at which contract, and what helps to answer it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The services.
    pub clients: &'a Clients,
    /// Where ids come from.
    pub chance: &'a Chance,
    /// Who makes it.
    pub caller: &'a Caller,
    /// Audience and major version, as in the paths.
    pub contract: &'static str,
}

impl Call<'_> {
    /// What a neighbour is told of the caller.
    pub fn context(self) -> Option<Context> {
        Some(Context {
            world: self.caller.world.clone(),
            now_us: self.caller.now_us,
            account_id: self.caller.account_id.clone(),
            request_id: self.caller.request_id.clone(),
            actor: self.caller.key_id.clone(),
        })
    }

    /// Where the contract has a list.
    pub fn path(self, list: &str) -> String {
        format!("/{}/{list}", self.contract)
    }

    /// Where the contract has an entry of a list.
    pub fn location(self, list: &str, id: &str) -> String {
        format!("/{}/{list}/{id}", self.contract)
    }
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

/// Values of the contract as their words.
pub fn words<T: Copy>(values: &[T], word: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|&value| word(value).to_owned()).collect()
}
