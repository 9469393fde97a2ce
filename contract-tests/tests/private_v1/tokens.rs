//! `/oauth/token` at the private door, and what a token is good for.

use std::time::Duration;

use fareway::identity::sandbox;
use fareway::kernel::clock::Clock;
use serde_json::{Value, json};

use super::{FLIGHTS, staff};
use crate::support::app::App;
use crate::support::client::Client;
use crate::support::contract::contract;
use crate::support::trials;

trials![
    staff_get_a_token_by_form_or_by_header,
    what_is_no_request_for_a_token_is_told_as_rfc_6749_has_it,
    a_token_has_the_scopes_that_were_asked_for,
    a_token_ends_after_fifteen_minutes,
    roles_decide_what_a_token_may_do,
    the_administrator_of_the_live_world_comes_from_a_file,
];

const TOKEN: &str = "/oauth/token";
const A_FLIGHT: &str = "flt_BA185-20270320-LHR-JFK";

fn door(app: &App) -> Client {
    app.anonymous_at(contract("private/v1"))
}

fn form(secret: &str) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": sandbox::STAFF_CLIENT,
        "client_secret": secret,
    })
}

fn basic(user: &str, password: &str) -> String {
    let pair = format!("{user}:{password}");
    format!("Basic {}", data_encoding::BASE64.encode(pair.as_bytes()))
}

async fn staff_get_a_token_by_form_or_by_header() {
    let app = App::shared().await;
    let door = door(&app);
    let by_form = door.call("POST", TOKEN).form(&form(sandbox::STAFF_SECRET));
    let by_header = door
        .call("POST", TOKEN)
        .header(
            "Authorization",
            &basic(sandbox::STAFF_CLIENT, sandbox::STAFF_SECRET),
        )
        .form(&json!({"grant_type": "client_credentials"}));
    for call in [by_form, by_header] {
        let token = call.await.expect(200);
        assert_eq!(
            (token.text("/token_type"), &token.body["expires_in"]),
            ("Bearer", &json!(900))
        );
        assert_eq!(token.header("Cache-Control"), "no-store");
        let client = door.with_token(token.text("/access_token"));
        client
            .get(format!("{FLIGHTS}/{A_FLIGHT}"))
            .await
            .expect(200);
        // The public listener does not know it.
        let elsewhere = app.anonymous().with_key(Some(token.text("/access_token")));
        elsewhere
            .get("/public/v2/orders")
            .await
            .refused(401, "unauthenticated");
    }
}

async fn what_is_no_request_for_a_token_is_told_as_rfc_6749_has_it() {
    let app = App::shared().await;
    let door = door(&app);
    let ask = |form: &Value| door.call("POST", TOKEN).form(form);
    let mut other_grant = form(sandbox::STAFF_SECRET);
    other_grant["grant_type"] = json!("password");
    let mut much = form(sandbox::STAFF_SECRET);
    much["scope"] = json!("flights:read world:rule");
    for (form, error) in [
        (json!({}), "invalid_request"),
        (json!({"grant_type": ""}), "invalid_request"),
        (other_grant, "unsupported_grant_type"),
        (much, "invalid_scope"),
    ] {
        let refused = ask(&form).await.expect(400);
        assert_eq!(refused.text("/error"), error, "{form}");
        assert_eq!(refused.header("Cache-Control"), "no-store");
    }
    let both = ask(&form(sandbox::STAFF_SECRET)).header(
        "Authorization",
        &basic(sandbox::STAFF_CLIENT, sandbox::STAFF_SECRET),
    );
    assert_eq!(both.await.expect(400).text("/error"), "invalid_request");
    let wrong = ask(&form("cs_test_wrong")).await.expect(401);
    assert_eq!(wrong.text("/error"), "invalid_client");
    assert_eq!(wrong.header("WWW-Authenticate"), "");
    let nobody = ask(&json!({"grant_type": "client_credentials"}));
    assert_eq!(nobody.await.expect(401).text("/error"), "invalid_client");
    let by_header = ask(&json!({"grant_type": "client_credentials"}))
        .header("Authorization", &basic(sandbox::STAFF_CLIENT, "wrong"))
        .await
        .expect(401);
    assert!(by_header.header("WWW-Authenticate").starts_with("Basic"));
    // An agency's client is nobody here.
    let agency = json!({
        "grant_type": "client_credentials",
        "client_id": sandbox::AGENCY_CLIENT,
        "client_secret": sandbox::AGENCY_SECRET,
    });
    ask(&agency).await.expect(401);
}

