//! Services that are bought with an order, through the whole service: paid with it, kept when it is cancelled, given back when it is
//! voided or the airline has changed it, and in the way of changing it.

use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::booking::price::units;
use crate::platform::status::code_of;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::flights::v1::FlightStatus;

/// Services, and all that the order costs with them.
const SERVICES: i64 = 9_000;
const TOTAL: i64 = 47_234;

/// The sample offer, which may be changed, is priced with services; an instant order pays them.
async fn scene() -> (Scene, CreateOrderRequest) {
    let scene = Scene::new(2).await;
    {
        let mut offers = scene.flights.offers.lock().expect("no panic");
        let offer = offers.get_mut("off_1").expect("on sale");
        offer.conditions = samples::changeable().conditions;
        *offer = samples::with_services(offer.clone());
    }
    let request = CreateOrderRequest {
        payment: Some(PaymentInstruction {
            amount: Some(samples::eur(TOTAL)),
            ..by("pay_1", "tok_visa")
        }),
        ..instant(1, "tok_visa")
    };
    (scene, request)
}

async fn ticketed() -> Scene {
    let (scene, request) = scene().await;
    scene.create(request).await.expect("there are seats");
    scene
}

/// What billing was asked for of this kind of line, to take or to give back.
fn asked(scene: &Scene, kind: &str) -> Vec<i64> {
    let heard = scene.billing.heard.lock().expect("no panic");
    let lines = heard.iter().filter_map(|event| match event.data.as_ref()? {
        Data::CaptureRequested(asked) => Some((1, asked.lines.clone())),
        Data::RefundRequested(asked) => Some((-1, asked.lines.clone())),
        _ => None,
    });
    let of_kind = lines.map(|(sign, lines)| {
        let lines = lines.iter().filter(|line| line.kind == kind);
        sign * lines.map(units).sum::<i64>()
    });
    of_kind.collect()
}

#[tokio::test]
async fn services_are_paid_with_the_order_and_told_of_it() {
    let (scene, request) = scene().await;
    let less = CreateOrderRequest {
        payment: Some(by("pay_1", "tok_visa")),
        ..request.clone()
    };
    assert_eq!(scene.create(less).await, Err(Code::AmountMismatch));
    let first = scene.create(request.clone()).await.expect("all is paid");
    let order = first.order.clone().expect("an order");
    assert_eq!(order.status(), OrderStatus::Ticketed);
    assert_eq!(order.payments[0].amount, Some(samples::eur(TOTAL)));
    let offer = order.offer.expect("sold");
    let bought: Vec<_> = offer.services.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        bought,
        ["srv_bag", "srv_seat"],
        "nothing that was not bought"
    );
    assert!(offer.included_baggage.is_empty());
    assert_eq!(asked(&scene, "service"), [SERVICES]);
    let again = scene.create(request).await.expect("the same answer");
    assert!(again.replayed && again.order == first.order);
}

#[tokio::test]
async fn held_orders_owe_their_services_and_pay_them_later() {
    let (scene, request) = scene().await;
    let held = CreateOrderRequest {
        r#type: OrderType::Hold.into(),
        payment: None,
        ..request
    };
    let held = scene.create(held).await.expect("it may be held");
    let due = held.order.expect("an order").amount_due;
    assert_eq!(due, Some(samples::eur(TOTAL)));
    let less = scene.pay("ord_1", "tok_visa", NOW).await;
    assert_eq!(less, Err(Code::AmountMismatch));
    let request = PayOrderRequest {
        context: at(NOW),
        idempotency: keyed("all"),
        order_id: "ord_1".to_owned(),
        payment: Some(PaymentInstruction {
            amount: due,
            ..by("pay_1", "tok_visa")
        }),
        wait_ms: WAIT,
    };
    let paid = Orders::pay_order(&scene.booking, tonic::Request::new(request)).await;
    let paid = paid.expect("all is paid").into_inner().order;
    assert_eq!(paid.expect("an order").status(), OrderStatus::Ticketed);
    assert_eq!(asked(&scene, "service"), [SERVICES]);
}

