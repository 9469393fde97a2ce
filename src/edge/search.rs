//! Searching for flights: what a search is told, and how its offers are listed.

use crate::api::shared::{self as types, operations as op};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::itinerary::cabin_asked;
use crate::edge::page::PAGE;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

/// Offers that a search can have at all; a list pages through them.
pub const OFFERS_MAX: u32 = 200;
/// Connections a slice when the caller does not say.
const CONNECTIONS: u32 = 1;

/// What a search is told in every contract.
pub fn asked(
    call: Call<'_>,
    slices: Vec<types::SliceInput>,
    passengers: impl Iterator<Item = flights::PassengerQuery>,
    cabin: Option<types::CabinInput>,
    max_connections: Option<i32>,
    most: Option<i32>,
) -> flights::CreateOfferRequestRequest {
    flights::CreateOfferRequestRequest {
        context: call.context(),
        slices: slices
            .into_iter()
            .map(|slice| flights::SliceQuery {
                origin: slice.origin,
                destination: slice.destination,
                departure_date: slice.departure_date,
            })
            .collect(),
        passengers: passengers.collect(),
        cabin: cabin.map_or(flights::Cabin::Economy, cabin_asked).into(),
        max_connections: max_connections
            .and_then(|most| u32::try_from(most).ok())
            .unwrap_or(CONNECTIONS),
        limit: limit(most),
        ..flights::CreateOfferRequestRequest::default()
    }
}

/// Searches.
pub async fn create(
    call: Call<'_>,
    asked: flights::CreateOfferRequestRequest,
) -> Result<flights::OfferRequest, Problem> {
    let search = &call.clients.search;
    Ok(search.create_offer_request(asked, ANSWER_WITHIN).await?)
}

/// Reads a search back.
pub async fn read(
    call: Call<'_>,
    request: op::GetOfferRequestInput,
) -> Result<flights::OfferRequest, Problem> {
    found(call, request.offer_request_id, limit(request.limit)).await
}

async fn found(
    call: Call<'_>,
    offer_request_id: String,
    limit: u32,
) -> Result<flights::OfferRequest, Problem> {
    let asked = flights::GetOfferRequestRequest {
        context: call.context(),
        offer_request_id,
        limit,
    };
    let search = &call.clients.search;
    Ok(search.get_offer_request(asked, ANSWER_WITHIN).await?)
}

/// Reads an offer.
pub async fn offer(call: Call<'_>, offer_id: String) -> Result<flights::Offer, Problem> {
    let asked = flights::GetOfferRequest {
        context: call.context(),
        offer_id,
    };
    Ok(call.clients.search.get_offer(asked, ANSWER_WITHIN).await?)
}

/// How many the caller wants.
pub fn limit(limit: Option<i32>) -> u32 {
    limit
        .and_then(|limit| u32::try_from(limit).ok())
        .unwrap_or(PAGE)
}

/// All offers of a search in the order that is asked for. It does not change: the same search has the same offers until it
/// expires, so a place in it can be told by its number.
pub async fn sorted(
    call: Call<'_>,
    offer_request_id: String,
    sort: Option<types::OfferSort>,
) -> Result<Vec<flights::Offer>, Problem> {
    let mut offers = found(call, offer_request_id, OFFERS_MAX).await?.offers;
    match sort {
        Some(types::OfferSort::Duration) => offers.sort_by_key(duration),
        Some(types::OfferSort::Departure) => offers.sort_by_key(departure),
        // The service lists the cheapest first.
        Some(types::OfferSort::Price) | None => {}
    }
    Ok(offers)
}

/// A journey that was searched for.
pub fn slice(slice: flights::SliceQuery) -> types::OfferRequestSlice {
    types::OfferRequestSlice {
        origin: slice.origin,
        destination: slice.destination,
        departure_date: slice.departure_date,
    }
}

fn duration(offer: &flights::Offer) -> u32 {
    offer
        .slices
        .iter()
        .map(|slice| slice.duration_minutes)
        .sum()
}

fn departure(offer: &flights::Offer) -> i64 {
    let first = offer
        .slices
        .first()
        .and_then(|slice| slice.segments.first());
    first
        .and_then(|segment| segment.departure.as_ref())
        .map_or(0, |time| time.utc_us)
}
