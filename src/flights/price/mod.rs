//! What a journey costs each passenger: fares, carrier surcharges, taxes; and bags and seats besides. All of it is synthetic.
//!
//! Whole minor units throughout: every amount is rounded once, where it arises, and every total is the sum of its parts.

pub mod baggage;
pub mod fare;
pub mod tariff;
pub mod tax;

use super::classes::{Brand, ClassIndex};
use super::itinerary::Itinerary;
use super::query::Query;
use super::times::Moment;
use super::world::World;
use crate::rpc::flights::v1::Ptc;
use tariff::Tariff;

/// Changes whenever the same journey would be priced differently.
pub const FARE_VERSION: u16 = 1;

/// One slice as it is sold: its flights and a booking class on each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sold {
    /// The flights.
    pub itinerary: Itinerary,
    /// A class for each leg; the second is meaningless without a connection.
    pub classes: [ClassIndex; 2],
}

/// A tax, fee or surcharge, without its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Levy {
    /// Two letters.
    pub code: &'static str,
    /// What it is for.
    pub name: &'static str,
    /// ISO 3166-1 alpha-2 of who levies it; empty for a carrier.
    pub country: &'static str,
}

/// What one passenger pays, in minor units of one currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The fare.
    pub base: i64,
    /// Levies of countries and airports, each once.
    pub taxes: Vec<(Levy, i64)>,
    /// Surcharges of carriers, each once.
    pub fees: Vec<(Levy, i64)>,
}

impl Price {
    /// The sum of its parts; `None` when it does not fit 64 bits.
    pub fn total(&self) -> Option<i64> {
        self.taxes
            .iter()
            .chain(&self.fees)
            .try_fold(self.base, |sum, (_, amount)| sum.checked_add(*amount))
    }

    /// Adds the parts of another price.
    pub fn add(&mut self, other: &Self) -> Option<()> {
        self.base = self.base.checked_add(other.base)?;
        for (levy, amount) in &other.taxes {
            collect(&mut self.taxes, *levy, *amount)?;
        }
        for (levy, amount) in &other.fees {
            collect(&mut self.fees, *levy, *amount)?;
        }
        Some(())
    }
}

/// What a slice costs all passengers together; `None` when it does not fit 64 bits.
pub fn slice_total(
    world: &World,
    query: &Query,
    sold: &Sold,
    as_of: Moment,
    tariff: &Tariff,
) -> Option<i64> {
    let adult = fare::adult(world, sold, as_of, tariff)?;
    let (mut total, mut priced) = (0_i64, [None; 5]);
    for passenger in &query.passengers {
        let slot = &mut priced[usize::from(ptc_byte(passenger.ptc))];
        let amount = match *slot {
            Some(amount) => amount,
            None => {
                let base = fare::of_passenger(adult, passenger.ptc, tariff)?;
                let mut sum = Some(base);
                levies(world, sold, passenger.ptc, base, tariff, |_, amount| {
                    sum = sum.and_then(|sum| sum.checked_add(amount));
                })?;
                *slot.insert(sum?)
            }
        };
        total = total.checked_add(amount)?;
    }
    Some(total)
}

/// What slices cost one passenger; `None` when it does not fit 64 bits.
pub fn of_passenger(
    world: &World,
    slices: &[Sold],
    ptc: Ptc,
    as_of: Moment,
    tariff: &Tariff,
) -> Option<Price> {
    let mut price = Price::default();
    for sold in slices {
        let base = fare::of_passenger(fare::adult(world, sold, as_of, tariff)?, ptc, tariff)?;
        price.base = price.base.checked_add(base)?;
        let mut fits = Some(());
        levies(world, sold, ptc, base, tariff, |levy, amount| {
            let kind = if levy.country.is_empty() {
                &mut price.fees
            } else {
                &mut price.taxes
            };
            fits = fits.and(collect(kind, levy, amount));
        })?;
        fits?;
    }
    Some(price)
}

