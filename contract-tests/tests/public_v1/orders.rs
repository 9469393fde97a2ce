//! `/public/v1/orders`: a key is not needed, because an offer is ordered once; and the headers of a contract that ends.

use serde_json::json;

use super::{ORDERS, cancelling, offer, order_of, ordered, ordering, read};
use crate::support::app::App;
use crate::support::trials;

trials![
    without_a_key_an_offer_is_ordered_once,
    with_a_key_the_first_answer_comes_again,
    what_cannot_be_ordered_is_refused,
    an_unknown_outcome_is_pending,
    contact_and_metadata_are_changed_on_a_condition,
    every_answer_says_when_the_contract_ends,
];

async fn without_a_key_an_offer_is_ordered_once() {
    let account = App::shared().await.account().await;
    let offer = offer(&account).await;
    let order = order_of(&offer, Some("tok_visa"));
    let first = account.client.post(ORDERS, &order).await.expect(201);
    assert_eq!(first.text("/status"), "confirmed");
    assert_eq!(first.header("Idempotency-Replayed"), "false");
    let again = account.client.post(ORDERS, &order).await;
    let again = again.refused(409, "offer_already_booked");
    assert_eq!(again.body["order_id"], first.body["id"]);
    // The documents are those of the order, and the payment is found by its id.
    let documents = format!("{ORDERS}/{}/documents", first.text("/id"));
    let documents = account.client.get(documents).await.expect(200);
    assert_eq!(documents.text("/data/0/type"), "e_ticket");
    let payment = format!("/public/v1/payments/{}", first.text("/payment_ids/0"));
    let payment = account.client.get(payment).await.expect(200);
    assert_eq!(payment.text("/status"), "captured");
    assert_eq!(payment.body["amount"], first.body["total_amount"]);
    assert_eq!(payment.body["order_id"], first.body["id"]);
}

async fn with_a_key_the_first_answer_comes_again() {
    let account = App::shared().await.account().await;
    let offer = offer(&account).await;
    let order = order_of(&offer, Some("tok_visa"));
    let first = account.client.post(ORDERS, &order).key("one");
    let first = first.await.expect(201);
    let again = account.client.post(ORDERS, &order).key("one");
    let again = again.await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body["id"], first.body["id"]);
    let mut other = order;
    other["client_reference"] = json!("another");
    let reused = account.client.post(ORDERS, &other).key("one").await;
    reused.refused(409, "idempotency_key_reused");
}

async fn what_cannot_be_ordered_is_refused() {
    let account = App::shared().await.account().await;
    let declined = ordering(&account, Some("tok_declined")).await.await;
    declined.refused(402, "payment_declined");
    let offer = offer(&account).await;
    let (id, search) = (offer["id"].clone(), offer["offer_request_id"].clone());
    let mut short = order_of(&offer, Some("tok_visa"));
    short["payment"]["amount"] = json!("0.01");
    short["payment"]["currency"] = offer["total_currency"].clone();
    let refused = account.client.post(ORDERS, &short).await;
    refused.refused(409, "amount_mismatch");
    account.advance("2027-03-01T09:31:00Z").await;
    let late = account.client.post(ORDERS, &order_of(&offer, None)).await;
    late.refused(410, "offer_expired");
    let (id, search) = (id.as_str().expect("an id"), search.as_str().expect("an id"));
    for target in [
        format!("/public/v1/offers/{id}"),
        format!("/public/v1/offer-requests/{search}"),
        format!("/public/v1/offers?offer_request_id={search}"),
    ] {
        let gone = account.client.get(target).await;
        gone.refused(410, "offer_expired");
    }
}

async fn an_unknown_outcome_is_pending() {
    let account = App::shared().await.account().await;
    let pending = ordering(&account, Some("tok_unknown")).await;
    let pending = pending.header("Prefer", "wait=1").await.expect(202);
    assert_eq!(pending.text("/status"), "pending");
    let read = read(&account, pending.text("/id")).await;
    assert_eq!(read.body["locator"], json!(null));
}

async fn contact_and_metadata_are_changed_on_a_condition() {
    let account = App::shared().await.account().await;
    let order = ordered(&account, Some("tok_visa")).await;
    let target = format!("{ORDERS}/{}", order.text("/id"));
    let tag = order.header("ETag").to_owned();
    let same = account.client.get(&target).header("If-None-Match", &tag);
    same.await.expect(304);
    let change = json!({"metadata": {"seat": "window"}});
    let patch = || account.client.patch(&target, &change);
    patch().await.refused(428, "precondition_required");
    let stale = patch().header("If-Match", "\"99\"").await;
    stale.refused(412, "precondition_failed");
    let changed = patch().header("If-Match", &tag).await.expect(200);
    assert_eq!(changed.text("/metadata/seat"), "window");
    assert_ne!(changed.header("ETag"), tag);
    cancelling(&account, order.text("/id")).await.expect(200);
    let ended = patch().header("If-Match", "*").await;
    ended.refused(409, "invalid_state");
}

async fn every_answer_says_when_the_contract_ends() {
    let account = App::shared().await.account().await;
    let found = account.client.get(ORDERS).await.expect(200);
    let missing = account
        .client
        .get(format!("{ORDERS}/ord_00000000000000000000000099"));
    let missing = missing.await.refused(404, "not_found");
    for reply in [found, missing] {
        // 2026-11-01 and 2028-12-01, midnight in UTC.
        assert_eq!(reply.header("Deprecation"), "@1793491200");
        assert_eq!(reply.header("Sunset"), "Fri, 01 Dec 2028 00:00:00 GMT");
        let link = reply.header("Link");
        assert!(
            link.contains("</public/v2>; rel=\"successor-version\""),
            "{link}"
        );
    }
    let current = account.client.get("/public/v2/orders").await.expect(200);
    assert!(current.headers.get("Deprecation").is_none());
}
