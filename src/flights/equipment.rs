//! Which aircraft flies a route, and how its seats are divided into cabins.
//!
//! Real: the seats a flight (the mean of the route). Synthetic: the type, which is the one whose usual seating comes nearest,
//! and the share of each cabin. Nothing here knows a carrier's true fleet.

use crate::rpc::flights::v1::Cabin;

/// Cabins that an aircraft may have.
pub const CABINS: usize = 4;

/// How an aircraft is divided.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seating {
    /// Economy only.
    Single,
    /// Business and economy.
    Two,
    /// On long stages also premium economy.
    Three,
    /// On long stages also premium economy and first.
    Four,
}

struct Configuration {
    /// IATA equipment code.
    code: &'static str,
    seats: u16,
    range_km: u16,
    propeller: bool,
    seating: Seating,
}

const fn prop(code: &'static str, seats: u16, range_km: u16) -> Configuration {
    Configuration {
        code,
        seats,
        range_km,
        propeller: true,
        seating: Seating::Single,
    }
}

const fn jet(code: &'static str, seats: u16, range_km: u16, seating: Seating) -> Configuration {
    Configuration {
        code,
        seats,
        range_km,
        propeller: false,
        seating,
    }
}

use Seating::{Four, Single, Three, Two};

/// Usual seatings, by seats.
const CONFIGURATIONS: [Configuration; 48] = [
    prop("CNA", 5, 1500),
    prop("CNC", 9, 1800),
    prop("DHT", 19, 1500),
    prop("SF3", 34, 1800),
    prop("DH3", 50, 2000),
    jet("ER4", 50, 3000, Single),
    prop("AT7", 70, 1700),
    jet("CR7", 70, 3100, Single),
    jet("E70", 76, 3900, Single),
    prop("DH4", 78, 2500),
    jet("CR9", 88, 3200, Single),
    jet("E90", 100, 4500, Two),
    jet("E95", 118, 4300, Single),
    jet("319", 126, 6000, Two),
    jet("221", 133, 6000, Single),
    jet("319", 144, 6000, Single),
    jet("73G", 143, 6000, Single),
    jet("320", 150, 6000, Two),
    jet("319", 156, 6000, Single),
    jet("738", 160, 6500, Two),
    jet("320", 165, 6300, Two),
    jet("738", 175, 6300, Single),
    jet("752", 178, 7500, Two),
    jet("320", 180, 6200, Single),
    jet("321", 185, 6300, Two),
    jet("32N", 186, 6500, Single),
    jet("738", 189, 6000, Single),
    jet("321", 200, 6300, Two),
    jet("321", 220, 5900, Single),
    jet("763", 218, 11000, Two),
    jet("788", 234, 13_600, Two),
    jet("321", 236, 5700, Single),
    jet("332", 252, 13_000, Two),
    jet("788", 264, 13_500, Three),
    jet("772", 275, 14_000, Four),
    jet("789", 285, 14_000, Three),
    jet("333", 293, 11_800, Three),
    jet("359", 315, 15_000, Three),
    jet("781", 330, 11_700, Three),
    jet("77W", 340, 14_500, Four),
    jet("77W", 365, 14_500, Three),
    jet("351", 369, 16_000, Three),
    jet("744", 380, 13_400, Four),
    jet("77W", 396, 14_500, Two),
    jet("789", 344, 14_000, Two),
    jet("744", 416, 13_400, Two),
    jet("388", 489, 15_000, Four),
    jet("388", 517, 15_000, Four),
];

/// Premium economy and first are found on stages from these many kilometres on.
const PREMIUM_FROM_KM: u16 = 3500;
const FIRST_FROM_KM: u16 = 5000;

/// The configuration that comes nearest to `seats` and can fly `km`; when none has the range, the one that flies furthest.
pub fn nearest(seats: u16, km: u16) -> u8 {
    let best = (0_u8..)
        .zip(&CONFIGURATIONS)
        .min_by_key(|(_, one)| (km.saturating_sub(one.range_km), one.seats.abs_diff(seats)));
    best.expect("there are configurations").0
}

