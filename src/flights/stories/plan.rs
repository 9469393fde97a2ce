//! Flights that are cancelled or moved: what searches, offers, holds and the log make of it.
//!
//! When a flight may be changed is told in a table beside the plan.

use super::*;
use crate::rpc::common::v1::Idempotency;

const HOUR_US: i64 = 60 * MINUTE_US;

fn cancelling(flight: &rpc::FlightDate) -> rpc::CancelFlightRequest {
    rpc::CancelFlightRequest {
        context: here(NOW),
        flight: Some(flight.clone()),
        ..rpc::CancelFlightRequest::default()
    }
}

async fn cancel(
    service: &FlightsService,
    request: rpc::CancelFlightRequest,
) -> Result<rpc::Flight, Code> {
    told(service.cancel_flight(Request::new(request)).await)
}

async fn retime(
    service: &FlightsService,
    flight: &rpc::FlightDate,
    shift_minutes: i32,
) -> Result<rpc::Flight, Code> {
    let request = rpc::RetimeFlightRequest {
        context: here(NOW),
        flight: Some(flight.clone()),
        shift_minutes,
        ..rpc::RetimeFlightRequest::default()
    };
    told(service.retime_flight(Request::new(request)).await)
}

/// The log after a position, as position, world, status after and version after.
async fn log(
    service: &FlightsService,
    world: &str,
    after: u64,
    limit: u32,
) -> (Vec<(u64, String, rpc::FlightStatus, u64)>, bool) {
    let request = rpc::ListChangesRequest {
        context: context(world, "", NOW),
        after,
        limit,
    };
    let list = told(service.list_changes(Request::new(request)).await).expect("read");
    let entry = |change: rpc::FlightChange| {
        let (before, after) = (change.before.expect("told"), change.after.expect("told"));
        assert_eq!(before.version + 1, after.version);
        assert_eq!(before.flight, after.flight);
        (change.position, change.world, after.status(), after.version)
    };
    (list.changes.into_iter().map(entry).collect(), list.more)
}

#[tokio::test]
async fn a_cancelled_flight_is_no_longer_sold() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 1);
    let flight = item[0].flight.clone().expect("given");
    for id in ["hld_1", "hld_2"] {
        assert_eq!(
            hold(&service, here(NOW), id, item.clone()).await,
            Ok(HoldState::Active)
        );
    }
    assert_eq!(
        end(&service, "confirm", here(NOW), "hld_2").await,
        Ok(HoldState::Consumed)
    );
    let held = price_hold(&service, here(NOW), "hld_1", 1)
        .await
        .expect("its seats are held");
    let preview = rpc::CancelFlightRequest {
        preview: true,
        ..cancelling(&flight)
    };
    let told = cancel(&service, preview).await.expect("as it would be");
    assert_eq!(
        (told.status(), told.version),
        (rpc::FlightStatus::Cancelled, 2)
    );
    assert!(for_sale(&service, here(NOW), &flight, "Y").await.is_some());
    assert_eq!(log(&service, "", 0, 0).await, (vec![], false));

    let told = cancel(&service, cancelling(&flight))
        .await
        .expect("planned");
    assert_eq!(
        (told.status(), told.version),
        (rpc::FlightStatus::Cancelled, 2)
    );
    assert_eq!(for_sale(&service, here(NOW), &flight, "Y").await, None);
    let same = |other: &rpc::Offer| items(other, 1)[0].flight.as_ref() == Some(&flight);
    assert!(!one_way(&service).await.offers.iter().any(same));
    let seen = read(&service, here(NOW), &offer.id)
        .await
        .expect("still there");
    assert_eq!(seen.slices[0].segments[0].seats_left, 0);
    for refused in [
        price(&service, here(NOW), &offer.id).await.map(drop),
        price(&service, here(NOW), &held.id).await.map(drop),
        hold(&service, here(NOW), "hld_3", item.clone())
            .await
            .map(drop),
        end(&service, "confirm", here(NOW), "hld_1").await.map(drop),
        price_hold(&service, here(NOW), "hld_1", 1).await.map(drop),
    ] {
        assert_eq!(refused, Err(Code::SeatsUnavailable));
    }
    // What was held and sold is still given back.
    assert_eq!(
        end(&service, "release", here(NOW), "hld_1").await,
        Ok(HoldState::Released)
    );
    assert_eq!(
        end(&service, "return", here(NOW), "hld_2").await,
        Ok(HoldState::Returned)
    );
    assert_eq!(class(&service, &item[0]).await.available, 0);

    let elsewhere = context("wld_b", "acc_a", NOW);
    assert_eq!(
        hold(&service, elsewhere.clone(), "hld_1", item).await,
        Ok(HoldState::Active)
    );
    service.close().await;
    let service = open(folder.path()).await;
    assert_eq!(for_sale(&service, here(NOW), &flight, "Y").await, None);
    assert!(for_sale(&service, elsewhere, &flight, "Y").await.is_some());
}

