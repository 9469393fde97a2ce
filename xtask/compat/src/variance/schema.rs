//! Schemas in one normal form: a conjunction of parts, whatever the dialect and the spelling. `read` makes them.

use std::rc::Rc;

use serde_json::Value;

use super::number::Exact;
use crate::document::Name;

/// A schema of a space, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchemaId(pub u32);

/// Kinds of values, as a set; a number is an integer or a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kinds(pub u8);

impl Kinds {
    pub const NONE: Kinds = Kinds(0);
    pub const NULL: Kinds = Kinds(1);
    pub const BOOLEAN: Kinds = Kinds(2);
    pub const INTEGER: Kinds = Kinds(4);
    pub const FRACTION: Kinds = Kinds(8);
    pub const NUMBER: Kinds = Kinds(12);
    pub const STRING: Kinds = Kinds(16);
    pub const ARRAY: Kinds = Kinds(32);
    pub const OBJECT: Kinds = Kinds(64);
    pub const ANY: Kinds = Kinds(127);

    /// Each kind alone, in the order in which samples prefer them.
    pub const EACH: [Kinds; 7] = [
        Kinds::STRING,
        Kinds::INTEGER,
        Kinds::OBJECT,
        Kinds::ARRAY,
        Kinds::BOOLEAN,
        Kinds::FRACTION,
        Kinds::NULL,
    ];

    pub fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    pub fn or(self, other: Kinds) -> Kinds {
        Kinds(self.0 | other.0)
    }

    pub fn without(self, other: Kinds) -> Kinds {
        Kinds(self.0 & !other.0)
    }

    /// Some kind is in both.
    pub fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Every kind of the other is in it.
    pub fn holds(self, other: Kinds) -> bool {
        other.0 & !self.0 == 0
    }

    /// The kinds of a name in `type`.
    pub fn named(name: &str) -> Kinds {
        match name {
            "null" => Kinds::NULL,
            "boolean" => Kinds::BOOLEAN,
            "integer" => Kinds::INTEGER,
            "number" => Kinds::NUMBER,
            "string" => Kinds::STRING,
            "array" => Kinds::ARRAY,
            "object" => Kinds::OBJECT,
            _ => Kinds::NONE,
        }
    }

    /// The kind of a value.
    pub fn of(value: &Value) -> Kinds {
        match value {
            Value::Null => Kinds::NULL,
            Value::Bool(_) => Kinds::BOOLEAN,
            Value::Number(number) => match number.as_f64() {
                Some(float) if number.is_f64() && float.fract() != 0.0 => Kinds::FRACTION,
                _ => Kinds::INTEGER,
            },
            Value::String(_) => Kinds::STRING,
            Value::Array(_) => Kinds::ARRAY,
            Value::Object(_) => Kinds::OBJECT,
        }
    }

    /// For people.
    pub fn words(self) -> String {
        let names = [
            "string", "integer", "number", "object", "array", "boolean", "null",
        ];
        let has = |name: &&&str| match **name {
            "integer" => self.meets(Kinds::INTEGER) && !self.meets(Kinds::FRACTION),
            "number" => self.meets(Kinds::FRACTION),
            name => self.meets(Kinds::named(name)),
        };
        let names: Vec<&str> = names.iter().filter(has).copied().collect();
        names.join(" or ")
    }
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Size {
    /// Characters of a string.
    Length,
    /// Elements of an array.
    Items,
    /// Members of an object.
    Members,
}

impl Size {
    pub fn kind(self) -> Kinds {
        match self {
            Size::Length => Kinds::STRING,
            Size::Items => Kinds::ARRAY,
            Size::Members => Kinds::OBJECT,
        }
    }
}

/// Members that stand beside `properties` and `patternProperties` of the same schema.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Beside {
    /// Sorted.
    pub named: Box<[Name]>,
    /// Sorted.
    pub patterns: Box<[Name]>,
}

/// One thing that a schema says.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Kinds(Kinds),
    /// `enum` and `const`, in canonical form, sorted by their text.
    Values(Rc<[Literal]>),
    /// The bound, and whether it is itself outside.
    Lower(Exact, bool),
    Upper(Exact, bool),
    Multiple(Exact),
    Least(Size, u64),
    Most(Size, u64),
    Pattern(Name),
    Format(Name),
    Unique,
    /// The element at an index.
    Element(usize, SchemaId),
    /// The elements from an index on.
    Rest(usize, SchemaId),
    /// So many elements, at least and at most.
    Contains(SchemaId, u64, Option<u64>),
    Required(Name),
    /// A member that this side of the wire never carries: a promise of the side whose values are looked for, and no demand on them.
    Hidden(Name),
    Member(Name, SchemaId),
    Matching(Name, SchemaId),
    Others(Rc<Beside>, SchemaId),
    Names(SchemaId),
    /// When the member is there.
    Dependent(Name, SchemaId),
    All(SchemaId),
    Any(Rc<[SchemaId]>),
    One(Rc<[SchemaId]>),
    Not(SchemaId),
    /// If, then, else.
    If(SchemaId, Option<SchemaId>, Option<SchemaId>),
    /// A keyword that is only compared as it stands.
    Opaque(Name, u32),
}