async fn a_token_has_the_scopes_that_were_asked_for() {
    let app = App::shared().await;
    let door = door(&app);
    let mut few = form(sandbox::STAFF_SECRET);
    few["scope"] = json!("flights:read fares:read");
    let token = door.call("POST", TOKEN).form(&few).await.expect(200);
    let mut scopes: Vec<&str> = token.text("/scope").split(' ').collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["fares:read", "flights:read"]);
    let client = door.with_token(token.text("/access_token"));
    client.get("/private/v1/fares").await.expect(200);
    client
        .get("/private/v1/orders")
        .await
        .refused(403, "insufficient_scope");
}

async fn a_token_ends_after_fifteen_minutes() {
    let clock = Clock::manual(sandbox::CLOCK_STARTS_AT_US);
    let own = clock.clone();
    let app = App::start(move |options| options.clock = own).await;
    let staff = staff(&app).await;
    let read = || staff.client.get(format!("{FLIGHTS}/{A_FLIGHT}"));
    clock.advance(us(Duration::from_secs(15 * 60 - 1)));
    read().await.expect(200);
    clock.advance(us(Duration::from_secs(2)));
    let refused = read().await.refused(401, "unauthenticated");
    let challenge = refused.header("WWW-Authenticate");
    assert!(challenge.contains("invalid_token"), "{challenge}");
    app.stop().await;
}

fn us(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).expect("a short while")
}

async fn roles_decide_what_a_token_may_do() {
    let app = App::shared().await;
    let admin = staff(&app).await;
    let client = json!({"audience": "private", "name": "Planner", "roles": ["scheduler"]});
    let made = admin.client.post("/private/v1/clients", &client).key("a");
    let made = made.await.expect(201);
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": made.text("/id"),
        "client_secret": made.text("/secret"),
    });
    let token = door(&app).call("POST", TOKEN).form(&form).await.expect(200);
    let planner = admin.client.with_token(token.text("/access_token"));
    let flight = format!("{FLIGHTS}/{A_FLIGHT}");
    planner
        .post(format!("{flight}/cancel"), &json!({"preview": true}))
        .key("look")
        .await
        .expect(200);
    let limits = json!({"cabin": "economy", "limits": [{"booking_class": "V", "limit": 1}]});
    planner
        .put(format!("{flight}/inventory/limits"), &limits)
        .header("If-Match", "*")
        .await
        .refused(403, "insufficient_scope");
    planner
        .get("/private/v1/audit-events")
        .await
        .refused(403, "insufficient_scope");
}

async fn the_administrator_of_the_live_world_comes_from_a_file() {
    const SECRET: &str = "cs_live_chosen0by0whoever0starts0it00";
    let app = App::start(|options| options.admin_secret = Some(SECRET.to_owned())).await;
    let form = json!({
        "grant_type": "client_credentials", "client_id": "cli_admin", "client_secret": SECRET,
    });
    let token = door(&app).call("POST", TOKEN).form(&form).await.expect(200);
    let admin = door(&app).with_token(token.text("/access_token"));
    let developer = json!({"kind": "developer", "name": "A developer"});
    let account = admin.post("/private/v1/accounts", &developer).key("a");
    let account = account.await.expect(201);
    assert_eq!(account.body["livemode"], true);
    let key =
        json!({"account_id": account.body["id"], "name": "First", "scopes": ["flights:search"]});
    let key = admin.post("/private/v1/api-keys", &key).key("a");
    let key = key.await.expect(201);
    let public = app.anonymous().with_key(Some(key.text("/secret")));
    public
        .get("/public/v2/places?query=london")
        .await
        .expect(200);
    // The live world holds nothing of the sandbox.
    let accounts = admin.get("/private/v1/accounts").await.expect(200);
    assert_eq!(accounts.body["data"], json!([account.body]));
    app.stop().await;
}
