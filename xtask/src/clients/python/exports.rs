//! What a Python package exports.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};

use super::text::{HEADER, docstring, import, literal};
use super::{module as module_name, problems};
use crate::clients::api::{Api, Credential};
use crate::generate::openapi::schema::Type;

/// The text of `__init__.py`.
///
/// # Errors
///
/// When two things would be exported by one name, or by names that differ in their case only.
pub fn module(api: &Api) -> Result<String> {
    let mut modules = vec![
        ("_answer", names(&["Answer"])),
        ("answers", names(&["Answers"])),
        ("client", names(&["Fareway"])),
        (
            "errors",
            names(&[
                "ContractError",
                "FarewayError",
                "NotModified",
                "Problem",
                "TimedOut",
                "TransportError",
                "Violation",
            ]),
        ),
        (
            "problems",
            api.codes.iter().map(|code| problems::class(code)).collect(),
        ),
        ("schemas", api.types.keys().cloned().collect()),
    ];
    if api.credential == Credential::Client {
        modules.push(("_credential", names(&["TokenRefused"])));
    }
    if api.payload.is_some() {
        modules.push(("", names(&["webhooks"])));
        modules.push(("webhooks", names(&["WebhookRefused"])));
    }
    let mut homes: BTreeMap<String, &str> = BTreeMap::new();
    for (home, names) in &modules {
        for name in names {
            let other = homes.insert(name.to_lowercase(), home);
            ensure!(
                other.is_none(),
                "{}: `{name}` of {home}.py has the name of something in {}.py, apart from its case",
                module_name(api),
                other.unwrap_or_default()
            );
        }
    }
    if has_unset(api) {
        modules.push(("_unset", names(&["UNSET", "Unset"])));
    }
    let mut all: Vec<&String> = modules.iter().flat_map(|(_, names)| names).collect();
    all.sort();
    let all: String = all
        .iter()
        .map(|name| format!("    {},\n", literal(name)))
        .collect();
    let version = ("_contract", names(&["VERSION as __version__"]));
    let mut imports: Vec<String> = modules
        .iter()
        .chain([&version])
        .map(|(home, names)| import(home, names))
        .collect();
    imports.sort();
    let docs = format!(
        "Calls the {}, at version {} of its contract.",
        api.title, api.version
    );
    Ok(format!(
        "{HEADER}{}\n{}\n__all__ = [\n{all}    \"__version__\",\n]\n",
        docstring(&docs, 0),
        imports.concat(),
    ))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Whether leaving a member out and null mean different things somewhere.
fn has_unset(api: &Api) -> bool {
    api.types.values().any(|kind| match kind {
        Type::Struct(structure) => structure
            .fields
            .iter()
            .any(|field| !field.required && field.node.nullable),
        Type::Words { .. } | Type::Union { .. } => false,
    })
}
