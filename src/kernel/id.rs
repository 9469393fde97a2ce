//! Public identifiers: a prefix that tells the kind, and a UUIDv7 (RFC 9562) in lowercase Crockford base32, 26 characters.
//!
//! One Rust type a kind, so that an order's id cannot stand where a payment's is wanted. Offers and offer requests are not here:
//! their ids are signed tokens that belong to the service that signs them.

use sha2::{Digest, Sha256};

use super::chance::Chance;

/// Crockford's alphabet: no i, l, o or u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of the part after the prefix.
pub const BODY_LEN: usize = 26;

/// Sixteen bytes as 26 characters: the big-endian number in base 32, padded with zeros.
pub fn base32(bytes: [u8; 16]) -> String {
    let mut rest = u128::from_be_bytes(bytes);
    let mut digits = [b'0'; BODY_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest & 31).expect("five bits fit")];
        rest >>= 5;
    }
    digits.iter().map(|&digit| char::from(digit)).collect()
}

/// A UUIDv7 of this moment; `now_us` is microseconds since the Unix epoch. Those of one moment are in the order in which they were
/// made, over some thousands of them (RFC 9562, section 6.2, method 1): the clock of a test world stands still, and rows whose keys
/// lie together share the pages of a database.
pub fn uuid_v7(now_us: i64, chance: &Chance) -> [u8; 16] {
    let mut random = chance.bytes();
    // The first four bits give way to the version.
    random[..2].copy_from_slice(&chance.turn().to_be_bytes());
    uuid_v7_of(now_us, &random)
}

fn uuid_v7_of(now_us: i64, random: &[u8; 10]) -> [u8; 16] {
    let millis = u64::try_from(now_us / 1000).unwrap_or(0);
    *uuid::Builder::from_unix_timestamp_millis(millis, random)
        .as_uuid()
        .as_bytes()
}

