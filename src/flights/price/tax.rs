//! Taxes and charges of countries and airports: a table by country, shaped like what is really levied.
//!
//! Synthetic: amounts are near real ones in kind and size, none is to be relied on, and each name says so.

use super::super::world::World;
use super::tariff::Tariff;
use super::{Levy, Sold};
use crate::rpc::flights::v1::Ptc;

/// On what a levy falls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum When {
    /// A slice that leaves the country.
    Leaving,
    /// A slice that leaves it for a place further away than [`LONG_KM`].
    LeavingFar,
    /// A slice that stays in it.
    Within,
    /// A slice that comes into it.
    Entering,
    /// Every flight that departs in it.
    Boarding,
}

struct Rule {
    levy: Levy,
    when: When,
    rate: Rate,
    /// Whether infants on a lap pay too.
    infants: bool,
}

#[derive(Clone, Copy)]
enum Rate {
    Cents(i64),
    /// Thousandths of the fare.
    Share(i64),
}

const LONG_KM: u16 = 3500;

const fn rule(
    country: &'static str,
    code: &'static str,
    name: &'static str,
    when: When,
    cents: i64,
) -> Rule {
    Rule {
        levy: Levy {
            code,
            name,
            country,
        },
        when,
        rate: Rate::Cents(cents),
        infants: false,
    }
}

const fn share(
    country: &'static str,
    code: &'static str,
    name: &'static str,
    when: When,
    thousandths: i64,
) -> Rule {
    Rule {
        levy: Levy {
            code,
            name,
            country,
        },
        when,
        rate: Rate::Share(thousandths),
        infants: true,
    }
}

use When::{Boarding, Entering, Leaving, LeavingFar, Within};

/// Sorted by country.
const RULES: [Rule; 51] = [
    rule(
        "AE",
        "AE",
        "Passenger service charge (synthetic)",
        Leaving,
        2_050,
    ),
    rule(
        "AE",
        "ZR",
        "Advance passenger information fee (synthetic)",
        Entering,
        140,
    ),
    rule(
        "AU",
        "AU",
        "Passenger movement charge (synthetic)",
        Leaving,
        4_600,
    ),
    rule("AU", "WY", "Airport charge (synthetic)", Boarding, 1_300),
    rule("BR", "BR", "Embarkation fee (synthetic)", Boarding, 950),
    rule(
        "CA",
        "CA",
        "Air travellers security charge (synthetic)",
        Boarding,
        740,
    ),
    rule(
        "CA",
        "SQ",
        "Airport improvement fee (synthetic)",
        Leaving,
        2_300,
    ),
    share("CA", "XG", "Goods and services tax (synthetic)", Within, 50),
    rule(
        "CH",
        "CH",
        "Passenger and security charge (synthetic)",
        Boarding,
        2_800,
    ),
    rule("CN", "CN", "Airport fee (synthetic)", Boarding, 900),
    rule("DE", "DE", "Security charge (synthetic)", Boarding, 1_050),
    rule("DE", "OY", "Aviation tax (synthetic)", Leaving, 1_680),
    rule(
        "DE",
        "OY",
        "Aviation tax, long distance (synthetic)",
        LeavingFar,
        6_000,
    ),
    rule(
        "DE",
        "RA",
        "Passenger service charge (synthetic)",
        Boarding,
        2_600,
    ),
    rule("ES", "JD", "Departure charge (synthetic)", Boarding, 1_500),
    rule("ES", "OG", "Security charge (synthetic)", Boarding, 70),
    rule("FR", "FR", "Airport tax (synthetic)", Boarding, 1_450),
    rule("FR", "IZ", "Solidarity tax (synthetic)", Leaving, 790),
    rule(
        "FR",
        "QX",
        "Passenger service charge (synthetic)",
        Boarding,
        1_900,
    ),
    rule("GB", "GB", "Air passenger duty (synthetic)", Within, 900),
    rule("GB", "GB", "Air passenger duty (synthetic)", Leaving, 1_700),
    rule(
        "GB",
        "GB",
        "Air passenger duty, long distance (synthetic)",
        LeavingFar,
        10_100,
    ),
    rule(
        "GB",
        "UB",
        "Passenger service charge (synthetic)",
        Boarding,
        4_200,
    ),
    rule(
        "HK",
        "HK",
        "Air passenger departure tax (synthetic)",
        Leaving,
        1_540,
    ),
    rule("HK", "I5", "Security charge (synthetic)", Boarding, 700),
    rule(
        "IE",
        "IE",
        "Passenger service charge (synthetic)",
        Boarding,
        1_300,
    ),
    rule(
        "IN",
        "IN",
        "User development fee (synthetic)",
        Boarding,
        600,
    ),
    share("IN", "K3", "Goods and services tax (synthetic)", Within, 50),
    rule(
        "IT",
        "IT",
        "Embarkation charge (synthetic)",
        Boarding,
        1_500,
    ),
    rule("IT", "HB", "Municipal surcharge (synthetic)", Boarding, 700),
    rule(
        "JP",
        "OI",
        "Passenger security charge (synthetic)",
        Boarding,
        380,
    ),
    rule(
        "JP",
        "SW",
        "Passenger service facilities charge (synthetic)",
        Leaving,
        1_900,
    ),
    rule(
        "JP",
        "TK",
        "International tourist tax (synthetic)",
        Leaving,
        670,
    ),
    rule(
        "KR",
        "BP",
        "International departure charge (synthetic)",
        Leaving,
        2_000,
    ),
    rule(
        "MX",
        "XD",
        "Airport use charge (synthetic)",
        Boarding,
        2_400,
    ),
    share("MX", "XO", "Value added tax (synthetic)", Within, 160),
    rule(
        "NL",
        "CJ",
        "Security service charge (synthetic)",
        Boarding,
        1_500,
    ),
    rule(
        "NL",
        "RN",
        "Passenger service charge (synthetic)",
        Boarding,
        1_700,
    ),
    rule("NL", "VV", "Aviation tax (synthetic)", Leaving, 3_200),
    rule("NO", "NO", "Passenger charge (synthetic)", Boarding, 900),
    rule("PT", "PT", "Security charge (synthetic)", Boarding, 450),
    rule(
        "PT",
        "YP",
        "Passenger service charge (synthetic)",
        Boarding,
        1_600,
    ),
    rule("SE", "SE", "Passenger charge (synthetic)", Boarding, 1_150),
    rule(
        "SG",
        "SG",
        "Passenger service and security fee (synthetic)",
        Boarding,
        3_500,
    ),
    rule(
        "TR",
        "TR",
        "Airport service charge (synthetic)",
        Leaving,
        2_100,
    ),
    rule(
        "US",
        "AY",
        "September 11 security fee (synthetic)",
        Boarding,
        560,
    ),
    rule(
        "US",
        "US",
        "International transportation tax (synthetic)",
        Leaving,
        2_290,
    ),
    rule(
        "US",
        "US",
        "International transportation tax (synthetic)",
        Entering,
        2_290,
    ),
    share("US", "US", "Transportation tax (synthetic)", Within, 75),
    rule(
        "US",
        "XF",
        "Passenger facility charge (synthetic)",
        Boarding,
        450,
    ),
    rule(
        "US",
        "XY",
        "Immigration user fee (synthetic)",
        Entering,
        700,
    ),
];

