//! Orders after they were made: paid late, let expire, cancelled.

use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::kernel::clock::DAY_US;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::Page;
use crate::rpc::flights::v1::HoldState;

#[tokio::test]
async fn held_order_is_paid_at_the_second_try() {
    let scene = Scene::new(1).await;
    let held = scene
        .create(hold(1))
        .await
        .expect("there are seats")
        .order
        .expect("an order");
    assert_eq!(held.status(), OrderStatus::Held);
    assert_eq!(
        (held.locator.len(), held.amount_due),
        (6, Some(samples::eur(38_234)))
    );
    assert_eq!(held.available_actions, ["pay", "cancel", "update"]);
    assert_eq!(
        scene.pay("ord_1", "tok_declined", NOW).await,
        Err(Code::PaymentDeclined)
    );
    assert_eq!(scene.order("ord_1", NOW).await.status(), OrderStatus::Held);
    let paid = scene.pay("ord_1", "tok_visa", NOW).await.expect("paid");
    let order = paid.order.expect("an order");
    assert_eq!(
        (order.status(), order.locator),
        (OrderStatus::Ticketed, held.locator)
    );
    assert_eq!(
        scene.pay("ord_1", "tok_declined", NOW).await,
        Err(Code::PaymentDeclined),
        "replayed"
    );
    assert_eq!(
        scene.pay("ord_1", "tok_other", NOW).await,
        Err(Code::InvalidState)
    );
    assert_eq!(
        scene.pay("ord_2", "tok_visa2", NOW).await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn unpaid_order_reads_as_expired_before_anybody_has_ended_it() {
    let scene = Scene::new(1).await;
    scene.create(hold(1)).await.expect("there are seats");
    let page = || Page {
        after: String::new(),
        limit: 10,
    };
    let later = NOW + 2 * DAY_US;
    let read = scene.order("ord_1", later).await;
    assert_eq!(
        (read.status(), read.available_actions.len()),
        (OrderStatus::Expired, 0)
    );
    assert_eq!(
        scene.list(OrderStatus::Expired, later, page()).await.0,
        ["ord_1"]
    );
    assert!(
        scene
            .list(OrderStatus::Held, later, page())
            .await
            .0
            .is_empty()
    );
    assert_eq!(
        scene.list(OrderStatus::Held, later - 1, page()).await.0,
        ["ord_1"]
    );
    assert_eq!(
        scene.pay("ord_1", "tok_visa", later).await,
        Err(Code::TimeLimitPassed)
    );

    for expired in [1, 0] {
        assert_eq!(scene.tick(later).await, expired);
    }
    scene.quiet().await;
    assert_eq!(scene.flights.count(HoldState::Released), 1);
    let kept = scene.order("ord_1", later).await;
    assert_eq!(
        kept.version, read.version,
        "ending it changes nothing that was seen"
    );
    assert_eq!(
        scene.billing.kinds("ord_1"),
        ["order.created", "order.held", "order.expired"]
    );
}

#[tokio::test]
async fn cancelled_order_gives_seats_and_money_back_once() {
    let scene = Scene::new(1).await;
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    assert_eq!(scene.quote("ocn_1", "ord_2").await, Err(Code::NotFound));
    let quote = scene.quote("ocn_1", "ord_1").await.expect("quoted");
    assert_eq!(quote.refund, Some(samples::eur(28_234)));
    let first = scene.confirm("ocn_1").await.expect("confirmed");
    let done = first.cancellation.clone().expect("one");
    assert_eq!(
        (done.status(), done.refund_status.as_str()),
        (CancellationStatus::Confirmed, "succeeded")
    );
    assert!(first.settled && !first.replayed);
    assert_eq!(
        scene.confirm("ocn_1").await,
        Ok(CancellationReply {
            replayed: true,
            ..first
        })
    );
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.status(), OrderStatus::Cancelled);
    assert_eq!(order.payment_status(), PaymentStatus::PartiallyRefunded);
    assert!(
        order
            .tickets
            .iter()
            .all(|ticket| ticket.status == "refunded")
    );
    assert_eq!(scene.flights.count(HoldState::Returned), 1);
    scene.quiet().await;
    assert_eq!(
        scene.billing.kinds("pay_1").last().map(String::as_str),
        Some("refund.requested")
    );
    assert_eq!(scene.quote("ocn_2", "ord_1").await, Err(Code::InvalidState));
    let record = scene
        .key("confirmOrderCancellation", "ocn_1")
        .await
        .expect("kept");
    assert_eq!(
        (record.resource_type.as_str(), record.resource_id.as_str()),
        ("order_cancellation", "ocn_1")
    );
}
