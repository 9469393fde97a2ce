//! Lists: an operation whose id starts with `list` pages by cursor, all in the same way, and no other operation pages.

use serde_json::Value;

use super::contract::{Contract, Operation, takes};
use crate::finding::Finding;

const RULE: &str = "paging";

/// Judges every list.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    for operation in contract.operations() {
        let id = operation.value["operationId"].as_str().unwrap_or_default();
        if id.starts_with("list") {
            list(contract, &operation, findings);
        } else if contract.parameter(&operation, "after").is_some() {
            findings.push(contract.finding(
                RULE,
                &operation.pointer,
                format!(
                    "{} takes `after` and is not called a list",
                    operation.name()
                ),
                "name it `list…`, or remove the parameter",
            ));
        }
    }
}

fn list(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let mut say = |at: &str, what: String, fix: &str| {
        findings.push(contract.finding(RULE, at, format!("{} {what}", operation.name()), fix));
    };
    for name in ["after", "limit"] {
        let query = contract
            .parameter(operation, name)
            .is_some_and(|parameter| parameter["in"] == "query");
        if !query {
            say(
                &operation.pointer,
                format!("is a list and does not take `{name}`"),
                "refer to openapi/shared/parameters.yaml",
            );
        }
    }
    let (pointer, response) = contract.at(&format!("{}/responses/200", operation.pointer));
    if response["headers"].get("Link").is_none() {
        say(
            &pointer,
            "is a list and answers no `Link` header".into(),
            "refer to openapi/shared/headers.yaml",
        );
    }
    let (page, schema) = contract.at(&format!("{pointer}/content/application~1json/schema"));
    let required = |name: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|n| n == name))
    };
    let data: &Value = contract.at(&format!("{page}/properties/data")).1;
    let cursor: &Value = contract.at(&format!("{page}/properties/next_cursor")).1;
    if !(required("data") && takes(data, "array")) {
        say(
            &page,
            "is a list and its page has no required array `data`".into(),
            "answer `{data: […], next_cursor}`",
        );
    }
    if !(required("next_cursor") && takes(cursor, "string") && takes(cursor, "null")) {
        say(
            &page,
            "is a list and its page has no required `next_cursor` of string or null".into(),
            "answer `{data: […], next_cursor}`",
        );
    }
}
