//! Searching for flights: what a search is told, and how its offers are listed.

use crate::api::shared as types;
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::itinerary::cabin_asked;
use crate::edge::page::PAGE;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

/// Offers that a search can have at all; a list pages through them.
pub const OFFERS_MAX: u32 = 200;
/// Connections a slice when the caller does not say.
const CONNECTIONS: u32 = 1;

/// The operations of searching, for a contract that tells what is asked, what was found, and an offer by these functions.
macro_rules! operations {
    ($asked:path, $offer_request:path, $offer:path) => {
        $crate::edge::door::operation! {
            create_offer_request: CreateOfferRequestInput -> CreateOfferRequest, |call, request| {
                let asked = $asked(request.body);
                let found = search::create(call, asked, request.limit).await?;
                let body = $offer_request(found);
                Ok(op::CreateOfferRequest::Created {
                    location: call.location("offer-requests", &body.id),
                    body,
                })
            }
        }
        $crate::edge::door::operation! {
            get_offer_request: GetOfferRequestInput -> GetOfferRequest, |call, request| {
                let limit = search::limit(request.limit);
                let found = search::read(call, request.offer_request_id, limit).await?;
                Ok(op::GetOfferRequest::Ok { body: $offer_request(found) })
            }
        }
        $crate::edge::door::operation! {
            get_offer: GetOfferInput -> GetOffer, |call, request| {
                let found = search::offer(call, request.offer_id).await?;
                Ok(op::GetOffer::Ok { body: $offer(found) })
            }
        }
    };
}
pub(super) use operations;

/// What a search is told in every contract.
pub fn asked(
    slices: Vec<types::SliceInput>,
    passengers: impl Iterator<Item = flights::PassengerQuery>,
    cabin: Option<types::CabinInput>,
    max_connections: Option<i32>,
) -> flights::CreateOfferRequestRequest {
    let query = |slice: types::SliceInput| flights::SliceQuery {
        origin: slice.origin,
        destination: slice.destination,
        departure_date: slice.departure_date,
    };
    flights::CreateOfferRequestRequest {
        slices: slices.into_iter().map(query).collect(),
        passengers: passengers.collect(),
        cabin: cabin.map_or(flights::Cabin::Economy, cabin_asked).into(),
        max_connections: max_connections
            .and_then(|most| u32::try_from(most).ok())
            .unwrap_or(CONNECTIONS),
        ..flights::CreateOfferRequestRequest::default()
    }
}

/// Searches.
pub async fn create(
    call: Call<'_>,
    asked: flights::CreateOfferRequestRequest,
    most: Option<i32>,
) -> Result<flights::OfferRequest, Problem> {
    let asked = flights::CreateOfferRequestRequest {
        context: call.context(),
        limit: limit(most),
        ..asked
    };
    let search = &call.clients.search;
    Ok(search.create_offer_request(asked, ANSWER_WITHIN).await?)
}

/// Reads a search back.
pub async fn read(
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
        services: Vec::new(),
    };
    Ok(call.clients.search.get_offer(asked, ANSWER_WITHIN).await?)
}

/// How many the caller wants.
pub fn limit(limit: Option<i32>) -> u32 {
    limit
        .and_then(|limit| u32::try_from(limit).ok())
        .unwrap_or(PAGE)
}

/// A search and what it found, for a contract that tells passengers and offers by these functions; and the members of its own.
macro_rules! offer_request_of {
    ($found:ident, $passenger:path, $offer:path $(, $member:ident: $value:expr)*) => {
        types::OfferRequest {
            cabin: $crate::edge::itinerary::cabin($found.cabin()).to_owned(),
            id: $found.id,
            created_at: $crate::kernel::clock::rfc3339($found.created_at_us),
            expires_at: $crate::kernel::clock::rfc3339($found.expires_at_us),
            slices: $found.slices.into_iter().map($crate::edge::search::slice).collect(),
            passengers: $found.passengers.iter().map($passenger).collect(),
            max_connections: $crate::edge::money::small($found.max_connections),
            offers: $found.offers.into_iter().map($offer).collect(),
            warnings: $found.warnings.into_iter().map($crate::edge::itinerary::warning).collect(),
            $($member: $value,)*
        }
    };
}
pub(super) use offer_request_of;

/// An offer with the money and the journeys of `shared`, and the members that are the contract's own.
macro_rules! offer_of {
    ($offer:ident $(, $member:ident: $value:expr)*) => {{
        use $crate::edge::itinerary;
        use $crate::kernel::clock;
        types::Offer {
            id: $offer.id,
            offer_request_id: $offer.offer_request_id,
            created_at: clock::rfc3339($offer.created_at_us),
            expires_at: clock::rfc3339($offer.expires_at_us),
            price_guaranteed_until: $offer.price_guaranteed_until_us.map(clock::rfc3339),
            validating_carrier: $offer.owner,
            fare_brand: $offer.fare_brand,
            slices: $offer.slices.into_iter().map(itinerary::slice).collect(),
            passengers: $offer.passengers.iter().map(itinerary::passenger).collect(),
            price: itinerary::price($offer.price),
            passenger_prices: itinerary::passenger_prices($offer.passenger_prices),
            conditions: itinerary::conditions($offer.conditions),
            hold_allowed: $offer.hold_allowed,
            synthetic: true,
            $($member: $value,)*
        }
    }};
}
pub(super) use offer_of;

/// All offers of a search in the order that is asked for. It does not change: the same search has the same offers until it
/// expires, so a place in it can be told by its number.
pub async fn sorted(
    call: Call<'_>,
    offer_request_id: String,
    sort: Option<types::OfferSort>,
) -> Result<Vec<flights::Offer>, Problem> {
    let mut offers = read(call, offer_request_id, OFFERS_MAX).await?.offers;
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
