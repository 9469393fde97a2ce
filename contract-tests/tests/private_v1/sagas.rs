//! `/private/v1/sagas`, and the history of an order: where orders stand, how they came there, and taking them up again.

use serde_json::{Value, json};

use super::{ORDERS, in_role, staff, staff_and_traveller};
use crate::support::app::{Account, App};
use crate::support::traveller::order_of;
use crate::support::{eventually, trials};

trials![
    an_outcome_that_nobody_knows_is_stuck_until_it_is_taken_up,
    what_is_taken_up_is_in_the_audit_log,
    the_history_tells_every_event_of_an_order,
    sagas_and_histories_of_another_world_are_not_there,
    auditors_read_sagas_and_support_takes_them_up,
];

const SAGAS: &str = "/private/v1/sagas";

/// An order whose capture nobody knows the outcome of; its id, and that of its saga.
async fn unknown(traveller: &Account) -> (String, String) {
    let order = order_of(&traveller.offer().await, Some("tok_unknown"));
    let reply = traveller.order(&order, "unknown").await.expect(202);
    let id = reply.text("/id").to_owned();
    (id.clone(), id.replacen("ord_", "sag_", 1))
}

async fn an_outcome_that_nobody_knows_is_stuck_until_it_is_taken_up() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let (order_id, saga_id) = unknown(&traveller).await;
    let ticketed = traveller.ticketed("paid").await;
    let found = async |query: &str| -> Vec<String> {
        let page = staff.get(format!("{SAGAS}?{query}")).await.expect(200);
        let data = page.body["data"].as_array().expect("a page").clone();
        data.iter()
            .map(|saga| saga["order_id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let paid = ticketed.text("/id").to_owned();
    assert_eq!(found("state=stuck").await, [order_id.as_str()]);
    assert_eq!(found("state=running").await, [""; 0]);
    assert_eq!(found("state=resting").await, [paid.as_str()]);
    assert_eq!(found("").await, [paid.as_str(), &order_id]);
    let page = staff.get(format!("{SAGAS}?limit=1")).await.expect(200);
    assert!(page.header("Link").contains("rel=\"next\""));
    let next = page.text("/next_cursor");
    assert_eq!(
        found(&format!("limit=1&after={next}")).await,
        [order_id.as_str()]
    );

    let target = format!("{SAGAS}/{saga_id}");
    let stuck = staff.get(&target).await.expect(200);
    assert_eq!(stuck.text("/step"), "await_capture");
    assert_eq!(stuck.text("/payment_status"), "unknown");
    assert_eq!(stuck.text("/account_id"), traveller.id);
    let resume = || staff.post_empty(format!("{target}/resume"));
    let first = resume().key("take-up").await.expect(200);
    assert_eq!(first.header("Idempotency-Replayed"), "false");
    assert_eq!(first.body, stuck.body);
    traveller.read_as(&order_id, "ticketed").await;
    let rested = staff.get(&target).await.expect(200);
    assert_eq!(rested.text("/state"), "resting");

    let again = resume().key("take-up").await.expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body, first.body);
    let other = resume().key("another");
    other.await.refused(409, "invalid_state");
    let elsewhere = paid.replacen("ord_", "sag_", 1);
    let reused = staff.post_empty(format!("{SAGAS}/{elsewhere}/resume"));
    reused
        .key("take-up")
        .await
        .refused(409, "idempotency_key_reused");
    // The money was taken once.
    let journals = format!("/private/v1/ledger/journals?order_id={order_id}");
    let journals = staff.get(journals).await.expect(200);
    let kinds = journals.body["data"].as_array().expect("a page");
    let kinds: Vec<&Value> = kinds.iter().map(|journal| &journal["kind"]).collect();
    assert_eq!(kinds, [&json!("authorize"), &json!("capture")]);
}

async fn what_is_taken_up_is_in_the_audit_log() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let (order_id, saga_id) = unknown(&traveller).await;
    let target = format!("{SAGAS}/{saga_id}");
    let resume = staff.post_empty(format!("{target}/resume"));
    resume.key("take-up").await.expect(200);
    let history = staff.get(format!("{ORDERS}/{order_id}/history"));
    history.await.expect(200);
    let log = staff.get("/private/v1/audit-events").await.expect(200);
    let written: Vec<(&Value, &Value)> = log.body["data"]
        .as_array()
        .expect("a page")
        .iter()
        .map(|event| (&event["action"], &event["object_id"]))
        .collect();
    for (action, object) in [("resumeSaga", &saga_id), ("listOrderHistory", &order_id)] {
        let wanted = (&json!(action), &json!(object));
        assert!(written.contains(&wanted), "{action}: {written:?}");
    }
}

