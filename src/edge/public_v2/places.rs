//! Airports and cities.

use crate::api::public_v2::{operations as op, types};
use crate::platform::auth::Caller;
use crate::rpc::flights::v1::{ListPlacesRequest, Place, PlaceKind};
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::{ANSWER_WITHIN, Door, context, filled, page};

/// How long reference data may be kept.
pub const CACHE: &str = "public, max-age=86400, stale-while-revalidate=86400";

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListPlacesInput,
) -> Result<op::ListPlaces, Problem> {
    let asked = ListPlacesRequest {
        context: context(caller),
        query: request.query.clone().unwrap_or_default(),
        page: page::asked(request.after, request.limit),
    };
    let found = door.search.list_places(asked, ANSWER_WITHIN).await?;
    let link = page::link(
        "/public/v2/places",
        &[("query", request.query.as_deref())],
        request.limit,
        &found.next,
    );
    let body = types::PlaceList {
        data: found.places.into_iter().map(place).collect(),
        next_cursor: filled(found.next),
    };
    let tag = etag::of_body(&body);
    if request
        .if_none_match
        .is_some_and(|header| etag::none_match_hits(&header, &tag))
    {
        return Ok(op::ListPlaces::NotModified { etag: tag });
    }
    Ok(op::ListPlaces::Ok {
        etag: tag,
        cache_control: CACHE.to_owned(),
        link,
        body,
    })
}

fn place(place: Place) -> types::Place {
    let kind = if place.kind() == PlaceKind::City {
        "city"
    } else {
        "airport"
    };
    let position = (kind == "airport").then(|| types::GeoPosition {
        latitude_e6: i32::try_from(place.latitude_e6).unwrap_or_default(),
        longitude_e6: i32::try_from(place.longitude_e6).unwrap_or_default(),
    });
    types::Place {
        r#type: kind.to_owned(),
        code: place.code,
        name: place.name,
        city_code: filled(place.city_code).filter(|_| kind == "airport"),
        city_name: filled(place.city_name),
        country: place.country,
        time_zone: filled(place.time_zone),
        position,
        airports: place.airports,
    }
}
