//! Offers as the contract writes them.

use crate::api::public_v2::types;
use crate::edge::itinerary::{passenger, passenger_query};
use crate::edge::money::{money, small};
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
        supported_document_types: offer.document_types,
        included_baggage: offer.included_baggage.into_iter().map(baggage).collect(),
        services: offer.services.into_iter().map(service).collect()
    )
}

fn baggage(baggage: flights::IncludedBaggage) -> types::IncludedBaggage {
    types::IncludedBaggage {
        passenger_id: baggage.passenger_id,
        slice_id: baggage.slice_id,
        kind: baggage.kind,
        pieces: small(baggage.pieces),
        weight_kg: small(baggage.weight_kg),
    }
}

fn service(service: flights::OfferService) -> types::OfferService {
    types::OfferService {
        id: service.id,
        r#type: service.r#type,
        name: service.name,
        passenger_id: service.passenger_id,
        slice_id: service.slice_id,
        amount: money(service.amount.as_ref()),
        quantity_max: small(service.quantity_max),
        quantity: small(service.quantity),
    }
}

/// What is bought with an offer.
pub fn services_asked(input: Option<Vec<types::ServiceInput>>) -> Vec<flights::ServiceChoice> {
    let choice = |input: types::ServiceInput| flights::ServiceChoice {
        id: input.id,
        quantity: u32::try_from(input.quantity).unwrap_or(0),
    };
    input.into_iter().flatten().map(choice).collect()
}
