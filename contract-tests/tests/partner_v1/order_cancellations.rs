//! `/partner/v1/order-cancellations`: quote, confirm, refund to where the payment came from.

use serde_json::json;

use super::agent::{
    AGENCY, CANCELLATIONS, advance, agency, card, credit, partner, read, renewed, sold,
};
use crate::support::app::Account;
use crate::support::client::{Call, Reply};
use crate::support::{eventually, trials};

trials![
    a_refund_goes_back_to_the_credit,
    an_order_is_cancelled_once,
    a_quote_expires,
    what_takes_longer_is_202,
    another_agency_sees_no_quote,
];

async fn quote(account: &Account, order_id: &str) -> Reply {
    let asked = json!({ "order_id": order_id });
    account.client.post(CANCELLATIONS, &asked).await.expect(201)
}

fn confirm(account: &Account, quote: &Reply, key: &str) -> Call {
    let target = format!("{CANCELLATIONS}/{}/confirm", quote.text("/id"));
    account.client.post_empty(target).key(key)
}

async fn a_refund_goes_back_to_the_credit() {
    let (_app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    let quote = quote(&account, order.text("/id")).await;
    let confirmed = confirm(&account, &quote, "cancel").await.expect(200);
    assert_eq!(confirmed.text("/refund_status"), "succeeded");
    let again = confirm(&account, &quote, "cancel").await.expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    let target = format!("{CANCELLATIONS}/{}", quote.text("/id"));
    let seen = account.client.get(&target).await.expect(200);
    assert_eq!(seen.body, confirmed.body);
    let kept = quote.body["penalty"]["amount"].as_i64().unwrap_or(0);
    eventually("the credit is given back", async || {
        let now = account.client.get(AGENCY).await.expect(200);
        (now.body["credit_used"]["amount"] == kept).then_some(())
    })
    .await;
    assert_eq!(
        read(&account, order.text("/id")).await.text("/status"),
        "cancelled"
    );
}

async fn an_order_is_cancelled_once() {
    let (_app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    let quote = quote(&account, order.text("/id")).await;
    confirm(&account, &quote, "one").await.expect(200);
    confirm(&account, &quote, "two")
        .await
        .refused(409, "invalid_state");
    let asked = json!({"order_id": order.text("/id")});
    account
        .client
        .post(CANCELLATIONS, &asked)
        .await
        .refused(409, "invalid_state");
}

async fn a_quote_expires() {
    let (app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    let quote = quote(&account, order.text("/id")).await;
    advance(&account, quote.text("/expires_at")).await;
    let account = renewed(&app, &account).await;
    confirm(&account, &quote, "late")
        .await
        .refused(410, "quote_expired");
}

async fn what_takes_longer_is_202() {
    let (_app, account) = agency().await;
    let order = sold(&account, card("tok_visa"), "order").await;
    let quote = quote(&account, order.text("/id")).await;
    let call = confirm(&account, &quote, "cancel").header("Prefer", "respond-async");
    let accepted = call.await.expect(202);
    let target = format!("{CANCELLATIONS}/{}", quote.text("/id"));
    assert_eq!(accepted.header("Location"), target);
    eventually("the refund", async || {
        let now = account.client.get(&target).await.expect(200);
        (now.text("/refund_status") == "succeeded").then_some(())
    })
    .await;
}

async fn another_agency_sees_no_quote() {
    let (app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    let quote = quote(&account, order.text("/id")).await;
    let neighbour = app.party_in(partner(), &account.world).await;
    let target = format!("{CANCELLATIONS}/{}", quote.text("/id"));
    neighbour
        .client
        .get(&target)
        .await
        .refused(404, "not_found");
    confirm(&neighbour, &quote, "theirs")
        .await
        .refused(404, "not_found");
    let asked = json!({"order_id": order.text("/id")});
    neighbour
        .client
        .post(CANCELLATIONS, &asked)
        .await
        .refused(404, "not_found");
}
