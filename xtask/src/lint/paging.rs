//! Lists: an operation whose id starts with `list` pages by cursor, all in the same way, and no other operation pages. Only a
//! contract that is on its way out may still number its pages.

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

/// The parameters of a list, and the members of its page beside `data`, each with the types that it takes.
struct Paging {
    parameters: [&'static str; 2],
    members: &'static [(&'static str, &'static [&'static str])],
    answer: &'static str,
}

const BY_CURSOR: Paging = Paging {
    parameters: ["after", "limit"],
    members: &[("next_cursor", &["string", "null"])],
    answer: "answer `{data: […], next_cursor}`",
};
const BY_NUMBER: Paging = Paging {
    parameters: ["page", "per_page"],
    members: &[
        ("page", &["integer"]),
        ("per_page", &["integer"]),
        ("has_more", &["boolean"]),
    ],
    answer: "answer `{data: […], page, per_page, has_more}`",
};

fn list(contract: &Contract<'_>, operation: &Operation<'_>, findings: &mut Vec<Finding>) {
    let mut say = |at: &str, what: String, fix: &str| {
        findings.push(contract.finding(RULE, at, format!("{} {what}", operation.name()), fix));
    };
    let deprecated = contract.document.value["info"]["x-lifecycle"]["status"] == "deprecated";
    let paging = if deprecated && contract.parameter(operation, "page").is_some() {
        BY_NUMBER
    } else {
        BY_CURSOR
    };
    for name in paging.parameters {
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
    let member = |name: &str| -> &Value { contract.at(&format!("{page}/properties/{name}")).1 };
    if !(required("data") && takes(member("data"), "array")) {
        say(
            &page,
            "is a list and its page has no required array `data`".into(),
            paging.answer,
        );
    }
    for (name, types) in paging.members {
        if !(required(name) && types.iter().all(|kind| takes(member(name), kind))) {
            say(
                &page,
                format!(
                    "is a list and its page has no required `{name}` of {}",
                    types.join(" or ")
                ),
                paging.answer,
            );
        }
    }
}
