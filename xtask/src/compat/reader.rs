//! Reads a conjunction of schemas into one [`Node`]: references are followed, `allOf` is flattened, both spellings of null and of
//! exclusive bounds are made one. What is not understood is kept as it stands (`opaque`), never dropped.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Position;
use super::schema::{All, Choice, Elements, KINDS, Kind, Members, Node, Site, key};

/// Where a document keeps its schemas, and the side from which they are read.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    pub document: &'a Value,
    pub position: Position,
}

/// More ways than this to make all choices of a schema are not looked at one by one.
pub const CHOICES_MAX: usize = 128;

/// Keywords without a meaning for the set of values.
pub const SILENT: [&str; 17] = [
    "title",
    "description",
    "example",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "$comment",
    "$defs",
    "$id",
    "$anchor",
    "$schema",
    "nullable",
    "contentMediaType",
    "contentEncoding",
];

impl<'a> Reader<'a> {
    /// Follows references; the node itself when it is none or leads nowhere.
    pub fn resolve(&self, site: &Site<'a>) -> Site<'a> {
        let mut site = site.clone();
        for _ in 0..64 {
            let target = site.node.get("$ref").and_then(Value::as_str);
            let Some(local) = target.and_then(|target| target.strip_prefix('#')) else {
                break;
            };
            let Some(node) = self.document.pointer(local) else {
                break;
            };
            site = Site {
                node,
                pointer: local.into(),
            };
        }
        site
    }

    /// Reads a conjunction. A choice of which it demands a branch is made, and gone.
    pub fn node(&self, all: &All<'a>) -> Node<'a> {
        let mut node = Node {
            kinds: KINDS.into(),
            pointer: all
                .iter()
                .rfind(|site| !site.pointer.is_empty())
                .map_or_else(|| "".into(), |site| self.resolve(site).pointer),
            ..Node::default()
        };
        let mut open: Vec<Site<'a>> = all.iter().rev().cloned().collect();
        let mut seen = BTreeSet::new();
        while let Some(site) = open.pop() {
            if seen.insert(site.address()) {
                self.add(&mut node, &site, &mut open);
            }
        }
        let demanded = key(all);
        node.choices.retain(|choice| {
            let mut branches = choice.branches.iter();
            !branches.any(|branch| demanded.contains(&branch.address()))
        });
        node.close();
        node
    }

    fn add(&self, node: &mut Node<'a>, site: &Site<'a>, open: &mut Vec<Site<'a>>) {
        let Value::Object(keywords) = site.node else {
            if site.node == &Value::Bool(false) {
                node.kinds.clear();
            }
            return;
        };
        let (mut members, mut elements) = (Members::default(), Elements::default());
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("$ref", Value::String(target)) => match self.resolve(site) {
                    target if target.address() != site.address() => open.push(target),
                    _ => drop(node.opaque.insert("$ref", Value::String(target.clone()))),
                },
                ("allOf", Value::Array(parts)) => {
                    let parts = parts.iter().enumerate();
                    open.extend(parts.map(|(at, part)| site.below(part, &format!("allOf/{at}"))));
                }
                ("oneOf" | "anyOf", Value::Array(branches)) => {
                    let branches = branches.iter().enumerate();
                    node.choices.push(Choice {
                        branches: branches
                            .map(|(at, branch)| site.below(branch, &format!("{keyword}/{at}")))
                            .collect(),
                        exclusive: keyword == "oneOf",
                    });
                }
                ("type", value) => {
                    let nullable = keywords.get("nullable") == Some(&Value::Bool(true));
                    let named = kinds(value, nullable);
                    node.kinds.retain(|kind| named.contains(kind));
                }
                ("enum", Value::Array(values)) => node.only(values),
                ("const", value) => node.only(std::slice::from_ref(value)),
                ("properties", Value::Object(named)) => {
                    for (name, schema) in named {
                        let at = format!("properties/{}", super::escape(name));
                        let schema = site.below(schema, &at);
                        if self.is_hidden(&schema) {
                            node.hidden.insert(name);
                        }
                        members.named.insert(name, schema);
                    }
                }
                ("patternProperties", Value::Object(patterns)) => {
                    for (pattern, schema) in patterns {
                        let at = format!("patternProperties/{}", super::escape(pattern));
                        members.patterns.insert(pattern, site.below(schema, &at));
                    }
                }
                ("additionalProperties", schema) => {
                    members.other = Some(site.below(schema, keyword));
                }
                ("required", Value::Array(names)) => {
                    node.required.extend(names.iter().filter_map(Value::as_str));
                }
                ("propertyNames", schema) => node.names.push(site.below(schema, keyword)),
                ("prefixItems", Value::Array(first)) => {
                    let first = first.iter().enumerate();
                    elements.first = first
                        .map(|(at, schema)| site.below(schema, &format!("prefixItems/{at}")))
                        .collect();
                }
                ("items", schema) => elements.rest = Some(site.below(schema, keyword)),
                // It matches every string.
                ("pattern", Value::String(pattern)) if pattern == ".*" => {}
                ("pattern", Value::String(pattern)) => drop(node.patterns.insert(pattern)),
                ("format", Value::String(format)) => node.format(format),
                ("uniqueItems", Value::Bool(unique)) => node.unique |= unique,
                ("multipleOf", Value::Number(number)) => node.multiples.push(number),
                ("default", value) => node.default = Some(value),
                ("x-extensible-enum", Value::Array(values)) => {
                    node.known = Some(values.iter().filter_map(Value::as_str).collect());
                }
                ("discriminator", value) => node.discriminate(value),
                (keyword, value) => {
                    let understood = node.bound(keyword, value, keywords)
                        || SILENT.contains(&keyword)
                        || keyword.starts_with("x-");
                    if !understood {
                        node.opaque.insert(keyword, self.expanded(value, 0));
                    }
                }
            }
        }
        if !members.named.is_empty() || !members.patterns.is_empty() || members.other.is_some() {
            node.members.push(members);
        }
        if !elements.first.is_empty() || elements.rest.is_some() {
            node.elements.push(elements);
        }
    }

