//! `/partner/v1/idempotency-keys`: what became of a request whose answer was lost, and the events that tell of it.

use super::agent::{HOLDS, agency, credit, flight, later, partner, seats, sold, ticket, void};
use crate::support::app::Account;
use crate::support::client::{Call, Reply};
use crate::support::trials;

trials![
    each_operation_tells_what_its_key_made,
    events_tell_what_happened,
];

fn ask(account: &Account, key: &str, operation: &str) -> Call {
    let target = format!("/partner/v1/idempotency-keys/{key}?operation={operation}");
    account.client.get(target)
}

async fn each_operation_tells_what_its_key_made() {
    let (app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let hold = account.client.post(HOLDS, &seats(&flight, &class, 1));
    let hold = hold.key("hold").await.expect(201);
    let held = sold(&account, later(), "order").await;
    let id = held.text("/id");
    ticket(&account, id, credit(), "ticket").await.expect(201);
    void(&account, id, "void").await.expect(200);
    for (key, operation, kind, made) in [
        ("hold", "createHold", "hold", hold.text("/id")),
        ("order", "createOrder", "order", id),
        ("ticket", "issueTickets", "order", id),
        ("void", "voidOrder", "order", id),
    ] {
        let record: Reply = ask(&account, key, operation).await.expect(200);
        assert_eq!(record.text("/state"), "succeeded", "{operation}");
        assert_eq!(record.text("/operation"), operation);
        assert_eq!(record.text("/key"), key);
        assert_eq!(record.text("/resource/type"), kind, "{operation}");
        assert_eq!(record.text("/resource/id"), made, "{operation}");
    }
    // Keys are apart for each operation, and for each agency.
    for operation in ["createHold", "issueTickets", "confirmOrderCancellation"] {
        ask(&account, "order", operation)
            .await
            .refused(404, "not_found");
    }
    let neighbour = app.party_in(partner(), &account.world).await;
    for (key, operation) in [("hold", "createHold"), ("order", "createOrder")] {
        ask(&neighbour, key, operation)
            .await
            .refused(404, "not_found");
    }
}

async fn events_tell_what_happened() {
    let (app, account) = agency().await;
    let order = sold(&account, credit(), "order").await;
    void(&account, order.text("/id"), "void").await.expect(200);
    let told = crate::support::eventually("the events", async || {
        let feed = account
            .client
            .get("/partner/v1/events?limit=100")
            .await
            .expect(200);
        let data = feed.body["data"].as_array().expect("a list").clone();
        let kinds: Vec<String> = data
            .iter()
            .filter(|event| event["object"]["id"] == order.body["id"])
            .map(|event| event["type"].as_str().expect("a type").to_owned())
            .collect();
        kinds.contains(&"order.voided".to_owned()).then_some(kinds)
    })
    .await;
    for kind in ["order.created", "order.ticketed", "order.voided"] {
        assert!(told.contains(&kind.to_owned()), "{told:?}");
    }
    let only = account
        .client
        .get("/partner/v1/events?type=order.ticketed")
        .await;
    assert_eq!(
        only.expect(200).body["data"].as_array().map(Vec::len),
        Some(1)
    );
    let neighbour = app.party_in(partner(), &account.world).await;
    let theirs = neighbour.client.get("/partner/v1/events").await.expect(200);
    assert_eq!(theirs.body["data"].as_array().map(Vec::len), Some(0));
}
