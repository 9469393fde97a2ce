//! Searching, and reading, listing and pricing what was found.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled};
use crate::edge::itinerary::passenger_query;
use crate::edge::page;
use crate::edge::search::{self, limit};
use crate::platform::auth::Caller;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::Door;
use super::offer::{offer, offer_request};

pub async fn search(
    door: &Door,
    caller: &Caller,
    request: op::CreateOfferRequestInput,
) -> Result<op::CreateOfferRequest, Problem> {
    let input = request.body;
    let passengers = input.passengers.into_iter();
    let asked = search::asked(
        caller,
        input.slices,
        passengers.map(passenger_query).collect(),
        input.cabin,
        input.max_connections,
        request.limit,
    );
    let found = door
        .clients
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
    let (id, limit) = (request.offer_request_id, limit(request.limit));
    let found = search::read(&door.clients, caller, id, limit).await?;
    Ok(op::GetOfferRequest::Ok {
        body: offer_request(found),
    })
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOffersInput,
) -> Result<op::ListOffers, Problem> {
    let id = request.offer_request_id.clone();
    let offers = search::sorted(&door.clients, caller, id, request.sort).await?;
    let most = usize::try_from(limit(request.limit)).unwrap_or(usize::MAX);
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
    let found = search::offer(&door.clients, caller, request.offer_id).await?;
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
    let priced = door
        .clients
        .search
        .price_offer(asked, ANSWER_WITHIN)
        .await?;
    Ok(op::PriceOffer::Ok {
        body: offer(priced),
    })
}
