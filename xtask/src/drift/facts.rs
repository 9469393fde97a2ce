//! An OpenAPI document as facts of wire meaning: what a client on the other end of the wire can tell apart, and nothing else.
//! Names of components, order, descriptions and bounds are not facts (bounds are proved by tests that send them); `$ref`, `allOf`,
//! `const` and the two ways of writing null are resolved, so that two documents with the same facts mean the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::spec::escape;

/// Facts by where they hold, as in `POST /x › 201 › body › id › type`; each knows the JSON pointer it was read at.
pub type Facts = BTreeMap<String, Fact>;

/// Stands between the steps to a fact.
pub const SEPARATOR: &str = " › ";

/// One fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub says: String,
    pub pointer: String,
}

/// Reads the facts of a document.
pub fn read(document: &Value) -> Facts {
    let mut reader = Reader {
        document,
        facts: Facts::new(),
        open: Vec::new(),
    };
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if operation.get("responses").is_some() {
                let pointer = format!("/paths/{}/{method}", escape(path));
                reader.operation(
                    &format!("{} {path}", method.to_uppercase()),
                    operation,
                    &pointer,
                );
            }
        }
    }
    reader.facts
}

struct Reader<'a> {
    document: &'a Value,
    facts: Facts,
    /// References that are being followed, to end where a schema holds itself.
    open: Vec<String>,
}

impl<'a> Reader<'a> {
    fn say(&mut self, at: String, says: impl Into<String>, pointer: &str) {
        let fact = Fact {
            says: says.into(),
            pointer: pointer.to_owned(),
        };
        self.facts.insert(at, fact);
    }

    /// Follows references; gives the node that is none, and its pointer.
    fn resolve(&self, node: &'a Value, pointer: &str) -> (&'a Value, String) {
        let (mut node, mut pointer) = (node, pointer.to_owned());
        while let Some(target) = node["$ref"]
            .as_str()
            .and_then(|target| target.strip_prefix('#'))
        {
            match self.document.pointer(target) {
                Some(found) => (node, pointer) = (found, target.to_owned()),
                None => break,
            }
        }
        (node, pointer)
    }

