//! Listing and pricing what was found.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::page::{self, listed};
use crate::edge::search;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::offer::{offer, services_asked};

pub async fn list(call: Call<'_>, request: op::ListOffersInput) -> Result<op::ListOffers, Problem> {
    let id = request.offer_request_id.clone();
    let mut offers = search::sorted(call, id, request.sort).await?;
    offers.retain(|offer| {
        let conditions = offer.conditions.as_ref();
        let change = conditions.and_then(|all| all.change_before_departure.as_ref());
        let refund = conditions.and_then(|all| all.refund_before_departure.as_ref());
        fits(request.changeable, change) && fits(request.refundable, refund)
    });
    let most = usize::try_from(search::limit(request.limit)).unwrap_or(usize::MAX);
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
        ("changeable", request.changeable.map(word)),
        ("refundable", request.refundable.map(word)),
    ];
    let link = page::link(&call.path("offers"), &filters, request.limit, &next);
    let body = listed!(OfferList: data, next);
    Ok(op::ListOffers::Ok { link, body })
}

/// Whether a condition allows what is wanted of it, or forbids it where that is wanted.
fn fits(wanted: Option<bool>, condition: Option<&flights::Condition>) -> bool {
    let allowed = condition.is_some_and(|condition| condition.allowed);
    wanted.is_none_or(|wanted| wanted == allowed)
}

fn word(wanted: bool) -> &'static str {
    if wanted { "true" } else { "false" }
}

pub async fn price(
    call: Call<'_>,
    request: op::PriceOfferInput,
) -> Result<op::PriceOffer, Problem> {
    let asked = flights::PriceOfferRequest {
        context: call.context(),
        offer_id: request.offer_id,
        services: services_asked(request.body.map(|body| body.services)),
    };
    let search = &call.clients.search;
    let body = offer(search.price_offer(asked, ANSWER_WITHIN).await?);
    Ok(op::PriceOffer::Ok { body })
}
