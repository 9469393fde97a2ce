//! Schemas as sets of values: a [`Node`] is what a conjunction of schemas says, in parts that can be compared one by one. `reader`
//! makes it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Number, Value};

/// A kind of value; a number is an integer or a fraction.
pub type Kind = &'static str;

/// All kinds, in the order in which samples prefer them.
pub const KINDS: [Kind; 7] = [
    "string", "integer", "object", "array", "boolean", "fraction", "null",
];

/// A schema node and where it stands in its document.
#[derive(Clone, Debug)]
pub struct Site<'a> {
    pub node: &'a Value,
    pub pointer: Rc<str>,
}

impl<'a> Site<'a> {
    /// The node at a pointer below this one.
    pub fn below(&self, node: &'a Value, steps: &str) -> Site<'a> {
        Site {
            node,
            pointer: format!("{}/{steps}", self.pointer).into(),
        }
    }

    pub fn address(&self) -> usize {
        std::ptr::from_ref(self.node) as usize
    }
}

/// Schemas that a value must keep all at once; none means that anything goes.
pub type All<'a> = Vec<Site<'a>>;

/// What tells a conjunction apart from others of its document.
pub fn key(all: &All<'_>) -> Vec<usize> {
    let mut key: Vec<usize> = all.iter().map(Site::address).collect();
    key.sort_unstable();
    key.dedup();
    key
}

/// A bound of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    pub value: Number,
    /// The value itself is outside.
    pub open: bool,
}

/// What one schema object says of members.
#[derive(Clone, Debug, Default)]
pub struct Members<'a> {
    pub named: BTreeMap<&'a str, Site<'a>>,
    pub patterns: BTreeMap<&'a str, Site<'a>>,
    pub other: Option<Site<'a>>,
}

/// What one schema object says of elements.
#[derive(Clone, Debug, Default)]
pub struct Elements<'a> {
    pub first: Vec<Site<'a>>,
    pub rest: Option<Site<'a>>,
}

/// Alternatives of which a value keeps one, or with `oneOf` exactly one.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    pub branches: Vec<Site<'a>>,
    pub exclusive: bool,
}

/// A set of values.
#[derive(Clone, Debug, Default)]
pub struct Node<'a> {
    pub pointer: Rc<str>,
    pub kinds: BTreeSet<Kind>,
    pub values: Option<Vec<&'a Value>>,
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
    pub multiples: Vec<&'a Number>,
    pub min: BTreeMap<&'static str, u64>,
    pub max: BTreeMap<&'static str, u64>,
    pub patterns: BTreeSet<&'a str>,
    pub formats: BTreeSet<&'a str>,
    pub unique: bool,
    pub members: Vec<Members<'a>>,
    pub elements: Vec<Elements<'a>>,
    pub required: BTreeSet<&'a str>,
    pub names: All<'a>,
    pub choices: Vec<Choice<'a>>,
    /// Values that are known so far of an open set.
    pub known: Option<BTreeSet<&'a str>>,
    /// Words of a discriminator, by its member.
    pub mapping: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Keywords that are only compared as they stand.
    pub opaque: BTreeMap<&'a str, Value>,
    pub default: Option<&'a Value>,
    pub hidden: BTreeSet<&'a str>,
}

/// The kind of a value.
pub fn kind(value: &Value) -> Kind {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number)
            if number.is_f64() && number.as_f64().is_some_and(|n| n.fract() != 0.0) =>
        {
            "fraction"
        }
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Compares numbers; integers exactly.
pub fn compare(left: &Number, right: &Number) -> Ordering {
    match (left.as_i128(), right.as_i128()) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => left
            .as_f64()
            .partial_cmp(&right.as_f64())
            .unwrap_or(Ordering::Equal),
    }
}

