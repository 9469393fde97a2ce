//! What each operation says about itself: id, tag, texts, credential, scope, idempotency, rate policy, headers of its answers.
//! Its problems are in `problems`, its examples in `examples`.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::contract::{Contract, Operation};
use super::names;
use crate::finding::Finding;

const EVERYWHERE: [&str; 3] = ["Request-Id", "RateLimit", "RateLimit-Policy"];

/// Judges every operation.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    let operations = contract.operations();
    let mut ids = HashMap::new();
    for operation in &operations {
        identity(contract, operation, &mut ids, findings);
        texts(contract, operation, findings);
        if !operation.webhook {
            credential(contract, operation, findings);
            idempotency(contract, operation, findings);
            one_of(
                contract,
                operation,
                "x-rate-policy",
                &["search", "book", "read", "token"],
                findings,
            );
            headers(contract, operation, findings);
        }
    }
    webhook_tags(contract, &operations, findings);
}

fn identity<'a>(
    contract: &Contract<'_>,
    operation: &Operation<'a>,
    ids: &mut HashMap<&'a str, String>,
    findings: &mut Vec<Finding>,
) {
    let mut say = |at: &str, what: String, fix: &str| {
        let at = format!("{}{at}", operation.pointer);
        findings.push(contract.finding("operation-id", &at, what, fix));
    };
    match operation.value["operationId"].as_str() {
        None => say(
            "",
            format!("{} has no operationId", operation.name()),
            "name it, as in `createOrder`",
        ),
        Some(id) if !names::camel(id) => {
            say(
                "/operationId",
                format!("operationId `{id}` is not in camelCase"),
                "rename it, as in `createOrder`",
            );
        }
        Some(id) => {
            if let Some(other) = ids.insert(id, operation.pointer.clone()) {
                let other = contract.document.position(&other);
                say(
                    "/operationId",
                    format!("operationId `{id}` is taken at {other}"),
                    "choose another",
                );
            }
        }
    }
}

