//! What every generated route answers: to strangers, to the wrong scope, to each way in which a request does not fit, and when the
//! handler fails, panics or takes too long.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::golden::operations::{
    CreateThing, CreateThingInput, GetThing, GetThingInput, UpdateThing, UpdateThingInput,
};
use super::golden::types::{Thing, ThingInput};
use super::golden::{CONTRACT, PublicV9, routes};
use crate::api::problem::Code;
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::platform::auth::{Authenticator, Caller};
use crate::platform::limits::{Limits, Policy};
use crate::platform::status::refuse;
use crate::rpc::identity::v1::keys_server::Keys;
use crate::rpc::identity::v1::{
    Account, CreateAccountRequest, CreateKeyRequest, CreateKeyResponse, KeysClient, Principal,
    VerifyKeyRequest,
};
use crate::wire::contract::Contract;
use crate::wire::door::{Core, Door};
use crate::wire::problem::Problem;

/// Knows two keys: one may do everything, the other only read.
struct TwoKeys;

#[tonic::async_trait]
impl Keys for TwoKeys {
    async fn verify_key(
        &self,
        request: tonic::Request<VerifyKeyRequest>,
    ) -> Result<tonic::Response<Principal>, tonic::Status> {
        let scopes = match request.get_ref().secret.as_str() {
            "writer" => vec!["things:read".to_owned(), "things:write".to_owned()],
            "reader" => vec!["things:read".to_owned()],
            "broken" => {
                return Err(tonic::Status::unavailable(
                    "10.0.0.7 refused the connection",
                ));
            }
            _ => return Err(refuse(Code::Unauthenticated, "nobody has this key")),
        };
        Ok(tonic::Response::new(Principal {
            account_id: "acc_1".to_owned(),
            key_id: request.get_ref().secret.clone(),
            scopes,
            ..Principal::default()
        }))
    }

    async fn create_account(
        &self,
        _: tonic::Request<CreateAccountRequest>,
    ) -> Result<tonic::Response<Account>, tonic::Status> {
        Err(tonic::Status::unimplemented("these tests make no accounts"))
    }

    async fn create_key(
        &self,
        _: tonic::Request<CreateKeyRequest>,
    ) -> Result<tonic::Response<CreateKeyResponse>, tonic::Status> {
        Err(tonic::Status::unimplemented("these tests make no keys"))
    }
}

/// Does what the name of the thing says.
#[derive(Clone)]
struct Things;

fn thing(kind: &str) -> Thing {
    Thing {
        id: "thg_1".to_owned(),
        kind: kind.to_owned(),
        amount: 7,
        maker: None,
        r#type: "https://fareway.example/things/1".to_owned(),
        labels: None,
    }
}

impl PublicV9 for Things {
    async fn create_thing(
        &self,
        caller: Caller,
        request: CreateThingInput,
    ) -> Result<CreateThing, Problem> {
        let name = match request.body {
            ThingInput::Small(small) => small.name,
            ThingInput::Large(large) => {
                assert_eq!(large.weight, 28);
                return Ok(CreateThing::Accepted {
                    retry_in: Some(3),
                    body: thing("large"),
                });
            }
        };
        match name.as_str() {
            "refused" => Err(Problem::new(Code::InvalidState, "not now")),
            "undeclared" => Err(Problem::new(Code::NotFound, "secret")),
            "panic" => panic!("secret"),
            "slow" => std::future::pending().await,
            _ => Ok(CreateThing::Created {
                location: format!("/public/v9/things/{}", caller.account_id),
                etag: "\"1\"".to_owned(),
                idempotency_replayed: false,
                body: thing(&request.idempotency_key),
            }),
        }
    }

    async fn get_thing(&self, _: Caller, request: GetThingInput) -> Result<GetThing, Problem> {
        if request.if_none_match.is_some() {
            return Ok(GetThing::NotModified);
        }
        let seen = format!(
            "{:?} {:?} {:?} {:?}",
            request.sort, request.limit, request.full, request.on
        );
        let mut body = thing("small");
        body.labels = Some([("seen".to_owned(), seen)].into());
        Ok(GetThing::Ok {
            etag: "\"1\"".to_owned(),
            body,
        })
    }

    async fn update_thing(&self, _: Caller, _: UpdateThingInput) -> Result<UpdateThing, Problem> {
        Ok(UpdateThing::NoContent)
    }
}

fn door(undeclared_problem_panics: bool) -> Router {
    let policies = ["read", "book", "door"].map(|name| Policy {
        name,
        a_minute: 50.try_into().expect("50 is not 0"),
    });
    let core = Core {
        contract: Contract::new(CONTRACT),
        authenticator: Authenticator::new(KeysClient::local(Arc::new(TwoKeys))),
        limits: Arc::new(Limits::new(&policies)),
        clock: Clock::manual(0),
        chance: Chance::seeded(1),
        undeclared_problem_panics,
    };
    routes::router(Door::new(Arc::new(core), Things))
}

/// An exchange: status, headers and body, which is null when there is none.
async fn exchange(router: &Router, request: Request<Body>) -> (Response<()>, Value) {
    let response = router
        .clone()
        .oneshot(request)
        .await
        .expect("a router does not fail");
    let (parts, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .expect("the body is in memory")
        .to_bytes();
    let body = if bytes.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&bytes).expect("bodies are JSON")
    };
    (Response::from_parts(parts, ()), body)
}

