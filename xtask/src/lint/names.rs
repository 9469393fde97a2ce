//! Names: paths in kebab-case under the contract's prefix, members and parameters in snake_case, headers in Train-Case,
//! components in PascalCase. Ids of operations are judged in `operations`.

use serde_json::Value;

use super::contract::Contract;
use crate::finding::Finding;

/// Where clients get their tokens: of one place for all majors, as OAuth 2 clients expect it.
const TOKEN_PATH: &str = "/oauth/token";

/// Judges every name of the contract.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    paths(contract, findings);
    for operation in contract.operations() {
        for (pointer, parameter) in contract.parameters(&operation) {
            let name = parameter["name"].as_str().unwrap_or_default();
            let header = parameter["in"] == "header";
            if !(if header { train(name) } else { snake(name) }) {
                let case = if header { "Train-Case" } else { "snake_case" };
                findings.push(contract.finding(
                    "name-parameter",
                    &pointer,
                    format!("the parameter `{name}` is not in {case}"),
                    "rename it",
                ));
            }
        }
        for (_, response, _) in contract.responses(&operation) {
            for (name, pointer, _) in written(contract, &format!("{response}/headers")) {
                if !train(&name) {
                    let what = format!("the header `{name}` is not in Train-Case");
                    findings.push(contract.finding("name-header", &pointer, what, "rename it"));
                }
            }
        }
    }
    members(contract, findings);
    components(contract, findings);
}

fn paths(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    let prefix = format!("/{}/{}/", contract.audience, contract.major);
    for path in contract.document.value["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(path, _)| path)
    {
        let mut say = |what: String, fix: &str| {
            let at = format!("/paths/{}", crate::spec::escape(path));
            findings.push(contract.finding("name-path", &at, what, fix));
        };
        if path == TOKEN_PATH {
            continue;
        }
        let Some(rest) = path.strip_prefix(&prefix) else {
            say(
                format!("the path `{path}` does not start with `{prefix}`"),
                "write the full prefix",
            );
            continue;
        };
        for segment in rest.split('/') {
            let parameter = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            if !parameter.map_or_else(|| kebab(segment), snake) {
                say(
                    format!(
                        "`{segment}` in the path `{path}` is neither in kebab-case nor a parameter in snake_case"
                    ),
                    "rename it",
                );
            }
        }
    }
}

fn members(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    for schema in contract.schemas().keys() {
        for (name, pointer, _) in written(contract, &format!("{schema}/properties")) {
            if !snake(&name) {
                let what = format!("the member `{name}` is not in snake_case");
                findings.push(contract.finding("name-member", &pointer, what, "rename it"));
            }
        }
    }
}

fn components(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    for kind in [
        "schemas",
        "parameters",
        "headers",
        "responses",
        "examples",
        "requestBodies",
    ] {
        for (name, pointer, _) in written(contract, &format!("/components/{kind}")) {
            if !pascal(&name) {
                let what = format!("the component `{name}` is not in PascalCase");
                findings.push(contract.finding("name-component", &pointer, what, "rename it"));
            }
        }
    }
}

/// The members of a mapping where they are written, references not followed.
fn written<'a>(contract: &Contract<'a>, pointer: &str) -> Vec<(String, String, &'a Value)> {
    let members = contract.document.get(pointer).and_then(Value::as_object);
    members
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            (
                name.clone(),
                format!("{pointer}/{}", crate::spec::escape(name)),
                value,
            )
        })
        .collect()
}

/// `createOrder`
pub fn camel(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `orders:write`
pub fn scope(name: &str) -> bool {
    name.split_once(':')
        .is_some_and(|(noun, verb)| snake(noun) && snake(verb))
}

fn pascal(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn snake(name: &str) -> bool {
    lower(name, '_')
}

fn kebab(name: &str) -> bool {
    lower(name, '-')
}

fn train(name: &str) -> bool {
    name.split('-').all(pascal)
}

fn lower(name: &str, joint: char) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split(joint).all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
