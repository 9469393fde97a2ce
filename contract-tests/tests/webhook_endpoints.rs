//! Webhook endpoints of both public contracts: one text, because they mean the same.

use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::{eventually, trials};

trials![
    an_endpoint_is_made_once_and_its_secret_is_shown_once,
    an_endpoint_is_changed_on_a_condition,
    an_endpoint_is_deleted_and_deleted_again,
    an_endpoint_hears_what_it_asks_for_while_it_is_enabled,
    what_is_sent_is_listed_and_sent_again,
];

const CONTRACTS: [&str; 2] = ["/public/v1", "/public/v2"];

/// Where nobody answers, which shows at once: no name has to be looked up.
const NOBODY: &str = "http://127.0.0.1:9/";

fn wanted(url: &str) -> Value {
    json!({"url": url, "events": ["order.ticketed"], "description": "Order desk"})
}

async fn make(account: &Account, contract: &str) -> Reply {
    let target = format!("{contract}/webhook-endpoints");
    let wanted = wanted("https://hooks.customer.example/fareway");
    account.client.post(target, &wanted).await.expect(201)
}

async fn an_endpoint_is_made_once_and_its_secret_is_shown_once() {
    let account = App::shared().await.account().await;
    for contract in CONTRACTS {
        let target = format!("{contract}/webhook-endpoints");
        let post = |url: &str| account.client.post(&target, &wanted(url)).key("one");
        let made = post("https://hooks.customer.example/a").await.expect(201);
        assert!(made.text("/secret").starts_with("whsec_"));
        assert_eq!(made.header("Idempotency-Replayed"), "false");
        let again = post("https://hooks.customer.example/a").await.expect(201);
        assert_eq!(again.body["id"], made.body["id"]);
        assert_eq!(again.body["secret"], Value::Null);
        assert_eq!(again.header("Idempotency-Replayed"), "true");
        let other = post("https://hooks.customer.example/b").await;
        other.refused(409, "idempotency_key_reused");
        let read = account
            .client
            .get(made.header("Location"))
            .await
            .expect(200);
        assert_eq!(read.body["secret"], Value::Null);
        let inside = wanted("https://user:word@hooks.customer.example/");
        let refused = account.client.post(&target, &inside).await;
        refused.refused(409, "address_refused");
    }
}

async fn an_endpoint_is_changed_on_a_condition() {
    let account = App::shared().await.account().await;
    for contract in CONTRACTS {
        let made = make(&account, contract).await;
        let target = made.header("Location").to_owned();
        let read = account.client.get(&target).await.expect(200);
        let tag = read.header("ETag").to_owned();
        let same = account.client.get(&target).header("If-None-Match", &tag);
        same.await.expect(304);
        let change = json!({"events": [], "status": "disabled"});
        let patch = |change: &Value| account.client.patch(&target, change);
        patch(&change).await.refused(428, "precondition_required");
        let stale = patch(&change).header("If-Match", "\"99\"").await;
        stale.refused(412, "precondition_failed");
        let inside = json!({"url": "https://user:word@hooks.customer.example/"});
        let refused = patch(&inside).header("If-Match", "*").await;
        refused.refused(409, "address_refused");
        let changed = patch(&change).header("If-Match", &tag).await.expect(200);
        assert_eq!(changed.text("/status"), "disabled");
        assert_eq!(changed.body["events"], json!([]));
        assert_eq!(
            changed.text("/description"),
            "Order desk",
            "it was not named"
        );
        assert_ne!(changed.header("ETag"), tag);
    }
}

async fn an_endpoint_is_deleted_and_deleted_again() {
    let account = App::shared().await.account().await;
    for contract in CONTRACTS {
        let made = make(&account, contract).await;
        let target = made.header("Location");
        account.client.delete(target).await.expect(204);
        account.client.get(target).await.refused(404, "not_found");
        account.client.delete(target).await.expect(204);
        let stranger = App::shared().await.account_in(&account.world).await;
        stranger
            .client
            .delete(target)
            .await
            .refused(404, "not_found");
    }
}

async fn an_endpoint_hears_what_it_asks_for_while_it_is_enabled() {
    let account = App::shared().await.account().await;
    let mut silent = Vec::new();
    for contract in CONTRACTS {
        for change in [
            json!({"status": "disabled"}),
            json!({"events": ["order.expired"]}),
        ] {
            let made = make(&account, contract).await;
            let target = made.header("Location");
            let changed = account.client.patch(target, &change);
            changed.header("If-Match", "*").await.expect(200);
            silent.push(format!("{target}/deliveries"));
        }
    }
    let told = make(&account, CONTRACTS[0]).await;
    let told = format!("{}/deliveries", told.header("Location"));
    let sent = async |target: &str| {
        let found = account.client.get(target).await.expect(200);
        found.body["data"] != json!([])
    };
    account.ticketed("order").await;
    eventually("the delivery", async || sent(&told).await.then_some(())).await;
    // An event is noted for all its endpoints at once.
    for target in silent {
        assert!(!sent(&target).await, "{target}");
    }
}

async fn what_is_sent_is_listed_and_sent_again() {
    let account = App::shared().await.account().await;
    let mut targets = Vec::new();
    for contract in CONTRACTS {
        let target = format!("{contract}/webhook-endpoints");
        let made = account.client.post(target, &wanted(NOBODY));
        targets.push(format!(
            "{}/deliveries",
            made.await.expect(201).header("Location")
        ));
    }
    let order = account.ticketed("order").await;
    for target in targets {
        // The first attempt fails.
        let delivery = eventually("the delivery", async || {
            let found = account.client.get(&target).await.expect(200);
            let delivery = found.body["data"][0].clone();
            let tried = delivery["attempts"]
                .as_array()
                .is_some_and(|all| !all.is_empty());
            tried.then_some(delivery)
        })
        .await;
        assert_eq!(delivery["event_type"], "order.ticketed");
        assert_eq!(delivery["object_id"], order.body["id"]);
        assert_eq!(delivery["status"], "pending");
        assert_eq!(delivery["attempts"][0]["response_status"], Value::Null);
        let id = delivery["id"].as_str().expect("an id");
        let again = account
            .client
            .post_empty(format!("{target}/{id}/redeliver"));
        assert_eq!(again.await.expect(202).body["id"], delivery["id"]);
        let endpoint = target.trim_end_matches("/deliveries");
        let off = account
            .client
            .patch(endpoint, &json!({"status": "disabled"}));
        off.header("If-Match", "*").await.expect(200);
        let silent = account
            .client
            .post_empty(format!("{target}/{id}/redeliver"));
        silent.await.refused(409, "invalid_state");
        let stranger = App::shared().await.account_in(&account.world).await;
        let hidden = stranger.client.get(&target).await;
        hidden.refused(404, "not_found");
    }
}