fn texts(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    for member in ["summary", "description"] {
        if operation.value[member]
            .as_str()
            .is_none_or(|text| text.trim().is_empty())
        {
            findings.push(contract.finding(
                "operation-text",
                &operation.pointer,
                format!("{} has no {member}", operation.name()),
                "write one for who reads it in Swagger UI",
            ));
        }
    }
    let declared: HashSet<&str> = contract
        .children("/tags")
        .into_iter()
        .filter_map(|(_, _, tag)| tag["name"].as_str())
        .collect();
    let tags: Vec<&str> = operation.value["tags"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let what = match tags[..] {
        [tag] if declared.contains(tag) => return,
        [tag] => format!(
            "{} has the tag `{tag}`, which the contract does not declare",
            operation.name()
        ),
        _ => format!("{} has {} tags", operation.name(), tags.len()),
    };
    findings.push(contract.finding(
        "operation-tag",
        &format!("{}/tags", operation.pointer),
        what,
        "give it exactly one tag of the list `tags`",
    ));
}

fn credential(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let at = format!("{}/security", operation.pointer);
    let schemes: Vec<&String> = operation.value["security"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|requirement| requirement.as_object().into_iter().flatten())
        .map(|(scheme, _)| scheme)
        .collect();
    if open(operation) {
        return without_credential(contract, operation, findings);
    }
    if schemes.is_empty() {
        findings.push(contract.finding(
            "operation-security",
            &at,
            format!("{} demands no credential", operation.name()),
            "add `security: [{<scheme>: []}]`",
        ));
    }
    for scheme in schemes {
        if contract
            .document
            .get(&format!("/components/securitySchemes/{scheme}"))
            .is_none()
        {
            findings.push(contract.finding(
                "operation-security",
                &at,
                format!(
                    "{} demands `{scheme}`, which is no security scheme of the contract",
                    operation.name()
                ),
                "name one of `components/securitySchemes`",
            ));
        }
    }
    let scope = operation.value["x-scope"].as_str();
    if let Some(scope) = scope {
        token_scopes(contract, operation, scope, findings);
    }
    if !scope.is_some_and(names::scope) {
        findings.push(contract.finding(
            "operation-scope",
            &format!("{}/x-scope", operation.pointer),
            format!("{} names no scope", operation.name()),
            "add `x-scope: <noun>:<verb>`",
        ));
    }
}

/// Whether an operation says that it takes no credential, and counts those who ask by their address.
pub fn open(operation: &Operation<'_>) -> bool {
    operation.value["security"]
        .as_array()
        .is_some_and(Vec::is_empty)
        && operation.value["x-rate-policy"] == "token"
}

fn without_credential(
    contract: &Contract<'_>,
    operation: &Operation<'_>,
    findings: &mut Vec<Finding>,
) {
    if operation.value.get("x-scope").is_some() {
        findings.push(contract.finding(
            "operation-scope",
            &format!("{}/x-scope", operation.pointer),
            format!(
                "{} takes no credential, and so nobody has its scope",
                operation.name()
            ),
            "remove `x-scope`",
        ));
    }
}

/// A token's scopes stand in the requirement too, where client generators and Swagger UI look for them, and each is offered.
fn token_scopes(
    contract: &Contract<'_>,
    operation: &Operation<'_>,
    scope: &str,
    findings: &mut Vec<Finding>,
) {
    let requirement = operation.value["security"][0].as_object();
    for (name, listed) in requirement.into_iter().flatten() {
        let scheme = &contract.document.value["components"]["securitySchemes"][name];
        if scheme["type"] != "oauth2" {
            continue;
        }
        let mut say = |what: String, fix: &str| {
            let at = format!("{}/security", operation.pointer);
            findings.push(contract.finding("operation-security", &at, what, fix));
        };
        if *listed != serde_json::json!([scope]) {
            let what = format!("{} demands other scopes than its x-scope", operation.name());
            say(what, "write `security: [{<scheme>: [<x-scope>]}]`");
        }
        if scheme["flows"]["clientCredentials"]["scopes"]
            .get(scope)
            .is_none()
        {
            let what = format!("the scheme `{name}` does not offer the scope `{scope}`");
            say(what, "list it under `flows/clientCredentials/scopes`");
        }
    }
}

fn idempotency(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    one_of(
        contract,
        operation,
        "x-idempotency",
        &["required", "optional", "natural"],
        findings,
    );
    let declared = operation.value["x-idempotency"].as_str();
    let key = contract.parameter(operation, "Idempotency-Key");
    let what = match (declared, key) {
        (Some("required"), Some(key)) if key["required"] == true => return,
        (Some("required"), _) => {
            "requires an idempotency key and has no required Idempotency-Key header"
        }
        (Some("optional"), None) => "takes an idempotency key and has no Idempotency-Key header",
        (Some("natural"), Some(_)) => "is idempotent by nature and has an Idempotency-Key header",
        _ => return,
    };
    findings.push(contract.finding(
        "operation-idempotency",
        &format!("{}/x-idempotency", operation.pointer),
        format!("{} {what}", operation.name()),
        "correct the one or the other",
    ));
}

fn one_of(
    contract: &Contract<'_>,
    operation: &Operation<'_>,
    member: &str,
    values: &[&str],
    findings: &mut Vec<Finding>,
) {
    if !operation.value[member]
        .as_str()
        .is_some_and(|value| values.contains(&value))
    {
        findings.push(contract.finding(
            &member.replacen("x-", "operation-", 1),
            &format!("{}/{member}", operation.pointer),
            format!("{} has no usable {member}", operation.name()),
            &format!("add `{member}: {}`", values.join("|")),
        ));
    }
}

/// 401 is answered before it is known whose limit applies.
fn headers(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    if !contract
        .responses(operation)
        .iter()
        .any(|(status, ..)| status.starts_with('2'))
    {
        findings.push(contract.finding(
            "operation-success",
            &format!("{}/responses", operation.pointer),
            format!("{} has no success", operation.name()),
            "declare the 2xx response",
        ));
    }
    for (status, pointer, response) in contract.responses(operation) {
        let names = if status == "401" {
            &EVERYWHERE[..1]
        } else {
            &EVERYWHERE[..]
        };
        for name in names
            .iter()
            .filter(|name| response["headers"].get(name).is_none())
        {
            findings.push(contract.finding(
                "response-headers",
                &pointer,
                format!("the response lacks the header `{name}`"),
                "declare it: every answer has it",
            ));
        }
    }
}

/// A tag that webhooks share makes client generators overwrite the file of the operations.
fn webhook_tags(
    contract: &Contract<'_>,
    operations: &[Operation<'_>],
    findings: &mut Vec<Finding>,
) {
    let of_calls: HashSet<&str> = operations
        .iter()
        .filter(|operation| !operation.webhook)
        .filter_map(|operation| operation.value["tags"][0].as_str())
        .collect();
    for webhook in operations.iter().filter(|operation| operation.webhook) {
        if let Some(tag) = webhook.value["tags"][0]
            .as_str()
            .filter(|tag| of_calls.contains(tag))
        {
            findings.push(contract.finding(
                "webhook-tag",
                &format!("{}/tags", webhook.pointer),
                format!(
                    "the webhook {} shares the tag `{tag}` with operations",
                    webhook.name()
                ),
                "give webhooks a tag of their own",
            ));
        }
    }
}
