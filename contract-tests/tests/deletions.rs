//! What was deleted, revoked or released: doing so again is no error, and nothing else can be done with it.

use serde_json::Value;

use crate::support::app::App;
use crate::support::contract::Contract;
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![what_is_gone_is_of_no_more_use];

async fn what_is_gone_is_of_no_more_use(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    let deleting = contract
        .operations
        .iter()
        .filter(|one| one.method == "DELETE");
    for sample in deleting.map(Sample::of) {
        let of_it = contract.operations.iter().filter(|other| {
            let below = other.path.strip_prefix(sample.operation.path.as_str());
            let below = below.is_some_and(|below| below.is_empty() || below.starts_with('/'));
            below && other.method != "DELETE"
        });
        for _ in 0..2 {
            sample.call(&sandbox.client).await.expect(sample.success());
        }
        for other in of_it {
            let mut other = Sample::of(other);
            for (name, value) in &mut other.path {
                let same = sample.path.iter().find(|(known, _)| known == name);
                if let Some((_, id)) = same {
                    value.clone_from(id);
                }
            }
            other.set_header("Idempotency-Key", "after-it-was-gone");
            let reply = other.call(&sandbox.client).await;
            // A hold stays readable, and says how it ended.
            let told = reply.status == 200 && reply.body["status"] == "released";
            assert!(
                told || [404, 409].contains(&reply.status),
                "{} after {}: {} {:#}",
                other.operation.id,
                sample.operation.id,
                reply.status,
                reply.body
            );
        }
        // What was made of it in the body of a request is no way round.
        let Some((name, id)) = sample.path.last() else {
            continue;
        };
        for mut other in contract.operations.iter().flat_map(Sample::all_of) {
            let Some(named) = other.body.as_mut().and_then(|body| body.get_mut(*name)) else {
                continue;
            };
            *named = Value::from(id.as_str());
            other.set_header("Idempotency-Key", "after-it-was-gone");
            let reply = other.call(&sandbox.client).await;
            assert!(
                [401, 404, 409, 410].contains(&reply.status),
                "{}: {:#}",
                other.operation.id,
                reply.body
            );
        }
    }
    app.stop().await;
}
