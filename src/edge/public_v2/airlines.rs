//! Airlines.

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
    request: op::ListAirlinesInput,
) -> Result<op::ListAirlines, Problem> {
    let asked = page::asked(request.after, request.limit);
    let (data, next) = reference::airlines(&door.clients, caller, asked).await?;
    let link = page::link("/public/v2/airlines", &[], request.limit, &next);
    let body = types::AirlineList {
        data,
        next_cursor: filled(next),
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
