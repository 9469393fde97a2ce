//! How often a key may ask: each operation's policy, for each key apart.

use crate::refusals::samples;
use crate::support::app::App;
use crate::support::client::{Client, Reply};
use crate::support::contract::PUBLIC_V2;
use crate::support::sample::Sample;
use crate::support::trials;

trials![rates_are_limited];

async fn rates_are_limited() {
    const PER_MINUTE: usize = 3;
    let app = App::start(|options| options.rate_per_minute = 3).await;
    for operation in PUBLIC_V2.operations.iter() {
        let account = app.account().await;
        let sample = samples(&account)
            .into_iter()
            .find(|sample| sample.operation.id == operation.id)
            .expect("each has a sample");
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
        // Another key has a quota of its own, and so has another policy.
        let other = app.account().await;
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