/// The first half of a SHA-256 over the words, each after its length, so that no two lists of words are the same.
fn digest(words: &[&str]) -> [u8; 16] {
    let mut digest = Sha256::new();
    for word in words {
        digest.update(u64::try_from(word.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(word);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&digest.finalize()[..16]);
    half
}

fn is_body(text: &str) -> bool {
    // 26 digits of 5 bits are 130: the first may not exceed 7.
    text.len() == BODY_LEN
        && text.as_bytes()[0] <= b'7'
        && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = concat!($prefix, "_");

            /// A new id of this moment; `now_us` is microseconds since the Unix epoch.
            pub fn new(now_us: i64, chance: &Chance) -> Self {
                Self(format!("{}{}", Self::PREFIX, base32(uuid_v7(now_us, chance))))
            }

            /// The id that these words name, always the same: for what a caller makes by a key of its own.
            pub fn named(words: &[&str]) -> Self {
                Self(format!("{}{}", Self::PREFIX, base32(digest(words))))
            }

            /// The id that these words name at this moment, always the same and in order of time like new ones.
            pub fn named_at(now_us: i64, words: &[&str]) -> Self {
                let digest = digest(words);
                let random = std::array::from_fn(|at| digest[at]);
                Self(format!("{}{}", Self::PREFIX, base32(uuid_v7_of(now_us, &random))))
            }

            /// The id of these bytes, for an id that follows from what is known already.
            pub fn of_bytes(bytes: [u8; 16]) -> Self {
                Self(format!("{}{}", Self::PREFIX, base32(bytes)))
            }

            /// Reads an id; `None` when the text is not one of this kind.
            pub fn parse(text: &str) -> Option<Self> {
                text.strip_prefix(Self::PREFIX).is_some_and(is_body).then(|| Self(text.to_owned()))
            }

            /// The id as it travels.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

ids! {
    /// An account: who holds keys and places orders.
    AccountId = "acc";
    /// An event of the audit.
    AuditId = "aud";
    /// An OAuth client.
    ClientId = "cli";
    /// The clock of a test world.
    ClockId = "clk";
    /// An event.
    EventId = "evt";
    /// A negotiated fare.
    FareId = "far";
    /// A hold of seats.
    HoldId = "hld";
    /// A journal of the ledger.
    JournalId = "jrn";
    /// An API key (its name, not its secret).
    KeyId = "key";
    /// A quoted or confirmed cancellation of an order.
    CancellationId = "ocn";
    /// A quoted or confirmed change of an order's journey.
    OrderChangeId = "och";
    /// An order.
    OrderId = "ord";
    /// A passenger of an offer and the order made of it.
    PassengerId = "pas";
    /// A payment.
    PaymentId = "pay";
    /// A refund.
    RefundId = "rfd";
    /// A request that came in at a door.
    RequestId = "req";
    /// A change that the airline made to a flight of an order.
    ScheduleChangeId = "scg";
    /// A segment of an offer and the order made of it.
    SegmentId = "seg";
    /// Of a service that is bought with an offer.
    ServiceId = "srv";
    /// A slice of an offer and the order made of it.
    SliceId = "sli";
    /// A delivery of an event to a webhook endpoint.
    WebhookDeliveryId = "whd";
    /// A webhook endpoint.
    WebhookEndpointId = "whe";
    /// A world made for a test account.
    WorldId = "wld";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_is_the_number_in_crockfords_digits() {
        assert_eq!(base32([0; 16]), "0".repeat(26));
        assert_eq!(base32([255; 16]), format!("7{}", "z".repeat(25)));
        let mut one = [0; 16];
        one[15] = 33;
        assert_eq!(base32(one), format!("{}11", "0".repeat(24)));
    }

    #[test]
    fn ids_are_read_as_they_are_written_and_only_as_their_kind() {
        let chance = Chance::seeded(1);
        let id = OrderId::new(1_803_891_600_000_000, &chance);
        assert_eq!(OrderId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(PaymentId::parse(id.as_str()), None);
        for wrong in [
            "",
            "ord_",
            "ord_0000000000000000000000000",
            "ord_8zzzzzzzzzzzzzzzzzzzzzzzzz",
            "ord_0000000000000000000000000I",
        ] {
            assert_eq!(OrderId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_same_words_name_the_same_id_and_others_another() {
        let id = HoldId::named(&["wld", "acc", "key"]);
        assert_eq!(id, HoldId::named(&["wld", "acc", "key"]));
        assert!(HoldId::parse(id.as_str()).is_some());
        for other in [
            &["wld", "acc", "kez"][..],
            &["wld", "acckey"],
            &["wl", "dacc", "key"],
        ] {
            assert_ne!(id, HoldId::named(other), "{other:?}");
        }
    }

    #[test]
    fn what_is_named_at_a_moment_sorts_by_it() {
        let at = |now_us, word| HoldId::named_at(now_us, &[word]);
        assert_eq!(at(5_000_000, "a"), at(5_000_000, "a"));
        assert_ne!(at(5_000_000, "a"), at(5_000_000, "b"));
        for word in ["a", "b", "c"] {
            assert!(at(5_000_000, word) < at(5_001_000, "a"));
        }
    }

    #[test]
    fn ids_of_one_moment_are_in_the_order_in_which_they_were_made() {
        let chance = Chance::seeded(1);
        let made: Vec<_> = (0..4096)
            .map(|_| OrderId::new(1_803_891_600_000_000, &chance))
            .collect();
        assert!(made.is_sorted());
        let next = OrderId::new(1_803_891_600_000_000, &chance);
        assert!(next < made[1] && !made.contains(&next), "it begins anew");
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let chance = Chance::seeded(1);
        let ids: Vec<_> = (0..5)
            .map(|n| OrderId::new(1_803_891_600_000_000 + n * 1000, &chance))
            .collect();
        assert!(ids.is_sorted());
    }
}