#[tokio::test]
async fn a_change_happens_once_and_is_told_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offers = one_way(&service).await.offers;
    let flight = items(&offers[0], 1)[0].flight.clone().expect("given");
    let asked = |key: &str, fingerprint: u8, expected_version| rpc::CancelFlightRequest {
        expected_version,
        idempotency: Some(Idempotency {
            key: key.to_owned(),
            fingerprint: vec![fingerprint; 32],
        }),
        ..cancelling(&flight)
    };
    assert_eq!(
        cancel(&service, asked("k", 1, 7)).await,
        Err(Code::PreconditionFailed)
    );
    let first = cancel(&service, asked("k", 1, 1)).await.expect("planned");
    let again = cancel(&service, asked("k", 1, 1)).await.expect("planned");
    assert!(!first.replayed && again.replayed);
    assert_eq!(
        (&first.flight, first.version),
        (&again.flight, again.version)
    );
    assert_eq!(
        cancel(&service, asked("k", 2, 2)).await,
        Err(Code::IdempotencyKeyReused)
    );
    assert_eq!(
        cancel(&service, asked("other", 1, 1)).await,
        Err(Code::PreconditionFailed)
    );
    let repeated = cancel(&service, asked("other", 1, 2))
        .await
        .expect("cancelled");
    assert_eq!((repeated.version, repeated.replayed), (2, false));
    assert_eq!(retime(&service, &flight, 10).await, Err(Code::InvalidState));

    let moved = offers
        .iter()
        .map(|offer| items(offer, 1).swap_remove(0).flight);
    let moved = moved
        .flatten()
        .find(|other| *other != flight)
        .expect("another flight");
    for shift in [10, 10, 20] {
        retime(&service, &moved, shift).await.expect("planned");
    }
    let elsewhere = rpc::CancelFlightRequest {
        context: context("wld_b", "", NOW),
        ..cancelling(&flight)
    };
    cancel(&service, elsewhere).await.expect("planned");
    let entry =
        |position, world: &str, status, version| (position, world.to_owned(), status, version);
    let all = vec![
        entry(1, "wld_a", rpc::FlightStatus::Cancelled, 2),
        entry(2, "wld_a", rpc::FlightStatus::Retimed, 2),
        entry(3, "wld_a", rpc::FlightStatus::Retimed, 3),
        entry(4, "wld_b", rpc::FlightStatus::Cancelled, 2),
    ];
    assert_eq!(log(&service, "", 0, 0).await, (all.clone(), false));
    assert_eq!(log(&service, "", 1, 2).await, (all[1..3].to_vec(), true));
    assert_eq!(
        log(&service, "wld_b", 0, 0).await,
        (all[3..].to_vec(), false)
    );
    assert_eq!(log(&service, "", 4, 0).await, (vec![], false));
}

#[tokio::test]
async fn a_moved_flight_shows_its_new_times_everywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let flight = items(&offer, 1)[0].flight.clone().expect("given");
    let departs = |offer: &rpc::Offer| {
        let segment = &offer.slices[0].segments[0];
        let (from, to) = (segment.departure.as_ref(), segment.arrival.as_ref());
        (from.expect("told").utc_us, to.expect("told").utc_us)
    };
    let before = departs(&offer);
    let told = retime(&service, &flight, 30).await.expect("planned");
    assert_eq!(told.status(), rpc::FlightStatus::Retimed);
    assert_eq!(
        told.departure.expect("told").utc_us,
        before.0 + 30 * MINUTE_US
    );
    let seen = read(&service, here(NOW), &offer.id).await.expect("there");
    let after = (before.0 + 30 * MINUTE_US, before.1 + 30 * MINUTE_US);
    assert_eq!((departs(&seen), &seen.price), (after, &offer.price));
    assert_eq!(seen.nonce, offer.nonce);
    let found = one_way(&service).await.offers;
    let same = |other: &&rpc::Offer| items(other, 1)[0].flight.as_ref() == Some(&flight);
    assert_eq!(found.iter().find(same).map(departs), Some(after));
    // Until the new time it is sold, and not after it.
    let late = here(before.0 + 20 * MINUTE_US);
    let mut full = items(&offer, 1);
    full[0].booking_class = "Y".to_owned();
    assert_eq!(
        hold_until(
            &service,
            late,
            "hld_1",
            full.clone(),
            before.0 + 2 * HOUR_US
        )
        .await,
        Ok(HoldState::Active)
    );
    let gone = here(before.0 + 31 * MINUTE_US);
    assert_eq!(
        hold_until(&service, gone, "hld_2", full, before.0 + 2 * HOUR_US).await,
        Err(Code::SeatsUnavailable)
    );
    let back = retime(&service, &flight, 0).await.expect("planned");
    assert_eq!(
        (back.departure.expect("told").utc_us, back.version),
        (before.0, 3)
    );
    for (shift, code) in [
        (24 * 60, Code::InvalidState),
        (-24 * 60, Code::InvalidState),
    ] {
        assert_eq!(retime(&service, &flight, shift).await, Err(code));
    }
    let unknown = rpc::FlightDate {
        number: 9_999,
        ..flight
    };
    assert_eq!(retime(&service, &unknown, 5).await, Err(Code::NotFound));
}

