//! Offers as the contract writes them.

use crate::api::public_v2::types;
use crate::edge::itinerary::{
    cabin, conditions, passenger, passenger_prices, price, slice, warning,
};
use crate::edge::money::small;
use crate::edge::search;
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    types::Offer {
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
        payment_required_by: offer.payment_required_by_us.map(rfc3339),
        supported_document_types: offer.document_types,
        synthetic: true,
    }
}

/// A search and what it found.
pub fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    types::OfferRequest {
        cabin: cabin(found.cabin()).to_owned(),
        id: found.id,
        created_at: rfc3339(found.created_at_us),
        expires_at: rfc3339(found.expires_at_us),
        slices: found.slices.into_iter().map(search::slice).collect(),
        passengers: found.passengers.iter().map(passenger).collect(),
        max_connections: small(found.max_connections),
        offers: found.offers.into_iter().map(offer).collect(),
        warnings: found.warnings.into_iter().map(warning).collect(),
    }
}
