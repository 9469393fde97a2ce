//! Recorded exchanges, replayed: one file a resource in `contract-tests/fixtures`, whose README tells the form.

use std::collections::HashMap;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::contract::{PUBLIC_V2, repository};
use crate::support::mask::masked;
use crate::support::trials;

trials![
    recorded_exchanges_are_answered_alike,
    every_operation_has_a_fixture
];

fn files() -> Vec<PathBuf> {
    let folder = repository().join("contract-tests/fixtures");
    let entries =
        std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "ndjson")
    });
    files.sort();
    files
}

/// The exchanges of a file, with where they stand.
fn exchanges(file: &PathBuf) -> Vec<(String, Value)> {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let at = format!("fixtures/{name}:{}", at + 1);
            let exchange =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{at}: {error}"));
            (at, exchange)
        })
        .collect()
}

async fn recorded_exchanges_are_answered_alike() {
    let mut faults = Vec::new();
    for file in files() {
        // Each file starts in an untouched sandbox.
        let app = App::start(|_| {}).await;
        let sandbox = app.sandbox();
        let mut bound = HashMap::new();
        for (at, exchange) in exchanges(&file) {
            let reply = replay(&sandbox, &exchange["request"], &bound).await;
            let heard = recorded(&reply);
            if heard != exchange["response"] {
                faults.push(format!(
                    "{at}\n  recorded {}\n  answered {heard}",
                    exchange["response"]
                ));
            }
            for (name, pointer) in exchange["bind"].as_object().into_iter().flatten() {
                bound.insert(
                    name.clone(),
                    reply.text(pointer.as_str().unwrap_or_default()).to_owned(),
                );
            }
        }
        app.stop().await;
    }
    assert!(
        faults.is_empty(),
        "{} exchanges differ; if the change is meant, correct `response`\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// Sends a recorded request; `{{name}}` in it stands for what an earlier exchange has bound.
async fn replay(sandbox: &Account, request: &Value, bound: &HashMap<String, String>) -> Reply {
    let filled = bound
        .iter()
        .fold(request.to_string(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        });
    let request: Value = serde_json::from_str(&filled).expect("ids need no escapes");
    let text = |member: &str| request[member].as_str().unwrap_or_default();
    let client = match request.get("key") {
        None => sandbox.client.clone(),
        Some(key) => sandbox.client.with_key(key.as_str()),
    };
    let mut call = client.call(text("method"), text("path"));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        call = call.header(name, value.as_str().unwrap_or_default());
    }
    match (request.get("body"), request.get("raw")) {
        (Some(body), _) => call.json(body).await,
        (None, Some(raw)) => {
            call.bytes(raw.as_str().unwrap_or_default().as_bytes().to_vec())
                .await
        }
        (None, None) => call.await,
    }
}

/// What is compared of an answer.
fn recorded(reply: &Reply) -> Value {
    let mut recorded = Map::from_iter([("status".to_owned(), json!(reply.status))]);
    if !reply.body.is_null() {
        recorded.insert(
            "content_type".to_owned(),
            json!(reply.header("Content-Type")),
        );
        recorded.insert("body".to_owned(), masked(&reply.body));
    }
    Value::Object(recorded)
}

async fn every_operation_has_a_fixture() {
    let mut without: Vec<&str> = PUBLIC_V2
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    for (_, exchange) in files().iter().flat_map(exchanges) {
        let (request, status) = (
            &exchange["request"],
            exchange["response"]["status"].as_u64(),
        );
        let path = request["path"]
            .as_str()
            .and_then(|path| path.split('?').next())
            .unwrap_or_default();
        if let Some(operation) =
            PUBLIC_V2.operation_at(request["method"].as_str().unwrap_or_default(), path)
        {
            without.retain(|id| *id != operation.id || status.is_none_or(|status| status >= 300));
        }
    }
    assert!(
        without.is_empty(),
        "add an exchange that succeeds to contract-tests/fixtures for: {without:?}"
    );
}
