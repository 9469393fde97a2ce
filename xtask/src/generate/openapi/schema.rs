//! The schemas of a contract as the generator understands them. Whatever it does not understand is a finding with its line: a
//! keyword is either expressed in the code, or known to be for people only, or refused.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;

use crate::finding::Finding;
use crate::spec::Document;

/// Members that only people read.
const FOR_PEOPLE: [&str; 6] = [
    "description",
    "title",
    "example",
    "examples",
    "x-extensible-enum",
    "deprecated",
];

/// The largest integer that a double holds exactly; JSON in the wild goes no further.
const INTEGER_MAX: i64 = 9_007_199_254_740_991;

/// A value where a schema is used: its shape, and whether it may be null.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub shape: Shape,
    pub nullable: bool,
}

/// What a value looks like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Text(Text),
    /// One of the words of a generated enum, by its name.
    Word(String),
    Integer {
        wide: bool,
        min: i64,
        max: i64,
    },
    Boolean,
    List {
        items: Box<Node>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Map {
        values: Box<Node>,
        names: Option<Pattern>,
        min: Option<u64>,
        max: Option<u64>,
    },
    /// A generated struct or union, by its name.
    Named(String),
}

/// Limits of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    pub min: Option<u64>,
    pub max: Option<u64>,
    pub pattern: Option<Pattern>,
    pub format: Option<String>,
}

/// A regular expression, and the name of the static that holds it compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub name: String,
    pub text: String,
}

/// A type to generate.
#[derive(Debug)]
pub enum Type {
    Struct(Struct),
    /// A closed list of words.
    Words {
        docs: String,
        words: Vec<String>,
    },
    /// One of several structs, told apart by the word of one member.
    Union {
        docs: String,
        tag: String,
        variants: Vec<(String, String)>,
    },
}

/// An object with known members.
#[derive(Debug)]
pub struct Struct {
    pub docs: String,
    /// Unknown members are refused.
    pub closed: bool,
    pub fields: Vec<Field>,
    pub members_min: Option<u64>,
    pub members_max: Option<u64>,
}

/// A member of an object.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub docs: String,
    pub required: bool,
    pub deprecated: bool,
    pub node: Node,
}

/// Reads schemas and gathers the types they call for.
pub struct Schemas<'a> {
    document: &'a Document,
    pub types: BTreeMap<String, Type>,
    /// Types that requests reach: those are validated.
    pub in_requests: BTreeSet<String>,
    /// Names that are written by hand elsewhere.
    pub foreign: &'static [&'static str],
    /// Patterns that requests need, by the name of their static.
    pub patterns: BTreeMap<String, String>,
    reading: Vec<String>,
}

