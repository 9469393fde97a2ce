//! Conditional requests (RFC 9110, section 13): every operation that takes `If-None-Match` or `If-Match`.

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::client::Client;
use crate::support::contract::Contract;
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    what_is_known_is_not_sent_again,
    what_was_neither_seen_nor_named_is_not_overwritten,
];

/// Requests of the sandbox for the operations that take a header.
fn taking(contract: &'static Contract, name: &'static str) -> impl Iterator<Item = Sample> {
    let takes = move |sample: &Sample| sample.headers.iter().any(|(header, _)| *header == name);
    contract.operations.iter().map(Sample::of).filter(takes)
}

/// The same request with a condition, or without one.
fn with(sample: &Sample, name: &'static str, condition: Option<&str>) -> Sample {
    let mut sample = sample.clone();
    sample.headers.retain(|(header, _)| *header != name);
    sample
        .headers
        .extend(condition.map(|condition| (name, condition.to_owned())));
    sample
}

async fn what_is_known_is_not_sent_again(contract: &'static Contract) {
    const NAME: &str = "If-None-Match";
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    for sample in taking(contract, NAME) {
        let ask = |condition: &str| with(&sample, NAME, Some(condition)).call(&sandbox.client);
        let whole = with(&sample, NAME, None)
            .call(&sandbox.client)
            .await
            .expect(200);
        let tag = whole.header("ETag");
        assert!(
            tag.starts_with('"') && tag.ends_with('"'),
            "{tag} is no strong tag"
        );
        for known in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"x\", {tag}"),
            format!("{tag},\"x\""),
            "*".to_owned(),
        ] {
            let same = ask(&known).await.expect(304);
            assert_eq!(same.header("ETag"), tag, "{known}");
            assert!(same.body.is_null());
        }
        for unknown in ["\"x\"", "\"\"", "x", tag.trim_matches('"')] {
            assert_eq!(
                ask(unknown).await.expect(200).header("ETag"),
                tag,
                "{unknown}"
            );
        }
    }
    app.stop().await;
}

async fn what_was_neither_seen_nor_named_is_not_overwritten(contract: &'static Contract) {
    const NAME: &str = "If-Match";
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    let mut tried = 0;
    for mut sample in taking(contract, NAME) {
        // What only looks overwrites nothing.
        if let Some(preview) = sample
            .body
            .as_mut()
            .and_then(|body| body.get_mut("preview"))
        {
            *preview = false.into();
        }
        let before = current(contract, &sample, &sandbox.client).await;
        let without = with(&sample, NAME, None).call(&sandbox.client).await;
        without.refused(428, "precondition_required");
        let weak = format!("W/{before}");
        for stale in ["\"999\"", "\"x\"", "x", "\"999\", \"998\"", &weak] {
            let refused = with(&sample, NAME, Some(stale)).call(&sandbox.client).await;
            refused.refused(412, "precondition_failed");
        }
        assert_eq!(current(contract, &sample, &sandbox.client).await, before);
        let condition = format!("\"999\", {before}");
        let changed = with(&sample, NAME, Some(&condition))
            .call(&sandbox.client)
            .await;
        assert_eq!(changed.status, sample.success(), "{:#}", changed.body);
        assert_eq!(
            current(contract, &sample, &sandbox.client).await,
            changed.header("ETag")
        );
        if sample.operation.method == "PATCH" {
            each_member_alone(&sample, &changed.body, &sandbox.client).await;
        }
        tried += 1;
    }
    app.stop().await;
    assert!(
        tried > 0 || contract.audience == "partner",
        "nothing is changed on a condition"
    );
}

/// Sends each member of a change alone, as it is already: it and all others stay so.
async fn each_member_alone(sample: &Sample, before: &Value, client: &Client) {
    let body = sample.operation.body().expect("a change has a body");
    let mut members = body.at("schema").at("properties").members();
    members.retain(|(name, _)| !before[*name].is_null());
    for (name, _) in &members {
        let mut alone = with(sample, "If-Match", Some("*"));
        alone.body = Some(json!({ *name: before[*name] }));
        let after = alone.call(client).await.expect(200).body;
        for (other, _) in &members {
            let id = &sample.operation.id;
            assert_eq!(after[*other], before[*other], "{id}: {other} by {name}");
        }
    }
}

/// The tag of what a request is about: of the longest path above its own that can be read.
async fn current(contract: &Contract, sample: &Sample, client: &Client) -> String {
    let target = sample.target();
    let mut path = target.split('?').next().unwrap_or_default();
    while contract.operation_at("GET", path).is_none() {
        path = path
            .rsplit_once('/')
            .expect("something above can be read")
            .0;
    }
    client.get(path).await.expect(200).header("ETag").to_owned()
}
