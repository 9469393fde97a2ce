//! The problems of a contract as Python: a class a code.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use heck::ToUpperCamelCase;
use serde_json::Value;

use super::text::{HEADER, docstring, literal};
use crate::clients::api::Api;

/// The name of the class of a code.
pub fn class(code: &str) -> String {
    code.to_upper_camel_case()
}

/// The text of `problems.py`.
///
/// # Errors
///
/// When a code has no example in the contract.
pub fn module(api: &Api) -> Result<String> {
    let titles = titles(&api.document);
    let (mut classes, mut entries) = (String::new(), String::new());
    for code in &api.codes {
        let (status, title) = titles.get(code.as_str()).with_context(|| {
            format!(
                "{}: no response of the components has an example of `{code}`",
                api.folder()
            )
        })?;
        let docs = docstring(&format!("{title}: {status} `{code}`."), 4);
        classes += &format!("\n\nclass {}(Problem):\n{docs}", class(code));
        entries += &format!("    {}: {},\n", literal(code), class(code));
    }
    let docs = docstring(&format!("The problems of the {}, by code.", api.title), 0);
    Ok(format!(
        "{HEADER}{docs}\nfrom __future__ import annotations\n\nfrom collections.abc import Mapping\nfrom typing import Final\n\n\
         from .errors import Problem\n{classes}\n\nPROBLEMS: Final[Mapping[str, type[Problem]]] = {{\n{entries}}}\n\
         \"\"\"The class of each code.\"\"\"\n"
    ))
}

/// Status and title of each code, by the examples of the responses that the contract names.
fn titles(document: &Value) -> BTreeMap<&str, (u64, &str)> {
    let responses = document["components"]["responses"]
        .as_object()
        .into_iter()
        .flatten();
    let examples = responses.flat_map(|(_, response)| {
        let media = &response["content"]["application/problem+json"]["examples"];
        media.as_object().into_iter().flatten()
    });
    examples
        .filter_map(|(_, example)| {
            let problem = &example["value"];
            Some((
                problem["code"].as_str()?,
                (problem["status"].as_u64()?, problem["title"].as_str()?),
            ))
        })
        .collect()
}