fn request(method: &str, uri: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("api-key", "writer")
}

fn get(uri: &str) -> Request<Body> {
    request("GET", uri).body(Body::empty()).expect("a request")
}

fn post(body: impl Into<Body>) -> Request<Body> {
    request("POST", "/public/v9/things")
        .header("content-type", "application/json")
        .header("idempotency-key", "k")
        .body(body.into())
        .expect("a request")
}

fn small(name: &str) -> String {
    json!({"type": "small", "name": name, "made_on": "2027-03-01"}).to_string()
}

/// Status and code of each request, and that a failure is a problem document with the headers of every answer.
async fn answers(router: &Router, cases: Vec<(&str, Request<Body>, u16, &str)>) {
    for (what, request, status, code) in cases {
        let (response, body) = exchange(router, request).await;
        assert_eq!(response.status().as_u16(), status, "{what}: {body}");
        assert_eq!(
            body["code"].as_str().unwrap_or_default(),
            code,
            "{what}: {body}"
        );
        let headers = response.headers();
        assert!(
            headers.contains_key("request-id") && headers.contains_key("ratelimit"),
            "{what}"
        );
        if status >= 400 {
            assert_eq!(
                headers["content-type"], "application/problem+json",
                "{what}"
            );
            assert_eq!(
                body["request_id"],
                headers["request-id"].to_str().expect("text"),
                "{what}"
            );
        }
    }
}

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
        request("DELETE", "/public/v9/things/thg_1")
            .body(Body::empty())
            .expect("a request"),
    )
    .await;
    assert_eq!(
        (response.status().as_u16(), &body["code"]),
        (405, &json!("method_not_allowed"))
    );
    assert_eq!(response.headers()["allow"], "GET,HEAD,PATCH");
    let head = request("HEAD", "/public/v9/things/thg_1")
        .body(Body::empty())
        .expect("a request");
    let (response, body) = exchange(&router, head).await;
    assert_eq!((response.status(), body), (StatusCode::OK, Value::Null));
}

#[tokio::test]
async fn a_refused_body_is_explained_pointer_by_pointer() {
    let router = door(true);
    let body = json!({
        "type": "large", "weight": 0, "tags": ["A", "b"], "sizes": [1.5], "parts": [{"name": "lid", "colour": "red"}],
        "contact": {"email": "x", "phone": "1"}, "metadata": {"UP": "1"}, "shade": "dark", "fragile": null,
    });
    let (response, body) = exchange(&router, post(body.to_string())).await;
    assert_eq!(response.status().as_u16(), 422);
    let mut pointers: Vec<String> = body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| {
            format!(
                "{} {}",
                error["pointer"].as_str().expect("a pointer"),
                error["code"].as_str().expect("a code")
            )
        })
        .collect();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/contact maxProperties",
            "/contact/email format",
            "/fragile type",
            "/metadata propertyNames",
            "/parts/0/colour additionalProperties",
            "/parts/0/price required",
            "/shade enum",
            "/sizes/0 type",
            "/tags/0 pattern",
            "/weight minimum",
        ]
    );
}

#[tokio::test]
async fn failures_of_handlers_are_problems() {
    let router = door(false);
    answers(
        &router,
        vec![
            ("a refusal", post(small("refused")), 409, "invalid_state"),
            (
                "a problem that is not listed",
                post(small("undeclared")),
                500,
                "internal",
            ),
            ("a panic", post(small("panic")), 500, "internal"),
            (
                "no answer in time",
                post(small("slow")),
                503,
                "deadline_exceeded",
            ),
        ],
    )
    .await;
    let (_, body) = exchange(&router, post(small("panic"))).await;
    assert!(!body.to_string().contains("secret"));
    let mut broken = post(small("pebble"));
    broken
        .headers_mut()
        .insert("api-key", "broken".parse().expect("text"));
    let (response, body) = exchange(&router, broken).await;
    // The golden contract does not list `dependency_unavailable`, so it must not leave.
    assert_eq!(
        (response.status().as_u16(), &body["code"]),
        (500, &json!("internal"))
    );
}

#[tokio::test]
#[should_panic(expected = "createThing answered `not_found`, which its x-problems do not list")]
async fn a_problem_that_is_not_listed_panics_in_tests() {
    exchange(&door(true), post(small("undeclared"))).await;
}

#[tokio::test]
async fn a_used_up_quota_says_when_to_return() {
    let router = door(true);
    for _ in 0..50 {
        exchange(&router, get("/public/v9/things/thg_1")).await;
    }
    let (response, body) = exchange(&router, get("/public/v9/things/thg_1")).await;
    assert_eq!(
        (
            response.status().as_u16(),
            &body["code"],
            &body["retryable"]
        ),
        (429, &json!("rate_limited"), &json!(true))
    );
    let headers = response.headers();
    let wait: u64 = headers["retry-after"]
        .to_str()
        .expect("text")
        .parse()
        .expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(
        headers["ratelimit"],
        format!("\"read\";r=0;t={wait}").as_str()
    );
}
