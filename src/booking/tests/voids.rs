//! Voiding tickets through the whole service: once, whoever else wants the order ended, and to the end after a crash.

use super::neighbours::{Cut, NEVER};
use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::kernel::clock::DAY_US;
use crate::rpc::booking::v1::*;
use crate::rpc::flights::v1::HoldState;

async fn ticketed() -> Scene {
    let scene = Scene::new(1).await;
    let reply = scene.create(instant(1, "tok_visa")).await;
    let order = reply.expect("there are seats").order.expect("an order");
    assert_eq!(order.available_actions, ["cancel", "update", "void"]);
    assert_eq!(order.void_until_us, Some(NOW + DAY_US));
    scene
}

#[tokio::test]
async fn voided_tickets_give_seats_and_all_the_money_back_once() {
    let scene = ticketed().await;
    let first = scene.void("void", NOW + DAY_US - 1).await.expect("in time");
    let order = first.order.clone().expect("an order");
    assert!(first.settled && !first.replayed);
    assert_eq!(order.status(), OrderStatus::Cancelled);
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
    assert_eq!(order.refunds[0].amount, Some(samples::eur(38_234)));
    assert!(order.available_actions.is_empty() && order.void_until_us.is_none());
    for ticket in &order.tickets {
        assert_eq!(ticket.status, "void");
        assert!(ticket.coupons.iter().all(|coupon| coupon.status == "void"));
    }
    assert_eq!(scene.flights.count(HoldState::Returned), 1);

    let again = scene.void("void", NOW + 9 * DAY_US).await;
    assert_eq!(
        again,
        Ok(OrderReply {
            replayed: true,
            ..first
        })
    );
    assert_eq!(scene.void("other", NOW).await, Err(Code::InvalidState));
    scene.quiet().await;
    let asked = scene.billing.kinds("pay_1");
    let refunds = asked.iter().filter(|kind| *kind == "refund.requested");
    assert_eq!(refunds.count(), 1);
    assert_eq!(
        scene.billing.kinds("ord_1").last().map(String::as_str),
        Some("order.voided")
    );
    let record = scene.key("voidOrder", "void").await.expect("kept");
    assert_eq!(
        (record.state.as_str(), record.resource_id.as_str()),
        ("succeeded", "ord_1")
    );
}

#[tokio::test]
async fn void_is_refused_after_its_window_and_before_there_are_tickets() {
    let scene = ticketed().await;
    let late = scene.order("ord_1", NOW + DAY_US).await;
    assert_eq!(late.available_actions, ["cancel", "update"]);
    assert_eq!(
        scene.void("void", NOW + DAY_US).await,
        Err(Code::VoidWindowClosed)
    );
    assert_eq!(scene.key("voidOrder", "void").await, None);

    let scene = Scene::new(1).await;
    assert_eq!(scene.void("void", NOW).await, Err(Code::NotFound));
    scene.create(hold(1)).await.expect("there are seats");
    assert_eq!(scene.void("void", NOW).await, Err(Code::InvalidState));
    let mut request = VoidOrderRequest {
        context: at(NOW),
        order_id: "ord_1".to_owned(),
        ..VoidOrderRequest::default()
    };
    request.context.as_mut().expect("given").account_id = "acc_2".to_owned();
    assert!(matches!(
        scene.booking.void_order(request).await,
        Err(crate::booking::Error::NotFound(_))
    ));
}

#[tokio::test]
async fn of_a_void_and_a_cancellation_at_once_one_ends_the_order() {
    for _ in 0..4 {
        let scene = ticketed().await;
        scene.quote("ocn_1", "ord_1").await.expect("quoted");
        let (voided, cancelled) = tokio::join!(scene.void("void", NOW), scene.confirm("ocn_1"));
        assert!(voided.is_ok() != cancelled.is_ok());
        let refused = voided.err().or(cancelled.err());
        assert_eq!(refused, Some(Code::InvalidState));
        assert_eq!(scene.order("ord_1", NOW).await.refunds.len(), 1);
        assert_eq!(scene.flights.count(HoldState::Returned), 1);
    }
}

#[tokio::test]
async fn void_goes_on_after_a_crash() {
    for cut in [Cut::Before, Cut::After] {
        let mut scene = ticketed().await;
        scene.flights.cut_after(0, cut);
        let request = VoidOrderRequest {
            context: at(NOW),
            idempotency: keyed("void"),
            order_id: "ord_1".to_owned(),
            wait_ms: 0,
        };
        let reply = scene.booking.void_order(request).await.expect("accepted");
        assert!(!reply.settled);
        scene.crash().await;
        scene.flights.cut_after(NEVER, Cut::Before);
        scene.booking.resume().await.expect("the store reads");
        let reply = scene.void("void", NOW).await.expect("voided");
        assert!(reply.settled && reply.replayed);
        assert_eq!(scene.flights.count(HoldState::Returned), 1, "{cut:?}");
    }
}
