//! Flights on their dates: list, read, cancel, retime.

use crate::api::private_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, context, filled, idempotency};
use crate::edge::itinerary::flight_time;
use crate::edge::money::{large, small};
use crate::edge::order_parts::status_name;
use crate::edge::{condition, page};
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Page;
use crate::rpc::flights::v1 as flights;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::Door;

/// Orders that are read at once when those of a flight are gathered, and how often: more than any aircraft has seats.
const ORDERS_AT_ONCE: u32 = 100;
const ORDERS_ROUNDS: u32 = 20;

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListFlightsInput,
) -> Result<op::ListFlights, Problem> {
    let number = request.number.map(|number| number.to_string());
    let filters = [
        ("carrier", Some(request.carrier.as_str())),
        ("date", Some(request.date.as_str())),
        ("number", number.as_deref()),
        ("origin", request.origin.as_deref()),
        ("destination", request.destination.as_deref()),
    ];
    let asked = flights::ListFlightsRequest {
        context: context(caller),
        carrier: request.carrier.clone(),
        number: request.number.map_or(0, i32::unsigned_abs),
        origin: request.origin.clone().unwrap_or_default(),
        destination: request.destination.clone().unwrap_or_default(),
        date: request.date.clone(),
        page: page::asked(request.after.clone(), request.limit),
    };
    let found = door
        .clients
        .schedule
        .list_flights(asked, ANSWER_WITHIN)
        .await?;
    let link = page::link("/private/v1/flights", &filters, request.limit, &found.next);
    let body = types::FlightList {
        data: found.flights.into_iter().map(flight).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListFlights::Ok { link, body })
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetFlightInput,
) -> Result<op::GetFlight, Problem> {
    let body = flight(read(door, caller, &request.flight_id).await?);
    let etag = etag::of_version(body.version);
    Ok(
        match condition::is_known(request.if_none_match.as_deref(), &etag) {
            true => op::GetFlight::NotModified { etag },
            false => op::GetFlight::Ok { etag, body },
        },
    )
}

pub async fn cancel(
    door: &Door,
    caller: &Caller,
    request: op::CancelFlightInput,
) -> Result<op::CancelFlight, Problem> {
    let preview = request.body.preview;
    let current = read(door, caller, &request.flight_id).await?;
    let asked = flights::CancelFlightRequest {
        context: context(caller),
        flight: current.flight.clone(),
        expected_version: seen(preview, request.if_match, current.version)?,
        idempotency: idempotency(
            &request.idempotency_key,
            &request.flight_id,
            Some(&request.body),
        ),
        preview,
    };
    let changed = door
        .clients
        .schedule
        .cancel_flight(asked, ANSWER_WITHIN)
        .await?;
    let idempotency_replayed = changed.replayed;
    let body = change(door, caller, preview, changed).await?;
    Ok(op::CancelFlight::Ok {
        etag: kept(preview, current.version, &body),
        idempotency_replayed,
        body,
    })
}

pub async fn retime(
    door: &Door,
    caller: &Caller,
    request: op::RetimeFlightInput,
) -> Result<op::RetimeFlight, Problem> {
    let preview = request.body.preview;
    let current = read(door, caller, &request.flight_id).await?;
    let asked = flights::RetimeFlightRequest {
        context: context(caller),
        flight: current.flight.clone(),
        shift_minutes: request.body.shift_minutes,
        expected_version: seen(preview, request.if_match, current.version)?,
        idempotency: idempotency(
            &request.idempotency_key,
            &request.flight_id,
            Some(&request.body),
        ),
        preview,
    };
    let changed = door
        .clients
        .schedule
        .retime_flight(asked, ANSWER_WITHIN)
        .await?;
    let idempotency_replayed = changed.replayed;
    let body = change(door, caller, preview, changed).await?;
    Ok(op::RetimeFlight::Ok {
        etag: kept(preview, current.version, &body),
        idempotency_replayed,
        body,
    })
}

/// The version that stands after the call: a preview changes nothing.
fn kept(preview: bool, current: u64, change: &types::FlightChange) -> String {
    match preview {
        true => etag::of_version(large(current)),
        false => etag::of_version(change.flight.version),
    }
}

/// The version that the caller has seen; a preview overwrites nothing, so it needs none.
fn seen(preview: bool, if_match: Option<String>, current: u64) -> Result<u64, Problem> {
    match if_match {
        None if preview => Ok(0),
        given => condition::version_seen(given.as_deref(), current),
    }
}

