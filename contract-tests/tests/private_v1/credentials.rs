//! `/private/v1/api-keys` and `/private/v1/clients`: made, rotated with an overlap, revoked; secrets are shown once.

use std::time::Duration;

use fareway::identity::sandbox;
use fareway::kernel::clock::Clock;
use serde_json::{Value, json};

use super::{staff, staff_and_traveller};
use crate::support::app::{Account, App};
use crate::support::client::{Client, Reply};
use crate::support::contract::contract;
use crate::support::trials;

trials![
    a_keys_secret_is_shown_once,
    a_key_is_of_an_account_that_is_there,
    a_rotated_key_works_until_the_overlap_is_over,
    a_revoked_key_opens_nothing_from_then_on,
    a_clients_secret_is_exchanged_for_tokens,
    a_revoked_clients_tokens_end_too,
    published_credentials_stay_as_they_are,
    credentials_of_another_world_are_not_there,
];

const KEYS: &str = "/private/v1/api-keys";
const CLIENTS: &str = "/private/v1/clients";
const SEARCH: &str = "/public/v2/places?query=london";

fn key_for(account: &Account) -> Value {
    json!({"account_id": account.id, "name": "A key", "scopes": ["flights:search"]})
}

/// A minute and what is left of the one before.
fn minutes(count: u64) -> i64 {
    i64::try_from(Duration::from_secs(60 * count).as_micros()).expect("a short while")
}

async fn a_keys_secret_is_shown_once() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let body = key_for(&traveller);
    let made = staff.post(KEYS, &body).key("a").await.expect(201);
    assert_eq!(made.header("Idempotency-Replayed"), "false");
    assert_eq!(made.body["scopes"], json!(["flights:search"]));
    let secret = made.text("/secret");
    assert!(secret.starts_with("sk_test_"));
    assert!(secret.ends_with(made.text("/last_four")));
    let holder = app.anonymous().with_key(Some(secret));
    holder.get(SEARCH).await.expect(200);
    holder
        .get("/public/v2/orders")
        .await
        .refused(403, "insufficient_scope");
    let again = staff.post(KEYS, &body).key("a").await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body["secret"], Value::Null);
    assert_eq!(again.body["id"], made.body["id"]);
    let mut other = body.clone();
    other["scopes"] = json!(["orders:read"]);
    let reused = staff.post(KEYS, &other).key("a").await;
    reused.refused(409, "idempotency_key_reused");
    let listed = staff.get(format!("{KEYS}?account_id={}", traveller.id));
    let listed = listed.await.expect(200);
    assert!(!listed.body.to_string().contains(secret));
    let data = listed.body["data"].as_array().expect("a page");
    assert!(
        data.iter()
            .any(|key| key["id"] == made.body["id"] && key["secret"] == Value::Null),
        "{data:#?}"
    );
}

async fn a_key_is_of_an_account_that_is_there() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let elsewhere = app.account().await;
    for account in ["acc_7zzzzzzzzzzzzzzzzzzzzzzzzz", &elsewhere.id] {
        let body = json!({"account_id": account, "name": "A key", "scopes": ["flights:search"]});
        let made = staff.client.post(KEYS, &body).key("a").await;
        made.refused(404, "not_found");
        let body = json!({"audience": "partner", "account_id": account, "name": "A client", "scopes": ["agency:read"]});
        let made = staff.client.post(CLIENTS, &body).key("a").await;
        made.refused(404, "not_found");
    }
}

async fn a_rotated_key_works_until_the_overlap_is_over() {
    let clock = Clock::manual(sandbox::CLOCK_STARTS_AT_US);
    let own = clock.clone();
    let app = App::start(move |options| options.clock = own).await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let made = staff.post(KEYS, &key_for(&traveller)).key("a");
    let made = made.await.expect(201);
    let target = format!("{KEYS}/{}/rotate", made.text("/id"));
    let rotate = |key: &str, minutes: i64| {
        let body = json!({ "overlap_minutes": minutes });
        staff.post(&target, &body).key(key)
    };
    let new = rotate("b", 5).await.expect(201);
    assert_ne!(new.body["id"], made.body["id"]);
    assert_eq!(new.body["scopes"], made.body["scopes"]);
    let again = rotate("b", 5).await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(
        (&again.body["id"], &again.body["secret"]),
        (&new.body["id"], &Value::Null)
    );
    rotate("c", 5).await.refused(409, "invalid_state");
    let old = app.anonymous().with_key(Some(made.text("/secret")));
    let fresh = app.anonymous().with_key(Some(new.text("/secret")));
    for holder in [&old, &fresh] {
        holder.get(SEARCH).await.expect(200);
    }
    let listed = staff.get(format!("{KEYS}?account_id={}", traveller.id));
    let listed = listed.await.expect(200);
    let replaced = listed.body["data"]
        .as_array()
        .expect("a page")
        .iter()
        .find(|key| key["id"] == made.body["id"])
        .expect("it is listed");
    assert_eq!(replaced["replaced_by"], new.body["id"]);
    assert_eq!(replaced["ends_at"], "2027-03-01T09:05:00Z");
    clock.advance(minutes(6));
    old.get(SEARCH).await.refused(401, "unauthenticated");
    fresh.get(SEARCH).await.expect(200);
    app.stop().await;
}

