//! `/private/v1/audit-events`: what was done, by whom, in a chain that shows every change to it.

use serde_json::{Value, json};

use super::staff;
use crate::support::app::{Account, App};
use crate::support::contract::{Operation, Scheme, contract};
use crate::support::sample::Sample;
use crate::support::trials;

trials![
    what_changes_something_is_written_down_and_what_reads_orders_too,
    events_are_a_chain_that_verifies,
    what_came_to_nothing_is_written_down_too,
    each_world_has_a_log_of_its_own,
];

const EVENTS: &str = "/private/v1/audit-events";

async fn events(staff: &Account) -> Vec<Value> {
    staff.all(EVENTS, 7).await
}

/// Whether an operation must leave a trace.
fn is_audited(operation: &Operation) -> bool {
    let asks = operation.scheme() != Scheme::None;
    asks && (operation.method != "GET" || operation.scope() == "orders:read")
}

async fn what_changes_something_is_written_down_and_what_reads_orders_too() {
    let app = App::shared().await;
    let private = contract("private/v1");
    let staff = staff(&app).await;
    for sample in Sample::each_of(private, &staff) {
        let before = events(&staff).await.len();
        let reply = sample.call(&staff.client).await;
        let after = events(&staff).await;
        let id = &sample.operation.id;
        if !is_audited(sample.operation) {
            assert_eq!(after.len(), before, "{id} changes nothing and left a trace");
            continue;
        }
        assert_eq!(after.len(), before + 1, "{id} left no trace");
        let event = &after[before];
        assert_eq!(
            (&event["action"], &event["request_id"]),
            (&json!(id), &json!(reply.header("Request-Id")))
        );
        assert_eq!(
            event["body_sha256"].is_null(),
            sample.body.is_none(),
            "{id}"
        );
        if let Some((_, object)) = sample.path.first() {
            assert_eq!(event["object_id"], *object, "{id}");
        }
    }
}

async fn events_are_a_chain_that_verifies() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let verify = async || {
        let reply = staff.client.get(format!("{EVENTS}/verification"));
        reply.await.expect(200).body
    };
    assert_eq!(
        verify().await,
        json!({"valid": true, "events": 0, "head": null, "broken_at": null})
    );
    for _ in 0..5 {
        staff.client.get("/private/v1/orders").await.expect(200);
    }
    let events = events(&staff).await;
    assert_eq!(events.len(), 5);
    let mut previous = json!("0".repeat(64));
    for (event, sequence) in events.iter().zip(1..) {
        assert_eq!(event["sequence"], sequence);
        assert_eq!(event["previous_hash"], previous);
        assert_ne!(event["actor"], "");
        previous = event["hash"].clone();
    }
    assert_eq!(
        verify().await,
        json!({"valid": true, "events": 5, "head": previous, "broken_at": null})
    );
}

async fn what_came_to_nothing_is_written_down_too() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let unknown = staff
        .client
        .get("/private/v1/orders/ord_7zzzzzzzzzzzzzzzzzzzzzzzzz");
    unknown.await.refused(404, "not_found");
    let events = events(&staff).await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["object_id"], "ord_7zzzzzzzzzzzzzzzzzzzzzzzzz");
}

async fn each_world_has_a_log_of_its_own() {
    let app = App::shared().await;
    let (one, other) = (staff(&app).await, staff(&app).await);
    one.client.get("/private/v1/orders").await.expect(200);
    assert_eq!(events(&one).await.len(), 1);
    assert_eq!(events(&other).await.len(), 0);
}
