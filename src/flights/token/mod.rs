//! Ids of offer requests and offers: everything they stand for, signed, so that a search writes nothing.
//!
//! A token is a compact binary payload and the first half of its HMAC-SHA-256, in base64url. World and account are signed but
//! not carried: a token that someone else was given is as good as a forged one. Nothing here is secret but the keys.

mod codec;

use codec::{Reader, put_choice, put_request};
use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::classes::{Brand, ClassIndex};
use super::query::Query;
use super::times::Day;

const REQUEST: u8 = 1;
const OFFER: u8 = 2;
const MAC_LEN: usize = 16;

/// Sixteen bytes that tell two searches, or two offers, apart.
pub type Nonce = [u8; 16];

/// Whose a token is.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The world it belongs to.
    pub world: &'a str,
    /// The account it was made for.
    pub account: &'a str,
}

/// An offer request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What was searched for.
    pub query: Query,
    /// When, in microseconds since 1970.
    pub created_us: i64,
    /// Drawn for each request.
    pub nonce: Nonce,
}

/// A flight of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// IATA code.
    pub carrier: [u8; 2],
    /// Flight number.
    pub number: u16,
    /// IATA code.
    pub origin: [u8; 3],
    /// IATA code.
    pub destination: [u8; 3],
    /// Local date at the origin.
    pub day: Day,
    /// Booking class.
    pub class: ClassIndex,
}

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The request it answers.
    pub request: Request,
    /// Its fare brand.
    pub brand: Brand,
    /// The flights of each slice: one or two.
    pub slices: Vec<Vec<Leg>>,
    /// When it ceases to be, in microseconds since 1970.
    pub expires_us: i64,
    /// When its price was worked out.
    pub priced_us: i64,
    /// Whether that price is bound until it expires.
    pub bound: bool,
    /// Whether it is a seeded offer, whose nonce is that of its request.
    pub seeded: bool,
    /// For all passengers, in minor units.
    pub total: i64,
    /// The start of the digest of all that was offered.
    pub snapshot: [u8; 8],
}

impl Offer {
    /// What tells this offer from any other: the same for the same choice from the same request, priced again or not.
    pub fn nonce(&self) -> Nonce {
        if self.seeded {
            return self.request.nonce;
        }
        let mut bytes = self.request.nonce.to_vec();
        put_choice(&mut bytes, self.brand, &self.slices);
        digest16(&bytes)
    }
}

/// The first 16 bytes of a SHA-256.
pub fn digest16(bytes: &[u8]) -> Nonce {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|n| digest[n])
}

/// The keys that tokens are signed with: the current one, and former ones that are still accepted.
#[derive(Clone)]
pub struct SigningKeys {
    /// By key id; the first is the current one.
    keys: Vec<(u8, Hmac<Sha256>)>,
}

impl SigningKeys {
    /// A key id and 32 secret bytes each.
    pub fn new(current: (u8, [u8; 32]), former: &[(u8, [u8; 32])]) -> Self {
        let keys = std::iter::once(&current)
            .chain(former)
            .map(|(id, secret)| {
                (
                    *id,
                    Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
                )
            })
            .collect();
        Self { keys }
    }

    /// The id of an offer request, without its prefix.
    pub fn sign_request(&self, request: &Request, scope: Scope<'_>) -> String {
        let mut bytes = self.start(REQUEST);
        put_request(&mut bytes, request);
        self.sign(bytes, scope)
    }

    /// The id of an offer, without its prefix.
    pub fn sign_offer(&self, offer: &Offer, scope: Scope<'_>) -> String {
        let mut bytes = self.start(OFFER);
        put_request(&mut bytes, &offer.request);
        put_choice(&mut bytes, offer.brand, &offer.slices);
        bytes.extend(offer.expires_us.to_be_bytes());
        bytes.extend(offer.priced_us.to_be_bytes());
        bytes.extend([u8::from(offer.bound), u8::from(offer.seeded)]);
        bytes.extend(offer.total.to_be_bytes());
        bytes.extend(offer.snapshot);
        self.sign(bytes, scope)
    }

    /// Reads the id of an offer request; `None` for what was not signed here for this scope.
    pub fn read_request(&self, token: &str, scope: Scope<'_>) -> Option<Request> {
        let bytes = self.verify(token, REQUEST, scope)?;
        let mut reader = Reader(&bytes);
        let request = reader.request()?;
        reader.0.is_empty().then_some(request)
    }

    /// Reads the id of an offer; `None` for what was not signed here for this scope.
    pub fn read_offer(&self, token: &str, scope: Scope<'_>) -> Option<Offer> {
        let bytes = self.verify(token, OFFER, scope)?;
        let mut reader = Reader(&bytes);
        let request = reader.request()?;
        let (brand, slices) = reader.choice(request.query.slices.len())?;
        let offer = Offer {
            request,
            brand,
            slices,
            expires_us: i64::from_be_bytes(reader.take()?),
            priced_us: i64::from_be_bytes(reader.take()?),
            bound: reader.byte()? != 0,
            seeded: reader.byte()? != 0,
            total: i64::from_be_bytes(reader.take()?),
            snapshot: reader.take()?,
        };
        reader.0.is_empty().then_some(offer)
    }

