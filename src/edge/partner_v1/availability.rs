//! Seats by booking class.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context};
use crate::edge::itinerary::{cabin, cabin_asked, flight_time, warning};
use crate::edge::money::{large, small};
use crate::platform::auth::Caller;
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

use super::Door;

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetAvailabilityInput,
) -> Result<op::GetAvailability, Problem> {
    let cabin = request.cabin.map(cabin_asked).unwrap_or_default();
    let asked = flights::GetAvailabilityRequest {
        context: context(caller),
        origin: request.origin.clone(),
        destination: request.destination.clone(),
        date: request.date.clone(),
        cabin: cabin.into(),
    };
    let found = door
        .clients
        .inventory
        .get_availability(asked, ANSWER_WITHIN)
        .await?;
    Ok(op::GetAvailability::Ok {
        body: types::Availability {
            origin: request.origin,
            destination: request.destination,
            date: request.date,
            flights: found.flights.into_iter().map(flight).collect(),
            warnings: found.warnings.into_iter().map(warning).collect(),
        },
    })
}

fn flight(found: flights::FlightAvailability) -> types::FlightAvailability {
    let flight = found.flight.unwrap_or_default();
    let status = match flight.status() {
        flights::FlightStatus::Unspecified | flights::FlightStatus::Scheduled => "scheduled",
        flights::FlightStatus::Retimed => "retimed",
        flights::FlightStatus::Cancelled => "cancelled",
    };
    let named = flight.flight.unwrap_or_default();
    types::FlightAvailability {
        carrier: named.carrier,
        flight_number: small(named.number),
        status: status.to_owned(),
        departure: flight_time(flight.departure),
        arrival: flight_time(flight.arrival),
        duration_minutes: small(flight.duration_minutes),
        aircraft: types::Aircraft {
            code: flight.equipment,
            name: flight.equipment_name,
        },
        classes: found.classes.iter().map(class).collect(),
        version: large(found.version),
    }
}

fn class(class: &flights::ClassAvailability) -> types::ClassAvailability {
    types::ClassAvailability {
        booking_class: class.booking_class.clone(),
        cabin: cabin(class.cabin()).to_owned(),
        seats: small(class.seats),
    }
}
