//! Has a witness validated before anybody sees it: by the validator that also guards the server, against both documents.

use std::collections::HashMap;

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::change::{Effect, Place};

/// Validators of the schemas of two documents, made when they are needed.
pub struct Proof<'a> {
    base: &'a Value,
    revision: &'a Value,
    made: HashMap<(bool, String), Option<Validator>>,
}

impl<'a> Proof<'a> {
    pub fn new(base: &'a Value, revision: &'a Value) -> Proof<'a> {
        Proof {
            base,
            revision,
            made: HashMap::new(),
        }
    }

    /// The value is what the effect says: lost to a set that narrows, new to a set that widens.
    pub fn holds(&mut self, effect: Effect, place: &Place<'_>, value: &Value) -> bool {
        let base = self.accepts(false, place.base.as_deref(), value);
        let revision = self.accepts(true, place.revision.as_deref(), value);
        match effect {
            Effect::Narrows => (base, revision) == (Some(true), Some(false)),
            Effect::Widens => (base, revision) == (Some(false), Some(true)),
        }
    }

    fn accepts(&mut self, is_revision: bool, pointer: Option<&str>, value: &Value) -> Option<bool> {
        let pointer = pointer?;
        let document = if is_revision {
            self.revision
        } else {
            self.base
        };
        let made = self
            .made
            .entry((is_revision, pointer.to_owned()))
            .or_insert_with(|| validator(document, pointer));
        made.as_ref().map(|validator| validator.is_valid(value))
    }
}

/// The document is the schema, so that its own references lead where they say.
fn validator(document: &Value, pointer: &str) -> Option<Validator> {
    let mut root = document.as_object()?.clone();
    root.insert("$ref".to_owned(), Value::String(format!("#{pointer}")));
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .build(&Value::Object(root))
        .ok()
}
