//! One idempotency key, fifty clients at one moment, at every door that sells: one of them has the effect, all are told of it.

use std::future::IntoFuture;

use futures_util::future::join_all;
use serde_json::json;

use crate::partner_v1::agent;
use crate::public_v1;
use crate::support::app::App;
use crate::support::audit;
use crate::support::client::{Call, Reply};
use crate::support::traveller::order_of;
use crate::support::trials;

trials![
    fifty_clients_of_public_v2_order_and_pay_once,
    fifty_clients_of_public_v1_order_and_pay_once,
    fifty_clients_of_partner_v1_hold_order_and_ticket_once,
];

/// Clients that send the same request under the same key.
const CLIENTS: usize = 50;

async fn fifty_clients_of_public_v2_order_and_pay_once() {
    let app = App::shared().await;
    let account = app.account().await;
    let offer = account.offer().await;
    let order = order_of(&offer, Some("tok_visa"));
    let sold = once("order", || account.order(&order, "sold")).await;
    assert_eq!(sold.text("/status"), "ticketed");
    let offer = account.offer().await;
    let order = order_of(&offer, None);
    let held = once("hold", || account.order(&order, "held")).await;
    assert_eq!(held.text("/status"), "held");
    let id = held.text("/id");
    let paid = once("pay", || account.pay(id, "tok_visa", "paid")).await;
    assert_eq!(paid.text("/status"), "ticketed");
    assert_eq!(paid.body["payments"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.seats(&account).await, (2, 0));
    let orders = audit::agree(&app.clients, &[account]).await;
    assert_eq!(orders.len(), 2);
}

async fn fifty_clients_of_public_v1_order_and_pay_once() {
    let app = App::shared().await;
    let account = app.account().await;
    let order = public_v1::order_of(&public_v1::offer(&account).await, Some("tok_visa"));
    let ordering = |key: &str| account.client.post(public_v1::ORDERS, &order).key(key);
    let sold = once("order", || ordering("sold")).await;
    assert_eq!(sold.text("/status"), "confirmed");
    let order = public_v1::order_of(&public_v1::offer(&account).await, None);
    let ordering = |key: &str| account.client.post(public_v1::ORDERS, &order).key(key);
    let held = once("hold", || ordering("held")).await;
    assert_eq!(held.text("/status"), "held");
    let card = json!({"type": "card", "token": "tok_visa"});
    let paying = || public_v1::paying(&account, held.text("/id"), &card).key("paid");
    let paid = once("pay", paying).await;
    assert_eq!(paid.text("/status"), "confirmed");
    assert_eq!(paid.body["payment_ids"].as_array().map(Vec::len), Some(1));
    assert_eq!(app.seats(&account).await, (2, 0));
    let orders = audit::agree(&app.clients, &[account]).await;
    assert_eq!(orders.len(), 2);
}

async fn fifty_clients_of_partner_v1_hold_order_and_ticket_once() {
    let (app, account) = agent::agency().await;
    let (flight, class) = agent::flight(&account).await;
    let seats = agent::seats(&flight, &class, 2);
    let holding = || account.client.post(agent::HOLDS, &seats).key("hold");
    let hold = once("hold", holding).await;
    assert_eq!(app.seats(&account).await, (0, 2));
    // From a hold, which is over to flights as soon as one of them has its seats.
    let order = agent::order_of_hold(&hold, 2, agent::credit());
    let sold = once("order of a hold", || agent::order(&account, &order, "sold")).await;
    assert_eq!(sold.text("/status"), "ticketed");
    assert_eq!(app.seats(&account).await, (2, 0));
    let order = agent::order_of_offer(&agent::offer(&account).await, agent::later());
    let later = once("order of an offer", || {
        agent::order(&account, &order, "later")
    })
    .await;
    assert_eq!(app.seats(&account).await, (2, 1));
    let id = later.text("/id");
    let paying = || agent::ticket(&account, id, agent::credit(), "ticket");
    let paid = once("ticket", paying).await;
    assert_eq!(paid.text("/status"), "ticketed");
    assert_eq!(app.seats(&account).await, (3, 0));
    let owed = [&sold, &paid].map(|order| order.body["price"]["total"]["amount"].as_i64());
    let agency = account.client.get(agent::AGENCY).await.expect(200);
    let used = agency.body["credit_used"]["amount"].as_i64();
    assert_eq!(used, owed.into_iter().sum(), "each was owed for once");
}

/// Sends one request from all clients; what they are told, which is one thing.
async fn once(what: &str, call: impl Fn() -> Call) -> Reply {
    let calls = (0..CLIENTS).map(|_| call().into_future());
    let mut replies = join_all(calls).await;
    // Who is told to wait asks again in the end.
    replies.push(call().await);
    replies.retain(|reply| (reply.status, reply.code()) != (409, "idempotency_in_progress"));
    let first = |reply: &&Reply| reply.header("Idempotency-Replayed") == "false";
    assert_eq!(replies.iter().filter(first).count(), 1, "{what}");
    let last = replies.pop().expect("it is not told to wait").expect(201);
    for reply in replies {
        let reply = reply.expect(201);
        assert_eq!(reply.body, last.body, "{what}");
    }
    last
}
