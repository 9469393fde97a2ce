//! Holds: seats without names.

use crate::api::partner_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, Call};
use crate::edge::condition::unless_known;
use crate::edge::money::{large, small};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::HoldId;
use crate::platform::status::code_of;
use crate::rpc::flights::v1 as flights;
use crate::wire::etag;
use crate::wire::problem::Problem;

/// For how long seats are held when the agency does not say.
const TTL_MINUTES: i32 = 30;
const MINUTE_US: i64 = 60_000_000;

/// Holds seats. Its key names the hold, so that a repeat finds the one that it made.
pub async fn create(
    call: Call<'_>,
    request: op::CreateHoldInput,
) -> Result<op::CreateHold, Problem> {
    let hold_id = named(call, &request.idempotency_key);
    let ttl_minutes = request.body.ttl_minutes.unwrap_or(TTL_MINUTES);
    let ttl_us = i64::from(ttl_minutes) * MINUTE_US;
    let items: Vec<_> = request.body.items.into_iter().map(item_asked).collect();
    let hold = match find(call, &hold_id).await? {
        Some(known) => flights::Hold {
            replayed: true,
            ..known
        },
        None => {
            let asked = flights::HoldSeatsRequest {
                context: call.context(),
                hold_id,
                items: items.clone(),
                expires_at_us: call.caller.now_us + ttl_us,
                extend: false,
            };
            call.clients
                .inventory
                .hold_seats(asked, ANSWER_WITHIN)
                .await?
        }
    };
    let replayed = hold.replayed;
    if replayed && (hold.items != items || hold.expires_at_us - hold.created_at_us != ttl_us) {
        return Err(Problem::new(
            Code::IdempotencyKeyReused,
            "the key was used for other seats or another time",
        ));
    }
    let body = self::hold(hold);
    Ok(op::CreateHold::Created {
        location: call.location("holds", &body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed: replayed,
        body,
    })
}

pub async fn get(call: Call<'_>, request: op::GetHoldInput) -> Result<op::GetHold, Problem> {
    let asked = flights::GetHoldRequest {
        context: call.context(),
        hold_id: request.hold_id,
    };
    let inventory = &call.clients.inventory;
    let body = hold(inventory.get_hold(asked, ANSWER_WITHIN).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(GetHold, request.if_none_match, etag, body))
}

pub async fn release(
    call: Call<'_>,
    request: op::ReleaseHoldInput,
) -> Result<op::ReleaseHold, Problem> {
    let asked = flights::ReleaseHoldRequest {
        context: call.context(),
        hold_id: request.hold_id,
        for_good: false,
    };
    let inventory = &call.clients.inventory;
    inventory.release_hold(asked, ANSWER_WITHIN).await?;
    Ok(op::ReleaseHold::NoContent)
}

/// The hold that an agency's key names.
pub fn named(call: Call<'_>, key: &str) -> String {
    HoldId::named(&[&call.caller.world, &call.caller.account_id, key]).into()
}

/// A hold of the caller's, if there is one.
pub async fn find(call: Call<'_>, hold_id: &str) -> Result<Option<flights::Hold>, Problem> {
    let asked = flights::GetHoldRequest {
        context: call.context(),
        hold_id: hold_id.to_owned(),
    };
    match call.clients.inventory.get_hold(asked, ANSWER_WITHIN).await {
        Ok(hold) => Ok(Some(hold)),
        Err(status) if code_of(&status) == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

fn item_asked(item: types::HoldItemInput) -> flights::HoldItem {
    flights::HoldItem {
        flight: Some(flights::FlightDate {
            carrier: item.carrier,
            number: u32::try_from(item.flight_number).unwrap_or_default(),
            date: item.departure_date,
            origin: item.origin,
            destination: item.destination,
        }),
        booking_class: item.booking_class,
        seats: u32::try_from(item.seats).unwrap_or_default(),
    }
}

fn hold(hold: flights::Hold) -> types::Hold {
    let status = match hold.state() {
        flights::HoldState::Unspecified | flights::HoldState::Active => "active",
        flights::HoldState::Consumed => "ordered",
        flights::HoldState::Released => "released",
        flights::HoldState::Expired => "expired",
        flights::HoldState::Returned => "returned",
    };
    types::Hold {
        id: hold.id,
        version: large(hold.version),
        status: status.to_owned(),
        created_at: rfc3339(hold.created_at_us),
        expires_at: rfc3339(hold.expires_at_us),
        items: hold.items.into_iter().map(item).collect(),
    }
}

fn item(item: flights::HoldItem) -> types::HoldItem {
    let flight = item.flight.unwrap_or_default();
    types::HoldItem {
        carrier: flight.carrier,
        flight_number: small(flight.number),
        departure_date: flight.date,
        origin: flight.origin,
        destination: flight.destination,
        booking_class: item.booking_class,
        seats: small(item.seats),
    }
}