    /// The conjunction without choices: one for each way to make them all. [`CHOICES_MAX`] ends the count.
    pub fn ways(&self, all: &All<'a>) -> Vec<All<'a>> {
        let (mut ways, mut open) = (Vec::new(), vec![all.clone()]);
        while let Some(all) = open.pop() {
            match self.node(&all).choices.first() {
                Some(choice) if ways.len() + open.len() < CHOICES_MAX => {
                    let branches = choice.branches.iter().rev();
                    open.extend(
                        branches.map(|branch| [&all[..], std::slice::from_ref(branch)].concat()),
                    );
                }
                _ => ways.push(all),
            }
        }
        ways
    }

    /// Every choice that is met on some way.
    pub fn choices(&self, all: &All<'a>) -> Vec<Choice<'a>> {
        let (mut met, mut open) = (Vec::new(), vec![all.clone()]);
        while let Some(all) = open.pop() {
            if let Some(choice) = self.node(&all).choices.into_iter().next()
                && met.len() < CHOICES_MAX
            {
                let branches = choice.branches.iter();
                open.extend(
                    branches.map(|branch| [&all[..], std::slice::from_ref(branch)].concat()),
                );
                met.push(choice);
            }
        }
        met
    }

    /// A member that this side never carries: the server's own in a request, the client's own in a response.
    fn is_hidden(&self, site: &Site<'a>) -> bool {
        let mark = match self.position {
            Position::Request => "readOnly",
            Position::Response => "writeOnly",
        };
        let is = |node: &Value| node.get(mark) == Some(&Value::Bool(true));
        is(site.node) || is(self.resolve(site).node)
    }

    /// The value with its references replaced, so that two of them can be compared; circles are cut off at a depth.
    fn expanded(&self, value: &'a Value, depth: usize) -> Value {
        let site = Site {
            node: value,
            pointer: "".into(),
        };
        match self.resolve(&site).node {
            deep if depth > 8 => deep.clone(),
            Value::Object(members) => members
                .iter()
                .filter(|(name, _)| !SILENT.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), self.expanded(value, depth + 1)))
                .collect(),
            Value::Array(items) => items
                .iter()
                .map(|item| self.expanded(item, depth + 1))
                .collect(),
            scalar => scalar.clone(),
        }
    }
}

fn kinds(value: &Value, nullable: bool) -> BTreeSet<Kind> {
    let names: Vec<&str> = match value {
        Value::String(name) => vec![name],
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    KINDS
        .into_iter()
        .filter(|kind| {
            names.contains(kind)
                || names.contains(&"number") && ["integer", "fraction"].contains(kind)
                || nullable && *kind == "null"
        })
        .collect()
}
