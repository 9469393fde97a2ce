//! Baggage and seats: what fares include, and what bags and legroom cost besides. Tables by fare brand, cabin and distance.
//!
//! Synthetic: near what carriers allow and ask, and none is to be relied on; offers say that they are synthetic. What changes a
//! price here changes `FARE_VERSION`, as with fares.

use super::super::classes::{self, Brand};
use super::super::equipment::CABINS;
use super::super::world::World;
use super::Sold;
use super::tariff::Tariff;

/// Pieces that may be taken along, and what each may weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// None is possible.
    pub pieces: u32,
    /// Kilograms.
    pub weight_kg: u32,
}

const fn pieces(pieces: u32, weight_kg: u32) -> Allowance {
    Allowance { pieces, weight_kg }
}

/// Into the cabin, by cabin.
const CARRY_ON: [Allowance; CABINS] = [pieces(1, 8), pieces(1, 10), pieces(2, 10), pieces(2, 12)];
/// Into the hold, by cabin; basic, standard, flex.
const CHECKED: [[Allowance; 3]; CABINS] = [
    [pieces(0, 23), pieces(1, 23), pieces(1, 23)],
    [pieces(1, 23), pieces(2, 23), pieces(2, 23)],
    [pieces(1, 32), pieces(2, 32), pieces(2, 32)],
    [pieces(2, 32), pieces(3, 32), pieces(3, 32)],
];
/// Up to each distance in km, US cents for one more checked bag on a slice, by cabin.
const BAGS: [(u32, [i64; CABINS]); 4] = [
    (1_500, [3_500, 3_500, 3_000, 3_000]),
    (3_500, [5_000, 5_000, 4_500, 4_500]),
    (8_000, [7_500, 7_500, 6_500, 6_500]),
    (u32::MAX, [10_000, 10_000, 9_000, 9_000]),
];
/// Up to each distance in km, US cents for legroom on a slice, in economy and premium economy. Other cabins have it anyway.
const LEGROOM: [(u32, [i64; 2]); 4] = [
    (1_500, [1_500, 1_200]),
    (3_500, [2_900, 2_400]),
    (8_000, [6_900, 5_500]),
    (u32::MAX, [9_900, 7_900]),
];

/// What a passenger with a seat takes into the cabin.
pub fn carry_on(sold: &Sold) -> Allowance {
    CARRY_ON[cabin(sold)]
}

/// What a passenger with a seat has carried in the hold.
pub fn checked(sold: &Sold, brand: Brand) -> Allowance {
    let of_cabin = CHECKED[cabin(sold)];
    match brand {
        Brand::Basic => of_cabin[0],
        Brand::Standard => of_cabin[1],
        Brand::Flex => of_cabin[2],
    }
}

/// What one more checked bag costs; `None` when it does not fit 64 bits.
pub fn bag(world: &World, sold: &Sold, tariff: &Tariff) -> Option<i64> {
    let km = distance_km(world, sold);
    let (_, cents) = BAGS.iter().find(|(end, _)| km <= *end)?;
    tariff.charge(cents[cabin(sold)])
}

/// Whether legroom is sold where one travels.
pub fn sells_legroom(sold: &Sold) -> bool {
    cabin(sold) < LEGROOM[0].1.len()
}

/// What a seat with extra legroom costs; `None` when it does not fit 64 bits, or none is sold.
pub fn legroom(world: &World, sold: &Sold, tariff: &Tariff) -> Option<i64> {
    let km = distance_km(world, sold);
    let (_, cents) = LEGROOM.iter().find(|(end, _)| km <= *end)?;
    tariff.charge(*cents.get(cabin(sold))?)
}

/// The cabin that counts: on a slice of two flights the lower one.
fn cabin(sold: &Sold) -> usize {
    let flown = sold.itinerary.legs().zip(sold.classes);
    let cabins = flown.map(|(_, class)| classes::cabin_of(class));
    cabins.min().unwrap_or(0)
}

fn distance_km(world: &World, sold: &Sold) -> u32 {
    let flights = sold.itinerary.flights(world);
    flights.map(|flight| u32::from(flight.distance_km)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_is_included_in_higher_cabins_and_dearer_brands() {
        for (lower, higher) in CHECKED.iter().zip(&CHECKED[1..]) {
            for (less, more) in lower.iter().zip(higher) {
                assert!(less.pieces <= more.pieces && less.weight_kg <= more.weight_kg);
            }
        }
        assert!(
            CHECKED
                .iter()
                .all(|all| all.is_sorted_by_key(|one| one.pieces))
        );
        assert!(CARRY_ON.is_sorted_by_key(|one| (one.pieces, one.weight_kg)));
    }

    #[test]
    fn farther_costs_more() {
        assert!(BAGS.windows(2).all(|two| two[0].1[0] < two[1].1[0]));
        assert!(LEGROOM.windows(2).all(|two| two[0].1[0] < two[1].1[0]));
    }
}