impl<'a> Node<'a> {
    /// No value is in the set.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty() || self.values.as_ref().is_some_and(Vec::is_empty)
    }

    /// Every value is in the set.
    pub fn is_anything(&self) -> bool {
        self.kinds.len() == KINDS.len()
            && self.values.is_none()
            && self.required.is_empty()
            && self.members.is_empty()
            && self.elements.is_empty()
            && self.names.is_empty()
            && self.choices.is_empty()
            && self.opaque.is_empty()
            && self.patterns.is_empty()
            && self.formats.is_empty()
            && self.min.is_empty()
            && self.max.is_empty()
            && self.lower.is_none()
            && self.upper.is_none()
            && self.multiples.is_empty()
            && !self.unique
    }

    /// The names that the set describes.
    pub fn described(&self) -> BTreeSet<&'a str> {
        let named = self.members.iter().flat_map(|members| members.named.keys());
        named.copied().collect()
    }

    /// What the member of this name must keep.
    pub fn member(&self, name: &str) -> All<'a> {
        if self.hidden.contains(name) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for members in &self.members {
            let before = all.len();
            all.extend(members.named.get(name).cloned());
            for (pattern, schema) in &members.patterns {
                if regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name)) {
                    all.push(schema.clone());
                }
            }
            if all.len() == before {
                all.extend(members.other.clone());
            }
        }
        all
    }

    /// What a member must keep that is not described.
    pub fn other(&self) -> All<'a> {
        let others = self.members.iter();
        others.filter_map(|members| members.other.clone()).collect()
    }

    /// What the element at an index must keep.
    pub fn element(&self, at: usize) -> All<'a> {
        let elements = self.elements.iter();
        elements
            .filter_map(|elements| elements.first.get(at).or(elements.rest.as_ref()).cloned())
            .collect()
    }

    /// How many elements are described one by one.
    pub fn first(&self) -> usize {
        let firsts = self.elements.iter().map(|elements| elements.first.len());
        firsts.max().unwrap_or(0)
    }

    pub fn only(&mut self, values: &'a [Value]) {
        self.values = Some(match self.values.take() {
            None => values.iter().collect(),
            Some(known) => known
                .into_iter()
                .filter(|value| values.contains(value))
                .collect(),
        });
    }

    /// Two formats are bounds by another name.
    pub fn format(&mut self, format: &'a str) {
        let (lower, upper) = match format {
            "int32" => (i64::from(i32::MIN), i64::from(i32::MAX)),
            "int64" => (i64::MIN, i64::MAX),
            format => {
                self.formats.insert(format);
                return;
            }
        };
        self.raise(lower.into(), false);
        self.cap(upper.into(), false);
    }

    fn raise(&mut self, value: Number, open: bool) {
        let rises = self.lower.as_ref().is_none_or(|known| {
            compare(&value, &known.value).then(open.cmp(&known.open)) == Ordering::Greater
        });
        if rises {
            self.lower = Some(Bound { value, open });
        }
    }

    fn cap(&mut self, value: Number, open: bool) {
        let falls = self.upper.as_ref().is_none_or(|known| {
            compare(&value, &known.value).then(known.open.cmp(&open)) == Ordering::Less
        });
        if falls {
            self.upper = Some(Bound { value, open });
        }
    }

    /// Takes a bound of numbers or sizes; false when the keyword is none.
    pub fn bound(
        &mut self,
        keyword: &str,
        value: &'a Value,
        keywords: &serde_json::Map<String, Value>,
    ) -> bool {
        let sizes = ["Length", "Items", "Properties"];
        let size = |prefix: &str| {
            let rest = keyword.strip_prefix(prefix)?;
            sizes.into_iter().find(|size| *size == rest)
        };
        match (keyword, value) {
            ("minimum", Value::Number(number)) => {
                let open = keywords.get("exclusiveMinimum") == Some(&Value::Bool(true));
                self.raise(number.clone(), open);
            }
            ("maximum", Value::Number(number)) => {
                let open = keywords.get("exclusiveMaximum") == Some(&Value::Bool(true));
                self.cap(number.clone(), open);
            }
            ("exclusiveMinimum", Value::Number(number)) => self.raise(number.clone(), true),
            ("exclusiveMaximum", Value::Number(number)) => self.cap(number.clone(), true),
            ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) | ("uniqueItems", _) => {}
            _ => match (size("min"), size("max"), value.as_u64()) {
                (Some(size), _, Some(n)) => {
                    let known = self.min.entry(size).or_default();
                    *known = n.max(*known);
                }
                (_, Some(size), Some(n)) => {
                    let known = self.max.entry(size).or_insert(n);
                    *known = n.min(*known);
                }
                _ => return false,
            },
        }
        true
    }

    pub fn discriminate(&mut self, value: &'a Value) {
        let Some(name) = value.get("propertyName").and_then(Value::as_str) else {
            return;
        };
        let words = value.get("mapping").and_then(Value::as_object);
        let words = words.into_iter().flatten().map(|(word, _)| word.as_str());
        self.mapping.entry(name).or_default().extend(words);
    }

    /// Draws what follows from the keywords together: kinds that cannot occur go.
    pub fn close(&mut self) {
        for name in &self.hidden {
            self.required.remove(name);
        }
        self.min.retain(|_, n| *n > 0);
        let crossed = |size: &str| match (self.min.get(size), self.max.get(size)) {
            (Some(min), Some(max)) => min > max,
            _ => false,
        };
        let mut impossible: Vec<Kind> = Vec::new();
        for (size, kind) in [
            ("Length", "string"),
            ("Items", "array"),
            ("Properties", "object"),
        ] {
            if crossed(size) {
                impossible.push(kind);
            }
        }
        if let (Some(lower), Some(upper)) = (&self.lower, &self.upper) {
            match compare(&lower.value, &upper.value) {
                Ordering::Greater => impossible.extend(["integer", "fraction"]),
                Ordering::Equal if lower.open || upper.open => {
                    impossible.extend(["integer", "fraction"]);
                }
                _ => {}
            }
        }
        self.kinds.retain(|kind| !impossible.contains(kind));
        if let Some(values) = &mut self.values {
            values.retain(|value| self.kinds.contains(kind(value)));
            let left: BTreeSet<Kind> = values.iter().map(|value| kind(value)).collect();
            self.kinds.retain(|kind| left.contains(kind));
        }
    }
}
