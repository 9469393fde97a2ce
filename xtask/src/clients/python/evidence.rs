//! What shows that a package fits its contract: the examples of the contract for its tests, and a look at the raw document for what
//! the package might lack.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::text::{literal, name};
use super::{module, problems};
use crate::clients::Files;
use crate::clients::api::{Api, Operation};

/// Every example of what is sent, answered and posted, with its type.
///
/// # Errors
///
/// When the document is not the one that the model was read from.
pub fn examples(api: &Api) -> Result<String> {
    let mut found = Vec::new();
    let mut gather = |kind: &Option<String>, carrier: &Value| {
        let Some(kind) = kind else { return };
        let examples = &resolved(api, carrier)["content"]["application/json"]["examples"];
        for (_, example) in examples.as_object().into_iter().flatten() {
            found.push(json!({"type": kind, "value": resolved(api, example)["value"]}));
        }
    };
    for operation in &api.operations {
        let spelt = spelt(api, operation)?;
        gather(&operation.body, &spelt["requestBody"]);
        for (status, response) in spelt["responses"].as_object().into_iter().flatten() {
            if status.starts_with('2') {
                gather(&operation.answer, response);
            }
        }
    }
    for (_, webhook) in api.document["webhooks"].as_object().into_iter().flatten() {
        gather(&api.payload, &webhook["post"]["requestBody"]);
    }
    Ok(serde_json::to_string_pretty(&found)? + "\n")
}

/// Makes sure that nothing of the document is missing in a package: every parameter is sent, every code has its class.
///
/// # Errors
///
/// When something is.
pub fn is_complete(api: &Api, files: &Files) -> Result<()> {
    let file = |name: &str| {
        files
            .get(&format!("src/{}/{name}", module(api)))
            .context("a file of the package")
    };
    let (answers, codes) = (file("answers.py")?, file("problems.py")?);
    for operation in &api.operations {
        let spelt = spelt(api, operation)?;
        let head = format!("    def {}(\n", name(&operation.id));
        let (_, method) = answers
            .split_once(&head)
            .with_context(|| format!("{}: there is no {head}", api.folder()))?;
        let method = method.split("\n    def ").next().unwrap_or_default();
        for parameter in spelt["parameters"].as_array().into_iter().flatten() {
            let parameter = resolved(api, parameter);
            let wire = parameter["name"].as_str().unwrap_or_default();
            let sent = match parameter["in"].as_str() {
                Some("path") => format!("{{segment({})}}", name(wire)),
                _ => format!("{}: ", literal(wire)),
            };
            ensure!(
                method.contains(&sent),
                "{}: {} never sends `{wire}`",
                api.folder(),
                operation.id
            );
        }
        for code in spelt["x-problems"].as_array().into_iter().flatten() {
            let code = code.as_str().unwrap_or_default();
            let entry = format!("{}: {},", literal(code), problems::class(code));
            ensure!(
                codes.contains(&entry),
                "{}: `{code}` has no class",
                api.folder()
            );
        }
    }
    Ok(())
}

/// An operation as the document spells it.
fn spelt<'a>(api: &'a Api, operation: &Operation) -> Result<&'a Value> {
    let spelt = &api.document["paths"][&operation.path][&operation.method];
    ensure!(
        spelt["operationId"] == operation.id.as_str(),
        "{}: {} is not in the document",
        api.folder(),
        operation.id
    );
    Ok(spelt)
}

fn resolved<'a>(api: &'a Api, node: &'a Value) -> &'a Value {
    match node["$ref"].as_str() {
        Some(target) => api
            .document
            .pointer(target.trim_start_matches('#'))
            .unwrap_or(node),
        None => node,
    }
}
