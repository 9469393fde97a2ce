//! Old clients keep working: what was recorded against each released revision is sent to today's server. Answers must have the
//! recorded status, words, shape and relations, and fit the contract as it was released. Prices, flights and times are free.
//!
//! `cargo xtask release` puts the recordings into `contract-tests/released/<audience>-<version>`; nobody edits them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::contract::{Contract, repository};
use crate::support::recording::{exchanges, files, recorded, replay};
use crate::support::trials;

trials![
    old_clients_keep_working,
    a_changed_answer_is_caught,
    what_is_compared
];

/// Members whose words a client decides by.
const WORDS: [&str; 7] = [
    "status",
    "payment_status",
    "code",
    "type",
    "ptc",
    "error",
    "token_type",
];

/// The released revisions: audience, version and recordings.
fn revisions() -> Vec<(&'static str, String, PathBuf)> {
    let folder = repository().join("contract-tests/released");
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let Some((audience, version)) = name.split_once('-') else {
            continue;
        };
        let audience = ["public", "partner", "private"]
            .into_iter()
            .find(|one| *one == audience);
        let audience = audience.unwrap_or_else(|| panic!("{name} names no audience"));
        found.push((audience, version.to_owned(), path));
    }
    found.sort();
    found
}

async fn old_clients_keep_working() {
    let mut faults = Vec::new();
    let mut sent = 0;
    for (audience, version, folder) in revisions() {
        let contract: &'static Contract =
            Box::leak(Box::new(Contract::released(audience, &version)));
        for file in files(&folder) {
            let app = App::start(|_| {}).await;
            let (count, found) = replayed(&app, contract, &file, None).await;
            sent += count;
            faults.extend(
                found
                    .into_iter()
                    .map(|fault| format!("{audience} {version}: {fault}")),
            );
            app.stop().await;
        }
    }
    assert!(
        faults.is_empty(),
        "clients of released revisions break; mend the server, the recordings stay as they are\n{}",
        faults.join("\n")
    );
    assert!(
        sent >= 20 * revisions().len(),
        "only {sent} exchanges were recorded"
    );
}

/// Sends the exchanges of a file from the top, through a door at `base` when one is named.
async fn replayed(
    app: &App,
    contract: &'static Contract,
    file: &Path,
    base: Option<&str>,
) -> (usize, Vec<String>) {
    let mut sandbox = app.sandbox_at(contract).await;
    sandbox.client = sandbox.client.judged_by(contract);
    if let Some(base) = base {
        sandbox.client = sandbox.client.at(base);
    }
    let (mut bound, mut faults, mut count) = (HashMap::new(), Vec::new(), 0);
    for (at, exchange) in exchanges(file) {
        let reply = replay(&sandbox, &exchange["request"], &bound).await;
        let found = differences(&exchange["response"], &recorded(&reply));
        faults.extend(found.into_iter().map(|fault| format!("{at}: {fault}")));
        for (name, pointer) in exchange["bind"].as_object().into_iter().flatten() {
            let pointer = pointer.as_str().unwrap_or_default();
            bound.insert(name.clone(), reply.text(pointer).to_owned());
        }
        count += 1;
    }
    (count, faults)
}

/// What a client of `old` would miss in `new`; both are masked.
fn differences(old: &Value, new: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for member in ["status", "content_type"] {
        if old[member] != new[member] {
            faults.push(format!(
                "{member} was {} and is {}",
                old[member], new[member]
            ));
        }
    }
    let mut names = HashMap::new();
    shape("", "", &old["body"], &new["body"], &mut names, &mut faults);
    faults
}

