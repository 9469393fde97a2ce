//! Airlines.

use crate::api::public_v2::{operations as op, types};
use crate::platform::auth::Caller;
use crate::rpc::flights::v1::{Airline, ListAirlinesRequest};
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::places::CACHE;
use super::{ANSWER_WITHIN, Door, context, filled, page};

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListAirlinesInput,
) -> Result<op::ListAirlines, Problem> {
    let asked = ListAirlinesRequest {
        context: context(caller),
        page: page::asked(request.after, request.limit),
    };
    let found = door.search.list_airlines(asked, ANSWER_WITHIN).await?;
    let link = page::link("/public/v2/airlines", &[], request.limit, &found.next);
    let body = types::AirlineList {
        data: found.airlines.into_iter().map(airline).collect(),
        next_cursor: filled(found.next),
    };
    let tag = etag::of_body(&body);
    if request
        .if_none_match
        .is_some_and(|header| etag::none_match_hits(&header, &tag))
    {
        return Ok(op::ListAirlines::NotModified { etag: tag });
    }
    Ok(op::ListAirlines::Ok {
        etag: tag,
        cache_control: CACHE.to_owned(),
        link,
        body,
    })
}

fn airline(airline: Airline) -> types::Airline {
    types::Airline {
        code: airline.code,
        name: airline.name,
        icao_code: filled(airline.icao_code),
        accounting_code: filled(airline.accounting_code),
        alliance: filled(airline.alliance),
        weekly_flights: i32::try_from(airline.weekly_flights).unwrap_or(i32::MAX),
    }
}
