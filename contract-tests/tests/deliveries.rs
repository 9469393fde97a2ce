//! Webhooks as whoever is told of events gets them: signed, and again when it failed and the clock of the world has moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::app::App;
use crate::support::{eventually, trials};

trials![an_event_reaches_its_endpoint_signed_and_again_after_a_failure];

/// The contracts that a public key opens.
const CONTRACTS: [&str; 2] = ["/public/v1", "/public/v2"];

/// An endpoint that fails once, and what it gets.
async fn endpoint() -> (String, UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (told, got) = unbounded_channel();
    let fails = Arc::new(AtomicBool::new(true));
    let answer = move |headers: HeaderMap, body: Bytes| {
        let (told, fails) = (told.clone(), fails.clone());
        async move {
            drop(told.send((headers, body)));
            if fails.swap(false, Ordering::SeqCst) {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::NO_CONTENT
            }
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let router = axum::Router::new().fallback(answer);
    tokio::spawn(axum::serve(listener, router).into_future());
    (format!("http://{address}/hook"), got)
}

/// What a body is signed with, by the secret that its owner was shown.
fn signature(secret: &str, headers: &HeaderMap, body: &[u8]) -> String {
    let secret = secret.strip_prefix("whsec_").expect("a secret of webhooks");
    let secret = BASE64.decode(secret.as_bytes()).expect("base64");
    let mut mac: Hmac<Sha256> = Hmac::new_from_slice(&secret).expect("a key of any length");
    for part in [&headers["webhook-id"], &headers["webhook-timestamp"]] {
        mac.update(part.as_bytes());
        mac.update(b".");
    }
    mac.update(body);
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

async fn an_event_reaches_its_endpoint_signed_and_again_after_a_failure() {
    let account = App::shared().await.account().await;
    let mut endpoints = Vec::new();
    for contract in CONTRACTS {
        let (url, got) = endpoint().await;
        let wanted = json!({"url": url, "events": ["order.ticketed"]});
        let target = format!("{contract}/webhook-endpoints");
        let made = account.client.post(&target, &wanted).await.expect(201);
        let deliveries = format!("{target}/{}/deliveries", made.text("/id"));
        endpoints.push((made.text("/secret").to_owned(), deliveries, got));
    }
    let order = account.ticketed("order").await;

    let mut first = Vec::new();
    for (secret, deliveries, got) in &mut endpoints {
        eventually("the first attempt", async || {
            let listed = account.client.get(&*deliveries).await.expect(200);
            (listed.body["data"][0]["attempts"][0]["response_status"] == 500).then_some(())
        })
        .await;
        let (headers, body) = got.try_recv().expect("it was sent");
        assert_eq!(
            headers["webhook-signature"],
            signature(secret, &headers, &body)
        );
        let told: Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(told["type"], "order.ticketed");
        assert_eq!(told["id"].as_str(), headers["webhook-id"].to_str().ok());
        assert!(told.to_string().contains(order.text("/id")));
        first.push((headers["webhook-id"].clone(), body));
    }

    let clock = format!("/public/v2/test-clocks/{}/advance", account.clock_id);
    let later = json!({"to": "2027-03-01T09:00:10Z"});
    account.client.post(clock, &later).await.expect(200);
    for ((secret, deliveries, got), (id, body)) in endpoints.iter_mut().zip(first) {
        let done = eventually("the second attempt", async || {
            let listed = account.client.get(&*deliveries).await.expect(200);
            let delivery = listed.body["data"][0].clone();
            (delivery["status"] == "succeeded").then_some(delivery)
        })
        .await;
        assert_eq!(done["attempts"][1]["response_status"], 204);
        assert_eq!(done["next_attempt_at"], Value::Null);
        let (headers, again) = got.try_recv().expect("it was sent again");
        assert_eq!((&headers["webhook-id"], &again), (&id, &body));
        assert_eq!(
            headers["webhook-signature"],
            signature(secret, &headers, &again)
        );
    }
}
