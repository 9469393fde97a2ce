//! Every bound of every request, one step below, at and above: the server accepts exactly what the contract does.
//! "Accepts" means that the answer is neither 400 nor 422; what the rules of the trade say then is for other tests.

use serde_json::Value;

use crate::support::app::App;
use crate::support::client::Reply;
use crate::support::contract::{Contract, Node};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;
use crate::support::variants::variants;

trials_of_each_contract![
    bodies_are_accepted_as_the_contract_says,
    parameters_are_accepted_as_the_contract_says,
];

async fn bodies_are_accepted_as_the_contract_says(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let mut faults = Vec::new();
    for operation in contract.operations.iter() {
        let json = operation.media_type() == "application/json";
        let Some(body) = operation.body().filter(|_| json) else {
            continue;
        };
        let schema = body.at("schema");
        for sample in Sample::all_of(operation) {
            let mut sample = sample.in_world_of(&account);
            let original = sample.body.clone().expect("the operation takes a body");
            for (at, variant) in variants(contract, schema, &original)
                .into_iter()
                .enumerate()
            {
                sample.body = Some(variant.value.clone());
                fresh_key(&mut sample, at);
                let reply = sample.call(&account.client).await;
                let broken = contract.violations(schema, &variant.value);
                let fault = disagreement(&reply, 422, &broken)
                    .or_else(|| elsewhere(&reply, &variant.place));
                if let Some(fault) = fault {
                    faults.push(format!(
                        "{} {}: {} at {:?}: {fault}",
                        operation.id, sample.name, variant.rule, variant.place
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

async fn parameters_are_accepted_as_the_contract_says(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    let mut faults = Vec::new();
    for operation in contract.operations.iter() {
        for place in ["path", "query", "header"] {
            for parameter in operation.parameters(place) {
                let (name, schema) = (parameter.text("name"), parameter.at("schema"));
                for (at, text) in texts(schema, place).into_iter().enumerate() {
                    let mut sample = Sample::of(operation).in_world_of(&account);
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
                    let broken = contract.violations(schema, &value);
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

/// What is wrong with a refusal that does not lead to the place where the body differs from a good one: to the place itself, to
/// something in it, or to what it is a part of.
fn elsewhere(reply: &Reply, place: &str) -> Option<String> {
    if reply.status != 422 {
        return None;
    }
    let errors = reply.body["errors"]
        .as_array()
        .map_or(&[][..], Vec::as_slice);
    let mut told = errors.iter().filter_map(|error| error["pointer"].as_str());
    let led = told.any(|told| told.starts_with(place) || place.starts_with(told));
    (!led).then(|| format!("the refusal does not lead there: {errors:?}"))
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
