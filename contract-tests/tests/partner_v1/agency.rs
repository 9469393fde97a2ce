//! `/partner/v1/agency`: who the agency is, and what it owes.

use serde_json::Value;

use super::agent::{AGENCY, agency, credit, later, read, sold, void};
use crate::support::{eventually, trials};

trials![credit_is_used_by_what_is_sold_and_given_back_by_what_is_void];

fn amount(of: &Value) -> i64 {
    of["amount"].as_i64().expect("an amount")
}

async fn credit_is_used_by_what_is_sold_and_given_back_by_what_is_void() {
    let (_app, account) = agency().await;
    let before = account.client.get(AGENCY).await.expect(200);
    assert_eq!(before.text("/id"), account.id);
    assert_eq!(amount(&before.body["credit_used"]), 0);
    assert_eq!(before.body["credit_limit"], before.body["credit_available"]);
    let tag = before.header("ETag").to_owned();
    let unchanged = account.client.get(AGENCY).header("If-None-Match", &tag);
    unchanged.await.expect(304);
    // Nothing is owed for what is to be paid later.
    sold(&account, later(), "later").await;
    let same = account.client.get(AGENCY).await.expect(200);
    assert_eq!(same.body, before.body);
    let order = sold(&account, credit(), "credit").await;
    let price = amount(&order.body["price"]["total"]);
    let after = account.client.get(AGENCY).await.expect(200);
    assert_eq!(amount(&after.body["credit_used"]), price);
    assert_eq!(
        amount(&after.body["credit_available"]),
        amount(&after.body["credit_limit"]) - price
    );
    assert_ne!(after.header("ETag"), tag);
    void(&account, order.text("/id"), "void").await.expect(200);
    assert_eq!(
        read(&account, order.text("/id"))
            .await
            .text("/payment_status"),
        "refunded"
    );
    eventually("the credit is given back", async || {
        let now = account.client.get(AGENCY).await.expect(200);
        (amount(&now.body["credit_used"]) == 0).then_some(())
    })
    .await;
}
