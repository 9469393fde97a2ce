//! How often a key may ask: each operation's policy, for each key apart.

use crate::support::app::App;
use crate::support::client::{Client, Reply};
use crate::support::contract::{Contract, Scheme};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![rates_are_limited];

async fn rates_are_limited(contract: &'static Contract) {
    const PER_MINUTE: usize = 3;
    let app = App::start(|options| options.rate_per_minute = 3).await;
    for operation in contract.operations.iter() {
        let account = app.party(contract).await;
        let sample = Sample::of(operation).in_world_of(&account);
        let refused = first_refusal(&sample, &account.client, PER_MINUTE).await;
        let wait: u64 = refused.header("Retry-After").parse().expect("seconds");
        assert!(wait <= 60, "{}: come back in {wait} s", operation.id);
        let policy = operation.node.text("x-rate-policy");
        assert_eq!(
            refused.header("RateLimit-Policy"),
            format!("\"{policy}\";q={PER_MINUTE};w=60")
        );
        assert!(
            refused
                .header("RateLimit")
                .starts_with(&format!("\"{policy}\";r=0;t=")),
            "{}",
            refused.header("RateLimit")
        );
        if operation.scheme() == Scheme::None {
            // Whoever is nobody is counted by where they are.
            continue;
        }
        // Another key has a quota of its own, and so has another policy.
        let other = app.party(contract).await;
        let reply = sample.call(&other.client).await;
        assert_ne!(reply.status, 429, "{}", operation.id);
    }
    app.stop().await;
}

/// Sends until the rate is refused: at the latest some requests after the quota, since it fills up again meanwhile.
async fn first_refusal(sample: &Sample, client: &Client, quota: usize) -> Reply {
    for sent in 0..quota * 4 {
        let reply = sample.call(client).await;
        if reply.status == 429 {
            assert!(
                sent >= quota,
                "{}: refused after {sent} of {quota}",
                sample.operation.id
            );
            return reply.refused(429, "rate_limited");
        }
    }
    panic!(
        "{}: {} requests were not too many",
        sample.operation.id,
        quota * 4
    )
}
