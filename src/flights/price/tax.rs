//! Taxes and charges of countries and airports: a table by country, shaped like what is really levied.
//!
//! Synthetic: amounts are near real ones in kind and size, and none is to be relied on; offers say that they are synthetic.

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
    rule("AE", "AE", "Passenger service charge", Leaving, 2_050),
    rule(
        "AE",
        "ZR",
        "Advance passenger information fee",
        Entering,
        140,
    ),
    rule("AU", "AU", "Passenger movement charge", Leaving, 4_600),
    rule("AU", "WY", "Airport charge", Boarding, 1_300),
    rule("BR", "BR", "Embarkation fee", Boarding, 950),
    rule("CA", "CA", "Air travellers security charge", Boarding, 740),
    rule("CA", "SQ", "Airport improvement fee", Leaving, 2_300),
    share("CA", "XG", "Goods and services tax", Within, 50),
    rule("CH", "CH", "Passenger and security charge", Boarding, 2_800),
    rule("CN", "CN", "Airport fee", Boarding, 900),
    rule("DE", "DE", "Security charge", Boarding, 1_050),
    rule("DE", "OY", "Aviation tax", Leaving, 1_680),
    rule("DE", "OY", "Aviation tax, long distance", LeavingFar, 6_000),
    rule("DE", "RA", "Passenger service charge", Boarding, 2_600),
    rule("ES", "JD", "Departure charge", Boarding, 1_500),
    rule("ES", "OG", "Security charge", Boarding, 70),
    rule("FR", "FR", "Airport tax", Boarding, 1_450),
    rule("FR", "IZ", "Solidarity tax", Leaving, 790),
    rule("FR", "QX", "Passenger service charge", Boarding, 1_900),
    rule("GB", "GB", "Air passenger duty", Within, 900),
    rule("GB", "GB", "Air passenger duty", Leaving, 1_700),
    rule(
        "GB",
        "GB",
        "Air passenger duty, long distance",
        LeavingFar,
        10_100,
    ),
    rule("GB", "UB", "Passenger service charge", Boarding, 4_200),
    rule("HK", "HK", "Air passenger departure tax", Leaving, 1_540),
    rule("HK", "I5", "Security charge", Boarding, 700),
    rule("IE", "IE", "Passenger service charge", Boarding, 1_300),
    rule("IN", "IN", "User development fee", Boarding, 600),
    share("IN", "K3", "Goods and services tax", Within, 50),
    rule("IT", "IT", "Embarkation charge", Boarding, 1_500),
    rule("IT", "HB", "Municipal surcharge", Boarding, 700),
    rule("JP", "OI", "Passenger security charge", Boarding, 380),
    rule(
        "JP",
        "SW",
        "Passenger service facilities charge",
        Leaving,
        1_900,
    ),
    rule("JP", "TK", "International tourist tax", Leaving, 670),
    rule("KR", "BP", "International departure charge", Leaving, 2_000),
    rule("MX", "XD", "Airport use charge", Boarding, 2_400),
    share("MX", "XO", "Value added tax", Within, 160),
    rule("NL", "CJ", "Security service charge", Boarding, 1_500),
    rule("NL", "RN", "Passenger service charge", Boarding, 1_700),
    rule("NL", "VV", "Aviation tax", Leaving, 3_200),
    rule("NO", "NO", "Passenger charge", Boarding, 900),
    rule("PT", "PT", "Security charge", Boarding, 450),
    rule("PT", "YP", "Passenger service charge", Boarding, 1_600),
    rule("SE", "SE", "Passenger charge", Boarding, 1_150),
    rule(
        "SG",
        "SG",
        "Passenger service and security fee",
        Boarding,
        3_500,
    ),
    rule("TR", "TR", "Airport service charge", Leaving, 2_100),
    rule("US", "AY", "September 11 security fee", Boarding, 560),
    rule(
        "US",
        "US",
        "International transportation tax",
        Leaving,
        2_290,
    ),
    rule(
        "US",
        "US",
        "International transportation tax",
        Entering,
        2_290,
    ),
    share("US", "US", "Transportation tax", Within, 75),
    rule("US", "XF", "Passenger facility charge", Boarding, 450),
    rule("US", "XY", "Immigration user fee", Entering, 700),
];

const DEFAULT_CENTS: i64 = 1_800;
const DEFAULT_DOMESTIC_CENTS: i64 = 500;
const DEFAULT_NAME: &str = "Passenger service charge";

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
    fn the_table_is_sorted() {
        assert!(RULES.is_sorted_by_key(|rule| rule.levy.country));
        assert!(RULES.iter().all(|rule| rule.levy.code.len() == 2));
        assert_eq!(rules("US").len(), 6);
        assert!(rules("ZZ").is_empty() && !has_long("ZZ") && has_long("GB"));
    }
}
