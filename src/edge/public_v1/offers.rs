//! Searching, and reading and listing what was found.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::itinerary::{cabin, warning};
use crate::edge::money::small;
use crate::edge::search;
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::itinerary::{changeable, conditions, kind_asked, passenger, slice};
use super::numbered::{Numbered, numbered};
use super::order::Total;

pub async fn search(
    call: Call<'_>,
    request: op::CreateOfferRequestInput,
) -> Result<op::CreateOfferRequest, Problem> {
    let input = request.body;
    let asked = search::asked(
        call,
        input.slices,
        input.passengers.iter().map(kind_asked),
        input.cabin,
        input.max_connections,
        request.limit,
    );
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

pub async fn list(call: Call<'_>, request: op::ListOffersInput) -> Result<op::ListOffers, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let id = request.offer_request_id.clone();
    let found = search::sorted(call, id, request.sort).await?;
    let (offers, has_more) = asked.of(found);
    let filters = [
        ("offer_request_id", Some(request.offer_request_id.as_str())),
        ("sort", request.sort.map(|sort| sort.as_str())),
    ];
    let link = asked.link(&call.path("offers"), &filters, has_more);
    let body = numbered!(OfferList: asked, offers.into_iter().map(offer), has_more);
    Ok(op::ListOffers::Ok { link, body })
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
        offers: found.offers.into_iter().map(offer).collect(),
        warnings: found.warnings.into_iter().map(warning).collect(),
    }
}

fn offer(offer: flights::Offer) -> types::Offer {
    let changeable = changeable(offer.conditions.as_ref());
    let total = Total::of(offer.price.as_ref());
    types::Offer {
        id: offer.id,
        offer_request_id: offer.offer_request_id,
        created_at: rfc3339(offer.created_at_us),
        expires_at: rfc3339(offer.expires_at_us),
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: offer
            .slices
            .into_iter()
            .map(|one| slice(one, changeable))
            .collect(),
        passengers: offer.passengers.iter().map(passenger).collect(),
        total_amount: total.total.0,
        total_currency: total.total.1,
        base_amount: total.base.0,
        base_currency: total.base.1,
        tax_amount: total.tax.0,
        tax_currency: total.tax.1,
        conditions: conditions(offer.conditions),
        hold_allowed: offer.hold_allowed,
        payment_required_by: offer.payment_required_by_us.map(rfc3339),
        allowed_document_types: offer.document_types,
        synthetic: true,
    }
}