/// A value with the order and equality of its text, so that parts can be compared and sorted.
#[derive(Clone, Debug)]
pub struct Literal {
    pub value: Value,
    pub text: Box<str>,
}

impl Literal {
    pub fn new(value: Value) -> Literal {
        let value = sorted(super::number::canonical(value));
        let text = value.to_string().into();
        Literal { value, text }
    }
}

/// Members in the order of their names.
fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> = members
                .into_iter()
                .map(|(name, value)| (name, sorted(value)))
                .collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            members.into_iter().collect()
        }
        value => value,
    }
}

impl PartialEq for Literal {
    fn eq(&self, other: &Literal) -> bool {
        self.text == other.text
    }
}

impl Eq for Literal {}

impl std::hash::Hash for Literal {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl PartialOrd for Literal {
    fn partial_cmp(&self, other: &Literal) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Literal {
    fn cmp(&self, other: &Literal) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

/// Words with the schemas that they stand for.
pub type Words = Box<[(Name, SchemaId)]>;

/// What a schema says besides which values it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notes {
    pub deprecated: bool,
    /// The node of `x-sunset`.
    pub default: Option<Literal>,
    /// How texts are to be read, by keyword: no text is refused for it.
    pub content: Vec<(Name, Literal)>,
    /// Values that are known so far of an open set.
    pub known: Option<Box<[Name]>>,
    /// The member by which a client tells alternatives apart, and the words of it with what they stand for.
    pub words: Option<(Name, Words)>,
}

/// A schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub parts: Vec<Part>,
    pub notes: Notes,
}

impl Part {
    /// The keyword that says it.
    pub fn keyword(&self) -> &'static str {
        match self {
            Part::Kinds(_) => "type",
            Part::Values(_) => "enum",
            Part::Lower(..) => "minimum",
            Part::Upper(..) => "maximum",
            Part::Multiple(_) => "multipleOf",
            Part::Least(Size::Length, _) => "minLength",
            Part::Least(Size::Items, _) => "minItems",
            Part::Least(Size::Members, _) => "minProperties",
            Part::Most(Size::Length, _) => "maxLength",
            Part::Most(Size::Items, _) => "maxItems",
            Part::Most(Size::Members, _) => "maxProperties",
            Part::Pattern(_) => "pattern",
            Part::Format(_) => "format",
            Part::Unique => "uniqueItems",
            Part::Element(..) => "prefixItems",
            Part::Rest(..) => "items",
            Part::Contains(..) => "contains",
            Part::Required(_) => "required",
            Part::Hidden(_) => "properties",
            Part::Member(..) => "properties",
            Part::Matching(..) => "patternProperties",
            Part::Others(..) => "additionalProperties",
            Part::Names(_) => "propertyNames",
            Part::Dependent(..) => "dependentSchemas",
            Part::All(_) => "allOf",
            Part::Any(_) => "anyOf",
            Part::One(_) => "oneOf",
            Part::Not(_) => "not",
            Part::If(..) => "if",
            Part::Opaque(..) => "keyword",
        }
    }

    /// The schemas it refers to.
    pub fn children(&self) -> Vec<SchemaId> {
        match self {
            Part::Element(_, id)
            | Part::Rest(_, id)
            | Part::Contains(id, ..)
            | Part::Member(_, id)
            | Part::Matching(_, id)
            | Part::Others(_, id)
            | Part::Names(id)
            | Part::Dependent(_, id)
            | Part::All(id)
            | Part::Not(id) => vec![*id],
            Part::Any(ids) | Part::One(ids) => ids.to_vec(),
            Part::If(test, then, other) => {
                [Some(*test), *then, *other].into_iter().flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The same part about other schemas.
    pub fn mapped(&self, map: &mut dyn FnMut(SchemaId) -> SchemaId) -> Part {
        match self {
            Part::Element(at, id) => Part::Element(*at, map(*id)),
            Part::Rest(from, id) => Part::Rest(*from, map(*id)),
            Part::Contains(id, least, most) => Part::Contains(map(*id), *least, *most),
            Part::Member(name, id) => Part::Member(*name, map(*id)),
            Part::Matching(name, id) => Part::Matching(*name, map(*id)),
            Part::Others(beside, id) => Part::Others(Rc::clone(beside), map(*id)),
            Part::Names(id) => Part::Names(map(*id)),
            Part::Dependent(name, id) => Part::Dependent(*name, map(*id)),
            Part::All(id) => Part::All(map(*id)),
            Part::Not(id) => Part::Not(map(*id)),
            Part::Any(ids) => Part::Any(ids.iter().map(|id| map(*id)).collect()),
            Part::One(ids) => Part::One(ids.iter().map(|id| map(*id)).collect()),
            Part::If(test, then, other) => {
                Part::If(map(*test), then.map(&mut *map), other.map(map))
            }
            part => part.clone(),
        }
    }
}