#[tokio::test]
async fn cancelling_keeps_services_and_tells_line_by_line() {
    let scene = ticketed().await;
    let quote = scene.quote("ocn_1", "ord_1").await.expect("quoted");
    assert_eq!(quote.refund, Some(samples::eur(TOTAL - 10_000 - SERVICES)));
    assert_eq!(quote.penalty, Some(samples::eur(10_000 + SERVICES)));
    let amount = |money: &Option<_>| units_of(money);
    let lines: Vec<_> = quote
        .lines
        .iter()
        .map(|line| {
            let (paid, penalty) = (amount(&line.paid), amount(&line.penalty));
            assert_eq!(penalty + amount(&line.refund), paid);
            (line.kind.as_str(), line.code.as_str(), paid, penalty)
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("fare", "", 30_000, 10_000),
            ("surcharge", "YQ", 5_000, 0),
            ("tax", "RA", 2_000, 0),
            ("tax", "US", 1_234, 0),
            ("service", "BAG", 6_000, 6_000),
            ("service", "SEA", 3_000, 3_000),
        ]
    );
    let done = scene.confirm("ocn_1").await.expect("confirmed");
    assert_eq!(done.cancellation.expect("told").lines, quote.lines);
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.payment_status(), PaymentStatus::PartiallyRefunded);
    assert_eq!(order.refunds[0].amount, quote.refund);
    assert_eq!(asked(&scene, "service"), [SERVICES, 0]);
}

#[tokio::test]
async fn services_come_back_when_the_airline_changes_a_flight() {
    let scene = ticketed().await;
    scene.flights.change(400, FlightStatus::Cancelled, 0);
    scene.tick(NOW).await;
    let quote = scene.quote("ocn_1", "ord_1").await.expect("quoted");
    assert_eq!(quote.refund, Some(samples::eur(TOTAL)));
    assert!(quote.lines.iter().all(|line| line.refund == line.paid));
    scene.confirm("ocn_1").await.expect("confirmed");
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
    assert_eq!(asked(&scene, "service"), [SERVICES, -SERVICES]);
}

#[tokio::test]
async fn void_gives_services_back() {
    let scene = ticketed().await;
    let voided = scene.void("void", NOW).await.expect("in time").order;
    let voided = voided.expect("an order");
    assert_eq!(voided.payment_status(), PaymentStatus::Refunded);
    assert_eq!(voided.refunds[0].amount, Some(samples::eur(TOTAL)));
    assert_eq!(asked(&scene, "service"), [SERVICES, -SERVICES]);
}

#[tokio::test]
async fn a_capture_that_fails_leaves_nothing_of_the_services() {
    let (scene, request) = scene().await;
    let request = CreateOrderRequest {
        payment: Some(PaymentInstruction {
            amount: Some(samples::eur(TOTAL)),
            ..by("pay_1", "tok_capture_fails")
        }),
        ..request
    };
    assert_eq!(scene.create(request).await, Err(Code::PaymentDeclined));
    scene.quiet().await;
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.status(), OrderStatus::Failed);
    assert!(order.refunds.is_empty());
}

#[tokio::test]
async fn an_order_with_services_is_not_changed() {
    let scene = ticketed().await;
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.available_actions, ["cancel", "update", "void"]);
    let request = QuoteOrderChangeRequest {
        context: at(NOW),
        order_change_id: "och_1".to_owned(),
        order_id: "ord_1".to_owned(),
        offer_id: "off_2".to_owned(),
    };
    let refused = Orders::quote_order_change(&scene.booking, tonic::Request::new(request)).await;
    assert_eq!(
        refused.map_err(|status| code_of(&status)).err(),
        Some(Code::InvalidState)
    );
}

fn units_of(money: &Option<crate::rpc::common::v1::Money>) -> i64 {
    money.as_ref().map_or(0, |money| money.amount)
}