async fn a_revoked_key_opens_nothing_from_then_on() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let made = staff.post(KEYS, &key_for(&traveller)).key("a");
    let made = made.await.expect(201);
    let holder = app.anonymous().with_key(Some(made.text("/secret")));
    holder.get(SEARCH).await.expect(200);
    let target = format!("{KEYS}/{}", made.text("/id"));
    staff.delete(&target).await.expect(204);
    holder.get(SEARCH).await.refused(401, "unauthenticated");
    staff.delete(&target).await.expect(204);
    let rotate = staff.post(format!("{target}/rotate"), &json!({"overlap_minutes": 1}));
    rotate.key("b").await.refused(409, "invalid_state");
}

/// Asks for a token with what the answer to a request for a client says.
async fn token_of(app: &App, client: &Client, made: &Reply) -> Reply {
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": made.text("/id"),
        "client_secret": made.text("/secret"),
    });
    client
        .at_door(&app.private)
        .with_secret(None)
        .call("POST", "/oauth/token")
        .form(&form)
        .await
}

async fn a_clients_secret_is_exchanged_for_tokens() {
    let app = App::shared().await;
    let staff = staff(&app).await.client;
    let body = json!({"audience": "private", "name": "Night shift", "roles": ["auditor"]});
    let made = staff.post(CLIENTS, &body).key("a").await.expect(201);
    assert_eq!(made.header("Idempotency-Replayed"), "false");
    assert_eq!(made.body["roles"], json!(["auditor"]));
    assert_eq!(made.body["account_id"], Value::Null);
    let token = token_of(&app, &staff, &made).await.expect(200);
    let auditor = staff.with_token(token.text("/access_token"));
    auditor.get("/private/v1/audit-events").await.expect(200);
    auditor
        .post(CLIENTS, &body)
        .key("b")
        .await
        .refused(403, "insufficient_scope");
    let again = staff.post(CLIENTS, &body).key("a").await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body["secret"], Value::Null);
    let mut other = body.clone();
    other["roles"] = json!(["security"]);
    let reused = staff.post(CLIENTS, &other).key("a").await;
    reused.refused(409, "idempotency_key_reused");
    let rotate = staff.post(
        format!("{CLIENTS}/{}/rotate", made.text("/id")),
        &json!({"overlap_minutes": 0}),
    );
    let new = rotate.key("c").await.expect(201);
    token_of(&app, &staff, &new).await.expect(200);
    token_of(&app, &staff, &made).await.expect(401);
    let rotate = staff.post(
        format!("{CLIENTS}/{}/rotate", made.text("/id")),
        &json!({"overlap_minutes": 0}),
    );
    rotate.key("d").await.refused(409, "invalid_state");
    let listed = staff.get(CLIENTS).await.expect(200);
    assert!(!listed.body.to_string().contains(new.text("/secret")));
}

async fn a_revoked_clients_tokens_end_too() {
    let app = App::shared().await;
    let staff = staff(&app).await.client;
    let body = json!({"audience": "private", "name": "Temporary", "roles": ["auditor"]});
    let made = staff.post(CLIENTS, &body).key("a").await.expect(201);
    let token = token_of(&app, &staff, &made).await.expect(200);
    let auditor = staff.with_token(token.text("/access_token"));
    auditor.get("/private/v1/audit-events").await.expect(200);
    let target = format!("{CLIENTS}/{}", made.text("/id"));
    staff.delete(&target).await.expect(204);
    auditor
        .get("/private/v1/audit-events")
        .await
        .refused(401, "unauthenticated");
    token_of(&app, &staff, &made).await.expect(401);
    staff.delete(&target).await.expect(204);
}

async fn published_credentials_stay_as_they_are() {
    let app = App::shared().await;
    let staff = app.sandbox_at(contract("private/v1")).await.client;
    for target in [
        format!("{KEYS}/{}", sandbox::KEY_ID),
        format!("{CLIENTS}/{}", sandbox::AGENCY_CLIENT),
        format!("{CLIENTS}/{}", sandbox::STAFF_CLIENT),
    ] {
        staff.delete(&target).await.refused(404, "not_found");
        let rotate = staff.post(format!("{target}/rotate"), &json!({"overlap_minutes": 1}));
        rotate.key("a").await.refused(409, "invalid_state");
    }
    let agency = app.sandbox_at(contract("partner/v1")).await.client;
    agency.get("/partner/v1/agency").await.expect(200);
    app.sandbox().client.get(SEARCH).await.expect(200);
}

async fn credentials_of_another_world_are_not_there() {
    let app = App::shared().await;
    let (one, traveller) = staff_and_traveller(&app).await;
    let other = staff(&app).await.client;
    let key = one.post(KEYS, &key_for(&traveller)).key("a");
    let key = key.await.expect(201);
    let client = json!({"audience": "private", "name": "Theirs", "roles": ["auditor"]});
    let client = one.post(CLIENTS, &client).key("a").await.expect(201);
    for target in [
        format!("{KEYS}/{}", key.text("/id")),
        format!("{CLIENTS}/{}", client.text("/id")),
    ] {
        other.delete(&target).await.refused(404, "not_found");
        let rotate = other.post(format!("{target}/rotate"), &json!({"overlap_minutes": 1}));
        rotate.key("b").await.refused(404, "not_found");
    }
    for list in [KEYS, CLIENTS] {
        let page = other.get(list).await.expect(200);
        let text = page.body.to_string();
        assert!(!text.contains(key.text("/id")) && !text.contains(client.text("/id")));
    }
    let holder = app.anonymous().with_key(Some(key.text("/secret")));
    holder.get(SEARCH).await.expect(200);
}
