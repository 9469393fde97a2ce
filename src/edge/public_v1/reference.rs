//! Airports, cities and airlines.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::reference::{self, kept};
use crate::wire::problem::Problem;

use super::numbered::{Numbered, numbered};

pub async fn places(
    call: Call<'_>,
    request: op::ListPlacesInput,
) -> Result<op::ListPlaces, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let query = request.query.as_deref();
    let fetch = |page| reference::places(call, query, page);
    let (data, has_more) = asked.walk(fetch).await?;
    let link = asked.link(&call.path("places"), &[("query", query)], has_more);
    let body = numbered!(PlaceList: asked, data, has_more);
    Ok(kept!(ListPlaces, request.if_none_match, link, body))
}

pub async fn airlines(
    call: Call<'_>,
    request: op::ListAirlinesInput,
) -> Result<op::ListAirlines, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let fetch = |page| reference::airlines(call, page);
    let (data, has_more) = asked.walk(fetch).await?;
    let link = asked.link(&call.path("airlines"), &[], has_more);
    let body = numbered!(AirlineList: asked, data, has_more);
    Ok(kept!(ListAirlines, request.if_none_match, link, body))
}