#[tokio::test]
async fn a_connection_that_is_missed_is_no_offer_any_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let journey = [("EDI", "MIA", "2027-03-15"), ("MIA", "EDI", "2027-03-22")];
    let found = find(&service, &journey, &[rpc::Ptc::Adt]).await;
    let connects = |offer: &&rpc::Offer| offer.slices[0].segments.len() == 2;
    let offer = found
        .offers
        .iter()
        .find(connects)
        .expect("by way of London");
    let segments = &offer.slices[0].segments;
    let lands = segments[0].arrival.as_ref().expect("told").utc_us;
    let leaves = segments[1].departure.as_ref().expect("told").utc_us;
    let first = items(offer, 1)[0].flight.clone().expect("given");
    // Half an hour is left to change planes, which is too short anywhere.
    let late = i32::try_from((leaves - lands) / MINUTE_US).expect("hours") - 30;
    let same = |other: &rpc::Offer| items(other, 1)[..2] == items(offer, 1)[..2];
    retime(&service, &first, late).await.expect("planned");
    assert_eq!(
        read(&service, here(NOW), &offer.id).await,
        Err(Code::OfferExpired)
    );
    let after = find(&service, &journey, &[rpc::Ptc::Adt]).await;
    assert!(found.offers.iter().any(same) && !after.offers.iter().any(same));
    retime(&service, &first, 0).await.expect("planned");
    assert_eq!(
        read(&service, here(NOW), &offer.id).await.as_ref(),
        Ok(offer)
    );
}

#[tokio::test]
async fn flights_of_a_date_are_listed_in_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let list = |carrier: &str, origin: &str, destination: &str, after: &str, limit| {
        let request = rpc::ListFlightsRequest {
            context: here(NOW),
            carrier: carrier.to_owned(),
            number: 0,
            origin: origin.to_owned(),
            destination: destination.to_owned(),
            date: "2027-03-15".to_owned(),
            page: Some(crate::rpc::common::v1::Page {
                after: after.to_owned(),
                limit,
            }),
        };
        let service = &service;
        async move { told(service.list_flights(Request::new(request)).await) }
    };
    let all = list("", "LHR", "JFK", "", 200)
        .await
        .expect("listed")
        .flights;
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = list("", "LHR", "JFK", &after, 3).await.expect("listed");
        assert!(page.flights.len() <= 3);
        paged.extend(page.flights);
        after = page.next;
        if after.is_empty() {
            break;
        }
    }
    assert!(all.len() > 6 && all == paged);
    let of_carrier = list("BA", "", "JFK", "", 200)
        .await
        .expect("listed")
        .flights;
    assert!(
        of_carrier
            .iter()
            .all(|one| one.flight.as_ref().expect("told").carrier == "BA")
    );
    let both = |one: &rpc::Flight| one.flight.as_ref().expect("told").origin == "LHR";
    let from_here = of_carrier.iter().filter(|one| both(one)).count();
    assert_eq!(
        list("BA", "LHR", "JFK", "", 200)
            .await
            .expect("listed")
            .flights
            .len(),
        from_here
    );
    assert_eq!(
        list("BA", "", "", "none", 5).await.expect("listed").flights,
        []
    );
    assert_eq!(
        list("", "", "JFK", "", 5).await,
        Err(Code::ValidationFailed)
    );

    let flight = all[0].flight.clone();
    let get = rpc::GetFlightRequest {
        context: here(NOW),
        flight: flight.clone(),
    };
    assert_eq!(
        told(service.get_flight(Request::new(get)).await).as_ref(),
        Ok(&all[0])
    );
    cancel(&service, cancelling(flight.as_ref().expect("told")))
        .await
        .expect("planned");
    let listed = list("", "LHR", "JFK", "", 1).await.expect("listed").flights;
    assert_eq!(listed[0].status(), rpc::FlightStatus::Cancelled);
}
