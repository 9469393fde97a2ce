//! Recorded exchanges, replayed: one file a resource in `contract-tests/fixtures`, whose README tells the form.

use std::collections::HashMap;
use std::path::PathBuf;

use fareway::identity::sandbox;
use fareway::kernel::clock::Clock;

use crate::support::app::App;
use crate::support::contract::{Contract, repository};
use crate::support::recording::{exchanges, files, recorded, replay};
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    recorded_exchanges_are_answered_alike,
    every_operation_has_a_fixture
];

fn folder(contract: &Contract) -> PathBuf {
    let all = repository().join("contract-tests/fixtures");
    all.join(contract.module())
}

async fn recorded_exchanges_are_answered_alike(contract: &'static Contract) {
    let mut faults = Vec::new();
    // Credentials live in the machine's time, which stands still here too.
    let clock = Clock::manual(sandbox::CLOCK_STARTS_AT_US);
    for file in files(&folder(contract)) {
        // Each file starts in an untouched sandbox.
        let app = App::start(|options| options.clock = clock.clone()).await;
        let sandbox = app.sandbox_at(contract).await;
        let mut bound = HashMap::new();
        for (at, exchange) in exchanges(&file) {
            let reply = replay(&sandbox, &exchange["request"], &bound).await;
            let mut heard = recorded(&reply);
            // What tells of attempts that go on by themselves differs each time.
            if let Some(heard) = heard.as_object_mut()
                && exchange["response"].get("content_type").is_some()
                && exchange["response"].get("body").is_none()
            {
                heard.remove("body");
            }
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
