//! Seats by booking class.

use crate::api::partner_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::itinerary::{aircraft, cabin, cabin_asked, flight_status, flight_time, warning};
use crate::edge::money::{large, small};
use crate::rpc::flights::v1 as flights;
use crate::wire::problem::Problem;

pub async fn get(
    call: Call<'_>,
    request: op::GetAvailabilityInput,
) -> Result<op::GetAvailability, Problem> {
    let cabin = request.cabin.map(cabin_asked).unwrap_or_default();
    let asked = flights::GetAvailabilityRequest {
        context: call.context(),
        origin: request.origin.clone(),
        destination: request.destination.clone(),
        date: request.date.clone(),
        cabin: cabin.into(),
    };
    let inventory = &call.clients.inventory;
    let found = inventory.get_availability(asked, ANSWER_WITHIN).await?;
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
    let status = flight_status(flight.status()).to_owned();
    let named = flight.flight.unwrap_or_default();
    types::FlightAvailability {
        carrier: named.carrier,
        flight_number: small(named.number),
        status,
        departure: flight_time(flight.departure),
        arrival: flight_time(flight.arrival),
        duration_minutes: small(flight.duration_minutes),
        aircraft: aircraft(flight.equipment, flight.equipment_name),
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
