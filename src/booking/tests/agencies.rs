//! Orders as agencies place them: from a hold without names, on credit, and found again by locator and name.

use std::sync::Arc;

use tokio::sync::Barrier;

use super::neighbours::OVER_LIMIT;
use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::booking::order::HOLD_GRACE_US;
use crate::kernel::clock::{DAY_US, HOUR_US, MINUTE_US};
use crate::platform::status::{code_of, metadata_of};
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1::{FlightDate, HoldState};

/// When the agency's hold would be over by itself.
const SOON: i64 = NOW + 5 * MINUTE_US;

#[tokio::test]
async fn order_from_a_hold_sells_the_seats_of_that_hold_once() {
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    let reply = scene.create(from_hold(1, "hld_1", "")).await;
    let order = reply.expect("its seats are held").order.expect("an order");
    assert_eq!(order.status(), OrderStatus::Ticketed);
    assert_eq!(order.hold_id, "hld_1");
    let named: Vec<_> = order.passengers.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(named, ["pas_1", "pas_2"], "the priced ones");
    assert_eq!(order.payments[0].method(), PaymentMethod::AgencyCredit);
    let hold = scene.flights.hold("hld_1");
    assert_eq!(hold.state(), HoldState::Consumed);
    assert!(hold.expires_at_us > SOON, "it lasted as long as the order");
    assert_eq!(scene.flights.holds.lock().expect("no panic").len(), 1);

    let again = Orders::create_order(
        &scene.booking,
        tonic::Request::new(from_hold(2, "hld_1", "")),
    );
    let status = again.await.expect_err("ordered before");
    assert_eq!(code_of(&status), Code::OfferAlreadyBooked);
    assert_eq!(metadata_of(&status)["order_id"], "ord_1");
    let mut stranger = from_hold(3, "hld_1", "");
    stranger.context.as_mut().expect("given").account_id = "acc_2".to_owned();
    assert_eq!(scene.create(stranger).await, Err(Code::NotFound));
}

#[tokio::test]
async fn concurrent_orders_from_one_hold_have_one_winner() {
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    let calls = (1..=8).map(|number| scene.create(from_hold(number, "hld_1", "")));
    let replies = futures_util::future::join_all(calls).await;
    let won = replies.iter().filter(|reply| reply.is_ok()).count();
    assert_eq!(won, 1, "{replies:?}");
    for refused in replies.into_iter().filter_map(Result::err) {
        // A hold that was sold meanwhile is over to flights.
        assert!([Code::OfferAlreadyBooked, Code::HoldExpired].contains(&refused));
    }
    assert_eq!(scene.flights.count(HoldState::Consumed), 1);
}

/// Each is past the look at the key when the first takes the seats, so flights tells the others that the hold is over.
#[tokio::test]
async fn concurrent_orders_from_one_hold_under_one_key_are_one_order() {
    const CLIENTS: u8 = 8;
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    *scene.flights.crowd.lock().expect("no panic") =
        Some(Arc::new(Barrier::new(usize::from(CLIENTS))));
    let calls = (1..=CLIENTS).map(|number| {
        scene.create(CreateOrderRequest {
            idempotency: keyed("one-key"),
            ..from_hold(number, "hld_1", "")
        })
    });
    let replies = futures_util::future::join_all(calls).await;
    let replies: Vec<_> = replies.into_iter().map(Result::unwrap).collect();
    let first = replies.iter().filter(|reply| !reply.replayed);
    assert_eq!(first.count(), 1);
    for reply in &replies {
        assert_eq!(reply.order, replies[0].order);
    }
    let mut other = from_hold(1, "hld_1", "");
    other.idempotency = keyed("one-key");
    other.idempotency.as_mut().expect("given").fingerprint = b"other".to_vec();
    assert_eq!(scene.create(other).await, Err(Code::IdempotencyKeyReused));
}

#[tokio::test]
async fn orders_from_holds_are_refused_before_the_hold_is_touched() {
    let scene = Scene::new(2).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    scene.flights.hold_for("acc_2", "hld_2", SOON);
    type Spoil = fn(&mut CreateOrderRequest);
    let cases: [(Code, Spoil); 7] = [
        (Code::NotFound, |r| r.hold_id = "hld_2".to_owned()),
        (Code::NotFound, |r| r.hold_id = "hld_none".to_owned()),
        (Code::InvalidParameter, |r| r.hold_id.clear()),
        (Code::InvalidParameter, |r| r.offer_id = "off_1".to_owned()),
        (Code::InvalidParameter, |r| {
            r.passengers = samples::passengers()
        }),
        (Code::PassengersMismatch, |r| {
            r.passengers.push(r.passengers[0].clone());
        }),
        (Code::PassengersMismatch, |r| {
            r.passengers[0].born_on = "2020-01-01".to_owned();
        }),
    ];
    for (code, spoil) in cases {
        let mut request = from_hold(1, "hld_1", "");
        spoil(&mut request);
        assert_eq!(scene.create(request).await, Err(code));
        assert_eq!(scene.flights.hold("hld_1").expires_at_us, SOON);
    }
    assert_eq!(scene.key("createOrder", "create-1").await, None);
    let good = scene.create(from_hold(1, "hld_1", "")).await;
    assert!(good.expect("nothing was lost").settled);
}

#[tokio::test]
async fn hold_that_is_over_is_not_ordered() {
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    scene.flights.expire("hld_1");
    let refused = scene.create(from_hold(1, "hld_1", "")).await;
    assert_eq!(refused, Err(Code::HoldExpired));
}

