//! A contract at run time: the bundled spec that is served, one JSON Schema validator a body of a request or a webhook, and what
//! it says of its end; built once at start.

use std::collections::HashMap;

use jsonschema::error::{ValidationError, ValidationErrorKind};
use jsonschema::{PatternOptions, Validator};
use serde_json::{Value, json};

use super::format::FORMATS;
use super::lifecycle::Lifecycle;
use super::problem::Violation;

/// A bundled contract with its validators.
#[derive(Debug)]
pub struct Contract {
    name: &'static str,
    text: &'static str,
    validators: HashMap<String, Validator>,
    lifecycle: Option<Lifecycle>,
    ending: HashMap<String, Lifecycle>,
}

impl Contract {
    /// Compiles a bundled contract; its name is that of its module and its paths, as in `public/v2`.
    ///
    /// # Panics
    /// When the text is not a contract that the generator wrote.
    pub fn new(name: &'static str, text: &'static str) -> Contract {
        let document: Value = serde_json::from_str(text).expect("the generator writes JSON");
        let names = operations(&document, "paths")
            .chain(operations(&document, "webhooks"))
            .flat_map(|operation| operation["requestBody"]["content"].as_object())
            .flat_map(|content| content.values())
            .filter_map(|media| media["schema"]["$ref"].as_str())
            .filter_map(|target| target.strip_prefix("#/components/schemas/"));
        let validators = names
            .map(|name| (name.to_owned(), validator(&document, name)))
            .collect();
        let ending = operations(&document, "paths").filter_map(|operation| {
            let id = operation["operationId"].as_str()?.to_owned();
            Some((id, Lifecycle::of_operation(operation)?))
        });
        Contract {
            name,
            text,
            validators,
            lifecycle: Lifecycle::of_contract(&document),
            ending: ending.collect(),
        }
    }

    /// The bundled contract as JSON.
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// Whether a path lies below the contract's own.
    pub fn covers(&self, path: &str) -> bool {
        path.strip_prefix('/')
            .and_then(|path| path.strip_prefix(self.name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What every answer of the contract tells of its end; `None` while it is current.
    pub fn lifecycle(&self) -> Option<&Lifecycle> {
        self.lifecycle.as_ref()
    }

    /// What the answers of an operation tell of its end, or else of the contract's.
    pub fn lifecycle_of(&self, operation: &str) -> Option<&Lifecycle> {
        self.ending.get(operation).or(self.lifecycle())
    }

    /// Every way in which a value does not fit the schema of a request or a webhook; none when it fits.
    pub fn violations(&self, schema: &str, value: &Value) -> Vec<Violation> {
        let mut violations = Vec::new();
        if let Some(validator) = self.validators.get(schema) {
            for error in validator.iter_errors(value) {
                explain(&error, &mut violations);
            }
        }
        violations
    }
}

/// The operations below `paths` or `webhooks`.
fn operations<'a>(document: &'a Value, kind: &str) -> impl Iterator<Item = &'a Value> {
    let items = document[kind].as_object().into_iter().flatten();
    items.flat_map(|(_, item)| {
        item.as_object()
            .into_iter()
            .flatten()
            .map(|(_, operation)| operation)
    })
}

/// The validator of a component: formats are asserted, and patterns run in linear time.
fn validator(document: &Value, name: &str) -> Validator {
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{name}"),
        "components": {"schemas": document["components"]["schemas"]},
    });
    let mut options = jsonschema::options()
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true);
    for (format, fits) in FORMATS {
        options = options.with_format(format, fits);
    }
    options
        .build(&schema)
        .expect("the generator accepts valid schemas only")
}

/// Turns an error of the validator into violations that a caller can act on.
fn explain(error: &ValidationError<'_>, into: &mut Vec<Violation>) {
    let at = error.instance_path().as_str();
    let member = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        ValidationErrorKind::OneOfNotValid { context } => {
            // The alternative whose discriminator fits is the one that was meant.
            let is_meant = |errors: &&Vec<ValidationError<'_>>| {
                errors.iter().all(|error| match error.kind() {
                    ValidationErrorKind::Constant { .. } => false,
                    ValidationErrorKind::Type { .. } => error.instance_path().as_str() != at,
                    _ => true,
                })
            };
            let mut meant = context.iter().filter(is_meant);
            if let (Some(errors), None) = (meant.next(), meant.next()) {
                for error in errors {
                    explain(error, into);
                }
                return;
            }
            let told: Vec<(&str, &Value)> = context.iter().filter_map(told_apart).collect();
            if let Some((pointer, _)) = told.first() {
                let values = told.iter().map(|(_, value)| *value);
                into.push(Violation::at_pointer(pointer, "const", &one_of(values)));
                return;
            }
            let detail = "it fits none of the alternatives; see the member that tells them apart";
            into.push(Violation::at_pointer(at, "oneOf", detail));
        }
        ValidationErrorKind::Enum { options } => {
            let options = options.as_array().into_iter().flatten();
            into.push(Violation::at_pointer(at, "enum", &one_of(options)));
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                let detail = "there is no such member";
                into.push(Violation::at_pointer(
                    &member(name),
                    "additionalProperties",
                    detail,
                ));
            }
        }
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            into.push(Violation::at_pointer(
                &member(name),
                "required",
                "the member is missing",
            ));
        }
        kind => {
            let detail = error.masked_with("the value").to_string();
            into.push(Violation::at_pointer(at, kind.keyword(), &detail));
        }
    }
}
/// The member that tells an alternative apart from the others, and the value that it wants.
fn told_apart<'a>(errors: &'a Vec<ValidationError<'a>>) -> Option<(&'a str, &'a Value)> {
    errors.iter().find_map(|error| match error.kind() {
        ValidationErrorKind::Constant { expected_value } => {
            Some((error.instance_path().as_str(), expected_value.as_ref()))
        }
        _ => None,
    })
}

fn one_of<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    let words: Vec<String> = values
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect();
    format!("the value must be one of {}", words.join(", "))
}
