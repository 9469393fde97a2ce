//! The offers and the offer request with fixed names that stand behind the examples of the contract.
//!
//! They exist in the sandbox world only. Each is a fixed choice, worked out again at every read like any other offer, priced
//! as of the moment at which the sandbox's clock starts, so that an example shows the same amounts on any day.

use super::classes::{self, Brand};
use super::itinerary::{Itinerary, Leg};
use super::overlay::Overlay;
use super::price::Sold;
use super::query::{Passenger, Query, Slice};
use super::search;
use super::times;
use super::token::{self, Nonce};
use super::world::World;
use crate::rpc::flights::v1::{Cabin, Ptc};

/// The world that has them.
pub const WORLD: &str = "wld_sandbox";
/// 2027-03-01T09:00:00Z, when its clock starts.
pub const STARTS_US: i64 = 1_803_891_600_000_000;
/// The offer request.
const REQUEST: &str = "orq_sandbox-return";
/// Its cheapest offer.
const CHEAPEST: &str = "off_sandbox-read";

const CARRIER: &str = "BA";
/// Origin, destination and date.
type Direction = (&'static str, &'static str, &'static str);

const OUT: Direction = ("LHR", "JFK", "2027-03-15");
const BACK: Direction = ("JFK", "LHR", "2027-03-22");
/// A day of flights that no other example names.
const LATER: Direction = ("LHR", "JFK", "2027-03-29");

struct Seed {
    name: &'static str,
    journey: &'static [Direction],
    /// Which of the carrier's flights of the day, by departure.
    flight: usize,
    brand: Brand,
    class: &'static str,
}

const fn seed(name: &'static str, flight: usize, brand: Brand, class: &'static str) -> Seed {
    Seed {
        name,
        journey: &[OUT],
        flight,
        brand,
        class,
    }
}

const fn and_back(seed: Seed) -> Seed {
    Seed {
        journey: &[OUT, BACK],
        ..seed
    }
}

const SEEDS: [Seed; 20] = [
    seed("off_sandbox-instant", 0, Brand::Flex, "Y"),
    seed("off_sandbox-hold", 1, Brand::Standard, "M"),
    seed("off_sandbox-instant-2", 0, Brand::Flex, "Y"),
    seed("off_sandbox-hold-2", 1, Brand::Standard, "M"),
    seed("off_sandbox-order-1", 0, Brand::Flex, "Y"),
    seed("off_sandbox-order-2", 1, Brand::Standard, "M"),
    seed("off_sandbox-order-3", 2, Brand::Standard, "M"),
    seed("off_sandbox-order-4", 3, Brand::Flex, "Y"),
    seed("off_sandbox-order-5", 4, Brand::Flex, "Y"),
    seed("off_sandbox-order-6", 5, Brand::Standard, "M"),
    seed("off_sandbox-order-7", 5, Brand::Flex, "Y"),
    Seed {
        journey: &[LATER],
        ..seed("off_sandbox-retimed", 0, Brand::Standard, "M")
    },
    and_back(seed("off_sandbox-change", 1, Brand::Flex, "Y")),
    and_back(seed("off_sandbox-change-1", 1, Brand::Flex, "Y")),
    seed("off_sandbox-agency", 0, Brand::Flex, "Y"),
    seed("off_sandbox-agency-later", 1, Brand::Standard, "M"),
    seed("off_sandbox-agency-order-1", 0, Brand::Flex, "Y"),
    seed("off_sandbox-agency-order-2", 1, Brand::Standard, "M"),
    seed("off_sandbox-agency-order-3", 2, Brand::Flex, "Y"),
    seed("off_sandbox-agency-order-4", 3, Brand::Standard, "M"),
];

/// A seeded offer, ready to be made.
pub struct Seeded {
    /// The request that it seems to answer; its nonce is the offer's too.
    pub request: token::Request,
    /// Its fare brand.
    pub brand: Brand,
    /// Its flights and classes.
    pub slices: Vec<Sold>,
}

/// The offer of a name; `None` where there is none. `now_us` is when it seems to have been made.
pub fn offer(world: &World, name: &str, now_us: i64) -> Option<Seeded> {
    if name == CHEAPEST {
        return cheapest(world, now_us);
    }
    let seed = SEEDS.iter().find(|seed| seed.name == name)?;
    let class = classes::by_letter(seed.class)?;
    let slices = seed
        .journey
        .iter()
        .map(|&direction| sold(world, direction, seed.flight, class));
    let slices = slices.collect::<Option<_>>()?;
    Some(Seeded {
        request: request(name, seed.journey, now_us)?,
        brand: seed.brand,
        slices,
    })
}

/// The offer request of a name; `None` where there is none.
pub fn offer_request(name: &str, now_us: i64) -> Option<token::Request> {
    // It has the nonce of its cheapest offer, so that both have the same passengers.
    if name == REQUEST {
        request(CHEAPEST, &[OUT, BACK], now_us)
    } else {
        None
    }
}

/// The name of the request that has a nonce.
pub fn request_name(nonce: &Nonce) -> Option<&'static str> {
    (*nonce == nonce_of(CHEAPEST)).then_some(REQUEST)
}

