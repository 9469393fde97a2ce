//! Booking classes and prices for itineraries, and the cheapest combinations over all slices.
//!
//! Totals are worked out without building anything: whole prices are made only of the journeys that are shown.

use super::super::classes::{self, Brand, ClassIndex};
use super::super::itinerary::Itinerary;
use super::super::price::tariff::Tariff;
use super::super::price::{self, Sold};
use super::super::query::Query;
use super::super::times::{self, Moment};
use super::super::world::{AirlineIndex, World};
use super::{Found, Touched, available};

/// Ways over one slice that are combined with those over the others, of each brand and group of partners.
const PER_SLICE: usize = 12;
/// Minutes between landing on one slice and leaving on the next.
const BETWEEN_SLICES: Moment = 60;

/// What a search is about.
pub struct Terms<'a> {
    pub world: &'a World,
    pub touched: &'a Touched,
    pub query: &'a Query,
    pub now: Moment,
    pub tariff: Tariff,
}

/// One way over one slice, priced for all passengers.
#[derive(Clone, Copy)]
struct Choice {
    total: i64,
    partnership: AirlineIndex,
    brand: Brand,
    sold: Sold,
}

/// The cheapest journeys, at most `limit`, cheapest first.
pub fn cheapest(terms: &Terms<'_>, slices: &[Vec<Itinerary>], limit: usize) -> Vec<Found> {
    let mut choices: Vec<Vec<Choice>> = slices
        .iter()
        .map(|slice| price_slice(terms, slice))
        .collect();
    if let [only] = choices.as_mut_slice() {
        keep_cheapest(only, limit);
        return only
            .iter()
            .map(|choice| Found {
                brand: choice.brand,
                slices: vec![choice.sold],
                total: choice.total,
            })
            .collect();
    }
    let mut found = Vec::new();
    let mut groups: Vec<_> = choices[0]
        .iter()
        .map(|choice| (choice.partnership, choice.brand))
        .collect();
    groups.sort_unstable();
    groups.dedup();
    for (partnership, brand) in groups {
        combine(&choices, partnership, brand, limit, &mut found);
    }
    found.sort_by_key(|journey| (journey.total, order(&journey.slices)));
    found.truncate(limit);
    found
}

/// The cheapest products of one choice a slice, all of one brand and group of partners.
fn combine(
    choices: &[Vec<Choice>],
    partnership: AirlineIndex,
    brand: Brand,
    limit: usize,
    found: &mut Vec<Found>,
) {
    let mut journeys = vec![Found {
        brand,
        slices: Vec::new(),
        total: 0,
    }];
    for slice in choices {
        let mut ways: Vec<_> = slice
            .iter()
            .filter(|choice| choice.partnership == partnership && choice.brand == brand)
            .copied()
            .collect();
        keep_cheapest(&mut ways, PER_SLICE);
        let mut longer = Vec::with_capacity(journeys.len() * ways.len());
        for journey in &journeys {
            let lands = journey.slices.last().map_or(Moment::MIN, |sold| {
                sold.itinerary.arrives() + BETWEEN_SLICES
            });
            for way in ways
                .iter()
                .filter(|way| way.sold.itinerary.departs() >= lands)
            {
                let Some(total) = journey.total.checked_add(way.total) else {
                    continue;
                };
                let mut slices = journey.slices.clone();
                slices.push(way.sold);
                longer.push(Found {
                    brand,
                    slices,
                    total,
                });
            }
        }
        longer.sort_by_key(|journey| journey.total);
        longer.truncate(limit.max(PER_SLICE));
        journeys = longer;
    }
    found.append(&mut journeys);
}

fn price_slice(terms: &Terms<'_>, itineraries: &[Itinerary]) -> Vec<Choice> {
    let mut choices = Vec::with_capacity(itineraries.len() * Brand::ALL.len());
    for itinerary in itineraries {
        for brand in Brand::ALL {
            let Some(classes) = sellable(terms, itinerary, brand) else {
                continue;
            };
            let sold = Sold {
                itinerary: *itinerary,
                classes,
            };
            let Some(total) =
                price::slice_total(terms.world, terms.query, &sold, terms.now, &terms.tariff)
            else {
                continue;
            };
            let partnership = terms.world.partnership(itinerary.carrier(terms.world));
            choices.push(Choice {
                total,
                partnership,
                brand,
                sold,
            });
        }
    }
    choices
}

/// The cheapest class of a brand on each leg that is still sold and has the seats.
fn sellable(terms: &Terms<'_>, itinerary: &Itinerary, brand: Brand) -> Option<[ClassIndex; 2]> {
    let today = times::local_day(
        &terms.world.airport(itinerary.origin(terms.world)).zone,
        terms.now,
    );
    let days_before = itinerary.first().day - today;
    let seats = terms.query.seats();
    let mut classes = [0; 2];
    for (leg, class) in itinerary.legs().zip(&mut classes) {
        *class = *classes::of_brand(terms.query.cabin_index(), brand)
            .iter()
            .find(|&&class| {
                classes::sold_at(class, days_before)
                    && available(terms.world, terms.touched, leg.flight, leg.day, class) >= seats
            })?;
    }
    Some(classes)
}

fn keep_cheapest(choices: &mut Vec<Choice>, count: usize) {
    let key = |choice: &Choice| (choice.total, order(&[choice.sold]), choice.brand);
    if count < choices.len() {
        choices.select_nth_unstable_by_key(count, key);
        choices.truncate(count);
    }
    choices.sort_unstable_by_key(key);
}

/// Among equal prices: the earlier departure, then the earlier arrival, then the timetable's order.
fn order(slices: &[Sold]) -> (Moment, Moment, u32) {
    let first = slices.first().map(|sold| &sold.itinerary);
    first.map_or((0, 0, 0), |itinerary| {
        (
            itinerary.departs(),
            itinerary.arrives(),
            itinerary.first().flight,
        )
    })
}
