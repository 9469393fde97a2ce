//! Schemas by the direction in which they travel: closed objects in requests (but forms), open ones in responses, never one for both;
//! texts, integers and arrays have bounds; every schema and member has a description.

use serde_json::Value;

use super::contract::{Contract, Travels, takes};
use super::text;
use crate::finding::Finding;

/// Formats that bound a text by themselves.
const EXACT_FORMATS: [&str; 3] = ["date", "date-time", "uri"];

/// Judges every schema that an operation reaches.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    for (pointer, travels) in contract.schemas() {
        let schema = contract.document.get(&pointer).unwrap_or(&Value::Null);
        let mut say = |rule: &str, at: &str, what: String, fix: &str| {
            findings.push(contract.finding(rule, &format!("{pointer}{at}"), what, fix));
        };
        let name = name(&pointer);
        if takes(schema, "object") {
            object(schema, travels, name, &mut say);
        }
        if takes(schema, "string") {
            string(schema, travels, name, &mut say);
        }
        if takes(schema, "integer") && schema.get("enum").is_none() {
            for bound in ["format", "minimum", "maximum"] {
                if schema.get(bound).is_none() {
                    say(
                        "integer-bounds",
                        "",
                        format!("the integer `{name}` has no {bound}"),
                        "add it",
                    );
                }
            }
        }
        if takes(schema, "number") {
            say(
                "integer-bounds",
                "",
                format!("`{name}` is a number"),
                "use an integer of a small unit",
            );
        }
        if takes(schema, "array") && travels.request && schema.get("maxItems").is_none() {
            say(
                "array-bounds",
                "",
                format!("the array `{name}` of requests has no maxItems"),
                "add it",
            );
        }
        if described(&pointer) && schema.get("description").is_none() {
            say(
                "schema-text",
                "",
                format!("`{name}` has no description"),
                "say what it is and in which unit",
            );
        }
    }
}

fn object(
    schema: &Value,
    travels: Travels,
    name: &str,
    say: &mut impl FnMut(&str, &str, String, &str),
) {
    let map = schema["additionalProperties"].is_object();
    let closed = schema["additionalProperties"] == false;
    if travels.request && travels.response {
        say(
            "separate-schemas",
            "",
            format!("the object `{name}` is in requests and in responses"),
            "write a schema for each, so that the one can grow",
        );
    } else if travels.request && !closed && !map && !travels.form {
        say(
            "request-closed",
            "",
            format!("the object `{name}` of requests takes unknown members"),
            "add `additionalProperties: false`",
        );
    } else if travels.response && closed {
        say(
            "response-open",
            "/additionalProperties",
            format!("the object `{name}` of responses is closed"),
            "remove `additionalProperties`, so that it can grow",
        );
    }
    if map && travels.request && schema.get("maxProperties").is_none() {
        say(
            "array-bounds",
            "",
            format!("the map `{name}` of requests has no maxProperties"),
            "add it",
        );
    }
}

fn string(
    schema: &Value,
    travels: Travels,
    name: &str,
    say: &mut impl FnMut(&str, &str, String, &str),
) {
    if schema.get("enum").is_some() && travels.response {
        say(
            "response-enum",
            "/enum",
            format!("`{name}` of responses is a closed enum"),
            "use `x-extensible-enum` with a pattern, so that it can grow",
        );
    }
    let exact = schema["format"]
        .as_str()
        .is_some_and(|format| EXACT_FORMATS.contains(&format));
    if schema.get("pattern").is_none()
        && (exact || schema.get("enum").is_some() || schema.get("const").is_some())
    {
        return;
    }
    if schema.get("maxLength").is_none() {
        say(
            "text-bounds",
            "",
            format!("the text `{name}` has no maxLength"),
            "add it",
        );
    }
    match schema["pattern"].as_str() {
        None => say(
            "text-bounds",
            "",
            format!("the text `{name}` has no pattern"),
            r"add one, at least '^[^\u0000-\u001F\u007F-\u009F]*$'",
        ),
        Some(pattern) => {
            if let Err(why) = text::refuses_control_characters(pattern) {
                say(
                    "text-pattern",
                    "/pattern",
                    format!("the pattern of `{name}` {why}"),
                    "anchor it, keep it linear, and leave control characters out",
                );
            }
        }
    }
}

/// Components and members are described where they are written; what lies at a parameter or header, or inside an array, by its
/// owner.
fn described(pointer: &str) -> bool {
    let tokens: Vec<&str> = pointer.split('/').collect();
    pointer.starts_with("/components/schemas/")
        && (tokens.len() == 4 || tokens[tokens.len() - 2] == "properties")
}

/// The name of the nearest member or component.
fn name(pointer: &str) -> &str {
    let mut tokens: Vec<&str> = pointer.split('/').collect();
    while tokens.len() > 1
        && matches!(
            tokens[tokens.len() - 1],
            "items" | "schema" | "additionalProperties"
        )
    {
        tokens.pop();
    }
    tokens[tokens.len() - 1]
}
