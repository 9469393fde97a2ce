//! Airports, cities and airlines.

use crate::api::shared as types;
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::rpc::common::v1::Page;
use crate::rpc::flights::v1::{Airline, ListAirlinesRequest, ListPlacesRequest, Place, PlaceKind};
use crate::wire::problem::Problem;

/// How long reference data may be kept.
pub const CACHE: &str = "public, max-age=86400, stale-while-revalidate=86400";

/// A page of places, and the cursor of the next.
pub async fn places(
    call: Call<'_>,
    query: Option<&str>,
    page: Option<Page>,
) -> Result<(Vec<types::Place>, String), Problem> {
    let asked = ListPlacesRequest {
        context: call.context(),
        query: query.unwrap_or_default().to_owned(),
        page,
    };
    let search = &call.clients.search;
    let found = search.list_places(asked, ANSWER_WITHIN).await?;
    Ok((found.places.into_iter().map(place).collect(), found.next))
}

/// A page of airlines, and the cursor of the next.
pub async fn airlines(
    call: Call<'_>,
    page: Option<Page>,
) -> Result<(Vec<types::Airline>, String), Problem> {
    let asked = ListAirlinesRequest {
        context: call.context(),
        page,
    };
    let search = &call.clients.search;
    let found = search.list_airlines(asked, ANSWER_WITHIN).await?;
    Ok((
        found.airlines.into_iter().map(airline).collect(),
        found.next,
    ))
}

/// Answers with a page of reference data, which whoever has it already need not load again.
macro_rules! kept {
    ($operation:ident, $if_none_match:expr, $link:expr, $body:expr) => {{
        let body = $body;
        let etag = $crate::wire::etag::of_body(&body);
        let cache_control = $crate::edge::reference::CACHE.to_owned();
        $crate::edge::condition::unless_known!(
            $operation, $if_none_match, etag, body, cache_control: cache_control, link: $link
        )
    }};
}
pub(super) use kept;

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
