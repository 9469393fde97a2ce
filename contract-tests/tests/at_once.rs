//! Two calls at one moment, for every operation that takes an idempotency key: the same request twice, another request under
//! the same key, and the same request under two keys, in whatever order they arrive.

use std::future::IntoFuture;

use futures_util::future::join_all;
use serde_json::Value;

use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::contract::Contract;
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;
use crate::support::variants::{Variant, variants};

trials_of_each_contract![
    the_same_request_twice_has_one_effect,
    another_request_under_the_key_is_refused,
    two_keys_are_two_requests,
];

/// Calls that are made at once.
const AT_ONCE: usize = 4;
/// What is told to who comes while the first is under way.
const UNDER_WAY: (u16, &str) = (409, "idempotency_in_progress");
/// What is told to who asks for something else.
const REUSED: (u16, &str) = (409, "idempotency_key_reused");

/// Every example of the operations that take a key, under one of its own.
fn keyed(contract: &'static Contract) -> Vec<Sample> {
    let samples = contract.operations.iter().flat_map(Sample::all_of);
    let takes = |sample: &Sample| {
        sample
            .headers
            .iter()
            .any(|(name, _)| *name == "Idempotency-Key")
    };
    let mut all: Vec<Sample> = samples.filter(takes).collect();
    for (at, sample) in all.iter_mut().enumerate() {
        sample.set_header("Idempotency-Key", &format!("at-once-{at}"));
        // What only looks has no effect to repeat.
        if let Some(preview) = sample
            .body
            .as_mut()
            .and_then(|body| body.get_mut("preview"))
        {
            *preview = false.into();
        }
    }
    all
}

/// Sends all at once.
async fn send(samples: &[Sample], account: &Account) -> Vec<Reply> {
    join_all(
        samples
            .iter()
            .map(|one| one.call(&account.client).into_future()),
    )
    .await
}

fn told(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.code())
}

/// Whether an answer is of an effect that this very call had.
fn is_first(reply: &Reply) -> bool {
    reply.status < 300 && reply.header("Idempotency-Replayed") == "false"
}

/// What an answer says that a repeat says again.
fn lasting(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    if let Some(members) = body.as_object_mut() {
        // A secret is shown once, and a problem names its own exchange.
        members.remove("secret");
        members.remove("request_id");
    }
    body
}

async fn the_same_request_twice_has_one_effect(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    for sample in keyed(contract) {
        let id = &sample.operation.id;
        let mut replies = send(&vec![sample.clone(); AT_ONCE], &sandbox).await;
        // And once more, when all is over.
        replies.push(sample.call(&sandbox.client).await);
        replies.retain(|reply| told(reply) != UNDER_WAY);
        let (first, again) = replies.split_first().expect("the last is not told to wait");
        for reply in again {
            assert_eq!(
                (told(reply), lasting(reply)),
                (told(first), lasting(first)),
                "{id}"
            );
        }
        let effects = replies.iter().filter(|reply| is_first(reply)).count();
        let expected = usize::from(first.status < 300);
        assert_eq!(effects, expected, "{id} {}: {:#}", sample.name, first.body);
    }
    app.stop().await;
}

/// The same request with another body that the contract has nothing against; none where it has no body.
fn otherwise(contract: &Contract, sample: &Sample) -> Option<Sample> {
    let body = sample.body.as_ref()?;
    let schema = sample.operation.body()?.at("schema");
    // What is left out or null may mean what was said, and 1.0 is 1.
    let said = body.to_string();
    let differs = |variant: &Variant| {
        let text = variant.value.to_string().replace(".0", "");
        !variant.rule.starts_with("without") && !text.contains("null") && text != said
    };
    let mut fitting = variants(contract, schema, body)
        .into_iter()
        .filter(differs)
        .map(|variant| variant.value)
        .filter(|value| contract.violations(schema, value).is_empty());
    let body = Some(fitting.next()?);
    Some(Sample {
        body,
        ..sample.clone()
    })
}

async fn another_request_under_the_key_is_refused(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    let mut tried = 0;
    for one in keyed(contract) {
        let Some(other) = otherwise(contract, &one) else {
            continue;
        };
        let id = &one.operation.id;
        let pair = [one, other];
        let replies = send(&pair, &sandbox).await;
        let done = replies.iter().filter(|reply| reply.status < 300).count();
        assert!(done < 2, "{id}: both were done under one key");
        // Whichever came first, the other stays refused.
        let Some(winner) = replies.iter().position(|reply| reply.status < 300) else {
            continue;
        };
        tried += 1;
        let loser = &replies[1 - winner];
        // One that came first and was refused by the rules of the trade left the key free.
        assert!((400..500).contains(&loser.status), "{id}: {:#}", loser.body);
        let later = pair[1 - winner].call(&sandbox.client).await;
        assert_eq!(told(&later), REUSED, "{id}: {:#}", later.body);
        let again = pair[winner].call(&sandbox.client).await;
        assert_eq!(lasting(&again), lasting(&replies[winner]), "{id}");
        assert_eq!(again.header("Idempotency-Replayed"), "true", "{id}");
    }
    app.stop().await;
    assert!(tried > 0, "nothing was done under a key");
}

async fn two_keys_are_two_requests(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    for one in keyed(contract) {
        let id = &one.operation.id;
        let mut other = one.clone();
        other.set_header("Idempotency-Key", &format!("{id}-{}-again", one.name));
        let replies = send(&[one, other], &sandbox).await;
        for reply in &replies {
            assert!(
                is_first(reply) || ![UNDER_WAY, REUSED].contains(&told(reply)),
                "{id}: {:#}",
                reply.body
            );
            assert_ne!(reply.header("Idempotency-Replayed"), "true", "{id}");
        }
    }
    app.stop().await;
}