/// What became of a flight, and whom it concerns. Orders learn of it before the answer, so that their next reading shows it.
async fn change(
    door: &Door,
    caller: &Caller,
    preview: bool,
    changed: flights::Flight,
) -> Result<types::FlightChange, Problem> {
    if !preview {
        let told = booking::RunDueRequest {
            context: context(caller),
        };
        door.clients.orders.run_due(told, ANSWER_WITHIN).await?;
    }
    let affected_orders = affected(door, caller, changed.flight.clone()).await?;
    Ok(types::FlightChange {
        preview,
        flight: flight(changed),
        affected_orders,
    })
}

/// The live orders that have a flight.
async fn affected(
    door: &Door,
    caller: &Caller,
    flight: Option<flights::FlightDate>,
) -> Result<Vec<types::AffectedOrder>, Problem> {
    let mut affected = Vec::new();
    let mut after = String::new();
    for _ in 0..ORDERS_ROUNDS {
        let asked = booking::ListOrdersRequest {
            context: context(caller),
            flight: flight.clone(),
            page: Some(Page {
                after,
                limit: ORDERS_AT_ONCE,
            }),
            ..booking::ListOrdersRequest::default()
        };
        let found = door
            .clients
            .orders
            .list_orders(asked, ANSWER_WITHIN)
            .await?;
        affected.extend(found.orders.into_iter().filter_map(affected_order));
        after = found.next;
        if after.is_empty() {
            break;
        }
    }
    Ok(affected)
}

fn affected_order(order: booking::Order) -> Option<types::AffectedOrder> {
    use booking::OrderStatus::{Cancelled, Expired, Failed};
    if matches!(order.status(), Cancelled | Expired | Failed) {
        return None;
    }
    Some(types::AffectedOrder {
        status: status_name(order.status()).to_owned(),
        order_id: order.id,
        account_id: order.account_id,
        locator: filled(order.locator),
        passengers: i32::try_from(order.passengers.len()).unwrap_or(i32::MAX),
    })
}

async fn read(door: &Door, caller: &Caller, flight_id: &str) -> Result<flights::Flight, Problem> {
    let asked = flights::GetFlightRequest {
        context: context(caller),
        flight: Some(named(flight_id)?),
    };
    Ok(door
        .clients
        .schedule
        .get_flight(asked, ANSWER_WITHIN)
        .await?)
}

/// The flight and date that an id names, such as `flt_BA117-20270315-LHR-JFK`.
///
/// # Errors
/// `not_found` when it names none; the contract's pattern lets few of these through.
pub fn named(flight_id: &str) -> Result<flights::FlightDate, Problem> {
    parse(flight_id).ok_or_else(|| Problem::new(Code::NotFound, "there is no such flight"))
}

fn parse(flight_id: &str) -> Option<flights::FlightDate> {
    let mut parts = flight_id.strip_prefix("flt_")?.split('-');
    let (designator, date) = (parts.next()?, parts.next()?);
    let (origin, destination) = (parts.next()?, parts.next()?);
    let (carrier, number) = designator.split_at_checked(2)?;
    let (year, month_day) = date.split_at_checked(4)?;
    let (month, day) = month_day.split_at_checked(2)?;
    Some(flights::FlightDate {
        carrier: carrier.to_owned(),
        number: number.parse().ok()?,
        date: format!("{year}-{month}-{day}"),
        origin: origin.to_owned(),
        destination: destination.to_owned(),
    })
}

/// The id of a flight on a date.
pub fn id(flight: &flights::FlightDate) -> String {
    format!(
        "flt_{}{}-{}-{}-{}",
        flight.carrier,
        flight.number,
        flight.date.replace('-', ""),
        flight.origin,
        flight.destination
    )
}

fn flight(flight: flights::Flight) -> types::Flight {
    let status = flight_status(flight.status()).to_owned();
    let key = flight.flight.unwrap_or_default();
    types::Flight {
        id: id(&key),
        status,
        carrier: key.carrier,
        flight_number: small(key.number),
        date: key.date,
        departure: flight_time(flight.departure),
        arrival: flight_time(flight.arrival),
        duration_minutes: small(flight.duration_minutes),
        aircraft: types::Aircraft {
            code: flight.equipment,
            name: flight.equipment_name,
        },
        version: large(flight.version),
    }
}

/// How a flight is planned, in a word.
pub fn flight_status(status: flights::FlightStatus) -> &'static str {
    match status {
        flights::FlightStatus::Unspecified | flights::FlightStatus::Scheduled => "scheduled",
        flights::FlightStatus::Retimed => "retimed",
        flights::FlightStatus::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_a_flight_on_a_date_and_back() {
        for text in ["flt_BA117-20270315-LHR-JFK", "flt_U21-20271231-LGW-BCN"] {
            let flight = parse(text).expect("it is well formed");
            assert_eq!(id(&flight), text);
        }
        for text in [
            "",
            "flt_",
            "flt_BA",
            "flt_BAX-20270315-LHR-JFK",
            "flt_BA1-2027",
            "flt_BA1-20270315-LHR",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
