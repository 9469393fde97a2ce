//! Offers as the contract writes them.

use crate::api::partner_v1::types;
use crate::edge::itinerary::{passenger, passenger_query};
use crate::edge::search::{self, offer_of, offer_request_of};
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

/// A search that is asked for.
pub fn asked(input: types::OfferRequestInput) -> flights::CreateOfferRequestRequest {
    let passengers = input.passengers.into_iter().map(passenger_query);
    flights::CreateOfferRequestRequest {
        account_codes: input.account_codes.unwrap_or_default(),
        ..search::asked(input.slices, passengers, input.cabin, input.max_connections)
    }
}

/// A search and what it found.
pub fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    offer_request_of!(found, passenger, offer, account_codes: found.account_codes)
}

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    offer_of!(
        offer,
        negotiated_fare: negotiated_fare(offer.fare_id, offer.account_code),
        ticketing_time_limit: offer.payment_required_by_us.map(rfc3339)
    )
}

/// The negotiated fare that made a price; `None` for a published one.
pub fn negotiated_fare(id: String, account_code: String) -> Option<types::NegotiatedFare> {
    (!id.is_empty()).then_some(types::NegotiatedFare { id, account_code })
}
