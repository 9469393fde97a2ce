//! Offers as the contract writes them.

use crate::api::partner_v1::types;
use crate::edge::itinerary::{conditions, passenger, passenger_prices, price, slice};
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    types::Offer {
        negotiated_fare: negotiated_fare(offer.fare_id, offer.account_code),
        id: offer.id,
        offer_request_id: offer.offer_request_id,
        created_at: rfc3339(offer.created_at_us),
        expires_at: rfc3339(offer.expires_at_us),
        price_guaranteed_until: offer.price_guaranteed_until_us.map(rfc3339),
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer.slices.into_iter().map(slice).collect(),
        passengers: offer.passengers.iter().map(passenger).collect(),
        price: price(offer.price),
        passenger_prices: passenger_prices(offer.passenger_prices),
        conditions: conditions(offer.conditions),
        hold_allowed: offer.hold_allowed,
        ticketing_time_limit: offer.payment_required_by_us.map(rfc3339),
        synthetic: true,
    }
}

/// The negotiated fare that made a price; `None` for a published one.
pub fn negotiated_fare(id: String, account_code: String) -> Option<types::NegotiatedFare> {
    (!id.is_empty()).then_some(types::NegotiatedFare { id, account_code })
}
