//! Recorded exchanges, replayed: one file a resource in `contract-tests/fixtures`, whose README tells the form.

use std::collections::HashMap;
use std::path::PathBuf;

use fareway::identity::sandbox;
use fareway::kernel::clock::Clock;
use serde_json::Value;

use crate::support::app::App;
use crate::support::contract::{Contract, repository};
use crate::support::recording::{exchanges, files, recorded, replay};
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    recorded_exchanges_are_answered_alike,
    every_operation_has_a_fixture
];

/// Where the fixtures of a contract are; those of recordings lie in `recorded` in it.
pub fn folder(contract: &Contract) -> PathBuf {
    let all = repository().join("contract-tests/fixtures");
    all.join(contract.module())
}

async fn recorded_exchanges_are_answered_alike(contract: &'static Contract) {
    let mut faults = Vec::new();
    for world in worlds(contract) {
        let (places, lines): (Vec<String>, Vec<Value>) = world.into_iter().unzip();
        let answers = answers(contract, &lines).await;
        for ((at, line), mut heard) in places.iter().zip(&lines).zip(answers) {
            let response = &line["response"];
            // What tells of attempts that go on by themselves differs each time.
            if let Some(heard) = heard.as_object_mut()
                && response.get("content_type").is_some()
                && response.get("body").is_none()
            {
                heard.remove("body");
            }
            if heard != *response {
                faults.push(format!("{at}\n  recorded {response}\n  answered {heard}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} exchanges differ; if the change is meant, correct `response`\n{}",
        faults.len(),
        faults.join("\n")
    );
}

/// The exchanges by the sandbox that they begin in: each file has one, but recorded files in which nothing is changed share one.
fn worlds(contract: &Contract) -> Vec<Vec<(String, Value)>> {
    let read = |folder: PathBuf| files(&folder).into_iter().map(|file| exchanges(&file));
    let mut worlds: Vec<_> = read(folder(contract)).collect();
    let changes = |lines: &Vec<(String, Value)>| {
        lines.iter().any(|(_, line)| {
            let succeeds = line["response"]["status"]
                .as_u64()
                .is_none_or(|status| status < 300);
            succeeds && line["request"]["method"] != "GET"
        })
    };
    let (changing, still): (Vec<_>, Vec<_>) =
        read(folder(contract).join("recorded")).partition(changes);
    worlds.extend(changing);
    worlds.push(still.concat());
    worlds
}

/// What an untouched sandbox answers to these exchanges, sent in this order.
pub async fn answers(contract: &'static Contract, lines: &[Value]) -> Vec<Value> {
    // Credentials live in the machine's time, which stands still here too.
    let clock = Clock::manual(sandbox::CLOCK_STARTS_AT_US);
    let app = App::start(|options| options.clock = clock).await;
    let sandbox = app.sandbox_at(contract).await;
    let (mut bound, mut answers) = (HashMap::new(), Vec::new());
    for line in lines {
        let reply = replay(&sandbox, &line["request"], &bound).await;
        for (name, pointer) in line["bind"].as_object().into_iter().flatten() {
            let pointer = pointer.as_str().unwrap_or_default();
            // Where it is missing the answer differs, too.
            if let Some(text) = reply.body.pointer(pointer).and_then(Value::as_str) {
                bound.insert(name.clone(), text.to_owned());
            }
        }
        answers.push(recorded(&reply));
    }
    app.stop().await;
    answers
}

async fn every_operation_has_a_fixture(contract: &'static Contract) {
    let mut without: Vec<&str> = contract
        .operations
        .iter()
        .map(|operation| operation.id.as_str())
        .collect();
    for (_, exchange) in files(&folder(contract))
        .iter()
        .flat_map(|file| exchanges(file))
    {
        let (request, status) = (
            &exchange["request"],
            exchange["response"]["status"].as_u64(),
        );
        let path = request["path"]
            .as_str()
            .and_then(|path| path.split('?').next())
            .unwrap_or_default();
        if let Some(operation) =
            contract.operation_at(request["method"].as_str().unwrap_or_default(), path)
        {
            without.retain(|id| *id != operation.id || status.is_none_or(|status| status >= 300));
        }
    }
    assert!(
        without.is_empty(),
        "add an exchange that succeeds to contract-tests/fixtures for: {without:?}"
    );
}
