//! `/private/v1/accounts`: developers and agencies.

use serde_json::{Value, json};

use super::staff;
use crate::support::app::App;
use crate::support::trials;

trials![
    an_account_is_opened_once_a_key,
    a_credit_limit_is_changed_by_the_version_that_was_seen,
    only_agencies_have_credit,
    accounts_of_another_world_are_not_there,
];

const ACCOUNTS: &str = "/private/v1/accounts";

fn agency() -> Value {
    json!({
        "kind": "agency", "name": "An agency",
        "agency": {"iata_number": "96000123", "credit_limit": {"amount": 500_000, "currency": "GBP"}},
    })
}

async fn an_account_is_opened_once_a_key() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let open = |body: &Value| staff.client.post(ACCOUNTS, body).key("a");
    let opened = open(&agency()).await.expect(201);
    assert_eq!(
        opened.body["agency"],
        json!({"iata_number": "96000123", "credit_limit": {"amount": 500_000, "currency": "GBP", "scale": 2}})
    );
    assert_eq!(opened.text("/kind"), "agency");
    assert_eq!(opened.body["livemode"], false);
    assert_eq!(opened.text("/test_clock_id"), staff.clock_id);
    assert_eq!(opened.header("Idempotency-Replayed"), "false");
    let again = open(&agency()).await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body, opened.body);
    let mut other = agency();
    other["name"] = json!("Another agency");
    open(&other).await.refused(409, "idempotency_key_reused");
    let target = opened.header("Location").to_owned();
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, opened.body);
    let known = staff.client.get(&target);
    known
        .header("If-None-Match", read.header("ETag"))
        .await
        .expect(304);
    let developer = json!({"kind": "developer", "name": "A developer"});
    let developer = staff.client.post(ACCOUNTS, &developer).key("b");
    let developer = developer.await.expect(201);
    assert_eq!(developer.body["agency"], Value::Null);
    let listed = staff.all(ACCOUNTS, 1).await;
    for account in [&opened.body, &developer.body] {
        assert!(listed.contains(account), "{listed:#?}");
    }
}

async fn a_credit_limit_is_changed_by_the_version_that_was_seen() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let opened = staff.client.post(ACCOUNTS, &agency()).key("a");
    let opened = opened.await.expect(201);
    let target = opened.header("Location").to_owned();
    let tag = opened.header("ETag").to_owned();
    let limit = |amount: i64, currency: &str, tag: Option<&str>| {
        let body = json!({"credit_limit": {"amount": amount, "currency": currency}});
        let call = staff.client.patch(&target, &body);
        match tag {
            Some(tag) => call.header("If-Match", tag),
            None => call,
        }
    };
    limit(1, "GBP", None)
        .await
        .refused(428, "precondition_required");
    limit(1, "GBP", Some("\"99\""))
        .await
        .refused(412, "precondition_failed");
    let changed = limit(0, "GBP", Some(&tag)).await.expect(200);
    assert_eq!(changed.body["agency"]["credit_limit"]["amount"], 0);
    assert_ne!(changed.header("ETag"), tag);
    limit(2, "GBP", Some(&tag))
        .await
        .refused(412, "precondition_failed");
    limit(2, "EUR", Some("*"))
        .await
        .refused(409, "amount_mismatch");
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, changed.body);
}

async fn only_agencies_have_credit() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let developer = json!({"kind": "developer", "name": "A developer"});
    let opened = staff.client.post(ACCOUNTS, &developer).key("a");
    let opened = opened.await.expect(201);
    let body = json!({"credit_limit": {"amount": 1, "currency": "GBP"}});
    let change = staff.client.patch(opened.header("Location"), &body);
    change
        .header("If-Match", "*")
        .await
        .refused(409, "invalid_state");
}

async fn accounts_of_another_world_are_not_there() {
    let app = App::shared().await;
    let (one, other) = (staff(&app).await, staff(&app).await);
    let opened = one.client.post(ACCOUNTS, &agency()).key("a");
    let opened = opened.await.expect(201);
    let target = opened.header("Location").to_owned();
    other.client.get(&target).await.refused(404, "not_found");
    let body = json!({"credit_limit": {"amount": 1, "currency": "GBP"}});
    let change = other.client.patch(&target, &body).header("If-Match", "*");
    change.await.refused(404, "not_found");
    let listed = other.all(ACCOUNTS, 100).await;
    assert!(
        listed
            .iter()
            .all(|account| account["id"] != opened.body["id"])
    );
    // The same key names another account in another world.
    let theirs = other.client.post(ACCOUNTS, &agency()).key("a");
    let theirs = theirs.await.expect(201);
    assert_ne!(theirs.body["id"], opened.body["id"]);
}
