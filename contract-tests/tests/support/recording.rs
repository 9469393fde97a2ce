//! Recordings of exchanges: how they are read and sent again. Their form is told in `contract-tests/fixtures/README.md`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::app::Account;
use super::client::Reply;
use super::contract::repository;
use super::mask::masked;

/// The files of a folder of recordings, by name; none when it is not there.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    if !folder.is_dir() {
        return Vec::new();
    }
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "ndjson")
    });
    files.sort();
    files
}

/// The exchanges of a file, with where they stand.
pub fn exchanges(file: &Path) -> Vec<(String, Value)> {
    let text =
        std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let name = file.strip_prefix(repository()).unwrap_or(file).display();
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| {
            let at = format!("{name}:{}", at + 1);
            let exchange =
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{at}: {error}"));
            (at, exchange)
        })
        .collect()
}

/// Sends a recorded request; `{{name}}` in it stands for what an earlier exchange has bound.
pub async fn replay(sandbox: &Account, request: &Value, bound: &HashMap<String, String>) -> Reply {
    let filled = bound
        .iter()
        .fold(request.to_string(), |text, (name, value)| {
            text.replace(&format!("{{{{{name}}}}}"), value)
        });
    let request: Value = serde_json::from_str(&filled).expect("ids need no escapes");
    let text = |member: &str| request[member].as_str().unwrap_or_default();
    let client = match request.get("key") {
        None => sandbox.client.clone(),
        Some(key) => sandbox.client.with_secret(key.as_str()),
    };
    let mut call = client.call(text("method"), text("path"));
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        call = call.header(name, value.as_str().unwrap_or_default());
    }
    if let Some(form) = request.get("form") {
        return call.form(form).await;
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

/// What is kept of an answer.
pub fn recorded(reply: &Reply) -> Value {
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
