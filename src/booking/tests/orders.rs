//! Ordering through the whole service: one effect a key, one sale an offer, and every way a payment can end.

use super::neighbours::{Cut, NEVER, answered};
use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::platform::status::{code_of, metadata_of};
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::Idempotency;
use crate::rpc::events::v1::Envelope;
use crate::rpc::flights::v1::HoldState;

#[tokio::test]
async fn instant_order_is_ticketed_and_every_repeat_gets_the_first_answer() {
    let mut scene = Scene::new(5).await;
    let first = scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    assert!(first.settled && !first.replayed);
    let order = first.order.clone().expect("an order");
    assert_eq!(order.status(), OrderStatus::Ticketed);
    assert_eq!(order.payment_status(), PaymentStatus::Paid);
    assert_eq!((order.locator.len(), order.tickets.len()), (6, 2));
    assert_eq!(order.amount_due, Some(samples::eur(0)));
    assert_eq!(scene.flights.count(HoldState::Consumed), 1);

    // A repeat needs neither flights nor an offer that still stands, and survives a restart.
    scene.flights.offers.lock().expect("no panic").clear();
    scene.crash().await;
    let again = scene.create(CreateOrderRequest {
        order_id: "ord_other".into(),
        ..instant(1, "tok_visa")
    });
    assert_eq!(
        again.await,
        Ok(OrderReply {
            replayed: true,
            ..first
        })
    );
    let other = CreateOrderRequest {
        idempotency: Some(Idempotency {
            key: "create-1".into(),
            fingerprint: vec![9],
        }),
        ..instant(1, "tok_visa")
    };
    assert_eq!(scene.create(other).await, Err(Code::IdempotencyKeyReused));
    scene.quiet().await;
    assert_eq!(
        scene.billing.kinds("ord_1"),
        ["order.created", "order.confirmed", "order.ticketed"]
    );
    assert_eq!(
        scene.billing.kinds("pay_1"),
        ["payment.requested", "payment.capture_requested"]
    );
    let record = scene.key("createOrder", "create-1").await.expect("kept");
    assert_eq!(
        (record.state.as_str(), record.resource_id.as_str()),
        ("succeeded", "ord_1")
    );
}

#[tokio::test]
async fn concurrent_duplicates_have_one_effect_and_one_answer() {
    let scene = Scene::new(5).await;
    let calls = (0..16).map(|number| {
        let request = instant(1, "tok_visa");
        scene.create(CreateOrderRequest {
            order_id: format!("ord_{number}x"),
            ..request
        })
    });
    let replies = futures_util::future::join_all(calls).await;
    let orders: Vec<Order> = replies
        .iter()
        .map(|reply| reply.clone().expect("all succeed").order.expect("an order"))
        .collect();
    assert!(orders.iter().all(|order| *order == orders[0]));
    assert_eq!(
        replies
            .iter()
            .filter(|reply| reply.as_ref().is_ok_and(|r| !r.replayed))
            .count(),
        1
    );
    assert_eq!(scene.flights.count(HoldState::Consumed), 1);
    assert_eq!(scene.billing.kinds("pay_1").len(), 2);
}

#[tokio::test]
async fn an_offer_is_sold_once_and_only_its_buyer_learns_by_which_order() {
    let scene = Scene::new(5).await;
    let first = CreateOrderRequest {
        offer_id: "off_1".into(),
        ..hold(1)
    };
    scene.create(first).await.expect("there are seats");
    for (account, told) in [("acc_1", Some("ord_1")), ("acc_2", None)] {
        let mut second = CreateOrderRequest {
            offer_id: "off_1".into(),
            ..hold(2)
        };
        second.context.as_mut().expect("given").account_id = account.to_owned();
        let refused = Orders::create_order(&scene.booking, tonic::Request::new(second)).await;
        let status = refused.expect_err("sold");
        assert_eq!(code_of(&status), Code::OfferAlreadyBooked);
        assert_eq!(
            metadata_of(&status).get("order_id").map(String::as_str),
            told
        );
    }
    assert_eq!(
        scene.key("createOrder", "create-2").await,
        None,
        "a refusal leaves no trace"
    );
}

#[tokio::test]
async fn order_without_seats_fails_for_good_and_frees_its_offer() {
    let scene = Scene::new(0).await;
    assert_eq!(
        scene.create(instant(1, "tok_visa")).await,
        Err(Code::SeatsUnavailable)
    );
    scene
        .flights
        .seats
        .store(1, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(
        scene.create(instant(1, "tok_visa")).await,
        Err(Code::SeatsUnavailable),
        "the first answer"
    );
    assert_eq!(
        scene.order("ord_1", NOW).await.status(),
        OrderStatus::Failed
    );
    let record = scene.key("createOrder", "create-1").await.expect("kept");
    assert_eq!(
        (record.state.as_str(), record.failure_code.as_str()),
        ("failed", "seats_unavailable")
    );

    let again = CreateOrderRequest {
        offer_id: "off_1".into(),
        ..instant(2, "tok_visa")
    };
    assert!(
        scene
            .create(again)
            .await
            .expect("the offer is free")
            .settled
    );
    scene.quiet().await;
    assert_eq!(
        scene.billing.kinds("ord_1"),
        ["order.created", "order.failed"]
    );
    assert!(
        scene.billing.kinds("pay_1").is_empty(),
        "money is not asked for without seats"
    );
}

#[tokio::test]
async fn failed_payments_give_the_seats_back() {
    let scene = Scene::new(1).await;
    for (number, token, state) in [
        (1, "tok_declined", HoldState::Released),
        (2, "tok_capture_fails", HoldState::Returned),
    ] {
        assert_eq!(
            scene.create(instant(number, token)).await,
            Err(Code::PaymentDeclined)
        );
        assert_eq!(scene.flights.count(state), 1, "{token}");
        assert_eq!(scene.flights.count(HoldState::Active), 0);
    }
    assert!(
        scene
            .create(instant(3, "tok_visa"))
            .await
            .expect("the one seat is free")
            .settled
    );
}

#[tokio::test]
async fn unknown_outcome_is_told_at_once_and_settles_when_it_is_known() {
    let scene = Scene::new(1).await;
    let reply = scene
        .create(instant(1, "tok_unknown"))
        .await
        .expect("accepted");
    assert!(!reply.settled);
    assert_eq!(
        reply.order.expect("an order").payment_status(),
        PaymentStatus::Unknown
    );
    let record = scene.key("createOrder", "create-1").await.expect("kept");
    assert_eq!(record.state, "in_progress");
    scene.quiet().await;

    let cause = Envelope {
        id: "reconciled".into(),
        world: "wld_test".into(),
        ..Envelope::default()
    };
    let answer = answered(&cause, "pay_1", "ord_1", "captured");
    scene.bus.publish(&answer).await.expect("taken");
    let reply = scene
        .create(instant(1, "tok_unknown"))
        .await
        .expect("accepted");
    assert!(reply.settled && reply.replayed);
    assert_eq!(
        reply.order.expect("an order").status(),
        OrderStatus::Ticketed
    );
}

#[tokio::test]
async fn nothing_is_recorded_while_flights_is_away_before_acceptance() {
    let scene = Scene::new(1).await;
    scene.flights.cut_after(-1, Cut::Before);
    assert_eq!(
        scene.create(instant(1, "tok_visa")).await,
        Err(Code::DependencyUnavailable)
    );
    assert_eq!(scene.key("createOrder", "create-1").await, None);
    scene.flights.cut_after(NEVER, Cut::Before);
    assert!(
        scene
            .create(instant(1, "tok_visa"))
            .await
            .expect("the same key is free")
            .settled
    );
}
