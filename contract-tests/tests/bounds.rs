//! Every bound of every request, one step below, at and above: the server accepts exactly what the contract does.
//! "Accepts" means that the answer is neither 400 nor 422; what the rules of the trade say then is for other tests.

use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::contract::{Node, Operation, PUBLIC_V2};
use crate::support::sample::Sample;
use crate::support::trials;
use crate::support::variants::variants;

trials![
    bodies_are_accepted_as_the_contract_says,
    parameters_are_accepted_as_the_contract_says,
    integers_are_read_strictly
];

async fn bodies_are_accepted_as_the_contract_says() {
    let app = App::shared().await;
    let account = app.account().await;
    let mut faults = Vec::new();
    for operation in PUBLIC_V2.operations.iter() {
        let Some(body) = operation.body() else {
            continue;
        };
        let schema = body.at("schema");
        for mut sample in samples(operation, &account) {
            let original = sample.body.clone().expect("the operation takes a body");
            for (at, variant) in variants(&PUBLIC_V2, schema, &original)
                .into_iter()
                .enumerate()
            {
                sample.body = Some(variant.value.clone());
                fresh_key(&mut sample, at);
                let reply = sample.call(&account.client).await;
                let broken = PUBLIC_V2.violations(schema, &variant.value);
                if let Some(fault) = disagreement(&reply, 422, &broken) {
                    faults.push(format!(
                        "{} {}: {}: {fault}",
                        operation.id, sample.name, variant.label
                    ));
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

async fn parameters_are_accepted_as_the_contract_says() {
    let app = App::shared().await;
    let account = app.account().await;
    let mut faults = Vec::new();
    for operation in PUBLIC_V2.operations.iter() {
        for place in ["path", "query", "header"] {
            for parameter in operation.parameters(place) {
                let (name, schema) = (parameter.text("name"), parameter.at("schema"));
                for (at, text) in texts(schema, place).into_iter().enumerate() {
                    let mut sample = samples(operation, &account).remove(0);
                    fresh_key(&mut sample, at);
                    let own = match place {
                        "path" => &mut sample.path,
                        "query" => &mut sample.query,
                        _ => &mut sample.headers,
                    };
                    own.retain(|(given, _)| *given != name);
                    own.push((name, text.clone()));
                    let reply = sample.call(&account.client).await;
                    let value = read(schema, &text);
                    let broken = PUBLIC_V2.violations(schema, &value);
                    if let Some(fault) = disagreement(&reply, 400, &broken) {
                        faults.push(format!("{} {place} {name} {text:?}: {fault}", operation.id));
                    }
                }
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

async fn integers_are_read_strictly() {
    let app = App::shared().await;
    let account = app.account().await;
    for text in [
        "20.0",
        "2e1",
        "+20",
        "0x14",
        "%2020",
        "20%20",
        "2_0",
        "",
        "٢٠",
        "99999999999999999999",
    ] {
        let reply = account
            .client
            .get(format!("/public/v2/places?limit={text}"))
            .await
            .refused(400, "invalid_parameter");
        assert_eq!(reply.text("/errors/0/parameter"), "limit", "{text:?}");
    }
    // In JSON an integer may be written with a fraction of zero.
    let body = r#"{"slices": [{"origin": "LHR", "destination": "JFK", "departure_date": "2027-03-15"}],
        "passengers": [{"age": 28.0}], "max_connections": 0.0}"#;
    let call = account
        .client
        .call("POST", "/public/v2/offer-requests")
        .header("Content-Type", "application/json");
    let reply = call.bytes(body.as_bytes().to_vec()).await.expect(201);
    assert_eq!(reply.body["passengers"][0]["age"], json!(28));
}

/// The examples, with what they refer to replaced by the account's own, so that nothing of the sandbox is used up.
fn samples(operation: &'static Operation, account: &Account) -> Vec<Sample> {
    let mut samples = Sample::all_of(operation);
    for (name, value) in samples.iter_mut().flat_map(|sample| &mut sample.path) {
        if *name == "test_clock_id" {
            value.clone_from(&account.clock_id);
        }
    }
    samples
}

fn fresh_key(sample: &mut Sample, at: usize) {
    if sample
        .headers
        .iter()
        .any(|(name, _)| *name == "Idempotency-Key")
    {
        let key = format!("bounds-{}-{at}", sample.name);
        sample.set_header("Idempotency-Key", &key);
    }
}

/// What is wrong with an answer to something in which the contract finds `broken`.
fn disagreement(reply: &Reply, refusal: u16, broken: &[String]) -> Option<String> {
    match (reply.status, broken) {
        (400 | 422, []) => Some(format!(
            "the contract allows it, the answer is {} {:#}",
            reply.status, reply.body
        )),
        (status, [_, ..]) if status != refusal => Some(format!(
            "the answer is {status}, the contract forbids it: {}",
            broken.join("; ")
        )),
        _ => None,
    }
}

/// Texts around the bounds of a parameter, and a few that often go wrong. Those that cannot travel in their place are left out.
fn texts(schema: Node, place: &str) -> Vec<String> {
    let number = |name: &str| schema.value.get(name).and_then(Value::as_i64);
    let mut texts: Vec<String> = [
        "",
        " ",
        "a b",
        "no-such-thing",
        "\"",
        "%",
        "'",
        "..a",
        "*",
        "é",
        "\u{7f}",
        "a\u{0}",
    ]
    .map(str::to_owned)
    .into();
    for bound in ["minLength", "maxLength"]
        .iter()
        .filter_map(|name| number(name))
    {
        let example = ["off_", "orq_", ""].iter().find(|prefix| {
            schema
                .text("pattern")
                .trim_start_matches('^')
                .starts_with(**prefix)
        });
        for length in [bound - 1, bound, bound + 1] {
            let length = usize::try_from(length).unwrap_or(0);
            texts.push(
                example
                    .unwrap_or(&"")
                    .chars()
                    .chain(std::iter::repeat('a'))
                    .take(length)
                    .collect(),
            );
        }
    }
    for bound in ["minimum", "maximum"]
        .iter()
        .filter_map(|name| number(name))
    {
        texts.extend([bound - 1, bound, bound + 1].map(|number| number.to_string()));
    }
    texts.extend(
        schema
            .find("enum")
            .into_iter()
            .flat_map(|all| all.items())
            .map(|one| one.value.as_str().unwrap_or_default().to_owned()),
    );
    texts.retain(|text| match place {
        // An empty segment is another path. An empty header is as good as none, and blanks around one do not count.
        "path" => !text.is_empty(),
        "header" => {
            !text.is_empty()
                && text.trim() == text
                && !text.contains(|char: char| char.is_control())
        }
        _ => true,
    });
    texts.dedup();
    texts
}

/// A parameter's text as the type of its schema; what is no integer stays a text, which the schema then refuses.
fn read(schema: Node, text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match schema.text("type") {
        "integer" if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
        }
        _ => Value::from(text),
    }
}