/// What the offer request finds first while the sandbox is untouched.
fn cheapest(world: &World, now_us: i64) -> Option<Seeded> {
    let request = offer_request(REQUEST, now_us)?;
    let starts = times::moment_of_us(STARTS_US);
    let found = search::search(world, &Overlay::default(), &request.query, "", starts, 1)
        .found
        .pop()?;
    Some(Seeded {
        request,
        brand: found.brand,
        slices: found.slices,
    })
}

fn nonce_of(name: &str) -> Nonce {
    token::digest16(name.as_bytes())
}

fn request(name: &str, journey: &[(&str, &str, &str)], now_us: i64) -> Option<token::Request> {
    let slice = |&(origin, destination, date): &(&str, &str, &str)| {
        let code = |text: &str| <[u8; 3]>::try_from(text.as_bytes()).ok();
        Slice::new(code(origin)?, code(destination)?, times::parse_day(date)?)
    };
    let query = Query {
        slices: journey.iter().map(slice).collect::<Option<_>>()?,
        passengers: vec![Passenger {
            ptc: Ptc::Adt,
            age: None,
        }],
        cabin: Cabin::Economy,
        max_connections: 1,
        account_codes: Vec::new(),
    };
    Some(token::Request {
        query,
        created_us: now_us,
        nonce: nonce_of(name),
    })
}

fn sold(world: &World, slice: (&str, &str, &str), nth: usize, class: u8) -> Option<Sold> {
    let (origin, destination, date) = slice;
    let (origin, destination) = (
        world.find_airport(origin)?,
        world.find_airport(destination)?,
    );
    let (carrier, day) = (world.find_airline(CARRIER)?, times::parse_day(date)?);
    let flight = world
        .route(origin, destination)?
        .flights()
        .filter(|&flight| {
            world.flight(flight).carrier == carrier && world.flight(flight).operates(day)
        })
        .nth(nth)?;
    Some(Sold {
        itinerary: Itinerary::direct(Leg::on(world, flight, day)),
        classes: [class, 0],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_for_flights() {
        let world = World::load_carriers(&["BA"]).expect("well-formed");
        for seed in &SEEDS {
            let offer = offer(&world, seed.name, STARTS_US).expect(seed.name);
            assert_eq!(offer.slices.len(), seed.journey.len(), "{}", seed.name);
            for sold in &offer.slices {
                assert!(classes::of_brand(0, offer.brand).contains(&sold.classes[0]));
            }
        }
        assert_eq!(
            offer(&world, CHEAPEST, STARTS_US)
                .expect(CHEAPEST)
                .slices
                .len(),
            2
        );
        assert!(offer(&world, "off_sandbox-other", STARTS_US).is_none());
        let request = offer_request(REQUEST, STARTS_US).expect("seeded");
        assert_eq!(request_name(&request.nonce), Some(REQUEST));
        assert_eq!(
            crate::kernel::clock::rfc3339(STARTS_US),
            "2027-03-01T09:00:00Z"
        );
    }
}