async fn the_history_tells_every_event_of_an_order() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let order = traveller.ticketed("a").await;
    let target = format!("{ORDERS}/{}/history", order.text("/id"));
    let whole = staff.get(&target).await.expect(200);
    let entries = whole.body["data"].as_array().expect("a page").clone();
    let types: Vec<&Value> = entries.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(
        types,
        ["order.created", "order.confirmed", "order.ticketed"]
    );
    for (at, entry) in entries.iter().enumerate() {
        assert_eq!(entry["sequence"], json!(at + 1));
        assert_eq!(entry["request_id"], json!(order.header("Request-Id")));
    }
    assert_eq!(entries[0]["cause"]["type"], "request");
    assert_eq!(entries[0]["cause"]["id"], entries[0]["request_id"]);
    assert_eq!(entries[1]["cause"]["type"], "event");
    let last = entries.last().expect("an event");
    for member in ["status", "payment_status", "version"] {
        assert_eq!(last[member], order.body[member], "{member}");
    }
    // The account's own feed tells the same events.
    let told = eventually("all of them in the feed", async || {
        let told = traveller.all("/public/v2/events", 50).await;
        let told: Vec<Value> = told
            .iter()
            .filter(|event| event["object"]["id"] == order.body["id"])
            .map(|event| event["id"].clone())
            .collect();
        (told.len() >= entries.len()).then_some(told)
    })
    .await;
    let ids: Vec<Value> = entries.iter().map(|entry| entry["id"].clone()).collect();
    assert_eq!(told, ids);
    let page = staff.get(format!("{target}?limit=2")).await.expect(200);
    let next = page.text("/next_cursor");
    let rest = staff.get(format!("{target}?limit=2&after={next}"));
    assert_eq!(rest.await.expect(200).body["data"], json!(entries[2..]));
}

async fn sagas_and_histories_of_another_world_are_not_there() {
    let app = App::shared().await;
    let traveller = app.account().await;
    let (order_id, saga_id) = unknown(&traveller).await;
    let stranger = staff(&app).await;
    for target in [
        format!("{SAGAS}/{saga_id}"),
        format!("{ORDERS}/{order_id}/history"),
    ] {
        stranger.client.get(target).await.refused(404, "not_found");
    }
    let resume = stranger
        .client
        .post_empty(format!("{SAGAS}/{saga_id}/resume"));
    resume.key("take-up").await.refused(404, "not_found");
    assert_eq!(stranger.all(SAGAS, 10).await, Vec::<Value>::new());
}

async fn auditors_read_sagas_and_support_takes_them_up() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let (_, saga_id) = unknown(&traveller).await;
    let target = format!("{SAGAS}/{saga_id}");
    for (role, may_read, may_resume) in [
        ("auditor", true, false),
        ("finance", false, false),
        ("support", true, true),
    ] {
        let holder = in_role(&app, &staff, role).await;
        let read = holder.get(&target).await;
        assert_eq!(read.status, if may_read { 200 } else { 403 }, "{role}");
        let resumed = holder
            .post_empty(format!("{target}/resume"))
            .key(role)
            .await;
        assert_eq!(resumed.status, if may_resume { 200 } else { 403 }, "{role}");
    }
}
