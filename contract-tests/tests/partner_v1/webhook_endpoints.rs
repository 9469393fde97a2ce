//! `/partner/v1/webhook-endpoints`: each contract has endpoints of its own.

use serde_json::{Value, json};

use super::agent::{ENDPOINTS, agency, partner};
use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::contract::contract;
use crate::support::sample::Sample;
use crate::support::trials;

trials![
    a_disabled_endpoint_gets_nothing_again,
    a_clock_never_moves_back,
    an_endpoint_is_made_changed_and_removed,
    an_endpoint_is_changed_on_a_condition,
    an_address_may_not_lead_inside,
    another_agency_and_another_contract_see_no_endpoint,
];

fn wanted() -> Value {
    json!({"url": "https://hooks.example.com/fareway", "events": ["order.ticketed"]})
}

async fn create(account: &Account, key: &str) -> Reply {
    account
        .client
        .post(ENDPOINTS, &wanted())
        .key(key)
        .await
        .expect(201)
}

async fn an_endpoint_is_made_changed_and_removed() {
    let (_app, account) = agency().await;
    let made = create(&account, "key").await;
    assert!(made.text("/secret").starts_with("whsec_"));
    assert_eq!(made.header("Idempotency-Replayed"), "false");
    let again = create(&account, "key").await;
    assert_eq!(again.text("/id"), made.text("/id"));
    assert_eq!(again.body["secret"], Value::Null, "it is shown once");
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    let mut other = wanted();
    other["events"] = json!([]);
    account
        .client
        .post(ENDPOINTS, &other)
        .key("key")
        .await
        .refused(409, "idempotency_key_reused");
    let unnamed = account.client.post(ENDPOINTS, &wanted()).await.expect(201);
    assert_ne!(unnamed.text("/id"), made.text("/id"));

    let target = made.header("Location");
    let read = account.client.get(target).await.expect(200);
    assert_eq!(read.body["secret"], Value::Null);
    let tag = read.header("ETag").to_owned();
    let call = account.client.get(target).header("If-None-Match", &tag);
    call.await.expect(304);
    account
        .client
        .post_empty(format!(
            "{target}/deliveries/whd_00000000000000000000000099/redeliver"
        ))
        .await
        .refused(404, "not_found");
    let change = json!({"events": [], "description": "all of it", "status": "disabled"});
    let call = account
        .client
        .patch(target, &change)
        .header("If-Match", &tag);
    let changed = call.await.expect(200);
    assert_eq!(changed.text("/status"), "disabled");
    assert_eq!(changed.body["events"], json!([]));
    assert_ne!(changed.header("ETag"), tag);
    account
        .client
        .post_empty(format!(
            "{target}/deliveries/whd_00000000000000000000000099/redeliver"
        ))
        .await
        .refused(404, "not_found");
    let list = account.client.get(ENDPOINTS).await.expect(200);
    assert_eq!(list.body["data"].as_array().map(Vec::len), Some(2));
    let deliveries = account.client.get(format!("{target}/deliveries")).await;
    assert_eq!(deliveries.expect(200).body["data"], json!([]));
    account.client.delete(target).await.expect(204);
    account.client.get(target).await.refused(404, "not_found");
}

async fn an_endpoint_is_changed_on_a_condition() {
    let (_app, account) = agency().await;
    let made = create(&account, "key").await;
    let target = made.header("Location");
    let change = json!({"description": "mine"});
    account
        .client
        .patch(target, &change)
        .await
        .refused(428, "precondition_required");
    let call = account
        .client
        .patch(target, &change)
        .header("If-Match", "\"99\"");
    call.await.refused(412, "precondition_failed");
    let call = account
        .client
        .patch(target, &change)
        .header("If-Match", "*");
    assert_eq!(call.await.expect(200).text("/description"), "mine");
}

async fn an_address_may_not_lead_inside() {
    let app = App::start(|options| options.local_webhooks = false).await;
    let account = app.party(partner()).await;
    let made = create(&account, "key").await;
    for address in [
        "https://127.0.0.1/hook",
        "https://10.0.0.7/hook",
        "https://[::1]/hook",
        "https://169.254.169.254/latest",
        "http://hooks.example.com/",
    ] {
        let mut inside = wanted();
        inside["url"] = json!(address);
        account
            .client
            .post(ENDPOINTS, &inside)
            .await
            .refused(409, "address_refused");
        let change = json!({ "url": address });
        let target = made.header("Location");
        let call = account
            .client
            .patch(target, &change)
            .header("If-Match", "*");
        call.await.refused(409, "address_refused");
    }
    app.stop().await;
}

async fn another_agency_and_another_contract_see_no_endpoint() {
    let (app, account) = agency().await;
    let made = create(&account, "key").await;
    let target = made.header("Location");
    let neighbour = app.party_in(partner(), &account.world).await;
    neighbour.client.get(target).await.refused(404, "not_found");
    neighbour
        .client
        .delete(target)
        .await
        .refused(404, "not_found");
    let deliveries = format!("{target}/deliveries");
    neighbour
        .client
        .get(&deliveries)
        .await
        .refused(404, "not_found");
    let change = json!({"description": "theirs"});
    let call = neighbour
        .client
        .patch(target, &change)
        .header("If-Match", "*");
    call.await.refused(404, "not_found");
    let developer = app.account_in(&account.world).await;
    let public = target.replace("/partner/v1/", "/public/v2/");
    developer.client.get(public).await.refused(404, "not_found");
    assert_eq!(
        account.client.get(target).await.expect(200).text("/status"),
        "enabled"
    );
}

async fn a_disabled_endpoint_gets_nothing_again() {
    let app = App::start(|_| {}).await;
    let contract = contract("partner/v1");
    let agency = app.sandbox_at(contract).await;
    let redeliver = contract
        .operations
        .iter()
        .find(|one| one.id == "redeliverWebhook");
    let sample = Sample::of(redeliver.expect("it is an operation"));
    let (_, endpoint) = sample.path.first().expect("it names an endpoint");
    let target = format!("/partner/v1/webhook-endpoints/{endpoint}");
    let disabled = agency.client.patch(target, &json!({"status": "disabled"}));
    disabled.header("If-Match", "*").await.expect(200);
    sample
        .call(&agency.client)
        .await
        .refused(409, "invalid_state");
    app.stop().await;
}

async fn a_clock_never_moves_back() {
    let app = App::shared().await;
    let agency = app.party(contract("partner/v1")).await;
    let target = format!("/partner/v1/test-clocks/{}/advance", agency.clock_id);
    let back = agency
        .client
        .post(target, &json!({"to": "2026-01-01T00:00:00Z"}));
    back.await.refused(409, "clock_moves_forward");
}
