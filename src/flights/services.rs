//! What an offer includes, what can be bought besides, and what it costs when that is bought.
//!
//! Services are no part of an offer's id: theirs follow from its nonce, and their prices from its itinerary, so an offer and its
//! priced copies have the same ones, at the same prices. Whoever orders says again which of them.

use super::Error;
use super::offer::{Draft, derived, money, passengers};
use super::price::baggage::{self, Allowance};
use super::price::tariff::Tariff;
use super::world::World;
use crate::kernel::id::{ServiceId, SliceId};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1 as rpc;

/// Most bags that a passenger buys for a slice.
const BAGS_MAX: u32 = 3;
/// Most slices of a journey and passengers of an order, as far as ids tell them apart.
const PLACES: u8 = 64;

/// A kind of service.
struct Kind {
    word: &'static str,
    name: &'static str,
    /// Its code among the fees of a price, and its name there.
    fee: (&'static str, &'static str),
    quantity_max: u32,
}

const BAG: Kind = Kind {
    word: "baggage",
    name: "Additional checked bag",
    fee: ("BAG", "Additional checked baggage"),
    quantity_max: BAGS_MAX,
};
const LEGROOM: Kind = Kind {
    word: "seat",
    name: "Seat with extra legroom",
    fee: ("SEA", "Seats with extra legroom"),
    quantity_max: 1,
};
const KINDS: [&Kind; 2] = [&BAG, &LEGROOM];

/// What the fare includes for each passenger with a seat, slice by slice.
pub fn included(draft: &Draft<'_>) -> Vec<rpc::IncludedBaggage> {
    let mut included = Vec::new();
    for passenger in passengers(draft.request).iter().filter(|one| seated(one)) {
        for (n, sold) in (0_u8..).zip(draft.slices) {
            let allowances = [
                ("carry_on", baggage::carry_on(sold)),
                ("checked", baggage::checked(sold, draft.brand)),
            ];
            for (kind, Allowance { pieces, weight_kg }) in allowances {
                if pieces > 0 {
                    included.push(rpc::IncludedBaggage {
                        passenger_id: passenger.id.clone(),
                        slice_id: derived(SliceId::PREFIX, draft.nonce, n),
                        kind: kind.to_owned(),
                        pieces,
                        weight_kg,
                    });
                }
            }
        }
    }
    included
}

/// What each passenger with a seat can buy, slice by slice.
///
/// # Errors
/// [`Error::Amount`] when a price does not fit 64 bits.
pub fn offered(
    world: &World,
    draft: &Draft<'_>,
    tariff: &Tariff,
) -> Result<Vec<rpc::OfferService>, Error> {
    let mut prices = Vec::with_capacity(draft.slices.len());
    for sold in draft.slices {
        let legroom = match baggage::sells_legroom(sold) {
            true => Some(baggage::legroom(world, sold, tariff).ok_or(Error::Amount)?),
            false => None,
        };
        let bag = baggage::bag(world, sold, tariff).ok_or(Error::Amount)?;
        prices.push([Some(bag), legroom]);
    }
    let slices = u8::try_from(draft.slices.len()).expect("slices are few");
    let mut services = Vec::new();
    let passengers = passengers(draft.request);
    for (m, passenger) in (0_u8..).zip(&passengers).filter(|(_, one)| seated(one)) {
        for (n, prices) in (0_u8..).zip(&prices) {
            for ((kind, at), price) in KINDS.iter().zip(0_u8..).zip(prices) {
                let Some(price) = price else { continue };
                let position = at * PLACES + m * slices + n;
                services.push(rpc::OfferService {
                    id: derived(ServiceId::PREFIX, draft.nonce, position),
                    r#type: kind.word.to_owned(),
                    name: kind.name.to_owned(),
                    passenger_id: passenger.id.clone(),
                    slice_id: derived(SliceId::PREFIX, draft.nonce, n),
                    amount: Some(money(*price, tariff)),
                    quantity_max: kind.quantity_max,
                    quantity: 0,
                });
            }
        }
    }
    Ok(services)
}

/// Adds what is bought to the price of an offer: all of it, and that of each passenger.
///
/// # Errors
/// [`Error::Service`] when it is not offered, was named before, or is not sold so often.
pub fn choose(offer: &mut rpc::Offer, choices: &[rpc::ServiceChoice]) -> Result<(), Error> {
    for (at, choice) in choices.iter().enumerate() {
        let refused = |member, rule, detail| Error::Service {
            at,
            member,
            rule,
            detail,
        };
        let known = offer.services.iter_mut().find(|one| one.id == choice.id);
        let Some(service) = known else {
            return Err(refused("id", "unknown", "the offer has no such service"));
        };
        if service.quantity > 0 {
            return Err(refused("id", "unique", "the service is named twice"));
        }
        if !(1..=service.quantity_max).contains(&choice.quantity) {
            let detail = "the service is not sold so often";
            return Err(refused("quantity", "maximum", detail));
        }
        service.quantity = choice.quantity;
        let one = service.amount.clone().unwrap_or_default();
        let all = one.amount.checked_mul(choice.quantity.into());
        let cost = Money {
            amount: all.ok_or(Error::Amount)?,
            ..one
        };
        let kind = KINDS.iter().find(|kind| kind.word == service.r#type);
        let fee = kind.map_or(BAG.fee, |kind| kind.fee);
        let prices = offer.passenger_prices.iter_mut();
        let own = prices.filter(|price| price.passenger_id == service.passenger_id);
        for price in own
            .filter_map(|own| own.price.as_mut())
            .chain(&mut offer.price)
        {
            add(price, fee, &cost).ok_or(Error::Amount)?;
        }
    }
    Ok(())
}

/// Adds a fee to a price, to the one of its code if there is one.
fn add(price: &mut rpc::Price, (code, name): (&str, &str), cost: &Money) -> Option<()> {
    let total = price.total.as_mut()?;
    total.amount = total.amount.checked_add(cost.amount)?;
    match price.fees.iter_mut().find(|fee| fee.code == code) {
        Some(fee) => {
            let amount = fee.amount.as_mut()?;
            amount.amount = amount.amount.checked_add(cost.amount)?;
        }
        None => price.fees.push(rpc::Charge {
            code: code.to_owned(),
            name: name.to_owned(),
            country: String::new(),
            amount: Some(cost.clone()),
            ancillary: true,
        }),
    }
    Some(())
}

fn seated(passenger: &rpc::Passenger) -> bool {
    passenger.ptc() != rpc::Ptc::Inf
}
