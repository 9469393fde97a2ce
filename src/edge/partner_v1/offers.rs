//! Searching, and reading what was found.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::itinerary::{cabin, passenger, passenger_query, warning};
use crate::edge::money::small;
use crate::edge::{call, search};
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::Door;
use super::offer::offer;

pub async fn search(
    door: &Door,
    caller: &Caller,
    request: op::CreateOfferRequestInput,
) -> Result<op::CreateOfferRequest, Problem> {
    let input = request.body;
    let asked = flights::CreateOfferRequestRequest {
        account_codes: input.account_codes.unwrap_or_default(),
        ..search::asked(
            caller,
            input.slices,
            input.passengers.into_iter().map(passenger_query).collect(),
            input.cabin,
            input.max_connections,
            request.limit,
        )
    };
    let found = door
        .clients
        .search
        .create_offer_request(asked, call::ANSWER_WITHIN)
        .await?;
    let body = offer_request(found);
    Ok(op::CreateOfferRequest::Created {
        location: format!("/partner/v1/offer-requests/{}", body.id),
        body,
    })
}

pub async fn read_search(
    door: &Door,
    caller: &Caller,
    request: op::GetOfferRequestInput,
) -> Result<op::GetOfferRequest, Problem> {
    let most = search::limit(request.limit);
    let found = search::read(&door.clients, caller, request.offer_request_id, most).await?;
    Ok(op::GetOfferRequest::Ok {
        body: offer_request(found),
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

fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    types::OfferRequest {
        cabin: cabin(found.cabin()).to_owned(),
        id: found.id,
        created_at: rfc3339(found.created_at_us),
        expires_at: rfc3339(found.expires_at_us),
        slices: found.slices.into_iter().map(search::slice).collect(),
        passengers: found.passengers.iter().map(passenger).collect(),
        max_connections: small(found.max_connections),
        account_codes: found.account_codes,
        offers: found.offers.into_iter().map(offer).collect(),
        warnings: found.warnings.into_iter().map(warning).collect(),
    }
}
