//! `/partner/v1/orders/{order_id}/tickets` and `…/void`.

use serde_json::json;

use super::agent::{
    advance, agency, card, credit, later, limit_credit, partner, read, renewed, sold, ticket, void,
};
use crate::support::{eventually, trials};

trials![
    an_order_is_ticketed_once,
    a_payment_that_fails_leaves_the_order_held,
    after_the_time_limit_it_is_too_late,
    an_order_is_void_in_its_window,
    after_the_window_nothing_is_voided,
    what_takes_longer_is_202,
    what_is_of_another_agency_is_not_ticketed_and_not_voided,
];

async fn an_order_is_ticketed_once() {
    let (_app, account) = agency().await;
    let held = sold(&account, later(), "order").await;
    let id = held.text("/id");
    let mut wrong = credit();
    wrong["amount"] = json!({"amount": 1, "currency": "GBP"});
    ticket(&account, id, wrong, "wrong")
        .await
        .refused(409, "amount_mismatch");
    let paid = ticket(&account, id, credit(), "pay").await.expect(201);
    assert_eq!(paid.text("/status"), "ticketed");
    assert_eq!(paid.text("/payments/0/method"), "agency_credit");
    assert_eq!(paid.header("Location"), format!("/partner/v1/orders/{id}"));
    let again = ticket(&account, id, credit(), "pay").await.expect(201);
    assert_eq!(again.body, paid.body);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    ticket(&account, id, card("tok_visa"), "pay")
        .await
        .refused(409, "idempotency_key_reused");
    ticket(&account, id, credit(), "twice")
        .await
        .refused(409, "invalid_state");
}

async fn a_payment_that_fails_leaves_the_order_held() {
    let (app, account) = agency().await;
    let held = sold(&account, later(), "order").await;
    let id = held.text("/id");
    ticket(&account, id, card("tok_declined"), "declined")
        .await
        .refused(402, "payment_declined");
    limit_credit(&app, &account, 100).await;
    ticket(&account, id, credit(), "too-dear")
        .await
        .refused(402, "credit_limit_exceeded");
    assert_eq!(read(&account, id).await.text("/status"), "held");
    let paid = ticket(&account, id, card("tok_visa"), "visa")
        .await
        .expect(201);
    assert_eq!(paid.text("/status"), "ticketed");
}

async fn after_the_time_limit_it_is_too_late() {
    let (app, account) = agency().await;
    let held = sold(&account, later(), "order").await;
    advance(&account, held.text("/ticketing_time_limit")).await;
    let account = renewed(&app, &account).await;
    ticket(&account, held.text("/id"), credit(), "late")
        .await
        .refused(410, "time_limit_passed");
}

async fn an_order_is_void_in_its_window() {
    let (app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    let id = order.text("/id");
    assert_eq!(app.seats(&account).await, (1, 0));
    let voided = void(&account, id, "void").await.expect(200);
    assert_eq!(voided.text("/status"), "cancelled");
    assert_eq!(voided.text("/payment_status"), "refunded");
    assert_eq!(voided.text("/tickets/0/status"), "void");
    assert_eq!(voided.text("/tickets/0/coupons/0/status"), "void");
    assert_eq!(voided.text("/segment_statuses/0/status"), "XX");
    assert_eq!(voided.body["available_actions"], json!([]));
    assert_eq!(
        voided.body["refunds"][0]["amount"],
        order.body["price"]["total"]
    );
    assert_eq!(app.seats(&account).await, (0, 0));
    let again = void(&account, id, "void").await.expect(200);
    assert_eq!(again.body, voided.body);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    void(&account, id, "twice")
        .await
        .refused(409, "invalid_state");
    let held = sold(&account, later(), "held").await;
    void(&account, held.text("/id"), "void")
        .await
        .refused(409, "idempotency_key_reused");
    void(&account, held.text("/id"), "no-tickets")
        .await
        .refused(409, "invalid_state");
}

async fn after_the_window_nothing_is_voided() {
    let (app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    advance(&account, order.text("/void_until")).await;
    let account = renewed(&app, &account).await;
    void(&account, order.text("/id"), "late")
        .await
        .refused(409, "void_window_closed");
    let read = read(&account, order.text("/id")).await;
    assert_eq!(read.body["available_actions"], json!(["cancel"]));
}

async fn what_takes_longer_is_202() {
    let (_app, account) = agency().await;
    let held = sold(&account, later(), "order").await;
    let id = held.text("/id");
    let unknown = ticket(&account, id, card("tok_unknown"), "unknown")
        .header("Prefer", "wait=1")
        .await
        .expect(202);
    assert_eq!(
        unknown.header("Location"),
        format!("/partner/v1/orders/{id}")
    );
    assert_eq!(unknown.text("/payment_status"), "unknown");
    let ticketed = sold(&account, card("tok_visa"), "another").await;
    let id = ticketed.text("/id");
    let accepted = void(&account, id, "void").header("Prefer", "respond-async");
    let accepted = accepted.await.expect(202);
    assert_eq!(
        accepted.header("Location"),
        format!("/partner/v1/orders/{id}")
    );
    eventually("the refund", async || {
        let now = read(&account, id).await;
        (now.text("/payment_status") == "refunded").then_some(())
    })
    .await;
}

async fn what_is_of_another_agency_is_not_ticketed_and_not_voided() {
    let (app, account) = agency().await;
    let neighbour = app.party_in(partner(), &account.world).await;
    let held = sold(&account, later(), "held").await;
    let ticketed = sold(&account, credit(), "ticketed").await;
    ticket(&neighbour, held.text("/id"), credit(), "theirs")
        .await
        .refused(404, "not_found");
    void(&neighbour, ticketed.text("/id"), "theirs")
        .await
        .refused(404, "not_found");
    assert_eq!(read(&account, held.text("/id")).await.body, held.body);
    assert_eq!(
        read(&account, ticketed.text("/id")).await.body,
        ticketed.body
    );
}
