//! The shapes that values of a schema may have, as far as the form of a parameter depends on them.

use std::collections::HashMap;

use crate::document::{Content, Node, NodeId, Unusable};

/// Which shapes occur.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shapes {
    /// Numbers and booleans, which are written alike as text and as JSON.
    pub bare: bool,
    pub text: bool,
    pub list: bool,
    pub record: bool,
}

const ANY: Shapes = Shapes {
    bare: true,
    text: true,
    list: true,
    record: true,
};

const NONE: Shapes = Shapes {
    bare: false,
    text: false,
    list: false,
    record: false,
};

/// How deep branches are looked into.
const DEPTH_MAX: usize = 64;

impl Shapes {
    fn and(self, other: Shapes) -> Shapes {
        Shapes {
            bare: self.bare && other.bare,
            text: self.text && other.text,
            list: self.list && other.list,
            record: self.record && other.record,
        }
    }

    fn or(self, other: Shapes) -> Shapes {
        Shapes {
            bare: self.bare || other.bare,
            text: self.text || other.text,
            list: self.list || other.list,
            record: self.record || other.record,
        }
    }
}

/// The shapes of a schema; none takes anything.
pub fn of(schema: Option<Node<'_>>) -> Result<Shapes, Unusable> {
    let found = schema.map(|schema| Look::default().within(schema, 0));
    Ok(found.transpose()?.flatten().unwrap_or(ANY))
}

/// What is known of schemas on the way; nothing yet of those that are being looked at.
#[derive(Default)]
struct Look {
    known: HashMap<NodeId, Option<Shapes>>,
}

impl Look {
    /// Nothing where the schema leads back to itself.
    fn within(&mut self, schema: Node<'_>, depth: usize) -> Result<Option<Shapes>, Unusable> {
        let schema = schema.follow()?;
        if depth == DEPTH_MAX {
            return Ok(Some(ANY));
        }
        if let Some(known) = self.known.get(&schema.id()) {
            return Ok(*known);
        }
        self.known.insert(schema.id(), None);
        let mut shapes = own(schema);
        for branch in branches(schema, "allOf") {
            if let Some(found) = self.within(branch, depth + 1)? {
                shapes = shapes.and(found);
            }
        }
        for keyword in ["oneOf", "anyOf"] {
            let mut any = None;
            for branch in branches(schema, keyword) {
                if let Some(found) = self.within(branch, depth + 1)? {
                    any = Some(any.unwrap_or(NONE).or(found));
                }
            }
            shapes = any.map_or(shapes, |any| shapes.and(any));
        }
        self.known.insert(schema.id(), Some(shapes));
        Ok(Some(shapes))
    }
}

/// What a schema says itself.
fn own(schema: Node<'_>) -> Shapes {
    let mut shapes = match schema.get("type").map(|kind| (kind, kind.content())) {
        Some((_, Content::Text(kind))) => named(kind),
        Some((kinds, Content::Array)) => {
            let kinds = kinds.items().filter_map(Node::text);
            kinds.fold(NONE, |all, kind| all.or(named(kind)))
        }
        _ => ANY,
    };
    if let Some(values) = schema.get("enum") {
        let values = values.items();
        shapes = shapes.and(values.fold(NONE, |all, value| all.or(valued(value))));
    }
    if let Some(value) = schema.get("const") {
        shapes = shapes.and(valued(value));
    }
    shapes
}

fn branches<'f>(schema: Node<'f>, keyword: &str) -> impl Iterator<Item = Node<'f>> {
    schema.get(keyword).into_iter().flat_map(Node::items)
}

fn named(kind: &str) -> Shapes {
    match kind {
        "integer" | "number" | "boolean" => Shapes { bare: true, ..NONE },
        "string" => Shapes { text: true, ..NONE },
        "array" => Shapes { list: true, ..NONE },
        "object" => Shapes {
            record: true,
            ..NONE
        },
        _ => NONE,
    }
}

fn valued(value: Node<'_>) -> Shapes {
    match value.content() {
        Content::Null => NONE,
        Content::Bool(_) | Content::Number(_) => named("number"),
        Content::Text(_) => named("string"),
        Content::Array => named("array"),
        Content::Object => named("object"),
    }
}

#[cfg(test)]
mod tests {
    use crate::document::Forest;

    use super::*;

    fn of_text(text: &str) -> Shapes {
        let mut forest = Forest::default();
        let text = format!("openapi: 3.1.0\nschema: {text}");
        let root = forest
            .load(&move |_: &str| Ok(text.clone()), "a.yaml")
            .expect("YAML");
        of(forest.node(root).get("schema")).expect("no reference leads nowhere")
    }

    #[test]
    fn shapes_are_those_of_all_that_a_schema_says() {
        assert_eq!(of_text("{}"), ANY);
        assert_eq!(of_text("{type: integer}"), named("number"));
        assert_eq!(
            of_text("{enum: [a, 5]}"),
            named("number").or(named("string"))
        );
        assert_eq!(
            of_text("{oneOf: [{type: array}, {type: string}]}"),
            named("array").or(named("string"))
        );
        assert_eq!(
            of_text("{type: [array, string], allOf: [{type: string}]}"),
            named("string")
        );
    }

    #[test]
    fn circles_end() {
        let again = "{$ref: '#/schema'}, ".repeat(30);
        assert_eq!(
            of_text(&format!("{{oneOf: [{again}{{type: string}}]}}")),
            named("string")
        );
    }
}
