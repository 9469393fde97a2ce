//! Booking classes and prices for itineraries, and the cheapest combinations over all slices.
//!
//! Totals are worked out without building anything: whole prices are made only of the journeys that are shown.

use std::sync::Arc;

use super::super::classes::{self, Brand, ClassIndex};
use super::super::itinerary::Itinerary;
use super::super::negotiated::Negotiated;
use super::super::overlay::Overlay;
use super::super::price::tariff::Tariff;
use super::super::price::{self, Sold};
use super::super::query::Query;
use super::super::times::{self, Moment};
use super::super::world::{AirlineIndex, World};
use super::Found;
use super::find::BETWEEN_SLICES;

/// Ways over one slice that are combined with those over the others, of each brand and group of partners.
const PER_SLICE: usize = 12;

/// What a search is about.
pub struct Terms<'a> {
    pub world: &'a World,
    pub overlay: &'a Overlay,
    pub query: &'a Query,
    pub now: Moment,
    /// With what the fare takes off.
    pub tariff: Tariff,
    /// The negotiated fare that must cover every slice; `None` for published fares.
    pub fare: Option<&'a Arc<Negotiated>>,
}

impl Terms<'_> {
    fn found(&self, brand: Brand, slices: Vec<Sold>, total: i64) -> Found {
        Found {
            brand,
            slices,
            total,
            grant: self.fare.map(|fare| fare.grant.clone()),
        }
    }
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
            .map(|choice| terms.found(choice.brand, vec![choice.sold], choice.total))
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
            combine(terms, &choices, group, limit, &mut found);
        }
    }
    cut(&mut found, limit);
    found
}

/// Keeps the cheapest journeys, cheapest first, and each at one negotiated fare at most.
pub fn cut(found: &mut Vec<Found>, limit: usize) {
    found.sort_by_key(|journey| (journey.total, order(&journey.slices)));
    let mut kept = Vec::<Found>::with_capacity(found.len().min(limit));
    for journey in found.drain(..) {
        if kept.len() == limit {
            break;
        }
        let dearer = journey.grant.is_some()
            && kept.iter().any(|known| {
                known.grant.is_some()
                    && known.brand == journey.brand
                    && known.slices == journey.slices
            });
        if !dearer {
            kept.push(journey);
        }
    }
    *found = kept;
}

/// The cheapest products of one choice a slice, all of one group of partners and one brand. The choices are sorted by both.
fn combine(
    terms: &Terms<'_>,
    choices: &[Vec<Choice>],
    group: (AirlineIndex, Brand),
    limit: usize,
    found: &mut Vec<Found>,
) {
    let mut journeys = vec![terms.found(group.1, Vec::new(), 0)];
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
                terms.found(group.1, slices, total)
            })
            .collect();
    }
    found.append(&mut journeys);
}

fn price_slice(terms: &Terms<'_>, itineraries: &[Itinerary]) -> Vec<Choice> {
    let mut choices = Vec::with_capacity(itineraries.len() * Brand::ALL.len());
    let covered = |itinerary: &&Itinerary| {
        let cabin = terms.query.cabin_index();
        terms
            .fare
            .is_none_or(|fare| fare.covers(terms.world, cabin, itinerary))
    };
    for itinerary in itineraries.iter().filter(covered) {
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
                    && terms
                        .overlay
                        .available(terms.world, leg.flight, leg.day, class)
                        >= seats
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
