//! Flights on their dates: list, read, cancel, retime, fly with another aircraft.

use crate::api::private_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency};
use crate::edge::condition::{unless_known, version_seen};
use crate::edge::itinerary::{aircraft, cabin, flight_status, flight_time};
use crate::edge::money::{large, small};
use crate::edge::order_parts::status_name;
use crate::edge::order_request;
use crate::edge::page::{self, listed};
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Page;
use crate::rpc::flights::v1 as flights;
use crate::wire::etag;
use crate::wire::problem::{Problem, Violation};

/// Orders that are read at once when those of a flight are gathered, and how often: more than any aircraft has seats.
const ORDERS_AT_ONCE: u32 = 100;
const ORDERS_ROUNDS: u32 = 20;

pub async fn list(
    call: Call<'_>,
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
        context: call.context(),
        carrier: request.carrier.clone(),
        number: request.number.map_or(0, i32::unsigned_abs),
        origin: request.origin.clone().unwrap_or_default(),
        destination: request.destination.clone().unwrap_or_default(),
        date: request.date.clone(),
        page: page::asked(request.after, request.limit),
    };
    let schedule = &call.clients.schedule;
    let found = schedule.list_flights(asked, ANSWER_WITHIN).await?;
    let link = page::link(&call.path("flights"), &filters, request.limit, &found.next);
    let body = listed!(FlightList: found.flights.into_iter().map(flight), found.next);
    Ok(op::ListFlights::Ok { link, body })
}

pub async fn get(call: Call<'_>, request: op::GetFlightInput) -> Result<op::GetFlight, Problem> {
    let body = flight(read(call, &request.flight_id).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(GetFlight, request.if_none_match, etag, body))
}

pub async fn cancel(
    call: Call<'_>,
    request: op::CancelFlightInput,
) -> Result<op::CancelFlight, Problem> {
    let (preview, id) = (request.body.preview, &request.flight_id);
    let current = read(call, id).await?;
    let asked = flights::CancelFlightRequest {
        context: call.context(),
        flight: current.flight,
        expected_version: seen(preview, request.if_match, current.version)?,
        idempotency: idempotency(&request.idempotency_key, id, Some(&request.body)),
        preview,
    };
    let schedule = &call.clients.schedule;
    let changed = schedule.cancel_flight(asked, ANSWER_WITHIN).await?;
    let (etag, idempotency_replayed, body) =
        change(call, preview, current.version, changed).await?;
    Ok(op::CancelFlight::Ok {
        etag,
        idempotency_replayed,
        body,
    })
}

pub async fn retime(
    call: Call<'_>,
    request: op::RetimeFlightInput,
) -> Result<op::RetimeFlight, Problem> {
    let (preview, id) = (request.body.preview, &request.flight_id);
    let current = read(call, id).await?;
    let asked = flights::RetimeFlightRequest {
        context: call.context(),
        flight: current.flight,
        shift_minutes: request.body.shift_minutes,
        expected_version: seen(preview, request.if_match, current.version)?,
        idempotency: idempotency(&request.idempotency_key, id, Some(&request.body)),
        preview,
    };
    let schedule = &call.clients.schedule;
    let changed = schedule.retime_flight(asked, ANSWER_WITHIN).await?;
    let (etag, idempotency_replayed, body) =
        change(call, preview, current.version, changed).await?;
    Ok(op::RetimeFlight::Ok {
        etag,
        idempotency_replayed,
        body,
    })
}

pub async fn change_equipment(
    call: Call<'_>,
    request: op::ChangeEquipmentInput,
) -> Result<op::ChangeEquipment, Problem> {
    let (preview, id) = (request.body.preview, &request.flight_id);
    let current = read(call, id).await?;
    let asked = flights::ChangeEquipmentRequest {
        context: call.context(),
        flight: current.flight,
        equipment: request.body.aircraft.clone(),
        expected_version: seen(preview, request.if_match, current.version)?,
        idempotency: idempotency(&request.idempotency_key, id, Some(&request.body)),
        preview,
    };
    let schedule = &call.clients.schedule;
    let changed = schedule.change_equipment(asked, ANSWER_WITHIN).await;
    let changed = changed.map_err(|status| about_aircraft(status.into()))?;
    let (etag, idempotency_replayed, body) =
        change(call, preview, current.version, changed).await?;
    Ok(op::ChangeEquipment::Ok {
        etag,
        idempotency_replayed,
        body,
    })
}

/// Points at the aircraft that is refused.
fn about_aircraft(problem: Problem) -> Problem {
    if problem.code() != Code::AircraftUnsuitable {
        return problem;
    }
    let violation = Violation::at_pointer("/aircraft", "enum", problem.detail());
    problem.with_errors(vec![violation])
}

/// The version that the caller has seen; a preview overwrites nothing, so it needs none.
fn seen(preview: bool, if_match: Option<String>, current: u64) -> Result<u64, Problem> {
    match if_match {
        None if preview => Ok(0),
        given => version_seen(given.as_deref(), current),
    }
}

/// What became of a flight, and whom it concerns; its tag, and whether it had become of it before. Orders learn of it before the
/// answer, so that their next reading shows it.
async fn change(
    call: Call<'_>,
    preview: bool,
    current: u64,
    changed: flights::Flight,
) -> Result<(String, bool, types::FlightChange), Problem> {
    if !preview {
        let told = booking::RunDueRequest {
            context: call.context(),
        };
        call.clients.orders.run_due(told, ANSWER_WITHIN).await?;
    }
    let affected_orders = affected(call, changed.flight.clone()).await?;
    // A preview changes nothing, so what was there stands.
    let version = if preview { current } else { changed.version };
    let (etag, replayed) = (etag::of_version(large(version)), changed.replayed);
    let body = types::FlightChange {
        preview,
        flight: flight(changed),
        affected_orders,
    };
    Ok((etag, replayed, body))
}

/// The live orders that have a flight.
async fn affected(
    call: Call<'_>,
    flight: Option<flights::FlightDate>,
) -> Result<Vec<types::AffectedOrder>, Problem> {
    let mut affected = Vec::new();
    let mut after = String::new();
    for _ in 0..ORDERS_ROUNDS {
        let asked = booking::ListOrdersRequest {
            flight: flight.clone(),
            page: Some(Page {
                after,
                limit: ORDERS_AT_ONCE,
            }),
            ..booking::ListOrdersRequest::default()
        };
        let found = order_request::page(call, asked).await?;
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

async fn read(call: Call<'_>, flight_id: &str) -> Result<flights::Flight, Problem> {
    let asked = flights::GetFlightRequest {
        context: call.context(),
        flight: Some(named(flight_id)?),
    };
    let schedule = &call.clients.schedule;
    Ok(schedule.get_flight(asked, ANSWER_WITHIN).await?)
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
        aircraft: aircraft(flight.equipment, flight.equipment_name),
        cabins: flight
            .cabins
            .into_iter()
            .map(|one| types::CabinSeats {
                cabin: cabin(one.cabin()).to_owned(),
                seats: small(one.seats),
            })
            .collect(),
        version: large(flight.version),
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
