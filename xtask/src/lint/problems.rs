//! Failures: `x-problems` of an operation, its responses and the catalogue must say the same, and every failure is a Problem.

use std::collections::BTreeSet;

use serde_json::Value;

use super::contract::{Contract, Operation};
use super::operations;
use crate::finding::Finding;

const ALWAYS: [&str; 5] = [
    "not_acceptable",
    "rate_limited",
    "internal",
    "dependency_unavailable",
    "deadline_exceeded",
];
const WITH_CREDENTIAL: [&str; 2] = ["unauthenticated", "insufficient_scope"];
const WITH_BODY: [&str; 2] = ["payload_too_large", "unsupported_media_type"];
const MISFIT_BODY: [&str; 2] = ["malformed", "validation_failed"];
const WITH_KEY: [&str; 3] = [
    "idempotency_key_required",
    "idempotency_in_progress",
    "idempotency_key_reused",
];
const WITH_IF_MATCH: [&str; 2] = ["precondition_failed", "precondition_required"];
const MEDIA_TYPE: &str = "application/problem+json";

/// Judges the failures of every operation, and the schema and the examples of problems.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    for operation in contract
        .operations()
        .iter()
        .filter(|operation| !operation.webhook)
    {
        codes(contract, operation, findings);
        responses(contract, operation, findings);
    }
    schema(contract, findings);
    for (_, response, _) in contract.children("/components/responses") {
        examples(contract, &response, findings);
    }
}

fn codes(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let at = format!("{}/x-problems", operation.pointer);
    let listed: Vec<&str> = operation.value["x-problems"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut say = |what: String, fix: &str| {
        let what = format!("{} {what}", operation.name());
        findings.push(contract.finding("problem-codes", &at, what, fix));
    };
    let mut of_codes = BTreeSet::new();
    for (index, code) in listed.iter().enumerate() {
        match contract
            .catalogue
            .get(*code)
            .map(|problem| &problem["status"])
        {
            None => say(
                format!("lists `{code}`, which the catalogue does not have"),
                "correct it, or add it to openapi/shared/problems.yaml",
            ),
            Some(_) if listed[..index].contains(code) => {
                say(format!("lists `{code}` twice"), "keep one of them");
            }
            Some(status) => {
                of_codes.insert(status.to_string());
            }
        }
    }
    for code in expected(contract, operation) {
        if !listed.contains(&code) {
            say(
                format!("does not list `{code}`"),
                "add it: the operation can answer it",
            );
        }
    }
    let declared: BTreeSet<String> = contract
        .responses(operation)
        .into_iter()
        .filter(|(status, _, response)| is_failure(status) && !in_own_words(operation, response))
        .map(|(status, ..)| status)
        .collect();
    for status in of_codes.difference(&declared) {
        say(
            format!("lists a code of status {status} and has no such response"),
            "declare the response",
        );
    }
    for status in declared.difference(&of_codes) {
        say(
            format!("has the response {status} and lists no code of that status"),
            "list the codes, or remove the response",
        );
    }
}

fn expected(contract: &Contract<'_>, operation: &Operation<'_>) -> Vec<&'static str> {
    let mut expected = ALWAYS.to_vec();
    if !operations::open(operation) {
        expected.extend(WITH_CREDENTIAL);
    }
    // Whoever words 400 itself says so too when a request does not fit.
    let (_, bad_request) = contract.at(&format!("{}/responses/400", operation.pointer));
    let has_body = operation.value.get("requestBody").is_some();
    if !in_own_words(operation, bad_request) {
        expected.push("invalid_parameter");
        expected.extend(MISFIT_BODY.iter().filter(|_| has_body));
    }
    expected.extend(WITH_BODY.iter().filter(|_| has_body));
    if operation.value["x-idempotency"] == "required" {
        expected.extend(WITH_KEY);
    }
    if contract.parameter(operation, "If-Match").is_some() {
        expected.extend(WITH_IF_MATCH);
    }
    if operation.path.contains('{') {
        expected.push("not_found");
    }
    expected
}

fn responses(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    for (status, pointer, response) in contract.responses(operation) {
        if !is_failure(&status) || in_own_words(operation, response) {
            continue;
        }
        let mut say = |at: &str, what: String, fix: &str| {
            findings.push(contract.finding("problem-response", at, what, fix));
        };
        let written = &operation.value["responses"][&status];
        if written.get("$ref").is_none() {
            let at = format!("{}/responses/{status}", operation.pointer);
            let what = format!("{} writes its own response {status}", operation.name());
            say(
                &at,
                what,
                "refer to the one in openapi/shared/responses.yaml",
            );
        }
        let media: Vec<&String> = response["content"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        if media != [MEDIA_TYPE] {
            let what = format!("a failure is not {MEDIA_TYPE} alone");
            say(
                &format!("{pointer}/content"),
                what,
                "problems have this one media type",
            );
        } else if response["content"][MEDIA_TYPE]["schema"]["$ref"]
            != "#/components/schemas/Problem"
        {
            let what = "a failure has a schema of its own".to_owned();
            say(
                &format!("{pointer}/content"),
                what,
                "refer to the schema `Problem`",
            );
        }
    }
}

/// The codes that callers may meet, as the schema lists them, are those of the catalogue.
fn schema(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    let at = "/components/schemas/Problem/properties/code/x-extensible-enum";
    let Some(listed) = contract.document.get(at).and_then(Value::as_array) else {
        return;
    };
    let listed: BTreeSet<&str> = listed.iter().filter_map(Value::as_str).collect();
    let known: BTreeSet<&str> = contract.catalogue.keys().map(String::as_str).collect();
    for code in known.symmetric_difference(&listed) {
        findings.push(contract.finding(
            "problem-schema",
            at,
            format!("`{code}` is not both in the catalogue and in the schema `Problem`"),
            "list the codes of openapi/shared/problems.yaml",
        ));
    }
}

fn examples(contract: &Contract<'_>, response: &str, findings: &mut Vec<Finding>) {
    let media = format!("{response}/content/{}", crate::spec::escape(MEDIA_TYPE));
    for (name, pointer, example) in contract.children(&format!("{media}/examples")) {
        let value = &example["value"];
        let known = value["code"]
            .as_str()
            .and_then(|code| contract.catalogue.get(code));
        let Some(known) = known else {
            let what = format!("the example `{name}` has no code of the catalogue");
            findings.push(contract.finding(
                "problem-example",
                &pointer,
                what,
                "use a code of the catalogue",
            ));
            continue;
        };
        for member in ["status", "title", "retryable"] {
            if value[member] != known[member] {
                findings.push(contract.finding(
                    "problem-example",
                    &format!("{pointer}/value/{member}"),
                    format!("the example `{name}` has another {member} than the catalogue"),
                    &format!("write {}", known[member]),
                ));
            }
        }
    }
}

/// A failure with a body of its own, as OAuth 2 wants it; only operations that take no credential may have one.
fn in_own_words(operation: &Operation<'_>, response: &Value) -> bool {
    operations::open(operation) && response["content"].get("application/json").is_some()
}

fn is_failure(status: &str) -> bool {
    status.starts_with(['4', '5'])
}
