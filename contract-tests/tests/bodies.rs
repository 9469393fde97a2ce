//! Bodies that are no JSON though they look like it, or that one reader would understand otherwise than another.

use serde_json::{Map, Value, json};

use crate::support::app::App;
use crate::support::client::{Client, Reply};
use crate::support::contract::{Contract, Node};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    texts_are_unicode_and_numbers_are_finite,
    a_member_stands_once,
    what_is_nested_without_end_is_refused,
];

/// What stands where a test puts something that no library would write.
const HERE: &str = "a place to be filled";

/// Requests that take JSON.
fn with_json(contract: &'static Contract) -> impl Iterator<Item = Sample> {
    let samples = contract.operations.iter().flat_map(Sample::all_of);
    samples.filter(|sample| sample.operation.media_type() == "application/json")
}

/// Sends a text as a body of JSON.
async fn send(sample: &Sample, client: &Client, text: impl Into<Vec<u8>>) -> Reply {
    let call = sample
        .bare(client)
        .header("Content-Type", "application/json");
    call.bytes(text.into()).await
}

/// Each of the bodies in which one value is [`HERE`], with the value that was there.
fn with_a_place(body: &Value) -> Vec<(Value, Value)> {
    let mut all = vec![(json!(HERE), body.clone())];
    let put = |(inner, was): (Value, Value), mut outer: Value, at: &str| {
        outer[at] = inner;
        (outer, was)
    };
    match body {
        Value::Object(members) => {
            for (name, member) in members {
                let inner = with_a_place(member).into_iter();
                all.extend(inner.map(|one| put(one, body.clone(), name)));
            }
        }
        Value::Array(items) => {
            for (inner, was) in items.first().map(with_a_place).unwrap_or_default() {
                let mut outer = items.clone();
                outer[0] = inner;
                all.push((outer.into(), was));
            }
        }
        _ => {}
    }
    all
}

async fn texts_are_unicode_and_numbers_are_finite(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in with_json(contract) {
        let body = sample.body.clone().expect("it takes a body");
        for (body, was) in with_a_place(&body) {
            let text = body.to_string();
            let fill = |with: &[u8]| {
                let (before, after) = text.split_once(&format!("\"{HERE}\"")).expect("a place");
                [before.as_bytes(), with, after.as_bytes()].concat()
            };
            let broken: &[&[u8]] = match was {
                Value::String(_) => &[
                    br#""\ud800""#,
                    br#""\udc00\ud800""#,
                    br#""\u12""#,
                    br#""\x41""#,
                    b"\"a\0b\"",
                    b"\"a\nb\"",
                    b"\"\xed\xa0\x80\"",
                    b"\"\xc0\xaf\"",
                    b"'a'",
                ],
                Value::Number(_) => &[
                    b"1e999",
                    b"-1e999",
                    b"NaN",
                    b"Infinity",
                    b"01",
                    b"+1",
                    b"1.",
                    b".5",
                    b"0x1",
                    b"1_0",
                ],
                _ => &[b"undefined", b"True", b"/* */ null"],
            };
            for with in broken {
                let reply = send(&sample, &account.client, fill(with)).await;
                assert_eq!(
                    (reply.status, reply.code()),
                    (400, "malformed"),
                    "{}: {}",
                    sample.operation.id,
                    String::from_utf8_lossy(&fill(with))
                );
            }
            // A zero that is written as JSON wants it is a text like any other, and so is not kept as one that ends there.
            let whole = send(&sample, &account.client, fill(br#""\u0000""#)).await;
            assert!(
                whole.status == 422,
                "{}: {text}: {:#}",
                sample.operation.id,
                whole.body
            );
        }
    }
}

async fn a_member_stands_once(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in with_json(contract) {
        let body = sample.body.clone().expect("it takes a body");
        let mut twice: Vec<String> = Vec::new();
        for (around, was) in with_a_place(&body) {
            let Value::Object(members) = was else {
                continue;
            };
            let around = around.to_string();
            for (name, value) in &members {
                let object = Value::Object(members.clone()).to_string();
                let again = object.replacen('{', &format!("{{{}:{value},", json!(name)), 1);
                twice.push(around.replace(&format!("\"{HERE}\""), &again));
            }
        }
        // Where names are free, nothing but the name tells one from the other.
        for name in free(sample_schema(contract, &sample)) {
            let mut more: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
            more.insert(name.to_owned(), json!(HERE));
            let more = Value::Object(more).to_string();
            twice.push(more.replace(&format!("\"{HERE}\""), r#"{"seat":"1A","seat":"1B"}"#));
        }
        for text in twice {
            let reply = send(&sample, &account.client, text.clone()).await;
            assert!(
                [400, 422].contains(&reply.status),
                "{}: {text} gets {}",
                sample.operation.id,
                reply.status
            );
        }
    }
}

/// The schema that a sample's body fits: of several the one that it does.
fn sample_schema(contract: &Contract, sample: &Sample) -> Node {
    let body = sample.body.as_ref().expect("it takes a body");
    let schema = sample
        .operation
        .body()
        .expect("it takes a body")
        .at("schema");
    let branches = schema
        .find("oneOf")
        .map_or_else(Vec::new, |all| all.items());
    let fits = |branch: &Node| contract.violations(*branch, body).is_empty();
    branches.into_iter().find(fits).unwrap_or(schema)
}

/// Members that are objects whose names are free.
fn free(schema: Node) -> Vec<&'static str> {
    let properties = schema
        .find("properties")
        .map_or_else(Vec::new, |all| all.members());
    let is_free = |property: &Node| property.value["additionalProperties"].is_object();
    properties
        .into_iter()
        .filter(|(_, property)| is_free(property))
        .map(|(name, _)| name)
        .collect()
}

async fn what_is_nested_without_end_is_refused(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in with_json(contract) {
        let body = sample.body.clone().expect("it takes a body").to_string();
        let limit = sample.operation.node.value["x-body-limit"].as_u64();
        let limit = usize::try_from(limit.expect("it bounds its body")).expect("the bound fits");
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            // As deep as fits into what may be sent.
            let depth = (limit - body.len() - 32) / (open.len() + close.len());
            let deep = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            let within = body.replacen('{', &format!("{{\"deep\":{deep},"), 1);
            for text in [deep, within] {
                let reply = send(&sample, &account.client, text).await;
                assert_eq!(
                    (reply.status, reply.code()),
                    (400, "malformed"),
                    "{}: {depth} deep",
                    sample.operation.id
                );
            }
        }
    }
}
