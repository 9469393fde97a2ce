//! Operations that take a token, and the one that gives it: forms, refusals in an operation's own words, limits by address. And what
//! every answer of a contract says that comes to its end.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::golden::public_v9::{CONTRACT, NAME, WEBHOOKS};
use super::things::{answers, door, exchange, get};
use crate::wire::contract::Contract;

fn delete(authorization: Option<&str>) -> Request<Body> {
    let mut request = Request::builder()
        .method("DELETE")
        .uri("/public/v9/things/thg_1");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    request.body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn a_token_opens_what_takes_tokens_and_nothing_else_does() {
    let router = door(true);
    for scheme in ["Bearer", "bearer"] {
        let (response, body) = exchange(&router, delete(Some(&format!("{scheme} writer")))).await;
        assert_eq!(
            (response.status(), body),
            (StatusCode::NO_CONTENT, Value::Null)
        );
        assert!(!response.headers().contains_key(header::CONTENT_TYPE));
    }
    let plain = "Bearer realm=\"fareway\"";
    let wrong = "Bearer realm=\"fareway\", error=\"invalid_token\"";
    for (authorization, challenge) in [
        (None, plain),
        (Some("Basic d3JpdGVyOg=="), plain),
        (Some("writer"), plain),
        (Some("Bearer "), plain),
        (Some("Bearer nobody"), wrong),
    ] {
        let (response, body) = exchange(&router, delete(authorization)).await;
        assert_eq!(
            (response.status().as_u16(), &body["code"]),
            (401, &json!("unauthenticated")),
            "{authorization:?}"
        );
        assert_eq!(
            response.headers()[header::WWW_AUTHENTICATE],
            challenge,
            "{authorization:?}"
        );
    }
    let mut key = delete(None);
    key.headers_mut()
        .insert("api-key", "writer".parse().expect("text"));
    let mut token = get("/public/v9/things/thg_1");
    let value = token.headers_mut().remove("api-key").expect("it has one");
    let value = format!("Bearer {}", value.to_str().expect("text"));
    token
        .headers_mut()
        .insert(header::AUTHORIZATION, value.parse().expect("text"));
    answers(
        &router,
        vec![
            (
                "a token without the scope",
                delete(Some("Bearer reader")),
                403,
                "insufficient_scope",
            ),
            ("a key where a token is wanted", key, 401, "unauthenticated"),
            (
                "a token where a key is wanted",
                token,
                401,
                "unauthenticated",
            ),
        ],
    )
    .await;
}

fn token(uri: &str, form: impl Into<Body>) -> Request<Body> {
    Request::builder()
        .method("POST")
        .uri(uri)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, "Basic Y2xpXzE6c2VjcmV0")
        .body(form.into())
        .expect("a request")
}

#[tokio::test]
async fn forms_are_read_and_what_does_not_fit_is_refused_in_the_operations_words() {
    let router = door(true);
    let form = "grant_type=client_credentials&scope=a%3Ab+c&scope_more=&unknown=1";
    let (response, body) = exchange(&router, token("/oauth/token", form)).await;
    assert_eq!(response.status(), StatusCode::OK, "{body}");
    assert_eq!(
        body["access_token"],
        "cli_1 secret client_credentials Some(\"a:b c\")"
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(
        response.headers()["ratelimit-policy"],
        "\"token\";q=50;w=60"
    );

    let without = |name: header::HeaderName| {
        let mut request = token("/oauth/token", "grant_type=a");
        request.headers_mut().remove(name);
        request
    };
    let (response, body) = exchange(&router, without(header::AUTHORIZATION)).await;
    assert_eq!(
        (response.status().as_u16(), &body["error"]),
        (401, &json!("invalid_client"))
    );
    assert_eq!(
        response.headers()[header::WWW_AUTHENTICATE],
        "Basic realm=\"things\""
    );
    for (uri, form) in [
        ("/oauth/token", ""),
        ("/oauth/token", "grant_type="),
        ("/oauth/token", "grant_type=a&grant_type=a"),
        ("/oauth/token", "grant_type=A"),
        ("/oauth/token", "grant_type=%ff"),
        ("/oauth/token?x=1", "grant_type=a"),
    ] {
        let (response, body) = exchange(&router, token(uri, form)).await;
        assert_eq!(
            (response.status().as_u16(), &body["error"]),
            (400, &json!("invalid_request")),
            "{uri} {form}"
        );
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        assert!(response.headers().contains_key("request-id"), "{form}");
    }
    answers(
        &router,
        vec![
            (
                "no form",
                without(header::CONTENT_TYPE),
                415,
                "unsupported_media_type",
            ),
            (
                "too large",
                token("/oauth/token", "a".repeat(300)),
                413,
                "payload_too_large",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn whoever_takes_no_credential_is_counted_by_address() {
    let router = door(true);
    let from = |peer: &str| {
        let mut request = token("/oauth/token", "grant_type=a");
        let peer: SocketAddr = peer.parse().expect("an address");
        request.extensions_mut().insert(ConnectInfo(peer));
        request
    };
    for port in 0..50 {
        let (response, _) = exchange(&router, from(&format!("[2001:db8::{port}]:1"))).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    for (peer, status) in [
        ("[2001:db8::ffff]:2", 429),
        ("[2001:db8:0:1::1]:1", 200),
        ("192.0.2.1:1", 200),
    ] {
        let (response, _) = exchange(&router, from(peer)).await;
        assert_eq!(response.status().as_u16(), status, "{peer}");
    }
}

#[tokio::test]
async fn every_answer_of_an_ending_contract_says_so() {
    let router = door(true);
    let anonymous = |method: &str, uri: &str| {
        let request = Request::builder().method(method).uri(uri);
        request.body(Body::empty()).expect("a request")
    };
    for (request, status) in [
        (delete(Some("Bearer writer")), 204),
        (delete(None), 401),
        (anonymous("GET", "/public/v9/nothing"), 404),
        (anonymous("PUT", "/public/v9/things"), 405),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let (response, _) = exchange(&router, request).await;
        assert_eq!(response.status().as_u16(), status, "{what}");
        let headers = response.headers();
        assert_eq!(headers["deprecation"], "@1798761600", "{what}");
        assert_eq!(headers["sunset"], "Fri, 01 Jun 2029 00:00:00 GMT", "{what}");
        assert_eq!(
            headers["link"], "</public/v10>; rel=\"successor-version\"",
            "{what}"
        );
    }
    for uri in ["/public/v99/nothing", "/other"] {
        let (response, _) = exchange(&router, anonymous("GET", uri)).await;
        assert!(!response.headers().contains_key("deprecation"), "{uri}");
    }
}

#[test]
fn payloads_of_webhooks_are_judged_by_the_contract() {
    assert_eq!(WEBHOOKS, [("thing.made", "ThingMade")]);
    let contract = Contract::new(NAME, CONTRACT);
    let violations = |payload: &Value| contract.violations(WEBHOOKS[0].1, payload);
    assert!(violations(&json!({"part": {"detail": {"text": null}}})).is_empty());
    assert!(!violations(&json!({"part": {"detail": {"text": "much too long"}}})).is_empty());
    assert!(!violations(&json!({})).is_empty());
}