impl<'a> Schemas<'a> {
    pub fn new(document: &'a Document, foreign: &'static [&'static str]) -> Schemas<'a> {
        Schemas {
            document,
            types: BTreeMap::new(),
            in_requests: BTreeSet::new(),
            foreign,
            patterns: BTreeMap::new(),
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

    fn reference(
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
    fn nullable_reference(
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

    fn kind(&self, pointer: &str, schema: &Value) -> Result<(String, bool), Finding> {
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

    fn string(
        &mut self,
        pointer: &str,
        schema: &Value,
        context: &str,
        keywords: &mut Vec<&str>,
    ) -> Result<Shape, Finding> {
        if let Some(words) = schema.get("enum") {
            keywords.push("enum");
            let words: Option<Vec<String>> = words.as_array().map(|words| {
                words
                    .iter()
                    .filter_map(Value::as_str)
                    .map(ToOwned::to_owned)
                    .collect()
            });
            let words = words.filter(|words| {
                !words.is_empty() && Some(words.len()) == schema["enum"].as_array().map(Vec::len)
            });
            let Some(words) = words else {
                return Err(self.refuse(
                    pointer,
                    "an `enum` that is not a list of strings",
                    "list strings",
                ));
            };
            return self.words(pointer, schema, context, words);
        }
        if let Some(word) = schema.get("const").and_then(Value::as_str) {
            keywords.push("const");
            return self.words(pointer, schema, context, vec![word.to_owned()]);
        }
        keywords.extend(["minLength", "maxLength", "pattern", "format"]);
        let pattern = match schema.get("pattern").and_then(Value::as_str) {
            Some(text) => Some(self.pattern(pointer, text, context)?),
            None => None,
        };
        let format = schema.get("format").and_then(Value::as_str);
        if format.is_some_and(|format| !["date", "date-time", "email", "uri"].contains(&format)) {
            let what = format!("the format `{}`", format.unwrap_or_default());
            return Err(self.refuse(
                pointer,
                what,
                "use date, date-time, email or uri, or a pattern",
            ));
        }
        Ok(Shape::Text(Text {
            min: self.count(pointer, schema, "minLength")?,
            max: self.count(pointer, schema, "maxLength")?,
            pattern,
            format: format.map(ToOwned::to_owned),
        }))
    }

    fn words(
        &mut self,
        pointer: &str,
        schema: &Value,
        context: &str,
        words: Vec<String>,
    ) -> Result<Shape, Finding> {
        let name = context.to_upper_camel_case();
        let mut variants = BTreeSet::new();
        for word in &words {
            let variant = word.to_upper_camel_case();
            if syn::parse_str::<syn::Ident>(&variant).is_err() || !variants.insert(variant) {
                let what = format!("the word `{word}` has no name of its own in Rust");
                return Err(self.refuse(
                    pointer,
                    what,
                    "use words that differ in letters and digits",
                ));
            }
        }
        let new = Type::Words {
            docs: docs(schema),
            words,
        };
        let clash = match (self.types.get(&name), &new) {
            (Some(Type::Words { words: old, .. }), Type::Words { words, .. }) => old != words,
            (Some(_), _) => true,
            (None, _) => false,
        };
        if clash {
            let what = format!("two different types would be called `{name}`");
            return Err(self.refuse(
                pointer,
                what,
                "name this one under components/schemas and refer to it",
            ));
        }
        self.types.insert(name.clone(), new);
        Ok(Shape::Word(name))
    }

    fn pattern(&mut self, pointer: &str, text: &str, context: &str) -> Result<Pattern, Finding> {
        let foreign = [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", "(?"];
        if let Some(construct) = foreign.iter().find(|construct| text.contains(**construct)) {
            let what =
                format!("`{construct}` in a pattern means different things to different engines");
            return Err(self.refuse(
                &format!("{pointer}/pattern"),
                what,
                "write the characters out, as in [0-9]",
            ));
        }
        if let Err(error) = regex::Regex::new(text) {
            let line = error
                .to_string()
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned();
            return Err(self.refuse(&format!("{pointer}/pattern"), line, "correct the pattern"));
        }
        Ok(Pattern {
            name: context.to_snake_case().to_uppercase(),
            text: text.to_owned(),
        })
    }

    fn integer(&self, pointer: &str, schema: &Value) -> Result<Shape, Finding> {
        let wide = match schema.get("format").and_then(Value::as_str) {
            Some("int32") => false,
            Some("int64") => true,
            _ => {
                return Err(self.refuse(
                    pointer,
                    "an integer without a width",
                    "add `format: int32` or `int64`",
                ));
            }
        };
        let bounds = (schema.get("minimum"), schema.get("maximum"));
        let (Some(min), Some(max)) = (
            bounds.0.and_then(Value::as_i64),
            bounds.1.and_then(Value::as_i64),
        ) else {
            return Err(self.refuse(
                pointer,
                "an integer without bounds",
                "add `minimum` and `maximum`",
            ));
        };
        let widest = if wide {
            -INTEGER_MAX..=INTEGER_MAX
        } else {
            i64::from(i32::MIN)..=i64::from(i32::MAX)
        };
        if !widest.contains(&min) || !widest.contains(&max) || min > max {
            return Err(self.refuse(
                pointer,
                "bounds that do not fit the format",
                "stay within ±(2^53 − 1), or ±2^31",
            ));
        }
        Ok(Shape::Integer { wide, min, max })
    }

    fn map(&mut self, pointer: &str, schema: &Value, context: &str) -> Result<Shape, Finding> {
        let values = self.node(&format!("{pointer}/additionalProperties"), context)?;
        if values.nullable {
            return Err(self.refuse(
                pointer,
                "a map may not hold null",
                "make the values not nullable",
            ));
        }
        let names = match schema.get("propertyNames") {
            None => None,
            Some(rule) => {
                let at = format!("{pointer}/propertyNames");
                self.only(&at, rule, &["pattern"])?;
                let text = rule["pattern"].as_str().unwrap_or_default().to_owned();
                Some(self.pattern(&at, &text, &format!("{context}_names"))?)
            }
        };
        Ok(Shape::Map {
            values: Box::new(values),
            names,
            min: self.count(pointer, schema, "minProperties")?,
            max: self.count(pointer, schema, "maxProperties")?,
        })
    }

    /// Reads a component that becomes a struct or a union, once.
    fn component(&mut self, name: &str) -> Result<(), Finding> {
        if self.types.contains_key(name)
            || self.foreign.contains(&name)
            || self.reading.iter().any(|open| open == name)
        {
            return Ok(());
        }
        if name.to_upper_camel_case() != name {
            let what = format!("the schema name `{name}` is not UpperCamelCase");
            return Err(self.refuse(&format!("/components/schemas/{name}"), what, "rename it"));
        }
        self.reading.push(name.to_owned());
        let at = format!("/components/schemas/{name}");
        let schema = self.object(&at)?;
        let read = if schema.get("discriminator").is_some() {
            self.union(&at, &schema)
        } else {
            self.structure(&at, &schema, name, None)
        }?;
        self.reading.pop();
        self.types.insert(name.to_owned(), read);
        Ok(())
    }

    fn structure(
        &mut self,
        at: &str,
        schema: &Value,
        name: &str,
        tag: Option<&str>,
    ) -> Result<Type, Finding> {
        let keywords = [
            "type",
            "properties",
            "required",
            "additionalProperties",
            "minProperties",
            "maxProperties",
        ];
        self.only(at, schema, &keywords)?;
        let closed = match schema.get("additionalProperties") {
            None | Some(Value::Bool(true)) => false,
            Some(Value::Bool(false)) => true,
            Some(_) => {
                return Err(self.refuse(
                    at,
                    "an object with both known and free members",
                    "split it in two",
                ));
            }
        };
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let properties = schema["properties"]
            .as_object()
            .cloned()
            .unwrap_or_default();
        if let Some(missing) = required
            .iter()
            .find(|name| !properties.contains_key(**name))
        {
            let what = format!("`{missing}` is required and not a property");
            return Err(self.refuse(
                &format!("{at}/required"),
                what,
                "add the property, or drop it here",
            ));
        }
        let mut fields = Vec::new();
        for (member, property) in &properties {
            if tag == Some(member) {
                continue;
            }
            let pointer = format!("{at}/properties/{}", crate::spec::escape(member));
            if member.to_snake_case() != *member
                || ["self", "super", "crate"].contains(&member.as_str())
            {
                return Err(self.refuse(
                    &pointer,
                    format!("the member `{member}` is not a snake_case name"),
                    "rename it",
                ));
            }
            let node = self.node(&pointer, &format!("{name}_{member}"))?;
            fields.push(Field {
                name: member.clone(),
                docs: self.docs_of(property),
                required: required.contains(&member.as_str()),
                deprecated: property["deprecated"] == true,
                node,
            });
        }
        Ok(Type::Struct(Struct {
            docs: docs(schema),
            closed,
            fields,
            members_min: self.count(at, schema, "minProperties")?,
            members_max: self.count(at, schema, "maxProperties")?,
        }))
    }

    fn union(&mut self, at: &str, schema: &Value) -> Result<Type, Finding> {
        self.only(at, schema, &["oneOf", "discriminator"])?;
        let tag = schema["discriminator"]["propertyName"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut variants = Vec::new();
        for (index, alternative) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
            let pointer = format!("{at}/oneOf/{index}");
            let name = alternative["$ref"]
                .as_str()
                .and_then(|target| target.strip_prefix("#/components/schemas/"));
            let Some(name) = name.map(ToOwned::to_owned) else {
                return Err(self.refuse(
                    &pointer,
                    "an alternative that stands inline",
                    "name it and refer to it",
                ));
            };
            let component = format!("/components/schemas/{name}");
            let object = self.object(&component)?;
            let word = object["properties"][&tag]["const"]
                .as_str()
                .map(ToOwned::to_owned);
            let demanded = object["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|name| *name == tag.as_str()));
            let (Some(word), true) = (word, demanded) else {
                let what = format!("the alternative `{name}` does not tell itself apart");
                return Err(self.refuse(
                    &component,
                    what,
                    format!("make `{tag}` a required `const`"),
                ));
            };
            if self.types.contains_key(&name) {
                let what = format!("`{name}` is an alternative, and used on its own too");
                return Err(self.refuse(&component, what, "use two schemas"));
            }
            let read = self.structure(&component, &object, &name, Some(&tag))?;
            self.types.insert(name.clone(), read);
            variants.push((word, name));
        }
        let mapping = schema["discriminator"]["mapping"].as_object();
        for (word, target) in mapping.into_iter().flatten() {
            let listed = variants.iter().any(|(known, name)| {
                known == word && *target == format!("#/components/schemas/{name}").as_str()
            });
            if !listed {
                let pointer = format!("{at}/discriminator/mapping/{word}");
                return Err(self.refuse(
                    &pointer,
                    format!("`{word}` maps to another alternative"),
                    "follow the consts",
                ));
            }
        }
        Ok(Type::Union {
            docs: docs(schema),
            tag,
            variants,
        })
    }

    /// Marks what a request body reaches, and collects the patterns that its validation needs.
    pub fn reach_from_request(&mut self, node: &Node) -> Result<(), Finding> {
        match &node.shape {
            Shape::Text(text) => {
                if let Some(pattern) = &text.pattern {
                    self.need(pattern);
                }
            }
            Shape::List { items, .. } => self.reach_from_request(items)?,
            Shape::Map { values, names, .. } => {
                if let Some(names) = names {
                    self.need(names);
                }
                self.reach_from_request(values)?;
            }
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
            Shape::Word(_) | Shape::Integer { .. } | Shape::Boolean => {}
        }
        Ok(())
    }

    /// Notes a pattern that must be compiled into the program.
    pub fn need(&mut self, pattern: &Pattern) {
        self.patterns
            .insert(pattern.name.clone(), pattern.text.clone());
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

    fn object(&self, pointer: &str) -> Result<Value, Finding> {
        match self.document.get(pointer) {
            Some(value @ Value::Object(_)) => Ok(value.clone()),
            _ => Err(self.refuse(pointer, "no schema here", "write one")),
        }
    }

    fn count(&self, pointer: &str, schema: &Value, keyword: &str) -> Result<Option<u64>, Finding> {
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
    fn only(&self, pointer: &str, schema: &Value, keywords: &[&str]) -> Result<(), Finding> {
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

/// The description of a node; empty when it has none.
pub fn docs(node: &Value) -> String {
    node["description"]
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_owned()
}
