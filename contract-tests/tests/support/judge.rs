//! Holds each answer against the contract: status, media type, headers and body, and what all problems have in common.
//! An answer to what is no operation (unknown path, wrong method) must still be a problem.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::contract::{Contract, Node, Operation};

/// A request and its answer.
pub struct Exchange<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// What was sent, when it was JSON.
    pub sent: Option<&'a Value>,
    pub status: u16,
    pub headers: &'a HeaderMap,
    /// Null when there was no body.
    pub body: &'a Value,
}

/// What the contract says against an exchange, and the operation that it was for.
pub fn judge<'c>(
    contract: &'c Contract,
    exchange: &Exchange<'_>,
) -> (Option<&'c Operation>, Vec<String>) {
    let mut faults = Vec::new();
    let operation = contract.operation_at(exchange.method, exchange.path);
    match operation {
        Some(operation) => answer(contract, operation, exchange, &mut faults),
        None => problem(contract, exchange, None, &mut faults),
    }
    if header(exchange.headers, "request-id").is_none() {
        faults.push("there is no Request-Id".to_owned());
    }
    lifecycle(contract, exchange, &mut faults);
    (operation, faults)
}

fn answer(
    contract: &Contract,
    operation: &Operation,
    exchange: &Exchange<'_>,
    faults: &mut Vec<String>,
) {
    let Some(response) = operation
        .node
        .at("responses")
        .find(&exchange.status.to_string())
    else {
        faults.push(format!(
            "{} does not document {}",
            operation.id, exchange.status
        ));
        return;
    };
    for (name, declared) in response
        .find("headers")
        .map_or_else(Vec::new, |headers| headers.members())
    {
        declared_header(contract, name, declared, exchange.headers, faults);
    }
    match response.find("content") {
        None if !exchange.body.is_null() => faults.push("a body is not documented".to_owned()),
        None => {}
        Some(content) => {
            let given = header(exchange.headers, "content-type").unwrap_or_default();
            match content.find(given) {
                Some(media) => {
                    faults.extend(contract.violations(media.at("schema"), exchange.body))
                }
                None => faults.push(format!("media type {given:?} is not documented")),
            }
        }
    }
    if response
        .find("content")
        .is_some_and(|content| content.find("application/problem+json").is_some())
    {
        problem(contract, exchange, Some(operation), faults);
    } else if let (Some(body), Some(sent)) = (operation.body(), exchange.sent) {
        let broken = contract.violations(body.at("schema"), sent);
        faults.extend(
            broken
                .iter()
                .map(|fault| format!("accepted what the contract forbids: {fault}")),
        );
    }
}

/// What is deprecated says so on every answer, and names its end and what follows (RFC 9745, RFC 8594).
fn lifecycle(contract: &Contract, exchange: &Exchange<'_>, faults: &mut Vec<String>) {
    let lifecycle = contract.root.at("info").at("x-lifecycle");
    let deprecated =
        lifecycle.text("status") == "deprecated" && exchange.path.starts_with(&contract.prefix());
    for name in ["deprecation", "sunset"] {
        let given = header(exchange.headers, name);
        if deprecated && given.is_none() {
            faults.push(format!("a deprecated contract answers without {name}"));
        }
    }
    let follows = format!(
        "<{}>; rel=\"successor-version\"",
        lifecycle.text("successor")
    );
    let links = exchange.headers.get_all("link");
    if deprecated
        && !links
            .iter()
            .any(|link| link.to_str().is_ok_and(|link| link.contains(&follows)))
    {
        faults.push(format!(
            "a deprecated contract answers without Link: {follows}"
        ));
    }
}

fn declared_header(
    contract: &Contract,
    name: &str,
    declared: Node,
    headers: &HeaderMap,
    faults: &mut Vec<String>,
) {
    let given: Vec<_> = headers.get_all(name).iter().collect();
    let required = declared.value["required"].as_bool().unwrap_or(false);
    match given[..] {
        [] if required => faults.push(format!("header {name} is missing")),
        [] => {}
        // Where to go on and which version follows are links of their own.
        [_, _, ..] if name != "Link" => {
            faults.push(format!("header {name} comes more than once"));
        }
        ref all => {
            for one in all {
                let text = one.to_str().unwrap_or("\u{fffd}");
                let schema = declared.at("schema");
                let value = match schema.text("type") {
                    "integer" | "boolean" => {
                        serde_json::from_str(text).unwrap_or_else(|_| Value::from(text))
                    }
                    _ => Value::from(text),
                };
                let broken = contract.violations(schema, &value);
                faults.extend(broken.iter().map(|fault| format!("header {name} {fault}")));
            }
        }
    }
}

/// What every problem keeps to, beyond its schema.
fn problem(
    contract: &Contract,
    exchange: &Exchange<'_>,
    operation: Option<&Operation>,
    faults: &mut Vec<String>,
) {
    let body = exchange.body;
    if header(exchange.headers, "content-type") != Some("application/problem+json") {
        faults.push("it is no application/problem+json".to_owned());
        return;
    }
    if operation.is_none() {
        // Those who may be rate limited say so by a problem, as every operation may.
        let any = contract.operations[0]
            .node
            .at("responses")
            .at("429")
            .at("content")
            .at("application/problem+json");
        faults.extend(contract.violations(any.at("schema"), body));
    }
    let code = body["code"].as_str().unwrap_or_default();
    let listed = operation.is_none_or(|operation| operation.problems().contains(&code));
    let catalogued = |member: &str| contract.problem(code).map(|entry| entry.at(member).value);
    let checks = [
        (listed, "code is not among the x-problems of the operation"),
        (
            body["status"] == exchange.status,
            "status is not that of the answer",
        ),
        (
            body["type"]
                .as_str()
                .is_some_and(|uri| uri.ends_with(&format!("/problems/{code}"))),
            "type does not end with the code",
        ),
        (
            body["request_id"].as_str() == header(exchange.headers, "request-id"),
            "request_id is not the Request-Id",
        ),
        (
            catalogued("status").is_some_and(|status| *status == exchange.status),
            "code is not in the catalogue with this status",
        ),
        (
            catalogued("title") == Some(&body["title"]),
            "title is not that of the catalogue",
        ),
        (
            catalogued("retryable") == Some(&body["retryable"]),
            "retryable is not that of the catalogue",
        ),
        (
            exchange.status != 422
                || body["errors"]
                    .as_array()
                    .is_some_and(|errors| !errors.is_empty()),
            "a 422 says nowhere what is wrong",
        ),
    ];
    faults.extend(
        checks
            .iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, fault)| format!("problem {code}: {fault}")),
    );
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
