//! `/oauth/token`: tokens, and errors as RFC 6749 has them.

use fareway::identity::sandbox;
use fareway::kernel::clock::Clock;
use serde_json::{Value, json};

use super::agent::{AGENCY, advance, agency, partner};
use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::trials;

trials![
    a_client_gets_a_token_by_the_form_or_by_basic,
    a_token_has_the_scopes_that_were_asked_for,
    what_is_no_token_request_is_400_as_oauth_has_it,
    who_is_nobody_is_401_as_oauth_has_it,
    a_token_works_for_15_minutes,
    a_token_opens_its_own_door_only,
];

const TOKEN: &str = "/oauth/token";
const SECOND_US: i64 = 1_000_000;

/// The form of a client.
fn form(account: &Account) -> Value {
    let (id, secret) = account.oauth();
    json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret})
}

/// Sends a form for nobody in particular.
async fn send(app: &App, form: &Value) -> Reply {
    app.anonymous().call("POST", TOKEN).form(form).await
}

fn basic(id: &str, secret: &str) -> String {
    let credentials = format!("{id}:{secret}");
    format!(
        "Basic {}",
        data_encoding::BASE64.encode(credentials.as_bytes())
    )
}

async fn a_client_gets_a_token_by_the_form_or_by_basic() {
    let (app, account) = agency().await;
    let by_form = send(&app, &form(&account)).await.expect(200);
    let (id, secret) = account.oauth();
    let by_header = app
        .anonymous()
        .call("POST", TOKEN)
        .header("Authorization", &basic(id, secret))
        .form(&json!({"grant_type": "client_credentials"}))
        .await
        .expect(200);
    for issued in [by_form, by_header] {
        assert_eq!(issued.header("Cache-Control"), "no-store");
        assert_eq!(issued.text("/token_type"), "Bearer");
        assert_eq!(issued.body["expires_in"], 900);
        assert!(issued.text("/access_token").starts_with("fwt_"));
        let client = account.client.with_token(issued.text("/access_token"));
        client.get(AGENCY).await.expect(200);
    }
    // What the form says besides is nobody's business.
    let mut more = form(&account);
    more["audience"] = json!("elsewhere");
    send(&app, &more).await.expect(200);
}

async fn a_token_has_the_scopes_that_were_asked_for() {
    let (app, account) = agency().await;
    let mut wanted = form(&account);
    wanted["scope"] = json!("avail:read  agency:read");
    let issued = send(&app, &wanted).await.expect(200);
    let mut scopes: Vec<&str> = issued.text("/scope").split(' ').collect();
    scopes.sort_unstable();
    assert_eq!(scopes, ["agency:read", "avail:read"]);
    let client = account.client.with_token(issued.text("/access_token"));
    client.get(AGENCY).await.expect(200);
    client
        .get("/partner/v1/orders")
        .await
        .refused(403, "insufficient_scope");
    let all = send(&app, &form(&account)).await.expect(200);
    assert_eq!(
        all.text("/scope").split(' ').count(),
        partner().scopes().len()
    );
}

async fn what_is_no_token_request_is_400_as_oauth_has_it() {
    let (app, account) = agency().await;
    let (id, secret) = account.oauth();
    let with = |member: &str, value: &str| {
        let mut form = form(&account);
        form[member] = json!(value);
        form
    };
    for (form, error) in [
        (with("grant_type", "password"), "unsupported_grant_type"),
        (with("scope", "ledger:read"), "invalid_scope"),
        (with("scope", "agency:read ledger:read"), "invalid_scope"),
        (
            json!({"client_id": id, "client_secret": secret}),
            "invalid_request",
        ),
        (json!({}), "invalid_request"),
    ] {
        let refused = send(&app, &form).await.expect(400);
        assert_eq!(refused.text("/error"), error, "{form}");
        assert_eq!(refused.header("Cache-Control"), "no-store");
    }
    // The client is named twice, and once more.
    let twice = app
        .anonymous()
        .call("POST", TOKEN)
        .header("Authorization", &basic(id, secret))
        .form(&form(&account));
    assert_eq!(twice.await.expect(400).text("/error"), "invalid_request");
    let repeated = format!("grant_type=client_credentials&grant_type=x&client_id={id}");
    let call = app
        .anonymous()
        .call("POST", TOKEN)
        .header("Content-Type", "application/x-www-form-urlencoded");
    let refused = call.bytes(repeated.into_bytes()).await.expect(400);
    assert_eq!(refused.text("/error"), "invalid_request");
}

async fn who_is_nobody_is_401_as_oauth_has_it() {
    let (app, account) = agency().await;
    let (id, secret) = account.oauth();
    let staff = sandbox::STAFF_CLIENT;
    let of_staff = sandbox::STAFF_SECRET;
    for (id, secret) in [
        (id, "cs_test_wrong"),
        (id, ""),
        ("cli_nobody", secret),
        // A client of another door is nobody at this one.
        (staff, of_staff),
    ] {
        let by_form =
            json!({"grant_type": "client_credentials", "client_id": id, "client_secret": secret});
        let refused = send(&app, &by_form).await.expect(401);
        assert_eq!(refused.text("/error"), "invalid_client", "{id}");
        assert!(refused.headers.get("WWW-Authenticate").is_none());
        let refused = app
            .anonymous()
            .call("POST", TOKEN)
            .header("Authorization", &basic(id, secret))
            .form(&json!({"grant_type": "client_credentials"}))
            .await
            .expect(401);
        assert_eq!(refused.text("/error"), "invalid_client", "{id}");
        assert!(refused.header("WWW-Authenticate").starts_with("Basic "));
    }
}

async fn a_token_works_for_15_minutes() {
    let clock = Clock::manual(sandbox::CLOCK_STARTS_AT_US);
    let own = clock.clone();
    let app = App::start(move |options| options.clock = own).await;
    let account = app.party(partner()).await;
    let read = || account.client.get(AGENCY);
    clock.advance((15 * 60 - 1) * SECOND_US);
    read().await.expect(200);
    // The clock of the agency's world has nothing to do with it.
    advance(&account, "2027-03-01T11:00:00Z").await;
    read().await.expect(200);
    clock.advance(SECOND_US);
    let refused = read().await.refused(401, "unauthenticated");
    let challenge = refused.header("WWW-Authenticate");
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
    let next = send(&app, &form(&account)).await.expect(200);
    let client = account.client.with_token(next.text("/access_token"));
    client.get(AGENCY).await.expect(200);
    app.stop().await;
}

async fn a_token_opens_its_own_door_only() {
    let (app, account) = agency().await;
    let token = account.client.secret().expect("it has a token").to_owned();
    let as_key = app.anonymous().with_key(Some(&token));
    as_key
        .get("/public/v2/orders")
        .await
        .refused(401, "unauthenticated");
    let developer = app.account_in(&account.world).await;
    let key = developer.client.secret().expect("it has a key").to_owned();
    account
        .client
        .with_token(&key)
        .get(AGENCY)
        .await
        .refused(401, "unauthenticated");
}
