//! Reads schemas and gathers the types they call for. Whatever is not understood is a finding with its line: a keyword is either
//! expressed in the code, or known to be for people only, or refused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use serde_json::Value;

use super::schema::{Node, Shape, Type, docs};
use crate::finding::Finding;
use crate::spec::Document;

/// Members that only people and the linter read.
const FOR_PEOPLE: [&str; 8] = [
    "description",
    "title",
    "example",
    "examples",
    "x-extensible-enum",
    "deprecated",
    "x-sunset",
    "x-audience",
];

/// Reads schemas and gathers the types they call for.
pub struct Schemas<'a> {
    pub(super) document: &'a Document,
    pub types: BTreeMap<String, Type>,
    /// Types that requests reach: those are validated.
    pub in_requests: BTreeSet<String>,
    /// Names that are written by hand elsewhere.
    pub foreign: &'static [&'static str],
    /// Types that `openapi/shared` gives.
    pub shared: BTreeSet<String>,
    pub(super) reading: Vec<String>,
}

impl<'a> Schemas<'a> {
    pub fn new(document: &'a Document, foreign: &'static [&'static str]) -> Schemas<'a> {
        Schemas {
            document,
            types: BTreeMap::new(),
            in_requests: BTreeSet::new(),
            foreign,
            shared: BTreeSet::new(),
            reading: Vec::new(),
        }
    }

    /// Reads the schema at a pointer. `context` names the type of an enum that stands inline.
    pub fn node(&mut self, pointer: &str, context: &str) -> Result<Node, Finding> {
        let schema = self.object(pointer)?;
        if let Some(target) = schema.get("$ref") {
            return self.reference(pointer, &schema, target);
        }
        if let Some(alternatives) = schema.get("oneOf").and_then(Value::as_array)
            && schema.get("discriminator").is_none()
        {
            return self.nullable_reference(pointer, &schema, alternatives);
        }
        let (kind, nullable) = self.kind(pointer, &schema)?;
        let mut keywords = vec!["type"];
        let shape = match kind.as_str() {
            "string" => self.string(pointer, &schema, context, &mut keywords)?,
            "integer" => {
                keywords.extend(["format", "minimum", "maximum"]);
                self.integer(pointer, &schema)?
            }
            "boolean" => Shape::Boolean,
            "array" => {
                keywords.extend(["items", "minItems", "maxItems"]);
                let items = self.node(&format!("{pointer}/items"), context)?;
                if items.nullable {
                    return Err(self.refuse(
                        pointer,
                        "a list may not hold null",
                        "make the items not nullable",
                    ));
                }
                Shape::List {
                    items: Box::new(items),
                    min: self.count(pointer, &schema, "minItems")?,
                    max: self.count(pointer, &schema, "maxItems")?,
                }
            }
            "object"
                if schema
                    .get("additionalProperties")
                    .is_some_and(Value::is_object) =>
            {
                keywords.extend([
                    "additionalProperties",
                    "propertyNames",
                    "minProperties",
                    "maxProperties",
                ]);
                self.map(pointer, &schema, context)?
            }
            "object" => {
                let what = "an object that stands inline";
                return Err(self.refuse(
                    pointer,
                    what,
                    "name it under components/schemas and refer to it",
                ));
            }
            other => {
                let what = format!("type `{other}` is outside of the dialect");
                return Err(self.refuse(
                    pointer,
                    what,
                    "use string, integer, boolean, array or object",
                ));
            }
        };
        self.only(pointer, &schema, &keywords)?;
        Ok(Node { shape, nullable })
    }

    pub(super) fn reference(
        &mut self,
        pointer: &str,
        schema: &Value,
        target: &Value,
    ) -> Result<Node, Finding> {
        self.only(pointer, schema, &["$ref"])?;
        let name = target
            .as_str()
            .and_then(|target| target.strip_prefix("#/components/schemas/"));
        let Some(name) = name.map(ToOwned::to_owned) else {
            return Err(self.refuse(
                pointer,
                format!("`$ref` to {target}"),
                "refer to a schema under components/schemas",
            ));
        };
        let at = format!("/components/schemas/{name}");
        let component = self.object(&at)?;
        let is_type = component.get("properties").is_some()
            || component.get("discriminator").is_some()
            || (component["type"] == "object" && !component["additionalProperties"].is_object());
        if is_type {
            self.component(&name)?;
            return Ok(Node {
                shape: Shape::Named(name),
                nullable: false,
            });
        }
        if self.reading.contains(&name) {
            return Err(self.refuse(
                &at,
                format!("`{name}` refers to itself"),
                "break the circle with an object",
            ));
        }
        self.reading.push(name.clone());
        let node = self.node(&at, &name);
        self.reading.pop();
        node
    }

    /// `oneOf: [{$ref: …}, {type: 'null'}]`.
    pub(super) fn nullable_reference(
        &mut self,
        pointer: &str,
        schema: &Value,
        alternatives: &[Value],
    ) -> Result<Node, Finding> {
        self.only(pointer, schema, &["oneOf"])?;
        let is_null = |value: &Value| value["type"] == "null";
        match alternatives {
            [value, null] if !is_null(value) && is_null(null) => {
                let node = self.node(&format!("{pointer}/oneOf/0"), "")?;
                Ok(Node {
                    nullable: true,
                    ..node
                })
            }
            _ => Err(self.refuse(
                pointer,
                "`oneOf` without a discriminator",
                "add a discriminator, or make it `[{$ref: …}, {type: 'null'}]`",
            )),
        }
    }

    pub(super) fn kind(&self, pointer: &str, schema: &Value) -> Result<(String, bool), Finding> {
        match &schema["type"] {
            Value::String(kind) => Ok((kind.clone(), false)),
            Value::Array(kinds) => match &kinds[..] {
                [Value::String(kind), Value::String(null)] if null == "null" => {
                    Ok((kind.clone(), true))
                }
                _ => Err(self.refuse(pointer, "a list of types", "use one type, or `[X, 'null']`")),
            },
            _ => Err(self.refuse(pointer, "a schema without `type`", "say what type it is")),
        }
    }

    /// Adds a type, and notes whether it is shared.
    pub(super) fn add(&mut self, name: &str, kind: Type, pointer: &str) {
        if self
            .document
            .position(pointer)
            .file
            .starts_with("openapi/shared/")
        {
            self.shared.insert(name.to_owned());
        }
        self.types.insert(name.to_owned(), kind);
    }

    /// Marks what a request body reaches.
    pub fn reach_from_request(&mut self, node: &Node) -> Result<(), Finding> {
        match &node.shape {
            Shape::List { items, .. } => self.reach_from_request(items)?,
            Shape::Map { values, .. } => self.reach_from_request(values)?,
            Shape::Named(name) => {
                let name = name.clone();
                if !self.in_requests.insert(name.clone()) {
                    return Ok(());
                }
                let nodes: Vec<Node> = match self.types.get(&name) {
                    Some(Type::Struct(structure)) => {
                        if !structure.closed {
                            let at = format!("/components/schemas/{name}");
                            let what = format!("requests reach `{name}`, which is open");
                            return Err(self.refuse(
                                &at,
                                what,
                                "add `additionalProperties: false`",
                            ));
                        }
                        structure
                            .fields
                            .iter()
                            .map(|field| field.node.clone())
                            .collect()
                    }
                    Some(Type::Union { variants, .. }) => {
                        let named = |name: &String| Node {
                            shape: Shape::Named(name.clone()),
                            nullable: false,
                        };
                        variants.iter().map(|(_, name)| named(name)).collect()
                    }
                    _ => Vec::new(),
                };
                for node in &nodes {
                    self.reach_from_request(node)?;
                }
            }
            Shape::Text(_) | Shape::Word(_) | Shape::Integer { .. } | Shape::Boolean => {}
        }
        Ok(())
    }

    /// Marks what a form reaches: an object of texts, which may be open.
    pub fn reach_from_form(&mut self, name: &str) -> Result<(), Finding> {
        let fields = match self.types.get(name) {
            Some(Type::Struct(structure)) => structure.fields.iter(),
            _ => [].iter(),
        };
        let nodes: Vec<Node> = fields.map(|field| field.node.clone()).collect();
        let is_text = |node: &Node| matches!(node.shape, Shape::Text(_) | Shape::Word(_));
        if nodes.is_empty() || !nodes.iter().all(|node| is_text(node) && !node.nullable) {
            let at = format!("/components/schemas/{name}");
            let what = format!("the form `{name}` is not an object of texts");
            return Err(self.refuse(&at, what, "give it members of type string"));
        }
        self.in_requests.insert(name.to_owned());
        Ok(())
    }

    /// The description of a schema; of the schema that it refers to when it has none.
    pub fn docs_of(&self, schema: &Value) -> String {
        let own = docs(schema);
        let target = schema["$ref"]
            .as_str()
            .and_then(|target| self.document.get(target.trim_start_matches('#')));
        if own.is_empty() {
            target.map(docs).unwrap_or_default()
        } else {
            own
        }
    }

    pub(super) fn object(&self, pointer: &str) -> Result<Value, Finding> {
        match self.document.get(pointer) {
            Some(value @ Value::Object(_)) => Ok(value.clone()),
            _ => Err(self.refuse(pointer, "no schema here", "write one")),
        }
    }

    pub(super) fn count(
        &self,
        pointer: &str,
        schema: &Value,
        keyword: &str,
    ) -> Result<Option<u64>, Finding> {
        match schema.get(keyword) {
            None => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| {
                self.refuse(
                    &format!("{pointer}/{keyword}"),
                    format!("`{keyword}` is not a count"),
                    "write a whole number",
                )
            }),
        }
    }

    /// Refuses every keyword that is neither expressed in the code nor for people.
    pub(super) fn only(
        &self,
        pointer: &str,
        schema: &Value,
        keywords: &[&str],
    ) -> Result<(), Finding> {
        let members = schema.as_object().into_iter().flatten();
        for (keyword, _) in members {
            if !keywords.contains(&keyword.as_str()) && !FOR_PEOPLE.contains(&keyword.as_str()) {
                let at = format!("{pointer}/{}", crate::spec::escape(keyword));
                let what = format!("`{keyword}` is outside of the dialect here");
                return Err(self.refuse(
                    &at,
                    what,
                    "say it with the keywords that the generator knows",
                ));
            }
        }
        Ok(())
    }

    /// A finding at a node of the contract.
    pub fn refuse(
        &self,
        pointer: &str,
        what: impl Into<String>,
        todo: impl Into<String>,
    ) -> Finding {
        self.document.finding(pointer, what, todo)
    }
}
