//! Searching, and reading what was found.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::itinerary::{cabin, passenger, passenger_query, warning};
use crate::edge::money::small;
use crate::edge::search;
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::offer::offer;

pub async fn search(
    call: Call<'_>,
    request: op::CreateOfferRequestInput,
) -> Result<op::CreateOfferRequest, Problem> {
    let input = request.body;
    let asked = flights::CreateOfferRequestRequest {
        account_codes: input.account_codes.unwrap_or_default(),
        ..search::asked(
            call,
            input.slices,
            input.passengers.into_iter().map(passenger_query),
            input.cabin,
            input.max_connections,
            request.limit,
        )
    };
    let body = offer_request(search::create(call, asked).await?);
    Ok(op::CreateOfferRequest::Created {
        location: call.location("offer-requests", &body.id),
        body,
    })
}

pub async fn read_search(
    call: Call<'_>,
    request: op::GetOfferRequestInput,
) -> Result<op::GetOfferRequest, Problem> {
    let body = offer_request(search::read(call, request).await?);
    Ok(op::GetOfferRequest::Ok { body })
}

pub async fn get(call: Call<'_>, request: op::GetOfferInput) -> Result<op::GetOffer, Problem> {
    let body = offer(search::offer(call, request.offer_id).await?);
    Ok(op::GetOffer::Ok { body })
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
