//! Writes `options.ts`: what the operations may be told by name.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use heck::ToUpperCamelCase;

use super::schemas;
use super::text::{GENERATED, comment, import, option};
use crate::clients::api::{Api, Operation};
use crate::generate::openapi::operation::Parameter;
use crate::generate::openapi::schema::Shape;

/// What every call may be told.
const SETTINGS: [&str; 4] = ["signal", "timeoutMs", "retries", "idempotencyKey"];

/// The file.
///
/// # Errors
///
/// When two options of an operation would have one name.
pub fn file(api: &Api) -> Result<String> {
    let mut named = BTreeSet::new();
    let mut bases = BTreeSet::new();
    let mut interfaces = Vec::new();
    for operation in api.operations.iter().filter(|operation| has_own(operation)) {
        bases.insert(base(operation));
        interfaces.push(interface(api, operation)?);
        for parameter in parameters(operation) {
            if let Shape::Word(name) = &parameter.node.shape
                && schemas::value(api, &parameter.node, true) == *name
            {
                named.insert(name.as_str());
            }
        }
    }
    let imports = import(bases, "settings") + &import(named, "types");
    Ok(format!("{GENERATED}\n{imports}\n{}", interfaces.join("\n")))
}

/// The type of the options of an operation.
pub fn name(operation: &Operation) -> String {
    if has_own(operation) {
        format!("{}Options", operation.id.to_upper_camel_case())
    } else {
        base(operation).to_owned()
    }
}

/// What the options of an operation are beside its own.
pub fn base(operation: &Operation) -> &'static str {
    if operation.keyed {
        "KeyedOptions"
    } else {
        "CallOptions"
    }
}

/// Whether an operation has options of its own.
pub fn has_own(operation: &Operation) -> bool {
    parameters(operation).next().is_some()
}

/// Whether some of its options cannot be left out.
pub fn demands(operation: &Operation) -> bool {
    parameters(operation).any(|parameter| parameter.required)
}

/// What the query and the headers take.
fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    operation
        .demanded
        .iter()
        .filter(|parameter| parameter.place != "path")
        .chain(&operation.optional)
}

fn interface(api: &Api, operation: &Operation) -> Result<String> {
    let mut names = BTreeSet::from(SETTINGS.map(str::to_owned));
    let mut members = String::new();
    for parameter in parameters(operation) {
        let name = option(&parameter.name);
        ensure!(
            names.insert(name.clone()),
            "two options of {} would be called {name}",
            operation.id
        );
        let value = schemas::value(api, &parameter.node, true);
        members.push_str(&comment("  ", &parameter.docs, &[]));
        members.push_str(&if parameter.required {
            format!("  {name}: {value};\n")
        } else {
            format!("  {name}?: {value} | undefined;\n")
        });
    }
    Ok(format!(
        "/** What `{id}` may be told. */\nexport interface {name} extends {base} {{\n{members}}}\n",
        id = operation.id,
        name = name(operation),
        base = base(operation),
    ))
}