    fn start(&self, kind: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend([kind, self.keys[0].0]);
        bytes
    }

    fn sign(&self, mut bytes: Vec<u8>, scope: Scope<'_>) -> String {
        let mac = mac(&self.keys[0].1, &bytes, scope).finalize().into_bytes();
        bytes.extend(&mac[..MAC_LEN]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The payload after kind and key id.
    fn verify(&self, token: &str, kind: u8, scope: Scope<'_>) -> Option<Vec<u8>> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LEN)?)?;
        let &[first, id, ref payload @ ..] = signed else {
            return None;
        };
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        mac(key, signed, scope).verify_truncated_left(tag).ok()?;
        (first == kind).then(|| payload.to_vec())
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.keys.iter().map(|(id, _)| id))
            .finish()
    }
}

fn mac(key: &Hmac<Sha256>, bytes: &[u8], scope: Scope<'_>) -> Hmac<Sha256> {
    let mut mac = key.clone();
    // Each part with its length, so that no two scopes sign the same bytes.
    for part in [scope.world.as_bytes(), scope.account.as_bytes(), bytes] {
        mac.update(
            &u64::try_from(part.len())
                .expect("a length fits")
                .to_be_bytes(),
        );
        mac.update(part);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::super::query::{PASSENGERS_MAX, Passenger, SLICES_MAX, Slice};
    use super::*;
    use crate::rpc::flights::v1::{Cabin, Ptc};

    const SCOPE: Scope<'_> = Scope {
        world: "wld_a",
        account: "acc_a",
    };

    fn keys() -> SigningKeys {
        SigningKeys::new((2, [2; 32]), &[(1, [1; 32])])
    }

    fn largest() -> Offer {
        let slice = Slice::new(*b"LHR", *b"JFK", 20_892).expect("codes");
        let leg = Leg {
            carrier: *b"BA",
            number: 117,
            origin: *b"LHR",
            destination: *b"JFK",
            day: 20_892,
            class: 16,
        };
        Offer {
            request: Request {
                query: Query {
                    slices: vec![slice; SLICES_MAX],
                    passengers: vec![
                        Passenger {
                            ptc: Ptc::Chd,
                            age: Some(7)
                        };
                        PASSENGERS_MAX
                    ],
                    cabin: Cabin::First,
                    max_connections: 1,
                },
                created_us: 1_803_891_600_000_000,
                nonce: [9; 16],
            },
            brand: Brand::Flex,
            slices: vec![vec![leg; 2]; SLICES_MAX],
            expires_us: 1_803_893_400_000_000,
            priced_us: 1_803_891_600_000_000,
            bound: false,
            seeded: false,
            total: 123_456,
            snapshot: [7; 8],
        }
    }

    #[test]
    fn tokens_are_read_as_they_are_signed() {
        let keys = keys();
        let mut offer = largest();
        for bound in [false, true] {
            offer.bound = bound;
            let token = keys.sign_offer(&offer, SCOPE);
            assert!(token.len() <= 1024, "{}", token.len());
            assert_eq!(keys.read_offer(&token, SCOPE).as_ref(), Some(&offer));
            assert_eq!(keys.read_request(&token, SCOPE), None);
        }
        let token = keys.sign_request(&offer.request, SCOPE);
        assert_eq!(keys.read_request(&token, SCOPE), Some(offer.request));
    }

    #[test]
    fn a_bound_price_keeps_the_nonce_and_another_choice_does_not() {
        let offer = largest();
        let bound = Offer {
            bound: true,
            total: 5,
            ..offer.clone()
        };
        let other = Offer {
            brand: Brand::Basic,
            ..offer.clone()
        };
        assert_eq!(offer.nonce(), bound.nonce());
        assert_ne!(offer.nonce(), other.nonce());
    }

    #[test]
    fn forged_and_foreign_tokens_are_not_read() {
        let keys = keys();
        let token = keys.sign_offer(&largest(), SCOPE);
        for n in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[n] = if forged[n] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("ASCII");
            assert_eq!(keys.read_offer(&forged, SCOPE), None, "character {n}");
            assert_eq!(keys.read_offer(&token[..n], SCOPE), None, "cut at {n}");
        }
        for scope in [
            Scope {
                account: "acc_b",
                ..SCOPE
            },
            Scope {
                world: "wld_b",
                ..SCOPE
            },
            Scope {
                world: "wld_aacc",
                account: "_a",
            },
        ] {
            assert_eq!(keys.read_offer(&token, scope), None);
        }
        let rotated = SigningKeys::new((3, [3; 32]), &[(2, [2; 32])]);
        assert!(rotated.read_offer(&token, SCOPE).is_some());
        let forgotten = SigningKeys::new((3, [3; 32]), &[(2, [4; 32])]);
        assert_eq!(forgotten.read_offer(&token, SCOPE), None);
    }
}
