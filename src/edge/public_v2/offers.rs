//! Searching, and reading, listing and pricing what was found.

use crate::api::public_v2::{operations as op, types};
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::offer::{cabin, offer, passenger, small};
use super::{ANSWER_WITHIN, Door, PAGE, context, filled, page};

/// Offers that a search can have at all; the list pages through them.
const OFFERS_MAX: u32 = 200;
/// Connections a slice when the caller does not say.
const CONNECTIONS: u32 = 1;

pub async fn search(
    door: &Door,
    caller: &Caller,
    request: op::CreateOfferRequestInput,
) -> Result<op::CreateOfferRequest, Problem> {
    let input = request.body;
    let asked = flights::CreateOfferRequestRequest {
        context: context(caller),
        slices: input
            .slices
            .into_iter()
            .map(|slice| flights::SliceQuery {
                origin: slice.origin,
                destination: slice.destination,
                departure_date: slice.departure_date,
            })
            .collect(),
        passengers: input.passengers.into_iter().map(passenger_query).collect(),
        cabin: cabin_asked(input.cabin).into(),
        max_connections: input
            .max_connections
            .and_then(|most| u32::try_from(most).ok())
            .unwrap_or(CONNECTIONS),
        limit: limit(request.limit),
    };
    let found = door
        .search
        .create_offer_request(asked, ANSWER_WITHIN)
        .await?;
    let body = offer_request(found);
    Ok(op::CreateOfferRequest::Created {
        location: format!("/public/v2/offer-requests/{}", body.id),
        body,
    })
}

pub async fn read_search(
    door: &Door,
    caller: &Caller,
    request: op::GetOfferRequestInput,
) -> Result<op::GetOfferRequest, Problem> {
    let found = fetch(door, caller, request.offer_request_id, limit(request.limit)).await?;
    Ok(op::GetOfferRequest::Ok {
        body: offer_request(found),
    })
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOffersInput,
) -> Result<op::ListOffers, Problem> {
    let found = fetch(door, caller, request.offer_request_id.clone(), OFFERS_MAX).await?;
    let mut offers = found.offers;
    match request.sort {
        Some(types::OfferSort::Duration) => offers.sort_by_key(duration),
        Some(types::OfferSort::Departure) => offers.sort_by_key(departure),
        // The service lists the cheapest first.
        Some(types::OfferSort::Price) | None => {}
    }
    let most = usize::try_from(limit(request.limit)).unwrap_or(usize::MAX);
    // The cursor is a position in an order that does not change: the same search has the same offers until it expires.
    let start = match request.after.as_deref() {
        None | Some("") => 0,
        Some(after) => after.parse::<usize>().unwrap_or(usize::MAX),
    };
    let total = offers.len();
    let data: Vec<_> = offers
        .into_iter()
        .skip(start)
        .take(most)
        .map(offer)
        .collect();
    let end = start.saturating_add(data.len());
    let next = if end < total && !data.is_empty() {
        end.to_string()
    } else {
        String::new()
    };
    let filters = [
        ("offer_request_id", Some(request.offer_request_id.as_str())),
        ("sort", request.sort.map(|sort| sort.as_str())),
    ];
    let link = page::link("/public/v2/offers", &filters, request.limit, &next);
    Ok(op::ListOffers::Ok {
        link,
        body: types::OfferList {
            data,
            next_cursor: filled(next),
        },
    })
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetOfferInput,
) -> Result<op::GetOffer, Problem> {
    let asked = flights::GetOfferRequest {
        context: context(caller),
        offer_id: request.offer_id,
    };
    let found = door.search.get_offer(asked, ANSWER_WITHIN).await?;
    Ok(op::GetOffer::Ok { body: offer(found) })
}

pub async fn price(
    door: &Door,
    caller: &Caller,
    request: op::PriceOfferInput,
) -> Result<op::PriceOffer, Problem> {
    let asked = flights::PriceOfferRequest {
        context: context(caller),
        offer_id: request.offer_id,
    };
    let priced = door.search.price_offer(asked, ANSWER_WITHIN).await?;
    Ok(op::PriceOffer::Ok {
        body: offer(priced),
    })
}

async fn fetch(
    door: &Door,
    caller: &Caller,
    offer_request_id: String,
    limit: u32,
) -> Result<flights::OfferRequest, Problem> {
    let asked = flights::GetOfferRequestRequest {
        context: context(caller),
        offer_request_id,
        limit,
    };
    Ok(door.search.get_offer_request(asked, ANSWER_WITHIN).await?)
}

fn limit(limit: Option<i32>) -> u32 {
    limit
        .and_then(|limit| u32::try_from(limit).ok())
        .unwrap_or(PAGE)
}

fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    types::OfferRequest {
        cabin: cabin(found.cabin()).to_owned(),
        id: found.id,
        created_at: rfc3339(found.created_at_us),
        expires_at: rfc3339(found.expires_at_us),
        slices: found
            .slices
            .into_iter()
            .map(|slice| types::OfferRequestSlice {
                origin: slice.origin,
                destination: slice.destination,
                departure_date: slice.departure_date,
            })
            .collect(),
        passengers: found.passengers.iter().map(passenger).collect(),
        max_connections: small(found.max_connections),
        offers: found.offers.into_iter().map(offer).collect(),
        warnings: found
            .warnings
            .into_iter()
            .map(|warning| types::Warning {
                code: warning.code,
                detail: warning.detail,
                slice: warning.slice.map(small),
            })
            .collect(),
    }
}

fn passenger_query(input: types::PassengerInput) -> flights::PassengerQuery {
    let ptc = input
        .ptc
        .map_or(flights::Ptc::Unspecified, |ptc| match ptc {
            types::PassengerTypeInput::Adt => flights::Ptc::Adt,
            types::PassengerTypeInput::Chd => flights::Ptc::Chd,
            types::PassengerTypeInput::Inf => flights::Ptc::Inf,
            types::PassengerTypeInput::Ins => flights::Ptc::Ins,
        });
    flights::PassengerQuery {
        ptc: ptc.into(),
        age: input.age.and_then(|age| u32::try_from(age).ok()),
    }
}

fn cabin_asked(input: Option<types::CabinInput>) -> flights::Cabin {
    input.map_or(flights::Cabin::Economy, |cabin| match cabin {
        types::CabinInput::Economy => flights::Cabin::Economy,
        types::CabinInput::PremiumEconomy => flights::Cabin::PremiumEconomy,
        types::CabinInput::Business => flights::Cabin::Business,
        types::CabinInput::First => flights::Cabin::First,
    })
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