fn shape<'v>(
    at: &str,
    member: &str,
    old: &'v Value,
    new: &'v Value,
    names: &mut HashMap<&'v str, &'v str>,
    faults: &mut Vec<String>,
) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (name, old) in old {
                match new.get(name) {
                    Some(new) => shape(&format!("{at}/{name}"), name, old, new, names, faults),
                    None => faults.push(format!("{at}/{name} is gone")),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            if new.is_empty() && !old.is_empty() {
                faults.push(format!("{at} is empty"));
            }
            for (index, (old, new)) in old.iter().zip(new).enumerate() {
                shape(&format!("{at}/{index}"), member, old, new, names, faults);
            }
        }
        (Value::String(old), Value::String(new)) => {
            let masked = |text: &str| text.starts_with('[') && text.ends_with(']');
            if WORDS.contains(&member) && old != new {
                faults.push(format!("{at} was {old:?} and is {new:?}"));
            }
            if masked(old) && *names.entry(old).or_insert(new) != new {
                faults.push(format!("{at} was the same as another {old}, and is {new}"));
            }
        }
        // Whether a value is there at all may depend on the flight; whether it may be absent is for the contract to say.
        (Value::Null, _) | (_, Value::Null) => {}
        (old, new) if kind(old) == kind(new) => {}
        (old, new) => faults.push(format!("{at} was {} and is {}", kind(old), kind(new))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What a change does to an answer.
type Edit = fn(&mut Value);

/// A handler that was changed: in front of the real one, and edits what it answers.
#[derive(Clone)]
struct Changed {
    base: String,
    http: reqwest::Client,
    edit: Edit,
}

async fn changed(State(state): State<Changed>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX)
        .await
        .expect("the body can be read");
    let target = parts.uri.path_and_query().expect("a path").as_str();
    let mut headers = parts.headers;
    headers.remove("host");
    let sent = state
        .http
        .request(parts.method, format!("{}{target}", state.base));
    let answer = sent
        .headers(headers)
        .body(body)
        .send()
        .await
        .expect("the server answers");
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != "content-length" && name != "transfer-encoding" {
            response = response.header(name, value);
        }
    }
    let mut bytes = answer.bytes().await.expect("a body").to_vec();
    if let Ok(mut value) = serde_json::from_slice::<Value>(&bytes) {
        (state.edit)(&mut value);
        bytes = value.to_string().into_bytes();
    }
    response.body(Body::from(bytes)).expect("an answer")
}

async fn a_changed_answer_is_caught() {
    let edits: [(&str, Edit); 3] = [
        ("/locator is gone", |order| {
            order
                .as_object_mut()
                .and_then(|order| order.remove("locator"));
        }),
        ("/status was", |order| {
            if order["status"] == "ticketed" {
                order["status"] = json!("confirmed");
            }
        }),
        ("/tickets/0/passenger_id was the same", |order| {
            if let Some(id) = order.pointer_mut("/passengers/0/id") {
                *id = json!("pas_00000000000000000000000000");
            }
        }),
    ];
    let Some((audience, version, folder)) = revisions()
        .into_iter()
        .find(|(audience, version, _)| *audience == "public" && version.starts_with('2'))
    else {
        panic!("public 2 is not released");
    };
    let contract: &'static Contract = Box::leak(Box::new(Contract::released(audience, &version)));
    let file = folder.join("orders.ndjson");
    for (expected, edit) in edits {
        let app = App::start(|_| {}).await;
        let state = Changed {
            base: app.base.clone(),
            http: crate::support::app::http_client(),
            edit,
        };
        let router = axum::Router::new().fallback(changed).with_state(state);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("a free port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await });
        let caught = std::panic::AssertUnwindSafe(replayed(&app, contract, &file, Some(&base)));
        // The released contract may object before the comparison does: either says what broke.
        let caught = futures_util::FutureExt::catch_unwind(caught).await;
        let told = match caught {
            Ok((_, faults)) => faults.join("\n"),
            Err(panic) => panic.downcast_ref::<String>().cloned().unwrap_or_default(),
        };
        let member = expected
            .split(' ')
            .next()
            .unwrap_or_default()
            .trim_start_matches('/');
        let member = member.rsplit('/').next().unwrap_or_default();
        assert!(
            told.contains(expected) || told.contains(&format!("\"{member}\"")),
            "{expected} was not caught: {told}"
        );
        serving.abort();
        app.stop().await;
    }
}

async fn what_is_compared() {
    let old = json!({"status": 200, "content_type": "application/json", "body": {
        "id": "[ord 1]", "status": "held", "total": {"amount": 100}, "parts": [{"order": "[ord 1]"}], "note": null
    }});
    let cases = [
        (json!({}), None),
        (
            json!({"/body/total/amount": 250, "/body/id": "[ord 7]", "/body/parts/0/order": "[ord 7]"}),
            None,
        ),
        (json!({"/body/note": "new"}), None),
        (json!({"/status": 201}), Some("status was 200 and is 201")),
        (
            json!({"/body/status": "pending"}),
            Some("/status was \"held\" and is \"pending\""),
        ),
        (
            json!({"/body/total/amount": "1.00"}),
            Some("/total/amount was a number and is a text"),
        ),
        (json!({"/body/total": {}}), Some("/total/amount is gone")),
        (json!({"/body/parts": []}), Some("/parts is empty")),
        (
            json!({"/body/parts/0/order": "[ord 2]"}),
            Some("/parts/0/order was the same as another [ord 1], and is [ord 2]"),
        ),
    ];
    for (edits, expected) in cases {
        let mut new = old.clone();
        for (pointer, value) in edits.as_object().into_iter().flatten() {
            *new.pointer_mut(pointer).expect("the member is there") = value.clone();
        }
        let found = differences(&old, &new);
        assert_eq!(found.first().map(String::as_str), expected, "{edits}");
    }
}