    fn operation(&mut self, at: &str, operation: &'a Value, pointer: &str) {
        let id = operation["operationId"].as_str().unwrap_or("none");
        self.say(format!("{at} › operationId"), id, pointer);
        self.security(at, operation, pointer);
        for (index, parameter) in operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate()
        {
            let (parameter, pointer) =
                self.resolve(parameter, &format!("{pointer}/parameters/{index}"));
            let place = parameter["in"].as_str().unwrap_or("nowhere");
            let mut name = parameter["name"].as_str().unwrap_or_default().to_owned();
            if place == "header" {
                name.make_ascii_lowercase();
            }
            let at = format!("{at} › {place} parameter {name}");
            self.say(format!("{at} › required"), presence(parameter), &pointer);
            self.schema(&at, &parameter["schema"], &format!("{pointer}/schema"));
        }
        if let Some(body) = operation.get("requestBody") {
            let (body, pointer) = self.resolve(body, &format!("{pointer}/requestBody"));
            self.say(
                format!("{at} › request body › required"),
                presence(body),
                &pointer,
            );
            self.content(&format!("{at} › request body"), body, &pointer);
            if body["required"] != true {
                // To utoipa a body that may be left out is one that may be null.
                let below = format!("{at} › request body › ");
                for (at, fact) in self
                    .facts
                    .range_mut(below.clone()..)
                    .take_while(|(at, _)| at.starts_with(&below))
                {
                    if at.matches(SEPARATOR).count() == below.matches(SEPARATOR).count() + 1 {
                        fact.says = fact.says.trim_end_matches(" or null").to_owned();
                    }
                }
            }
        }
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            let own = format!("{pointer}/responses/{status}");
            let (response, pointer) = self.resolve(response, &own);
            let at = format!("{at} › {status}");
            self.say(format!("{at} › status"), "answered", &own);
            for (name, header) in response["headers"].as_object().into_iter().flatten() {
                let (header, pointer) =
                    self.resolve(header, &format!("{pointer}/headers/{}", escape(name)));
                let at = format!("{at} › header {}", name.to_lowercase());
                self.schema(&at, &header["schema"], &format!("{pointer}/schema"));
            }
            self.content(&at, response, &pointer);
        }
    }

    /// Schemes with their scopes. For a key, OpenAPI tools expect an empty list, so the spec writes the scope as `x-scope`; for a token
    /// it writes both.
    fn security(&mut self, at: &str, operation: &'a Value, pointer: &str) {
        let requirements = operation
            .get("security")
            .or_else(|| self.document.get("security"));
        let own_scope = operation["x-scope"].as_str();
        let mut says: Vec<String> = Vec::new();
        for requirement in requirements.and_then(Value::as_array).into_iter().flatten() {
            for (scheme, scopes) in requirement.as_object().into_iter().flatten() {
                let mut scopes: Vec<&str> = scopes
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                scopes.extend(own_scope);
                scopes.retain(|scope| !scope.is_empty());
                scopes.sort_unstable();
                scopes.dedup();
                says.push(format!("{scheme} [{}]", scopes.join(", ")));
            }
        }
        if says.is_empty() {
            says.push("no credential".to_owned());
        }
        says.sort();
        let pointer = if own_scope.is_some() {
            format!("{pointer}/x-scope")
        } else {
            format!("{pointer}/security")
        };
        self.say(format!("{at} › security"), says.join(" or "), &pointer);
    }

    fn content(&mut self, at: &str, holder: &'a Value, pointer: &str) {
        for (media, content) in holder["content"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/content/{}/schema", escape(media));
            self.schema(&format!("{at} › {media}"), &content["schema"], &pointer);
        }
    }

    fn schema(&mut self, at: &str, schema: &'a Value, pointer: &str) {
        let (node, pointer) = self.resolve(schema, pointer);
        if self.open.contains(&pointer) {
            self.say(format!("{at} › type"), "holds itself", &pointer);
            return;
        }
        self.open.push(pointer.clone());
        self.resolved(at, node, &pointer, false);
        self.open.pop();
    }

    fn resolved(&mut self, at: &str, node: &'a Value, pointer: &str, nullable: bool) {
        if let Some(alternatives) = node["oneOf"].as_array() {
            return self.alternatives(at, alternatives, pointer, nullable);
        }
        let merged = self.merged(node);
        let kinds: Vec<&str> = match &merged["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            _ => vec!["anything"],
        };
        let nullable = nullable || kinds.contains(&"null");
        let mut kind = kinds
            .into_iter()
            .filter(|kind| *kind != "null")
            .collect::<Vec<_>>()
            .join(" or ");
        if let Some(format) = merged["format"].as_str() {
            kind = format!("{kind} ({format})");
        }
        if nullable {
            kind.push_str(" or null");
        }
        self.say(format!("{at} › type"), kind, pointer);
        let words = merged
            .get("enum")
            .cloned()
            .or_else(|| merged.get("const").map(|word| json!([word])));
        if let Some(Value::Array(words)) = words {
            let mut words: Vec<String> = words
                .iter()
                .filter(|word| !word.is_null())
                .map(ToString::to_string)
                .collect();
            words.sort();
            self.say(format!("{at} › values"), words.join(", "), pointer);
        }
        if merged["type"] == "object"
            || merged["type"]
                .as_array()
                .is_some_and(|kinds| kinds.contains(&json!("object")))
        {
            let others = match &merged["additionalProperties"] {
                Value::Bool(false) => "refused",
                Value::Object(_) => "typed",
                _ => "free",
            };
            self.say(format!("{at} › other members"), others, pointer);
        }
        self.members(at, node, pointer);
        if node["items"].is_object() {
            self.schema(
                &format!("{at} › each"),
                &node["items"],
                &format!("{pointer}/items"),
            );
        }
        if node["additionalProperties"].is_object() {
            let pointer = format!("{pointer}/additionalProperties");
            self.schema(
                &format!("{at} › any member"),
                &node["additionalProperties"],
                &pointer,
            );
        }
    }

    /// The members of an object, through `allOf` and references.
    fn members(&mut self, at: &str, node: &'a Value, pointer: &str) {
        let required: Vec<&str> = node["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        for (name, property) in node["properties"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/properties/{}", escape(name));
            let says = if required.contains(&name.as_str()) {
                "required"
            } else {
                "optional"
            };
            self.say(format!("{at} › {name} › presence"), says, &pointer);
            self.schema(&format!("{at} › {name}"), property, &pointer);
        }
        for (index, part) in node["allOf"].as_array().into_iter().flatten().enumerate() {
            let (part, pointer) = self.resolve(part, &format!("{pointer}/allOf/{index}"));
            self.members(at, part, &pointer);
        }
    }

    /// The node with what its `allOf` adds: types, values, and whether other members are refused.
    fn merged(&self, node: &'a Value) -> Value {
        let mut merged: Map<String, Value> = node.as_object().cloned().unwrap_or_default();
        for part in node["allOf"].as_array().into_iter().flatten() {
            let (part, _) = self.resolve(part, "");
            for (member, value) in self.merged(part).as_object().cloned().unwrap_or_default() {
                if member == "additionalProperties" || !merged.contains_key(&member) {
                    merged.insert(member, value);
                }
            }
        }
        Value::Object(merged)
    }

    /// `oneOf`: null and something, or objects told apart by a member with one value.
    fn alternatives(&mut self, at: &str, alternatives: &'a [Value], pointer: &str, nullable: bool) {
        let with_pointers = alternatives.iter().enumerate();
        let with_pointers: Vec<(&Value, String)> = with_pointers
            .map(|(index, node)| self.resolve(node, &format!("{pointer}/oneOf/{index}")))
            .collect();
        let (nulls, others): (Vec<_>, Vec<_>) = with_pointers
            .into_iter()
            .partition(|(node, _)| node["type"] == "null");
        let nullable = nullable || !nulls.is_empty();
        if let [(node, pointer)] = &others[..] {
            return self.resolved(at, node, pointer, nullable);
        }
        let kind = if nullable {
            "one of several or null"
        } else {
            "one of several"
        };
        self.say(format!("{at} › type"), kind, pointer);
        for (index, (node, pointer)) in others.iter().enumerate() {
            let name = self
                .told_apart_by(node)
                .unwrap_or_else(|| index.to_string());
            self.resolved(&format!("{at} › alternative {name}"), node, pointer, false);
        }
    }

    /// The member with one value that tells an alternative apart, as in `type=card`.
    fn told_apart_by(&self, node: &'a Value) -> Option<String> {
        let own = node["properties"].as_object().into_iter().flatten();
        let own = own.filter_map(|(name, property)| {
            let word = property.get("const").or_else(|| {
                match property["enum"].as_array()?.as_slice() {
                    [word] => Some(word),
                    _ => None,
                }
            })?;
            Some(format!("{name}={}", word.as_str()?))
        });
        let parts = node["allOf"].as_array().into_iter().flatten();
        let parts = parts.filter_map(|part| self.told_apart_by(self.resolve(part, "").0));
        // The struct that serde tags may have members of one value of its own; the tag stands in the last part.
        own.chain(parts).last()
    }
}

fn presence(node: &Value) -> &'static str {
    if node["required"] == true {
        "required"
    } else {
        "optional"
    }
}
