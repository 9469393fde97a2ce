//! Faults that no compiler sees: things with one name, and parts of the contract that no client has.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use regex::Regex;
use serde_json::Value;

use super::text::{argument, literal, member, option};
use crate::clients::Files;
use crate::clients::api::{Api, Credential};

/// Refuses a package with such a fault. What has to be in it is read from the document, not from the model that it was written from.
///
/// # Errors
///
/// Says the first one.
pub fn look(api: &Api, files: &Files) -> Result<()> {
    once("file", files.keys().map(String::as_str))?;
    let exports = Regex::new(
        r"(?m)^export (?:abstract )?(?:class|const|function|async function|interface|type) (\w+)",
    )?;
    let public = files.iter().filter(|(path, _)| {
        let name = path.strip_prefix("src/").unwrap_or_default();
        [
            "call.ts",
            "client.ts",
            "credential.ts",
            "errors.ts",
            "list.ts",
            "money.ts",
            "options.ts",
            "settings.ts",
            "types.ts",
            "webhooks.ts",
        ]
        .contains(&name)
    });
    let names = public.flat_map(|(_, text)| exports.captures_iter(text));
    once(
        "name",
        names.filter_map(|found| Some(found.get(1)?.as_str())),
    )?;
    let text = |path: &str| files.get(path).map_or("", String::as_str);
    for (path, item) in api.document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation["security"]
                .as_array()
                .is_none_or(|schemes| !schemes.is_empty())
            {
                look_at(api, operation, &text).with_context(|| format!("{method} {path}"))?;
            }
        }
    }
    Ok(())
}

/// Refuses names that some file system or reader takes for the same.
fn once<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut found: BTreeMap<String, &str> = BTreeMap::new();
    for name in names {
        if let Some(other) = found.insert(name.to_lowercase(), name) {
            bail!("two things of the package have the {kind} {name}, or one {other}");
        }
    }
    Ok(())
}

fn credential(api: &Api, operation: &Value, text: &str) -> Result<()> {
    let own = [&operation["security"], &api.document["security"]];
    let security = own.into_iter().find(|security| security.is_array());
    let scheme = security.and_then(|security| security[0].as_object()?.keys().next());
    let scheme = scheme.map(String::as_str).unwrap_or_default();
    let (credential, sent) =
        match api.document["components"]["securitySchemes"][scheme]["type"].as_str() {
            Some("apiKey") => (Credential::Key, "headers.set(\"Api-Key\""),
            _ => (Credential::Client, "headers.set(\"Authorization\""),
        };
    ensure!(
        api.credential == credential && text.contains(sent),
        "the client does not send the credential {scheme}"
    );
    Ok(())
}

fn look_at<'a>(api: &Api, operation: &Value, text: &impl Fn(&str) -> &'a str) -> Result<()> {
    credential(api, operation, text("src/credential.ts"))?;
    let id = operation["operationId"].as_str().unwrap_or_default();
    // The last declaration has the body.
    let method = text("src/client.ts")
        .rsplit_once(&format!("\n  {id}("))
        .map(|(_, rest)| rest.split("\n  }\n").next().unwrap_or_default());
    let Some(method) = method else {
        bail!("the client has no method {id}");
    };
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let parameter = resolved(&api.document, parameter);
        let name = parameter["name"].as_str().unwrap_or_default();
        let sent = match parameter["in"].as_str() {
            Some("header") if name == "Idempotency-Key" => "keyed: true".to_owned(),
            Some("path") => format!("{}: {}", member(name), argument(name)),
            _ => format!("{}: options.{}", member(name), option(name)),
        };
        ensure!(method.contains(&sent), "the client never sends {name}");
    }
    for code in operation["x-problems"].as_array().into_iter().flatten() {
        let code = literal(code.as_str().unwrap_or_default());
        ensure!(
            text("src/contract.ts").contains(&format!("  {code},\n")),
            "the client does not know the problem {code}"
        );
    }
    Ok(())
}

fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    let pointer = node["$ref"]
        .as_str()
        .and_then(|reference| reference.strip_prefix('#'));
    pointer
        .and_then(|pointer| document.pointer(pointer))
        .unwrap_or(node)
}