/// The byte that stands for a passenger type in tokens.
pub fn ptc_byte(ptc: Ptc) -> u8 {
    match ptc {
        Ptc::Unspecified => 0,
        Ptc::Adt => 1,
        Ptc::Chd => 2,
        Ptc::Inf => 3,
        Ptc::Ins => 4,
    }
}

/// What is kept of a fare, in US cents a passenger with a seat, when someone gives it back or changes it.
pub fn penalty_cents(brand: Brand, longest_km: u16) -> Option<(i64, i64)> {
    let long = longest_km > 3500;
    match brand {
        Brand::Basic => None,
        Brand::Standard if long => Some((15_000, 10_000)),
        Brand::Standard => Some((7_500, 5_000)),
        Brand::Flex => Some((0, 0)),
    }
}

fn levies(
    world: &World,
    sold: &Sold,
    ptc: Ptc,
    base: i64,
    tariff: &Tariff,
    mut take: impl FnMut(Levy, i64),
) -> Option<()> {
    fare::surcharge(world, sold, ptc, tariff, &mut take)?;
    tax::each(world, sold, ptc, base, tariff, &mut take)
}

fn collect(levies: &mut Vec<(Levy, i64)>, levy: Levy, amount: i64) -> Option<()> {
    match levies.iter_mut().find(|(known, _)| *known == levy) {
        Some((_, sum)) => *sum = sum.checked_add(amount)?,
        None => levies.push((levy, amount)),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::itinerary::Leg;
    use super::super::query::{Passenger, Slice};
    use super::super::times::{LocalDay, parse_day};
    use super::*;
    use crate::rpc::flights::v1::Cabin;

    #[test]
    fn totals_are_the_sums_of_their_parts_in_every_currency() {
        let world = World::load_carriers(&["BA", "JL", "QR", "AA"]).expect("well-formed");
        let day = parse_day("2027-03-15").expect("a day");
        let passengers: Vec<_> = [Ptc::Adt, Ptc::Adt, Ptc::Chd, Ptc::Inf, Ptc::Ins]
            .map(|ptc| Passenger { ptc, age: None })
            .into();
        for (from, to) in [
            ("LHR", "JFK"),
            ("HND", "ITM"),
            ("DOH", "LHR"),
            ("DFW", "LAX"),
            ("JFK", "LHR"),
        ] {
            let (origin, destination) = (world.find_airport(from), world.find_airport(to));
            let (origin, destination) = (origin.expect(from), destination.expect(to));
            let flight = world
                .route(origin, destination)
                .expect(from)
                .flights()
                .start;
            let local = LocalDay::new(&world.airport(origin).zone, day);
            let sold = Sold {
                itinerary: Itinerary::direct(Leg::new(&world, flight, &local)),
                classes: [11, 0],
            };
            let tariff = Tariff::of(world.country_of(origin));
            let as_of = sold.itinerary.departs() - 20 * 24 * 60;
            let slice = |code: &str| <[u8; 3]>::try_from(code.as_bytes()).expect("three letters");
            let query = Query {
                slices: vec![Slice::new(slice(from), slice(to), day).expect("codes")],
                passengers: passengers.clone(),
                cabin: Cabin::Economy,
                max_connections: 0,
                account_codes: Vec::new(),
            };
            let prices: Vec<_> = passengers
                .iter()
                .map(|one| of_passenger(&world, &[sold], one.ptc, as_of, &tariff).expect("fits"))
                .collect();
            let totals: Vec<_> = prices
                .iter()
                .map(|price| price.total().expect("fits"))
                .collect();
            assert_eq!(
                slice_total(&world, &query, &sold, as_of, &tariff),
                Some(totals.iter().sum())
            );
            assert_eq!(totals[0], totals[1]);
            assert!(
                totals[0] > totals[2] && totals[2] > totals[3],
                "{from}-{to} {totals:?}"
            );
            let unit = tariff.fare_unit();
            assert!(
                prices
                    .iter()
                    .all(|price| price.base > 0 && price.base % unit == 0),
                "{prices:?}"
            );
            let mut twice = prices[0].clone();
            twice.add(&prices[2]).expect("fits");
            assert_eq!(twice.total(), Some(totals[0] + totals[2]));
        }
    }
}
