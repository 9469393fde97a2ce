//! Airports, cities and airlines.

use crate::api::public_v1::{operations as op, types};
use crate::edge::condition::is_known;
use crate::edge::reference::{self, CACHE};
use crate::platform::auth::Caller;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::Door;
use super::numbered::Numbered;

pub async fn places(
    door: &Door,
    caller: &Caller,
    request: op::ListPlacesInput,
) -> Result<op::ListPlaces, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let query = request.query.as_deref();
    let (data, has_more) = asked
        .walk(|page| reference::places(&door.clients, caller, query, page))
        .await?;
    let link = asked.link("/public/v1/places", &[("query", query)], has_more);
    let body = types::PlaceList {
        data,
        page: asked.page(),
        per_page: asked.per_page(),
        has_more,
    };
    let tag = etag::of_body(&body);
    if is_known(request.if_none_match.as_deref(), &tag) {
        return Ok(op::ListPlaces::NotModified { etag: tag });
    }
    Ok(op::ListPlaces::Ok {
        etag: tag,
        cache_control: CACHE.to_owned(),
        link,
        body,
    })
}

pub async fn airlines(
    door: &Door,
    caller: &Caller,
    request: op::ListAirlinesInput,
) -> Result<op::ListAirlines, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let (data, has_more) = asked
        .walk(|page| reference::airlines(&door.clients, caller, page))
        .await?;
    let link = asked.link("/public/v1/airlines", &[], has_more);
    let body = types::AirlineList {
        data,
        page: asked.page(),
        per_page: asked.per_page(),
        has_more,
    };
    let tag = etag::of_body(&body);
    if is_known(request.if_none_match.as_deref(), &tag) {
        return Ok(op::ListAirlines::NotModified { etag: tag });
    }
    Ok(op::ListAirlines::Ok {
        etag: tag,
        cache_control: CACHE.to_owned(),
        link,
        body,
    })
}
