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
    for slice in &mut choices {
        slice.sort_unstable_by_key(|choice| (choice.partnership, choice.brand, key(choice)));
    }
    let mut found = Vec::new();
    let mut last = None;
    for choice in &choices[0] {
        let group = (choice.partnership, choice.brand);
        if last.replace(group) != Some(group) {
            combine(&choices, group, limit, &mut found);
        }
    }
    found.sort_by_key(|journey| (journey.total, order(&journey.slices)));
    found.truncate(limit);
    found
}

/// The cheapest products of one choice a slice, all of one group of partners and one brand. The choices are sorted by both.
fn combine(
    choices: &[Vec<Choice>],
    group: (AirlineIndex, Brand),
    limit: usize,
    found: &mut Vec<Found>,
) {
    let mut journeys = vec![Found {
        brand: group.1,
        slices: Vec::new(),
        total: 0,
    }];
    let mut longer = Vec::new();
    for slice in choices {
        let start = slice.partition_point(|choice| (choice.partnership, choice.brand) < group);
        let end = slice.partition_point(|choice| (choice.partnership, choice.brand) <= group);
        let ways = &slice[start..end.min(start + PER_SLICE)];
        longer.clear();
        for (n, journey) in journeys.iter().enumerate() {
            let lands = journey.slices.last().map_or(Moment::MIN, |sold| {
                sold.itinerary.arrives() + BETWEEN_SLICES
            });
            for (m, way) in ways.iter().enumerate() {
                let total = journey.total.checked_add(way.total);
                if let Some(total) = total.filter(|_| way.sold.itinerary.departs() >= lands) {
                    longer.push((total, n, m));
                }
            }
        }
        longer.sort_unstable();
        longer.truncate(limit.max(PER_SLICE));
        journeys = longer
            .iter()
            .map(|&(total, n, m)| {
                let mut slices = Vec::with_capacity(choices.len());
                slices.extend_from_slice(&journeys[n].slices);
                slices.push(ways[m].sold);
                Found {
                    brand: group.1,
                    slices,
                    total,
                }
            })
            .collect();
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

fn key(choice: &Choice) -> (i64, (Moment, Moment, u32), Brand) {
    (choice.total, order(&[choice.sold]), choice.brand)
}

fn keep_cheapest(choices: &mut Vec<Choice>, count: usize) {
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
