//! Signs tokens, and reads those that were signed here.
//!
//! What the bytes between form and signature mean is told in `codec`.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::codec::{Reader, origin_byte, put_choice, put_codes, put_grant, put_request};
use super::{Offer, Request, Scope};

const REQUEST: u8 = 1;
const OFFER: u8 = 2;
/// The first two, followed by account codes and, in an offer, by what a fare grants.
const REQUEST_WITH_CODES: u8 = 3;
const OFFER_WITH_CODES: u8 = 4;
const MAC_LEN: usize = 16;

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
        let codes = &request.query.account_codes;
        let mut bytes = self.start(if codes.is_empty() {
            REQUEST
        } else {
            REQUEST_WITH_CODES
        });
        put_request(&mut bytes, request);
        if !codes.is_empty() {
            put_codes(&mut bytes, codes);
        }
        self.sign(bytes, scope)
    }

    /// The id of an offer, without its prefix.
    pub fn sign_offer(&self, offer: &Offer, scope: Scope<'_>) -> String {
        let codes = &offer.request.query.account_codes;
        let plain = codes.is_empty() && offer.grant.is_none();
        let mut bytes = self.start(if plain { OFFER } else { OFFER_WITH_CODES });
        put_request(&mut bytes, &offer.request);
        put_choice(&mut bytes, offer.brand, &offer.slices);
        bytes.extend(offer.expires_us.to_be_bytes());
        bytes.extend(offer.priced_us.to_be_bytes());
        bytes.extend([u8::from(offer.bound), origin_byte(offer.origin)]);
        bytes.extend(offer.total.to_be_bytes());
        bytes.extend(offer.snapshot);
        if !plain {
            put_codes(&mut bytes, codes);
            put_grant(&mut bytes, offer.grant.as_deref());
        }
        self.sign(bytes, scope)
    }

    /// Reads the id of an offer request; `None` for what was not signed here for this scope.
    pub fn read_request(&self, token: &str, scope: Scope<'_>) -> Option<Request> {
        let (form, bytes) = self.verify(token, scope)?;
        let mut reader = Reader(&bytes);
        let mut request = match form {
            REQUEST | REQUEST_WITH_CODES => reader.request()?,
            _ => return None,
        };
        if form == REQUEST_WITH_CODES {
            request.query.account_codes = reader.codes()?;
        }
        reader.0.is_empty().then_some(request)
    }

    /// Reads the id of an offer; `None` for what was not signed here for this scope.
    pub fn read_offer(&self, token: &str, scope: Scope<'_>) -> Option<Offer> {
        let (form, bytes) = self.verify(token, scope)?;
        let mut reader = Reader(&bytes);
        let request = match form {
            OFFER | OFFER_WITH_CODES => reader.request()?,
            _ => return None,
        };
        let (brand, slices) = reader.choice(request.query.slices.len())?;
        let mut offer = Offer {
            request,
            brand,
            slices,
            expires_us: i64::from_be_bytes(reader.take()?),
            priced_us: i64::from_be_bytes(reader.take()?),
            bound: reader.byte()? != 0,
            origin: reader.origin()?,
            total: i64::from_be_bytes(reader.take()?),
            snapshot: reader.take()?,
            grant: None,
        };
        if form == OFFER_WITH_CODES {
            offer.request.query.account_codes = reader.codes()?;
            offer.grant = reader.grant()?.map(Arc::new);
        }
        reader.0.is_empty().then_some(offer)
    }

    fn start(&self, form: u8) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        bytes.extend([form, self.keys[0].0]);
        bytes
    }

    fn sign(&self, mut bytes: Vec<u8>, scope: Scope<'_>) -> String {
        let mac = mac(&self.keys[0].1, &bytes, scope).finalize().into_bytes();
        bytes.extend(&mac[..MAC_LEN]);
        BASE64URL_NOPAD.encode(&bytes)
    }

    /// The form, and the payload after form and key id.
    fn verify(&self, token: &str, scope: Scope<'_>) -> Option<(u8, Vec<u8>)> {
        let bytes = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
        let (signed, tag) = bytes.split_at_checked(bytes.len().checked_sub(MAC_LEN)?)?;
        let &[form, id, ref payload @ ..] = signed else {
            return None;
        };
        let (_, key) = self.keys.iter().find(|(known, _)| *known == id)?;
        mac(key, signed, scope).verify_truncated_left(tag).ok()?;
        Some((form, payload.to_vec()))
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
    use super::super::super::classes::Brand;
    use super::super::super::query::{
        CODE_LEN_MAX, CODES_MAX, PASSENGERS_MAX, Passenger, Query, SLICES_MAX, Slice,
    };
    use super::super::{Grant, Leg, Origin};
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
                    account_codes: Vec::new(),
                },
                created_us: 1_803_891_600_000_000,
                nonce: [9; 16],
            },
            brand: Brand::Flex,
            slices: vec![vec![leg; 2]; SLICES_MAX],
            expires_us: 1_803_893_400_000_000,
            priced_us: 1_803_891_600_000_000,
            bound: false,
            origin: Origin::Search,
            total: 123_456,
            snapshot: [7; 8],
            grant: None,
        }
    }

    fn granted() -> Offer {
        let mut offer = largest();
        offer.request.query.account_codes = vec!["X".repeat(CODE_LEN_MAX); CODES_MAX];
        offer.grant = Some(Arc::new(Grant {
            fare_id: format!("far_{}", "0".repeat(26)),
            account_code: "X".repeat(CODE_LEN_MAX),
            discount: 9_999,
        }));
        offer
    }

    #[test]
    fn tokens_are_read_as_they_are_signed() {
        let keys = keys();
        let mut searched = granted();
        searched.grant = None;
        for mut offer in [largest(), searched, granted()] {
            for (bound, origin) in [
                (false, Origin::Search),
                (true, Origin::Seed),
                (true, Origin::Hold),
            ] {
                (offer.bound, offer.origin) = (bound, origin);
                let token = keys.sign_offer(&offer, SCOPE);
                assert!(token.len() <= 1024, "{}", token.len());
                assert_eq!(keys.read_offer(&token, SCOPE).as_ref(), Some(&offer));
                assert_eq!(keys.read_request(&token, SCOPE), None);
            }
            let token = keys.sign_request(&offer.request, SCOPE);
            assert_eq!(keys.read_offer(&token, SCOPE), None);
            assert_eq!(keys.read_request(&token, SCOPE), Some(offer.request));
        }
    }

    /// Signed before there were account codes.
    #[test]
    fn the_first_form_is_still_read_and_written() {
        let keys = keys();
        let token = keys.sign_offer(&largest(), SCOPE);
        assert_eq!(token, include_str!("first_form.txt").trim_end());
        assert_eq!(keys.read_offer(&token, SCOPE), Some(largest()));
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
        assert_ne!(offer.nonce(), granted().nonce());
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
