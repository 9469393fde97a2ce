//! `/public/v2/orders/{order_id}/payments`.

use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::app::App;
use crate::support::traveller::ORDERS;
use crate::support::trials;

trials![
    a_held_order_is_paid_and_ticketed,
    a_declined_payment_leaves_the_order_held,
    an_unknown_outcome_keeps_the_seats,
    only_what_is_due_can_be_paid,
    what_is_paid_is_not_paid_again,
];

async fn a_held_order_is_paid_and_ticketed() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let paid = account
        .pay(held.text("/id"), "tok_visa", "pay")
        .await
        .expect(201);
    assert_json_snapshot!("order_paid", paid.masked());
    assert_eq!(
        paid.body["locator"], held.body["locator"],
        "the airline knows it by the same locator"
    );
    assert_eq!(paid.body["price"], held.body["price"]);
    // After the time to pay, and long after, it stays as it is.
    account.advance("2027-03-10T00:00:00Z").await;
    assert_eq!(account.read(held.text("/id")).await.body, paid.body);
}

async fn a_declined_payment_leaves_the_order_held() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let id = held.text("/id");
    account
        .pay(id, "tok_insufficient_funds", "first")
        .await
        .refused(402, "payment_declined");
    let still = account.read(id).await;
    assert_eq!(
        (still.text("/status"), still.text("/payment_status")),
        ("held", "unpaid")
    );
    assert_eq!(
        still.body["available_actions"],
        json!(["pay", "cancel", "update"])
    );
    let paid = account.pay(id, "tok_visa", "second").await.expect(201);
    let statuses: Vec<_> = paid.body["payments"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|payment| &payment["status"])
        .collect();
    assert_eq!(statuses, ["declined", "captured"]);
}

async fn an_unknown_outcome_keeps_the_seats() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let id = held.text("/id");
    let pending = account
        .pay(id, "tok_unknown", "pay")
        .header("Prefer", "wait=1")
        .await
        .expect(202);
    assert_eq!(pending.text("/payment_status"), "unknown");
    // While it is not known, it is not paid again and not cancelled.
    account
        .pay(id, "tok_visa", "again")
        .await
        .refused(409, "invalid_state");
    account
        .client
        .post("/public/v2/order-cancellations", &json!({ "order_id": id }))
        .await
        .refused(409, "invalid_state");
    account.advance("2027-03-01T09:05:00Z").await;
    let settled = account.read_as(id, "ticketed").await;
    assert_eq!(settled.text("/payment_status"), "paid");
}

async fn only_what_is_due_can_be_paid() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    let id = held.text("/id");
    let due = &held.body["amount_due"];
    let pay = |amount: i64, key: &str| {
        let body = json!({"payment": {"type": "card", "token": "tok_visa", "amount": {"amount": amount, "currency": due["currency"]}}});
        account
            .client
            .post(format!("{ORDERS}/{id}/payments"), &body)
            .key(key)
    };
    let amount = due["amount"].as_i64().expect("an amount");
    pay(amount - 1, "less")
        .await
        .refused(409, "amount_mismatch");
    pay(amount + 1, "more")
        .await
        .refused(409, "amount_mismatch");
    let paid = pay(amount, "right").await.expect(201);
    assert_eq!(paid.body["amount_due"]["amount"], 0);
}

async fn what_is_paid_is_not_paid_again() {
    let account = App::shared().await.account().await;
    let paid = account.ticketed("order").await;
    account
        .pay(paid.text("/id"), "tok_visa", "again")
        .await
        .refused(409, "invalid_state");
    assert_eq!(
        account.read(paid.text("/id")).await.body["payments"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );
}
