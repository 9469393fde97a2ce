//! Airports and cities.

use crate::api::public_v2::{operations as op, types};
use crate::edge::call::filled;
use crate::edge::condition::is_known;
use crate::edge::page;
use crate::edge::reference::{self, CACHE};
use crate::platform::auth::Caller;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::Door;

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListPlacesInput,
) -> Result<op::ListPlaces, Problem> {
    let asked = page::asked(request.after, request.limit);
    let query = request.query.as_deref();
    let (data, next) = reference::places(&door.clients, caller, query, asked).await?;
    let link = page::link(
        "/public/v2/places",
        &[("query", query)],
        request.limit,
        &next,
    );
    let body = types::PlaceList {
        data,
        next_cursor: filled(next),
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
