//! Ids of offer requests and offers: everything they stand for, signed, so that a search writes nothing.
//!
//! A token is a compact binary payload and the first half of its HMAC-SHA-256, in base64url. World and account are signed but
//! not carried: a token that someone else was given is as good as a forged one. Nothing here is secret but the keys.
//!
//! The first byte names the form. Forms are only ever added: what names no account code and no negotiated fare keeps the first
//! ones.

mod codec;
mod keys;

use std::sync::Arc;

use codec::put_choice;
pub use keys::SigningKeys;
use sha2::{Digest, Sha256};

use super::classes::{Brand, ClassIndex};
use super::query::Query;
use super::times::Day;

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

/// What an offer carries of the negotiated fare that made its price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which fare.
    pub fare_id: String,
    /// The code under which it was found.
    pub account_code: String,
    /// Off the base fare, in hundredths of a percent.
    pub discount: u16,
}

/// Where an offer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A search.
    Search,
    /// A fixed name.
    Seed,
    /// Seats that are held already.
    Hold,
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
    /// Where it comes from. Any but a search made the request for this one offer, which therefore has its nonce.
    pub origin: Origin,
    /// For all passengers, in minor units.
    pub total: i64,
    /// The start of the digest of all that was offered.
    pub snapshot: [u8; 8],
    /// The negotiated fare; `None` for a published one.
    pub grant: Option<Arc<Grant>>,
}

impl Offer {
    /// What tells this offer from any other: the same for the same choice from the same request, priced again or not.
    pub fn nonce(&self) -> Nonce {
        if self.origin != Origin::Search {
            return self.request.nonce;
        }
        let mut bytes = self.request.nonce.to_vec();
        put_choice(&mut bytes, self.brand, &self.slices);
        if let Some(grant) = &self.grant {
            bytes.extend(grant.fare_id.as_bytes());
        }
        digest16(&bytes)
    }
}

/// The first 16 bytes of a SHA-256.
pub fn digest16(bytes: &[u8]) -> Nonce {
    let digest = Sha256::digest(bytes);
    std::array::from_fn(|n| digest[n])
}
