//! Airports, cities and airlines.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::page::{self, listed};
use crate::edge::reference::{self, kept};
use crate::wire::problem::Problem;

pub async fn places(
    call: Call<'_>,
    request: op::ListPlacesInput,
) -> Result<op::ListPlaces, Problem> {
    let query = request.query.as_deref();
    let asked = page::asked(request.after, request.limit);
    let (data, next) = reference::places(call, query, asked).await?;
    let filters = [("query", query)];
    let link = page::link(&call.path("places"), &filters, request.limit, &next);
    let body = listed!(PlaceList: data, next);
    Ok(kept!(ListPlaces, request.if_none_match, link, body))
}

pub async fn airlines(
    call: Call<'_>,
    request: op::ListAirlinesInput,
) -> Result<op::ListAirlines, Problem> {
    let asked = page::asked(request.after, request.limit);
    let (data, next) = reference::airlines(call, asked).await?;
    let link = page::link(&call.path("airlines"), &[], request.limit, &next);
    let body = listed!(AirlineList: data, next);
    Ok(kept!(ListAirlines, request.if_none_match, link, body))
}
