//! `/partner/v1/orders`: make, find, read.

use serde_json::{Value, json};

use super::agent::{
    ORDERS, advance, agency, card, credit, later, offer, order, order_of_offer, partner, read,
    renewed, sold,
};
use crate::support::app::Account;
use crate::support::client::Reply;
use crate::support::trials;

trials![
    an_order_on_credit_is_ticketed_at_once,
    an_order_by_card_is_paid_or_refused,
    an_order_that_is_paid_later_has_a_ticketing_time_limit,
    a_locator_needs_the_surname_with_it,
    orders_are_listed_page_by_page,
    an_order_is_read_again_only_when_it_has_changed,
    another_agency_and_a_developer_see_no_order,
];

async fn an_order_on_credit_is_ticketed_at_once() {
    let (_app, account) = agency().await;
    let offer = offer(&account).await;
    let wanted = order_of_offer(&offer, credit());
    let made = order(&account, &wanted, "key").await.expect(201);
    assert_eq!(made.text("/status"), "ticketed");
    assert_eq!(made.text("/payment_status"), "paid");
    assert_eq!(made.text("/payments/0/method"), "agency_credit");
    assert_eq!(made.text("/tickets/0/coupons/0/status"), "open");
    assert_eq!(made.body["available_actions"], json!(["cancel", "void"]));
    assert!(made.body["void_until"].is_string());
    let again = order(&account, &wanted, "key").await.expect(201);
    assert_eq!(again.body, made.body);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    order(&account, &wanted, "another")
        .await
        .refused(409, "offer_already_booked");
    order(&account, &order_of_offer(&offer, later()), "key")
        .await
        .refused(409, "idempotency_key_reused");
    let mut dear = order_of_offer(&super::agent::offer(&account).await, credit());
    dear["payment"]["amount"] = json!({"amount": 1, "currency": "GBP"});
    order(&account, &dear, "dear")
        .await
        .refused(409, "amount_mismatch");
}

async fn an_order_by_card_is_paid_or_refused() {
    let (_app, account) = agency().await;
    let paid = sold(&account, card("tok_visa"), "visa").await;
    assert_eq!(paid.text("/payments/0/method"), "card");
    assert_eq!(paid.text("/status"), "ticketed");
    let offer = offer(&account).await;
    let declined = order(
        &account,
        &order_of_offer(&offer, card("tok_declined")),
        "declined",
    )
    .await;
    let declined = declined.refused(402, "payment_declined");
    let failed = read(&account, declined.text("/order_id")).await;
    assert_eq!(failed.text("/status"), "failed");
    assert_eq!(failed.text("/segment_statuses/0/status"), "XX");
    let offer = super::agent::offer(&account).await;
    let unknown = order(
        &account,
        &order_of_offer(&offer, card("tok_unknown")),
        "unknown",
    )
    .header("Prefer", "wait=1")
    .await
    .expect(202);
    assert_eq!(unknown.text("/payment_status"), "unknown");
    assert_eq!(unknown.text("/segment_statuses/0/status"), "HN");
}

async fn an_order_that_is_paid_later_has_a_ticketing_time_limit() {
    let (app, account) = agency().await;
    let held = sold(&account, later(), "later").await;
    assert_eq!(held.text("/status"), "held");
    assert_eq!(held.body["available_actions"], json!(["ticket", "cancel"]));
    let limit = held.text("/ticketing_time_limit").to_owned();
    advance(&account, &limit).await;
    let account = renewed(&app, &account).await;
    let expired = read(&account, held.text("/id")).await;
    assert_eq!(expired.text("/status"), "expired");
    assert_eq!(expired.text("/segment_statuses/0/status"), "XX");
}

async fn find(account: &Account, query: &str) -> Reply {
    account.client.get(format!("{ORDERS}?{query}")).await
}

fn ids(list: &Reply) -> Vec<Value> {
    let data = list.body["data"].as_array().expect("a list");
    data.iter().map(|order| order["id"].clone()).collect()
}

