//! What every generated route answers: to strangers, to the wrong scope, and to each way in which a request does not fit.

use axum::body::Body;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::things::{answers, door, exchange, get, post, request, small};

#[tokio::test]
async fn successes_carry_their_declared_headers() {
    let router = door(true);
    let (response, body) = exchange(&router, post(small("pebble"))).await;
    assert_eq!(response.status(), StatusCode::CREATED, "{body}");
    assert_eq!(body["kind"], "k");
    let headers = response.headers();
    assert_eq!(headers["location"], "/public/v9/things/acc_1");
    assert_eq!(
        (&headers["etag"], &headers["idempotency-replayed"]),
        (
            &"\"1\"".parse().expect("text"),
            &"false".parse().expect("text")
        )
    );
    assert!(
        headers["request-id"]
            .to_str()
            .expect("text")
            .starts_with("req_")
    );
    assert_eq!(headers["ratelimit-policy"], "\"book\";q=50;w=60");

    let large = json!({"type": "large", "weight": 28.0, "tags": ["a"], "contact": {"phone": "1"}});
    let (response, _) = exchange(&router, post(large.to_string())).await;
    assert_eq!(
        (response.status(), &response.headers()["retry-in"]),
        (StatusCode::ACCEPTED, &"3".parse().expect("text"))
    );

    let (response, body) = exchange(
        &router,
        get("/public/v9/things/thg_1?sort=price&limit=5&full=true&on=2027-03-01"),
    )
    .await;
    assert_eq!(
        body["labels"]["seen"],
        "Some(Price) Some(5) Some(true) Some(\"2027-03-01\")"
    );
    let headers = response.headers();
    assert_eq!(headers["deprecation"], "@1798761600");
    assert_eq!(headers["sunset"], "Mon, 01 Jan 2029 00:00:00 GMT");
    assert_eq!(
        headers["link"],
        "</public/v10/things/{thing_id}>; rel=\"successor-version\""
    );

    let conditional = request("GET", "/public/v9/things/thg_1")
        .header("if-none-match", "\"1\"")
        .body(Body::empty());
    let (response, body) = exchange(&router, conditional.expect("a request")).await;
    assert_eq!(
        (response.status(), body),
        (StatusCode::NOT_MODIFIED, Value::Null)
    );

    let named = request("GET", "/public/v9/things/thg_1")
        .header("request-id", "mine-1")
        .body(Body::from("unwanted"));
    let (response, _) = exchange(&router, named.expect("a request")).await;
    assert_eq!(
        (response.status(), &response.headers()["request-id"]),
        (StatusCode::OK, &"mine-1".parse().expect("text"))
    );
}

#[tokio::test]
async fn strangers_learn_nothing_but_how_to_identify_themselves() {
    let router = door(true);
    let stranger = |secret: Option<&str>| {
        let mut request = Request::builder()
            .method("POST")
            .uri("/public/v9/things?x=%ff");
        if let Some(secret) = secret {
            request = request.header("api-key", secret);
        }
        request.body(Body::from("{")).expect("a request")
    };
    for secret in [None, Some("wrong"), Some("")] {
        let (response, body) = exchange(&router, stranger(secret)).await;
        assert_eq!(
            (response.status().as_u16(), &body["code"]),
            (401, &json!("unauthenticated")),
            "{secret:?}"
        );
        assert_eq!(
            response.headers()["www-authenticate"],
            "ApiKey realm=\"fareway\""
        );
    }
    let mut reader = post(small("pebble"));
    reader
        .headers_mut()
        .insert("api-key", "reader".parse().expect("text"));
    answers(
        &router,
        vec![("a key without the scope", reader, 403, "insufficient_scope")],
    )
    .await;
}

