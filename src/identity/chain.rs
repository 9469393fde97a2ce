//! The chain of the audit: every event carries a SHA-256 over the event before it and all that it says, and the end of the
//! chain is sealed with a key that is not in the database.
//!
//! Whoever can write the database but does not have the key cannot change, remove, reorder or cut off events unseen. What is
//! not seen: that a whole world was removed with its head, or an older copy of both put back; keep the head elsewhere to see
//! that too.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::store::Head;
use crate::rpc::identity::v1::{AuditEvent, Verification};

/// What the first event of a world follows.
pub const START: [u8; 32] = [0; 32];

/// The key that ends of chains are sealed with.
#[derive(Clone)]
pub struct SealKey(Hmac<Sha256>);

impl SealKey {
    /// Of 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// Seals the end of a world's chain.
    pub fn seal(&self, world: &str, sequence: u64, hash: &[u8; 32]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(&sequence.to_be_bytes());
        mac.update(hash);
        mac.update(world.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

/// The hash of an event: over the hash before it and its members, each with its length before it, so that no two events are
/// written alike.
pub fn hash(previous: &[u8; 32], world: &str, event: &AuditEvent) -> [u8; 32] {
    let mut sha = Sha256::new_with_prefix(b"fareway audit 1");
    sha.update(previous);
    sha.update(event.sequence.to_be_bytes());
    sha.update(event.time_us.to_be_bytes());
    let members = [
        world.as_bytes(),
        event.id.as_bytes(),
        event.actor.as_bytes(),
        event.action.as_bytes(),
        event.object_id.as_bytes(),
        event.request_id.as_bytes(),
        &event.digest,
    ];
    for member in members {
        let len = u64::try_from(member.len()).unwrap_or(u64::MAX);
        sha.update(len.to_be_bytes());
        sha.update(member);
    }
    sha.finalize().into()
}

/// Goes along the chain of a world and notes where it breaks first.
pub struct Checker {
    world: String,
    end: [u8; 32],
    events: u64,
    broken_at: Option<u64>,
}

impl Checker {
    /// At the start of a world's chain.
    pub fn new(world: &str) -> Self {
        Self {
            world: world.to_owned(),
            end: START,
            events: 0,
            broken_at: None,
        }
    }

    /// Takes the next event.
    pub fn see(&mut self, event: &AuditEvent) {
        let expected = self.events + 1;
        self.events = expected;
        if self.broken_at.is_some() {
            return;
        }
        let hash = hash(&self.end, &self.world, event);
        if event.sequence != expected {
            self.broken_at = Some(expected);
        } else if event.previous_hash != self.end || event.hash != hash {
            self.broken_at = Some(event.sequence);
        }
        self.end = hash;
    }

    /// Compares the end with the sealed head.
    pub fn finish(self, head: Option<&Head>, key: &SealKey) -> Verification {
        let head_breaks = match head {
            None => (self.events > 0).then_some(1),
            Some(head) if head.sequence != self.events => Some(head.sequence.min(self.events) + 1),
            Some(head) => {
                let seal = key.seal(&self.world, head.sequence, &head.hash);
                let sealed: bool = seal.ct_eq(&head.seal).into();
                (head.hash != self.end || !sealed).then_some(head.sequence)
            }
        };
        let broken_at = self.broken_at.or(head_breaks);
        Verification {
            valid: broken_at.is_none(),
            events: self.events,
            head: head.map_or_else(Vec::new, |head| head.hash.to_vec()),
            broken_at: broken_at.unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sequence: u64, action: &str, object_id: &str) -> AuditEvent {
        AuditEvent {
            id: format!("aud_{sequence}"),
            sequence,
            time_us: 5,
            actor: "cli_1".to_owned(),
            action: action.to_owned(),
            object_id: object_id.to_owned(),
            request_id: "req_1".to_owned(),
            digest: vec![7; 32],
            ..AuditEvent::default()
        }
    }

    #[test]
    fn hash_depends_on_every_member_and_on_where_one_ends() {
        let base = event(1, "getOrder", "ord_1");
        let of = |event: &AuditEvent| hash(&START, "wld_1", event);
        let changed: Vec<fn(&mut AuditEvent)> = vec![
            |e| e.id.push('x'),
            |e| e.sequence += 1,
            |e| e.time_us += 1,
            |e| e.actor.push('x'),
            |e| e.action.push('x'),
            |e| e.object_id.push('x'),
            |e| e.request_id.push('x'),
            |e| e.digest.push(0),
            |e| {
                e.action = "getOrdero".to_owned();
                e.object_id = "rd_1".to_owned();
            },
        ];
        for (number, change) in changed.into_iter().enumerate() {
            let mut other = base.clone();
            change(&mut other);
            assert_ne!(of(&other), of(&base), "change {number}");
        }
        assert_ne!(hash(&START, "wld_2", &base), of(&base));
        assert_ne!(hash(&[1; 32], "wld_1", &base), of(&base));
    }

    #[test]
    fn empty_chain_is_valid_and_a_head_alone_is_not() {
        let key = SealKey::new(&[1; 32]);
        let valid = Checker::new("wld_1").finish(None, &key);
        assert_eq!((valid.valid, valid.events, valid.broken_at), (true, 0, 0));
        let head = Head {
            sequence: 2,
            hash: [3; 32],
            seal: key.seal("wld_1", 2, &[3; 32]),
        };
        let cut = Checker::new("wld_1").finish(Some(&head), &key);
        assert_eq!((cut.valid, cut.broken_at), (false, 1));
    }
}
