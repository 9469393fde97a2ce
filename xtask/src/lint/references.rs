//! References: components that nothing uses, files of one audience that refer to another's, and schemas that are not for an audience.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use serde_json::Value;

use super::contract::Contract;
use crate::finding::Finding;
use crate::spec::{Document, escape};

/// Judges the components that a contract declares itself. Shared ones come into a bundle only when they are used.
pub fn check(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    private_parts(contract, findings);
    let mut used = BTreeSet::new();
    visit(&contract.document.value, &mut |target| {
        used.insert(target.to_owned());
    });
    for (kind, components) in contract.document.value["components"]
        .as_object()
        .into_iter()
        .flatten()
    {
        for name in components
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let pointer = format!("/components/{kind}/{}", escape(name));
            if kind != "securitySchemes" && !used.contains(&format!("#{pointer}")) {
                findings.push(contract.finding(
                    "unused-component",
                    &pointer,
                    format!("nothing refers to the component `{name}`"),
                    "use it or remove it",
                ));
            }
        }
    }
}

/// What only the private contract may show, wherever it is written: a bundle holds all that it reaches.
fn private_parts(contract: &Contract<'_>, findings: &mut Vec<Finding>) {
    if contract.audience == "private" {
        return;
    }
    let mut targets = Vec::new();
    pointers(&contract.document.value, String::new(), &mut targets);
    for (pointer, target) in targets {
        let (_, schema) = contract.at(target.trim_start_matches('#'));
        if schema["x-audience"] == "private" {
            let name = target.rsplit('/').next().unwrap_or_default();
            findings.push(contract.finding(
                "leak",
                &pointer,
                format!("`{name}` is for the private contract alone, and the {} contract shows it", contract.audience),
                "write a schema for what this audience may see, or remove `x-audience` if all of it may be seen",
            ));
        }
    }
}

/// Components of `openapi/shared` that no contract uses.
pub fn unused_shared(root: &Path, bundles: &[Document]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files(root, "shared")? {
        let document = Document::load(root, &file)?;
        for (kind, components) in document.value["components"]
            .as_object()
            .into_iter()
            .flatten()
        {
            for name in components
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, _)| name)
            {
                let pointer = format!("/components/{kind}/{}", escape(name));
                let used = bundles.iter().any(|bundle| {
                    bundle.get(&pointer).is_some()
                        && bundle.position(&pointer) == document.position(&pointer)
                });
                if !used {
                    findings.push(document.finding(
                        &pointer,
                        format!("[unused-component] no contract uses the component `{name}`"),
                        "use it or remove it",
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// References that leave the folder of an audience for another place than `shared`.
pub fn leaks(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for folder in ["partner", "private", "public", "shared"] {
        for file in files(root, folder)? {
            let document = match Document::load(root, &file) {
                Ok(document) => document,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            let mut targets = Vec::new();
            pointers(&document.value, String::new(), &mut targets);
            for (pointer, target) in targets {
                let path = target.split('#').next().unwrap_or_default();
                let shared = path
                    .strip_prefix("../shared/")
                    .is_some_and(|rest| !rest.contains(".."));
                if !(shared || path.is_empty() || !path.contains('/')) {
                    findings.push(document.finding(
                        &pointer,
                        format!("[leak] `{target}` leaves the folder `{folder}`"),
                        "refer to the same folder or to openapi/shared; move there what both may see",
                    ));
                }
            }
        }
    }
    Ok(findings)
}

fn files(root: &Path, folder: &str) -> Result<Vec<String>> {
    let mut files = Vec::new();
    let path = root.join("openapi").join(folder);
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".yaml") {
                files.push(format!("openapi/{folder}/{name}"));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Tells of every reference below a node.
pub fn visit(node: &Value, seen: &mut impl FnMut(&str)) {
    match node {
        Value::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                seen(target);
            }
            members.values().for_each(|child| visit(child, seen));
        }
        Value::Array(items) => items.iter().for_each(|child| visit(child, seen)),
        _ => {}
    }
}

fn pointers(node: &Value, at: String, found: &mut Vec<(String, String)>) {
    match node {
        Value::Object(members) => {
            for (name, child) in members {
                let pointer = format!("{at}/{}", escape(name));
                match child {
                    Value::String(target) if name == "$ref" => {
                        found.push((pointer, target.clone()))
                    }
                    _ => pointers(child, pointer, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                pointers(child, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}
