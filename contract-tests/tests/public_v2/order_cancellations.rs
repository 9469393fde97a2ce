//! `/public/v2/order-cancellations`: quote, confirm, refund.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::traveller::{CANCELLATIONS, order_of, to_new_york};
use crate::support::{eventually, trials};

trials![
    a_ticketed_order_is_refunded_by_its_fare,
    a_held_order_is_let_go_without_money,
    fares_that_are_not_refundable_give_taxes_back,
    a_refund_may_be_waited_for_later,
    quotes_expire,
    an_order_is_cancelled_once,
    travelled_orders_cannot_be_cancelled,
];

async fn a_ticketed_order_is_refunded_by_its_fare() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    let id = order.text("/id");
    let quote = account.quote(id).await;
    assert_json_snapshot!("cancellation_quoted", quote.masked());
    assert_eq!(
        quote.header("Location"),
        format!("{CANCELLATIONS}/{}", quote.text("/id"))
    );
    assert_eq!(
        account.read(id).await.body,
        order.body,
        "a quote changes nothing"
    );
    let amount = |value: &Value| value["amount"].as_i64().unwrap_or(0);
    let (refund, penalty) = (
        amount(&quote.body["refund"]),
        amount(&quote.body["penalty"]),
    );
    assert_eq!(refund + penalty, amount(&order.body["price"]["total"]));
    assert_eq!(
        penalty,
        amount(&order.body["conditions"]["refund_before_departure"]["penalty"])
    );
    let confirmed = account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    assert_json_snapshot!("cancellation_confirmed", confirmed.masked());
    let read = account
        .client
        .get(format!("{CANCELLATIONS}/{}", quote.text("/id")))
        .await
        .expect(200);
    assert_eq!(read.body, confirmed.body);
    let cancelled = account.read(id).await;
    assert_json_snapshot!("order_cancelled", cancelled.masked());
    assert_eq!(amount(&cancelled.body["refunds"][0]["amount"]), refund);
}

async fn a_held_order_is_let_go_without_money() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let quote = account.quote(held.text("/id")).await;
    assert_eq!(
        (&quote.body["refund"], &quote.body["penalty"]),
        (&Value::Null, &Value::Null)
    );
    let confirmed = account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    assert_eq!(confirmed.text("/refund_status"), "none");
    let cancelled = account.read(held.text("/id")).await;
    assert_eq!(
        (cancelled.text("/status"), &cancelled.body["refunds"]),
        ("cancelled", &json!([]))
    );
    account
        .pay(held.text("/id"), "tok_visa", "pay")
        .await
        .refused(409, "invalid_state");
}

async fn fares_that_are_not_refundable_give_taxes_back() {
    let account = App::shared().await.account().await;
    let offers = account.offers(&to_new_york()).await;
    let strict =
        |offer: &&Value| offer["conditions"]["refund_before_departure"]["allowed"] == false;
    let offer = offers
        .iter()
        .find(strict)
        .expect("a fare that is not refundable");
    let order = account
        .order(&order_of(offer, Some("tok_visa")), "order")
        .await
        .expect(201);
    let quote = account.quote(order.text("/id")).await;
    let taxes: i64 = offer["price"]["taxes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|tax| tax["amount"]["amount"].as_i64())
        .sum();
    assert_eq!(quote.body["refund"]["amount"], taxes);
    account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    let cancelled = account.read(order.text("/id")).await;
    assert_eq!(cancelled.text("/payment_status"), "partially_refunded");
}

async fn a_refund_may_be_waited_for_later() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    let quote = account.quote(order.text("/id")).await;
    let call = account.confirm(quote.text("/id"), "cancel");
    let accepted = call.header("Prefer", "respond-async").await.expect(202);
    assert_eq!(accepted.text("/status"), "confirmed");
    assert_eq!(
        accepted.header("Location"),
        format!("{CANCELLATIONS}/{}", quote.text("/id"))
    );
    eventually("the refund", async || {
        let read = account
            .client
            .get(accepted.header("Location"))
            .await
            .expect(200);
        (read.text("/refund_status") == "succeeded").then_some(())
    })
    .await;
}

async fn quotes_expire() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    let quote = account.quote(order.text("/id")).await;
    assert_eq!(quote.text("/expires_at"), "2027-03-01T09:30:00Z");
    account.advance("2027-03-01T09:30:00Z").await;
    account
        .confirm(quote.text("/id"), "late")
        .await
        .refused(410, "quote_expired");
    let read = account
        .client
        .get(format!("{CANCELLATIONS}/{}", quote.text("/id")))
        .await
        .expect(200);
    assert_eq!(read.text("/status"), "expired");
    let next = account.quote(order.text("/id")).await;
    account
        .confirm(next.text("/id"), "in-time")
        .await
        .expect(200);
}

async fn an_order_is_cancelled_once() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    let (one, two) = (
        account.quote(order.text("/id")).await,
        account.quote(order.text("/id")).await,
    );
    account.confirm(one.text("/id"), "one").await.expect(200);
    account
        .confirm(one.text("/id"), "another-key")
        .await
        .refused(409, "invalid_state");
    account
        .confirm(two.text("/id"), "two")
        .await
        .refused(409, "invalid_state");
    account
        .client
        .post(CANCELLATIONS, &json!({"order_id": order.text("/id")}))
        .await
        .refused(409, "invalid_state");
    assert_eq!(
        account.read(order.text("/id")).await.body["refunds"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}

async fn travelled_orders_cannot_be_cancelled() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    account.advance("2027-03-17T00:00:00Z").await;
    let completed = account.read(order.text("/id")).await;
    assert_eq!(completed.text("/status"), "completed");
    account
        .client
        .post(CANCELLATIONS, &json!({"order_id": order.text("/id")}))
        .await
        .refused(409, "invalid_state");
}
