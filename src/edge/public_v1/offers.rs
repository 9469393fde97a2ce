//! Searching, and listing what was found.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::search::{self, offer_request_of};
use crate::kernel::clock::rfc3339;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::itinerary::{changeable, conditions, kind_asked, passenger, slices};
use super::numbered::{Numbered, numbered};
use super::order::Total;

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

/// A search that is asked for.
pub fn asked(input: types::OfferRequestInput) -> flights::CreateOfferRequestRequest {
    let passengers = input.passengers.into_iter().map(kind_asked);
    search::asked(input.slices, passengers, input.cabin, input.max_connections)
}

/// A search and what it found.
pub fn offer_request(found: flights::OfferRequest) -> types::OfferRequest {
    offer_request_of!(found, passenger, offer)
}

/// An offer.
pub fn offer(offer: flights::Offer) -> types::Offer {
    let changeable = changeable(offer.conditions.as_ref());
    let total = Total::of(offer.price.as_ref());
    types::Offer {
        id: offer.id,
        offer_request_id: offer.offer_request_id,
        created_at: rfc3339(offer.created_at_us),
        expires_at: rfc3339(offer.expires_at_us),
        validating_carrier: offer.owner,
        fare_brand: offer.fare_brand,
        slices: slices(offer.slices, changeable),
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
