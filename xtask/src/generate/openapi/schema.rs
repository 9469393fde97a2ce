//! The schemas of a contract as the generator understands them: values, and the types that they call for.

use serde_json::Value;

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
    /// Values that stand for something today; there may be more tomorrow (`x-extensible-enum`).
    pub known: Vec<String>,
}

/// A regular expression, and the name of the static that holds it compiled.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    pub name: String,
    pub text: String,
}

/// A type to generate.
#[derive(Debug, PartialEq)]
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
#[derive(Debug, PartialEq)]
pub struct Struct {
    pub docs: String,
    /// Unknown members are refused.
    pub closed: bool,
    pub fields: Vec<Field>,
    pub members_min: Option<u64>,
    pub members_max: Option<u64>,
}

/// A member of an object.
#[derive(Debug, PartialEq)]
pub struct Field {
    pub name: String,
    pub docs: String,
    pub required: bool,
    pub deprecated: bool,
    pub node: Node,
}

/// The description of a node; empty when it has none.
pub fn docs(node: &Value) -> String {
    node["description"]
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_owned()
}