async fn a_locator_needs_the_surname_with_it() {
    let (app, account) = agency().await;
    let made = sold(&account, credit(), "key").await;
    sold(&account, credit(), "another").await;
    let locator = made.text("/locator");
    for surname in ["Earhart", "EARHART", "earhart"] {
        let found = find(&account, &format!("locator={locator}&surname={surname}")).await;
        assert_eq!(ids(&found.expect(200)), [made.body["id"].clone()]);
    }
    let wrong = find(&account, &format!("locator={locator}&surname=Coleman")).await;
    assert!(ids(&wrong.expect(200)).is_empty());
    let none = find(&account, "locator=222222&surname=Earhart").await;
    assert!(ids(&none.expect(200)).is_empty());
    let alone = find(&account, &format!("locator={locator}")).await;
    let refused = alone.refused(400, "invalid_parameter");
    assert_eq!(refused.text("/errors/0/parameter"), "surname");
    let alone = find(&account, "surname=Earhart").await;
    let refused = alone.refused(400, "invalid_parameter");
    assert_eq!(refused.text("/errors/0/parameter"), "locator");
    // What another agency has sold is found by nobody else, whatever they know.
    let neighbour = app.party_in(partner(), &account.world).await;
    let theirs = find(&neighbour, &format!("locator={locator}&surname=Earhart")).await;
    assert!(ids(&theirs.expect(200)).is_empty());
}

async fn orders_are_listed_page_by_page() {
    let (_app, account) = agency().await;
    let mut made = Vec::new();
    for (number, payment) in [credit(), later(), credit()].into_iter().enumerate() {
        made.push(sold(&account, payment, &format!("{number}")).await.body["id"].clone());
    }
    made.reverse();
    let first = find(&account, "limit=2").await.expect(200);
    assert_eq!(ids(&first), made[..2]);
    let cursor = first.text("/next_cursor");
    let link = format!("</partner/v1/orders?after={cursor}&limit=2>; rel=\"next\"");
    assert_eq!(first.header("Link"), link);
    let second = find(&account, &format!("limit=2&after={cursor}"))
        .await
        .expect(200);
    assert_eq!(ids(&second), made[2..]);
    assert_eq!(second.body["next_cursor"], Value::Null);
    let held = find(&account, "status=held").await.expect(200);
    assert_eq!(ids(&held), [made[1].clone()]);
}

async fn an_order_is_read_again_only_when_it_has_changed() {
    let (_app, account) = agency().await;
    let made = sold(&account, later(), "key").await;
    let target = format!("{ORDERS}/{}", made.text("/id"));
    let tag = made.header("ETag").to_owned();
    let call = account.client.get(&target).header("If-None-Match", &tag);
    call.await.expect(304);
    super::agent::ticket(&account, made.text("/id"), credit(), "pay")
        .await
        .expect(201);
    let call = account.client.get(&target).header("If-None-Match", &tag);
    assert_eq!(call.await.expect(200).text("/status"), "ticketed");
}

async fn another_agency_and_a_developer_see_no_order() {
    let (app, account) = agency().await;
    let made = sold(&account, credit(), "key").await;
    let target = format!("{ORDERS}/{}", made.text("/id"));
    let neighbour = app.party_in(partner(), &account.world).await;
    neighbour
        .client
        .get(&target)
        .await
        .refused(404, "not_found");
    app.party(partner())
        .await
        .client
        .get(&target)
        .await
        .refused(404, "not_found");
    // The same world's developer has a door of its own, and nothing of the agency's behind it.
    let developer = app.account_in(&account.world).await;
    let target = format!("/public/v2/orders/{}", made.text("/id"));
    developer
        .client
        .get(&target)
        .await
        .refused(404, "not_found");
    // And the agency sees nothing of the developer's.
    let theirs = developer.ticketed("order").await;
    account
        .client
        .get(format!("{ORDERS}/{}", theirs.text("/id")))
        .await
        .refused(404, "not_found");
}
