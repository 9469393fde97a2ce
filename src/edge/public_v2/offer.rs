//! Offers as the contract writes them.

use crate::api::public_v2::types;
use crate::edge::itinerary::{passenger, passenger_query};
use crate::edge::search::{self, offer_of, offer_request_of};
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;

/// A search that is asked for.
pub fn asked(input: types::OfferRequestInput) -> flights::CreateOfferRequestRequest {
    let passengers = input.passengers.into_iter().map(passenger_query);
    search::asked(input.slices, passengers, input.cabin, input.max_connections)
}

/// A search and what it found.
pub fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    offer_request_of!(found, passenger, offer)
}

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    offer_of!(
        offer,
        payment_required_by: offer.payment_required_by_us.map(rfc3339),
        supported_document_types: offer.document_types
    )
}
