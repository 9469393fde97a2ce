//! `/public/v2/idempotency-keys`, and what a key promises on every operation that takes one (I6).

use futures_util::future::join_all;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::traveller::{ORDERS, order_of};
use crate::support::trials;

trials![
    a_repeat_gets_the_first_answer,
    a_key_is_for_one_request,
    a_refusal_is_repeated_too,
    duplicates_at_once_have_one_effect,
    a_lost_answer_is_found_by_its_key,
];

const KEYS: &str = "/public/v2/idempotency-keys";

/// The same answer, said to be a repeat.
#[track_caller]
fn replayed(first: &Reply, again: &Reply) {
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(first.header("Idempotency-Replayed"), "false");
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    for header in ["ETag", "Location"] {
        assert_eq!(first.header(header), again.header(header));
    }
}

async fn a_repeat_gets_the_first_answer() {
    let account = App::shared().await.account().await;
    let order = order_of(&account.offer().await, None);
    let made = account.order(&order, "order").await.expect(201);
    let id = made.text("/id");
    let paid = account.pay(id, "tok_visa", "pay").await.expect(201);
    let quote = account.quote(id).await;
    let cancelled = account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    // Much has happened since, and the clock has moved; the answers are still the first ones.
    account.advance("2027-03-03T00:00:00Z").await;
    replayed(&made, &account.order(&order, "order").await);
    replayed(&paid, &account.pay(id, "tok_visa", "pay").await);
    replayed(
        &cancelled,
        &account.confirm(quote.text("/id"), "cancel").await,
    );
    // White space and the order of members are not another request.
    let shuffled: serde_json::Map<String, Value> = order
        .as_object()
        .expect("an object")
        .clone()
        .into_iter()
        .rev()
        .collect();
    let call = account
        .client
        .call("POST", ORDERS)
        .key("order")
        .header("Content-Type", "application/json");
    let pretty = serde_json::to_vec_pretty(&shuffled).expect("it is JSON");
    replayed(&made, &call.bytes(pretty).await);
    assert_eq!(account.all(ORDERS, 100).await.len(), 1);
}

async fn a_key_is_for_one_request() {
    let account = App::shared().await.account().await;
    let (one, two) = (account.offer().await, account.offer().await);
    let made = account
        .order(&order_of(&one, None), "same")
        .await
        .expect(201);
    account
        .order(&order_of(&two, None), "same")
        .await
        .refused(409, "idempotency_key_reused");
    let mut other = order_of(&one, None);
    other["contact"]["email"] = json!("else@example.com");
    account
        .order(&other, "same")
        .await
        .refused(409, "idempotency_key_reused");
    // Keys are apart for each operation, but not for each order of it.
    account
        .pay(made.text("/id"), "tok_visa", "same")
        .await
        .expect(201);
    let second = account
        .order(&order_of(&two, None), "second")
        .await
        .expect(201);
    account
        .pay(second.text("/id"), "tok_visa", "same")
        .await
        .refused(409, "idempotency_key_reused");
    assert_eq!(account.all(ORDERS, 100).await.len(), 2);
}

async fn a_refusal_is_repeated_too() {
    let account = App::shared().await.account().await;
    let order = order_of(&account.offer().await, Some("tok_declined"));
    let first = account
        .order(&order, "declined")
        .await
        .refused(402, "payment_declined");
    let again = account
        .order(&order, "declined")
        .await
        .refused(402, "payment_declined");
    assert_eq!(first.body["detail"], again.body["detail"]);
    assert_eq!(
        account.all(ORDERS, 100).await.len(),
        1,
        "one order failed, not two"
    );
}

async fn duplicates_at_once_have_one_effect() {
    let account = App::shared().await.account().await;
    let order = order_of(&account.offer().await, Some("tok_visa"));
    let replies = join_all((0..12).map(|_| account.order(&order, "at-once").into_future())).await;
    let one = one_effect(&replies);
    assert_eq!(account.all(ORDERS, 100).await.len(), 1);
    let quote = account.quote(&one).await;
    let replies =
        join_all((0..12).map(|_| account.confirm(quote.text("/id"), "at-once").into_future()))
            .await;
    one_effect(&replies);
    let order = account.read(&one).await;
    assert_eq!(
        order.body["refunds"].as_array().map(Vec::len),
        Some(1),
        "{:#}",
        order.body["refunds"]
    );
}

/// The id of what came of requests of which one took effect and the rest were repeats or told to wait.
fn one_effect(replies: &[Reply]) -> String {
    let done: Vec<&Reply> = replies.iter().filter(|reply| reply.status < 300).collect();
    assert_eq!(
        done.iter()
            .filter(|reply| reply.header("Idempotency-Replayed") == "false")
            .count(),
        1
    );
    assert!(
        done.iter().all(|reply| reply.body == done[0].body),
        "all see the same"
    );
    for reply in replies.iter().filter(|reply| reply.status >= 300) {
        assert_eq!(
            (reply.status, reply.code()),
            (409, "idempotency_in_progress"),
            "{:#}",
            reply.body
        );
    }
    done[0].text("/id").to_owned()
}

async fn a_lost_answer_is_found_by_its_key() {
    let account = App::shared().await.account().await;
    let made = account.held("key-of.order").await;
    let find = |key: &'static str, operation: &'static str| {
        account
            .client
            .get(format!("{KEYS}/{key}?operation={operation}"))
    };
    let id = made.text("/id");
    account
        .pay(id, "tok_insufficient_funds", "key-of-payment")
        .await
        .refused(402, "payment_declined");
    let quote = account.quote(id).await;
    account
        .confirm(quote.text("/id"), "key/of+cancellation?")
        .await
        .expect(200);
    let mut found = Vec::new();
    for (key, operation) in [
        ("key-of.order", "createOrder"),
        ("key-of-payment", "createOrderPayment"),
        ("key%2Fof+cancellation%3F", "confirmOrderCancellation"),
    ] {
        found.push(find(key, operation).await.expect(200).masked());
    }
    assert_json_snapshot!("idempotency_keys", found);
    find("key-of-payment", "createOrder")
        .await
        .refused(404, "not_found");
    unseen_by_others(&account).await;
}

async fn unseen_by_others(account: &Account) {
    let app = App::shared().await;
    let neighbour = app.account_in(&account.world).await;
    neighbour
        .client
        .get(format!(
            "{KEYS}/key-of-payment?operation=createOrderPayment"
        ))
        .await
        .refused(404, "not_found");
}