const DEFAULT_CENTS: i64 = 1_800;
const DEFAULT_DOMESTIC_CENTS: i64 = 500;
const DEFAULT_NAME: &str = "Passenger service charge (synthetic)";

/// Hands out what a passenger owes for one slice, whose fare is `base`; `None` when it does not fit 64 bits.
pub fn each(
    world: &World,
    sold: &Sold,
    ptc: Ptc,
    base: i64,
    tariff: &Tariff,
    mut take: impl FnMut(Levy, i64),
) -> Option<()> {
    let itinerary = &sold.itinerary;
    let (origin, destination) = (itinerary.origin(world), itinerary.destination(world));
    let (from, to) = (
        world.country_of(origin).code,
        world.country_of(destination).code,
    );
    let far = world.flight(itinerary.last().flight).distance_km > LONG_KM
        || (itinerary.connects() && world.distance_km(origin, destination) > LONG_KM);
    let mut apply = |rule: &Rule| -> Option<()> {
        if ptc == Ptc::Inf && !rule.infants {
            return Some(());
        }
        let amount = match rule.rate {
            Rate::Cents(cents) => tariff.charge(cents)?,
            Rate::Share(thousandths) => tariff.charge_share(base, thousandths)?,
        };
        take(rule.levy, amount);
        Some(())
    };
    for rule in rules(from) {
        let due = match rule.when {
            When::Leaving => from != to && !(far && has_long(from)),
            When::LeavingFar => from != to && far,
            When::Within => from == to,
            When::Entering | When::Boarding => false,
        };
        if due {
            apply(rule)?;
        }
    }
    if from != to {
        for rule in rules(to).iter().filter(|rule| rule.when == When::Entering) {
            apply(rule)?;
        }
    }
    for flight in itinerary.flights(world) {
        let country = world.country_of(flight.origin).code;
        for rule in rules(country)
            .iter()
            .filter(|rule| rule.when == When::Boarding)
        {
            apply(rule)?;
        }
    }
    if rules(from).is_empty() {
        let cents = if from == to {
            DEFAULT_DOMESTIC_CENTS
        } else {
            DEFAULT_CENTS
        };
        apply(&rule(from, from, DEFAULT_NAME, Leaving, cents))?;
    }
    Some(())
}

fn rules(country: &str) -> &'static [Rule] {
    let start = RULES.partition_point(|rule| rule.levy.country < country);
    let end = RULES.partition_point(|rule| rule.levy.country <= country);
    &RULES[start..end]
}

/// Whether a country levies more on long journeys, in place of what it levies on all.
fn has_long(country: &str) -> bool {
    rules(country)
        .iter()
        .any(|rule| rule.when == When::LeavingFar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_marked() {
        assert!(RULES.is_sorted_by_key(|rule| rule.levy.country));
        assert!(
            RULES
                .iter()
                .all(|rule| rule.levy.name.ends_with("(synthetic)") && rule.levy.code.len() == 2)
        );
        assert_eq!(rules("US").len(), 6);
        assert!(rules("ZZ").is_empty() && !has_long("ZZ") && has_long("GB"));
    }
}
