//! Negotiated fares: which journeys one covers, who may use it, and what it takes off.
//!
//! What a fare grants never changes; it can only be discontinued. So an offer that names one is worth the same whenever it is
//! read back.

use std::sync::Arc;

use super::equipment;
use super::itinerary::Itinerary;
use super::times::{self, Day};
use super::token::Grant;
use super::world::{AirlineIndex, AirportIndex, World};
use super::{Error, query};
use crate::rpc::flights::v1::{Cabin, Fare};

/// The status of a fare with which new offers are made.
pub const ACTIVE: &str = "active";
/// The status of a fare with which no new offers are made.
pub const DISCONTINUED: &str = "discontinued";
const DISCOUNT_MAX: u32 = 9_999;
/// Most characters of an id: offers carry it.
pub const ID_LEN_MAX: usize = 64;

/// A fare, read so that searches need no text.
#[derive(Debug)]
pub struct Negotiated {
    /// What an offer must carry of it.
    pub grant: Arc<Grant>,
    /// Grows when it is discontinued.
    pub version: u64,
    active: bool,
    account_id: String,
    carrier: AirlineIndex,
    /// The airports of either end; any where there is none.
    ends: [Option<Vec<AirportIndex>>; 2],
    /// Place of the cabin in tables by cabin; any where there is none.
    cabin: Option<usize>,
    from: Day,
    until: Day,
}

impl Negotiated {
    /// Reads a fare.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it names what does not exist, or grants nothing.
    pub fn read(world: &World, fare: &Fare) -> Result<Self, Error> {
        let invalid = Error::Invalid;
        let end = |code: &str| match world.airports_of(code) {
            _ if code.is_empty() => Ok(None),
            airports if airports.is_empty() => {
                Err(invalid("an end of the fare is no airport or city"))
            }
            airports => Ok(Some(airports)),
        };
        let date = |text: &str, any: Day| match text {
            "" => Ok(any),
            text => times::parse_day(text).ok_or(invalid("a date of the fare is not a date")),
        };
        let carrier = world
            .find_airline(&fare.carrier)
            .ok_or(invalid("the carrier of the fare does not exist"))?;
        let discount = u16::try_from(fare.discount_basis_points)
            .ok()
            .filter(|_| (1..=DISCOUNT_MAX).contains(&fare.discount_basis_points))
            .ok_or(invalid(
                "a fare takes off 1 to 9999 hundredths of a percent",
            ))?;
        let (from, until) = (
            date(&fare.valid_from, Day::MIN)?,
            date(&fare.valid_until, Day::MAX)?,
        );
        if !(1..=ID_LEN_MAX).contains(&fare.id.len()) || !query::is_account_code(&fare.account_code)
        {
            return Err(invalid(
                "a fare has an id, and a code of capitals and digits",
            ));
        }
        if from > until {
            return Err(invalid("the fare ends before it starts"));
        }
        Ok(Self {
            grant: Arc::new(Grant {
                fare_id: fare.id.clone(),
                account_code: fare.account_code.clone(),
                discount,
            }),
            version: fare.version,
            active: fare.status == ACTIVE,
            account_id: fare.account_id.clone(),
            carrier,
            ends: [end(&fare.origin)?, end(&fare.destination)?],
            cabin: match fare.cabin() {
                Cabin::Unspecified => None,
                cabin => Some(equipment::cabin_index(cabin)),
            },
            from,
            until,
        })
    }

    /// Whether an account that names its code gets it.
    pub fn granted_to(&self, account: &str) -> bool {
        self.active && (self.account_id.is_empty() || self.account_id == account)
    }

    /// Whether it prices a slice in a cabin: all of it flown by the carrier, between its ends, on its dates.
    pub fn covers(&self, world: &World, cabin: usize, itinerary: &Itinerary) -> bool {
        let at = |end: usize, airport: AirportIndex| {
            self.ends[end]
                .as_ref()
                .is_none_or(|airports| airports.contains(&airport))
        };
        let (origin, destination) = (itinerary.origin(world), itinerary.destination(world));
        self.cabin.is_none_or(|own| own == cabin)
            && (self.from..=self.until).contains(&itinerary.first().day)
            && ((at(0, origin) && at(1, destination)) || (at(1, origin) && at(0, destination)))
            && itinerary
                .flights(world)
                .all(|flight| flight.carrier == self.carrier)
    }
}
