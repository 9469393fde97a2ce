//! What every generated route answers when a body is refused, the handler fails, panics or takes too long, or the quota is used up;
//! and what the routes report of themselves.

use serde_json::json;

use super::golden::public_v9::routes;
use super::things::{Things, answers, door, exchange, get, post, small};

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

/// The drift gate is tested with this report; see `xtask/src/drift`.
#[test]
fn the_mounted_routes_report_themselves() {
    let report = serde_json::to_value(routes::document::<Things>()).expect("a document is JSON");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../xtask/src/drift/golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_json_snapshot!("reported", report));
}