/// The configuration of an IATA type that comes nearest to `seats` and can fly `km`; `None` when there is none.
pub fn of_type(code: &str, seats: u16, km: u16) -> Option<u8> {
    (0_u8..)
        .zip(&CONFIGURATIONS)
        .filter(|(_, one)| one.code == code && one.range_km >= km)
        .min_by_key(|(_, one)| one.seats.abs_diff(seats))
        .map(|(configuration, _)| configuration)
}

/// The usual number of seats of a configuration.
pub fn seats(configuration: u8) -> u16 {
    of(configuration).seats
}

/// The IATA equipment code of a configuration.
pub fn code(configuration: u8) -> &'static str {
    of(configuration).code
}

/// Whether it is driven by propellers, and slower.
pub fn propeller(configuration: u8) -> bool {
    of(configuration).propeller
}

/// Seats of each cabin, economy first, of an aircraft with `seats` in all on a stage of `km`. They sum to `seats`.
pub fn cabins(configuration: u8, seats: u16, km: u16) -> [u16; CABINS] {
    let share = |percent: u16| seats * percent / 100;
    let seating = of(configuration).seating;
    let (business, premium, first) = match seating {
        Single => (0, 0, 0),
        Two => (share(8).max(4), 0, 0),
        Three | Four => (
            share(12),
            if km >= PREMIUM_FROM_KM { share(11) } else { 0 },
            if seating == Four && km >= FIRST_FROM_KM {
                share(4)
            } else {
                0
            },
        ),
    };
    let business = business.min(seats);
    [seats - business - premium - first, premium, business, first]
}

/// The place of a cabin in [`cabins`]; economy when none is asked for.
pub fn cabin_index(cabin: Cabin) -> usize {
    match cabin {
        Cabin::Economy | Cabin::Unspecified => 0,
        Cabin::PremiumEconomy => 1,
        Cabin::Business => 2,
        Cabin::First => 3,
    }
}

/// The cabin at a place in [`cabins`].
pub fn cabin(index: usize) -> Cabin {
    match index {
        0 => Cabin::Economy,
        1 => Cabin::PremiumEconomy,
        2 => Cabin::Business,
        _ => Cabin::First,
    }
}

/// The name of the cabin at a place in [`cabins`].
pub fn cabin_name(index: usize) -> &'static str {
    match cabin(index) {
        Cabin::Economy | Cabin::Unspecified => "economy",
        Cabin::PremiumEconomy => "premium_economy",
        Cabin::Business => "business",
        Cabin::First => "first",
    }
}

fn of(configuration: u8) -> &'static Configuration {
    &CONFIGURATIONS[usize::from(configuration)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_seating_with_the_range_flies() {
        for (seats, km, equipment) in [
            (189, 1500, "738"),
            (180, 1500, "320"),
            (180, 9000, "763"),
            (279, 5540, "772"),
            (489, 11_000, "388"),
            (9, 200, "CNC"),
            (50, 15_500, "351"),
        ] {
            assert_eq!(
                code(nearest(seats, km)),
                equipment,
                "{seats} seats, {km} km"
            );
        }
    }

    #[test]
    fn a_type_is_seated_as_is_nearest_and_flies_no_further_than_it_can() {
        for (equipment, near, km, told) in [
            ("320", 151, 1500, Some(150)),
            ("320", 400, 1500, Some(180)),
            ("77W", 279, 5540, Some(340)),
            ("320", 180, 9000, None),
            ("XXX", 180, 1500, None),
        ] {
            let found = of_type(equipment, near, km).map(seats);
            assert_eq!(found, told, "{equipment} near {near} seats, {km} km");
        }
    }

    #[test]
    fn cabins_share_the_seats() {
        for seats in 1..600 {
            for km in [200, 4000, 9000] {
                let cabins = cabins(nearest(seats, km), seats, km);
                assert_eq!(cabins.iter().sum::<u16>(), seats);
            }
        }
        assert_eq!(cabins(nearest(275, 6000), 275, 6000), [201, 30, 33, 11]);
        assert_eq!(cabins(nearest(189, 1000), 189, 1000), [189, 0, 0, 0]);
    }
}
