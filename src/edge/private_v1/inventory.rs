//! The seats of a flight: read, limit, explain.

use std::collections::BTreeMap;

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled};
use crate::edge::condition::{unless_known, version_seen};
use crate::edge::itinerary::{cabin_asked, flight_status};
use crate::edge::money::{large, small};
use crate::rpc::flights::v1 as flights;
use crate::wire::etag;
use crate::wire::problem::Problem;

use super::flights::{id, named};

pub async fn get(
    call: Call<'_>,
    request: op::GetInventoryInput,
) -> Result<op::GetInventory, Problem> {
    let flight = named(&request.flight_id)?;
    let body = inventory(read(call, flight).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(
        GetInventory,
        request.if_none_match,
        etag,
        body
    ))
}

pub async fn set_limits(
    call: Call<'_>,
    request: op::SetLimitsInput,
) -> Result<op::SetLimits, Problem> {
    let flight = named(&request.flight_id)?;
    let current = read(call, flight.clone()).await?.version;
    let expected_version = version_seen(request.if_match.as_deref(), current)?;
    let asked = flights::SetLimitsRequest {
        context: call.context(),
        flight: Some(flight),
        cabin: cabin_asked(request.body.cabin).into(),
        limits: class_limits(request.body.limits),
        expected_version,
    };
    let inventory = &call.clients.inventory;
    let changed = inventory.set_limits(asked, ANSWER_WITHIN).await?;
    let body = self::inventory(changed);
    let etag = etag::of_version(body.version);
    Ok(op::SetLimits::Ok { etag, body })
}

pub async fn explain(
    call: Call<'_>,
    request: op::ExplainAvailabilityInput,
) -> Result<op::ExplainAvailability, Problem> {
    let seats = request.seats.unwrap_or(1);
    let asked = flights::ExplainAvailabilityRequest {
        context: call.context(),
        flight: Some(named(&request.flight_id)?),
        booking_class: request.booking_class.clone(),
        seats: seats.unsigned_abs(),
    };
    let inventory = &call.clients.inventory;
    let found = inventory.explain_availability(asked, ANSWER_WITHIN).await?;
    let body = types::Explanation {
        summary: summary(&request.booking_class, &found),
        flight_id: request.flight_id,
        booking_class: request.booking_class,
        seats,
        available: found.available,
        seats_available: small(found.seats_available),
        reason: found.reason,
        binding_class: filled(found.binding_class),
        limits: found.limits.into_iter().map(limit_use).collect(),
        version: large(found.version),
    };
    Ok(op::ExplainAvailability::Ok { body })
}

/// The explanation in a sentence.
fn summary(class: &str, found: &flights::Explanation) -> String {
    let seats = match found.seats_available {
        0 => format!("No seat of class {class} is for sale"),
        1 => format!("1 seat of class {class} is for sale"),
        many => format!("{many} seats of class {class} are for sale"),
    };
    match (
        found.reason.as_str(),
        found.limits.iter().find(|limit| limit.binds),
    ) {
        ("cancelled", _) => format!("{seats}: the flight is cancelled."),
        ("departed", _) => format!("{seats}: the flight has left."),
        ("advance_purchase", _) => {
            format!("{seats}: it is too few days before departure for its fare.")
        }
        (_, Some(limit)) => format!(
            "{seats}: the limit of class {} binds, {} of which {} are used.",
            limit.booking_class, limit.limit, limit.used
        ),
        (_, None) => format!("{seats}."),
    }
}

async fn read(
    call: Call<'_>,
    flight: flights::FlightDate,
) -> Result<flights::FlightInventory, Problem> {
    let asked = flights::GetInventoryRequest {
        context: call.context(),
        flight: Some(flight),
    };
    let inventory = &call.clients.inventory;
    Ok(inventory.get_inventory(asked, ANSWER_WITHIN).await?)
}

/// One limit a class; of several the last.
fn class_limits(inputs: Vec<types::ClassLimitInput>) -> Vec<flights::ClassLimit> {
    let by_class: BTreeMap<String, i32> = inputs
        .into_iter()
        .map(|input| (input.booking_class, input.limit))
        .collect();
    by_class
        .into_iter()
        .map(|(booking_class, limit)| flights::ClassLimit {
            booking_class,
            limit: limit.unsigned_abs(),
        })
        .collect()
}

fn inventory(inventory: flights::FlightInventory) -> types::Inventory {
    types::Inventory {
        flight_status: flight_status(inventory.status()).to_owned(),
        flight_id: id(&inventory.flight.unwrap_or_default()),
        version: large(inventory.version),
        cabins: inventory.cabins.into_iter().map(cabin).collect(),
    }
}

fn cabin(cabin: flights::CabinInventory) -> types::CabinInventory {
    types::CabinInventory {
        cabin: cabin.cabin,
        capacity: small(cabin.capacity),
        classes: cabin.classes.into_iter().map(class).collect(),
    }
}

fn class(class: flights::BookingClass) -> types::ClassInventory {
    types::ClassInventory {
        booking_class: class.booking_class,
        limit: small(class.limit),
        sold: small(class.sold),
        held: small(class.held),
        available: small(class.available),
    }
}

fn limit_use(limit: flights::LimitUse) -> types::LimitUse {
    types::LimitUse {
        booking_class: limit.booking_class,
        limit: small(limit.limit),
        used: small(limit.used),
        left: small(limit.left),
        binds: limit.binds,
    }
}
