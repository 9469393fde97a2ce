//! Every example of the contract: requests work, twice, against the sandbox of a fresh server; answers fit their schemas.

use serde_json::json;

use crate::support::app::App;
use crate::support::contract::Contract;
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    examples_of_requests_work_and_work_again,
    examples_of_answers_fit_their_schemas
];

async fn examples_of_requests_work_and_work_again(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    let mut faults = Vec::new();
    for round in ["first", "second"] {
        for operation in contract.operations.iter() {
            for sample in Sample::all_of(operation) {
                let reply = sample.call(&sandbox.client).await;
                if reply.status != sample.success() {
                    faults.push(format!(
                        "{} {}, the {round} time: {} {:#}",
                        operation.id, sample.name, reply.status, reply.body
                    ));
                }
            }
        }
    }
    // The examples move the clock, and what expires with it must still work.
    app.sandbox().advance("2027-03-01T11:00:00Z").await;
    for operation in contract
        .operations
        .iter()
        .filter(|operation| operation.method == "GET")
    {
        let sample = Sample::of(operation);
        let reply = sample.call(&sandbox.client).await;
        if reply.status != sample.success() {
            faults.push(format!(
                "{}, two hours later: {} {:#}",
                operation.id, reply.status, reply.body
            ));
        }
    }
    app.stop().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

async fn examples_of_answers_fit_their_schemas(contract: &'static Contract) {
    let mut faults = Vec::new();
    let mut count = 0;
    for operation in contract.operations.iter() {
        for (status, response) in operation.node.at("responses").members() {
            for (_, media) in response
                .find("content")
                .map_or_else(Vec::new, |content| content.members())
            {
                for (name, example) in media.at("examples").members() {
                    count += 1;
                    let value = example.at("value").value;
                    let broken = contract.violations(media.at("schema"), value);
                    faults.extend(
                        broken
                            .iter()
                            .map(|fault| format!("{} {status} {name}: {fault}", operation.id)),
                    );
                    let code = value["code"]
                        .as_str()
                        .filter(|_| value["status"] == json!(status.parse::<u16>().ok()));
                    let described = code.is_none_or(|code| {
                        contract
                            .problem(code)
                            .is_some_and(|entry| value["title"] == *entry.at("title").value)
                    });
                    if !described {
                        faults.push(format!(
                            "{} {status} {name}: the title is not that of the catalogue",
                            operation.id
                        ));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(count > 100, "only {count} examples were found");
}