#[tokio::test]
async fn order_to_be_paid_later_keeps_the_hold_until_its_time_limit() {
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    let later = CreateOrderRequest {
        r#type: OrderType::Hold.into(),
        payment: None,
        ..from_hold(1, "hld_1", "")
    };
    let reply = scene.create(later).await.expect("its seats are held");
    let order = reply.order.expect("an order");
    let limit = NOW + 2 * DAY_US;
    assert_eq!(order.payment_required_by_us, Some(limit));
    let hold = scene.flights.hold("hld_1");
    assert_eq!(hold.expires_at_us, limit + HOLD_GRACE_US);
    assert_eq!(
        scene.pay("ord_1", OVER_LIMIT, NOW).await,
        Err(Code::CreditLimitExceeded)
    );
    assert_eq!(scene.order("ord_1", NOW).await.status(), OrderStatus::Held);
    assert_eq!(
        scene.pay("ord_1", "tok_visa", limit).await,
        Err(Code::TimeLimitPassed)
    );
    let paid = scene.pay("ord_1", "tok_visa", limit - 1).await;
    let order = paid.expect("in time").order.expect("an order");
    assert_eq!(order.status(), OrderStatus::Ticketed);
    assert_eq!(scene.flights.count(HoldState::Consumed), 1);
}

#[tokio::test]
async fn order_that_fails_gives_the_hold_back_for_sale() {
    let scene = Scene::new(1).await;
    scene.flights.hold_for("acc_1", "hld_1", SOON);
    let request = || from_hold(1, "hld_1", OVER_LIMIT);
    for _ in 0..2 {
        assert_eq!(
            scene.create(request()).await,
            Err(Code::CreditLimitExceeded)
        );
    }
    let failed = scene.order("ord_1", NOW).await;
    assert_eq!(failed.failure_code, "credit_limit_exceeded");
    assert_eq!(scene.flights.count(HoldState::Released), 1);
    assert!(
        scene
            .create(instant(2, "tok_visa"))
            .await
            .expect("the seat is free")
            .settled
    );
}

async fn found(scene: &Scene, request: ListOrdersRequest) -> Vec<String> {
    let listed = scene.booking.list_orders(request).await.expect("a list");
    listed.orders.into_iter().map(|order| order.id).collect()
}

#[tokio::test]
async fn orders_are_found_by_locator_and_name_by_flight_and_by_account() {
    let scene = Scene::new(9).await;
    for number in 1..=3 {
        scene.create(hold(number)).await.expect("there are seats");
    }
    let mut other = hold(4);
    other.context.as_mut().expect("given").account_id = "acc_2".to_owned();
    scene.create(other).await.expect("there are seats");
    let locator = scene.order("ord_2", NOW).await.locator;
    let platform = || {
        Some(Context {
            account_id: String::new(),
            ..at(NOW).expect("some")
        })
    };
    let by_name = |context, locator: &str, name: &str| ListOrdersRequest {
        context,
        locator: locator.to_owned(),
        family_name: name.to_owned(),
        ..ListOrdersRequest::default()
    };
    for (locator, name, expected) in [
        (locator.clone(), "Earhart", vec!["ord_2"]),
        (locator.to_lowercase(), "EARHART", vec!["ord_2"]),
        (locator.clone(), "", vec!["ord_2"]),
        (locator.clone(), "Ear", vec![]),
        (locator.clone(), "Lindbergh", vec![]),
        ("ZZZZZZ".to_owned(), "Earhart", vec![]),
    ] {
        let own = found(&scene, by_name(at(NOW), &locator, name)).await;
        assert_eq!(own, expected, "{locator} {name}");
        let all = found(&scene, by_name(platform(), &locator, name)).await;
        assert_eq!(all, expected, "{locator} {name}");
    }
    let theirs = scene.order("ord_1", NOW).await.locator;
    let mut stranger = by_name(at(NOW), &theirs, "Earhart");
    stranger.context.as_mut().expect("given").account_id = "acc_2".to_owned();
    assert!(found(&scene, stranger).await.is_empty());
    let nameless = scene.booking.list_orders(by_name(at(NOW), "", "Earhart"));
    assert!(nameless.await.is_err(), "a name alone finds nobody");

    let on = |context, number, date: &str, account_id: &str| ListOrdersRequest {
        context,
        flight: Some(FlightDate {
            carrier: "LH".to_owned(),
            number,
            date: date.to_owned(),
            origin: "FRA".to_owned(),
            destination: "JFK".to_owned(),
        }),
        account_id: account_id.to_owned(),
        ..ListOrdersRequest::default()
    };
    let day = "2027-04-10";
    let all = ["ord_4", "ord_3", "ord_2", "ord_1"];
    assert_eq!(found(&scene, on(platform(), 400, day, "")).await, all);
    assert_eq!(
        found(&scene, on(platform(), 400, day, "acc_2")).await,
        all[..1]
    );
    assert_eq!(found(&scene, on(at(NOW), 400, day, "")).await, all[1..]);
    let elsewhere = found(&scene, on(at(NOW), 400, day, "acc_2")).await;
    assert_eq!(elsewhere, all[1..], "an account has no other's");
    for (number, date) in [(401, day), (400, "2027-04-11")] {
        assert!(
            found(&scene, on(platform(), number, date, ""))
                .await
                .is_empty()
        );
    }
    let held = ListOrdersRequest {
        statuses: vec![OrderStatus::Held.into()],
        ..on(platform(), 400, day, "")
    };
    assert_eq!(found(&scene, held).await.len(), 4);
    let later = Some(Context {
        now_us: NOW + 2 * DAY_US + HOUR_US,
        ..platform().expect("some")
    });
    let expired = ListOrdersRequest {
        statuses: vec![OrderStatus::Expired.into()],
        ..on(later, 400, day, "acc_1")
    };
    assert_eq!(found(&scene, expired).await, all[1..]);
}