#[tokio::test]
async fn every_misfit_has_its_own_answer() {
    let router = door(true);
    let with = |name: &'static str, value: &'static str| {
        let mut request = post(small("pebble"));
        request
            .headers_mut()
            .insert(name, value.parse().expect("text"));
        request
    };
    let without = |name: &str| {
        let mut request = post(small("pebble"));
        request.headers_mut().remove(name);
        request
    };
    let thing = |query: &str| get(&format!("/public/v9/things/thg_1{query}"));
    answers(
        &router,
        vec![
            (
                "an unknown path",
                get("/public/v9/nothing"),
                404,
                "not_found",
            ),
            ("an encoded unknown path", get("/%ff"), 404, "not_found"),
            (
                "what cannot be accepted",
                with("accept", "text/html"),
                406,
                "not_acceptable",
            ),
            (
                "no key to be idempotent by",
                without("idempotency-key"),
                400,
                "idempotency_key_required",
            ),
            (
                "a bad key",
                with("idempotency-key", "a b"),
                400,
                "invalid_parameter",
            ),
            (
                "an unknown parameter",
                thing("?nothing=1"),
                400,
                "invalid_parameter",
            ),
            (
                "a parameter twice",
                thing("?limit=1&limit=1"),
                400,
                "invalid_parameter",
            ),
            (
                "a word that is not listed",
                thing("?sort=name"),
                400,
                "invalid_parameter",
            ),
            ("too much", thing("?limit=101"), 400, "invalid_parameter"),
            (
                "a fraction in a query",
                thing("?limit=28.0"),
                400,
                "invalid_parameter",
            ),
            ("no date", thing("?on=2027-02-30"), 400, "invalid_parameter"),
            (
                "broken encoding",
                thing("?sort=%zz"),
                400,
                "invalid_parameter",
            ),
            ("not UTF-8", thing("?sort=%ff"), 400, "invalid_parameter"),
            (
                "a path that does not match",
                get("/public/v9/things/x"),
                400,
                "invalid_parameter",
            ),
            (
                "another media type",
                with("content-type", "text/plain"),
                415,
                "unsupported_media_type",
            ),
            (
                "no media type",
                without("content-type"),
                415,
                "unsupported_media_type",
            ),
            (
                "another charset",
                with("content-type", "application/json; charset=latin1"),
                415,
                "unsupported_media_type",
            ),
            (
                "too large",
                post(" ".repeat(3000)),
                413,
                "payload_too_large",
            ),
            ("no body", post(""), 400, "malformed"),
            ("broken JSON", post("{"), 400, "malformed"),
            (
                "trailing data",
                post(format!("{} x", small("pebble"))),
                400,
                "malformed",
            ),
            (
                "a name twice",
                post(r#"{"type": "small", "name": "a", "name": "b", "made_on": "2027-03-01"}"#),
                400,
                "malformed",
            ),
            (
                "bytes that are not UTF-8",
                post(&b"{\"type\": \"\xff\"}"[..]),
                400,
                "malformed",
            ),
            (
                "a lone surrogate",
                post(r#"{"type": "\ud800"}"#),
                400,
                "malformed",
            ),
            ("deep nesting", post("[".repeat(2000)), 400, "malformed"),
            (
                "a body of another shape",
                post("[]"),
                422,
                "validation_failed",
            ),
            (
                "an empty change",
                {
                    let patch = request("PATCH", "/public/v9/things/thg_1")
                        .header("content-type", "application/json");
                    patch.body(Body::from("{}")).expect("a request")
                },
                422,
                "validation_failed",
            ),
        ],
    )
    .await;
    let patch = request("PATCH", "/public/v9/things/thg_1")
        .body(Body::empty())
        .expect("a request");
    assert_eq!(
        exchange(&router, patch).await.0.status(),
        StatusCode::NO_CONTENT,
        "the body is optional"
    );
}

#[tokio::test]
async fn wrong_methods_are_told_the_right_ones_and_head_is_get() {
    let router = door(true);
    let (response, body) = exchange(
        &router,
        request("PUT", "/public/v9/things/thg_1")
            .body(Body::empty())
            .expect("a request"),
    )
    .await;
    assert_eq!(
        (response.status().as_u16(), &body["code"]),
        (405, &json!("method_not_allowed"))
    );
    assert_eq!(response.headers()["allow"], "GET,HEAD,PATCH,DELETE");
    let head = request("HEAD", "/public/v9/things/thg_1")
        .body(Body::empty())
        .expect("a request");
    let (response, body) = exchange(&router, head).await;
    assert_eq!((response.status(), body), (StatusCode::OK, Value::Null));
}
