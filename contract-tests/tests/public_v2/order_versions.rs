//! `/public/v2/orders/{order_id}`, conditionally: by the version that the caller has seen.

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::mask::masked;
use crate::support::traveller::ORDERS;
use crate::support::trials;

trials![
    updates_name_the_version_they_have_seen,
    unchanged_orders_are_304,
];

async fn updates_name_the_version_they_have_seen() {
    let account = App::shared().await.account().await;
    let order = account.ticketed("order").await;
    let target = format!("{ORDERS}/{}", order.text("/id"));
    let change = json!({"contact": {"email": "earhart@example.com"}});
    let update = |tag: &str, change: &Value| {
        account
            .client
            .patch(&target, change)
            .header("If-Match", tag)
    };
    account
        .client
        .patch(&target, &change)
        .await
        .refused(428, "precondition_required");
    for stale in ["\"1\"", "\"999\"", "\"x\"", "W/\"4\""] {
        update(stale, &change)
            .await
            .refused(412, "precondition_failed");
    }
    let tag = order.header("ETag");
    let updated = update(tag, &change).await.expect(200);
    assert_eq!(
        updated.body["contact"],
        json!({"email": "earhart@example.com", "phone": null})
    );
    assert_eq!(
        updated.header("ETag"),
        format!("\"{}\"", updated.body["version"])
    );
    update(tag, &change)
        .await
        .refused(412, "precondition_failed");
    let noted = update("*", &json!({"metadata": {"a": "1", "b": ""}}))
        .await
        .expect(200);
    assert_eq!(
        (&noted.body["metadata"], &noted.body["contact"]),
        (&json!({"a": "1", "b": ""}), &updated.body["contact"])
    );
    let several = format!("\"1\", {}", noted.header("ETag"));
    update(&several, &json!({"metadata": {}})).await.expect(200);
    let quote = account.quote(order.text("/id")).await;
    account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    update("*", &change).await.refused(409, "invalid_state");
}

async fn unchanged_orders_are_304() {
    let account = App::shared().await.account().await;
    let order = account.held("order").await;
    let target = format!("{ORDERS}/{}", order.text("/id"));
    let read = |tag: &str| account.client.get(&target).header("If-None-Match", tag);
    let tag = order.header("ETag").to_owned();
    let same = read(&tag).await.expect(304);
    assert_eq!(same.header("ETag"), tag);
    account
        .pay(order.text("/id"), "tok_visa", "pay")
        .await
        .expect(201);
    let changed = read(&tag).await.expect(200);
    assert_ne!(changed.header("ETag"), tag);
    assert_ne!(masked(&changed.body), masked(&order.body));
}
