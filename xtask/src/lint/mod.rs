//! `cargo xtask lint`: what every contract must keep, beyond being well-formed OpenAPI. Each finding names its rule in brackets.
//! A rule needs only the documents; whether the generator can express a schema is for `generate`, whether the server keeps the
//! contract for the drift gate and the contract tests.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::finding::Finding;
use crate::spec::{self, Document};
use contract::Contract;

mod contract;
mod examples;
mod names;
mod operations;
mod paging;
mod problems;
mod references;
mod schemas;
mod text;

#[cfg(test)]
mod tests;

const CATALOGUE: &str = "openapi/shared/problems.yaml";

/// The gate: what each contract of the repository breaks, sorted by place. A shared part that several contracts use is judged
/// in each, and its findings are said once.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let catalogue = Document::load(root, CATALOGUE)?;
    let problems = catalogue
        .get("/problems")
        .and_then(Value::as_object)
        .with_context(|| format!("{CATALOGUE}:1: no mapping `problems`; add it"))?;
    let mut findings = BTreeSet::new();
    let mut bundles = Vec::new();
    for file in spec::contracts(root)? {
        match Document::bundle(root, &file) {
            Ok(document) => bundles.push(document),
            Err(finding) => {
                findings.insert(finding);
            }
        }
    }
    let all_bundled = findings.is_empty();
    for document in &bundles {
        let mut parts = document.file.split('/').skip(1);
        let contract = Contract {
            document,
            catalogue: problems,
            audience: parts.next().unwrap_or_default(),
            major: parts
                .next()
                .and_then(|name| name.strip_suffix(".yaml"))
                .unwrap_or_default(),
        };
        findings.extend(lint(&contract));
    }
    findings.extend(references::leaks(root)?);
    if all_bundled {
        findings.extend(references::unused_shared(root, &bundles)?);
    }
    Ok(findings.into_iter().collect())
}

fn lint(contract: &Contract<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    operations::check(contract, &mut findings);
    problems::check(contract, &mut findings);
    names::check(contract, &mut findings);
    paging::check(contract, &mut findings);
    schemas::check(contract, &mut findings);
    references::check(contract, &mut findings);
    examples::check(contract, &mut findings);
    findings
}
