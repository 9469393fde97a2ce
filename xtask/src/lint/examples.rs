//! Examples: every parameter, body and answer has one, and each fits its schema. Whether an example works against the running
//! server is for the contract tests.

use std::collections::HashSet;

use jsonschema::{PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::contract::{Contract, Operation};
use super::references;
use crate::finding::Finding;

const MISSING: &str = "add one that works in the sandbox";

/// Judges every example.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    let mut judged = HashSet::new();
    let mut judge = |owner: &str, name: &str, findings: &mut Vec<Finding>| {
        if judged.insert(owner.to_owned()) {
            judge(contract, owner, name, findings);
        }
    };
    for operation in contract.operations() {
        for (pointer, parameter) in contract.parameters(&operation) {
            let name = parameter["name"].as_str().unwrap_or_default();
            judge(&pointer, &format!("the parameter `{name}`"), findings);
        }
        keys_fit_bodies(contract, &operation, findings);
        let (body, _) = contract.at(&format!("{}/requestBody", operation.pointer));
        let name = operation.name();
        for (_, media, _) in contract.children(&format!("{body}/content")) {
            judge(&media, &format!("the request of {name}"), findings);
        }
        for (status, response, _) in contract.responses(&operation) {
            for (_, media, _) in contract.children(&format!("{response}/content")) {
                judge(
                    &media,
                    &format!("the response {status} of {name}"),
                    findings,
                );
            }
            for (header, pointer, _) in contract.children(&format!("{response}/headers")) {
                judge(&pointer, &format!("the header `{header}`"), findings);
            }
        }
    }
}

/// Judges the examples beside the schema of `owner`, which is a parameter, a header or a media type.
fn judge(contract: &Contract<'_>, owner: &str, name: &str, findings: &mut Vec<Finding>) {
    let mut examples = Vec::new();
    if contract.document.get(&format!("{owner}/example")).is_some() {
        examples.push(format!("{owner}/example"));
    }
    for (_, pointer, _) in contract.children(&format!("{owner}/examples")) {
        examples.push(format!("{pointer}/value"));
    }
    if examples.is_empty() {
        findings.push(contract.finding(
            "example",
            owner,
            format!("{name} has no example"),
            MISSING,
        ));
        return;
    }
    let validator = match validator(contract, &format!("{owner}/schema")) {
        Ok(validator) => validator,
        Err(why) => {
            let what = format!("the schema of {name} cannot be compiled: {why}");
            findings.push(contract.finding("example", owner, what, "correct the schema"));
            return;
        }
    };
    for pointer in examples {
        let value = contract.document.get(&pointer).unwrap_or(&Value::Null);
        for error in validator.iter_errors(value) {
            let at = format!("{pointer}{}", error.instance_path());
            let what = format!("an example of {name} does not fit its schema: {error}");
            findings.push(contract.finding(
                "example",
                &at,
                what,
                "correct the example or the schema",
            ));
        }
    }
}

fn validator(contract: &Contract<'_>, schema: &str) -> Result<Validator, String> {
    let mut schema = contract.document.get(schema).cloned().unwrap_or_default();
    schema["components"] = json!({"schemas": reached(contract, &schema)});
    jsonschema::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&schema)
        .map_err(|error| error.to_string())
}

/// The schemas that a schema refers to, and those that they refer to: a validator of them all would take its time.
fn reached(contract: &Contract<'_>, schema: &Value) -> Map<String, Value> {
    let mut reached = Map::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        references::visit(schema, &mut |target| {
            let name = target.rsplit('/').next().unwrap_or_default();
            let found = contract.document.get(target.trim_start_matches('#'));
            if let Some(found) = found
                && !reached.contains_key(name)
            {
                reached.insert(name.to_owned(), found.clone());
                open.push(found);
            }
        });
    }
    reached
}

/// Swagger UI and the contract tests take the key of the same name with a body, so both have examples of the same names.
fn keys_fit_bodies(
    contract: &Contract<'_>,
    operation: &Operation<'_>,
    findings: &mut Vec<Finding>,
) {
    let Some(key) = contract.parameter(operation, "Idempotency-Key") else {
        return;
    };
    let (body, content) = contract.at(&format!("{}/requestBody", operation.pointer));
    if content.is_null() {
        return;
    }
    let names = |examples: &Value| -> Vec<String> {
        examples
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    };
    let (_, media) = contract.at(&format!("{body}/content/application~1json"));
    if names(&key["examples"]) != names(&media["examples"]) {
        findings.push(contract.finding(
            "example",
            &format!("{}/parameters", operation.pointer),
            format!(
                "the keys and the bodies of {} have examples of different names",
                operation.name()
            ),
            "give each body an Idempotency-Key of its name",
        ));
    }
}
