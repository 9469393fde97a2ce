//! A contract as the rules see it: its operations, its schemas with the direction in which they travel, and the catalogue of
//! problems. It judges nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::finding::Finding;
use crate::spec::{Document, escape};

/// How OAuth 2 clients send what they ask.
const FORM: &str = "application/x-www-form-urlencoded";

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// A bundled contract.
pub struct Contract<'a> {
    pub document: &'a Document,
    /// `problems` of the catalogue, by code.
    pub catalogue: &'a Map<String, Value>,
    /// `public` of `openapi/public/v2.yaml`.
    pub audience: &'a str,
    /// `v2` of `openapi/public/v2.yaml`.
    pub major: &'a str,
}

/// One method of one path, or of one webhook.
pub struct Operation<'a> {
    /// JSON pointer in the bundled document.
    pub pointer: String,
    /// The path template, or the name of the webhook.
    pub path: &'a str,
    pub method: &'a str,
    pub value: &'a Value,
    /// We call, and the subscriber answers.
    pub webhook: bool,
}

impl Operation<'_> {
    /// What to call it in a finding.
    pub fn name(&self) -> String {
        match self.value["operationId"].as_str() {
            Some(id) => format!("`{id}`"),
            None => format!("`{} {}`", self.method.to_uppercase(), self.path),
        }
    }
}

/// Who writes what a schema describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Travels {
    /// Callers send it.
    pub request: bool,
    /// We send it.
    pub response: bool,
    /// Callers send it as a form, whose unknown members are ignored (RFC 6749, section 3.2).
    pub form: bool,
}

impl<'a> Contract<'a> {
    /// A finding of a rule at the node of a JSON pointer.
    pub fn finding(&self, rule: &str, pointer: &str, what: String, fix: &str) -> Finding {
        self.document
            .finding(pointer, format!("[{rule}] {what}"), fix)
    }

    /// The node at a pointer once references are followed, and its pointer. Bundling has refused dangling references, and a
    /// circle stands for null.
    pub fn at(&self, pointer: &str) -> (String, &'a Value) {
        let resolved = self
            .document
            .resolve(pointer)
            .unwrap_or_else(|_| pointer.to_owned());
        let value = self.document.get(&resolved).unwrap_or(&Value::Null);
        (resolved, value)
    }

    /// The children of a mapping or a sequence, each with its pointer and, references followed, its value.
    pub fn children(&self, pointer: &str) -> Vec<(String, String, &'a Value)> {
        let (base, value) = self.at(pointer);
        let names: Vec<String> = match value {
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => Vec::new(),
        };
        names
            .into_iter()
            .map(|name| {
                let (pointer, value) = self.at(&format!("{base}/{}", escape(&name)));
                (name, pointer, value)
            })
            .collect()
    }

    /// All operations, in the order of the file, webhooks last.
    pub fn operations(&self) -> Vec<Operation<'a>> {
        let mut operations = Vec::new();
        for (kind, webhook) in [("paths", false), ("webhooks", true)] {
            let Some(items) = self.document.value[kind].as_object() else {
                continue;
            };
            for (path, item) in items {
                for (method, value) in item.as_object().into_iter().flatten() {
                    if METHODS.contains(&method.as_str()) {
                        operations.push(Operation {
                            pointer: format!("/{kind}/{}/{method}", escape(path)),
                            path,
                            method,
                            value,
                            webhook,
                        });
                    }
                }
            }
        }
        operations
    }

    /// The parameters of an operation and of its path, with their pointers.
    pub fn parameters(&self, operation: &Operation<'_>) -> Vec<(String, &'a Value)> {
        let item = operation
            .pointer
            .rfind('/')
            .map_or("", |cut| &operation.pointer[..cut]);
        [item, &operation.pointer]
            .into_iter()
            .flat_map(|owner| self.children(&format!("{owner}/parameters")))
            .map(|(_, pointer, value)| (pointer, value))
            .collect()
    }

    /// The parameter of a name, in any place.
    pub fn parameter(&self, operation: &Operation<'_>, name: &str) -> Option<&'a Value> {
        self.parameters(operation)
            .into_iter()
            .map(|(_, parameter)| parameter)
            .find(|parameter| parameter["name"] == name)
    }

    /// The responses of an operation: status, pointer, response.
    pub fn responses(&self, operation: &Operation<'_>) -> Vec<(String, String, &'a Value)> {
        self.children(&format!("{}/responses", operation.pointer))
    }

    /// Every schema that an operation reaches, by its pointer, and the directions in which it travels.
    pub fn schemas(&self) -> BTreeMap<String, Travels> {
        let mut found = BTreeMap::new();
        for operation in self.operations() {
            let (sent, answered) = if operation.webhook {
                (false, true)
            } else {
                (true, false)
            };
            for (pointer, _) in self.parameters(&operation) {
                self.reach(&format!("{pointer}/schema"), sent, &mut found);
            }
            let (body, _) = self.at(&format!("{}/requestBody", operation.pointer));
            self.reach_content(&body, sent, &mut found);
            for (_, response, _) in self.responses(&operation) {
                self.reach_content(&response, answered, &mut found);
                for (_, header, _) in self.children(&format!("{response}/headers")) {
                    self.reach(&format!("{header}/schema"), answered, &mut found);
                }
            }
        }
        found
    }

    fn reach_content(&self, owner: &str, request: bool, found: &mut BTreeMap<String, Travels>) {
        for (media, pointer, _) in self.children(&format!("{owner}/content")) {
            let schema = format!("{pointer}/schema");
            self.reach(&schema, request, found);
            if media == FORM {
                found.entry(self.at(&schema).0).or_default().form = true;
            }
        }
    }

    fn reach(&self, pointer: &str, request: bool, found: &mut BTreeMap<String, Travels>) {
        let (pointer, schema) = self.at(pointer);
        if !schema.is_object() {
            return;
        }
        let travels = found.entry(pointer.clone()).or_default();
        let seen = if request {
            &mut travels.request
        } else {
            &mut travels.response
        };
        if std::mem::replace(seen, true) {
            return;
        }
        for keyword in ["items", "additionalProperties", "not"] {
            self.reach(&format!("{pointer}/{keyword}"), request, found);
        }
        for keyword in ["properties", "oneOf", "anyOf", "allOf"] {
            for (_, child, _) in self.children(&format!("{pointer}/{keyword}")) {
                self.reach(&child, request, found);
            }
        }
    }
}

/// Whether a schema takes values of a JSON type, alone or beside null.
pub fn takes(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(name) => name == kind,
        Value::Array(names) => names.iter().any(|name| name == kind),
        _ => false,
    }
}
